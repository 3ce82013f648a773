//! Controllers: stateless functions of one key, one row each in `ALL`; the work queue and its back-off.

use crate::apiserver::ApiServer;
use crate::apiserver::store::Store;
use crate::control::flavour::Flavour;
use crate::control::kubelet::{self, Runtime};
use crate::control::scheduler;
use crate::machine::disks::Disks;
use crate::values::clock::{Duration, Instant};
use crate::values::hash::{FNV_START, fnv1a};
use crate::values::object::{Object, ObjectKey, Value, json, str_at};
use crate::values::selector::LabelSelector;
use crate::values::status::Status;
use std::rc::Rc;

pub use crate::kinds::volumes::claim_names;

pub mod cron_job;
pub mod daemon_set;
pub mod deployment;
pub mod disruption;
pub mod endpoints;
pub mod ephemeral_volume;
pub mod expand;
pub mod garbage_collector;
pub mod job;
pub mod kubernetes_service;
pub mod namespace;
pub mod node_lifecycle;
pub mod persistent_volume;
pub mod protection;
pub mod provisioner;
pub mod replica_set;
pub mod stateful_set;

/// What a sync may use.
pub struct Ctx<'a> {
    pub api: &'a mut ApiServer,
    pub disks: &'a mut Disks,
    pub runtime: &'a mut Runtime,
    pub assumed: &'a mut scheduler::Assumed,
    pub now: Instant,
    pub flavour: &'static Flavour,
}

/// When a key is to be looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    AwaitChange,
    RequeueAfter(Duration),
    /// As `RequeueAfter`, for what only repeats itself: a settled cluster may still have it ahead.
    Resync(Duration),
}

/// Which keys a controller must look at when an object has changed.
#[derive(Clone, Copy)]
pub enum Keys {
    /// The object's own.
    Itself,
    /// The object's own where this holds, or where the object is gone: a look at it otherwise would change nothing and be the last.
    /// No controller before this one in `ALL` may make it hold: a look in the same round would find what the mapping did not.
    ItselfIf(fn(&Object) -> bool),
    /// These.
    Of(fn(&Object, &Store) -> Vec<ObjectKey>),
}

/// One controller.
pub struct Controller {
    /// As upstream's controller_names.go.
    pub name: &'static str,
    pub watches: &'static [(&'static str, Keys)],
    /// An error is retried with back-off.
    pub sync: fn(&mut Ctx<'_>, &ObjectKey) -> Result<Action, Status>,
}

/// Every controller, in the order in which they take turns at one instant.
pub const ALL: &[Controller] = &[
    namespace::CONTROLLER,
    garbage_collector::CONTROLLER,
    protection::CLAIMS,
    protection::VOLUMES,
    ephemeral_volume::CONTROLLER,
    persistent_volume::CONTROLLER,
    expand::CONTROLLER,
    provisioner::CONTROLLER,
    deployment::CONTROLLER,
    replica_set::CONTROLLER,
    stateful_set::CONTROLLER,
    daemon_set::CONTROLLER,
    cron_job::CONTROLLER,
    job::CONTROLLER,
    node_lifecycle::NODES,
    node_lifecycle::EVICTION,
    scheduler::CONTROLLER,
    kubelet::CONTROLLER,
    kubelet::lease::CONTROLLER,
    endpoints::CONTROLLER,
    disruption::CONTROLLER,
    kubernetes_service::CONTROLLER,
];

/// An object's key in the store.
pub fn key_of(object: &Object) -> Option<ObjectKey> {
    crate::kinds::by_kind(object.kind()).map(|def| crate::apiserver::key_of(def, object))
}

/// The object's controlling owner, where it is of a kind.
pub fn owner_of_kind(object: &Object, kind: &'static str) -> Option<ObjectKey> {
    let owner = object.controller().filter(|owner| owner["kind"] == kind)?;
    Some(ObjectKey::new(kind, object.namespace(), owner["name"].as_str()?))
}

/// An owner reference with `controller` and `blockOwnerDeletion` set.
pub fn controller_reference(owner: &Object) -> Value {
    json!({
        "apiVersion": owner.api_version(), "kind": owner.kind(), "name": owner.name(), "uid": owner.uid(),
        "controller": true, "blockOwnerDeletion": true,
    })
}

