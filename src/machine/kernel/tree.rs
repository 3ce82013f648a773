//! The kernel as a value: the tree of tasks with their pipes and their terminal.

use super::descriptors::{Chunk, Fds, Pipe, PipeId};
use super::profile::Profile;
use super::signal::Signal;
use super::task::{Caller, Task, TaskId, TaskState};
use crate::machine::vfs;
use std::collections::BTreeMap;

/// The tasks of one process, their pipes, and the terminal (or the three streams) that they were given.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    pub profile: Profile,
    pub tasks: BTreeMap<TaskId, Task>,
    pub pipes: BTreeMap<PipeId, Pipe>,
    pub next: u32,
    /// Whether standard input is a terminal.
    pub terminal: bool,
    pub input: Vec<u8>,
    pub input_ended: bool,
    pub output: Vec<Chunk>,
    /// The root task's number; its end is the end of the process.
    pub root: TaskId,
    /// Bytes written in this turn.
    pub written: usize,
    /// What was sent to number 1, which is another process where this one was started beside it.
    pub sent_to_first: Vec<Signal>,
}

impl Kernel {
    pub fn empty(profile: Profile, terminal: bool) -> Kernel {
        Kernel {
            profile,
            tasks: BTreeMap::new(),
            pipes: BTreeMap::new(),
            next: 1,
            terminal,
            input: Vec::new(),
            input_ended: false,
            output: Vec::new(),
            root: 1,
            written: 0,
            sent_to_first: Vec::new(),
        }
    }

    /// fork(2): a new task, with the umask of its parent.
    pub fn fork(&mut self, parent: TaskId, fds: Fds, environment: BTreeMap<String, String>, working_directory: &str) -> TaskId {
        let id = self.next;
        self.next += 1;
        let (umask, working_directory) = (self.umask(parent), working_directory.to_owned());
        let task = Task {
            parent,
            state: TaskState::Running,
            argv: Vec::new(),
            fds,
            aside: Vec::new(),
            environment,
            working_directory,
            umask,
            background: false,
        };
        self.tasks.insert(id, task);
        id
    }

    /// execve(2): the task becomes what a command line names at its next turn.
    pub fn exec(&mut self, id: TaskId, argv: Vec<String>, caller: Caller) {
        if let Some(task) = self.tasks.get_mut(&id) {
            task.argv = argv;
            task.state = TaskState::Exec(caller);
        }
    }

    /// posix_spawn(3): a child of a task, with its folder, that becomes what a command line names.
    pub fn spawn(&mut self, parent: TaskId, argv: Vec<String>, fds: Fds, environment: BTreeMap<String, String>, caller: Caller) -> TaskId {
        let folder = self.working_directory(parent);
        let id = self.fork(parent, fds, environment, &folder);
        self.exec(id, argv, caller);
        id
    }

    pub fn working_directory(&self, id: TaskId) -> String {
        self.tasks.get(&id).map_or_else(|| "/".to_owned(), |task| task.working_directory.clone())
    }

    /// The umask of a task: what has no parent begins with the usual one.
    pub fn umask(&self, id: TaskId) -> u32 {
        self.tasks.get(&id).map_or(vfs::UMASK, |task| task.umask)
    }

    /// Ends a task: its descriptors close, its code stays for its parent.
    pub fn finish(&mut self, id: TaskId, code: i32) {
        let orphan = self.tasks.get(&id).is_some_and(|task| id != self.root && !self.tasks.contains_key(&task.parent));
        if orphan {
            self.tasks.remove(&id);
        } else if let Some(task) = self.tasks.get_mut(&id) {
            task.fds.clear();
            task.aside.clear();
            task.state = TaskState::Zombie(code);
        }
        self.close_pipes();
    }

    /// Takes a task and all below it away.
    pub fn remove(&mut self, id: TaskId) {
        self.tasks.remove(&id);
        let children: Vec<TaskId> = self.tasks.iter().filter(|(_, task)| task.parent == id).map(|(child, _)| *child).collect();
        children.into_iter().for_each(|child| self.remove(child));
        self.close_pipes();
    }

    /// A child's exit code once it is over; the child is then gone.
    pub fn reap(&mut self, id: TaskId) -> Option<i32> {
        match self.tasks.get(&id) {
            None => Some(0),
            Some(Task { state: TaskState::Zombie(code), .. }) => {
                let code = *code;
                self.remove(id);
                Some(code)
            }
            Some(_) => None,
        }
    }

    /// Ends a task with all that it has started.
    pub fn kill(&mut self, id: TaskId, code: i32) {
        let children: Vec<TaskId> = self.tasks.iter().filter(|(_, task)| task.parent == id).map(|(child, _)| *child).collect();
        children.into_iter().for_each(|child| self.remove(child));
        self.finish(id, code);
    }

    pub fn kill_all(&mut self, code: i32) {
        let root = self.root;
        self.tasks.retain(|id, _| *id == root);
        self.pipes.clear();
        if let Some(task) = self.tasks.get_mut(&root) {
            task.state = TaskState::Zombie(code);
        }
    }

    /// Whether a task, or one that it belongs to, runs in the background.
    pub fn in_background(&self, id: TaskId) -> bool {
        let mut next = self.tasks.get(&id);
        // Parents are older than their children, so this ends.
        while let Some(task) = next {
            if task.background {
                return true;
            }
            next = self.tasks.get(&task.parent);
        }
        false
    }

    /// The exit code once it is over.
    pub fn exit_code(&self) -> Option<i32> {
        match self.tasks.get(&self.root) {
            Some(Task { state: TaskState::Zombie(code), .. }) => Some(*code),
            Some(_) => None,
            None => Some(0),
        }
    }

    /// The tasks under way that have a command line, for `ps`: a number and that line.
    pub fn commands(&self) -> Vec<(u32, String)> {
        let named = self.tasks.iter().filter(|(_, task)| !task.argv.is_empty() && !matches!(task.state, TaskState::Zombie(_)));
        named.map(|(id, task)| (*id, task.argv.join(" "))).collect()
    }

    /// Sends a signal to the first process of the container; who owns that takes it from here.
    pub fn signal_first(&mut self, signal: Signal) {
        self.sent_to_first.push(signal);
    }
}
