//! A process whose root is an interactive shell: lines typed at its prompt.

use super::state::{Executable, Process};
use crate::machine::kernel::descriptors::Fd;
use crate::machine::kernel::task::{Task, TaskState};
use crate::machine::kernel::{Dialect, Profile, Stream};
use crate::machine::shell::interpreter::Shell;
use std::collections::BTreeMap;

impl Process {
    /// An interactive shell that is given whole lines by `run_line`.
    pub fn interactive(profile: Profile, environment: BTreeMap<String, String>, working_directory: &str) -> Process {
        let mut process = Process::empty(profile, true);
        let shell = Shell::interactive(&environment, working_directory);
        let root = process.kernel.fork(0, Fd::of_terminal(), environment, working_directory);
        if let Some(task) = process.kernel.tasks.get_mut(&root) {
            task.argv = vec![shell.variables.name.clone()];
        }
        process.running.insert(root, Executable::Shell(Box::new(shell)));
        process
    }

    /// Hands a line (or several) typed at the prompt to an interactive shell. False: the command is not complete, more lines are needed.
    pub fn run_line(&mut self, line: &str) -> bool {
        let dialect = self.kernel.profile.dialect;
        // A Ctrl-D that nothing read is forgotten.
        self.kernel.input_ended &= !self.kernel.terminal;
        let Some(shell) = self.shell_mut(self.kernel.root) else { return true };
        match shell.run_line(line, dialect) {
            Ok(complete) => complete,
            Err(message) => {
                self.kernel.write_fd(&Fd::Terminal(Stream::Stderr), format!("{message}\n").as_bytes());
                true
            }
        }
    }

    /// Whether an interactive shell is at its prompt.
    pub fn at_prompt(&self) -> bool {
        self.shell(self.kernel.root).is_some_and(Shell::idle)
    }

    /// What the foreground prints before it reads a line: a shell's prompt in its dialect; empty for other programs.
    pub fn prompt(&self) -> String {
        let reading = self.running.iter().rev().find_map(|(id, executable)| match executable {
            Executable::Shell(shell) if shell.reads_terminal() => Some((shell, self.kernel.tasks.get(id)?)),
            _ => None,
        });
        match reading {
            Some((shell, _)) if shell.wants_more() => "> ".to_owned(),
            Some((_, task)) if self.kernel.profile.dialect == Dialect::Bash => {
                format!("root@{}:{}# ", task.environment.get("HOSTNAME").map_or("localhost", String::as_str), task.working_directory)
            }
            Some((_, task)) if self.kernel.profile.dialect == Dialect::BusyboxAsh => format!("{} # ", task.working_directory),
            Some(_) => "# ".to_owned(),
            None => String::new(),
        }
    }

    /// A variable of the root shell.
    pub fn variable(&self, name: &str) -> Option<String> {
        self.shell(self.kernel.root)?.variables.lookup(name)
    }

    /// The exit code of the last command of an interactive shell.
    pub fn last_code(&self) -> i32 {
        match (self.shell(self.kernel.root), self.kernel.tasks.get(&self.kernel.root)) {
            (Some(shell), _) => shell.variables.last_code,
            (None, Some(Task { state: TaskState::Zombie(code), .. })) => *code,
            _ => 0,
        }
    }
}
