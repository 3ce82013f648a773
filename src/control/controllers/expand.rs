//! Expansion: claims that ask for more than their volume has.
//!
//! Models pkg/controller/volume/expand/expand_controller.go. Simplified: no plugin here can grow its volumes, so a larger
//! request is only announced; it is announced once for each claim and event lifetime.

use crate::apiserver::events::{EventSource, EventType};
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::values::object::ObjectKey;
use crate::values::quantity::Quantity;
use crate::values::status::Status;

pub const CONTROLLER: Controller =
    Controller { name: "persistentvolume-expander-controller", watches: &[("PersistentVolumeClaim", Keys::Itself)], sync };

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(claim) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    let size = |path: &[&str]| Quantity::parse(claim.str(path)).ok();
    let wanted = size(&["spec", "resources", "requests", "storage"]);
    let there = size(&["status", "capacity", "storage"]);
    let wants_more = wanted.zip(there).is_some_and(|(wanted, there)| wanted > there);
    if claim.is_terminating() || claim.str(&["status", "phase"]) != "Bound" || !wants_more {
        return Ok(Action::AwaitChange);
    }
    let said = ctx
        .api
        .list("Event", Some(&key.namespace))
        .any(|event| event.str(&["reason"]) == "ExternalExpanding" && event.str(&["involvedObject", "uid"]) == claim.uid());
    if !said {
        let message = "waiting for an external controller to expand this PVC";
        ctx.api.event(&claim, EventSource::component("volume_expand"), EventType::Normal, "ExternalExpanding", message);
    }
    Ok(Action::AwaitChange)
}
