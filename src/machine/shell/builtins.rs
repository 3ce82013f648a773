//! Table BUILTINS: what a shell does itself. Knows no kubectl.

use super::arrays::Subscript;
use super::interpreter::{Shell, Turning};
use super::jobs;
use super::syntax::is_name;
use crate::machine::kernel::task::TaskState;
use crate::machine::kernel::{Dialect, Form, Signal};
use crate::machine::programs::PROGRAMS;
use crate::machine::programs::lib::modes::new_mode;
use crate::machine::programs::lib::printf::{echo_text, printf_text};
use crate::machine::programs::lib::table::folder_of_programs;
use crate::machine::programs::lib::test::test_expression;
use crate::machine::vfs::{self, FileType};

/// A command of the shell itself.
pub struct Builtin {
    pub name: &'static str,
    pub(super) run: fn(&mut Turning<'_, '_, '_>, &mut Shell, &[String]) -> Outcome,
}

/// What a builtin came to.
pub(super) enum Outcome {
    Done(i32),
    /// Ask again; `input` where it waits for a line.
    Block {
        input: bool,
    },
    /// Done, and the redirections stay (`exec >file`).
    Kept(i32),
    /// Go on with this text.
    Text {
        text: String,
        sourced: bool,
    },
    Exit(i32),
    Return(i32),
    Loop {
        levels: usize,
        again: bool,
        code: i32,
    },
    Run(Vec<String>),
    Exec(Vec<String>),
}

const fn row(name: &'static str, run: fn(&mut Turning<'_, '_, '_>, &mut Shell, &[String]) -> Outcome) -> Builtin {
    Builtin { name, run }
}

/// Every builtin, sorted by name.
pub const BUILTINS: &[Builtin] = &[
    row(".", source),
    row(":", |_, _, _| Outcome::Done(0)),
    row("[", test),
    row("alias", alias),
    row("bg", jobs::bg),
    row("break", leave_loop),
    row("cd", cd),
    row("command", command),
    row("continue", leave_loop),
    row("declare", local),
    row("echo", |turning, _, argv| {
        let bash = turning.dialect() == Dialect::Bash;
        let text = echo_text(&argv[1..], bash);
        turning.out(&text);
        Outcome::Done(0)
    }),
    row("eval", |_, _, argv| Outcome::Text { text: argv[1..].join(" "), sourced: false }),
    row("exec", |_, _, argv| if argv.len() > 1 { Outcome::Exec(argv[1..].to_vec()) } else { Outcome::Kept(0) }),
    row("exit", |turning, shell, argv| {
        // An interactive bash says so.
        if turning.kernel.terminal && shell.is_interactive() && shell.variables.name.ends_with("bash") {
            turning.kernel.write(turning.task, 2, b"exit\n", &mut turning.system.files);
        }
        Outcome::Exit(argv.get(1).and_then(|code| code.parse::<i32>().ok()).map_or(shell.variables.last_code, |code| code & 0xff))
    }),
    row("export", export),
    row("false", |_, _, _| Outcome::Done(1)),
    row("fg", jobs::fg),
    row("getopts", getopts),
    row("hash", |_, _, _| Outcome::Done(0)),
    row("jobs", jobs::jobs),
    row("kill", kill),
    row("let", |turning, shell, argv| {
        let mut value = 0;
        for text in &argv[1..] {
            match super::arithmetic::evaluate(text, &mut shell.variables) {
                Ok(result) => value = result,
                Err(fault) => {
                    let dialect = turning.dialect();
                    turning.builtin_error("let", &fault.words(dialect));
                    return Outcome::Done(if dialect == Dialect::Bash { 1 } else { 2 });
                }
            }
        }
        Outcome::Done(i32::from(value == 0))
    }),
    row("local", local),
    row("mapfile", mapfile),
    row("printf", printf),
    row("pwd", |turning, _, _| {
        let text = format!("{}\n", folder(turning));
        turning.out(&text);
        Outcome::Done(0)
    }),
    row("read", read),
    row("readarray", mapfile),
    row("readonly", |_, shell, argv| {
        for word in &argv[1..] {
            let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
            if let Some(value) = value {
                shell.variables.set(name, value);
            }
            shell.variables.all.entry(name.to_owned()).or_default().read_only = true;
        }
        Outcome::Done(0)
    }),
    row("return", |_, shell, argv| Outcome::Return(argv.get(1).and_then(|code| code.parse::<i32>().ok()).unwrap_or(shell.variables.last_code))),
    row("set", set),
    row("shift", |_, shell, argv| {
        let by: usize = argv.get(1).and_then(|by| by.parse().ok()).unwrap_or(1);
        if by > shell.variables.positional.len() {
            return Outcome::Done(1);
        }
        shell.variables.positional.drain(..by);
        Outcome::Done(0)
    }),
    row("shopt", |_, shell, argv| {
        // What patterns do where no file fits is the one option that shows.
        if argv.iter().any(|word| word == "nullglob") {
            shell.variables.nullglob = argv.iter().any(|word| word == "-s");
        }
        Outcome::Done(0)
    }),
    row("source", source),
    row("test", test),
    row("times", |turning, _, _| {
        turning.out("0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n");
        Outcome::Done(0)
    }),
    row("trap", trap),
    row("true", |_, _, _| Outcome::Done(0)),
    row("type", kind_of_command),
    row("typeset", local),
    row("ulimit", |turning, _, _| {
        turning.out("unlimited\n");
        Outcome::Done(0)
    }),
    row("umask", umask),
    row("unalias", |_, shell, argv| {
        argv[1..].iter().for_each(|name| drop(shell.aliases.remove(name)));
        Outcome::Done(0)
    }),
    row("unset", |_, shell, argv| {
        for name in argv[1..].iter().filter(|name| !name.starts_with('-')) {
            if let Some((array, index)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) {
                let at = match index.parse() {
                    Ok(number) if !shell.variables.is_keyed(array) => shell.variables.place(array, number),
                    _ => Subscript::Key(index.to_owned()),
                };
                shell.variables.unset_entry(array, &at);
            } else if shell.variables.all.remove(name).is_none() {
                shell.functions.remove(name);
            }
        }
        Outcome::Done(0)
    }),
    row("wait", wait),
];

