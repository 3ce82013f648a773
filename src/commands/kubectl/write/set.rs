//! set image, set env, set resources, set selector, set serviceaccount. Models kubectl/pkg/cmd/set.

use crate::apiserver::{PatchType, key_of};
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::write::DryRun;
use crate::kinds;
use crate::values::object::{Map, Object, Value, at, json, str_at};

/// Where a kind keeps its pod's spec; `None`: it has none.
pub fn pod_spec(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        "Pod" => Some(&["spec"]),
        "CronJob" => Some(&["spec", "jobTemplate", "spec", "template", "spec"]),
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" => Some(&["spec", "template", "spec"]),
        _ => None,
    }
}

/// Words before the first `KEY=VALUE` or `KEY-`, and those.
/// # Errors
/// A resource that stands behind one of those.
fn split(words: &[String], what: &str) -> Result<(Vec<String>, Vec<String>), Failure> {
    let is_change = |word: &String| word.contains('=') || word.ends_with('-');
    let place = words.iter().position(is_change).unwrap_or(words.len());
    if words[place..].iter().any(|word| !is_change(word)) {
        return Err(Failure::plain(format!("all resources must be specified before {what} changes: {}", words.join(" "))));
    }
    Ok((words[..place].to_vec(), words[place..].to_vec()))
}

/// What is done to a pod's spec; what it says is an error of its own.
type Change<'a> = dyn Fn(&mut Value) -> Vec<Failure> + 'a;

/// What stands before the server's words where a change is refused, and what is said where it is done.
struct Saying {
    refused: &'static str,
    done: &'static str,
}

/// Changes the pod spec of each object and says what was updated.
fn each(invocation: &mut Invocation<'_, '_>, words: &[String], saying: &Saying, change: &Change<'_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let (found, mut failures) = invocation.existing(words)?;
    for object in found {
        let Some(path) = pod_spec(object.kind()) else {
            failures.push(no_template(&object));
            continue;
        };
        let mut changed = (*object).clone();
        let mut spec = changed.at(path).cloned().unwrap_or_default();
        let mistakes = change(&mut spec);
        if !mistakes.is_empty() {
            failures.extend(mistakes);
            continue;
        }
        changed.set(path, spec);
        if changed == *object {
            continue;
        }
        let patch = json!({"spec": changed.at(&["spec"]).cloned().unwrap_or_default()});
        let result = if dry_run == DryRun::Client || invocation.args.on("local") {
            Ok(std::rc::Rc::new(changed))
        } else {
            invocation.patch_object(&key_of(kinds::def(object.kind()), &object), PatchType::Merge, &patch, dry_run)
        };
        match result {
            Ok(updated) => invocation.report(&updated, saying.done, dry_run)?,
            Err(status) => failures.push(Failure::plain(format!("{}{}", saying.refused, status.message))),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}

fn no_template(object: &Object) -> Failure {
    let def = kinds::def(object.kind());
    let name = object.name();
    Failure::plain(format!("error: {}/{name} the object is not a pod or does not have a pod template: *v1.{}", def.plural, def.kind))
}

/// The containers of a pod's spec, init containers first.
fn containers(spec: &mut Value) -> Vec<&mut Value> {
    let Some(map) = spec.as_object_mut() else { return Vec::new() };
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (field, value) in map {
        match field {
            "initContainers" => first.extend(value.as_array_mut().into_iter().flatten()),
            "containers" => second.extend(value.as_array_mut().into_iter().flatten()),
            _ => {}
        }
    }
    first.extend(second);
    first
}

/// Whether `-c` chooses a container; a `*` in it is any text.
fn is_chosen(container: &Value, chosen: &str) -> bool {
    let name = str_at(container, &["name"]);
    match chosen.split_once('*') {
        Some((before, after)) => name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after),
        None => name == chosen,
    }
}

/// The names of an object's containers, init containers first.
pub fn names_of(object: &Object) -> Vec<String> {
    let Some(spec) = pod_spec(object.kind()).and_then(|path| at(&object.0, path)) else { return Vec::new() };
    let lists = ["initContainers", "containers"].into_iter().filter_map(|field| spec.get(field).and_then(Value::as_array));
    lists.flatten().map(|container| str_at(container, &["name"]).to_owned()).collect()
}

pub fn image(invocation: &mut Invocation<'_, '_>) -> Ran {
    let (words, pairs) = split(&invocation.words(), "image")?;
    invocation.dry_run()?;
    invocation.existing(&words).and_then(|(_, failures)| Failure::all(failures))?;
    if pairs.is_empty() {
        return Err(Failure::plain("at least one image update is required"));
    }
    let pairs: Vec<(String, String)> =
        pairs.iter().filter_map(|pair| pair.split_once('=')).map(|(name, image)| (name.to_owned(), image.to_owned())).collect();
    if pairs.len() > 1 && pairs.iter().any(|(name, _)| name == "*") {
        return Err(Failure::plain("all containers are already specified by *, but saw more than one container_name=container_image pairs"));
    }
    let saying = Saying { refused: "failed to patch image update to pod template: ", done: "image updated" };
    each(invocation, &words, &saying, &|spec| {
        let mut failures = Vec::new();
        for (name, image) in &pairs {
            let mut found = false;
            for container in containers(spec).into_iter().filter(|one| name == "*" || str_at(one, &["name"]) == name) {
                container["image"] = json!(image);
                found = true;
            }
            if !found {
                failures.push(Failure::plain(format!("error: unable to find container named {name:?}")));
            }
        }
        failures
    })
}

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
    if words.is_empty() && !crate::commands::kubectl::request::manifests::given(invocation) {
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
            let decoded = || String::from_utf8_lossy(&crate::control::kubelet::environment::decode_base64(&value)).into_owned();
            return Some(if kind == "Secret" { decoded() } else { value.clone() });
        }
    }
    let path = str_at(source, &["fieldRef", "fieldPath"]);
    (!path.is_empty()).then(|| crate::commands::kubectl::request::resources::field_of(object, path))
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

