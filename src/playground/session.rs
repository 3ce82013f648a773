//! Session: the world, the user's own machine, and its consoles. Everything here is a value: a clone is a checkpoint.

use super::console::{Console, ConsoleState, HOME, OUTPUT_MAX, environment};
use crate::commands;
use crate::commands::cli::command::Offer;
use crate::commands::cli::host::HostView;
use crate::commands::kubectl::request::kubeconfig;
use crate::control::cluster::Cluster;
use crate::control::flavour::Flavour;
use crate::machine;
use crate::machine::disks::Disks;
use crate::machine::kernel::Chunk;
use crate::machine::shell::builtins::BUILTINS;
use crate::machine::vfs::{self, FileSystem, ReadView, View};
use crate::values::clock::{Duration, Instant};
use crate::world::{ClusterId, ClusterView, EPOCH, World};

/// All that a page or a terminal holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    pub world: World,
    /// The user's own machine: disk `home`, mounted at `/`.
    pub host: Disks,
    /// At least one; lines are typed into the first.
    consoles: Vec<Console>,
    /// Where an advance is that goes on in parts.
    advancing: Option<Advancing>,
}

/// A span of time of which a part has passed.
#[derive(Clone, Debug, PartialEq)]
struct Advancing {
    end: Instant,
    /// How many more small steps of work there may be.
    steps: usize,
    /// Until when the world goes on before the consoles' next turn.
    until: Option<Instant>,
}

/// The disk of the user's machine.
const HOME_DISK: &str = "home";
/// How long `run_to_prompt` lets a command run, in simulated time and in turns.
const RUN_TIME_MAX: Duration = Duration::seconds(6 * 3600);
const RUN_TURNS_MAX: usize = 50_000;
/// How often it lets something sleep and look again (`watch`, `tail -f`, a loop that polls).
const RUN_SLEEPS_MAX: usize = 2_000;
/// How long it lets something compute without a pause.
const COMPUTE_TIME_MAX: Duration = Duration::seconds(60);
/// How long it lets something run that would never end by itself.
const WATCH_TIME_MAX: Duration = Duration::seconds(60);
/// What Tab offers as a command's name: what the shell, its programs and the session answer.
fn command_names(start: &str) -> Vec<String> {
    let calls = commands::COMMANDS.iter().filter(|command| command.complete.is_some()).map(|command| command.name);
    let builtins = BUILTINS.iter().map(|builtin| builtin.name);
    let mut names: Vec<&str> = calls.chain(builtins).chain(machine::programs::PROGRAMS.names()).collect();
    names.retain(|name| name.starts_with(start) && name.starts_with(|c: char| c.is_ascii_alphabetic()));
    names.sort();
    names.dedup();
    names.into_iter().map(str::to_owned).collect()
}

/// Names of files that begin as typed; folders end in a slash.
fn file_names(files: ReadView<'_>, folder: &str, current: &str) -> Vec<String> {
    let (before, start) = current.rfind('/').map_or(("", current), |place| current.split_at(place + 1));
    let path = vfs::absolute(folder, &before.replacen('~', HOME, usize::from(before.starts_with('~'))));
    let mut found = files.list(&path).unwrap_or_default();
    found.retain(|name| name.starts_with(start) && (start.starts_with('.') || !name.starts_with('.')));
    found.sort();
    let slash = |name: &String| if files.is_directory(&format!("{path}/{name}")) { "/" } else { "" };
    found.iter().map(|name| format!("{before}{name}{}", slash(name))).collect()
}

impl Session {
    pub fn new(flavour: &'static Flavour, nodes: usize, seed: u64) -> Session {
        let mut host = Disks::default();
        host.insert(HOME_DISK.into(), FileSystem::new(EPOCH));
        let mut session = Session { world: World::new(flavour, nodes, seed), host, consoles: vec![Console::new(HOME_DISK)], advancing: None };
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
        use_them(&mut View::new(&mut self.host, self.consoles[0].mounts(), self.world.now()))
    }

    fn console(&self) -> &Console {
        &self.consoles[0]
    }

