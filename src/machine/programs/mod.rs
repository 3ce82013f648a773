//! Programs: busybox and coreutils applets by family, one row each.
//!
//! A program is one function that is called until it exits. It keeps nothing but its `Scratch` between calls, and says by its
//! `Syscall` what it waits for. Most read all their input, compute and end; what must stream (`cat`, `grep`, `tail -f`) takes what has
//! come and asks for more.

pub mod archive;
pub mod awk;
pub mod blocks;
pub mod calculate;
pub mod calendar;
pub mod clients;
pub mod compare;
pub mod copying;
pub mod digest;
pub mod expr;
pub mod files;
pub mod find;
pub mod grep;
pub mod identity;
pub mod lib;
pub mod listing;
pub mod network;
pub mod options;
pub mod owners;
pub mod regex;
pub mod removing;
pub mod screen;
pub mod sed;
pub mod sorting;
pub mod space;
pub mod stream;
pub mod system;
pub mod text;

use lib::table::{Program, Table};

/// Every program.
pub static PROGRAMS: Table = Table(FAMILIES);

/// Families of programs; each is sorted by name.
const FAMILIES: &[&[Program]] = &[
    archive::PROGRAMS,
    awk::PROGRAMS,
    blocks::PROGRAMS,
    calculate::PROGRAMS,
    calendar::PROGRAMS,
    clients::PROGRAMS,
    compare::PROGRAMS,
    copying::PROGRAMS,
    digest::PROGRAMS,
    files::PROGRAMS,
    find::PROGRAMS,
    grep::PROGRAMS,
    identity::PROGRAMS,
    listing::PROGRAMS,
    network::PROGRAMS,
    owners::PROGRAMS,
    removing::PROGRAMS,
    screen::PROGRAMS,
    sed::PROGRAMS,
    sorting::PROGRAMS,
    space::PROGRAMS,
    stream::PROGRAMS,
    system::PROGRAMS,
    text::PROGRAMS,
];
