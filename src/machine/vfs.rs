//! FileSystem (an inode tree), MountTable, errno; capacity and ENOSPC.
//!
//! A disk is a persistent inode tree: a clone shares everything. Programs see disks through a `View`: a mount table over
//! the disks, in which the deepest mount of a path wins and symlinks are resolved across mounts.

use super::disks::{DiskId, Disks};
use crate::values::clock::Instant;
use crate::values::order::Order;
use rpds::RedBlackTreeMap;
use std::fmt;
use std::rc::Rc;

/// How many symlinks one path may lead through, as Linux.
const SYMLINKS_MAX: usize = 40;
/// The longest path, in bytes, as Linux.
const PATH_MAX: usize = 4096;
/// The largest file, in bytes: what a tab can hold without harm.
pub const FILE_SIZE_MAX: usize = 32 * 1024 * 1024;
/// The devices of every machine: path, and what the special file does.
const DEVICES: [(&str, &str); 6] =
    [("/dev/full", "full"), ("/dev/null", "null"), ("/dev/random", "random"), ("/dev/tty", "tty"), ("/dev/urandom", "random"), ("/dev/zero", "zero")];
/// The most bytes that one disk really holds, however large it is said to be.
pub const DISK_SIZE_MAX: u64 = 128 * 1024 * 1024;
/// The most inodes on one disk.
const INODES_MAX: usize = 100_000;

const ROOT: u64 = 1;

/// An error number of the system; `Display` is its text.
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
    NotPermitted,
    Loop,
    Invalid,
    Busy,
    CrossDevice,
    NameTooLong,
    TooLarge,
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Errno::NoEntry => "No such file or directory",
            Errno::Exists => "File exists",
            Errno::NotDirectory => "Not a directory",
            Errno::IsDirectory => "Is a directory",
            Errno::NotEmpty => "Directory not empty",
            Errno::ReadOnly => "Read-only file system",
            Errno::NoSpace => "No space left on device",
            Errno::Permission => "Permission denied",
            Errno::NotPermitted => "Operation not permitted",
            Errno::Loop => "Too many levels of symbolic links",
            Errno::Invalid => "Invalid argument",
            Errno::Busy => "Device or resource busy",
            Errno::CrossDevice => "Invalid cross-device link",
            Errno::NameTooLong => "File name too long",
            Errno::TooLarge => "File too large",
        })
    }
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
    pub links: u32,
}

#[derive(Clone, Debug, PartialEq)]
enum Content {
    File(Rc<Vec<u8>>),
    Directory(RedBlackTreeMap<String, u64>),
    Symlink(String),
    /// A device or socket, with its own name (`null`, `zero`) for what it does.
    Special(FileType, &'static str),
}

#[derive(Clone, Debug, PartialEq)]
struct Inode {
    content: Content,
    mode: u32,
    uid: u32,
    gid: u32,
    modified: Instant,
    links: u32,
}

impl Inode {
    fn new(content: Content, mode: u32, now: Instant) -> Inode {
        Inode { content, mode, uid: 0, gid: 0, modified: now, links: 1 }
    }

    fn size(&self) -> u64 {
        match &self.content {
            Content::File(bytes) => bytes.len() as u64,
            Content::Directory(_) => 4096,
            Content::Symlink(target) => target.len() as u64,
            Content::Special(..) => 0,
        }
    }

