//! top: nothing measures here.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};

/// `top node`, `top pod`: nothing measures here.
pub fn top(invocation: &mut Invocation<'_, '_>) -> Ran {
    let (one, flag) = if invocation.verb.name == "top node" { ("node", "--selector") } else { ("pod", "selector") };
    match invocation.args.positional.len() {
        0 => {}
        1 if !invocation.args.text("selector").is_empty() => return Err(Failure::plain(format!("only one of NAME or {flag} can be provided"))),
        1 => {}
        _ => return Err(Failure::usage(format!("{one} [NAME | -l label]"))),
    }
    Err(Failure::plain("Metrics API not available"))
}
