//! Programs: busybox and coreutils applets by family, one row each in `PROGRAMS`.
//!
//! A program is one function that is called until it is done. It keeps nothing but its `Scratch` between calls, and says
//! by its `Step` what it waits for. Most read all their input, compute and end; what must stream (`cat`, `grep`, `tail -f`)
//! takes what has come and asks for more.

use crate::values::order::Order;
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

use super::shell::{Dialect, Fd, Network, Process, Profile, TaskId};
use super::vfs::{self, Errno, View};
use crate::values::clock::Instant;
use std::collections::BTreeMap;

/// A program of the table.
pub struct Program {
    pub name: &'static str,
    /// `[-n] FILE...`, for `--help`.
    pub usage: &'static str,
    pub run: fn(&mut Io<'_, '_>) -> Step,
}

/// What a program waits for.
pub enum Step {
    Done(i32),
    /// Call me again soon: a long output goes out in pieces.
    Again,
    /// Call me when standard input has something, or its end.
    Read,
    Sleep(Instant),
    /// Run another program with my descriptors and call me with its code, or without one when `until` has come (it is then killed).
    Spawn {
        argv: Vec<String>,
        until: Option<Instant>,
    },
    /// Run a shell command, with `input` where it does not read what I do, and call me with its code; where `captures` says so, what
    /// it prints is then in the scratch's bytes.
    Command {
        text: String,
        input: Option<Vec<u8>>,
        captures: bool,
    },
    /// Become another program.
    Exec {
        argv: Vec<String>,
        environment: BTreeMap<String, String>,
    },
}

/// What a program remembers between calls.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Scratch {
    /// Which part of its work it is at.
    pub phase: u32,
    pub numbers: [i64; 6],
    pub bytes: Vec<u8>,
    pub words: Vec<String>,
    /// Standard input is at its end.
    pub ended: bool,
    pub code: i32,
}

/// How much a program holds of its standard input, in bytes: what never ends (`yes | sort`) is cut off here.
const INPUT_MAX: usize = 8 * 1024 * 1024;
/// How much is read of a device that never ends, in bytes.
const DEVICE_READ: u32 = 64 * 1024;

/// What a program sees of the world.
pub struct Io<'a, 'v> {
    pub argv: &'a [String],
    pub environment: &'a BTreeMap<String, String>,
    pub working_directory: &'a str,
    pub scratch: &'a mut Scratch,
    /// After `Spawn`: the child's code, or `None` where its time was up.
    pub child_code: Option<i32>,
    pub(super) task: TaskId,
    pub(super) process: &'a mut Process,
    pub files: &'a mut View<'v>,
    pub network: &'a mut dyn Network,
    pub now: Instant,
    pub(super) broken: bool,
}

impl Io<'_, '_> {
    /// The name by which the program was called, without its folder.
    pub fn name(&self) -> &str {
        self.argv.first().map_or("", |name| name.rsplit('/').next().unwrap_or(name))
    }

    pub fn arguments(&self) -> &[String] {
        self.argv.get(1..).unwrap_or_default()
    }

    pub fn out(&mut self, text: &str) {
        self.out_bytes(text.as_bytes());
    }

    pub fn out_bytes(&mut self, bytes: &[u8]) {
        self.broken |= !self.process.write(self.task, 1, bytes, self.files);
    }

    pub fn err(&mut self, text: &str) {
        self.process.write(self.task, 2, text.as_bytes(), self.files);
    }

    /// Prints `name: message` to standard error, and gives the code.
    pub fn fail(&mut self, message: &str, code: i32) -> Step {
        let text = format!("{}: {message}\n", self.name());
        self.err(&text);
        Step::Done(code)
    }

    /// A path argument, made absolute.
    pub fn path(&self, name: &str) -> String {
        vfs::absolute(self.working_directory, name)
    }

