//! The bytes behind volumes, nodes and containers: one file system each.

use super::vfs::FileSystem;
use rpds::RedBlackTreeMap;

/// What a disk is called: `node/node-1` (a node's root), `container/<pod uid>/<container>` (a container's layer), `home` (the console's).
pub type DiskId = String;

/// All disks, with structure shared between clones.
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
