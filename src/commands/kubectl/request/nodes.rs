//! The nodes that arguments name, and whether pods may be scheduled there. Models kubectl/pkg/cmd/drain.

use crate::apiserver::PatchType;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::Invocation;
use crate::commands::kubectl::request::resources;
use crate::commands::kubectl::request::write::DryRun;
use crate::kinds;
use crate::values::object::{Object, ObjectKey, Value, json};
use std::rc::Rc;

pub fn nodes(invocation: &mut Invocation<'_, '_>) -> Result<Vec<Rc<Object>>, Failure> {
    let def = kinds::def("Node");
    let words = invocation.words();
    let selecting = invocation.args.given("selector");
    if words.is_empty() && !selecting {
        return Err(Failure::usage(format!("USAGE: {} NODE [flags]", invocation.verb.name)));
    }
    if selecting {
        if !words.is_empty() {
            return Err(Failure::usage("cannot specify both a node name and a --selector option"));
        }
        return invocation.listed(def, None);
    }
    let mut found = Vec::new();
    if words.iter().any(|word| word.contains('/')) {
        let targets = resources::parse(&words).map_err(|_| Failure::plain("you may only specify a single resource type"));
        for word in &words {
            resources::kind(word.split('/').next().unwrap_or(""))?;
        }
        targets?;
    }
    for word in &words {
        let name = word.strip_prefix("node/").or_else(|| word.strip_prefix("nodes/")).unwrap_or(word);
        found.push(invocation.cluster.api.get(&ObjectKey::new("Node", "", name))?.clone());
    }
    Ok(found)
}

/// Sets `spec.unschedulable` and says so.
pub fn set_cordon(invocation: &mut Invocation<'_, '_>, node: &Object, on: bool, dry_run: DryRun) -> Result<(), Failure> {
    let word = if on { "cordoned" } else { "uncordoned" };
    if node.bool(&["spec", "unschedulable"]) == on {
        return invocation.report(node, &format!("already {word}"), dry_run);
    }
    let patch = json!({"spec": {"unschedulable": if on { json!(true) } else { Value::Null }}});
    if dry_run != DryRun::Client {
        invocation.patch_object(&ObjectKey::new("Node", "", node.name()), PatchType::Merge, &patch, dry_run)?;
    }
    invocation.report(node, word, dry_run)
}
