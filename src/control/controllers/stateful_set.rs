//! StatefulSets: pods with ordinals, one after the other, each with claims of its own that stay.
//!
//! Models pkg/controller/statefulset: stateful_set_control.go (what to do), stateful_pod_control.go (writes and events),
//! stateful_set_utils.go (identity and storage).

use crate::apiserver::events::{EventSource, EventType};
use crate::apiserver::store::Store;
use crate::apiserver::{DeleteOptions, WriteOptions};
use crate::control::adoption::adopt_and_release;
use crate::control::history::ensure_revision;
use crate::control::rules::owners::{controller_reference, is_controlled_by, key_of, named_after, owner_of_kind, selects, set_owners};
use crate::control::rules::pods::{is_pod_ready, until_available};
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::kinds::readers::pods::is_terminal;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::status::Status;
use std::rc::Rc;

pub const CONTROLLER: Controller =
    Controller { name: "statefulset-controller", watches: &[("StatefulSet", Keys::Itself), ("Pod", Keys::Of(set_of_pod))], sync };

const POD_NAME_LABEL: &str = "statefulset.kubernetes.io/pod-name";
const POD_INDEX_LABEL: &str = "apps.kubernetes.io/pod-index";
pub const REVISION_LABEL: &str = "controller-revision-hash";

/// The set that controls a pod; of a pod that nobody controls, the sets whose names its own is made of and that select it.
fn set_of_pod(pod: &Object, store: &Store) -> Vec<ObjectKey> {
    if pod.controller().is_some() {
        return owner_of_kind(pod, "StatefulSet").into_iter().collect();
    }
    let sets = store.list("StatefulSet", Some(pod.namespace()));
    sets.filter(|set| ordinal(set, pod).is_some() && selects(set, pod)).filter_map(|set| key_of(set)).collect()
}

fn source() -> EventSource {
    EventSource::component("statefulset-controller")
}

/// The ordinal in a pod's name, where the name is the set's with a number behind it.
fn ordinal(set: &Object, pod: &Object) -> Option<i64> {
    pod.name().strip_prefix(set.name())?.strip_prefix('-')?.parse().ok()
}

/// What a sync knows before it decides.
struct View {
    set: Rc<Object>,
    replicas: i64,
    start: i64,
    parallel: bool,
    current_revision: String,
    update_revision: String,
    /// By ordinal.
    pods: Vec<(i64, Rc<Object>)>,
}

impl View {
    fn pod(&self, ordinal: i64) -> Option<&Rc<Object>> {
        self.pods.binary_search_by_key(&ordinal, |(number, _)| *number).ok().map(|index| &self.pods[index].1)
    }

    fn wanted(&self, ordinal: i64) -> bool {
        (self.start..self.start + self.replicas).contains(&ordinal)
    }
}

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(set) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    if set.is_terminating() {
        return Ok(Action::AwaitChange);
    }
    let update_revision = ensure_revision(ctx, &set)?;
    let current_revision = match set.str(&["status", "currentRevision"]) {
        "" => update_revision.clone(),
        current => current.to_owned(),
    };
    let named = named_after(ctx.api.store(), "Pod", &key.namespace, &key.name);
    adopt_and_release(ctx, &set, named.into_iter().filter(|pod| ordinal(&set, pod).is_some()).collect())?;
    let mut pods: Vec<(i64, Rc<Object>)> = named_after(ctx.api.store(), "Pod", &key.namespace, &key.name)
        .into_iter()
        .filter(|pod| is_controlled_by(pod, &set))
        .filter_map(|pod| ordinal(&set, &pod).map(|number| (number, pod)))
        .collect();
    pods.sort_by_key(|(number, _)| *number);
    let view = View {
        replicas: set.int(&["spec", "replicas"]).unwrap_or(1).max(0),
        start: set.int(&["spec", "ordinals", "start"]).unwrap_or(0),
        parallel: set.str(&["spec", "podManagementPolicy"]) == "Parallel",
        set,
        current_revision,
        update_revision,
        pods,
    };
    let decided = control(ctx, &view);
    update_status(ctx, key, &view)?;
    decided
}

