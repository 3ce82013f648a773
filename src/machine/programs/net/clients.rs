//! The clients of database servers, as far as probes and first looks need them: mysql, mysqladmin, psql, pg_isready, redis-cli, mongosh.
//!
//! Simplified: a server answers where its name resolves; it says that it is alive and lists its own databases. Anything else says
//! that it is not simulated. Only the images of these servers have them.

use crate::machine::programs::lib::hosts::addresses;
use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::table::{On, Program};

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "mongosh", usage: "[options] [db address] [file names]", on: On::Only(&["mongo"]), run: other },
    Program { name: "mysql", usage: "[OPTIONS] [database]", on: On::Only(&["mysql"]), run: mysql },
    Program { name: "mysqladmin", usage: "[OPTIONS] command command....", on: On::Only(&["mysql"]), run: other },
    Program { name: "pg_isready", usage: "[OPTION]...", on: On::Only(&["postgres"]), run: other },
    Program { name: "psql", usage: "[OPTION]... [DBNAME [USERNAME]]", on: On::Only(&["postgres"]), run: other },
    Program { name: "redis-cli", usage: "[OPTIONS] [cmd [arg [arg ...]]]", on: On::Only(&["redis"]), run: other },
];

/// What a client answers to: its name, a word of the command line (empty: any), what it prints; and what it says, with its code,
/// of a host (`%`) that is not there.
const ANSWERS: &[(&str, &str, &str, &str, i32)] = &[
    ("mongosh", "ping", "{ ok: 1 }\n", "MongoNetworkError: getaddrinfo ENOTFOUND %\n", 1),
    ("mysqladmin", "ping", "mysqld is alive\n", "mysqladmin: connect to server at '%' failed\nerror: 'Unknown MySQL server host '%' (-2)'\n", 1),
    ("pg_isready", "", "/var/run/postgresql:5432 - accepting connections\n", "%:5432 - no response\n", 2),
    (
        "psql",
        "select 1",
        " ?column? \n----------\n        1\n(1 row)\n\n",
        "psql: error: could not translate host name \"%\" to address: Name or service not known\n",
        2,
    ),
    ("redis-cli", "ping", "PONG\n", "Could not connect to Redis at %:6379: Name or service not known\n", 1),
];

/// The databases that every MySQL server has.
const DATABASES: [&str; 4] = ["information_schema", "mysql", "performance_schema", "sys"];

/// The host that the command line names and that is not there.
fn missing_host(io: &Io<'_, '_>) -> Option<String> {
    let words = io.arguments();
    let host = words.iter().enumerate().find_map(|(place, word)| match word.strip_prefix("--host") {
        Some(rest) => rest.strip_prefix('=').map(str::to_owned).or_else(|| words.get(place + 1).cloned()),
        None => match word.strip_prefix("-h")? {
            "" => words.get(place + 1).cloned(),
            host => Some(host.to_owned()),
        },
    })?;
    addresses(io, &host).is_empty().then_some(host)
}

fn other(io: &mut Io<'_, '_>) -> Syscall {
    let name = io.name().to_owned();
    let Some((_, word, answer, missing, code)) = ANSWERS.iter().find(|(client, ..)| *client == name) else { return Syscall::Exit(1) };
    if let Some(host) = missing_host(io) {
        io.err(&missing.replace('%', &host));
        return Syscall::Exit(*code);
    }
    if io.arguments().join(" ").to_lowercase().contains(word) {
        io.out(answer);
        return Syscall::Exit(0);
    }
    io.fail(&format!("not simulated here: more than {}", if word.is_empty() { "this" } else { word }), 1)
}

/// What the server says to a statement: a table of one column, or an error.
fn say(io: &mut Io<'_, '_>, statement: &str) -> i32 {
    let statement = statement.trim().trim_end_matches(';').trim().to_lowercase();
    let (title, rows): (&str, &[&str]) = match statement.as_str() {
        "" => return 0,
        "select 1" => ("1", &["1"]),
        "show databases" => ("Database", &DATABASES),
        _ => {
            io.err("mysql: not simulated here: more than SELECT 1 and SHOW DATABASES\n");
            return 1;
        }
    };
    let mut text = String::new();
    if io.is_terminal(1) {
        let width = rows.iter().map(|row| row.len()).max().unwrap_or(0).max(title.len());
        let rule = format!("+-{}-+\n", "-".repeat(width));
        text += &format!("{rule}| {title:width$} |\n{rule}");
        rows.iter().for_each(|row| text += &format!("| {row:width$} |\n"));
        text += &format!("{rule}{} row{} in set (0.00 sec)\n\n", rows.len(), if rows.len() == 1 { "" } else { "s" });
    } else {
        std::iter::once(&title).chain(rows).for_each(|row| text += &format!("{row}\n"));
    }
    io.out(&text);
    0
}

/// `mysql -e STATEMENT`, or statements on standard input, each ended by `;`. The phase is 1 once it has begun.
fn mysql(io: &mut Io<'_, '_>) -> Syscall {
    let words = io.arguments().to_vec();
    if let Some(host) = missing_host(io) {
        io.err(&format!("ERROR 2005 (HY000): Unknown MySQL server host '{host}' (-2)\n"));
        return Syscall::Exit(1);
    }
    if let Some(place) = words.iter().position(|word| word == "-e" || word == "--execute") {
        let code = words.get(place + 1).map_or(1, |statements| statements.split(';').map(|statement| say(io, statement)).max().unwrap_or(0));
        return Syscall::Exit(code);
    }
    let terminal = io.is_terminal(0);
    if io.scratch.phase == 0 {
        io.scratch.phase = 1;
        if terminal {
            io.out("Welcome to the MySQL monitor.  Commands end with ; or \\g.\n\nmysql> ");
        }
    }
    let Some(bytes) = io.read_lines() else { return Syscall::Read };
    for line in String::from_utf8_lossy(&bytes).lines() {
        if matches!(line.trim().trim_end_matches(';'), "exit" | "quit" | "\\q") {
            io.out(if terminal { "Bye\n" } else { "" });
            return Syscall::Exit(0);
        }
        io.scratch.words.push(line.to_owned());
        if line.trim_end().ends_with(';') {
            let statement = std::mem::take(&mut io.scratch.words).join(" ");
            io.scratch.code = say(io, &statement);
        }
        if terminal {
            io.out(if io.scratch.words.is_empty() { "mysql> " } else { "    -> " });
        }
    }
    if bytes.is_empty() { Syscall::Exit(io.scratch.code) } else { Syscall::Yield }
}
