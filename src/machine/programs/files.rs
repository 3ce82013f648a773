//! Programs that change files: cp, mv, rm, mkdir, ln, touch, chmod, dd and their kind.
//!
//! Models busybox coreutils/*.c and libbb/copy_file.c, remove_file.c; GNU's words where the machine has GNU's programs.

use super::calendar::chosen_instant;
use super::listing::join;
use super::options::size;
use super::system::folder_of;
use super::{Io, Program, Step};
use crate::machine::vfs::{Errno, FILE_SIZE_MAX, FileType};

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "chgrp", usage: "[-RhLHP] GROUP FILE...", run: chown },
    Program { name: "chmod", usage: "[-R] MODE[,MODE]... FILE...", run: chmod },
    Program { name: "chown", usage: "[-RhLHP] USER[:[GRP]] FILE...", run: chown },
    Program { name: "cp", usage: "[-arPLHpfinlsTu] SOURCE DEST\nor: cp [-arPLHpfinlsu] SOURCE... { -t DIRECTORY | DIRECTORY }", run: cp },
    Program { name: "dd", usage: "[if=FILE] [of=FILE] [bs=N] [count=N] [skip=N] [seek=N]\n\t[conv=notrunc|noerror|sync|fsync]", run: dd },
    Program { name: "fallocate", usage: "[-o OFS] -l LEN FILE", run: truncate },
    Program { name: "install", usage: "[-cdDsp] [-o USER] [-g GRP] [-m MODE] [-t DIR] [SOURCE]... DEST", run: cp },
    Program { name: "link", usage: "FILE LINK", run: ln },
    Program { name: "ln", usage: "[-sfnbtv] [-S SUF] TARGET... LINK|DIR", run: ln },
    Program { name: "mkdir", usage: "[-m MODE] [-p] DIRECTORY...\n\nCreate DIRECTORY", run: mkdir },
    Program { name: "mktemp", usage: "[-dt] [-p DIR] [TEMPLATE]", run: mktemp },
    Program { name: "mv", usage: "[-finT] SOURCE DEST\nor: mv [-fin] SOURCE... { -t DIRECTORY | DIRECTORY }", run: mv },
    Program { name: "pwd", usage: "\n\nPrint the full filename of the current working directory", run: pwd },
    Program { name: "readlink", usage: "[-fnv] FILE", run: readlink },
    Program { name: "realpath", usage: "FILE...\n\nPrint absolute pathnames of FILE", run: realpath },
    Program { name: "rm", usage: "[-irf] FILE...\n\nRemove (unlink) FILEs", run: rm },
    Program { name: "rmdir", usage: "[-p] DIRECTORY...\n\nRemove DIRECTORY if it is empty", run: rmdir },
    Program { name: "touch", usage: "[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...", run: touch },
    Program { name: "truncate", usage: "[-c] -s SIZE FILE...", run: truncate },
    Program { name: "unlink", usage: "FILE", run: rm },
];

/// How deep a tree may be that is copied or removed.
const DEPTH_MAX: usize = 200;

fn missing(io: &mut Io<'_, '_>) -> Step {
    if io.gnu() { io.wrong_usage(Some("missing operand")) } else { io.wrong_usage(None) }
}

fn pwd(io: &mut Io<'_, '_>) -> Step {
    let text = format!("{}\n", io.working_directory);
    io.out(&text);
    Step::Done(0)
}

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

/// A path and all below it, folders before what is in them.
pub fn tree(io: &Io<'_, '_>, name: &str, depth: usize, found: &mut Vec<String>) {
    found.push(name.to_owned());
    let path = io.path(name);
    if depth < DEPTH_MAX && io.files.lstat(&path).is_ok_and(|metadata| metadata.file_type == FileType::Directory) {
        for child in io.files.list(&path).unwrap_or_default() {
            tree(io, &join(name, &child), depth + 1, found);
        }
    }
}

