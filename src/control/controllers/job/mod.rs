//! Jobs: pods that are started until enough of them succeeded.
//!
//! Models pkg/controller/job/job_controller.go and pkg/controller/ttlafterfinished. Every pod carries a finalizer until it is
//! counted in the status, so none is lost when it is deleted. Not simulated here: podFailurePolicy, successPolicy,
//! backoffLimitPerIndex.

mod indexed;

use crate::apiserver::events::{EventSource, EventType};
use crate::apiserver::store::Store;
use crate::apiserver::{DeleteOptions, WriteOptions};
use crate::control::rules::jobs::{has_condition, is_finished};
use crate::control::rules::owners::{is_controlled_by, named_after, owner_of_kind};
use crate::control::rules::pods::is_pod_ready;
use crate::control::rules::templates::pod_from_template;
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::kinds::readers::pods::{CONTAINER_LISTS, is_terminal};
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::status::Status;
use indexed::{COMPLETION_INDEX, completed_indexes, format_indexes, index_of, is_indexed};
use std::collections::BTreeSet;
use std::rc::Rc;

pub const CONTROLLER: Controller = Controller { name: "job-controller", watches: &[("Job", Keys::Itself), ("Pod", Keys::Of(job_of_pod))], sync };

const TRACKING: &str = "batch.kubernetes.io/job-tracking";
/// The wait after a failed pod, doubled with each failure in a row.
const BACKOFF_FIRST: Duration = Duration::seconds(10);
const BACKOFF_MAX: Duration = Duration::seconds(600);
/// From a pod's end to its being counted: the runtime's events and the controller's batches take a moment.
const NOTICE: Duration = Duration::seconds(2);
/// The most pods that one sync creates.
const BURST: usize = 500;

fn job_of_pod(pod: &Object, _: &Store) -> Vec<ObjectKey> {
    owner_of_kind(pod, "Job").into_iter().collect()
}

fn source() -> EventSource {
    EventSource::component("job-controller")
}

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(job) = ctx.api.get(key).cloned() else {
        return free_orphans(ctx, key);
    };
    if is_finished(&job) {
        free_pods(ctx, &job)?;
        return after_finish(ctx, key, &job);
    }
    if job.is_terminating() {
        return Ok(Action::AwaitChange);
    }
    count_finished(ctx, key, &job)?;
    let job = ctx.api.get(key)?.clone();
    let pods = pods_of(ctx, &job);
    let active: Vec<Rc<Object>> = pods.iter().filter(|pod| is_active(pod)).cloned().collect();
    if let Some((reason, message)) = failure(ctx, &job, &active) {
        delete_pods(ctx, &job, &active)?;
        finish(ctx, key, "FailureTarget", "Failed", reason, message)?;
        ctx.api.event(&job, source(), EventType::Warning, reason, message);
        return Ok(Action::AwaitChange);
    }
    if is_complete(&job, active.len()) {
        delete_pods(ctx, &job, &active)?;
        finish(ctx, key, "SuccessCriteriaMet", "Complete", "CompletionsReached", "Reached expected number of succeeded pods")?;
        ctx.api.event(&job, source(), EventType::Normal, "Completed", "Job completed");
        return Ok(Action::AwaitChange);
    }
    let action = if suspend(ctx, key, &job, &active)? { Action::AwaitChange } else { scale(ctx, &job, &pods, &active)? };
    write_counts(ctx, key, &job)?;
    let notice = pods.iter().filter(|pod| is_ended(pod) && pod.has_finalizer(TRACKING)).filter_map(|pod| until_noticed(pod, ctx.now)).min();
    Ok([until_deadline(ctx, &job), notice].into_iter().flatten().fold(action, |action, wait| action.sooner(Action::RequeueAfter(wait))))
}

/// Whether a pod has ended, or is going and so will never do so well.
fn is_ended(pod: &Object) -> bool {
    is_succeeded(pod) || is_failed(pod)
}

/// A pod is active until its end is counted.
fn is_active(pod: &Object) -> bool {
    !is_ended(pod) || (pod.has_finalizer(TRACKING) && !pod.is_terminating())
}

fn ended_at(pod: &Object) -> Option<Instant> {
    let statuses = pod.list(&["status", "containerStatuses"]).iter();
    let times = statuses.filter_map(|status| Instant::parse(status["state"]["terminated"]["finishedAt"].as_str()?));
    times.max().or_else(|| pod.deletion_timestamp()).or_else(|| pod.created())
}

/// How long until the end of a pod is counted; `None`: it is time.
fn until_noticed(pod: &Object, now: Instant) -> Option<Duration> {
    let due = ended_at(pod)? + NOTICE;
    (now < due && !pod.is_terminating()).then(|| due - now)
}

