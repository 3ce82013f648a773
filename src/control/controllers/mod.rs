//! Controllers: stateless functions of one key, one row each in `ALL`; the work queue and its back-off.

use crate::apiserver::ApiServer;
use crate::apiserver::store::Store;
use crate::control::flavour::Flavour;
use crate::machine::disks::Disks;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey};
use crate::values::status::Status;

/// What a sync may use.
pub struct Ctx<'a> {
    pub api: &'a mut ApiServer,
    pub disks: &'a mut Disks,
    pub now: Instant,
    pub flavour: &'static Flavour,
}

/// When a key is to be looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    AwaitChange,
    RequeueAfter(Duration),
}

/// Maps a changed object to the keys that a controller must look at.
pub type ToKeys = fn(&Object, &Store) -> Vec<ObjectKey>;

/// One controller.
pub struct Controller {
    /// As upstream's controller_names.go.
    pub name: &'static str,
    pub watches: &'static [(&'static str, ToKeys)],
    /// An error is retried with back-off.
    pub sync: fn(&mut Ctx<'_>, &ObjectKey) -> Result<Action, Status>,
}

/// Every controller, in the order in which they take turns at one instant.
pub const ALL: &[Controller] = &[];
