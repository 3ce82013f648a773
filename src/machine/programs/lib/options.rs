//! Options of programs as getopt(3) reads them, and the words for what is wrong with them.

use crate::machine::programs::lib::io::{Io, Syscall};

/// What a command line asks for.
#[derive(Debug, Default, PartialEq)]
pub struct Options {
    /// In the order given, with the argument where the option takes one.
    pub flags: Vec<(char, String)>,
    pub operands: Vec<String>,
}

impl Options {
    pub fn has(&self, flag: char) -> bool {
        self.flags.iter().any(|(given, _)| *given == flag)
    }

    /// The argument of an option; the last one wins.
    pub fn value(&self, flag: char) -> Option<&str> {
        self.flags.iter().rev().find(|(given, _)| *given == flag).map(|(_, value)| value.as_str())
    }

    pub fn values(&self, flag: char) -> Vec<String> {
        self.flags.iter().filter(|(given, _)| *given == flag).map(|(_, value)| value.clone()).collect()
    }

    /// Which of several options was given last.
    pub fn last_of(&self, flags: &str) -> Option<char> {
        self.flags.iter().rev().map(|(given, _)| *given).find(|given| flags.contains(*given))
    }
}

/// Reads a command line. `letters` is getopt's: `n:` takes an argument, a leading `+` stops at the first operand.
/// `long` gives the letters that long options stand for.
/// # Errors
/// The complaint in glibc's words.
pub fn parse(arguments: &[String], letters: &str, long: &[(&str, char)]) -> Result<Options, String> {
    let mut options = Options::default();
    let takes = |flag: char| letters.split(flag).nth(1).is_some_and(|rest| rest.starts_with(':'));
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            options.operands.extend(words.cloned());
            break;
        }
        if let Some(name) = word.strip_prefix("--") {
            let (name, value) = name.split_once('=').map_or((name, None), |(name, value)| (name, Some(value.to_owned())));
            let mut fitting = long.iter().filter(|(known, _)| known.starts_with(name));
            let found = long.iter().find(|(known, _)| *known == name).or_else(|| fitting.next());
            let Some((_, flag)) = found else { return Err(format!("unrecognized option '--{name}'")) };
            let value = match value {
                None if takes(*flag) => words.next().cloned().ok_or_else(|| format!("option '--{name}' requires an argument"))?,
                value => value.unwrap_or_default(),
            };
            options.flags.push((*flag, value));
            continue;
        }
        if word.len() < 2 || !word.starts_with('-') {
            options.operands.push(word.clone());
            if letters.starts_with('+') {
                options.operands.extend(words.cloned());
                break;
            }
            continue;
        }
        let mut rest = &word[1..];
        while let Some(flag) = rest.chars().next() {
            rest = &rest[flag.len_utf8()..];
            if flag == ':' || flag == '+' || !letters.contains(flag) {
                return Err(format!("invalid option -- '{flag}'"));
            }
            if takes(flag) {
                let value = if rest.is_empty() { words.next().cloned() } else { Some(rest.to_owned()) };
                options.flags.push((flag, value.ok_or_else(|| format!("option requires an argument -- '{flag}'"))?));
                break;
            }
            options.flags.push((flag, String::new()));
        }
    }
    Ok(options)
}

impl Io<'_, '_> {
    /// The command line's options; on a wrong one the complaint is printed and the program is over.
    /// # Errors
    /// The step that ends the program.
    pub fn options(&mut self, letters: &str, long: &[(&str, char)]) -> Result<Options, Syscall> {
        let arguments = self.arguments().to_vec();
        if arguments.iter().any(|word| word == "--help") && !long.iter().any(|(name, _)| *name == "help") {
            self.usage(None);
            return Err(Syscall::Exit(0));
        }
        parse(&arguments, letters, long).map_err(|message| {
            self.usage(Some(&message));
            Syscall::Exit(if self.name() == "grep" || self.name() == "sort" || self.name() == "diff" { 2 } else { 1 })
        })
    }

    /// Prints a complaint and the program's usage to standard error.
    pub fn usage(&mut self, message: Option<&str>) {
        let name = self.name().to_owned();
        let mut text = message.map(|message| format!("{name}: {message}\n")).unwrap_or_default();
        if self.gnu() {
            text += &format!("Try '{name} --help' for more information.\n");
        } else {
            let usage = self.programs.by_name(&name).map_or("", |program| program.usage);
            text += &format!("BusyBox v1.35.0 (Debian 1:1.35.0-4+b7) multi-call binary.\n\nUsage: {name} {usage}\n");
        }
        self.err(&text);
    }

    /// Says that there is nothing to work on, and ends.
    pub fn missing_operand(&mut self) -> Syscall {
        if self.gnu() { self.wrong_usage(Some("missing operand")) } else { self.wrong_usage(None) }
    }

    /// Prints a complaint about the command line, and ends.
    pub fn wrong_usage(&mut self, message: Option<&str>) -> Syscall {
        self.usage(message);
        Syscall::Exit(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_as_getopt_does() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let read = parse(&words("-la x -n3 --lines=4 -- -z"), "lan:", &[("lines", 'n')]).unwrap();
        assert_eq!((read.has('l'), read.value('n'), &read.operands), (true, Some("4"), &words("x -z")));
        assert_eq!(parse(&words("-q"), "l", &[]), Err("invalid option -- 'q'".into()));
        assert_eq!(parse(&words("-n"), "n:", &[]), Err("option requires an argument -- 'n'".into()));
        assert_eq!(parse(&words("a -l"), "+l", &[]).unwrap().operands, words("a -l"));
    }
}
