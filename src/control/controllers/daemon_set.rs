//! DaemonSets: one pod on every node that suits the template.
//!
//! Models pkg/controller/daemon (daemon_controller.go, update.go, util/daemonset_util.go). Not simulated here: maxSurge.

use crate::apiserver::events::{EventSource, EventType};
use crate::apiserver::store::Store;
use crate::apiserver::{DeleteOptions, WriteOptions};
use crate::control::history::ensure_revision;
use crate::control::rules::nodes::{node_affinity_matches, tolerates};
use crate::control::rules::owners::{is_controlled_by, named_after, owner_of_kind};
use crate::control::rules::pods::{is_pod_ready, until_available};
use crate::control::rules::templates::{pod_from_template, share, template_hash};
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::status::Status;
use std::collections::BTreeMap;
use std::rc::Rc;

pub const CONTROLLER: Controller = Controller {
    name: "daemonset-controller",
    watches: &[("DaemonSet", Keys::Itself), ("Pod", Keys::Of(set_of_pod)), ("Node", Keys::Of(all_sets))],
    sync,
};

const REVISION_LABEL: &str = "controller-revision-hash";

/// The taints that every daemon pod bears: key, effect.
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

fn set_of_pod(pod: &Object, _: &Store) -> Vec<ObjectKey> {
    owner_of_kind(pod, "DaemonSet").into_iter().collect()
}

fn all_sets(_: &Object, store: &Store) -> Vec<ObjectKey> {
    store.list("DaemonSet", None).map(|set| ObjectKey::new("DaemonSet", set.namespace(), set.name())).collect()
}

fn source() -> EventSource {
    EventSource::component("daemonset-controller")
}

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(set) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    if set.is_terminating() {
        return Ok(Action::AwaitChange);
    }
    ensure_revision(ctx, &set)?;
    let hash = template_hash(&set.0["spec"]["template"], 0);
    place(ctx, &set, &hash)?;
    if set.str(&["spec", "updateStrategy", "type"]) != "OnDelete" {
        roll(ctx, &set, &hash)?;
    }
    update_status(ctx, key, &set, &hash)
}

/// The node that a pod is on, or is meant for while the scheduler has not bound it.
fn node_of(pod: &Object) -> &str {
    let bound = pod.str(&["spec", "nodeName"]);
    if !bound.is_empty() {
        return bound;
    }
    let terms = pod.list(&["spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"]);
    terms.first().and_then(|term| term["matchFields"][0]["values"][0].as_str()).unwrap_or("")
}

fn pods_by_node(ctx: &Ctx<'_>, set: &Object) -> BTreeMap<String, Vec<Rc<Object>>> {
    let mut found: BTreeMap<String, Vec<Rc<Object>>> = BTreeMap::new();
    for pod in named_after(ctx.api.store(), "Pod", set.namespace(), set.name()) {
        if is_controlled_by(&pod, set) {
            found.entry(node_of(&pod).to_owned()).or_default().push(pod);
        }
    }
    found
}

/// Whether a node should get a pod of the set, and whether one that is there may stay.
fn suits(sample: &Object, node: &Object) -> (bool, bool) {
    let wanted = node_affinity_matches(sample, node);
    let taints = node.list(&["spec", "taints"]).iter().filter(|taint| !tolerates(sample, taint));
    let (mut start, mut stay) = (wanted, wanted);
    for taint in taints {
        start &= taint["effect"] == "PreferNoSchedule";
        stay &= taint["effect"] != "NoExecute";
    }
    (start, stay)
}

/// A pod of the set as far as no node is chosen.
fn sample(set: &Object, hash: &str) -> Object {
    let mut pod = pod_from_template(set);
    pod.set(&["metadata", "labels", REVISION_LABEL], json!(hash));
    pod.set(&["metadata", "labels", "pod-template-generation"], json!(set.generation().to_string()));
    let mut tolerations = pod.list(&["spec", "tolerations"]).to_vec();
    let network = pod.bool(&["spec", "hostNetwork"]).then_some(("node.kubernetes.io/network-unavailable", "NoSchedule"));
    for (key, effect) in TOLERATED.into_iter().chain(network) {
        tolerations.push(json!({"effect": effect, "key": key, "operator": "Exists"}));
    }
    pod.set(&["spec", "tolerations"], Value::from(tolerations));
    pod
}

