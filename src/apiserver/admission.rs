//! The chain between a request and the store: namespace exists, default class, storage protection, claim resize, deletion.
use super::store::Change;
use super::{ApiServer, DeleteOptions};
use crate::kinds::KindDef;
use crate::values::clock::Instant;
use crate::values::object::{Object, ObjectKey, json};
use crate::values::status::Status;
use std::rc::Rc;

/// Admission of a new object.
/// # Errors
/// NotFound of its namespace, Forbidden.
pub fn admit_create(_api: &ApiServer, _def: &KindDef, _object: &mut Object) -> Result<(), Status> {
    Ok(())
}

/// Admission of a change.
/// # Errors
/// Forbidden.
pub fn admit_update(_api: &ApiServer, _def: &KindDef, _object: &mut Object, _old: &Object) -> Result<(), Status> {
    Ok(())
}

/// What the server itself adds when a status changes, such as a volume's lastPhaseTransitionTime.
pub fn status_changed(_now: Instant, _def: &KindDef, _object: &mut Object, _old: &Object) {}

/// Deletes now, or marks the object where finalizers or a grace period hold it.
/// # Errors
/// Conflict, Forbidden.
pub fn delete(api: &mut ApiServer, key: &ObjectKey, old: &Rc<Object>, options: &DeleteOptions) -> Result<Rc<Object>, Status> {
    let _ = options;
    if old.finalizers().next().is_none() {
        return Ok(api.store.delete(key).unwrap_or_else(|| old.clone()));
    }
    let mut object = (**old).clone();
    object.set(&["metadata", "deletionTimestamp"], json!(api.now.rfc3339()));
    object.set(&["metadata", "deletionGracePeriodSeconds"], json!(0));
    Ok(api.store.put(key.clone(), object, Change::Modified))
}
