//! The table of programs: a row says what a program is called, where it exists, and which function it is.

use super::io::{Io, Syscall};
use crate::machine::kernel::{Form, Profile};

/// Where a program exists.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum On {
    /// On every machine that has programs.
    Everywhere,
    /// Where the programs are of this form.
    Form(Form),
    /// On these machines (`Profile::machine`): images by their names, `node`, `console`.
    Only(&'static [&'static str]),
}

/// A program of the table.
pub struct Program {
    pub name: &'static str,
    /// `[-n] FILE...`, for `--help`.
    pub usage: &'static str,
    pub on: On,
    pub run: fn(&mut Io<'_, '_>) -> Syscall,
}

impl Program {
    /// Whether a machine has it.
    pub fn is_on(&self, profile: &Profile) -> bool {
        match (self.on, profile.form) {
            (_, None) => false,
            (On::Everywhere, Some(_)) => true,
            (On::Form(form), Some(own)) => form == own,
            (On::Only(machines), Some(_)) => machines.contains(&profile.machine),
        }
    }
}

/// The folders in which a machine keeps its programs.
const FOLDERS: &[&str] = &["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/"];

/// Families of programs, each a list of files; each file's rows are sorted by name.
pub struct Table(pub &'static [&'static [&'static [Program]]]);

impl Table {
    fn rows(&self) -> impl Iterator<Item = &'static Program> {
        self.0.iter().copied().flatten().copied().flatten()
    }

    /// A program by its own name.
    pub fn by_name(&self, name: &str) -> Option<&'static Program> {
        self.rows().find(|program| program.name == name)
    }

    /// The program that a name or path stands for on a machine.
    pub fn find(&self, profile: &Profile, name: &str) -> Option<&'static Program> {
        let plain = FOLDERS.iter().find_map(|folder| name.strip_prefix(folder)).unwrap_or(name);
        self.by_name(plain).filter(|program| program.is_on(profile))
    }

    /// Whether a name is a program or shell of a machine itself, whatever files there are.
    pub fn has(&self, profile: &Profile, name: &str) -> bool {
        self.find(profile, name).is_some() || profile.is_shell(name)
    }

    /// The names of a machine's programs and shells.
    pub fn names_on(&self, profile: &Profile) -> Vec<&'static str> {
        let mut found: Vec<&str> = self.names().into_iter().chain(SHELLS).filter(|name| self.has(profile, name)).collect();
        found.sort();
        found
    }

    /// Every program's name, for completion and `busybox`.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<&str> = self.rows().map(|program| program.name).collect();
        names.sort();
        names
    }
}

const SHELLS: [&str; 4] = ["ash", "bash", "dash", "sh"];

/// Where `which` says that a machine's programs are.
pub fn folder_of_programs(profile: &Profile) -> &'static str {
    if profile.form == Some(Form::Busybox) { "/bin/" } else { "/usr/bin/" }
}

/// Whether a folder is one where a machine's programs are.
pub fn is_program_folder(profile: &Profile, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    let own = folder_of_programs(profile).trim_end_matches('/');
    // Debian's /bin leads to /usr/bin.
    folder == own || folder == "/bin"
}
