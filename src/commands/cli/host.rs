//! The machine that a command runs on.

use crate::machine::vfs::{ReadView, View};
use crate::world::ClusterId;
use std::collections::BTreeMap;

/// What a command sees of the user's machine.
pub struct Host<'a> {
    /// The machine's files (`-f FILE`, `cp`, `edit`).
    pub files: View<'a>,
    pub environment: &'a BTreeMap<String, String>,
    pub working_directory: &'a str,
    /// Whether standard input is a terminal (`-t` asks).
    pub stdin_is_terminal: bool,
    /// The cluster that the command speaks to, once it has looked into its kubeconfig.
    pub cluster: ClusterId,
}

/// The same, to read: all that completion and a look into the kubeconfig need.
#[derive(Clone, Copy)]
pub struct HostView<'a> {
    pub files: ReadView<'a>,
    pub environment: &'a BTreeMap<String, String>,
    pub working_directory: &'a str,
}

impl Host<'_> {
    pub fn view(&self) -> HostView<'_> {
        HostView { files: self.files.reading(), environment: self.environment, working_directory: self.working_directory }
    }
}
