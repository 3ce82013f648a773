//! What waits speaks to the cluster that it began with, whatever the kubeconfig says by now.

use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Pending, Poll};
use crate::machine::process::Input;
use crate::values::clock::Instant;
use crate::world::{ClusterId, World};

/// What waits, and the cluster that it is connected to.
#[derive(Clone, Debug, PartialEq)]
pub struct Connected {
    pub pending: Box<dyn Pending>,
    pub cluster: ClusterId,
}

impl Pending for Connected {
    fn poll(&mut self, world: &mut World, host: &mut Host<'_>, input: Input, output: &mut Output) -> Poll {
        host.cluster = self.cluster.clone();
        self.pending.poll(world, host, input, output)
    }

    fn wake(&self) -> Option<Instant> {
        self.pending.wake()
    }

    fn watches_cluster(&self) -> bool {
        self.pending.watches_cluster()
    }

    fn is_endless(&self) -> bool {
        self.pending.is_endless()
    }

    fn prompt(&self) -> String {
        self.pending.prompt()
    }

    fn interrupt(&mut self, world: &mut World) -> bool {
        self.pending.interrupt(world)
    }
}
