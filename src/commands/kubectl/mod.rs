//! kubectl: strings in, strings out. Table VERBS; dispatch, help, suggestions, Tab completion.
//!
//! Models kubectl/pkg/cmd/cmd.go. A command is a row of `verbs::VERBS` and a function of its `Command`; what is not
//! over at once returns a `Foreground` that its owner polls while the cluster goes on.

use crate::control::cluster::Cluster;
use crate::machine::shell::{Chunk, Stream};
use crate::machine::vfs::View;
use crate::values::clock::{Duration, Instant};
use std::collections::BTreeMap;

pub mod cluster;
pub mod complete;
pub mod containers;
pub mod failure;
pub mod generate;
pub mod help;
pub mod read;
pub mod request;
pub mod verbs;
pub mod write;

use crate::commands::cli::args::{self, Args};
pub use crate::commands::cli::foreground::Foreground;
use cluster::config;
pub use failure::Failure;
pub use verbs::Verb;

/// What kubectl needs of the machine it runs on.
pub struct Host<'a> {
    /// The files of the user's machine (`-f FILE`, `cp`, `edit`).
    pub files: View<'a>,
    pub environment: &'a BTreeMap<String, String>,
    pub working_directory: &'a str,
    /// Whether standard input is a terminal (`-t` asks).
    pub stdin_is_terminal: bool,
}

/// What a command answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Output {
    /// Standard output and error in the order written.
    pub chunks: Vec<Chunk>,
    pub code: i32,
    /// Our own remarks; never in a stream.
    pub notes: Vec<String>,
}

impl Output {
    pub fn out(&mut self, text: &str) {
        self.write(Stream::Stdout, text.as_bytes());
    }

    pub fn err(&mut self, text: &str) {
        self.write(Stream::Stderr, text.as_bytes());
    }

    /// A line on standard output.
    pub fn line(&mut self, text: &str) {
        self.out(text);
        self.out("\n");
    }

    /// A line on standard error.
    pub fn warn(&mut self, text: &str) {
        self.err(text);
        self.err("\n");
    }

    pub fn write(&mut self, stream: Stream, bytes: &[u8]) {
        match self.chunks.last_mut() {
            Some(last) if last.stream == stream => last.bytes.extend_from_slice(bytes),
            _ if bytes.is_empty() => {}
            _ => self.chunks.push(Chunk { stream, bytes: bytes.to_vec() }),
        }
    }

    /// Writes an error and keeps its code.
    pub fn fail(&mut self, failure: &Failure, verb: &str) {
        self.err(&failure.text(verb));
        self.code = if verb == "diff" && failure.code() == 1 && !matches!(failure, Failure::Code(_)) { DIFF_FAILED } else { failure.code() };
    }
}

/// What a command came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Done(Output),
    /// Poll it at once, then after each step of the cluster, with its input.
    Foreground(Box<Foreground>, Output),
}

/// What one poll of a foreground command came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Poll {
    pub output: Output,
    /// Whether it is over; then `output.code` is its exit code.
    pub finished: bool,
    /// It waits for input from its standard input.
    pub wants_input: bool,
}

/// What a verb's function returns: nothing more to do, or what goes on.
pub type Ran = Result<Option<Foreground>, Failure>;

/// One command under way: what it was given and what it writes.
pub struct Command<'a, 'h> {
    pub cluster: &'a mut Cluster,
    pub host: &'a mut Host<'h>,
    pub verb: &'static Verb,
    pub args: Args,
    /// All that a pipe or here-document holds.
    pub stdin: &'a [u8],
    pub output: Output,
    /// How many objects were printed: YAML has a line between two.
    pub reported: usize,
    /// The warnings that stand on standard error by now.
    pub warned: Vec<String>,
}

impl Command<'_, '_> {
    pub fn now(&self) -> Instant {
        self.cluster.now()
    }

    /// The namespace that the command works in: `-n`, else the kubeconfig's context, else `default`.
    pub fn namespace(&self) -> String {
        match self.args.value("namespace") {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => config::current_namespace(self.host, self.args.value("context")),
        }
    }

    /// The positional arguments.
    pub fn words(&self) -> Vec<String> {
        self.args.positional.clone()
    }

