//! What the REST strategies of the kinds do around a write: status on creation, generation, deletion with grace.
//!
//! Models pkg/registry/*/*/strategy.go and pkg/registry/*/*/storage/storage.go, and apiserver/pkg/registry/rest.

use super::store::Store;
use super::{DeleteOptions, Propagation, alloc};
use crate::kinds::readers::pods::is_terminal;
use crate::kinds::{KindDef, defaults};
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Map, Object, Value, json};
use std::rc::Rc;

/// The status that a new object has, whatever the request said. `None`: the request's own stays.
fn first_status(kind: &str, object: &Object, now: Instant) -> Option<Value> {
    Some(match kind {
        "Pod" => json!({"phase": "Pending", "qosClass": defaults::qos_class(&object.0["spec"])}),
        "PersistentVolume" => json!({"phase": "Pending", "lastPhaseTransitionTime": now.rfc3339()}),
        "PersistentVolumeClaim" => json!({"phase": "Pending"}),
        "Namespace" => json!({"phase": "Active"}),
        "Service" => json!({"loadBalancer": {}}),
        "DaemonSet" => json!({"currentNumberScheduled": 0, "desiredNumberScheduled": 0, "numberMisscheduled": 0, "numberReady": 0}),
        "ReplicaSet" => json!({"replicas": 0}),
        "StatefulSet" => json!({"availableReplicas": 0, "replicas": 0}),
        "Deployment" | "Job" | "CronJob" => json!({}),
        _ => return None,
    })
}

/// PrepareForCreate.
pub fn prepare_create(store: &Store, now: Instant, def: &KindDef, object: &mut Object) {
    if let Some(status) = first_status(def.kind, object, now) {
        object.set(&["status"], status);
    }
    match def.kind {
        "Namespace" => {
            let mut finalizers = object.list(&["spec", "finalizers"]).to_vec();
            if !finalizers.iter().any(|finalizer| finalizer == "kubernetes") {
                finalizers.push(json!("kubernetes"));
            }
            object.set(&["spec", "finalizers"], Value::from(finalizers));
        }
        "Service" => alloc::service(store, object, None),
        "Job" => generate_job_selector(object),
        _ => {}
    }
    if def.generation {
        object.set(&["metadata", "generation"], json!(1));
    }
}

/// PrepareForUpdate: what a change of spec may not touch stays, the generation rises.
pub fn prepare_update(store: &Store, def: &KindDef, object: &mut Object, old: &Object) {
    if def.kind == "Service" {
        alloc::service(store, object, Some(old));
    }
    if def.generation {
        let annotations = ["metadata", "annotations"];
        let body = |object: &Object| -> Value { object.at(&["spec"]).cloned().unwrap_or_default() };
        let changed = body(object) != body(old) || def.kind == "Deployment" && object.at(&annotations) != old.at(&annotations);
        let generation = old.generation() + i64::from(changed);
        if generation > 0 {
            object.set(&["metadata", "generation"], json!(generation));
        }
    }
}

/// What the server itself adds when a status changes, such as a volume's lastPhaseTransitionTime.
pub fn status_changed(now: Instant, def: &KindDef, object: &mut Object, old: &Object) {
    if def.kind == "PersistentVolume" && object.str(&["status", "phase"]) != old.str(&["status", "phase"]) {
        object.set(&["status", "lastPhaseTransitionTime"], json!(now.rfc3339()));
    }
}

/// A Job without a selector of its own gets one by its uid. Models batch/job strategy generateSelector.
fn generate_job_selector(job: &mut Object) {
    if job.bool(&["spec", "manualSelector"]) {
        return;
    }
    let (uid, name) = (job.uid().to_owned(), job.name().to_owned());
    let labels = ["spec", "template", "metadata", "labels"];
    let mut all = job.map(&labels).cloned().unwrap_or_default();
    for (key, value) in
        [("controller-uid", &uid), ("job-name", &name), ("batch.kubernetes.io/controller-uid", &uid), ("batch.kubernetes.io/job-name", &name)]
    {
        all.entry(key).or_insert_with(|| json!(value));
    }
    job.set(&labels, Value::Object(all));
    if job.at(&["spec", "selector"]).is_none() {
        job.set(&["spec", "selector"], json!({"matchLabels": {}}));
    }
    job.set(&["spec", "selector", "matchLabels", "batch.kubernetes.io/controller-uid"], json!(uid));
}

