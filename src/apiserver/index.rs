//! Indexes: the objects of a kind by a value that they share, so that nobody looks through all of them.
//!
//! Models the Indexers of client-go tools/cache. They are derived from the objects and cloned with them.

use crate::kinds::readers::pods::is_terminal;
use crate::kinds::readers::volumes;
use crate::values::hash::{FNV_START, fnv1a};
use crate::values::object::{Object, ObjectKey};
use crate::values::quantity::Quantity;
use crate::values::value::Text;
use rpds::{RedBlackTreeMap, RedBlackTreeSet};

/// One index.
pub struct Row {
    pub index: Index,
    pub kind: &'static str,
    /// The values under which an object is found.
    values: fn(&Object) -> Vec<Text>,
}

/// The name of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Index {
    /// Pods that have not ended, by the name of their node.
    PodsOnNode,
    /// The same, by the uid of their controller and node: `UID/node-1`.
    SiblingsOnNode,
    /// Pods by the claims in their volumes: `namespace/name`.
    PodsOfClaim,
    /// Volumes that no claimRef holds, as `free_volume` writes them.
    FreeVolumes,
    /// Volumes by their claimRef: `namespace/name`.
    VolumesOfClaim,
    /// Claims that were bound, by the name of their volume.
    BoundClaims,
    /// Events by what they say, as `said` writes it.
    Events,
    /// Events by when they were last seen, in milliseconds with leading noughts.
    EventTimes,
    /// Objects by the uids of their owners.
    Dependents,
}

impl Index {
    /// Whether it tells which pods a node has: only these read an object's status (its phase), and only of these somebody asks for
    /// numbers.
    fn is_of_nodes(self) -> bool {
        matches!(self, Index::PodsOnNode | Index::SiblingsOnNode)
    }
}

/// Every index. A kind of `""` is every kind.
pub const ALL: &[Row] = &[
    Row { index: Index::PodsOnNode, kind: "Pod", values: |pod| node_of(pod).map(Text::from).into_iter().collect() },
    Row { index: Index::SiblingsOnNode, kind: "Pod", values: siblings },
    Row { index: Index::PodsOfClaim, kind: "Pod", values: claims },
    Row { index: Index::FreeVolumes, kind: "PersistentVolume", values: free },
    Row { index: Index::VolumesOfClaim, kind: "PersistentVolume", values: claim_ref },
    Row { index: Index::BoundClaims, kind: "PersistentVolumeClaim", values: bound_to },
    Row { index: Index::Events, kind: "Event", values: events },
    Row {
        index: Index::EventTimes,
        kind: "Event",
        values: |event| crate::kinds::readers::events::last_seen(event).map(|seen| format!("{:016}", seen.0).into()).into_iter().collect(),
    },
    Row { index: Index::Dependents, kind: "", values: owners },
];

fn node_of(pod: &Object) -> Option<&str> {
    let node = pod.str(&["spec", "nodeName"]);
    (!node.is_empty() && !is_terminal(pod)).then_some(node)
}

/// What the values of `Index::SiblingsOnNode` of a controller begin with; the node's name is the rest.
pub fn of_controller(owner: &str) -> String {
    format!("{owner}/")
}

fn siblings(pod: &Object) -> Vec<Text> {
    let owner = pod.controller().and_then(|owner| owner["uid"].as_str());
    node_of(pod).zip(owner).map(|(node, owner)| (of_controller(owner) + node).into()).into_iter().collect()
}

/// A value of the indexes by claim.
pub fn claim(namespace: &str, name: &str) -> String {
    format!("{namespace}/{name}")
}

fn claims(pod: &Object) -> Vec<Text> {
    volumes::claim_names(pod).map(|name| claim(pod.namespace(), &name).into()).collect()
}

fn claim_ref(volume: &Object) -> Vec<Text> {
    let Some(reference) = volume.at(&["spec", "claimRef"]) else { return Vec::new() };
    vec![claim(reference["namespace"].as_str().unwrap_or(""), reference["name"].as_str().unwrap_or("")).into()]
}

/// A value of `Index::Events`: a hash of the uid of the object, the reason and the message, which others may have too.
pub fn said(uid: &str, reason: &str, message: &str) -> Text {
    let hash = [uid, reason, message].iter().fold(FNV_START, |hash, part| fnv1a(hash, part.as_bytes()));
    format!("{hash:016x}").into()
}

fn events(event: &Object) -> Vec<Text> {
    vec![said(event.str(&["involvedObject", "uid"]), event.str(&["reason"]), event.str(&["message"]))]
}

fn bound_to(claim: &Object) -> Vec<Text> {
    let volume = claim.str(&["spec", "volumeName"]);
    if volume.is_empty() || claim.annotation(volumes::BIND_COMPLETED).is_none() { Vec::new() } else { vec![volume.into()] }
}

/// Digits of a size in bytes, so that the order of values is that of sizes.
const DIGITS: usize = 20;

/// What the values of `Index::FreeVolumes` of a class begin with.
pub fn of_class(class: &str) -> String {
    format!("{class}/")
}

