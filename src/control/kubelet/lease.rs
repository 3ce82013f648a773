//! Signs of life: a node's Lease, renewed every ten seconds, and the heartbeats in its conditions.
//!
//! Models component-helpers/apimachinery/lease and setNodeStatus of pkg/kubelet/kubelet_node_status.go, which reports every five
//! minutes where nothing changes.

use super::sync_pod;
use crate::apiserver::WriteOptions;
use crate::apiserver::events::{EventSource, EventType};
use crate::control::rules::nodes::healthy_conditions;
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::status::Status;

pub const CONTROLLER: Controller = Controller { name: "kubelet-lease", watches: &[("Node", Keys::Itself)], sync: sync_lease };

const NAMESPACE: &str = "kube-node-lease";
const LEASE_SECONDS: u64 = 40;
const RENEW_PERIOD: Duration = Duration::seconds(10);
const REPORT_PERIOD: Duration = Duration::seconds(300);

fn sync_lease(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(node) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    ctx.kubelets.join(ctx.runtimes, &key.name);
    if ctx.kubelets.is_stopped(&key.name) {
        return Ok(Action::AwaitChange);
    }
    if node.list(&["status", "conditions"]).iter().any(|condition| condition["status"] == "Unknown") {
        recover(ctx, key, &node)?;
    } else {
        report(ctx, key, &node)?;
    }
    let lease = ObjectKey::new("Lease", NAMESPACE, &key.name);
    let renewed = ctx.api.get(&lease).ok().map(|lease| Instant::parse(lease.str(&["spec", "renewTime"])).unwrap_or_default());
    let now = ctx.now;
    match renewed {
        Some(renewed) if now < renewed + RENEW_PERIOD => return Ok(Action::Resync(renewed + RENEW_PERIOD - now)),
        Some(_) => drop(ctx.api.change(&lease, |lease| lease.set(&["spec", "renewTime"], json!(now.rfc3339_micro())))?),
        None => {
            let mut lease = Object::new("coordination.k8s.io/v1", "Lease", NAMESPACE, &key.name);
            lease.set(&["metadata", "ownerReferences"], json!([{"apiVersion": "v1", "kind": "Node", "name": key.name, "uid": node.uid()}]));
            lease.set(&["spec"], json!({"holderIdentity": key.name, "leaseDurationSeconds": LEASE_SECONDS, "renewTime": now.rfc3339_micro()}));
            ctx.api.create(lease, &mut WriteOptions::default())?;
        }
    }
    Ok(Action::Resync(RENEW_PERIOD))
}

/// The kubelet is back: it reports, and looks at what it had.
fn recover(ctx: &mut Ctx<'_>, key: &ObjectKey, node: &Object) -> Result<(), Status> {
    let conditions = healthy_conditions(ctx.now);
    ctx.api.change_status(key, |node| node.set(&["status", "conditions"], conditions))?;
    let source = EventSource { component: "kubelet".to_owned(), host: node.name().to_owned(), field_path: String::new() };
    let message = format!("Node {} status is now: NodeReady", node.name());
    ctx.api.event(node, source, EventType::Normal, "NodeReady", &message);
    let pods: Vec<ObjectKey> = ctx.kubelets.pods().filter(|pod| pod.node == node.name()).map(|pod| pod.key.clone()).collect();
    pods.iter().try_for_each(|pod| sync_pod(ctx, pod).map(drop))
}

/// A kubelet's last report before it stops, so that the time without one counts from here.
pub fn last_heartbeat(ctx: &mut Ctx<'_>, node: &str) {
    let now = ctx.now.rfc3339();
    // A node that is not there has no kubelet to lose.
    let _ = ctx.api.change_status(&ObjectKey::new("Node", "", node), |node| {
        let mut conditions = node.list(&["status", "conditions"]).to_vec();
        for condition in &mut conditions {
            condition["lastHeartbeatTime"] = json!(now);
        }
        node.set(&["status", "conditions"], Value::from(conditions));
    });
}

/// The heartbeats of a node that is well.
fn report(ctx: &mut Ctx<'_>, key: &ObjectKey, node: &Object) -> Result<(), Status> {
    let conditions = node.list(&["status", "conditions"]);
    let last = conditions.iter().filter_map(|condition| Instant::parse(condition["lastHeartbeatTime"].as_str()?)).min();
    if last.is_none_or(|last| ctx.now < last + REPORT_PERIOD) {
        return Ok(());
    }
    let now = ctx.now.rfc3339();
    let mut conditions = conditions.to_vec();
    conditions.iter_mut().for_each(|condition| condition["lastHeartbeatTime"] = json!(now));
    ctx.api.change_status(key, |node| node.set(&["status", "conditions"], Value::from(conditions))).map(drop)
}
