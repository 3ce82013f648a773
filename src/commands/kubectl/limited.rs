//! `--request-timeout`: when a watch is closed.

use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Pending, Poll};
use crate::machine::process::Input;
use crate::values::clock::Instant;
use crate::world::World;

/// What would go on until somebody ends it, and ends at a deadline.
#[derive(Clone, Debug, PartialEq)]
pub struct Limited {
    pub pending: Box<dyn Pending>,
    pub deadline: Instant,
}

impl Pending for Limited {
    fn poll(&mut self, world: &mut World, host: &mut Host<'_>, input: Input, output: &mut Output) -> Poll {
        match self.pending.poll(world, host, input, output) {
            Poll::Going if self.deadline <= world.now() => Poll::Over,
            poll => poll,
        }
    }

    fn wake(&self) -> Option<Instant> {
        [self.pending.wake(), Some(self.deadline)].into_iter().flatten().min()
    }

    fn is_endless(&self) -> bool {
        true
    }
}