/// A value of `Index::FreeVolumes` without its size: class and access modes.
pub fn free_volume(class: &str, modes: &[&str]) -> String {
    of_class(class) + &modes.join(",") + "/"
}

/// The size part of a value of `Index::FreeVolumes`.
pub fn size(quantity: Quantity) -> String {
    format!("{:0DIGITS$}", quantity.value().max(0))
}

fn free(volume: &Object) -> Vec<Text> {
    if volume.at(&["spec", "claimRef"]).is_some() {
        return Vec::new();
    }
    let Ok(capacity) = Quantity::parse(volume.str(&["spec", "capacity", "storage"])) else { return Vec::new() };
    vec![(free_volume(volumes::class_of(volume), &volumes::modes(volume)) + &size(capacity)).into()]
}

fn owners(object: &Object) -> Vec<Text> {
    object.owner_references().iter().filter_map(|owner| owner["uid"].as_str()).map(Text::from).collect()
}

/// What all indexes hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Indexes {
    entries: RedBlackTreeSet<(Index, Text, ObjectKey)>,
    /// How many entries those have whose number somebody asks for.
    counts: RedBlackTreeMap<(Index, Text), usize>,
}

impl Indexes {
    /// Follows a change of one object, which may be of its status only.
    pub fn follow(&mut self, key: &ObjectKey, before: Option<&Object>, after: Option<&Object>, only_status: bool) {
        if only_status && before.map(is_terminal) == after.map(is_terminal) {
            return;
        }
        for row in ALL.iter().filter(|row| row.kind.is_empty() || row.kind == key.kind).filter(|row| !only_status || row.index.is_of_nodes()) {
            let new = after.map_or_else(Vec::new, row.values);
            let old = before.map_or_else(Vec::new, row.values);
            for value in old.iter().filter(|value| !new.contains(value)) {
                self.entries.remove_mut(&(row.index, value.clone(), key.clone()));
                self.count(row.index, value, -1);
            }
            for value in new.into_iter().filter(|value| !old.contains(value)) {
                self.count(row.index, &value, 1);
                self.entries.insert_mut((row.index, value, key.clone()));
            }
        }
    }

    fn count(&mut self, index: Index, value: &Text, change: isize) {
        if !index.is_of_nodes() {
            return;
        }
        let place = (index, value.clone());
        match self.counts.get(&place).copied().unwrap_or(0).saturating_add_signed(change) {
            0 => {
                self.counts.remove_mut(&place);
            }
            count => self.counts.insert_mut(place, count),
        }
    }

    /// How many pods are on a node, of all or of a controller.
    pub fn len(&self, index: Index, value: &str) -> usize {
        self.counts.get(&(index, value.into())).copied().unwrap_or(0)
    }

    /// How many pods those values have that begin with `prefix`: what follows it, and the number, in order.
    pub fn counts<'a>(&'a self, index: Index, prefix: &'a str) -> impl Iterator<Item = (&'a str, usize)> {
        let from_first = self.counts.range((index, Text::from(prefix))..);
        from_first.map_while(move |((found, value), count)| Some((value.strip_prefix(prefix).filter(|_| *found == index)?, *count)))
    }

    /// The keys of the objects that share a value, in order.
    pub fn get<'a>(&'a self, index: Index, value: &str) -> impl Iterator<Item = &'a ObjectKey> + use<'a> {
        let value = Text::from(value);
        let first = (index, value.clone(), ObjectKey::new("", "", ""));
        self.entries.range(first..).take_while(move |(found, at, _)| *found == index && *at == value).map(|(.., key)| key)
    }

    /// The keys of the objects whose values begin with `prefix` and are `prefix` + `from` or more, in the order of the values.
    pub fn from<'a>(&'a self, index: Index, prefix: &str, from: &str) -> impl Iterator<Item = &'a ObjectKey> + use<'a> {
        let prefix = prefix.to_owned();
        let first = (index, format!("{prefix}{from}").into(), ObjectKey::new("", "", ""));
        self.entries.range(first..).take_while(move |(found, at, _)| *found == index && at.starts_with(&prefix)).map(|(.., key)| key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::object::json;

    #[test]
    fn objects_are_found_by_what_they_share_now() {
        let mut indexes = Indexes::default();
        let key = ObjectKey::new("Pod", "default", "web-0");
        let mut pod = Object::new("v1", "Pod", "default", "web-0");
        pod.set(&["spec", "nodeName"], json!("node-1"));
        let on_one = pod.clone();
        indexes.follow(&key, None, Some(&on_one), false);
        pod.set(&["spec", "nodeName"], json!("node-2"));
        let on_two = pod;
        indexes.follow(&key, Some(&on_one), Some(&on_two), false);
        assert_eq!(indexes.len(Index::PodsOnNode, "node-1"), 0);
        assert_eq!(indexes.get(Index::PodsOnNode, "node-2").count(), 1);
        indexes.follow(&key, Some(&on_two), None, false);
        assert_eq!(indexes, Indexes::default());
    }
}
