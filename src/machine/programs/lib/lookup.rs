//! What execve(2) finds behind a command line: a call of the owner, a shell, a program, or a script with its interpreter.

use super::table::{Program, Table};
use crate::machine::kernel::Profile;
use crate::machine::vfs::{self, Errno, FileType, View};

/// How many interpreters may stand behind each other, as Linux.
const INTERPRETERS_MAX: usize = 4;

/// What a command line starts, with the command line as that sees it.
pub enum Found {
    /// The owner of the process answers it.
    Call,
    Shell(Vec<String>),
    Program(&'static Program, Vec<String>),
}

/// Why a command line starts nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    File(Errno),
    /// The script's first line names an interpreter that is not there.
    Interpreter,
    /// ENOEXEC: a file without a first line that names one. A shell runs it itself; this is the command line for that.
    Format(Vec<String>),
}

/// The interpreter that a script's first line names, with its argument.
fn interpreter(bytes: &[u8]) -> Option<Vec<String>> {
    let line = bytes.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    // What stands behind the interpreter is one word, whatever blanks are in it.
    let (name, argument) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
    let words = [name, argument.trim()].into_iter().filter(|word| !word.is_empty());
    Some(words.map(str::to_owned).collect())
}

impl Table {
    /// What a command line starts on a machine. `folder` is where relative paths begin.
    /// # Errors
    /// Why it starts nothing.
    pub fn lookup(&self, profile: &Profile, files: &View<'_>, folder: &str, argv: &[String]) -> Result<Found, Refusal> {
        let mut argv = argv.to_vec();
        for depth in 0..INTERPRETERS_MAX {
            let Some(name) = argv.first() else { return Err(Refusal::File(Errno::NoEntry)) };
            if profile.calls.contains(&name.as_str()) {
                return Ok(Found::Call);
            }
            if profile.is_shell(name) {
                return Ok(Found::Shell(argv));
            }
            if let Some(program) = self.find(profile, name) {
                return Ok(Found::Program(program, argv));
            }
            let path = vfs::absolute(folder, name);
            match can_execute(files, &path).and_then(|()| files.read(&path)) {
                Err(Errno::NoEntry) if depth > 0 => return Err(Refusal::Interpreter),
                Err(error) => return Err(Refusal::File(error)),
                Ok(_) if !name.contains('/') => return Err(Refusal::File(Errno::NoEntry)),
                Ok(bytes) => match interpreter(&bytes) {
                    Some(words) if !words.is_empty() => drop(argv.splice(0..0, words)),
                    _ => return Err(Refusal::Format([vec!["sh".to_owned()], argv].concat())),
                },
            }
        }
        Err(Refusal::File(Errno::Loop))
    }

    /// Whether a machine can start what a name leads to, as far as one sees without starting it.
    /// # Errors
    /// Why it cannot.
    pub fn can_start(&self, profile: &Profile, files: &View<'_>, folder: &str, name: &str) -> Result<(), Errno> {
        match self.lookup(profile, files, folder, &[name.to_owned()]) {
            Err(Refusal::File(error)) => Err(error),
            _ => Ok(()),
        }
    }
}

/// Whether a file may be executed.
fn can_execute(files: &View<'_>, path: &str) -> Result<(), Errno> {
    let found = files.stat(path)?;
    match found.file_type {
        FileType::Directory => Err(Errno::IsDirectory),
        FileType::File if found.mode & 0o111 != 0 => Ok(()),
        _ => Err(Errno::Permission),
    }
}
