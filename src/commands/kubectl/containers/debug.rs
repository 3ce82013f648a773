//! debug: refuses what kubectl refuses; debugging containers are not simulated.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};

/// `debug`: its image is asked for before all else.
pub fn debug(invocation: &mut Invocation<'_, '_>) -> Ran {
    if invocation.args.text("image").is_empty() && invocation.args.text("copy-to").is_empty() {
        return Err(Failure::plain("you must specify --image when not using --copy-to."));
    }
    invocation.not_simulated()
}
