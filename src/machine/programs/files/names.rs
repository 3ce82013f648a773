//! Programs that make files and folders and follow their names: mkdir, ln, touch, mktemp, readlink and their kind.
//!
//! Models busybox coreutils/*.c; GNU's words where the machine has GNU's programs.

use crate::machine::programs::lib::dates::chosen_instant;
use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::modes::new_mode;
use crate::machine::programs::lib::paths::{destination, folder_of, join};
use crate::machine::programs::lib::table::{On, Program};

use crate::machine::vfs::{Errno, FileType};

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "link", usage: "FILE LINK", on: On::Everywhere, run: ln },
    Program { name: "ln", usage: "[-sfnbtv] [-S SUF] TARGET... LINK|DIR", on: On::Everywhere, run: ln },
    Program { name: "mkdir", usage: "[-m MODE] [-p] DIRECTORY...\n\nCreate DIRECTORY", on: On::Everywhere, run: mkdir },
    Program { name: "mktemp", usage: "[-dt] [-p DIR] [TEMPLATE]", on: On::Everywhere, run: mktemp },
    Program { name: "pwd", usage: "\n\nPrint the full filename of the current working directory", on: On::Everywhere, run: pwd },
    Program { name: "readlink", usage: "[-fnv] FILE", on: On::Everywhere, run: readlink },
    Program { name: "realpath", usage: "FILE...\n\nPrint absolute pathnames of FILE", on: On::Everywhere, run: realpath },
    Program { name: "touch", usage: "[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...", on: On::Everywhere, run: touch },
];

fn pwd(io: &mut Io<'_, '_>) -> Syscall {
    let text = format!("{}\n", io.working_directory);
    io.out(&text);
    Syscall::Exit(0)
}

fn mkdir(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("m:pv", &[("parents", 'p'), ("mode", 'm'), ("verbose", 'v')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    if options.operands.is_empty() {
        return io.missing_operand();
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
    Syscall::Exit(io.scratch.code)
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

fn touch(io: &mut Io<'_, '_>) -> Syscall {
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
    Syscall::Exit(io.scratch.code)
}

fn ln(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("sfnbvtTr", &[("symbolic", 's'), ("force", 'f'), ("no-dereference", 'n')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let (targets, link) = match options.operands.split_last() {
        None => return io.missing_operand(),
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
    Syscall::Exit(io.scratch.code)
}

fn mktemp(io: &mut Io<'_, '_>) -> Syscall {
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
        return Syscall::Exit(0);
    }
    io.fail(&format!("{template}: File exists"), 1)
}

fn readlink(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("fnvem", &[("canonicalize", 'f'), ("no-newline", 'n')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    if options.operands.is_empty() {
        return io.missing_operand();
    }
    for name in &options.operands {
        let path = io.path(name);
        let found = if options.has('f') { resolved(io, &path).ok() } else { io.files.read_link(&path).ok() };
        match found {
            Some(text) => io.out(&if options.has('n') { text } else { text + "\n" }),
            None => io.scratch.code = 1,
        }
    }
    Syscall::Exit(io.scratch.code)
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

fn realpath(io: &mut Io<'_, '_>) -> Syscall {
    let names: Vec<String> = io.arguments().iter().filter(|word| !word.starts_with('-')).cloned().collect();
    if names.is_empty() {
        return io.missing_operand();
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
    Syscall::Exit(io.scratch.code)
}
