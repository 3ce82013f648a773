//! What controllers, scheduler and kubelet are written against: what a sync may use, when it is called, and what it answers.

use crate::apiserver::ApiServer;
use crate::apiserver::store::Store;
use crate::control::assumed::Assumed;
use crate::control::flavour::Flavour;
use crate::control::kubelet::state::Kubelets;
use crate::machine::disks::Disks;
use crate::runtime::Runtimes;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey};
use crate::values::status::Status;

/// What a sync may use.
pub struct Ctx<'a> {
    pub api: &'a mut ApiServer,
    pub disks: &'a mut Disks,
    pub runtimes: &'a mut Runtimes,
    pub kubelets: &'a mut Kubelets,
    pub assumed: &'a mut Assumed,
    pub now: Instant,
    pub flavour: &'static Flavour,
}

/// When a key is to be looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    AwaitChange,
    RequeueAfter(Duration),
    /// As `RequeueAfter`, for what only repeats itself: a settled cluster may still have it ahead.
    Resync(Duration),
}

impl Action {
    /// How long until then.
    fn wait(self) -> Option<Duration> {
        match self {
            Action::AwaitChange => None,
            Action::RequeueAfter(span) | Action::Resync(span) => Some(span),
        }
    }

    /// The one of two that comes first, and of two that come together this one.
    pub fn sooner(self, other: Action) -> Action {
        let first = match (self.wait(), other.wait()) {
            (Some(own), Some(theirs)) => theirs >= own,
            (_, theirs) => theirs.is_none(),
        };
        if first { self } else { other }
    }
}

/// Which keys a controller must look at when an object has changed.
#[derive(Clone, Copy)]
pub enum Keys {
    /// The object's own.
    Itself,
    /// The object's own where this holds, or where the object is gone: a look at it otherwise would change nothing and be the last.
    /// No controller before this one in `ALL` may make it hold: a look in the same round would find what the mapping did not.
    ItselfIf(fn(&Object) -> bool),
    /// These.
    Of(fn(&Object, &Store) -> Vec<ObjectKey>),
}

/// One controller.
pub struct Controller {
    /// As upstream's controller_names.go.
    pub name: &'static str,
    pub watches: &'static [(&'static str, Keys)],
    /// An error is retried with back-off.
    pub sync: fn(&mut Ctx<'_>, &ObjectKey) -> Result<Action, Status>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_actions_the_sooner() {
        let (later, soon, resync) = (Action::RequeueAfter(Duration(2)), Action::RequeueAfter(Duration(1)), Action::Resync(Duration(1)));
        for (one, other, first) in [
            (later, soon, soon),
            (resync, later, resync),
            (soon, resync, soon),
            (resync, soon, resync),
            (Action::AwaitChange, resync, resync),
            (resync, Action::AwaitChange, resync),
        ] {
            assert_eq!(one.sooner(other), first, "{one:?} {other:?}");
        }
    }
}
