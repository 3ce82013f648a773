//! Processes that are started in a container which runs.
//!
//! Models Exec and ExecSync of the CRI.

use super::container::ContainerId;
use super::start::not_executable;
use super::{Event, Networks, RuntimeId, Runtimes, Waker};
use crate::machine::disks::Disks;
use crate::machine::kernel::Signal;
use crate::machine::process::{Process, Progress};
use crate::machine::programs::PROGRAMS;
use crate::machine::vfs::View;
use crate::values::clock::Instant;

pub type ExecId = u64;

/// The most that are under way.
const EXECS_MAX: usize = 64;

/// A process in a container beside its first one.
#[derive(Clone, Debug, PartialEq)]
pub struct Exec {
    pub runtime: RuntimeId,
    pub container: ContainerId,
    pub process: Process,
}

/// Why nothing was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecError {
    NotRunning,
    /// There is no such program, in runc's words.
    NotExecutable(String),
    TooMany,
}

/// What came of a command that is to end at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecSync {
    /// Its code, and what it printed on both streams.
    Exited(i32, Vec<u8>),
    TimedOut,
}

impl Runtimes {
    /// Starts a program in a running container; `run_due` steps it.
    /// # Errors
    /// Why it cannot be started.
    pub fn exec(
        &mut self,
        disks: &mut Disks,
        (runtime, id): (RuntimeId, &ContainerId),
        argv: &[String],
        terminal: bool,
        now: Instant,
    ) -> Result<ExecId, ExecError> {
        let container = self.container(runtime, id).filter(|container| container.is_running()).ok_or(ExecError::NotRunning)?;
        let spec = container.spec.clone();
        let files = View::new(disks, &container.mounts, now);
        let name = argv.first().cloned().unwrap_or_default();
        if let Err(why) = PROGRAMS.can_start(&spec.profile, &files, &spec.working_directory, &name) {
            let why = not_executable(&name, why);
            return Err(ExecError::NotExecutable(format!("OCI runtime exec failed: exec failed: unable to start container process: {why}")));
        }
        if self.execs.size() >= EXECS_MAX {
            return Err(ExecError::TooMany);
        }
        let mut environment = spec.variables();
        if terminal {
            environment.insert("TERM".to_owned(), "xterm".to_owned());
        }
        let process = Process::start(argv, spec.profile, environment, &spec.working_directory, terminal);
        let exec = self.next_exec;
        self.next_exec += 1;
        self.execs.insert_mut(exec, Exec { runtime, container: id.clone(), process });
        self.wake(now, Waker::Exec(exec));
        Ok(exec)
    }

    /// Runs a command in a container; it must end within one turn.
    pub fn exec_sync(
        &mut self,
        disks: &mut Disks,
        networks: &dyn Networks,
        (runtime, id): (RuntimeId, &ContainerId),
        argv: &[String],
        now: Instant,
    ) -> Option<ExecSync> {
        let container = self.container(runtime, id)?;
        let (spec, mounts) = (container.spec.clone(), container.mounts.clone());
        let mut process = Process::start(argv, spec.profile, spec.variables(), &spec.working_directory, false);
        process.give_input(None);
        let progress = self.step(disks, networks, (runtime, id), &mounts, &mut process, now);
        let output = process.take_output().into_iter().flat_map(|chunk| chunk.bytes).collect();
        Some(if let Progress::Exited(code) = progress { ExecSync::Exited(code, output) } else { ExecSync::TimedOut })
    }

    pub fn exec_mut(&mut self, id: ExecId) -> Option<&mut Exec> {
        self.execs.get_mut(&id)
    }

    pub fn end_exec(&mut self, id: ExecId) {
        self.execs.remove_mut(&id);
    }

    /// Lets an exec's process go on at once, after it got input.
    pub fn poke_exec(&mut self, id: ExecId, now: Instant) {
        self.wake(now, Waker::Exec(id));
    }

    /// The container of the execs is gone.
    pub(super) fn kill_execs(&mut self, runtime: RuntimeId, container: &ContainerId) {
        let here = |exec: &Exec| exec.runtime == runtime && exec.container == *container;
        let here: Vec<ExecId> = self.execs.iter().filter(|(_, exec)| here(exec)).map(|(id, _)| *id).collect();
        for id in here {
            if let Some(exec) = self.execs.get_mut(&id) {
                exec.process.signal(Signal::Kill);
            }
        }
    }

    /// Gives the end of the container where the exec has sent a signal that ends it.
    pub(super) fn step_exec(&mut self, disks: &mut Disks, networks: &dyn Networks, id: ExecId, now: Instant) -> Option<Event> {
        let Exec { runtime, container, mut process } = self.execs.get(&id).cloned()?;
        let mounts = self.container(runtime, &container)?.mounts.clone();
        let progress = self.step(disks, networks, (runtime, &container), &mounts, &mut process, now);
        let pause = process.pause();
        let signals = process.take_signals_to_first();
        if let Some(exec) = self.execs.get_mut(&id) {
            exec.process = process;
        }
        match progress {
            Progress::Running => self.wake(now + pause, Waker::Exec(id)),
            Progress::Sleeping(until) => self.wake(until, Waker::Exec(id)),
            _ => {}
        }
        if signals.is_empty() || !self.container(runtime, &container).is_some_and(|container| container.is_running()) {
            return None;
        }
        self.signal(runtime, &container, Signal::Terminate, now);
        let ended = self.container(runtime, &container).is_some_and(|container| container.exit().is_some());
        ended.then_some(Event::Exited(runtime, container))
    }
}