fn control(ctx: &mut Ctx<'_>, view: &View) -> Result<Action, Status> {
    for number in view.start..view.start + view.replicas {
        match view.pod(number) {
            None => {
                create_pod(ctx, view, number)?;
                if !view.parallel {
                    return Ok(Action::AwaitChange);
                }
            }
            Some(pod) if is_terminal(pod) && !pod.is_terminating() => {
                recreate(ctx, view, pod)?;
                if !view.parallel {
                    return Ok(Action::AwaitChange);
                }
            }
            Some(pod) => {
                if pod.str(&["status", "phase"]) == "Pending" {
                    create_missing_claims(ctx, view, number)?;
                }
                apply_retention(ctx, view, number, pod)?;
                if !view.parallel && (pod.is_terminating() || !is_pod_ready(pod)) {
                    // OBSERVATION: this ordinal is on its way; the next one waits for it.
                    return Ok(Action::AwaitChange);
                }
                if let (false, Some(wait)) = (view.parallel, wait_for(view, pod, ctx.now)) {
                    return Ok(Action::RequeueAfter(wait));
                }
            }
        }
    }
    for (number, pod) in view.pods.iter().rev().filter(|(number, _)| !view.wanted(*number)) {
        apply_retention(ctx, view, *number, pod)?;
        if pod.is_terminating() {
            if view.parallel {
                continue;
            }
            return Ok(Action::AwaitChange);
        }
        delete_pod(ctx, view, pod)?;
        if !view.parallel {
            return Ok(Action::AwaitChange);
        }
    }
    rolling_update(ctx, view)
}

/// How long a ready pod is not yet available; `None`: it is, or it is not ready.
fn wait_for(view: &View, pod: &Object, now: Instant) -> Option<Duration> {
    until_available(&view.set, pod, now).filter(|wait| *wait > Duration::ZERO)
}

/// Replaces pods of an older revision, from the highest ordinal down to the partition.
fn rolling_update(ctx: &mut Ctx<'_>, view: &View) -> Result<Action, Status> {
    if view.set.str(&["spec", "updateStrategy", "type"]) == "OnDelete" {
        return Ok(Action::AwaitChange);
    }
    let partition = view.set.int(&["spec", "updateStrategy", "rollingUpdate", "partition"]).unwrap_or(0);
    for (_, pod) in view.pods.iter().rev().filter(|(number, _)| view.wanted(*number) && *number >= partition) {
        if pod.label(REVISION_LABEL) != Some(view.update_revision.as_str()) {
            if !pod.is_terminating() {
                delete_pod(ctx, view, pod)?;
            }
            return Ok(Action::AwaitChange);
        }
        if pod.is_terminating() || !is_pod_ready(pod) {
            return Ok(Action::AwaitChange);
        }
        if let Some(wait) = wait_for(view, pod, ctx.now) {
            return Ok(Action::RequeueAfter(wait));
        }
    }
    Ok(Action::AwaitChange)
}

fn claim_name(template: &Value, set: &Object, number: i64) -> String {
    format!("{}-{}-{number}", template["metadata"]["name"].as_str().unwrap_or(""), set.name())
}

/// Makes the claims of an ordinal that are not there. False: one is going, and must be gone before a pod can have it again.
fn create_missing_claims(ctx: &mut Ctx<'_>, view: &View, number: i64) -> Result<bool, Status> {
    let (set, name) = (&view.set, format!("{}-{number}", view.set.name()));
    for template in set.list(&["spec", "volumeClaimTemplates"]) {
        let claim_name = claim_name(template, set, number);
        let key = ObjectKey::new("PersistentVolumeClaim", set.namespace(), &claim_name);
        match ctx.api.store().get(&key) {
            Some(claim) if claim.is_terminating() => return Ok(false),
            Some(_) => continue,
            None => {}
        }
        let mut claim = Object::new("v1", "PersistentVolumeClaim", set.namespace(), &claim_name);
        claim.set(&["spec"], template["spec"].clone());
        for field in ["labels", "annotations"] {
            if let Some(map) = template["metadata"].get(field) {
                claim.set(&["metadata", field], map.clone());
            }
        }
        for (label, value) in set.map(&["spec", "selector", "matchLabels"]).into_iter().flatten() {
            claim.set(&["metadata", "labels", label], value.clone());
        }
        if let Some(owner) = claim_owner(view, number, None) {
            claim.set(&["metadata", "ownerReferences"], json!([owner]));
        }
        let outcome = ctx.api.create(claim, &mut WriteOptions::default());
        if let Err(status) = &outcome {
            let message = format!("create Claim {claim_name} Pod {name} in StatefulSet {} failed error: {status}", set.name());
            ctx.api.event(set, source(), EventType::Warning, "FailedCreate", &message);
        }
        outcome?;
        let message = format!("create Claim {claim_name} Pod {name} in StatefulSet {} success", set.name());
        ctx.api.event(set, source(), EventType::Normal, "SuccessfulCreate", &message);
    }
    Ok(true)
}

