//! Sets of pods: stateful sets, deployments, replica sets, daemon sets, jobs, cron jobs.

use super::context::{Context, controlled_by, labels_text, list_text, or_none, selector_text};
use super::pods;
use super::writer::Writer;
use crate::values::clock::Instant;
use crate::values::object::{Object, Value, str_at};
use crate::values::selector::LabelSelector;

const TEMPLATE: &[&str] = &["spec", "template"];

fn count(object: &Object, path: &[&str]) -> i64 {
    object.int(path).unwrap_or(0)
}

/// `3 Running / 0 Waiting / 0 Succeeded / 0 Failed`, of the pods that an object controls.
fn pods_status(object: &Object, context: &Context<'_>) -> String {
    let owned = context.pods(object.namespace()).filter(|pod| {
        pod.list(&["metadata", "ownerReferences"]).iter().any(|owner| owner["controller"] == true && str_at(owner, &["uid"]) == object.uid())
    });
    let phases: Vec<&str> = owned.map(|pod| pod.str(&["status", "phase"])).collect();
    let of = |phase: &str| phases.iter().filter(|found| **found == phase).count();
    format!("{} Running / {} Waiting / {} Succeeded / {} Failed", of("Running"), of("Pending"), of("Succeeded"), of("Failed"))
}

pub(super) fn stateful_set(set: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(set);
    writer.line(0, &format!("CreationTimestamp:\t{}", context.time(set.str(&["metadata", "creationTimestamp"]))));
    writer.line(0, &format!("Selector:\t{}", selector_text(set)));
    writer.metadata(set);
    writer.line(0, &format!("Replicas:\t{} desired | {} total", count(set, &["spec", "replicas"]), count(set, &["status", "replicas"])));
    writer.line(0, &format!("Update Strategy:\t{}", set.str(&["spec", "updateStrategy", "type"])));
    if let Some(rolling) = set.at(&["spec", "updateStrategy", "rollingUpdate"]) {
        if let Some(partition) = rolling["partition"].as_i64() {
            writer.line(1, &format!("Partition:\t{partition}"));
        }
        if !rolling["maxUnavailable"].is_null() {
            writer.line(1, &format!("MaxUnavailable:\t{}", int_or_percent(&rolling["maxUnavailable"])));
        }
    }
    writer.line(0, &format!("Pods Status:\t{}", pods_status(set, context)));
    pods::template(set, TEMPLATE, writer);
    claim_templates(set, writer);
    context.events(set, writer);
}

fn claim_templates(set: &Object, writer: &mut Writer) {
    let templates = set.list(&["spec", "volumeClaimTemplates"]);
    if templates.is_empty() {
        return writer.line(0, "Volume Claims:\t<none>");
    }
    writer.line(0, "Volume Claims:");
    for template in templates {
        let claim = Object(template.clone());
        writer.line(1, &format!("Name:\t{}", claim.name()));
        writer.line(1, &format!("StorageClass:\t{}", claim.str(&["spec", "storageClassName"])));
        writer.labels("  ", "Labels", claim.map(&["metadata", "labels"]));
        writer.annotations("  ", claim.map(&["metadata", "annotations"]));
        let capacity = claim.str(&["spec", "resources", "requests", "storage"]);
        writer.line(1, &format!("Capacity:\t{}", if capacity.is_empty() { "<default>" } else { capacity }));
        writer.line(1, &format!("Access Modes:\t{}", list_text(claim.list(&["spec", "accessModes"]))));
    }
}

