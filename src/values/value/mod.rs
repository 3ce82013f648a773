//! JSON trees whose copies share what they have in common.
//!
//! Lists and maps are counted and copied when somebody writes to one that others hold too: a clone of an object costs a count, a new
//! version of it the maps on the way to what changed. Short texts lie inside the value. A value has 16 bytes.

mod compare;
mod convert;
mod json;
mod list;
mod map;
mod number;
mod place;
mod serde;

pub use convert::ToValue;
pub use list::List;
pub use map::Map;
pub use number::Number;
pub use place::Place;

/// A text of a tree: short ones lie in it, longer ones are counted, and what stands in the code is only pointed to.
pub type Text = lean_string::LeanString;

/// A JSON value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Number(Number),
    String(Text),
    Array(List),
    Object(Map),
}

impl Value {
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    pub fn is_string(&self) -> bool {
        matches!(self, Value::String(_))
    }

    pub fn is_number(&self) -> bool {
        matches!(self, Value::Number(_))
    }

    pub fn is_boolean(&self) -> bool {
        matches!(self, Value::Bool(_))
    }

    pub fn is_array(&self) -> bool {
        matches!(self, Value::Array(_))
    }

    pub fn is_object(&self) -> bool {
        matches!(self, Value::Object(_))
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Value::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Value::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    pub fn is_i64(&self) -> bool {
        self.as_i64().is_some()
    }

    pub fn is_u64(&self) -> bool {
        self.as_u64().is_some()
    }

    pub fn is_f64(&self) -> bool {
        matches!(self, Value::Number(number) if number.is_f64())
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_array(&self) -> Option<&Vec<Value>> {
        match self {
            Value::Array(list) => Some(list),
            _ => None,
        }
    }

    /// The list to write to; a list that others hold too is copied for it.
    pub fn as_array_mut(&mut self) -> Option<&mut Vec<Value>> {
        match self {
            Value::Array(list) => Some(list),
            _ => None,
        }
    }

    pub fn as_object(&self) -> Option<&Map> {
        match self {
            Value::Object(map) => Some(map),
            _ => None,
        }
    }

    pub fn as_object_mut(&mut self) -> Option<&mut Map> {
        match self {
            Value::Object(map) => Some(map),
            _ => None,
        }
    }

    /// The value of a field or at a place of a list; `None` where there is none.
    pub fn get(&self, place: impl Place) -> Option<&Value> {
        place.of(self)
    }

    /// The same to write to.
    pub fn get_mut(&mut self, place: impl Place) -> Option<&mut Value> {
        place.of_mut(self)
    }

    /// Leaves null in its place.
    pub fn take(&mut self) -> Value {
        std::mem::take(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::object::json;

    #[test]
    fn a_value_is_small() {
        assert!(size_of::<Value>() <= 16 && size_of::<(Text, Value)>() <= 32);
    }

    #[test]
    fn a_new_version_shares_what_did_not_change() {
        let old = json!({"spec": {"containers": [{"name": "a"}]}, "status": {"phase": "Pending"}});
        let mut new = old.clone();
        new["status"]["phase"] = json!("Running");
        let containers = |value: &Value| value["spec"]["containers"].as_array().map(|list| list.as_ptr());
        assert_eq!(containers(&old), containers(&new));
        assert_eq!((old["status"]["phase"].as_str(), new["status"]["phase"].as_str()), (Some("Pending"), Some("Running")));
    }

    #[test]
    fn texts_are_those_of_json_with_names_in_order() {
        let text = r#"{"b":[1,-2,1.0,1e+30,18446744073709551615,true,null],"a":{"é":"x\n\"","":{}},"b":[0.1]}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        let theirs: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(value.to_string(), theirs.to_string());
        let numbers = "[1,-2,1.0,1e30,18446744073709551615,-0.0,9007199254740993,1e-7]";
        let value: Value = serde_json::from_str(numbers).unwrap();
        let theirs: serde_json::Value = serde_json::from_str(numbers).unwrap();
        assert_eq!(value.to_string(), theirs.to_string());
        assert_eq!(value.as_array().unwrap().iter().map(Value::is_f64).collect::<Vec<_>>(), [false, false, true, true, false, true, false, true]);
    }

    #[test]
    fn absent_fields_are_null_and_come_to_be_when_written() {
        let mut value = Value::Null;
        assert_eq!(value["a"]["b"], Value::Null);
        value["a"]["b"] = json!(1);
        value["a"]["c"] = json!([null, "x"]);
        assert_eq!(value, json!({"a": {"b": 1, "c": [null, "x"]}}));
        assert_eq!(value["a"]["c"][1], "x");
        assert_eq!(value["a"]["c"][7], Value::Null);
    }
}
