//! A command that is not over at once: a value that its owner polls while the cluster goes on.
//!
//! `wait`, `logs -f`, `exec -it`, a shell on a node: each implements [`Pending`] for its own state, in its own file, and the console
//! holds a `Box<dyn Pending>` of whatever it is. A box is a value as all else is: it can be cloned and compared.

use super::host::Host;
use super::output::Output;
use crate::machine::process::Input;
use crate::values::clock::Instant;
use crate::world::World;
use std::any::Any;
use std::fmt::Debug;

/// What one poll came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Poll {
    Going,
    /// It waits for its standard input.
    WantsInput,
    /// It is over, and the code of its output is its exit code.
    Over,
}

/// What waits.
pub trait Pending: Value {
    /// Looks at the cluster and goes on. Polled at once, then after each step of the cluster, with its standard input.
    fn poll(&mut self, world: &mut World, host: &mut Host<'_>, input: Input, output: &mut Output) -> Poll;

    /// When it must be polled at the latest, although nothing happens in the cluster.
    fn wake(&self) -> Option<Instant> {
        None
    }

    /// Whether what happens in the cluster concerns it.
    fn watches_cluster(&self) -> bool {
        true
    }

    /// Whether it goes on until somebody ends it.
    fn is_endless(&self) -> bool {
        false
    }

    /// What it shows before it reads a line.
    fn prompt(&self) -> String {
        String::new()
    }

    /// Ctrl-C; whether that ends it.
    fn interrupt(&mut self, _world: &mut World) -> bool {
        true
    }
}

/// What makes a box of something that waits a value; every `Clone + PartialEq` has it.
pub trait Value: Debug {
    fn boxed(&self) -> Box<dyn Pending>;
    fn equals(&self, other: &dyn Pending) -> bool;
    fn as_any(&self) -> &dyn Any;
}

impl<T: Pending + Clone + PartialEq + 'static> Value for T {
    fn boxed(&self) -> Box<dyn Pending> {
        Box::new(self.clone())
    }

    fn equals(&self, other: &dyn Pending) -> bool {
        other.as_any().downcast_ref::<T>().is_some_and(|other| self == other)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Clone for Box<dyn Pending> {
    fn clone(&self) -> Box<dyn Pending> {
        (**self).boxed()
    }
}

impl PartialEq for dyn Pending {
    fn eq(&self, other: &dyn Pending) -> bool {
        self.equals(other)
    }
}

/// Without this second way to compare, the `PartialEq` that is derived for a struct with such a box moves out of it (rust-lang/rust#31740).
impl PartialEq<&Box<dyn Pending>> for Box<dyn Pending> {
    fn eq(&self, other: &&Box<dyn Pending>) -> bool {
        self.equals(&***other)
    }
}

/// What a command came to when it was started.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Done(Output),
    /// It wrote this so far, and waits.
    Pending(Box<dyn Pending>, Output),
}
