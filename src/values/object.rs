//! An object is its JSON tree; kinds are typed views over it.
//!
//! Maps are sorted by key, which is the order in which kubectl prints YAML and JSON.

use super::clock::Instant;
use super::value::Text;
pub use super::value::{Map, Value};
pub use crate::json;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A Kubernetes object: its whole JSON tree.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Object(pub Value);

/// What an object is called in the store. `namespace` is empty for cluster-scoped kinds.
/// Ordered by kind, namespace, name: the order of lists.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct ObjectKey {
    /// The Kind in full, such as `PersistentVolumeClaim`; unique among the kinds we have.
    pub kind: &'static str,
    pub namespace: Text,
    pub name: Text,
}

impl Ord for ObjectKey {
    fn cmp(&self, other: &ObjectKey) -> Ordering {
        // Most comparisons are within a kind, whose name is at one place.
        let kinds = if std::ptr::eq(self.kind, other.kind) { Ordering::Equal } else { self.kind.cmp(other.kind) };
        kinds.then_with(|| self.namespace.as_str().cmp(&other.namespace)).then_with(|| self.name.as_str().cmp(&other.name))
    }
}

impl PartialOrd for ObjectKey {
    fn partial_cmp(&self, other: &ObjectKey) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl ObjectKey {
    pub fn new(kind: &'static str, namespace: &str, name: &str) -> ObjectKey {
        ObjectKey { kind, namespace: namespace.into(), name: name.into() }
    }

    /// `namespace/name`, or `name` where there is no namespace; events and logs name objects so.
    pub fn slashed(&self) -> String {
        if self.namespace.is_empty() { self.name.to_string() } else { format!("{}/{}", self.namespace, self.name) }
    }
}

/// The value of a field; `None` where it is absent or the value no map.
pub fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    value.as_object()?.get(name)
}

/// The value at a path of plain field names.
pub fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, name| field(value, name)).filter(|value| !value.is_null())
}

/// The string at a path, empty where it is absent or no string.
pub fn str_at<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    at(value, path).and_then(Value::as_str).unwrap_or("")
}

/// Sets the value at a path, making maps on the way; whatever stood in the way and was no map is replaced.
pub fn set_at(value: &mut Value, path: &[&str], new: Value) {
    let Some((last, parents)) = path.split_last() else { return };
    // What is so already is no reason to copy what others hold too.
    if path.iter().try_fold(&*value, |value, name| field(value, name)) == Some(&new) {
        return;
    }
    let mut here = value;
    for field in parents {
        here = map_of(here).entry(*field).or_insert(Value::Null);
    }
    map_of(here).insert(*last, new);
}

/// Removes the value at a path and returns it.
pub fn remove_at(value: &mut Value, path: &[&str]) -> Option<Value> {
    let (last, parents) = path.split_last()?;
    let mut here = value;
    for field in parents {
        here = here.get_mut(field)?;
    }
    here.as_object_mut()?.remove(last)
}

fn map_of(value: &mut Value) -> &mut Map {
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable!("made a map above"),
    }
}

impl Object {
    /// A bare object of a kind with a name.
    pub fn new(api_version: &str, kind: &str, namespace: &str, name: &str) -> Object {
        let mut object = Object(json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}}));
        if !namespace.is_empty() {
            object.set(&["metadata", "namespace"], json!(namespace));
        }
        object
    }

    pub fn at(&self, path: &[&str]) -> Option<&Value> {
        at(&self.0, path)
    }

    pub fn str(&self, path: &[&str]) -> &str {
        str_at(&self.0, path)
    }

    pub fn int(&self, path: &[&str]) -> Option<i64> {
        self.at(path).and_then(Value::as_i64)
    }

    pub fn bool(&self, path: &[&str]) -> bool {
        self.at(path).and_then(Value::as_bool).unwrap_or(false)
    }

    /// The list at a path, empty where it is absent or no list.
    pub fn list(&self, path: &[&str]) -> &[Value] {
        self.at(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    pub fn map(&self, path: &[&str]) -> Option<&Map> {
        self.at(path).and_then(Value::as_object)
    }

    pub fn set(&mut self, path: &[&str], new: Value) {
        set_at(&mut self.0, path, new);
    }

    pub fn remove(&mut self, path: &[&str]) -> Option<Value> {
        remove_at(&mut self.0, path)
    }

    pub fn kind(&self) -> &str {
        self.str(&["kind"])
    }

    pub fn api_version(&self) -> &str {
        self.str(&["apiVersion"])
    }

    pub fn name(&self) -> &str {
        self.str(&["metadata", "name"])
    }

    pub fn namespace(&self) -> &str {
        self.str(&["metadata", "namespace"])
    }

    pub fn uid(&self) -> &str {
        self.str(&["metadata", "uid"])
    }

    pub fn resource_version(&self) -> u64 {
        self.str(&["metadata", "resourceVersion"]).parse().unwrap_or(0)
    }

    pub fn generation(&self) -> i64 {
        self.int(&["metadata", "generation"]).unwrap_or(0)
    }

    pub fn created(&self) -> Option<Instant> {
        Instant::parse(self.str(&["metadata", "creationTimestamp"]))
    }

    pub fn deletion_timestamp(&self) -> Option<Instant> {
        Instant::parse(self.str(&["metadata", "deletionTimestamp"]))
    }

    pub fn is_terminating(&self) -> bool {
        !self.str(&["metadata", "deletionTimestamp"]).is_empty()
    }

    pub fn label(&self, key: &str) -> Option<&str> {
        self.at(&["metadata", "labels", key]).and_then(Value::as_str)
    }

    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.at(&["metadata", "annotations", key]).and_then(Value::as_str)
    }

    pub fn set_annotation(&mut self, key: &str, value: &str) {
        self.set(&["metadata", "annotations", key], json!(value));
    }

    /// Removes an annotation, and the map with it when it was the last.
    pub fn remove_annotation(&mut self, key: &str) {
        self.remove(&["metadata", "annotations", key]);
        if self.map(&["metadata", "annotations"]).is_some_and(Map::is_empty) {
            self.remove(&["metadata", "annotations"]);
        }
    }

    pub fn finalizers(&self) -> impl Iterator<Item = &str> {
        self.list(&["metadata", "finalizers"]).iter().filter_map(Value::as_str)
    }

    pub fn has_finalizer(&self, name: &str) -> bool {
        self.finalizers().any(|finalizer| finalizer == name)
    }

    pub fn add_finalizer(&mut self, name: &str) {
        if !self.has_finalizer(name) {
            let mut all = self.list(&["metadata", "finalizers"]).to_vec();
            all.push(json!(name));
            self.set(&["metadata", "finalizers"], Value::from(all));
        }
    }

    pub fn remove_finalizer(&mut self, name: &str) {
        let rest: Vec<Value> = self.finalizers().filter(|finalizer| *finalizer != name).map(|f| json!(f)).collect();
        if rest.is_empty() {
            self.remove(&["metadata", "finalizers"]);
        } else {
            self.set(&["metadata", "finalizers"], Value::from(rest));
        }
    }

    pub fn owner_references(&self) -> &[Value] {
        self.list(&["metadata", "ownerReferences"])
    }

    /// The owner reference with `controller: true`.
    pub fn controller(&self) -> Option<&Value> {
        self.owner_references().iter().find(|owner| at(owner, &["controller"]) == Some(&Value::Bool(true)))
    }
}
