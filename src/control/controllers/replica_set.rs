//! ReplicaSets: so many pods of a template, no more, no less.
//!
//! Models pkg/controller/replicaset/replica_set.go.

use super::{Action, Controller, Ctx, controller_reference, is_controlled_by, is_pod_ready, itself, named_after, owner_of_kind};
use crate::apiserver::events::{EventSource, EventType};
use crate::apiserver::store::Store;
use crate::apiserver::{DeleteOptions, WriteOptions};
use crate::values::object::{Object, ObjectKey, json};
use crate::values::order::Order;
use crate::values::status::Status;
use std::rc::Rc;

pub const CONTROLLER: Controller = Controller { name: "replicaset-controller", watches: &[("ReplicaSet", itself), ("Pod", set_of_pod)], sync };

fn set_of_pod(pod: &Object, _: &Store) -> Vec<ObjectKey> {
    owner_of_kind(pod, "ReplicaSet").into_iter().collect()
}

/// The pods that an owner controls and that count: not ended, not going.
pub fn active_pods(ctx: &Ctx<'_>, owner: &Object) -> Vec<Rc<Object>> {
    let mut pods = named_after(&ctx.api.store, "Pod", owner.namespace(), owner.name());
    pods.retain(|pod| is_controlled_by(pod, owner) && !pod.is_terminating() && !matches!(pod.str(&["status", "phase"]), "Failed" | "Succeeded"));
    pods
}

/// A pod of a template, for an owner that generates names.
pub fn pod_from_template(owner: &Object) -> Object {
    let template = &owner.0["spec"]["template"];
    let mut pod = Object(
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": format!("{}-", owner.name()), "namespace": owner.namespace()}}),
    );
    for field in ["labels", "annotations", "finalizers"] {
        if let Some(value) = template["metadata"].get(field).filter(|value| !value.is_null()) {
            pod.set(&["metadata", field], value.clone());
        }
    }
    pod.set(&["metadata", "ownerReferences"], json!([controller_reference(owner)]));
    pod.set(&["spec"], template["spec"].clone());
    pod
}

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(set) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    let source = EventSource::component("replicaset-controller");
    if !set.is_terminating() {
        let wanted = set.int(&["spec", "replicas"]).unwrap_or(1).max(0) as usize;
        let mut pods = active_pods(ctx, &set);
        for _ in pods.len()..wanted {
            match ctx.api.create(pod_from_template(&set), &mut WriteOptions::default()) {
                Ok(pod) => ctx.api.event(&set, &source, EventType::Normal, "SuccessfulCreate", &format!("Created pod: {}", pod.name())),
                Err(status) => {
                    ctx.api.event(&set, &source, EventType::Warning, "FailedCreate", &format!("Error creating: {status}"));
                    return Err(status);
                }
            }
        }
        // Those that are not ready go first, then the youngest.
        pods.order_by_key(|pod| (is_pod_ready(pod), std::cmp::Reverse(pod.created())));
        for pod in pods.iter().take(pods.len().saturating_sub(wanted)) {
            ctx.api.delete(&ObjectKey::new("Pod", &key.namespace, pod.name()), &DeleteOptions::default())?;
            ctx.api.event(&set, &source, EventType::Normal, "SuccessfulDelete", &format!("Deleted pod: {}", pod.name()));
        }
    }
    let pods = active_pods(ctx, &set);
    let ready = pods.iter().filter(|pod| is_pod_ready(pod)).count();
    let mut status = json!({"observedGeneration": set.generation(), "replicas": pods.len()});
    for (field, count) in [("fullyLabeledReplicas", pods.len()), ("readyReplicas", ready), ("availableReplicas", ready)] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    if ctx.api.get(key)?.at(&["status"]) != Some(&status) {
        ctx.api.change_status(key, |set| set.set(&["status"], status))?;
    }
    Ok(Action::AwaitChange)
}
