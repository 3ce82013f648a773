//! From a created container to one that runs: mounts, /proc, the first process or the image's server.
//!
//! Models runc's libcontainer/rootfs_linux.go (mountToRootfs, createMountpoint) and its start of the first process.

use super::container::{Container, Main, Spec};
use super::image::Image;
use crate::machine::disks::{DiskId, Disks};
use crate::machine::images::{self, Entry};
use crate::machine::kernel::{Chunk, Stream};
use crate::machine::process::Process;
use crate::machine::programs::PROGRAMS;
use crate::machine::programs::lib::mounts::proc_mounts;
use crate::machine::vfs::{Errno, Mount, MountTable, ReadView, View, leads};
use crate::values::clock::Instant;
use std::collections::BTreeMap;

/// What the runtime says of a command that it cannot start.
pub(super) fn not_executable(name: &str, why: Errno) -> String {
    match why {
        Errno::NoEntry if name.contains('/') => format!("exec: {name:?}: stat {name}: no such file or directory"),
        Errno::NoEntry => format!("exec: {name:?}: executable file not found in $PATH"),
        _ => format!("exec: {name:?}: {}", why.to_string().to_lowercase()),
    }
}

/// What came of a start.
pub(super) enum Started {
    Runs(Main),
    /// The server ended at once, with a code.
    Ended(i32),
    /// There is no process: why.
    Failed(String),
}

/// Starts what a container is to run; its log gets what a server prints.
pub(super) fn start(disks: &mut Disks, container: &mut Container, image: &Image, now: Instant) -> Started {
    let failed = |why: &str| {
        Started::Failed(format!(
            "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: {why}"
        ))
    };
    let spec = container.spec.clone();
    for (index, mount) in spec.mounts.iter().enumerate() {
        let below_another = spec.mounts[..index].iter().any(|earlier| leads(&earlier.target, &mount.target));
        if let Err(why) = mount_point(disks, &container.disk, mount, below_another, now) {
            return failed(&why);
        }
    }
    let argv = argv(&spec, image);
    write_proc(disks, container, argv.as_deref().unwrap_or(&[image.row.name.to_owned()]), now);
    let mut files = View::new(disks, &container.mounts, now);
    // A folder that cannot be made shows in what the process does there.
    let _ = files.make_dirs(&spec.working_directory);
    let Some(argv) = &argv else {
        let printed = serve(&mut files, image, &spec);
        let (stream, text) = match &printed {
            Ok(banner) => (Stream::Stdout, banner),
            Err(words) => (Stream::Stderr, words),
        };
        container.log.write(now, &[Chunk { stream, bytes: text.as_bytes().to_vec() }]);
        return if printed.is_ok() { Started::Runs(Main::Server) } else { Started::Ended(1) };
    };
    let first = argv.first().map_or("", String::as_str);
    if let Err(why) = PROGRAMS.can_start(&spec.profile, &files, &spec.working_directory, first) {
        return failed(&not_executable(first, why));
    }
    let mut process = Process::start(argv, spec.profile, spec.variables(), &spec.working_directory, spec.terminal);
    if !spec.stdin {
        process.give_input(None);
    }
    Started::Runs(Main::Process(Box::new(process)))
}

/// What a container runs: its command and arguments over the image's; `None`: the image's own server.
fn argv(spec: &Spec, image: &Image) -> Option<Vec<String>> {
    if !spec.command.is_empty() {
        return Some([spec.command.as_slice(), &spec.args].concat());
    }
    // Arguments of a server are its own options, unless they name a program.
    let is_program = |first: &String| !first.starts_with('-') && PROGRAMS.has(&image.row.profile, first);
    match (image.row.entry, spec.args.first()) {
        (Entry::Command(words), None) => Some(words.iter().map(|word| (*word).to_owned()).collect()),
        (Entry::Command(_), Some(_)) => Some(spec.args.clone()),
        (Entry::Server, Some(first)) if is_program(first) => Some(spec.args.clone()),
        (Entry::Server, _) => None,
    }
}

