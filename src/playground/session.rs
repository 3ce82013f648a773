//! Session: the user's own machine, its cluster, its console. Answers the shell's calls for the commands of `commands::COMMANDS`.
//!
//! A command answers at once. What is not over then is polled after
//! every event of the cluster, until it ends or Ctrl-C drops it. Everything here is a value: a clone is a checkpoint.

use crate::commands;
use crate::commands::cli::command::Offer;
use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Outcome, Pending, Poll};
use crate::commands::kubectl::request::kubeconfig;
use crate::control::cluster::{Cluster, EPOCH};
use crate::control::flavour::Flavour;
use crate::machine;
use crate::machine::disks::Disks;
use crate::machine::kernel::{Chunk, Profile, Signal, Stream, System};
use crate::machine::process::{Call, Input, Process, Progress};
use crate::machine::shell::builtins::BUILTINS;
use crate::machine::vfs::{self, FileSystem, MountTable, View};
use crate::values::clock::{Duration, Instant};
use crate::values::order::{Gather, Order};
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
    }
}

/// All that a page or a terminal holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub cluster: Cluster,
    /// The user's own machine: disk `home`, mounted at `/`.
    pub host: Disks,
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
const OUTPUT_MAX: usize = 1024 * 1024;
/// The exit code of what Ctrl-C ended.
const INTERRUPTED: i32 = 130;
/// How long `run_to_prompt` lets a command run, in simulated time and in turns.
const RUN_TIME_MAX: Duration = Duration::seconds(6 * 3600);
const RUN_TURNS_MAX: usize = 50_000;
/// How often it lets something sleep and look again (`watch`, `tail -f`, a loop that polls).
const RUN_SLEEPS_MAX: usize = 2_000;
/// How long it lets something compute without a pause.
const COMPUTE_TIME_MAX: Duration = Duration::seconds(60);
/// How long it lets something run that would never end by itself.
const WATCH_TIME_MAX: Duration = Duration::seconds(60);
/// A turn of something that watches the cluster lasts this long at most.
const WATCH_STEP: Duration = Duration::millis(100);

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

fn environment() -> BTreeMap<String, String> {
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
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).gather()
}

