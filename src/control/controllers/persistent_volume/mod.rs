//! The binder: claims and volumes find each other, volumes without their claim are released and reclaimed.
//!
//! Models pkg/controller/volume/persistentvolume/pv_controller.go. The two point at each other: `pvc.spec.volumeName` and
//! `pv.spec.claimRef`. Binding writes, each in a request of its own: claimRef, the volume's phase, volumeName with the
//! bind-completed annotation, the claim's status.
//!
//! ```text
//! claim:  Pending -> Bound -> Lost          volume: Pending -> Available <-> Bound -> Released -> (deleted) | Failed
//! ```

mod reclaim;

pub use reclaim::{Deleter, PLUGINS, Recycler, Recycling, VolumePlugin};

use crate::apiserver::ApiServer;
use crate::apiserver::admission::default_storage_class;
use crate::apiserver::events::{EventSource, EventType};
use crate::apiserver::index::{self, Index};
use crate::apiserver::store::Store;
use crate::control::rules::owners::key_of;
use crate::control::rules::pods::claims_of_pod;
use crate::control::rules::volume_search::{Search, attributes_class, find_matching_volume, fits, has_no_class, volume_mode};
use crate::control::rules::volumes::{
    BOUND_BY_CONTROLLER, PROVISIONED_BY, SELECTED_NODE, bind_volume_to_claim, is_delay_binding_mode, is_volume_bound_to_claim,
};
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::kinds::readers::volumes::{BIND_COMPLETED, class_of};
use crate::values::clock::Duration;
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::status::Status;
use reclaim::{reclaim_volume, recycled_volume};
use std::rc::Rc;

pub const CONTROLLER: Controller = Controller {
    name: "persistentvolume-binder-controller",
    watches: &[
        ("PersistentVolumeClaim", Keys::Itself),
        ("PersistentVolumeClaim", Keys::Of(volume_of_claim)),
        ("PersistentVolume", Keys::Itself),
        ("PersistentVolume", Keys::Of(claim_of_volume)),
        ("StorageClass", Keys::Of(pending_claims)),
        ("Pod", Keys::Of(unbound_claims_of_pod)),
        ("Pod", Keys::Of(|pod, _| recycled_volume(pod).into_iter().collect())),
    ],
    sync: |ctx, key| sync_with(ctx, key, PLUGINS),
};

const STORAGE_PROVISIONER: &str = "volume.kubernetes.io/storage-provisioner";
const BETA_STORAGE_PROVISIONER: &str = "volume.beta.kubernetes.io/storage-provisioner";
/// Every claim and volume is looked at again after this long.
const RESYNC: Duration = Duration::seconds(15);

fn volume_of_claim(claim: &Object, _: &Store) -> Vec<ObjectKey> {
    let name = claim.str(&["spec", "volumeName"]);
    if name.is_empty() { Vec::new() } else { vec![ObjectKey::new("PersistentVolume", "", name)] }
}

/// The claim of a volume, and one that was bound to it and has to bind it again or is lost; a free volume is of interest to every
/// claim that still waits, at its next resync.
fn claim_of_volume(volume: &Object, store: &Store) -> Vec<ObjectKey> {
    let bound = store.indexed(Index::BoundClaims, volume.name());
    let bound = bound.map(|claim| ObjectKey::new("PersistentVolumeClaim", claim.namespace(), claim.name()));
    claim_ref_key(volume).into_iter().chain(bound).collect()
}

fn unbound_claims_of_pod(pod: &Object, store: &Store) -> Vec<ObjectKey> {
    claims_of_pod(pod, store).into_iter().filter(|key| store.get(key).is_some_and(|claim| claim.str(&["spec", "volumeName"]).is_empty())).collect()
}

fn pending_claims(_: &Object, store: &Store) -> Vec<ObjectKey> {
    store.list("PersistentVolumeClaim", None).filter(|claim| claim.annotation(BIND_COMPLETED).is_none()).filter_map(|claim| key_of(claim)).collect()
}

fn claim_ref_key(volume: &Object) -> Option<ObjectKey> {
    let reference = volume.at(&["spec", "claimRef"])?;
    Some(ObjectKey::new("PersistentVolumeClaim", reference["namespace"].as_str()?, reference["name"].as_str()?))
}

fn source() -> EventSource {
    EventSource::component("persistentvolume-controller")
}

/// One look at a claim or a volume, with the volume plugins that there are.
/// # Errors
/// What the api server refused; a claim whose volume the controller had chosen and another claim has.
pub fn sync_with(ctx: &mut Ctx<'_>, key: &ObjectKey, plugins: &[VolumePlugin]) -> Result<Action, Status> {
    let Ok(object) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    match key.kind {
        "PersistentVolume" => sync_volume(ctx, key, &object, plugins),
        _ if object.annotation(BIND_COMPLETED).is_some() => sync_bound_claim(ctx, key, &object),
        _ => sync_unbound_claim(ctx, key, &object),
    }
}

