//! The API server: the only writer of objects.
//!
//! Models kube-apiserver: apiserver/pkg/registry/generic/registry/store.go with the strategies under pkg/registry.
//! A request goes through defaults, admission, the kind's strategy and validation into the store. Callers have decoded
//! strictly before (`kinds::schema::check`). Simplified: no managed fields, no server-side apply, no authorization.
pub mod admission;
pub mod alloc;
pub mod events;
pub mod index;
pub mod patch;
pub mod store;
pub mod strategy;

use crate::kinds::{self, KindDef, schema};
use crate::values::clock::Instant;
use crate::values::object::{Object, ObjectKey, Value, field, json};
use crate::values::rng::Rng;
use crate::values::status::Status;
use crate::values::value::Text;
use index::Index;
use std::rc::Rc;
use store::{Change, Store};
use strategy::Deletion;

/// The server: its store, and the clock and chance that the cluster lends it.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiServer {
    store: Store,
    /// Set by the cluster before each step.
    pub now: Instant,
    pub rng: Rng,
}

/// How a write is to be done, and what it answered besides the object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WriteOptions {
    /// Everything is checked, nothing is stored.
    pub dry_run: bool,
    /// What becomes of unknown fields in a patch; other requests are decoded before they come here.
    pub field_validation: FieldValidation,
    /// `Warning:` lines of the answer, without the prefix.
    pub warnings: Vec<String>,
}

/// How strictly a request is decoded: the query parameter `fieldValidation`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldValidation {
    #[default]
    Strict,
    Warn,
    Ignore,
}

/// What dependents of a deleted object do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Propagation {
    #[default]
    Background,
    Foreground,
    Orphan,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeleteOptions {
    /// Seconds; absent: the object's own.
    pub grace_period: Option<u64>,
    pub propagation: Propagation,
    pub dry_run: bool,
    /// Only this object, by its uid, where given.
    pub uid: Option<String>,
}

/// The three kinds of change that a patch request can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchType {
    Merge,
    Strategic,
    Json,
}

impl ApiServer {
    pub fn new(now: Instant, seed: u64) -> ApiServer {
        ApiServer { store: Store::default(), now, rng: Rng::new(seed) }
    }

    /// What is stored, to read.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// # Errors
    /// NotFound.
    pub fn get(&self, key: &ObjectKey) -> Result<&Rc<Object>, Status> {
        self.store.get(key).ok_or_else(|| Status::not_found(&kinds::def(key.kind).resource(), &key.name))
    }

