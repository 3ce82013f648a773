//! JSON as Go's encoder writes it.

use crate::values::jsonpath;
use crate::values::object::Value;

/// JSON with four blanks a level, as kubectl prints it.
pub fn pretty_json(value: &Value) -> String {
    indented_json(value, "    ")
}

/// JSON with so much before each level.
pub fn indented_json(value: &Value, indent: &str) -> String {
    use serde::Serialize;
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(indent.as_bytes());
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    // A tree of JSON values has no form that fails.
    let _ = value.serialize(&mut writer);
    String::from_utf8_lossy(&bytes).into_owned() + "\n"
}

/// A tree as Go's encoder writes it on one line.
pub fn go_json(value: &Value) -> String {
    let mut text = String::new();
    jsonpath::go_json(value, &mut text);
    text
}