    fn file_type(&self) -> FileType {
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
    used: u64,
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

    fn directory(&self, inode: u64) -> Result<&RedBlackTreeMap<String, u64>, Errno> {
        match &self.inode(inode)?.content {
            Content::Directory(entries) => Ok(entries),
            _ => Err(Errno::NotDirectory),
        }
    }

    fn inode(&self, inode: u64) -> Result<&Inode, Errno> {
        self.inodes.get(&inode).ok_or(Errno::NoEntry)
    }

    fn child(&self, directory: u64, name: &str) -> Result<Option<u64>, Errno> {
        Ok(self.directory(directory)?.get(name).copied())
    }

    fn change(&mut self, inode: u64, change: impl FnOnce(&mut Inode)) {
        if let Some(found) = self.inodes.get_mut(&inode) {
            change(found);
        }
    }

    fn add(&mut self, directory: u64, name: &str, inode: Inode, now: Instant) -> Result<u64, Errno> {
        if self.inodes.size() >= INODES_MAX {
            return Err(Errno::NoSpace);
        }
        let number = self.next;
        self.next += 1;
        self.inodes.insert_mut(number, inode);
        self.link(directory, name, number, now);
        Ok(number)
    }

    fn link(&mut self, directory: u64, name: &str, number: u64, now: Instant) {
        self.change(directory, |parent| {
            parent.modified = now;
            if let Content::Directory(entries) = &mut parent.content {
                entries.insert_mut(name.to_owned(), number);
            }
        });
    }

    fn unlink(&mut self, directory: u64, name: &str, now: Instant) {
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

    fn remove_tree(&mut self, directory: u64, name: &str, now: Instant) {
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
    fn resize(&mut self, number: u64, size: u64) -> Result<(), Errno> {
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

    fn set_bytes(&mut self, number: u64, bytes: Vec<u8>, now: Instant) -> Result<(), Errno> {
        self.resize(number, bytes.len() as u64)?;
        self.change(number, |inode| {
            inode.content = Content::File(Rc::new(bytes));
            inode.modified = now;
        });
        Ok(())
    }

    fn add_bytes(&mut self, number: u64, bytes: &[u8], now: Instant) -> Result<(), Errno> {
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
    pub fn root(disk: &str) -> MountTable {
        let mounts = vec![Mount { target: "/".to_owned(), disk: disk.to_owned(), source: "/".to_owned(), read_only: false }];
        MountTable { mounts, user: User::default() }
    }

    /// The mount that a path (absolute, normal) is on.
    pub fn of(&self, path: &str) -> Option<&Mount> {
        self.mounts.iter().rev().filter(|mount| leads(&mount.target, path)).max_by_key(|mount| mount.target.len())
    }

    fn exactly(&self, path: &str) -> Option<&Mount> {
        self.mounts.iter().rev().find(|mount| mount.target == path)
    }
}

fn leads(target: &str, path: &str) -> bool {
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

/// Where a resolved path is.
#[derive(Clone, Debug)]
struct Place {
    disk: DiskId,
    inode: u64,
    /// In the view, with symlinks resolved.
    path: String,
    read_only: bool,
}

/// A place on the way, with as much of the path as leads to it.
#[derive(Clone, Copy)]
struct Step<'v> {
    disk: &'v DiskId,
    files: &'v FileSystem,
    inode: u64,
    read_only: bool,
    /// How long its path is; the root's is empty.
    length: usize,
}

impl Step<'_> {
    fn place(self, path: &str) -> Place {
        let path = if self.length == 0 { "/" } else { &path[..self.length] };
        Place { disk: self.disk.clone(), inode: self.inode, path: path.to_owned(), read_only: self.read_only }
    }
}

/// The names in a path.
fn parts(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".")
}

/// The directory that holds (or would hold) a path's last name.
struct Slot {
    parent: Place,
    name: String,
    there: Option<Place>,
}

/// Whether the last name of a path is followed where it is a symlink.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    Follow,
    Keep,
}

/// Disks seen through a mount table: all file calls of programs go through it. Paths are absolute and resolved (`..`, symlinks) here.
pub struct View<'a> {
    pub disks: &'a mut Disks,
    pub mounts: &'a MountTable,
    pub now: Instant,
    /// The permissions that new files and folders do not get.
    pub umask: u32,
}

/// What processes begin with.
pub const UMASK: u32 = 0o022;

impl<'a> View<'a> {
    pub fn new(disks: &'a mut Disks, mounts: &'a MountTable, now: Instant) -> View<'a> {
        View { disks, mounts, now, umask: UMASK }
    }
}

impl View<'_> {
    fn disk(&self, id: &str) -> Result<&FileSystem, Errno> {
        self.disks.get(id).ok_or(Errno::NoEntry)
    }

    fn writable(&mut self, place: &Place) -> Result<&mut FileSystem, Errno> {
        if place.read_only {
            // The kernel's own tree takes no new names.
            return Err(if leads("/proc", &place.path) { Errno::NoEntry } else { Errno::ReadOnly });
        }
        self.disks.get_mut(&place.disk).ok_or(Errno::NoEntry)
    }

