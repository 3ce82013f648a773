//! port-forward: refuses what kubectl refuses; there is nothing on this machine that could be forwarded to.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};

/// port-forward: refuses what kubectl refuses; there is nothing on this machine that could be forwarded to.
pub fn port_forward(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    if words.len() < 2 {
        return Err(Failure::usage("TYPE/NAME and list of ports are required for port-forward"));
    }
    invocation.pod_or_owner(&words[0])?;
    invocation.not_simulated()
}
