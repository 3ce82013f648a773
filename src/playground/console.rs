//! A console: the kernel of the user's machine as its shell sees it. It runs the shell's slices, starts the commands that the shell
//! calls, polls what waits, and keeps the output until somebody takes it. It knows no cluster: a command knows to what it speaks.
//!
//! A command answers at once. What is not over then is polled after every event of the world, until it ends or Ctrl-C drops it.

use crate::commands;
use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Outcome, Pending, Poll};
use crate::machine::disks::Disks;
use crate::machine::kernel::{Chunk, NoNetwork, Profile, Signal, Stream, System};
use crate::machine::process::{Call, Input, Process, Progress};
use crate::machine::vfs::{MountTable, View};
use crate::values::clock::{Duration, Instant};
use crate::world::{ClusterId, EPOCH, World};
use std::collections::BTreeMap;

/// A call of the shell that is not over.
#[derive(Clone, Debug, PartialEq)]
struct PendingCall {
    call: Call,
    pending: Box<dyn Pending>,
    /// It was polled and waits for its standard input.
    wants_input: bool,
}

/// What a call sees of the user's machine.
fn host_of<'a>(disks: &'a mut Disks, mounts: &'a MountTable, call: &'a Call, now: Instant) -> Host<'a> {
    Host {
        files: View::new(disks, mounts, now),
        environment: &call.environment,
        working_directory: &call.working_directory,
        stdin_is_terminal: call.stdin_is_terminal,
        cluster: ClusterId::default(),
    }
}

/// A shell with what runs in it and what it has written.
#[derive(Clone, Debug, PartialEq)]
pub struct Console {
    /// What it sees of the machine's disks.
    mounts: MountTable,
    shell: Process,
    /// The code with which the shell was left just now; another one has begun.
    left: Option<i32>,
    /// Whether the command typed so far goes on with the next line.
    unfinished: bool,
    running: Vec<PendingCall>,
    /// Why the shell stopped last.
    progress: Progress,
    /// The shell has used up its slice of the processor and goes on then.
    next_slice: Instant,
    output: Vec<Chunk>,
    notes: Vec<String>,
}

/// Where the console's files are; also its working directory at the start.
pub const HOME: &str = "/home/student";
/// The console's shell: what it does not have itself, the session answers.
const CONSOLE: Profile = Profile { machine: "console", calls: &commands::NAMES, ..Profile::DEBIAN };
/// Turns that the console takes at one instant, at most.
const TURNS_MAX: usize = 1_000;
/// Commands that it starts in one go, at most: a loop of them gives the page its control back.
const CALLS_AT_ONCE_MAX: usize = 16;
/// Turns at one instant in which what runs may write and write again; the rest of it comes a moment later.
const WRITING_TURNS_MAX: usize = 8;
/// The output that nobody has taken yet, in bytes; what comes after it is lost, and a note says so.
pub const OUTPUT_MAX: usize = 1024 * 1024;
/// The exit code of what Ctrl-C ended.
const INTERRUPTED: i32 = 130;
/// A turn of something that watches the cluster lasts this long at most.
const WATCH_STEP: Duration = Duration::millis(100);

/// What a console is doing.
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

