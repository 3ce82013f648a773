//! Templates: the pod of one, its hash, and shares of a number of replicas.

use crate::control::rules::owners::controller_reference;
use crate::values::hash::{FNV_START, fnv1a};
use crate::values::object::{Object, Value, json};

/// A tree's hash in names of ReplicaSets and revisions: a number of 32 bits, a safe letter for each of its digits. Models
/// pkg/util/hash and SafeEncodeString.
pub fn template_hash(tree: &Value, salt: i64) -> String {
    const DIGITS: &[u8; 10] = b"456789bcdf";
    let hash = fnv1a(FNV_START, format!("{tree}{salt}").as_bytes());
    let number = (hash >> 32) as u32 ^ hash as u32;
    number.to_string().bytes().map(|digit| char::from(DIGITS[usize::from(digit - b'0')])).collect()
}

/// A pod of a template, for an owner that generates names.
pub fn pod_from_template(owner: &Object) -> Object {
    let template = &owner.0["spec"]["template"];
    let mut pod = Object(
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": format!("{}-", owner.name()), "namespace": owner.namespace()}}),
    );
    for field in ["labels", "annotations", "finalizers"] {
        if let Some(value) = template["metadata"].get(field).filter(|value| !value.is_null()) {
            pod.set(&["metadata", field], value.clone());
        }
    }
    pod.set(&["metadata", "ownerReferences"], json!([controller_reference(owner)]));
    pod.set(&["spec"], template["spec"].clone());
    pod
}

/// A number or percentage of `total`; percentages are rounded up or down.
pub fn share(value: Option<&Value>, total: i64, up: bool) -> i64 {
    match value {
        Some(Value::Number(number)) => number.as_i64().unwrap_or(0),
        Some(Value::String(text)) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(0);
            if up { (total * percent + 99) / 100 } else { total * percent / 100 }
        }
        _ => 0,
    }
}