/// Defaults that depend on what was generated; as every reading applies them, they come after validation.
pub fn default_stored(def: &KindDef, object: &mut Object) {
    let bare = def.kind == "Job" && object.map(&["metadata", "labels"]).is_none_or(Map::is_empty);
    if let Some(labels) = object.at(&["spec", "template", "metadata", "labels"]).cloned().filter(|_| bare) {
        object.set(&["metadata", "labels"], labels);
    }
}

/// What deleting an object comes to.
pub enum Deletion {
    /// It goes now.
    Now,
    /// It stays, marked as in this object.
    Marked(Object),
    /// It is being deleted already; nothing changes.
    Pending,
}

/// BeforeDelete with the graceful strategy of pods, and the finalizers of the propagation policy.
pub fn before_delete(now: Instant, def: &KindDef, old: &Rc<Object>, options: &DeleteOptions) -> Deletion {
    let mut object = (**old).clone();
    let grace_path = ["metadata", "deletionGracePeriodSeconds"];
    match options.propagation {
        Propagation::Orphan => object.add_finalizer("orphan"),
        Propagation::Foreground => object.add_finalizer("foregroundDeletion"),
        Propagation::Background => {}
    }
    if def.kind == "Namespace" {
        return delete_namespace(now, object, old);
    }
    let held = object.finalizers().next().is_some();
    if old.is_terminating() {
        let earlier = old.int(&grace_path).unwrap_or(0);
        let Some(period) = options.grace_period.map(|period| period as i64).filter(|period| *period < earlier) else {
            return match (earlier, held) {
                (0, false) => Deletion::Now,
                _ if object != **old => Deletion::Marked(object),
                _ => Deletion::Pending,
            };
        };
        if period == 0 && !held {
            return Deletion::Now;
        }
        let end = old.deletion_timestamp().unwrap_or(now);
        let end = Instant(end.0.saturating_sub((earlier - period).unsigned_abs() * 1000));
        object.set(&["metadata", "deletionTimestamp"], json!(end.rfc3339()));
        object.set(&grace_path, json!(period));
        return Deletion::Marked(object);
    }
    let grace = if def.kind == "Pod" { pod_grace(old, options.grace_period) } else { 0 };
    if grace == 0 && !held {
        return Deletion::Now;
    }
    object.set(&["metadata", "deletionTimestamp"], json!((now + Duration::seconds(grace)).rfc3339()));
    object.set(&grace_path, json!(grace));
    if object.generation() > 0 {
        object.set(&["metadata", "generation"], json!(object.generation() + 1));
    }
    Deletion::Marked(object)
}

/// How long a pod may take to end, in seconds. Models podStrategy.CheckGracefulDelete.
fn pod_grace(pod: &Object, asked: Option<u64>) -> u64 {
    let unscheduled = pod.str(&["spec", "nodeName"]).is_empty();
    if unscheduled || is_terminal(pod) {
        return 0;
    }
    let own = || pod.int(&["spec", "terminationGracePeriodSeconds"]).unwrap_or(0);
    asked.unwrap_or_else(|| u64::try_from(own()).unwrap_or(1))
}

/// A namespace stays, Terminating, until its controller has emptied `spec.finalizers`.
fn delete_namespace(now: Instant, mut object: Object, old: &Object) -> Deletion {
    if !old.is_terminating() {
        object.set(&["metadata", "deletionTimestamp"], json!(now.rfc3339()));
        object.set(&["status", "phase"], json!("Terminating"));
        return Deletion::Marked(object);
    }
    if old.list(&["spec", "finalizers"]).is_empty() && old.finalizers().next().is_none() { Deletion::Now } else { Deletion::Pending }
}
