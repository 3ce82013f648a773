//! Programs about the order of lines: sort, uniq, comm, shuf.
//!
//! Models busybox coreutils/sort.c, uniq.c, comm.c.

use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::lines::{bare, lines_of};
use crate::machine::programs::lib::sizes::size;
use crate::machine::programs::lib::table::{On, Program};
use crate::values::rng::Rng;
use std::cmp::Ordering;

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "comm", usage: "[-123] FILE1 FILE2", on: On::Everywhere, run: comm },
    Program { name: "shuf", usage: "[-n NUM] [-o FILE] [-z] [FILE | -e [ARG...] | -i L-H]", on: On::Everywhere, run: shuf },
    Program {
        name: "sort",
        usage: "[-nrughMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]...",
        on: On::Everywhere,
        run: sort,
    },
    Program { name: "uniq", usage: "[-cduiz] [-f,s,w N] [FILE [OUTFILE]]", on: On::Everywhere, run: uniq },
];

/// A key of `sort -k`: fields from 1, characters from 1, and how it compares.
#[derive(Clone)]
struct Key {
    start: (usize, usize),
    end: Option<(usize, usize)>,
    flags: String,
}

fn key(text: &str) -> Option<Key> {
    let (start, end) = text.split_once(',').map_or((text, None), |(start, end)| (start, Some(end)));
    let mut flags = String::new();
    let mut place = |text: &str| -> Option<(usize, usize)> {
        let letters = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        flags += &text[letters..];
        let (field, offset) = text[..letters].split_once('.').unwrap_or((&text[..letters], "0"));
        Some((field.parse().ok()?, offset.parse().ok()?))
    };
    let start = place(start)?;
    let end = match end {
        Some(end) => Some(place(end)?),
        None => None,
    };
    (start.0 > 0).then_some(Key { start, end, flags })
}

/// Where the fields of a line are. Without a separator a field takes the blanks before it.
fn fields(line: &str, separator: Option<char>) -> Vec<(usize, usize)> {
    let mut fields = Vec::new();
    let mut start = 0;
    match separator {
        Some(separator) => {
            for (place, _) in line.match_indices(separator) {
                fields.push((start, place));
                start = place + separator.len_utf8();
            }
            fields.push((start, line.len()));
        }
        None => {
            let mut in_word = false;
            for (place, c) in line.char_indices() {
                let blank = c == ' ' || c == '\t';
                if blank && in_word {
                    fields.push((start, place));
                    start = place;
                }
                in_word = !blank;
            }
            fields.push((start, line.len()));
        }
    }
    fields
}

fn part<'a>(line: &'a str, key: &Key, separator: Option<char>) -> &'a str {
    let fields = fields(line, separator);
    let Some((mut from, _)) = fields.get(key.start.0 - 1).copied() else { return "" };
    if key.flags.contains('b') {
        from += line[from..].len() - line[from..].trim_start().len();
    }
    from += line[from..].char_indices().nth(key.start.1.saturating_sub(1)).map_or(0, |(place, _)| place);
    let to = match key.end {
        None => line.len(),
        Some((field, 0)) => fields.get(field.max(1) - 1).map_or(line.len(), |(_, to)| *to),
        Some((field, offset)) => fields
            .get(field.max(1) - 1)
            .map_or(line.len(), |(start, _)| line[*start..].char_indices().nth(offset).map_or(line.len(), |(place, _)| start + place)),
    };
    line.get(from..to.max(from)).unwrap_or("")
}

fn number(text: &str) -> f64 {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(place, c)| !(c.is_ascii_digit() || *c == '.' || (*place == 0 && *c == '-')))
        .map_or(text.len(), |(place, _)| place);
    text[..end].parse().unwrap_or(0.0)
}

fn human_number(text: &str) -> f64 {
    let text = text.trim();
    let base = number(text);
    let unit = text.chars().last().and_then(|last| "KMGTP".find(last.to_ascii_uppercase()));
    unit.map_or(base, |unit| base * 1024_f64.powi(unit as i32 + 1))
}

fn version(a: &str, b: &str) -> Ordering {
    let pieces = |text: &str| -> Vec<(String, u64)> {
        let mut pieces: Vec<(String, u64)> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
            let (letters, tail) = rest.split_at(digits);
            let end = tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len());
            pieces.push((letters.to_owned(), tail[..end].parse().unwrap_or(0)));
            rest = &tail[end..];
        }
        pieces
    };
    pieces(a).cmp(&pieces(b))
}