/// Gives an object these owners, or none.
pub fn set_owners(object: &mut Object, owners: Vec<Value>) {
    if owners.is_empty() {
        object.remove(&["metadata", "ownerReferences"]);
    } else {
        object.set(&["metadata", "ownerReferences"], Value::Array(owners));
    }
}

/// Whether an owner's selector finds an object.
pub fn selects(owner: &Object, object: &Object) -> bool {
    LabelSelector::from_object(&owner.0["spec"]["selector"]).is_ok_and(|selector| selector.matches(object.map(&["metadata", "labels"])))
}

/// Takes those of the candidates that nobody controls and that the selector finds, lets go those that it finds no longer.
/// Models ClaimPods and ClaimReplicaSets of pkg/controller/controller_ref_manager.go.
/// # Errors
/// What the api server refused.
pub fn claim(ctx: &mut Ctx<'_>, owner: &Object, candidates: Vec<Rc<Object>>) -> Result<(), Status> {
    for one in candidates {
        let mine = is_controlled_by(&one, owner);
        if one.is_terminating() || !(mine || one.controller().is_none()) || mine == selects(owner, &one) {
            continue;
        }
        let mut owners = one.list(&["metadata", "ownerReferences"]).to_vec();
        if mine {
            owners.retain(|reference| reference["uid"] != owner.uid());
        } else {
            owners.push(controller_reference(owner));
        }
        let Some(key) = key_of(&one) else { continue };
        ctx.api.change(&key, |object| set_owners(object, owners))?;
    }
    Ok(())
}

/// Whether an object's controlling owner is this one.
pub fn is_controlled_by(object: &Object, owner: &Object) -> bool {
    object.controller().is_some_and(|reference| reference["uid"] == owner.uid())
}

fn is_ready(condition: &Value) -> bool {
    str_at(condition, &["type"]) == "Ready" && str_at(condition, &["status"]) == "True"
}

/// Whether a pod's Ready condition is true.
pub fn is_pod_ready(pod: &Object) -> bool {
    pod.list(&["status", "conditions"]).iter().any(is_ready)
}

/// Since when a pod is ready; `None`: it is not.
pub fn ready_since(pod: &Object) -> Option<Instant> {
    let ready = pod.list(&["status", "conditions"]).iter().find(|condition| is_ready(condition))?;
    Instant::parse(ready["lastTransitionTime"].as_str()?)
}

/// How long until a pod counts as available: zero when it does, `None` while it is not ready.
pub fn until_available(owner: &Object, pod: &Object, now: Instant) -> Option<Duration> {
    let due = ready_since(pod)? + Duration::seconds(owner.int(&["spec", "minReadySeconds"]).unwrap_or(0).max(0) as u64);
    Some(if due > now { due - now } else { Duration::ZERO })
}

/// The claims of a pod, as keys.
pub fn claims_of_pod(pod: &Object, _: &Store) -> Vec<ObjectKey> {
    claim_names(pod).map(|name| ObjectKey::new("PersistentVolumeClaim", pod.namespace(), &name)).collect()
}

/// A tree's hash in names of ReplicaSets and revisions: a number of 32 bits, a safe letter for each of its digits. Models
/// pkg/util/hash and SafeEncodeString.
pub fn template_hash(tree: &Value, salt: i64) -> String {
    const DIGITS: &[u8; 10] = b"456789bcdf";
    let hash = fnv1a(FNV_START, format!("{tree}{salt}").as_bytes());
    let number = (hash >> 32) as u32 ^ hash as u32;
    number.to_string().bytes().map(|digit| char::from(DIGITS[usize::from(digit - b'0')])).collect()
}

/// The objects of a kind whose names are a name with `-` and something behind it.
pub fn named_after(store: &Store, kind: &'static str, namespace: &str, name: &str) -> Vec<Rc<Object>> {
    let prefix = format!("{name}-");
    store.list_prefix(kind, namespace, &prefix).map(|(_, object)| object.clone()).collect()
}
