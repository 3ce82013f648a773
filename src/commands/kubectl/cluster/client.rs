//! What asks no server: options, plugin list, completion.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::help;
use crate::commands::kubectl::invocation::{Invocation, Ran};

pub fn options(invocation: &mut Invocation<'_, '_>) -> Ran {
    help::show(invocation)
}

/// `plugin list`: there are none.
pub fn plugins(_: &mut Invocation<'_, '_>) -> Ran {
    Err(Failure::plain("unable to find any kubectl plugins in your PATH"))
}

pub fn completion(invocation: &mut Invocation<'_, '_>) -> Ran {
    if invocation.args.positional.len() > 1 {
        return Err(Failure::usage("Too many arguments. Expected only the shell type."));
    }
    match invocation.args.positional.first().map(String::as_str) {
        Some("bash" | "zsh" | "fish" | "powershell") => {
            invocation.output.line("# Tab completes kubectl's verbs, kinds, names and flags in this console already.");
            Ok(None)
        }
        Some(shell) => Err(Failure::usage(format!("Unsupported shell type {shell:?}."))),
        None => Err(Failure::usage("Shell not specified.")),
    }
}
