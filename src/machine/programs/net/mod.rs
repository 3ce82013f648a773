//! Programs about the network, and clients of servers.

mod clients;
mod network;

use super::lib::table::Program;

/// The programs of this family, file by file.
pub const PROGRAMS: &[&[Program]] = &[clients::PROGRAMS, network::PROGRAMS];
