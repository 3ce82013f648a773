//! The garbage collector: what belongs to an owner that is gone goes too.
//!
//! Models pkg/controller/garbagecollector: background, foreground and orphan deletion.

use crate::apiserver::{DeleteOptions, Propagation};
use crate::control::rules::owners::{key_of, set_owners};
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::kinds;
use crate::values::object::{Object, ObjectKey, Value};
use crate::values::status::Status;
use std::rc::Rc;

pub const CONTROLLER: Controller = Controller {
    name: "garbage-collector-controller",
    watches: &[
        ("ControllerRevision", MAYBE_GOING),
        ("CronJob", MAYBE_GOING),
        ("DaemonSet", MAYBE_GOING),
        ("Deployment", MAYBE_GOING),
        ("EndpointSlice", MAYBE_GOING),
        ("Job", MAYBE_GOING),
        ("Node", MAYBE_GOING),
        ("PersistentVolumeClaim", MAYBE_GOING),
        ("Pod", MAYBE_GOING),
        ("ReplicaSet", MAYBE_GOING),
        ("Service", MAYBE_GOING),
        ("StatefulSet", MAYBE_GOING),
    ],
    sync,
};

/// What no owner can take along stays until it is deleted itself.
const MAYBE_GOING: Keys = Keys::ItselfIf(|object| object.is_terminating() || !object.owner_references().is_empty());

/// Which kinds may belong to an owner of a kind; only these are searched when it goes.
const DEPENDENTS: &[(&str, &[&str])] = &[
    ("CronJob", &["Job"]),
    ("DaemonSet", &["ControllerRevision", "Pod"]),
    ("Deployment", &["ReplicaSet"]),
    ("Job", &["Pod"]),
    ("Pod", &["PersistentVolumeClaim"]),
    ("ReplicaSet", &["Pod"]),
    ("Service", &["EndpointSlice"]),
    ("StatefulSet", &["ControllerRevision", "PersistentVolumeClaim", "Pod"]),
];

fn dependents(ctx: &Ctx<'_>, owner: &ObjectKey) -> Vec<Rc<Object>> {
    let kinds = DEPENDENTS.iter().find(|(kind, _)| *kind == owner.kind).map_or(&[][..], |(_, kinds)| kinds);
    let names =
        |object: &&Rc<Object>| object.owner_references().iter().any(|reference| reference["kind"] == owner.kind && reference["name"] == *owner.name);
    kinds.iter().flat_map(|kind| ctx.api.list(kind, Some(&owner.namespace)).filter(names).cloned().collect::<Vec<_>>()).collect()
}

fn owner_exists(ctx: &Ctx<'_>, object: &Object, reference: &Value) -> bool {
    let Some(def) = kinds::by_kind(reference["kind"].as_str().unwrap_or("")) else { return true };
    let key = ObjectKey::new(def.kind, if def.namespaced { object.namespace() } else { "" }, reference["name"].as_str().unwrap_or(""));
    ctx.api.store().get(&key).is_some_and(|owner| owner.uid() == reference["uid"].as_str().unwrap_or(""))
}

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(object) = ctx.api.get(key).cloned() else {
        for dependent in dependents(ctx, key) {
            collect(ctx, &dependent)?;
        }
        return Ok(Action::AwaitChange);
    };
    if object.is_terminating() && object.has_finalizer("orphan") {
        orphan(ctx, key, &object)?;
    } else if object.is_terminating() && object.has_finalizer("foregroundDeletion") {
        let left: Vec<Rc<Object>> = dependents(ctx, key).into_iter().filter(|dependent| belongs(dependent, &object)).collect();
        for dependent in left.iter().filter(|dependent| !dependent.is_terminating()) {
            delete(ctx, dependent, Propagation::Foreground)?;
        }
        let blocked = left
            .iter()
            .any(|dependent| dependent.owner_references().iter().any(|owner| owner["uid"] == object.uid() && owner["blockOwnerDeletion"] == true));
        if !blocked {
            ctx.api.remove_finalizer(key, "foregroundDeletion")?;
        } else {
            return Ok(Action::RequeueAfter(crate::values::clock::Duration::millis(500)));
        }
    } else {
        collect(ctx, &object)?;
    }
    Ok(Action::AwaitChange)
}

fn belongs(dependent: &Object, owner: &Object) -> bool {
    dependent.owner_references().iter().any(|reference| reference["uid"] == owner.uid())
}

/// Deletes an object none of whose owners is there.
fn collect(ctx: &mut Ctx<'_>, object: &Object) -> Result<(), Status> {
    let owners = object.owner_references();
    if owners.is_empty() || object.is_terminating() || owners.iter().any(|owner| owner_exists(ctx, object, owner)) {
        return Ok(());
    }
    delete(ctx, object, Propagation::Background)
}

fn delete(ctx: &mut Ctx<'_>, object: &Object, propagation: Propagation) -> Result<(), Status> {
    let Some(key) = key_of(object) else { return Ok(()) };
    match ctx.api.delete(&key, &DeleteOptions { propagation, ..DeleteOptions::default() }) {
        Err(status) if !status.is_not_found() => Err(status),
        _ => Ok(()),
    }
}

fn orphan(ctx: &mut Ctx<'_>, key: &ObjectKey, owner: &Object) -> Result<(), Status> {
    for dependent in dependents(ctx, key).into_iter().filter(|dependent| belongs(dependent, owner)) {
        let rest: Vec<Value> = dependent.owner_references().iter().filter(|reference| reference["uid"] != owner.uid()).cloned().collect();
        if let Some(key) = key_of(&dependent) {
            ctx.api.change(&key, |object| set_owners(object, rest))?;
        }
    }
    ctx.api.remove_finalizer(key, "orphan")
}
