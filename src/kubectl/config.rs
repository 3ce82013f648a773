//! The kubeconfig file: contexts, their namespaces, and the `config` verbs. Models kubectl/pkg/cmd/config.

use super::print::{self, Format, table};
use super::{Command, Failure, Host, Ran};
use crate::values::object::{Object, Value, json, str_at};
use crate::values::yaml;
use std::rc::Rc;

/// The file of a fresh machine.
pub const FRESH: &str = "apiVersion: v1
clusters:
- cluster:
    certificate-authority: /etc/kubernetes/pki/ca.crt
    server: https://127.0.0.1:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    namespace: default
    user: kubernetes-admin
  name: kubernetes-admin@kubernetes
current-context: kubernetes-admin@kubernetes
kind: Config
preferences: {}
users:
- name: kubernetes-admin
  user:
    client-certificate: /etc/kubernetes/pki/admin.crt
    client-key: /etc/kubernetes/pki/admin.key
";

/// Where the file is.
fn path(host: &Host<'_>) -> String {
    match host.environment.get("KUBECONFIG") {
        Some(path) if !path.is_empty() => path.clone(),
        _ => format!("{}/.kube/config", host.environment.get("HOME").map_or("", String::as_str)),
    }
}

fn load(host: &Host<'_>) -> Value {
    let text = host.files.read(&path(host)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let (documents, _) = yaml::parse(&text);
    documents.into_iter().next().map_or_else(|| json!({}), |document| document.value)
}

fn save(host: &mut Host<'_>, config: &Value) -> Result<(), Failure> {
    let path = path(host);
    host.files.write(&path, yaml::print(config).as_bytes()).map_err(|errno| Failure::plain(format!("open {path}: {errno}")))
}

fn named<'a>(config: &'a Value, list: &str, name: &str) -> Option<&'a Value> {
    config.get(list)?.as_array()?.iter().find(|entry| str_at(entry, &["name"]) == name)
}

/// The namespace of a context (or of the current one), else `default`.
pub fn current_namespace(host: &Host<'_>, context: Option<&str>) -> String {
    let config = load(host);
    let context = context.unwrap_or_else(|| str_at(&config, &["current-context"]));
    let namespace = named(&config, "contexts", context).map_or("", |entry| str_at(entry, &["context", "namespace"]));
    if namespace.is_empty() { "default".to_owned() } else { namespace.to_owned() }
}

pub fn current_context(command: &mut Command<'_, '_>) -> Ran {
    let config = load(command.host);
    match str_at(&config, &["current-context"]) {
        "" => Err(Failure::plain("current-context is not set")),
        name => {
            command.output.line(name);
            Ok(None)
        }
    }
}

pub fn get_contexts(command: &mut Command<'_, '_>) -> Ran {
    let config = load(command.host);
    let current = str_at(&config, &["current-context"]).to_owned();
    let all = config.get("contexts").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(name) = command.args.positional.first()
        && !all.iter().any(|entry| str_at(entry, &["name"]) == name)
    {
        return Err(Failure::plain(format!("context {name} not found")));
    }
    let headers = ["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"].map(str::to_owned);
    let bare = command.args.on("no-headers") || command.args.text("output") == "name";
    let mut rows = Vec::new();
    for entry in &all {
        let name = str_at(entry, &["name"]);
        if !command.args.positional.is_empty() && !command.args.positional.iter().any(|wanted| wanted == name) {
            continue;
        }
        if command.args.text("output") == "name" {
            command.output.line(name);
            continue;
        }
        let field = |field: &str| str_at(entry, &["context", field]).to_owned();
        let star = if name == current { "*" } else { "" };
        rows.push(vec![star.to_owned(), name.to_owned(), field("cluster"), field("user"), field("namespace")]);
    }
    command.output.out(&table((!bare).then_some(headers.as_slice()), &rows));
    Ok(None)
}

pub fn use_context(command: &mut Command<'_, '_>) -> Ran {
    let [name] = command.args.positional.as_slice() else {
        return Err(Failure::usage(format!("Unexpected args: [{}]", command.args.positional.join(" "))));
    };
    let name = name.clone();
    let mut config = load(command.host);
    if named(&config, "contexts", &name).is_none() {
        return Err(Failure::plain(format!("no context exists with the name: {name:?}")));
    }
    config["current-context"] = json!(name);
    save(command.host, &config)?;
    command.output.line(&format!("Switched to context {name:?}."));
    Ok(None)
}

pub fn set_context(command: &mut Command<'_, '_>) -> Ran {
    let mut config = load(command.host);
    let name = match (command.args.on("current"), command.args.positional.as_slice()) {
        (true, []) => str_at(&config, &["current-context"]).to_owned(),
        (true, _) => return Err(Failure::plain("you cannot specify both a context name and --current")),
        (false, [name]) => name.clone(),
        (false, _) => return Err(Failure::plain("you must specify a non-empty context name or --current")),
    };
    if name.is_empty() {
        return Err(Failure::plain("no current context is set"));
    }
    let exists = named(&config, "contexts", &name).is_some();
    if !config.get("contexts").is_some_and(Value::is_array) {
        config["contexts"] = json!([]);
    }
    let Some(contexts) = config["contexts"].as_array_mut() else { return Ok(None) };
    if !exists {
        contexts.push(json!({"context": {"cluster": "", "user": ""}, "name": name}));
    }
    for entry in contexts.iter_mut().filter(|entry| str_at(entry, &["name"]) == name) {
        for field in ["cluster", "namespace", "user"] {
            if let Some(value) = command.args.value(field) {
                crate::values::object::set_at(entry, &["context", field], json!(value));
            }
        }
    }
    save(command.host, &config)?;
    command.output.line(&format!("Context {name:?} {}.", if exists { "modified" } else { "created" }));
    Ok(None)
}

/// Lists one of the file's lists by name: `get-clusters`, `get-users`.
fn names(command: &mut Command<'_, '_>, list: &str) -> Ran {
    let config = load(command.host);
    command.output.line("NAME");
    for entry in config.get(list).and_then(Value::as_array).into_iter().flatten() {
        command.output.line(str_at(entry, &["name"]));
    }
    Ok(None)
}

pub fn get_clusters(command: &mut Command<'_, '_>) -> Ran {
    names(command, "clusters")
}

pub fn get_users(command: &mut Command<'_, '_>) -> Ran {
    names(command, "users")
}

pub fn view(command: &mut Command<'_, '_>) -> Ran {
    let mut config = load(command.host);
    if command.args.on("minify") {
        minify(&mut config);
    }
    let format = match print::format(command, print::OBJECTS)? {
        Format::Table { .. } => Format::Yaml,
        format => format,
    };
    let text = print::objects(&format, &[Rc::new(Object(config))], true)?;
    command.output.out(&text);
    Ok(None)
}

/// Only what the current context needs.
fn minify(config: &mut Value) {
    let current = str_at(config, &["current-context"]).to_owned();
    let (cluster, user) = named(config, "contexts", &current)
        .map_or_else(Default::default, |entry| (str_at(entry, &["context", "cluster"]).to_owned(), str_at(entry, &["context", "user"]).to_owned()));
    for (list, name) in [("contexts", &current), ("clusters", &cluster), ("users", &user)] {
        if let Some(entries) = config.get_mut(list).and_then(Value::as_array_mut) {
            entries.retain(|entry| str_at(entry, &["name"]) == name);
        }
    }
}
