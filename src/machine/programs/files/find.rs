//! find. Models busybox findutils/find.c.
//!
//! The expression is read into a tree; a walk over the files notes what to print and to run, and the commands run one after the other.
//! Simplified: `-exec` counts as true.

use crate::machine::programs::lib::dates::date_text;
use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::modes::mode_text;
use crate::machine::programs::lib::paths::folder_of;
use crate::machine::programs::lib::paths::join;
use crate::machine::programs::lib::sizes::kilobytes;
use crate::machine::programs::lib::table::{On, Program};

use crate::machine::programs::lib::glob;
use crate::machine::vfs::{FileType, Metadata};

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[Program {
    name: "find",
    usage: "[-HL] [PATH]... [OPTIONS] [ACTIONS]\n\nSearch for files and perform actions on them.",
    on: On::Everywhere,
    run: find,
}];

/// The most words of a command line.
const WORDS_MAX: usize = 2000;
/// How deep find goes.
const DEPTH_MAX: usize = 200;

enum Test {
    Name {
        pattern: String,
        ignore_case: bool,
        whole: bool,
    },
    Type(char),
    Size {
        unit: u64,
        sign: char,
        amount: u64,
    },
    Empty,
    Newer(u64),
    /// Age in the unit of so many seconds.
    Age {
        unit: u64,
        sign: char,
        amount: u64,
    },
    Mode {
        bits: u32,
        sign: char,
    },
    Owner {
        uid: bool,
        number: u32,
    },
    Print(&'static str),
    Format(String),
    Exec {
        argv: Vec<String>,
        together: bool,
    },
    Delete,
    Prune,
    Quit,
    Always(bool),
    Not(Box<Test>),
    And(Box<Test>, Box<Test>),
    Or(Box<Test>, Box<Test>),
}

struct Reader<'a, 'b, 'v> {
    io: &'a Io<'b, 'v>,
    words: &'a [String],
    at: usize,
    least: usize,
    most: usize,
    depth_first: bool,
    acts: bool,
}

/// `+5`, `-5`, `5`.
fn signed(text: &str) -> Option<(char, u64)> {
    let sign = text.chars().next().filter(|c| matches!(c, '+' | '-')).unwrap_or('=');
    text.trim_start_matches(['+', '-']).parse().ok().map(|amount| (sign, amount))
}

fn fits(sign: char, value: u64, amount: u64) -> bool {
    match sign {
        '+' => value > amount,
        '-' => value < amount,
        _ => value == amount,
    }
}

