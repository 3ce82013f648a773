//! Programs: busybox and coreutils applets by family, one row each.
//!
//! A program is one function that is called until it exits. It keeps nothing but its `Scratch` between calls, and says by its
//! `Syscall` what it waits for. Most read all their input, compute and end; what must stream (`cat`, `grep`, `tail -f`) takes what has
//! come and asks for more.

mod files;
pub mod lib;
mod net;
mod system;
mod text;

use lib::table::Table;

/// Every program, by families.
pub static PROGRAMS: Table = Table(&[files::PROGRAMS, text::PROGRAMS, system::PROGRAMS, net::PROGRAMS]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::images::{Entry, IMAGES};

    #[test]
    fn an_image_has_the_program_that_it_runs() {
        for image in IMAGES {
            if let Entry::Command(words) = image.entry {
                assert!(PROGRAMS.has(&image.profile, words[0]), "{} has no {}", image.name, words[0]);
            }
        }
    }
}
