//! Deployments: a ReplicaSet for each template, the newest one scaled up while the older ones go down.
//!
//! Models pkg/controller/deployment (sync.go, rolling.go, recreate.go, progress.go).

use crate::apiserver::events::{EventSource, EventType};
use crate::apiserver::store::Store;
use crate::apiserver::{DeleteOptions, WriteOptions};
use crate::control::adoption::adopt_and_release;
use crate::control::rules::deployments::{DESIRED, MAXIMUM, REVISION, shared_annotations};
use crate::control::rules::owners::{controller_reference, is_controlled_by, key_of, named_after, owner_of_kind, selects};
use crate::control::rules::templates::{share, template_hash};
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::status::Status;
use std::rc::Rc;

pub const CONTROLLER: Controller =
    Controller { name: "deployment-controller", watches: &[("Deployment", Keys::Itself), ("ReplicaSet", Keys::Of(deployment_of_set))], sync };

const HASH_LABEL: &str = "pod-template-hash";

fn deployment_of_set(set: &Object, store: &Store) -> Vec<ObjectKey> {
    if set.controller().is_some() {
        return owner_of_kind(set, "Deployment").into_iter().collect();
    }
    store.list("Deployment", Some(set.namespace())).filter(|deployment| selects(deployment, set)).filter_map(|one| key_of(one)).collect()
}

fn source() -> EventSource {
    EventSource::component("deployment-controller")
}

fn replicas(object: &Object) -> i64 {
    object.int(&["spec", "replicas"]).unwrap_or(1).max(0)
}

fn available(set: &Object) -> i64 {
    set.int(&["status", "availableReplicas"]).unwrap_or(0)
}

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(deployment) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    if deployment.is_terminating() {
        return Ok(Action::AwaitChange);
    }
    let hash = template_hash(&deployment.0["spec"]["template"], deployment.int(&["status", "collisionCount"]).unwrap_or(0));
    let new_name = format!("{}-{hash}", deployment.name());
    let owned = |ctx: &Ctx<'_>| -> Vec<Rc<Object>> {
        ctx.api.list("ReplicaSet", Some(&key.namespace)).filter(|set| is_controlled_by(set, &deployment)).cloned().collect()
    };
    let candidates = ctx.api.list("ReplicaSet", Some(&key.namespace)).cloned().collect();
    adopt_and_release(ctx, &deployment, candidates)?;
    let mut sets = owned(ctx);
    let paused = deployment.bool(&["spec", "paused"]);
    let create = !sets.iter().any(|set| set.name() == new_name) && !paused;
    if create {
        create_set(ctx, &deployment, &new_name, &hash, &sets)?;
        sets = owned(ctx);
    }
    if let Some(new) = sets.iter().find(|set| set.name() == new_name) {
        renew_revision(ctx, key, new, &sets)?;
        let set_key = ObjectKey::new("ReplicaSet", new.namespace(), new.name());
        ctx.api.change(&set_key, |set| {
            copy_min_ready(&deployment, set);
            copy_annotations(&deployment, set);
        })?;
    }
    if !paused || sets.len() == 1 {
        let (new, old): (Vec<_>, Vec<_>) = sets.into_iter().partition(|set| set.name() == new_name);
        if let Some(new) = new.first() {
            match deployment.str(&["spec", "strategy", "type"]) {
                "Recreate" => recreate(ctx, &deployment, new, &old)?,
                _ => roll(ctx, &deployment, new, &old)?,
            }
            clean_up(ctx, &deployment, &old)?;
        }
    }
    let sets = owned(ctx);
    update_status(ctx, key, &sets, &new_name, create)?;
    Ok(Action::AwaitChange)
}

fn highest_revision(sets: &[Rc<Object>]) -> i64 {
    sets.iter().filter_map(|set| set.annotation(REVISION)?.parse::<i64>().ok()).max().unwrap_or(0)
}

