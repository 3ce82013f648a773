//! set env. Models kubectl/pkg/cmd/set/set_env.go and kubectl/pkg/cmd/set/env.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::manifests;
use crate::commands::kubectl::request::resources;
use crate::commands::kubectl::write::set::template::{Saying, containers, each, is_chosen, names_of, pod_spec, split};
use crate::control::rules::data;
use crate::kinds;
use crate::values::object::{Object, Value, at, json, str_at};

/// What `set env` is to do: variables with a value or a source, and names to take away.
#[derive(Default)]
struct Variables {
    set: Vec<Value>,
    removed: Vec<String>,
}

const ENV_NAME: &str = "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', and must not start with a digit (e.g. 'my.env-name',  or 'MY_ENV.NAME',  or 'MyEnvName1', regex used for validation is '[-._a-zA-Z][-._a-zA-Z0-9]*')";

fn parse_variables(specs: &[String]) -> Result<Variables, Failure> {
    let mut variables = Variables::default();
    for spec in specs {
        match (spec.split_once('='), spec.strip_suffix('-')) {
            (Some((name, value)), _) => {
                let is_letter = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
                if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(is_letter) {
                    return Err(Failure::plain(format!("{name:?} is not a valid key name: {ENV_NAME}")));
                }
                variables.set.push(json!({"name": name, "value": value}));
            }
            (None, Some(name)) => variables.removed.push(name.to_owned()),
            (None, None) => return Err(Failure::plain(format!("unknown environment variable: {spec}"))),
        }
    }
    if variables.removed.iter().any(|name| variables.set.iter().any(|variable| str_at(variable, &["name"]) == name)) {
        return Err(Failure::plain("can not both modify and remove the same environment variable in the same command"));
    }
    Ok(variables)
}

/// `--from=configmap/NAME`: a variable for each key.
fn from_resource(invocation: &mut Invocation<'_, '_>, variables: &mut Variables) -> Result<(), Failure> {
    let from = invocation.args.text("from").to_owned();
    let (found, failures) = invocation.existing(&[from])?;
    Failure::all(failures)?;
    let wanted = invocation.args.values("keys").to_vec();
    for object in found {
        let reference = match object.kind() {
            "ConfigMap" => "configMapKeyRef",
            "Secret" => "secretKeyRef",
            _ => return Err(Failure::plain("unsupported resource specified in --from")),
        };
        for (key, _) in object.map(&["data"]).into_iter().flatten().filter(|(key, _)| wanted.is_empty() || wanted.iter().any(|name| name == key)) {
            let name: String = key.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
            if name != *key {
                invocation.output.warn(&format!("Warning: key {key} transferred to {name}"));
            }
            variables.set.push(json!({"name": name, "valueFrom": {reference: {"key": key, "name": object.name()}}}));
        }
    }
    Ok(())
}

