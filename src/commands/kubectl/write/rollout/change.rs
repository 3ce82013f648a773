//! rollout restart, pause, resume. Models kubectl/pkg/polymorphichelpers/object{restarter,pauser,resumer}.go.

use crate::apiserver::{PatchType, key_of};
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::write;
use crate::commands::kubectl::write::rollout::chosen::{ROLLS, chosen, resource_text};
use crate::kinds;
use crate::values::clock::Instant;
use crate::values::object::{Object, Value, json};

fn patch_each(invocation: &mut Invocation<'_, '_>, done: &str, make: &dyn Fn(&Object, Instant) -> Result<Value, Failure>) -> Ran {
    let dry_run = write::DryRun::None;
    let (found, mut failures) = chosen(invocation)?;
    for object in found {
        let patch = match make(&object, invocation.now()) {
            Ok(patch) => patch,
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        };
        match invocation.patch_object(&key_of(kinds::def(object.kind()), &object), PatchType::Merge, &patch, dry_run) {
            Ok(updated) => invocation.report(&updated, done, dry_run)?,
            Err(status) => failures.push(status.into()),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}

pub fn restart(invocation: &mut Invocation<'_, '_>) -> Ran {
    patch_each(invocation, "restarted", &|object, now| {
        if !ROLLS.contains(&object.kind()) {
            return Err(Failure::plain(format!("error: {} restarting is not supported", resource_text(object))));
        }
        if object.bool(&["spec", "paused"]) {
            let name = object.name();
            return Err(Failure::plain(format!("deployments.apps {name:?} can't restart paused deployment (run rollout resume first)")));
        }
        let stamp = json!({"kubectl.kubernetes.io/restartedAt": now.rfc3339()});
        Ok(json!({"spec": {"template": {"metadata": {"annotations": stamp}}}}))
    })
}

pub fn pause(invocation: &mut Invocation<'_, '_>) -> Ran {
    patch_each(invocation, "paused", &|object, _| match (object.kind(), object.bool(&["spec", "paused"])) {
        ("Deployment", false) => Ok(json!({"spec": {"paused": true}})),
        ("Deployment", true) => Err(Failure::plain(format!("{} is already paused", resource_text(object)))),
        _ => Err(Failure::plain(format!("error: {} pausing is not supported", resource_text(object)))),
    })
}

pub fn resume(invocation: &mut Invocation<'_, '_>) -> Ran {
    patch_each(invocation, "resumed", &|object, _| match (object.kind(), object.bool(&["spec", "paused"])) {
        ("Deployment", true) => Ok(json!({"spec": {"paused": null}})),
        ("Deployment", false) => Err(Failure::plain(format!("{} is not paused", resource_text(object)))),
        _ => Err(Failure::plain(format!("error: {} resuming is not supported", resource_text(object)))),
    })
}
