//! Disks as programs see them: FileSystem (an inode tree), MountTable, errno; capacity and ENOSPC.
//!
//! A disk is a persistent inode tree: a clone shares everything. Programs see disks through a `View`: a mount table over
//! the disks, in which the deepest mount of a path wins and symlinks are resolved across mounts.

mod change;
pub(super) mod disk;
mod errno;
mod mounts;

pub use disk::{DISK_SIZE_MAX, FILE_SIZE_MAX, FileSystem, FileType, Metadata};
pub use errno::Errno;
pub use mounts::{Mount, MountTable, User, absolute, leads, normal};

use super::disks::{DiskId, Disks};
use crate::values::clock::Instant;
use disk::{Content, Inode, ROOT};
use mounts::parts;

/// How many symlinks one path may lead through, as Linux.
const SYMLINKS_MAX: usize = 40;
/// The longest path, in bytes, as Linux.
const PATH_MAX: usize = 4096;

/// Where a resolved path is.
#[derive(Clone, Debug)]
struct Place {
    disk: DiskId,
    inode: u64,
    /// In the view, with symlinks resolved.
    path: String,
    read_only: bool,
}

/// A directory entry on the way, with as much of the path as leads to it.
#[derive(Clone, Copy)]
struct Dentry<'v> {
    disk: &'v DiskId,
    files: &'v FileSystem,
    inode: u64,
    /// What that number stands for.
    node: &'v Inode,
    read_only: bool,
    /// How long its path is; the root's is empty.
    length: usize,
}

impl Dentry<'_> {
    fn place(self, path: &str) -> Place {
        let path = if self.length == 0 { "/" } else { &path[..self.length] };
        Place { disk: self.disk.clone(), inode: self.inode, path: path.to_owned(), read_only: self.read_only }
    }
}

/// The next name of paths of which the last comes first; what is left of it stays.
fn next_part<'v>(paths: &mut Vec<&'v str>) -> Option<&'v str> {
    while let Some(path) = paths.last_mut() {
        let begin = path.bytes().position(|byte| byte != b'/').unwrap_or(path.len());
        let length = path[begin..].bytes().position(|byte| byte == b'/').unwrap_or(path.len() - begin);
        let part = &path[begin..begin + length];
        *path = &path[begin + length..];
        match part {
            "" => drop(paths.pop()),
            "." => {}
            _ => return Some(part),
        }
    }
    None
}

/// Where a path leads: the steps to its last name and to the directory that holds (or would hold) it.
struct Walk<'v> {
    parent: Dentry<'v>,
    there: Option<Dentry<'v>>,
    name: &'v str,
    /// Symlinks resolved.
    path: String,
}

/// The same, with nothing of the disks held.
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

/// Disks seen through a mount table, to read: paths are absolute and resolved (`..`, symlinks) here.
#[derive(Clone, Copy)]
pub struct ReadView<'a> {
    disks: &'a Disks,
    mounts: &'a MountTable,
}

/// Disks seen through a mount table: all file calls of programs go through it.
pub struct View<'a> {
    pub disks: &'a mut Disks,
    pub mounts: &'a MountTable,
    pub now: Instant,
    /// The permissions that new files and folders do not get.
    pub umask: u32,
}

/// What processes begin with.
pub const UMASK: u32 = 0o022;

impl<'a> ReadView<'a> {
    pub fn new(disks: &'a Disks, mounts: &'a MountTable) -> ReadView<'a> {
        ReadView { disks, mounts }
    }
}

