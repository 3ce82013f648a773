//! The `config` verbs: they read and change the kubeconfig file. Models kubectl/pkg/cmd/config.

use crate::commands::cli::table::table;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::help;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::kubeconfig::{load, named, path, save};
use crate::commands::kubectl::request::print;
use crate::commands::kubectl::request::print::Format;
use crate::values::object;
use crate::values::object::{Value, json, str_at};

pub fn current_context(invocation: &mut Invocation<'_, '_>) -> Ran {
    let config = load(invocation.host.view());
    match str_at(&config, &["current-context"]) {
        "" => Err(Failure::plain("current-context is not set")),
        name => {
            invocation.output.line(name);
            Ok(None)
        }
    }
}

pub fn get_contexts(invocation: &mut Invocation<'_, '_>) -> Ran {
    let config = load(invocation.host.view());
    let current = str_at(&config, &["current-context"]).to_owned();
    let all = config.get("contexts").and_then(Value::as_array).cloned().unwrap_or_default();
    match invocation.args.text("output") {
        "" | "name" => {}
        other => {
            return Err(Failure::plain(format!(
                "--output {other} is not available in kubectl config get-contexts; resetting to default output format"
            )));
        }
    }
    let headers = ["CURRENT", "NAME", "CLUSTER", "AUTHINFO", "NAMESPACE"].map(str::to_owned);
    let bare = invocation.args.on("no-headers") || invocation.args.text("output") == "name";
    let mut rows = Vec::new();
    for entry in &all {
        let name = str_at(entry, &["name"]);
        if !invocation.args.positional.is_empty() && !invocation.args.positional.iter().any(|wanted| wanted == name) {
            continue;
        }
        if invocation.args.text("output") == "name" {
            invocation.output.line(name);
            continue;
        }
        let field = |field: &str| str_at(entry, &["context", field]).to_owned();
        let star = if name == current { "*" } else { "" };
        rows.push(vec![star.to_owned(), name.to_owned(), field("cluster"), field("user"), field("namespace")]);
    }
    if invocation.args.text("output") != "name" {
        invocation.output.out(&table((!bare).then_some(headers.as_slice()), &rows));
    }
    let is_known = |name: &&String| all.iter().any(|entry| str_at(entry, &["name"]) == name.as_str());
    let missing = invocation.args.positional.iter().filter(|name| !is_known(name));
    Failure::all(missing.map(|name| Failure::plain(format!("context {name} not found"))).collect())?;
    Ok(None)
}

pub fn use_context(invocation: &mut Invocation<'_, '_>) -> Ran {
    let [name] = invocation.args.positional.as_slice() else { return not_so_many(invocation) };
    let name = name.clone();
    let mut config = load(invocation.host.view());
    if named(&config, "contexts", &name).is_none() {
        return Err(Failure::plain(format!("no context exists with the name: {name:?}")));
    }
    config["current-context"] = json!(name);
    save(invocation.host, &config)?;
    invocation.output.line(&format!("Switched to context {name:?}."));
    Ok(None)
}

pub fn set_context(invocation: &mut Invocation<'_, '_>) -> Ran {
    if invocation.args.positional.len() > 1 {
        return not_so_many(invocation);
    }
    let mut config = load(invocation.host.view());
    let name = match (invocation.args.on("current"), invocation.args.positional.as_slice()) {
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
            if let Some(value) = invocation.args.value(field) {
                object::set_at(entry, &["context", field], json!(value));
            }
        }
    }
    save(invocation.host, &config)?;
    invocation.output.line(&format!("Context {name:?} {}.", if exists { "modified" } else { "created" }));
    Ok(None)
}

/// Lists one of the file's lists by name: `get-clusters`, `get-users`.
fn names(invocation: &mut Invocation<'_, '_>, list: &str) -> Ran {
    let config = load(invocation.host.view());
    invocation.output.line("NAME");
    for entry in config.get(list).and_then(Value::as_array).into_iter().flatten() {
        invocation.output.line(str_at(entry, &["name"]));
    }
    Ok(None)
}

pub fn get_clusters(invocation: &mut Invocation<'_, '_>) -> Ran {
    names(invocation, "clusters")
}

pub fn get_users(invocation: &mut Invocation<'_, '_>) -> Ran {
    names(invocation, "users")
}

