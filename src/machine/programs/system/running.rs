//! Programs that run other programs, wait, or work on words: sleep, timeout, env, xargs, basename and their kind.
//!
//! Models busybox coreutils/*.c, findutils/xargs.c.

use crate::machine::kernel::Form;
use crate::machine::programs::lib::dates::date_text;
use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::paths::folder_of;
use crate::machine::programs::lib::sizes::span;
use crate::machine::programs::lib::table::{On, Program, folder_of_programs};

use crate::machine::programs::lib::printf::{echo_text, printf_text};
use crate::machine::programs::lib::test::test_expression;
use crate::values::clock::Duration;

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "[", usage: "EXPRESSION ]", on: On::Everywhere, run: test },
    Program { name: "basename", usage: "FILE [SUFFIX] | -a FILE... | -s SUFFIX FILE...", on: On::Everywhere, run: basename },
    Program { name: "busybox", usage: "[FUNCTION [ARGS]...]", on: On::Form(Form::Busybox), run: busybox },
    Program { name: "clear", usage: "\n\nClear screen", on: On::Everywhere, run: |_| Syscall::Exit(0) },
    Program { name: "dirname", usage: "FILENAME\n\nStrip non-directory suffix from FILENAME", on: On::Everywhere, run: dirname },
    Program { name: "echo", usage: "[-neE] [ARG]...", on: On::Everywhere, run: echo },
    Program { name: "env", usage: "[-i0] [-u NAME]... [-] [NAME=VALUE]... [PROG ARGS]", on: On::Everywhere, run: env },
    Program { name: "false", usage: "", on: On::Everywhere, run: |_| Syscall::Exit(1) },
    Program { name: "printenv", usage: "[VARIABLE]...", on: On::Everywhere, run: printenv },
    Program { name: "printf", usage: "FORMAT [ARG]...", on: On::Everywhere, run: printf },
    Program {
        name: "sleep",
        usage: "[N]...\n\nPause for a time equal to the total of the args given, where each arg can\nhave an optional suffix of (s)econds, (m)inutes, (h)ours, or (d)ays",
        on: On::Everywhere,
        run: sleep,
    },
    Program { name: "sudo", usage: "[-u USER] [VAR=VALUE]... COMMAND [ARG]...", on: On::Only(&["console", "node"]), run: sudo },
    Program { name: "sync", usage: "", on: On::Everywhere, run: |_| Syscall::Exit(0) },
    Program { name: "test", usage: "EXPRESSION ]", on: On::Everywhere, run: test },
    Program { name: "time", usage: "[-vpa] [-o FILE] PROG ARGS", on: On::Everywhere, run: time },
    Program { name: "timeout", usage: "[-s SIG] SECS PROG ARGS", on: On::Everywhere, run: timeout },
    Program { name: "true", usage: "", on: On::Everywhere, run: |_| Syscall::Exit(0) },
    Program { name: "usleep", usage: "N\n\nPause for N microseconds", on: On::Everywhere, run: usleep },
    Program { name: "watch", usage: "[-n SEC] [-t] PROG ARGS", on: On::Everywhere, run: watch },
    Program { name: "which", usage: "[-a] COMMAND...", on: On::Everywhere, run: which },
    Program { name: "xargs", usage: "[OPTIONS] [PROG ARGS]", on: On::Everywhere, run: xargs },
];

/// The most arguments that xargs hands over at once.
const XARGS_MAX: usize = 5000;

fn echo(io: &mut Io<'_, '_>) -> Syscall {
    let text = echo_text(io.arguments(), io.gnu());
    io.out(&text);
    Syscall::Exit(0)
}

fn printf(io: &mut Io<'_, '_>) -> Syscall {
    let words = io.arguments();
    let words = words.strip_prefix(&["--".to_owned()]).unwrap_or(words);
    let Some((format, arguments)) = words.split_first() else { return io.missing_operand() };
    let (text, complaints) = printf_text(format, arguments, !io.gnu());
    complaints.iter().for_each(|message| drop(io.fail(message, 1)));
    io.out(&text);
    Syscall::Exit(i32::from(!complaints.is_empty()))
}

fn test(io: &mut Io<'_, '_>) -> Syscall {
    let mut words = io.arguments();
    if io.name() == "[" {
        match words.split_last() {
            Some((last, rest)) if last == "]" => words = rest,
            _ => return io.fail("missing ]", 2),
        }
    }
    match test_expression(words, io.files, io.working_directory) {
        Ok(holds) => Syscall::Exit(i32::from(!holds)),
        Err(message) => io.fail(&if io.gnu() { message.bash() } else { message.ash() }, 2),
    }
}

