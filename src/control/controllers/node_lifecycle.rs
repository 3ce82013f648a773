//! Nodes that no longer answer: Unknown conditions, taints, and the eviction of pods that do not bear a taint.
//!
//! Models pkg/controller/nodelifecycle and pkg/controller/tainteviction. Simplified: the time without heartbeats counts from a
//! last one, which is written when a node's kubelet stops. Evictions are not rate limited by zone.

use crate::apiserver::DeleteOptions;
use crate::apiserver::events::{EventSource, EventType};
use crate::apiserver::store::Store;
use crate::control::rules::nodes::toleration_matches;
use crate::control::rules::owners::key_of;
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::status::Status;

pub const NODES: Controller = Controller { name: "node-lifecycle-controller", watches: &[("Node", Keys::Itself)], sync: sync_node };

pub const EVICTION: Controller = Controller {
    name: "taint-eviction-controller",
    watches: &[("Pod", Keys::ItselfIf(is_on_node)), ("Node", Keys::Of(pods_on_tainted_node))],
    sync: sync_pod,
};

/// How long after its last heartbeat a node counts as lost.
const MONITOR_GRACE: Duration = Duration::seconds(45);
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
const UNSCHEDULABLE: &str = "node.kubernetes.io/unschedulable";

fn source() -> EventSource {
    EventSource::component("node-controller")
}

fn ready_condition(node: &Object) -> Option<&Value> {
    node.list(&["status", "conditions"]).iter().find(|condition| condition["type"] == "Ready")
}

fn sync_node(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(node) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    taint_cordoned(ctx, key, &node)?;
    let silent = ctx.kubelets.is_stopped(node.name());
    let ready = ready_condition(&node);
    let unknown = ready.is_some_and(|ready| ready["status"] == "Unknown");
    if silent && !unknown {
        let heartbeat = ready.and_then(|ready| Instant::parse(ready["lastHeartbeatTime"].as_str()?)).unwrap_or(ctx.now);
        let due = heartbeat + MONITOR_GRACE;
        if ctx.now < due {
            return Ok(Action::RequeueAfter(due - ctx.now));
        }
        mark_unreachable(ctx, key, &node)?;
    } else if !unknown && node.list(&["spec", "taints"]).iter().any(|taint| taint["key"] == UNREACHABLE) {
        remove_taints(ctx, key, UNREACHABLE)?;
    }
    Ok(Action::AwaitChange)
}

/// A cordoned node carries a taint that says so.
fn taint_cordoned(ctx: &mut Ctx<'_>, key: &ObjectKey, node: &Object) -> Result<(), Status> {
    let tainted = node.list(&["spec", "taints"]).iter().any(|taint| taint["key"] == UNSCHEDULABLE);
    match (node.bool(&["spec", "unschedulable"]), tainted) {
        (true, false) => add_taints(ctx, key, UNSCHEDULABLE, &["NoSchedule"]),
        (false, true) => remove_taints(ctx, key, UNSCHEDULABLE),
        _ => Ok(()),
    }
}

fn add_taints(ctx: &mut Ctx<'_>, key: &ObjectKey, taint: &str, effects: &[&str]) -> Result<(), Status> {
    let now = ctx.now.rfc3339();
    ctx.api
        .change(key, |node| {
            let mut taints = node.list(&["spec", "taints"]).to_vec();
            taints.retain(|old| old["key"] != taint);
            taints.extend(effects.iter().map(|effect| json!({"effect": effect, "key": taint, "timeAdded": now})));
            node.set(&["spec", "taints"], Value::from(taints));
        })
        .map(drop)
}

fn remove_taints(ctx: &mut Ctx<'_>, key: &ObjectKey, taint: &str) -> Result<(), Status> {
    ctx.api
        .change(key, |node| {
            let mut taints = node.list(&["spec", "taints"]).to_vec();
            taints.retain(|old| old["key"] != taint);
            if taints.is_empty() {
                node.remove(&["spec", "taints"]);
            } else {
                node.set(&["spec", "taints"], Value::from(taints));
            }
        })
        .map(drop)
}

fn mark_unreachable(ctx: &mut Ctx<'_>, key: &ObjectKey, node: &Object) -> Result<(), Status> {
    let now = ctx.now.rfc3339();
    ctx.api.change_status(key, |node| {
        let mut conditions = node.list(&["status", "conditions"]).to_vec();
        for condition in &mut conditions {
            for (field, value) in [
                ("status", "Unknown"),
                ("reason", "NodeStatusUnknown"),
                ("message", "Kubelet stopped posting node status."),
                ("lastTransitionTime", now.as_str()),
            ] {
                condition[field] = json!(value);
            }
        }
        node.set(&["status", "conditions"], Value::from(conditions));
    })?;
    let message = format!("Node {} status is now: NodeNotReady", node.name());
    ctx.api.event(node, source(), EventType::Normal, "NodeNotReady", &message);
    for pod in pods_on(ctx.api.store(), node.name()) {
        mark_pod_not_ready(ctx, &pod)?;
    }
    add_taints(ctx, key, UNREACHABLE, &["NoSchedule", "NoExecute"])
}