/// With whom an ordinal's claims go, by the retention policy: with the pod that is scaled away, with the set, or with nobody.
fn claim_owner(view: &View, number: i64, pod: Option<&Object>) -> Option<Value> {
    let deletes = |when: &str| view.set.str(&["spec", "persistentVolumeClaimRetentionPolicy", when]) == "Delete";
    match pod {
        Some(pod) if !view.wanted(number) && deletes("whenScaled") => Some(controller_reference(pod)),
        _ => deletes("whenDeleted").then(|| controller_reference(&view.set)),
    }
}

/// Brings the owners of an ordinal's claims in line with the policy, which may have changed. Models UpdatePodClaimForRetentionPolicy.
fn apply_retention(ctx: &mut Ctx<'_>, view: &View, number: i64, pod: &Object) -> Result<(), Status> {
    let owner = claim_owner(view, number, Some(pod));
    for template in view.set.list(&["spec", "volumeClaimTemplates"]) {
        let key = ObjectKey::new("PersistentVolumeClaim", view.set.namespace(), &claim_name(template, &view.set, number));
        let Some(claim) = ctx.api.store().get(&key) else { continue };
        let old = claim.list(&["metadata", "ownerReferences"]);
        let ours = |reference: &Value| reference["uid"] == view.set.uid() || (reference["kind"] == "Pod" && reference["name"] == pod.name());
        let wanted: Vec<Value> = old.iter().filter(|reference| !ours(reference)).cloned().chain(owner.clone()).collect();
        if old == wanted {
            continue;
        }
        ctx.api.change(&key, |claim| set_owners(claim, wanted))?;
    }
    Ok(())
}

fn create_pod(ctx: &mut Ctx<'_>, view: &View, number: i64) -> Result<(), Status> {
    if !create_missing_claims(ctx, view, number)? {
        return Ok(());
    }
    let (set, name) = (&view.set, format!("{}-{number}", view.set.name()));
    // Pods below the partition come back as they were.
    let partition = set.int(&["spec", "updateStrategy", "rollingUpdate", "partition"]).unwrap_or(0);
    let revision = if number < partition { &view.current_revision } else { &view.update_revision };
    let pod = pod_for(ctx, view, number, &name, revision);
    let outcome = ctx.api.create(pod, &mut WriteOptions::default());
    match &outcome {
        Ok(_) => {
            let message = format!("create Pod {name} in StatefulSet {} successful", set.name());
            ctx.api.event(set, source(), EventType::Normal, "SuccessfulCreate", &message);
        }
        Err(status) => {
            let message = format!("create Pod {name} in StatefulSet {} failed error: {status}", set.name());
            ctx.api.event(set, source(), EventType::Warning, "FailedCreate", &message);
        }
    }
    outcome.map(drop)
}