/// What only bash has.
const OF_BASH: &[&str] = &["declare", "mapfile", "readarray", "shopt", "typeset"];

/// The builtin of a name.
pub fn find(name: &str, dialect: Dialect) -> Option<&'static Builtin> {
    let found = BUILTINS.binary_search_by(|builtin| builtin.name.cmp(name)).ok().map(|index| &BUILTINS[index]);
    found.filter(|builtin| dialect == Dialect::Bash || !OF_BASH.contains(&builtin.name))
}

fn folder(turning: &Turning<'_, '_, '_>) -> String {
    turning.kernel.tasks.get(&turning.task).map_or_else(|| "/".to_owned(), |task| task.working_directory.clone())
}

/// The letters of a mode for `umask -S`.
fn letters(mode: u32) -> String {
    let one = |who: &str, shift: u32| {
        let bits = mode >> shift;
        let set = [(4, 'r'), (2, 'w'), (1, 'x')].iter().filter(|(bit, _)| bits & bit != 0).map(|(_, letter)| *letter).collect::<String>();
        format!("{who}={set}")
    };
    [one("u", 6), one("g", 3), one("o", 0)].join(",")
}

fn umask(turning: &mut Turning<'_, '_, '_>, _: &mut Shell, argv: &[String]) -> Outcome {
    let now = turning.system.files.umask;
    let word = argv[1..].iter().find(|word| *word != "-S" && *word != "-p");
    let Some(word) = word else {
        let text = if argv.iter().any(|word| word == "-S") { letters(0o777 & !now) } else { format!("{now:04o}") };
        turning.out(&format!("{text}\n"));
        return Outcome::Done(0);
    };
    // Letters say what is allowed, digits what is not.
    let wanted = if word.starts_with(|c: char| c.is_ascii_digit()) {
        u32::from_str_radix(word, 8).ok().filter(|mask| *mask <= 0o777)
    } else {
        new_mode(word, 0o777 & !now, false).map(|mode| 0o777 & !mode)
    };
    match wanted {
        Some(mask) => {
            if let Some(task) = turning.kernel.tasks.get_mut(&turning.task) {
                task.umask = mask;
            }
            turning.system.files.umask = mask;
            Outcome::Done(0)
        }
        None => {
            let first = word.chars().next().unwrap_or(' ');
            match turning.dialect() {
                Dialect::Bash if first.is_ascii_digit() => turning.error(&format!("umask: {word}: octal number out of range")),
                Dialect::Bash => turning.error(&format!("umask: `{first}': invalid symbolic mode operator")),
                _ => turning.builtin_error("umask", &format!("illegal mode: {word}")),
            }
            Outcome::Done(if turning.dialect() == Dialect::Bash { 1 } else { 2 })
        }
    }
}

