//! set image, set env, set resources, set selector, set serviceaccount. Models kubectl/pkg/cmd/set.

use super::request::DryRun;
use super::{Command, Failure, Ran};
use crate::apiserver::{PatchType, key_of};
use crate::kinds;
use crate::values::object::{Object, Value, at, json, str_at};

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
fn split(words: &[String]) -> (Vec<String>, Vec<String>) {
    let place = words.iter().position(|word| word.contains('=') || word.ends_with('-')).unwrap_or(words.len());
    (words[..place].to_vec(), words[place..].to_vec())
}

/// What is done to a list of containers: `containers` or `initContainers`.
type Change<'a> = dyn Fn(&mut Vec<Value>, &str) -> Result<(), Failure> + 'a;

/// Changes the containers of each object and says what was updated.
fn each(command: &mut Command<'_, '_>, words: &[String], done: &str, change: &Change<'_>) -> Ran {
    let what = done.split(' ').next().unwrap_or("");
    let what = if what == "resource" { "resources" } else { what };
    let dry_run = command.dry_run()?;
    let (found, mut failures) = command.existing(words)?;
    for object in found {
        let Some(path) = pod_spec(object.kind()) else {
            let name = super::resources::name_of(&object);
            failures.push(Failure::plain(format!("{name} does not have a pod template")));
            continue;
        };
        let mut changed = (*object).clone();
        let mut trouble = None;
        for field in ["initContainers", "containers"] {
            let list_path: Vec<&str> = path.iter().copied().chain([field]).collect();
            if let Some(list) = changed.at(&list_path).and_then(Value::as_array).cloned() {
                let mut list = list;
                trouble = trouble.or(change(&mut list, field).err());
                changed.set(&list_path, Value::Array(list));
            }
        }
        if let Some(failure) = trouble {
            failures.push(failure);
            continue;
        }
        if changed == *object {
            continue;
        }
        let patch = json!({"spec": changed.at(&["spec"]).cloned().unwrap_or_default()});
        let result = if dry_run == DryRun::Client || command.args.on("local") {
            Ok(std::rc::Rc::new(changed))
        } else {
            command.patch_object(&key_of(kinds::def(object.kind()), &object), PatchType::Merge, &patch, dry_run)
        };
        match result {
            Ok(updated) => command.report(&updated, done, dry_run)?,
            Err(status) => {
                // Only resources has no colon here.
                let colon = if what == "resources" { "" } else { ":" };
                failures.push(Failure::plain(format!("failed to patch {what} update to pod template{colon} {}", status.message)));
            }
        }
    }
    Failure::all(failures)?;
    Ok(None)
}

/// Names of all containers of what the words name: to find a name that none has.
fn container_names(command: &mut Command<'_, '_>, words: &[String]) -> Result<Vec<String>, Failure> {
    let (found, failures) = command.existing(words)?;
    Failure::all(failures)?;
    let mut names = Vec::new();
    for object in found {
        names.extend(names_of(&object));
    }
    Ok(names)
}

/// The names of an object's containers, init containers first.
pub fn names_of(object: &Object) -> Vec<String> {
    let Some(spec) = pod_spec(object.kind()).and_then(|path| at(&object.0, path)) else { return Vec::new() };
    let lists = ["initContainers", "containers"].into_iter().filter_map(|field| spec.get(field).and_then(Value::as_array));
    lists.flatten().map(|container| str_at(container, &["name"]).to_owned()).collect()
}

pub fn image(command: &mut Command<'_, '_>) -> Ran {
    let (words, pairs) = split(&command.words());
    command.dry_run()?;
    let names = container_names(command, &words)?;
    if pairs.is_empty() {
        return Err(Failure::plain("at least one image update is required"));
    }
    let pairs: Vec<(String, String)> =
        pairs.iter().filter_map(|pair| pair.split_once('=')).map(|(name, image)| (name.to_owned(), image.to_owned())).collect();
    if let Some((missing, _)) = pairs.iter().find(|(name, _)| name != "*" && !names.contains(name)) {
        return Err(Failure::plain(format!("unable to find container named {missing:?}")));
    }
    each(command, &words, "image updated", &|containers, _| {
        for container in containers {
            let name = str_at(container, &["name"]).to_owned();
            for (_, image) in pairs.iter().filter(|(wanted, _)| *wanted == name || wanted == "*") {
                container["image"] = json!(image);
            }
        }
        Ok(())
    })
}

