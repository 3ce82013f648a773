//! awk: a small, whole awk. Models busybox editors/awk.c.
//!
//! The program is parsed anew on each call, runs over all its input at once, and gives what it wrote. Arrays are walked in
//! busybox' order. Where it needs a command (`system()`, pipes to and from one) the run stops; when the command has ended, the
//! program runs again from its start with what is known by then, and only what is new is printed.

mod parse;
mod run;
pub mod values;

use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::table::{On, Program};

use run::{Input, Machine};

/// The programs of this file.
pub const PROGRAMS: &[Program] =
    &[Program { name: "awk", usage: "[-F SEP] [-v VAR=VAL]... [-f FILE]... [AWK_PROGRAM] [FILE]...", on: On::Everywhere, run: awk }];

/// The most commands of one program.
const COMMANDS_MAX: usize = 500;

/// Keeps the input for further runs, and what the command that just ended printed. False: the input is not all there yet.
fn remember(io: &mut Io<'_, '_>, reads_input: bool) -> bool {
    if io.scratch.words.is_empty() {
        let mut input = String::new();
        if reads_input {
            let Some(bytes) = io.read_all() else { return false };
            input = String::from_utf8_lossy(&bytes).into_owned();
        }
        io.scratch.words.push(input);
    } else {
        let output = String::from_utf8_lossy(&std::mem::take(&mut io.scratch.bytes)).into_owned();
        io.scratch.words.push(format!("{} {output}", io.child_code.unwrap_or(0)));
    }
    io.scratch.bytes = io.scratch.words[0].clone().into_bytes();
    true
}

