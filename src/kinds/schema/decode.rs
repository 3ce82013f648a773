//! JSON tree -> Go type, for its mistakes only. Models sigs.k8s.io/json (strict) and, for patched objects,
//! apimachinery/pkg/runtime DefaultUnstructuredConverter, whose texts differ.

use super::types::{Shape, Type, fields, go_type, shape};
use crate::kinds::def::KindDef;
use crate::values::object::{Map, Value};
use crate::values::quantity::{self, ERR_FORMAT};
use crate::values::status::Status;

/// As upstream, no more unknown fields than these are listed.
const MAX_UNKNOWN: usize = 100;

/// The fields of an object that its type does not have, as `unknown field "spec.x"`.
/// # Errors
/// The first value of a wrong type, as Go's decoder tells it.
pub fn decode(def: &KindDef, value: &Value) -> Result<Vec<String>, String> {
    decode_placed(def, value).map_err(|(_, text)| text)
}

/// As `decode`.
/// # Errors
/// As `decode`, behind the path of the value, such as `spec.containers[0].name`.
pub fn decode_placed(def: &KindDef, value: &Value) -> Result<Vec<String>, (String, String)> {
    let mut decoder = Decoder::default();
    match decoder.value(def.kind, value, "").err().or(decoder.mismatch) {
        Some(text) => Err((decoder.place, text)),
        None => Ok(decoder.unknown),
    }
}

/// What kubectl itself checks of a manifest before it asks the server: that `metadata` can be read.
/// # Errors
/// `json: cannot unmarshal …`.
pub fn decode_metadata(value: &Value) -> Result<(), String> {
    let mut decoder = Decoder::default();
    for (name, ty) in [("apiVersion", "s"), ("kind", "s"), ("metadata", "ObjectMeta")] {
        if let Some(value) = value.get(name) {
            decoder.enter(name);
            decoder.value(ty, value, "metadataOnlyObject")?;
            decoder.leave();
        }
    }
    decoder.mismatch.map_or(Ok(()), Err)
}

/// The server's answer to an object that does not decode.
/// # Errors
/// BadRequest.
pub fn check(def: &KindDef, value: &Value) -> Result<(), Status> {
    let problem = match decode(def, value) {
        Ok(unknown) if unknown.is_empty() => return Ok(()),
        Ok(unknown) => format!("strict decoding error: {}", unknown.join(", ")),
        Err(text) => text,
    };
    Err(Status::bad_request(format!("{0} in version {1:?} cannot be handled as a {0}: {problem}", def.kind, def.version)))
}

/// As `decode`, for an object that a patch was applied to.
/// # Errors
/// The first value of a wrong type, as the unstructured converter tells it.
pub fn decode_patched(def: &KindDef, value: &Value) -> Result<Vec<String>, String> {
    let mut unknown = Vec::new();
    convert(def.kind, value, "", &mut unknown)?;
    Ok(unknown)
}

/// What is wrong with a patched object: a type error, or `strict decoding error: …`.
/// # Errors
/// The text behind `patch: Invalid value: "…": `.
pub fn check_patched(def: &KindDef, value: &Value) -> Result<(), String> {
    let unknown = decode_patched(def, value)?;
    if unknown.is_empty() { Ok(()) } else { Err(format!("strict decoding error: {}", unknown.join(", "))) }
}

#[derive(Default)]
struct Decoder {
    /// Go's field stack: names only, as errors give it.
    stack: Vec<String>,
    /// The strict path, with indexes.
    path: String,
    lengths: Vec<usize>,
    unknown: Vec<String>,
    mismatch: Option<String>,
    /// The strict path of what is told.
    place: String,
}

