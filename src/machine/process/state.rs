//! A process as a value: a kernel, and what runs in each of its tasks.

use crate::machine::kernel::descriptors::PipeId;
use crate::machine::kernel::task::{Task, TaskId, TaskState};
use crate::machine::kernel::tree::Kernel;
use crate::machine::kernel::{Profile, Signal};
use crate::machine::programs::lib::io::Scratch;
use crate::machine::shell::interpreter::Shell;
use crate::values::clock::Instant;
use std::collections::BTreeMap;

/// A program that runs: what it remembers, and which system call it is in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RunningProgram {
    /// Its row's name.
    pub name: &'static str,
    pub argv: Vec<String>,
    pub scratch: Scratch,
    pub waits: Waits,
}

/// What the system call of a program waits for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Waits {
    Nothing,
    Input,
    Until(Instant),
    Child(TaskId),
    ChildUntil(TaskId, Instant),
    /// For a command whose output is kept.
    Captured(TaskId, PipeId),
}

/// What runs in a task.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Executable {
    Shell(Box<Shell>),
    Program(Box<RunningProgram>),
}

/// A running program tree with its terminal: a shell, or a program that was started without one.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    pub(super) kernel: Kernel,
    /// By task; those that are in execve(2), calls and zombies have none.
    pub(super) running: BTreeMap<TaskId, Executable>,
    /// Slices used up in a row.
    pub(super) slices: u32,
}

impl Process {
    pub(super) fn empty(profile: Profile, terminal: bool) -> Process {
        Process { kernel: Kernel::empty(profile, terminal), running: BTreeMap::new(), slices: 0 }
    }

    /// The shell that runs in a task.
    pub(super) fn shell(&self, id: TaskId) -> Option<&Shell> {
        match self.running.get(&id) {
            Some(Executable::Shell(shell)) => Some(shell),
            _ => None,
        }
    }

    pub(super) fn shell_mut(&mut self, id: TaskId) -> Option<&mut Shell> {
        match self.running.get_mut(&id) {
            Some(Executable::Shell(shell)) => Some(shell),
            _ => None,
        }
    }

    /// Forgets what ran in tasks that have ended.
    pub(super) fn sweep(&mut self) {
        let tasks = &self.kernel.tasks;
        self.running.retain(|id, _| matches!(tasks.get(id), Some(Task { state: TaskState::Running, .. })));
    }

    /// The exit code once it is over.
    pub fn exit_code(&self) -> Option<i32> {
        self.kernel.exit_code()
    }

    pub fn working_directory(&self) -> &str {
        self.kernel.tasks.get(&self.kernel.root).map_or("/", |task| task.working_directory.as_str())
    }

    /// Takes the signals that were sent to the first process of the container.
    pub fn take_signals_to_first(&mut self) -> Vec<Signal> {
        std::mem::take(&mut self.kernel.sent_to_first)
    }
}
