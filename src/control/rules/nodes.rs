//! Nodes: which pods they bear, what a healthy one reports, and where one is reached.

use crate::apiserver::ApiServer;
use crate::values::clock::Instant;
use crate::values::object::{Object, ObjectKey, Value, json};

/// Whether a pod bears a taint.
pub fn tolerates(pod: &Object, taint: &Value) -> bool {
    pod.list(&["spec", "tolerations"]).iter().any(|toleration| toleration_matches(toleration, taint))
}

/// Whether a toleration is about a taint. Models Toleration.ToleratesTaint.
pub fn toleration_matches(toleration: &Value, taint: &Value) -> bool {
    let effect = toleration["effect"].as_str().unwrap_or("");
    let key = toleration["key"].as_str().unwrap_or("");
    let value = |object: &Value| object["value"].as_str().unwrap_or("").to_owned();
    (effect.is_empty() || taint["effect"] == effect)
        && (key.is_empty() && toleration["operator"] == "Exists" || taint["key"] == key)
        && (toleration["operator"] == "Exists" || value(toleration) == value(taint))
}

/// Whether a node has what a pod's nodeSelector and required node affinity ask for.
pub fn node_affinity_matches(pod: &Object, node: &Object) -> bool {
    let selected =
        pod.map(&["spec", "nodeSelector"]).is_none_or(|selector| selector.iter().all(|(label, value)| node.label(label) == value.as_str()));
    let required = pod.at(&["spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]);
    selected && required.is_none_or(|required| node_selector_matches(required, node))
}

/// Whether a node satisfies one of a node selector's terms. Models component-helpers/scheduling/corev1/nodeaffinity.
pub fn node_selector_matches(selector: &Value, node: &Object) -> bool {
    let label_holds = |expression: &Value| {
        crate::values::selector::Requirement::from_object(expression)
            .is_ok_and(|requirement| requirement.matches_value(node.label(expression["key"].as_str().unwrap_or(""))))
    };
    let field_holds = |expression: &Value| {
        let named = expression["values"].as_array().is_some_and(|values| values.iter().any(|value| value == node.name()));
        named == (expression["operator"] != "NotIn")
    };
    selector["nodeSelectorTerms"].as_array().into_iter().flatten().any(|term| {
        let labels = term["matchExpressions"].as_array();
        let fields = term["matchFields"].as_array();
        let any = labels.is_some_and(|list| !list.is_empty()) || fields.is_some_and(|list| !list.is_empty());
        any && labels.into_iter().flatten().all(label_holds) && fields.into_iter().flatten().all(field_holds)
    })
}

/// What a healthy node's kubelet reports: type, status, reason, message.
pub const HEALTHY: [(&str, &str, &str, &str); 4] = [
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
];

/// The conditions of a healthy node at an instant.
pub fn healthy_conditions(now: Instant) -> Value {
    let now = now.rfc3339();
    let row = |(kind, status, reason, message): (&str, &str, &str, &str)| json!({"type": kind, "status": status, "reason": reason, "message": message, "lastHeartbeatTime": now, "lastTransitionTime": now});
    Value::from(HEALTHY.map(row).to_vec())
}

/// The address of a node among the others; empty where it is not there.
pub fn host_address(api: &ApiServer, node: &str) -> String {
    let node = api.store().get(&ObjectKey::new("Node", "", node));
    let addresses = node.map_or(&[][..], |node| node.list(&["status", "addresses"]));
    addresses.iter().find(|address| address["type"] == "InternalIP").and_then(|address| address["address"].as_str()).unwrap_or("").to_owned()
}
