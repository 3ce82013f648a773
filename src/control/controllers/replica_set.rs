//! ReplicaSets: so many pods of a template, no more, no less.
//!
//! Models pkg/controller/replicaset/replica_set.go.

use crate::apiserver::events::{EventSource, EventType};
use crate::apiserver::index::Index;
use crate::apiserver::store::Store;
use crate::apiserver::{DeleteOptions, WriteOptions};
use crate::control::adoption::adopt_and_release;
use crate::control::rules::owners::{is_controlled_by, key_of, owner_of_kind, selects};
use crate::control::rules::pods::{is_pod_ready, ready_since, until_available};
use crate::control::rules::templates::pod_from_template;
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::kinds::readers::pods::is_terminal;
use crate::values::clock::Duration;
use crate::values::object::{Object, ObjectKey, json};
use crate::values::status::Status;
use std::cmp::Reverse;
use std::rc::Rc;

pub const CONTROLLER: Controller =
    Controller { name: "replicaset-controller", watches: &[("ReplicaSet", Keys::Itself), ("Pod", Keys::Of(sets_of_pod))], sync };

/// The most pods that one sync creates or deletes.
const BURST_REPLICAS: usize = 500;

/// The set that controls a pod; of a pod that nobody controls, every set that would take it.
fn sets_of_pod(pod: &Object, store: &Store) -> Vec<ObjectKey> {
    if pod.controller().is_some() {
        return owner_of_kind(pod, "ReplicaSet").into_iter().collect();
    }
    store.list("ReplicaSet", Some(pod.namespace())).filter(|set| selects(set, pod)).filter_map(|set| key_of(set)).collect()
}

fn is_active(pod: &Object) -> bool {
    !pod.is_terminating() && !is_terminal(pod)
}

/// The pods that an owner controls and that count: not ended, not going.
fn active_pods(ctx: &Ctx<'_>, owner: &Object) -> Vec<Rc<Object>> {
    let dependents = ctx.api.store().indexed(Index::Dependents, owner.uid());
    dependents.filter(|pod| pod.kind() == "Pod" && is_controlled_by(pod, owner) && is_active(pod)).cloned().collect()
}

/// Who is taken away first: a pod without a node, then one that is not running, not ready, of a low deletion cost, the latest to become
/// ready, the most often restarted, the youngest. Models ActivePods of pkg/controller/controller_utils.go.
fn deletion_rank(pod: &Object) -> impl Ord + use<> {
    let phase = match pod.str(&["status", "phase"]) {
        "Pending" => 0,
        "Running" => 2,
        _ => 1,
    };
    let cost = pod.annotation("controller.kubernetes.io/pod-deletion-cost").and_then(|cost| cost.parse::<i32>().ok()).unwrap_or(0);
    let restarts = pod.list(&["status", "containerStatuses"]).iter().filter_map(|status| status["restartCount"].as_i64()).max();
    let assigned = !pod.str(&["spec", "nodeName"]).is_empty();
    (assigned, phase, is_pod_ready(pod), cost, Reverse(ready_since(pod)), Reverse(restarts), Reverse(pod.created()))
}

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(set) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    let source = EventSource::component("replicaset-controller");
    if !set.is_terminating() {
        let pods = ctx.api.list("Pod", Some(&key.namespace)).filter(|pod| is_active(pod)).cloned().collect();
        adopt_and_release(ctx, &set, pods)?;
        let wanted = set.int(&["spec", "replicas"]).unwrap_or(1).max(0) as usize;
        let mut pods = active_pods(ctx, &set);
        // What is missing beyond a burst comes with the sync that the new pods bring about.
        for _ in 0..wanted.saturating_sub(pods.len()).min(BURST_REPLICAS) {
            match ctx.api.create(pod_from_template(&set), &mut WriteOptions::default()) {
                Ok(pod) => ctx.api.event(&set, &source, EventType::Normal, "SuccessfulCreate", &format!("Created pod: {}", pod.name())),
                Err(status) => {
                    ctx.api.event(&set, &source, EventType::Warning, "FailedCreate", &format!("Error creating: {status}"));
                    update_status(ctx, key, &set)?;
                    return Err(status);
                }
            }
        }
        let surplus = pods.len().saturating_sub(wanted);
        if surplus > 0 {
            pods.sort_by_cached_key(|pod| deletion_rank(pod));
        }
        for pod in pods.iter().take(surplus.min(BURST_REPLICAS)) {
            ctx.api.delete(&ObjectKey::new("Pod", &key.namespace, pod.name()), &DeleteOptions::default())?;
            ctx.api.event(&set, &source, EventType::Normal, "SuccessfulDelete", &format!("Deleted pod: {}", pod.name()));
        }
    }
    update_status(ctx, key, &set)
}

fn update_status(ctx: &mut Ctx<'_>, key: &ObjectKey, set: &Object) -> Result<Action, Status> {
    let pods = active_pods(ctx, set);
    let ready = pods.iter().filter(|pod| is_pod_ready(pod)).count();
    let waits: Vec<Duration> = pods.iter().filter_map(|pod| until_available(set, pod, ctx.now)).collect();
    let available = waits.iter().filter(|wait| **wait == Duration::ZERO).count();
    let mut status = json!({"observedGeneration": set.generation(), "replicas": pods.len()});
    for (field, count) in [("fullyLabeledReplicas", pods.len()), ("readyReplicas", ready), ("availableReplicas", available)] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    if ctx.api.get(key)?.at(&["status"]) != Some(&status) {
        ctx.api.replace_status(key, status)?;
    }
    let next = waits.into_iter().filter(|wait| *wait > Duration::ZERO).min();
    Ok(next.map_or(Action::AwaitChange, Action::RequeueAfter))
}
