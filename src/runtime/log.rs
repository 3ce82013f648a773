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
    /// By the number of the first entry of each.
    blocks: RedBlackTreeMap<u64, Block>,
    /// The number of the next entry.
    next: u64,
    /// What has no newline yet, a stream each.
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// The entries of one write: a server says much at its start.
#[derive(Clone, Debug, PartialEq)]
struct Block {
    at: Instant,
    /// Of each entry its stream, and where it ends in the text.
    entries: Box<[(Stream, usize)]>,
    text: Box<str>,
}

/// A block that is being written.
#[derive(Default)]
struct Written {
    entries: Vec<(Stream, usize)>,
    text: String,
}

/// One entry of a log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line<'a> {
    pub at: Instant,
    pub stream: Stream,
    /// With its newline; a part of a line (tag `P`) has none.
    pub text: &'a str,
}

impl Block {
    fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let mut begin = 0;
        self.entries.iter().map(move |(stream, end)| Line {
            at: self.at,
            stream: *stream,
            text: &self.text[std::mem::replace(&mut begin, *end)..*end],
        })
    }
}

impl Log {
    /// Adds output in the order in which it was written.
    pub fn write(&mut self, now: Instant, chunks: &[Chunk]) {
        let mut written = Written::default();
        for chunk in chunks {
            let mut pieces = chunk.bytes.split(|byte| *byte == b'\n');
            let unfinished = pieces.next_back().unwrap_or_default();
            for piece in pieces {
                self.extend(&mut written, chunk.stream, piece);
                self.end_line(&mut written, chunk.stream, "\n");
            }
            self.extend(&mut written, chunk.stream, unfinished);
        }
        self.add(now, written);
    }

    /// The end of both streams: what is unfinished is written as it is.
    pub fn close(&mut self, now: Instant) {
        let mut written = Written::default();
        for stream in [Stream::Stdout, Stream::Stderr] {
            if !self.open(stream).is_empty() {
                self.end_line(&mut written, stream, "");
            }
        }
        self.add(now, written);
    }

    /// The entries that are kept, from a number on.
    pub fn since(&self, number: u64) -> impl Iterator<Item = Line<'_>> {
        let first = number.max(self.next.saturating_sub(LINES_MAX as u64));
        let block = self.blocks.range(..=first).next_back().map_or(first, |(number, _)| *number);
        self.blocks.range(block..).flat_map(|(_, block)| block.lines()).skip((first - block) as usize)
    }

    /// The number that the next entry will have.
    pub fn end(&self) -> u64 {
        self.next
    }

    fn open(&mut self, stream: Stream) -> &mut Vec<u8> {
        if stream == Stream::Stdout { &mut self.stdout } else { &mut self.stderr }
    }

    fn extend(&mut self, written: &mut Written, stream: Stream, mut bytes: &[u8]) {
        while self.open(stream).len() + bytes.len() > LINE_MAX {
            let (fits, rest) = bytes.split_at(LINE_MAX - self.open(stream).len());
            self.open(stream).extend_from_slice(fits);
            self.end_line(written, stream, "");
            bytes = rest;
        }
        self.open(stream).extend_from_slice(bytes);
    }

    fn end_line(&mut self, written: &mut Written, stream: Stream, end: &str) {
        let bytes = std::mem::take(self.open(stream));
        written.text += &String::from_utf8_lossy(&bytes);
        written.text += end;
        written.entries.push((stream, written.text.len()));
    }

    fn add(&mut self, at: Instant, written: Written) {
        if written.entries.is_empty() {
            return;
        }
        let number = self.next;
        self.next += written.entries.len() as u64;
        self.blocks.insert_mut(number, Block { at, entries: written.entries.into(), text: written.text.into() });
        let kept = self.next.saturating_sub(LINES_MAX as u64);
        while let Some((first, _)) = self.blocks.first().filter(|(first, block)| *first + block.entries.len() as u64 <= kept) {
            let first = *first;
            self.blocks.remove_mut(&first);
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
        let texts = |log: &Log| log.since(0).map(|line| line.text.to_owned()).collect::<Vec<_>>();
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
        let mut log = Log::default();
        for number in 0..LINES_MAX + 5 {
            log.write(Instant(1), &[Chunk { stream: Stream::Stdout, bytes: format!("{number}\n{number}.5\n").into_bytes() }]);
        }
        assert_eq!((log.since(0).count(), log.blocks.size()), (LINES_MAX, LINES_MAX / 2));
        assert_eq!(log.since(log.end() - 3).map(|line| line.text).collect::<String>(), "10003.5\n10004\n10004.5\n");
    }
}
