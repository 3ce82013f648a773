//! Signals to a process.

use super::state::Process;
use crate::machine::kernel::Signal;
use crate::machine::kernel::descriptors::Fd;
use crate::machine::kernel::task::TaskId;

impl Process {
    /// Sends a signal: Interrupt to the foreground, Terminate and Kill to the whole process. A root program or shell without a
    /// trap ignores Terminate, as PID 1 of a container does.
    pub fn signal(&mut self, signal: Signal) {
        let root = self.kernel.root;
        match signal {
            Signal::Kill => self.kernel.kill_all(137),
            Signal::Terminate => {
                if let Some(shell) = self.shell_mut(root) {
                    shell.pending_signal = Some("TERM");
                }
            }
            Signal::Interrupt => {
                self.kernel.input.clear();
                self.kernel.input_ended &= !self.kernel.terminal;
                let ended = |id: &TaskId| *id != root && !self.kernel.in_background(*id);
                let others: Vec<TaskId> = self.kernel.tasks.keys().copied().filter(ended).collect();
                others.into_iter().for_each(|id| self.kernel.remove(id));
                if let Some(shell) = self.shell_mut(root).filter(|shell| shell.is_interactive()) {
                    shell.interrupt();
                    if let Some(task) = self.kernel.tasks.get_mut(&root) {
                        task.fds = Fd::of_terminal();
                        task.aside.clear();
                    }
                } else if self.kernel.tasks.contains_key(&root) {
                    self.kernel.kill_all(130);
                }
            }
        }
        self.sweep();
    }
}