/// `break` and `continue`.
fn leave_loop(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    let (name, again) = (&argv[0], argv[0] == "continue");
    let bash = turning.dialect() == Dialect::Bash;
    if bash && !shell.is_in_loop() {
        turning.error(&format!("{name}: only meaningful in a `for', `while', or `until' loop"));
        return Outcome::Done(0);
    }
    let Some(word) = argv.get(1) else { return Outcome::Loop { levels: 1, again, code: 0 } };
    let levels = word.parse::<i64>().map(|levels| usize::try_from(levels).unwrap_or(0));
    match levels {
        Ok(1..) if bash && argv.len() > 2 => {
            turning.error(&format!("{name}: too many arguments"));
            if shell.is_interactive() { Outcome::Loop { levels: usize::MAX, again: false, code: 1 } } else { Outcome::Exit(1) }
        }
        Ok(levels @ 1..) => Outcome::Loop { levels, again, code: 0 },
        Ok(0) if bash => {
            turning.error(&format!("{name}: {word}: loop count out of range"));
            Outcome::Loop { levels: usize::MAX, again: false, code: 1 }
        }
        Err(_) if bash => {
            turning.error(&format!("{name}: {word}: numeric argument required"));
            if shell.is_interactive() { Outcome::Loop { levels: usize::MAX, again: false, code: 128 } } else { Outcome::Exit(128) }
        }
        _ => {
            turning.builtin_error(name, &format!("Illegal number: {word}"));
            shell.special_failed(2)
        }
    }
}

fn alias(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    let head = if turning.dialect() == Dialect::Bash { "alias " } else { "" };
    if argv.len() == 1 {
        let text: String = shell.aliases.iter().map(|(name, value)| format!("{head}{name}='{value}'\n")).collect();
        turning.out(&text);
    }
    for word in &argv[1..] {
        match word.split_once('=') {
            Some((name, value)) => drop(shell.aliases.insert(name.to_owned(), value.to_owned())),
            None => match shell.aliases.get(word) {
                Some(value) => turning.out(&format!("{head}{word}='{value}'\n")),
                None => {
                    // ash forgets to say which shell it is.
                    match turning.dialect() {
                        Dialect::Bash => turning.error(&format!("alias: {word}: not found")),
                        _ => turning.complain(&format!("alias: {word} not found\n")),
                    }
                    return Outcome::Done(1);
                }
            },
        }
    }
    Outcome::Done(0)
}

fn cd(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    let old = folder(turning);
    let target = match argv.get(1).map(String::as_str) {
        None | Some("~") => shell.variables.get("HOME").unwrap_or("/").to_owned(),
        Some("-") => shell.variables.get("OLDPWD").unwrap_or("/").to_owned(),
        Some(path) => path.to_owned(),
    };
    let path = vfs::normal(&vfs::absolute(&old, &target));
    let files = &turning.system.files;
    match files.stat(&path).and_then(|found| files.may_search(&path).map(|()| found)) {
        Ok(found) if found.file_type == FileType::Directory => {
            if let Some(task) = turning.kernel.tasks.get_mut(&turning.task) {
                task.working_directory = path.clone();
            }
            shell.variables.set("OLDPWD", &old);
            shell.variables.set("PWD", &path);
            if argv.get(1).is_some_and(|word| word == "-") {
                turning.out(&format!("{path}\n"));
            }
            Outcome::Done(0)
        }
        found => {
            let why = match found {
                Ok(_) => vfs::Errno::NotDirectory,
                Err(error) => error,
            };
            let bash = turning.dialect() == Dialect::Bash;
            match turning.dialect() {
                Dialect::Bash => turning.error(&format!("cd: {target}: {why}")),
                // dash does not say why.
                Dialect::Dash => turning.error(&format!("cd: can't cd to {target}")),
                Dialect::BusyboxAsh => turning.builtin_error("cd", &format!("can't cd to {target}: {why}")),
            }
            Outcome::Done(if bash { 1 } else { 2 })
        }
    }
}