fn sync_unbound_claim(ctx: &mut Ctx<'_>, key: &ObjectKey, claim: &Rc<Object>) -> Result<Action, Status> {
    if !claim.str(&["spec", "volumeName"]).is_empty() {
        return sync_prebound_claim(ctx, key, claim);
    }
    let class = class_of(claim).to_owned();
    let delayed = is_delay_binding_mode(ctx.api, &class)?;
    let search = Search { delayed, gates: ctx.flavour.gates, ..Search::default() };
    if let Some(volume) = find_matching_volume(ctx.api, claim, search)? {
        // OBSERVATION: claim Pending, volume Available (or pre-bound to it).
        bind(ctx, &volume, claim)?;
        return Ok(Action::AwaitChange);
    }
    if has_no_class(claim)
        && let Some(class) = default_storage_class(ctx.api.store())
    {
        let name = json!(class.name());
        ctx.api.change(key, |claim| claim.set(&["spec", "storageClassName"], name))?;
        return Ok(Action::AwaitChange);
    }
    if delayed && claim.annotation(SELECTED_NODE).is_none() {
        wait_for_consumer(ctx, claim);
    } else if !class.is_empty() {
        provision_claim(ctx, key, claim, &class)?;
    } else {
        let message = "no persistent volumes available for this claim and no storage class is set";
        ctx.api.event(claim, source(), EventType::Normal, "FailedBinding", message);
    }
    keep_pending(ctx, key, claim)
}

/// A claim that is still to be bound says so, whatever its status said; it is looked at again later.
fn keep_pending(ctx: &mut Ctx<'_>, key: &ObjectKey, claim: &Object) -> Result<Action, Status> {
    if claim.str(&["status", "phase"]) != "Pending" {
        ctx.api.change_status(key, |claim| {
            claim.set(&["status", "phase"], json!("Pending"));
            claim.remove(&["status", "accessModes"]);
            claim.remove(&["status", "capacity"]);
        })?;
    }
    Ok(Action::Resync(RESYNC))
}

fn wait_for_consumer(ctx: &mut Ctx<'_>, claim: &Object) {
    // A claim is looked at before pods that are made in the same moment arrive.
    let is_new = claim.created().is_some_and(|created| ctx.api.now - created < Duration::seconds(1));
    let waiting: Vec<String> = ctx
        .api
        .store()
        .indexed(Index::PodsOfClaim, &index::claim(claim.namespace(), claim.name()))
        .filter(|pod| !is_new || pod.created() < claim.created())
        .filter(|pod| pod.str(&["spec", "nodeName"]).is_empty() && !pod.is_terminating())
        .map(|pod| pod.name().to_owned())
        .collect();
    let (reason, message) = match waiting.as_slice() {
        [] => ("WaitForFirstConsumer", "waiting for first consumer to be created before binding".to_owned()),
        [one] => ("WaitForPodScheduled", format!("waiting for pod {one} to be scheduled")),
        several => ("WaitForPodScheduled", format!("waiting for pods {} to be scheduled", several.join(","))),
    };
    ctx.api.event(claim, source(), EventType::Normal, reason, &message);
}

fn provision_claim(ctx: &mut Ctx<'_>, key: &ObjectKey, claim: &Object, class: &str) -> Result<(), Status> {
    let Some(class) = ctx.api.store().get(&ObjectKey::new("StorageClass", "", class)).cloned() else {
        let message = format!("storageclass.storage.k8s.io {class:?} not found");
        ctx.api.event(claim, source(), EventType::Warning, "ProvisioningFailed", &message);
        return Ok(());
    };
    let provisioner = class.str(&["provisioner"]).to_owned();
    if provisioner.starts_with("kubernetes.io/") {
        let message = format!("no volume plugin matched name: {provisioner}");
        ctx.api.event(claim, source(), EventType::Warning, "ProvisioningFailed", &message);
        return Ok(());
    }
    if claim.annotation(STORAGE_PROVISIONER) != Some(provisioner.as_str()) {
        ctx.api.change(key, |claim| {
            claim.set_annotation(STORAGE_PROVISIONER, &provisioner);
            claim.set_annotation(BETA_STORAGE_PROVISIONER, &provisioner);
        })?;
    }
    let message = format!(
        "Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered."
    );
    ctx.api.event(claim, source(), EventType::Normal, "ExternalProvisioning", &message);
    Ok(())
}

