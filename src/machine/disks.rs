//! The bytes behind nodes, containers, volumes in memory and the user's machine: one file system each.

use super::vfs::disk::FileSystem;
use crate::values::value::Text;
use rpds::RedBlackTreeMap;

/// What a disk is called: `node/<node>` (a node's root, with the volumes that are folders of it; in a further cluster `node/<cluster>/<node>`),
/// `container/<pod uid>/<container>/<restarts>` (a container's layer), `tmpfs/<pod uid>/<volume>` (a volume in memory), `home` (the user's machine).
pub type DiskId = Text;

/// The disks of a world, or of the user's machine, with structure shared between clones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Disks {
    disks: RedBlackTreeMap<DiskId, FileSystem>,
}

impl Disks {
    pub fn get(&self, id: &str) -> Option<&FileSystem> {
        self.disks.get(id)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut FileSystem> {
        self.disks.get_mut(id)
    }

    pub fn insert(&mut self, id: DiskId, disk: FileSystem) {
        self.disks.insert_mut(id, disk);
    }

    pub fn remove(&mut self, id: &str) {
        self.disks.remove_mut(id);
    }
}