fn command(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    match argv.get(1).map(String::as_str) {
        None => Outcome::Done(0),
        Some("-v" | "-V") => {
            let mut code = 0;
            for name in &argv[2..] {
                match place_of(turning, shell, name) {
                    Some(place) => turning.out(&format!("{place}\n")),
                    None => code = if turning.dialect() == Dialect::Bash { 1 } else { 127 },
                }
            }
            Outcome::Done(code)
        }
        Some(name) => match find(name, turning.dialect()) {
            Some(builtin) => (builtin.run)(turning, shell, &argv[1..]),
            None => Outcome::Run(argv[1..].to_vec()),
        },
    }
}

/// What `command -v` prints of a name.
fn place_of(turning: &Turning<'_, '_, '_>, shell: &Shell, name: &str) -> Option<String> {
    let profile = turning.kernel.profile;
    if shell.functions.contains_key(name) || find(name, profile.dialect).is_some() {
        Some(name.to_owned())
    } else if let Some(text) = shell.aliases.get(name) {
        Some(format!("alias {name}='{text}'"))
    } else if profile.calls.contains(&name) {
        Some(format!("/usr/local/bin/{name}"))
    } else if profile.form == Some(Form::Busybox) && PROGRAMS.has(&profile, name) {
        // What ash has within itself it names as it was asked.
        Some(name.to_owned())
    } else if PROGRAMS.has(&profile, name) {
        Some(if name.starts_with('/') { name.to_owned() } else { format!("{}{name}", folder_of_programs(&profile)) })
    } else {
        None
    }
}

/// What `type` calls a keyword.
const KEYWORDS: &[&str] =
    &["!", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "then", "until", "while", "{", "}"];

fn kind_of_command(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    let mut code = 0;
    for name in &argv[1..] {
        let text = if KEYWORDS.contains(&name.as_str()) {
            format!("{name} is a shell keyword\n")
        } else if shell.functions.contains_key(name) {
            format!("{name} is a function\n")
        } else if find(name, turning.dialect()).is_some() {
            format!("{name} is a shell builtin\n")
        } else if let Some(place) = place_of(turning, shell, name) {
            format!("{name} is {place}\n")
        } else {
            if turning.dialect() == Dialect::Bash {
                code = 1;
                turning.error(&format!("type: {name}: not found"));
            } else {
                code = 127;
                turning.out(&format!("{name}: not found\n"));
            }
            continue;
        };
        turning.out(&text);
    }
    Outcome::Done(code)
}

fn export(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    if argv.len() == 1 || argv[1] == "-p" {
        let bash = turning.dialect() == Dialect::Bash;
        let (word, quote) = if bash { ("declare -x", '"') } else { ("export", '\'') };
        let text: String = shell.variables.exported().iter().map(|(name, value)| format!("{word} {name}={quote}{value}{quote}\n")).collect();
        turning.out(&text);
        return Outcome::Done(0);
    }
    for word in argv[1..].iter().filter(|word| !word.starts_with('-')) {
        let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
        if !is_name(name) {
            turning.error(&format!("export: `{word}': not a valid identifier"));
            return Outcome::Done(1);
        }
        if let Some(value) = value {
            shell.variables.set(name, value);
        }
        shell.variables.export(name);
    }
    Outcome::Done(0)
}

