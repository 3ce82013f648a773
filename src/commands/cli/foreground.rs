//! Commands that are not over yet: `wait`, `delete` with finalizers, `exec`, `logs -f`, `rollout status`, `get -w`, `run -it`.

use crate::commands::kubectl::{Failure, Host, Output, Poll};
use crate::control::cluster::Cluster;
use crate::machine::shell::Input;
use crate::values::clock::Instant;

/// What goes on.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    Attach(Box<crate::commands::kubectl::containers::exec::Attach>),
    Edit(Box<crate::commands::kubectl::write::edit::Edit>),
    Exec(crate::commands::kubectl::containers::exec::Exec),
    Logs(crate::commands::kubectl::read::logs::Follow),
    Delete(crate::commands::kubectl::write::delete::Deletion),
    Drain(crate::commands::kubectl::cluster::node::Drain),
    Replace(Box<crate::commands::kubectl::write::replace::Replacement>),
    Rollout(crate::commands::kubectl::write::rollout::Status),
    Wait(crate::commands::kubectl::read::wait::Wait),
    Watch(crate::commands::kubectl::read::get::Watch),
}

/// What a poll of a task came to.
pub enum Step {
    Going,
    WantsInput,
    Done(Result<(), Failure>),
}

/// A command that is not over yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Foreground {
    pub task: Task,
    /// The verb's name, for its errors.
    pub verb: &'static str,
    /// `--request-timeout`: when a watch is closed.
    pub deadline: Option<Instant>,
}

impl Foreground {
    pub fn new(task: Task) -> Foreground {
        Foreground { task, verb: "", deadline: None }
    }

    /// Looks at the cluster and goes on.
    pub fn poll(&mut self, cluster: &mut Cluster, host: &mut Host<'_>, input: Input) -> Poll {
        let mut output = Output::default();
        let step = match &mut self.task {
            Task::Delete(deletion) => deletion.poll(cluster, &mut output),
            Task::Attach(attach) => attach.poll(cluster, input, &mut output),
            Task::Edit(edit) => edit.poll(cluster, host, &mut output),
            Task::Exec(exec) => exec.poll(cluster, input, &mut output),
            Task::Logs(logs) => logs.poll(cluster, &mut output),
            Task::Drain(drain) => drain.poll(cluster, &mut output),
            Task::Replace(replacement) => replacement.poll(cluster, host, &mut output),
            Task::Rollout(status) => status.poll(cluster, &mut output),
            Task::Wait(wait) => wait.poll(cluster, &mut output),
            Task::Watch(watch) => watch.poll(cluster, host, input, &mut output),
        };
        let (finished, wants_input) = match step {
            Step::Going if self.is_endless() && self.deadline.is_some_and(|deadline| deadline <= cluster.now()) => (true, false),
            Step::Going => (false, false),
            Step::WantsInput => (false, true),
            Step::Done(Ok(())) => (true, false),
            Step::Done(Err(failure)) => {
                output.fail(&failure, self.verb);
                (true, false)
            }
        };
        Poll { output, finished, wants_input }
    }

    /// When it must be polled at the latest, although nothing happens in the cluster.
    pub fn wake(&self) -> Option<Instant> {
        let own = match &self.task {
            Task::Delete(deletion) => deletion.wake(),
            Task::Attach(attach) => attach.wake(),
            Task::Edit(edit) => edit.wake(),
            Task::Exec(_) | Task::Logs(_) => None,
            Task::Drain(drain) => drain.wake(),
            Task::Replace(replacement) => replacement.wake(),
            Task::Rollout(status) => status.wake(),
            Task::Wait(wait) => wait.wake(),
            Task::Watch(watch) => watch.wake(),
        };
        [own, self.deadline].into_iter().flatten().min()
    }

    /// Whether it goes on until somebody ends it.
    pub fn is_endless(&self) -> bool {
        matches!(self.task, Task::Watch(_) | Task::Logs(_))
    }

    /// What the program in the foreground shows before it reads a line.
    pub fn prompt(&self) -> String {
        match &self.task {
            Task::Exec(exec) => exec.prompt().to_owned(),
            Task::Attach(attach) => attach.prompt().to_owned(),
            _ => String::new(),
        }
    }

    /// Ctrl-C: the last words with the code, and whether that ends it.
    pub fn interrupt(&mut self, cluster: &mut Cluster) -> (Output, bool) {
        let over = match &mut self.task {
            Task::Exec(exec) => exec.interrupt(cluster),
            _ => true,
        };
        (Output { code: 130, ..Output::default() }, over)
    }
}
