//! What a program sees of the world, and the system calls by which it waits.

use super::table::Table;
use crate::machine::kernel::descriptors::Fd;
use crate::machine::kernel::devices::endless;
use crate::machine::kernel::task::TaskId;
use crate::machine::kernel::tree::Kernel;
use crate::machine::kernel::{Form, Network, Profile};
use crate::machine::vfs::{self, Errno, View};
use crate::values::clock::Instant;
use std::collections::BTreeMap;

/// The system call by which a program's function returns; it is called again when that is over.
pub enum Syscall {
    Exit(i32),
    /// sched_yield(2): a long output goes out in pieces.
    Yield,
    /// read(2): until standard input has something, or its end.
    Read,
    Sleep(Instant),
    /// posix_spawn(3) and waitpid(2): another program with the same descriptors, until its code is there, or none when `until` has come (it is then killed).
    Spawn {
        argv: Vec<String>,
        until: Option<Instant>,
    },
    /// system(3): a shell command, with `input` where it does not read what the program does; where `captures` says so, what it prints
    /// is then in the scratch's bytes, as with popen(3).
    System {
        text: String,
        input: Option<Vec<u8>>,
        captures: bool,
    },
    /// execve(2): become another program.
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
pub const INPUT_MAX: usize = 8 * 1024 * 1024;

/// What a program sees of the world.
pub struct Io<'a, 'v> {
    pub argv: &'a [String],
    pub environment: &'a BTreeMap<String, String>,
    pub working_directory: &'a str,
    pub scratch: &'a mut Scratch,
    /// After `Spawn` and `System`: the child's code, or `None` where its time was up.
    pub child_code: Option<i32>,
    pub task: TaskId,
    pub kernel: &'a mut Kernel,
    /// The table that its own row stands in.
    pub programs: &'static Table,
    pub files: &'a mut View<'v>,
    pub network: &'a mut dyn Network,
    pub now: Instant,
    pub broken: bool,
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
        self.broken |= !self.kernel.write(self.task, 1, bytes, self.files);
    }

    pub fn err(&mut self, text: &str) {
        self.kernel.write(self.task, 2, text.as_bytes(), self.files);
    }

    /// Prints `name: message` to standard error, and gives the code.
    pub fn fail(&mut self, message: &str, code: i32) -> Syscall {
        let text = format!("{}: {message}\n", self.name());
        self.err(&text);
        Syscall::Exit(code)
    }

    /// A path argument, made absolute.
    pub fn path(&self, name: &str) -> String {
        vfs::absolute(self.working_directory, name)
    }

    /// All of standard input; `None`: not all there yet, return `Syscall::Read`.
    pub fn read_all(&mut self) -> Option<Vec<u8>> {
        while !self.scratch.ended {
            match self.kernel.read_some(self.task, 0, self.files) {
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

    /// What standard input has now: `None` nothing yet (return `Syscall::Read`), empty at its end.
    pub fn read_some(&mut self) -> Option<Vec<u8>> {
        self.kernel.read_some(self.task, 0, self.files)
    }

    /// The whole lines that standard input has now, newlines included, the last one perhaps without; `None`: none yet; empty at the end.
    pub fn read_lines(&mut self) -> Option<Vec<u8>> {
        loop {
            match self.kernel.read_some(self.task, 0, self.files) {
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

    /// Whether the next line of standard input says yes; its end says no. `None`: none yet, return `Syscall::Read`.
    pub fn read_answer(&mut self) -> Option<bool> {
        loop {
            if let Some(end) = self.scratch.bytes.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.scratch.bytes.drain(..=end).collect();
                return Some(matches!(line.first(), Some(b'y' | b'Y')));
            }
            match self.kernel.read_some(self.task, 0, self.files) {
                None => return None,
                Some(bytes) if bytes.is_empty() => return Some(false),
                Some(bytes) => self.scratch.bytes.extend(bytes),
            }
        }
    }

    pub fn profile(&self) -> Profile {
        self.kernel.profile
    }

    /// Whether the machine's programs are GNU's rather than busybox'.
    pub fn gnu(&self) -> bool {
        self.profile().form == Some(Form::Coreutils)
    }

    /// One of two wordings: busybox' or GNU's.
    pub fn words<'a>(&self, busybox: &'a str, gnu: &'a str) -> &'a str {
        if self.gnu() { gnu } else { busybox }
    }

    /// Whether a descriptor leads to a terminal.
    pub fn is_terminal(&self, fd: u32) -> bool {
        self.kernel.terminal && self.kernel.tasks.get(&self.task).is_some_and(|task| matches!(task.fds.get(&fd), Some(Fd::Terminal(_))))
    }

    /// Prints `name: message` to standard error, and remembers that something failed.
    pub fn complain(&mut self, message: &str) {
        self.scratch.code = 1;
        let text = format!("{}: {message}\n", self.name());
        self.err(&text);
    }

    /// The contents of operands in order (`-`, or none at all: standard input), with complaints about those that cannot be read;
    /// `None`: standard input is not all there yet, return `Syscall::Read`.
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

/// An input of a program.
#[derive(Debug, PartialEq)]
pub struct Source {
    /// As it was named; `-` for standard input.
    pub name: String,
    pub bytes: Vec<u8>,
}
