//! The end of what runs of a pod: TERM, KILL, and what is removed from its node.
//!
//! Models killContainer of pkg/kubelet/kuberuntime and the garbage collection behind it.

use crate::control::sync::Ctx;
use crate::machine::kernel::Signal;
use crate::machine::vfs::{MountTable, View};
use crate::runtime::ContainerId;

/// Sends TERM to what runs of a pod, when its time has come.
pub fn tell_to_end(ctx: &mut Ctx<'_>, uid: &str) {
    let now = ctx.now;
    let Some(known) = ctx.kubelets.pod_mut(uid) else { return };
    if known.terminate_at.is_none_or(|due| now < due) {
        return;
    }
    known.terminate_at = None;
    signal_all(ctx, uid, Signal::Terminate);
}

/// Ends what still runs of a pod.
pub fn kill(ctx: &mut Ctx<'_>, uid: &str) {
    signal_all(ctx, uid, Signal::Kill);
}

fn signal_all(ctx: &mut Ctx<'_>, uid: &str, signal: Signal) {
    let Some(runtime) = ctx.kubelets.pod(uid).map(|known| known.runtime) else { return };
    for (_, id) in running_containers(ctx, uid) {
        ctx.runtimes.signal(runtime, &id, signal, ctx.now);
    }
}

pub fn running_containers(ctx: &Ctx<'_>, uid: &str) -> Vec<(String, ContainerId)> {
    let known = ctx.kubelets.pod(uid).into_iter();
    known.flat_map(|known| known.running(ctx.runtimes)).map(|(name, id)| (name.to_owned(), id.clone())).collect()
}

/// Removes what a pod had on its node: containers, their layers, its own volumes.
pub fn tear_down(ctx: &mut Ctx<'_>, uid: &str) {
    let Some(known) = ctx.kubelets.pod(uid).cloned() else { return };
    for id in known.containers.values().flat_map(|state| [&state.current, &state.previous]).flatten() {
        ctx.runtimes.remove(ctx.disks, known.runtime, id);
    }
    for volume in known.volumes.iter().flat_map(|volumes| volumes.values()).filter(|volume| volume.disk.starts_with("tmpfs/")) {
        ctx.disks.remove(&volume.disk);
    }
    if let Some(machine) = ctx.runtimes.get(known.runtime) {
        let mounts = MountTable::root(&machine.root);
        // The folder is there only when the pod had volumes of its own.
        let _ = View::new(ctx.disks, &mounts, ctx.now).remove_all(&pod_folder(uid));
    }
    ctx.kubelets.remove(uid);
}

/// The folder that holds a pod's own volumes on its node.
pub fn pod_folder(uid: &str) -> String {
    format!("/var/lib/kubelet/pods/{uid}")
}
