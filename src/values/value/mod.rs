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
mod tree;

pub use convert::ToValue;
pub use list::List;
pub use map::Map;
pub use number::Number;
pub use place::Place;
pub use tree::{Text, Value};

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
    fn equal_parts_of_siblings_become_one() {
        let (long, of) =
            ("a text that does not lie in its value", |name: &str| json!({"metadata": {"name": name}, "spec": {"list": [{"a": name}, {"b": [1]}]}}));
        let (mut one, mut other) = (of("one"), of("other"));
        (one["text"], other["text"]) = (json!(long), json!(long));
        other.share(&one);
        let place = |value: &Value, index: usize| {
            value["spec"]["list"][index].as_object().map(|map| std::ptr::from_ref(map.get("b").unwrap_or(&Value::Null)))
        };
        assert_eq!(place(&one, 1), place(&other, 1));
        assert_eq!(
            (one["text"].as_str().map(str::as_ptr), other["spec"]["list"][0]["a"].as_str()),
            (other["text"].as_str().map(str::as_ptr), Some("other"))
        );
        // What somebody else holds stays as it is.
        let held = of("one");
        let mut shared = held.clone();
        shared.share(&one);
        assert_ne!(place(&one, 1), place(&shared, 1));
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
