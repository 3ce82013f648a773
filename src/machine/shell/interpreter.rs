//! The interpreter: a stack of frames over a shared command tree, one small step at a time.
//!
//! Models the execution rules of POSIX.1's Shell Command Language. Every wait (for a child, a pipe, a line of input) is a
//! frame that is looked at again, so a shell can be stopped, cloned and gone on with at any step.

use super::builtins::{self, Outcome};
use super::expand::{self, Expansion};
use super::jobs::{self, Jobs};
use super::syntax::{self, AndOr, Assignment, Command, Join, Kind, Missing, ParseError, Pipeline, Redirect, RedirectKind, Script, Word};
use super::variables::{Variable, Variables};
use super::words::{cannot_open, cannot_start, shell_name};
use crate::machine::kernel::descriptors::{Fd, Fds, PipeId};
use crate::machine::kernel::task::{Caller, TaskId, Turn};
use crate::machine::kernel::tree::Kernel;
use crate::machine::kernel::{Dialect, Stream, System};
use crate::machine::programs::PROGRAMS;
use crate::machine::programs::lib::glob::matches;
use crate::machine::programs::lib::lookup::Refusal;
use crate::machine::programs::lib::test::double_bracket;
use crate::machine::vfs::{self, Errno, FileType, View};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How many frames may stand on each other: functions that call themselves end here.
const FRAMES_MAX: usize = 2_000;

/// Where a shell's commands come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Only from its frames: a script, `-c`, a subshell.
    Frames,
    /// From lines that its owner hands it.
    Lines,
    /// From its standard input.
    Stdin { ended: bool },
}

/// What is under way, from the outermost to the innermost.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Frame {
    Script {
        script: Rc<Script>,
        next: usize,
    },
    AndOr {
        and_or: Rc<AndOr>,
        next: usize,
    },
    Negate,
    Pipeline {
        tasks: Vec<TaskId>,
        codes: Vec<i32>,
    },
    /// A command whose substitutions are being run.
    Command {
        command: Rc<Command>,
        outputs: BTreeMap<u32, String>,
        running: Option<(u32, TaskId, PipeId)>,
    },
    Child(TaskId),
    If {
        command: Rc<Command>,
        arm: usize,
    },
    While {
        command: Rc<Command>,
        in_body: bool,
    },
    For {
        command: Rc<Command>,
        words: Rc<Vec<String>>,
        next: usize,
    },
    /// `for ((…))`
    Count {
        command: Rc<Command>,
        /// A round is over, so the step comes first.
        begun: bool,
    },
    /// Brings the descriptors back that were put aside last.
    Restore,
    RestoreVariables(Vec<(String, Option<Variable>)>),
    Function {
        positional: Vec<String>,
        locals: Vec<(String, Option<Variable>)>,
    },
    /// The end of a `.` script, where `return` stops.
    Sourced,
    /// A builtin that waits.
    Builtin(Vec<String>),
}

impl Frame {
    fn is_loop(&self) -> bool {
        matches!(self, Frame::For { .. } | Frame::Count { .. } | Frame::While { .. })
    }
}

/// A shell as a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Shell {
    pub variables: Variables,
    pub functions: BTreeMap<String, Rc<Command>>,
    pub aliases: BTreeMap<String, String>,
    pub traps: BTreeMap<String, String>,
    pub(super) frames: Vec<Frame>,
    source: Source,
    /// Lines that are not a whole command yet.
    pending: String,
    pub(super) jobs: Jobs,
    /// A line was run since the last prompt.
    ran: bool,
    /// It waits for a line of its standard input.
    waiting: bool,
    pub errexit: bool,
    pub xtrace: bool,
    pub pipefail: bool,
    /// `set -C`
    pub noclobber: bool,
    pub pending_signal: Option<&'static str>,
    exiting: Option<i32>,
    /// What it exits with after its EXIT trap.
    final_code: Option<i32>,
    /// The code of the last command substitution, which a bare assignment takes.
    substituted: Option<i32>,
    /// It was made where something looks at its code, so that `set -e` lets its failures pass.
    tested: bool,
}

impl Shell {
    fn new(environment: &BTreeMap<String, String>, source: Source) -> Shell {
        let mut variables = Variables { name: "sh".to_owned(), process_id: 1, ..Variables::default() };
        for (name, value) in environment {
            variables.all.insert(name.clone(), Variable { value: value.clone(), exported: true, ..Variable::default() });
        }
        Shell {
            variables,
            functions: BTreeMap::new(),
            aliases: BTreeMap::new(),
            traps: BTreeMap::new(),
            frames: Vec::new(),
            source,
            pending: String::new(),
            jobs: Jobs::new(),
            ran: false,
            waiting: false,
            errexit: false,
            xtrace: false,
            pipefail: false,
            noclobber: false,
            pending_signal: None,
            exiting: None,
            final_code: None,
            substituted: None,
            tested: false,
        }
    }

    pub fn interactive(environment: &BTreeMap<String, String>, working_directory: &str) -> Shell {
        let mut shell = Shell::new(environment, Source::Lines);
        shell.variables.name = "bash".to_owned();
        shell.variables.be_bash();
        shell.variables.set("PWD", working_directory);
        shell
    }

    /// A shell as `sh [-eux] [-c TEXT [NAME ARG...] | FILE [ARG...]]` starts it.
    /// # Errors
    /// The words for standard error and the exit code.
    pub fn of_arguments(
        argv: &[String],
        environment: &BTreeMap<String, String>,
        dialect: Dialect,
        files: &View<'_>,
        working_directory: &str,
    ) -> Result<Shell, (String, i32)> {
        let mut shell = Shell::new(environment, Source::Stdin { ended: false });
        shell.variables.set("PWD", working_directory);
        let mut rest = argv.iter().skip(1).peekable();
        let mut text = false;
        while let Some(flags) = rest.peek().filter(|word| word.len() > 1 && word.starts_with(['-', '+'])) {
            for flag in flags.chars().skip(1) {
                match flag {
                    'c' => text = true,
                    'e' => shell.errexit = true,
                    'u' => shell.variables.nounset = true,
                    'x' => shell.xtrace = true,
                    _ => {}
                }
            }
            rest.next();
        }
        let name = argv.first().map_or("sh", |name| name.rsplit('/').next().unwrap_or(name)).to_owned();
        shell.variables.name = name.clone();
        if dialect == Dialect::Bash && name == "bash" {
            shell.variables.be_bash();
        }
        let script = if text {
            let Some(script) = rest.next() else { return Err((format!("{name}: -c requires an argument"), 2)) };
            if let Some(name) = rest.next() {
                shell.variables.name = name.clone();
            }
            script.clone()
        } else if let Some(file) = rest.next() {
            let path = vfs::absolute(working_directory, file);
            let bytes = match files.read(&path) {
                // ash and dash read a folder, which has nothing in it.
                Err(Errno::IsDirectory) if dialect != Dialect::Bash => Vec::new(),
                found => found.map_err(|error| cannot_open(dialect, &name, file, error))?,
            };
            shell.variables.name = file.clone();
            String::from_utf8_lossy(&bytes).into_owned()
        } else {
            return Ok(shell);
        };
        shell.variables.positional = rest.cloned().collect();
        shell.source = Source::Frames;
        shell.push_text(&script, dialect).map_err(|message| (message, 2))?;
        Ok(shell)
    }

