//! Sets of pods: deployments, replica sets, stateful sets, daemon sets, jobs.

use super::{AGE, CONTAINERS, Column, IMAGES, Instant, NAME, Object, SELECTOR, column, joined, labels, number, or, since, wide};

const READY: Column = column("READY", |set, _| format!("{}/{}", number(set, &["status", "readyReplicas"]), number(set, &["spec", "replicas"])));

pub const STATEFUL_SET: &[Column] = &[NAME, READY, AGE, CONTAINERS, IMAGES];

pub const DEPLOYMENT: &[Column] = &[
    NAME,
    READY,
    column("UP-TO-DATE", |set, _| number(set, &["status", "updatedReplicas"])),
    column("AVAILABLE", |set, _| number(set, &["status", "availableReplicas"])),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

pub const REPLICA_SET: &[Column] = &[
    NAME,
    column("DESIRED", |set, _| number(set, &["spec", "replicas"])),
    column("CURRENT", |set, _| number(set, &["status", "replicas"])),
    column("READY", |set, _| number(set, &["status", "readyReplicas"])),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

pub const DAEMON_SET: &[Column] = &[
    NAME,
    column("DESIRED", |set, _| number(set, &["status", "desiredNumberScheduled"])),
    column("CURRENT", |set, _| number(set, &["status", "currentNumberScheduled"])),
    column("READY", |set, _| number(set, &["status", "numberReady"])),
    column("UP-TO-DATE", |set, _| number(set, &["status", "updatedNumberScheduled"])),
    column("AVAILABLE", |set, _| number(set, &["status", "numberAvailable"])),
    column("NODE SELECTOR", |set, _| labels(set.map(&["spec", "template", "spec", "nodeSelector"]))),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

/// A job's conditions in the order in which they decide its STATUS; deletion comes between the first two and the rest.
fn job_status(job: &Object) -> &'static str {
    let is = |kind: &str| job.list(&["status", "conditions"]).iter().any(|condition| condition["type"] == kind && condition["status"] == "True");
    let deleted = job.at(&["metadata", "deletionTimestamp"]).is_some();
    [
        ("Complete", is("Complete")),
        ("Failed", is("Failed")),
        ("Terminating", deleted),
        ("Suspended", is("Suspended")),
        ("FailureTarget", is("FailureTarget")),
        ("SuccessCriteriaMet", is("SuccessCriteriaMet")),
    ]
    .into_iter()
    .find(|(_, holds)| *holds)
    .map_or("Running", |(name, _)| name)
}

fn job_completions(job: &Object) -> String {
    let succeeded = number(job, &["status", "succeeded"]);
    match (job.int(&["spec", "completions"]), job.int(&["spec", "parallelism"]).unwrap_or(0)) {
        (Some(completions), _) => format!("{succeeded}/{completions}"),
        (None, parallelism) if parallelism > 1 => format!("{succeeded}/1 of {parallelism}"),
        (None, _) => format!("{succeeded}/1"),
    }
}

fn job_duration(job: &Object, now: Instant) -> String {
    let end = Instant::parse(job.str(&["status", "completionTime"])).unwrap_or(now);
    since(job.str(&["status", "startTime"]), end, "")
}

pub const JOB: &[Column] = &[
    NAME,
    column("STATUS", |job, _| job_status(job).to_owned()),
    column("COMPLETIONS", |job, _| job_completions(job)),
    column("DURATION", job_duration),
    AGE,
    CONTAINERS,
    IMAGES,
    SELECTOR,
];

pub const CRON_JOB: &[Column] = &[
    NAME,
    column("SCHEDULE", |job, _| job.str(&["spec", "schedule"]).to_owned()),
    column("TIMEZONE", |job, _| or(job.str(&["spec", "timeZone"]), "<none>")),
    column("SUSPEND", |job, _| if job.bool(&["spec", "suspend"]) { "True" } else { "False" }.to_owned()),
    column("ACTIVE", |job, _| job.list(&["status", "active"]).len().to_string()),
    column("LAST SCHEDULE", |job, now| since(job.str(&["status", "lastScheduleTime"]), now, "<none>")),
    AGE,
    wide("CONTAINERS", |job, _| joined(job.list(&["spec", "jobTemplate", "spec", "template", "spec", "containers"]), "name")),
    wide("IMAGES", |job, _| joined(job.list(&["spec", "jobTemplate", "spec", "template", "spec", "containers"]), "image")),
    wide("SELECTOR", |job, _| labels(job.map(&["spec", "jobTemplate", "spec", "selector", "matchLabels"]))),
];
