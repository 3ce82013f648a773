//! Process: a small resumable machine of shells, programs and pipes. It runs for a bounded number of steps and says why it stopped.
//!
//! The console's shell and a container's shell are this one, in their dialects. A process is a tree of tasks (shells,
//! programs, and calls that its owner answers, such as `kubectl` on the console), each with file descriptors that lead to
//! the terminal, to pipes or to files. Everything is a plain value: a clone is an undo point.
//!
//! ```text
//! owner: step(system, n) -> Running | Sleeping | Reading | Calling | Exited
//!        give_input / take_output          the terminal
//!        calls, call_input, call_output, call_finished      what the owner runs for it
//! ```
pub mod arithmetic;
mod arrays;
pub mod builtins;
pub mod expand;
pub mod interpreter;
pub mod jobs;
pub mod printf;
pub mod syntax;
#[cfg(test)]
mod tests;
pub mod variables;

use super::disks::Disks;
use super::programs::{self, Io, Scratch, Step};
use super::vfs::{self, View};
use crate::values::clock::{Duration, Instant};
use crate::values::order::Gather;
use interpreter::Shell;
use std::collections::BTreeMap;
use std::rc::Rc;

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

/// The machine that a process runs on: what its owner or its image decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    pub dialect: Dialect,
    /// Commands that the owner answers (`Call`).
    pub calls: &'static [&'static str],
    /// Programs of the table that this machine lacks.
    pub without: &'static [&'static str],
    /// Programs that only some machines have and this one does (`programs::is_rare`).
    pub has: &'static [&'static str],
    /// Whether nslookup prints as busybox 1.28 did.
    pub old_nslookup: bool,
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

/// A signal to the foreground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    Terminate,
    Kill,
}

/// What a program asks of a web server.
#[derive(Clone, Copy)]
pub struct HttpGet<'a> {
    pub host: &'a str,
    pub port: u16,
    pub path: &'a str,
    /// How the program calls itself: its `User-Agent`.
    pub agent: &'a str,
}

/// What a program sees of the network; the cluster answers.
pub trait Network {
    /// The A records of a name as typed (search list applied), in the order of the answer; `None`: no such name.
    fn lookup(&self, name: &str) -> Option<Vec<String>>;
    /// The name of an address, for nslookup's second column.
    fn reverse(&self, address: &str) -> Option<String>;
    /// The name that a full name is another one for (a CNAME record).
    fn alias(&self, _name: &str) -> Option<String> {
        None
    }
    /// The SRV records of a full name: `0 100 8080 web.default.svc.cluster.local`; `None`: no such name.
    fn services(&self, _name: &str) -> Option<Vec<String>> {
        None
    }
    /// Whether a ping to the address is answered.
    fn answers_ping(&self, address: &str) -> bool;
    /// An HTTP GET: the status code and body, or the reason why nothing answers (`Connection refused`, `bad address 'x'`). The files
    /// behind it are those on `disks` now.
    /// # Errors
    /// The reason, as busybox wget words it.
    fn http_get(&mut self, disks: &Disks, request: &HttpGet<'_>) -> Result<(u16, Vec<u8>), String>;
    /// The name server's address, for nslookup's head; `None` outside a cluster.
    fn name_server(&self) -> Option<String>;
}

/// No network at all: every name is unknown.
pub struct NoNetwork;

impl Network for NoNetwork {
    fn lookup(&self, _name: &str) -> Option<Vec<String>> {
        None
    }

    fn reverse(&self, _address: &str) -> Option<String> {
        None
    }

    fn answers_ping(&self, _address: &str) -> bool {
        false
    }

    fn http_get(&mut self, _disks: &Disks, request: &HttpGet<'_>) -> Result<(u16, Vec<u8>), String> {
        Err(format!("bad address '{}'", request.host))
    }

    fn name_server(&self) -> Option<String> {
        None
    }
}

/// What a step may use.
pub struct System<'a> {
    pub files: View<'a>,
    pub now: Instant,
    pub network: &'a mut dyn Network,
}

/// The most output that waits to be taken before a process pauses, in bytes.
pub const OUTPUT_MAX: usize = 64 * 1024;
/// What a process may do in one slice of the processor, in small steps.
const SLICE_STEPS: usize = 2_000;
/// How many of them one task takes before the next one's turn.
const TURN_STEPS: usize = 16;
/// So many bytes written count as one step.
const STEP_BYTES: usize = 256;
/// How long a process that used up its slice waits for the next one, by how many it has used up in a row: what computes without
/// end is throttled, as a container over its limit.
const PAUSES: [(u32, Duration); 3] = [(100, Duration::millis(20)), (200, Duration::millis(100)), (u32::MAX, Duration::millis(1000))];
/// How full a pipe may be before its writer pauses, in bytes.
const PIPE_MAX: usize = 64 * 1024;
/// The descriptor on which a program has what its command prints.
const CAPTURE_FD: u32 = 63;
/// How much of it is kept, in bytes; what prints more is ended.
const CAPTURE_MAX: usize = 1024 * 1024;
/// The most tasks of one process.
const TASKS_MAX: usize = 256;