fn sleep(io: &mut Io<'_, '_>) -> Syscall {
    if io.scratch.phase == 1 {
        return Syscall::Exit(0);
    }
    io.scratch.phase = 1;
    if io.arguments().is_empty() {
        return if io.gnu() { io.wrong_usage(Some("missing operand")) } else { io.wrong_usage(None) };
    }
    let mut millis = 0_u64;
    for word in io.arguments().to_vec() {
        match span(&word) {
            Some(more) => millis = millis.saturating_add(more),
            None if word == "infinity" || word == "inf" => millis = u64::MAX / 4,
            None if io.gnu() => return io.wrong_usage(Some(&format!("invalid time interval '{word}'"))),
            None => return io.fail(&format!("invalid number '{word}'"), 1),
        }
    }
    Syscall::Sleep(io.now + Duration::millis(millis))
}

fn usleep(io: &mut Io<'_, '_>) -> Syscall {
    if io.scratch.phase == 1 {
        return Syscall::Exit(0);
    }
    io.scratch.phase = 1;
    let micros: u64 = io.arguments().first().and_then(|word| word.parse().ok()).unwrap_or(0);
    Syscall::Sleep(io.now + Duration::millis(micros / 1000))
}

fn timeout(io: &mut Io<'_, '_>) -> Syscall {
    if io.scratch.phase == 1 {
        // busybox' parent sees its own child ended by the signal (128 + 15); GNU says 124 for all.
        return Syscall::Exit(match io.child_code {
            Some(code) => code,
            None if io.gnu() => 124,
            None if io.scratch.words.first().is_some_and(|signal| matches!(signal.trim_start_matches("SIG"), "9" | "KILL")) => {
                io.err("Killed\n");
                137
            }
            None => {
                io.err("Terminated\n");
                143
            }
        });
    }
    io.scratch.phase = 1;
    let options = match io.options("+s:k:pv", &[("signal", 's'), ("kill-after", 'k'), ("preserve-status", 'p'), ("foreground", 'p')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let [limit, argv @ ..] = options.operands.as_slice() else { return io.wrong_usage(None) };
    if argv.is_empty() {
        return io.wrong_usage(None);
    }
    let Some(millis) = span(limit) else {
        let message = if io.gnu() { format!("invalid time interval '{limit}'") } else { format!("invalid number '{limit}'") };
        return io.fail(&message, if io.gnu() { 125 } else { 1 });
    };
    io.scratch.words = options.values('s');
    let until = (millis > 0).then(|| io.now + Duration::millis(millis));
    Syscall::Spawn { argv: argv.to_vec(), until }
}

pub(super) fn time(io: &mut Io<'_, '_>) -> Syscall {
    if io.scratch.phase == 1 {
        let millis = io.now.0.saturating_sub(io.scratch.numbers[0] as u64);
        if io.gnu() {
            let text = format!("\nreal\t{}m{}.{:03}s\nuser\t0m0.000s\nsys\t0m0.000s\n", millis / 60_000, millis / 1000 % 60, millis % 1000);
            io.err(&text);
            return Syscall::Exit(io.child_code.unwrap_or(0));
        }
        io.err(&format!("real\t{}m {}.{:02}s\nuser\t0m 0.00s\nsys\t0m 0.00s\n", millis / 60_000, millis / 1000 % 60, millis % 1000 / 10));
        return Syscall::Exit(io.child_code.unwrap_or(0));
    }
    io.scratch.phase = 1;
    io.scratch.numbers[0] = io.now.0 as i64;
    if io.arguments().is_empty() {
        return io.wrong_usage(None);
    }
    Syscall::Spawn { argv: io.arguments().to_vec(), until: None }
}

fn watch(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("+n:dtex", &[("interval", 'n'), ("no-title", 't')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let interval = options.value('n').and_then(span).unwrap_or(2000).max(100);
    if options.operands.is_empty() {
        return io.wrong_usage(None);
    }
    io.scratch.phase += 1;
    if io.scratch.phase.is_multiple_of(2) {
        return Syscall::Sleep(io.now + Duration::millis(interval));
    }
    if !options.has('t') {
        let command = options.operands.join(" ");
        let text = format!("Every {:.1}s: {command}\t{}\n\n", interval as f64 / 1000.0, date_text("%Y-%m-%d %H:%M:%S", io.now));
        io.out(&text);
    }
    Syscall::Spawn { argv: vec!["sh".to_owned(), "-c".to_owned(), options.operands.join(" ")], until: None }
}

fn env(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("+iu:0", &[("ignore-environment", 'i'), ("unset", 'u')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let mut environment = if options.has('i') { Default::default() } else { io.environment.clone() };
    for name in options.values('u') {
        environment.remove(&name);
    }
    let mut words = options.operands.as_slice();
    while let [word, rest @ ..] = words {
        match word.split_once('=') {
            Some((name, value)) => drop(environment.insert(name.to_owned(), value.to_owned())),
            None if word == "-" => environment.clear(),
            None => break,
        }
        words = rest;
    }
    if !words.is_empty() {
        return Syscall::Exec { argv: words.to_vec(), environment };
    }
    let end = if options.has('0') { '\0' } else { '\n' };
    // In the order in which the first process was given them, then the rest.
    let first = String::from_utf8_lossy(&io.files.read("/proc/1/environ").unwrap_or_default()).into_owned();
    let order: Vec<&str> = first.split('\0').filter_map(|entry| Some(entry.split_once('=')?.0)).collect();
    let mut entries: Vec<(&String, &String)> = environment.iter().collect();
    entries.sort_by_key(|(name, _)| order.iter().position(|known| known == name).unwrap_or(order.len()));
    let text: String = entries.iter().map(|(name, value)| format!("{name}={value}{end}")).collect();
    io.out(&text);
    Syscall::Exit(0)
}

/// There is one user, who may do everything.
fn sudo(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("+u:g:EHniksS", &[("user", 'u')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let mut environment = io.environment.clone();
    let settings = options.operands.iter().take_while(|word| word.contains('=')).count();
    for word in &options.operands[..settings] {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        environment.insert(name.to_owned(), value.to_owned());
    }
    match &options.operands[settings..] {
        [] if options.has('i') || options.has('s') => Syscall::Exec { argv: vec!["bash".to_owned()], environment },
        [] => io.wrong_usage(None),
        argv => Syscall::Exec { argv: argv.to_vec(), environment },
    }
}

fn printenv(io: &mut Io<'_, '_>) -> Syscall {
    let names = io.arguments().to_vec();
    if names.is_empty() {
        return env(io);
    }
    let mut code = 0;
    for name in names {
        match io.environment.get(&name).cloned() {
            Some(value) => io.out(&(value + "\n")),
            None => code = 1,
        }
    }
    Syscall::Exit(code)
}

fn basename(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("+as:", &[("multiple", 'a'), ("suffix", 's')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let many = options.has('a') || options.has('s');
    let [first, rest @ ..] = options.operands.as_slice() else {
        return if io.gnu() { io.wrong_usage(Some("missing operand")) } else { io.wrong_usage(None) };
    };
    let suffix = options.value('s').map(str::to_owned).or_else(|| rest.first().filter(|_| !many).cloned()).unwrap_or_default();
    for name in if many { options.operands.as_slice() } else { std::slice::from_ref(first) } {
        let trimmed = name.trim_end_matches('/');
        let base = if trimmed.is_empty() && !name.is_empty() { "/" } else { trimmed.rsplit('/').next().unwrap_or("") };
        let bare = base.strip_suffix(suffix.as_str()).filter(|bare| !bare.is_empty()).unwrap_or(base);
        io.out(&format!("{bare}\n"));
    }
    Syscall::Exit(0)
}

fn dirname(io: &mut Io<'_, '_>) -> Syscall {
    let names = io.arguments().to_vec();
    if names.is_empty() {
        return if io.gnu() { io.wrong_usage(Some("missing operand")) } else { io.wrong_usage(None) };
    }
    for name in names {
        io.out(&format!("{}\n", folder_of(&name)));
    }
    Syscall::Exit(0)
}

fn which(io: &mut Io<'_, '_>) -> Syscall {
    let names: Vec<String> = io.arguments().iter().filter(|name| !name.starts_with('-')).cloned().collect();
    let mut code = 0;
    let profile = io.profile();
    for name in names {
        let folder = if profile.calls.contains(&name.as_str()) { "/usr/local/bin/" } else { folder_of_programs(&profile) };
        if io.programs.find(&profile, &name).is_some() || found_elsewhere(io, &name) {
            io.out(&if name.starts_with('/') { format!("{name}\n") } else { format!("{folder}{name}\n") });
        } else {
            code = 1;
        }
    }
    Syscall::Exit(code)
}

/// Whether a name is the shell or a command that the machine's owner answers.
fn found_elsewhere(io: &Io<'_, '_>, name: &str) -> bool {
    let profile = io.profile();
    profile.calls.contains(&name) || name == "sh" && profile.is_shell(name)
}

/// The one binary that all of a busybox machine's programs are.
fn busybox(io: &mut Io<'_, '_>) -> Syscall {
    let argv = io.arguments().to_vec();
    let profile = io.profile();
    match argv.first().map(String::as_str) {
        None | Some("--help") => {
            io.out("BusyBox v1.35.0 (Debian 1:1.35.0-4+b7) multi-call binary.\n\nUsage: busybox [function [arguments]...]\n   or: busybox --list\n\nCurrently defined functions:\n");
            let names: Vec<&str> = io.programs.names().into_iter().filter(|name| io.programs.find(&profile, name).is_some()).collect();
            for line in names.chunks(10) {
                io.out(&format!("\t{}\n", line.join(", ")));
            }
            Syscall::Exit(0)
        }
        Some("--list") => {
            let names: String =
                io.programs.names().into_iter().filter(|name| io.programs.find(&profile, name).is_some()).map(|name| format!("{name}\n")).collect();
            io.out(&names);
            Syscall::Exit(0)
        }
        Some(name) if io.programs.find(&profile, name).is_some() || matches!(name, "sh" | "ash") => {
            Syscall::Exec { argv, environment: io.environment.clone() }
        }
        Some(name) => {
            io.err(&format!("{name}: applet not found\n"));
            Syscall::Exit(127)
        }
    }
}

fn xargs(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("+n:I:rt0d:L:P:", &[("max-args", 'n'), ("no-run-if-empty", 'r'), ("null", '0')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    if let Some(most) = options.value('n').filter(|most| most.parse::<u32>().unwrap_or(0) == 0) {
        let number = most.parse::<u32>().is_ok();
        let message = match io.gnu() {
            true if number => format!("value {most} for -n option should be >= 1"),
            true => format!("invalid number \"{most}\" for -n option"),
            false if number => format!("number {most} is not in 1..2147483647 range"),
            false => format!("invalid number '{most}'"),
        };
        return io.fail(&message, 1);
    }
    if io.scratch.phase == 0 {
        let Some(bytes) = io.read_all() else { return Syscall::Read };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let whole_lines = options.has('I') || options.has('L');
        io.scratch.words = if options.has('0') {
            text.split('\0').filter(|word| !word.is_empty()).map(str::to_owned).collect()
        } else if whole_lines {
            text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
        } else {
            quoted_words(&text)
        };
        io.scratch.phase = if io.scratch.words.is_empty() && (options.has('r') || whole_lines) { 2 } else { 1 };
    }
    match io.child_code {
        Some(127) => return Syscall::Exit(127),
        Some(code) if code != 0 => io.scratch.code = 123,
        _ => {}
    }
    if io.scratch.phase == 2 {
        return Syscall::Exit(io.scratch.code);
    }
    let command = if options.operands.is_empty() { vec!["echo".to_owned()] } else { options.operands.clone() };
    let argv = match options.value('I') {
        Some(mark) => {
            let word = io.scratch.words.remove(0);
            command.iter().map(|part| part.replace(mark, &word)).collect()
        }
        None => {
            let most = options.value('n').or(options.value('L')).and_then(|most| most.parse().ok()).unwrap_or(XARGS_MAX).max(1);
            let later = io.scratch.words.split_off(most.min(io.scratch.words.len()));
            let now = std::mem::replace(&mut io.scratch.words, later);
            command.into_iter().chain(now).collect::<Vec<_>>()
        }
    };
    if io.scratch.words.is_empty() {
        io.scratch.phase = 2;
    }
    if options.has('t') {
        io.err(&(argv.join(" ") + "\n"));
    }
    Syscall::Spawn { argv, until: None }
}

/// Words as xargs splits them: blanks separate, quotes and backslashes hold together.
fn quoted_words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut open, mut quote) = (Vec::new(), String::new(), false, None);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match quote {
            Some(end) if c == end => quote = None,
            Some(_) => word.push(c),
            None if c == '\'' || c == '"' => (quote, open) = (Some(c), true),
            None if c == '\\' => word.extend(chars.next()),
            None if c.is_whitespace() => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            None => word.push(c),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_xargs_does() {
        assert_eq!(quoted_words("a 'b c' d\\ e\n\"\""), ["a", "b c", "d e", ""]);
        assert_eq!((folder_of("/a/b/"), folder_of("a"), folder_of("/a")), ("/a", ".", "/"));
    }
}
