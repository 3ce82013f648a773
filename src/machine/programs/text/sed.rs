//! sed. Models busybox editors/sed.c and GNU sed's common extensions.
//!
//! Simplified: no back-references within a pattern, no `e`, `r` and `w` on files that the script also writes.

use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::options::parse;
use crate::machine::programs::lib::regex;
use crate::machine::programs::lib::table::{On, Program};
use regex_lite::Regex;

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[Program {
    name: "sed",
    usage: "[-i[SFX]] [-nrE] [-f FILE]... [-e CMD]... [FILE]...\nor: sed [-i[SFX]] [-nrE] CMD [FILE]...",
    on: On::Everywhere,
    run: sed,
}];

/// How many commands one run may execute, so that `:a;ba` ends.
const COMMANDS_MAX: usize = 5_000_000;

enum Address {
    Line(usize),
    Last,
    Pattern(Option<Regex>),
    /// `FIRST~STEP`
    Step(usize, usize),
    /// `+N` after the first line.
    Plus(usize),
}

enum Action {
    Open(usize),
    Close,
    Substitute(Box<Substitution>),
    Translate(Vec<char>, Vec<char>),
    Text(char, String),
    Label,
    Jump(char, String),
    Quit(char, i32),
    Read(String),
    Write(String),
    /// Everything without an argument: `d D p P n N g G h H x = l`.
    Plain(char),
}

struct Substitution {
    pattern: Option<Regex>,
    replacement: String,
    global: bool,
    print: bool,
    nth: usize,
    write: Option<String>,
}

struct Command {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    action: Action,
    label: String,
}

