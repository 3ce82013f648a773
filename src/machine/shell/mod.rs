//! Process: a resumable interpreter. It runs for a bounded number of steps and says why it stopped.
//!
//! The console's shell and a container's shell are this one, in their dialects. What is neither a builtin nor one of
//! the image's programs is a `Call`, which the owner answers (the session answers `kubectl`).
pub mod builtins;
pub mod syntax;

use super::vfs::View;
use crate::values::clock::Instant;
use std::collections::BTreeMap;

/// Whose words the shell speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `bash: x: command not found`
    Bash,
    /// `sh: x: not found`
    BusyboxAsh,
    /// `sh: 1: x: not found`
    Dash,
}

/// Which stream of the terminal or pipe a text belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Stdout,
    Stderr,
}

/// A piece of output in the order written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    pub stream: Stream,
    pub bytes: Vec<u8>,
}

/// Why `step` returned.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// The step limit was reached; call again.
    Running,
    /// Nothing to do before this instant.
    Sleeping(Instant),
    /// Waits for input from the terminal (`give_input`).
    Reading,
    /// Waits for its owner's calls only (see `calls`).
    Calling,
    Exited(i32),
}

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
}

/// What a call's standard input has now.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    Bytes(Vec<u8>),
    /// Nothing yet.
    Wait,
    End,
}

/// A signal to the foreground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Interrupt,
    Terminate,
    Kill,
}

/// What a program sees of the network; the cluster answers.
pub trait Network {
    /// The A records of a name as typed (search list applied), in the order of the answer; `None`: no such name.
    fn lookup(&self, name: &str) -> Option<Vec<String>>;
    /// The name of an address, for nslookup's second column.
    fn reverse(&self, address: &str) -> Option<String>;
    /// Whether a ping to the address is answered.
    fn answers_ping(&self, address: &str) -> bool;
    /// An HTTP GET to host:port/path: the status code and body, or the reason why nothing answers (`Connection refused`, `bad address 'x'`).
    /// # Errors
    /// The reason, as busybox wget words it.
    fn http_get(&mut self, host: &str, port: u16, path: &str) -> Result<(u16, Vec<u8>), String>;
    /// The name server's address, for nslookup's head; `None` outside a cluster.
    fn name_server(&self) -> Option<String>;
}

/// What a step may use.
pub struct System<'a> {
    pub files: View<'a>,
    pub now: Instant,
    pub network: &'a mut dyn Network,
}

/// A running program tree with its terminal: a shell, or a program that was started without one.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    dialect: Dialect,
}

impl Process {
    /// An interactive shell that is given whole lines by `run_line`.
    pub fn interactive(dialect: Dialect, _environment: BTreeMap<String, String>, _working_directory: &str) -> Process {
        Process { dialect }
    }

    /// A program as exec(3) starts it: `argv[0]` is looked up among the image's programs. `terminal` gives it a terminal (`exec -it`, `tty: true`).
    pub fn start(_argv: &[String], dialect: Dialect, _environment: BTreeMap<String, String>, _working_directory: &str, _terminal: bool) -> Process {
        Process { dialect }
    }

    /// Hands a line (or several) typed at the prompt to an interactive shell. False: the command is not complete, more lines are needed.
    pub fn run_line(&mut self, _line: &str) -> bool {
        let _ = self.dialect;
        true
    }

    /// Whether an interactive shell is at its prompt.
    pub fn at_prompt(&self) -> bool {
        true
    }

    /// Runs at most `steps` small steps.
    pub fn step(&mut self, _system: &mut System<'_>, _steps: usize) -> Progress {
        Progress::Exited(0)
    }

    /// Bytes typed at the terminal (or written to the standard input); `None` closes it.
    pub fn give_input(&mut self, _bytes: Option<&[u8]>) {}

    /// Output since the last call, in order.
    pub fn take_output(&mut self) -> Vec<Chunk> {
        Vec::new()
    }

    /// The calls that wait for the owner.
    pub fn calls(&self) -> Vec<Call> {
        Vec::new()
    }

    /// Takes what a call's standard input has now.
    pub fn call_input(&mut self, _id: CallId) -> Input {
        Input::End
    }

    /// Writes to a call's standard output or error (which may be a pipe or file). False: the reader is gone (SIGPIPE).
    pub fn call_output(&mut self, _id: CallId, _chunk: &Chunk) -> bool {
        true
    }

    /// Ends a call with its exit code.
    pub fn call_finished(&mut self, _id: CallId, _code: i32) {}

    /// Sends a signal to the foreground program (Ctrl-C) or, with Terminate and Kill, to the whole process.
    pub fn signal(&mut self, _signal: Signal) {}

    /// The exit code of the last command of an interactive shell.
    pub fn last_code(&self) -> i32 {
        0
    }
}