impl ReadView<'_> {
    fn disk(&self, id: &str) -> Result<&FileSystem, Errno> {
        self.disks.get(id).ok_or(Errno::NoEntry)
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

    /// The inode at a mount's source, found without symlinks.
    fn mounted<'v>(&'v self, mount: &'v Mount) -> Result<Dentry<'v>, Errno> {
        let files = self.disk(&mount.disk)?;
        let (mut inode, mut node) = (ROOT, files.inode(ROOT)?);
        for part in parts(&mount.source) {
            inode = node.child(part)?.ok_or(Errno::NoEntry)?;
            node = files.inode(inode)?;
        }
        let length = if mount.target == "/" { 0 } else { mount.target.len() };
        Ok(Dentry { disk: &mount.disk, files, inode, node, read_only: mount.read_only, length })
    }

    fn resolve(&self, path: &str, last: Last) -> Result<Slot, Errno> {
        let Walk { parent, there, name, path } = self.walk(path, last)?;
        Ok(Slot { parent: parent.place(&path), name: name.to_owned(), there: there.map(|there| there.place(&path)) })
    }

    fn walk<'v>(&'v self, path: &'v str, last: Last) -> Result<Walk<'v>, Errno> {
        if path.len() > PATH_MAX {
            return Err(Errno::NameTooLong);
        }
        let mut rest = vec![path];
        let mut next = next_part(&mut rest);
        let must_be_directory = path.ends_with('/') && path.len() > 1;
        let mut trail = Vec::with_capacity(16);
        trail.push(self.mounted(self.mounts.exactly("/").ok_or(Errno::NoEntry)?)?);
        let (mut so_far, mut links, mut name) = (String::with_capacity(path.len() + 1), 0, "/");
        while let Some(part) = next {
            next = next_part(&mut rest);
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
            if matches!(here.node.content, Content::Directory(_)) {
                self.may(here.node, 1)?;
            }
            let Some(there) = self.step(here, part, &so_far)? else {
                return if next.is_none() { Ok(Walk { parent: here, there: None, name: part, path: so_far }) } else { Err(Errno::NoEntry) };
            };
            let target = match &there.node.content {
                Content::Symlink(target) if next.is_some() || last == Last::Follow || must_be_directory => target,
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
            rest.extend(next);
            rest.push(target);
            next = next_part(&mut rest);
        }
        let there = trail.pop().expect("at least the root");
        if must_be_directory && !matches!(there.node.content, Content::Directory(_)) {
            return Err(Errno::NotDirectory);
        }
        Ok(Walk { parent: trail.pop().unwrap_or(there), there: Some(there), name, path: so_far })
    }

    /// One name below a directory, through a mount where one stands there; `path` is that of the name.
    fn step<'v>(&'v self, here: Dentry<'v>, name: &str, path: &str) -> Result<Option<Dentry<'v>>, Errno> {
        if let Some(mount) = self.mounts.exactly(path) {
            return self.mounted(mount).map(Some);
        }
        let Some(inode) = here.node.child(name)? else { return Ok(None) };
        Ok(Some(Dentry { inode, node: here.files.inode(inode)?, length: path.len(), ..here }))
    }

    fn found(&self, path: &str, last: Last) -> Result<Place, Errno> {
        let walk = self.walk(path, last)?;
        Ok(walk.there.ok_or(Errno::NoEntry)?.place(&walk.path))
    }

    fn metadata(&self, path: &str, last: Last) -> Result<Metadata, Errno> {
        let Dentry { node: inode, inode: number, .. } = self.walk(path, last)?.there.ok_or(Errno::NoEntry)?;
        Ok(Metadata {
            file_type: inode.file_type(),
            mode: inode.mode,
            uid: inode.uid,
            gid: inode.gid,
            size: inode.size(),
            modified: inode.modified,
            inode: number,
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

    /// Names in order, without `.` and `..`.
    /// # Errors
    /// As opendir(3).
    pub fn list(&self, path: &str) -> Result<Vec<String>, Errno> {
        let place = self.found(path, Last::Follow)?;
        let disk = self.disk(&place.disk)?;
        let mut names: Vec<String> = disk.directory(place.inode)?.keys().map(ToString::to_string).collect();
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
        names.sort();
        Ok(names)
    }

    /// Follows symlinks.
    /// # Errors
    /// As stat(2).
    pub fn stat(&self, path: &str) -> Result<Metadata, Errno> {
        self.metadata(path, Last::Follow)
    }

    /// Does not follow a symlink at the end.
    /// # Errors
    /// As lstat(2).
    pub fn lstat(&self, path: &str) -> Result<Metadata, Errno> {
        self.metadata(path, Last::Keep)
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

    /// The disk under a path: its name, bytes used, and capacity.
    /// # Errors
    /// As statfs(2).
    pub fn disk_of(&self, path: &str) -> Result<(DiskId, u64, Option<u64>), Errno> {
        let place = self.found(path, Last::Follow)?;
        let disk = self.disk(&place.disk)?;
        Ok((place.disk, disk.used, disk.capacity))
    }
}

impl<'a> View<'a> {
    pub fn new(disks: &'a mut Disks, mounts: &'a MountTable, now: Instant) -> View<'a> {
        View { disks, mounts, now, umask: UMASK }
    }
}

impl View<'_> {
    /// The same, to read.
    pub fn reading(&self) -> ReadView<'_> {
        ReadView { disks: self.disks, mounts: self.mounts }
    }

    fn disk(&self, id: &str) -> Result<&FileSystem, Errno> {
        self.disks.get(id).ok_or(Errno::NoEntry)
    }

    fn resolve(&self, path: &str, last: Last) -> Result<Slot, Errno> {
        self.reading().resolve(path, last)
    }

    fn found(&self, path: &str, last: Last) -> Result<Place, Errno> {
        self.reading().found(path, last)
    }

    fn writable(&mut self, place: &Place) -> Result<&mut FileSystem, Errno> {
        if place.read_only {
            // The kernel's own tree takes no new names.
            return Err(if leads("/proc", &place.path) { Errno::NoEntry } else { Errno::ReadOnly });
        }
        self.disks.get_mut(&place.disk).ok_or(Errno::NoEntry)
    }

    /// Whether names may be made in a folder or taken from it.
    fn may_change(&self, folder: &Place) -> Result<(), Errno> {
        self.reading().may(self.disk(&folder.disk)?.inode(folder.inode)?, 3)
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

    /// # Errors
    /// As `ReadView`.
    pub fn canonical(&self, path: &str) -> Result<String, Errno> {
        self.reading().canonical(path)
    }

    /// # Errors
    /// As `ReadView`.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, Errno> {
        self.reading().read(path)
    }

    pub fn special(&self, path: &str) -> Option<&'static str> {
        self.reading().special(path)
    }

    /// # Errors
    /// As `ReadView`.
    pub fn list(&self, path: &str) -> Result<Vec<String>, Errno> {
        self.reading().list(path)
    }

    /// # Errors
    /// As `ReadView`.
    pub fn stat(&self, path: &str) -> Result<Metadata, Errno> {
        self.reading().stat(path)
    }

    /// # Errors
    /// As `ReadView`.
    pub fn lstat(&self, path: &str) -> Result<Metadata, Errno> {
        self.reading().lstat(path)
    }

    pub fn exists(&self, path: &str) -> bool {
        self.reading().exists(path)
    }

    pub fn is_directory(&self, path: &str) -> bool {
        self.reading().is_directory(path)
    }

    /// # Errors
    /// As `ReadView`.
    pub fn may_search(&self, path: &str) -> Result<(), Errno> {
        self.reading().may_search(path)
    }

    /// # Errors
    /// As `ReadView`.
    pub fn read_link(&self, path: &str) -> Result<String, Errno> {
        self.reading().read_link(path)
    }

    /// # Errors
    /// As `ReadView`.
    pub fn disk_of(&self, path: &str) -> Result<(DiskId, u64, Option<u64>), Errno> {
        self.reading().disk_of(path)
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
    fn reading_needs_no_writing() {
        let mut disks = Disks::default();
        disks.insert("d".into(), FileSystem::new(Instant(0)));
        let mounts = MountTable::root("d");
        View::new(&mut disks, &mounts, Instant(0)).write("/f", b"text").unwrap();
        let files = ReadView::new(&disks, &mounts);
        assert_eq!((files.read("/f"), files.list("/"), files.read("/g")), (Ok(b"text".to_vec()), Ok(vec!["f".to_owned()]), Err(Errno::NoEntry)));
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