/// A claim that names its volume and was never bound.
fn sync_prebound_claim(ctx: &mut Ctx<'_>, key: &ObjectKey, claim: &Rc<Object>) -> Result<Action, Status> {
    let name = claim.str(&["spec", "volumeName"]).to_owned();
    let Some(volume) = ctx.api.store().get(&ObjectKey::new("PersistentVolume", "", &name)).cloned() else {
        // OBSERVATION: the volume is not there; the claim waits in silence.
        return keep_pending(ctx, key, claim);
    };
    if volume.at(&["spec", "claimRef"]).is_none() {
        if let Err(why) = fits(&volume, claim, ctx.flavour.gates) {
            let message = format!("Cannot bind to requested volume {name:?}: {why}");
            ctx.api.event(claim, source(), EventType::Warning, "VolumeMismatch", &message);
            return keep_pending(ctx, key, claim);
        }
    } else if !is_volume_bound_to_claim(&volume, claim) {
        if claim.annotation(BOUND_BY_CONTROLLER).is_some() {
            let claimed_by = claim_ref_key(&volume).map(|key| key.slashed()).unwrap_or_default();
            let message = format!("invalid binding of claim {:?} to volume {name:?}: volume already claimed by {claimed_by:?}", key.slashed());
            return Err(Status::new("InternalError", 500, message));
        }
        let message = format!("volume {name:?} already bound to a different claim.");
        ctx.api.event(claim, source(), EventType::Warning, "FailedBinding", &message);
        return keep_pending(ctx, key, claim);
    }
    bind(ctx, &volume, claim)?;
    Ok(Action::AwaitChange)
}

/// Binds a volume and a claim, in the order in which each write stands on its own.
fn bind(ctx: &mut Ctx<'_>, volume: &Rc<Object>, claim: &Rc<Object>) -> Result<(), Status> {
    let claim_key = ObjectKey::new("PersistentVolumeClaim", claim.namespace(), claim.name());
    ctx.api.change(&ObjectKey::new("PersistentVolume", "", volume.name()), |volume| bind_volume_to_claim(volume, claim))?;
    set_volume_phase(ctx.api, volume.name(), "Bound", None)?;
    let (name, chosen) = (volume.name().to_owned(), claim.str(&["spec", "volumeName"]).is_empty());
    ctx.api.change(&claim_key, |claim| {
        if chosen {
            claim.set(&["spec", "volumeName"], json!(name));
            claim.set_annotation(BOUND_BY_CONTROLLER, "yes");
        }
        claim.set_annotation(BIND_COMPLETED, "yes");
    })?;
    set_claim_bound(ctx, &claim_key, volume)
    // OBSERVATION: claim Bound, volume Bound.
}

/// Models updateClaimStatus: a size that a bound claim shows already may differ from its volume's on purpose.
fn set_claim_bound(ctx: &mut Ctx<'_>, key: &ObjectKey, volume: &Object) -> Result<(), Status> {
    let (modes, capacity) = (volume.at(&["spec", "accessModes"]).cloned(), volume.at(&["spec", "capacity"]).cloned());
    let attributes = attributes_class(volume).to_owned();
    let attributes = Some(attributes).filter(|class| !class.is_empty() && ctx.flavour.gates.volume_attributes_class);
    ctx.api
        .change_status(key, |claim| {
            claim.set(&["status", "accessModes"], modes.unwrap_or(Value::Null));
            if claim.str(&["status", "phase"]) != "Bound" {
                claim.set(&["status", "phase"], json!("Bound"));
                claim.set(&["status", "capacity"], capacity.unwrap_or(Value::Null));
                if let Some(class) = attributes {
                    claim.set(&["status", "currentVolumeAttributesClassName"], json!(class));
                }
            }
        })
        .map(drop)
}

fn set_volume_phase(api: &mut ApiServer, name: &str, phase: &str, message: Option<&str>) -> Result<(), Status> {
    let key = ObjectKey::new("PersistentVolume", "", name);
    if api.get(&key)?.str(&["status", "phase"]) == phase && message.is_none() {
        return Ok(());
    }
    api.change_status(&key, |volume| {
        volume.set(&["status", "phase"], json!(phase));
        match message {
            Some(message) => volume.set(&["status", "message"], json!(message)),
            None => drop(volume.remove(&["status", "message"])),
        }
    })
    .map(drop)
}

fn lose_claim(ctx: &mut Ctx<'_>, key: &ObjectKey, claim: &Object, reason: &str, message: &str) -> Result<Action, Status> {
    if claim.str(&["status", "phase"]) != "Lost" {
        ctx.api.change_status(key, |claim| {
            claim.set(&["status", "phase"], json!("Lost"));
            claim.remove(&["status", "accessModes"]);
            claim.remove(&["status", "capacity"]);
        })?;
        ctx.api.event(claim, source(), EventType::Warning, reason, message);
    }
    Ok(Action::AwaitChange)
}

