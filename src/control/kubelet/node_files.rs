//! The files of a node, and of other disks, as its kubelet works on them.

use crate::control::sync::Ctx;
use crate::machine::disks::DiskId;
use crate::machine::vfs::{MountTable, View};

/// Works on a node's own disk.
pub fn on_node<T>(ctx: &mut Ctx<'_>, node: &str, act: impl FnOnce(&mut View<'_>) -> T) -> T {
    let disk = ctx.kubelets.disk(node);
    on_disk(ctx, &disk, act)
}

/// Works on a disk.
pub fn on_disk<T>(ctx: &mut Ctx<'_>, disk: &DiskId, act: impl FnOnce(&mut View<'_>) -> T) -> T {
    let mounts = MountTable::root(disk);
    act(&mut View::new(ctx.disks, &mounts, ctx.now))
}