    /// The cluster that is shown, with the world around it.
    pub fn view(&self) -> ClusterView<'_> {
        self.world.view(&ClusterId::default())
    }

    /// The cluster that is shown.
    pub fn cluster(&self) -> &Cluster {
        self.view().cluster()
    }

    /// Types a line and Enter: at the prompt a command, else input to what runs. Does what needs no time to pass.
    pub fn type_line(&mut self, line: &str) {
        self.consoles[0].type_line(&mut self.world, &mut self.host, line);
    }

    /// Ctrl-C.
    pub fn interrupt(&mut self) {
        self.consoles[0].interrupt(&mut self.world, &mut self.host);
    }

    /// Ctrl-D: the end of the input.
    pub fn end_input(&mut self) {
        self.consoles[0].end_input(&mut self.world, &mut self.host);
    }

    pub fn state(&self) -> ConsoleState {
        self.console().state()
    }

    /// What is shown before the input line, such as `~ $ `, `> `, `/ # `.
    pub fn prompt(&self) -> String {
        self.console().prompt()
    }

    /// Output since the last call.
    pub fn take_output(&mut self) -> Vec<Chunk> {
        self.consoles[0].take_output()
    }

    /// Our own remarks since the last call (`note:` lines).
    pub fn take_notes(&mut self) -> Vec<String> {
        self.consoles[0].take_notes()
    }

    /// The exit code of the last command.
    pub fn last_code(&self) -> i32 {
        self.console().last_code()
    }

    /// Whether the last command left the shell (`exit`): a terminal ends then, a page goes on with the shell that has begun.
    pub fn has_left(&self) -> bool {
        self.console().has_left()
    }

    fn work(&mut self) {
        for console in &mut self.consoles {
            console.work(&mut self.world, &mut self.host);
        }
    }

    /// When there is something to do for a console; `None`: nothing will happen by itself.
    fn next_turn(&self) -> Option<Instant> {
        self.consoles.iter().filter_map(|console| console.next_turn(&self.world)).min()
    }

    /// Lets simulated time pass for world and consoles; at most `steps` small steps of work, the rest stays due.
    pub fn advance(&mut self, span: Duration, steps: usize) {
        self.advance_while(span, steps, &mut || true);
    }

    /// As `advance`, as long as `go_on` says so. False: it did not, and the next call goes on with that span, not with its own; in how
    /// many parts time passes changes no outcome.
    pub fn advance_while(&mut self, span: Duration, steps: usize, go_on: &mut dyn FnMut() -> bool) -> bool {
        let fresh = Advancing { end: self.world.now() + span, steps: steps.max(1), until: None };
        let mut way = self.advancing.take().unwrap_or(fresh);
        loop {
            let Some(until) = way.until else {
                self.work();
                if way.steps == 0 || self.world.now() >= way.end {
                    return true;
                }
                way.steps -= 1;
                way.until = Some(self.next_turn().unwrap_or(way.end).min(way.end));
                continue;
            };
            if !self.world.advance_while(until, go_on) {
                self.advancing = Some(way);
                return false;
            }
            way.until = None;
        }
    }

    /// Whether an advance goes on in parts.
    pub fn is_advancing(&self) -> bool {
        self.advancing.is_some()
    }

    /// Lets the clock jump until the console is at its prompt or reads input (a pipe, replay, tests). False: what ran did not end by
    /// itself in good time and was ended as by Ctrl-C.
    pub fn run_to_prompt(&mut self) -> bool {
        let begin = self.world.now();
        let (mut paused, mut sleeps) = (begin, 0);
        for _ in 0..RUN_TURNS_MAX {
            self.work();
            if self.state() != ConsoleState::Running {
                return true;
            }
            let (now, console) = (self.world.now(), self.console());
            if !console.computes() {
                paused = now;
            }
            sleeps += usize::from(console.sleeps(now));
            let end = begin + if console.watches() || console.held_output() >= OUTPUT_MAX { WATCH_TIME_MAX } else { RUN_TIME_MAX };
            match self.next_turn() {
                Some(next) if now < end.min(paused + COMPUTE_TIME_MAX) && sleeps < RUN_SLEEPS_MAX => self.world.advance(next.min(end) - now),
                _ => break,
            }
        }
        self.interrupt();
        false
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
        let environment = environment();
        let host = HostView {
            files: ReadView::new(&self.host, self.console().mounts()),
            environment: &environment,
            working_directory: self.console().working_directory(),
        };
        // `k` is what courses have as an alias of kubectl.
        let command = commands::find(if first == "k" { "kubectl" } else { first });
        match command.and_then(|command| command.complete).map(|complete| complete(&self.world, host, &words[1..], current)) {
            Some(Offer::Words(found)) => (begin, found),
            Some(Offer::Files) | None => (begin, file_names(host.files, host.working_directory, current)),
        }
    }

    /// Reads a file of the console's home directory.
    pub fn read_file(&self, name: &str) -> Option<String> {
        let view = ReadView::new(&self.host, self.console().mounts());
        view.read(&vfs::absolute(HOME, name)).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The names in the console's home directory, hidden ones left out.
    pub fn file_names(&self) -> Vec<String> {
        let view = ReadView::new(&self.host, self.console().mounts());
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