fn min_ready(object: &Object) -> i64 {
    object.int(&["spec", "minReadySeconds"]).unwrap_or(0)
}

fn copy_min_ready(deployment: &Object, set: &mut Object) {
    match min_ready(deployment) {
        0 => drop(set.remove(&["spec", "minReadySeconds"])),
        seconds => set.set(&["spec", "minReadySeconds"], json!(seconds)),
    }
}

fn copy_annotations(deployment: &Object, set: &mut Object) {
    for (key, value) in shared_annotations(deployment) {
        set.set(&["metadata", "annotations", key], value.clone());
    }
}

/// How many pods a deployment wants, and how many it may have, where its sets tell it.
fn annotate_replicas(deployment: &Object, set: &mut Object) {
    let surge = share(deployment.at(&["spec", "strategy", "rollingUpdate", "maxSurge"]), replicas(deployment), true);
    set.set_annotation(DESIRED, &replicas(deployment).to_string());
    set.set_annotation(MAXIMUM, &(replicas(deployment) + surge).to_string());
}

fn create_set(ctx: &mut Ctx<'_>, deployment: &Object, name: &str, hash: &str, sets: &[Rc<Object>]) -> Result<(), Status> {
    let mut set = Object::new("apps/v1", "ReplicaSet", deployment.namespace(), name);
    let template = &deployment.0["spec"]["template"];
    if let Some(labels) = template["metadata"].get("labels") {
        set.set(&["metadata", "labels"], labels.clone());
    }
    set.set(&["metadata", "labels", HASH_LABEL], json!(hash));
    set.set_annotation(REVISION, &(highest_revision(sets) + 1).to_string());
    annotate_replicas(deployment, &mut set);
    copy_annotations(deployment, &mut set);
    set.set(&["metadata", "ownerReferences"], json!([controller_reference(deployment)]));
    let mut selector = deployment.0["spec"]["selector"].clone();
    selector["matchLabels"][HASH_LABEL] = json!(hash);
    let mut template = template.clone();
    template["metadata"]["labels"][HASH_LABEL] = json!(hash);
    set.set(&["spec"], json!({"replicas": 0, "selector": selector, "template": template}));
    copy_min_ready(deployment, &mut set);
    ctx.api.create(set, &mut WriteOptions::default()).map(drop)
}

fn renew_revision(ctx: &mut Ctx<'_>, key: &ObjectKey, new: &Object, sets: &[Rc<Object>]) -> Result<(), Status> {
    let others: Vec<Rc<Object>> = sets.iter().filter(|set| set.name() != new.name()).cloned().collect();
    let highest = highest_revision(&others);
    let mut revision = new.annotation(REVISION).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
    if revision <= highest {
        revision = highest + 1;
        let set_key = ObjectKey::new("ReplicaSet", new.namespace(), new.name());
        ctx.api.change(&set_key, |set| set.set_annotation(REVISION, &revision.to_string()))?;
    }
    if ctx.api.get(key)?.annotation(REVISION) != Some(revision.to_string().as_str()) {
        ctx.api.change(key, |deployment| deployment.set_annotation(REVISION, &revision.to_string()))?;
    }
    Ok(())
}

fn scale(ctx: &mut Ctx<'_>, deployment: &Object, set: &Object, to: i64) -> Result<(), Status> {
    let from = replicas(set);
    if from == to {
        return Ok(());
    }
    let key = ObjectKey::new("ReplicaSet", set.namespace(), set.name());
    ctx.api.change(&key, |set| {
        set.set(&["spec", "replicas"], json!(to));
        annotate_replicas(deployment, set);
    })?;
    let direction = if to > from { "up" } else { "down" };
    let message = format!("Scaled {direction} replica set {} from {from} to {to}", set.name());
    ctx.api.event(deployment, source(), EventType::Normal, "ScalingReplicaSet", &message);
    Ok(())
}