    /// Whether the user may do something with an inode: 4 read, 2 write, 1 search, as the bits of its mode say.
    fn may(&self, inode: &Inode, wanted: u32) -> Result<(), Errno> {
        let user = &self.mounts.user;
        let shift = if inode.uid == user.uid {
            6
        } else if inode.gid == user.gid || user.groups.contains(&inode.gid) {
            3
        } else {
            0
        };
        if user.uid == 0 || inode.mode >> shift & wanted == wanted { Ok(()) } else { Err(Errno::Permission) }
    }

    /// Whether names may be made in a folder or taken from it.
    fn may_change(&self, folder: &Place) -> Result<(), Errno> {
        self.may(self.disk(&folder.disk)?.inode(folder.inode)?, 3)
    }

    /// The same for the name of something there: in a folder with the sticky bit only what is one's own.
    fn may_remove(&self, folder: &Place, place: &Place) -> Result<(), Errno> {
        self.may_change(folder)?;
        let (uid, disk) = (self.mounts.user.uid, self.disk(&folder.disk)?);
        let parent = disk.inode(folder.inode)?;
        let foreign = uid != 0 && parent.uid != uid && self.disk(&place.disk)?.inode(place.inode)?.uid != uid;
        if parent.mode & 0o1000 != 0 && foreign { Err(Errno::NotPermitted) } else { Ok(()) }
    }

    /// A new inode of the user; a folder with the group bit passes its group on.
    fn owned(&self, parent: &Place, mut inode: Inode) -> Inode {
        (inode.uid, inode.gid) = (self.mounts.user.uid, self.mounts.user.gid);
        let folder = self.disk(&parent.disk).and_then(|disk| disk.inode(parent.inode));
        if let Ok(folder) = folder
            && folder.mode & 0o2000 != 0
        {
            inode.gid = folder.gid;
            inode.mode |= if matches!(inode.content, Content::Directory(_)) { 0o2000 } else { 0 };
        }
        inode
    }

    /// The inode at a mount's source, found without symlinks.
    fn mounted<'v>(&'v self, mount: &'v Mount) -> Result<Step<'v>, Errno> {
        let files = self.disk(&mount.disk)?;
        let mut inode = ROOT;
        for part in parts(&mount.source) {
            inode = files.child(inode, part)?.ok_or(Errno::NoEntry)?;
        }
        let length = if mount.target == "/" { 0 } else { mount.target.len() };
        Ok(Step { disk: &mount.disk, files, inode, read_only: mount.read_only, length })
    }

    fn resolve(&self, path: &str, last: Last) -> Result<Slot, Errno> {
        if path.len() > PATH_MAX {
            return Err(Errno::NameTooLong);
        }
        let mut rest: Vec<&str> = parts(path).rev().collect();
        let must_be_directory = path.ends_with('/') && path.len() > 1;
        let mut trail = vec![self.mounted(self.mounts.exactly("/").ok_or(Errno::NoEntry)?)?];
        let (mut so_far, mut links, mut name) = (String::new(), 0, "/");
        while let Some(part) = rest.pop() {
            let here = *trail.last().expect("the root stays");
            if part == ".." {
                if trail.len() > 1 {
                    trail.pop();
                }
                so_far.truncate(trail.last().map_or(0, |step| step.length));
                name = "..";
                continue;
            }
            so_far.push('/');
            so_far.push_str(part);
            if let Ok(folder) = here.files.inode(here.inode)
                && matches!(folder.content, Content::Directory(_))
            {
                self.may(folder, 1)?;
            }
            let Some(there) = self.step(here, part, &so_far)? else {
                return if rest.is_empty() {
                    Ok(Slot { parent: here.place(&so_far), name: part.to_owned(), there: None })
                } else {
                    Err(Errno::NoEntry)
                };
            };
            let target = match &there.files.inode(there.inode)?.content {
                Content::Symlink(target) if !rest.is_empty() || last == Last::Follow || must_be_directory => target,
                _ => {
                    name = part;
                    trail.push(there);
                    continue;
                }
            };
            links += 1;
            if links > SYMLINKS_MAX {
                return Err(Errno::Loop);
            }
            if target.starts_with('/') {
                trail.truncate(1);
            }
            so_far.truncate(trail.last().map_or(0, |step| step.length));
            rest.extend(parts(target).rev());
        }
        let there = trail.pop().expect("at least the root");
        if must_be_directory && there.files.directory(there.inode).is_err() {
            return Err(Errno::NotDirectory);
        }
        let parent = trail.pop().unwrap_or(there);
        Ok(Slot { parent: parent.place(&so_far), name: name.to_owned(), there: Some(there.place(&so_far)) })
    }