pub fn view(invocation: &mut Invocation<'_, '_>) -> Ran {
    invocation.takes_no_words("unexpected arguments")?;
    let mut config = load(invocation.host.view());
    if invocation.args.on("minify") {
        minify(&mut config);
    }
    let format = match print::format(invocation, print::OBJECTS)? {
        Format::Table { .. } => Format::Yaml,
        format => format,
    };
    if !invocation.args.on("raw") {
        redact(&mut config);
    }
    let text = print::tree(&format, &config)?;
    invocation.output.out(&text);
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
pub fn delete(invocation: &mut Invocation<'_, '_>) -> Ran {
    let (one, list) = list_of(invocation.verb.name);
    let name = match invocation.args.positional.as_slice() {
        [name] => name.clone(),
        _ if one == "user" => return Err(Failure::usage("user to delete is required")),
        _ => return help::show(invocation),
    };
    let mut config = load(invocation.host.view());
    let path = path(invocation.host.view());
    if named(&config, list, &name).is_none() {
        return Err(Failure::plain(format!("cannot delete {one} {name}, not in {path}")));
    }
    if one == "context" && str_at(&config, &["current-context"]) == name {
        invocation.output.warn("warning: this removed your active context, use \"kubectl config use-context\" to select a different one");
    }
    if let Some(entries) = config.get_mut(list).and_then(Value::as_array_mut) {
        entries.retain(|entry| str_at(entry, &["name"]) != name);
    }
    save(invocation.host, &config)?;
    invocation.output.line(&format!("deleted {one} {name} from {path}"));
    Ok(None)
}

/// The help, and what is wrong with it: a wrong number of arguments.
fn not_so_many(invocation: &mut Invocation<'_, '_>) -> Ran {
    help::show(invocation)?;
    let title = if invocation.verb.name == "config set-credentials" { "unexpected args" } else { "Unexpected args" };
    let words = invocation.words();
    Err(Failure::plain(format!("{title}: [{}]", words.join(" "))))
}

pub fn rename_context(invocation: &mut Invocation<'_, '_>) -> Ran {
    let [from, to] = invocation.args.positional.clone().try_into().unwrap_or_default();
    if from.is_empty() {
        return not_so_many(invocation);
    }
    let mut config = load(invocation.host.view());
    let path = path(invocation.host.view());
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
    save(invocation.host, &config)?;
    invocation.output.line(&format!("Context {from:?} renamed to {to:?}."));
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
fn set_fields(invocation: &mut Invocation<'_, '_>, flags: &[(&str, &str)], said: &str) -> Ran {
    let (one, list) = if said == "Cluster" { ("cluster", "clusters") } else { ("user", "users") };
    let [name] = invocation.args.positional.as_slice() else { return not_so_many(invocation) };
    let name = name.clone();
    let mut config = load(invocation.host.view());
    if let Some(entry) = entry(&mut config, list, &name) {
        for (flag, field) in flags {
            if let Some(value) = invocation.args.value(flag) {
                let value = if *flag == "insecure-skip-tls-verify" { json!(invocation.args.on(flag)) } else { json!(value) };
                object::set_at(entry, &[one, field], value);
            }
        }
        if entry.get(one).is_none() {
            entry[one] = json!({});
        }
    }
    save(invocation.host, &config)?;
    invocation.output.line(&format!("{said} {name:?} set."));
    Ok(None)
}

pub fn set_cluster(invocation: &mut Invocation<'_, '_>) -> Ran {
    let flags = [
        ("server", "server"),
        ("certificate-authority", "certificate-authority"),
        ("insecure-skip-tls-verify", "insecure-skip-tls-verify"),
        ("tls-server-name", "tls-server-name"),
        ("proxy-url", "proxy-url"),
    ];
    set_fields(invocation, &flags, "Cluster")
}

pub fn set_credentials(invocation: &mut Invocation<'_, '_>) -> Ran {
    let flags = [
        ("client-certificate", "client-certificate"),
        ("client-key", "client-key"),
        ("token", "token"),
        ("username", "username"),
        ("password", "password"),
    ];
    set_fields(invocation, &flags, "User")
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
pub fn set(invocation: &mut Invocation<'_, '_>) -> Ran {
    let [name, value] = invocation.args.positional.clone().try_into().unwrap_or_default();
    if name.is_empty() {
        return not_so_many(invocation);
    }
    check_property(&name)?;
    let mut config = load(invocation.host.view());
    match property(&mut config, &name) {
        Some((place, field)) => place[field.as_str()] = json!(value),
        None => return Err(Failure::plain("can't set a map to a value")),
    }
    save(invocation.host, &config)?;
    invocation.output.line(&format!("Property {name:?} set."));
    Ok(None)
}

/// `config unset PROPERTY`.
pub fn unset(invocation: &mut Invocation<'_, '_>) -> Ran {
    let [name] = invocation.args.positional.as_slice() else { return not_so_many(invocation) };
    let name = name.clone();
    check_property(&name)?;
    let mut config = load(invocation.host.view());
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
    save(invocation.host, &config)?;
    invocation.output.line(&format!("Property {name:?} unset."));
    Ok(None)
}
