//! The terminal of a process: what was typed, and what was printed.

use super::state::{Executable, Process, Waits};
use crate::machine::kernel::Chunk;

impl Process {
    /// Whether the process runs on a terminal.
    pub fn has_terminal(&self) -> bool {
        self.kernel.terminal
    }

    /// Whether something of the foreground waits for a line of the terminal.
    pub fn reads_terminal(&self) -> bool {
        self.running.iter().any(|(id, executable)| {
            let wants = match executable {
                Executable::Program(program) => program.waits == Waits::Input,
                Executable::Shell(shell) => shell.wants_input(),
            };
            wants && self.kernel.tasks.get(id).is_some_and(|task| task.reads_terminal() && !task.background)
        })
    }

    /// Bytes typed at the terminal (or written to the standard input); `None` closes it, and is Ctrl-D at a terminal.
    pub fn give_input(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.kernel.input.extend_from_slice(bytes),
            None => self.kernel.input_ended = true,
        }
    }

    /// Takes the first whole line that was typed and that nobody has read.
    pub fn take_line(&mut self) -> Option<String> {
        let end = self.kernel.input.iter().position(|byte| *byte == b'\n')?;
        let line: Vec<u8> = self.kernel.input.drain(..=end).collect();
        Some(String::from_utf8_lossy(&line[..end]).into_owned())
    }

    /// Output since the last call, in order.
    pub fn take_output(&mut self) -> Vec<Chunk> {
        std::mem::take(&mut self.kernel.output)
    }
}
