//! The API server: the only writer of objects.
pub mod admission;
pub mod events;
pub mod store;

use crate::kinds::{self, KindDef};
use crate::values::clock::Instant;
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::rng::Rng;
use crate::values::status::Status;
use std::rc::Rc;
use store::{Change, Store};

/// The server: its store, and the clock and chance that the cluster lends it.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiServer {
    pub store: Store,
    /// Set by the cluster before each step.
    pub now: Instant,
    pub rng: Rng,
}

/// How a write is to be done, and what it answered besides the object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WriteOptions {
    /// Everything is checked, nothing is stored.
    pub dry_run: bool,
    /// `Warning:` lines of the answer, without the prefix.
    pub warnings: Vec<String>,
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
        if object.name().is_empty() && !object.str(&["metadata", "generateName"]).is_empty() {
            let name = format!("{}{}", object.str(&["metadata", "generateName"]), self.rng.suffix(5));
            object.set(&["metadata", "name"], json!(name));
        }
        let key = key_of(def, &object);
        (def.defaults)(&mut object, None);
        object.set(&["metadata", "creationTimestamp"], json!(self.now.rfc3339()));
        object.set(&["metadata", "uid"], json!(self.rng.uid()));
        if def.generation {
            object.set(&["metadata", "generation"], json!(1));
        }
        admission::admit_create(self, def, &mut object)?;
        let findings = (def.validate)(&object, None);
        if !findings.is_empty() {
            return Err(Status::invalid(def.kind, def.group, &key.name, findings));
        }
        if self.store.get(&key).is_some() {
            return Err(Status::already_exists(&def.resource(), &key.name));
        }
        options.warnings.extend((def.warnings)(&object, None));
        if options.dry_run {
            return Ok(Rc::new(object));
        }
        Ok(self.store.put(key, object, Change::Added))
    }

    /// Replaces spec and metadata of an object; its status stays. A resourceVersion in `object` must be the stored one.
    /// # Errors
    /// NotFound, Conflict, Invalid, Forbidden.
    pub fn update(&mut self, object: Object, options: &mut WriteOptions) -> Result<Rc<Object>, Status> {
        self.write(object, options, Part::Spec)
    }

    /// Replaces only the status of an object.
    /// # Errors
    /// NotFound, Conflict.
    pub fn update_status(&mut self, object: Object) -> Result<Rc<Object>, Status> {
        self.write(object, &mut WriteOptions::default(), Part::Status)
    }

    fn write(&mut self, mut object: Object, options: &mut WriteOptions, part: Part) -> Result<Rc<Object>, Status> {
        let def = kinds::def(object.kind());
        let key = key_of(def, &object);
        let old = self.get(&key)?.clone();
        if object.resource_version() != 0 && object.resource_version() != old.resource_version() {
            let why = "the object has been modified; please apply your changes to the latest version and try again";
            return Err(Status::conflict(&def.resource(), &key.name, why));
        }
        match part {
            Part::Spec => {
                (def.defaults)(&mut object, Some(&old));
                keep(&mut object, &old, &["status"]);
                for field in ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "resourceVersion"] {
                    keep(&mut object, &old, &["metadata", field]);
                }
                if def.generation && object.at(&["spec"]) != old.at(&["spec"]) {
                    object.set(&["metadata", "generation"], json!(old.generation() + 1));
                }
                admission::admit_update(self, def, &mut object, &old)?;
                let findings = (def.validate)(&object, Some(&old));
                if !findings.is_empty() {
                    return Err(Status::invalid(def.kind, def.group, &key.name, findings));
                }
                options.warnings.extend((def.warnings)(&object, Some(&old)));
            }
            Part::Status => {
                let status = object.at(&["status"]).cloned().unwrap_or(Value::Null);
                object = (*old).clone();
                object.set(&["status"], status);
                admission::status_changed(self.now, def, &mut object, &old);
            }
        }
        if options.dry_run {
            return Ok(Rc::new(object));
        }
        if object == *old {
            return Ok(old);
        }
        if object.is_terminating()
            && object.finalizers().next().is_none()
            && part == Part::Spec
            && object.int(&["metadata", "deletionGracePeriodSeconds"]).unwrap_or(0) == 0
        {
            return Ok(self.store.delete(&key).unwrap_or(old));
        }
        Ok(self.store.put(key, object, Change::Modified))
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
        self.update(object, &mut WriteOptions::default())
    }

    /// Reads, changes and writes back an object's status in one go.
    /// # Errors
    /// As `update_status`.
    pub fn change_status(&mut self, key: &ObjectKey, change: impl FnOnce(&mut Object)) -> Result<Rc<Object>, Status> {
        let mut object = (**self.get(key)?).clone();
        change(&mut object);
        self.update_status(object)
    }

    /// Deletes: at once, or by a deletionTimestamp where finalizers or a grace period hold the object.
    /// # Errors
    /// NotFound, Conflict (another uid), Forbidden.
    pub fn delete(&mut self, key: &ObjectKey, options: &DeleteOptions) -> Result<Rc<Object>, Status> {
        let old = self.get(key)?.clone();
        if options.dry_run {
            return Ok(old);
        }
        admission::delete(self, key, &old, options)
    }
}

/// Which half of an object a write may change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Spec,
    Status,
}

fn keep(object: &mut Object, old: &Object, path: &[&str]) {
    match old.at(path) {
        Some(value) => object.set(path, value.clone()),
        None => {
            object.remove(path);
        }
    }
}

/// The key under which an object of a kind is stored.
pub fn key_of(def: &KindDef, object: &Object) -> ObjectKey {
    let kind = kinds::def(def.kind).kind;
    ObjectKey::new(kind, if def.namespaced { object.namespace() } else { "" }, object.name())
}