    /// One name below a directory, through a mount where one stands there; `path` is that of the name.
    fn step<'v>(&'v self, here: Step<'v>, name: &str, path: &str) -> Result<Option<Step<'v>>, Errno> {
        if let Some(mount) = self.mounts.exactly(path) {
            return self.mounted(mount).map(Some);
        }
        let inode = here.files.child(here.inode, name)?;
        Ok(inode.map(|inode| Step { inode, length: path.len(), ..here }))
    }

    fn found(&self, path: &str, last: Last) -> Result<Place, Errno> {
        self.resolve(path, last)?.there.ok_or(Errno::NoEntry)
    }

    fn metadata(&self, place: &Place) -> Result<Metadata, Errno> {
        let inode = self.disk(&place.disk)?.inode(place.inode)?;
        Ok(Metadata {
            file_type: inode.file_type(),
            mode: inode.mode,
            uid: inode.uid,
            gid: inode.gid,
            size: inode.size(),
            modified: inode.modified,
            inode: place.inode,
            links: inode.links,
        })
    }

    /// The path with every symlink resolved.
    /// # Errors
    /// As realpath(3).
    pub fn canonical(&self, path: &str) -> Result<String, Errno> {
        Ok(self.found(path, Last::Follow)?.path)
    }

    /// # Errors
    /// As open(2) and read(2).
    pub fn read(&self, path: &str) -> Result<Vec<u8>, Errno> {
        let place = self.found(path, Last::Follow)?;
        let inode = self.disk(&place.disk)?.inode(place.inode)?;
        self.may(inode, 4)?;
        match &inode.content {
            Content::File(bytes) => Ok(bytes.as_ref().clone()),
            Content::Directory(_) => Err(Errno::IsDirectory),
            Content::Special(..) => Ok(Vec::new()),
            Content::Symlink(_) => Err(Errno::Loop),
        }
    }

