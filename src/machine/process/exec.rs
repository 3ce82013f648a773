//! What execve(2) does: a command line becomes a shell, a program, a call of the owner, or a complaint.

use super::state::{Executable, Process, RunningProgram, Waits};
use crate::machine::kernel::descriptors::Fd;
use crate::machine::kernel::task::{Caller, TaskId, TaskState, Turn};
use crate::machine::kernel::{Dialect, Profile, System};
use crate::machine::programs::PROGRAMS;
use crate::machine::programs::lib::io::Scratch;
use crate::machine::programs::lib::lookup::{Found, Refusal};
use crate::machine::shell::interpreter::Shell;
use crate::machine::shell::words;
use crate::machine::vfs::Errno;
use std::collections::BTreeMap;

/// The most tasks of one process.
const TASKS_MAX: usize = 256;

impl Process {
    /// A program as a container runtime starts it; `terminal` gives it a terminal (`exec -it`, `tty: true`). Owners that must say
    /// themselves that there is no such program ask `PROGRAMS.can_start` first.
    pub fn start(argv: &[String], profile: Profile, environment: BTreeMap<String, String>, working_directory: &str, terminal: bool) -> Process {
        let mut process = Process::empty(profile, terminal);
        let root = process.kernel.fork(0, Fd::of_terminal(), environment, working_directory);
        process.kernel.exec(root, argv.to_vec(), Caller::Runtime);
        process
    }

    /// A task becomes what its command line names, or says why it cannot.
    pub(super) fn exec(&mut self, id: TaskId, caller: Caller, system: &mut System<'_>) -> Turn {
        match self.load(id, caller, system) {
            Ok(executable) => {
                if let Some(task) = self.kernel.tasks.get_mut(&id) {
                    task.state = if executable.is_some() { TaskState::Running } else { TaskState::Call };
                }
                self.running.extend(executable.map(|executable| (id, executable)));
                Turn::Progress
            }
            Err((message, code)) => {
                self.kernel.write(id, 2, format!("{message}\n").as_bytes(), &mut system.files);
                Turn::Exit(code)
            }
        }
    }

    /// What a task's command line names; `None`: its owner answers it.
    /// # Errors
    /// The words for standard error and the exit code.
    fn load(&mut self, id: TaskId, caller: Caller, system: &System<'_>) -> Result<Option<Executable>, (String, i32)> {
        let shell = words::shell_name(&self.kernel);
        if self.kernel.tasks.len() > TASKS_MAX {
            return Err((format!("{shell}: fork: Resource temporarily unavailable"), 254));
        }
        let Some(task) = self.kernel.tasks.get(&id) else { return Ok(None) };
        let (profile, folder) = (&self.kernel.profile, &task.working_directory);
        let found = match PROGRAMS.lookup(profile, &system.files, folder, &task.argv) {
            // execvp(3) and every shell give it to a shell.
            Err(Refusal::Format(argv)) if caller != Caller::Runtime => Found::Shell(argv),
            Err(refusal) => {
                let name = task.argv.first().map_or("", String::as_str);
                return Err(match caller {
                    Caller::Shell => {
                        let (message, code) = words::cannot_start(profile.dialect, name, &refusal);
                        (format!("{shell}: {message}"), code)
                    }
                    Caller::Program(program) => program_cannot_start(shell, profile, program, name, &refusal),
                    Caller::Runtime => runtime_cannot_start(shell, profile, name, &refusal),
                });
            }
            Ok(found) => found,
        };
        Ok(match found {
            Found::Call => None,
            Found::Program(program, argv) => {
                let running = RunningProgram { name: program.name, argv, scratch: Scratch::default(), waits: Waits::Nothing };
                Some(Executable::Program(Box::new(running)))
            }
            Found::Shell(argv) => {
                Some(Executable::Shell(Box::new(Shell::of_arguments(&argv, &task.environment, profile.dialect, &system.files, folder)?)))
            }
        })
    }
}

fn reason(refusal: &Refusal) -> Errno {
    match refusal {
        Refusal::File(Errno::IsDirectory) => Errno::Permission,
        Refusal::File(error) => *error,
        Refusal::Interpreter | Refusal::Format(_) => Errno::NoEntry,
    }
}

/// What a program says of another one that it cannot start.
fn program_cannot_start(shell: &str, profile: &Profile, program: &str, name: &str, refusal: &Refusal) -> (String, i32) {
    let why = reason(refusal);
    let code = if why == Errno::NoEntry { 127 } else { 126 };
    let text = match (program, profile.dialect != Dialect::BusyboxAsh) {
        ("sudo", _) => format!("sudo: {name}: command not found"),
        ("xargs", _) | ("find", false) => format!("{program}: {name}: {why}"),
        // Bash has it as a keyword.
        ("time", true) => format!("{shell}: {}", words::cannot_start(profile.dialect, name, refusal).0),
        ("timeout" | "nohup", true) => format!("{program}: failed to run command '{name}': {why}"),
        (_, true) => format!("{program}: '{name}': {why}"),
        (_, false) => format!("{program}: can't execute '{name}': {why}"),
    };
    (text, code)
}

/// What a container's first process says where the runtime started it and the kernel then refused it.
fn runtime_cannot_start(shell: &str, profile: &Profile, name: &str, refusal: &Refusal) -> (String, i32) {
    match refusal {
        Refusal::Format(_) => (format!("exec {name}: exec format error"), 255),
        Refusal::Interpreter => (format!("exec {name}: no such file or directory"), 255),
        Refusal::File(_) => {
            let (message, code) = words::cannot_start(profile.dialect, name, refusal);
            (format!("{shell}: {message}"), code)
        }
    }
}
