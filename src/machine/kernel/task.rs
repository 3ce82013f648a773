//! Tasks: the members of a process, each with descriptors, an environment and a folder.

use super::descriptors::{Fd, Fds};
use std::collections::BTreeMap;

pub type TaskId = u32;

/// Who asked for execve(2), which decides who says what goes wrong with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Caller {
    /// The container runtime.
    Runtime,
    Shell,
    /// A program of this name, such as `xargs`.
    Program(&'static str),
}

/// How far a task is.
#[derive(Clone, Debug, PartialEq)]
pub enum TaskState {
    /// In execve(2): it becomes what its command line names at its next turn.
    Exec(Caller),
    Running,
    /// Its owner answers its command line (`Profile::calls`).
    Call,
    /// Over, with its exit code, until its parent reaps it.
    Zombie(i32),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    pub parent: TaskId,
    pub state: TaskState,
    /// Its command line; empty for a copy of a shell.
    pub argv: Vec<String>,
    pub fds: Fds,
    /// Descriptors that a shell has put aside for as long as a redirection lasts, the innermost last; no child gets them.
    pub aside: Vec<Fds>,
    pub environment: BTreeMap<String, String>,
    pub working_directory: String,
    pub umask: u32,
    pub background: bool,
}

impl Task {
    /// Whether one of its descriptors leads there.
    pub fn holds(&self, end: &Fd) -> bool {
        self.fds.values().chain(self.aside.iter().flat_map(BTreeMap::values)).any(|fd| fd == end)
    }

    /// Whether standard input is the terminal.
    pub fn reads_terminal(&self) -> bool {
        matches!(self.fds.get(&0), Some(Fd::Terminal(_)))
    }

    /// Whether standard output is the terminal.
    pub fn prints_to_terminal(&self) -> bool {
        matches!(self.fds.get(&1), Some(Fd::Terminal(_)))
    }
}

/// What one turn of a task came to.
pub enum Turn {
    Progress,
    Blocked,
    Exit(i32),
    /// It becomes another program, with these descriptors and this environment.
    Exec {
        argv: Vec<String>,
        fds: Fds,
        environment: BTreeMap<String, String>,
        caller: Caller,
    },
}