struct Parser<'a> {
    text: &'a [char],
    at: usize,
    extended: bool,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn skip(&mut self, set: &str) {
        while self.peek().is_some_and(|c| set.contains(c)) {
            self.at += 1;
        }
    }

    fn number(&mut self) -> Option<usize> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        self.text[start..self.at].iter().collect::<String>().parse().ok()
    }

    /// Text up to a delimiter; `\delimiter` is the delimiter itself, other escapes stay.
    fn until(&mut self, delimiter: char, pattern: bool) -> Result<String, String> {
        let (mut text, mut bracket) = (String::new(), false);
        while let Some(c) = self.peek() {
            self.at += 1;
            if c == '\\' {
                let Some(next) = self.peek() else { break };
                self.at += 1;
                match next {
                    'n' if delimiter != 'n' && pattern => text.push('\n'),
                    _ if next == delimiter => {
                        if pattern && "*.[]^$+?(){}|".contains(next) && next != '|' {
                            text.push('\\');
                        }
                        text.push(next);
                    }
                    _ => text.extend(['\\', next]),
                }
                continue;
            }
            if pattern && c == '[' && !bracket {
                bracket = true;
                text.push(c);
                // `]` right at the start belongs to the set.
                if self.peek() == Some('^') {
                    text.push('^');
                    self.at += 1;
                }
                if self.peek() == Some(']') {
                    text.push(']');
                    self.at += 1;
                }
                continue;
            }
            if c == ']' {
                bracket = false;
            }
            if c == delimiter && !bracket {
                return Ok(text);
            }
            text.push(c);
        }
        Err("unterminated".to_owned())
    }

    fn regex(&self, text: &str, ignore_case: bool) -> Result<Option<Regex>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        let pattern = if self.extended { regex::extended(text, ignore_case) } else { regex::basic(text, ignore_case) };
        pattern.map(Some).map_err(|message| format!("bad regex '{text}': {message}"))
    }

    fn address(&mut self) -> Result<Option<Address>, String> {
        let Some(c) = self.peek() else { return Ok(None) };
        Ok(Some(match c {
            '$' => {
                self.at += 1;
                Address::Last
            }
            '0'..='9' => {
                let first = self.number().unwrap_or(0);
                if self.peek() == Some('~') {
                    self.at += 1;
                    Address::Step(first, self.number().unwrap_or(0))
                } else {
                    Address::Line(first)
                }
            }
            '/' | '\\' => {
                self.at += 1;
                let delimiter = if c == '\\' {
                    self.at += 1;
                    self.text.get(self.at - 1).copied().unwrap_or('/')
                } else {
                    '/'
                };
                let text = self.until(delimiter, true).map_err(|_| "unterminated address regex".to_owned())?;
                let ignore_case = self.peek() == Some('I');
                if ignore_case {
                    self.at += 1;
                }
                Address::Pattern(self.regex(&text, ignore_case)?)
            }
            '+' => {
                self.at += 1;
                Address::Plus(self.number().unwrap_or(0))
            }
            _ => return Ok(None),
        }))
    }

    fn word(&mut self) -> String {
        self.skip(" \t");
        let start = self.at;
        while self.peek().is_some_and(|c| !matches!(c, '\n' | ';' | '}')) {
            self.at += 1;
        }
        self.text[start..self.at].iter().collect::<String>().trim().to_owned()
    }

    fn line(&mut self) -> String {
        self.skip(" \t");
        let start = self.at;
        while self.peek().is_some_and(|c| c != '\n') {
            self.at += 1;
        }
        self.text[start..self.at].iter().collect()
    }

    /// The text of `a`, `i`, `c`: on the same line, or after `\` and a newline, going on where lines end in a backslash.
    fn text_argument(&mut self) -> String {
        self.skip(" \t");
        if self.peek() == Some('\\') {
            self.at += 1;
            self.skip(" \t");
            if self.peek() == Some('\n') {
                self.at += 1;
            }
        }
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '\n' => break,
                '\\' => {
                    match self.peek() {
                        Some('t') => text.push('\t'),
                        Some(next) => text.push(next),
                        None => {}
                    }
                    self.at += 1;
                }
                _ => text.push(c),
            }
        }
        text + "\n"
    }

    fn program(&mut self) -> Result<Vec<Command>, String> {
        let mut commands: Vec<Command> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        loop {
            self.skip(" \t\n;");
            if self.peek().is_none() {
                break;
            }
            if self.peek() == Some('#') {
                self.line();
                continue;
            }
            let from = self.address()?;
            let mut to = None;
            self.skip(" \t");
            if self.peek() == Some(',') && from.is_some() {
                self.at += 1;
                self.skip(" \t");
                to = Some(self.address()?.ok_or_else(|| "no address after comma".to_owned())?);
            }
            self.skip(" \t");
            let mut negated = false;
            while self.peek() == Some('!') {
                negated = true;
                self.at += 1;
                self.skip(" \t");
            }
            let Some(name) = self.peek() else { return Err("missing command".to_owned()) };
            self.at += 1;
            let mut label = String::new();
            let action = match name {
                '{' => {
                    open.push(commands.len());
                    Action::Open(0)
                }
                '}' => {
                    let Some(start) = open.pop() else { return Err("unexpected '}'".to_owned()) };
                    let here = commands.len();
                    commands[start].action = Action::Open(here);
                    Action::Close
                }
                's' => self.substitution()?,
                'y' => {
                    let delimiter = self.peek().ok_or("bad format in substitution expression")?;
                    self.at += 1;
                    let (from, to) = (self.until(delimiter, false)?, self.until(delimiter, false)?);
                    let plain = |text: String| -> Vec<char> { text.replace("\\n", "\n").replace("\\\\", "\\").chars().collect() };
                    let (from, to) = (plain(from), plain(to));
                    if from.len() != to.len() {
                        return Err("strings for 'y' command are different lengths".to_owned());
                    }
                    Action::Translate(from, to)
                }
                'a' | 'i' | 'c' => Action::Text(name, self.text_argument()),
                ':' => {
                    label = self.word();
                    Action::Label
                }
                'b' | 't' | 'T' => Action::Jump(name, self.word()),
                'q' | 'Q' => {
                    self.skip(" \t");
                    Action::Quit(name, self.number().unwrap_or(0) as i32)
                }
                'r' => Action::Read(self.line()),
                'w' => Action::Write(self.line()),
                'd' | 'D' | 'p' | 'P' | 'n' | 'N' | 'g' | 'G' | 'h' | 'H' | 'x' | '=' | 'l' | 'z' => Action::Plain(name),
                _ => return Err(format!("unsupported command {name}")),
            };
            commands.push(Command { from, to, negated, action, label });
        }
        if open.is_empty() { Ok(commands) } else { Err("unmatched '{'".to_owned()) }
    }

    fn substitution(&mut self) -> Result<Action, String> {
        let wrong = || "unmatched 's'".to_owned();
        let delimiter = self.peek().ok_or_else(wrong)?;
        self.at += 1;
        let pattern = self.until(delimiter, true).map_err(|_| format!("unmatched '{delimiter}'"))?;
        let replacement = self.until(delimiter, false).map_err(|_| format!("unmatched '{delimiter}'"))?;
        let (mut global, mut print, mut nth, mut ignore_case, mut write) = (false, false, 1, false, None);
        while let Some(c) = self.peek() {
            match c {
                'g' => global = true,
                'p' => print = true,
                'i' | 'I' => ignore_case = true,
                'm' | 'M' => {}
                '0'..='9' => {
                    nth = self.number().unwrap_or(1).max(1);
                    continue;
                }
                'w' => {
                    self.at += 1;
                    write = Some(self.line());
                    break;
                }
                '\n' | ';' | '}' | ' ' | '\t' | '#' => break,
                _ => return Err("bad option in substitution expression".to_owned()),
            }
            self.at += 1;
        }
        let pattern = self.regex(&pattern, ignore_case)?;
        Ok(Action::Substitute(Box::new(Substitution { pattern, replacement, global, print, nth, write })))
    }
}

