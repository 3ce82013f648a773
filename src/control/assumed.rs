//! What the scheduler assumes: pods that have a node in its mind and not yet in the store.

use crate::apiserver::index;
use crate::values::object::{Object, ObjectKey};
use rpds::RedBlackTreeMap;
use std::ops::Bound;

/// Pods that wait for their claims to be bound on the node that was chosen for them: they count there already.
/// Models the assumed pods of pkg/scheduler/backend/cache.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assumed {
    /// What each pod counts under: its node, and its node with its controller.
    pods: RedBlackTreeMap<ObjectKey, Vec<String>>,
    counts: RedBlackTreeMap<String, usize>,
}

impl Assumed {
    pub fn count(&self, place: &str) -> usize {
        self.counts.get(place).copied().unwrap_or(0)
    }

    /// How many pods those places have that begin with `prefix`: what follows it, and the number, in order.
    pub fn counts<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, usize)> {
        self.counts
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .map_while(move |(place, count)| Some((place.strip_prefix(prefix)?, *count)))
    }

    pub fn forget(&mut self, pod: &ObjectKey) {
        let Some(places) = self.pods.get(pod).cloned() else { return };
        self.pods.remove_mut(pod);
        for place in places {
            match self.count(&place) {
                0 | 1 => {
                    self.counts.remove_mut(&place);
                }
                count => self.counts.insert_mut(place, count - 1),
            }
        }
    }

    pub fn assume(&mut self, key: &ObjectKey, pod: &Object, node: &str) {
        let owner = pod.controller().and_then(|owner| owner["uid"].as_str());
        let places: Vec<String> = std::iter::once(node.to_owned()).chain(owner.map(|owner| index::of_controller(owner) + node)).collect();
        for place in &places {
            self.counts.insert_mut(place.clone(), self.count(place) + 1);
        }
        self.pods.insert_mut(key.clone(), places);
    }
}
