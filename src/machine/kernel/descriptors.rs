//! File descriptors: where each of a task's numbers leads, and the terminal's two streams.

use std::collections::BTreeMap;
use std::rc::Rc;

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

pub type PipeId = u32;

/// Where a file descriptor leads.
#[derive(Clone, Debug, PartialEq)]
pub enum Fd {
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

pub type Fds = BTreeMap<u32, Fd>;

impl Fd {
    /// The three streams of what was started at a terminal.
    pub fn of_terminal() -> Fds {
        [(0, Fd::Terminal(Stream::Stdout)), (1, Fd::Terminal(Stream::Stdout)), (2, Fd::Terminal(Stream::Stderr))].into_iter().collect()
    }
}

#[derive(Clone, Debug, PartialEq, Default)]
pub struct Pipe {
    pub bytes: Vec<u8>,
}
