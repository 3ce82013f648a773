//! The processor: each task of a process has its turns, for a bounded number of steps.

use super::state::{Executable, Process, Waits};
use crate::machine::kernel::System;
use crate::machine::kernel::task::{TaskId, TaskState, Turn};
use crate::machine::shell::interpreter::Turning;
use crate::values::clock::{Duration, Instant};

/// Why `step` returned.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// The step limit was reached, or the output must be taken first; call again.
    Running,
    /// Nothing to do before this instant. Calls may be under way as well.
    Sleeping(Instant),
    /// Waits for input from the terminal (`give_input`); `next_wake` tells whether something sleeps besides.
    Reading,
    /// Waits for its owner's calls only (see `calls`).
    Calling,
    Exited(i32),
}

/// The most output that waits to be taken before a process pauses, in bytes.
const OUTPUT_MAX: usize = 64 * 1024;
/// What a process may do in one slice of the processor, in small steps.
const SLICE_STEPS: usize = 2_000;
/// How many of them one task takes before the next one's turn.
const TURN_STEPS: usize = 16;
/// So many bytes written count as one step.
const STEP_BYTES: usize = 256;
/// How long a process that used up its slice waits for the next one, by how many it has used up in a row: what computes without
/// end is throttled, as a container over its limit.
const PAUSES: [(u32, Duration); 3] = [(100, Duration::millis(20)), (200, Duration::millis(100)), (u32::MAX, Duration::millis(1000))];

impl Process {
    /// Runs for one slice of the processor at most. After `Running`, the next is due when `pause` is over.
    pub fn step(&mut self, system: &mut System<'_>) -> Progress {
        let progress = self.run_slice(system);
        self.slices = if progress == Progress::Running { self.slices.saturating_add(1) } else { 0 };
        progress
    }

    /// How long a process that used up its slice waits for the next one.
    pub fn pause(&self) -> Duration {
        PAUSES.iter().find(|(slices, _)| self.slices <= *slices).map_or(Duration::millis(1000), |(_, pause)| *pause)
    }

    fn run_slice(&mut self, system: &mut System<'_>) -> Progress {
        let mut left = SLICE_STEPS;
        let mut ids: Vec<TaskId> = Vec::new();
        loop {
            if let Some(code) = self.exit_code() {
                return Progress::Exited(code);
            }
            let mut progressed = false;
            ids.clear();
            ids.extend(self.kernel.tasks.keys());
            for id in &ids {
                // A task keeps its turn while it gets on, so that short commands end in one go.
                for _ in 0..TURN_STEPS {
                    if self.kernel.output.iter().map(|chunk| chunk.bytes.len()).sum::<usize>() > OUTPUT_MAX {
                        return Progress::Running;
                    }
                    self.kernel.written = 0;
                    if left == 0 || !self.kernel.tasks.contains_key(id) || !matches!(self.turn(*id, system), Turn::Progress) {
                        break;
                    }
                    progressed = true;
                    left = left.saturating_sub(1 + self.kernel.written / STEP_BYTES);
                }
            }
            if left == 0 {
                return Progress::Running;
            }
            if !progressed {
                return self.idle();
            }
        }
    }

    fn idle(&self) -> Progress {
        if let Some(code) = self.exit_code() {
            return Progress::Exited(code);
        }
        if self.reads_terminal() {
            return Progress::Reading;
        }
        match self.next_wake() {
            Some(until) => Progress::Sleeping(until),
            None if self.kernel.tasks.values().any(|task| task.state == TaskState::Call) => Progress::Calling,
            None => Progress::Reading,
        }
    }

    /// When something that sleeps goes on; `None`: nothing sleeps.
    pub fn next_wake(&self) -> Option<Instant> {
        let wake = |executable: &Executable| match executable {
            Executable::Program(program) => match program.waits {
                Waits::Until(until) | Waits::ChildUntil(_, until) => Some(until),
                _ => None,
            },
            Executable::Shell(_) => None,
        };
        self.running.values().filter_map(wake).min()
    }

    /// One small step of one task.
    fn turn(&mut self, id: TaskId, system: &mut System<'_>) -> Turn {
        if self.kernel.pipe_is_full(id) {
            return Turn::Blocked;
        }
        let Some(task) = self.kernel.tasks.get_mut(&id) else { return Turn::Blocked };
        system.files.umask = task.umask;
        let turn = match task.state {
            TaskState::Zombie(_) => {
                // A background task that nobody waits for goes when it is over.
                if task.background && !self.running.keys().any(|shell| self.shell(*shell).is_some_and(|shell| shell.waits_for(id))) {
                    self.kernel.tasks.remove(&id);
                }
                return Turn::Blocked;
            }
            TaskState::Call => return Turn::Blocked,
            TaskState::Exec(caller) => self.exec(id, caller, system),
            TaskState::Running => match self.running.get_mut(&id) {
                Some(Executable::Shell(_)) => self.shell_turn(id, system),
                Some(Executable::Program(_)) => self.program_turn(id, system),
                None => return Turn::Blocked,
            },
        };
        match turn {
            Turn::Blocked => return Turn::Blocked,
            Turn::Progress => {}
            Turn::Exit(code) => self.kernel.finish(id, code),
            Turn::Exec { argv, fds, environment, caller } => {
                if let Some(task) = self.kernel.tasks.get_mut(&id) {
                    (task.fds, task.environment) = (fds, environment);
                    task.aside.clear();
                }
                self.kernel.exec(id, argv, caller);
                self.kernel.close_pipes();
            }
        }
        self.sweep();
        Turn::Progress
    }

    /// One step of a shell.
    fn shell_turn(&mut self, id: TaskId, system: &mut System<'_>) -> Turn {
        let Some(Executable::Shell(shell)) = self.running.get_mut(&id) else { return Turn::Blocked };
        let mut forked = Vec::new();
        let turn = Turning { kernel: &mut self.kernel, system, task: id, forked: &mut forked }.step(shell);
        self.running.extend(forked.into_iter().map(|(id, shell)| (id, Executable::Shell(Box::new(shell)))));
        turn
    }
}