pub fn env(invocation: &mut Invocation<'_, '_>) -> Ran {
    let (words, pairs) = split(&invocation.words(), "environment")?;
    invocation.dry_run()?;
    if words.is_empty() && !manifests::given(invocation) {
        return Err(Failure::plain("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    let list = invocation.args.on("list");
    if list && !invocation.args.text("output").is_empty() {
        return Err(Failure::plain("--list and --output may not be specified together"));
    }
    if invocation.args.given("keys") && invocation.args.text("from").is_empty() {
        return Err(Failure::plain("when specifying --keys, a configmap or secret must be provided with --from"));
    }
    let mut variables = parse_variables(&[invocation.args.values("env"), &pairs].concat())?;
    if !invocation.args.text("from").is_empty() {
        from_resource(invocation, &mut variables)?;
    }
    let prefix = invocation.args.text("prefix");
    for variable in &mut variables.set {
        variable["name"] = json!(format!("{prefix}{}", str_at(variable, &["name"])));
    }
    let chosen = invocation.args.value("containers").unwrap_or("*").to_owned();
    if list {
        return list_env(invocation, &words, &variables, &chosen);
    }
    warn_of_no_container(invocation, &words, &chosen)?;
    let overwrite = invocation.args.text("overwrite") != "false";
    let saying = Saying { refused: "failed to patch env update to pod template: ", done: "env updated" };
    each(invocation, &words, &saying, &|spec| {
        let mut failures = Vec::new();
        for container in containers(spec).into_iter().filter(|one| is_chosen(one, &chosen)) {
            failures.extend(change_env(container, &variables, overwrite).err());
        }
        failures
    })
}

fn warn_of_no_container(invocation: &mut Invocation<'_, '_>, words: &[String], chosen: &str) -> Result<(), Failure> {
    for object in invocation.existing(words)?.0 {
        let names = names_of(&object);
        if pod_spec(object.kind()).is_some() && !names.iter().any(|name| is_chosen(&json!({"name": name}), chosen)) {
            let (kind, name) = (object.kind(), object.name());
            invocation.output.warn(&format!("Warning: {kind}/{name} does not have any containers matching {chosen:?}"));
        }
    }
    Ok(())
}

fn change_env(container: &mut Value, variables: &Variables, overwrite: bool) -> Result<(), Failure> {
    let mut list = container.get("env").and_then(Value::as_array).cloned().unwrap_or_default();
    for variable in &variables.set {
        let name = str_at(variable, &["name"]);
        match list.iter().position(|entry| str_at(entry, &["name"]) == name) {
            Some(place) if !overwrite => {
                let value = str_at(&list[place], &["value"]);
                return Err(Failure::plain(format!("error: '{name}' already has a value ({value}), and --overwrite is false")));
            }
            Some(place) => list[place] = variable.clone(),
            None => list.push(variable.clone()),
        }
    }
    list.retain(|entry| variables.removed.iter().all(|name| str_at(entry, &["name"]) != name));
    if !list.is_empty() || container.get("env").is_some() {
        container["env"] = json!(list);
    }
    Ok(())
}

/// Where a variable's value comes from, in words.
fn source_text(source: &Value) -> String {
    let text = |path: &[&str]| str_at(source, path).to_owned();
    if source.get("configMapKeyRef").is_some() {
        format!("configmap {}, key {}", text(&["configMapKeyRef", "name"]), text(&["configMapKeyRef", "key"]))
    } else if source.get("secretKeyRef").is_some() {
        format!("secret {}, key {}", text(&["secretKeyRef", "name"]), text(&["secretKeyRef", "key"]))
    } else if source.get("fieldRef").is_some() {
        format!("field path {}", text(&["fieldRef", "fieldPath"]))
    } else {
        let container = text(&["resourceFieldRef", "containerName"]);
        let container = if container.is_empty() { container } else { format!("{container}/") };
        format!("resource field {container}{}", text(&["resourceFieldRef", "resource"]))
    }
}

/// `--resolve`: the value itself, where it is one of an object.
fn resolved(invocation: &Invocation<'_, '_>, object: &Object, source: &Value) -> Option<String> {
    for (field, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
        if let Some(reference) = source.get(field) {
            let key = invocation.key(kinds::def(kind), object.namespace(), str_at(reference, &["name"]));
            let value = invocation.cluster.api.get(&key).ok()?.str(&["data", str_at(reference, &["key"])]).to_owned();
            let decoded = || String::from_utf8_lossy(&data::decode_base64(&value)).into_owned();
            return Some(if kind == "Secret" { decoded() } else { value.clone() });
        }
    }
    let path = str_at(source, &["fieldRef", "fieldPath"]);
    (!path.is_empty()).then(|| resources::field_of(object, path))
}

fn list_env(invocation: &mut Invocation<'_, '_>, words: &[String], variables: &Variables, chosen: &str) -> Ran {
    let (found, failures) = invocation.existing(words)?;
    Failure::all(failures)?;
    let resolve = invocation.args.on("resolve");
    for object in found {
        let Some(path) = pod_spec(object.kind()) else { continue };
        let mut spec = at(&object.0, path).cloned().unwrap_or_default();
        let mut all: Vec<Value> = containers(&mut spec).into_iter().map(|container| container.clone()).collect();
        // Containers first here, init containers behind them.
        let inits = spec["initContainers"].as_array().map_or(0, Vec::len);
        all.rotate_left(inits);
        for container in all.iter_mut().filter(|one| is_chosen(one, chosen)) {
            change_env(container, variables, true)?;
            invocation.output.line(&format!("# {} {}, container {}", object.kind(), object.name(), str_at(container, &["name"])));
            for entry in container.get("env").and_then(Value::as_array).into_iter().flatten() {
                let name = str_at(entry, &["name"]);
                let line = match entry.get("valueFrom") {
                    None => format!("{name}={}", str_at(entry, &["value"])),
                    Some(source) => match resolved(invocation, &object, source).filter(|_| resolve) {
                        Some(value) => format!("{name}={value}"),
                        None => format!("# {name} from {}", source_text(source)),
                    },
                };
                invocation.output.line(&line);
            }
        }
    }
    Ok(None)
}
