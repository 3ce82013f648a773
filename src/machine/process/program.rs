//! A program's turn: its function is called when the system call that it is in is over.

use super::state::{Executable, Process, RunningProgram, Waits};
use crate::machine::kernel::System;
use crate::machine::kernel::descriptors::{Fd, PipeId};
use crate::machine::kernel::task::{Caller, TaskId, Turn};
use crate::machine::programs::PROGRAMS;
use crate::machine::programs::lib::io::{Io, Syscall};
use crate::values::clock::Instant;
use std::rc::Rc;

/// The descriptor on which a program has what its command prints.
const CAPTURE_FD: u32 = 63;
/// How much of it is kept, in bytes; what prints more is ended.
const CAPTURE_MAX: usize = 1024 * 1024;

/// What became of the system call that a program is in.
enum Return {
    Blocked,
    Progress,
    /// It is over, with the child's code where it waited for one.
    Over(Option<i32>),
}

impl Process {
    fn program_mut(&mut self, id: TaskId) -> Option<&mut RunningProgram> {
        match self.running.get_mut(&id) {
            Some(Executable::Program(program)) => Some(program),
            _ => None,
        }
    }

    /// Takes what a program's command has printed, until that has ended.
    fn capture(&mut self, id: TaskId, child: TaskId, pipe: PipeId) -> Return {
        let code = self.kernel.reap(child);
        let bytes = self.kernel.take_from_pipe(pipe);
        let Some(program) = self.program_mut(id) else { return Return::Blocked };
        program.scratch.bytes.extend_from_slice(&bytes);
        let full = program.scratch.bytes.len() > CAPTURE_MAX;
        if code.is_none() && !full {
            return if bytes.is_empty() { Return::Blocked } else { Return::Progress };
        }
        if let Some(task) = self.kernel.tasks.get_mut(&id) {
            task.fds.remove(&CAPTURE_FD);
        }
        self.kernel.remove(child);
        Return::Over(Some(code.unwrap_or(141)))
    }

    /// Looks at the system call that a program is in.
    fn look_at_syscall(&mut self, id: TaskId, now: Instant) -> Return {
        let Some(program) = self.program_mut(id) else { return Return::Blocked };
        match program.waits.clone() {
            Waits::Input if !self.kernel.has_input(id) => Return::Blocked,
            Waits::Until(until) if now < until => Return::Blocked,
            Waits::Nothing | Waits::Input | Waits::Until(_) => Return::Over(None),
            Waits::Child(child) => self.kernel.reap(child).map_or(Return::Blocked, |code| Return::Over(Some(code))),
            Waits::Captured(child, pipe) => self.capture(id, child, pipe),
            Waits::ChildUntil(child, until) => match self.kernel.reap(child) {
                Some(code) => Return::Over(Some(code)),
                None if now < until => Return::Blocked,
                None => {
                    self.kernel.remove(child);
                    Return::Over(None)
                }
            },
        }
    }

    pub(super) fn program_turn(&mut self, id: TaskId, system: &mut System<'_>) -> Turn {
        let child_code = match self.look_at_syscall(id, system.now) {
            Return::Blocked => return Turn::Blocked,
            Return::Progress => return Turn::Progress,
            Return::Over(code) => code,
        };
        let Some(Executable::Program(program)) = self.running.get_mut(&id) else { return Turn::Blocked };
        let Some(task) = self.kernel.tasks.get(&id) else { return Turn::Blocked };
        let (environment, working_directory) = (task.environment.clone(), task.working_directory.clone());
        let Some(row) = PROGRAMS.by_name(program.name) else { return Turn::Blocked };
        let mut io = Io {
            argv: &program.argv,
            environment: &environment,
            working_directory: &working_directory,
            scratch: &mut program.scratch,
            child_code,
            task: id,
            kernel: &mut self.kernel,
            programs: &PROGRAMS,
            files: &mut system.files,
            network: system.network,
            now: system.now,
            broken: false,
        };
        let syscall = (row.run)(&mut io);
        if io.broken {
            return Turn::Exit(141);
        }
        self.enter(id, row.name, syscall)
    }

    /// Enters a system call.
    fn enter(&mut self, id: TaskId, name: &'static str, syscall: Syscall) -> Turn {
        let caller = Caller::Program(name);
        let Some(task) = self.kernel.tasks.get(&id) else { return Turn::Blocked };
        let waits = match syscall {
            Syscall::Exit(code) => return Turn::Exit(code),
            Syscall::Exec { argv, environment } => return Turn::Exec { argv, fds: task.fds.clone(), environment, caller },
            Syscall::Yield => Waits::Nothing,
            Syscall::Read => Waits::Input,
            Syscall::Sleep(until) => Waits::Until(until),
            Syscall::Spawn { argv, until } => {
                let (fds, environment) = (task.fds.clone(), task.environment.clone());
                let child = self.kernel.spawn(id, argv, fds, environment, caller);
                until.map_or(Waits::Child(child), |until| Waits::ChildUntil(child, until))
            }
            Syscall::System { text, input, captures } => {
                let (mut fds, environment) = (task.fds.clone(), task.environment.clone());
                if let Some(bytes) = input {
                    fds.insert(0, Fd::Bytes { bytes: Rc::new(bytes), offset: 0 });
                }
                let pipe = captures.then(|| self.kernel.new_pipe());
                if let (Some(pipe), Some(task)) = (pipe, self.kernel.tasks.get_mut(&id)) {
                    fds.insert(1, Fd::PipeWrite(pipe));
                    task.fds.insert(CAPTURE_FD, Fd::PipeRead(pipe));
                }
                let argv = vec!["sh".to_owned(), "-c".to_owned(), text];
                let child = self.kernel.spawn(id, argv, fds, environment, Caller::Shell);
                pipe.map_or(Waits::Child(child), |pipe| Waits::Captured(child, pipe))
            }
        };
        if let Some(program) = self.program_mut(id) {
            program.waits = waits;
        }
        Turn::Progress
    }
}
