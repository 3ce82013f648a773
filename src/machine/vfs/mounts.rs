//! What a process sees where: mounts, who it is, and paths before any disk is looked at.

use crate::machine::disks::DiskId;
use crate::values::value::Text;

/// A place of a process' tree where a directory (or file) of a disk is seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Mount {
    /// Absolute path in the process' view; `/` for the root.
    pub target: Text,
    pub disk: DiskId,
    /// Absolute path within the disk.
    pub source: Text,
    pub read_only: bool,
}

/// Who a process is. Number 0 may do everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    pub uid: u32,
    pub gid: u32,
    /// All its groups in order, its own among them.
    pub groups: Vec<u32>,
}

/// A process' tree, the deepest mount whose target leads a path wins; and whose tree it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MountTable {
    pub mounts: Vec<Mount>,
    pub user: User,
}

impl MountTable {
    /// A table with one disk as the whole tree.
    pub fn root(disk: impl Into<DiskId>) -> MountTable {
        let mounts = vec![Mount { target: Text::from_static_str("/"), disk: disk.into(), source: Text::from_static_str("/"), read_only: false }];
        MountTable { mounts, user: User::default() }
    }

    /// The mount that a path (absolute, normal) is on.
    pub fn of(&self, path: &str) -> Option<&Mount> {
        self.mounts.iter().rev().filter(|mount| leads(&mount.target, path)).max_by_key(|mount| mount.target.len())
    }

    pub(super) fn exactly(&self, path: &str) -> Option<&Mount> {
        self.mounts.iter().rev().find(|mount| mount.target == path)
    }
}

/// Whether a path is that of a mount's target or below it.
pub fn leads(target: &str, path: &str) -> bool {
    target == "/" || path == target || path.strip_prefix(target).is_some_and(|rest| rest.starts_with('/'))
}

/// `/a/../b//c/` as `/b/c`, without looking at any disk.
pub fn normal(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}

/// A path as a program names it, made absolute.
pub fn absolute(working_directory: &str, path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{working_directory}/{path}") }
}

/// The names in a path.
pub(super) fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".")
}