/// The tree that a container's processes see.
pub(super) fn mount_table(disk: &DiskId, spec: &Spec) -> MountTable {
    let mut table = MountTable::root(disk);
    table.user = spec.user.clone();
    table.mounts.iter_mut().for_each(|root| root.read_only = spec.read_only_root);
    table.mounts.push(Mount { target: "/proc".into(), disk: disk.clone(), source: "/proc".into(), read_only: true });
    table.mounts.extend(spec.mounts.iter().cloned());
    table
}

/// Makes the folder or file in the layer on which something is mounted. What the layer has there does not count where another mount
/// hides it.
fn mount_point(disks: &mut Disks, layer: &DiskId, mount: &Mount, hidden: bool, now: Instant) -> Result<(), String> {
    let Mount { target, source, .. } = mount;
    let directory = ReadView::new(disks, &MountTable::root(&mount.disk)).is_directory(source);
    let mounts = MountTable::root(layer);
    let mut files = View::new(disks, &mounts, now);
    let there = files.stat(target).ok().map(|_| files.is_directory(target));
    match (directory, there) {
        (_, Some(_)) if hidden => Ok(()),
        (true, Some(false)) => Err(format!(
            "error mounting {source:?} to rootfs at {target:?}: create mountpoint for {target} mount: cannot create subdirectories in \"/run/containerd/io.containerd.runtime.v2.task/k8s.io/{layer}/rootfs{target}\": not a directory"
        )),
        (false, Some(true)) => Err(format!(
            "error mounting {source:?} to rootfs at {target:?}: mount src={source}, dst={target}, dstFd=/proc/thread-self/fd/11, flags=MS_BIND|MS_REC: not a directory"
        )),
        (true, None) => {
            // A layer without room shows in the missing folder.
            let _ = files.make_dirs(target);
            Ok(())
        }
        (false, None) => {
            let _ = files.make_dirs(target.rsplit_once('/').map_or("/", |(folder, _)| folder));
            let _ = files.append(target, b"");
            Ok(())
        }
        _ => Ok(()),
    }
}

/// What /proc tells of the first process.
fn write_proc(disks: &mut Disks, container: &Container, argv: &[String], now: Instant) {
    let environment: String = container.spec.environment.iter().map(|(name, value)| format!("{name}={value}\0")).collect();
    let mounts = MountTable::root(&container.disk);
    let mut files = View::new(disks, &mounts, now);
    let _ = files.make_dirs("/proc/1");
    let _ = files.write("/proc/1/environ", environment.as_bytes());
    let _ = files.write("/proc/1/cmdline", (argv.join("\0") + "\0").as_bytes());
    let _ = files.write("/proc/mounts", proc_mounts(&container.mounts.mounts).as_bytes());
}

/// Replaces `$(NAME)` in a path of the table by a variable; `None`: there is no such variable.
fn expand(path: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    let Some((before, rest)) = path.split_once("$(") else { return Some(path.to_owned()) };
    let (name, after) = rest.split_once(')')?;
    Some(format!("{before}{}{after}", variables.get(name)?))
}

/// Starts an image's server: writes its files and gives what it prints, or says why it cannot.
fn serve(files: &mut View<'_>, image: &Image, spec: &Spec) -> Result<String, String> {
    let variables = spec.variables();
    if let Some((names, words)) = image.row.needs
        && !names.iter().any(|name| variables.get(*name).is_some_and(|value| !value.is_empty()))
    {
        return Err(words.to_owned());
    }
    for (path, text) in image.row.writes {
        let Some(path) = expand(path, &variables) else { continue };
        if path.ends_with('/') {
            // A full or read-only disk shows in the missing folder.
            let _ = files.make_dirs(&path);
            continue;
        }
        let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
        // A full or read-only disk shows in the missing file.
        if !files.exists(&path) && files.make_dirs(folder).is_ok() {
            let _ = files.write(&path, text.as_bytes());
        }
    }
    Ok(images::banner(image.row, &spec.image, files.now))
}
