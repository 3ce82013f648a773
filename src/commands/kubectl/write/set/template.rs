//! The pod templates that the set verbs change. Models kubectl/pkg/cmd/set/helper.go.

use crate::apiserver::{PatchType, key_of};
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::write::DryRun;
use crate::kinds;
use crate::kinds::readers::pods::TEMPLATE_LISTS;
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
/// # Errors
/// A resource that stands behind one of those.
pub fn split(words: &[String], what: &str) -> Result<(Vec<String>, Vec<String>), Failure> {
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
pub struct Saying {
    pub refused: &'static str,
    pub done: &'static str,
}

/// Changes the pod spec of each object and says what was updated.
pub fn each(invocation: &mut Invocation<'_, '_>, words: &[String], saying: &Saying, change: &Change<'_>) -> Ran {
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

pub fn no_template(object: &Object) -> Failure {
    let def = kinds::def(object.kind());
    let name = object.name();
    Failure::plain(format!("error: {}/{name} the object is not a pod or does not have a pod template: *v1.{}", def.plural, def.kind))
}

/// The containers of a pod's spec, init containers first.
pub fn containers(spec: &mut Value) -> Vec<&mut Value> {
    let Some(map) = spec.as_object_mut() else { return Vec::new() };
    let mut found = TEMPLATE_LISTS.map(|_| Vec::new());
    for (field, value) in map {
        if let Some(place) = TEMPLATE_LISTS.iter().position(|list| *list == field) {
            found[place].extend(value.as_array_mut().into_iter().flatten());
        }
    }
    found.into_iter().flatten().collect()
}

/// Whether `-c` chooses a container; a `*` in it is any text.
pub fn is_chosen(container: &Value, chosen: &str) -> bool {
    let name = str_at(container, &["name"]);
    match chosen.split_once('*') {
        Some((before, after)) => name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after),
        None => name == chosen,
    }
}

/// The names of an object's containers, init containers first.
pub fn names_of(object: &Object) -> Vec<String> {
    let Some(spec) = pod_spec(object.kind()).and_then(|path| at(&object.0, path)) else { return Vec::new() };
    let lists = TEMPLATE_LISTS.into_iter().filter_map(|field| spec.get(field).and_then(Value::as_array));
    lists.flatten().map(|container| str_at(container, &["name"]).to_owned()).collect()
}
