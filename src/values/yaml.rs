//! Manifests: text -> documents with lines and diagnostics; tree -> text as kubectl prints it.
use super::object::Value;
use std::collections::BTreeMap;

/// A mistake in a text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Counted from 1.
    pub line: usize,
    /// What kubectl would print of it, without its `error: ` prefix.
    pub message: String,
}

/// One document of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub value: Value,
    /// The line of its first content, from 1.
    pub line: usize,
    /// The line of each field by its path, such as `spec.containers[0].name`.
    pub lines: BTreeMap<String, usize>,
}

/// Reads a YAML (or JSON) stream as kubectl does. Documents before a mistake are returned with it; empty ones are left out.
pub fn parse(_text: &str) -> (Vec<Document>, Vec<Diagnostic>) {
    (Vec::new(), Vec::new())
}

/// The text of a tree as `kubectl get -o yaml` prints it, with a newline at its end.
pub fn print(value: &Value) -> String {
    serde_yaml::to_string(value).unwrap_or_default()
}