pub(super) type TaskId = u32;
pub(super) type PipeId = u32;

/// Where a file descriptor leads.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fd {
    Null,
    Terminal(Stream),
    PipeRead(PipeId),
    PipeWrite(PipeId),
    /// A file open for reading: its bytes as of now lie at `path`; `offset` is how far it is read.
    FileRead {
        path: String,
        offset: usize,
    },
    /// A file open for writing; each write goes to its end.
    FileWrite {
        path: String,
    },
    Bytes {
        bytes: Rc<Vec<u8>>,
        offset: usize,
    },
}

pub(super) type Fds = BTreeMap<u32, Fd>;

/// A program that runs: its arguments and what it remembers between steps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Running {
    pub program: &'static str,
    pub argv: Vec<String>,
    pub scratch: Scratch,
    pub waits: Waits,
}

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

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TaskKind {
    Shell(Box<Shell>),
    Program(Box<Running>),
    Call(Vec<String>),
    /// Over, with its exit code; kept until its parent has seen it.
    Done(i32),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Task {
    pub parent: TaskId,
    pub fds: Fds,
    pub environment: BTreeMap<String, String>,
    pub working_directory: String,
    pub umask: u32,
    pub kind: TaskKind,
    pub background: bool,
}

#[derive(Clone, Debug, PartialEq, Default)]
struct Pipe {
    bytes: Vec<u8>,
}

/// A running program tree with its terminal: a shell, or a program that was started without one.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    pub(super) profile: Profile,
    pub(super) tasks: BTreeMap<TaskId, Task>,
    pipes: BTreeMap<PipeId, Pipe>,
    next: u32,
    /// Whether standard input is a terminal.
    terminal: bool,
    input: Vec<u8>,
    input_ended: bool,
    output: Vec<Chunk>,
    /// The root task's number; its end is the end of the process.
    root: TaskId,
    /// Slices used up in a row.
    slices: u32,
    /// Bytes written in this turn.
    written: usize,
    /// What was sent to number 1, which is another process where this one was started beside it.
    sent_to_first: Vec<Signal>,
}

/// What one turn of a task came to.
pub(super) enum Turn {
    Progress,
    Blocked,
}

impl Process {
    fn empty(profile: Profile, terminal: bool) -> Process {
        Process {
            profile,
            tasks: BTreeMap::new(),
            pipes: BTreeMap::new(),
            next: 1,
            terminal,
            input: Vec::new(),
            input_ended: false,
            output: Vec::new(),
            root: 1,
            slices: 0,
            written: 0,
            sent_to_first: Vec::new(),
        }
    }

    /// Sends a signal to the first process of the container; who owns that takes it from here.
    pub(super) fn signal_first(&mut self, signal: Signal) {
        self.sent_to_first.push(signal);
    }

    /// Takes the signals that were sent to the first process of the container.
    pub fn take_signals_to_first(&mut self) -> Vec<Signal> {
        std::mem::take(&mut self.sent_to_first)
    }

    /// The tasks under way, for `ps`: a number and the command line.
    pub fn running(&self) -> Vec<(u32, String)> {
        self.tasks
            .iter()
            .filter_map(|(id, task)| match &task.kind {
                TaskKind::Shell(_) if task.parent == 0 => Some((*id, "sh".to_owned())),
                TaskKind::Program(running) => Some((*id, running.argv.join(" "))),
                TaskKind::Call(argv) => Some((*id, argv.join(" "))),
                _ => None,
            })
            .collect()
    }

    /// Whether the process runs on a terminal.
    pub fn has_terminal(&self) -> bool {
        self.terminal
    }

    fn terminal_fds() -> Fds {
        [(0, Fd::Terminal(Stream::Stdout)), (1, Fd::Terminal(Stream::Stdout)), (2, Fd::Terminal(Stream::Stderr))].into_iter().gather()
    }

    /// An interactive shell that is given whole lines by `run_line`.
    pub fn interactive(profile: Profile, environment: BTreeMap<String, String>, working_directory: &str) -> Process {
        let mut process = Process::empty(profile, true);
        let shell = Shell::interactive(&environment, working_directory);
        process.add(Task {
            parent: 0,
            fds: Process::terminal_fds(),
            environment,
            working_directory: working_directory.to_owned(),
            umask: vfs::UMASK,
            kind: TaskKind::Shell(Box::new(shell)),
            background: false,
        });
        process
    }

    /// A program as exec(3) starts it: `argv[0]` is looked up among the machine's programs. `terminal` gives it a terminal (`exec -it`, `tty: true`).
    /// A name that is not there ends at once with 127; owners that must say so themselves ask `exists` first.
    pub fn start(argv: &[String], profile: Profile, environment: BTreeMap<String, String>, working_directory: &str, terminal: bool) -> Process {
        let mut process = Process::empty(profile, terminal);
        let fds = Process::terminal_fds();
        process.spawn(0, argv.to_vec(), fds, environment, working_directory, None);
        process
    }