fn pod_for(ctx: &Ctx<'_>, view: &View, number: i64, name: &str, revision: &str) -> Object {
    let set = &view.set;
    let stored = ctx.api.store().get(&ObjectKey::new("ControllerRevision", set.namespace(), revision));
    let template = match stored.filter(|_| revision != view.update_revision) {
        Some(stored) => &stored.0["data"]["spec"]["template"],
        None => &set.0["spec"]["template"],
    };
    let mut pod = Object::new("v1", "Pod", set.namespace(), name);
    for field in ["labels", "annotations", "finalizers"] {
        if let Some(value) = template["metadata"].get(field).filter(|value| !value.is_null()) {
            pod.set(&["metadata", field], value.clone());
        }
    }
    pod.set(&["metadata", "generateName"], json!(format!("{}-", set.name())));
    pod.set(&["metadata", "labels", POD_NAME_LABEL], json!(name));
    pod.set(&["metadata", "labels", POD_INDEX_LABEL], json!(number.to_string()));
    pod.set(&["metadata", "labels", REVISION_LABEL], json!(revision));
    pod.set(&["metadata", "ownerReferences"], json!([controller_reference(set)]));
    pod.set(&["spec"], template["spec"].clone());
    pod.set(&["spec", "hostname"], json!(name));
    if !set.str(&["spec", "serviceName"]).is_empty() {
        pod.set(&["spec", "subdomain"], json!(set.str(&["spec", "serviceName"])));
    }
    let templates = set.list(&["spec", "volumeClaimTemplates"]);
    let is_claim = |volume: &&Value| templates.iter().any(|template| template["metadata"]["name"] == volume["name"]);
    let claimed = templates
        .iter()
        .map(|template| json!({"name": template["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim_name(template, set, number)}}));
    let volumes: Vec<Value> =
        claimed.chain(template["spec"]["volumes"].as_array().into_iter().flatten().filter(|volume| !is_claim(volume)).cloned()).collect();
    if !volumes.is_empty() {
        pod.set(&["spec", "volumes"], Value::from(volumes));
    }
    pod
}

fn recreate(ctx: &mut Ctx<'_>, view: &View, pod: &Object) -> Result<(), Status> {
    let message = format!("StatefulSet {}/{} is recreating failed Pod {}", view.set.namespace(), view.set.name(), pod.name());
    ctx.api.event(&view.set, source(), EventType::Warning, "RecreatingFailedPod", &message);
    delete_pod(ctx, view, pod)
}

fn delete_pod(ctx: &mut Ctx<'_>, view: &View, pod: &Object) -> Result<(), Status> {
    let key = ObjectKey::new("Pod", pod.namespace(), pod.name());
    ctx.api.delete(&key, &DeleteOptions::default())?;
    let message = format!("delete Pod {} in StatefulSet {} successful", pod.name(), view.set.name());
    ctx.api.event(&view.set, source(), EventType::Normal, "SuccessfulDelete", &message);
    Ok(())
}

fn update_status(ctx: &mut Ctx<'_>, key: &ObjectKey, view: &View) -> Result<(), Status> {
    let mut pods = named_after(ctx.api.store(), "Pod", &key.namespace, &key.name);
    pods.retain(|pod| is_controlled_by(pod, &view.set));
    let alive = |pod: &&Rc<Object>| !pod.is_terminating();
    let ready = pods.iter().filter(|pod| is_pod_ready(pod) && !pod.is_terminating()).count();
    let available = pods.iter().filter(alive).filter(|pod| is_pod_ready(pod) && wait_for(view, pod, ctx.now).is_none()).count();
    let of = |revision: &str| pods.iter().filter(alive).filter(|pod| pod.label(REVISION_LABEL) == Some(revision)).count();
    let (updated, mut current_count) = (of(&view.update_revision), of(&view.current_revision));
    let mut current = view.current_revision.clone();
    let done = updated as i64 == view.replicas && ready as i64 == view.replicas && pods.len() as i64 == view.replicas;
    if done {
        current = view.update_revision.clone();
        current_count = updated;
    }
    let mut status = json!({
        "availableReplicas": available,
        "collisionCount": 0,
        "currentRevision": current,
        "observedGeneration": view.set.generation(),
        "replicas": pods.len(),
        "updateRevision": view.update_revision,
    });
    for (field, count) in [("readyReplicas", ready), ("currentReplicas", current_count), ("updatedReplicas", updated)] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    if ctx.api.get(key)?.at(&["status"]) != Some(&status) {
        ctx.api.replace_status(key, status)?;
    }
    Ok(())
}