impl Reader<'_, '_, '_> {
    fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    fn or(&mut self) -> Result<Test, String> {
        let mut left = self.and()?;
        while matches!(self.peek(), Some("-o" | "-or")) {
            self.at += 1;
            left = Test::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Test, String> {
        let mut left = self.not()?;
        while let Some(word) = self.peek() {
            match word {
                "-a" | "-and" => self.at += 1,
                "-o" | "-or" | ")" => break,
                _ => {}
            }
            left = Test::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Test, String> {
        match self.peek() {
            Some("!" | "-not") => {
                self.at += 1;
                Ok(Test::Not(Box::new(self.not()?)))
            }
            Some("(") => {
                self.at += 1;
                let inner = self.or()?;
                if self.peek() != Some(")") {
                    return Err("unmatched '('".to_owned());
                }
                self.at += 1;
                Ok(inner)
            }
            _ => self.test(),
        }
    }

    fn argument(&mut self, name: &str) -> Result<String, String> {
        let word = self.words.get(self.at).cloned();
        self.at += 1;
        let gnu = self.io.gnu();
        word.ok_or_else(|| if gnu { format!("missing argument to `{name}'") } else { format!("{name} requires an argument") })
    }

    fn test(&mut self) -> Result<Test, String> {
        let name = self.words.get(self.at).cloned().unwrap_or_default();
        self.at += 1;
        let gnu = self.io.gnu();
        let invalid = |text: &str| if gnu { format!("invalid argument `{text}' to `{name}'") } else { format!("invalid number '{text}'") };
        Ok(match name.as_str() {
            "-name" | "-iname" | "-path" | "-ipath" | "-wholename" => {
                let (ignore_case, whole) = (name.starts_with("-i"), name.ends_with("path") || name == "-wholename");
                let pattern = self.argument(&name)?;
                Test::Name { pattern: if ignore_case { pattern.to_lowercase() } else { pattern }, ignore_case, whole }
            }
            "-type" => {
                let text = self.argument(&name)?;
                match text.chars().next().filter(|c| "fdlpscb".contains(*c)) {
                    Some(letter) => Test::Type(letter),
                    None if gnu => return Err(format!("Unknown argument to -type: {text}")),
                    None => return Err(format!("invalid argument '{text}' to '-type'")),
                }
            }
            "-maxdepth" | "-mindepth" => {
                let text = self.argument(&name)?;
                let depth: usize = text.parse().map_err(|_| invalid(&text))?;
                if name == "-maxdepth" {
                    self.most = depth
                } else {
                    self.least = depth
                }
                Test::Always(true)
            }
            "-size" => {
                let text = self.argument(&name)?;
                let unit = match text.chars().last() {
                    Some('c') => 1,
                    Some('w') => 2,
                    Some('k') => 1024,
                    Some('M') => 1 << 20,
                    Some('G') => 1 << 30,
                    _ => 512,
                };
                let (sign, amount) = signed(text.trim_end_matches(|c: char| c.is_ascii_alphabetic())).ok_or_else(|| invalid(&text))?;
                Test::Size { unit, sign, amount }
            }
            "-empty" => Test::Empty,
            "-newer" => {
                let text = self.argument(&name)?;
                let found = self.io.files.stat(&self.io.path(&text)).map_err(|error| format!("{text}: {error}"))?;
                Test::Newer(found.modified.0)
            }
            "-mtime" | "-mmin" | "-ctime" | "-cmin" | "-atime" | "-amin" => {
                let text = self.argument(&name)?;
                let (sign, amount) = signed(&text).ok_or_else(|| invalid(&text))?;
                Test::Age { unit: if name.ends_with("time") { 86_400 } else { 60 }, sign, amount }
            }
            "-perm" => {
                let text = self.argument(&name)?;
                let sign = text.chars().next().filter(|c| matches!(c, '-' | '/')).unwrap_or('=');
                let bits = u32::from_str_radix(text.trim_start_matches(['-', '/']), 8).map_err(|_| format!("invalid mode '{text}'"))?;
                Test::Mode { bits, sign }
            }
            "-user" | "-group" | "-uid" | "-gid" => {
                let text = self.argument(&name)?;
                let number = if text == "root" { 0 } else { text.parse().map_err(|_| format!("unknown user {text}"))? };
                Test::Owner { uid: name.contains('u') && name != "-group", number }
            }
            "-print" => self.action(Test::Print("\n")),
            "-print0" => self.action(Test::Print("\0")),
            "-ls" => self.action(Test::Format("%i %k %M %n %u %g %s %t %p\\n".to_owned())),
            "-printf" => {
                let format = self.argument(&name)?;
                self.action(Test::Format(format))
            }
            "-delete" => {
                self.depth_first = true;
                self.action(Test::Delete)
            }
            "-exec" | "-ok" | "-execdir" => {
                let end = self.words[self.at..].iter().position(|word| word == ";" || word == "+");
                let Some(end) = end.filter(|end| *end > 0) else {
                    return Err(if gnu { "missing argument to `-exec'".to_owned() } else { "-exec requires an argument".to_owned() });
                };
                let argv = self.words[self.at..self.at + end].to_vec();
                let together = self.words[self.at + end] == "+";
                self.at += end + 1;
                self.action(Test::Exec { argv: if together { argv.into_iter().filter(|word| word != "{}").collect() } else { argv }, together })
            }
            "-prune" => Test::Prune,
            "-quit" => Test::Quit,
            "-true" | "-xdev" | "-mount" | "-noleaf" | "-follow" => Test::Always(true),
            "-depth" => {
                self.depth_first = true;
                Test::Always(true)
            }
            "-false" => Test::Always(false),
            _ if gnu => return Err(format!("unknown predicate `{name}'")),
            _ => return Err(format!("unrecognized: {name}")),
        })
    }

    fn action(&mut self, test: Test) -> Test {
        self.acts = true;
        test
    }
}

/// What the walk found to do, in order.
enum Act {
    Print(String),
    Run(Vec<String>),
    Complain(String),
}

struct Walk<'a, 'b, 'v> {
    io: &'a mut Io<'b, 'v>,
    least: usize,
    most: usize,
    depth_first: bool,
    follow: bool,
    acts: Vec<Act>,
    together: Vec<String>,
    over: bool,
    pruned: bool,
}

impl Walk<'_, '_, '_> {
    fn visit(&mut self, test: &Test, name: &str, depth: usize) {
        if self.over {
            return;
        }
        let path = self.io.path(name);
        let found = if self.follow { self.io.files.stat(&path).or_else(|_| self.io.files.lstat(&path)) } else { self.io.files.lstat(&path) };
        let metadata = match found {
            Ok(metadata) => metadata,
            Err(error) => {
                let message = if self.io.gnu() { format!("'{name}': {error}") } else { format!("{name}: {error}") };
                return self.acts.push(Act::Complain(message));
            }
        };
        self.pruned = false;
        if depth >= self.least && !self.depth_first {
            self.holds(test, name, &path, &metadata);
        }
        let pruned = std::mem::take(&mut self.pruned);
        if metadata.file_type == FileType::Directory && depth < self.most.min(DEPTH_MAX) && !pruned {
            for child in self.io.files.list(&path).unwrap_or_default() {
                self.visit(test, &join(name, &child), depth + 1);
            }
        }
        if depth >= self.least && self.depth_first && !self.over {
            self.holds(test, name, &path, &metadata);
        }
    }

    fn holds(&mut self, test: &Test, name: &str, path: &str, metadata: &Metadata) -> bool {
        match test {
            Test::Name { pattern, ignore_case, whole } => {
                let trimmed = name.trim_end_matches('/');
                let text = if *whole || trimmed.is_empty() { name } else { trimmed.rsplit('/').next().unwrap_or(name) };
                if *ignore_case { glob::matches(pattern, &text.to_lowercase()) } else { glob::matches(pattern, text) }
            }
            Test::Type(letter) => mode_text(metadata).starts_with(if *letter == 'f' { '-' } else { *letter }),
            Test::Size { unit, sign, amount } => fits(*sign, metadata.size.div_ceil(*unit), *amount),
            Test::Empty => match metadata.file_type {
                FileType::Directory => self.io.files.list(path).is_ok_and(|names| names.is_empty()),
                FileType::File => metadata.size == 0,
                _ => false,
            },
            Test::Newer(than) => metadata.modified.0 > *than,
            Test::Age { unit, sign, amount } => fits(*sign, (self.io.now - metadata.modified).as_seconds() / unit, *amount),
            Test::Mode { bits, sign } => match sign {
                '-' => metadata.mode & bits == *bits,
                '/' => metadata.mode & bits != 0 || *bits == 0,
                _ => metadata.mode == *bits,
            },
            Test::Owner { uid, number } => *number == if *uid { metadata.uid } else { metadata.gid },
            Test::Print(end) => {
                self.acts.push(Act::Print(format!("{name}{end}")));
                true
            }
            Test::Format(format) => {
                let text = formatted(format, name, metadata);
                self.acts.push(Act::Print(text));
                true
            }
            Test::Exec { argv, together } => {
                if *together {
                    if self.together.is_empty() {
                        self.together.clone_from(argv);
                    }
                    self.together.push(name.to_owned());
                } else {
                    self.acts.push(Act::Run(argv.iter().map(|word| word.replace("{}", name)).collect()));
                }
                true
            }
            Test::Delete => {
                if name != "."
                    && let Err(error) = self.io.files.remove(path)
                {
                    let message = if self.io.gnu() { format!("cannot delete '{name}': {error}") } else { format!("{name}: {error}") };
                    self.acts.push(Act::Complain(message));
                    return false;
                }
                true
            }
            Test::Prune => {
                self.pruned = true;
                true
            }
            Test::Quit => {
                self.over = true;
                true
            }
            Test::Always(holds) => *holds,
            Test::Not(inner) => !self.holds(inner, name, path, metadata),
            Test::And(left, right) => self.holds(left, name, path, metadata) && self.holds(right, name, path, metadata),
            Test::Or(left, right) => self.holds(left, name, path, metadata) || self.holds(right, name, path, metadata),
        }
    }
}

/// The letters of -printf that are of use.
fn formatted(format: &str, name: &str, metadata: &Metadata) -> String {
    let mut text = String::new();
    let mut letters = format.chars();
    while let Some(c) = letters.next() {
        match (c, if matches!(c, '%' | '\\') { letters.next() } else { None }) {
            ('%', Some('p')) => text += name,
            ('%', Some('f')) => text += name.trim_end_matches('/').rsplit('/').next().unwrap_or(name),
            ('%', Some('P')) => text += name.split_once('/').map_or("", |(_, rest)| rest),
            ('%', Some('h')) => text += folder_of(name),
            ('%', Some('s')) => text += &metadata.size.to_string(),
            ('%', Some('k')) => text += &kilobytes(metadata).to_string(),
            ('%', Some('m')) => text += &format!("{:o}", metadata.mode),
            ('%', Some('M')) => text += &mode_text(metadata),
            ('%', Some('y')) => text.extend(mode_text(metadata).chars().next().map(|c| if c == '-' { 'f' } else { c })),
            ('%', Some('i')) => text += &metadata.inode.to_string(),
            ('%', Some('n')) => text += &metadata.links.to_string(),
            ('%', Some('u' | 'g')) => text += "root",
            ('%', Some('t')) => text += &date_text("%a %b %e %H:%M:%S %Y", metadata.modified),
            ('%', Some('T')) => {
                let letter = letters.next().unwrap_or('c');
                text += &if letter == '@' {
                    format!("{}.0000000000", metadata.modified.0 / 1000)
                } else {
                    date_text(&format!("%{letter}"), metadata.modified)
                };
            }
            ('%', Some(other)) => text.push(other),
            ('\\', Some('n')) => text.push('\n'),
            ('\\', Some('t')) => text.push('\t'),
            ('\\', Some('0')) => text.push('\0'),
            ('\\', Some(other)) => text.push(other),
            _ => text.push(c),
        }
    }
    text
}

fn find(io: &mut Io<'_, '_>) -> Syscall {
    if io.scratch.phase == 0 {
        io.scratch.phase = 1;
        if let Err(message) = walk(io) {
            return io.fail(&message, 1);
        }
    }
    // A word is `p` and a text, or `x` and the words of a command.
    while !io.scratch.words.is_empty() {
        let word = io.scratch.words.remove(0);
        let (kind, text) = word.split_at(1);
        match kind {
            "x" => return Syscall::Spawn { argv: text.split('\u{1}').map(str::to_owned).collect(), until: None },
            "c" => io.complain(text),
            _ => io.out(text),
        }
    }
    Syscall::Exit(io.scratch.code)
}

fn walk(io: &mut Io<'_, '_>) -> Result<(), String> {
    let mut words = io.arguments().to_vec();
    let follow = words.first().is_some_and(|word| word == "-L");
    words.drain(..words.iter().take_while(|word| matches!(word.as_str(), "-L" | "-H" | "-P")).count());
    if words.len() > WORDS_MAX {
        return Err("Argument list too long".to_owned());
    }
    let roots = words.iter().take_while(|word| !word.starts_with('-') && !matches!(word.as_str(), "!" | "(")).count();
    let expression = words.split_off(roots);
    let roots = if words.is_empty() { vec![".".to_owned()] } else { words };
    let mut reader = Reader { io, words: &expression, at: 0, least: 0, most: usize::MAX, depth_first: false, acts: false };
    let mut test = if expression.is_empty() { Test::Always(true) } else { reader.or()? };
    if reader.at < expression.len() {
        return Err(format!("unrecognized: {}", expression[reader.at]));
    }
    let (least, most, depth_first, acts) = (reader.least, reader.most, reader.depth_first, reader.acts);
    if !acts {
        test = Test::And(Box::new(test), Box::new(Test::Print("\n")));
    }
    let mut walk = Walk { io, least, most, depth_first, follow, acts: Vec::new(), together: Vec::new(), over: false, pruned: false };
    for root in &roots {
        walk.visit(&test, root, 0);
    }
    let (mut acts, together) = (walk.acts, walk.together);
    if !together.is_empty() {
        acts.push(Act::Run(together));
    }
    io.scratch.words.clear();
    for act in acts {
        match act {
            // Neighbouring texts go out as one.
            Act::Print(text) => match io.scratch.words.last_mut() {
                Some(last) if last.starts_with('p') => *last += &text,
                _ => io.scratch.words.push(format!("p{text}")),
            },
            Act::Run(argv) => io.scratch.words.push(format!("x{}", argv.join("\u{1}"))),
            Act::Complain(message) => io.scratch.words.push(format!("c{message}")),
        }
    }
    Ok(())
}
