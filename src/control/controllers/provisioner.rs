//! rancher.io/local-path: claims become folders on nodes, and volumes that nobody claims go with their folder.
//!
//! Models sigs.k8s.io/sig-storage-lib-external-provisioner and rancher/local-path-provisioner. Simplified: the helper pods are
//! not shown; what they do takes its time.

use crate::apiserver::DeleteOptions;
use crate::apiserver::events::{EventSource, EventType};
use crate::control::rules::volumes::{PROVISIONED_BY, SELECTED_NODE};
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::kinds::readers::volumes::class_of;
use crate::machine::vfs::{MountTable, View};
use crate::values::clock::Duration;
use crate::values::object::{Object, ObjectKey, json};
use crate::values::status::Status;

pub const CONTROLLER: Controller = Controller {
    name: "external-provisioner",
    watches: &[("PersistentVolumeClaim", Keys::ItselfIf(has_no_volume)), ("PersistentVolume", Keys::ItselfIf(is_ours))],
    sync,
};

const NAME: &str = "rancher.io/local-path";
/// How long a folder takes to be made, and to be removed.
const PROVISIONING: Duration = Duration::seconds(3);
const DELETION: Duration = Duration::seconds(3);
const RETRY: Duration = Duration::seconds(15);

fn source(ctx: &Ctx<'_>) -> EventSource {
    let pod = ctx.api.list("Pod", Some("local-path-storage")).next();
    let (name, uid) = pod.map_or(("local-path-provisioner".to_owned(), String::new()), |pod| (pod.name().to_owned(), pod.uid().to_owned()));
    EventSource::component(&format!("{NAME}_{name}_{uid}"))
}

fn has_no_volume(claim: &Object) -> bool {
    claim.str(&["spec", "volumeName"]).is_empty()
}

fn is_ours(volume: &Object) -> bool {
    volume.annotation(PROVISIONED_BY) == Some(NAME)
}

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(object) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    if key.kind == "PersistentVolume" { delete_volume(ctx, key, &object) } else { provision_claim(ctx, &object) }
}

fn provision_claim(ctx: &mut Ctx<'_>, claim: &Object) -> Result<Action, Status> {
    let asked = claim.annotation("volume.kubernetes.io/storage-provisioner") == Some(NAME);
    if !asked || !has_no_volume(claim) || claim.is_terminating() {
        return Ok(Action::AwaitChange);
    }
    let Some(class) = ctx.api.store().get(&ObjectKey::new("StorageClass", "", class_of(claim))).cloned() else { return Ok(Action::AwaitChange) };
    let node = claim.annotation(SELECTED_NODE).unwrap_or("").to_owned();
    if node.is_empty() && class.str(&["volumeBindingMode"]) == "WaitForFirstConsumer" {
        return Ok(Action::AwaitChange);
    }
    let name = format!("pvc-{}", claim.uid());
    if ctx.api.store().get(&ObjectKey::new("PersistentVolume", "", &name)).is_some() {
        return Ok(Action::AwaitChange);
    }
    let source = source(ctx);
    let begun = format!("External provisioner is provisioning volume for claim \"{}/{}\"", claim.namespace(), claim.name());
    // That it makes no block volumes a provisioner says before it begins.
    let block = claim.str(&["spec", "volumeMode"]) == "Block";
    let known = if block {
        ctx.api.event_time(claim, &source, "ProvisioningFailed", &failed(&class, claim, &node))
    } else {
        ctx.api.event_time(claim, &source, "Provisioning", &begun)
    };
    match known {
        None => {
            if !block {
                ctx.api.event(claim, &source, EventType::Normal, "Provisioning", &begun);
            }
            if refusal(claim, &node).is_some() {
                let message = failed(&class, claim, &node);
                ctx.api.event(claim, &source, EventType::Warning, "ProvisioningFailed", &message);
                return Ok(Action::Resync(RETRY));
            }
            return Ok(Action::RequeueAfter(PROVISIONING));
        }
        Some(_) if refusal(claim, &node).is_some() => return Ok(Action::AwaitChange),
        Some(since) if ctx.now - since < PROVISIONING => return Ok(Action::RequeueAfter(PROVISIONING)),
        Some(_) => {}
    }
    let path = format!("{}/{name}_{}_{}", ctx.flavour.local_path_root, claim.namespace(), claim.name());
    let mounts = MountTable::root(ctx.kubelets.disk(&node));
    let mut files = View::new(ctx.disks, &mounts, ctx.now);
    if let Err(error) = files.make_dirs(&path).and_then(|()| files.set_mode(&path, 0o777)) {
        let message = format!("failed to create volume {name}: {error}");
        ctx.api.event(claim, &source, EventType::Warning, "ProvisioningFailed", &message);
        return Ok(Action::Resync(RETRY));
    }
    let done = format!("Successfully provisioned volume {name}");
    ctx.api.event(claim, &source, EventType::Normal, "ProvisioningSucceeded", &done);
    ctx.api.create(volume_for(claim, &class, &name, &node, &path), &mut Default::default())?;
    Ok(Action::AwaitChange)
}

