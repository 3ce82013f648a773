//! Commands that the owner of a process answers, such as `kubectl` on the console.

use super::state::Process;
use crate::machine::kernel::task::{Task, TaskState};
use crate::machine::kernel::{Chunk, Stream};
use crate::machine::vfs::View;
use std::collections::BTreeMap;

/// Which call of a process: several may be under way in one pipeline.
pub type CallId = u32;

/// A command that the owner of the process must run.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    pub id: CallId,
    pub argv: Vec<String>,
    pub environment: BTreeMap<String, String>,
    pub working_directory: String,
    /// Whether standard input is the terminal.
    pub stdin_is_terminal: bool,
    pub stdout_is_terminal: bool,
    /// It is, or belongs to, a job of the background.
    pub background: bool,
}

/// What a call's standard input has now.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    Bytes(Vec<u8>),
    /// Nothing yet.
    Wait,
    End,
}

impl Process {
    /// The calls that wait for the owner.
    pub fn calls(&self) -> Vec<Call> {
        let calls = self.kernel.tasks.iter().filter(|(_, task)| task.state == TaskState::Call);
        calls
            .map(|(id, task)| Call {
                id: *id,
                argv: task.argv.clone(),
                environment: task.environment.clone(),
                working_directory: task.working_directory.clone(),
                stdin_is_terminal: self.kernel.terminal && task.reads_terminal(),
                stdout_is_terminal: task.prints_to_terminal(),
                background: self.kernel.in_background(*id),
            })
            .collect()
    }

    /// Takes what a call's standard input has now.
    pub fn call_input(&mut self, id: CallId, files: &View<'_>) -> Input {
        match self.kernel.read_some(id, 0, files) {
            Some(bytes) if bytes.is_empty() => Input::End,
            Some(bytes) => Input::Bytes(bytes),
            None => Input::Wait,
        }
    }

    /// Writes to a call's standard output or error (which may be a pipe or file). False: the reader is gone (SIGPIPE).
    pub fn call_output(&mut self, id: CallId, chunk: &Chunk, files: &mut View<'_>) -> bool {
        self.kernel.write(id, if chunk.stream == Stream::Stdout { 1 } else { 2 }, &chunk.bytes, files)
    }

    /// Ends a call with its exit code.
    pub fn call_finished(&mut self, id: CallId, code: i32) {
        if matches!(self.kernel.tasks.get(&id), Some(Task { state: TaskState::Call, .. })) {
            self.kernel.finish(id, code);
        }
    }
}