    /// The objects of a kind in key order, of one namespace or of all.
    pub fn list<'a>(&'a self, kind: &'static str, namespace: Option<&str>) -> impl Iterator<Item = &'a Rc<Object>> + use<'a> {
        self.store.list(kind, namespace)
    }

    /// Creates an object: admission, defaults, validation, then the store.
    /// # Errors
    /// AlreadyExists, Invalid, Forbidden, NotFound (of the namespace).
    pub fn create(&mut self, mut object: Object, options: &mut WriteOptions) -> Result<Rc<Object>, Status> {
        let def = kinds::def(object.kind());
        if object.resource_version() != 0 {
            return Err(Status::new("", 500, "resourceVersion should not be set on objects to be created"));
        }
        schema::normalize_decoded(def, &mut object.0);
        (def.defaults)(&mut object, None);
        if def.namespaced {
            if object.namespace().is_empty() {
                object.set(&["metadata", "namespace"], json!("default"));
            }
        } else {
            object.remove(&["metadata", "namespace"]);
        }
        self.fill_metadata(&mut object);
        let key = key_of(def, &object);
        admission::admit_create(&self.store, &mut self.rng, def, &mut object)?;
        strategy::prepare_create(&self.store, self.now, def, &mut object);
        let findings = (def.validate)(def, &object, None);
        if !findings.is_empty() {
            return Err(Status::invalid(def.kind, def.group, &key.name, findings));
        }
        normalize_stored(def, &mut object);
        if let Some(found) = self.store.get(&key) {
            let mut status = Status::already_exists(&def.resource(), &key.name);
            if found.is_terminating() {
                status.message = format!("object is being deleted: {}", status.message);
            }
            return Err(status);
        }
        options.warnings.extend((def.warnings)(&object, None));
        if options.dry_run {
            return Ok(Rc::new(object));
        }
        strategy::default_stored(def, &mut object);
        if let Some(sibling) = self.sibling(&key, &object) {
            object.0.share(&sibling.0);
        }
        Ok(self.store.put(key, object, Change::Added))
    }

    /// An object that is much like a new one: of the same controller, or else the first of its kind in its namespace.
    fn sibling(&self, key: &ObjectKey, object: &Object) -> Option<&Rc<Object>> {
        let owner = object.controller().and_then(|owner| owner["uid"].as_str());
        let of_owner = owner.and_then(|owner| self.store.indexed(Index::Dependents, owner).next()).filter(|found| found.kind() == key.kind);
        of_owner.or_else(|| self.store.list(key.kind, Some(&key.namespace)).next())
    }

    /// Puts an object into the store as it stands, past admission and validation, as a restored backup of etcd does.
    pub fn restore(&mut self, object: Object) -> Rc<Object> {
        self.store.put(key_of(kinds::def(object.kind()), &object), object, Change::Added)
    }

    /// Models rest.FillObjectMetaSystemFields and the name generator.
    fn fill_metadata(&mut self, object: &mut Object) {
        let base = object.str(&["metadata", "generateName"]);
        if object.name().is_empty() && !base.is_empty() {
            // As upstream, so much of the base that five characters still fit into a name of 63.
            let base: String = base.chars().take(MAX_GENERATED_BASE).collect();
            let name = format!("{base}{}", self.rng.suffix(5));
            object.set(&["metadata", "name"], json!(name));
        }
        for field in ["deletionTimestamp", "deletionGracePeriodSeconds", "resourceVersion", "generation", "selfLink", "managedFields"] {
            object.remove(&["metadata", field]);
        }
        object.set(&["metadata", "creationTimestamp"], json!(self.now.rfc3339()));
        object.set(&["metadata", "uid"], json!(self.rng.uid()));
    }

    /// Replaces spec and metadata of an object; its status stays. A resourceVersion in `object` must be the stored one.
    /// # Errors
    /// NotFound, Conflict, Invalid, Forbidden.
    pub fn update(&mut self, mut object: Object, options: &mut WriteOptions) -> Result<Rc<Object>, Status> {
        schema::normalize_decoded(kinds::def(object.kind()), &mut object.0);
        self.write(object, options, true)
    }

    /// An update; what a component made of a stored object needs no `decoded` form.
    fn write(&mut self, mut object: Object, options: &mut WriteOptions, decoded: bool) -> Result<Rc<Object>, Status> {
        let def = kinds::def(object.kind());
        let key = key_of(def, &object);
        let old = self.get(&key)?.clone();
        (def.defaults)(&mut object, Some(&old));
        check_version(def, &key, &object, &old)?;
        if !object.uid().is_empty() && object.uid() != old.uid() {
            let why = format!("Precondition failed: UID in precondition: {}, UID in object meta: {}", object.uid(), old.uid());
            return Err(Status::conflict(&def.resource(), &key.name, &why));
        }
        if def.kind != "Node" {
            keep(&mut object, &old, &["status"]);
        }
        for field in SYSTEM_FIELDS {
            keep(&mut object, &old, &["metadata", field]);
        }
        object.remove(&["metadata", "managedFields"]);
        strategy::prepare_update(&self.store, def, &mut object, &old);
        let findings = (def.validate)(def, &object, Some(&old));
        if !findings.is_empty() {
            return Err(Status::invalid(def.kind, def.group, &key.name, findings));
        }
        if decoded {
            normalize_stored(def, &mut object);
        }
        admission::validate_update(&self.store, def, &object, &old)?;
        options.warnings.extend((def.warnings)(&object, Some(&old)));
        if options.dry_run {
            return Ok(Rc::new(object));
        }
        Ok(self.store_changed(key, object, old, false))
    }

    /// Replaces only the status of an object.
    /// # Errors
    /// NotFound, Conflict.
    pub fn update_status(&mut self, mut object: Object) -> Result<Rc<Object>, Status> {
        let def = kinds::def(object.kind());
        let key = key_of(def, &object);
        let old = self.get(&key)?.clone();
        check_version(def, &key, &object, &old)?;
        let status = object.remove(&["status"]).unwrap_or(Value::Null);
        Ok(self.store_status(def, key, with_status(&old, status), old))
    }

    /// Gives an object another status.
    /// # Errors
    /// NotFound.
    pub fn replace_status(&mut self, key: &ObjectKey, status: Value) -> Result<Rc<Object>, Status> {
        let old = self.get(key)?.clone();
        Ok(self.store_status(kinds::def(key.kind), key.clone(), with_status(&old, status), old))
    }

    fn store_status(&mut self, def: &KindDef, key: ObjectKey, mut object: Object, old: Rc<Object>) -> Rc<Object> {
        strategy::status_changed(self.now, def, &mut object, &old);
        self.store_changed(key, object, old, true)
    }

    /// Puts a pod on a node: the `binding` subresource. Models pkg/registry/core/pod/storage assignPod.
    /// # Errors
    /// NotFound, Conflict where the pod is on a node or being deleted.
    pub fn bind(&mut self, key: &ObjectKey, node: &str) -> Result<Rc<Object>, Status> {
        let old = self.get(key)?.clone();
        let why = if old.is_terminating() {
            format!("pod {} is being deleted, cannot be assigned to a host", key.name)
        } else if !old.str(&["spec", "nodeName"]).is_empty() {
            format!("pod {} is already assigned to node {:?}", key.name, old.str(&["spec", "nodeName"]))
        } else {
            let now = json!(self.now.rfc3339());
            return self.write_raw(key, |pod| {
                pod.set(&["spec", "nodeName"], json!(node));
                let mut conditions = pod.list(&["status", "conditions"]).to_vec();
                conditions.retain(|condition| condition["type"] != "PodScheduled");
                let generation = pod.generation();
                conditions.push(json!({
                    "lastProbeTime": null, "lastTransitionTime": now, "observedGeneration": generation, "status": "True", "type": "PodScheduled",
                }));
                pod.set(&["status", "conditions"], Value::from(conditions));
            });
        };
        Err(Status::conflict("pods/binding", &key.name, &why))
    }

    /// Changes an object past validation, as its subresources do: `finalize` of a namespace, `ephemeralcontainers` of a pod.
    /// # Errors
    /// NotFound.
    pub fn write_raw(&mut self, key: &ObjectKey, change: impl FnOnce(&mut Object)) -> Result<Rc<Object>, Status> {
        let old = self.get(key)?.clone();
        let mut object = (*old).clone();
        change(&mut object);
        Ok(self.store_changed(key.clone(), object, old, false))
    }

    /// Stores a change: nothing where nothing changed, and the end of an object that only a finalizer kept.
    fn store_changed(&mut self, key: ObjectKey, object: Object, old: Rc<Object>, only_status: bool) -> Rc<Object> {
        let same = if only_status { field(&object.0, "status") == field(&old.0, "status") } else { object == *old };
        if same {
            return old;
        }
        let held = object.finalizers().next().is_some()
            || object.int(&["metadata", "deletionGracePeriodSeconds"]).unwrap_or(0) != 0
            || !object.list(&["spec", "finalizers"]).is_empty();
        let ends = object.is_terminating() && !held && (old.finalizers().next().is_some() || key.kind == "Namespace");
        if ends {
            return self.store.delete(&key).unwrap_or(old);
        }
        if only_status { self.store.put_status(key, object) } else { self.store.put(key, object, Change::Modified) }
    }

    /// Removes a finalizer; the object goes where it was the last and the object is being deleted.
    /// # Errors
    /// NotFound, Conflict.
    pub fn remove_finalizer(&mut self, key: &ObjectKey, name: &str) -> Result<(), Status> {
        self.change(key, |object| object.remove_finalizer(name)).map(drop)
    }

    /// Reads, changes and writes back an object's spec or metadata in one go.
    /// # Errors
    /// As `update`.
    pub fn change(&mut self, key: &ObjectKey, change: impl FnOnce(&mut Object)) -> Result<Rc<Object>, Status> {
        let mut object = (**self.get(key)?).clone();
        change(&mut object);
        self.write(object, &mut WriteOptions::default(), false)
    }

    /// Reads, changes and writes back an object's status in one go; `change` touches nothing else.
    /// # Errors
    /// NotFound.
    pub fn change_status(&mut self, key: &ObjectKey, change: impl FnOnce(&mut Object)) -> Result<Rc<Object>, Status> {
        let old = self.get(key)?.clone();
        let mut object = (*old).clone();
        change(&mut object);
        Ok(self.store_status(kinds::def(key.kind), key.clone(), object, old))
    }

    /// Deletes: at once, or by a deletionTimestamp where finalizers or a grace period hold the object.
    /// # Errors
    /// NotFound, Conflict (another uid), Forbidden.
    pub fn delete(&mut self, key: &ObjectKey, options: &DeleteOptions) -> Result<Rc<Object>, Status> {
        let def = kinds::def(key.kind);
        let old = self.get(key)?.clone();
        if let Some(uid) = options.uid.as_deref().filter(|uid| *uid != old.uid()) {
            let why = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {}", old.uid());
            return Err(Status::conflict(&def.resource(), &key.name, &why));
        }
        admission::admit_delete(def, &old)?;
        if options.dry_run {
            return Ok(old);
        }
        Ok(match strategy::before_delete(self.now, def, &old, options) {
            Deletion::Now => self.store.delete(key).unwrap_or(old),
            Deletion::Marked(object) => self.store.put(key.clone(), object, Change::Modified),
            Deletion::Pending => old,
        })
    }
}

