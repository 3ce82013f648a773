//! The protection finalizers: a claim stays while a pod uses it, a volume while a claim is bound to it.
//!
//! Models pkg/controller/volume/pvcprotection and pvprotection.

use crate::apiserver::admission::{PV_PROTECTION, PVC_PROTECTION};
use crate::apiserver::index::{self, Index};
use crate::control::rules::pods::claims_of_pod;
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::values::object::ObjectKey;
use crate::values::status::Status;

pub const CLAIMS: Controller = Controller {
    name: "persistentvolumeclaim-protection-controller",
    watches: &[("PersistentVolumeClaim", Keys::Itself), ("Pod", Keys::Of(claims_of_pod))],
    sync: sync_claim,
};

pub const VOLUMES: Controller = Controller {
    name: "persistentvolume-protection-controller",
    watches: &[("PersistentVolume", Keys::ItselfIf(|volume| volume.is_terminating() || !volume.has_finalizer(PV_PROTECTION)))],
    sync: sync_volume,
};

fn sync_claim(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(claim) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    if !claim.is_terminating() {
        if !claim.has_finalizer(PVC_PROTECTION) {
            ctx.api.change(key, |claim| claim.add_finalizer(PVC_PROTECTION))?;
        }
        return Ok(Action::AwaitChange);
    }
    // A pod that is on no node holds nothing; one that has ended still does.
    let users = ctx.api.store().indexed(Index::PodsOfClaim, &index::claim(&key.namespace, &key.name));
    let used = users.into_iter().any(|pod| !pod.str(&["spec", "nodeName"]).is_empty());
    if claim.has_finalizer(PVC_PROTECTION) && !used {
        ctx.api.remove_finalizer(key, PVC_PROTECTION)?;
    }
    Ok(Action::AwaitChange)
}

fn sync_volume(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(volume) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    let has = volume.has_finalizer(PV_PROTECTION);
    if !volume.is_terminating() && !has {
        ctx.api.change(key, |volume| volume.add_finalizer(PV_PROTECTION))?;
    } else if volume.is_terminating() && has && volume.str(&["status", "phase"]) != "Bound" {
        ctx.api.remove_finalizer(key, PV_PROTECTION)?;
    }
    Ok(Action::AwaitChange)
}
