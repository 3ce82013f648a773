//! An ordered map of objects, a resource version and a watch log; knows no kind.

use crate::values::object::{Object, ObjectKey, json};
use rpds::{Queue, RedBlackTreeMap};
use std::rc::Rc;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Added,
    Modified,
    Deleted,
}

/// One entry of the watch log.
#[derive(Clone, Debug, PartialEq)]
pub struct WatchEvent {
    /// The resource version after the change.
    pub version: u64,
    pub change: Change,
    pub key: ObjectKey,
    /// After the change; of a deletion, the last state.
    pub object: Rc<Object>,
}

/// How many entries the watch log keeps; a watcher that is further behind lists anew.
pub const WATCH_LOG_MAX: usize = 4096;

/// Objects by key, with structure shared between clones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    objects: RedBlackTreeMap<ObjectKey, Rc<Object>>,
    log: Queue<WatchEvent>,
    version: u64,
}

impl Store {
    pub fn get(&self, key: &ObjectKey) -> Option<&Rc<Object>> {
        self.objects.get(key)
    }

    pub fn version(&self) -> u64 {
        self.version
    }

    pub fn all(&self) -> impl Iterator<Item = (&ObjectKey, &Rc<Object>)> {
        self.objects.iter()
    }

    /// The objects of a kind in key order, of one namespace or of all.
    pub fn list<'a>(&'a self, kind: &'static str, namespace: Option<&str>) -> impl Iterator<Item = &'a Rc<Object>> + use<'a> {
        let first = ObjectKey::new(kind, namespace.unwrap_or(""), "");
        let namespace = namespace.map(str::to_owned);
        self.objects
            .range(first..)
            .take_while(move |(key, _)| key.kind == kind && namespace.as_ref().is_none_or(|n| *n == key.namespace))
            .map(|(_, object)| object)
    }

    /// Writes an object under the next resource version.
    pub fn put(&mut self, key: ObjectKey, mut object: Object, change: Change) -> Rc<Object> {
        self.version += 1;
        object.set(&["metadata", "resourceVersion"], json!(self.version.to_string()));
        let object = Rc::new(object);
        self.objects.insert_mut(key.clone(), object.clone());
        self.record(change, key, object.clone());
        object
    }

    pub fn delete(&mut self, key: &ObjectKey) -> Option<Rc<Object>> {
        let object = self.objects.get(key)?.clone();
        self.objects.remove_mut(key);
        self.version += 1;
        self.record(Change::Deleted, key.clone(), object.clone());
        Some(object)
    }

    fn record(&mut self, change: Change, key: ObjectKey, object: Rc<Object>) {
        self.log.enqueue_mut(WatchEvent { version: self.version, change, key, object });
        if self.log.len() > WATCH_LOG_MAX {
            self.log.dequeue_mut();
        }
    }

    /// The entries after a version, oldest first; `None` where the log no longer reaches back that far.
    pub fn since(&self, version: u64) -> Option<impl Iterator<Item = &WatchEvent>> {
        let behind = (self.version - version.min(self.version)) as usize;
        (behind <= self.log.len()).then(|| self.log.iter().skip(self.log.len() - behind))
    }
}