fn pods_on(store: &Store, node: &str) -> Vec<ObjectKey> {
    store.list("Pod", None).filter(|pod| pod.str(&["spec", "nodeName"]) == node).filter_map(|pod| key_of(pod)).collect()
}

fn mark_pod_not_ready(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<(), Status> {
    let pod = ctx.api.get(key)?.clone();
    let mut conditions = pod.list(&["status", "conditions"]).to_vec();
    let Some(ready) = conditions.iter_mut().find(|condition| condition["type"] == "Ready" && condition["status"] == "True") else {
        return Ok(());
    };
    ready["status"] = json!("False");
    ready["lastTransitionTime"] = json!(ctx.now.rfc3339());
    ctx.api.change_status(key, |pod| pod.set(&["status", "conditions"], Value::from(conditions)))?;
    ctx.api.event(&pod, source(), EventType::Warning, "NodeNotReady", "Node is not ready");
    Ok(())
}

fn is_on_node(pod: &Object) -> bool {
    !pod.str(&["spec", "nodeName"]).is_empty() && !pod.is_terminating()
}

fn pods_on_tainted_node(node: &Object, store: &Store) -> Vec<ObjectKey> {
    let evicts = node.list(&["spec", "taints"]).iter().any(|taint| taint["effect"] == "NoExecute");
    if evicts { pods_on(store, node.name()) } else { Vec::new() }
}

/// When a pod must leave its tainted node; `None`: it may stay.
fn eviction_time(pod: &Object, node: &Object) -> Option<Instant> {
    let mut first: Option<Instant> = None;
    for taint in node.list(&["spec", "taints"]).iter().filter(|taint| taint["effect"] == "NoExecute") {
        let since = taint["timeAdded"].as_str().and_then(Instant::parse).or_else(|| pod.created()).unwrap_or_default();
        let tolerations = pod.list(&["spec", "tolerations"]);
        let due = match tolerations.iter().find(|toleration| toleration_matches(toleration, taint)) {
            None => since,
            Some(toleration) => match toleration["tolerationSeconds"].as_i64() {
                None => continue,
                Some(seconds) => since + Duration::seconds(seconds.max(0) as u64),
            },
        };
        first = Some(first.map_or(due, |first| first.min(due)));
    }
    first
}

fn sync_pod(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(pod) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    let node = ctx.api.store().get(&ObjectKey::new("Node", "", pod.str(&["spec", "nodeName"])));
    let Some(due) = node.filter(|_| !pod.is_terminating()).and_then(|node| eviction_time(&pod, node)) else {
        return Ok(Action::AwaitChange);
    };
    if ctx.now < due {
        return Ok(Action::RequeueAfter(due - ctx.now));
    }
    let now = ctx.now.rfc3339();
    ctx.api.change_status(key, |pod| {
        let mut conditions = pod.list(&["status", "conditions"]).to_vec();
        conditions.push(json!({
            "lastProbeTime": null, "lastTransitionTime": now, "message": "Taint manager: deleting due to NoExecute taint",
            "observedGeneration": pod.generation(), "reason": "DeletionByTaintManager", "status": "True", "type": "DisruptionTarget",
        }));
        pod.set(&["status", "conditions"], Value::from(conditions));
    })?;
    let message = format!("Marking for deletion Pod {}/{}", pod.namespace(), pod.name());
    ctx.api.event(&pod, EventSource::component("taint-eviction-controller"), EventType::Normal, "TaintManagerEviction", &message);
    ctx.api.delete(key, &DeleteOptions::default())?;
    Ok(Action::AwaitChange)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eviction_times() {
        let since = Instant::parse("2026-11-21T00:00:00Z").unwrap();
        let check = |tolerations: Value, expect: Option<u64>| {
            let pod = Object(json!({"spec": {"tolerations": tolerations}}));
            let node = Object(json!({"spec": {"taints": [
                {"key": UNREACHABLE, "effect": "NoSchedule", "timeAdded": since.rfc3339()},
                {"key": UNREACHABLE, "effect": "NoExecute", "timeAdded": since.rfc3339()},
            ]}}));
            assert_eq!(eviction_time(&pod, &node), expect.map(|seconds| since + Duration::seconds(seconds)));
        };
        check(json!([]), Some(0));
        check(json!([{"key": UNREACHABLE, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 20}]), Some(20));
        check(json!([{"operator": "Exists"}]), None);
    }
}