    /// All of standard input; `None`: not all there yet, return `Step::Read`.
    pub fn read_all(&mut self) -> Option<Vec<u8>> {
        while !self.scratch.ended {
            match self.process.read_some(self.task, 0, self.files) {
                None => return None,
                Some(bytes) if bytes.is_empty() => self.scratch.ended = true,
                Some(bytes) => self.scratch.bytes.extend(bytes),
            }
            if self.scratch.bytes.len() > INPUT_MAX {
                self.complain("out of memory");
                self.scratch.ended = true;
            }
        }
        Some(std::mem::take(&mut self.scratch.bytes))
    }

    /// What standard input has now: `None` nothing yet (return `Step::Read`), empty at its end.
    pub fn read_some(&mut self) -> Option<Vec<u8>> {
        self.process.read_some(self.task, 0, self.files)
    }

    /// The whole lines that standard input has now, newlines included, the last one perhaps without; `None`: none yet; empty at the end.
    pub fn read_lines(&mut self) -> Option<Vec<u8>> {
        loop {
            match self.process.read_some(self.task, 0, self.files) {
                None => return None,
                Some(bytes) if bytes.is_empty() => return Some(std::mem::take(&mut self.scratch.bytes)),
                Some(bytes) => self.scratch.bytes.extend(bytes),
            }
            if let Some(last) = self.scratch.bytes.iter().rposition(|byte| *byte == b'\n') {
                let rest = self.scratch.bytes.split_off(last + 1);
                return Some(std::mem::replace(&mut self.scratch.bytes, rest));
            }
        }
    }

    /// Whether the next line of standard input says yes; its end says no. `None`: none yet, return `Step::Read`.
    pub fn read_answer(&mut self) -> Option<bool> {
        loop {
            if let Some(end) = self.scratch.bytes.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.scratch.bytes.drain(..=end).collect();
                return Some(matches!(line.first(), Some(b'y' | b'Y')));
            }
            match self.process.read_some(self.task, 0, self.files) {
                None => return None,
                Some(bytes) if bytes.is_empty() => return Some(false),
                Some(bytes) => self.scratch.bytes.extend(bytes),
            }
        }
    }

    pub fn dialect(&self) -> Dialect {
        self.process.profile.dialect
    }

    pub fn profile(&self) -> Profile {
        self.process.profile
    }

    /// Whether the machine's programs are GNU's rather than busybox'.
    pub fn gnu(&self) -> bool {
        self.dialect() != Dialect::BusyboxAsh
    }

    /// One of two wordings: busybox' or GNU's.
    pub fn words<'a>(&self, busybox: &'a str, gnu: &'a str) -> &'a str {
        if self.gnu() { gnu } else { busybox }
    }

    /// Whether a descriptor leads to a terminal.
    pub fn is_terminal(&self, fd: u32) -> bool {
        self.process.has_terminal() && self.process.tasks.get(&self.task).is_some_and(|task| matches!(task.fds.get(&fd), Some(Fd::Terminal(_))))
    }

    /// Prints `name: message` to standard error, and remembers that something failed.
    pub fn complain(&mut self, message: &str) {
        self.scratch.code = 1;
        let text = format!("{}: {message}\n", self.name());
        self.err(&text);
    }

    /// The contents of operands in order (`-`, or none at all: standard input), with complaints about those that cannot be read;
    /// `None`: standard input is not all there yet, return `Step::Read`.
    pub fn sources(&mut self, operands: &[String]) -> Option<Vec<Source>> {
        let stdin = operands.is_empty() || operands.iter().any(|name| name == "-");
        let mut input = if stdin { Some(self.read_all()?) } else { None };
        if operands.is_empty() {
            return Some(vec![Source { name: "-".to_owned(), bytes: input.unwrap_or_default() }]);
        }
        let mut sources = Vec::new();
        for name in operands {
            if name == "-" {
                sources.push(Source { name: name.clone(), bytes: input.take().unwrap_or_default() });
                continue;
            }
            if let Some(bytes) = endless(self.files, &self.path(name)) {
                sources.push(Source { name: name.clone(), bytes });
                continue;
            }
            match self.files.read(&self.path(name)) {
                Ok(bytes) => sources.push(Source { name: name.clone(), bytes }),
                Err(error) => {
                    let message = self.cannot_open(name, error);
                    self.complain(&message);
                }
            }
        }
        Some(sources)
    }

    /// How this program says that it cannot open a file.
    pub fn cannot_open(&self, name: &str, error: Errno) -> String {
        if error == Errno::IsDirectory {
            return match (self.name(), self.gnu()) {
                ("head" | "tail", true) => format!("error reading '{name}': {error}"),
                ("sed", true) => format!("couldn't edit {name}: not a regular file"),
                ("grep", _) => format!("{name}: {error}"),
                (_, true) => format!("{name}: {error}"),
                _ => format!("read error: {error}"),
            };
        }
        match (self.name(), self.gnu()) {
            ("head" | "tail", true) => format!("cannot open '{name}' for reading: {error}"),
            ("sort", true) => format!("cannot read: {name}: {error}"),
            ("sed", true) => format!("can't read {name}: {error}"),
            ("awk", true) => format!("cannot open {name} ({error})"),
            (_, true) => format!("{name}: {error}"),
            ("cat" | "tail" | "uniq" | "md5sum" | "sha1sum" | "sha256sum" | "sha512sum" | "comm", false) => {
                format!("can't open '{name}': {error}")
            }
            _ => format!("{name}: {error}"),
        }
    }
}

