//! PATCH requests: the change is applied to what is stored, decoded strictly, and written as an update.
//!
//! Models apiserver/pkg/endpoints/handlers/patch.go. Not simulated here: server-side apply.

use super::{ApiServer, FieldValidation, PatchType, WriteOptions};
use crate::kinds::{self, schema};
use crate::values::object::{Object, ObjectKey, Value};
use crate::values::patch;
use crate::values::status::Status;
use std::rc::Rc;

impl ApiServer {
    /// Applies a patch to a stored object.
    /// # Errors
    /// NotFound, BadRequest, Invalid (the patch, or what comes of it), Conflict, Forbidden.
    pub fn patch(&mut self, key: &ObjectKey, kind: PatchType, change: &Value, options: &mut WriteOptions) -> Result<Rc<Object>, Status> {
        let patched = self.patched(key, kind, change, options)?;
        self.update(patched, options)
    }

    /// Applies a patch to the status of a stored object.
    /// # Errors
    /// As `patch`.
    pub fn patch_status(&mut self, key: &ObjectKey, kind: PatchType, change: &Value, options: &mut WriteOptions) -> Result<Rc<Object>, Status> {
        let patched = self.patched(key, kind, change, options)?;
        if options.dry_run { Ok(Rc::new(patched)) } else { self.update_status(patched) }
    }

    fn patched(&self, key: &ObjectKey, kind: PatchType, change: &Value, options: &mut WriteOptions) -> Result<Object, Status> {
        let def = kinds::def(key.kind);
        let old = &self.get(key)?.0;
        let (mut value, shown) = match kind {
            PatchType::Merge if change.is_object() => (patch::merge(old, change), None),
            PatchType::Merge => return Err(Status::bad_request(format!("error decoding patch: {}", not_a(change, MAP)))),
            PatchType::Json if !change.is_array() => {
                return Err(Status::bad_request(format!("error decoding patch: {}", not_a(change, "[]handlers.jsonPatchOp"))));
            }
            PatchType::Json => (patch::json(old, change).map_err(|_| rejected())?, None),
            PatchType::Strategic if change.is_object() => {
                let value = patch::strategic(old, change, schema::rules(def)).map_err(Status::bad_request)?;
                (value, Some(patch::leftover(change)))
            }
            PatchType::Strategic => return Err(Status::bad_request(not_a(change, MAP))),
        };
        let decoded = if shown.is_some() { schema::decode_patched(def, &value) } else { schema::decode(def, &value) };
        let problem = match decoded {
            Ok(unknown) if unknown.is_empty() => None,
            Ok(unknown) if options.field_validation == FieldValidation::Strict => Some(format!("strict decoding error: {}", unknown.join(", "))),
            Ok(unknown) => {
                if options.field_validation == FieldValidation::Warn {
                    options.warnings.extend(unknown);
                }
                schema::prune(def, &mut value);
                None
            }
            Err(problem) => Some(problem),
        };
        if let Some(problem) = problem {
            let shown = shown.map_or_else(|| value.to_string(), |left| patch::go_text(&left));
            return Err(Status::new("Invalid", 422, format!("patch: Invalid value: {shown:?}: {problem}")));
        }
        let object = Object(value);
        if *object.name() != *key.name {
            let why = format!("the name of the object ({}) does not match the name on the URL ({})", object.name(), key.name);
            return Err(Status::bad_request(why));
        }
        if def.namespaced && *object.namespace() != *key.namespace {
            return Err(Status::bad_request("the namespace of the provided object does not match the namespace sent on the request"));
        }
        Ok(object)
    }
}

const MAP: &str = "map[string]interface {}";

/// What Go's decoder says to a value of another type.
fn not_a(change: &Value, wanted: &str) -> String {
    let what = match change {
        Value::Object(_) => "object",
        Value::Array(_) => "array",
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        _ => "null",
    };
    format!("json: cannot unmarshal {what} into Go value of type {wanted}")
}

/// A JSON patch that does not apply: the server does not say why.
fn rejected() -> Status {
    Status::new("Invalid", 422, "the server rejected our request due to an error in our request")
}
