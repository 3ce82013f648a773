//! get: tables and objects.

use super::foreground::Step;
use super::{Command, Host, Output, Ran};
use crate::control::cluster::Cluster;
use crate::machine::shell::Input;
use crate::values::clock::Instant;

/// `get -w`.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {}

impl Watch {
    pub fn poll(&mut self, _cluster: &mut Cluster, _host: &mut Host<'_>, _input: Input, _output: &mut Output) -> Step {
        Step::Done(Ok(()))
    }

    pub fn wake(&self) -> Option<Instant> {
        None
    }
}

pub fn run(command: &mut Command<'_, '_>) -> Ran {
    for object in command.chosen(&command.words())? {
        let object = object?;
        command.output.line(&super::resources::name_of(&object));
    }
    Ok(None)
}