pub fn env(command: &mut Command<'_, '_>) -> Ran {
    let (words, pairs) = split(&command.words());
    if command.args.on("list") {
        return list_env(command, &words);
    }
    command.dry_run()?;
    if words.is_empty() && !super::manifests::given(command) {
        return Err(Failure::plain("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    container_names(command, &words)?;
    if pairs.is_empty() && !command.args.given("env") {
        return Err(Failure::plain("at least one environment variable must be provided"));
    }
    let mut pairs = pairs;
    pairs.extend(command.args.values("env").iter().cloned());
    let only = command.args.value("containers").filter(|only| *only != "*").map(str::to_owned);
    each(command, &words, "env updated", &|containers, _| {
        for container in containers.iter_mut().filter(|one| only.as_ref().is_none_or(|only| str_at(one, &["name"]) == only)) {
            let mut list = container.get("env").and_then(Value::as_array).cloned().unwrap_or_default();
            for pair in &pairs {
                let (name, value) = pair.split_once('=').map_or((pair.trim_end_matches('-'), None), |(name, value)| (name, Some(value)));
                let place = list.iter().position(|entry| str_at(entry, &["name"]) == name);
                match (value, place) {
                    (Some(value), Some(place)) => list[place] = json!({"name": name, "value": value}),
                    (Some(value), None) => list.push(json!({"name": name, "value": value})),
                    (None, Some(place)) => drop(list.remove(place)),
                    (None, None) => {}
                }
            }
            container["env"] = json!(list);
        }
        Ok(())
    })
}

/// `NAME=value`, or where the value comes from.
fn listed_variable(entry: &Value) -> String {
    let name = str_at(entry, &["name"]);
    let from = |field: &str, place: &str| str_at(entry, &["valueFrom", field, place]).to_owned();
    let reference = [("configMapKeyRef", "configmap"), ("secretKeyRef", "secret")]
        .iter()
        .find(|(field, _)| at(entry, &["valueFrom", field]).is_some())
        .map(|(field, kind)| format!("{kind} {}, key {}", from(field, "name"), from(field, "key")));
    match (reference, at(entry, &["valueFrom"])) {
        (Some(reference), _) => format!("# {name} from {reference}"),
        (None, Some(_)) => format!("# {name} from field path {}", from("fieldRef", "fieldPath")),
        (None, None) => format!("{name}={}", str_at(entry, &["value"])),
    }
}

fn list_env(command: &mut Command<'_, '_>, words: &[String]) -> Ran {
    let (found, failures) = command.existing(words)?;
    Failure::all(failures)?;
    for object in found {
        let Some(spec) = pod_spec(object.kind()).and_then(|path| at(&object.0, path)) else { continue };
        for container in ["containers", "initContainers"].iter().filter_map(|list| spec.get(*list)?.as_array()).flatten() {
            command.output.line(&format!("# {} {}, container {}", object.kind(), object.name(), str_at(container, &["name"])));
            for entry in container.get("env").and_then(Value::as_array).into_iter().flatten() {
                command.output.line(&listed_variable(entry));
            }
        }
    }
    Ok(None)
}

pub fn resources(command: &mut Command<'_, '_>) -> Ran {
    let words = command.words();
    let read = |text: Option<&str>| -> Vec<(String, String)> {
        let pairs = text.unwrap_or("").split(',').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    };
    let (limits, requests) = (read(command.args.value("limits")), read(command.args.value("requests")));
    command.dry_run()?;
    container_names(command, &words)?;
    if limits.is_empty() && requests.is_empty() {
        return Err(Failure::plain("you must specify an update to requests or limits (in the form of --requests/--limits)"));
    }
    let only = command.args.value("containers").filter(|only| *only != "*").map(str::to_owned);
    each(command, &words, "resource requirements updated", &|containers, field| {
        for container in containers.iter_mut().filter(|one| only.as_ref().is_none_or(|only| str_at(one, &["name"]) == only)) {
            for (which, pairs) in [("limits", &limits), ("requests", &requests)] {
                for (name, value) in pairs.iter().filter(|_| field == "containers") {
                    crate::values::object::set_at(container, &["resources", which, name], json!(value));
                }
            }
        }
        Ok(())
    })
}

/// `set selector TYPE NAME a=b,c=d`: services only.
pub fn selector(command: &mut Command<'_, '_>) -> Ran {
    let dry_run = command.dry_run()?;
    let mut words = command.words();
    let Some(text) = words.pop() else { return Err(Failure::plain("one selector is required")) };
    let (found, failures) = command.existing(&words)?;
    Failure::all(failures)?;
    for object in found {
        if object.kind() != "Service" {
            return Err(Failure::plain("setting a selector is only supported for Services"));
        }
        let parsed = crate::values::selector::LabelSelector::parse(&text).map_err(Failure::Plain)?;
        let pairs: serde_json::Map<String, Value> = text
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.trim().to_owned(), json!(value.trim_start_matches('=').trim())))
            .collect();
        if pairs.len() != parsed.requirements.len() {
            return Err(Failure::plain("match expressions are not supported on this object"));
        }
        let mut changed = (*object).clone();
        changed.set(&["spec", "selector"], json!(pairs));
        let result = if dry_run == DryRun::Client || command.args.on("local") {
            std::rc::Rc::new(changed)
        } else {
            command.update_object(changed, dry_run)?
        };
        command.report(&result, "selector updated", dry_run)?;
    }
    Ok(None)
}

/// `set serviceaccount TYPE NAME ACCOUNT`.
pub fn service_account(command: &mut Command<'_, '_>) -> Ran {
    let dry_run = command.dry_run()?;
    let mut words = command.words();
    let Some(account) = words.pop() else { return Err(Failure::plain("serviceaccount is required")) };
    let (found, mut failures) = command.existing(&words)?;
    for object in found {
        let Some(path) = pod_spec(object.kind()) else {
            let name = super::resources::name_of(&object);
            failures.push(Failure::plain(format!("{name} does not have a pod template")));
            continue;
        };
        let mut changed = (*object).clone();
        let field: Vec<&str> = path.iter().copied().chain(["serviceAccountName"]).collect();
        changed.set(&field, json!(account));
        if dry_run == DryRun::Client || command.args.on("local") {
            command.report(&changed, "serviceaccount updated", dry_run)?;
            continue;
        }
        changed.set(&[path, &["serviceAccount"]].concat(), json!(account));
        match command.update_object(changed, dry_run) {
            Ok(updated) => command.report(&updated, "serviceaccount updated", dry_run)?,
            Err(status) => failures.push(Failure::plain(format!("failed to patch ServiceAccountName {}", status.message))),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}