/// Creates pods on nodes that lack one, deletes those on nodes that do not suit.
fn place(ctx: &mut Ctx<'_>, set: &Object, hash: &str) -> Result<(), Status> {
    let sample = sample(set, hash);
    let mut placed = pods_by_node(ctx, set);
    let nodes: Vec<Rc<Object>> = ctx.api.list("Node", None).cloned().collect();
    for node in &nodes {
        let mut pods = placed.remove(node.name()).unwrap_or_default();
        let (start, stay) = suits(&sample, node);
        pods.retain(|pod| !pod.is_terminating());
        let failed = pods.iter().filter(|pod| pod.str(&["status", "phase"]) == "Failed").cloned().collect::<Vec<_>>();
        for pod in &failed {
            let message = format!("Found failed daemon pod {}/{} on node {}, will try to kill it", pod.namespace(), pod.name(), node.name());
            ctx.api.event(set, source(), EventType::Warning, "FailedDaemonPod", &message);
            delete_pod(ctx, set, pod)?;
        }
        pods.retain(|pod| pod.str(&["status", "phase"]) != "Failed");
        if !stay {
            pods.iter().try_for_each(|pod| delete_pod(ctx, set, pod))?;
        } else if start && pods.is_empty() && failed.is_empty() {
            create_pod(ctx, set, &sample, node.name())?;
        } else {
            // The oldest stays.
            pods.sort_by_key(|pod| pod.created());
            pods.iter().skip(1).try_for_each(|pod| delete_pod(ctx, set, pod))?;
        }
    }
    // What is left is on nodes that are no more.
    for pod in placed.values().flatten().filter(|pod| !pod.is_terminating()) {
        delete_pod(ctx, set, pod)?;
    }
    Ok(())
}

fn create_pod(ctx: &mut Ctx<'_>, set: &Object, sample: &Object, node: &str) -> Result<(), Status> {
    let mut pod = sample.clone();
    let term = json!({"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]});
    pod.set(&["spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"], json!({"nodeSelectorTerms": [term]}));
    match ctx.api.create(pod, &mut WriteOptions::default()) {
        Ok(pod) => ctx.api.event(set, source(), EventType::Normal, "SuccessfulCreate", &format!("Created pod: {}", pod.name())),
        Err(status) => {
            ctx.api.event(set, source(), EventType::Warning, "FailedCreate", &format!("Error creating: {status}"));
            return Err(status);
        }
    }
    Ok(())
}

fn delete_pod(ctx: &mut Ctx<'_>, set: &Object, pod: &Object) -> Result<(), Status> {
    ctx.api.delete(&ObjectKey::new("Pod", pod.namespace(), pod.name()), &DeleteOptions::default())?;
    ctx.api.event(set, source(), EventType::Normal, "SuccessfulDelete", &format!("Deleted pod: {}", pod.name()));
    Ok(())
}

fn is_available(set: &Object, pod: &Object, now: Instant) -> bool {
    !pod.is_terminating() && until_available(set, pod, now) == Some(Duration::ZERO)
}

/// Replaces pods of an older template, so many at a time as may be unavailable.
fn roll(ctx: &mut Ctx<'_>, set: &Object, hash: &str) -> Result<(), Status> {
    let placed = pods_by_node(ctx, set);
    let limit = share(set.at(&["spec", "updateStrategy", "rollingUpdate", "maxUnavailable"]), placed.len() as i64, true).max(1);
    let unavailable = placed.values().filter(|pods| !pods.iter().any(|pod| is_available(set, pod, ctx.now))).count() as i64;
    let old: Vec<&Rc<Object>> = placed.values().flatten().filter(|pod| !pod.is_terminating() && pod.label(REVISION_LABEL) != Some(hash)).collect();
    let (good, broken): (Vec<_>, Vec<_>) = old.into_iter().partition(|pod| is_available(set, pod, ctx.now));
    for pod in broken.into_iter().chain(good.into_iter().take((limit - unavailable).max(0) as usize)) {
        delete_pod(ctx, set, pod)?;
    }
    Ok(())
}

fn update_status(ctx: &mut Ctx<'_>, key: &ObjectKey, set: &Object, hash: &str) -> Result<Action, Status> {
    let sample = sample(set, hash);
    let placed = pods_by_node(ctx, set);
    let (mut desired, mut current, mut misplaced, mut ready, mut available, mut updated) = (0, 0, 0, 0, 0, 0);
    let mut wait: Option<Duration> = None;
    for node in ctx.api.list("Node", None) {
        let oldest = placed.get(node.name()).and_then(|pods| pods.iter().min_by_key(|pod| pod.created()));
        if !suits(&sample, node).0 {
            misplaced += i64::from(oldest.is_some());
            continue;
        }
        desired += 1;
        let Some(pod) = oldest else { continue };
        current += 1;
        updated += i64::from(pod.label(REVISION_LABEL) == Some(hash));
        if is_pod_ready(pod) {
            ready += 1;
            available += i64::from(is_available(set, pod, ctx.now));
            let more = until_available(set, pod, ctx.now).filter(|span| *span > Duration::ZERO);
            wait = wait.into_iter().chain(more).min();
        }
    }
    let mut status = json!({
        "currentNumberScheduled": current, "desiredNumberScheduled": desired, "numberMisscheduled": misplaced, "numberReady": ready,
        "observedGeneration": set.generation(),
    });
    for (field, count) in [("numberAvailable", available), ("numberUnavailable", desired - available), ("updatedNumberScheduled", updated)] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    if ctx.api.get(key)?.at(&["status"]) != Some(&status) {
        ctx.api.replace_status(key, status)?;
    }
    Ok(wait.map_or(Action::AwaitChange, Action::RequeueAfter))
}