    /// Whether a machine has a program: a name or a path of its usual folders, or an executable file.
    pub fn exists(profile: &Profile, name: &str, files: &View<'_>) -> bool {
        programs::find(profile, name).is_some()
            || is_shell(profile, name)
            || (name.contains('/') && files.stat(name).is_ok_and(|found| found.mode & 0o111 != 0))
    }

    /// Whether a name is a program or shell of the machine itself, whatever files there are.
    pub fn exists_as_program(profile: &Profile, name: &str) -> bool {
        programs::find(profile, name).is_some() || is_shell(profile, name)
    }

    /// Hands a line (or several) typed at the prompt to an interactive shell. False: the command is not complete, more lines are needed.
    pub fn run_line(&mut self, line: &str) -> bool {
        let dialect = self.profile.dialect;
        // A Ctrl-D that nothing read is forgotten.
        self.input_ended &= !self.terminal;
        let Some(Task { kind: TaskKind::Shell(shell), .. }) = self.tasks.get_mut(&self.root) else { return true };
        match shell.run_line(line, dialect) {
            Ok(complete) => complete,
            Err(message) => {
                self.write_fd(&Fd::Terminal(Stream::Stderr), format!("{message}\n").as_bytes());
                true
            }
        }
    }

    /// Whether an interactive shell is at its prompt.
    pub fn at_prompt(&self) -> bool {
        matches!(self.tasks.get(&self.root), Some(Task { kind: TaskKind::Shell(shell), .. }) if shell.idle())
    }

    /// What the foreground prints before it reads a line: a shell's prompt in its dialect; empty for other programs.
    pub fn prompt(&self) -> String {
        let reading = self.tasks.values().rev().find_map(|task| match &task.kind {
            TaskKind::Shell(shell) if shell.reads_terminal() => Some((shell, task)),
            _ => None,
        });
        match reading {
            Some((shell, _)) if shell.wants_more() => "> ".to_owned(),
            Some((_, task)) if self.profile.dialect == Dialect::Bash => {
                format!("root@{}:{}# ", task.environment.get("HOSTNAME").map_or("localhost", String::as_str), task.working_directory)
            }
            Some((_, task)) if self.profile.dialect == Dialect::BusyboxAsh => format!("{} # ", task.working_directory),
            Some(_) => "# ".to_owned(),
            None => String::new(),
        }
    }

    pub fn working_directory(&self) -> &str {
        self.tasks.get(&self.root).map_or("/", |task| task.working_directory.as_str())
    }

    /// A variable of the root shell.
    pub fn variable(&self, name: &str) -> Option<String> {
        match self.tasks.get(&self.root) {
            Some(Task { kind: TaskKind::Shell(shell), .. }) => shell.variables.lookup(name),
            _ => None,
        }
    }

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
            ids.extend(self.tasks.keys());
            for id in &ids {
                // A task keeps its turn while it gets on, so that short commands end in one go.
                for _ in 0..TURN_STEPS {
                    if self.output.iter().map(|chunk| chunk.bytes.len()).sum::<usize>() > OUTPUT_MAX {
                        return Progress::Running;
                    }
                    self.written = 0;
                    if left == 0 || !self.tasks.contains_key(id) || !matches!(self.turn(*id, system), Turn::Progress) {
                        break;
                    }
                    progressed = true;
                    left = left.saturating_sub(1 + self.written / STEP_BYTES);
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
            None if self.tasks.values().any(|task| matches!(task.kind, TaskKind::Call(_))) => Progress::Calling,
            None => Progress::Reading,
        }
    }

    /// The exit code once it is over.
    pub fn exit_code(&self) -> Option<i32> {
        match self.tasks.get(&self.root) {
            Some(Task { kind: TaskKind::Done(code), .. }) => Some(*code),
            Some(_) => None,
            None => Some(0),
        }
    }

    /// When something that sleeps goes on; `None`: nothing sleeps.
    pub fn next_wake(&self) -> Option<Instant> {
        self.tasks
            .values()
            .filter_map(|task| match &task.kind {
                TaskKind::Program(running) => match running.waits {
                    Waits::Until(until) | Waits::ChildUntil(_, until) => Some(until),
                    _ => None,
                },
                _ => None,
            })
            .min()
    }

    /// Whether something of the foreground waits for a line of the terminal.
    pub fn reads_terminal(&self) -> bool {
        self.tasks.values().any(|task| {
            let wants = match &task.kind {
                TaskKind::Program(running) => running.waits == Waits::Input,
                TaskKind::Shell(shell) => shell.wants_input(),
                _ => false,
            };
            wants && matches!(task.fds.get(&0), Some(Fd::Terminal(_))) && !task.background
        })
    }

