//! Programs that let text through as it comes: cat, head, tail, tee, yes.
//!
//! Models busybox coreutils/cat.c, head.c, tail.c, tee.c, yes.c and GNU's forms of them. Simplified: tail -f looks once a second.

use crate::machine::kernel::devices::endless;
use crate::machine::programs::lib::io::{INPUT_MAX, Io, Syscall};
use crate::machine::programs::lib::lines::LINES_AT_ONCE;
use crate::machine::programs::lib::lines::{bare, lines_of};
use crate::machine::programs::lib::options::parse;
use crate::machine::programs::lib::sizes::size;
use crate::machine::programs::lib::table::{On, Program};
use crate::values::clock::Duration;

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "cat", usage: "[-nbvteA] [FILE]...\n\nPrint FILEs to stdout", on: On::Everywhere, run: cat },
    Program { name: "head", usage: "[OPTIONS] [FILE]...\n\nPrint first 10 lines of FILEs (or stdin)", on: On::Everywhere, run: head },
    Program { name: "tail", usage: "[OPTIONS] [FILE]...\n\nPrint last 10 lines of FILEs (or stdin) to.", on: On::Everywhere, run: tail },
    Program { name: "tee", usage: "[-ai] [FILE]...\n\nCopy stdin to each FILE, and also to stdout", on: On::Everywhere, run: tee },
    Program { name: "yes", usage: "[STRING]\n\nRepeatedly print a line with STRING, or 'y'", on: On::Everywhere, run: yes },
];

/// How long one sleeps who waits for nothing, in seconds: ten years.
const FOR_EVER: u64 = 10 * 365 * 86_400;

/// A byte as `cat -v` shows it.
fn caret(byte: u8, tabs: bool) -> String {
    let meta = if byte >= 128 { "M-" } else { "" };
    match byte & 127 {
        b'\t' if !tabs && byte < 128 => "\t".to_owned(),
        127 => format!("{meta}^?"),
        control @ 0..32 => format!("{meta}^{}", char::from(control + 64)),
        plain => format!("{meta}{}", char::from(plain)),
    }
}

fn cat(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("nbvteAsuET", &[]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let number = options.has('n') || options.has('b');
    let ends = options.has('e') || options.has('A') || options.has('E');
    let tabs = options.has('t') || options.has('A') || options.has('T');
    let visible = tabs || options.has('v') || options.has('e');
    let operands = if options.operands.is_empty() { vec!["-".to_owned()] } else { options.operands.clone() };
    // The phase is the operand; the first number counts lines; the second tells whether the last line was whole.
    while let Some(name) = operands.get(io.scratch.phase as usize) {
        let bytes = if name == "-" {
            match io.read_some() {
                None => return Syscall::Read,
                Some(bytes) if bytes.is_empty() => {
                    io.scratch.phase += 1;
                    continue;
                }
                Some(bytes) => bytes,
            }
        } else if let Some(bytes) = endless(io.files, &io.path(name)) {
            io.out_bytes(&bytes);
            return Syscall::Yield;
        } else {
            io.scratch.phase += 1;
            match io.files.read(&io.path(name)) {
                Ok(bytes) => bytes,
                Err(error) => {
                    let message = io.cannot_open(name, error);
                    io.complain(&message);
                    continue;
                }
            }
        };
        if !number && !ends && !visible {
            io.out_bytes(&bytes);
            continue;
        }
        let mut output = Vec::new();
        for line in lines_of(&bytes) {
            let whole = line.ends_with(b"\n");
            if io.scratch.numbers[1] == 0 && (options.has('n') || (number && bare(line) != b"")) {
                io.scratch.numbers[0] += 1;
                output.extend(format!("{:6}\t", io.scratch.numbers[0]).bytes());
            }
            match visible {
                true => bare(line).iter().for_each(|byte| output.extend(caret(*byte, tabs).bytes())),
                false => output.extend(bare(line)),
            }
            if whole {
                output.extend(if ends { b"$\n".as_slice() } else { b"\n" });
            }
            io.scratch.numbers[1] = i64::from(!whole);
        }
        io.out_bytes(&output);
    }
    Syscall::Exit(io.scratch.code)
}

/// `-5` as `-n 5`, for head and tail.
fn with_counts(arguments: &[String]) -> Vec<String> {
    let old = |word: &String| match word.strip_prefix(['-', '+']) {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
            vec!["-n".to_owned(), if word.starts_with('+') { word.clone() } else { rest.to_owned() }]
        }
        _ => vec![word.clone()],
    };
    let mut words = Vec::new();
    let mut value = false;
    for word in arguments {
        if value {
            words.push(word.clone())
        } else {
            words.extend(old(word))
        }
        value = matches!(word.as_str(), "-n" | "-c" | "-s");
    }
    words
}

