//! What apply remembers in an annotation of the object. Models kubectl/pkg/util/apply.go.

use crate::commands::cli::encoding::go_json;
use crate::values::object::{Object, Value, json};

/// Where apply keeps what it applied last.
pub const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The object as it is applied, without the annotation itself, on one line.
pub fn configuration(object: &Object) -> String {
    let mut bare = object.clone();
    bare.remove(&["metadata", "annotations", LAST_APPLIED]);
    if !bare.at(&["metadata", "annotations"]).is_some_and(Value::is_object) {
        bare.set(&["metadata", "annotations"], json!({}));
    }
    format!("{}\n", go_json(&bare.0))
}

/// The object with its annotation.
pub fn with_last_applied(object: &Object) -> Object {
    let mut annotated = object.clone();
    let text = configuration(object);
    if !annotated.at(&["metadata", "annotations"]).is_some_and(Value::is_object) {
        annotated.set(&["metadata", "annotations"], json!({}));
    }
    annotated.set_annotation(LAST_APPLIED, &text);
    annotated
}