/// `cpu=1,memory=1Gi`
fn read_amounts(text: &str) -> Result<Vec<(String, String)>, Failure> {
    let mut amounts = Vec::new();
    for statement in text.split(',').filter(|_| !text.is_empty()) {
        let Some((name, amount)) = statement.split_once('=').filter(|(_, amount)| !amount.contains('=')) else {
            return Err(Failure::plain(format!("Invalid argument syntax {statement}, expected <resource>=<value>")));
        };
        let amount = crate::values::quantity::Quantity::parse(amount).map_err(Failure::plain)?;
        amounts.push((name.to_owned(), amount.to_string()));
    }
    Ok(amounts)
}

pub fn resources(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    invocation.dry_run()?;
    invocation.existing(&words).and_then(|(_, failures)| Failure::all(failures))?;
    if ["limits", "requests"].iter().all(|flag| invocation.args.text(flag).is_empty()) {
        return Err(Failure::plain("you must specify an update to requests or limits (in the form of --requests/--limits)"));
    }
    let (limits, requests) = (read_amounts(invocation.args.text("limits"))?, read_amounts(invocation.args.text("requests"))?);
    let chosen = invocation.args.value("containers").unwrap_or("*").to_owned();
    let saying = Saying { refused: "failed to patch resources update to pod template ", done: "resource requirements updated" };
    each(invocation, &words, &saying, &|spec| {
        let mut found = false;
        for container in containers(spec).into_iter().filter(|one| is_chosen(one, &chosen)) {
            found = true;
            for (which, amounts) in [("limits", &limits), ("requests", &requests)] {
                for (name, amount) in amounts {
                    crate::values::object::set_at(container, &["resources", which, name], json!(amount));
                }
            }
        }
        if found { Vec::new() } else { vec![Failure::plain(format!("error: unable to find container named {chosen}"))] }
    })
}

/// `set selector TYPE NAME a=b,c=d`: services only.
pub fn selector(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let mut words = invocation.words();
    let Some(text) = words.pop() else { return Err(Failure::plain("one selector is required")) };
    let (found, failures) = invocation.existing(&words)?;
    Failure::all(failures)?;
    for object in found {
        if object.kind() != "Service" {
            return Err(Failure::plain("setting a selector is only supported for Services"));
        }
        let parsed = crate::values::selector::LabelSelector::parse(&text).map_err(Failure::Plain)?;
        let pairs: Map = text
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.trim().to_owned(), json!(value.trim_start_matches('=').trim())))
            .collect();
        if pairs.len() != parsed.requirements.len() {
            let (key, rest) = text.split_once(' ').unwrap_or((&text, ""));
            let values = rest.split(['(', ')']).nth(1).unwrap_or("").replace(',', " ");
            let operator = if rest.starts_with("notin") { "NotIn" } else { "In" };
            return Err(Failure::plain(format!("match expression [{{{key} {operator} [{values}]}}] not supported on this object")));
        }
        let mut changed = (*object).clone();
        changed.set(&["spec", "selector"], json!(pairs));
        let result = if dry_run == DryRun::Client || invocation.args.on("local") {
            std::rc::Rc::new(changed)
        } else {
            invocation.update_object(changed, dry_run)?
        };
        invocation.report(&result, "selector updated", dry_run)?;
    }
    Ok(None)
}

/// `set serviceaccount TYPE NAME ACCOUNT`.
pub fn service_account(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let mut words = invocation.words();
    let Some(account) = words.pop() else { return Err(Failure::plain("serviceaccount is required")) };
    let (found, mut failures) = invocation.existing(&words)?;
    for object in found {
        let Some(path) = pod_spec(object.kind()) else {
            failures.push(no_template(&object));
            continue;
        };
        let mut changed = (*object).clone();
        let field: Vec<&str> = path.iter().copied().chain(["serviceAccountName"]).collect();
        changed.set(&field, json!(account));
        if dry_run == DryRun::Client || invocation.args.on("local") {
            invocation.report(&changed, "serviceaccount updated", dry_run)?;
            continue;
        }
        changed.set(&[path, &["serviceAccount"]].concat(), json!(account));
        match invocation.update_object(changed, dry_run) {
            Ok(updated) => invocation.report(&updated, "serviceaccount updated", dry_run)?,
            Err(status) => failures.push(Failure::plain(format!("failed to patch ServiceAccountName {}", status.message))),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}