/// What Tab offers as a command's name: what the shell, its programs and the session answer.
fn command_names(start: &str) -> Vec<String> {
    let calls = commands::COMMANDS.iter().filter(|command| command.complete.is_some()).map(|command| command.name);
    let builtins = BUILTINS.iter().map(|builtin| builtin.name);
    let mut names: Vec<&str> = calls.chain(builtins).chain(machine::programs::PROGRAMS.names()).collect();
    names.retain(|name| name.starts_with(start) && name.starts_with(|c: char| c.is_ascii_alphabetic()));
    names.order();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

/// Names of files that begin as typed; folders end in a slash.
fn file_names(files: &View<'_>, folder: &str, current: &str) -> Vec<String> {
    let (before, start) = current.rfind('/').map_or(("", current), |place| current.split_at(place + 1));
    let path = vfs::absolute(folder, &before.replacen('~', HOME, usize::from(before.starts_with('~'))));
    let mut found = files.list(&path).unwrap_or_default();
    found.retain(|name| name.starts_with(start) && (start.starts_with('.') || !name.starts_with('.')));
    found.order();
    let slash = |name: &String| if files.is_directory(&format!("{path}/{name}")) { "/" } else { "" };
    found.iter().map(|name| format!("{before}{name}{}", slash(name))).collect()
}

impl Session {
    pub fn new(flavour: &'static Flavour, nodes: usize, seed: u64) -> Session {
        let mut host = Disks::default();
        host.insert("home".to_owned(), FileSystem::new(EPOCH));
        let mut session = Session {
            cluster: Cluster::new(flavour, nodes, seed),
            host,
            mounts: MountTable::root("home"),
            shell: Process::interactive(CONSOLE, environment(), HOME),
            left: None,
            unfinished: false,
            running: Vec::new(),
            progress: Progress::Reading,
            next_slice: EPOCH,
            output: Vec::new(),
            notes: Vec::new(),
        };
        session.files(|files| {
            for directory in [HOME, "/tmp", "/etc", "/bin", "/usr/bin", "/usr/local/bin", "/home/student/.kube"] {
                // A fresh disk has room for its folders.
                let _ = files.make_dirs(directory);
            }
            files.make_devices();
            let _ = files.write("/etc/passwd", b"root:x:0:0:root:/root:/bin/bash\nstudent:x:1000:1000::/home/student:/bin/bash\n");
            let _ = files.write("/home/student/.kube/config", kubeconfig::FRESH.as_bytes());
        });
        session
    }

    fn files<T>(&mut self, use_them: impl FnOnce(&mut View<'_>) -> T) -> T {
        let now = self.cluster.now();
        use_them(&mut View::new(&mut self.host, &self.mounts, now))
    }

    /// Types a line and Enter: at the prompt a command, else input to what runs. Does what needs no time to pass.
    pub fn type_line(&mut self, line: &str) {
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
        self.work();
    }

    /// Ctrl-C.
    pub fn interrupt(&mut self) {
        self.unfinished = false;
        self.next_slice = self.cluster.now();
        let mut running = std::mem::take(&mut self.running);
        running.retain_mut(|one| {
            if one.call.background {
                return true;
            }
            let over = one.pending.interrupt(&mut self.cluster);
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
        self.work();
    }

    /// Ctrl-D: the end of the input.
    pub fn end_input(&mut self) {
        if self.state() == ConsoleState::Continuation {
            return self.interrupt();
        }
        if matches!(self.state(), ConsoleState::Reading | ConsoleState::Running) {
            self.shell.give_input(None);
            self.work();
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

    /// Lets simulated time pass for cluster and console; at most `steps` small steps of work, the rest stays due.
    pub fn advance(&mut self, span: Duration, steps: usize) {
        let end = self.cluster.now() + span;
        for _ in 0..steps.max(1) {
            self.work();
            let now = self.cluster.now();
            if now >= end {
                return;
            }
            let next = self.next_turn().unwrap_or(end).min(end);
            self.cluster.advance(next - now);
        }
        self.work();
    }

    /// Lets the clock jump until the console is at its prompt or reads input (a pipe, replay, tests). False: what ran did not end by
    /// itself in good time and was ended as by Ctrl-C.
    pub fn run_to_prompt(&mut self) -> bool {
        let begin = self.cluster.now();
        let (mut paused, mut sleeps) = (begin, 0);
        for _ in 0..RUN_TURNS_MAX {
            self.work();
            if self.state() != ConsoleState::Running {
                return true;
            }
            let now = self.cluster.now();
            if self.progress != Progress::Running {
                paused = now;
            }
            sleeps += usize::from(matches!(self.progress, Progress::Sleeping(until) if until > now));
            let endless = self.running.iter().any(|one| !one.call.background && one.pending.is_endless());
            let watches = endless && self.shell.next_wake().is_none();
            let end = begin + if watches || self.held_output() >= OUTPUT_MAX { WATCH_TIME_MAX } else { RUN_TIME_MAX };
            match self.next_turn() {
                Some(next) if now < end.min(paused + COMPUTE_TIME_MAX) && sleeps < RUN_SLEEPS_MAX => self.cluster.advance(next.min(end) - now),
                _ => break,
            }
        }
        self.interrupt();
        false
    }

    /// When there is something to do for the console; `None`: nothing will happen by itself.
    fn next_turn(&self) -> Option<Instant> {
        let now = self.cluster.now();
        let mut next = match self.progress {
            Progress::Running => Some(self.next_slice),
            _ => self.shell.next_wake(),
        };
        for one in &self.running {
            let event = self.cluster.next_event().filter(|_| one.pending.watches_cluster());
            let event = event.map(|event| event.max(now + Duration::millis(1)).min(now + WATCH_STEP));
            next = [next, one.pending.wake(), event].into_iter().flatten().min();
        }
        next.map(|next| next.max(now + Duration::millis(1)))
    }

    /// Does what needs no time to pass: one slice of the shell's processor, and what is called in it.
    fn work(&mut self) {
        let (mut started, mut writing) = (0, 0);
        for _ in 0..TURNS_MAX {
            let before = (started, self.running.len(), self.output.len());
            self.step_shell();
            for call in self.shell.calls() {
                if !self.running.iter().any(|one| one.call.id == call.id) {
                    self.start(call);
                    started += 1;
                }
            }
            let busy = self.poll() || before != (started, self.running.len(), self.output.len());
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
        self.next_slice = self.cluster.now() + Duration::millis(1);
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

    fn step_shell(&mut self) {
        let now = self.cluster.now();
        if now < self.next_slice {
            return;
        }
        let mut network = crate::machine::kernel::NoNetwork;
        let files = View::new(&mut self.host, &self.mounts, now);
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

    fn held_output(&self) -> usize {
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

    fn start(&mut self, call: Call) {
        let mut host = host_of(&mut self.host, &self.mounts, &call, self.cluster.now());
        match commands::start(&mut self.cluster, &mut host, &call.argv) {
            Outcome::Done(output) => self.finish(&call, output),
            Outcome::Pending(pending, output) => {
                self.pass_output(call.id, output);
                self.running.push(PendingCall { call, pending, wants_input: false });
            }
        }
    }

    fn finish(&mut self, call: &Call, output: Output) {
        let code = output.code;
        self.pass_output(call.id, output);
        self.shell.call_finished(call.id, code);
    }

    /// Hands output to the shell. False: its reader is gone.
    fn pass_output(&mut self, id: u32, output: Output) -> bool {
        self.notes.extend(output.notes);
        let mut files = View::new(&mut self.host, &self.mounts, self.cluster.now());
        let mut open = true;
        for chunk in &output.chunks {
            open &= self.shell.call_output(id, chunk, &mut files) || chunk.stream == Stream::Stderr;
        }
        open
    }

    /// Polls all that runs. True: something went on.
    fn poll(&mut self) -> bool {
        let mut busy = false;
        // What the shell ended by itself (`timeout`, a closed pipe) is over.
        let calls: Vec<(u32, bool)> = self.shell.calls().iter().map(|call| (call.id, call.background)).collect();
        for mut one in std::mem::take(&mut self.running) {
            let id = one.call.id;
            let Some((_, background)) = calls.iter().find(|(known, _)| *known == id) else { continue };
            // `fg` may have brought it to the front.
            one.call.background = *background;
            let input = {
                let files = View::new(&mut self.host, &self.mounts, self.cluster.now());
                self.shell.call_input(id, &files)
            };
            let had_input = matches!(input, Input::Bytes(_));
            let mut output = Output::default();
            let mut host = host_of(&mut self.host, &self.mounts, &one.call, self.cluster.now());
            let poll = one.pending.poll(&mut self.cluster, &mut host, input, &mut output);
            one.wants_input = poll == Poll::WantsInput;
            busy |= poll == Poll::Over || !output.chunks.is_empty() || had_input;
            if poll == Poll::Over {
                self.finish(&one.call, output);
            } else if self.pass_output(id, output) {
                self.running.push(one);
            } else {
                // Its reader is gone: SIGPIPE.
                self.shell.call_finished(id, 141);
            }
        }
        busy
    }

    /// Runs a command to its end without a trace in the console: for what stands before a lab's start.
    pub fn run_setup(&mut self, line: &str) {
        self.type_line(line);
        self.run_to_prompt();
        self.take_output();
    }

    /// What a command would print now, and its exit code, run on a copy of the session: takes no time and changes nothing.
    pub fn run_quietly(&self, line: &str) -> (Vec<Chunk>, i32) {
        self.clone().try_line(line)
    }

    /// Runs a command, of one line or of several, in the place of what the console was doing: for a copy of a session.
    pub fn try_line(&mut self, command: &str) -> (Vec<Chunk>, i32) {
        self.interrupt();
        self.take_output();
        for line in command.split('\n') {
            self.type_line(line);
            self.run_to_prompt();
        }
        (self.take_output(), self.last_code())
    }

    /// What Tab at the end of `line` offers: where the completed word begins, and the candidates.
    pub fn complete(&self, line: &str) -> (usize, Vec<String>) {
        // Only the last command of the line counts.
        let command = line.rfind(['|', ';', '&', '(', '`']).map_or(0, |place| place + 1);
        let begin = line.rfind([' ', '\t']).map_or(command, |place| (place + 1).max(command));
        let current = &line[begin..];
        let words: Vec<String> = line[command..begin].split_whitespace().map(str::to_owned).collect();
        let Some(first) = words.first() else {
            return (begin, command_names(current));
        };
        let mut disks = self.host.clone();
        let files = View::new(&mut disks, &self.mounts, self.cluster.now());
        let environment = environment();
        let host = Host { files, environment: &environment, working_directory: self.shell.working_directory(), stdin_is_terminal: true };
        // `k` is what courses have as an alias of kubectl.
        let command = commands::find(if first == "k" { "kubectl" } else { first });
        match command.and_then(|command| command.complete).map(|complete| complete(&self.cluster, &host, &words[1..], current)) {
            Some(Offer::Words(found)) => (begin, found),
            Some(Offer::Files) | None => (begin, file_names(&host.files, host.working_directory, current)),
        }
    }

    /// Reads a file of the console's home directory.
    pub fn read_file(&self, name: &str) -> Option<String> {
        let mut disks = self.host.clone();
        let view = View::new(&mut disks, &self.mounts, self.cluster.now());
        view.read(&vfs::absolute(HOME, name)).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The names in the console's home directory, hidden ones left out.
    pub fn file_names(&self) -> Vec<String> {
        let mut disks = self.host.clone();
        let view = View::new(&mut disks, &self.mounts, self.cluster.now());
        view.list(HOME).unwrap_or_default().into_iter().filter(|name| !name.starts_with('.')).collect()
    }

    /// Writes a file of the console's home directory (the editor's buffers are such files).
    pub fn write_file(&mut self, name: &str, text: &str) {
        let path = vfs::absolute(HOME, name);
        self.files(|files| {
            if let Some((directory, _)) = path.rsplit_once('/') {
                let _ = files.make_dirs(directory);
            }
            // A disk that is full keeps the file as it was.
            let _ = files.write(&path, text.as_bytes());
        });
    }
}
