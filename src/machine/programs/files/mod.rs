//! Programs about files: where they are, what they are called, who may use them, and how much room they take.

mod archive;
mod blocks;
mod copying;
mod find;
mod listing;
mod names;
mod owners;
mod removing;
mod space;

use super::lib::table::Program;

/// The programs of this family, file by file.
pub const PROGRAMS: &[&[Program]] = &[
    archive::PROGRAMS,
    blocks::PROGRAMS,
    copying::PROGRAMS,
    find::PROGRAMS,
    listing::PROGRAMS,
    names::PROGRAMS,
    owners::PROGRAMS,
    removing::PROGRAMS,
    space::PROGRAMS,
];