/// The state of a run.
struct Run<'a> {
    commands: &'a [Command],
    /// Which two-address commands are within their range, and where it ends.
    ranges: Vec<Option<usize>>,
    quiet: bool,
    lines: Vec<String>,
    /// Index of the next line.
    next: usize,
    pattern: String,
    hold: String,
    output: String,
    append: String,
    files: Vec<(String, String)>,
    reads: Vec<(String, String)>,
    last_regex: Option<Regex>,
    left: usize,
}

enum Flow {
    Next,
    Again,
    Quit(i32),
}

impl Run<'_> {
    fn number(&self) -> usize {
        self.next
    }

    fn last(&self) -> bool {
        self.next >= self.lines.len()
    }

    fn at(&mut self, address: &Address) -> bool {
        match address {
            Address::Line(line) => self.number() == *line,
            Address::Last => self.last(),
            Address::Step(first, 0) => self.number() == *first,
            Address::Step(first, step) => self.number() >= *first && (self.number() - first).is_multiple_of(*step),
            Address::Plus(_) => false,
            Address::Pattern(pattern) => {
                if pattern.is_some() {
                    self.last_regex.clone_from(pattern);
                }
                self.last_regex.as_ref().is_some_and(|pattern| pattern.is_match(&self.pattern))
            }
        }
    }

    fn selected(&mut self, index: usize) -> bool {
        let commands = self.commands;
        let command = &commands[index];
        let (Some(from), to) = (&command.from, &command.to) else { return !command.negated };
        let number = self.number();
        let holds = match (to, self.ranges[index]) {
            (None, _) => self.at(from),
            (Some(to), Some(end)) => {
                let over = if end == usize::MAX { self.at(to) } else { number >= end };
                if over {
                    self.ranges[index] = None;
                }
                // A line number before the current one ended the range at its first line.
                end == usize::MAX || number <= end
            }
            (Some(to), None) => {
                let zero = matches!(from, Address::Line(0)) && number == 1;
                let starts = zero || self.at(from);
                if starts {
                    let end = match to {
                        Address::Line(line) if *line <= number => None,
                        Address::Line(line) => Some(*line),
                        Address::Plus(count) => Some(number + count).filter(|_| *count > 0),
                        Address::Step(_, step) => Some(number.next_multiple_of((*step).max(1))).filter(|end| *end > number),
                        Address::Pattern(_) if zero && self.at(to) => None,
                        Address::Last if self.last() => None,
                        _ => Some(usize::MAX),
                    };
                    self.ranges[index] = end;
                }
                starts
            }
        };
        holds != command.negated
    }

    fn print(&mut self) {
        self.output += &self.pattern;
        self.output.push('\n');
    }

    fn end_cycle(&mut self) {
        if !self.quiet {
            self.print();
        }
        self.output += &std::mem::take(&mut self.append);
    }

    fn substitute(&mut self, substitution: &Substitution) -> bool {
        if substitution.pattern.is_some() {
            self.last_regex.clone_from(&substitution.pattern);
        }
        let Some(pattern) = self.last_regex.clone() else { return false };
        let text = std::mem::take(&mut self.pattern);
        let (mut result, mut end, mut count) = (String::new(), 0, 0);
        for captures in pattern.captures_iter(&text) {
            let found = captures.get(0).expect("group 0 is the match");
            count += 1;
            if count < substitution.nth {
                continue;
            }
            result += &text[end..found.start()];
            let group = |index: usize| captures.get(index).map_or("", |group| group.as_str());
            replace(&substitution.replacement, &group, &mut result);
            end = found.end();
            if !substitution.global {
                break;
            }
        }
        result += &text[end..];
        self.pattern = result;
        count >= substitution.nth
    }

    fn write(&mut self, name: &str) {
        let line = self.pattern.clone() + "\n";
        match self.files.iter_mut().find(|(known, _)| known == name) {
            Some((_, text)) => *text += &line,
            None => self.files.push((name.to_owned(), line)),
        }
    }

    /// Runs all commands on the pattern space.
    fn cycle(&mut self) -> Result<Flow, String> {
        let commands = self.commands;
        let (mut at, mut changed) = (0, false);
        while let Some(command) = commands.get(at) {
            self.left = self.left.checked_sub(1).ok_or("not simulated here: a script that runs this long")?;
            if !self.selected(at) {
                at = if let Action::Open(end) = command.action { end } else { at } + 1;
                continue;
            }
            match &command.action {
                Action::Open(_) | Action::Close | Action::Label => {}
                Action::Substitute(substitution) => {
                    if self.substitute(substitution) {
                        changed = true;
                        if substitution.print {
                            self.print();
                        }
                        if let Some(name) = &substitution.write {
                            self.write(name);
                        }
                    }
                }
                Action::Translate(from, to) => {
                    self.pattern = self.pattern.chars().map(|c| from.iter().position(|known| *known == c).map_or(c, |place| to[place])).collect();
                }
                Action::Text('a', text) => self.append += text,
                Action::Text('i', text) => self.output += text,
                Action::Text(_, text) => {
                    // In a range the text comes once, at its end.
                    if command.to.is_none() || self.ranges[at].is_none() || command.negated {
                        self.output += text;
                    }
                    return Ok(Flow::Next);
                }
                Action::Jump(kind, label) => {
                    let jumps = match kind {
                        't' => std::mem::take(&mut changed),
                        'T' => !std::mem::take(&mut changed),
                        _ => true,
                    };
                    if jumps {
                        if label.is_empty() {
                            break;
                        }
                        let place = commands.iter().position(|command| matches!(command.action, Action::Label) && command.label == *label);
                        at = place.ok_or_else(|| format!("can't find label for jump to '{label}'"))?;
                    }
                }
                Action::Quit(kind, code) => {
                    if *kind == 'q' {
                        self.end_cycle();
                    }
                    return Ok(Flow::Quit(*code));
                }
                Action::Read(name) => {
                    let text = self.reads.iter().find(|(known, _)| known == name).map(|(_, text)| text.clone());
                    self.append += &text.unwrap_or_default();
                }
                Action::Write(name) => self.write(name),
                Action::Plain(letter) => {
                    if let Some(flow) = self.plain(*letter) {
                        return Ok(flow);
                    }
                }
            }
            at += 1;
        }
        self.end_cycle();
        Ok(Flow::Next)
    }

    fn plain(&mut self, letter: char) -> Option<Flow> {
        match letter {
            'd' => {
                self.output += &std::mem::take(&mut self.append);
                return Some(Flow::Next);
            }
            'D' => {
                let Some(newline) = self.pattern.find('\n') else { return Some(Flow::Next) };
                self.pattern.drain(..=newline);
                return Some(Flow::Again);
            }
            'p' => self.print(),
            'P' => self.output += &(self.pattern.split('\n').next().unwrap_or("").to_owned() + "\n"),
            'n' | 'N' => {
                if self.last() {
                    // GNU prints the pattern space when there is no next line.
                    self.end_cycle();
                    return Some(Flow::Quit(0));
                }
                let line = self.lines[self.next].clone();
                if letter == 'n' {
                    self.end_cycle();
                    self.pattern = line;
                } else {
                    self.pattern = format!("{}\n{line}", self.pattern);
                }
                self.next += 1;
            }
            'g' => self.pattern.clone_from(&self.hold),
            'G' => self.pattern = format!("{}\n{}", self.pattern, self.hold),
            'h' => self.hold.clone_from(&self.pattern),
            'H' => self.hold = format!("{}\n{}", self.hold, self.pattern),
            'x' => std::mem::swap(&mut self.hold, &mut self.pattern),
            '=' => self.output += &format!("{}\n", self.number()),
            'l' => self.output += &(self.pattern.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n") + "$\n"),
            _ => self.pattern.clear(),
        }
        None
    }
}