fn local(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    if argv[0] == "local" && !shell.is_in_function() {
        let bash = turning.dialect() == Dialect::Bash;
        if bash {
            turning.error("local: can only be used in a function");
            return Outcome::Done(1);
        }
        turning.builtin_error("local", "not in a function");
        return shell.special_failed(2);
    }
    for word in argv[1..].iter().filter(|word| !word.starts_with('-')) {
        let (name, value) = word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
        let is_array = shell.variables.array(name).is_some();
        if !is_array {
            shell.make_local(name);
        }
        let flag = |letter: char| argv[1..].iter().any(|word| word.starts_with('-') && word.contains(letter));
        match value {
            Some(value) => drop(shell.variables.set(name, value)),
            // An array behind `declare` was made with its values already.
            None if flag('A') || flag('a') || is_array => shell.variables.make_array(name, flag('A')),
            None => drop(shell.variables.set(name, "")),
        }
        if flag('x') {
            shell.variables.export(name);
        }
        if flag('r') {
            shell.variables.all.entry(name.to_owned()).or_default().read_only = true;
        }
    }
    Outcome::Done(0)
}

/// The lines of standard input as an array; `-t` leaves their ends out.
fn mapfile(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    let strip = argv[1..].iter().any(|word| word == "-t");
    let name = argv[1..].iter().find(|word| !word.starts_with('-')).map_or("MAPFILE", String::as_str);
    loop {
        let Some(line) = turning.read_line(0) else { return Outcome::Block { input: true } };
        if line.is_empty() {
            break;
        }
        let text = if strip { line.trim_end_matches('\n') } else { &line };
        // Lines that came before standard input had to be waited for are kept aside.
        shell.variables.set_values(LINES_SO_FAR, vec![(None, text.to_owned())], true, false);
        if !line.ends_with('\n') {
            break;
        }
    }
    let lines = shell.variables.entries(LINES_SO_FAR).into_iter().map(|(_, line)| (None, line)).collect();
    shell.variables.all.remove(LINES_SO_FAR);
    shell.variables.set_values(name, lines, false, false);
    Outcome::Done(0)
}

/// Where `mapfile` keeps what it read until standard input ends; no script can name it.
const LINES_SO_FAR: &str = " mapfile";

fn source(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    let Some(file) = argv.get(1) else {
        turning.error("source: filename argument required");
        return Outcome::Done(2);
    };
    let path = vfs::absolute(&folder(turning), file);
    match turning.system.files.read(&path) {
        Ok(bytes) => Outcome::Text { text: String::from_utf8_lossy(&bytes).into_owned(), sourced: true },
        Err(error) => {
            if turning.dialect() == Dialect::Bash {
                turning.error(&format!("{file}: {error}"));
                return Outcome::Done(1);
            }
            // A name without a slash is looked for where the programs are.
            let why = if file.contains('/') { format!("can't open '{file}': {error}") } else { format!("{file}: not found") };
            turning.builtin_error(&argv[0], &why);
            shell.special_failed(2)
        }
    }
}

fn trap(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    match argv {
        [_] => {
            let text: String = shell.traps.iter().map(|(signal, text)| format!("trap -- '{text}' {signal}\n")).collect();
            turning.out(&text);
        }
        [_, action, signals @ ..] => {
            for signal in signals {
                let name = match signal.strip_prefix("SIG").unwrap_or(signal) {
                    "0" | "EXIT" => "EXIT",
                    "15" | "TERM" => "TERM",
                    "2" | "INT" => "INT",
                    other => other,
                };
                if action == "-" { drop(shell.traps.remove(name)) } else { drop(shell.traps.insert(name.to_owned(), action.clone())) }
            }
        }
        [] => {}
    }
    Outcome::Done(0)
}