fn is_succeeded(pod: &Object) -> bool {
    pod.str(&["status", "phase"]) == "Succeeded"
}

/// Pods that are being deleted count as failed: they may never reach that phase.
fn is_failed(pod: &Object) -> bool {
    pod.str(&["status", "phase"]) == "Failed" || (pod.is_terminating() && !is_succeeded(pod))
}

fn pods_of(ctx: &Ctx<'_>, job: &Object) -> Vec<Rc<Object>> {
    let mut pods = named_after(ctx.api.store(), "Pod", job.namespace(), job.name());
    pods.retain(|pod| is_controlled_by(pod, job));
    pods
}

fn count(job: &Object, field: &str) -> i64 {
    job.int(&["status", field]).unwrap_or(0)
}

fn pod_key(pod: &Object) -> ObjectKey {
    ObjectKey::new("Pod", pod.namespace(), pod.name())
}

/// Pods whose job is no more are let go.
fn free_orphans(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    for pod in named_after(ctx.api.store(), "Pod", &key.namespace, &key.name) {
        if pod.has_finalizer(TRACKING) && owner_of_kind(&pod, "Job").as_ref() == Some(key) {
            ctx.api.remove_finalizer(&pod_key(&pod), TRACKING)?;
        }
    }
    Ok(Action::AwaitChange)
}

fn free_pods(ctx: &mut Ctx<'_>, job: &Object) -> Result<(), Status> {
    for pod in pods_of(ctx, job).iter().filter(|pod| pod.has_finalizer(TRACKING)) {
        ctx.api.remove_finalizer(&pod_key(pod), TRACKING)?;
    }
    Ok(())
}

/// Counts pods that ended since the last look, and lets them go.
fn count_finished(ctx: &mut Ctx<'_>, key: &ObjectKey, job: &Object) -> Result<(), Status> {
    let (mut succeeded, mut failed) = (count(job, "succeeded"), count(job, "failed"));
    let mut indexes = completed_indexes(job);
    let ended: Vec<Rc<Object>> =
        pods_of(ctx, job).into_iter().filter(|pod| pod.has_finalizer(TRACKING) && is_ended(pod) && until_noticed(pod, ctx.now).is_none()).collect();
    if ended.is_empty() {
        return Ok(());
    }
    for pod in &ended {
        match (is_succeeded(pod), index_of(pod).filter(|_| is_indexed(job))) {
            (true, Some(index)) => drop(indexes.insert(index)),
            (true, None) => succeeded += 1,
            (false, _) => failed += 1,
        }
    }
    if is_indexed(job) {
        succeeded = indexes.len() as i64;
    }
    ctx.api.change_status(key, |job| {
        for (field, count) in [("succeeded", succeeded), ("failed", failed)] {
            if count > 0 {
                job.set(&["status", field], json!(count));
            }
        }
        if !indexes.is_empty() {
            job.set(&["status", "completedIndexes"], json!(format_indexes(&indexes)));
        }
    })?;
    for pod in ended {
        ctx.api.remove_finalizer(&pod_key(&pod), TRACKING)?;
    }
    Ok(())
}

fn is_complete(job: &Object, active: usize) -> bool {
    match job.int(&["spec", "completions"]) {
        Some(completions) => count(job, "succeeded") >= completions,
        None => count(job, "succeeded") > 0 && active == 0,
    }
}

fn start_time(job: &Object) -> Option<Instant> {
    Instant::parse(job.str(&["status", "startTime"]))
}

fn deadline(job: &Object) -> Option<Instant> {
    let seconds = job.int(&["spec", "activeDeadlineSeconds"])?;
    Some(start_time(job)? + Duration::seconds(seconds.max(0) as u64))
}

/// Why a job has failed, if it has.
fn failure(ctx: &Ctx<'_>, job: &Object, active: &[Rc<Object>]) -> Option<(&'static str, &'static str)> {
    let limit = job.int(&["spec", "backoffLimit"]).unwrap_or(6);
    let restarts = |pod: &Rc<Object>| -> i64 {
        let lists = ["initContainerStatuses", "containerStatuses"].map(|list| pod.list(&["status", list]).iter());
        lists.into_iter().flatten().filter_map(|status| status["restartCount"].as_i64()).sum()
    };
    let restarted: i64 = match job.str(&["spec", "template", "spec", "restartPolicy"]) {
        "OnFailure" => active.iter().map(restarts).sum(),
        _ => 0,
    };
    if count(job, "failed") > limit || (restarted > 0 && restarted >= limit) {
        return Some(("BackoffLimitExceeded", "Job has reached the specified backoff limit"));
    }
    let late = !job.bool(&["spec", "suspend"]) && deadline(job).is_some_and(|deadline| deadline <= ctx.now);
    late.then_some(("DeadlineExceeded", "Job was active longer than specified deadline"))
}