/// A replacement with `&`, `\1`, `\n` and GNU's case changes put in.
fn replace<'t>(text: &str, group: &dyn Fn(usize) -> &'t str, result: &mut String) {
    let mut case = None;
    let mut chars = text.chars();
    let add = |piece: &str, case: &mut Option<char>, result: &mut String| match *case {
        Some('U') => *result += &piece.to_uppercase(),
        Some('L') => *result += &piece.to_lowercase(),
        Some(once @ ('u' | 'l')) if !piece.is_empty() => {
            let mut letters = piece.chars();
            let first = letters.next().unwrap_or(' ');
            result.push(if once == 'u' { first.to_ascii_uppercase() } else { first.to_ascii_lowercase() });
            *result += letters.as_str();
            *case = None;
        }
        _ => *result += piece,
    };
    while let Some(c) = chars.next() {
        match c {
            '&' => add(group(0), &mut case, result),
            '\\' => match chars.next() {
                Some(digit @ '0'..='9') => add(group(digit as usize - '0' as usize), &mut case, result),
                Some('n') => result.push('\n'),
                Some('t') => result.push('\t'),
                Some(change @ ('U' | 'L' | 'u' | 'l')) => case = Some(change),
                Some('E') => case = None,
                Some(other) => add(&other.to_string(), &mut case, result),
                None => result.push('\\'),
            },
            _ => add(&c.to_string(), &mut case, result),
        }
    }
}

