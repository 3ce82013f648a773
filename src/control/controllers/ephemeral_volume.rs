//! Ephemeral volumes: a claim for each `ephemeral` volume of a pod, owned by the pod and so deleted with it.
//!
//! Models pkg/controller/volume/ephemeral/controller.go.

use crate::apiserver::WriteOptions;
use crate::apiserver::events::{EventSource, EventType};
use crate::apiserver::index::{self, Index};
use crate::apiserver::store::Store;
use crate::control::rules::owners::{controller_reference, owner_of_kind};
use crate::control::rules::volumes::volume_is_for_pod;
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::kinds::readers::pods::is_terminal;
use crate::values::object::{Object, ObjectKey, json};
use crate::values::status::Status;

pub const CONTROLLER: Controller = Controller {
    name: "ephemeral-volume-controller",
    watches: &[("Pod", Keys::ItselfIf(has_ephemeral_volume)), ("PersistentVolumeClaim", Keys::Of(pod_of_claim))],
    sync,
};

fn has_ephemeral_volume(pod: &Object) -> bool {
    pod.list(&["spec", "volumes"]).iter().any(|volume| volume.get("ephemeral").is_some())
}

fn pod_of_claim(claim: &Object, store: &Store) -> Vec<ObjectKey> {
    let using = store.indexed(Index::PodsOfClaim, &index::claim(claim.namespace(), claim.name()));
    using.map(|pod| ObjectKey::new("Pod", pod.namespace(), pod.name())).chain(owner_of_kind(claim, "Pod")).collect()
}

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(pod) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    if pod.is_terminating() || is_terminal(&pod) {
        return Ok(Action::AwaitChange);
    }
    for volume in pod.list(&["spec", "volumes"]) {
        let Some(template) = volume.get("ephemeral").and_then(|ephemeral| ephemeral.get("volumeClaimTemplate")) else { continue };
        let name = format!("{}-{}", pod.name(), volume["name"].as_str().unwrap_or(""));
        if let Some(claim) = ctx.api.store().get(&ObjectKey::new("PersistentVolumeClaim", pod.namespace(), &name)) {
            if let Err(why) = volume_is_for_pod(&pod, claim) {
                let message = format!("ephemeral volume {}: {why}", volume["name"].as_str().unwrap_or(""));
                ctx.api.event(&pod, EventSource::component("ephemeral_volume"), EventType::Warning, "FailedBinding", &message);
                return Err(Status::new("", 0, why));
            }
            continue;
        }
        let mut claim = Object::new("v1", "PersistentVolumeClaim", pod.namespace(), &name);
        for field in ["labels", "annotations"] {
            if let Some(map) = template["metadata"].get(field).filter(|map| !map.is_null()) {
                claim.set(&["metadata", field], map.clone());
            }
        }
        claim.set(&["metadata", "ownerReferences"], json!([controller_reference(&pod)]));
        claim.set(&["spec"], template["spec"].clone());
        if let Err(status) = ctx.api.create(claim, &mut WriteOptions::default()) {
            let message = format!("ephemeral volume {}: create PVC {name}: {status}", volume["name"].as_str().unwrap_or(""));
            ctx.api.event(&pod, EventSource::component("ephemeral_volume"), EventType::Warning, "FailedBinding", &message);
            return Err(status);
        }
    }
    Ok(Action::AwaitChange)
}
