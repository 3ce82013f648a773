//! Objects on their way out: what is said of one, and waiting until it is gone. Models kubectl/pkg/cmd/delete and kubectl/pkg/cmd/wait.

use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Pending, Poll};
use crate::commands::kubectl::failure::{Failure, over};
use crate::commands::kubectl::request::write::DryRun;
use crate::control::cluster::Cluster;
use crate::kinds;
use crate::machine::process::Input;
use crate::values::clock::Instant;
use crate::values::object::{Object, ObjectKey};
use crate::world::World;

/// Waits until objects are gone.
#[derive(Clone, Debug, PartialEq)]
pub struct AwaitedDeletion {
    /// What is waited for, with its uid.
    left: Vec<(ObjectKey, String)>,
    deadline: Instant,
}

impl AwaitedDeletion {
    pub fn new(left: Vec<(ObjectKey, String)>, deadline: Instant) -> AwaitedDeletion {
        AwaitedDeletion { left, deadline }
    }

    /// How it ended, where it has.
    pub fn look(&mut self, cluster: &Cluster) -> Option<Result<(), Failure>> {
        self.left.retain(|(key, uid)| cluster.api.get(key).is_ok_and(|object| object.uid() == uid));
        if self.left.is_empty() {
            return Some(Ok(()));
        }
        if cluster.now() < self.deadline {
            return None;
        }
        Some(Failure::all(self.left.iter().map(|(key, _)| Failure::timed_out(key)).collect()))
    }
}

impl Pending for AwaitedDeletion {
    fn poll(&mut self, world: &mut World, host: &mut Host<'_>, _: Input, output: &mut Output) -> Poll {
        let cluster = &mut world.connect(&host.cluster);
        self.look(cluster).map_or(Poll::Going, |ended| over(ended, output))
    }

    fn wake(&self) -> Option<Instant> {
        Some(self.deadline)
    }
}

/// `pod "x" deleted from default namespace`
pub fn deleted_line(object: &Object, forced: bool, dry_run: DryRun) -> String {
    let def = kinds::def(object.kind());
    let name = object.name();
    let kind = def.name_of("");
    let place = if def.namespaced { format!(" from {} namespace", object.namespace()) } else { String::new() };
    let word = if forced { "force deleted" } else { "deleted" };
    format!("{} {name:?} {word}{place}{}", kind.trim_end_matches('/'), dry_run.suffix())
}
