//! Programs that read text and print text: wc, cut, tr, nl, fold, paste, seq and their kind.
//!
//! Models busybox coreutils/*.c and textutils. Simplified: one locale (C).

use crate::machine::programs::lib::io::{Io, Scratch, Syscall};
use crate::machine::programs::lib::lines::lines_of;
use crate::machine::programs::lib::lines::{LINES_AT_ONCE, each_line};
use crate::machine::programs::lib::table::{On, Program};

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "cut", usage: "[OPTIONS] [FILE]...\n\nPrint selected fields from FILEs to stdout", on: On::Everywhere, run: cut },
    Program { name: "dos2unix", usage: "[-ud] [FILE]\n\nConvert FILE in-place from DOS to Unix format.", on: On::Everywhere, run: line_ends },
    Program { name: "expand", usage: "[-i] [-t N] [FILE]...\n\nConvert tabs to spaces, writing to stdout", on: On::Everywhere, run: expand },
    Program { name: "fold", usage: "[-bs] [-w WIDTH] [FILE]...", on: On::Everywhere, run: fold },
    Program { name: "nl", usage: "[OPTIONS] [FILE]...", on: On::Everywhere, run: nl },
    Program { name: "paste", usage: "[-d DELIMS] [-s] [FILE]...", on: On::Everywhere, run: paste },
    Program { name: "rev", usage: "[FILE]...\n\nReverse lines of FILE", on: On::Everywhere, run: rev },
    Program { name: "seq", usage: "[-w] [-s SEP] [FIRST [INC]] LAST", on: On::Everywhere, run: seq },
    Program { name: "tac", usage: "[FILE]...\n\nConcatenate FILEs and print them in reverse", on: On::Everywhere, run: tac },
    Program { name: "tr", usage: "[-cds] STRING1 [STRING2]", on: On::Everywhere, run: tr },
    Program { name: "unexpand", usage: "[-fa] [-t N] [FILE]...\n\nConvert spaces to tabs, writing to stdout", on: On::Everywhere, run: expand },
    Program { name: "unix2dos", usage: "[-ud] [FILE]\n\nConvert FILE in-place from Unix to DOS format.", on: On::Everywhere, run: line_ends },
    Program { name: "wc", usage: "[-cmlwL] [FILE]...\n\nCount lines, words, and bytes for FILEs (or stdin)", on: On::Everywhere, run: wc },
];

/// Adds to what wc counts: lines, words, characters, bytes, the longest line, and how long the last one is. The phase tells
/// whether a word has begun.
pub(super) fn count(scratch: &mut Scratch, bytes: &[u8]) {
    let [lines, words, characters, all, longest, line] = &mut scratch.numbers;
    for byte in bytes {
        let blank = byte.is_ascii_whitespace();
        *words += i64::from(!blank && scratch.phase == 0);
        scratch.phase = u32::from(!blank);
        *lines += i64::from(*byte == b'\n');
        // A byte that goes on with a character is none of its own.
        let begins = i64::from(byte & 0xc0 != 0x80);
        *characters += begins;
        *line = if *byte == b'\n' { 0 } else { *line + begins };
        *longest = (*longest).max(*line);
    }
    *all += bytes.len() as i64;
}