fn set(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    if argv.len() == 1 {
        let text: String = shell.variables.all.iter().map(|(name, variable)| format!("{name}='{}'\n", variable.value)).collect();
        turning.out(&text);
        return Outcome::Done(0);
    }
    let mut rest = argv[1..].iter();
    while let Some(word) = rest.next() {
        if word == "--" {
            shell.variables.positional = rest.cloned().collect();
            break;
        }
        let on = word.starts_with('-');
        if !on && !word.starts_with('+') {
            shell.variables.positional = std::iter::once(word).chain(rest).cloned().collect();
            break;
        }
        for flag in word.chars().skip(1) {
            match flag {
                'e' => shell.errexit = on,
                'u' => shell.variables.nounset = on,
                'x' => shell.xtrace = on,
                'C' => shell.noclobber = on,
                'o' => match rest.next().map(String::as_str) {
                    Some("noclobber") => shell.noclobber = on,
                    Some("pipefail") => shell.pipefail = on,
                    Some("errexit") => shell.errexit = on,
                    Some("nounset") => shell.variables.nounset = on,
                    Some("xtrace") => shell.xtrace = on,
                    _ => {}
                },
                _ => {}
            }
        }
    }
    Outcome::Done(0)
}

fn read(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    let (mut raw, mut names, mut array) = (false, Vec::new(), None);
    let mut rest = argv[1..].iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "-r" => raw = true,
            "-a" => array = rest.next().cloned(),
            "-ra" | "-ar" => (raw, array) = (true, rest.next().cloned()),
            "-s" | "-e" => {}
            "-p" | "-t" | "-n" | "-d" | "-u" => drop(rest.next()),
            flags if flags.starts_with('-') => raw |= flags.contains('r'),
            name => names.push(name.to_owned()),
        }
    }
    let Some(line) = turning.read_line(0) else { return Outcome::Block { input: true } };
    let ended = !line.ends_with('\n');
    let mut line = line.trim_end_matches('\n').to_owned();
    if !raw {
        line = line.replace('\\', "");
    }
    let separators = shell.variables.get("IFS").unwrap_or(" \t\n").to_owned();
    let is_separator = |c: char| separators.contains(c);
    let blank = |c: char| c.is_whitespace() && separators.contains(c);
    let mut text = line.trim_matches(blank);
    if let Some(name) = array {
        let mut values = Vec::new();
        while !text.is_empty() {
            let end = text.find(is_separator).unwrap_or(text.len());
            values.push((None, text[..end].to_owned()));
            text = text[end..].trim_start_matches(blank);
            if let Some(next) = text.chars().next().filter(|c| is_separator(*c)) {
                text = text[next.len_utf8()..].trim_start_matches(blank);
            }
        }
        shell.variables.set_values(&name, values, false, false);
        return Outcome::Done(i32::from(ended));
    }
    if names.is_empty() {
        names.push("REPLY".to_owned());
    }
    let last = names.len() - 1;
    for (index, name) in names.iter().enumerate() {
        if index == last {
            shell.variables.set(name, text);
            break;
        }
        let end = text.find(is_separator).unwrap_or(text.len());
        shell.variables.set(name, &text[..end]);
        text = text[end..].trim_start_matches(blank);
        if let Some(next) = text.chars().next().filter(|c| is_separator(*c)) {
            text = text[next.len_utf8()..].trim_start_matches(blank);
        }
    }
    Outcome::Done(i32::from(ended))
}

fn getopts(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    let [_, options, name, given @ ..] = argv else { return Outcome::Done(2) };
    let words = if given.is_empty() { shell.variables.positional.clone() } else { given.to_vec() };
    let index: usize = shell.variables.get("OPTIND").and_then(|index| index.parse().ok()).unwrap_or(1).max(1);
    let Some(word) = words.get(index - 1).filter(|word| word.len() > 1 && word.starts_with('-')) else {
        shell.variables.set(name, "?");
        return Outcome::Done(1);
    };
    let flag = word.chars().nth(1).unwrap_or('?');
    let mut used = 1;
    let mut found = flag;
    match options.find(flag).filter(|_| flag != ':') {
        Some(at) if options[at + 1..].starts_with(':') => {
            let value = if word.len() > 2 {
                word[2..].to_owned()
            } else {
                used = 2;
                words.get(index).cloned().unwrap_or_default()
            };
            shell.variables.set("OPTARG", &value);
        }
        Some(_) => {}
        None => {
            found = '?';
            match turning.dialect() {
                _ if options.starts_with(':') => drop(shell.variables.set("OPTARG", &flag.to_string())),
                Dialect::Bash => turning.error(&format!("illegal option -- {flag}")),
                _ => turning.complain(&format!("Illegal option -{flag}\n")),
            }
        }
    }
    shell.variables.set(name, &found.to_string());
    shell.variables.set("OPTIND", &(index + used).to_string());
    Outcome::Done(0)
}