fn awk(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("+F:v:f:", &[("field-separator", 'F'), ("assign", 'v'), ("file", 'f')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let mut operands = options.operands.clone();
    let mut text = String::new();
    for name in options.values('f') {
        match io.files.read(&io.path(&name)) {
            Ok(bytes) => text += &(String::from_utf8_lossy(&bytes).into_owned() + "\n"),
            Err(error) => {
                let message = io.cannot_open(&name, error);
                return io.fail(&message, 1);
            }
        }
    }
    if !options.has('f') {
        if operands.is_empty() {
            return io.wrong_usage(None);
        }
        text = operands.remove(0);
    }
    let program = match parse::parse(&text) {
        Ok(program) => program,
        Err(message) => return io.fail(&format!("cmd. line:{}: {message}", text.matches('\n').count().max(1)), 1),
    };
    // Only a program with more than BEGIN reads its input.
    let reads = program.rules.iter().any(|(pattern, _)| !matches!(pattern, parse::Pattern::Begin)) || text.contains("getline");
    let files: Vec<String> = operands.iter().filter(|operand| !is_assignment(operand)).cloned().collect();
    let mut inputs = Vec::new();
    let runs_commands = text.contains('|') || text.contains("system");
    if runs_commands && !remember(io, reads && (files.is_empty() || files.iter().any(|name| name == "-"))) {
        return Syscall::Read;
    }
    if reads {
        let Some(sources) = io.sources(&files) else { return Syscall::Read };
        let mut sources = sources.into_iter();
        if files.is_empty() {
            inputs.extend(operands.iter().map(|operand| Input::Assignment(operand.clone())));
            inputs.extend(sources.map(|source| Input::File(String::new(), String::from_utf8_lossy(&source.bytes).into_owned())));
        } else {
            for operand in &operands {
                if is_assignment(operand) {
                    inputs.push(Input::Assignment(operand.clone()));
                } else if let Some(source) = sources.as_slice().first().filter(|source| source.name == *operand) {
                    inputs.push(Input::File(source.name.clone(), String::from_utf8_lossy(&source.bytes).into_owned()));
                    sources.next();
                }
            }
        }
        if io.scratch.code != 0 {
            return Syscall::Exit(if io.gnu() { 2 } else { 1 });
        }
    }
    let mut machine = Machine::new(&program, inputs, io);
    if let Some(separator) = options.value('F') {
        machine.assign_text("FS", &if separator == "t" { "\t".to_owned() } else { unescaped(separator) });
    }
    for assignment in options.values('v') {
        match assignment.split_once('=') {
            Some((name, value)) => machine.assign_text(name, &unescaped(value)),
            None => return io.wrong_usage(None),
        }
    }
    machine.arguments(&operands);
    // getline may read any file that a text of the program or a variable names.
    let names = text
        .split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .chain(options.values('v').into_iter().filter_map(|word| Some(word.split_once('=')?.1.to_owned())));
    for name in names {
        if let Ok(bytes) = io.files.read(&io.path(&name)) {
            machine.offer(&name, String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    for answer in io.scratch.words.iter().skip(1) {
        let (code, output) = answer.split_once(' ').unwrap_or((answer, ""));
        machine.answer(code.parse().unwrap_or(0), output.to_owned());
    }
    let result = machine.run();
    let wanted = machine.take_wanted();
    let (output, errors, files) = machine.written();
    io.out(output.get(io.scratch.numbers[0] as usize..).unwrap_or_default());
    io.err(errors.get(io.scratch.numbers[1] as usize..).unwrap_or_default());
    (io.scratch.numbers[0], io.scratch.numbers[1]) = (output.len() as i64, errors.len() as i64);
    // What is appended goes out once, at the end.
    for (name, append, text) in files.into_iter().filter(|(_, append, _)| wanted.is_none() || !append) {
        let path = io.path(&name);
        let done = if append { io.files.append(&path, text.as_bytes()) } else { io.files.write(&path, text.as_bytes()) };
        if let Err(error) = done {
            io.complain(&format!("{name}: {error}"));
        }
    }
    if let Some(wanted) = wanted {
        if io.scratch.words.len() > COMMANDS_MAX {
            return io.fail("not simulated here: this many commands", 1);
        }
        return Syscall::System { text: wanted.command, input: wanted.input.map(String::into_bytes), captures: wanted.captures };
    }
    match result {
        Ok(code) => Syscall::Exit(if code == 0 { io.scratch.code } else { code }),
        Err(message) => io.fail(&format!("cmd. line:1: {message}"), 1),
    }
}

/// `name=value`, as an operand.
fn is_assignment(operand: &str) -> bool {
    operand.split_once('=').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// Backslash escapes in the value of an option.
fn unescaped(text: &str) -> String {
    let mut result = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.clone().next() } else { None }) {
            ('\\', Some(letter @ ('t' | 'n' | '\\' | '"'))) => {
                result.push(match letter {
                    't' => '\t',
                    'n' => '\n',
                    other => other,
                });
                chars.next();
            }
            _ => result.push(c),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use crate::machine::disks::Disks;
    use crate::machine::kernel::{NoNetwork, Profile, System};
    use crate::machine::process::{Process, Progress};
    use crate::machine::vfs::{FileSystem, MountTable, View};
    use crate::values::clock::Instant;

    /// What a program prints for a small table.
    fn check(arguments: &[&str], expect: &str) {
        let mut disks = Disks::default();
        disks.insert("d".into(), FileSystem::new(Instant(0)));
        let mounts = MountTable::root("d");
        let mut files = View::new(&mut disks, &mounts, Instant(0));
        files.write("/t", b"b 2\na 99\nc 1\na 3\n").unwrap();
        let profile = Profile::BUSYBOX;
        let argv: Vec<String> = std::iter::once("awk").chain(arguments.iter().copied()).chain(["/t"]).map(str::to_owned).collect();
        let mut process = Process::start(&argv, profile, Default::default(), "/", false);
        let progress = process.step(&mut System { files, now: Instant(0), network: &mut NoNetwork });
        let text: String = process.take_output().iter().map(|chunk| String::from_utf8_lossy(&chunk.bytes).into_owned()).collect();
        assert_eq!(text, expect, "{arguments:?}");
        assert!(matches!(progress, Progress::Exited(_)), "{arguments:?}");
    }

    #[test]
    fn programs_run() {
        check(&["{ s += $2 } END { print s }"], "105\n");
        check(&["BEGIN { printf \"%05.2f %s\\n\", 3.14159, toupper(\"x\") }"], "03.14 X\n");
        check(&["$1 == \"a\" { print NR, $NF; next } /c/"], "2 99\nc 1\n4 3\n");
        check(&["{ n[$1]++ } END { for (k in n) print k, n[k] }"], "a 2\nb 1\nc 1\n");
        check(&["-F", " ", "-v", "x=5", "NR==1 { $2 = x; print; print NF }"], "b 5\n2\n");
        check(&["NR==2,NR==3 { print substr($0, 1, 3) \"-\" length($2) }"], "a 9-2\nc 1-1\n");
        check(&["BEGIN { n = split(\"x,y,z\", p, \",\"); for (i = n; i > 0; i--) printf \"%s \", p[i]; print \"\" }"], "z y x \n");
        check(&["function f(n) { return n < 2 ? n : f(n-1) + f(n-2) } BEGIN { print f(10) }"], "55\n");
        check(&["{ gsub(/[0-9]/, \"<&>\"); print } NR == 2 { exit 3 }"], "b <2>\na <9><9>\n");
        check(&["BEGIN { x[1]; if (1 in x && !(2 in x)) print match(\"foobar\", /o+/), RSTART, RLENGTH, index(\"abc\", \"c\") }"], "2 2 2 3\n");
        check(
            &["BEGIN { OFS = \"-\" } { $1 = $1 } END { print; print 1e6, 0.1 + 0.2, 3 / 2, 2 ^ 10, 7 % 4, 1 == 1.0, \"10\" < \"9\" }"],
            "a-3\n1000000-0.3-1.5-1024-3-1-1\n",
        );
        check(
            &[
                "BEGIN { while (i < 3) { i++; if (i == 2) continue; print i } do { i-- } while (i > 0); print i; print length(\"abc\") > \"/dev/stderr\" }",
            ],
            "1\n3\n0\n3\n",
        );
        check(
            &[
                "{ print $1 > \"/o\" } END { close(\"/o\"); while ((getline line < \"/o\") > 0) c++; print c, tolower(\"ABC\") sprintf(\"%3d|%-3s|\", 5, \"x\") }",
            ],
            "4 abc  5|x  |\n",
        );
        check(&["{"], "awk: cmd. line:1: Unexpected token\n");
    }
}
