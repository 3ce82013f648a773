//! The workloads that a rollout verb is about. Models kubectl/pkg/polymorphichelpers.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::Invocation;
use crate::commands::kubectl::request::manifests;
use crate::kinds;
use crate::values::object::Object;
use std::rc::Rc;

pub const ROLLS: [&str; 3] = ["DaemonSet", "Deployment", "StatefulSet"];

/// The objects named, each of a kind that rolls out.
pub fn chosen(invocation: &mut Invocation<'_, '_>) -> Result<(Vec<Rc<Object>>, Vec<Failure>), Failure> {
    let words = invocation.words();
    if words.is_empty() && !manifests::given(invocation) {
        return Err(Failure::plain("required resource not specified"));
    }
    if words.len() != 1 || words[0].contains('/') || manifests::given(invocation) {
        return invocation.existing(&words);
    }
    // A kind alone is all its objects.
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for one in invocation.chosen(&words)? {
        match one {
            Ok(object) => found.push(object),
            Err(status) => failures.push(status.into()),
        }
    }
    Ok((found, failures))
}

/// `ReplicaSet.apps`
pub fn kind_text(object: &Object) -> String {
    let def = kinds::def(object.kind());
    if def.group.is_empty() { def.kind.to_owned() } else { format!("{}.{}", def.kind, def.group) }
}

pub fn resource_text(object: &Object) -> String {
    format!("{} {:?}", kinds::def(object.kind()).resource(), object.name())
}
