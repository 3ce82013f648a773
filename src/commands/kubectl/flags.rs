//! The flags of each verb.

use super::invocation::Verb;
use crate::commands::cli::args::{Flag, read_flags};

/// One command a line: its words, a tab, its flags as `read_flags` reads them; behind `options` those that every command has. Written by
/// `source/main.go` from kubectl's own module; a verb that kubectl does not have carries its flags in its row.
const FLAGS: &str = include_str!("flags.txt");

fn of_command(name: &str) -> Vec<Flag> {
    read_flags(FLAGS.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('\t')).unwrap_or(""))
}

/// The flags that every command has.
pub fn shared() -> Vec<Flag> {
    of_command("options")
}

/// The flags of a verb and those that every command has.
pub fn of(verb: &Verb) -> Vec<Flag> {
    let mut flags = match verb.own {
        Some((flags, _)) => read_flags(flags),
        None => of_command(verb.name),
    };
    // A verb's own flag hides the one of that name that all have, its letter too.
    let others: Vec<Flag> = shared().into_iter().filter(|flag| flags.iter().all(|own| own.long != flag.long)).collect();
    flags.extend(others);
    flags
}
