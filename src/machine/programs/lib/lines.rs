//! Text by lines.

use crate::machine::programs::lib::io::Io;
use crate::machine::programs::lib::io::Syscall;

/// The lines of a text with their newlines.
pub fn lines_of(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

/// A line without its newline.
pub fn bare(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\n").unwrap_or(line)
}

/// How much `yes` and `seq` print in one go, in lines.
pub const LINES_AT_ONCE: usize = 512;

/// Calls a function for each line of the operands (streaming standard input), which returns what to print for it, newline added.
pub fn each_line(io: &mut Io<'_, '_>, operands: &[String], print: &mut dyn FnMut(&[u8]) -> Vec<u8>) -> Syscall {
    let bytes = if operands.is_empty() {
        match io.read_lines() {
            None => return Syscall::Read,
            Some(bytes) if bytes.is_empty() => return Syscall::Exit(io.scratch.code),
            Some(bytes) => bytes,
        }
    } else {
        let Some(sources) = io.sources(operands) else { return Syscall::Read };
        sources.into_iter().flat_map(|source| source.bytes).collect()
    };
    let mut output = Vec::new();
    for line in lines_of(&bytes) {
        output.extend(print(bare(line)));
        output.push(b'\n');
    }
    io.out_bytes(&output);
    if operands.is_empty() { Syscall::Yield } else { Syscall::Exit(io.scratch.code) }
}
