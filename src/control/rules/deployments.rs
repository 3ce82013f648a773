//! Deployments: the annotations in which they and their ReplicaSets keep what a rollout needs. Models deployment_util.go.

use crate::values::object::{Object, Value};

pub const REVISION: &str = "deployment.kubernetes.io/revision";
pub const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
pub const MAXIMUM: &str = "deployment.kubernetes.io/max-replicas";

/// What stays a set's or a deployment's own when annotations are copied between them.
const OWN_ANNOTATIONS: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    "deployment.kubernetes.io/revision-history",
    DESIRED,
    MAXIMUM,
    "deprecated.deployment.rollback.to",
];

/// The annotations of one object that go over to another, such as `kubernetes.io/change-cause`.
pub fn shared_annotations(object: &Object) -> impl Iterator<Item = (&str, &Value)> {
    object.map(&["metadata", "annotations"]).into_iter().flatten().filter(|(key, _)| !OWN_ANNOTATIONS.contains(key))
}
