//! Programs that say who may do what with files: chmod, chown, chgrp.
//!
//! Models busybox coreutils/chmod.c, chown.c and libbb/parse_mode.c; GNU's words where the machine has GNU's programs.

use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::modes::new_mode;
use crate::machine::programs::lib::paths::tree;
use crate::machine::programs::lib::table::{On, Program};

use crate::machine::vfs::{Errno, FileType};

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "chgrp", usage: "[-RhLHP] GROUP FILE...", on: On::Everywhere, run: chown },
    Program { name: "chmod", usage: "[-R] MODE[,MODE]... FILE...", on: On::Everywhere, run: chmod },
    Program { name: "chown", usage: "[-RhLHP] USER[:[GRP]] FILE...", on: On::Everywhere, run: chown },
];

fn chmod(io: &mut Io<'_, '_>) -> Syscall {
    // `-x` is a mode, not an option.
    let words: Vec<String> = io.arguments().to_vec();
    let recursive = words.iter().any(|word| matches!(word.as_str(), "-R" | "--recursive"));
    let operands: Vec<String> = words.into_iter().filter(|word| !matches!(word.as_str(), "-R" | "--recursive" | "-f" | "-v" | "-c" | "--")).collect();
    let [mode, names @ ..] = operands.as_slice() else { return io.missing_operand() };
    if names.is_empty() {
        return if io.gnu() { io.wrong_usage(Some(&format!("missing operand after '{mode}'"))) } else { io.wrong_usage(None) };
    }
    for name in names {
        let mut all = Vec::new();
        if recursive {
            tree(io, name, 0, &mut all)
        } else {
            all.push(name.clone())
        }
        for name in all {
            let path = io.path(&name);
            let metadata = match io.files.stat(&path) {
                Ok(metadata) => metadata,
                Err(error) => {
                    let message = if io.gnu() { format!("cannot access '{name}': {error}") } else { format!("{name}: {error}") };
                    io.complain(&message);
                    continue;
                }
            };
            let Some(new) = new_mode(mode, metadata.mode, metadata.file_type == FileType::Directory) else {
                let message = io.words("invalid mode '%'", "invalid mode: '%'").replace('%', mode);
                return io.fail(&message, 1);
            };
            if let Err(error) = io.files.set_mode(&path, new) {
                let message = if io.gnu() { format!("changing permissions of '{name}': {error}") } else { format!("{name}: {error}") };
                io.complain(&message);
            }
        }
    }
    Syscall::Exit(io.scratch.code)
}

/// A user's or group's number, by name or as a number.
fn number_of(io: &Io<'_, '_>, table: &str, name: &str) -> Option<u32> {
    if let Ok(number) = name.parse() {
        return Some(number);
    }
    let text = String::from_utf8_lossy(&io.files.read(table).unwrap_or_default()).into_owned();
    let found = text.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == name);
    found.and_then(|fields| fields.get(2)?.parse().ok()).or((name == "root").then_some(0))
}

fn chown(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("RhLHPvcf", &[("recursive", 'R')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let [owner, names @ ..] = options.operands.as_slice() else { return io.missing_operand() };
    if names.is_empty() {
        return io.missing_operand();
    }
    let (user, group) = match owner.split_once([':', '.']) {
        _ if io.name() == "chgrp" => ("", owner.as_str()),
        Some((user, group)) => (user, group),
        None => (owner.as_str(), ""),
    };
    let (uid, gid) = (number_of(io, "/etc/passwd", user), number_of(io, "/etc/group", group));
    if !user.is_empty() && uid.is_none() {
        let message = if io.gnu() { format!("invalid user: '{owner}'") } else { format!("unknown user {user}") };
        return io.fail(&message, 1);
    }
    if !group.is_empty() && gid.is_none() {
        let message = if io.gnu() { format!("invalid group: '{owner}'") } else { format!("unknown group {group}") };
        return io.fail(&message, 1);
    }
    for name in names {
        let mut all = Vec::new();
        if options.has('R') {
            tree(io, name, 0, &mut all)
        } else {
            all.push(name.clone())
        }
        for name in all {
            if let Err(error) = io.files.set_owner(&io.path(&name), uid, gid) {
                let message = match (io.gnu(), error) {
                    (true, Errno::NoEntry) => format!("cannot access '{name}': {error}"),
                    (true, _) => format!("changing ownership of '{name}': {error}"),
                    (false, _) => format!("{name}: {error}"),
                };
                io.complain(&message);
            }
        }
    }
    Syscall::Exit(io.scratch.code)
}