/// How Go names the JSON value that it met.
fn met(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A type as Go's reflection prints it.
fn go_name(ty: Type) -> String {
    if let Some(item) = ty.strip_prefix("[]") {
        return format!("[]{}", go_name(item));
    }
    if let Some(item) = ty.strip_prefix("{}") {
        return format!("map[string]{}", go_name(item));
    }
    if let Some(item) = ty.strip_prefix('*') {
        return format!("*{}", go_name(item));
    }
    match ty {
        "s" => "string".to_owned(),
        "b" => "bool".to_owned(),
        "i32" => "int32".to_owned(),
        "i64" => "int64".to_owned(),
        "f64" => "float64".to_owned(),
        "y" => "[]uint8".to_owned(),
        "uint8" => "uint8".to_owned(),
        "Quantity" => "resource.Quantity".to_owned(),
        "IntOrString" => "intstr.IntOrString".to_owned(),
        "Any" => "runtime.RawExtension".to_owned(),
        "UID" => "types.UID".to_owned(),
        name => format!("v1.{}", go_type(name)),
    }
}

impl Decoder {
    fn enter(&mut self, name: &str) {
        self.lengths.push(self.path.len());
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(name);
        self.stack.push(name.to_owned());
    }

    fn leave(&mut self) {
        self.stack.pop();
        self.path.truncate(self.lengths.pop().unwrap_or(0));
    }

    /// Only the first is told.
    fn mismatch(&mut self, value: &str, ty: Type, strukt: &str) {
        if self.mismatch.is_none() {
            let ty = go_name(ty.trim_start_matches('*'));
            self.tell(if strukt.is_empty() && self.stack.is_empty() {
                format!("json: cannot unmarshal {value} into Go value of type {ty}")
            } else {
                format!("json: cannot unmarshal {value} into Go struct field {}.{} of type {ty}", go_type(strukt), self.stack.join("."))
            });
        }
    }

    fn tell(&mut self, text: String) {
        if self.mismatch.is_none() {
            self.mismatch = Some(text);
            self.place.clone_from(&self.path);
        }
    }

    /// What a type's own reader says, which ends the decoding here.
    fn read(&mut self, result: Result<(), String>) -> Result<(), String> {
        if result.is_err() {
            self.place.clone_from(&self.path);
        }
        result
    }

    /// An `Err` is a type's own reader giving up, which ends the decoding at once.
    fn value(&mut self, ty: Type, value: &Value, strukt: &str) -> Result<(), String> {
        if value.is_null() {
            return Ok(());
        }
        match (shape(ty), value) {
            (Shape::Any, _) | (Shape::Text, Value::String(_)) | (Shape::Bool, Value::Bool(_)) | (Shape::Float, Value::Number(_)) => {}
            (Shape::Int32, Value::Number(number)) => {
                if number.as_i64().is_none_or(|n| i32::try_from(n).is_err()) {
                    self.mismatch(&format!("number {number}"), ty, strukt);
                }
            }
            (Shape::Int64, Value::Number(number)) => {
                if number.as_i64().is_none() {
                    self.mismatch(&format!("number {number}"), ty, strukt);
                }
            }
            (Shape::Bytes, Value::String(text)) => {
                if let Err(at) = base64_length(text) {
                    self.tell(format!("illegal base64 data at input byte {at}"));
                }
            }
            (Shape::Bytes, Value::Array(items)) => {
                for entry in items {
                    match entry {
                        Value::Null => {}
                        Value::Number(number) if number.as_u64().is_some_and(|n| n < 256) => {}
                        Value::Number(number) => self.mismatch(&format!("number {number}"), "uint8", strukt),
                        other => self.mismatch(met(other), "uint8", strukt),
                    }
                }
            }
            (Shape::List(item), Value::Array(items)) => {
                for (index, entry) in items.iter().enumerate() {
                    let length = self.path.len();
                    self.path.push_str(&format!("[{index}]"));
                    let result = self.value(item, entry, strukt);
                    self.path.truncate(length);
                    result?;
                }
            }
            (Shape::Map(item), Value::Object(map)) => {
                for (key, entry) in map {
                    let length = self.path.len();
                    self.path.push('.');
                    self.path.push_str(key);
                    let result = self.value(item, entry, strukt);
                    self.path.truncate(length);
                    result?;
                }
            }
            (Shape::Struct(name), Value::Object(map)) => self.strukt(name, map)?,
            (Shape::Quantity, _) => self.read(quantity_problem(value))?,
            (Shape::Time | Shape::MicroTime, _) => self.read(time_problem(value, shape(ty) == Shape::MicroTime))?,
            (Shape::IntOrString, _) => {
                // The decoder adds where it was to what the type itself says.
                let place = || format!("Go struct field {}.{} of", go_type(strukt), self.stack.join("."));
                let result = int_or_string_problem(value).map_err(|message| message.replace("Go value of", &place()));
                self.read(result)?;
            }
            _ => self.mismatch(met(value), ty, strukt),
        }
        Ok(())
    }

    fn strukt(&mut self, name: &'static str, map: &Map) -> Result<(), String> {
        for (key, entry) in map {
            self.enter(key);
            let result = match fields(name).find(|field| field.name == key) {
                Some(field) => self.value(field.ty, entry, name),
                None => {
                    if self.unknown.len() < MAX_UNKNOWN {
                        self.unknown.push(format!("unknown field {:?}", self.path));
                    }
                    Ok(())
                }
            };
            self.leave();
            result?;
        }
        Ok(())
    }
}

fn quantity_problem(value: &Value) -> Result<(), String> {
    match value {
        Value::String(text) => quantity::Quantity::parse(text.trim()).map(|_| ()),
        Value::Number(number) => quantity::Quantity::parse(&number.to_string()).map(|_| ()),
        _ => Err(ERR_FORMAT.to_owned()),
    }
}

fn time_problem(value: &Value, micro: bool) -> Result<(), String> {
    let Value::String(text) = value else {
        return Err(format!("json: cannot unmarshal {} into Go value of type string", met(value)));
    };
    let layout = if micro { "2006-01-02T15:04:05.000000Z07:00" } else { "2006-01-02T15:04:05Z07:00" };
    let bytes = text.as_bytes();
    // Where the text leaves the layout; Go names the part of the layout that it could not read there.
    const PARTS: [(usize, usize, &str); 11] = [
        (0, 4, "2006"),
        (4, 1, "-"),
        (5, 2, "01"),
        (7, 1, "-"),
        (8, 2, "02"),
        (10, 1, "T"),
        (11, 2, "15"),
        (13, 1, ":"),
        (14, 2, "04"),
        (16, 1, ":"),
        (17, 2, "05"),
    ];
    for (at, length, part) in PARTS {
        let fits =
            bytes.get(at..at + length).is_some_and(|found| if length == 1 { found == part.as_bytes() } else { found.iter().all(u8::is_ascii_digit) });
        if !fits {
            let rest = text.get(at.min(text.len())..).unwrap_or("");
            return Err(format!("parsing time {text:?} as {layout:?}: cannot parse {rest:?} as {part:?}"));
        }
    }
    let rest = text[19..].trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let zone = rest == "Z" || rest.len() == 6 && rest.starts_with(['+', '-']) && rest.as_bytes()[3] == b':';
    if zone { Ok(()) } else { Err(format!("parsing time {text:?} as {layout:?}: cannot parse {rest:?} as \"Z07:00\"")) }
}

fn int_or_string_problem(value: &Value) -> Result<(), String> {
    match value {
        Value::String(_) => Ok(()),
        Value::Number(number) if number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()) => Ok(()),
        Value::Number(number) => Err(format!("json: cannot unmarshal number {number} into Go value of type int32")),
        _ => Err(format!("json: cannot unmarshal {} into Go value of type int32", met(value))),
    }
}

