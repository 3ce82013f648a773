//! What changes files: writing, making, linking, removing, renaming, modes and owners.

use super::disk::{Content, Inode};
use super::mounts::leads;
use super::{Errno, FileType, Last, Place, Slot, View};
use crate::values::clock::Instant;
use rpds::RedBlackTreeMap;
use std::rc::Rc;

/// The devices of every machine: path, and what the special file does.
const DEVICES: [(&str, &str); 6] =
    [("/dev/full", "full"), ("/dev/null", "null"), ("/dev/random", "random"), ("/dev/tty", "tty"), ("/dev/urandom", "random"), ("/dev/zero", "zero")];

impl View<'_> {
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
            self.reading().may(inode, 2)?;
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

    fn make(&mut self, path: &str, inode: Inode) -> Result<(), Errno> {
        let slot = self.resolve(path.trim_end_matches('/'), Last::Keep)?;
        if slot.there.is_some() {
            return Err(Errno::Exists);
        }
        self.make_at(&slot, inode).map(drop)
    }

    fn make_at(&mut self, slot: &Slot, inode: Inode) -> Result<u64, Errno> {
        let now = self.now;
        let inode = self.owned(&slot.parent, inode);
        self.writable(&slot.parent)?.directory(slot.parent.inode)?;
        self.may_change(&slot.parent)?;
        self.writable(&slot.parent)?.add(slot.parent.inode, &slot.name, inode, now)
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
        let mut whole = String::with_capacity(path.len() + 1);
        let mut ends = vec![0];
        for part in path.split('/').filter(|part| !part.is_empty()) {
            whole.push('/');
            whole.push_str(part);
            ends.push(whole.len());
        }
        while let Some(end) = ends.pop() {
            let mut folder = match self.found(if end == 0 { "/" } else { &whole[..end] }, Last::Follow) {
                Err(Errno::NoEntry) if end > 0 => continue,
                other => other?,
            };
            self.disk(&folder.disk)?.directory(folder.inode)?;
            for name in whole[end..].split('/').skip(1) {
                folder = self.make_folder_in(folder, name)?;
            }
            return Ok(());
        }
        Ok(())
    }

    /// A folder in one that has no such name, unless by a mount or a symlink that leads nowhere.
    fn make_folder_in(&mut self, folder: Place, name: &str) -> Result<Place, Errno> {
        let path = format!("{}/{name}", folder.path.trim_end_matches('/'));
        let there = self.disk(&folder.disk)?.inode(folder.inode)?;
        let plain = name != "." && name != ".." && there.child(name)?.is_none() && self.mounts.exactly(&path).is_none();
        if !plain {
            if self.found(&path, Last::Follow).err() == Some(Errno::NoEntry) {
                self.make_dir(&path)?;
            }
            return self.found(&path, Last::Follow);
        }
        self.reading().may(there, 1)?;
        let (now, mode) = (self.now, 0o777 & !self.umask);
        let slot = Slot { parent: folder, name: name.to_owned(), there: None };
        let inode = self.make_at(&slot, Inode::new(Content::Directory(RedBlackTreeMap::new()), mode, now))?;
        Ok(Place { inode, path, ..slot.parent })
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
}