fn recreate(ctx: &mut Ctx<'_>, deployment: &Object, new: &Object, old: &[Rc<Object>]) -> Result<(), Status> {
    for set in old {
        scale(ctx, deployment, set, 0)?;
    }
    let remaining = |set: &Rc<Object>| named_after(ctx.api.store(), "Pod", set.namespace(), set.name()).iter().any(|pod| is_controlled_by(pod, set));
    if !old.iter().any(remaining) {
        scale(ctx, deployment, new, replicas(deployment))?;
    }
    Ok(())
}

fn roll(ctx: &mut Ctx<'_>, deployment: &Object, new: &Object, old: &[Rc<Object>]) -> Result<(), Status> {
    let wanted = replicas(deployment);
    let strategy = deployment.at(&["spec", "strategy", "rollingUpdate"]);
    let surge = share(strategy.and_then(|strategy| strategy.get("maxSurge")), wanted, true);
    let mut unavailable = share(strategy.and_then(|strategy| strategy.get("maxUnavailable")), wanted, false);
    if surge == 0 && unavailable == 0 {
        unavailable = 1;
    }
    let old_total: i64 = old.iter().map(|set| replicas(set)).sum();
    let current = replicas(new);
    if current > wanted {
        return scale(ctx, deployment, new, wanted);
    }
    if current < wanted {
        let room = (wanted + surge - old_total - current).clamp(0, wanted - current);
        if room > 0 {
            return scale(ctx, deployment, new, current + room);
        }
    }
    // Old pods go as far as enough others are available; those that are not available go first.
    let total_available: i64 = old.iter().map(|set| available(set)).sum::<i64>() + available(new);
    let new_unavailable = current - available(new);
    let mut may_go = (old_total + current - (wanted - unavailable) - new_unavailable).max(0);
    let mut sorted: Vec<&Rc<Object>> = old.iter().filter(|set| replicas(set) > 0).collect();
    sorted.sort_by_key(|set| set.created());
    for set in &sorted {
        let broken = (replicas(set) - available(set)).min(may_go);
        let healthy = available(set).min((total_available - (wanted - unavailable)).max(0)).min(may_go - broken);
        if broken + healthy > 0 {
            may_go -= broken + healthy;
            scale(ctx, deployment, set, replicas(set) - broken - healthy)?;
        }
    }
    Ok(())
}

/// Keeps so many old sets as the history limit says.
fn clean_up(ctx: &mut Ctx<'_>, deployment: &Object, old: &[Rc<Object>]) -> Result<(), Status> {
    let limit = deployment.int(&["spec", "revisionHistoryLimit"]).unwrap_or(10).max(0) as usize;
    let mut idle: Vec<&Rc<Object>> = old.iter().filter(|set| replicas(set) == 0 && set.int(&["status", "replicas"]) == Some(0)).collect();
    idle.sort_by_key(|set| set.annotation(REVISION).and_then(|text| text.parse::<i64>().ok()).unwrap_or(0));
    for set in idle.iter().take(idle.len().saturating_sub(limit)) {
        ctx.api.delete(&ObjectKey::new("ReplicaSet", set.namespace(), set.name()), &DeleteOptions::default())?;
    }
    Ok(())
}

/// Sets a condition as upstream does: one with the same status and reason stays as it is, another goes to the end.
/// Models SetDeploymentCondition.
fn set_condition(conditions: &mut Vec<Value>, [kind, status, reason]: [&str; 3], message: &str, now: &str) {
    let place = conditions.iter().position(|condition| condition["type"] == kind);
    let old = place.map(|place| conditions[place].clone()).unwrap_or_default();
    if old["status"] == status && old["reason"] == reason {
        return;
    }
    let since = if old["status"] == status { old["lastTransitionTime"].as_str().unwrap_or(now) } else { now };
    let new = json!({
        "type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": since, "lastUpdateTime": now,
    });
    conditions.retain(|condition| condition["type"] != kind);
    conditions.push(new);
}

