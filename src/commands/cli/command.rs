//! A row of the table of commands.

use super::host::{Host, HostView};
use super::pending::Outcome;
use crate::world::World;

/// Completes the last word of a command line.
pub type Complete = fn(&World, HostView<'_>, &[String], &str) -> Offer;

/// A command on the user's PATH.
pub struct Command {
    pub name: &'static str,
    /// Runs it; the first word is its name.
    pub start: fn(&mut World, &mut Host<'_>, &[String]) -> Outcome,
    /// What Tab offers behind it, given the words before the last, its name left out, and the last one. `None`: nor is its name offered.
    pub complete: Option<Complete>,
    /// How it is called and what for, in the console's `help`.
    pub help: Option<(&'static str, &'static str)>,
}

/// What Tab offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    Words(Vec<String>),
    /// Names of files.
    Files,
}

/// For commands whose words are files, or nothing that is known.
pub fn offer_files(_: &World, _: HostView<'_>, _: &[String], _: &str) -> Offer {
    Offer::Files
}