fn wc(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("cmlwL", &[("lines", 'l'), ("words", 'w'), ("bytes", 'c'), ("chars", 'm')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let mut wanted: Vec<char> = "lwmcL".chars().filter(|flag| options.has(*flag)).collect();
    if wanted.is_empty() {
        wanted = vec!['l', 'w', 'c'];
    }
    let mut rows: Vec<(Vec<usize>, String)> = Vec::new();
    let counts =
        |io: &Io<'_, '_>| "lwmcL".chars().zip(io.scratch.numbers).filter(|(flag, _)| wanted.contains(flag)).map(|(_, n)| n as usize).collect();
    if options.operands.is_empty() {
        // Standard input is counted as it comes: it may be endless.
        let Some(bytes) = io.read_some() else { return Syscall::Read };
        if !bytes.is_empty() {
            count(io.scratch, &bytes);
            return Syscall::Yield;
        }
        rows.push((counts(io), String::new()));
    }
    let sources = if options.operands.is_empty() { Some(Vec::new()) } else { io.sources(&options.operands) };
    let Some(sources) = sources else { return Syscall::Read };
    for source in &sources {
        (io.scratch.numbers, io.scratch.phase) = ([0; 6], 0);
        count(io.scratch, &source.bytes);
        rows.push((counts(io), source.name.clone()));
    }
    if options.operands.len() > 1 {
        let totals = (0..wanted.len()).map(|column| rows.iter().map(|(counts, _)| counts[column]).sum()).collect();
        rows.push((totals, "total".to_owned()));
    }
    let width = if wanted.len() == 1 && options.operands.len() < 2 {
        0
    } else if !io.gnu() {
        9
    } else if options.operands.is_empty() {
        7
    } else {
        rows.iter().flat_map(|(counts, _)| counts.iter()).map(|count| count.to_string().len()).max().unwrap_or(1)
    };
    for (counts, name) in rows {
        let cells: Vec<String> = counts.iter().map(|count| format!("{count:width$}")).collect();
        let name = if name.is_empty() { name } else { format!(" {name}") };
        io.out(&format!("{}{name}\n", cells.join(" ")));
    }
    Syscall::Exit(io.scratch.code)
}

/// `1,3-5,7-`: ranges from 1, the last one perhaps open.
fn ranges(text: &str) -> Option<Vec<(usize, usize)>> {
    let mut ranges = Vec::new();
    for part in text.split(',') {
        let (from, to) = match part.split_once('-') {
            Some(("", "")) => return None,
            Some((from, to)) => (if from.is_empty() { 1 } else { from.parse().ok()? }, if to.is_empty() { usize::MAX } else { to.parse().ok()? }),
            None => {
                let one: usize = part.parse().ok()?;
                (one, one)
            }
        };
        if from == 0 || to < from {
            return None;
        }
        ranges.push((from, to));
    }
    Some(ranges)
}

fn cut(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("b:c:f:d:sn", &[("fields", 'f'), ("delimiter", 'd'), ("characters", 'c'), ("bytes", 'b')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let Some(mode) = options.last_of("bcf") else {
        let message =
            if io.gnu() { "you must specify a list of bytes, characters, or fields" } else { "expected a list of bytes, characters, or fields" };
        if !io.gnu() {
            return io.fail(message, 1);
        }
        return io.wrong_usage(Some(message));
    };
    let Some(ranges) = options.value(mode).and_then(ranges) else {
        let message = format!("invalid number '{}'", options.value(mode).unwrap_or_default());
        return io.fail(&message, 1);
    };
    let delimiter = options.value('d').unwrap_or("\t").to_owned();
    let chosen = |place: usize| ranges.iter().any(|(from, to)| (*from..=*to).contains(&place));
    let only_delimited = options.has('s');
    if mode == 'f' && only_delimited {
        // Lines without the delimiter are left out, which a line printer cannot say.
        let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
        let text: String = sources.iter().map(|source| String::from_utf8_lossy(&source.bytes).into_owned()).collect();
        for line in text.lines().filter(|line| line.contains(&delimiter)) {
            let fields: Vec<&str> =
                line.split(delimiter.as_str()).enumerate().filter(|(place, _)| chosen(place + 1)).map(|(_, field)| field).collect();
            io.out(&(fields.join(&delimiter) + "\n"));
        }
        return Syscall::Exit(io.scratch.code);
    }
    each_line(io, &options.operands, &mut |line| {
        if mode == 'b' {
            return line.iter().enumerate().filter(|(place, _)| chosen(place + 1)).map(|(_, byte)| *byte).collect();
        }
        let text = String::from_utf8_lossy(line);
        if mode == 'c' {
            return text.chars().enumerate().filter(|(place, _)| chosen(place + 1)).map(|(_, c)| c).collect::<String>().into_bytes();
        }
        if !text.contains(&delimiter) {
            return line.to_vec();
        }
        let fields: Vec<&str> = text.split(delimiter.as_str()).enumerate().filter(|(place, _)| chosen(place + 1)).map(|(_, field)| field).collect();
        fields.join(&delimiter).into_bytes()
    })
}

/// The characters of a `tr` set: ranges, classes, escapes.
fn set_of(text: &str) -> Vec<char> {
    let mut set: Vec<char> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some((class, after)) = rest.strip_prefix("[:").and_then(|inner| inner.split_once(":]")) {
            let fits = |c: &char| match class {
                "alpha" => c.is_ascii_alphabetic(),
                "digit" => c.is_ascii_digit(),
                "alnum" => c.is_ascii_alphanumeric(),
                "upper" => c.is_ascii_uppercase(),
                "lower" => c.is_ascii_lowercase(),
                "space" => c.is_ascii_whitespace() || *c == '\u{b}',
                "blank" => matches!(c, ' ' | '\t'),
                "punct" => c.is_ascii_punctuation(),
                "cntrl" => c.is_ascii_control(),
                "xdigit" => c.is_ascii_hexdigit(),
                _ => c.is_ascii_graphic(),
            };
            set.extend(('\0'..='\u{7f}').filter(fits));
            rest = after;
            continue;
        }
        let (c, used) = escaped(rest);
        let after = &rest[used..];
        if let Some(end) = after.strip_prefix('-').filter(|end| !end.is_empty()) {
            let (last, more) = escaped(end);
            set.extend(c..=last);
            rest = &end[more..];
            continue;
        }
        set.push(c);
        rest = if used == 0 { &rest[first.len_utf8()..] } else { after };
    }
    set
}

/// The character that a text begins with, a backslash escape as one, and its length in bytes.
fn escaped(text: &str) -> (char, usize) {
    let mut chars = text.chars();
    let first = chars.next().unwrap_or('\0');
    if first != '\\' {
        return (first, first.len_utf8());
    }
    let octal: String = chars.clone().take(3).take_while(|c| ('0'..='7').contains(c)).collect();
    if !octal.is_empty() {
        return (u32::from_str_radix(&octal, 8).ok().and_then(char::from_u32).unwrap_or('\0'), 1 + octal.len());
    }
    match chars.next() {
        Some('n') => ('\n', 2),
        Some('t') => ('\t', 2),
        Some('r') => ('\r', 2),
        Some('a') => ('\u{7}', 2),
        Some('f') => ('\u{c}', 2),
        Some('v') => ('\u{b}', 2),
        Some(other) => (other, 1 + other.len_utf8()),
        None => ('\\', 1),
    }
}

fn tr(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("+cCds", &[("delete", 'd'), ("squeeze-repeats", 's'), ("complement", 'c')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let (delete, squeeze, complement) = (options.has('d'), options.has('s'), options.has('c') || options.has('C'));
    let Some(first) = options.operands.first() else { return io.wrong_usage(None) };
    let first = set_of(first);
    let second = options.operands.get(1).map(|text| set_of(text));
    if second.is_none() && !delete && !squeeze {
        return io.wrong_usage(None);
    }
    let Some(bytes) = io.read_some() else { return Syscall::Read };
    if bytes.is_empty() {
        return Syscall::Exit(0);
    }
    let mut output = String::new();
    let mut last = char::from_u32(io.scratch.numbers[0] as u32).unwrap_or('\0');
    for c in String::from_utf8_lossy(&bytes).chars() {
        let place = first.iter().rposition(|known| *known == c);
        let inside = place.is_some() != complement;
        if delete && inside {
            continue;
        }
        let changed = match &second {
            Some(second) if inside && !delete && !second.is_empty() => {
                let place = place.unwrap_or(usize::MAX).min(second.len() - 1);
                second[place]
            }
            _ => c,
        };
        let squeezed = squeeze
            && match &second {
                Some(second) => second.contains(&changed),
                None => inside,
            };
        if squeezed && changed == last {
            continue;
        }
        last = changed;
        output.push(changed);
    }
    io.scratch.numbers[0] = i64::from(u32::from(last));
    io.out(&output);
    Syscall::Yield
}

fn rev(io: &mut Io<'_, '_>) -> Syscall {
    let operands = io.arguments().to_vec();
    each_line(io, &operands, &mut |line| String::from_utf8_lossy(line).chars().rev().collect::<String>().into_bytes())
}

fn tac(io: &mut Io<'_, '_>) -> Syscall {
    let operands = io.arguments().to_vec();
    let Some(sources) = io.sources(&operands) else { return Syscall::Read };
    for source in sources {
        let output: Vec<u8> = lines_of(&source.bytes).into_iter().rev().flatten().copied().collect();
        io.out_bytes(&output);
    }
    Syscall::Exit(io.scratch.code)
}

fn nl(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("b:s:w:v:i:n:", &[]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let all = options.value('b') == Some("a");
    let separator = options.value('s').unwrap_or("\t").to_owned();
    let width = options.value('w').and_then(|width| width.parse().ok()).unwrap_or(6_usize).min(256);
    let first: i64 = options.value('v').and_then(|first| first.parse().ok()).unwrap_or(1);
    let step: i64 = options.value('i').and_then(|step| step.parse().ok()).unwrap_or(1);
    let mut number = io.scratch.numbers[0];
    let result = each_line(io, &options.operands, &mut |line| {
        if line.is_empty() && !all {
            return " ".repeat(width + separator.len()).into_bytes();
        }
        let mut text = format!("{:width$}{separator}", first + number * step).into_bytes();
        number += 1;
        text.extend(line);
        text
    });
    io.scratch.numbers[0] = number;
    result
}

fn fold(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("bsw:", &[("width", 'w')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let width = options.value('w').and_then(|width| width.parse().ok()).unwrap_or(80_usize).max(1);
    let at_spaces = options.has('s');
    each_line(io, &options.operands, &mut |line| {
        let text: Vec<char> = String::from_utf8_lossy(line).chars().collect();
        let (mut pieces, mut rest) = (Vec::new(), text.as_slice());
        while rest.len() > width {
            let space = rest[..width].iter().rposition(|c| *c == ' ').filter(|_| at_spaces);
            let (piece, later) = rest.split_at(space.map_or(width, |space| space + 1));
            pieces.push(piece.iter().collect::<String>());
            rest = later;
        }
        pieces.push(rest.iter().collect());
        pieces.join("\n").into_bytes()
    })
}

/// `expand` makes blanks of tabs, `unexpand` tabs of blanks (of those that begin a line, unless told).
fn expand(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("iat:f", &[("initial", 'i'), ("all", 'a'), ("tabs", 't'), ("first-only", 'f')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let Some(width) = options.value('t').map_or(Some(8), |width| width.parse::<usize>().ok()).filter(|width| *width > 0) else {
        let message = format!("invalid number '{}'", options.value('t').unwrap_or_default());
        return io.fail(&message, 1);
    };
    let makes_blanks = io.name() == "expand";
    let everywhere = if makes_blanks { !options.has('i') } else { (options.has('a') || options.has('t')) && !options.has('f') };
    each_line(io, &options.operands, &mut |line| {
        let text = String::from_utf8_lossy(line);
        let (mut made, mut column, mut blanks, mut leads) = (String::new(), 0, 0, true);
        for c in text.chars() {
            let convert = leads || everywhere;
            match c {
                '\t' if makes_blanks && convert => {
                    let more = width - column % width;
                    made += &" ".repeat(more);
                    column += more;
                }
                ' ' | '\t' if !makes_blanks && convert => {
                    let more = if c == ' ' { 1 } else { width - column % width };
                    (column, blanks) = (column + more, blanks + more);
                    if column % width == 0 {
                        // A single blank before a stop stays one.
                        made.push(if blanks > 1 || c == '\t' { '\t' } else { ' ' });
                        blanks = 0;
                    }
                }
                _ => {
                    made += &" ".repeat(std::mem::take(&mut blanks));
                    made.push(c);
                    column += if c == '\t' { width - column % width } else { 1 };
                    leads &= c == ' ' || c == '\t';
                }
            }
        }
        (made + &" ".repeat(blanks)).into_bytes()
    })
}

/// `dos2unix` and `unix2dos`: a file in place, or standard input.
fn line_ends(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("ud", &[]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let to_unix = options.last_of("ud").map_or(io.name() == "dos2unix", |flag| flag == 'u');
    let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
    for source in sources {
        let text: Vec<u8> = source.bytes.iter().filter(|byte| **byte != b'\r').copied().collect();
        let text = if to_unix { text } else { text.iter().flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] }).collect() };
        if source.name == "-" {
            io.out_bytes(&text);
        } else if let Err(error) = io.files.write(&io.path(&source.name), &text) {
            io.complain(&format!("{}: {error}", source.name));
        }
    }
    Syscall::Exit(io.scratch.code)
}

fn paste(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("d:s", &[("delimiters", 'd'), ("serial", 's')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
    if io.scratch.code != 0 {
        return Syscall::Exit(1);
    }
    let delimiters = set_of(options.value('d').unwrap_or("\t"));
    let between = |place: usize| if delimiters.is_empty() { String::new() } else { delimiters[place % delimiters.len()].to_string() };
    let columns: Vec<Vec<String>> =
        sources.iter().map(|source| String::from_utf8_lossy(&source.bytes).lines().map(str::to_owned).collect()).collect();
    let rows: Vec<Vec<String>> = if options.has('s') {
        columns
    } else {
        let longest = columns.iter().map(Vec::len).max().unwrap_or(0);
        (0..longest).map(|row| columns.iter().map(|column| column.get(row).cloned().unwrap_or_default()).collect()).collect()
    };
    for row in rows {
        let mut text = String::new();
        for (place, cell) in row.iter().enumerate() {
            if place > 0 {
                text += &between(place - 1);
            }
            text += cell;
        }
        io.out(&(text + "\n"));
    }
    Syscall::Exit(0)
}

pub(super) fn seq(io: &mut Io<'_, '_>) -> Syscall {
    // A negative number is no option here.
    let arguments = io.arguments().to_vec();
    let (mut separator, mut wide, mut operands) = ("\n".to_owned(), false, Vec::new());
    let mut words = arguments.into_iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "-w" => wide = true,
            "-s" => separator = words.next().unwrap_or_default(),
            _ if word.starts_with("-s") => separator = word[2..].to_owned(),
            _ => operands.push(word),
        }
    }
    let mut numbers = Vec::new();
    for word in &operands {
        match word.parse::<f64>() {
            Ok(number) => numbers.push(number),
            Err(_) if io.gnu() => return io.fail(&format!("invalid floating point argument: '{word}'\nTry 'seq --help' for more information."), 1),
            Err(_) => return io.wrong_usage(None),
        }
    }
    let (first, step, last) = match numbers[..] {
        [last] => (1.0, 1.0, last),
        [first, last] => (first, 1.0, last),
        [first, step, last] => (first, step, last),
        _ => return io.wrong_usage(None),
    };
    let places = operands.iter().map(|word| word.split_once('.').map_or(0, |(_, fraction)| fraction.len())).max().unwrap_or(0).min(12);
    if step == 0.0 {
        return io.fail("increment must not be 0", 1);
    }
    let width = if wide { [first, last].iter().map(|number| format!("{number:.places$}").len()).max().unwrap_or(0) } else { 0 };
    let count = (((last - first) / step + 1e-9).floor() + 1.0).max(0.0) as usize;
    let from = io.scratch.numbers[0] as usize;
    let to = count.min(from + LINES_AT_ONCE);
    let mut text = String::new();
    for index in from..to {
        if index > 0 {
            text += &separator;
        }
        text += &format!("{:0width$.places$}", first + step * index as f64);
    }
    let over = to == count;
    if over && count > 0 {
        text.push('\n');
    }
    io.out(&text);
    io.scratch.numbers[0] = to as i64;
    if over { Syscall::Exit(0) } else { Syscall::Yield }
}
