//! kubectl: strings in, strings out. Table VERBS; dispatch, help, suggestions, Tab completion.

use crate::control::cluster::Cluster;
use crate::machine::shell::{Chunk, Input, Stream};
use crate::machine::vfs::View;
use std::collections::BTreeMap;

pub mod describe;
pub mod print;

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
        self.write(Stream::Stdout, text);
    }

    pub fn err(&mut self, text: &str) {
        self.write(Stream::Stderr, text);
    }

    fn write(&mut self, stream: Stream, text: &str) {
        match self.chunks.last_mut() {
            Some(last) if last.stream == stream => last.bytes.extend_from_slice(text.as_bytes()),
            _ => self.chunks.push(Chunk { stream, bytes: text.as_bytes().to_vec() }),
        }
    }
}

/// A command that is not over yet: `get -w`, `wait`, `delete` with finalizers, `exec`, `logs -f`, `rollout status`, `run -it`.
#[derive(Clone, Debug, PartialEq)]
pub struct Foreground {}

/// What a command came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Done(Output),
    /// Poll it after each step of the cluster, with its input.
    Foreground(Box<Foreground>, Output),
}

/// What one poll of a foreground command came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Poll {
    pub output: Output,
    /// The exit code once it is over (then `output.code` is the same).
    pub finished: bool,
    /// It waits for input from its standard input.
    pub wants_input: bool,
}

/// Runs one kubectl command; `argv[0]` is `kubectl`. `stdin` is all that a pipe or here-document holds (for `-f -`); a terminal is empty.
pub fn run(_cluster: &mut Cluster, _host: &mut Host<'_>, _argv: &[String], _stdin: &[u8]) -> Outcome {
    Outcome::Done(Output::default())
}

impl Foreground {
    /// Looks at the cluster and goes on.
    pub fn poll(&mut self, _cluster: &mut Cluster, _host: &mut Host<'_>, _input: Input) -> Poll {
        Poll { output: Output::default(), finished: true, wants_input: false }
    }

    /// Ctrl-C: the last words and the code (130, or what kubectl itself gives).
    pub fn interrupt(&mut self, _cluster: &mut Cluster) -> Output {
        Output { code: 130, ..Output::default() }
    }
}