fn condition(kind: &str, status: &str, reason: &str, message: &str, now: Instant) -> Value {
    let now = now.rfc3339();
    json!({"type": kind, "status": status, "reason": reason, "message": message, "lastProbeTime": now, "lastTransitionTime": now})
}

/// Writes the two conditions of an end: that it is decided, and that it is reached.
fn finish(ctx: &mut Ctx<'_>, key: &ObjectKey, decided: &str, reached: &str, reason: &str, message: &str) -> Result<(), Status> {
    let now = ctx.now;
    let job = ctx.api.change_status(key, |job| {
        let mut conditions = job.list(&["status", "conditions"]).to_vec();
        conditions.extend([decided, reached].map(|kind| condition(kind, "True", reason, message, now)));
        job.set(&["status", "conditions"], Value::from(conditions));
        if reached == "Complete" {
            job.set(&["status", "completionTime"], json!(now.rfc3339()));
        }
        job.remove(&["status", "active"]);
        job.set(&["status", "ready"], json!(0));
        job.set(&["status", "terminating"], json!(0));
        job.set(&["status", "uncountedTerminatedPods"], json!({}));
    })?;
    free_pods(ctx, &job)
}

fn delete_pods(ctx: &mut Ctx<'_>, job: &Object, pods: &[Rc<Object>]) -> Result<(), Status> {
    for pod in pods {
        ctx.api.delete(&pod_key(pod), &DeleteOptions::default())?;
        ctx.api.event(job, source(), EventType::Normal, "SuccessfulDelete", &format!("Deleted pod: {}", pod.name()));
    }
    Ok(())
}

/// Stops a suspended job, starts one that is not. True: it is suspended.
fn suspend(ctx: &mut Ctx<'_>, key: &ObjectKey, job: &Object, active: &[Rc<Object>]) -> Result<bool, Status> {
    let now = ctx.now;
    let (wanted, is) = (job.bool(&["spec", "suspend"]), has_condition(job, "Suspended"));
    if wanted {
        delete_pods(ctx, job, active)?;
    }
    if wanted != is {
        let (status, reason, message) = if wanted { ("True", "JobSuspended", "Job suspended") } else { ("False", "JobResumed", "Job resumed") };
        ctx.api.change_status(key, |job| {
            let mut conditions = job.list(&["status", "conditions"]).to_vec();
            conditions.retain(|condition| condition["type"] != "Suspended");
            conditions.push(condition("Suspended", status, reason, message, now));
            job.set(&["status", "conditions"], Value::from(conditions));
            if wanted {
                job.remove(&["status", "startTime"]);
            }
        })?;
        ctx.api.event(job, source(), EventType::Normal, if wanted { "Suspended" } else { "Resumed" }, message);
    }
    if !wanted && job.str(&["status", "startTime"]).is_empty() {
        ctx.api.change_status(key, |job| job.set(&["status", "startTime"], json!(now.rfc3339())))?;
    }
    Ok(wanted)
}

/// How long the next pod waits for failures in a row before it.
fn backoff(pods: &[Rc<Object>], now: Instant) -> Option<Duration> {
    let mut ended: Vec<(Instant, bool)> = pods.iter().filter(|pod| is_ended(pod)).filter_map(|pod| Some((ended_at(pod)?, is_failed(pod)))).collect();
    ended.sort();
    let failures = ended.iter().rev().take_while(|(_, failed)| *failed).count();
    let (last, _) = ended.last().filter(|_| failures > 0)?;
    let wait = Duration((BACKOFF_FIRST.0 << (failures - 1).min(10)).min(BACKOFF_MAX.0));
    (now < *last + wait).then(|| *last + wait - now)
}