/// A piece of a device that never ends; `None` for anything else.
pub fn endless(files: &View<'_>, path: &str) -> Option<Vec<u8>> {
    match files.special(path) {
        Some("zero") => Some(vec![0; DEVICE_READ as usize]),
        Some("random") => Some((0..DEVICE_READ).map(|place| noise(files.now.0, place)).collect()),
        _ => None,
    }
}

/// A byte of /dev/urandom: by time and place, so that a run repeats.
fn noise(seed: u64, place: u32) -> u8 {
    let mixed = (seed ^ u64::from(place).wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed >> 32 ^ mixed >> 56) as u8
}

/// An input of a program.
#[derive(Debug, PartialEq)]
pub struct Source {
    /// As it was named; `-` for standard input.
    pub name: String,
    pub bytes: Vec<u8>,
}

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

/// A program by its own name.
pub fn by_name(name: &str) -> Option<&'static Program> {
    FAMILIES.iter().find_map(|family| family.iter().find(|program| program.name == name))
}

/// Whether only those machines have a program that say so.
pub fn is_rare(name: &str) -> bool {
    matches!(name, "busybox" | "sudo") || clients::PROGRAMS.iter().any(|program| program.name == name)
}

/// The folders in which a machine keeps its programs.
const FOLDERS: &[&str] = &["/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/"];

/// The program that a name or path stands for on a machine.
pub fn find(profile: &Profile, name: &str) -> Option<&'static Program> {
    let plain = FOLDERS.iter().find_map(|folder| name.strip_prefix(folder)).unwrap_or(name);
    by_name(plain)
        .filter(|program| if is_rare(program.name) { profile.has.contains(&program.name) } else { !profile.without.contains(&program.name) })
}

/// Where `which` says that a machine's programs are.
pub fn folder_of_program(profile: &Profile) -> &'static str {
    if profile.dialect == Dialect::BusyboxAsh { "/bin/" } else { "/usr/bin/" }
}

/// Whether a folder is one where a machine's programs are.
pub fn is_program_folder(profile: &Profile, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    let own = folder_of_program(profile).trim_end_matches('/');
    // Debian's /bin leads to /usr/bin.
    folder == own || folder == "/bin"
}

/// The names of a machine's programs and shells.
pub fn names_on(profile: &Profile) -> Vec<&'static str> {
    let mut found: Vec<&str> = names().into_iter().chain(["ash", "bash", "dash", "sh"]).collect();
    found.retain(|name| Process::exists_as_program(profile, name));
    found.order();
    found
}

/// Every program's name, for completion and `busybox`.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = FAMILIES.iter().flat_map(|family| family.iter().map(|program| program.name)).collect();
    names.order();
    names
}
