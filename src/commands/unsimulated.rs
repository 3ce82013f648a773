//! Commands that a course may ask for and that are not simulated: each says so, and what to do instead.

use super::cli::command::Command;
use super::cli::host::Host;
use super::cli::output::Output;
use super::cli::pending::Outcome;
use crate::world::World;

/// What to do here instead; the rest has nothing in its place.
const INSTEAD: &[(&str, &str)] = &[
    ("nano", "use the editor, or cat > FILE"),
    ("ssh-add", "ssh needs no key here"),
    ("ssh-agent", "ssh needs no key here"),
    ("vi", "use the editor, or cat > FILE"),
    ("vim", "use the editor, or cat > FILE"),
];

/// The row of such a command.
pub const fn unsimulated(name: &'static str) -> Command {
    Command { name, start, complete: None, help: None }
}

fn start(_: &mut World, _: &mut Host<'_>, argv: &[String]) -> Outcome {
    let name = argv.first().map_or("", |path| path.rsplit('/').next().unwrap_or(path));
    refuse(name, INSTEAD.iter().find(|(known, _)| *known == name).map_or("", |(_, instead)| instead))
}

/// `not simulated here: NAME (INSTEAD)`
pub fn refuse(name: &str, instead: &str) -> Outcome {
    let instead = if instead.is_empty() { String::new() } else { format!(" ({instead})") };
    Outcome::Done(Output::failed(&format!("not simulated here: {name}{instead}\n"), 1))
}