/// Files by name with their texts.
type Texts = Vec<(String, String)>;

/// Runs a script over a text: what it prints, what it writes to files, and its exit code.
fn edit(commands: &[Command], text: &str, quiet: bool, reads: Texts) -> Result<(String, Texts, i32), String> {
    let mut run = Run {
        commands,
        ranges: vec![None; commands.len()],
        quiet,
        lines: text.lines().map(str::to_owned).collect(),
        next: 0,
        pattern: String::new(),
        hold: String::new(),
        output: String::new(),
        append: String::new(),
        files: Vec::new(),
        reads,
        last_regex: None,
        left: COMMANDS_MAX,
    };
    let mut code = 0;
    let mut again = false;
    while again || run.next < run.lines.len() {
        if !again {
            run.pattern = run.lines[run.next].clone();
            run.next += 1;
        }
        again = false;
        match run.cycle()? {
            Flow::Next => {}
            Flow::Again => again = true,
            Flow::Quit(with) => {
                code = with;
                break;
            }
        }
    }
    // The last line has a newline only where it had one.
    if !text.is_empty() && !text.ends_with('\n') && run.next >= run.lines.len() && run.output.ends_with('\n') {
        run.output.pop();
    }
    Ok((run.output, run.files, code))
}

fn sed(io: &mut Io<'_, '_>) -> Syscall {
    // `-i.bak` carries its suffix, `-i` alone none.
    let mut suffix = None;
    let mut words = Vec::new();
    for word in io.arguments() {
        let flags = word.strip_prefix('-').filter(|flags| !flags.starts_with('-')).unwrap_or("");
        match flags.find('i').filter(|place| flags[..*place].chars().all(|c| "nrEsu".contains(c))) {
            Some(place) if words.last().is_none_or(|last| last != "-e" && last != "-f") => {
                suffix = Some(flags[place + 1..].to_owned());
                if place > 0 {
                    words.push(format!("-{}", &flags[..place]));
                }
            }
            _ => match word.strip_prefix("--in-place") {
                Some(rest) => suffix = Some(rest.trim_start_matches('=').to_owned()),
                None => words.push(word.clone()),
            },
        }
    }
    let long = [("quiet", 'n'), ("silent", 'n'), ("expression", 'e'), ("file", 'f'), ("regexp-extended", 'E'), ("separate", 's')];
    let mut options = match parse(&words, "nrEsuze:f:", &long) {
        Ok(options) => options,
        Err(message) => return io.wrong_usage(Some(&message)),
    };
    let mut script: Vec<String> = options.values('e');
    for name in options.values('f') {
        match io.files.read(&io.path(&name)) {
            Ok(bytes) => script.push(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) => {
                let message = io.cannot_open(&name, error);
                return io.fail(&message, 1);
            }
        }
    }
    if script.is_empty() {
        if options.operands.is_empty() {
            return io.wrong_usage(None);
        }
        script.push(options.operands.remove(0));
    }
    let text: Vec<char> = script.join("\n").chars().collect();
    let mut parser = Parser { text: &text, at: 0, extended: options.has('r') || options.has('E') };
    let commands = match parser.program() {
        Ok(commands) => commands,
        Err(message) => {
            let gnu_words = match message.as_str() {
                text if text.starts_with("unmatched '") => "unterminated `s' command".to_owned(),
                "bad option in substitution expression" => "unknown option to `s'".to_owned(),
                other => other.strip_prefix("unsupported command ").map_or(message.clone(), |name| format!("unknown command: `{name}'")),
            };
            let message = if io.gnu() { format!("-e expression #1, char {}: {gnu_words}", parser.at) } else { message };
            return io.fail(&message, 1);
        }
    };
    let reads: Vec<(String, String)> = commands
        .iter()
        .filter_map(|command| match &command.action {
            Action::Read(name) => Some((name.clone(), String::from_utf8_lossy(&io.files.read(&io.path(name)).ok()?).into_owned())),
            _ => None,
        })
        .collect();
    let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
    let quiet = options.has('n');
    let pieces: Vec<(Option<String>, String)> = if suffix.is_some() || options.has('s') {
        sources.into_iter().map(|source| (Some(source.name), String::from_utf8_lossy(&source.bytes).into_owned())).collect()
    } else {
        vec![(None, sources.into_iter().map(|source| String::from_utf8_lossy(&source.bytes).into_owned()).collect())]
    };
    for (name, text) in pieces {
        let (output, files, code) = match edit(&commands, &text, quiet, reads.clone()) {
            Ok(done) => done,
            Err(message) => return io.fail(&message, 1),
        };
        match (name, &suffix) {
            (Some(name), Some(suffix)) => {
                let path = io.path(&name);
                let kept = if suffix.is_empty() { Ok(()) } else { io.files.write(&format!("{path}{suffix}"), text.as_bytes()) };
                if let Err(error) = kept.and_then(|()| io.files.write(&path, output.as_bytes())) {
                    io.complain(&format!("{name}: {error}"));
                    io.scratch.code = 4;
                }
            }
            _ => io.out(&output),
        }
        for (name, text) in files {
            match name.as_str() {
                "/dev/stdout" => io.out(&text),
                "/dev/stderr" => io.err(&text),
                _ => drop(io.files.write(&io.path(&name), text.as_bytes())),
            }
        }
        if code != 0 {
            io.scratch.code = code;
        }
    }
    Syscall::Exit(io.scratch.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, quiet: bool, expect: &str) {
        let text: Vec<char> = script.chars().collect();
        let commands = Parser { text: &text, at: 0, extended: false }.program().unwrap_or_else(|error| panic!("{script}: {error}"));
        let (output, ..) = edit(&commands, "b 2\na 10\nc 1\na 3\n", quiet, Vec::new()).unwrap();
        assert_eq!(output, expect, "{script}");
    }

    #[test]
    fn scripts_edit_lines() {
        check("s/a/X/", false, "b 2\nX 10\nc 1\nX 3\n");
        check("2p", true, "a 10\n");
        check("/b/d", false, "a 10\nc 1\na 3\n");
        check("1d\ns/ /-/", false, "a-10\nc-1\na-3\n");
        check("2,3d", false, "b 2\na 3\n");
        check("/a/,/c/p", true, "a 10\nc 1\na 3\n");
        check("$!d", false, "a 3\n");
        check("s/\\([a-z]\\) \\([0-9]*\\)/\\2=\\1/", false, "2=b\n10=a\n1=c\n3=a\n");
        check("1{s/b/B/;p}", true, "B 2\n");
        check("2i new", false, "b 2\nnew\na 10\nc 1\na 3\n");
        check("$a end", false, "b 2\na 10\nc 1\na 3\nend\n");
        check("2c\\\nchanged", false, "b 2\nchanged\nc 1\na 3\n");
        check("y/abc/ABC/;2q", false, "B 2\nA 10\n");
        check(":a;N;$!ba;s/\\n/,/g", false, "b 2,a 10,c 1,a 3\n");
        check("1!G;h;$!d", false, "a 3\nc 1\na 10\nb 2\n");
        check("s|a|/|2;s/[0-9]/<&>/g", false, "b <2>\na <1><0>\nc <1>\na <3>\n");
        check("2,1p", true, "a 10\n");
        check("s/A/z/I;=", true, "1\n2\n3\n4\n");
    }
}