/// The conditions after a sync. Models calculateStatus, checkPausedConditions and syncRolloutStatus.
fn conditions(deployment: &Object, status: &Value, new_name: &str, created: bool, enough: bool, now: &str) -> Vec<Value> {
    let mut all = deployment.list(&["status", "conditions"]).to_vec();
    let reason = |all: &[Value]| -> String {
        all.iter().find(|condition| condition["type"] == "Progressing").and_then(|condition| condition["reason"].as_str()).unwrap_or("").to_owned()
    };
    let paused = deployment.bool(&["spec", "paused"]);
    if created {
        set_condition(&mut all, ["Progressing", "True", "NewReplicaSetCreated"], &format!("Created new replica set {new_name:?}"), now);
    }
    match (paused, reason(&all) == "DeploymentPaused") {
        (true, false) => set_condition(&mut all, ["Progressing", "Unknown", "DeploymentPaused"], "Deployment is paused", now),
        (false, true) => set_condition(&mut all, ["Progressing", "Unknown", "DeploymentResumed"], "Deployment is resumed", now),
        _ => {}
    }
    if enough {
        set_condition(&mut all, ["Available", "True", "MinimumReplicasAvailable"], "Deployment has minimum availability.", now);
    } else {
        set_condition(&mut all, ["Available", "False", "MinimumReplicasUnavailable"], "Deployment does not have minimum availability.", now);
    }
    let is = |field: &str| status[field].as_i64().unwrap_or(0);
    let was = |field: &str| deployment.int(&["status", field]).unwrap_or(0);
    let over = is("replicas") == is("updatedReplicas") && reason(&all) == "NewReplicaSetAvailable";
    if paused || over {
        return all;
    }
    let wanted = replicas(deployment);
    let complete = is("updatedReplicas") == wanted && is("replicas") == wanted && is("availableReplicas") == wanted;
    let more = ["updatedReplicas", "readyReplicas", "availableReplicas"].iter().any(|field| is(field) > was(field));
    let fewer_old = is("replicas") - is("updatedReplicas") < was("replicas") - was("updatedReplicas");
    if complete {
        let message = format!("ReplicaSet {new_name:?} has successfully progressed.");
        set_condition(&mut all, ["Progressing", "True", "NewReplicaSetAvailable"], &message, now);
    } else if more || fewer_old {
        set_condition(&mut all, ["Progressing", "True", "ReplicaSetUpdated"], &format!("ReplicaSet {new_name:?} is progressing."), now);
    }
    all
}

fn update_status(ctx: &mut Ctx<'_>, key: &ObjectKey, sets: &[Rc<Object>], new_name: &str, created: bool) -> Result<(), Status> {
    let deployment = ctx.api.get(key)?.clone();
    let wanted = replicas(&deployment);
    let sum = |field: &str| sets.iter().filter_map(|set| set.int(&["status", field])).sum::<i64>();
    let new = sets.iter().find(|set| set.name() == new_name);
    let updated = new.and_then(|set| set.int(&["status", "replicas"])).unwrap_or(0);
    let (total, ready, able) = (sum("replicas"), sum("readyReplicas"), sum("availableReplicas"));
    let strategy = deployment.at(&["spec", "strategy", "rollingUpdate"]);
    let unavailable = share(strategy.and_then(|strategy| strategy.get("maxUnavailable")), wanted, false);
    let mut status = json!({"observedGeneration": deployment.generation()});
    let short = (wanted - able).max(0);
    let counts =
        [("replicas", total), ("updatedReplicas", updated), ("readyReplicas", ready), ("availableReplicas", able), ("unavailableReplicas", short)];
    for (field, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
        status[field] = json!(count);
    }
    let enough = able >= wanted - unavailable;
    status["conditions"] = json!(conditions(&deployment, &status, new_name, created, enough, &ctx.now.rfc3339()));
    if deployment.at(&["status"]) != Some(&status) {
        ctx.api.replace_status(key, status)?;
    }
    Ok(())
}
