//! Images on a machine: lists of layers. A layer is a file system that all who use it share.
//!
//! Models the image store and the snapshots of containerd: each layer holds all files up to it, a container starts from a clone of the
//! top one. The table of what registries have is `machine::images`.

use crate::machine::disks::Disks;
use crate::machine::images::{self, Repository};
use crate::machine::vfs::{FileSystem, MountTable, View};
use crate::values::clock::Instant;

/// When the images of the table were built: 2026-11-01T00:00:00Z. Their files are as old.
const BUILT: Instant = Instant(1_793_491_200_000);

/// An image that a runtime has.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// The row that says what a container of it does.
    pub row: &'static Repository,
    /// The lowest first.
    layers: Vec<FileSystem>,
}

impl Image {
    /// Unpacks what a registry has under a name.
    /// # Errors
    /// There is no such name or tag, in containerd's words.
    pub fn unpack(name: &str) -> Result<Image, String> {
        let row = images::find(name).ok_or_else(|| missing(name))?;
        Ok(Image { row, layers: vec![layer(row)] })
    }

    /// The files that a container of it starts with.
    pub fn top(&self) -> FileSystem {
        self.layers.last().cloned().unwrap_or_default()
    }
}

fn missing(name: &str) -> String {
    let full = images::full_name(name);
    match images::by_name(name) {
        Some(_) => format!("rpc error: code = NotFound desc = failed to pull and unpack image {full:?}: failed to resolve image: {full}: not found"),
        None => format!("not simulated here: the image {full} (there are {})", images::names()),
    }
}

/// The one layer of an image of the table.
fn layer(row: &Repository) -> FileSystem {
    const DISK: &str = "layer";
    let mut disks = Disks::default();
    disks.insert(DISK.into(), FileSystem::new(BUILT));
    let mounts = MountTable::root(DISK);
    let mut files = View::new(&mut disks, &mounts, BUILT);
    // Nothing below can fail on an empty disk without limits.
    for folder in
        ["/bin", "/dev", "/etc", "/home", "/proc", "/root", "/sys", "/tmp", "/usr/bin", "/var/log", "/var/run", "/srv", "/opt", "/mnt", "/run"]
    {
        let _ = files.make_dirs(folder);
    }
    let _ = files.set_mode("/tmp", 0o1777);
    let _ = files.set_mode("/root", 0o700);
    files.make_devices();
    for (path, text) in row.files {
        let _ = files.make_dirs(path.rsplit_once('/').map_or("/", |(folder, _)| folder));
        if !path.ends_with("/.keep") {
            let _ = files.write(path, text.as_bytes());
        }
    }
    let texts = [
        ("/etc/passwd", "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n"),
        ("/etc/group", "root:x:0:\n"),
        ("/etc/os-release", images::os_release(row)),
        ("/etc/alpine-release", if row.name == "alpine" { "3.22.1\n" } else { "" }),
    ];
    for (path, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        let _ = files.write(path, text.as_bytes());
    }
    disks.get(DISK).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_is_as_old_as_its_image() {
        let image = Image::unpack("nginx:1.27").unwrap();
        let mut disks = Disks::default();
        disks.insert("container".into(), image.top());
        let mounts = MountTable::root("container");
        let files = View::new(&mut disks, &mounts, Instant(BUILT.0 + 1));
        assert_eq!(files.stat("/etc/nginx/nginx.conf").map(|found| found.modified), Ok(BUILT));
        assert!(Image::unpack("nginx:no-such-tag").unwrap_err().ends_with("docker.io/library/nginx:no-such-tag: not found"));
    }
}