fn failed(class: &Object, claim: &Object, node: &str) -> String {
    let refusal = refusal(claim, node).unwrap_or_default();
    if claim.str(&["spec", "volumeMode"]) == "Block" {
        refusal
    } else {
        format!("failed to provision volume with StorageClass {:?}: {refusal}", class.name())
    }
}

/// Why local-path makes no volume for a claim.
fn refusal(claim: &Object, node: &str) -> Option<String> {
    let modes = claim.list(&["spec", "accessModes"]);
    if claim.at(&["spec", "selector"]).is_some() {
        Some("claim.Spec.Selector is not supported".to_owned())
    } else if modes.iter().any(|mode| mode != "ReadWriteOnce" && mode != "ReadWriteOncePod") {
        Some("NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes".to_owned())
    } else if claim.str(&["spec", "volumeMode"]) == "Block" {
        Some(format!("{NAME} does not support block volume provisioning"))
    } else if node.is_empty() {
        Some("configuration error, no node was specified".to_owned())
    } else {
        None
    }
}

fn volume_for(claim: &Object, class: &Object, name: &str, node: &str, path: &str) -> Object {
    let mut volume = Object::new("v1", "PersistentVolume", "", name);
    volume.set_annotation("local.path.provisioner/selected-node", node);
    volume.set_annotation(PROVISIONED_BY, NAME);
    volume.set(
        &["spec"],
        json!({
            "accessModes": claim.list(&["spec", "accessModes"]),
            "capacity": {"storage": claim.str(&["spec", "resources", "requests", "storage"])},
            "claimRef": {
                "apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": claim.name(), "namespace": claim.namespace(),
                "uid": claim.uid(), "resourceVersion": claim.str(&["metadata", "resourceVersion"]),
            },
            "hostPath": {"path": path, "type": "DirectoryOrCreate"},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [
                {"matchExpressions": [{"key": "kubernetes.io/hostname", "operator": "In", "values": [node]}]},
            ]}},
            "persistentVolumeReclaimPolicy": class.str(&["reclaimPolicy"]),
            "storageClassName": class.name(),
            "volumeMode": "Filesystem",
        }),
    );
    volume
}

fn delete_volume(ctx: &mut Ctx<'_>, key: &ObjectKey, volume: &Object) -> Result<Action, Status> {
    let to_go = volume.str(&["status", "phase"]) == "Released" && volume.str(&["spec", "persistentVolumeReclaimPolicy"]) == "Delete";
    if !is_ours(volume) || !to_go {
        return Ok(Action::AwaitChange);
    }
    let released = crate::values::clock::Instant::parse(volume.str(&["status", "lastPhaseTransitionTime"])).unwrap_or(ctx.now);
    if ctx.now - released < DELETION {
        return Ok(Action::RequeueAfter(DELETION));
    }
    let node = volume.annotation("local.path.provisioner/selected-node").unwrap_or("").to_owned();
    let mounts = MountTable::root(ctx.kubelets.disk(&node));
    let mut files = View::new(ctx.disks, &mounts, ctx.now);
    // A folder that is gone already is as good as removed.
    let _ = files.remove_all(volume.str(&["spec", "hostPath", "path"]));
    ctx.api.delete(key, &DeleteOptions::default())?;
    Ok(Action::AwaitChange)
}