/// The task that a number, or a job's `%1`, means.
fn task_of(shell: &Shell, word: &str) -> Option<u32> {
    match jobs::find(&shell.jobs, word).filter(|_| word.starts_with('%')) {
        Some(place) => Some(shell.jobs[place].task),
        None => word.trim_start_matches('%').parse().ok(),
    }
}

fn wait(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    let wanted: Option<u32> = argv.get(1).and_then(|word| task_of(shell, word));
    let own = |id: &u32| wanted.is_none_or(|wanted| wanted == *id);
    let children: Vec<u32> =
        turning.kernel.tasks.iter().filter(|(id, task)| task.background && task.parent == turning.task && own(id)).map(|(id, _)| *id).collect();
    if children.is_empty()
        && let Some(id) = wanted
    {
        if turning.dialect() == Dialect::Bash {
            turning.error(&format!("wait: pid {id} is not a child of this shell"));
        }
        return Outcome::Done(127);
    }
    let mut code = 0;
    for child in children {
        if !matches!(turning.kernel.tasks.get(&child).map(|task| &task.state), Some(TaskState::Zombie(_)) | None) {
            return Outcome::Block { input: false };
        }
        code = turning.kernel.reap(child).unwrap_or(0);
        if let Some(job) = shell.jobs.iter_mut().find(|job| job.task == child) {
            job.code = Some(code);
        }
    }
    shell.variables.last_background = shell.variables.last_background.filter(|_| wanted.is_some());
    Outcome::Done(if wanted.is_some() { code } else { 0 })
}

/// The signals by number, from 1.
const SIGNALS: &[&str] = &[
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT",
    "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "POLL", "PWR", "SYS",
];

/// `kill -l`: all of them, or the names of numbers and the numbers of names.
fn signal_names(wanted: &[String]) -> String {
    if wanted.is_empty() {
        return SIGNALS.iter().enumerate().map(|(index, name)| format!("{:2}) {name}\n", index + 1)).collect();
    }
    let one = |word: &String| match word.parse::<usize>() {
        Ok(number) => SIGNALS.get((number & 0x7f).wrapping_sub(1)).map_or_else(|| word.clone(), |name| (*name).to_owned()),
        Err(_) => {
            let name = word.trim_start_matches("SIG");
            SIGNALS.iter().position(|signal| *signal == name).map_or_else(|| word.clone(), |index| (index + 1).to_string())
        }
    };
    wanted.iter().map(|word| one(word) + "\n").collect()
}

fn kill(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    let ash = turning.dialect() == Dialect::BusyboxAsh;
    match argv {
        [_] | [_, _] if argv.get(1).is_none_or(|word| word.starts_with('-') && word != "-l") => {
            let text =
                if ash { "you need to specify whom to kill" } else { "kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ..." };
            turning.error(text);
            return Outcome::Done(if ash { 1 } else { 2 });
        }
        [_, flag, names @ ..] if flag == "-l" => {
            let text = signal_names(names);
            turning.out(&text);
            return Outcome::Done(0);
        }
        _ => {}
    }
    let (mut signal, mut chosen) = ("TERM", false);
    for word in &argv[1..] {
        if ash && word.starts_with('%') {
            turning.builtin_error("kill", &format!("{word}: no such job"));
            return shell.special_failed(2);
        }
        if let Some(name) = word.strip_prefix('-').filter(|_| !chosen) {
            chosen = true;
            signal = match name.trim_start_matches("SIG") {
                "9" | "KILL" => "KILL",
                "0" => "0",
                "2" | "INT" => "INT",
                _ => "TERM",
            };
            continue;
        }
        if word.starts_with('-') && word.parse::<i32>().is_ok() {
            // A group, or all but this one and the first: there are no others.
            let bash = turning.dialect() == Dialect::Bash;
            turning.error(&if bash { format!("kill: ({word}) - No such process") } else { format!("can't kill pid {word}: No such process") });
            return Outcome::Done(1);
        }
        let Some(id) = task_of(shell, word) else {
            turning.error(&if ash { format!("invalid number '{word}'") } else { format!("kill: {word}: arguments must be process or job IDs") });
            return Outcome::Done(1);
        };
        // PID 1 of a container gets only the signals that it asked for.
        if id == 1 && signal == "TERM" {
            turning.kernel.signal_first(Signal::Terminate);
        }
        if id == 1 || id == turning.task {
            if let Some(trap) = shell.traps.get(signal).cloned() {
                return Outcome::Text { text: trap, sourced: false };
            }
            continue;
        }
        if !turning.kernel.tasks.contains_key(&id) {
            let bash = turning.dialect() == Dialect::Bash;
            turning.error(&if bash { format!("kill: ({id}) - No such process") } else { format!("can't kill pid {id}: No such process") });
            return Outcome::Done(1);
        }
        if signal != "0" {
            turning.kernel.kill(id, if signal == "KILL" { 137 } else { 143 });
        }
    }
    Outcome::Done(0)
}

