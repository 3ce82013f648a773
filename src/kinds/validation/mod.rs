//! Validation per kind: what the server finds wrong with a new or changed object, in its words and in its order.
//!
//! Models pkg/apis/*/validation and apimachinery's field package: a `Path` names the field, `Findings` collects.
//! What several kinds share is here, what one kind has of its own is in its file. Rare volume plugins that are not simulated are only
//! counted as volume types.

pub(super) mod affinity;
pub(super) mod claims;
mod container;
pub(super) mod data;
pub(super) mod jobs;
pub(super) mod metadata;
pub mod names;
pub(super) mod pod_spec;
pub(super) mod volumes;
pub(super) mod warnings;
pub(super) mod workloads;

use super::godiff;
use crate::values::object::{self, Object, Value};
use crate::values::quantity::Quantity;
use crate::values::status::FieldError;
use std::fmt;

/// Where a field is: `spec.containers[0].name`. Built on the way down, printed only where something is wrong.
#[derive(Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    last: PathElement<'a>,
}

/// The last part of a path.
#[derive(Clone, Copy)]
enum PathElement<'a> {
    Field(&'a str),
    Index(usize),
    Key(&'a str),
}

impl<'a> Path<'a> {
    pub const fn root(name: &'a str) -> Path<'a> {
        Path { parent: None, last: PathElement::Field(name) }
    }

    pub const fn child(&'a self, name: &'a str) -> Path<'a> {
        Path { parent: Some(self), last: PathElement::Field(name) }
    }

    pub const fn index(&'a self, index: usize) -> Path<'a> {
        Path { parent: Some(self), last: PathElement::Index(index) }
    }

    pub const fn key(&'a self, key: &'a str) -> Path<'a> {
        Path { parent: Some(self), last: PathElement::Key(key) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.last {
            PathElement::Field(name) if self.parent.is_some() => write!(f, ".{name}"),
            PathElement::Field(name) => f.write_str(name),
            PathElement::Index(index) => write!(f, "[{index}]"),
            PathElement::Key(key) => write!(f, "[{key}]"),
        }
    }
}

pub const METADATA: Path<'static> = Path::root("metadata");
pub const SPEC: Path<'static> = Path::root("spec");

/// What was found, in order.
#[derive(Default)]
pub struct Findings {
    pub list: Vec<FieldError>,
}

impl Findings {
    pub fn add(&mut self, at: &Path, text: String) {
        self.list.push(FieldError::new(at.to_string(), text));
    }

    pub fn required(&mut self, at: &Path, detail: &str) {
        self.add(at, with_detail("Required value".to_owned(), detail));
    }

    pub fn invalid(&mut self, at: &Path, value: &Value, detail: &str) {
        self.add(at, with_detail(format!("Invalid value: {value}"), detail));
    }

    pub fn invalid_selector(&mut self, at: &Path, selector: &Value, detail: &str) {
        self.add(at, with_detail(format!("Invalid value: {}", godiff::json("LabelSelector", selector)), detail));
    }

    pub fn invalid_text(&mut self, at: &Path, value: &str, detail: &str) {
        self.add(at, with_detail(format!("Invalid value: {value:?}"), detail));
    }

    pub fn all_invalid(&mut self, at: &Path, value: &str, details: Vec<String>) {
        for detail in details {
            self.invalid_text(at, value, &detail);
        }
    }

    pub fn unsupported(&mut self, at: &Path, value: &Value, supported: &[&str]) {
        self.list.push(FieldError::unsupported(at.to_string(), value, supported));
    }

    pub fn forbidden(&mut self, at: &Path, detail: &str) {
        self.list.push(FieldError::forbidden(at.to_string(), detail));
    }

    pub fn duplicate(&mut self, at: &Path, value: &Value) {
        self.list.push(FieldError::duplicate(at.to_string(), value));
    }

    pub fn not_found(&mut self, at: &Path, name: &str) {
        self.add(at, format!("Not found: {name:?}"));
    }

    pub fn too_long(&mut self, at: &Path, bytes: usize) {
        self.add(at, format!("Too long: may not be more than {bytes} bytes"));
    }

    pub fn nonnegative(&mut self, at: &Path, value: &Value) {
        if value.as_i64().is_some_and(|number| number < 0) {
            self.invalid(at, value, NOT_NEGATIVE);
        }
    }

    /// A value that must be one of several; `Required value` where it is empty.
    pub fn one_of(&mut self, at: &Path, value: &Value, supported: &[&str]) {
        match value.as_str().unwrap_or("") {
            "" => self.required(at, ""),
            text if supported.contains(&text) => {}
            _ => self.unsupported(at, value, supported),
        }
    }

    /// As `one_of`, for a field that may be absent.
    pub fn optional_one_of(&mut self, at: &Path, value: &Value, supported: &[&str]) {
        if value.as_str().is_some_and(|text| !supported.contains(&text)) {
            self.unsupported(at, value, supported);
        }
    }

    pub fn immutable(&mut self, at: &Path, new: &Value, old: &Value) {
        if !same(new, old) {
            self.invalid(at, new, IMMUTABLE);
        }
    }
}

pub const IMMUTABLE: &str = "field is immutable";
pub const NOT_NEGATIVE: &str = "must be greater than or equal to 0";
pub const NOT_POSITIVE: &str = "must be greater than zero";

pub fn with_detail(mut text: String, detail: &str) -> String {
    if !detail.is_empty() {
        text.push_str(": ");
        text.push_str(detail);
    }
    text
}

/// Go's `%v` of a list of names in a range error.
pub fn range_error(low: i64, high: i64) -> String {
    format!("must be between {low} and {high}, inclusive")
}

/// The names under which amounts of resources stand.
pub fn is_amount(key: &str) -> bool {
    matches!(key, "storage" | "cpu" | "memory" | "ephemeral-storage" | "sizeLimit")
}

/// `1Gi` and `1024Mi` are the same amount.
pub fn same_amount(a: &Value, b: &Value) -> bool {
    let amount = |value: &Value| value.as_str().and_then(|text| Quantity::parse(text).ok());
    amount(a).zip(amount(b)).is_some_and(|(a, b)| a.cmp(&b).is_eq())
}

/// Whether two values mean the same: absent, null and empty lists and maps do. Models apiequality.Semantic.DeepEqual.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let alike = |key: &str, a: &Value, b: &Value| same(a, b) || is_amount(key) && same_amount(a, b);
            x.iter().all(|(key, value)| alike(key, value, y.get(key).unwrap_or(&Value::Null)))
                && y.iter().all(|(key, value)| x.contains_key(key) || same(value, &Value::Null))
        }
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(a, b)| same(a, b)),
        (Value::Object(map), Value::Null) | (Value::Null, Value::Object(map)) => map.values().all(|value| same(value, &Value::Null)),
        (Value::Array(items), Value::Null) | (Value::Null, Value::Array(items)) => items.is_empty(),
        (a, b) => a == b,
    }
}

pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    object::field(value, field).and_then(Value::as_str).unwrap_or("")
}

pub fn is_true(value: &Value) -> bool {
    value.as_bool().unwrap_or(false)
}

pub fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    object::field(value, field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The entries of a map, sorted by key; none where it is no map.
pub fn entries<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
    value[field].as_object().into_iter().flatten()
}

pub fn length(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.len(),
        Value::Object(map) => map.len(),
        Value::String(text) => text.len(),
        _ => 0,
    }
}

pub fn quantity(value: &Value) -> Quantity {
    value.as_str().and_then(|text| Quantity::parse(text).ok()).unwrap_or_default()
}

/// A whole object's `spec`, null where it has none.
pub fn spec_of(object: &Object) -> &Value {
    &object.0["spec"]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;
    use crate::values::object::json;

    fn check(kind: &str, mut body: Value, expect: &[&str]) {
        let def = kinds::def(kind);
        body["kind"] = json!(kind);
        body["metadata"] = json!({"name": "x", "namespace": if def.namespaced { "default" } else { "" }});
        let mut object = Object(body);
        if !def.namespaced {
            object.remove(&["metadata", "namespace"]);
        }
        (def.defaults)(&mut object, None);
        let found: Vec<String> = (def.validate)(def, &object, None).iter().map(ToString::to_string).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn findings_are_the_servers_in_its_order() {
        check(
            "PersistentVolume",
            json!({"spec": {}}),
            &[
                "spec.accessModes: Required value",
                "spec.capacity: Required value",
                "spec.capacity: Unsupported value: null: supported values: \"storage\"",
                "spec: Required value: must specify a volume type",
            ],
        );
        check(
            "Pod",
            json!({"spec": {"containers": [{"name": "a", "image": "b", "volumeMounts": [{}]}]}}),
            &[
                "spec.containers[0].volumeMounts[0].name: Required value",
                "spec.containers[0].volumeMounts[0].name: Not found: \"\"",
                "spec.containers[0].volumeMounts[0].mountPath: Required value",
            ],
        );
        check(
            "Job",
            json!({"spec": {"template": {"spec": {}}}}),
            &[
                "spec.template.spec.containers: Required value",
                "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"",
            ],
        );
    }
}