/// A claim that was bound once: it is Bound or Lost from then on.
fn sync_bound_claim(ctx: &mut Ctx<'_>, key: &ObjectKey, claim: &Rc<Object>) -> Result<Action, Status> {
    let name = claim.str(&["spec", "volumeName"]);
    if name.is_empty() {
        return lose_claim(ctx, key, claim, "ClaimLost", "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!");
    }
    let Some(volume) = ctx.api.store().get(&ObjectKey::new("PersistentVolume", "", name)).cloned() else {
        return lose_claim(ctx, key, claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!");
    };
    let uid = volume.str(&["spec", "claimRef", "uid"]);
    if volume.at(&["spec", "claimRef"]).is_none() || (uid != claim.uid() && is_volume_bound_to_claim(&volume, claim)) {
        bind(ctx, &volume, claim)?;
    } else if uid == claim.uid() {
        if claim.str(&["status", "phase"]) != "Bound" {
            bind(ctx, &volume, claim)?;
        }
    } else {
        let message = "Two claims are bound to the same volume, this one is bound incorrectly";
        return lose_claim(ctx, key, claim, "ClaimMisbound", message);
    }
    Ok(Action::AwaitChange)
}

fn sync_volume(ctx: &mut Ctx<'_>, key: &ObjectKey, volume: &Rc<Object>, plugins: &[VolumePlugin]) -> Result<Action, Status> {
    let Some(claim_key) = claim_ref_key(volume) else {
        // OBSERVATION: volume free.
        set_volume_phase(ctx.api, &key.name, "Available", None)?;
        return Ok(Action::AwaitChange);
    };
    let uid = volume.str(&["spec", "claimRef", "uid"]).to_owned();
    let claim = ctx.api.store().get(&claim_key).cloned();
    if uid.is_empty() {
        // OBSERVATION: volume pre-bound; its claim binds when it comes (or at its next resync).
        set_volume_phase(ctx.api, &key.name, "Available", None)?;
        return Ok(Action::AwaitChange);
    }
    let Some(claim) = claim.filter(|claim| claim.uid() == uid) else {
        if !matches!(volume.str(&["status", "phase"]), "Released" | "Failed") {
            set_volume_phase(ctx.api, &key.name, "Released", None)?;
        }
        return reclaim_volume(ctx, key, plugins);
    };
    let chosen = claim.str(&["spec", "volumeName"]);
    if chosen.is_empty() {
        if volume_mode(volume) != volume_mode(&claim) {
            mode_mismatch(ctx, volume, &claim);
        }
        return Ok(Action::AwaitChange);
    }
    if *chosen == *key.name {
        set_volume_phase(ctx.api, &key.name, "Bound", None)?;
    } else if volume.annotation(PROVISIONED_BY).is_some() && volume.str(&["spec", "persistentVolumeReclaimPolicy"]) == "Delete" {
        // OBSERVATION: the volume was made for a claim that found another one meanwhile.
        set_volume_phase(ctx.api, &key.name, "Released", None)?;
        return reclaim_volume(ctx, key, plugins);
    } else {
        unbind_volume(ctx.api, key, volume)?;
    }
    Ok(Action::AwaitChange)
}

fn mode_mismatch(ctx: &mut Ctx<'_>, volume: &Object, claim: &Object) {
    let on_volume = format!("Cannot bind PersistentVolume to requested PersistentVolumeClaim {:?} due to incompatible volumeMode.", claim.name());
    ctx.api.event(volume, source(), EventType::Warning, "VolumeMismatch", &on_volume);
    let on_claim = format!("Cannot bind PersistentVolume {:?} to requested PersistentVolumeClaim due to incompatible volumeMode.", volume.name());
    ctx.api.event(claim, source(), EventType::Warning, "VolumeMismatch", &on_claim);
}

fn unbind_volume(api: &mut ApiServer, key: &ObjectKey, volume: &Object) -> Result<(), Status> {
    let by_controller = volume.annotation(BOUND_BY_CONTROLLER).is_some();
    api.change(key, |volume| {
        if by_controller {
            volume.remove(&["spec", "claimRef"]);
            volume.remove_annotation(BOUND_BY_CONTROLLER);
        } else {
            volume.remove(&["spec", "claimRef", "uid"]);
            volume.remove(&["spec", "claimRef", "resourceVersion"]);
        }
    })?;
    set_volume_phase(api, &key.name, "Available", None)
}