/// The decoded length, or the byte at which Go's decoder finds the text to be no base64.
fn base64_length(text: &str) -> Result<usize, usize> {
    let bytes: Vec<(usize, u8)> = text.bytes().enumerate().filter(|(_, c)| *c != b'\n' && *c != b'\r').collect();
    let mut count = 0;
    for (index, (at, c)) in bytes.iter().enumerate() {
        if *c == b'=' {
            let rest: Vec<u8> = bytes[index..].iter().map(|(_, c)| *c).collect();
            let wanted = (4 - count % 4) % 4;
            return match count % 4 {
                2 | 3 if rest.len() == wanted && rest.iter().all(|c| *c == b'=') => Ok(count * 3 / 4),
                2 | 3 if rest.len() > wanted && rest[..wanted].iter().all(|c| *c == b'=') => Err(bytes[index + wanted].0),
                2 | 3 => Err(bytes.get(index + 1).map_or(text.len(), |(at, _)| *at)),
                _ => Err(*at),
            };
        }
        if !(c.is_ascii_alphanumeric() || *c == b'+' || *c == b'/') {
            return Err(*at);
        }
        count += 1;
    }
    match count % 4 {
        0 => Ok(count * 3 / 4),
        rest => Err(text.len() - rest),
    }
}

/// How Go names the kind of a decoded JSON value.
fn go_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "invalid",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "slice",
        Value::Object(_) => "map",
    }
}

