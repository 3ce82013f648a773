//! Merge patch (RFC 7386), JSON patch (RFC 6902), strategic merge patch, and the three-way patch of kubectl apply.
//! Models apimachinery/pkg/util/strategicpatch and jsonmergepatch.

mod diff;
mod json_patch;
mod strategic;

use super::object::{Map, Value};

pub use diff::{three_way, two_way};
pub use json_patch::json;
pub use strategic::{leftover, strategic};

/// How a kind's fields merge: a type and the look-up of its fields, lent by `kinds::schema`.
#[derive(Clone, Copy)]
pub struct Rules {
    pub ty: &'static str,
    pub lookup: fn(&'static str, &str) -> Option<Rule>,
}

/// How one field merges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rule {
    pub ty: &'static str,
    /// The key by which entries of a list are the same; empty where they are plain values or the list is replaced.
    pub merge_key: &'static str,
    /// `merge`, `retainKeys`, `merge,retainKeys`, `replace`; empty where none.
    pub strategy: &'static str,
}

const PATCH: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const SET_ORDER: &str = "$setElementOrder/";
const DELETE_PRIMITIVE: &str = "$deleteFromPrimitiveList/";

impl Rules {
    /// The rule of a field, and the rules below it.
    fn of(self, field: &str) -> (Rule, Rules) {
        let rule = (self.lookup)(self.ty, field).unwrap_or_default();
        (rule, Rules { ty: rule.ty, lookup: self.lookup })
    }
}

impl Rule {
    fn merges(self) -> bool {
        self.strategy.starts_with("merge")
    }

    fn retains_keys(self) -> bool {
        self.strategy.contains("retainKeys")
    }
}

/// RFC 7386: null deletes, maps merge, everything else replaces.
pub fn merge(target: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut merged = target.as_object().cloned().unwrap_or_default();
    for (key, value) in patch {
        if value.is_null() {
            merged.remove(key);
        } else {
            let below = merged.get(key).unwrap_or(&Value::Null);
            let value = merge(below, value);
            merged.insert(key, value);
        }
    }
    Value::Object(merged)
}

/// The merge key's value of a list's entry.
fn key_of<'a>(entry: &'a Value, merge_key: &str) -> Result<&'a Value, String> {
    entry.get(merge_key).ok_or_else(|| format!("map: {} does not contain declared merge key: {merge_key}", go_text(entry)))
}

fn position(list: &[Value], entry: &Value, merge_key: &str) -> Option<usize> {
    if entry.is_object() {
        let key = entry.get(merge_key)?;
        list.iter().position(|other| other.get(merge_key) == Some(key))
    } else {
        list.iter().position(|other| other == entry)
    }
}

fn is_deletion(entry: &Value) -> bool {
    entry.get(PATCH).and_then(Value::as_str) == Some("delete")
}

/// Brings entries into the order of another list, those to be deleted last.
fn in_order(entries: Vec<Value>, order: &[Value], merge_key: &str) -> Vec<Value> {
    let (deleted, mut kept): (Vec<Value>, Vec<Value>) = entries.into_iter().partition(is_deletion);
    kept.sort_by_key(|entry| position(order, entry, merge_key).unwrap_or(0));
    kept.extend(deleted);
    kept
}

/// A tree as Go's `%v` prints it: `map[a:1 b:[x y]]`.
pub fn go_text(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.to_string(),
        Value::Array(items) => format!("[{}]", items.iter().map(go_text).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => format!("map[{}]", map.iter().map(|(key, value)| format!("{key}:{}", go_text(value))).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    }
}

fn take_map(value: Value) -> Map {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
