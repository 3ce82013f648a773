//! The kubeconfig file: contexts, their namespaces, and the `config` verbs. Models kubectl/pkg/cmd/config.

use crate::commands::kubectl::request::print::{self, Format, table};
use crate::commands::kubectl::{Command, Failure, Host, Ran};
use crate::values::object::{Value, json, str_at};
use crate::values::yaml;

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

/// Refuses a `--kubeconfig` or `--context` that is not there; what never asks the server does not look.
/// # Errors
/// kubectl's texts.
pub fn check(host: &Host<'_>, args: &crate::commands::cli::args::Args, verb: &str) -> Result<(), Failure> {
    const LOCAL: [&str; 5] = ["completion", "config", "explain", "help", "options"];
    if LOCAL.contains(&verb.split(' ').next().unwrap_or("")) {
        return Ok(());
    }
    let path = args.text("kubeconfig");
    if !path.is_empty() && !host.files.exists(&crate::machine::vfs::absolute(host.working_directory, path)) {
        return Err(Failure::plain(format!("stat {path}: no such file or directory")));
    }
    let context = args.text("context");
    if !context.is_empty() && named(&load(host), "contexts", context).is_none() {
        return Err(Failure::Raw(format!("Error in configuration: context was not found for specified context: {context}")));
    }
    Ok(())
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
    match command.args.text("output") {
        "" | "name" => {}
        other => {
            return Err(Failure::plain(format!(
                "--output {other} is not available in kubectl config get-contexts; resetting to default output format"
            )));
        }
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
    if command.args.text("output") != "name" {
        command.output.out(&table((!bare).then_some(headers.as_slice()), &rows));
    }
    let is_known = |name: &&String| all.iter().any(|entry| str_at(entry, &["name"]) == name.as_str());
    let missing = command.args.positional.iter().filter(|name| !is_known(name));
    Failure::all(missing.map(|name| Failure::plain(format!("context {name} not found"))).collect())?;
    Ok(None)
}

pub fn use_context(command: &mut Command<'_, '_>) -> Ran {
    let [name] = command.args.positional.as_slice() else { return not_so_many(command) };
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
    if command.args.positional.len() > 1 {
        return not_so_many(command);
    }
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
    command.takes_no_words("unexpected arguments")?;
    let mut config = load(command.host);
    if command.args.on("minify") {
        minify(&mut config);
    }
    let format = match print::format(command, print::OBJECTS)? {
        Format::Table { .. } => Format::Yaml,
        format => format,
    };
    if !command.args.on("raw") {
        redact(&mut config);
    }
    let text = print::tree(&format, &config)?;
    command.output.out(&text);
    Ok(None)
}

/// A list of the kubeconfig, the name of what its entries hold, and the fields of that which are not shown, with what stands there.
type Hidden = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// Hides what is secret or long.
fn redact(config: &mut Value) {
    const LISTS: [Hidden; 2] = [
        ("clusters", "cluster", &[("certificate-authority-data", "DATA+OMITTED")]),
        (
            "users",
            "user",
            &[("client-certificate-data", "DATA+OMITTED"), ("client-key-data", "DATA+OMITTED"), ("token", "REDACTED"), ("password", "REDACTED")],
        ),
    ];
    for (list, one, fields) in LISTS {
        for entry in config.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            for (field, shown) in fields {
                if entry[one].get(*field).is_some() {
                    entry[one][*field] = json!(shown);
                }
            }
        }
    }
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

/// The list of the file that a verb's last word names, such as `delete-cluster`.
fn list_of(verb: &str) -> (&'static str, &'static str) {
    match verb.rsplit('-').next() {
        Some("cluster") => ("cluster", "clusters"),
        Some("context") => ("context", "contexts"),
        _ => ("user", "users"),
    }
}

/// `delete-cluster`, `delete-context`, `delete-user`.
pub fn delete(command: &mut Command<'_, '_>) -> Ran {
    let (one, list) = list_of(command.verb.name);
    let name = match command.args.positional.as_slice() {
        [name] => name.clone(),
        _ if one == "user" => return Err(Failure::usage("user to delete is required")),
        _ => return crate::commands::kubectl::cluster::misc::show_help(command),
    };
    let mut config = load(command.host);
    let path = path(command.host);
    if named(&config, list, &name).is_none() {
        return Err(Failure::plain(format!("cannot delete {one} {name}, not in {path}")));
    }
    if one == "context" && str_at(&config, &["current-context"]) == name {
        command.output.warn("warning: this removed your active context, use \"kubectl config use-context\" to select a different one");
    }
    if let Some(entries) = config.get_mut(list).and_then(Value::as_array_mut) {
        entries.retain(|entry| str_at(entry, &["name"]) != name);
    }
    save(command.host, &config)?;
    command.output.line(&format!("deleted {one} {name} from {path}"));
    Ok(None)
}

/// The help, and what is wrong with it: a wrong number of arguments.
fn not_so_many(command: &mut Command<'_, '_>) -> Ran {
    crate::commands::kubectl::cluster::misc::show_help(command)?;
    let title = if command.verb.name == "config set-credentials" { "unexpected args" } else { "Unexpected args" };
    let words = command.words();
    Err(Failure::plain(format!("{title}: [{}]", words.join(" "))))
}

pub fn rename_context(command: &mut Command<'_, '_>) -> Ran {
    let [from, to] = command.args.positional.clone().try_into().unwrap_or_default();
    if from.is_empty() {
        return not_so_many(command);
    }
    let mut config = load(command.host);
    let path = path(command.host);
    if named(&config, "contexts", &from).is_none() {
        return Err(Failure::plain(format!("cannot rename the context {from:?}, it's not in {path}")));
    }
    if named(&config, "contexts", &to).is_some() {
        return Err(Failure::plain(format!("cannot rename the context {from:?}, the context {to:?} already exists in {path}")));
    }
    for entry in config.get_mut("contexts").and_then(Value::as_array_mut).into_iter().flatten() {
        if str_at(entry, &["name"]) == from {
            entry["name"] = json!(to);
        }
    }
    if str_at(&config, &["current-context"]) == from {
        config["current-context"] = json!(to);
    }
    save(command.host, &config)?;
    command.output.line(&format!("Context {from:?} renamed to {to:?}."));
    Ok(None)
}

/// The entry of a list by its name, made where there is none.
fn entry<'a>(config: &'a mut Value, list: &str, name: &str) -> Option<&'a mut Value> {
    if !config.get(list).is_some_and(Value::is_array) {
        config[list] = json!([]);
    }
    let entries = config[list].as_array_mut()?;
    let place = entries.iter().position(|entry| str_at(entry, &["name"]) == name);
    if place.is_none() {
        entries.push(json!({"name": name}));
    }
    let last = entries.len().saturating_sub(1);
    entries.get_mut(place.unwrap_or(last))
}

