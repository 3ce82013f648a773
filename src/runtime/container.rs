//! One container as its runtime knows it.
//!
//! Models ContainerConfig and ContainerStatus of the CRI.
//!
//! ```text
//! create -> Created -> start -> Running <-> Paused
//!                        |         |
//!                        +---------+-> Exited
//! ```

use super::log::Log;
use crate::machine::disks::DiskId;
use crate::machine::kernel::Profile;
use crate::machine::process::Process;
use crate::machine::vfs::{Mount, MountTable, User};
use crate::values::clock::Instant;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The name of a container within its runtime, as the CRI's plugin of containerd reserves it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContainerId {
    /// Containers of one sandbox share an address and a host name; the kubelet's sandboxes are named by the uids of their pods.
    pub sandbox: Rc<str>,
    pub name: Rc<str>,
    /// How many of that name there were before.
    pub attempt: u32,
}

impl ContainerId {
    /// The disk that is the container's own layer.
    pub fn disk(&self) -> DiskId {
        format!("container/{}/{}/{}", self.sandbox, self.name, self.attempt).into()
    }
}

/// What a container is made of and what it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// As its owner named it.
    pub image: String,
    pub profile: Profile,
    /// In the place of the image's entrypoint; empty: that one.
    pub command: Vec<String>,
    /// In the place of the image's arguments.
    pub args: Vec<String>,
    /// In the order in which the process gets them.
    pub environment: Vec<(String, String)>,
    pub working_directory: String,
    pub user: User,
    pub terminal: bool,
    /// Whether its standard input stays open.
    pub stdin: bool,
    pub read_only_root: bool,
    /// Folders and files that are seen in it; those deeper in the tree come later.
    pub mounts: Vec<Mount>,
    /// What its owner writes into its layer, such as /etc/hosts: path and text.
    pub files: Vec<(&'static str, String)>,
}

impl Spec {
    /// The variables by name.
    pub fn variables(&self) -> BTreeMap<String, String> {
        self.environment.iter().cloned().collect()
    }
}

/// What runs in a container.
#[derive(Clone, Debug, PartialEq)]
pub enum Main {
    /// A shell or program, stepped as its time comes.
    Process(Box<Process>),
    /// The image's server: it answers when it is asked, and does nothing else.
    Server,
}

/// A container that is up.
#[derive(Clone, Debug, PartialEq)]
pub struct Up {
    pub started: Instant,
    pub main: Main,
}

/// How a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    pub started: Instant,
    pub finished: Instant,
    pub code: i32,
    /// `Completed`, `Error`, `StartError`.
    pub reason: &'static str,
    /// Why it could not start; empty otherwise.
    pub message: String,
}

/// What a container is doing, with all that is known in that state alone.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    Created,
    Running(Up),
    /// Its processes stand still until it is resumed.
    Paused(Up),
    Exited(Exit),
}

/// A container.
#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    /// 64 hexadecimal digits.
    pub id: String,
    pub spec: Rc<Spec>,
    pub state: State,
    pub log: Log,
    /// Its own layer, which it has until it is removed or pruned.
    pub disk: DiskId,
    /// What its processes see: the layer and what is mounted on it.
    pub mounts: Rc<MountTable>,
}

impl Container {
    pub fn is_running(&self) -> bool {
        matches!(self.state, State::Running(_))
    }

    /// How it ended; `None`: it has not.
    pub fn exit(&self) -> Option<&Exit> {
        match &self.state {
            State::Exited(exit) => Some(exit),
            _ => None,
        }
    }

    /// Since when it runs or when it began to, where it did.
    pub fn started(&self) -> Option<Instant> {
        match &self.state {
            State::Created => None,
            State::Running(up) | State::Paused(up) => Some(up.started),
            State::Exited(exit) => Some(exit.started),
        }
    }

    /// Whether the image's server answers in it.
    pub fn serves(&self) -> bool {
        matches!(&self.state, State::Running(Up { main: Main::Server, .. }))
    }

    /// Its first process, while it runs.
    pub fn process(&self) -> Option<&Process> {
        match &self.state {
            State::Running(Up { main: Main::Process(process), .. }) => Some(process),
            _ => None,
        }
    }

    pub(super) fn process_mut(&mut self) -> Option<&mut Process> {
        match &mut self.state {
            State::Running(Up { main: Main::Process(process), .. }) => Some(process),
            _ => None,
        }
    }

    /// The first process is over.
    pub(super) fn end(&mut self, code: i32, now: Instant) {
        let started = self.started().unwrap_or(now);
        let reason = if code == 0 { "Completed" } else { "Error" };
        self.state = State::Exited(Exit { started, finished: now, code, reason, message: String::new() });
        self.log.close(now);
    }
}
