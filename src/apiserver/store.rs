//! An ordered map of objects, a resource version and a watch log; knows no kind but through its indexes.
//!
//! Models etcd under apiserver/pkg/storage/etcd3: one counter of revisions for everything, one log entry for each.

use super::index::{Index, Indexes};
use crate::values::object::{Object, ObjectKey, json};
use rpds::{RedBlackTreeMap, Vector};
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

/// How many entries the watch log keeps at least; a watcher that is further behind lists anew.
pub const WATCH_LOG_MAX: usize = 4096;

type Objects = RedBlackTreeMap<ObjectKey, Rc<Object>>;

/// Objects by key, with structure shared between clones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Store {
    /// By kind: few kinds have many objects, and those of one are looked for among themselves.
    kinds: RedBlackTreeMap<&'static str, Objects>,
    indexes: Indexes,
    /// The entries of versions `version - log.len() + 1 ..= version`, one each.
    log: Vector<WatchEvent>,
    version: u64,
}

impl Store {
    pub fn get(&self, key: &ObjectKey) -> Option<&Rc<Object>> {
        self.kinds.get(key.kind)?.get(key)
    }

    pub fn version(&self) -> u64 {
        self.version
    }

    /// How many objects of a kind there are.
    pub fn count(&self, kind: &str) -> usize {
        self.kinds.get(kind).map_or(0, Objects::size)
    }

    pub fn all(&self) -> impl Iterator<Item = (&ObjectKey, &Rc<Object>)> {
        self.kinds.values().flat_map(Objects::iter)
    }

    /// The objects of a kind in key order, of one namespace or of all.
    pub fn list<'a>(&'a self, kind: &'static str, namespace: Option<&str>) -> impl Iterator<Item = &'a Rc<Object>> + use<'a> {
        let namespace = namespace.filter(|namespace| !namespace.is_empty());
        let first = ObjectKey::new(kind, namespace.unwrap_or(""), "");
        let namespace = namespace.map(str::to_owned);
        let from_first = self.kinds.get(kind).map(|objects| objects.range(first..));
        let objects = from_first.into_iter().flatten();
        objects.take_while(move |(key, _)| namespace.as_ref().is_none_or(|n| **n == *key.namespace)).map(|(_, object)| object)
    }

    /// The objects of a kind in a namespace whose names begin with `prefix`.
    pub fn list_prefix<'a>(
        &'a self,
        kind: &'static str,
        namespace: &'a str,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a ObjectKey, &'a Rc<Object>)> + use<'a> {
        let from_first = self.kinds.get(kind).map(|objects| objects.range(ObjectKey::new(kind, namespace, prefix)..));
        let objects = from_first.into_iter().flatten();
        objects.take_while(move |(key, _)| *key.namespace == *namespace && key.name.starts_with(prefix))
    }

    /// The objects that share a value of an index, in key order.
    pub fn indexed<'a>(&'a self, index: Index, value: &str) -> impl Iterator<Item = &'a Rc<Object>> + use<'a> {
        self.indexes.get(index, value).filter_map(|key| self.get(key))
    }

    /// The objects whose values in an index begin with `prefix` and are `prefix` + `from` or more, in the order of the values.
    pub fn indexed_from<'a>(&'a self, index: Index, prefix: &str, from: &str) -> impl Iterator<Item = &'a Rc<Object>> + use<'a> {
        self.indexes.from(index, prefix, from).filter_map(|key| self.get(key))
    }

    /// How many pods are on a node, of all or of a controller.
    pub fn indexed_count(&self, index: Index, value: &str) -> usize {
        self.indexes.len(index, value)
    }

    /// How many pods those values have that begin with `prefix`: what follows it, and the number, in order.
    pub fn indexed_counts<'a>(&'a self, index: Index, prefix: &'a str) -> impl Iterator<Item = (&'a str, usize)> {
        self.indexes.counts(index, prefix)
    }

    /// Writes an object under the next resource version.
    pub(super) fn put(&mut self, key: ObjectKey, object: Object, change: Change) -> Rc<Object> {
        self.write(key, object, change, false)
    }

    /// Writes an object of which nothing but the status is new.
    pub(super) fn put_status(&mut self, key: ObjectKey, object: Object) -> Rc<Object> {
        self.write(key, object, Change::Modified, true)
    }

    fn write(&mut self, key: ObjectKey, mut object: Object, change: Change, only_status: bool) -> Rc<Object> {
        self.version += 1;
        object.set(&["metadata", "resourceVersion"], json!(self.version.to_string()));
        let object = Rc::new(object);
        if self.kinds.get(key.kind).is_none() {
            self.kinds.insert_mut(key.kind, Objects::default());
        }
        let objects = self.kinds.get_mut(key.kind).expect("put there above");
        let old = objects.get_key_value(&key);
        let is_new = old.is_none();
        // Long names of the key that is there are counted, not copied.
        let key = old.map_or(key, |(known, _)| known.clone());
        self.indexes.follow(&key, old.map(|(_, old)| &**old), Some(&object), only_status);
        if is_new {
            objects.insert_mut(key.clone(), object.clone());
        } else if let Some(place) = objects.get_mut(&key) {
            *place = object.clone();
        }
        self.record(change, key, object.clone());
        object
    }

    pub(super) fn delete(&mut self, key: &ObjectKey) -> Option<Rc<Object>> {
        let objects = self.kinds.get_mut(key.kind)?;
        let object = objects.get(key)?.clone();
        objects.remove_mut(key);
        if objects.is_empty() {
            self.kinds.remove_mut(key.kind);
        }
        self.indexes.follow(key, Some(&object), None, false);
        self.version += 1;
        self.record(Change::Deleted, key.clone(), object.clone());
        Some(object)
    }

    fn record(&mut self, change: Change, key: ObjectKey, object: Rc<Object>) {
        self.log.push_back_mut(WatchEvent { version: self.version, change, key, object });
        // A vector only grows at its end: the older half goes at once, so that each entry is copied at most once.
        if self.log.len() >= 2 * WATCH_LOG_MAX {
            self.log = (WATCH_LOG_MAX..self.log.len()).filter_map(|index| self.log.get(index).cloned()).collect();
        }
    }

    /// The entries after a version, oldest first; `None` where the log no longer reaches back that far.
    pub fn since(&self, version: u64) -> Option<impl Iterator<Item = &WatchEvent>> {
        let behind = (self.version - version.min(self.version)) as usize;
        let length = self.log.len();
        (behind <= length).then(|| (length - behind..length).filter_map(|index| self.log.get(index)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_holds_what_came_after_a_version() {
        let mut store = Store::default();
        for number in 0..WATCH_LOG_MAX * 2 + 10 {
            let name = format!("c{number}");
            store.put(ObjectKey::new("ConfigMap", "default", &name), Object::new("v1", "ConfigMap", "default", &name), Change::Added);
        }
        let last = store.version();
        assert_eq!(store.since(last).unwrap().count(), 0);
        let versions: Vec<u64> = store.since(last - 3).unwrap().map(|event| event.version).collect();
        assert_eq!(versions, [last - 2, last - 1, last]);
        assert!(store.since(1).is_none());
        assert_eq!(store.list("ConfigMap", Some("other")).count(), 0);
        assert_eq!(store.count("ConfigMap"), WATCH_LOG_MAX * 2 + 10);
        store.delete(&ObjectKey::new("ConfigMap", "default", "c0"));
        assert_eq!((store.count("ConfigMap"), store.count("Pod")), (WATCH_LOG_MAX * 2 + 9, 0));
        assert_eq!(store.list_prefix("ConfigMap", "default", "c819").count(), 11);
    }
}
