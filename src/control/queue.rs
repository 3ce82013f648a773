//! The work queue: keys that controllers must look at, each at most once a controller, and when.
//!
//! Models client-go/util/workqueue. What is due now is done in rounds: what comes up in a round waits for the next one, so that
//! a controller looks once at what many syncs changed, as the real ones do that all work at once.

use crate::values::clock::{Duration, Instant};
use crate::values::object::ObjectKey;
use rpds::RedBlackTreeMap;
use std::rc::Rc;

/// A failed sync is tried again after this long, doubled each time.
const BACKOFF_FIRST: Duration = Duration::millis(500);
const BACKOFF_DOUBLINGS_MAX: u32 = 8;

/// Whose turn, by its place in `controllers::ALL`, and which object.
pub type Place = (u8, ObjectKey);

/// Keys in the order in which they are looked at. The rounds are empty whenever a cluster is at rest, so that they are worth no
/// structure that clones share.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queue {
    /// The instant that is being done.
    at: Instant,
    /// What is left of its round, the last first.
    round: Rc<Vec<Place>>,
    /// Its next round as it came up, what came up twice twice.
    next: Rc<Vec<Place>>,
    /// What is due after it; with `true`, only a resync, which a settled cluster may still have ahead.
    later: RedBlackTreeMap<(Instant, u8, ObjectKey), bool>,
    places: RedBlackTreeMap<Place, Instant>,
    failures: RedBlackTreeMap<Place, u32>,
}

impl Queue {
    /// Adds a key, or moves it forward.
    pub fn add(&mut self, due: Instant, place: Place, resync: bool) {
        if self.round.binary_search_by(|waiting| place.cmp(waiting)).is_ok() {
            return;
        }
        if let Some(old) = self.places.get(&place).copied() {
            if old <= due {
                return;
            }
            self.later.remove_mut(&(old, place.0, place.1.clone()));
            self.places.remove_mut(&place);
        }
        if due <= self.at {
            Rc::make_mut(&mut self.next).push(place);
        } else {
            self.later.insert_mut((due, place.0, place.1.clone()), resync);
            self.places.insert_mut(place, due);
        }
    }

    /// A look at a key now would change nothing and be the last: what is due later for it is no longer.
    pub fn settle(&mut self, place: &Place) {
        self.forget(place);
        if let Some(due) = self.places.get(place).copied() {
            self.later.remove_mut(&(due, place.0, place.1.clone()));
            self.places.remove_mut(place);
        }
    }

    /// When the first key is due.
    pub fn due(&self) -> Option<Instant> {
        if self.round.is_empty() && self.next.is_empty() { self.later.first().map(|((due, ..), _)| *due) } else { Some(self.at) }
    }

    /// When the first key is due that is more than a resync.
    pub fn due_in_earnest(&self) -> Option<Instant> {
        if self.round.is_empty() && self.next.is_empty() {
            self.later.iter().find(|(_, resync)| !**resync).map(|((due, ..), _)| *due)
        } else {
            Some(self.at)
        }
    }

    /// Takes the first key.
    pub fn take(&mut self) -> Option<(Instant, Place)> {
        if self.round.is_empty() {
            std::mem::swap(&mut self.round, &mut self.next);
            if self.round.len() > 1 {
                let round = Rc::make_mut(&mut self.round);
                round.sort_by(|one, other| other.cmp(one));
                round.dedup();
            }
        }
        if self.round.is_empty() {
            self.begin_instant();
        }
        let place = Rc::make_mut(&mut self.round).pop()?;
        Some((self.at, place))
    }

    /// All that is due next at one instant becomes its first round.
    fn begin_instant(&mut self) {
        let Some(due) = self.due() else { return };
        self.at = due;
        let round = Rc::make_mut(&mut self.round);
        while let Some((entry, _)) = self.later.first().filter(|((at, ..), _)| *at == due) {
            let (_, controller, key) = entry.clone();
            self.later.remove_mut(&(due, controller, key.clone()));
            self.places.remove_mut(&(controller, key.clone()));
            round.push((controller, key));
        }
        round.reverse();
    }

    /// A sync went well.
    pub fn forget(&mut self, place: &Place) {
        if !self.failures.is_empty() {
            self.failures.remove_mut(place);
        }
    }

    /// A sync failed: it is tried again, later each time.
    pub fn retry(&mut self, now: Instant, place: Place) {
        let failures = self.failures.get(&place).copied().unwrap_or(0);
        self.failures.insert_mut(place.clone(), failures + 1);
        let wait = Duration(BACKOFF_FIRST.0 << failures.min(BACKOFF_DOUBLINGS_MAX));
        self.add(now + wait, place, true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(controller: u8, name: &str) -> Place {
        (controller, ObjectKey::new("Pod", "default", name))
    }

    #[test]
    fn what_comes_up_waits_for_the_next_round() {
        let mut queue = Queue::default();
        let now = Instant(1_000);
        queue.add(now, place(5, "a"), false);
        queue.add(now, place(3, "b"), false);
        queue.add(now + Duration::seconds(1), place(1, "c"), true);
        assert_eq!(queue.take(), Some((now, place(3, "b"))));
        // One that waits in this round is not queued twice; a new one comes after it, whoever it is for.
        queue.add(now, place(5, "a"), false);
        queue.add(now, place(1, "c"), false);
        assert_eq!(queue.take(), Some((now, place(5, "a"))));
        assert_eq!(queue.take(), Some((now, place(1, "c"))));
        assert_eq!((queue.take(), queue.due()), (None, None));
    }

    #[test]
    fn what_needs_no_look_is_not_due_later() {
        let mut queue = Queue::default();
        let now = Instant(1_000);
        queue.add(now, place(0, "a"), false);
        queue.add(now + Duration::seconds(1), place(0, "b"), false);
        queue.settle(&place(0, "b"));
        queue.settle(&place(0, "c"));
        assert_eq!(queue.take(), Some((now, place(0, "a"))));
        assert_eq!(queue, Queue { at: now, ..Queue::default() });
    }

    #[test]
    fn failures_wait_longer_each_time() {
        let mut queue = Queue::default();
        let mut now = Instant(0);
        let mut waits = Vec::new();
        for _ in 0..3 {
            queue.retry(now, place(0, "a"));
            let (due, _) = queue.take().unwrap();
            waits.push(due - now);
            now = due;
        }
        assert_eq!(waits, [Duration::millis(500), Duration::millis(1_000), Duration::millis(2_000)]);
    }
}
