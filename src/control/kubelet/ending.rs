//! Pods that their kubelet ends: past their deadline, or with more in an emptyDir than its limit.
//!
//! Models pkg/kubelet/active_deadline.go and localStorageEviction of pkg/kubelet/eviction. Simplified: no eviction for what a
//! whole node lacks, and none for limits of ephemeral storage.

use super::events::source;
use super::killing::{kill, running_containers, tear_down, tell_to_end};
use super::state::{Ending, Mounted, Seen};
use super::status;
use crate::apiserver::events::EventType;
use crate::control::rules::pods::grace_period;
use crate::control::sync::{Action, Ctx};
use crate::kinds::readers::pods::name_of;
use crate::machine::disks::Disks;
use crate::machine::vfs::{FileType, MountTable, ReadView};
use crate::values::clock::Duration;
use crate::values::object::{Object, ObjectKey, Value};
use crate::values::quantity::Quantity;
use crate::values::status::Status;
use std::rc::Rc;

/// How often the sizes of a pod's volumes are looked at.
const VOLUME_STATS: Duration = Duration::seconds(60);
/// What an evicted pod gets to end by itself.
const EVICTION_GRACE: u64 = 1;
/// Folders below an emptyDir that are looked into.
const FOLDERS_MAX: usize = 10_000;

/// Whether a pod is to end, and when to look again.
pub fn look(ctx: &mut Ctx<'_>, pod: &Object) -> Option<Action> {
    let now = ctx.now;
    let known = ctx.kubelets.pod(pod.uid())?;
    let mut wait = Action::AwaitChange;
    let mut found = None;
    if let Some(limit) = pod.int(&["spec", "activeDeadlineSeconds"]) {
        let end = known.started + Duration::seconds(limit.max(0) as u64);
        if now < end {
            wait = Action::RequeueAfter(end - now);
        } else {
            let message = "Pod was active on the node longer than the specified deadline".to_owned();
            found = Some((EventType::Normal, Ending { reason: "DeadlineExceeded", message, deadline: now + grace_period(pod) }));
        }
    }
    if found.is_none() && limited(pod).next().is_some() {
        let due = known.looked + VOLUME_STATS;
        if now < due {
            wait = wait.sooner(Action::Resync(due - now));
        } else {
            let message = too_full(ctx, pod);
            ctx.kubelets.pod_mut(pod.uid())?.looked = now;
            wait = wait.sooner(Action::Resync(VOLUME_STATS));
            found =
                message.map(|message| (EventType::Warning, Ending { reason: "Evicted", message, deadline: now + Duration::seconds(EVICTION_GRACE) }));
        }
    }
    let helpers = found.is_none() && only_helpers_run(ctx, pod);
    let (event, ending) = match found {
        Some(found) => found,
        // The sidecars of a pod whose work is done are ended as if it were deleted.
        None if helpers => (EventType::Normal, Ending { reason: "", message: String::new(), deadline: now + grace_period(pod) }),
        None => return Some(wait),
    };
    if !helpers {
        ctx.api.event(pod, source(pod, None), event, ending.reason, &ending.message);
    }
    for (name, _) in running_containers(ctx, pod.uid()) {
        let message = format!("Stopping container {name}");
        ctx.api.event(pod, source(pod, Some(("containers", &name))), EventType::Normal, "Killing", &message);
    }
    let known = ctx.kubelets.pod_mut(pod.uid())?;
    (known.ending, known.terminate_at) = (Some(Rc::new(ending)), Some(now));
    Some(Action::RequeueAfter(Duration::millis(1)))
}

/// Brings a pod on that is to end.
/// # Errors
/// What the api server refused.
pub fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey, pod: &Object, ending: &Ending) -> Result<Action, Status> {
    tell_to_end(ctx, pod.uid());
    let now = ctx.now;
    if now < ending.deadline && !running_containers(ctx, pod.uid()).is_empty() {
        return Ok(Action::RequeueAfter(Duration((ending.deadline - now).0.min(1000))));
    }
    kill(ctx, pod.uid());
    status::update(ctx, key, pod)?;
    if ending.reason == "Evicted" {
        // Of an evicted pod nothing is kept, its logs neither.
        tear_down(ctx, pod.uid());
    }
    Ok(Action::AwaitChange)
}

/// Whether a pod's containers are done for good, and sidecars of it still run.
fn only_helpers_run(ctx: &Ctx<'_>, pod: &Object) -> bool {
    let Some(known) = ctx.kubelets.pod(pod.uid()) else { return false };
    let policy = pod.str(&["spec", "restartPolicy"]);
    let containers = pod.list(&["spec", "containers"]).iter().map(|spec| known.container(ctx.runtimes, name_of(spec)));
    let done = |seen: Seen<'_>| seen.exit().is_some_and(|exit| policy == "Never" || policy == "OnFailure" && exit.code == 0);
    containers.into_iter().all(|seen| seen.is_some_and(done)) && !running_containers(ctx, pod.uid()).is_empty()
}

/// The emptyDirs on disk that have a limit.
fn limited(pod: &Object) -> impl Iterator<Item = (&str, &str)> {
    pod.list(&["spec", "volumes"]).iter().filter_map(|volume| {
        let source = volume.get("emptyDir").filter(|source| source["medium"] != "Memory")?;
        Some((volume["name"].as_str()?, source.get("sizeLimit").and_then(Value::as_str)?))
    })
}

fn too_full(ctx: &Ctx<'_>, pod: &Object) -> Option<String> {
    let volumes = ctx.kubelets.pod(pod.uid())?.volumes.clone()?;
    let full = limited(pod).find(|(name, limit)| {
        let limit = Quantity::parse(limit).map_or(i64::MAX, Quantity::value);
        volumes.get(*name).is_some_and(|mounted| used(ctx.disks, mounted) > u64::try_from(limit).unwrap_or(u64::MAX))
    })?;
    Some(format!("Usage of EmptyDir volume {:?} exceeds the limit {:?}. ", full.0, full.1))
}

fn used(disks: &Disks, mounted: &Mounted) -> u64 {
    let mounts = MountTable::root(&mounted.disk);
    let files = ReadView::new(disks, &mounts);
    let (mut sum, mut folders) = (0, vec![mounted.path.to_string()]);
    let mut looked = 0;
    while let Some(folder) = folders.pop().filter(|_| looked < FOLDERS_MAX) {
        looked += 1;
        for name in files.list(&folder).unwrap_or_default() {
            let path = format!("{folder}/{name}");
            let Ok(found) = files.lstat(&path) else { continue };
            if found.file_type == FileType::Directory {
                folders.push(path);
            } else {
                sum += found.size;
            }
        }
    }
    sum
}
