//! The table of mounts, as /proc/mounts has it.

use crate::machine::vfs::Mount;

/// What /proc/mounts holds.
pub fn proc_mounts(mounts: &[Mount]) -> String {
    let lines = mounts.iter().map(|mount| {
        let (device, kind) = device(mount);
        format!("{device} {} {kind} {},relatime 0 0\n", mount.target, access(mount))
    });
    lines.collect()
}

/// What /proc/mounts calls a mount's device, and the type of its file system.
pub fn device(mount: &Mount) -> (&str, &str) {
    if mount.target == "/proc" {
        return ("proc", "proc");
    }
    // What the kubelet writes from the api lies in memory.
    if ["~projected/", "~secret/", "~downward-api/"].iter().any(|plugin| mount.source.contains(plugin)) {
        return ("tmpfs", "tmpfs");
    }
    match mount.disk.split('/').next().unwrap_or("") {
        "container" => ("overlay", "overlay"),
        "tmpfs" | "projected" | "secret" | "configmap" | "config" => ("tmpfs", "tmpfs"),
        "proc" => ("proc", "proc"),
        _ => ("/dev/vda1", "ext4"),
    }
}

pub fn access(mount: &Mount) -> &'static str {
    if mount.read_only && mount.target != "/proc" { "ro" } else { "rw" }
}
