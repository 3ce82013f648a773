//! The command line: flags as rows, positional arguments, and what pflag and cobra say of mistakes.
//!
//! Models github.com/spf13/pflag flag.go parseArgs and spf13/cobra command.go ParseFlags.

use crate::values::clock::Duration;
use crate::values::order::Order;
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
#[derive(Debug)]
pub struct Flag {
    pub long: &'static str,
    /// `'\0'`: none.
    pub short: char,
    pub kind: FlagKind,
    /// The value that holds where the flag is not given.
    pub default: &'static str,
    pub required: bool,
    pub help: &'static str,
}

impl Flag {
    pub const fn new(long: &'static str, short: char, kind: FlagKind, default: &'static str, help: &'static str) -> Flag {
        Flag { long, short, kind, default, required: false, help }
    }

    pub const fn bool(long: &'static str, help: &'static str) -> Flag {
        Flag::new(long, '\0', FlagKind::Bool, "false", help)
    }

    pub const fn text(long: &'static str, help: &'static str) -> Flag {
        Flag::new(long, '\0', FlagKind::Text, "", help)
    }

    pub const fn list(long: &'static str, help: &'static str) -> Flag {
        Flag::new(long, '\0', FlagKind::List, "", help)
    }

    pub const fn short(mut self, short: char) -> Flag {
        self.short = short;
        self
    }

    pub const fn required(mut self) -> Flag {
        self.required = true;
        self
    }

    /// Whether the next word is its value when none is joined to it.
    fn takes_next(&self) -> bool {
        !matches!(self.kind, FlagKind::Bool | FlagKind::Optional(_))
    }

    /// `-f, --filename` or `--all`: how messages name it.
    fn shown(&self) -> String {
        if self.short == '\0' { format!("--{}", self.long) } else { format!("-{}, --{}", self.short, self.long) }
    }
}

/// Groups of rows: a verb's own and the ones it shares.
pub type Flags = &'static [&'static [Flag]];

fn by_long(flags: Flags, name: &str) -> Option<&'static Flag> {
    flags.iter().flat_map(|group| group.iter()).chain(GLOBAL).find(|flag| flag.long == name)
}

fn by_short(flags: Flags, name: char) -> Option<&'static Flag> {
    flags.iter().flat_map(|group| group.iter()).chain(GLOBAL).find(|flag| flag.short == name && name != '\0')
}

