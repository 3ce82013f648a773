//! grep. Models busybox findutils/grep.c. It streams, so that `kubectl get -w | grep x` shows what comes.

use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::lines::{bare, lines_of};
use crate::machine::programs::lib::options::Options;
use crate::machine::programs::lib::paths::join;
use crate::machine::programs::lib::regex;
use crate::machine::programs::lib::table::{On, Program};
use crate::machine::vfs::FileType;
use regex_lite::Regex;

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "egrep", usage: USAGE, on: On::Everywhere, run: grep },
    Program { name: "fgrep", usage: USAGE, on: On::Everywhere, run: grep },
    Program { name: "grep", usage: USAGE, on: On::Everywhere, run: grep },
];

const USAGE: &str = "[-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...";

/// How deep grep -r goes.
const DEPTH_MAX: usize = 100;

/// What a search looks for and shows.
struct Search {
    options: Options,
    patterns: Vec<Regex>,
    whole_line: bool,
    before: usize,
    after: usize,
    most: usize,
}

fn grep(io: &mut Io<'_, '_>) -> Syscall {
    let long = [
        ("ignore-case", 'i'),
        ("invert-match", 'v'),
        ("count", 'c'),
        ("line-number", 'n'),
        ("files-with-matches", 'l'),
        ("files-without-match", 'L'),
        ("quiet", 'q'),
        ("silent", 'q'),
        ("only-matching", 'o'),
        ("extended-regexp", 'E'),
        ("fixed-strings", 'F'),
        ("recursive", 'r'),
        ("word-regexp", 'w'),
        ("line-regexp", 'x'),
        ("regexp", 'e'),
        ("max-count", 'm'),
        ("after-context", 'A'),
        ("before-context", 'B'),
        ("context", 'C'),
        ("no-filename", 'h'),
        ("with-filename", 'H'),
        ("no-messages", 's'),
        ("color", 'G'),
        ("line-buffered", 'G'),
    ];
    let mut options = match io.options("HhnlLoqvsrRiwxcFEGPe:f:m:A:B:C:a", &long) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let mut texts = options.values('e');
    for name in options.values('f') {
        match io.files.read(&io.path(&name)) {
            Ok(bytes) => texts.extend(String::from_utf8_lossy(&bytes).lines().map(str::to_owned)),
            Err(error) => return io.fail(&format!("{name}: {error}"), 2),
        }
    }
    if texts.is_empty() && !options.has('f') {
        if options.operands.is_empty() {
            io.usage(None);
            return Syscall::Exit(2);
        }
        texts = options.operands.remove(0).split('\n').map(str::to_owned).collect();
    }
    let search = match compiled(io, options, &texts) {
        Ok(search) => search,
        Err(message) => return io.fail(&message, 2),
    };
    let streams = search.options.operands.is_empty() && !search.recursive() && search.before == 0 && search.after == 0;
    if streams { search.stream(io) } else { search.all(io) }
}