    /// # Errors
    /// Words where the command takes none.
    pub fn takes_no_words(&self, title: &str) -> Result<(), Failure> {
        if self.args.positional.is_empty() { Ok(()) } else { Err(Failure::usage(format!("{title}: [{}]", self.args.positional.join(" ")))) }
    }

    /// `Warning:` lines of the server, each once.
    pub fn warnings(&mut self, warnings: &[String]) {
        for warning in warnings {
            if !self.warned.contains(warning) {
                self.output.warn(&format!("Warning: {warning}"));
                self.warned.push(warning.clone());
            }
        }
    }

    /// What the server says to each request for objects of a kind that is not to be used any more.
    pub fn warn_deprecated(&mut self, kind: &str) {
        if kind == "Endpoints" {
            self.warnings(&["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice".to_owned()]);
        }
    }
}

/// Flags that still work and say what to use instead.
const DEPRECATED: [(&str, &str); 2] = [
    ("record", "--record will be removed in the future"),
    ("cpu-percent", "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU)."),
];

/// The code of a diff that failed: 1 is that there are differences.
const DIFF_FAILED: i32 = 2;

/// Runs one kubectl command; `argv[0]` is `kubectl`. `stdin` is all that a pipe or here-document holds (for `-f -`); a terminal is empty.
pub fn run(cluster: &mut Cluster, host: &mut Host<'_>, argv: &[String], stdin: &[u8]) -> Outcome {
    let mut output = Output::default();
    let words = argv.get(1..).unwrap_or(&[]);
    let (verb, rest) = match verbs::find(words) {
        verbs::Found::Verb(verb, rest) => (verb, rest),
        verbs::Found::None => {
            match args::parse(&args::flags_of(""), words) {
                Err(message) => {
                    output.err(&format!("error: {message}\nSee 'kubectl --help' for usage.\n"));
                    output.code = 1;
                }
                Ok(_) => output.out(&help::page(host, "")),
            }
            return Outcome::Done(output);
        }
        verbs::Found::Unknown(word) => {
            output.err(&help::unknown_command(&word));
            output.code = 1;
            return Outcome::Done(output);
        }
    };
    let flags = args::flags_of(verb.name);
    let args = match args::parse(&flags, &rest) {
        Ok(args) => args,
        Err(message) => {
            let hint = if verb.name == "diff" { "-h' for help and examples" } else { "--help' for usage." };
            output.err(&format!("error: {message}\nSee 'kubectl {} {hint}\n", verb.name));
            output.code = if verb.name == "diff" { DIFF_FAILED } else { 1 };
            return Outcome::Done(output);
        }
    };
    if args.on("help") {
        output.out(&help::page(host, verb.name));
        return Outcome::Done(output);
    }
    if let Some(message) = args::missing_required(&flags, &args) {
        output.fail(&Failure::Plain(message), verb.name);
        return Outcome::Done(output);
    }
    if let Err(failure) = config::check(host, &args, verb.name) {
        output.fail(&failure, verb.name);
        return Outcome::Done(output);
    }
    for (flag, instead) in DEPRECATED.iter().filter(|(flag, _)| args.given(flag)) {
        output.warn(&format!("Flag --{flag} has been deprecated, {instead}"));
    }
    let mut command = Command { cluster, host, verb, args, stdin, output, reported: 0, warned: Vec::new() };
    let ran = (verb.run)(&mut command);
    let timeout = command.args.duration("request-timeout").filter(|timeout| *timeout > Duration::ZERO);
    let deadline = timeout.map(|timeout| command.now() + timeout);
    let mut output = command.output;
    match ran {
        Ok(None) => Outcome::Done(output),
        Ok(Some(mut foreground)) => {
            foreground.verb = verb.name;
            foreground.deadline = deadline;
            Outcome::Foreground(Box::new(foreground), output)
        }
        Err(failure) => {
            output.fail(&failure, verb.name);
            Outcome::Done(output)
        }
    }
}

/// Whether a command reads all of its standard input before it begins (`-f -`).
pub fn reads_stdin(argv: &[String]) -> bool {
    argv.windows(2).any(|pair| matches!(pair[0].as_str(), "-f" | "--filename" | "--patch-file") && pair[1] == "-")
        || argv.iter().any(|word| matches!(word.as_str(), "-f-" | "-f=-" | "--filename=-"))
}