    /// What a special file does: `null`, `zero`, `random`, `tty`, `full`; `None` for anything else.
    pub fn special(&self, path: &str) -> Option<&'static str> {
        let place = self.found(path, Last::Follow).ok()?;
        match &self.disk(&place.disk).ok()?.inode(place.inode).ok()?.content {
            Content::Special(_, name) => Some(name),
            _ => None,
        }
    }

    /// Makes or truncates the file.
    /// # Errors
    /// As open(2) and write(2).
    pub fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), Errno> {
        self.put(path, bytes, false)
    }

    /// # Errors
    /// As open(2) and write(2).
    pub fn append(&mut self, path: &str, bytes: &[u8]) -> Result<(), Errno> {
        self.put(path, bytes, true)
    }

    fn put(&mut self, path: &str, bytes: &[u8], append: bool) -> Result<(), Errno> {
        let (now, mode) = (self.now, 0o666 & !self.umask);
        let slot = self.resolve(path, Last::Follow)?;
        let Some(place) = slot.there else {
            let inode = self.owned(&slot.parent, Inode::new(Content::File(Rc::default()), mode, now));
            self.writable(&slot.parent)?.directory(slot.parent.inode)?;
            self.may_change(&slot.parent)?;
            let disk = self.writable(&slot.parent)?;
            let number = disk.add(slot.parent.inode, &slot.name, inode, now)?;
            return disk.set_bytes(number, bytes.to_vec(), now);
        };
        let inode = self.disk(&place.disk)?.inode(place.inode)?;
        if !place.read_only {
            self.may(inode, 2)?;
        }
        match &inode.content {
            Content::Directory(_) => return Err(Errno::IsDirectory),
            Content::Special(_, "full") => return Err(Errno::NoSpace),
            Content::Special(..) => return Ok(()),
            _ => {}
        }
        let disk = self.writable(&place)?;
        if append { disk.add_bytes(place.inode, bytes, now) } else { disk.set_bytes(place.inode, bytes.to_vec(), now) }
    }

    /// Names in order, without `.` and `..`.
    /// # Errors
    /// As opendir(3).
    pub fn list(&self, path: &str) -> Result<Vec<String>, Errno> {
        let place = self.found(path, Last::Follow)?;
        let disk = self.disk(&place.disk)?;
        let mut names: Vec<String> = disk.directory(place.inode)?.keys().cloned().collect();
        self.may(disk.inode(place.inode)?, 4)?;
        // A mount point is listed even where the disk below has no directory for it.
        for mount in &self.mounts.mounts {
            let below = if place.path == "/" {
                mount.target.strip_prefix('/')
            } else {
                mount.target.strip_prefix(&place.path).and_then(|r| r.strip_prefix('/'))
            };
            if let Some(name) = below.filter(|name| !name.is_empty() && !name.contains('/'))
                && !names.iter().any(|known| known == name)
            {
                names.push(name.to_owned());
            }
        }
        names.order();
        Ok(names)
    }

    /// Follows symlinks.
    /// # Errors
    /// As stat(2).
    pub fn stat(&self, path: &str) -> Result<Metadata, Errno> {
        self.metadata(&self.found(path, Last::Follow)?)
    }

    /// Does not follow a symlink at the end.
    /// # Errors
    /// As lstat(2).
    pub fn lstat(&self, path: &str) -> Result<Metadata, Errno> {
        self.metadata(&self.found(path, Last::Keep)?)
    }

    pub fn exists(&self, path: &str) -> bool {
        self.stat(path).is_ok()
    }

    pub fn is_directory(&self, path: &str) -> bool {
        self.stat(path).is_ok_and(|found| found.file_type == FileType::Directory)
    }

    /// Whether a process may work in a folder.
    /// # Errors
    /// As chdir(2).
    pub fn may_search(&self, path: &str) -> Result<(), Errno> {
        let place = self.found(path, Last::Follow)?;
        let inode = self.disk(&place.disk)?.inode(place.inode)?;
        if inode.file_type() == FileType::Directory { self.may(inode, 1) } else { Ok(()) }
    }

    /// # Errors
    /// As readlink(2).
    pub fn read_link(&self, path: &str) -> Result<String, Errno> {
        let place = self.found(path, Last::Keep)?;
        match &self.disk(&place.disk)?.inode(place.inode)?.content {
            Content::Symlink(target) => Ok(target.clone()),
            _ => Err(Errno::Invalid),
        }
    }

    fn make(&mut self, path: &str, inode: Inode) -> Result<(), Errno> {
        let now = self.now;
        let slot = self.resolve(path.trim_end_matches('/'), Last::Keep)?;
        if slot.there.is_some() {
            return Err(Errno::Exists);
        }
        let inode = self.owned(&slot.parent, inode);
        self.writable(&slot.parent)?.directory(slot.parent.inode)?;
        self.may_change(&slot.parent)?;
        self.writable(&slot.parent)?.add(slot.parent.inode, &slot.name, inode, now).map(drop)
    }

    /// # Errors
    /// As mkdir(2).
    pub fn make_dir(&mut self, path: &str) -> Result<(), Errno> {
        let (now, mode) = (self.now, 0o777 & !self.umask);
        self.make(path, Inode::new(Content::Directory(RedBlackTreeMap::new()), mode, now))
    }

    /// With its parents; nothing happens where it is there.
    /// # Errors
    /// As mkdir(2).
    pub fn make_dirs(&mut self, path: &str) -> Result<(), Errno> {
        // Most of a path is there as a rule, so the search for what is begins at its far end.
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let mut prefixes: Vec<String> = Vec::with_capacity(parts.len());
        for part in parts {
            let before = prefixes.last().map_or("", String::as_str);
            prefixes.push(format!("{before}/{part}"));
        }
        let missing = |prefix: &&String| self.stat(prefix) == Err(Errno::NoEntry);
        let there = prefixes.len() - prefixes.iter().rev().take_while(missing).count();
        for prefix in &prefixes[there.saturating_sub(1)..] {
            match self.stat(prefix) {
                Ok(found) if found.file_type == FileType::Directory => {}
                Ok(_) => return Err(Errno::NotDirectory),
                Err(Errno::NoEntry) => self.make_dir(prefix)?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// # Errors
    /// As symlink(2).
    pub fn symlink(&mut self, target: &str, path: &str) -> Result<(), Errno> {
        let now = self.now;
        self.make(path, Inode::new(Content::Symlink(target.to_owned()), 0o777, now))
    }

    /// Makes `/dev` and what is in it.
    pub fn make_devices(&mut self) {
        // On a disk that is full the device is missing.
        let _ = self.make_dirs("/dev");
        for (path, name) in DEVICES {
            let _ = self.make_special(path, FileType::CharDevice, name);
        }
    }

    /// A device or socket that does what `name` says (`null`, `zero`, `random`, `tty`, `full`).
    /// # Errors
    /// As mknod(2).
    pub fn make_special(&mut self, path: &str, file_type: FileType, name: &'static str) -> Result<(), Errno> {
        let now = self.now;
        self.make(path, Inode::new(Content::Special(file_type, name), 0o666, now))
    }

    /// A second name of a file.
    /// # Errors
    /// As link(2).
    pub fn hard_link(&mut self, from: &str, path: &str) -> Result<(), Errno> {
        let now = self.now;
        let source = self.found(from, Last::Keep)?;
        let slot = self.resolve(path, Last::Keep)?;
        if slot.there.is_some() {
            return Err(Errno::Exists);
        }
        if slot.parent.disk != source.disk {
            return Err(Errno::CrossDevice);
        }
        self.may_change(&slot.parent)?;
        let disk = self.writable(&slot.parent)?;
        if disk.directory(source.inode).is_ok() {
            return Err(Errno::Permission);
        }
        disk.link(slot.parent.inode, &slot.name, source.inode, now);
        disk.change(source.inode, |inode| inode.links += 1);
        Ok(())
    }

    fn removable(&self, path: &str) -> Result<(Slot, Place), Errno> {
        let mut slot = self.resolve(path.trim_end_matches('/'), Last::Keep)?;
        let place = slot.there.take().ok_or(Errno::NoEntry)?;
        if self.mounts.exactly(&place.path).is_some() {
            return Err(Errno::Busy);
        }
        if !slot.parent.read_only {
            self.may_remove(&slot.parent, &place)?;
        }
        Ok((slot, place))
    }

    /// A file, symlink or empty directory.
    /// # Errors
    /// As unlink(2) and rmdir(2).
    pub fn remove(&mut self, path: &str) -> Result<(), Errno> {
        let now = self.now;
        let (slot, place) = self.removable(path)?;
        if self.disk(&place.disk)?.directory(place.inode).is_ok_and(|entries| !entries.is_empty()) {
            return Err(Errno::NotEmpty);
        }
        self.writable(&slot.parent)?.unlink(slot.parent.inode, &slot.name, now);
        Ok(())
    }

    /// With all below it.
    /// # Errors
    /// As unlink(2); Busy where a mount stands at or below it.
    pub fn remove_all(&mut self, path: &str) -> Result<(), Errno> {
        let now = self.now;
        let (slot, place) = self.removable(path)?;
        if self.mounts.mounts.iter().any(|mount| mount.target != "/" && leads(&place.path, &mount.target)) {
            return Err(Errno::Busy);
        }
        self.writable(&slot.parent)?.remove_tree(slot.parent.inode, &slot.name, now);
        Ok(())
    }

    /// # Errors
    /// As rename(2).
    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let now = self.now;
        let (source, place) = self.removable(from)?;
        let slot = self.resolve(to.trim_end_matches('/'), Last::Keep)?;
        if slot.parent.disk != source.parent.disk {
            return Err(Errno::CrossDevice);
        }
        if source.parent.read_only {
            return Err(Errno::ReadOnly);
        }
        if leads(&place.path, &slot.parent.path) && place.path != "/" {
            return Err(Errno::Invalid);
        }
        if let Some(there) = &slot.there {
            if there.inode == place.inode {
                return Ok(());
            }
            let disk = self.disk(&there.disk)?;
            match (disk.directory(place.inode).is_ok(), disk.directory(there.inode)) {
                (false, Ok(_)) => return Err(Errno::IsDirectory),
                (true, Err(_)) => return Err(Errno::NotDirectory),
                (true, Ok(entries)) if !entries.is_empty() => return Err(Errno::NotEmpty),
                _ => {}
            }
        }
        self.may_change(&slot.parent)?;
        let disk = self.writable(&slot.parent)?;
        disk.unlink(slot.parent.inode, &slot.name, now);
        // The inode is held by its new name while the old one goes.
        disk.change(place.inode, |inode| inode.links += 1);
        disk.link(slot.parent.inode, &slot.name, place.inode, now);
        disk.unlink(source.parent.inode, &source.name, now);
        Ok(())
    }

    fn set(&mut self, path: &str, change: impl FnOnce(&mut Inode)) -> Result<(), Errno> {
        let place = self.found(path, Last::Follow)?;
        let (uid, owner) = (self.mounts.user.uid, self.disk(&place.disk)?.inode(place.inode)?.uid);
        if uid != 0 && uid != owner {
            return Err(Errno::NotPermitted);
        }
        self.writable(&place)?.change(place.inode, change);
        Ok(())
    }

    /// # Errors
    /// As chmod(2).
    pub fn set_mode(&mut self, path: &str, mode: u32) -> Result<(), Errno> {
        self.set(path, |inode| inode.mode = mode & 0o7777)
    }

    /// # Errors
    /// As chown(2).
    pub fn set_owner(&mut self, path: &str, uid: Option<u32>, gid: Option<u32>) -> Result<(), Errno> {
        let user = &self.mounts.user;
        if user.uid != 0 && (uid.is_some_and(|uid| uid != user.uid) || gid.is_some_and(|gid| !user.groups.contains(&gid))) {
            return Err(Errno::NotPermitted);
        }
        self.set(path, |inode| {
            inode.uid = uid.unwrap_or(inode.uid);
            inode.gid = gid.unwrap_or(inode.gid);
        })
    }

    /// # Errors
    /// As utimes(2).
    pub fn set_modified(&mut self, path: &str, modified: Instant) -> Result<(), Errno> {
        self.set(path, |inode| inode.modified = modified)
    }

    /// The disk under a path: its name, bytes used, and capacity.
    /// # Errors
    /// As statfs(2).
    pub fn disk_of(&self, path: &str) -> Result<(DiskId, u64, Option<u64>), Errno> {
        let place = self.found(path, Last::Follow)?;
        let disk = self.disk(&place.disk)?;
        Ok((place.disk, disk.used, disk.capacity))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_view(mounts: &[(&str, &str, &str, bool)], test: impl FnOnce(&mut View<'_>)) {
        let mut disks = Disks::default();
        disks.insert("a".into(), FileSystem::new(Instant(0)));
        disks.insert("b".into(), FileSystem::new(Instant(0)));
        let mut table = MountTable::root("a");
        for (target, disk, source, read_only) in mounts {
            table.mounts.push(Mount { target: (*target).into(), disk: (*disk).into(), source: (*source).into(), read_only: *read_only });
        }
        test(&mut View::new(&mut disks, &table, Instant(1000)));
    }

    #[test]
    fn files_links_and_directories() {
        with_view(&[], |view| {
            view.make_dirs("/x/y").unwrap();
            view.write("/x/y/f", b"one").unwrap();
            view.append("/x/y/f", b"two").unwrap();
            view.symlink("../x/y", "/x/l").unwrap();
            assert_eq!(view.read("/x/l/../y/f").unwrap(), b"onetwo");
            assert_eq!(view.canonical("/x/l/f").unwrap(), "/x/y/f");
            assert_eq!(view.remove("/x"), Err(Errno::NotEmpty));
            view.rename("/x/y/f", "/x/g").unwrap();
            assert_eq!(view.list("/x").unwrap(), ["g", "l", "y"]);
            view.hard_link("/x/g", "/x/h").unwrap();
            view.remove("/x/g").unwrap();
            assert_eq!(view.read("/x/h").unwrap(), b"onetwo");
            view.remove_all("/x").unwrap();
            assert_eq!(view.disk_of("/").unwrap().1, 0);
            view.symlink("/loop", "/loop").unwrap();
            assert_eq!(view.read("/loop"), Err(Errno::Loop));
        });
    }

    #[test]
    fn mounts_lead_to_other_disks() {
        with_view(&[("/data", "b", "/", false), ("/ro", "b", "/", true)], |view| {
            view.write("/data/f", b"x").unwrap();
            assert_eq!(view.read("/ro/f").unwrap(), b"x");
            assert_eq!(view.write("/ro/f", b"y"), Err(Errno::ReadOnly));
            assert_eq!(view.list("/").unwrap(), ["data", "ro"]);
            assert_eq!(view.remove_all("/data"), Err(Errno::Busy));
            assert_eq!(view.rename("/data/f", "/f"), Err(Errno::CrossDevice));
            view.disks.get_mut("b").unwrap().capacity = Some(3);
            assert_eq!(view.append("/data/f", b"abc"), Err(Errno::NoSpace));
            assert_eq!(view.read("/data/f").unwrap(), b"x");
        });
    }
}