fn head(io: &mut Io<'_, '_>) -> Syscall {
    let options = match parse(&with_counts(io.arguments()), "n:c:qv", &[("lines", 'n'), ("bytes", 'c'), ("quiet", 'q'), ("verbose", 'v')]) {
        Ok(options) => options,
        Err(message) => return io.wrong_usage(Some(&message)),
    };
    let in_bytes = options.last_of("nc") == Some('c');
    let count = options.value(if in_bytes { 'c' } else { 'n' }).unwrap_or("10").to_owned();
    let Some(number) = size(count.trim_start_matches('-')) else {
        let message = if io.gnu() { format!("invalid number of lines: '{count}'") } else { format!("invalid number '{count}'") };
        return io.fail(&message, 1);
    };
    let (number, but) = (number as usize, count.starts_with('-'));
    if options.operands.is_empty() && !but {
        return head_stream(io, number, in_bytes);
    }
    let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
    let titles = (options.operands.len() > 1 || options.has('v')) && !options.has('q');
    // busybox leaves a line free before every file but the first that it was given.
    let first = if io.gnu() { sources.first().map(|source| source.name.clone()) } else { options.operands.first().cloned() };
    for source in &sources {
        if titles {
            let name = if source.name == "-" { "standard input" } else { &source.name };
            io.out(&format!("{}==> {name} <==\n", if first.as_ref() == Some(&source.name) { "" } else { "\n" }));
        }
        let end = if in_bytes {
            let all = source.bytes.len();
            if but { all.saturating_sub(number) } else { number.min(all) }
        } else {
            let lines = lines_of(&source.bytes);
            let count = if but { lines.len().saturating_sub(number) } else { number.min(lines.len()) };
            lines[..count].iter().map(|line| line.len()).sum()
        };
        io.out_bytes(&source.bytes[..end]);
    }
    Syscall::Exit(io.scratch.code)
}

fn head_stream(io: &mut Io<'_, '_>, number: usize, in_bytes: bool) -> Syscall {
    let left = number.saturating_sub(io.scratch.numbers[0] as usize);
    if left == 0 {
        return Syscall::Exit(0);
    }
    let read = if in_bytes { io.read_some() } else { io.read_lines() };
    let Some(bytes) = read else { return Syscall::Read };
    if bytes.is_empty() {
        return Syscall::Exit(0);
    }
    let (take, end) = if in_bytes {
        (left.min(bytes.len()), left.min(bytes.len()))
    } else {
        let lines = lines_of(&bytes);
        let take = left.min(lines.len());
        (take, lines[..take].iter().map(|line| line.len()).sum())
    };
    io.scratch.numbers[0] += take as i64;
    io.out_bytes(&bytes[..end]);
    Syscall::Yield
}

fn tail(io: &mut Io<'_, '_>) -> Syscall {
    let long = [("lines", 'n'), ("bytes", 'c'), ("follow", 'f'), ("quiet", 'q')];
    let options = match parse(&with_counts(io.arguments()), "n:c:fFqvs:", &long) {
        Ok(options) => options,
        Err(message) => return io.wrong_usage(Some(&message)),
    };
    if io.scratch.phase == 1 {
        return follow(io, &options.operands);
    }
    let in_bytes = options.last_of("nc") == Some('c');
    let count = options.value(if in_bytes { 'c' } else { 'n' }).unwrap_or("10").to_owned();
    let from_start = count.starts_with('+');
    let Some(number) = size(count.trim_start_matches(['-', '+'])) else {
        let message = if io.gnu() { format!("invalid number of lines: '{count}'") } else { format!("invalid number '{count}'") };
        return io.fail(&message, 1);
    };
    let number = number as usize;
    if options.operands.is_empty() && !options.has('v') {
        return tail_stream(io, number, in_bytes, from_start);
    }
    let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
    if sources.is_empty() && !io.gnu() {
        return io.fail("no files", 1);
    }
    // busybox counts what it could open, GNU what it was given.
    let count = if io.gnu() { options.operands.len() } else { sources.len() };
    let titles = (count > 1 || options.has('v')) && !options.has('q');
    for (index, source) in sources.iter().enumerate() {
        if titles {
            let name = if source.name == "-" { "standard input" } else { &source.name };
            io.out(&format!("{}==> {name} <==\n", if index > 0 { "\n" } else { "" }));
        }
        let pieces: Vec<&[u8]> = if in_bytes { source.bytes.chunks(1).collect() } else { lines_of(&source.bytes) };
        let skip = if from_start { number.saturating_sub(1).min(pieces.len()) } else { pieces.len().saturating_sub(number) };
        let start: usize = pieces[..skip].iter().map(|piece| piece.len()).sum();
        io.out_bytes(&source.bytes[start..]);
        io.scratch.words.push(format!("{}", source.bytes.len()));
    }
    if (options.has('f') || options.has('F')) && !options.operands.is_empty() && (io.scratch.code == 0 || options.has('F')) {
        io.scratch.phase = 1;
        // Nothing ever comes of `tail -f /dev/null`, by which containers wait for ever.
        if options.operands.iter().all(|name| io.files.special(&io.path(name)).is_some()) {
            return Syscall::Sleep(io.now + Duration::seconds(FOR_EVER));
        }
        return Syscall::Sleep(io.now + Duration::seconds(1));
    }
    Syscall::Exit(io.scratch.code)
}

