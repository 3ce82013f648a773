//! What several layers read from pods.

use crate::values::object::{Object, Value, str_at};

/// The lists of containers in a pod's spec, in the order in which their containers start. Models podutil.VisitContainers.
pub const CONTAINER_LISTS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// Those of them that a template may have, and whose images an update may change: an ephemeral container is added to a pod that is there.
pub const TEMPLATE_LISTS: [&str; 2] = [CONTAINER_LISTS[0], CONTAINER_LISTS[1]];

/// Every container of a pod.
pub fn containers(pod: &Object) -> impl Iterator<Item = &Value> {
    CONTAINER_LISTS.iter().flat_map(|list| pod.list(&["spec", list]))
}

/// Whether a phase is one that a pod does not leave. Models podutil.IsPodPhaseTerminal.
pub fn is_terminal_phase(phase: &str) -> bool {
    matches!(phase, "Failed" | "Succeeded")
}

/// Whether a pod has ended, well or badly. Models podutil.IsPodTerminal.
pub fn is_terminal(pod: &Object) -> bool {
    is_terminal_phase(pod.str(&["status", "phase"]))
}

/// A container's name in its spec.
pub fn name_of(spec: &Value) -> &str {
    str_at(spec, &["name"])
}
