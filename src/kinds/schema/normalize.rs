//! What a round trip through the Go type does to an object: nulls and empty optional fields go, quantities become canonical,
//! structs that are no pointers appear as `{}`.

use super::types::{Field, Shape, Type, field_texts, fields, parse_field, shape};
use crate::kinds::def::KindDef;
use crate::values::object::{Map, Value};
use crate::values::quantity;
use crate::values::value::Text;

/// Brings a decoded object into the form in which the server keeps and answers it.
pub fn normalize(def: &KindDef, object: &mut Value) {
    put(object, value(def.kind, object, false));
}

/// As `normalize`, but with the empty lists and maps that the request holds: a decoded object still has them, and
/// validation tells them from absent ones.
pub fn normalize_decoded(def: &KindDef, object: &mut Value) {
    put(object, value(def.kind, object, true));
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

fn put(here: &mut Value, other: Option<Value>) {
    if let Some(other) = other {
        *here = other;
    }
}

/// The form that a value takes; `None` where it has it, so that it stays shared with whatever else holds it.
fn value(ty: Type, here: &Value, keep_empty: bool) -> Option<Value> {
    match (shape(ty), here) {
        (Shape::Struct(name), Value::Object(map)) => {
            let mut map = map.clone();
            strukt(name, &mut map, keep_empty).then_some(Value::Object(map))
        }
        (Shape::List(item), Value::Array(items)) => {
            let mut changed = items.clone();
            for (place, entry) in items.iter().enumerate() {
                if let Some(other) = entry_of(item, entry, keep_empty) {
                    changed[place] = other;
                }
            }
            (!changed.is_shared_with(items)).then_some(Value::Array(changed))
        }
        (Shape::Map(item), Value::Object(map)) => {
            let mut changed = map.clone();
            for (name, entry) in map {
                // No amount is no entry, where no text is an empty one.
                if entry.is_null() && matches!(shape(item), Shape::Quantity) {
                    changed.remove(name);
                } else if let Some(other) = entry_of(item, entry, keep_empty) {
                    changed.insert(name, other);
                }
            }
            (!changed.is_shared_with(map)).then_some(Value::Object(changed))
        }
        // Bytes may come as a list of numbers; the empty one is the only one that anybody writes.
        (Shape::Bytes, Value::Array(items)) if items.is_empty() => Some(Value::from("")),
        (Shape::Quantity, Value::String(text)) => quantity::canonical(text.trim()).ok().filter(|canonical| *canonical != *text).map(Value::from),
        (Shape::Quantity, Value::Number(number)) => quantity::canonical(&number.to_string()).ok().map(Value::from),
        (Shape::Int32 | Shape::Int64, Value::Number(number)) if number.is_f64() => {
            number.as_f64().filter(|n| n.fract() == 0.0).map(|whole| Value::from(whole as i64))
        }
        _ => None,
    }
}

/// The form that an entry of a list or map takes.
fn entry_of(ty: Type, entry: &Value, keep_empty: bool) -> Option<Value> {
    if !entry.is_null() {
        return value(ty, entry, keep_empty);
    }
    let zero = zero(ty);
    value(ty, &zero, keep_empty).or(Some(zero)).filter(|other| !other.is_null())
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

/// Gives a struct the form that it takes. False: it had it.
fn strukt(name: &'static str, map: &mut Map, keep_empty: bool) -> bool {
    // Most fields are absent, which a look at the lengths of the names there are tells of most.
    let lengths = map.keys().fold(0_u64, |lengths, key| lengths | 1 << (key.len() % 64));
    let mut changed = false;
    for text in field_texts(name) {
        let (name, rest) = text.split_at(text.bytes().position(|byte| byte == b' ').unwrap_or(text.len()));
        if lengths & 1 << (name.len() % 64) != 0
            && let Some(entry) = map.get(name)
        {
            let field = parse_field(text);
            let other = value(field.ty, entry, keep_empty);
            let entry = other.as_ref().unwrap_or(entry);
            let is_empty_list = matches!(entry, Value::Array(items) if items.is_empty()) || matches!(entry, Value::Object(map) if map.is_empty());
            if !is_left_out(&field, entry) || keep_empty && is_empty_list {
                if let Some(other) = other {
                    map.insert(name, other);
                    changed = true;
                }
                changed |= map.point_to(name);
                continue;
            }
            map.remove(name);
            changed = true;
        }
        // Of the absent ones a plain struct appears, which only a named type can be.
        if rest.as_bytes().get(1).is_some_and(u8::is_ascii_uppercase)
            && let Shape::Struct(ty) = shape(parse_field(text).ty)
        {
            let mut empty = Map::new();
            strukt(ty, &mut empty, keep_empty);
            map.insert(Text::from_static_str(name), Value::Object(empty));
            changed = true;
        }
    }
    changed
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