/// Where the last lines or bytes of a text begin.
fn start_of_last(bytes: &[u8], number: usize, in_bytes: bool) -> usize {
    if in_bytes || number == 0 {
        return bytes.len().saturating_sub(number);
    }
    let ends = bytes.iter().enumerate().rev().skip(1).filter(|(_, byte)| **byte == b'\n');
    ends.map(|(place, _)| place + 1).nth(number - 1).unwrap_or(0)
}

/// The end of standard input, of which no more is kept than what may be printed.
fn tail_stream(io: &mut Io<'_, '_>, number: usize, in_bytes: bool, from_start: bool) -> Syscall {
    let Some(bytes) = io.read_some() else { return Syscall::Read };
    if bytes.is_empty() {
        let kept = std::mem::take(&mut io.scratch.bytes);
        io.out_bytes(&kept);
        return Syscall::Exit(io.scratch.code);
    }
    if from_start {
        let left = number.saturating_sub(1).saturating_sub(io.scratch.numbers[0] as usize);
        let (skipped, start) = if in_bytes {
            (left.min(bytes.len()), left.min(bytes.len()))
        } else {
            let lines = lines_of(&bytes);
            let whole = lines.iter().take(left).filter(|line| line.ends_with(b"\n")).count();
            (whole, lines.iter().take(left).map(|line| line.len()).sum())
        };
        io.scratch.numbers[0] += skipped as i64;
        io.out_bytes(&bytes[start..]);
        return Syscall::Yield;
    }
    io.scratch.bytes.extend(bytes);
    let start = start_of_last(&io.scratch.bytes, number, in_bytes).max(io.scratch.bytes.len().saturating_sub(INPUT_MAX));
    io.scratch.bytes.drain(..start);
    Syscall::Yield
}

/// What has come to the followed files since the last look.
fn follow(io: &mut Io<'_, '_>, operands: &[String]) -> Syscall {
    for (index, name) in operands.iter().enumerate() {
        let Ok(bytes) = io.files.read(&io.path(name)) else { continue };
        let seen: usize = io.scratch.words.get(index).and_then(|seen| seen.parse().ok()).unwrap_or(0);
        let start = if seen > bytes.len() { 0 } else { seen };
        io.out_bytes(&bytes[start..]);
        if let Some(word) = io.scratch.words.get_mut(index) {
            *word = bytes.len().to_string();
        }
    }
    Syscall::Sleep(io.now + Duration::seconds(1))
}

fn tee(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("ai", &[("append", 'a')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let first = io.scratch.phase == 0;
    io.scratch.phase = 1;
    if first && !options.has('a') {
        for name in &options.operands {
            if let Err(error) = io.files.write(&io.path(name), b"") {
                io.complain(&format!("{name}: {error}"));
            }
        }
    }
    let Some(bytes) = io.read_some() else { return Syscall::Read };
    if bytes.is_empty() {
        return Syscall::Exit(io.scratch.code);
    }
    for name in &options.operands {
        if let Err(error) = io.files.append(&io.path(name), &bytes)
            && (!first || options.has('a'))
        {
            io.complain(&format!("{name}: {error}"));
        }
    }
    io.out_bytes(&bytes);
    Syscall::Yield
}

fn yes(io: &mut Io<'_, '_>) -> Syscall {
    let line = if io.arguments().is_empty() { "y\n".to_owned() } else { io.arguments().join(" ") + "\n" };
    io.out(&line.repeat(LINES_AT_ONCE));
    Syscall::Yield
}
