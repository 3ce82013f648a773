//! The history of a workload: what `rollout history` shows and `rollout undo` goes back to. Models kubectl/pkg/polymorphichelpers/history.go.

use crate::commands::kubectl::invocation::Invocation;
use crate::control::rules::deployments;
use crate::values::object::{Object, Value, str_at};
use std::rc::Rc;

const REVISION: &str = "deployment.kubernetes.io/revision";

pub const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

pub const NO_CAUSE: &str = "<none>";

/// One entry of a workload's history.
pub struct Revision {
    pub number: i64,
    /// What `-o` prints of it: a replica set, or the workload as it was.
    pub object: Rc<Object>,
    pub cause: String,
    /// The pod template.
    pub template: Value,
    /// Annotations of the revision that a rollback brings back.
    pub annotations: Vec<(String, Value)>,
}

fn is_owned(object: &Object, owner: &Object) -> bool {
    object.controller().is_some_and(|reference| str_at(reference, &["uid"]) == owner.uid())
}

/// The history of a workload, oldest first.
pub fn revisions(invocation: &Invocation<'_, '_>, object: &Object) -> Vec<Revision> {
    let namespace = Some(object.namespace());
    let cause = |one: &Object| one.annotation(CHANGE_CAUSE).unwrap_or(NO_CAUSE).to_owned();
    let mut found: Vec<Revision> = if object.kind() == "Deployment" {
        let sets = invocation.cluster.api.list("ReplicaSet", namespace).filter(|set| is_owned(set, object));
        sets.map(|set| Revision {
            number: set.annotation(REVISION).and_then(|text| text.parse().ok()).unwrap_or(0),
            object: set.clone(),
            cause: cause(set),
            template: set.at(&["spec", "template"]).cloned().unwrap_or_default(),
            annotations: deployments::shared_annotations(set).map(|(key, value)| (key.to_owned(), value.clone())).collect(),
        })
        .collect()
    } else {
        let all = invocation.cluster.api.list("ControllerRevision", namespace).filter(|revision| is_owned(revision, object));
        all.map(|revision| Revision {
            number: revision.int(&["revision"]).unwrap_or(0),
            object: Rc::new(at_revision(object, revision)),
            cause: cause(revision),
            template: revision.at(&["data", "spec", "template"]).cloned().unwrap_or_default(),
            annotations: Vec::new(),
        })
        .collect()
    };
    found.sort_by_key(|revision| revision.number);
    found
}

/// A workload with the template of a revision.
fn at_revision(object: &Object, revision: &Object) -> Object {
    let mut then = object.clone();
    if let Some(template) = revision.at(&["data", "spec", "template"]) {
        let mut template = template.clone();
        if let Some(template) = template.as_object_mut() {
            template.remove("$patch");
        }
        then.set(&["spec", "template"], template);
    }
    then
}