    /// A copy that runs on its own: a subshell.
    fn child(&self, frames: Vec<Frame>) -> Shell {
        Shell {
            frames,
            source: Source::Frames,
            pending: String::new(),
            jobs: Jobs::new(),
            ran: false,
            traps: BTreeMap::new(),
            waiting: false,
            pending_signal: None,
            exiting: None,
            final_code: None,
            tested: self.in_condition(),
            ..self.clone()
        }
    }

    /// Puts a text on the stack.
    /// # Errors
    /// The syntax error in the dialect's words.
    pub fn push_text(&mut self, text: &str, dialect: Dialect) -> Result<(), String> {
        match syntax::parse(text, dialect == Dialect::Bash) {
            Ok(script) => {
                self.frames.push(Frame::Script { script: Rc::new(script), next: 0 });
                Ok(())
            }
            Err(error) => Err(syntax_message(&error, dialect)),
        }
    }

    /// A line typed at the prompt. Ok(false): more lines are needed.
    pub fn run_line(&mut self, line: &str, dialect: Dialect) -> Result<bool, String> {
        self.pending.push_str(line);
        self.pending.push('\n');
        match syntax::parse(&self.pending, dialect == Dialect::Bash) {
            Ok(script) => {
                self.pending.clear();
                self.ran = true;
                self.frames.push(Frame::Script { script: Rc::new(script), next: 0 });
                Ok(true)
            }
            Err(ParseError::Incomplete(_)) => Ok(false),
            Err(error) => {
                self.pending.clear();
                self.variables.last_code = 2;
                Err(syntax_message(&error, dialect))
            }
        }
    }

    pub(super) fn is_in_function(&self) -> bool {
        self.frames.iter().any(|frame| matches!(frame, Frame::Function { .. }))
    }

    /// Whether a loop runs in the function or script that runs.
    pub(super) fn is_in_loop(&self) -> bool {
        self.frames.iter().rev().take_while(|frame| !matches!(frame, Frame::Function { .. })).any(Frame::is_loop)
    }

    /// What a special builtin that failed comes to: a script ends with it, as POSIX.1 asks.
    pub(super) fn special_failed(&self, code: i32) -> builtins::Outcome {
        if self.is_interactive() { builtins::Outcome::Done(code) } else { builtins::Outcome::Exit(code) }
    }

    pub fn is_interactive(&self) -> bool {
        self.source != Source::Frames
    }

    /// Whether it keeps a list of background jobs.
    pub(super) fn has_jobs(&self) -> bool {
        self.source == Source::Lines
    }

    /// At its prompt, with no unfinished command.
    pub fn idle(&self) -> bool {
        self.frames.is_empty() && self.pending.is_empty() && self.exiting.is_none()
    }

    pub fn wants_more(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Waits for a line of its input, be it as a command or for `read`.
    pub fn wants_input(&self) -> bool {
        self.waiting
    }

    /// Its next command comes from the terminal and it waits for it.
    pub fn reads_terminal(&self) -> bool {
        self.frames.is_empty() && self.is_interactive()
    }

    pub fn waits_for(&self, task: TaskId) -> bool {
        self.variables.last_background == Some(task)
            || self.jobs.iter().any(|job| job.task == task)
            || self.frames.iter().any(|frame| matches!(frame, Frame::Builtin(_) | Frame::Child(_)))
    }

    pub fn interrupt(&mut self) {
        self.frames.clear();
        self.pending.clear();
        self.waiting = false;
        self.variables.last_code = 130;
    }

    /// Whether a failing command is asked for by something that looks at its code, so that `set -e` lets it pass.
    fn in_condition(&self) -> bool {
        let asks = |frame: &Frame| match frame {
            Frame::If { .. } | Frame::Negate => true,
            Frame::While { in_body, .. } => !in_body,
            Frame::AndOr { and_or, next } => *next <= and_or.rest.len(),
            _ => false,
        };
        self.tested || self.frames.iter().any(asks)
    }

    fn code(&mut self, code: i32) {
        self.variables.last_code = code;
        if code != 0 && self.errexit && !self.in_condition() {
            self.exiting = Some(code);
        }
    }
}

fn syntax_message(error: &ParseError, dialect: Dialect) -> String {
    match (error, dialect) {
        (ParseError::Unexpected(token), Dialect::Bash) => format!("bash: syntax error near unexpected token `{token}'"),
        (ParseError::Incomplete(Missing::Quote(quote)), Dialect::Bash) => {
            format!("bash: -c: line 1: unexpected EOF while looking for matching `{quote}'")
        }
        (ParseError::Incomplete(_), Dialect::Bash) => "bash: -c: line 2: syntax error: unexpected end of file".to_owned(),
        (ParseError::BadName(name), Dialect::Bash) if name.is_empty() => "bash: syntax error near unexpected token `newline'".to_owned(),
        (ParseError::BadName(name), Dialect::Bash) => format!("bash: `{name}': not a valid identifier"),
        (ParseError::BadName(_), Dialect::BusyboxAsh) => "sh: syntax error: bad for loop variable".to_owned(),
        (ParseError::BadName(_), Dialect::Dash) => "sh: 1: Syntax error: Bad for loop variable".to_owned(),
        (ParseError::Incomplete(Missing::Quote('`')), Dialect::BusyboxAsh) => "sh: syntax error: EOF in backquote substitution".to_owned(),
        (ParseError::Incomplete(Missing::Quote('}')), Dialect::BusyboxAsh) => "sh: syntax error: missing '}'".to_owned(),
        (ParseError::Incomplete(Missing::Quote(')')), Dialect::BusyboxAsh) => "sh: syntax error: missing '))'".to_owned(),
        (ParseError::Unexpected(token), Dialect::BusyboxAsh) => format!("sh: syntax error: unexpected \"{token}\""),
        (ParseError::Incomplete(Missing::Quote(_)), Dialect::BusyboxAsh) => "sh: syntax error: unterminated quoted string".to_owned(),
        (ParseError::Incomplete(Missing::Word(word)), Dialect::BusyboxAsh) => {
            format!("sh: syntax error: unexpected end of file (expecting \"{word}\")")
        }
        (ParseError::Incomplete(_), Dialect::BusyboxAsh) => "sh: syntax error: unexpected end of file".to_owned(),
        (ParseError::Unexpected(token), Dialect::Dash) => format!("sh: 1: Syntax error: \"{token}\" unexpected"),
        (ParseError::Incomplete(Missing::Quote(_)), Dialect::Dash) => "sh: 1: Syntax error: Unterminated quoted string".to_owned(),
        (ParseError::Incomplete(Missing::Word(word)), Dialect::Dash) => {
            format!("sh: 1: Syntax error: end of file unexpected (expecting \"{word}\")")
        }
        (ParseError::Incomplete(_), Dialect::Dash) => "sh: 1: Syntax error: end of file unexpected".to_owned(),
    }
}

/// What the interpreter needs for one step: the kernel, the world, and which task it runs in.
pub struct Turning<'p, 's, 'v> {
    pub kernel: &'p mut Kernel,
    pub system: &'s mut System<'v>,
    pub task: TaskId,
    /// Copies of the shell that were made in this step; each has turns of its own from now on.
    pub forked: &'p mut Vec<(TaskId, Shell)>,
}