/// Models fromUnstructured: fields in Go's order, the first mistake ends it.
fn convert(ty: Type, value: &Value, path: &str, unknown: &mut Vec<String>) -> Result<(), String> {
    if value.is_null() {
        return Ok(());
    }
    let plain = |name: &str| -> Result<(), String> {
        Err(match (value, name) {
            (Value::Number(number), "string") if number.is_f64() => "unrecognized type: string".to_owned(),
            (Value::Number(_), "string" | "int32" | "int64") | (Value::Bool(_), "bool") => {
                format!("cannot convert {} to {}", go_kind(value), go_name(ty.trim_start_matches('*')))
            }
            _ => format!("unrecognized type: {name}"),
        })
    };
    match (shape(ty), value) {
        (Shape::Any, _) | (Shape::Text, Value::String(_)) | (Shape::Bool, Value::Bool(_)) | (Shape::Float, Value::Number(_)) => Ok(()),
        (Shape::Int32 | Shape::Int64, Value::Number(number)) if number.is_i64() || number.as_f64().is_some_and(|n| n.fract() == 0.0) => Ok(()),
        (Shape::Text, _) => plain("string"),
        (Shape::Bool, _) => plain("bool"),
        (Shape::Int32, _) => plain("int32"),
        (Shape::Int64, _) => plain("int64"),
        (Shape::Float, _) => plain("float64"),
        (Shape::Bytes, Value::String(text)) => {
            base64_length(text).map(|_| ()).map_err(|at| format!("error decoding from json: illegal base64 data at input byte {at}"))
        }
        (Shape::List(item), Value::Array(items)) => {
            for (index, entry) in items.iter().enumerate() {
                convert(item, entry, &format!("{path}[{index}]"), unknown)?;
            }
            Ok(())
        }
        (Shape::List(_) | Shape::Bytes, _) => Err(format!("cannot restore slice from {}", go_kind(value))),
        (Shape::Map(item), Value::Object(map)) => {
            for (key, entry) in map {
                convert(item, entry, &format!("{path}.{key}"), unknown)?;
            }
            Ok(())
        }
        (Shape::Map(_), _) => Err(format!("cannot restore map from {}", go_kind(value))),
        (Shape::Quantity, _) => quantity_problem(value),
        (Shape::Time | Shape::MicroTime, _) => time_problem(value, shape(ty) == Shape::MicroTime),
        (Shape::IntOrString, _) => int_or_string_problem(value),
        (Shape::Struct(name), Value::Object(map)) => {
            let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            for field in fields(name) {
                if let Some(entry) = map.get(field.name) {
                    convert(field.ty, entry, &below(field.name), unknown)?;
                }
            }
            for key in map.keys().filter(|key| !fields(name).any(|field| field.name == *key)) {
                unknown.push(format!("unknown field {:?}", below(key)));
            }
            Ok(())
        }
        (Shape::Struct(_), _) => Err(format!("cannot restore struct from: {}", go_kind(value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds;
    use crate::values::object::json;

    fn check(kind: &str, value: Value, expect: &str) {
        let text = match decode(kinds::def(kind), &value) {
            Ok(unknown) => unknown.join(", "),
            Err(text) => text,
        };
        assert_eq!(text, expect, "{value}");
    }

    #[test]
    fn mistakes_are_told_as_the_server_tells_them() {
        check("Pod", json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "a", "env": []}]}}), "");
        check(
            "StatefulSet",
            json!({"spec": {"volumeClaimTemplates": [{"resources": {}, "storageClassName": "x"}]}}),
            r#"unknown field "spec.volumeClaimTemplates[0].resources", unknown field "spec.volumeClaimTemplates[0].storageClassName""#,
        );
        check(
            "Service",
            json!({"spec": {"ports": [{"port": "x"}]}}),
            "json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32",
        );
        check("ConfigMap", json!({"data": {"a": 1}}), "json: cannot unmarshal number into Go struct field ConfigMap.data of type string");
        check("Secret", json!({"data": "x"}), "json: cannot unmarshal string into Go struct field Secret.data of type map[string][]uint8");
        check("Secret", json!({"data": {"a": "x!"}}), "illegal base64 data at input byte 1");
        check(
            "PersistentVolume",
            json!({"spec": {"capacity": true}}),
            "json: cannot unmarshal bool into Go struct field PersistentVolumeSpec.spec.capacity of type v1.ResourceList",
        );
        check("PersistentVolume", json!({"spec": {"accessModes": [1], "capacity": {"storage": "1GB"}}}), ERR_FORMAT);
        check(
            "Job",
            json!({"spec": {"template": []}}),
            "json: cannot unmarshal array into Go struct field JobSpec.spec.template of type v1.PodTemplateSpec",
        );
        check(
            "PersistentVolumeClaim",
            json!({"spec": {"selector": {"matchExpressions": [[]]}}}),
            "json: cannot unmarshal array into Go struct field LabelSelector.spec.selector.matchExpressions of type v1.LabelSelectorRequirement",
        );
        assert_eq!(
            decode_metadata(&json!({"metadata": []})).unwrap_err(),
            "json: cannot unmarshal array into Go struct field metadataOnlyObject.metadata of type v1.ObjectMeta"
        );
        assert_eq!(
            decode_metadata(&json!({"metadata": {"labels": {"a": 1}}})).unwrap_err(),
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"
        );
    }

    #[test]
    fn patched_objects_are_told_otherwise() {
        let text = |kind: &str, value: Value| check_patched(kinds::def(kind), &value).unwrap_err();
        assert_eq!(text("Pod", json!({"spec": {"volumes": [{"configMap": []}]}})), "cannot restore struct from: slice");
        assert_eq!(text("Secret", json!({"type": 1})), "cannot convert int64 to v1.SecretType");
        assert_eq!(text("Pod", json!({"spec": {"nodeName": {}}})), "unrecognized type: string");
        assert_eq!(text("ConfigMap", json!({"data": "x"})), "cannot restore map from string");
        assert_eq!(text("ConfigMap", json!({"metadata": {"app": "x"}})), "strict decoding error: unknown field \"metadata.app\"");
    }
}
