//! What ConfigMaps and Secrets have in common.

use super::{Findings, Path, entries, names, same};
use crate::values::object::{Object, Value};

/// What all values of a ConfigMap or Secret may weigh, in bytes.
pub const MAX_DATA: usize = 1024 * 1024;

const SET_IMMUTABLE: &str = "field is immutable when `immutable` is set";

/// What is immutable stays so, with all its data.
pub fn frozen(findings: &mut Findings, object: &Value, old: Option<&Object>, fields: &[&'static str]) {
    let Some(old) = old.filter(|old| old.bool(&["immutable"])) else { return };
    if object["immutable"].as_bool() != Some(true) {
        findings.forbidden(&Path::root("immutable"), SET_IMMUTABLE);
    }
    for field in fields {
        if !same(&object[*field], &old.0[*field]) {
            findings.forbidden(&Path::root(field), SET_IMMUTABLE);
        }
    }
}

/// The keys of a map of data; returns what its values weigh, in characters.
pub fn keys(findings: &mut Findings, object: &Value, field: &'static str) -> usize {
    let at = Path::root(field);
    let mut size = 0;
    for (key, value) in entries(object, field) {
        findings.all_invalid(&at.key(key), key, names::config_key(key));
        size += value.as_str().map_or(0, str::len);
    }
    size
}
