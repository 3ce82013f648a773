//! Programs that read bytes and print others.

mod awk;
mod bytes;
mod columns;
mod compare;
mod grep;
mod sed;
mod sorting;
mod stream;

use super::lib::table::Program;

/// The programs of this family, file by file.
pub const PROGRAMS: &[&[Program]] =
    &[awk::PROGRAMS, bytes::PROGRAMS, columns::PROGRAMS, compare::PROGRAMS, grep::PROGRAMS, sed::PROGRAMS, sorting::PROGRAMS, stream::PROGRAMS];
