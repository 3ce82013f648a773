//! Services: which pods they select, and at which port.

use crate::values::object::{Object, Value};

/// Whether a Service's selector holds for a pod; a Service without one selects nothing.
pub fn selects(service: &Object, pod: &Object) -> bool {
    let Some(selector) = service.map(&["spec", "selector"]).filter(|selector| !selector.is_empty()) else { return false };
    selector.iter().all(|(label, value)| pod.label(label) == value.as_str())
}

/// The number behind a Service's targetPort in a pod.
pub fn target_port(port: &Value, pod: &Object) -> Option<i64> {
    match &port["targetPort"] {
        Value::Number(number) => number.as_i64(),
        Value::String(name) => {
            let containers = pod.list(&["spec", "containers"]).iter().flat_map(|container| container["ports"].as_array().into_iter().flatten());
            containers.filter(|found| found["name"] == name.as_str()).find_map(|found| found["containerPort"].as_i64())
        }
        _ => port["port"].as_i64(),
    }
}
