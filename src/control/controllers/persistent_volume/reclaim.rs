//! Reclaiming: what becomes of a volume whose claim is gone, and the in-tree plugins that delete and recycle.
//!
//! Models reclaimVolume, deleteVolumeOperation and recycleVolumeOperation of pv_controller.go, with the plugins that
//! kube-controller-manager loads for them.

use super::{RESYNC, claim_ref_key, set_volume_phase, source, unbind_volume};
use crate::apiserver::events::EventType;
use crate::apiserver::index::{self, Index};
use crate::apiserver::{ApiServer, DeleteOptions, WriteOptions};
use crate::control::rules::volumes::PROVISIONED_BY;
use crate::control::sync::{Action, Ctx};
use crate::kinds::readers::pods::is_terminal;
use crate::values::object::{Object, ObjectKey, json};
use crate::values::status::Status;

/// How far a recycler is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recycling {
    Running,
    Done,
}

/// Deletes what is behind a volume.
pub type Deleter = fn(&Object) -> Result<(), String>;

/// Empties what is behind a volume; asked again until it is done.
pub type Recycler = fn(&mut Ctx<'_>, &Object) -> Result<Recycling, String>;

/// A volume plugin, as far as the binder asks one. An `Err` is the text behind the failure.
pub struct VolumePlugin {
    pub name: &'static str,
    pub can_support: fn(&Object) -> bool,
    pub delete: Option<Deleter>,
    pub recycle: Option<Recycler>,
}

/// What is loaded. Models cmd/kube-controller-manager/app/plugins.go ProbeProvisionableRecyclableVolumePlugins.
pub const PLUGINS: &[VolumePlugin] = &[
    VolumePlugin {
        name: "kubernetes.io/host-path",
        can_support: |volume| volume.at(&["spec", "hostPath"]).is_some(),
        delete: Some(delete_host_path),
        recycle: Some(recycle_by_pod),
    },
    VolumePlugin {
        name: "kubernetes.io/nfs",
        can_support: |volume| volume.at(&["spec", "nfs"]).is_some(),
        delete: None,
        recycle: Some(recycle_by_pod),
    },
];

/// The finalizer that keeps a volume until its deleter has run.
const CONTROLLER_FINALIZER: &str = "kubernetes.io/pv-controller";

/// What the policy asks for once nobody claims the volume.
pub(super) fn reclaim_volume(ctx: &mut Ctx<'_>, key: &ObjectKey, plugins: &[VolumePlugin]) -> Result<Action, Status> {
    let volume = ctx.api.get(key)?.clone();
    match volume.str(&["spec", "persistentVolumeReclaimPolicy"]) {
        "Retain" => Ok(Action::AwaitChange),
        "Delete" => delete_volume(ctx, key, &volume, plugins),
        "Recycle" => recycle_volume(ctx, key, &volume, plugins),
        _ => fail_volume(ctx, key, &volume, "VolumeUnknownReclaimPolicy", "Volume has unrecognized PersistentVolumeReclaimPolicy"),
    }
}

fn fail_volume(ctx: &mut Ctx<'_>, key: &ObjectKey, volume: &Object, reason: &str, message: &str) -> Result<Action, Status> {
    if volume.str(&["status", "phase"]) != "Failed" {
        set_volume_phase(ctx.api, &key.name, "Failed", Some(message))?;
        ctx.api.event(volume, source(), EventType::Warning, reason, message);
    }
    Ok(Action::Resync(RESYNC))
}

/// Who deletes a volume: `None` is somebody outside, who made it. Models findDeletablePlugin.
fn find_deletable<'a>(plugins: &'a [VolumePlugin], volume: &Object) -> Result<Option<&'a VolumePlugin>, String> {
    if let Some(by) = volume.annotation(PROVISIONED_BY).filter(|by| !by.is_empty()) {
        return match plugins.iter().find(|plugin| plugin.name == by && plugin.delete.is_some()) {
            None if by.starts_with("kubernetes.io/") => Err(format!("no volume plugin matched name: {by}")),
            found => Ok(found),
        };
    }
    // Volumes of a CSI driver are its own sidecar's to delete.
    if volume.at(&["spec", "csi"]).is_some() {
        return Ok(None);
    }
    let why = match plugins.iter().find(|plugin| (plugin.can_support)(volume)) {
        Some(plugin) if plugin.delete.is_some() => return Ok(Some(plugin)),
        Some(_) => "no deletable volume plugin matched",
        None => "no volume plugin matched",
    };
    Err(format!("error getting deleter volume plugin for volume {:?}: {why}", volume.name()))
}

fn delete_volume(ctx: &mut Ctx<'_>, key: &ObjectKey, volume: &Object, plugins: &[VolumePlugin]) -> Result<Action, Status> {
    let deleter = match find_deletable(plugins, volume) {
        Ok(found) => found.and_then(|plugin| plugin.delete),
        Err(why) => return fail_volume(ctx, key, volume, "VolumeFailedDelete", &why),
    };
    let Some(delete) = deleter else { return Ok(Action::AwaitChange) };
    if let Err(why) = delete(volume) {
        return fail_volume(ctx, key, volume, "VolumeFailedDelete", &why);
    }
    if volume.has_finalizer(CONTROLLER_FINALIZER) {
        ctx.api.remove_finalizer(key, CONTROLLER_FINALIZER)?;
    }
    match ctx.api.delete(key, &DeleteOptions::default()) {
        // The finalizer may have been all that kept it.
        Err(status) if !status.is_not_found() => Err(status),
        _ => Ok(Action::AwaitChange),
    }
}