impl Turning<'_, '_, '_> {
    pub fn working_directory(&self) -> String {
        self.kernel.working_directory(self.task)
    }

    pub fn dialect(&self) -> Dialect {
        self.kernel.profile.dialect
    }

    pub fn fds(&self) -> Fds {
        self.kernel.tasks.get(&self.task).map(|task| task.fds.clone()).unwrap_or_default()
    }

    pub fn set_fds(&mut self, fds: Fds) {
        if let Some(task) = self.kernel.tasks.get_mut(&self.task) {
            task.fds = fds;
        }
    }

    /// Redirects until `restore_fds`.
    fn put_aside(&mut self, fds: Fds) {
        if let Some(task) = self.kernel.tasks.get_mut(&self.task) {
            let old = std::mem::replace(&mut task.fds, fds);
            task.aside.push(old);
        }
    }

    /// Keeps the descriptors as they are, whatever was put aside last.
    fn keep_fds(&mut self) {
        if let Some(task) = self.kernel.tasks.get_mut(&self.task) {
            task.aside.pop();
        }
    }

    /// Brings the descriptors back that were put aside last; what was read meanwhile from the same files stays read.
    fn restore_fds(&mut self) {
        let now = self.fds();
        let Some(mut old) = self.kernel.tasks.get_mut(&self.task).and_then(|task| task.aside.pop()) else { return };
        for (number, was) in &mut old {
            match (was, now.get(number)) {
                (Fd::FileRead { path, offset }, Some(Fd::FileRead { path: same, offset: reached })) if path == same => *offset = *reached,
                (Fd::Bytes { bytes, offset }, Some(Fd::Bytes { bytes: same, offset: reached })) if Rc::ptr_eq(bytes, same) => *offset = *reached,
                _ => {}
            }
        }
        self.set_fds(old);
    }

    /// A complaint of a builtin: ash names the line as well, except at its prompt.
    pub fn builtin_error(&mut self, name: &str, message: &str) {
        let at_prompt = self.kernel.terminal;
        let line = if self.dialect() == Dialect::BusyboxAsh && !at_prompt { "line 0: " } else { "" };
        self.error(&format!("{name}: {line}{message}"));
    }

    pub fn error(&mut self, message: &str) {
        let text = format!("{}: {message}\n", shell_name(self.kernel));
        self.complain(&text);
    }

    /// Standard error as it is.
    pub fn complain(&mut self, text: &str) {
        self.kernel.write(self.task, 2, text.as_bytes(), &mut self.system.files);
    }

    pub fn out(&mut self, text: &str) {
        self.kernel.write(self.task, 1, text.as_bytes(), &mut self.system.files);
    }

    /// One small step of a shell.
    pub fn step(&mut self, shell: &mut Shell) -> Turn {
        if let Some(code) = shell.exiting {
            return self.exit(shell, code);
        }
        self.deliver_signal(shell);
        if shell.frames.len() > FRAMES_MAX {
            self.error("Maximum function nesting level reached");
            while let Some(frame) = shell.frames.pop() {
                self.leave(shell, frame);
            }
            shell.variables.last_code = 1;
        }
        let Some(frame) = shell.frames.pop() else { return self.next_command(shell) };
        match frame {
            Frame::Script { script, next } => {
                if let Some(item) = script.items.get(next) {
                    let (and_or, background) = (item.and_or.clone(), item.background.clone());
                    if next + 1 < script.items.len() {
                        shell.frames.push(Frame::Script { script, next: next + 1 });
                    }
                    let frame = Frame::AndOr { and_or, next: 0 };
                    match background {
                        Some(text) => self.start_background(shell, frame, text),
                        None => shell.frames.push(frame),
                    }
                }
                Turn::Progress
            }
            Frame::AndOr { and_or, next } => {
                self.and_or(shell, and_or, next);
                Turn::Progress
            }
            Frame::Command { command, outputs, running } => self.gather(shell, command, outputs, running),
            Frame::Child(child) => match self.kernel.reap(child) {
                Some(code) => {
                    shell.code(code);
                    Turn::Progress
                }
                None => {
                    shell.frames.push(Frame::Child(child));
                    Turn::Blocked
                }
            },
            frame => self.step_compound(shell, frame),
        }
    }

    /// The frames that a simple command has not.
    fn step_compound(&mut self, shell: &mut Shell, frame: Frame) -> Turn {
        match frame {
            Frame::Negate => {
                shell.variables.last_code = i32::from(shell.variables.last_code == 0);
                Turn::Progress
            }
            Frame::Pipeline { tasks, codes } => self.pipeline_wait(shell, tasks, codes),
            Frame::If { command, arm } => {
                if let Kind::If { arms, otherwise } = &command.kind {
                    if shell.variables.last_code == 0 {
                        shell.frames.push(Frame::Script { script: arms[arm].1.clone(), next: 0 });
                    } else if let Some((condition, _)) = arms.get(arm + 1) {
                        let condition = condition.clone();
                        shell.frames.push(Frame::If { command: command.clone(), arm: arm + 1 });
                        shell.frames.push(Frame::Script { script: condition, next: 0 });
                    } else {
                        shell.variables.last_code = 0;
                        if let Some(script) = otherwise {
                            shell.frames.push(Frame::Script { script: script.clone(), next: 0 });
                        }
                    }
                }
                Turn::Progress
            }
            Frame::While { command, in_body } => {
                if let Kind::While { until, condition, body } = &command.kind {
                    let (script, in_body) = if in_body {
                        (condition.clone(), false)
                    } else if (shell.variables.last_code == 0) != *until {
                        (body.clone(), true)
                    } else {
                        shell.variables.last_code = 0;
                        return Turn::Progress;
                    };
                    shell.frames.push(Frame::While { command: command.clone(), in_body });
                    shell.frames.push(Frame::Script { script, next: 0 });
                }
                Turn::Progress
            }
            Frame::For { command, words, next } => {
                if let (Kind::For { name, body, .. }, Some(word)) = (&command.kind, words.get(next)) {
                    shell.variables.set(name, word);
                    let body = body.clone();
                    shell.frames.push(Frame::For { command: command.clone(), words: words.clone(), next: next + 1 });
                    shell.frames.push(Frame::Script { script: body, next: 0 });
                }
                Turn::Progress
            }
            Frame::Count { command, begun } => {
                if let Err(message) = self.next_count(shell, command, begun) {
                    self.arithmetic_failed(shell, &message);
                }
                Turn::Progress
            }
            Frame::Builtin(argv) => self.run_builtin(shell, argv),
            frame => {
                self.leave(shell, frame);
                Turn::Progress
            }
        }
    }

    /// Undoes what a frame set up.
    fn leave(&mut self, shell: &mut Shell, frame: Frame) {
        match frame {
            Frame::Restore | Frame::Builtin(_) => self.restore_fds(),
            Frame::RestoreVariables(old) => restore(&mut shell.variables, old),
            Frame::Function { positional, locals } => {
                shell.variables.positional = positional;
                restore(&mut shell.variables, locals);
            }
            Frame::Child(task) => self.kernel.remove(task),
            Frame::Pipeline { tasks, .. } => tasks.into_iter().for_each(|task| self.kernel.remove(task)),
            _ => {}
        }
    }

    /// Unwinds to the innermost frame that the test accepts, which is given back; `None`: there is none, and nothing is unwound.
    fn unwind(&mut self, shell: &mut Shell, is_end: impl Fn(&Frame) -> bool) -> Option<Frame> {
        if !shell.frames.iter().any(&is_end) {
            return None;
        }
        loop {
            let frame = shell.frames.pop()?;
            if is_end(&frame) {
                return Some(frame);
            }
            self.leave(shell, frame);
        }
    }

    fn exit(&mut self, shell: &mut Shell, code: i32) -> Turn {
        while let Some(frame) = shell.frames.pop() {
            self.leave(shell, frame);
        }
        if let Some(trap) = shell.traps.remove("EXIT") {
            let dialect = self.dialect();
            shell.exiting = None;
            shell.final_code = Some(code);
            shell.source = Source::Frames;
            shell.variables.last_code = code;
            if shell.push_text(&trap, dialect).is_ok() {
                return Turn::Progress;
            }
        }
        Turn::Exit(code)
    }

    fn deliver_signal(&mut self, shell: &mut Shell) {
        let waits_for_child = matches!(shell.frames.last(), Some(Frame::Child(_) | Frame::Pipeline { .. }));
        let Some(signal) = shell.pending_signal.filter(|_| !waits_for_child) else { return };
        shell.pending_signal = None;
        if let Some(trap) = shell.traps.get(signal).cloned() {
            // `wait` ends when a trapped signal comes.
            if matches!(shell.frames.last(), Some(Frame::Builtin(argv)) if argv.first().is_some_and(|name| name == "wait")) {
                shell.frames.pop();
                self.restore_fds();
            }
            let dialect = self.dialect();
            if shell.push_text(&trap, dialect).is_err() {
                shell.variables.last_code = 2;
            }
        }
    }

    fn next_command(&mut self, shell: &mut Shell) -> Turn {
        shell.waiting = false;
        match shell.source {
            Source::Frames => self.exit(shell, shell.final_code.unwrap_or(shell.variables.last_code)),
            Source::Lines => {
                if std::mem::take(&mut shell.ran) {
                    self.report_jobs(shell);
                }
                Turn::Blocked
            }
            Source::Stdin { ended: true } => self.exit(shell, shell.variables.last_code),
            Source::Stdin { ended: false } => {
                let Some(line) = self.read_line(0) else {
                    shell.waiting = true;
                    return Turn::Blocked;
                };
                let dialect = self.dialect();
                let ended = !line.ends_with('\n');
                if ended {
                    shell.source = Source::Stdin { ended };
                }
                if ended && line.is_empty() && shell.pending.is_empty() {
                    return Turn::Progress;
                }
                match shell.run_line(line.trim_end_matches('\n'), dialect) {
                    Ok(false) if ended => {
                        shell.pending.clear();
                        self.error("syntax error: unexpected end of file");
                        shell.variables.last_code = 2;
                    }
                    Ok(_) => {}
                    Err(message) => {
                        self.kernel.write(self.task, 2, format!("{message}\n").as_bytes(), &mut self.system.files);
                        if !self.kernel.terminal {
                            shell.source = Source::Stdin { ended: true };
                        }
                    }
                }
                Turn::Progress
            }
        }
    }

    /// A line of a descriptor with its newline; without one at the end of the input; `None`: nothing yet.
    pub fn read_line(&mut self, fd: u32) -> Option<String> {
        let bytes = self.kernel.read_some(self.task, fd, &self.system.files)?;
        match bytes.iter().position(|byte| *byte == b'\n') {
            Some(end) => {
                let rest = bytes[end + 1..].to_vec();
                self.kernel.unread(self.task, fd, rest);
                Some(String::from_utf8_lossy(&bytes[..=end]).into_owned())
            }
            // A piece without its newline may be the last one: then the next read is the end.
            None if bytes.is_empty() => Some(String::new()),
            None => match self.kernel.read_some(self.task, fd, &self.system.files) {
                Some(more) if more.is_empty() => Some(String::from_utf8_lossy(&bytes).into_owned()),
                more => {
                    self.kernel.unread(self.task, fd, [bytes, more.unwrap_or_default()].concat());
                    None
                }
            },
        }
    }

    /// A copy of the shell as a child: a subshell, a member of a pipeline.
    fn fork(&mut self, shell: Shell, fds: Fds) -> TaskId {
        let id = self.kernel.fork(self.task, fds, shell.variables.exported(), &self.working_directory());
        self.forked.push((id, shell));
        id
    }

    fn start_background(&mut self, shell: &mut Shell, frame: Frame, text: Rc<str>) {
        let mut fds = self.fds();
        fds.insert(0, Fd::Null);
        let child = shell.child(vec![frame]);
        let id = self.fork(child, fds);
        if let Some(task) = self.kernel.tasks.get_mut(&id) {
            task.background = true;
        }
        shell.variables.last_background = Some(id);
        if shell.has_jobs() {
            self.report_jobs(shell);
            let number = jobs::add(&mut shell.jobs, id, text);
            self.complain(&format!("[{number}] {id}\n"));
        }
        shell.variables.last_code = 0;
    }

    fn and_or(&mut self, shell: &mut Shell, and_or: Rc<AndOr>, next: usize) {
        let pipeline = if next == 0 {
            Some(and_or.first.clone())
        } else {
            and_or
                .rest
                .get(next - 1)
                .map(|(join, pipeline)| ((*join == Join::And) == (shell.variables.last_code == 0)).then(|| pipeline.clone()))
                .unwrap_or(None)
        };
        if next < and_or.rest.len() {
            shell.frames.push(Frame::AndOr { and_or, next: next + 1 });
        }
        if let Some(pipeline) = pipeline {
            self.start_pipeline(shell, &pipeline);
        }
    }

    fn start_pipeline(&mut self, shell: &mut Shell, pipeline: &Pipeline) {
        if pipeline.negated {
            shell.frames.push(Frame::Negate);
        }
        if let [command] = pipeline.commands.as_slice() {
            shell.frames.push(Frame::Command { command: command.clone(), outputs: BTreeMap::new(), running: None });
            return;
        }
        let fds = self.fds();
        let mut tasks = Vec::new();
        let mut input: Option<PipeId> = None;
        for (index, command) in pipeline.commands.iter().enumerate() {
            let mut own = fds.clone();
            if let Some(pipe) = input {
                own.insert(0, Fd::PipeRead(pipe));
            }
            if index + 1 < pipeline.commands.len() {
                let pipe = self.kernel.new_pipe();
                own.insert(1, Fd::PipeWrite(pipe));
                input = Some(pipe);
            }
            let child = shell.child(vec![Frame::Command { command: command.clone(), outputs: BTreeMap::new(), running: None }]);
            tasks.push(self.fork(child, own));
        }
        shell.frames.push(Frame::Pipeline { tasks, codes: Vec::new() });
    }

    fn pipeline_wait(&mut self, shell: &mut Shell, mut tasks: Vec<TaskId>, mut codes: Vec<i32>) -> Turn {
        let Some(first) = tasks.first().copied() else {
            let last = codes.last().copied().unwrap_or(0);
            let failed = codes.iter().rev().find(|code| **code != 0).copied();
            shell.code(if shell.pipefail { failed.unwrap_or(0) } else { last });
            return Turn::Progress;
        };
        let step = match self.kernel.reap(first) {
            Some(code) => {
                tasks.remove(0);
                codes.push(code);
                Turn::Progress
            }
            None => Turn::Blocked,
        };
        shell.frames.push(Frame::Pipeline { tasks, codes });
        step
    }

    /// Runs the substitutions of a command one after the other, then the command itself.
    fn gather(
        &mut self,
        shell: &mut Shell,
        command: Rc<Command>,
        mut outputs: BTreeMap<u32, String>,
        running: Option<(u32, TaskId, PipeId)>,
    ) -> Turn {
        if let Some((number, task, pipe)) = running {
            // The pipe is emptied as it fills, so that a long output does not stall its writer.
            let piece = self.kernel.take_from_pipe(pipe);
            let held = outputs.entry(number).or_default();
            held.push_str(&String::from_utf8_lossy(&piece));
            match self.kernel.reap(task) {
                None => {
                    shell.frames.push(Frame::Command { command, outputs, running: Some((number, task, pipe)) });
                    return if piece.is_empty() { Turn::Blocked } else { Turn::Progress };
                }
                Some(code) => {
                    held.push_str(&String::from_utf8_lossy(&self.kernel.drain_pipe(pipe)));
                    let whole = held.clone();
                    let text = held.trim_end_matches('\n').len();
                    held.truncate(text);
                    if is_process(&command, number) {
                        // What `<(…)` stands for is a file.
                        let file = expand::process_file(number);
                        let _ = self.system.files.make_dirs("/dev/fd").and_then(|()| self.system.files.write(&file, whole.as_bytes()));
                    }
                    shell.substituted = Some(code);
                    shell.variables.last_code = code;
                }
            }
        }
        let mut wanted = Vec::new();
        command_words(&command).into_iter().for_each(|word| syntax::substitutions(word, &mut wanted));
        let next = wanted.into_iter().find(|(number, _)| !outputs.contains_key(number)).map(|(number, script)| (number, script.clone()));
        let Some((number, script)) = next else { return self.perform(shell, command, outputs) };
        let mut fds = self.fds();
        let pipe = self.kernel.new_pipe();
        fds.insert(1, Fd::PipeWrite(pipe));
        // The shell itself keeps the reading end.
        let keep = FD_OF_SUBSTITUTION;
        if let Some(task) = self.kernel.tasks.get_mut(&self.task) {
            task.fds.insert(keep, Fd::PipeRead(pipe));
        }
        fds.remove(&keep);
        let mut child = shell.child(vec![Frame::Script { script, next: 0 }]);
        // Only dash keeps `set -e` in it, and there it does not matter who looks at the code.
        child.errexit &= self.dialect() == Dialect::Dash;
        child.tested = false;
        let task = self.fork(child, fds);
        outputs.insert(number, String::new());
        shell.frames.push(Frame::Command { command, outputs, running: Some((number, task, pipe)) });
        Turn::Progress
    }

    fn expanding<T>(
        &mut self,
        shell: &mut Shell,
        outputs: &BTreeMap<u32, String>,
        expand: impl FnOnce(&mut Expansion<'_, '_>) -> Result<T, String>,
    ) -> Result<T, String> {
        let working_directory = self.working_directory();
        let dialect = self.dialect();
        let mut expansion =
            Expansion { variables: &mut shell.variables, files: &self.system.files, working_directory: &working_directory, outputs, dialect };
        expand(&mut expansion)
    }

    fn expansion_failed(&mut self, shell: &mut Shell, message: &str) -> Turn {
        self.error(message);
        let code = if self.dialect() == Dialect::Bash { 1 } else { 2 };
        shell.variables.last_code = code;
        // A non-interactive shell ends at an expansion error, as POSIX.1 asks.
        if !shell.is_interactive() {
            // Bash has a code of its own for variables that had to be set.
            let arithmetic = message.contains("(error token is ");
            let unset = !arithmetic && message.split_once(": ").is_some_and(|(name, why)| syntax::is_name(name) && why != READ_ONLY);
            shell.exiting = Some(if code == 1 && unset { 127 } else { code });
        } else {
            while let Some(frame) = shell.frames.pop() {
                self.leave(shell, frame);
            }
        }
        Turn::Progress
    }

    fn perform(&mut self, shell: &mut Shell, command: Rc<Command>, outputs: BTreeMap<u32, String>) -> Turn {
        if let Some(task) = self.kernel.tasks.get_mut(&self.task) {
            task.fds.remove(&FD_OF_SUBSTITUTION);
        }
        if let Kind::Simple { .. } = command.kind {
            return self.perform_simple(shell, &command, &outputs);
        }
        let fds = match self.redirected(shell, &command.redirects, &outputs) {
            Ok(fds) => fds,
            Err(message) => {
                self.error(&message);
                shell.code(1);
                return Turn::Progress;
            }
        };
        if !command.redirects.is_empty() {
            shell.frames.push(Frame::Restore);
            self.put_aside(fds);
        }
        match self.perform_compound(shell, &command, &outputs) {
            Ok(()) => Turn::Progress,
            Err(message) => self.expansion_failed(shell, &message),
        }
    }

    fn perform_compound(&mut self, shell: &mut Shell, command: &Rc<Command>, outputs: &BTreeMap<u32, String>) -> Result<(), String> {
        match &command.kind {
            Kind::Simple { .. } => {}
            Kind::Group(script) => shell.frames.push(Frame::Script { script: script.clone(), next: 0 }),
            Kind::Subshell(script) => {
                let child = shell.child(vec![Frame::Script { script: script.clone(), next: 0 }]);
                let fds = self.fds();
                let id = self.fork(child, fds);
                shell.frames.push(Frame::Child(id));
            }
            Kind::If { arms, .. } => {
                shell.frames.push(Frame::If { command: command.clone(), arm: 0 });
                shell.frames.push(Frame::Script { script: arms[0].0.clone(), next: 0 });
            }
            Kind::While { condition, .. } => {
                shell.frames.push(Frame::While { command: command.clone(), in_body: false });
                shell.frames.push(Frame::Script { script: condition.clone(), next: 0 });
            }
            Kind::For { words, .. } => {
                let words = match words {
                    Some(words) => self.expanding(shell, outputs, |expansion| expansion.words(words))?,
                    None => shell.variables.positional.clone(),
                };
                shell.variables.last_code = 0;
                shell.frames.push(Frame::For { command: command.clone(), words: Rc::new(words), next: 0 });
            }
            Kind::Count { begin, .. } => match self.counted(shell, outputs, begin) {
                Ok(_) => {
                    shell.variables.last_code = 0;
                    shell.frames.push(Frame::Count { command: command.clone(), begun: false });
                }
                Err(message) => self.arithmetic_failed(shell, &message),
            },
            Kind::Case { word, arms } => {
                let text = self.expanding(shell, outputs, |expansion| expansion.text(word))?;
                shell.variables.last_code = 0;
                for (patterns, body) in arms {
                    for pattern in patterns {
                        let pattern = self.expanding(shell, outputs, |expansion| expansion.pattern(pattern))?;
                        if matches(&pattern, &text) {
                            shell.frames.push(Frame::Script { script: body.clone(), next: 0 });
                            return Ok(());
                        }
                    }
                }
            }
            Kind::Function { name, body } => {
                shell.functions.insert(name.clone(), body.clone());
                shell.variables.last_code = 0;
            }
            Kind::Test(words) => {
                let mut terms = Vec::new();
                for word in words {
                    let text = self.expanding(shell, outputs, |expansion| Ok((expansion.text(word)?, expansion.pattern(word)?)))?;
                    terms.push(text);
                }
                let folder = self.working_directory();
                match double_bracket(&terms, &self.system.files, &folder) {
                    Ok((holds, matched)) => {
                        if let Some(matched) = matched {
                            shell.variables.set_values("BASH_REMATCH", matched.into_iter().map(|text| (None, text)).collect(), false, false);
                        }
                        shell.code(i32::from(!holds));
                    }
                    Err(message) => {
                        self.error(&message);
                        shell.code(2);
                    }
                }
            }
            Kind::Arithmetic(word) => match self.counted(shell, outputs, word) {
                Ok(value) => shell.code(i32::from(value == 0)),
                Err(message) => self.arithmetic_failed(shell, &message),
            },
        }
        Ok(())
    }

    /// What `((…))` says of a wrong expression; it is a command that failed, not the end of the shell.
    fn arithmetic_failed(&mut self, shell: &mut Shell, message: &str) {
        self.error(&format!("((: {message}"));
        shell.code(1);
    }

    /// The number that an arithmetic word is.
    fn counted(&mut self, shell: &mut Shell, outputs: &BTreeMap<u32, String>, word: &Word) -> Result<i64, String> {
        self.expanding(shell, outputs, |expansion| {
            let text = expansion.text(word)?;
            expansion.arithmetic(&text)
        })
    }

    /// The next round of a `for ((…))`. Substitutions in its step do not run.
    fn next_count(&mut self, shell: &mut Shell, command: Rc<Command>, begun: bool) -> Result<(), String> {
        let Kind::Count { condition, step, body, .. } = &command.kind else { return Ok(()) };
        let none = BTreeMap::new();
        if begun {
            self.counted(shell, &none, step)?;
        }
        let is_empty = condition.parts.iter().all(|part| matches!(part, syntax::Part::Literal(text) if text.trim().is_empty()));
        if is_empty || self.counted(shell, &none, condition)? != 0 {
            let body = body.clone();
            shell.frames.push(Frame::Count { command, begun: true });
            shell.frames.push(Frame::Script { script: body, next: 0 });
        }
        Ok(())
    }

    fn perform_simple(&mut self, shell: &mut Shell, command: &Rc<Command>, outputs: &BTreeMap<u32, String>) -> Turn {
        let Kind::Simple { assignments, words } = &command.kind else { return Turn::Progress };
        let substituted = shell.substituted.take();
        let mut argv = match self.expanding(shell, outputs, |expansion| expansion.words(words)) {
            Ok(argv) => argv,
            Err(message) => return self.expansion_failed(shell, &message),
        };
        self.expand_alias(shell, words, &mut argv);
        let mut values = Vec::new();
        for assignment in assignments {
            if assignment.array.is_some() || assignment.index.is_some() {
                if argv.first().is_some_and(|name| name == "local" || name == "declare") && shell.make_local(&assignment.name) {
                    shell.variables.all.remove(&assignment.name);
                }
                match self.assign_entries(shell, assignment, outputs) {
                    Ok(()) => continue,
                    Err(message) => return self.expansion_failed(shell, &message),
                }
            }
            let text = match self.expanding(shell, outputs, |expansion| expansion.text(&assignment.value)) {
                Ok(text) => text,
                Err(message) => return self.expansion_failed(shell, &message),
            };
            let old = if assignment.append { shell.variables.get(&assignment.name).unwrap_or("").to_owned() } else { String::new() };
            values.push((assignment.name.clone(), old + &text));
            if argv.is_empty() {
                let (name, value) = &values[values.len() - 1];
                if !shell.variables.set(name, value) {
                    let ash = self.dialect() != Dialect::Bash;
                    let message = format!("{name}: {}", if ash { "is read only" } else { READ_ONLY });
                    return self.expansion_failed(shell, &message);
                }
            }
        }
        if shell.xtrace {
            let text = format!(
                "+ {}\n",
                values
                    .iter()
                    .map(|(name, value)| format!("{name}={}", self.traced(value)))
                    .chain(argv.iter().map(|word| self.traced(word)))
                    .collect::<Vec<_>>()
                    .join(" ")
            );
            self.kernel.write(self.task, 2, text.as_bytes(), &mut self.system.files);
        }
        let fds = match self.redirected(shell, &command.redirects, outputs) {
            Ok(fds) => fds,
            Err(message) => {
                self.error(&message);
                shell.code(1);
                return Turn::Progress;
            }
        };
        if argv.is_empty() {
            shell.code(substituted.unwrap_or(0));
            return Turn::Progress;
        }
        self.invoke(shell, argv, values, fds)
    }

    /// A word as `set -x` shows it: so that it could be typed again, but for dash.
    fn traced(&self, word: &str) -> String {
        let plain = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || "_-./:=@%+,^~".contains(c));
        if plain || word.is_empty() || self.dialect() == Dialect::Dash { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
    }

    /// `a=(…)` and `a[i]=v`.
    fn assign_entries(&mut self, shell: &mut Shell, assignment: &Assignment, outputs: &BTreeMap<u32, String>) -> Result<(), String> {
        let name = &assignment.name;
        let keyed = assignment.keyed || shell.variables.is_keyed(name);
        if assignment.keyed {
            shell.variables.make_array(name, true);
        }
        let done = if let Some(elements) = &assignment.array {
            let mut values = Vec::new();
            for element in elements {
                let found = self.expanding(shell, outputs, |expansion| match &element.index {
                    None => Ok(expansion.words(std::slice::from_ref(&element.value))?.into_iter().map(|value| (None, value)).collect()),
                    Some(index) => Ok(vec![(Some(expansion.subscript(name, index)?), expansion.text(&element.value)?)]),
                })?;
                values.extend::<Vec<_>>(found);
            }
            shell.variables.set_values(name, values, assignment.append, keyed)
        } else if let Some(index) = &assignment.index {
            let (at, value) =
                self.expanding(shell, outputs, |expansion| Ok((expansion.subscript(name, index)?, expansion.text(&assignment.value)?)))?;
            let old = shell.variables.entry(name, &at).filter(|_| assignment.append).unwrap_or_default();
            shell.variables.set_entry(name, at, &(old + &value))
        } else {
            true
        };
        if done { Ok(()) } else { Err(format!("{name}: {READ_ONLY}")) }
    }

    fn expand_alias(&self, shell: &Shell, words: &[Word], argv: &mut Vec<String>) {
        let plain = matches!(words.first().map(|word| word.parts.as_slice()), Some([syntax::Part::Literal(_)]));
        let mut seen: Vec<String> = Vec::new();
        while let Some(name) = argv.first().filter(|name| plain && !seen.contains(name)).cloned() {
            let Some(text) = shell.aliases.get(&name) else { return };
            let mut replaced: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
            replaced.extend(argv.drain(1..));
            *argv = replaced;
            seen.push(name);
        }
    }

    /// Runs a function, a builtin or a program.
    fn invoke(&mut self, shell: &mut Shell, argv: Vec<String>, values: Vec<(String, String)>, fds: Fds) -> Turn {
        let name = argv[0].as_str();
        if let Some(body) = shell.functions.get(name).cloned() {
            shell.frames.push(Frame::Restore);
            self.put_aside(fds);
            if !values.is_empty() {
                let old = assign(&mut shell.variables, values);
                shell.frames.push(Frame::RestoreVariables(old));
            }
            let positional = std::mem::replace(&mut shell.variables.positional, argv[1..].to_vec());
            shell.frames.push(Frame::Function { positional, locals: Vec::new() });
            shell.frames.push(Frame::Command { command: body, outputs: BTreeMap::new(), running: None });
            return Turn::Progress;
        }
        if builtins::find(name, self.dialect()).is_some() {
            if !values.is_empty() {
                let saved = assign(&mut shell.variables, values);
                shell.frames.push(Frame::RestoreVariables(saved));
            }
            self.put_aside(fds);
            return self.run_builtin(shell, argv);
        }
        let mut environment = shell.variables.exported();
        environment.extend(values);
        let last = shell.source == Source::Frames && shell.frames.is_empty() && shell.traps.is_empty() && shell.pending_signal.is_none();
        if last {
            return Turn::Exec { argv, fds, environment, caller: Caller::Shell };
        }
        let child = self.kernel.spawn(self.task, argv, fds, environment, Caller::Shell);
        shell.frames.push(Frame::Child(child));
        Turn::Progress
    }

    fn run_builtin(&mut self, shell: &mut Shell, argv: Vec<String>) -> Turn {
        let Some(builtin) = argv.first().and_then(|name| builtins::find(name, self.dialect())) else { return Turn::Progress };
        shell.waiting = false;
        let outcome = (builtin.run)(self, shell, &argv);
        match outcome {
            Outcome::Done(code) => {
                self.restore_fds();
                shell.code(code);
            }
            Outcome::Block { input } => {
                shell.waiting = input;
                shell.frames.push(Frame::Builtin(argv));
                return Turn::Blocked;
            }
            Outcome::Kept(code) => {
                self.keep_fds();
                shell.code(code);
            }
            Outcome::Text { text, sourced } => {
                shell.frames.push(Frame::Restore);
                if sourced {
                    shell.frames.push(Frame::Sourced);
                }
                let dialect = self.dialect();
                if let Err(message) = shell.push_text(&text, dialect) {
                    self.kernel.write(self.task, 2, format!("{message}\n").as_bytes(), &mut self.system.files);
                    shell.code(2);
                }
            }
            Outcome::Exit(code) => {
                self.restore_fds();
                shell.exiting = Some(code);
            }
            Outcome::Return(code) => {
                self.restore_fds();
                shell.variables.last_code = code;
                match self.unwind(shell, |frame| matches!(frame, Frame::Function { .. } | Frame::Sourced)) {
                    Some(frame) => self.leave(shell, frame),
                    // ash takes it for `exit`.
                    None if self.dialect() != Dialect::Bash && !shell.is_interactive() => shell.exiting = Some(code),
                    None => {
                        self.error("return: can only `return' from a function or sourced script");
                        shell.code(1);
                    }
                }
            }
            Outcome::Loop { levels, again, code } => {
                self.restore_fds();
                self.leave_loops(shell, levels, again);
                shell.variables.last_code = code;
            }
            Outcome::Run(argv) => {
                let fds = self.fds();
                self.restore_fds();
                let child = self.kernel.spawn(self.task, argv, fds, shell.variables.exported(), Caller::Shell);
                shell.frames.push(Frame::Child(child));
            }
            Outcome::Exec(argv) => {
                let fds = self.fds();
                let found = PROGRAMS.lookup(&self.kernel.profile, &self.system.files, &self.working_directory(), &argv);
                let Some(refusal) = found.err().filter(|refusal| !matches!(refusal, Refusal::Format(_))) else {
                    return Turn::Exec { argv, fds, environment: shell.variables.exported(), caller: Caller::Shell };
                };
                let code = self.cannot_exec(&argv[0], &refusal);
                self.restore_fds();
                shell.code(code);
                if !shell.is_interactive() {
                    shell.exiting = Some(code);
                }
            }
        }
        Turn::Progress
    }

    /// What the builtin `exec` says of a command that it cannot start, and its code.
    fn cannot_exec(&mut self, name: &str, refusal: &Refusal) -> i32 {
        let (message, code) = cannot_start(self.dialect(), name, refusal);
        let message = match refusal {
            Refusal::File(Errno::NoEntry) if !name.contains('/') => format!("{name}: not found"),
            _ => message,
        };
        self.builtin_error("exec", &message);
        code
    }

    fn leave_loops(&mut self, shell: &mut Shell, levels: usize, again: bool) {
        // In busybox' ash a function leaves its caller's loop.
        let through = self.dialect() == Dialect::BusyboxAsh;
        for level in 0..levels {
            let is_end = |frame: &Frame| frame.is_loop() || !through && matches!(frame, Frame::Function { .. });
            match shell.frames.iter().rev().find(|frame| is_end(frame)) {
                None | Some(Frame::Function { .. }) => return,
                Some(_) => {}
            }
            let Some(frame) = self.unwind(shell, is_end) else { return };
            if again && level + 1 == levels {
                shell.frames.push(match frame {
                    Frame::While { command, .. } => Frame::While { command, in_body: true },
                    frame => frame,
                });
            }
        }
    }

    /// The descriptors after a command's redirections.
    fn redirected(&mut self, shell: &mut Shell, redirects: &[Redirect], outputs: &BTreeMap<u32, String>) -> Result<Fds, String> {
        let mut fds = self.fds();
        fds.remove(&FD_OF_SUBSTITUTION);
        for redirect in redirects {
            let text = self.expanding(shell, outputs, |expansion| expansion.text(&redirect.target))?;
            let fd = self.open(redirect.kind, &text, &fds, shell.noclobber)?;
            match fd {
                Some(fd) => {
                    if redirect.kind == RedirectKind::WriteBoth {
                        fds.insert(2, fd.clone());
                    }
                    fds.insert(redirect.fd, fd);
                }
                None => {
                    fds.remove(&redirect.fd);
                }
            }
        }
        Ok(fds)
    }

    fn open(&mut self, kind: RedirectKind, text: &str, fds: &Fds, noclobber: bool) -> Result<Option<Fd>, String> {
        let path = vfs::absolute(&self.working_directory(), text);
        let bash = self.dialect() == Dialect::Bash;
        match kind {
            RedirectKind::Here => return Ok(Some(Fd::Bytes { bytes: Rc::new(text.as_bytes().to_vec()), offset: 0 })),
            RedirectKind::HereString => return Ok(Some(Fd::Bytes { bytes: Rc::new(format!("{text}\n").into_bytes()), offset: 0 })),
            RedirectKind::Duplicate if text == "-" => return Ok(None),
            RedirectKind::Duplicate => {
                let source = text.parse::<u32>().ok().and_then(|fd| fds.get(&fd));
                return source.cloned().map(Some).ok_or_else(|| format!("{text}: Bad file descriptor"));
            }
            _ => {}
        }
        let special = match path.as_str() {
            "/dev/stdin" => fds.get(&0),
            "/dev/stdout" => fds.get(&1),
            "/dev/stderr" => fds.get(&2),
            "/dev/null" => Some(&Fd::Null),
            "/dev/tty" => Some(&Fd::Terminal(Stream::Stdout)),
            _ => None,
        };
        if let Some(fd) = special {
            return Ok(Some(fd.clone()));
        }
        let files = &mut self.system.files;
        if noclobber && kind == RedirectKind::Write && files.stat(&path).is_ok_and(|found| found.file_type == FileType::File) {
            return Err(if bash { format!("{text}: cannot overwrite existing file") } else { format!("can't create {text}: File exists") });
        }
        let opened = match kind {
            RedirectKind::Read => match files.stat(&path) {
                Ok(found) if found.file_type == FileType::Directory => return Ok(Some(Fd::Null)),
                Ok(_) => return Ok(Some(Fd::FileRead { path, offset: 0 })),
                Err(error) => Err(error),
            },
            RedirectKind::Append | RedirectKind::ReadWrite => files.append(&path, b""),
            _ => files.write(&path, b""),
        };
        match opened {
            Ok(()) => Ok(Some(Fd::FileWrite { path })),
            Err(error) if bash => Err(format!("{text}: {error}")),
            Err(error) if kind == RedirectKind::Read => Err(format!("can't open {text}: {}", no_such(error))),
            Err(error) => Err(format!("can't create {text}: {}", nonexistent(error))),
        }
    }
}