fn int_or_percent(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub(super) fn deployment(deployment: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(deployment);
    writer.line(0, &format!("CreationTimestamp:\t{}", context.time(deployment.str(&["metadata", "creationTimestamp"]))));
    writer.metadata(deployment);
    writer.line(0, &format!("Selector:\t{}", selector_text(deployment)));
    let status = |field: &str| count(deployment, &["status", field]);
    writer.line(
        0,
        &format!(
            "Replicas:\t{} desired | {} updated | {} total | {} available | {} unavailable",
            count(deployment, &["spec", "replicas"]),
            status("updatedReplicas"),
            status("replicas"),
            status("availableReplicas"),
            status("unavailableReplicas")
        ),
    );
    writer.line(0, &format!("StrategyType:\t{}", deployment.str(&["spec", "strategy", "type"])));
    writer.line(0, &format!("MinReadySeconds:\t{}", count(deployment, &["spec", "minReadySeconds"])));
    if let Some(rolling) = deployment.at(&["spec", "strategy", "rollingUpdate"]) {
        let (unavailable, surge) = (int_or_percent(&rolling["maxUnavailable"]), int_or_percent(&rolling["maxSurge"]));
        writer.line(0, &format!("RollingUpdateStrategy:\t{unavailable} max unavailable, {surge} max surge"));
    }
    pods::template(deployment, TEMPLATE, writer);
    let conditions = deployment.list(&["status", "conditions"]);
    if !conditions.is_empty() {
        writer.line(0, "Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------");
        for condition in conditions {
            writer.line(1, &format!("{} \t{}\t{}", str_at(condition, &["type"]), str_at(condition, &["status"]), str_at(condition, &["reason"])));
        }
    }
    replica_sets(deployment, context, writer);
    context.events(deployment, writer);
}

/// The replica set of the present template, and the old ones that still have pods.
fn replica_sets(deployment: &Object, context: &Context<'_>, writer: &mut Writer) {
    let owned =
        |set: &&std::rc::Rc<Object>| set.list(&["metadata", "ownerReferences"]).iter().any(|owner| str_at(owner, &["uid"]) == deployment.uid());
    let revision = |object: &Object| object.str(&["metadata", "annotations", "deployment.kubernetes.io/revision"]).parse::<u64>().unwrap_or(0);
    let mut sets: Vec<_> = context.cluster.api.list("ReplicaSet", Some(deployment.namespace())).filter(owned).collect();
    sets.sort_by_key(|set| revision(set));
    let text =
        |set: &Object| format!("{} ({}/{} replicas created)", set.name(), count(set, &["status", "replicas"]), count(set, &["spec", "replicas"]));
    let newest = sets.pop();
    // Sets without pods are listed too, as `0/0`.
    let old: Vec<String> = sets.iter().map(|set| text(set)).collect();
    writer.line(0, &format!("OldReplicaSets:\t{}", or_none(&old.join(", "))));
    writer.line(0, &format!("NewReplicaSet:\t{}", newest.map_or("<none>".to_owned(), |set| text(set))));
}

pub(super) fn replica_set(set: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(set);
    writer.line(0, &format!("Selector:\t{}", selector_text(set)));
    writer.metadata(set);
    if let Some(owner) = controlled_by(set) {
        writer.line(0, &format!("Controlled By:\t{owner}"));
    }
    writer.line(0, &format!("Replicas:\t{} current / {} desired", count(set, &["status", "replicas"]), count(set, &["spec", "replicas"])));
    writer.line(0, &format!("Pods Status:\t{}", pods_status(set, context)));
    pods::template(set, TEMPLATE, writer);
    conditions(set, writer);
    context.events(set, writer);
}

fn conditions(object: &Object, writer: &mut Writer) {
    let conditions = object.list(&["status", "conditions"]);
    if !conditions.is_empty() {
        writer.line(0, "Conditions:\n  Type\tStatus\tReason\n  ----\t------\t------");
        for condition in conditions {
            writer.line(1, &format!("{} \t{}\t{}", str_at(condition, &["type"]), str_at(condition, &["status"]), str_at(condition, &["reason"])));
        }
    }
}

pub(super) fn daemon_set(set: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(set);
    writer.line(0, &format!("Selector:\t{}", selector_text(set)));
    writer.line(0, &format!("Node-Selector:\t{}", labels_text(set, &["spec", "template", "spec", "nodeSelector"])));
    writer.metadata(set);
    for (title, field) in [
        ("Desired Number of Nodes Scheduled", "desiredNumberScheduled"),
        ("Current Number of Nodes Scheduled", "currentNumberScheduled"),
        ("Number of Nodes Scheduled with Up-to-date Pods", "updatedNumberScheduled"),
        ("Number of Nodes Scheduled with Available Pods", "numberAvailable"),
        ("Number of Nodes Misscheduled", "numberMisscheduled"),
    ] {
        writer.line(0, &format!("{title}: {}", count(set, &["status", field])));
    }
    writer.line(0, &format!("Pods Status:\t{}", pods_status(set, context)));
    pods::template(set, TEMPLATE, writer);
    context.events(set, writer);
}

pub(super) fn job(job: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(job);
    writer.line(0, &format!("Selector:\t{}", selector_text(job)));
    writer.metadata(job);
    if let Some(owner) = controlled_by(job) {
        writer.line(0, &format!("Controlled By:\t{owner}"));
    }
    writer.line(0, &format!("Parallelism:\t{}", count(job, &["spec", "parallelism"])));
    writer.line(0, &format!("Completions:\t{}", job.int(&["spec", "completions"]).map_or("<unset>".to_owned(), |n| n.to_string())));
    if !job.str(&["spec", "completionMode"]).is_empty() {
        writer.line(0, &format!("Completion Mode:\t{}", job.str(&["spec", "completionMode"])));
    }
    if job.at(&["spec", "suspend"]).is_some() {
        writer.line(0, &format!("Suspend:\t{}", job.bool(&["spec", "suspend"])));
    }
    writer.line(0, &format!("Backoff Limit:\t{}", count(job, &["spec", "backoffLimit"])));
    if let Some(ttl) = job.int(&["spec", "ttlSecondsAfterFinished"]) {
        writer.line(0, &format!("TTL Seconds After Finished:\t{ttl}"));
    }
    let (start, end) = (job.str(&["status", "startTime"]), job.str(&["status", "completionTime"]));
    if !start.is_empty() {
        writer.line(0, &format!("Start Time:\t{}", context.time(start)));
    }
    if !end.is_empty() {
        writer.line(0, &format!("Completed At:\t{}", context.time(end)));
    }
    if let (Some(start), Some(end)) = (Instant::parse(start), Instant::parse(end)) {
        writer.line(0, &format!("Duration:\t{}", (end - start).human()));
    }
    if let Some(deadline) = job.int(&["spec", "activeDeadlineSeconds"]) {
        writer.line(0, &format!("Active Deadline Seconds:\t{deadline}s"));
    }
    let status = |field: &str| count(job, &["status", field]);
    writer.line(
        0,
        &format!(
            "Pods Statuses:\t{} Active ({} Ready) / {} Succeeded / {} Failed",
            status("active"),
            status("ready"),
            status("succeeded"),
            status("failed")
        ),
    );
    if !job.str(&["status", "completedIndexes"]).is_empty() {
        writer.line(0, &format!("Completed Indexes:\t{}", job.str(&["status", "completedIndexes"])));
    }
    pods::template(job, TEMPLATE, writer);
    context.events(job, writer);
}

pub(super) fn cron_job(job: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(job);
    writer.metadata(job);
    writer.line(0, &format!("Schedule:\t{}", job.str(&["spec", "schedule"])));
    writer.line(0, &format!("Concurrency Policy:\t{}", job.str(&["spec", "concurrencyPolicy"])));
    writer.line(0, &format!("Suspend:\t{}", if job.bool(&["spec", "suspend"]) { "True" } else { "False" }));
    for (title, field) in [("Successful Job History Limit", "successfulJobsHistoryLimit"), ("Failed Job History Limit", "failedJobsHistoryLimit")] {
        writer.line(0, &format!("{title}:\t{}", job.int(&["spec", field]).map_or("<unset>".to_owned(), |n| n.to_string())));
    }
    let deadline = job.int(&["spec", "startingDeadlineSeconds"]);
    writer.line(0, &format!("Starting Deadline Seconds:\t{}", deadline.map_or("<unset>".to_owned(), |n| format!("{n}s"))));
    let of_job = |field: &str| job.int(&["spec", "jobTemplate", "spec", field]).map_or("<unset>".to_owned(), |n| n.to_string());
    let selector = job.at(&["spec", "jobTemplate", "spec", "selector"]).map_or_else(
        || "<unset>".to_owned(),
        |selector| LabelSelector::from_object(selector).map_or_else(|_| "<error>".to_owned(), |selector| selector.format()),
    );
    writer.line(0, &format!("Selector:\t{selector}\nParallelism:\t{}\nCompletions:\t{}", of_job("parallelism"), of_job("completions")));
    if let Some(seconds) = job.int(&["spec", "jobTemplate", "spec", "activeDeadlineSeconds"]) {
        writer.line(0, &format!("Active Deadline Seconds:\t{seconds}s"));
    }
    pods::template(job, &["spec", "jobTemplate", "spec", "template"], writer);
    let last = job.str(&["status", "lastScheduleTime"]);
    writer.line(0, &format!("Last Schedule Time:\t{}", if last.is_empty() { "<unset>".to_owned() } else { context.time(last) }));
    let active: Vec<&str> = job.list(&["status", "active"]).iter().map(|job| str_at(job, &["name"])).collect();
    writer.line(0, &format!("Active Jobs:\t{}", or_none(&active.join(", "))));
    context.events(job, writer);
}
