//! Programs that want a whole screen, less, more, vi, top; nohup, and jq, which is looked for and not simulated.
//!
//! There is no screen here, so pagers print what they would show, and vi and top say that they are not simulated.

use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::table::{On, Program};

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "jq", usage: "[OPTIONS...] FILTER [FILES...]", on: On::Everywhere, run: not_simulated },
    Program { name: "less", usage: "[-EFIMmNSRh~] [FILE]...", on: On::Everywhere, run: pager },
    Program { name: "more", usage: "[FILE]...", on: On::Everywhere, run: pager },
    Program { name: "nohup", usage: "PROG ARGS\n\nRun PROG immune to hangups, with output to a non-tty", on: On::Everywhere, run: nohup },
    Program { name: "top", usage: "[-bmH] [-n COUNT] [-d SECONDS]", on: On::Everywhere, run: not_simulated },
    Program { name: "vi", usage: "[-c CMD] [-R] [-H] [FILE]...", on: On::Everywhere, run: not_simulated },
];

fn not_simulated(io: &mut Io<'_, '_>) -> Syscall {
    let text = match io.name() {
        "vi" => "not simulated here: vi (`cat > FILE`, `echo` and `sed -i` write files)\n".to_owned(),
        "jq" => "not simulated here: jq (`kubectl get -o jsonpath` and `-o custom-columns` take objects apart)\n".to_owned(),
        name => format!("not simulated here: {name}\n"),
    };
    io.err(&text);
    Syscall::Exit(1)
}

fn pager(io: &mut Io<'_, '_>) -> Syscall {
    let operands: Vec<String> = io.arguments().iter().filter(|word| !word.starts_with(['-', '+'])).cloned().collect();
    let Some(sources) = io.sources(&operands) else { return Syscall::Read };
    for source in sources {
        io.out_bytes(&source.bytes);
    }
    Syscall::Exit(io.scratch.code)
}

fn nohup(io: &mut Io<'_, '_>) -> Syscall {
    if io.arguments().is_empty() {
        return io.wrong_usage(None);
    }
    Syscall::Exec { argv: io.arguments().to_vec(), environment: io.environment.clone() }
}
