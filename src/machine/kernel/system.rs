//! The world around a process, for as long as one step takes.

use super::network::Network;
use crate::machine::vfs::View;
use crate::values::clock::Instant;

/// What a step may use.
pub struct System<'a> {
    pub files: View<'a>,
    pub now: Instant,
    pub network: &'a mut dyn Network,
}
