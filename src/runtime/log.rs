//! A container's log: what it wrote, as lines with their stream and time.
//!
//! Models the CRI's log format and redirectLogs of containerd's internal/cri/io: each stream has a buffer of its own, a line is written
//! when it is whole, and what is left at the end of the stream is written as a part of a line, without a newline.

use crate::machine::kernel::{Chunk, Stream};
use crate::values::clock::Instant;
use rpds::RedBlackTreeMap;

/// Lines that a log keeps.
const LINES_MAX: usize = 10_000;
/// The longest entry, in bytes; what is longer is cut into parts.
const LINE_MAX: usize = 16 * 1024;

/// What a container wrote, entry by entry, each with its number from 0. Clones share the entries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    lines: RedBlackTreeMap<u64, Line>,
    /// The number of the next entry.
    next: u64,
    /// What has no newline yet, a stream each.
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// One entry of a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub at: Instant,
    pub stream: Stream,
    /// With its newline; a part of a line (tag `P`) has none.
    pub text: String,
}

impl Log {
    /// Adds output in the order in which it was written.
    pub fn write(&mut self, now: Instant, chunks: &[Chunk]) {
        for chunk in chunks {
            let mut pieces = chunk.bytes.split(|byte| *byte == b'\n');
            let unfinished = pieces.next_back().unwrap_or_default();
            for piece in pieces {
                self.extend(now, chunk.stream, piece);
                self.end_line(now, chunk.stream, "\n");
            }
            self.extend(now, chunk.stream, unfinished);
        }
    }

    /// The end of both streams: what is unfinished is written as it is.
    pub fn close(&mut self, now: Instant) {
        for stream in [Stream::Stdout, Stream::Stderr] {
            if !self.open(stream).is_empty() {
                self.end_line(now, stream, "");
            }
        }
    }

    /// The entries that are kept, from a number on.
    pub fn since(&self, number: u64) -> impl Iterator<Item = &Line> {
        self.lines.range(number..).map(|(_, line)| line)
    }

    /// The number that the next entry will have.
    pub fn end(&self) -> u64 {
        self.next
    }

    fn open(&mut self, stream: Stream) -> &mut Vec<u8> {
        if stream == Stream::Stdout { &mut self.stdout } else { &mut self.stderr }
    }

    fn extend(&mut self, now: Instant, stream: Stream, mut bytes: &[u8]) {
        while self.open(stream).len() + bytes.len() > LINE_MAX {
            let (fits, rest) = bytes.split_at(LINE_MAX - self.open(stream).len());
            self.open(stream).extend_from_slice(fits);
            self.end_line(now, stream, "");
            bytes = rest;
        }
        self.open(stream).extend_from_slice(bytes);
    }

    fn end_line(&mut self, now: Instant, stream: Stream, end: &str) {
        let bytes = std::mem::take(self.open(stream));
        let text = String::from_utf8_lossy(&bytes).into_owned() + end;
        self.lines.insert_mut(self.next, Line { at: now, stream, text });
        self.next += 1;
        if self.lines.size() > LINES_MAX {
            self.lines.remove_mut(&(self.next - 1 - LINES_MAX as u64));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(chunks: &[(Stream, &str)]) -> Log {
        let mut log = Log::default();
        let chunks: Vec<Chunk> = chunks.iter().map(|(stream, text)| Chunk { stream: *stream, bytes: text.as_bytes().to_vec() }).collect();
        log.write(Instant(1), &chunks);
        log
    }

    #[test]
    fn each_stream_has_lines_of_its_own() {
        let mut log = written(&[(Stream::Stdout, "a"), (Stream::Stderr, "b\n"), (Stream::Stdout, "c")]);
        let texts = |log: &Log| log.since(0).map(|line| line.text.clone()).collect::<Vec<_>>();
        assert_eq!(texts(&log), ["b\n"]);
        log.close(Instant(2));
        assert_eq!(texts(&log), ["b\n", "ac"]);
        assert_eq!(log.since(1).next().map(|line| (line.at, line.stream)), Some((Instant(2), Stream::Stdout)));
    }

    #[test]
    fn long_lines_are_cut_and_old_ones_go() {
        let log = written(&[(Stream::Stdout, &("x".repeat(LINE_MAX + 1) + "\n"))]);
        assert_eq!(log.since(0).map(|line| line.text.len()).collect::<Vec<_>>(), [LINE_MAX, 2]);
        let log = written(&[(Stream::Stdout, &"y\n".repeat(LINES_MAX + 5))]);
        assert_eq!((log.since(0).count(), log.end()), (LINES_MAX, LINES_MAX as u64 + 5));
    }
}
