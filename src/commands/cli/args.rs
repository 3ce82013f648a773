//! The command line: flags as rows, positional arguments, and what pflag and cobra say of mistakes.
//!
//! Models github.com/spf13/pflag flag.go parseArgs and spf13/cobra command.go ParseFlags.

use crate::values::clock::Duration;
use std::collections::BTreeMap;

/// What a flag holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlagKind {
    Bool,
    Text,
    /// A text whose value may be left out; then it is this one (NoOptDefVal).
    Optional(&'static str),
    Int,
    Duration,
    /// May be given several times; each value is split at commas.
    List,
    /// May be given several times; values are taken whole.
    Array,
}

/// One flag of a command.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    pub long: &'static str,
    /// `'\0'`: none.
    pub short: char,
    pub kind: FlagKind,
    pub required: bool,
}

/// Reads flags as rows write them, with blanks between: a flag is its name, `/x` where it has a letter, then its kind and default: `?true`
/// bool, `=x` text, `~a=b` text that stands for `a` without a value, `#1` int, `%1s` duration, `[]` list, `[*]` array; `!` ends one that is
/// required.
pub fn read_flags(text: &'static str) -> Vec<Flag> {
    text.split(' ').filter(|flag| !flag.is_empty()).map(parse_flag).collect()
}

fn parse_flag(text: &'static str) -> Flag {
    let (text, required) = text.strip_suffix('!').map_or((text, false), |text| (text, true));
    let at = text.find(['?', '=', '~', '#', '%', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(at);
    let kind = match rest.as_bytes().first() {
        Some(b'?') => FlagKind::Bool,
        Some(b'#') => FlagKind::Int,
        Some(b'%') => FlagKind::Duration,
        Some(b'~') => FlagKind::Optional(rest[1..].split('=').next().unwrap_or("")),
        Some(b'[') if rest == "[*]" => FlagKind::Array,
        Some(b'[') => FlagKind::List,
        _ => FlagKind::Text,
    };
    let (long, short) = name.split_once('/').unwrap_or((name, ""));
    Flag { long, short: short.chars().next().unwrap_or('\0'), kind, required }
}

impl Flag {
    /// Whether the next word is its value when none is joined to it.
    fn takes_next(&self) -> bool {
        !matches!(self.kind, FlagKind::Bool | FlagKind::Optional(_))
    }

    /// `-f, --filename` or `--all`: how messages name it.
    fn shown(&self) -> String {
        if self.short == '\0' { format!("--{}", self.long) } else { format!("-{}, --{}", self.short, self.long) }
    }
}

fn by_long(flags: &[Flag], name: &str) -> Option<Flag> {
    flags.iter().find(|flag| flag.long == name).copied()
}

fn by_short(flags: &[Flag], name: char) -> Option<Flag> {
    flags.iter().find(|flag| flag.short == name && name != '\0').copied()
}

/// A parsed command line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Args {
    /// What is no flag, in order, without the verb.
    pub positional: Vec<String>,
    /// How many of them stand before `--`, where there is one.
    pub at_dash: Option<usize>,
    values: BTreeMap<&'static str, Vec<String>>,
}

impl Args {
    /// Whether the flag was given.
    pub fn given(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The last value given.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).and_then(|all| all.last()).map(String::as_str)
    }

    /// The last value given, or empty.
    pub fn text(&self, name: &str) -> &str {
        self.value(name).unwrap_or("")
    }

    /// Takes a flag's value away, so that what else reads it finds none.
    pub fn take(&mut self, name: &str) -> Option<String> {
        self.values.remove(name).and_then(|all| all.last().cloned())
    }

    /// Every value given, in order.
    pub fn values(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// Whether a boolean flag is on.
    pub fn on(&self, name: &str) -> bool {
        self.value(name).is_some_and(is_true)
    }

    pub fn int(&self, name: &str) -> Option<i64> {
        self.value(name).and_then(|text| text.parse().ok())
    }

    /// A Go duration; a bare number is seconds.
    pub fn duration(&self, name: &str) -> Option<Duration> {
        self.value(name).and_then(parse_duration)
    }
}

fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

fn is_bool(text: &str) -> bool {
    is_true(text) || matches!(text, "0" | "f" | "F" | "false" | "FALSE" | "False")
}

/// Reads `90`, `90s`, `1m30s`, `0.5h`, `250ms`; negative ones are zero. `None` where it is something else.
pub fn parse_duration(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(Duration::seconds(seconds.max(0).unsigned_abs()));
    }
    let (negative, mut rest) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    if rest.is_empty() {
        return None;
    }
    let mut millis = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        millis += number
            * match &rest[..unit] {
                "ns" => 1e-6,
                "us" | "µs" => 1e-3,
                "ms" => 1.0,
                "s" => 1e3,
                "m" => 6e4,
                "h" => 3.6e6,
                _ => return None,
            };
        rest = &rest[unit..];
    }
    Some(if negative { Duration::ZERO } else { Duration::millis(millis as u64) })
}

/// Splits words into flags and positional arguments.
/// # Errors
/// pflag's message.
pub fn parse(flags: &[Flag], words: &[String]) -> Result<Args, String> {
    let mut args = Args::default();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if word == "--" {
            args.at_dash = Some(args.positional.len());
            args.positional.extend(rest.cloned());
            break;
        } else if let Some(body) = word.strip_prefix("--") {
            long_flag(flags, body, &mut rest, &mut args)?;
        } else if word.len() > 1 && word.starts_with('-') {
            short_flags(flags, &word[1..], &mut rest, &mut args)?;
        } else {
            args.positional.push(word.clone());
        }
    }
    Ok(args)
}