/// Sets fields of an entry from flags of the same names.
fn set_fields(command: &mut Command<'_, '_>, flags: &[(&str, &str)], said: &str) -> Ran {
    let (one, list) = if said == "Cluster" { ("cluster", "clusters") } else { ("user", "users") };
    let [name] = command.args.positional.as_slice() else { return not_so_many(command) };
    let name = name.clone();
    let mut config = load(command.host);
    if let Some(entry) = entry(&mut config, list, &name) {
        for (flag, field) in flags {
            if let Some(value) = command.args.value(flag) {
                let value = if *flag == "insecure-skip-tls-verify" { json!(command.args.on(flag)) } else { json!(value) };
                crate::values::object::set_at(entry, &[one, field], value);
            }
        }
        if entry.get(one).is_none() {
            entry[one] = json!({});
        }
    }
    save(command.host, &config)?;
    command.output.line(&format!("{said} {name:?} set."));
    Ok(None)
}

pub fn set_cluster(command: &mut Command<'_, '_>) -> Ran {
    let flags = [
        ("server", "server"),
        ("certificate-authority", "certificate-authority"),
        ("insecure-skip-tls-verify", "insecure-skip-tls-verify"),
        ("tls-server-name", "tls-server-name"),
        ("proxy-url", "proxy-url"),
    ];
    set_fields(command, &flags, "Cluster")
}

pub fn set_credentials(command: &mut Command<'_, '_>) -> Ran {
    let flags = [
        ("client-certificate", "client-certificate"),
        ("client-key", "client-key"),
        ("token", "token"),
        ("username", "username"),
        ("password", "password"),
    ];
    set_fields(command, &flags, "User")
}

/// What the file itself holds.
const FIELDS: [&str; 7] = ["apiVersion", "clusters", "contexts", "current-context", "kind", "preferences", "users"];

/// # Errors
/// A property that no kubeconfig has.
fn check_property(name: &str) -> Result<(), Failure> {
    let first = name.split('.').next().unwrap_or("");
    if FIELDS.contains(&first) { Ok(()) } else { Err(Failure::plain(format!("unable to parse {name} after [] at api.Config"))) }
}

/// The place that `contexts.NAME.namespace` names: the path into the file's tree.
fn property<'a>(config: &'a mut Value, name: &str) -> Option<(&'a mut Value, String)> {
    let (list, rest) = name.split_once('.').unwrap_or((name, ""));
    if rest.is_empty() {
        return Some((config, name.to_owned()));
    }
    let one = list.strip_suffix('s')?;
    // Names of entries may hold dots, those of fields do not.
    let (entry_name, field) = match rest.rsplit_once('.') {
        Some((entry_name, field)) if named(config, list, rest).is_none() => (entry_name, field),
        _ => (rest, ""),
    };
    if field.is_empty() {
        return None;
    }
    let entry = entry(config, list, entry_name)?;
    if entry.get(one).is_none() {
        entry[one] = json!({});
    }
    Some((&mut entry[one], field.to_owned()))
}

/// `config set PROPERTY VALUE`.
pub fn set(command: &mut Command<'_, '_>) -> Ran {
    let [name, value] = command.args.positional.clone().try_into().unwrap_or_default();
    if name.is_empty() {
        return not_so_many(command);
    }
    check_property(&name)?;
    let mut config = load(command.host);
    match property(&mut config, &name) {
        Some((place, field)) => place[field.as_str()] = json!(value),
        None => return Err(Failure::plain("can't set a map to a value")),
    }
    save(command.host, &config)?;
    command.output.line(&format!("Property {name:?} set."));
    Ok(None)
}

/// `config unset PROPERTY`.
pub fn unset(command: &mut Command<'_, '_>) -> Ran {
    let [name] = command.args.positional.as_slice() else { return not_so_many(command) };
    let name = name.clone();
    check_property(&name)?;
    let mut config = load(command.host);
    let whole = name.split_once('.').filter(|(list, rest)| named(&config, list, rest).is_some());
    if let Some((list, rest)) = whole {
        if let Some(entries) = config.get_mut(list).and_then(Value::as_array_mut) {
            entries.retain(|entry| str_at(entry, &["name"]) != rest);
        }
    } else if let Some((place, field)) = property(&mut config, &name)
        && let Some(map) = place.as_object_mut()
    {
        map.remove(&field);
    }
    save(command.host, &config)?;
    command.output.line(&format!("Property {name:?} unset."));
    Ok(None)
}