fn compiled(io: &Io<'_, '_>, options: Options, texts: &[String]) -> Result<Search, String> {
    let kind = match io.name() {
        "egrep" => Some('E'),
        "fgrep" => Some('F'),
        _ => options.last_of("EFGP"),
    };
    let ignore_case = options.has('i');
    let mut patterns = Vec::new();
    for text in texts {
        let pattern = match kind {
            Some('E' | 'P') => regex::extended(text, ignore_case),
            Some('F') => regex::fixed(text, ignore_case),
            _ => regex::basic(text, ignore_case),
        };
        patterns.push(pattern.map_err(|message| if io.gnu() { message } else { format!("bad regex '{text}'") })?);
    }
    let number =
        |flag: char| options.value(flag).map_or(Ok(None), |text| text.parse::<usize>().map(Some).map_err(|_| format!("invalid number '{text}'")));
    let context = number('C')?.unwrap_or(0);
    let (before, after) = (number('B')?.unwrap_or(context), number('A')?.unwrap_or(context));
    let most = number('m')?.unwrap_or(usize::MAX);
    Ok(Search { whole_line: options.has('x'), before, after, most, options, patterns })
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

impl Search {
    fn recursive(&self) -> bool {
        self.options.has('r') || self.options.has('R')
    }

    /// Where the patterns match in a line, not overlapping.
    fn found(&self, line: &str) -> Vec<(usize, usize)> {
        let mut places = Vec::new();
        for pattern in &self.patterns {
            for found in pattern.find_iter(line) {
                let (from, to) = (found.start(), found.end());
                let word = !self.options.has('w') || (!is_word(line[..from].chars().next_back()) && !is_word(line[to..].chars().next()));
                if word && (!self.whole_line || (from == 0 && to == line.len())) {
                    places.push((from, to));
                }
            }
        }
        places.sort();
        let mut end = 0;
        places.retain(|(from, to)| {
            let apart = *from >= end || (*from, *to) == (0, 0);
            if apart {
                end = *to;
            }
            apart
        });
        places
    }

    fn selects(&self, line: &str) -> bool {
        self.found(line).is_empty() == self.options.has('v')
    }

    fn show(&self, line: &str, number: usize, title: Option<&str>, mark: char, output: &mut String) {
        let mut head = String::new();
        if let Some(title) = title {
            head += &format!("{title}{mark}");
        }
        if self.options.has('n') {
            head += &format!("{number}{mark}");
        }
        if self.options.has('o') && mark == ':' {
            if !self.options.has('v') {
                for (from, to) in self.found(line).into_iter().filter(|(from, to)| from < to) {
                    *output += &format!("{head}{}\n", &line[from..to]);
                }
            }
            return;
        }
        *output += &format!("{head}{line}\n");
    }

    /// Standard input as it comes. The numbers are: lines read, lines selected.
    fn stream(&self, io: &mut Io<'_, '_>) -> Syscall {
        let over = io.scratch.numbers[1] as usize >= self.most;
        let bytes = if over {
            Vec::new()
        } else {
            match io.read_lines() {
                None => return Syscall::Read,
                Some(bytes) => bytes,
            }
        };
        let title = self.options.has('H').then_some("(standard input)");
        if bytes.is_empty() {
            let count = io.scratch.numbers[1];
            self.sum_up(io, title, "(standard input)", count as usize);
            return Syscall::Exit(i32::from(if self.options.has('L') { count > 0 } else { count == 0 }));
        }
        let mut output = String::new();
        for line in lines_of(&bytes) {
            let text = String::from_utf8_lossy(bare(line));
            io.scratch.numbers[0] += 1;
            if (io.scratch.numbers[1] as usize) < self.most && self.selects(&text) {
                io.scratch.numbers[1] += 1;
                if self.options.has('q') {
                    return Syscall::Exit(0);
                }
                if !self.options.has('c') && !self.options.has('l') && !self.options.has('L') {
                    self.show(&text, io.scratch.numbers[0] as usize, title, ':', &mut output);
                }
            }
        }
        io.out(&output);
        Syscall::Yield
    }

    /// What is printed once for a whole input.
    fn sum_up(&self, io: &mut Io<'_, '_>, title: Option<&str>, name: &str, count: usize) {
        if self.options.has('q') {
            return;
        }
        if self.options.has('l') || self.options.has('L') {
            if (count > 0) == self.options.has('l') {
                io.out(&format!("{name}\n"));
            }
        } else if self.options.has('c') {
            let title = title.map(|title| format!("{title}:")).unwrap_or_default();
            io.out(&format!("{title}{count}\n"));
        }
    }

    fn all(&self, io: &mut Io<'_, '_>) -> Syscall {
        let mut names = self.options.operands.clone();
        if self.recursive() {
            let roots = if names.is_empty() { vec![".".to_owned()] } else { names };
            names = Vec::new();
            roots.iter().for_each(|root| below(io, root, 0, &mut names));
        }
        let stdin = names.is_empty() || names.iter().any(|name| name == "-");
        let mut input = None;
        if stdin {
            input = io.read_all();
            if input.is_none() {
                return Syscall::Read;
            }
        }
        if names.is_empty() {
            names.push("-".to_owned());
        }
        let titles = (names.len() > 1 || self.recursive() || self.options.has('H')) && !self.options.has('h');
        let (mut any, mut wrong) = (false, false);
        for name in names {
            let bytes = if name == "-" { Ok(input.take().unwrap_or_default()) } else { io.files.read(&io.path(&name)) };
            let bytes = match bytes {
                Ok(bytes) => bytes,
                Err(error) => {
                    wrong = true;
                    if !self.options.has('s') {
                        io.complain(&format!("{name}: {error}"));
                    }
                    continue;
                }
            };
            let name = if name == "-" { "(standard input)".to_owned() } else { name };
            let title = titles.then_some(name.as_str());
            let (count, output) = self.file(&String::from_utf8_lossy(&bytes), title);
            any |= if self.options.has('L') { count == 0 } else { count > 0 };
            if self.options.has('q') {
                if any {
                    return Syscall::Exit(0);
                }
                continue;
            }
            if !self.options.has('c') && !self.options.has('l') && !self.options.has('L') {
                io.out(&output);
            }
            self.sum_up(io, title, &name, count);
        }
        Syscall::Exit(if wrong { 2 } else { i32::from(!any) })
    }

    fn file(&self, text: &str, title: Option<&str>) -> (usize, String) {
        let lines: Vec<&str> = text.lines().collect();
        let (mut output, mut count) = (String::new(), 0);
        // The next line that has not been shown, and how many lines of context are still to come.
        let (mut next, mut due) = (0, 0);
        for (index, line) in lines.iter().enumerate() {
            if count < self.most && self.selects(line) {
                count += 1;
                let from = index.saturating_sub(self.before).max(next);
                if (self.before > 0 || self.after > 0) && next > 0 && from > next {
                    output += "--\n";
                }
                for (earlier, line) in lines.iter().enumerate().take(index).skip(from) {
                    self.show(line, earlier + 1, title, '-', &mut output);
                }
                self.show(line, index + 1, title, ':', &mut output);
                (next, due) = (index + 1, self.after);
            } else if due > 0 {
                self.show(line, index + 1, title, '-', &mut output);
                (next, due) = (index + 1, due - 1);
            }
        }
        (count, output)
    }
}

fn below(io: &Io<'_, '_>, name: &str, depth: usize, names: &mut Vec<String>) {
    let path = io.path(name);
    let folder = io.files.lstat(&path).is_ok_and(|found| found.file_type == FileType::Directory);
    if !folder {
        names.push(name.to_owned());
    } else if depth < DEPTH_MAX {
        for child in io.files.list(&path).unwrap_or_default() {
            below(io, &join(name, &child), depth + 1, names);
        }
    }
}