fn compare(a: &str, b: &str, flags: &str) -> Ordering {
    let has = |flag: char| flags.contains(flag);
    let order = if has('n') || has('g') {
        number(a).total_cmp(&number(b))
    } else if has('h') {
        human_number(a).total_cmp(&human_number(b))
    } else if has('V') {
        version(a, b)
    } else if has('M') {
        let month = |text: &str| "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC".find(&text.trim().chars().take(3).collect::<String>().to_uppercase());
        month(a).cmp(&month(b))
    } else {
        let (a, b) = if has('b') { (a.trim_start(), b.trim_start()) } else { (a, b) };
        let kept = |c: &char| !has('d') || c.is_alphanumeric() || c.is_whitespace();
        let folded = |c: char| if has('f') { c.to_ascii_uppercase() } else { c };
        a.chars().filter(kept).map(folded).cmp(b.chars().filter(kept).map(folded))
    };
    if has('r') { order.reverse() } else { order }
}

fn sort(io: &mut Io<'_, '_>) -> Syscall {
    let long = [
        ("numeric-sort", 'n'),
        ("reverse", 'r'),
        ("unique", 'u'),
        ("key", 'k'),
        ("field-separator", 't'),
        ("output", 'o'),
        ("human-numeric-sort", 'h'),
        ("version-sort", 'V'),
        ("ignore-case", 'f'),
        ("stable", 's'),
        ("check", 'c'),
    ];
    let options = match io.options("nrughMcCszbdfiVo:k:t:T:S:", &long) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let mut keys = Vec::new();
    for text in options.values('k') {
        match key(&text) {
            Some(key) => keys.push(key),
            None => return io.fail(&format!("invalid number '{text}'"), 2),
        }
    }
    let separator = options.value('t').and_then(|text| if text == "\\t" { Some('\t') } else { text.chars().next() });
    let flags: String = options.flags.iter().map(|(flag, _)| *flag).filter(|flag| "nrghMbdfV".contains(*flag)).collect();
    let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
    if io.scratch.code != 0 {
        return Syscall::Exit(2);
    }
    let mut lines: Vec<String> = Vec::new();
    for source in &sources {
        lines.extend(lines_of(&source.bytes).into_iter().map(|line| String::from_utf8_lossy(bare(line)).into_owned()));
    }
    let by_keys = |a: &String, b: &String| {
        if keys.is_empty() {
            return compare(a, b, &flags);
        }
        keys.iter()
            .map(|key| {
                let own = key.flags.chars().any(|flag| "nrghMdfV".contains(flag));
                compare(part(a, key, separator), part(b, key, separator), if own { &key.flags } else { &flags })
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    };
    let by_all = |a: &String, b: &String| {
        let last = || {
            if options.has('s') || options.has('u') {
                Ordering::Equal
            } else if options.has('r') {
                b.cmp(a)
            } else {
                a.cmp(b)
            }
        };
        by_keys(a, b).then_with(last)
    };
    if options.has('c') || options.has('C') {
        let wrong = lines.windows(2).position(|pair| by_all(&pair[0], &pair[1]).is_gt());
        return match wrong {
            Some(place) if options.has('c') => {
                if !io.gnu() {
                    io.err(&format!("Check line {}\n", place + 1));
                    return Syscall::Exit(1);
                }
                let name = options.operands.first().map_or("-", String::as_str).to_owned();
                io.fail(&format!("{name}:{}: disorder: {}", place + 2, lines[place + 1]), 1)
            }
            Some(_) => Syscall::Exit(1),
            None => Syscall::Exit(0),
        };
    }
    lines.sort_by(by_all);
    if options.has('u') {
        lines.dedup_by(|b, a| by_keys(a, b).is_eq());
    }
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    match options.value('o') {
        Some(name) => {
            if let Err(error) = io.files.write(&io.path(name), text.as_bytes()) {
                return io.fail(&format!("{name}: {error}"), 2);
            }
        }
        None => io.out(&text),
    }
    Syscall::Exit(0)
}

fn uniq(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("cduizf:s:w:", &[("count", 'c'), ("repeated", 'd'), ("unique", 'u'), ("ignore-case", 'i')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let operands: Vec<String> = options.operands.iter().take(1).cloned().collect();
    let Some(sources) = io.sources(&operands) else { return Syscall::Read };
    if io.scratch.code != 0 {
        return Syscall::Exit(1);
    }
    let amount = |flag: char| options.value(flag).and_then(size).unwrap_or(0) as usize;
    let (skip_fields, skip, width) = (amount('f'), amount('s'), options.value('w').and_then(size));
    let seen = |line: &str| {
        let mut rest = line;
        for _ in 0..skip_fields {
            rest = rest.trim_start();
            rest = &rest[rest.find(char::is_whitespace).unwrap_or(rest.len())..];
        }
        let text: String = rest.chars().skip(skip).take(width.map_or(usize::MAX, |width| width as usize)).collect();
        if options.has('i') { text.to_lowercase() } else { text }
    };
    let text: String = sources.iter().map(|source| String::from_utf8_lossy(&source.bytes).into_owned()).collect();
    let mut groups: Vec<(usize, &str)> = Vec::new();
    for line in text.lines() {
        match groups.last_mut() {
            Some((count, first)) if seen(first) == seen(line) => *count += 1,
            _ => groups.push((1, line)),
        }
    }
    let mut output = String::new();
    for (count, line) in groups {
        if (options.has('d') && count == 1) || (options.has('u') && count > 1) {
            continue;
        }
        output += &if options.has('c') { format!("{count:7} {line}\n") } else { format!("{line}\n") };
    }
    match options.operands.get(1) {
        Some(name) => drop(io.files.write(&io.path(name), output.as_bytes())),
        None => io.out(&output),
    }
    Syscall::Exit(0)
}

fn comm(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("123", &[]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    if options.operands.len() != 2 {
        return io.wrong_usage(None);
    }
    let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
    let [left, right] = sources.as_slice() else { return Syscall::Exit(1) };
    let (left, right) = (String::from_utf8_lossy(&left.bytes), String::from_utf8_lossy(&right.bytes));
    let (mut left, mut right) = (left.lines().peekable(), right.lines().peekable());
    let mut output = String::new();
    loop {
        let (column, line) = match (left.peek(), right.peek()) {
            (None, None) => break,
            (Some(a), Some(b)) if a == b => {
                right.next();
                (3, left.next())
            }
            (Some(a), Some(b)) if a > b => (2, right.next()),
            (Some(_), _) => (1, left.next()),
            (None, _) => (2, right.next()),
        };
        let shown = |column: u32| char::from_digit(column, 10).is_some_and(|digit| !options.has(digit));
        if shown(column) {
            let indent = (1..column).filter(|earlier| shown(*earlier)).count();
            output += &format!("{}{}\n", "\t".repeat(indent), line.unwrap_or(""));
        }
    }
    io.out(&output);
    Syscall::Exit(0)
}

/// The most numbers that `shuf -i` mixes.
const SHUF_MAX: u64 = 100_000;

/// Mixes lines, arguments or numbers; chance comes from the clock, so that the same session gives the same order.
fn shuf(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("n:o:i:ez", &[]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let mut lines: Vec<String> = if let Some(range) = options.value('i') {
        let bounds = range.split_once('-').and_then(|(low, high)| Some((low.parse::<u64>().ok()?, high.parse::<u64>().ok()?)));
        let Some((low, high)) = bounds.filter(|(low, high)| low <= high) else {
            io.err(&format!("shuf: bad range '{range}'\n"));
            return Syscall::Exit(1);
        };
        (low..=high.min(low + SHUF_MAX)).map(|number| number.to_string()).collect()
    } else if options.has('e') {
        options.operands.clone()
    } else {
        let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
        sources.iter().flat_map(|source| String::from_utf8_lossy(&source.bytes).lines().map(str::to_owned).collect::<Vec<_>>()).collect()
    };
    let mut rng = Rng::new(io.now.0);
    for place in (1..lines.len()).rev() {
        lines.swap(place, rng.below(place as u64 + 1) as usize);
    }
    if let Some(count) = options.value('n') {
        let Ok(most) = count.parse() else {
            let message = if io.gnu() { format!("invalid line count: '{count}'") } else { format!("invalid number '{count}'") };
            return io.fail(&message, 1);
        };
        lines.truncate(most);
    }
    io.out(&lines.iter().map(|line| format!("{line}\n")).collect::<String>());
    Syscall::Exit(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_choose_parts_of_lines() {
        let check = |text: &str, separator: Option<char>, expect: &str| {
            assert_eq!(part("a bb  c:d", &key(text).unwrap(), separator), expect, "{text}");
        };
        check("2", None, " bb  c:d");
        check("2,2", None, " bb");
        check("2b,2", None, "bb");
        check("2", Some(':'), "d");
        check("9", None, "");
        assert_eq!(compare("10", "9", "n"), Ordering::Greater);
        assert_eq!(compare("1K", "1M", "h"), Ordering::Less);
        assert_eq!(compare("v1.10", "v1.9", "V"), Ordering::Greater);
    }
}
