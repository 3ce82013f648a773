//! FileSystem (an inode tree), MountTable, errno; capacity and ENOSPC.

use super::disks::{DiskId, Disks};
use crate::values::clock::Instant;

/// One disk's files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileSystem {}

/// An error number of the system; `Display` is its text, such as `No such file or directory`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errno {
    NoEntry,
    Exists,
    NotDirectory,
    IsDirectory,
    NotEmpty,
    ReadOnly,
    NoSpace,
    Permission,
    Loop,
    Invalid,
    Busy,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    File,
    Directory,
    Symlink,
    Socket,
    CharDevice,
    BlockDevice,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    pub file_type: FileType,
    /// Permission bits, such as 0o644.
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    /// Bytes.
    pub size: u64,
    pub modified: Instant,
    /// Within its disk.
    pub inode: u64,
}

/// A place of a process' tree where a directory (or file) of a disk is seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Mount {
    /// Absolute path in the process' view; `/` for the root.
    pub target: String,
    pub disk: DiskId,
    /// Absolute path within the disk.
    pub source: String,
    pub read_only: bool,
}

/// A process' tree: the deepest mount whose target leads a path wins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MountTable {
    pub mounts: Vec<Mount>,
}

/// Disks seen through a mount table: all file calls of programs go through it. Paths are absolute and resolved (`..`, symlinks) here.
pub struct View<'a> {
    pub disks: &'a mut Disks,
    pub mounts: &'a MountTable,
    pub now: Instant,
}

impl View<'_> {
    /// # Errors
    /// As open(2) and read(2).
    pub fn read(&self, _path: &str) -> Result<Vec<u8>, Errno> {
        Err(Errno::NoEntry)
    }

    /// Makes or truncates the file.
    /// # Errors
    /// As open(2) and write(2).
    pub fn write(&mut self, _path: &str, _bytes: &[u8]) -> Result<(), Errno> {
        Err(Errno::NoEntry)
    }

    /// # Errors
    /// As open(2) and write(2).
    pub fn append(&mut self, _path: &str, _bytes: &[u8]) -> Result<(), Errno> {
        Err(Errno::NoEntry)
    }

    /// Names in order, without `.` and `..`.
    /// # Errors
    /// As opendir(3).
    pub fn list(&self, _path: &str) -> Result<Vec<String>, Errno> {
        Err(Errno::NoEntry)
    }

    /// Follows symlinks.
    /// # Errors
    /// As stat(2).
    pub fn stat(&self, _path: &str) -> Result<Metadata, Errno> {
        Err(Errno::NoEntry)
    }

    /// # Errors
    /// As mkdir(2).
    pub fn make_dir(&mut self, _path: &str) -> Result<(), Errno> {
        Err(Errno::NoEntry)
    }

    /// With its parents; nothing happens where it is there.
    /// # Errors
    /// As mkdir(2).
    pub fn make_dirs(&mut self, _path: &str) -> Result<(), Errno> {
        Err(Errno::NoEntry)
    }

    /// A file, symlink or empty directory.
    /// # Errors
    /// As unlink(2) and rmdir(2).
    pub fn remove(&mut self, _path: &str) -> Result<(), Errno> {
        Err(Errno::NoEntry)
    }

    /// With all below it.
    /// # Errors
    /// As unlink(2).
    pub fn remove_all(&mut self, _path: &str) -> Result<(), Errno> {
        Err(Errno::NoEntry)
    }

    /// # Errors
    /// As rename(2).
    pub fn rename(&mut self, _from: &str, _to: &str) -> Result<(), Errno> {
        Err(Errno::NoEntry)
    }

    /// # Errors
    /// As symlink(2).
    pub fn symlink(&mut self, _target: &str, _path: &str) -> Result<(), Errno> {
        Err(Errno::NoEntry)
    }
}