/// The variables of a fresh shell.
pub(super) fn environment() -> BTreeMap<String, String> {
    let pairs = [
        ("COLUMNS", "240"),
        ("HOME", HOME),
        ("LANG", "C.UTF-8"),
        ("LINES", "50"),
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("SHELL", "/bin/bash"),
        ("TERM", "dumb"),
        ("USER", "root"),
    ];
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Console {
    /// A fresh shell on a disk.
    pub fn new(disk: &str) -> Console {
        Console {
            mounts: MountTable::root(disk),
            shell: Process::interactive(CONSOLE, environment(), HOME),
            left: None,
            unfinished: false,
            running: Vec::new(),
            progress: Progress::Reading,
            next_slice: EPOCH,
            output: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub fn mounts(&self) -> &MountTable {
        &self.mounts
    }

    pub fn working_directory(&self) -> &str {
        self.shell.working_directory()
    }

    /// Types a line and Enter: at the prompt a command, else input to what runs. Does what needs no time to pass.
    pub fn type_line(&mut self, world: &mut World, disks: &mut Disks, line: &str) {
        self.left = None;
        match self.state() {
            ConsoleState::Prompt | ConsoleState::Continuation => {
                self.unfinished = !self.shell.run_line(line);
                if self.unfinished {
                    return;
                }
            }
            ConsoleState::Running | ConsoleState::Reading => self.shell.give_input(Some(format!("{line}\n").as_bytes())),
        }
        self.work(world, disks);
    }

    /// Ctrl-C.
    pub fn interrupt(&mut self, world: &mut World, disks: &mut Disks) {
        self.unfinished = false;
        self.next_slice = world.now();
        let mut running = std::mem::take(&mut self.running);
        running.retain_mut(|one| {
            if one.call.background {
                return true;
            }
            let over = one.pending.interrupt(world);
            if over {
                self.shell.call_finished(one.call.id, INTERRUPTED);
            }
            !over
        });
        let keeps_running = running.iter().any(|one| !one.call.background);
        self.running = running;
        if !keeps_running {
            self.shell.signal(Signal::Interrupt);
        }
        self.work(world, disks);
    }

    /// Ctrl-D: the end of the input.
    pub fn end_input(&mut self, world: &mut World, disks: &mut Disks) {
        if self.state() == ConsoleState::Continuation {
            return self.interrupt(world, disks);
        }
        if matches!(self.state(), ConsoleState::Reading | ConsoleState::Running) {
            self.shell.give_input(None);
            self.work(world, disks);
        }
    }

    pub fn state(&self) -> ConsoleState {
        if self.unfinished {
            ConsoleState::Continuation
        } else if self.shell.at_prompt() && self.running.iter().all(|one| one.call.background) {
            ConsoleState::Prompt
        } else if self.progress == Progress::Reading || self.running.iter().any(|one| one.wants_input && one.call.stdin_is_terminal) {
            ConsoleState::Reading
        } else {
            ConsoleState::Running
        }
    }

    /// What is shown before the input line, such as `~ $ `, `> `, `/ # `.
    pub fn prompt(&self) -> String {
        match self.state() {
            ConsoleState::Prompt => {
                let folder = self.shell.working_directory();
                let shown = folder.strip_prefix(HOME).map_or_else(|| folder.to_owned(), |rest| format!("~{rest}"));
                format!("{shown} $ ")
            }
            ConsoleState::Continuation => "> ".to_owned(),
            ConsoleState::Running => String::new(),
            ConsoleState::Reading => self.running.iter().find(|one| one.wants_input).map_or_else(String::new, |one| one.pending.prompt()),
        }
    }

    /// Output since the last call.
    pub fn take_output(&mut self) -> Vec<Chunk> {
        std::mem::take(&mut self.output)
    }

    /// Our own remarks since the last call (`note:` lines).
    pub fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// The exit code of the last command.
    pub fn last_code(&self) -> i32 {
        self.left.unwrap_or_else(|| self.shell.last_code())
    }

    /// Whether the last command left the shell (`exit`): a terminal ends then, a page goes on with the shell that has begun.
    pub fn has_left(&self) -> bool {
        self.left.is_some()
    }

    /// When there is something to do for the console; `None`: nothing will happen by itself.
    pub fn next_turn(&self, world: &World) -> Option<Instant> {
        let now = world.now();
        let mut next = match self.progress {
            Progress::Running => Some(self.next_slice),
            _ => self.shell.next_wake(),
        };
        for one in &self.running {
            let event = world.next_event().filter(|_| one.pending.watches_cluster());
            let event = event.map(|event| event.max(now + Duration::millis(1)).min(now + WATCH_STEP));
            next = [next, one.pending.wake(), event].into_iter().flatten().min();
        }
        next.map(|next| next.max(now + Duration::millis(1)))
    }

    /// Does what needs no time to pass: one slice of the shell's processor, and what is called in it.
    pub fn work(&mut self, world: &mut World, disks: &mut Disks) {
        let (mut started, mut writing) = (0, 0);
        for _ in 0..TURNS_MAX {
            let before = (started, self.running.len(), self.output.len());
            self.step_shell(world, disks);
            for call in self.shell.calls() {
                if !self.running.iter().any(|one| one.call.id == call.id) {
                    self.start(world, disks, call);
                    started += 1;
                }
            }
            let busy = self.poll(world, disks) || before != (started, self.running.len(), self.output.len());
            self.take_shell_output();
            // Something that writes without end in a container, such as `kubectl exec POD -- yes`.
            writing = if busy && before.1 > 0 && before.1 == self.running.len() { writing + 1 } else { 0 };
            if writing > WRITING_TURNS_MAX || !busy && !self.run_typed_ahead() {
                return;
            }
            if started >= CALLS_AT_ONCE_MAX {
                break;
            }
        }
        self.progress = Progress::Running;
        self.next_slice = world.now() + Duration::millis(1);
    }

    /// Runs the next line that was typed while a command ran and did not read it. False: there is none.
    fn run_typed_ahead(&mut self) -> bool {
        if !matches!(self.state(), ConsoleState::Prompt | ConsoleState::Continuation) {
            return false;
        }
        let Some(line) = self.shell.take_line() else { return false };
        self.unfinished = !self.shell.run_line(&line);
        true
    }

    fn step_shell(&mut self, world: &mut World, disks: &mut Disks) {
        let now = world.now();
        if now < self.next_slice {
            return;
        }
        let mut network = NoNetwork;
        let files = View::new(disks, &self.mounts, now);
        self.progress = self.shell.step(&mut System { files, now, network: &mut network });
        if self.progress == Progress::Running {
            self.next_slice = now + self.shell.pause();
        }
        self.take_shell_output();
        if let Progress::Exited(code) = self.progress {
            self.left = Some(code);
            // Jobs of the background end with their shell.
            self.running.clear();
            self.shell = Process::interactive(CONSOLE, environment(), HOME);
            self.progress = Progress::Reading;
        }
    }

    /// Bytes of output that nobody has taken yet.
    pub fn held_output(&self) -> usize {
        self.output.iter().map(|chunk| chunk.bytes.len()).sum()
    }

    /// Moves what the shell has written to the console, as far as there is room.
    fn take_shell_output(&mut self) {
        let mut held = self.held_output();
        for chunk in self.shell.take_output() {
            if held < OUTPUT_MAX {
                held += chunk.bytes.len();
                self.output.push(chunk);
                if held >= OUTPUT_MAX {
                    self.notes.push(format!("more output than {OUTPUT_MAX} bytes: the rest is not shown"));
                }
            }
        }
    }

    fn start(&mut self, world: &mut World, disks: &mut Disks, call: Call) {
        let mut host = host_of(disks, &self.mounts, &call, world.now());
        match commands::start(world, &mut host, &call.argv) {
            Outcome::Done(output) => self.finish(disks, world.now(), &call, output),
            Outcome::Pending(pending, output) => {
                self.pass_output(disks, world.now(), call.id, output);
                self.running.push(PendingCall { call, pending, wants_input: false });
            }
        }
    }

    fn finish(&mut self, disks: &mut Disks, now: Instant, call: &Call, output: Output) {
        let code = output.code;
        self.pass_output(disks, now, call.id, output);
        self.shell.call_finished(call.id, code);
    }

    /// Hands output to the shell. False: its reader is gone.
    fn pass_output(&mut self, disks: &mut Disks, now: Instant, id: u32, output: Output) -> bool {
        self.notes.extend(output.notes);
        let mut files = View::new(disks, &self.mounts, now);
        let mut open = true;
        for chunk in &output.chunks {
            open &= self.shell.call_output(id, chunk, &mut files) || chunk.stream == Stream::Stderr;
        }
        open
    }

    /// Polls all that runs. True: something went on.
    fn poll(&mut self, world: &mut World, disks: &mut Disks) -> bool {
        let mut busy = false;
        // What the shell ended by itself (`timeout`, a closed pipe) is over.
        let calls: Vec<(u32, bool)> = self.shell.calls().iter().map(|call| (call.id, call.background)).collect();
        for mut one in std::mem::take(&mut self.running) {
            let id = one.call.id;
            let Some((_, background)) = calls.iter().find(|(known, _)| *known == id) else { continue };
            // `fg` may have brought it to the front.
            one.call.background = *background;
            let input = {
                let files = View::new(disks, &self.mounts, world.now());
                self.shell.call_input(id, &files)
            };
            let had_input = matches!(input, Input::Bytes(_));
            let mut output = Output::default();
            let mut host = host_of(disks, &self.mounts, &one.call, world.now());
            let poll = one.pending.poll(world, &mut host, input, &mut output);
            one.wants_input = poll == Poll::WantsInput;
            busy |= poll == Poll::Over || !output.chunks.is_empty() || had_input;
            if poll == Poll::Over {
                self.finish(disks, world.now(), &one.call, output);
            } else if self.pass_output(disks, world.now(), id, output) {
                self.running.push(one);
            } else {
                // Its reader is gone: SIGPIPE.
                self.shell.call_finished(id, 141);
            }
        }
        busy
    }

    /// Whether the shell computes, and has not stopped for anything else.
    pub fn computes(&self) -> bool {
        self.progress == Progress::Running
    }

    /// Whether the shell sleeps until some later instant.
    pub fn sleeps(&self, now: Instant) -> bool {
        matches!(self.progress, Progress::Sleeping(until) if until > now)
    }

    /// Whether all that is awaited goes on until somebody ends it.
    pub fn watches(&self) -> bool {
        self.running.iter().any(|one| !one.call.background && one.pending.is_endless()) && self.shell.next_wake().is_none()
    }
}
