//! One disk: a persistent inode tree with a size, which a clone shares.

use super::errno::Errno;
use crate::values::clock::Instant;
use crate::values::value::Text;
use rpds::RedBlackTreeMap;
use std::rc::Rc;

/// The largest file, in bytes: what a tab can hold without harm.
pub const FILE_SIZE_MAX: usize = 32 * 1024 * 1024;
/// The most bytes that one disk really holds, however large it is said to be.
pub const DISK_SIZE_MAX: u64 = 128 * 1024 * 1024;
/// The most inodes on one disk.
const INODES_MAX: usize = 100_000;

pub(super) const ROOT: u64 = 1;

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
    pub links: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    File(Rc<Vec<u8>>),
    Directory(RedBlackTreeMap<Text, u64>),
    Symlink(String),
    /// A device or socket, with its own name (`null`, `zero`) for what it does.
    Special(FileType, &'static str),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Inode {
    pub(super) content: Content,
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) modified: Instant,
    pub(super) links: u32,
}

impl Inode {
    pub(super) fn new(content: Content, mode: u32, now: Instant) -> Inode {
        Inode { content, mode, uid: 0, gid: 0, modified: now, links: 1 }
    }

    pub(super) fn size(&self) -> u64 {
        match &self.content {
            Content::File(bytes) => bytes.len() as u64,
            Content::Directory(_) => 4096,
            Content::Symlink(target) => target.len() as u64,
            Content::Special(..) => 0,
        }
    }

    /// The number behind a name of a directory.
    pub(super) fn child(&self, name: &str) -> Result<Option<u64>, Errno> {
        match &self.content {
            Content::Directory(entries) => Ok(entries.get(name).copied()),
            _ => Err(Errno::NotDirectory),
        }
    }

    pub(super) fn file_type(&self) -> FileType {
        match &self.content {
            Content::File(_) => FileType::File,
            Content::Directory(_) => FileType::Directory,
            Content::Symlink(_) => FileType::Symlink,
            Content::Special(file_type, _) => *file_type,
        }
    }
}

/// One disk's files.
#[derive(Clone, Debug, PartialEq)]
pub struct FileSystem {
    inodes: RedBlackTreeMap<u64, Inode>,
    next: u64,
    /// Bytes of file content.
    pub(super) used: u64,
    /// Bytes that fit; `None`: as many as the machine holds.
    pub capacity: Option<u64>,
}

impl Default for FileSystem {
    fn default() -> FileSystem {
        FileSystem::new(Instant(0))
    }
}

impl FileSystem {
    /// An empty disk with a root directory.
    pub fn new(now: Instant) -> FileSystem {
        let mut inodes = RedBlackTreeMap::new();
        inodes.insert_mut(ROOT, Inode::new(Content::Directory(RedBlackTreeMap::new()), 0o755, now));
        FileSystem { inodes, next: ROOT + 1, used: 0, capacity: None }
    }

    /// Bytes of file content on the disk.
    pub fn used(&self) -> u64 {
        self.used
    }

    pub(super) fn directory(&self, inode: u64) -> Result<&RedBlackTreeMap<Text, u64>, Errno> {
        match &self.inode(inode)?.content {
            Content::Directory(entries) => Ok(entries),
            _ => Err(Errno::NotDirectory),
        }
    }

    pub(super) fn inode(&self, inode: u64) -> Result<&Inode, Errno> {
        self.inodes.get(&inode).ok_or(Errno::NoEntry)
    }

    pub(super) fn child(&self, directory: u64, name: &str) -> Result<Option<u64>, Errno> {
        self.inode(directory)?.child(name)
    }

    pub(super) fn change(&mut self, inode: u64, change: impl FnOnce(&mut Inode)) {
        if let Some(found) = self.inodes.get_mut(&inode) {
            change(found);
        }
    }

    pub(super) fn add(&mut self, directory: u64, name: &str, inode: Inode, now: Instant) -> Result<u64, Errno> {
        if self.inodes.size() >= INODES_MAX {
            return Err(Errno::NoSpace);
        }
        let number = self.next;
        self.next += 1;
        self.inodes.insert_mut(number, inode);
        self.link(directory, name, number, now);
        Ok(number)
    }

    pub(super) fn link(&mut self, directory: u64, name: &str, number: u64, now: Instant) {
        self.change(directory, |parent| {
            parent.modified = now;
            if let Content::Directory(entries) = &mut parent.content {
                entries.insert_mut(name.into(), number);
            }
        });
    }

    pub(super) fn unlink(&mut self, directory: u64, name: &str, now: Instant) {
        let Ok(Some(number)) = self.child(directory, name) else { return };
        self.change(directory, |parent| {
            parent.modified = now;
            if let Content::Directory(entries) = &mut parent.content {
                entries.remove_mut(name);
            }
        });
        self.change(number, |inode| inode.links = inode.links.saturating_sub(1));
        if let Ok(inode) = self.inode(number)
            && inode.links == 0
        {
            if let Content::File(bytes) = &inode.content {
                self.used -= bytes.len() as u64;
            }
            self.inodes.remove_mut(&number);
        }
    }

    pub(super) fn remove_tree(&mut self, directory: u64, name: &str, now: Instant) {
        if let Ok(Some(number)) = self.child(directory, name)
            && let Ok(entries) = self.directory(number)
        {
            for child in entries.keys().cloned().collect::<Vec<_>>() {
                self.remove_tree(number, &child, now);
            }
        }
        self.unlink(directory, name, now);
    }

    /// Makes room for a file that becomes `size` bytes long.
    pub(super) fn resize(&mut self, number: u64, size: u64) -> Result<(), Errno> {
        let old = self.inode(number)?.size();
        let used = self.used - old + size;
        if size > FILE_SIZE_MAX as u64 {
            return Err(Errno::TooLarge);
        }
        if size > old && used > self.capacity.unwrap_or(DISK_SIZE_MAX).min(DISK_SIZE_MAX) {
            return Err(Errno::NoSpace);
        }
        self.used = used;
        Ok(())
    }

    pub(super) fn set_bytes(&mut self, number: u64, bytes: Vec<u8>, now: Instant) -> Result<(), Errno> {
        self.resize(number, bytes.len() as u64)?;
        self.change(number, |inode| {
            inode.content = Content::File(Rc::new(bytes));
            inode.modified = now;
        });
        Ok(())
    }

    pub(super) fn add_bytes(&mut self, number: u64, bytes: &[u8], now: Instant) -> Result<(), Errno> {
        self.resize(number, self.inode(number)?.size() + bytes.len() as u64)?;
        self.change(number, |inode| {
            match &mut inode.content {
                Content::File(old) => Rc::make_mut(old).extend_from_slice(bytes),
                other => *other = Content::File(Rc::new(bytes.to_vec())),
            }
            inode.modified = now;
        });
        Ok(())
    }
}