/// Creates pods that are missing, deletes those that are too many.
fn scale(ctx: &mut Ctx<'_>, job: &Object, pods: &[Rc<Object>], active: &[Rc<Object>]) -> Result<Action, Status> {
    let parallelism = job.int(&["spec", "parallelism"]).unwrap_or(1).max(0);
    let wanted = match job.int(&["spec", "completions"]) {
        Some(completions) => (completions - count(job, "succeeded")).clamp(0, parallelism),
        None if count(job, "succeeded") > 0 => active.len() as i64,
        None => parallelism,
    } as usize;
    if active.len() > wanted {
        let mut spare = active.to_vec();
        spare.sort_by_key(|pod| (is_pod_ready(pod), std::cmp::Reverse(pod.created())));
        delete_pods(ctx, job, &spare[..active.len() - wanted])?;
        return Ok(Action::AwaitChange);
    }
    let missing = wanted - active.len();
    if missing == 0 {
        return Ok(Action::AwaitChange);
    }
    if let Some(wait) = backoff(pods, ctx.now) {
        return Ok(Action::RequeueAfter(wait));
    }
    let taken: BTreeSet<i64> = active.iter().filter_map(|pod| index_of(pod)).chain(completed_indexes(job)).collect();
    let mut free = (0..).filter(|index| !taken.contains(index));
    for _ in 0..missing.min(BURST) {
        let pod = new_pod(job, if is_indexed(job) { free.next() } else { None });
        match ctx.api.create(pod, &mut WriteOptions::default()) {
            Ok(pod) => ctx.api.event(job, source(), EventType::Normal, "SuccessfulCreate", &format!("Created pod: {}", pod.name())),
            Err(status) => {
                ctx.api.event(job, source(), EventType::Warning, "FailedCreate", &format!("Error creating: {status}"));
                return Err(status);
            }
        }
    }
    Ok(Action::AwaitChange)
}

fn new_pod(job: &Object, index: Option<i64>) -> Object {
    let mut pod = pod_from_template(job);
    pod.add_finalizer(TRACKING);
    let Some(index) = index else { return pod };
    pod.set(&["metadata", "generateName"], json!(format!("{}-{index}-", job.name())));
    pod.set_annotation(COMPLETION_INDEX, &index.to_string());
    pod.set(&["metadata", "labels", COMPLETION_INDEX], json!(index.to_string()));
    pod.set(&["spec", "hostname"], json!(format!("{}-{index}", job.name())));
    let variable = json!({
        "name": "JOB_COMPLETION_INDEX",
        "valueFrom": {"fieldRef": {"fieldPath": format!("metadata.labels['{COMPLETION_INDEX}']")}},
    });
    for list in CONTAINER_LISTS {
        let mut containers = pod.list(&["spec", list]).to_vec();
        if containers.is_empty() {
            continue;
        }
        for container in &mut containers {
            let mut variables = container["env"].as_array().cloned().unwrap_or_default();
            variables.push(variable.clone());
            container["env"] = Value::from(variables);
        }
        pod.set(&["spec", list], Value::from(containers));
    }
    pod
}

fn write_counts(ctx: &mut Ctx<'_>, key: &ObjectKey, job: &Object) -> Result<(), Status> {
    let pods = pods_of(ctx, job);
    let active: Vec<&Rc<Object>> = pods.iter().filter(|pod| is_active(pod)).collect();
    let ready = active.iter().filter(|pod| is_pod_ready(pod)).count();
    let terminating = pods.iter().filter(|pod| pod.is_terminating() && !is_terminal(pod)).count();
    let current = ctx.api.get(key)?.clone();
    let mut status = current.at(&["status"]).cloned().unwrap_or_else(|| json!({}));
    if let Some(map) = status.as_object_mut() {
        map.remove("active");
    }
    if !active.is_empty() {
        status["active"] = json!(active.len());
    }
    status["ready"] = json!(ready);
    status["terminating"] = json!(terminating);
    status["uncountedTerminatedPods"] = json!({});
    if current.at(&["status"]) != Some(&status) {
        ctx.api.replace_status(key, status)?;
    }
    Ok(())
}

/// How long until a job's deadline, if it has one ahead.
fn until_deadline(ctx: &Ctx<'_>, job: &Object) -> Option<Duration> {
    let stored = ctx.api.get(&ObjectKey::new("Job", job.namespace(), job.name())).ok();
    stored.and_then(|job| deadline(job)).filter(|deadline| *deadline > ctx.now).map(|deadline| deadline - ctx.now)
}

/// Deletes a finished job when its time to live has passed.
fn after_finish(ctx: &mut Ctx<'_>, key: &ObjectKey, job: &Object) -> Result<Action, Status> {
    let Some(seconds) = job.int(&["spec", "ttlSecondsAfterFinished"]).filter(|_| !job.is_terminating()) else {
        return Ok(Action::AwaitChange);
    };
    let ended = job.list(&["status", "conditions"]).iter().filter(|condition| condition["type"] == "Complete" || condition["type"] == "Failed");
    let Some(since) = ended.filter_map(|condition| Instant::parse(condition["lastTransitionTime"].as_str()?)).max() else {
        return Ok(Action::AwaitChange);
    };
    let due = since + Duration::seconds(seconds.max(0) as u64);
    if due > ctx.now {
        return Ok(Action::RequeueAfter(due - ctx.now));
    }
    ctx.api.delete(key, &DeleteOptions::default())?;
    Ok(Action::AwaitChange)
}