/// How much of a `generateName` is used. Models apiserver/pkg/storage/names.
const MAX_GENERATED_BASE: usize = 58;

/// What only the server writes in an object's metadata.
const SYSTEM_FIELDS: [&str; 6] = ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion"];

/// A copy of an object with another status.
fn with_status(old: &Object, status: Value) -> Object {
    let mut copy = old.clone();
    copy.set(&["status"], status);
    copy
}

/// Drops what is empty, as storing does; a status is written by components, in the form that it should have.
fn normalize_stored(def: &KindDef, object: &mut Object) {
    let status = object.remove(&["status"]);
    schema::normalize(def, &mut object.0);
    match status {
        Some(status) => object.set(&["status"], status),
        None => {
            object.remove(&["status"]);
        }
    }
}

fn check_version(def: &KindDef, key: &ObjectKey, object: &Object, old: &Object) -> Result<(), Status> {
    if object.resource_version() != 0 && object.resource_version() != old.resource_version() {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        return Err(Status::conflict(&def.resource(), &key.name, why));
    }
    Ok(())
}

fn keep(object: &mut Object, old: &Object, path: &[&str]) {
    match old.at(path) {
        Some(value) if object.at(path) == Some(value) => {}
        Some(value) => object.set(path, value.clone()),
        None => {
            object.remove(path);
        }
    }
}