fn test(turning: &mut Turning<'_, '_, '_>, _: &mut Shell, argv: &[String]) -> Outcome {
    let mut words = &argv[1..];
    if argv[0] == "[" {
        match words.split_last() {
            Some((last, rest)) if last == "]" => words = rest,
            _ => {
                let ash = turning.dialect() == Dialect::BusyboxAsh;
                turning.error(if ash { "missing ]" } else { "[: missing `]'" });
                return Outcome::Done(2);
            }
        }
    }
    let folder = folder(turning);
    match test_expression(words, &turning.system.files, &folder) {
        Ok(holds) => Outcome::Done(i32::from(!holds)),
        Err(message) => {
            let text = match turning.dialect() {
                Dialect::BusyboxAsh => message.ash(),
                _ => format!("{}: {}", argv[0], message.bash()),
            };
            turning.error(&text);
            Outcome::Done(2)
        }
    }
}

const PRINTF_USAGE: &str = "printf: usage: printf [-v var] format [arguments]\n";

fn printf(turning: &mut Turning<'_, '_, '_>, shell: &mut Shell, argv: &[String]) -> Outcome {
    let dialect = turning.dialect();
    let (bash, ash) = (dialect == Dialect::Bash, dialect == Dialect::BusyboxAsh);
    let (mut words, mut variable) = (&argv[1..], None);
    while let Some(option) = words.first().filter(|word| word.len() > 1 && word.starts_with('-')) {
        match option.strip_prefix("-v") {
            _ if option == "--" => {
                words = &words[1..];
                break;
            }
            // busybox takes it for the format.
            _ if ash => break,
            Some("") if bash && words.len() > 1 => (variable, words) = (Some(words[1].as_str()), &words[2..]),
            Some(name) if bash && !name.is_empty() => (variable, words) = (Some(name), &words[1..]),
            _ => {
                let letter = option.chars().nth(1).unwrap_or('-');
                turning.error(&if bash { format!("printf: -{letter}: invalid option") } else { format!("printf: Illegal option -{letter}") });
                if bash {
                    turning.complain(PRINTF_USAGE);
                }
                return Outcome::Done(2);
            }
        }
    }
    let Some(format) = words.first() else {
        match dialect {
            Dialect::Bash => turning.complain(PRINTF_USAGE),
            Dialect::Dash => turning.error("printf: usage: printf format [arg ...]"),
            Dialect::BusyboxAsh => turning.error("usage: printf FORMAT [ARGUMENT...]"),
        }
        return Outcome::Done(2);
    };
    let (text, complaints) = printf_text(format, &words[1..], ash);
    if let Some(name) = variable {
        shell.variables.set(name, &text);
        return Outcome::Done(0);
    }
    // Complaints go out at once, the text only at the end.
    for message in &complaints {
        turning.error(&if ash { message.clone() } else { format!("printf: {message}") });
    }
    turning.out(&text);
    Outcome::Done(i32::from(!complaints.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted() {
        assert!(BUILTINS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