/// ash says `no such file` where others say what strerror(3) gives.
fn no_such(error: vfs::Errno) -> String {
    if error == vfs::Errno::NoEntry { "no such file".to_owned() } else { error.to_string() }
}

fn nonexistent(error: vfs::Errno) -> String {
    if error == vfs::Errno::NoEntry { "nonexistent directory".to_owned() } else { error.to_string() }
}

const READ_ONLY: &str = "readonly variable";

/// The descriptor under which a shell keeps the reading end of a command substitution; no script names it.
const FD_OF_SUBSTITUTION: u32 = 1 << 20;

/// Whether a substitution of a command is `<(…)`.
fn is_process(command: &Command, number: u32) -> bool {
    let is_it = |part: &syntax::Part| matches!(part, syntax::Part::Process(found, _) if *found == number);
    command_words(command).into_iter().any(|word| word.parts.iter().any(is_it))
}

fn assignment_words(assignment: &Assignment) -> impl Iterator<Item = &Word> {
    let elements = assignment.array.iter().flatten().flat_map(|element| element.index.iter().chain([&element.value]));
    assignment.index.iter().chain([&assignment.value]).chain(elements)
}

fn command_words(command: &Command) -> Vec<&Word> {
    let mut words: Vec<&Word> = match &command.kind {
        Kind::Simple { assignments, words } => words.iter().chain(assignments.iter().flat_map(assignment_words)).collect(),
        Kind::For { words: Some(words), .. } | Kind::Test(words) => words.iter().collect(),
        Kind::Case { word, .. } | Kind::Arithmetic(word) | Kind::Count { begin: word, .. } => vec![word],
        _ => Vec::new(),
    };
    words.extend(command.redirects.iter().map(|redirect| &redirect.target));
    words
}

fn assign(variables: &mut Variables, values: Vec<(String, String)>) -> Vec<(String, Option<Variable>)> {
    let mut old = Vec::new();
    for (name, value) in values {
        old.push((name.clone(), variables.all.get(&name).cloned()));
        variables.all.insert(name, Variable { value, exported: true, ..Variable::default() });
    }
    old
}

fn restore(variables: &mut Variables, old: Vec<(String, Option<Variable>)>) {
    for (name, variable) in old.into_iter().rev() {
        match variable {
            Some(variable) => variables.all.insert(name, variable),
            None => variables.all.remove(&name),
        };
    }
}

impl Shell {
    /// Makes a variable local to the function that runs. False: no function runs.
    pub(super) fn make_local(&mut self, name: &str) -> bool {
        let old = self.variables.all.get(name).cloned();
        let Some(Frame::Function { locals, .. }) = self.frames.iter_mut().rev().find(|frame| matches!(frame, Frame::Function { .. })) else {
            return false;
        };
        locals.push((name.to_owned(), old));
        true
    }
}