/// The folder would be the controller's own host's, which has no such folder here: what goes is the object.
fn delete_host_path(volume: &Object) -> Result<(), String> {
    let path = volume.str(&["spec", "hostPath", "path"]);
    match path.strip_prefix("/tmp/") {
        Some(below) if !below.is_empty() => Ok(()),
        _ => Err(format!("host_path deleter only supports /tmp/.+ but received provided {path}")),
    }
}

fn recycle_volume(ctx: &mut Ctx<'_>, key: &ObjectKey, volume: &Object, plugins: &[VolumePlugin]) -> Result<Action, Status> {
    let users = pods_of_claim(ctx.api, volume);
    if !users.is_empty() {
        let message = format!("Volume is used by pods: {}", users.join(","));
        ctx.api.event(volume, source(), EventType::Normal, "VolumeFailedRecycle", &message);
        return Ok(Action::Resync(RESYNC));
    }
    let recycler = plugins.iter().find(|plugin| (plugin.can_support)(volume)).and_then(|plugin| plugin.recycle);
    let Some(recycle) = recycler else {
        return fail_volume(ctx, key, volume, "VolumeFailedRecycle", "No recycler plugin found for the volume!");
    };
    match recycle(ctx, volume) {
        Ok(Recycling::Running) => {}
        Ok(Recycling::Done) => {
            ctx.api.event(volume, source(), EventType::Normal, "VolumeRecycled", "Volume recycled");
            unbind_volume(ctx.api, key, volume)?;
        }
        Err(why) => return fail_volume(ctx, key, volume, "VolumeFailedRecycle", &format!("Recycle failed: {why}")),
    }
    Ok(Action::AwaitChange)
}

/// The pods that have not ended and name the claim of a volume.
fn pods_of_claim(api: &ApiServer, volume: &Object) -> Vec<String> {
    let Some(claim) = claim_ref_key(volume) else { return Vec::new() };
    api.store()
        .indexed(Index::PodsOfClaim, &index::claim(&claim.namespace, &claim.name))
        .filter(|pod| !is_terminal(pod))
        .map(|pod| format!("{}/{}", pod.namespace(), pod.name()))
        .collect()
}

/// What stands before the volume's name in the name of the pod that scrubs it.
const RECYCLER_PREFIX: &str = "recycler-for-";
/// A recycler that takes longer has failed.
const RECYCLER_DEADLINE_SECONDS: u64 = 60;
const SCRUB: &str = "test -e /scrub && find /scrub -mindepth 1 -delete && test -z \"$(ls -A /scrub)\" || exit 1";

/// The volume that a recycler pod is scrubbing.
pub(super) fn recycled_volume(pod: &Object) -> Option<ObjectKey> {
    let name = pod.name().strip_prefix(RECYCLER_PREFIX).filter(|_| pod.namespace() == "default")?;
    Some(ObjectKey::new("PersistentVolume", "", name))
}

/// Scrubs a volume by a pod. Models pkg/volume/util/recyclerclient RecycleVolumeByWatchingPodUntilCompletion.
fn recycle_by_pod(ctx: &mut Ctx<'_>, volume: &Object) -> Result<Recycling, String> {
    let key = ObjectKey::new("Pod", "default", &format!("{RECYCLER_PREFIX}{}", volume.name()));
    let Some(pod) = ctx.api.store().get(&key).cloned() else {
        let created = ctx.api.create(recycler_pod(volume, &key), &mut WriteOptions::default());
        return created.map(|_| Recycling::Running).map_err(|status| format!("unexpected error creating recycler pod:  {status}"));
    };
    let told: Vec<(EventType, String)> = ctx
        .api
        .list("Event", Some("default"))
        .filter(|event| event.str(&["involvedObject", "uid"]) == pod.uid())
        .map(|event| {
            let kind = if event.0["type"] == "Warning" { EventType::Warning } else { EventType::Normal };
            (kind, format!("Recycler pod: {}", event.str(&["message"])))
        })
        .collect();
    for (kind, message) in told {
        if ctx.api.event_time(volume, &source(), "RecyclerPod", &message).is_none() {
            ctx.api.event(volume, source(), kind, "RecyclerPod", &message);
        }
    }
    let outcome = match pod.str(&["status", "phase"]) {
        "Succeeded" => Ok(Recycling::Done),
        "Failed" => Err(match pod.str(&["status", "message"]) {
            "" => "pod failed, pod.Status.Message unknown".to_owned(),
            message => message.to_owned(),
        }),
        _ => return Ok(Recycling::Running),
    };
    // A pod that somebody else deletes is as good as deleted.
    let _ = ctx.api.delete(&key, &DeleteOptions::default());
    outcome
}

fn recycler_pod(volume: &Object, key: &ObjectKey) -> Object {
    let mut pod = Object::new("v1", "Pod", &key.namespace, &key.name);
    let mut scrubbed = json!({"name": "vol"});
    for field in ["hostPath", "nfs"] {
        if let Some(place) = volume.at(&["spec", field]) {
            scrubbed[field] = place.clone();
        }
    }
    let container = json!({
        "name": "pv-recycler", "image": "registry.k8s.io/build-image/debian-base:bookworm-v1.0.4", "command": ["/bin/sh"], "args": ["-c", SCRUB],
        "volumeMounts": [{"name": "vol", "mountPath": "/scrub"}],
    });
    let spec = json!({
        "activeDeadlineSeconds": RECYCLER_DEADLINE_SECONDS, "restartPolicy": "Never", "volumes": [scrubbed], "containers": [container],
    });
    pod.set(&["spec"], spec);
    pod
}
