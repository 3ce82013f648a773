//! Programs that say who may do what with files: chmod, chown, chgrp.
//!
//! Models busybox coreutils/chmod.c, chown.c and libbb/parse_mode.c; GNU's words where the machine has GNU's programs.

use super::files::{missing, tree};
use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::table::{On, Program};

use crate::machine::vfs::{Errno, FileType};

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "chgrp", usage: "[-RhLHP] GROUP FILE...", on: On::Everywhere, run: chown },
    Program { name: "chmod", usage: "[-R] MODE[,MODE]... FILE...", on: On::Everywhere, run: chmod },
    Program { name: "chown", usage: "[-RhLHP] USER[:[GRP]] FILE...", on: On::Everywhere, run: chown },
];

/// A mode as chmod takes it, from the mode that is there.
pub fn new_mode(text: &str, old: u32, folder: bool) -> Option<u32> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return u32::from_str_radix(text, 8).ok().filter(|mode| *mode <= 0o7777);
    }
    let mut mode = old;
    for clause in text.split(',') {
        let operator = clause.find(['+', '-', '='])?;
        let (who, mut rest) = clause.split_at(operator);
        let shifts: Vec<u32> = match who {
            "" => vec![6, 3, 0],
            _ => {
                let mut shifts = Vec::new();
                for letter in who.chars() {
                    match letter {
                        'u' => shifts.push(6),
                        'g' => shifts.push(3),
                        'o' => shifts.push(0),
                        'a' => shifts.extend([6, 3, 0]),
                        _ => return None,
                    }
                }
                shifts
            }
        };
        while let Some(operator) = rest.chars().next() {
            let end = rest[1..].find(['+', '-', '=']).map_or(rest.len(), |end| end + 1);
            let (mut bits, mut special) = (0, 0);
            for letter in rest[1..end].chars() {
                match letter {
                    'r' => bits |= 4,
                    'w' => bits |= 2,
                    'x' => bits |= 1,
                    'X' => bits |= u32::from(folder || old & 0o111 != 0),
                    's' => special |= if shifts.contains(&6) { 0o4000 } else { 0 } | if shifts.contains(&3) { 0o2000 } else { 0 },
                    't' => special |= 0o1000,
                    'u' => bits |= old >> 6 & 7,
                    'g' => bits |= old >> 3 & 7,
                    'o' => bits |= old & 7,
                    _ => return None,
                }
            }
            let all = shifts.iter().fold(special, |all, shift| all | bits << shift);
            match operator {
                '+' => mode |= all,
                '-' => mode &= !all,
                _ => mode = shifts.iter().fold(mode, |mode, shift| mode & !(7 << shift)) | all,
            }
            rest = &rest[end..];
        }
    }
    Some(mode)
}

fn chmod(io: &mut Io<'_, '_>) -> Syscall {
    // `-x` is a mode, not an option.
    let words: Vec<String> = io.arguments().to_vec();
    let recursive = words.iter().any(|word| matches!(word.as_str(), "-R" | "--recursive"));
    let operands: Vec<String> = words.into_iter().filter(|word| !matches!(word.as_str(), "-R" | "--recursive" | "-f" | "-v" | "-c" | "--")).collect();
    let [mode, names @ ..] = operands.as_slice() else { return missing(io) };
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
    let [owner, names @ ..] = options.operands.as_slice() else { return missing(io) };
    if names.is_empty() {
        return missing(io);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_change_as_chmod_says() {
        let check = |text: &str, old: u32, expect: Option<u32>| assert_eq!(new_mode(text, old, false), expect, "{text}");
        check("640", 0o644, Some(0o640));
        check("u+x,o+r", 0o640, Some(0o744));
        check("a-w", 0o666, Some(0o444));
        check("go=", 0o777, Some(0o700));
        check("+t", 0o755, Some(0o1755));
        check("+X", 0o644, Some(0o644));
        check("q+x", 0o644, None);
        check("999", 0o644, None);
    }
}
