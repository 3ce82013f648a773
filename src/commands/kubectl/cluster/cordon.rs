//! cordon, uncordon. Models kubectl/pkg/cmd/drain.

use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::nodes::{nodes, set_cordon};

pub fn cordon(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let on = invocation.verb.name == "cordon";
    for node in nodes(invocation)? {
        set_cordon(invocation, &node, on, dry_run)?;
    }
    Ok(None)
}
