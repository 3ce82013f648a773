//! What a round trip through the Go type does to an object: nulls and empty optional fields go, quantities become canonical,
//! structs that are no pointers appear as `{}`.

use super::{Field, Shape, Type, field_texts, fields, parse_field, shape};
use crate::kinds::def::KindDef;
use crate::values::object::{Map, Value};
use crate::values::quantity;
use crate::values::value::Text;

/// Brings a decoded object into the form in which the server keeps and answers it.
pub fn normalize(def: &KindDef, object: &mut Value) {
    value(def.kind, object, false);
}

/// As `normalize`, but with the empty lists and maps that the request holds: a decoded object still has them, and
/// validation tells them from absent ones.
pub fn normalize_decoded(def: &KindDef, object: &mut Value) {
    value(def.kind, object, true);
}

/// Drops the fields that the kind does not have, as decoding does.
pub fn prune(def: &KindDef, object: &mut Value) {
    prune_value(def.kind, object);
}

fn prune_value(ty: Type, here: &mut Value) {
    match (shape(ty), here) {
        (Shape::Struct(name), Value::Object(map)) => {
            let known: Vec<Field> = fields(name).collect();
            map.retain(|key, _| known.iter().any(|field| field.name == key));
            for field in known {
                if let Some(entry) = map.get_mut(field.name) {
                    prune_value(field.ty, entry);
                }
            }
        }
        (Shape::List(item), Value::Array(items)) => items.iter_mut().for_each(|entry| prune_value(item, entry)),
        (Shape::Map(item), Value::Object(map)) => map.values_mut().for_each(|entry| prune_value(item, entry)),
        _ => {}
    }
}

fn value(ty: Type, here: &mut Value, keep_empty: bool) {
    match (shape(ty), &mut *here) {
        (Shape::Struct(name), Value::Object(map)) => strukt(name, map, keep_empty),
        (Shape::List(item), Value::Array(items)) => items.iter_mut().for_each(|entry| {
            if entry.is_null() {
                *entry = zero(item);
            }
            value(item, entry, keep_empty);
        }),
        (Shape::Map(item), Value::Object(map)) => {
            // No amount is no entry, where no text is an empty one.
            map.retain(|_, entry| !(entry.is_null() && matches!(shape(item), Shape::Quantity)));
            map.values_mut().for_each(|entry| {
                if entry.is_null() {
                    *entry = zero(item);
                }
                value(item, entry, keep_empty);
            });
        }
        // Bytes may come as a list of numbers; the empty one is the only one that anybody writes.
        (Shape::Bytes, Value::Array(items)) if items.is_empty() => *here = Value::from(""),
        (Shape::Quantity, Value::String(text)) => {
            if let Ok(canonical) = quantity::canonical(text.trim()) {
                *text = canonical.into();
            }
        }
        (Shape::Quantity, Value::Number(number)) => {
            if let Ok(canonical) = quantity::canonical(&number.to_string()) {
                *here = Value::from(canonical);
            }
        }
        (Shape::Int32 | Shape::Int64, Value::Number(number)) if number.is_f64() => {
            if let Some(whole) = number.as_f64().filter(|n| n.fract() == 0.0) {
                *here = Value::from(whole as i64);
            }
        }
        _ => {}
    }
}

fn zero(ty: Type) -> Value {
    match shape(ty) {
        Shape::Text | Shape::Bytes => Value::from(""),
        Shape::Quantity => Value::from("0"),
        Shape::Bool => Value::Bool(false),
        Shape::Int32 | Shape::Int64 => Value::from(0),
        Shape::Struct(_) if !ty.starts_with('*') => Value::Object(Map::new()),
        _ => Value::Null,
    }
}

fn strukt(name: &'static str, map: &mut Map, keep_empty: bool) {
    // Most fields are absent, which a look at the lengths of the names there are tells of most.
    let lengths = map.keys().fold(0_u64, |lengths, key| lengths | 1 << (key.len() % 64));
    for text in field_texts(name) {
        let (name, rest) = text.split_at(text.bytes().position(|byte| byte == b' ').unwrap_or(text.len()));
        if lengths & 1 << (name.len() % 64) != 0
            && let Some(entry) = map.get_mut(name)
        {
            let field = parse_field(text);
            value(field.ty, entry, keep_empty);
            let is_empty_list = matches!(entry, Value::Array(items) if items.is_empty()) || matches!(entry, Value::Object(map) if map.is_empty());
            if !is_left_out(&field, entry) || keep_empty && is_empty_list {
                continue;
            }
            map.remove(name);
        }
        // Of the absent ones a plain struct appears, which only a named type can be.
        if rest.as_bytes().get(1).is_some_and(u8::is_ascii_uppercase)
            && let Shape::Struct(ty) = shape(parse_field(text).ty)
        {
            let mut empty = Map::new();
            strukt(ty, &mut empty, keep_empty);
            map.insert(Text::from_static_str(name), Value::Object(empty));
        }
    }
}

/// Whether Go's `omitempty` leaves a value out: nulls always, zero values where the field is neither required nor a pointer.
fn is_left_out(field: &Field, entry: &Value) -> bool {
    if entry.is_null() || field.always {
        return entry.is_null();
    }
    match entry {
        Value::Array(items) if items.is_empty() => !field.required,
        Value::Object(map) if map.is_empty() => matches!(shape(field.ty), Shape::Map(_)) && !field.required,
        Value::String(text) if text.is_empty() => !field.required && !field.ty.starts_with('*') && shape(field.ty) != Shape::Any,
        Value::Bool(false) => !field.required && !field.ty.starts_with('*') && shape(field.ty) == Shape::Bool,
        Value::Number(number) if number.as_i64() == Some(0) => {
            !field.required && !field.ty.starts_with('*') && matches!(shape(field.ty), Shape::Int32 | Shape::Int64)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;
    use crate::values::object::json;

    #[test]
    fn objects_take_the_form_of_their_type() {
        let mut claim = json!({"metadata": {"name": "a", "labels": {}, "creationTimestamp": null}, "spec": {"resources": {"requests": {"storage": "1024Mi"}}, "volumeName": "", "storageClassName": ""}});
        normalize(kinds::def("PersistentVolumeClaim"), &mut claim);
        assert_eq!(
            claim,
            json!({"metadata": {"name": "a"}, "spec": {"resources": {"requests": {"storage": "1Gi"}}, "storageClassName": ""}, "status": {}})
        );
        let mut pod = json!({"spec": {"containers": [{"name": "a", "env": [{"name": "E", "value": ""}], "stdin": false}]}});
        normalize(kinds::def("Pod"), &mut pod);
        assert_eq!(pod, json!({"metadata": {}, "spec": {"containers": [{"name": "a", "env": [{"name": "E"}], "resources": {}}]}, "status": {}}));
    }
}
