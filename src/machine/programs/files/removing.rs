//! Programs that remove: rm, unlink, rmdir.
//!
//! Models busybox coreutils/rm.c, rmdir.c and libbb/remove_file.c; GNU's words where the machine has GNU's programs.

use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::paths::{DEPTH_MAX, join};
use crate::machine::programs::lib::table::{On, Program};

use crate::machine::vfs::{Errno, FileType};

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "rm", usage: "[-irf] FILE...\n\nRemove (unlink) FILEs", on: On::Everywhere, run: rm },
    Program { name: "rmdir", usage: "[-p] DIRECTORY...\n\nRemove DIRECTORY if it is empty", on: On::Everywhere, run: rmdir },
    Program { name: "unlink", usage: "FILE", on: On::Everywhere, run: rm },
];

fn rm(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("irRfvd", &[("recursive", 'r'), ("force", 'f'), ("verbose", 'v')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let (recursive, force) = (options.has('r') || options.has('R'), options.has('f'));
    if options.operands.is_empty() {
        return if force { Syscall::Exit(0) } else { io.missing_operand() };
    }
    if options.last_of("if") == Some('i') {
        return rm_asking(io, &options.operands, recursive);
    }
    for name in &options.operands {
        let path = io.path(name);
        let base = name.trim_end_matches('/').rsplit('/').next().unwrap_or("");
        if matches!(base, "." | "..") {
            let message = io.words("can't remove '.' or '..'", "refusing to remove '.' or '..' directory: skipping '%'").replace('%', name);
            io.complain(&message);
            continue;
        }
        if base.is_empty() && io.gnu() {
            io.complain("it is dangerous to operate recursively on '/'");
            io.err("rm: use --no-preserve-root to override this failsafe\n");
            continue;
        }
        let result = match io.files.lstat(&path) {
            Err(Errno::NoEntry | Errno::NotDirectory) if force => Ok(()),
            Err(error) => Err(error),
            Ok(found) if found.file_type == FileType::Directory && !recursive && !(options.has('d') && io.gnu()) => {
                let message = io.words("'%' is a directory", "cannot remove '%': Is a directory").replace('%', name);
                io.complain(&message);
                continue;
            }
            Ok(_) if recursive => remove_tree(io, &path, 0),
            Ok(_) => io.files.remove(&path),
        };
        match result {
            Ok(()) if options.has('v') => io.out(&format!("removed '{name}'\n")),
            Ok(()) => {}
            Err(error) => {
                let message = io.words("can't remove '%'", "cannot remove '%'").replace('%', name);
                io.complain(&format!("{message}: {error}"));
            }
        }
    }
    Syscall::Exit(io.scratch.code)
}

/// The most questions of one `rm -i`.
const QUESTIONS_MAX: usize = 10_000;

/// What `rm -i` asks: `>` a folder to descend into, `<` a folder to remove when it is done, ` ` anything else.
fn questions(io: &Io<'_, '_>, name: &str, depth: usize, found: &mut Vec<String>) {
    let path = io.path(name);
    if found.len() >= QUESTIONS_MAX || depth > DEPTH_MAX {
        return;
    }
    if io.files.lstat(&path).is_ok_and(|found| found.file_type == FileType::Directory) {
        let names = io.files.list(&path).unwrap_or_default();
        // GNU's does not ask to descend into what is empty.
        if !io.gnu() || !names.is_empty() {
            found.push(format!(">{name}"));
        }
        names.iter().for_each(|below| questions(io, &join(name, below), depth + 1, found));
        found.push(format!("<{name}"));
    } else {
        found.push(format!(" {name}"));
    }
}

fn question(io: &Io<'_, '_>, task: &str) -> String {
    let (kind, name) = task.split_at(1);
    let what = match (kind, io.gnu()) {
        (">", _) => "descend into directory".to_owned(),
        ("<", _) => "remove directory".to_owned(),
        (_, false) => "remove".to_owned(),
        (_, true) => match io.files.lstat(&io.path(name)) {
            Ok(found) if found.file_type == FileType::Symlink => "remove symbolic link".to_owned(),
            Ok(found) if found.size == 0 => "remove regular empty file".to_owned(),
            _ => "remove regular file".to_owned(),
        },
    };
    format!("rm: {what} '{name}'? ")
}

/// `rm -i`: asks about each file and folder. The phase is the question's number, the first number tells that it was asked.
fn rm_asking(io: &mut Io<'_, '_>, operands: &[String], recursive: bool) -> Syscall {
    if io.scratch.words.is_empty() {
        let mut tasks = Vec::new();
        for name in operands {
            match io.files.lstat(&io.path(name)) {
                Ok(found) if found.file_type == FileType::Directory && !recursive => {
                    let message = io.words("'%' is a directory", "cannot remove '%': Is a directory").replace('%', name);
                    io.complain(&message);
                }
                Ok(_) => questions(io, name, 0, &mut tasks),
                Err(error) => {
                    let message = io.words("can't remove '%'", "cannot remove '%'").replace('%', name);
                    io.complain(&format!("{message}: {error}"));
                }
            }
        }
        io.scratch.words = tasks;
    }
    while let Some(task) = io.scratch.words.get(io.scratch.phase as usize).cloned() {
        if io.scratch.numbers[0] == 0 {
            let text = question(io, &task);
            io.err(&text);
            io.scratch.numbers[0] = 1;
        }
        let Some(yes) = io.read_answer() else { return Syscall::Read };
        (io.scratch.numbers[0], io.scratch.phase) = (0, io.scratch.phase + 1);
        let (kind, name) = task.split_at(1);
        if kind == ">" && !yes {
            let end = io.scratch.words.iter().position(|later| later.strip_prefix('<') == Some(name));
            io.scratch.phase = end.map_or(io.scratch.phase, |end| end as u32 + 1);
        } else if kind != ">" && yes {
            let path = io.path(name);
            if let Err(error) = io.files.remove(&path) {
                let message = io.words("can't remove '%'", "cannot remove '%'").replace('%', name);
                io.complain(&format!("{message}: {error}"));
            }
        }
    }
    Syscall::Exit(io.scratch.code)
}

/// Removes what can be removed: where a mount stands below, the rest goes and the mount is complained of.
fn remove_tree(io: &mut Io<'_, '_>, path: &str, depth: usize) -> Result<(), Errno> {
    match io.files.remove_all(path) {
        Err(Errno::Busy) if depth < DEPTH_MAX => {}
        result => return result,
    }
    for name in io.files.list(path).unwrap_or_default() {
        let below = join(path, &name);
        if io.files.lstat(&below).is_ok_and(|found| found.file_type == FileType::Directory) {
            let _ = remove_tree(io, &below, depth + 1);
        } else {
            let _ = io.files.remove(&below);
        }
    }
    Err(Errno::Busy)
}

fn rmdir(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("p", &[("parents", 'p'), ("ignore-fail-on-non-empty", 'i')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    if options.operands.is_empty() {
        return io.missing_operand();
    }
    for name in &options.operands {
        let mut now = name.trim_end_matches('/').to_owned();
        loop {
            let path = io.path(&now);
            let result = match io.files.lstat(&path) {
                Ok(found) if found.file_type != FileType::Directory => Err(Errno::NotDirectory),
                Ok(_) => io.files.remove(&path),
                Err(error) => Err(error),
            };
            if let Err(error) = result {
                if !(options.has('i') && error == Errno::NotEmpty) {
                    let message = io.words("'%'", "failed to remove '%'").replace('%', &now);
                    io.complain(&format!("{message}: {error}"));
                }
                break;
            }
            match now.rfind('/') {
                Some(slash) if options.has('p') && slash > 0 => now.truncate(slash),
                _ => break,
            }
        }
    }
    Syscall::Exit(io.scratch.code)
}
