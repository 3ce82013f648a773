//! Programs that copy and move: cp, install, mv.
//!
//! Models busybox coreutils/cp.c, mv.c and libbb/copy_file.c; GNU's words where the machine has GNU's programs.

use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::paths::destination;
use crate::machine::programs::lib::paths::{DEPTH_MAX, folder_of, join};
use crate::machine::programs::lib::table::{On, Program};

use crate::machine::vfs::{Errno, FileType};

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program {
        name: "cp",
        usage: "[-arPLHpfinlsTu] SOURCE DEST\nor: cp [-arPLHpfinlsu] SOURCE... { -t DIRECTORY | DIRECTORY }",
        on: On::Everywhere,
        run: cp,
    },
    Program { name: "install", usage: "[-cdDsp] [-o USER] [-g GRP] [-m MODE] [-t DIR] [SOURCE]... DEST", on: On::Everywhere, run: cp },
    Program { name: "mv", usage: "[-finT] SOURCE DEST\nor: mv [-fin] SOURCE... { -t DIRECTORY | DIRECTORY }", on: On::Everywhere, run: mv },
];

fn cp(io: &mut Io<'_, '_>) -> Syscall {
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
        return Syscall::Exit(1);
    };
    for source in &sources {
        let to = destination(source, &target, into);
        copy.one(io, source, &to, 0);
    }
    Syscall::Exit(io.scratch.code)
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

fn mv(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("finTvt:u", &[("force", 'f'), ("no-clobber", 'n'), ("verbose", 'v'), ("target-directory", 't')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let Some((sources, target, into)) = sources_and_target(io, &options.operands, options.value('t'), options.has('T')) else {
        return Syscall::Exit(1);
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
    Syscall::Exit(io.scratch.code)
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
