//! Programs about the machine, its processes and other programs.

mod calculate;
mod calendar;
mod expr;
mod identity;
mod running;
mod screen;

use super::lib::table::Program;

/// The programs of this family, file by file.
pub const PROGRAMS: &[&[Program]] =
    &[calculate::PROGRAMS, calendar::PROGRAMS, expr::PROGRAMS, identity::PROGRAMS, running::PROGRAMS, screen::PROGRAMS];
