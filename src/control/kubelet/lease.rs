//! Signs of life: a node's Lease, renewed every ten seconds, and the heartbeats in its conditions.
//!
//! Models component-helpers/apimachinery/lease and setNodeStatus of pkg/kubelet/kubelet_node_status.go, which reports every five
//! minutes where nothing changes.

use crate::apiserver::WriteOptions;
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
    report(ctx, key, &node)?;
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

/// The heartbeats of a node that is well.
fn report(ctx: &mut Ctx<'_>, key: &ObjectKey, node: &Object) -> Result<(), Status> {
    let conditions = node.list(&["status", "conditions"]);
    let last = conditions.iter().filter_map(|condition| Instant::parse(condition["lastHeartbeatTime"].as_str()?)).min();
    let well = conditions.iter().all(|condition| condition["status"] != "Unknown");
    if !well || last.is_none_or(|last| ctx.now < last + REPORT_PERIOD) {
        return Ok(());
    }
    let now = ctx.now.rfc3339();
    let mut conditions = conditions.to_vec();
    conditions.iter_mut().for_each(|condition| condition["lastHeartbeatTime"] = json!(now));
    ctx.api.change_status(key, |node| node.set(&["status", "conditions"], Value::from(conditions))).map(drop)
}
