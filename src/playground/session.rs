//! Session: the user's own machine, its clusters, its consoles. Answers the shell's calls for kubectl.

use crate::control::cluster::Cluster;
use crate::control::flavour::Flavour;
use crate::machine::disks::Disks;
use crate::machine::shell::Chunk;
use crate::values::clock::Duration;

/// All that a page or a terminal holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub cluster: Cluster,
    /// The user's own machine: disk `home`, mounted at `/`.
    pub host: Disks,
}

/// Where the console's files are; also its working directory at the start.
pub const HOME: &str = "/home/student";

/// What the console is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsoleState {
    /// At its prompt.
    Prompt,
    /// An unfinished command: the next line goes on with it (prompt `> `).
    Continuation,
    /// A command runs.
    Running,
    /// A program in the foreground reads lines from the terminal.
    Reading,
}

impl Session {
    pub fn new(flavour: &'static Flavour, nodes: usize, seed: u64) -> Session {
        Session { cluster: Cluster::new(flavour, nodes, seed), host: Disks::default() }
    }

    /// Types a line and Enter: at the prompt a command, else input to what runs. Does what needs no time to pass.
    pub fn type_line(&mut self, _line: &str) {}

    /// Ctrl-C.
    pub fn interrupt(&mut self) {}

    /// Ctrl-D: the end of the input.
    pub fn end_input(&mut self) {}

    pub fn state(&self) -> ConsoleState {
        ConsoleState::Prompt
    }

    /// What is shown before the input line, such as `~ $ `, `> `, `/ # `.
    pub fn prompt(&self) -> String {
        "$ ".to_owned()
    }

    /// Output since the last call.
    pub fn take_output(&mut self) -> Vec<Chunk> {
        Vec::new()
    }

    /// Our own remarks since the last call (`note:` lines).
    pub fn take_notes(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// The exit code of the last command.
    pub fn last_code(&self) -> i32 {
        0
    }

    /// Lets simulated time pass for cluster and console; at most `steps` small steps of work, the rest stays due.
    pub fn advance(&mut self, span: Duration, _steps: usize) {
        self.cluster.advance(span);
    }

    /// Lets the clock jump until the console is at its prompt or reads input (a pipe, replay, tests).
    pub fn run_to_prompt(&mut self) {}

    /// Runs a command to its end without a trace in the console: for what stands before a lab's start.
    pub fn run_setup(&mut self, line: &str) {
        self.type_line(line);
        self.run_to_prompt();
        self.take_output();
    }

    /// What a command would print now, and its exit code, run on a copy of the session: takes no time and changes nothing.
    pub fn run_quietly(&self, line: &str) -> (Vec<Chunk>, i32) {
        let mut copy = self.clone();
        copy.interrupt();
        copy.take_output();
        copy.type_line(line);
        copy.run_to_prompt();
        (copy.take_output(), copy.last_code())
    }

    /// What Tab at the end of `line` offers: where the completed word begins, and the candidates.
    pub fn complete(&self, line: &str) -> (usize, Vec<String>) {
        (line.len(), Vec::new())
    }

    /// Reads a file of the console's home directory.
    pub fn read_file(&self, _name: &str) -> Option<String> {
        None
    }

    /// Writes a file of the console's home directory (the editor's buffers are such files).
    pub fn write_file(&mut self, _name: &str, _text: &str) {}
}
