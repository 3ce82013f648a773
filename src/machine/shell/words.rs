//! What a shell says in its dialect.

use crate::machine::kernel::Dialect;
use crate::machine::kernel::tree::Kernel;
use crate::machine::programs::lib::lookup::Refusal;
use crate::machine::vfs::Errno;

/// What the shell calls itself in messages.
pub fn shell_name(kernel: &Kernel) -> &'static str {
    match kernel.profile.dialect {
        // A script's complaints name its line; `-c TEXT` mostly has one.
        Dialect::Bash if !kernel.terminal => "bash: line 1",
        Dialect::Bash => "bash",
        Dialect::BusyboxAsh => "sh",
        Dialect::Dash => "sh: 1",
    }
}

/// What a shell says of a command that it cannot start, without its own name, and the code that it takes it for.
pub fn cannot_start(dialect: Dialect, name: &str, refusal: &Refusal) -> (String, i32) {
    let bash = dialect == Dialect::Bash;
    match refusal {
        Refusal::File(Errno::NoEntry) if bash && !name.contains('/') => (format!("{name}: command not found"), 127),
        Refusal::File(Errno::NoEntry) if bash => (format!("{name}: {}", Errno::NoEntry), 127),
        Refusal::Interpreter if bash => (format!("{name}: cannot execute: required file not found"), 127),
        Refusal::File(Errno::NoEntry) | Refusal::Interpreter => (format!("{name}: not found"), 127),
        // Only bash looks what the file is.
        Refusal::File(Errno::IsDirectory) if !bash => (format!("{name}: {}", Errno::Permission), 126),
        Refusal::File(error @ Errno::Loop) if !bash => (format!("{name}: {error}"), 127),
        Refusal::File(error) => (format!("{name}: {error}"), 126),
        Refusal::Format(_) => (format!("{name}: Exec format error"), 126),
    }
}

/// What the shell says of a script that it is to run and cannot open, and its exit code.
pub fn cannot_open(dialect: Dialect, shell: &str, file: &str, error: Errno) -> (String, i32) {
    match (dialect, error) {
        (Dialect::Bash, Errno::IsDirectory) => (format!("{file}: {file}: {error}"), 126),
        (Dialect::Bash, Errno::NoEntry) => (format!("{shell}: {file}: {error}"), 127),
        (Dialect::Bash, _) => (format!("{shell}: {file}: {error}"), 126),
        (Dialect::Dash, Errno::NoEntry) => (format!("{shell}: 0: cannot open {file}: No such file"), 2),
        (Dialect::Dash, _) => (format!("{shell}: 0: cannot open {file}: {error}"), 2),
        (Dialect::BusyboxAsh, _) => (format!("{shell}: can't open '{file}': {error}"), 2),
    }
}