fn long_flag(flags: &[Flag], body: &str, rest: &mut std::slice::Iter<'_, String>, args: &mut Args) -> Result<(), String> {
    let (name, joined) = body.split_once('=').map_or((body, None), |(name, value)| (name, Some(value)));
    if name.is_empty() || name.starts_with('-') {
        return Err(format!("bad flag syntax: --{body}"));
    }
    let flag = by_long(flags, name).ok_or_else(|| format!("unknown flag: --{name}"))?;
    let value = match (joined, flag.kind) {
        (Some(value), _) => value.to_owned(),
        (None, FlagKind::Bool) => "true".to_owned(),
        (None, FlagKind::Optional(value)) => value.to_owned(),
        (None, _) => rest.next().ok_or_else(|| format!("flag needs an argument: --{name}"))?.clone(),
    };
    store(flag, value, args)
}

fn short_flags(flags: &[Flag], body: &str, rest: &mut std::slice::Iter<'_, String>, args: &mut Args) -> Result<(), String> {
    let mut here = body;
    while let Some(letter) = here.chars().next() {
        let after = &here[letter.len_utf8()..];
        let flag = by_short(flags, letter).ok_or_else(|| format!("unknown shorthand flag: '{letter}' in -{here}"))?;
        if let Some(value) = after.strip_prefix('=') {
            return store(flag, value.to_owned(), args);
        }
        match flag.kind {
            FlagKind::Bool => store(flag, "true".to_owned(), args)?,
            FlagKind::Optional(value) => store(flag, value.to_owned(), args)?,
            _ if !after.is_empty() => return store(flag, after.to_owned(), args),
            _ => {
                let value = rest.next().ok_or_else(|| format!("flag needs an argument: '{letter}' in -{here}"))?;
                return store(flag, value.clone(), args);
            }
        }
        here = after;
    }
    Ok(())
}

fn store(flag: Flag, value: String, args: &mut Args) -> Result<(), String> {
    let wrong = |why: String| Err(format!("invalid argument {value:?} for {:?} flag: {why}", flag.shown()));
    match flag.kind {
        FlagKind::Bool if !is_bool(&value) => return wrong(format!("strconv.ParseBool: parsing {value:?}: invalid syntax")),
        FlagKind::Int if value.parse::<i64>().is_err() => return wrong(format!("strconv.ParseInt: parsing {value:?}: invalid syntax")),
        FlagKind::Duration if value != "0" && (value.parse::<i64>().is_ok() || parse_duration(&value).is_none()) => {
            let missing = value.parse::<i64>().is_ok();
            return wrong(format!("time: {} {value:?}", if missing { "missing unit in duration" } else { "invalid duration" }));
        }
        _ => {}
    }
    let all = args.values.entry(flag.long).or_default();
    if flag.kind == FlagKind::List && value.is_empty() {
        // An empty list, though the flag was given.
    } else if flag.kind == FlagKind::List {
        all.extend(value.split(',').map(str::to_owned));
    } else {
        all.push(value);
    }
    Ok(())
}

/// The required flags that are missing: cobra's message.
pub fn missing_required(flags: &[Flag], args: &Args) -> Option<String> {
    let missing: Vec<String> = flags.iter().filter(|flag| flag.required && !args.given(flag.long)).map(|flag| format!("{:?}", flag.long)).collect();
    (!missing.is_empty()).then(|| format!("required flag(s) {} not set", missing.join(", ")))
}

/// Where the words of the command itself stand: flags that all commands have and their values left out, as cobra's stripFlags finds them.
pub fn command_words(global: &[Flag], words: &[String]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < words.len() {
        let word = words[index].as_str();
        if word == "--" {
            break;
        }
        let takes_next = if let Some(long) = word.strip_prefix("--") {
            !long.contains('=') && by_long(global, long).is_some_and(|flag| flag.takes_next())
        } else if let Some(short) = word.strip_prefix('-') {
            let mut letters = short.chars();
            letters.next().is_some_and(|letter| letters.next().is_none() && by_short(global, letter).is_some_and(|flag| flag.takes_next()))
        } else {
            found.push(index);
            false
        };
        index += if takes_next { 2 } else { 1 };
    }
    found
}

/// Every flag that a command understands, for Tab.
pub fn flag_names(flags: &[Flag]) -> Vec<String> {
    let mut names: Vec<String> = flags.iter().map(|flag| format!("--{}", flag.long)).collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: &str) {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let flags = read_flags("output/o= dry-run~unchanged=none filename/f[] watch/w? replicas#0 namespace/n=");
        let got = match parse(&flags, &words) {
            Ok(args) => format!("{:?} {:?} {:?}", args.positional, args.at_dash, args.values),
            Err(message) => message,
        };
        assert_eq!(got, expect, "{line}");
    }

    #[test]
    fn words_become_flags() {
        check("pods -oyaml -w x", r#"["pods", "x"] None {"output": ["yaml"], "watch": ["true"]}"#);
        check("-f a,b -f c --dry-run x -- -w", r#"["x", "-w"] Some(1) {"dry-run": ["unchanged"], "filename": ["a", "b", "c"]}"#);
        check("--namspace=x", "unknown flag: --namspace");
        check("-n", "flag needs an argument: 'n' in -n");
        check("-wz", "unknown shorthand flag: 'z' in -z");
        check("--replicas=x", r#"invalid argument "x" for "--replicas" flag: strconv.ParseInt: parsing "x": invalid syntax"#);
    }

    #[test]
    fn durations_are_go_durations() {
        assert_eq!(parse_duration("1m30s"), Some(Duration::seconds(90)));
        assert_eq!(parse_duration("250ms"), Some(Duration::millis(250)));
        assert_eq!(parse_duration("x"), None);
    }
}