/// Flags that every command has.
pub const GLOBAL: &[Flag] = &[
    Flag::text("as", "Username to impersonate for the operation. User could be a regular user or a service account in a namespace."),
    Flag::text("as-group", "Group to impersonate for the operation, this flag can be repeated to specify multiple groups."),
    Flag::text("cache-dir", "Default cache directory"),
    Flag::text("certificate-authority", "Path to a cert file for the certificate authority"),
    Flag::text("client-certificate", "Path to a client certificate file for TLS"),
    Flag::text("client-key", "Path to a client key file for TLS"),
    Flag::text("cluster", "The name of the kubeconfig cluster to use"),
    Flag::text("context", "The name of the kubeconfig context to use"),
    Flag::bool("disable-compression", "If true, opt-out of response compression for all requests to the server"),
    Flag::new("help", 'h', FlagKind::Bool, "false", "help for the command"),
    Flag::bool("insecure-skip-tls-verify", "If true, the server's certificate will not be checked for validity."),
    Flag::text("kubeconfig", "Path to the kubeconfig file to use for CLI requests."),
    Flag::bool("match-server-version", "Require server version to match client version"),
    Flag::text("namespace", "If present, the namespace scope for this CLI request").short('n'),
    Flag::text("password", "Password for basic authentication to the API server"),
    Flag::new(
        "request-timeout",
        '\0',
        FlagKind::Text,
        "0",
        "The length of time to wait before giving up on a single server request. Non-zero values should contain a corresponding time unit (e.g. 1s, 2m, 3h). A value of zero means don't timeout requests.",
    ),
    Flag::text("server", "The address and port of the Kubernetes API server").short('s'),
    Flag::text("tls-server-name", "Server name to use for server certificate validation."),
    Flag::text("token", "Bearer token for authentication to the API server"),
    Flag::text("user", "The name of the kubeconfig user to use"),
    Flag::text("username", "Username for basic authentication to the API server"),
    Flag::new("v", 'v', FlagKind::Int, "0", "number for the log level verbosity"),
    Flag::bool("warnings-as-errors", "Treat warnings received from the server as errors and exit with a non-zero exit code"),
];

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
pub fn parse(flags: Flags, words: &[String]) -> Result<Args, String> {
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

fn long_flag(flags: Flags, body: &str, rest: &mut std::slice::Iter<'_, String>, args: &mut Args) -> Result<(), String> {
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

fn short_flags(flags: Flags, body: &str, rest: &mut std::slice::Iter<'_, String>, args: &mut Args) -> Result<(), String> {
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

fn store(flag: &'static Flag, value: String, args: &mut Args) -> Result<(), String> {
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
    if flag.kind == FlagKind::List {
        all.extend(value.split(',').map(str::to_owned));
    } else {
        all.push(value);
    }
    Ok(())
}

/// The required flags that are missing: cobra's message.
pub fn missing_required(flags: Flags, args: &Args) -> Option<String> {
    let missing: Vec<String> = flags
        .iter()
        .flat_map(|group| group.iter())
        .filter(|flag| flag.required && !args.given(flag.long))
        .map(|flag| format!("{:?}", flag.long))
        .collect();
    (!missing.is_empty()).then(|| format!("required flag(s) {} not set", missing.join(", ")))
}

/// Where the words of the command itself stand: flags and their values left out, as cobra's stripFlags finds them.
pub fn command_words(words: &[String]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < words.len() {
        let word = words[index].as_str();
        if word == "--" {
            break;
        }
        let takes_next = if let Some(long) = word.strip_prefix("--") {
            !long.contains('=') && by_long(&[], long).is_some_and(Flag::takes_next)
        } else if let Some(short) = word.strip_prefix('-') {
            let mut letters = short.chars();
            letters.next().is_some_and(|letter| letters.next().is_none() && by_short(&[], letter).is_some_and(Flag::takes_next))
        } else {
            found.push(index);
            false
        };
        index += if takes_next { 2 } else { 1 };
    }
    found
}

/// The flags of a command as its help prints them.
pub fn flag_help(flags: Flags) -> String {
    let mut rows: Vec<&Flag> = flags.iter().flat_map(|group| group.iter()).collect();
    rows.order_by_key(|flag| flag.long);
    let mut text = String::new();
    for flag in rows {
        let default = match flag.kind {
            FlagKind::Text | FlagKind::Optional(_) => format!("'{}'", flag.default),
            FlagKind::List | FlagKind::Array => "[]".to_owned(),
            _ => flag.default.to_owned(),
        };
        text.push_str(&format!("    {}={default}:\n\t{}\n\n", flag.shown(), flag.help));
    }
    text
}

/// Every flag that a command understands, for Tab.
pub fn flag_names(flags: Flags) -> Vec<String> {
    let mut names: Vec<String> = flags.iter().flat_map(|group| group.iter()).chain(GLOBAL).map(|flag| format!("--{}", flag.long)).collect();
    names.order();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: Flags = &[&[
        Flag::new("output", 'o', FlagKind::Text, "", ""),
        Flag::new("dry-run", '\0', FlagKind::Optional("unchanged"), "none", ""),
        Flag::new("filename", 'f', FlagKind::List, "", ""),
        Flag::bool("watch", "").short('w'),
        Flag::new("replicas", '\0', FlagKind::Int, "0", ""),
    ]];

    fn check(line: &str, expect: &str) {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let got = match parse(FLAGS, &words) {
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