fn chmod(io: &mut Io<'_, '_>) -> Step {
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
    Step::Done(io.scratch.code)
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

fn chown(io: &mut Io<'_, '_>) -> Step {
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
    Step::Done(io.scratch.code)
}

/// Where a source goes: into a folder under its own name, or to the name itself.
fn destination(source: &str, target: &str, into: bool) -> String {
    if !into {
        return target.to_owned();
    }
    let base = source.trim_end_matches('/').rsplit('/').next().unwrap_or(source);
    let base = if matches!(base, "." | "..") { "" } else { base };
    join(target, base).trim_end_matches('/').to_owned()
}

fn cp(io: &mut Io<'_, '_>) -> Step {
    let long =
        [("recursive", 'r'), ("archive", 'a'), ("force", 'f'), ("no-clobber", 'n'), ("preserve", 'p'), ("verbose", 'v'), ("target-directory", 't')];
    let options = match io.options("arRPLHpfinlsTuvdt:m:o:g:Dc", &long) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let copy = Copy {
        recursive: options.has('r') || options.has('R') || options.has('a'),
        keep_links: options.has('a') || options.has('d') || options.has('P'),
        preserve: options.has('a') || options.has('p'),
        skip_there: options.has('n'),
        link: options.last_of("ls"),
        verbose: options.has('v'),
    };
    let Some((sources, target, into)) = sources_and_target(io, &options.operands, options.value('t'), options.has('T')) else {
        return Step::Done(1);
    };
    for source in &sources {
        let to = destination(source, &target, into);
        copy.one(io, source, &to, 0);
    }
    Step::Done(io.scratch.code)
}

/// The operands of cp and mv; `None` where they are wrong and that has been said.
fn sources_and_target(io: &mut Io<'_, '_>, operands: &[String], folder: Option<&str>, plain: bool) -> Option<(Vec<String>, String, bool)> {
    if let Some(folder) = folder {
        return Some((operands.to_vec(), folder.to_owned(), true));
    }
    let Some((target, sources)) = operands.split_last().filter(|(_, sources)| !sources.is_empty()) else {
        let message = match operands.first() {
            Some(only) => format!("missing destination file operand after '{only}'"),
            None => "missing file operand".to_owned(),
        };
        if io.gnu() {
            io.usage(Some(&message))
        } else {
            io.usage(None)
        }
        return None;
    };
    let into = !plain && io.files.is_directory(&io.path(target));
    if sources.len() > 1 && !into {
        let there = io.files.exists(&io.path(target));
        let error = if there { Errno::NotDirectory } else { Errno::NoEntry };
        let message = if io.gnu() { format!("target '{target}': {error}") } else { format!("can't stat '{target}': {error}") };
        if there && !io.gnu() {
            // busybox finds it out at each source.
            for source in sources {
                io.complain(&format!("can't stat '{}': {error}", destination(source, target, true)));
            }
        } else {
            io.complain(&message);
        }
        return None;
    }
    Some((sources.to_vec(), target.clone(), into))
}

/// How cp copies.
struct Copy {
    recursive: bool,
    keep_links: bool,
    preserve: bool,
    skip_there: bool,
    /// `l` hard links, `s` symlinks instead of copies.
    link: Option<char>,
    verbose: bool,
}

impl Copy {
    fn one(&self, io: &mut Io<'_, '_>, from: &str, to: &str, depth: usize) {
        let (source, target) = (io.path(from), io.path(to));
        let links = self.keep_links || (self.recursive && depth > 0);
        let found = if links { io.files.lstat(&source) } else { io.files.stat(&source) };
        let metadata = match found {
            Ok(metadata) => metadata,
            Err(error) => {
                let message = io.words("can't stat '%'", "cannot stat '%'").replace('%', from);
                return io.complain(&format!("{message}: {error}"));
            }
        };
        if metadata.file_type == FileType::Directory {
            if !self.recursive {
                let message = io.words("omitting directory '%'", "-r not specified; omitting directory '%'").replace('%', from);
                return io.complain(&message);
            }
            return self.folder(io, from, to, depth, metadata.mode);
        }
        if self.skip_there && io.files.exists(&target) {
            return;
        }
        let same = io.files.stat(&target).is_ok_and(|there| there.inode == metadata.inode)
            && io.files.canonical(&source).ok() == io.files.canonical(&target).ok();
        if same {
            return io.complain(&format!("'{from}' and '{to}' are the same file"));
        }
        let result = match (self.link, metadata.file_type) {
            (Some('l'), _) => io.files.hard_link(&source, &target),
            (Some(_), _) => io.files.symlink(from, &target),
            (None, FileType::Symlink) => {
                let _ = io.files.remove(&target);
                io.files.read_link(&source).and_then(|link| io.files.symlink(&link, &target))
            }
            (None, _) => {
                let fresh = !io.files.exists(&target);
                io.files
                    .read(&source)
                    .and_then(|bytes| io.files.write(&target, &bytes))
                    .and_then(|()| if fresh || self.preserve { io.files.set_mode(&target, metadata.mode) } else { Ok(()) })
            }
        };
        if let Err(error) = result {
            let message = match (io.gnu(), error) {
                (false, Errno::NoSpace | Errno::TooLarge) => "write error".to_owned(),
                (true, Errno::NoSpace | Errno::TooLarge) => format!("error writing '{to}'"),
                (false, _) => format!("can't create '{to}'"),
                (true, _) => format!("cannot create regular file '{to}'"),
            };
            return io.complain(&format!("{message}: {error}"));
        }
        if self.preserve && metadata.file_type != FileType::Symlink {
            let _ = io.files.set_owner(&target, Some(metadata.uid), Some(metadata.gid));
            let _ = io.files.set_modified(&target, metadata.modified);
        }
        if self.verbose {
            io.out(&format!("'{from}' -> '{to}'\n"));
        }
    }

    fn folder(&self, io: &mut Io<'_, '_>, from: &str, to: &str, depth: usize, mode: u32) {
        let (source, target) = (io.path(from), io.path(to));
        let inside = io.files.canonical(&source).ok().zip(io.files.canonical(&io.path(folder_of(to))).ok());
        if depth == 0 && inside.is_some_and(|(source, target)| format!("{target}/").starts_with(&format!("{}/", source.trim_end_matches('/')))) {
            let message = if io.gnu() {
                format!("cannot copy a directory, '{from}', into itself, '{to}'")
            } else {
                format!("recursion detected, omitting directory '{from}'")
            };
            return io.complain(&message);
        }
        let names = io.files.list(&source).unwrap_or_default();
        if !io.files.is_directory(&target) {
            if let Err(error) = io.files.make_dir(&target) {
                let message = io.words("can't create directory '%'", "cannot create directory '%'").replace('%', to);
                return io.complain(&format!("{message}: {error}"));
            }
            let _ = io.files.set_mode(&target, mode);
        }
        if depth < DEPTH_MAX {
            for name in names {
                self.one(io, &join(from, &name), &join(to, &name), depth + 1);
            }
        }
    }
}

fn mv(io: &mut Io<'_, '_>) -> Step {
    let options = match io.options("finTvt:u", &[("force", 'f'), ("no-clobber", 'n'), ("verbose", 'v'), ("target-directory", 't')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let Some((sources, target, into)) = sources_and_target(io, &options.operands, options.value('t'), options.has('T')) else {
        return Step::Done(1);
    };
    for from in &sources {
        let to = destination(from, &target, into);
        if options.has('n') && io.files.exists(&io.path(&to)) {
            continue;
        }
        move_one(io, from, &to);
        if options.has('v') {
            io.out(&if io.gnu() { format!("renamed '{from}' -> '{to}'\n") } else { format!("'{from}' -> '{to}'\n") });
        }
    }
    Step::Done(io.scratch.code)
}

fn move_one(io: &mut Io<'_, '_>, from: &str, to: &str) {
    let (source, target) = (io.path(from), io.path(to));
    match io.files.rename(&source, &target) {
        Ok(()) => {}
        // Another disk: copied and removed, as mv does.
        Err(Errno::CrossDevice) => {
            let copy = Copy { recursive: true, keep_links: true, preserve: true, skip_there: false, link: None, verbose: false };
            let before = std::mem::take(&mut io.scratch.code);
            copy.one(io, from, to, 0);
            if io.scratch.code == 0 {
                io.scratch.code = before;
                if let Err(error) = io.files.remove_all(&source) {
                    io.complain(&format!("can't remove '{from}': {error}"));
                }
            }
        }
        Err(error) => {
            let message = match (io.gnu(), error) {
                (true, Errno::NoEntry) if io.files.lstat(&source).is_err() => format!("cannot stat '{from}'"),
                (true, Errno::Invalid) => {
                    return io.complain(&format!("cannot move '{from}' to a subdirectory of itself, '{to}'"));
                }
                (true, _) => format!("cannot move '{from}' to '{to}'"),
                (false, _) => format!("can't rename '{from}'"),
            };
            io.complain(&format!("{message}: {error}"));
        }
    }
}

fn rm(io: &mut Io<'_, '_>) -> Step {
    let options = match io.options("irRfvd", &[("recursive", 'r'), ("force", 'f'), ("verbose", 'v')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let (recursive, force) = (options.has('r') || options.has('R'), options.has('f'));
    if options.operands.is_empty() {
        return if force { Step::Done(0) } else { missing(io) };
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
    Step::Done(io.scratch.code)
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
fn rm_asking(io: &mut Io<'_, '_>, operands: &[String], recursive: bool) -> Step {
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
        let Some(yes) = io.read_answer() else { return Step::Read };
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
    Step::Done(io.scratch.code)
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

fn mkdir(io: &mut Io<'_, '_>) -> Step {
    let options = match io.options("m:pv", &[("parents", 'p'), ("mode", 'm'), ("verbose", 'v')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    if options.operands.is_empty() {
        return missing(io);
    }
    for name in &options.operands {
        let path = io.path(name);
        let fresh = if options.has('v') { missing_folders(io, name, options.has('p')) } else { Vec::new() };
        let result = if options.has('p') { io.files.make_dirs(&crate::machine::vfs::normal(&path)) } else { io.files.make_dir(&path) };
        match result {
            Ok(()) => {
                fresh.iter().for_each(|folder| io.out(&created(io.gnu(), folder)));
                if let Some(mode) = options.value('m').and_then(|mode| new_mode(mode, 0o755, true)) {
                    let _ = io.files.set_mode(&path, mode);
                }
            }
            Err(error) => {
                let error = if options.has('p') && error == Errno::NotDirectory && io.files.exists(&path) { Errno::Exists } else { error };
                let message = io.words("can't create directory '%'", "cannot create directory '%'").replace('%', name);
                io.complain(&format!("{message}: {error}"));
            }
        }
    }
    Step::Done(io.scratch.code)
}

/// What `mkdir -v` says of a folder.
fn created(gnu: bool, folder: &str) -> String {
    if gnu { format!("mkdir: created directory '{}'\n", folder.trim_end_matches('/')) } else { format!("created directory: '{folder}'\n") }
}

/// The folders that a mkdir would make, parents as they are spelled on the way.
fn missing_folders(io: &Io<'_, '_>, name: &str, parents: bool) -> Vec<String> {
    let ends = name.match_indices('/').map(|(at, _)| at + 1).filter(|end| parents && *end > 1 && *end < name.len());
    ends.map(|end| &name[..end]).chain([name]).filter(|folder| !io.files.exists(&io.path(folder))).map(str::to_owned).collect()
}

fn rmdir(io: &mut Io<'_, '_>) -> Step {
    let options = match io.options("p", &[("parents", 'p'), ("ignore-fail-on-non-empty", 'i')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    if options.operands.is_empty() {
        return missing(io);
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
    Step::Done(io.scratch.code)
}

fn touch(io: &mut Io<'_, '_>) -> Step {
    let options = match io.options("chamfd:t:r:", &[("date", 'd'), ("no-create", 'c'), ("reference", 'r')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    if options.operands.is_empty() {
        return if io.gnu() { io.wrong_usage(Some("missing file operand")) } else { io.wrong_usage(None) };
    }
    let at = match chosen_instant(io, &options) {
        Ok(at) => at,
        Err(step) => return step,
    };
    for name in &options.operands {
        let path = io.path(name);
        let result = match io.files.stat(&path) {
            Ok(_) => io.files.set_modified(&path, at),
            Err(Errno::NoEntry) if options.has('c') => Ok(()),
            Err(Errno::NoEntry) => io.files.write(&path, b"").and_then(|()| io.files.set_modified(&path, at)),
            Err(error) => Err(error),
        };
        if let Err(error) = result {
            let message = io.words("%", "cannot touch '%'").replace('%', name);
            io.complain(&format!("{message}: {error}"));
        }
    }
    Step::Done(io.scratch.code)
}

fn ln(io: &mut Io<'_, '_>) -> Step {
    let options = match io.options("sfnbvtTr", &[("symbolic", 's'), ("force", 'f'), ("no-dereference", 'n')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let (targets, link) = match options.operands.split_last() {
        None => return missing(io),
        Some((only, [])) => (vec![only.clone()], ".".to_owned()),
        Some((link, targets)) => (targets.to_vec(), link.clone()),
    };
    let link_path = io.path(&link);
    let is_link = io.files.lstat(&link_path).is_ok_and(|found| found.file_type == FileType::Symlink);
    let into = io.files.is_directory(&link_path) && !(options.has('n') && is_link) && !options.has('T');
    for target in &targets {
        let name = destination(target, &link, into);
        let path = io.path(&name);
        if options.has('f') && io.files.lstat(&path).is_ok() {
            let _ = io.files.remove(&path);
        }
        let result = if options.has('s') { io.files.symlink(target, &path) } else { io.files.hard_link(&io.path(target), &path) };
        if let Err(error) = result {
            let kind = if options.has('s') { "symbolic" } else { "hard" };
            let message = match (io.gnu(), options.has('s')) {
                (false, false) if error == Errno::NoEntry => target.clone(),
                (false, _) => name.clone(),
                (true, true) => format!("failed to create {kind} link '{name}'"),
                (true, false) if error == Errno::NoEntry => format!("failed to access '{target}'"),
                (true, false) => format!("failed to create {kind} link '{name}' => '{target}'"),
            };
            io.complain(&format!("{message}: {error}"));
        }
    }
    Step::Done(io.scratch.code)
}

fn truncate(io: &mut Io<'_, '_>) -> Step {
    let options = match io.options("cs:l:o:", &[("size", 's'), ("no-create", 'c'), ("length", 'l')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let Some(text) = options.value('s').or(options.value('l')).map(str::to_owned) else { return io.wrong_usage(None) };
    let Some(amount) = size(text.trim_start_matches(['+', '-'])) else { return io.fail(&format!("invalid number '{text}'"), 1) };
    for name in &options.operands {
        let path = io.path(name);
        let mut bytes = match io.files.read(&path) {
            Ok(bytes) => bytes,
            Err(Errno::NoEntry) if options.has('c') => continue,
            Err(Errno::NoEntry) => Vec::new(),
            Err(error) => {
                io.complain(&format!("{name}: open: {error}"));
                continue;
            }
        };
        let wanted = match text.as_bytes().first() {
            Some(b'+') => bytes.len() as u64 + amount,
            Some(b'-') => (bytes.len() as u64).saturating_sub(amount),
            _ => amount,
        };
        let result = if wanted > FILE_SIZE_MAX as u64 {
            let (used, capacity) = io.files.disk_of(&io.path(folder_of(name))).map_or((0, None), |(_, used, capacity)| (used, capacity));
            Err(if capacity.is_some_and(|capacity| used + wanted > capacity) { Errno::NoSpace } else { Errno::TooLarge })
        } else {
            bytes.resize(wanted as usize, 0);
            io.files.write(&path, &bytes)
        };
        if let Err(error) = result {
            io.complain(&format!("{name}: {error}"));
        }
    }
    Step::Done(io.scratch.code)
}

fn mktemp(io: &mut Io<'_, '_>) -> Step {
    let options = match io.options("dtuqp:", &[("directory", 'd'), ("tmpdir", 'p')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let template = options.operands.first().cloned().unwrap_or_else(|| "tmp.XXXXXX".to_owned());
    let stem = template.trim_end_matches('X');
    let count = template.len() - stem.len();
    if count < 6 && !(io.gnu() && count >= 3) {
        let message = if io.gnu() { format!("too few X's in template '{template}'") } else { "(null): Invalid argument".to_owned() };
        return io.fail(&message, 1);
    }
    let folder = options.value('p').map(str::to_owned).or_else(|| (options.has('t') || options.operands.is_empty()).then(|| "/tmp".to_owned()));
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    // The name follows from the time and from what is there already, so that a run repeats.
    let mut seed = io.now.0.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D;
    for _ in 0..100 {
        let mut name = stem.to_owned();
        for _ in 0..count {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            name.push(LETTERS[(seed >> 33) as usize % LETTERS.len()] as char);
        }
        let name = folder.as_ref().map_or(name.clone(), |folder| join(folder, &name));
        let path = io.path(&name);
        if io.files.exists(&path) {
            continue;
        }
        let (made, mode) = if options.has('d') { (io.files.make_dir(&path), 0o700) } else { (io.files.write(&path, b""), 0o600) };
        if let Err(error) = made {
            let message = if io.gnu() { format!("failed to create file via template '{template}'") } else { name };
            return io.fail(&format!("{message}: {error}"), 1);
        }
        let _ = io.files.set_mode(&path, mode);
        io.out(&format!("{name}\n"));
        return Step::Done(0);
    }
    io.fail(&format!("{template}: File exists"), 1)
}

fn readlink(io: &mut Io<'_, '_>) -> Step {
    let options = match io.options("fnvem", &[("canonicalize", 'f'), ("no-newline", 'n')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    if options.operands.is_empty() {
        return missing(io);
    }
    for name in &options.operands {
        let path = io.path(name);
        let found = if options.has('f') { resolved(io, &path).ok() } else { io.files.read_link(&path).ok() };
        match found {
            Some(text) => io.out(&if options.has('n') { text } else { text + "\n" }),
            None => io.scratch.code = 1,
        }
    }
    Step::Done(io.scratch.code)
}

/// The path without symlinks; its last name need not be there.
fn resolved(io: &Io<'_, '_>, path: &str) -> Result<String, Errno> {
    match io.files.canonical(path) {
        Err(Errno::NoEntry) => {
            let folder = io.files.canonical(folder_of(path))?;
            Ok(join(&folder, path.trim_end_matches('/').rsplit('/').next().unwrap_or("")))
        }
        result => result,
    }
}

fn realpath(io: &mut Io<'_, '_>) -> Step {
    let names: Vec<String> = io.arguments().iter().filter(|word| !word.starts_with('-')).cloned().collect();
    if names.is_empty() {
        return missing(io);
    }
    for name in names {
        let path = io.path(&name);
        match resolved(io, &path) {
            // busybox wants the whole path to be there.
            Ok(_) if !io.gnu() && !io.files.exists(&path) => io.complain(&format!("{name}: {}", Errno::NoEntry)),
            Ok(text) => io.out(&(text + "\n")),
            Err(error) => io.complain(&format!("{name}: {error}")),
        }
    }
    Step::Done(io.scratch.code)
}

fn dd(io: &mut Io<'_, '_>) -> Step {
    let words = io.arguments().to_vec();
    let value = |key: &str| words.iter().rev().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    for word in &words {
        if !word.split_once('=').is_some_and(|(key, _)| {
            matches!(key, "if" | "of" | "bs" | "ibs" | "obs" | "count" | "skip" | "seek" | "conv" | "iflag" | "oflag" | "status")
        }) {
            return if io.gnu() { io.wrong_usage(Some(&format!("unrecognized operand '{word}'"))) } else { io.wrong_usage(None) };
        }
    }
    let number = |key: &str, otherwise: u64| value(key).map_or(Ok(otherwise), |text| size(text).ok_or_else(|| format!("invalid number '{text}'")));
    let numbers = (number("bs", 512), number("count", u64::MAX), number("skip", 0), number("seek", 0));
    let (block, count, skip, seek) = match numbers {
        (Ok(block), Ok(count), Ok(skip), Ok(seek)) if block > 0 => (block, count, skip, seek),
        (Err(message), ..) | (_, Err(message), ..) | (_, _, Err(message), _) | (.., Err(message)) => return io.fail(&message, 1),
        _ => return io.fail("invalid number '0'", 1),
    };
    let wanted = block.saturating_mul(count);
    let source = match value("if") {
        None => {
            let Some(bytes) = io.read_all() else { return Step::Read };
            bytes
        }
        Some(name) => {
            let path = io.path(name);
            match (io.files.special(&path), io.files.read(&path)) {
                (Some(kind @ ("zero" | "random" | "full")), _) => made_up(io, value("of"), kind, wanted),
                (_, Ok(bytes)) => bytes,
                (_, Err(error)) => {
                    let message = if io.gnu() { format!("failed to open '{name}': {error}") } else { format!("can't open '{name}': {error}") };
                    return io.fail(&message, 1);
                }
            }
        }
    };
    let start = usize::try_from(skip.saturating_mul(block)).unwrap_or(usize::MAX).min(source.len());
    let end = usize::try_from(wanted).unwrap_or(usize::MAX).saturating_add(start).min(source.len());
    let taken = &source[start..end];
    let mut written = taken.len();
    match value("of") {
        None => io.out_bytes(taken),
        Some(name) => {
            let path = io.path(name);
            let offset = usize::try_from(seek.saturating_mul(block)).unwrap_or(usize::MAX).min(FILE_SIZE_MAX);
            let keep = value("conv").is_some_and(|conv| conv.contains("notrunc"));
            let mut bytes = if seek > 0 || keep { io.files.read(&path).unwrap_or_default() } else { Vec::new() };
            let old_end = if keep { bytes.len() } else { 0 };
            bytes.resize(offset.max(old_end), 0);
            let tail = bytes.split_off((offset + taken.len()).min(bytes.len()));
            bytes.truncate(offset);
            bytes.extend(taken);
            bytes.extend(tail);
            let opened = if io.files.exists(&path) { Ok(()) } else { io.files.write(&path, b"") };
            if let Err(error) = opened.and_then(|()| if seek > 0 || keep { Ok(()) } else { io.files.write(&path, b"") }) {
                let message = if io.gnu() { format!("failed to open '{name}': {error}") } else { format!("can't open '{name}': {error}") };
                return io.fail(&message, 1);
            }
            if let Err(error) = io.files.write(&path, &bytes) {
                written = fill(io, &path, &bytes, error);
                io.complain(&format!("error writing '{name}': {error}"));
            }
        }
    }
    let (read_blocks, read_part) = (taken.len() as u64 / block, u64::from(!(taken.len() as u64).is_multiple_of(block)));
    let (blocks, part) = (written as u64 / block, u64::from(!(written as u64).is_multiple_of(block)));
    if value("status") != Some("none") {
        let mut text = format!("{read_blocks}+{read_part} records in\n{blocks}+{part} records out\n");
        if value("status") != Some("noxfer") {
            let size = super::listing::human(written as u64, false);
            let size = format!("{size}B");
            text += &if io.gnu() {
                format!("{written} bytes ({size}) copied, 0.001 s, {} MB/s\n", written / 1000)
            } else {
                format!("{written} bytes ({size}) copied, 0.001000 seconds, {}/s\n", super::listing::human(written as u64 * 1000, false) + "B")
            };
        }
        io.err(&text);
    }
    Step::Done(io.scratch.code)
}

/// Bytes from a device that never ends: as many as wanted and as the disk and a file can take, and one more so that the end shows.
fn made_up(io: &Io<'_, '_>, to: Option<&str>, kind: &str, wanted: u64) -> Vec<u8> {
    let free =
        to.and_then(|name| io.files.disk_of(&io.path(folder_of(name))).ok()).and_then(|(_, used, capacity)| Some(capacity?.saturating_sub(used)));
    let most = free.unwrap_or(u64::MAX).min(FILE_SIZE_MAX as u64) + 1;
    let count = wanted.min(most) as usize;
    if kind != "random" {
        return vec![0; count];
    }
    let mut seed = io.now.0 | 1;
    (0..count)
        .map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as u8
        })
        .collect()
}

/// Writes as much as the disk takes, and gives how much that was.
fn fill(io: &mut Io<'_, '_>, path: &str, bytes: &[u8], error: Errno) -> usize {
    let room = match (error, io.files.disk_of(path)) {
        (Errno::TooLarge, _) => FILE_SIZE_MAX,
        (_, Ok((_, used, Some(capacity)))) => {
            let own = io.files.stat(path).map_or(0, |found| found.size);
            capacity.saturating_sub(used.saturating_sub(own)) as usize
        }
        _ => return 0,
    };
    let count = room.min(bytes.len());
    if io.files.write(path, &bytes[..count]).is_ok() { count } else { 0 }
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