/// The key under which an object of a kind is stored, with which it shares its texts.
pub fn key_of(def: &KindDef, object: &Object) -> ObjectKey {
    let text = |name: &str| match object.at(&["metadata", name]) {
        Some(Value::String(text)) => text.clone(),
        _ => Text::default(),
    };
    ObjectKey { kind: kinds::def(def.kind).kind, namespace: if def.namespaced { text("namespace") } else { Text::default() }, name: text("name") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> ApiServer {
        let mut api = ApiServer::new(Instant(1_700_000_000_000), 7);
        for name in ["default", "shop"] {
            api.create(Object::new("v1", "Namespace", "", name), &mut WriteOptions::default()).unwrap();
        }
        api
    }

    fn claim(namespace: &str) -> Object {
        let mut claim = Object::new("v1", "PersistentVolumeClaim", namespace, "data");
        claim.set(&["spec"], json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "m"}));
        claim
    }

    #[test]
    fn writes_conflict_and_finalizers_hold() {
        let mut api = server();
        let mut options = WriteOptions::default();
        let made = api.create(claim("shop"), &mut options).unwrap();
        let key = ObjectKey::new("PersistentVolumeClaim", "shop", "data");
        assert_eq!(made.str(&["status", "phase"]), "Pending");
        assert!(api.create(claim("shop"), &mut options).unwrap_err().is_already_exists());
        assert_eq!(api.create(claim("none"), &mut options).unwrap_err().message, "namespaces \"none\" not found");
        let version = api.store.version();
        api.update((*made).clone(), &mut options).unwrap();
        assert_eq!(api.store.version(), version, "no change, no new version");
        api.change(&key, |claim| claim.set_annotation("a", "b")).unwrap();
        assert!(api.update((*made).clone(), &mut options).unwrap_err().is_conflict());
        api.delete(&key, &DeleteOptions::default()).unwrap();
        assert!(api.get(&key).unwrap().is_terminating());
        api.change(&key, |claim| claim.remove_finalizer(admission::PVC_PROTECTION)).unwrap();
        assert!(api.get(&key).unwrap_err().is_not_found());
    }

    #[test]
    fn a_namespace_waits_for_its_finalizer() {
        let mut api = server();
        let key = ObjectKey::new("Namespace", "", "shop");
        api.delete(&key, &DeleteOptions::default()).unwrap();
        let refused = api.create(claim("shop"), &mut WriteOptions::default()).unwrap_err();
        assert!(refused.message.ends_with("unable to create new content in namespace shop because it is being terminated"), "{refused}");
        api.write_raw(&key, |namespace| namespace.set(&["spec", "finalizers"], json!([]))).unwrap();
        assert!(api.get(&key).is_err());
        assert!(api.delete(&ObjectKey::new("Namespace", "", "default"), &DeleteOptions::default()).is_err());
    }
}