    /// Bytes typed at the terminal (or written to the standard input); `None` closes it, and is Ctrl-D at a terminal.
    pub fn give_input(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.input.extend_from_slice(bytes),
            None => self.input_ended = true,
        }
    }

    /// Takes the first whole line that was typed and that nobody has read.
    pub fn take_line(&mut self) -> Option<String> {
        let end = self.input.iter().position(|byte| *byte == b'\n')?;
        let line: Vec<u8> = self.input.drain(..=end).collect();
        Some(String::from_utf8_lossy(&line[..end]).into_owned())
    }

    /// Output since the last call, in order.
    pub fn take_output(&mut self) -> Vec<Chunk> {
        std::mem::take(&mut self.output)
    }

    /// The calls that wait for the owner.
    pub fn calls(&self) -> Vec<Call> {
        self.tasks
            .iter()
            .filter_map(|(id, task)| match &task.kind {
                TaskKind::Call(argv) => Some(Call {
                    id: *id,
                    argv: argv.clone(),
                    environment: task.environment.clone(),
                    working_directory: task.working_directory.clone(),
                    stdin_is_terminal: self.terminal && matches!(task.fds.get(&0), Some(Fd::Terminal(_))),
                    stdout_is_terminal: matches!(task.fds.get(&1), Some(Fd::Terminal(_))),
                    background: self.in_background(*id),
                }),
                _ => None,
            })
            .collect()
    }

    /// Takes what a call's standard input has now.
    pub fn call_input(&mut self, id: CallId, files: &View<'_>) -> Input {
        match self.read_some(id, 0, files) {
            Some(bytes) if bytes.is_empty() => Input::End,
            Some(bytes) => Input::Bytes(bytes),
            None => Input::Wait,
        }
    }

    /// Writes to a call's standard output or error (which may be a pipe or file). False: the reader is gone (SIGPIPE).
    pub fn call_output(&mut self, id: CallId, chunk: &Chunk, files: &mut View<'_>) -> bool {
        self.write(id, if chunk.stream == Stream::Stdout { 1 } else { 2 }, &chunk.bytes, files)
    }

    /// Ends a call with its exit code.
    pub fn call_finished(&mut self, id: CallId, code: i32) {
        if matches!(self.tasks.get(&id), Some(Task { kind: TaskKind::Call(_), .. })) {
            self.finish(id, code);
        }
    }

    /// Sends a signal: Interrupt to the foreground, Terminate and Kill to the whole process. A root program or shell without a
    /// trap ignores Terminate, as PID 1 of a container does.
    pub fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::Kill => self.kill_all(137),
            Signal::Terminate => {
                if let Some(Task { kind: TaskKind::Shell(shell), .. }) = self.tasks.get_mut(&self.root) {
                    shell.pending_signal = Some("TERM");
                }
            }
            Signal::Interrupt => {
                self.input.clear();
                self.input_ended &= !self.terminal;
                let root = self.root;
                let others: Vec<TaskId> = self.tasks.keys().copied().filter(|id| *id != root && !self.in_background(*id)).collect();
                others.into_iter().for_each(|id| self.remove(id));
                match self.tasks.get_mut(&root) {
                    Some(Task { kind: TaskKind::Shell(shell), fds, .. }) if shell.is_interactive() => {
                        shell.interrupt();
                        *fds = Process::terminal_fds();
                    }
                    Some(_) => self.kill_all(130),
                    None => {}
                }
            }
        }
    }

    /// Whether a task, or one that it belongs to, runs in the background.
    fn in_background(&self, id: TaskId) -> bool {
        let mut next = self.tasks.get(&id);
        // Parents are older than their children, so this ends.
        while let Some(task) = next {
            if task.background {
                return true;
            }
            next = self.tasks.get(&task.parent);
        }
        false
    }

    /// Ends a task with all that it has started.
    pub(super) fn kill(&mut self, id: TaskId, code: i32) {
        let children: Vec<TaskId> = self.tasks.iter().filter(|(_, task)| task.parent == id).map(|(child, _)| *child).collect();
        children.into_iter().for_each(|child| self.remove(child));
        self.finish(id, code);
    }

    fn kill_all(&mut self, code: i32) {
        let root = self.root;
        self.tasks.retain(|id, _| *id == root);
        self.pipes.clear();
        if let Some(task) = self.tasks.get_mut(&root) {
            task.kind = TaskKind::Done(code);
        }
    }

    /// The exit code of the last command of an interactive shell.
    pub fn last_code(&self) -> i32 {
        match self.tasks.get(&self.root) {
            Some(Task { kind: TaskKind::Shell(shell), .. }) => shell.variables.last_code,
            Some(Task { kind: TaskKind::Done(code), .. }) => *code,
            _ => 0,
        }
    }

    fn add(&mut self, task: Task) -> TaskId {
        let id = self.next;
        self.next += 1;
        self.tasks.insert(id, task);
        id
    }

    pub(super) fn new_pipe(&mut self) -> PipeId {
        let id = self.next;
        self.next += 1;
        self.pipes.insert(id, Pipe::default());
        id
    }

    /// The umask of a task; what has no parent begins with the usual one.
    fn umask(&self, id: TaskId) -> u32 {
        self.tasks.get(&id).map_or(vfs::UMASK, |task| task.umask)
    }

    /// Starts a shell as a child: a subshell, a member of a pipeline, a script.
    pub(super) fn spawn_shell(&mut self, parent: TaskId, shell: Shell, fds: Fds, working_directory: &str) -> TaskId {
        let environment = shell.variables.exported();
        self.add(Task {
            parent,
            fds,
            environment,
            working_directory: working_directory.to_owned(),
            umask: self.umask(parent),
            kind: TaskKind::Shell(Box::new(shell)),
            background: false,
        })
    }

    /// Starts a program by its name; a name that is nowhere ends with 127 and the shell's words.
    pub(super) fn spawn(
        &mut self,
        parent: TaskId,
        argv: Vec<String>,
        fds: Fds,
        environment: BTreeMap<String, String>,
        working_directory: &str,
        files: Option<&View<'_>>,
    ) -> TaskId {
        let name = argv.first().cloned().unwrap_or_default();
        let working_directory = working_directory.to_owned();
        let mut complaint: Option<(String, i32)> = None;
        let kind = if self.tasks.len() >= TASKS_MAX {
            complaint = Some((format!("{}: fork: Resource temporarily unavailable", self.shell_name()), 254));
            TaskKind::Done(254)
        } else if self.profile.calls.contains(&name.as_str()) {
            TaskKind::Call(argv)
        } else if is_shell(&self.profile, &name) {
            match Shell::of_arguments(&argv, &environment, self.profile.dialect, files, &working_directory) {
                Ok(shell) => TaskKind::Shell(Box::new(shell)),
                Err((message, code)) => {
                    complaint = Some((message, code));
                    TaskKind::Done(code)
                }
            }
        } else if let Some(program) = programs::find(&self.profile, &name) {
            TaskKind::Program(Box::new(Running { program: program.name, argv, scratch: Scratch::default(), waits: Waits::Nothing }))
        } else {
            let path = vfs::absolute(&working_directory, &name);
            let found = files.filter(|_| name.contains('/')).and_then(|files| files.stat(&path).ok().map(|metadata| (files, metadata)));
            match found {
                Some((files, metadata)) if metadata.mode & 0o111 != 0 && metadata.file_type == vfs::FileType::File => {
                    let mut script = vec!["sh".to_owned(), path];
                    script.extend(argv.into_iter().skip(1));
                    match Shell::of_arguments(&script, &environment, self.profile.dialect, Some(files), &working_directory) {
                        Ok(shell) => TaskKind::Shell(Box::new(shell)),
                        Err((message, code)) => {
                            complaint = Some((message, code));
                            TaskKind::Done(code)
                        }
                    }
                }
                Some((_, metadata)) if metadata.file_type == vfs::FileType::Directory => {
                    let words = if self.profile.dialect == Dialect::Bash { "Is a directory" } else { "Permission denied" };
                    complaint = Some((format!("{}: {name}: {words}", self.shell_name()), 126));
                    TaskKind::Done(126)
                }
                Some(_) => {
                    complaint = Some((format!("{}: {name}: Permission denied", self.shell_name()), 126));
                    TaskKind::Done(126)
                }
                None => {
                    complaint = Some((self.not_found(&name), 127));
                    TaskKind::Done(127)
                }
            }
        };
        if let Some((message, _)) = complaint {
            let fd = fds.get(&2).cloned().unwrap_or(Fd::Null);
            self.write_fd(&fd, format!("{message}\n").as_bytes());
        }
        self.add(Task { parent, fds, environment, working_directory, umask: self.umask(parent), kind, background: false })
    }

    /// The name of a command line's program, where the machine has none of that name.
    pub(super) fn lacks(&self, argv: &[String], folder: &str, files: &View<'_>) -> Option<String> {
        let name = argv.first()?;
        let known = self.profile.calls.contains(&name.as_str()) || Process::exists_as_program(&self.profile, name);
        (!(known || name.contains('/') && files.exists(&vfs::absolute(folder, name)))).then(|| name.clone())
    }

    /// A child that ended at once, since there is no such program: what its parent says of it.
    fn cannot_run(&mut self, parent: TaskId, program: &str, name: &str, fds: Fds, files: &mut View<'_>) -> TaskId {
        let missing = vfs::Errno::NoEntry;
        let text = match (program, self.profile.dialect != Dialect::BusyboxAsh) {
            ("sudo", _) => format!("sudo: {name}: command not found\n"),
            ("xargs", _) | ("find", false) => format!("{program}: {name}: {missing}\n"),
            ("time", true) => format!("{}\n", self.not_found(name)),
            ("timeout" | "nohup", true) => format!("{program}: failed to run command '{name}': {missing}\n"),
            (_, true) => format!("{program}: '{name}': {missing}\n"),
            (_, false) => format!("{program}: can't execute '{name}': {missing}\n"),
        };
        self.write(parent, 2, text.as_bytes(), files);
        let (umask, working_directory) = (self.umask(parent), String::new());
        self.add(Task { parent, fds, environment: BTreeMap::new(), working_directory, umask, kind: TaskKind::Done(127), background: false })
    }

    /// What the shell calls itself in messages.
    pub(super) fn shell_name(&self) -> &'static str {
        match self.profile.dialect {
            // A script's complaints name its line; `-c TEXT` mostly has one.
            Dialect::Bash if !self.terminal => "bash: line 1",
            Dialect::Bash => "bash",
            Dialect::BusyboxAsh => "sh",
            Dialect::Dash => "sh: 1",
        }
    }

    fn not_found(&self, name: &str) -> String {
        match self.profile.dialect {
            Dialect::Bash if name.contains('/') => format!("{}: {name}: No such file or directory", self.shell_name()),
            Dialect::Bash => format!("{}: {name}: command not found", self.shell_name()),
            Dialect::BusyboxAsh => format!("sh: {name}: not found"),
            Dialect::Dash => format!("sh: 1: {name}: not found"),
        }
    }

    /// Ends a task: its descriptors close, its code stays for its parent.
    pub(super) fn finish(&mut self, id: TaskId, code: i32) {
        let orphan = self.tasks.get(&id).is_some_and(|task| id != self.root && !self.tasks.contains_key(&task.parent));
        if orphan {
            self.tasks.remove(&id);
        } else if let Some(task) = self.tasks.get_mut(&id) {
            task.fds.clear();
            task.kind = TaskKind::Done(code);
        }
        self.close_pipes();
    }

    /// Takes a task and all below it away.
    pub(super) fn remove(&mut self, id: TaskId) {
        self.tasks.remove(&id);
        let children: Vec<TaskId> = self.tasks.iter().filter(|(_, task)| task.parent == id).map(|(child, _)| *child).collect();
        children.into_iter().for_each(|child| self.remove(child));
        self.close_pipes();
    }

    /// A child's exit code once it is over; the child is then gone.
    pub(super) fn reap(&mut self, id: TaskId) -> Option<i32> {
        match self.tasks.get(&id) {
            None => Some(0),
            Some(Task { kind: TaskKind::Done(code), .. }) => {
                let code = *code;
                self.remove(id);
                Some(code)
            }
            Some(_) => None,
        }
    }

    fn pipe_has(&self, end: &Fd) -> bool {
        self.tasks.values().any(|task| task.fds.values().any(|fd| fd == end) || matches!(&task.kind, TaskKind::Shell(shell) if shell.holds(end)))
    }

    fn close_pipes(&mut self) {
        let gone: Vec<PipeId> =
            self.pipes.keys().copied().filter(|id| !self.pipe_has(&Fd::PipeRead(*id)) && !self.pipe_has(&Fd::PipeWrite(*id))).collect();
        for id in gone {
            self.pipes.remove(&id);
        }
    }

    /// Everything that a pipe holds; for the output of a command substitution.
    pub(super) fn drain_pipe(&mut self, id: PipeId) -> Vec<u8> {
        self.pipes.remove(&id).map(|pipe| pipe.bytes).unwrap_or_default()
    }

    /// Writes to where a descriptor leads. False: the pipe has no reader.
    pub(super) fn write(&mut self, id: TaskId, fd: u32, bytes: &[u8], files: &mut View<'_>) -> bool {
        self.written += bytes.len();
        let Some(fd) = self.tasks.get(&id).and_then(|task| task.fds.get(&fd)).cloned() else { return true };
        match &fd {
            Fd::FileWrite { path } => {
                if let Err(error) = files.append(path, bytes) {
                    let message = format!("write error: {error}\n");
                    self.write_fd(&Fd::Terminal(Stream::Stderr), message.as_bytes());
                }
                true
            }
            _ => self.write_fd(&fd, bytes),
        }
    }

    fn write_fd(&mut self, fd: &Fd, bytes: &[u8]) -> bool {
        match fd {
            Fd::Terminal(stream) => match self.output.last_mut() {
                _ if bytes.is_empty() => {}
                Some(last) if last.stream == *stream => last.bytes.extend_from_slice(bytes),
                _ => self.output.push(Chunk { stream: *stream, bytes: bytes.to_vec() }),
            },
            Fd::PipeWrite(pipe) => {
                if !self.pipe_has(&Fd::PipeRead(*pipe)) {
                    return false;
                }
                if let Some(pipe) = self.pipes.get_mut(pipe) {
                    pipe.bytes.extend_from_slice(bytes);
                }
            }
            _ => {}
        }
        true
    }

    /// What a descriptor has to read: `None` nothing yet, empty at the end.
    pub(super) fn read_some(&mut self, id: TaskId, fd: u32, files: &View<'_>) -> Option<Vec<u8>> {
        let found = self.tasks.get(&id).and_then(|task| task.fds.get(&fd)).cloned().unwrap_or(Fd::Null);
        match found {
            Fd::Null | Fd::PipeWrite(_) | Fd::FileWrite { .. } => Some(Vec::new()),
            Fd::Terminal(_) => {
                if !self.input.is_empty() {
                    return Some(std::mem::take(&mut self.input));
                }
                // On a terminal, Ctrl-D ends one reading; a pipe that has ended stays so.
                let ended = self.input_ended;
                self.input_ended &= !self.terminal;
                ended.then(Vec::new)
            }
            Fd::PipeRead(pipe) => {
                let bytes = self.pipes.get_mut(&pipe).map(|pipe| std::mem::take(&mut pipe.bytes)).unwrap_or_default();
                if bytes.is_empty() && self.pipe_has(&Fd::PipeWrite(pipe)) { None } else { Some(bytes) }
            }
            Fd::FileRead { path, offset } => {
                if let Some(bytes) = programs::endless(files, &path) {
                    self.written += bytes.len();
                    return Some(bytes);
                }
                let bytes = files.read(&path).unwrap_or_default();
                let rest = bytes.get(offset..).unwrap_or_default().to_vec();
                self.advance(id, fd, rest.len());
                Some(rest)
            }
            Fd::Bytes { bytes, offset } => {
                let rest = bytes.get(offset..).unwrap_or_default().to_vec();
                self.advance(id, fd, rest.len());
                Some(rest)
            }
        }
    }

    /// Puts bytes back that a reader did not want, such as what follows the line that `read` took.
    pub(super) fn unread(&mut self, id: TaskId, fd: u32, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        match self.tasks.get_mut(&id).and_then(|task| task.fds.get_mut(&fd)) {
            Some(Fd::Terminal(_)) => {
                let later = std::mem::replace(&mut self.input, bytes);
                self.input.extend(later);
            }
            Some(Fd::PipeRead(pipe)) => {
                let pipe = *pipe;
                let held = self.pipes.entry(pipe).or_default();
                let later = std::mem::replace(&mut held.bytes, bytes);
                held.bytes.extend(later);
            }
            Some(Fd::FileRead { offset, .. } | Fd::Bytes { offset, .. }) => *offset = offset.saturating_sub(bytes.len()),
            _ => {}
        }
    }

    fn advance(&mut self, id: TaskId, fd: u32, by: usize) {
        if let Some(Fd::FileRead { offset, .. } | Fd::Bytes { offset, .. }) = self.tasks.get_mut(&id).and_then(|task| task.fds.get_mut(&fd)) {
            *offset += by;
        }
    }

    /// Whether a task's standard input has something to read, or its end.
    fn has_input(&self, id: TaskId) -> bool {
        match self.tasks.get(&id).and_then(|task| task.fds.get(&0)) {
            Some(Fd::Terminal(_)) => !self.input.is_empty() || self.input_ended,
            Some(Fd::PipeRead(pipe)) => self.pipes.get(pipe).is_some_and(|pipe| !pipe.bytes.is_empty()) || !self.pipe_has(&Fd::PipeWrite(*pipe)),
            _ => true,
        }
    }

    fn pipe_is_full(&self, id: TaskId) -> bool {
        match self.tasks.get(&id).and_then(|task| task.fds.get(&1)) {
            Some(Fd::PipeWrite(pipe)) => self.pipes.get(pipe).is_some_and(|pipe| pipe.bytes.len() > PIPE_MAX) && self.pipe_has(&Fd::PipeRead(*pipe)),
            _ => false,
        }
    }

    /// One small step of one task.
    fn turn(&mut self, id: TaskId, system: &mut System<'_>) -> Turn {
        if self.pipe_is_full(id) {
            return Turn::Blocked;
        }
        let Some(task) = self.tasks.get_mut(&id) else { return Turn::Blocked };
        system.files.umask = task.umask;
        match &mut task.kind {
            TaskKind::Done(_) => {
                // A background task that nobody waits for goes when it is over.
                if task.background && !self.tasks.values().any(|task| matches!(&task.kind, TaskKind::Shell(shell) if shell.waits_for(id))) {
                    self.tasks.remove(&id);
                }
                Turn::Blocked
            }
            TaskKind::Call(_) => Turn::Blocked,
            TaskKind::Shell(_) => self.shell_turn(id, system),
            TaskKind::Program(_) => self.program_turn(id, system),
        }
    }

    /// Takes what a program's command has printed; gives its code once it has ended.
    fn capture(&mut self, id: TaskId, child: TaskId, pipe: PipeId) -> Result<i32, Turn> {
        let code = self.reap(child);
        let bytes = self.pipes.get_mut(&pipe).map(|pipe| std::mem::take(&mut pipe.bytes)).unwrap_or_default();
        let Some(Task { kind: TaskKind::Program(running), fds, .. }) = self.tasks.get_mut(&id) else { return Err(Turn::Blocked) };
        running.scratch.bytes.extend_from_slice(&bytes);
        let full = running.scratch.bytes.len() > CAPTURE_MAX;
        if code.is_none() && !full {
            return Err(if bytes.is_empty() { Turn::Blocked } else { Turn::Progress });
        }
        fds.remove(&CAPTURE_FD);
        self.remove(child);
        Ok(code.unwrap_or(141))
    }

    fn program_turn(&mut self, id: TaskId, system: &mut System<'_>) -> Turn {
        let Some(Task { kind: TaskKind::Program(running), .. }) = self.tasks.get(&id) else { return Turn::Blocked };
        let mut child_code = None;
        match running.waits.clone() {
            Waits::Nothing => {}
            Waits::Input if !self.has_input(id) => return Turn::Blocked,
            Waits::Until(until) if system.now < until => return Turn::Blocked,
            Waits::Input | Waits::Until(_) => {}
            Waits::Child(child) => match self.reap(child) {
                Some(code) => child_code = Some(code),
                None => return Turn::Blocked,
            },
            Waits::Captured(child, pipe) => match self.capture(id, child, pipe) {
                Ok(code) => child_code = Some(code),
                Err(turn) => return turn,
            },
            Waits::ChildUntil(child, until) => match self.reap(child) {
                Some(code) => child_code = Some(code),
                None if system.now < until => return Turn::Blocked,
                None => self.remove(child),
            },
        }
        let Some(task) = self.tasks.get_mut(&id) else { return Turn::Blocked };
        let (environment, working_directory) = (task.environment.clone(), task.working_directory.clone());
        let TaskKind::Program(running) = &mut task.kind else { return Turn::Blocked };
        // What the program remembers is taken out of its task while it acts on the process.
        let (argv, mut scratch) = (running.argv.clone(), std::mem::take(&mut running.scratch));
        let Some(program) = programs::by_name(running.program) else { return Turn::Blocked };
        let mut io = Io {
            argv: &argv,
            environment: &environment,
            working_directory: &working_directory,
            scratch: &mut scratch,
            child_code,
            task: id,
            process: self,
            files: &mut system.files,
            network: system.network,
            now: system.now,
            broken: false,
        };
        let step = (program.run)(&mut io);
        let broken = io.broken;
        if broken {
            self.finish(id, 141);
            return Turn::Progress;
        }
        let waits = match step {
            Step::Done(code) => {
                self.finish(id, code);
                return Turn::Progress;
            }
            Step::Again => Waits::Nothing,
            Step::Read => Waits::Input,
            Step::Sleep(until) => Waits::Until(until),
            Step::Spawn { argv, until } => {
                let fds = self.tasks[&id].fds.clone();
                let child = match self.lacks(&argv, &working_directory, &system.files) {
                    Some(name) => self.cannot_run(id, program.name, &name, fds, &mut system.files),
                    None => self.spawn(id, argv, fds, environment, &working_directory, Some(&system.files)),
                };
                until.map_or(Waits::Child(child), |until| Waits::ChildUntil(child, until))
            }
            Step::Command { text, input, captures } => {
                let mut fds = self.tasks[&id].fds.clone();
                if let Some(bytes) = input {
                    fds.insert(0, Fd::Bytes { bytes: Rc::new(bytes), offset: 0 });
                }
                let pipe = captures.then(|| self.new_pipe());
                if let (Some(pipe), Some(task)) = (pipe, self.tasks.get_mut(&id)) {
                    fds.insert(1, Fd::PipeWrite(pipe));
                    task.fds.insert(CAPTURE_FD, Fd::PipeRead(pipe));
                }
                let argv = vec!["sh".to_owned(), "-c".to_owned(), text];
                let child = self.spawn(id, argv, fds, environment, &working_directory, Some(&system.files));
                pipe.map_or(Waits::Child(child), |pipe| Waits::Captured(child, pipe))
            }
            Step::Exec { argv, environment } => {
                let task = self.tasks[&id].clone();
                if let Some(name) = self.lacks(&argv, &working_directory, &system.files) {
                    let child = self.cannot_run(id, program.name, &name, task.fds, &mut system.files);
                    self.remove(child);
                    self.finish(id, 127);
                    return Turn::Progress;
                }
                let child = self.spawn(task.parent, argv, task.fds, environment, &working_directory, Some(&system.files));
                if let Some(mut replaced) = self.tasks.remove(&child) {
                    replaced.background = task.background;
                    self.tasks.insert(id, replaced);
                }
                return Turn::Progress;
            }
        };
        if let Some(Task { kind: TaskKind::Program(running), .. }) = self.tasks.get_mut(&id) {
            running.scratch = scratch;
            running.waits = waits;
        }
        Turn::Progress
    }
}

/// Whether a name starts the shell itself.
fn is_shell(profile: &Profile, name: &str) -> bool {
    let name = name.strip_prefix("/bin/").or_else(|| name.strip_prefix("/usr/bin/")).unwrap_or(name);
    match name {
        "sh" => !profile.without.contains(&"sh"),
        "bash" => profile.dialect != Dialect::BusyboxAsh && !profile.without.contains(&"bash"),
        "ash" => profile.dialect == Dialect::BusyboxAsh,
        "dash" => profile.dialect == Dialect::Dash,
        _ => false,
    }
}
