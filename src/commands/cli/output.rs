//! What a command wrote, and its exit code.

use crate::machine::kernel::{Chunk, Stream};

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
    /// A text on standard error, and the exit code that goes with it.
    pub fn failed(text: &str, code: i32) -> Output {
        let mut output = Output { code, ..Output::default() };
        output.err(text);
        output
    }

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
}
