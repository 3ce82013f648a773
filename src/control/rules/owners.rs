//! Who owns, selects and names whom.

use crate::apiserver::store::Store;
use crate::kinds;
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::selector::LabelSelector;
use std::rc::Rc;

/// An object's key in the store.
pub fn key_of(object: &Object) -> Option<ObjectKey> {
    kinds::by_kind(object.kind()).map(|def| crate::apiserver::key_of(def, object))
}

/// The object's controlling owner, where it is of a kind.
pub fn owner_of_kind(object: &Object, kind: &'static str) -> Option<ObjectKey> {
    let owner = object.controller().filter(|owner| owner["kind"] == kind)?;
    Some(ObjectKey::new(kind, object.namespace(), owner["name"].as_str()?))
}

/// An owner reference with `controller` and `blockOwnerDeletion` set.
pub fn controller_reference(owner: &Object) -> Value {
    json!({
        "apiVersion": owner.api_version(), "kind": owner.kind(), "name": owner.name(), "uid": owner.uid(),
        "controller": true, "blockOwnerDeletion": true,
    })
}

/// Gives an object these owners, or none.
pub fn set_owners(object: &mut Object, owners: Vec<Value>) {
    if owners.is_empty() {
        object.remove(&["metadata", "ownerReferences"]);
    } else {
        object.set(&["metadata", "ownerReferences"], Value::from(owners));
    }
}

/// Whether an owner's selector finds an object.
pub fn selects(owner: &Object, object: &Object) -> bool {
    LabelSelector::from_object(&owner.0["spec"]["selector"]).is_ok_and(|selector| selector.matches(object.map(&["metadata", "labels"])))
}

/// Whether an object's controlling owner is this one.
pub fn is_controlled_by(object: &Object, owner: &Object) -> bool {
    object.controller().is_some_and(|reference| reference["uid"] == owner.uid())
}

/// The objects of a kind whose names are a name with `-` and something behind it.
pub fn named_after(store: &Store, kind: &'static str, namespace: &str, name: &str) -> Vec<Rc<Object>> {
    let prefix = format!("{name}-");
    store.list_prefix(kind, namespace, &prefix).map(|(_, object)| object.clone()).collect()
}
