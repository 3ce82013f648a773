//! CronJob. Models pkg/apis/batch.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::{self, default, spec};
use super::printers::{AGE, NAME, column, joined, labels, or, since, wide};
use super::validation::{Findings, METADATA, SPEC, jobs, metadata, names, spec_of, text};
use crate::values::object::{Object, json};
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "CronJob",
    group: "batch",
    plural: "cronjobs",
    short_names: &["cj"],
    categories: &["all"],
    generation: true,
    defaults,
    validate,
    columns: &[
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
    ],
    ..BASE
};

fn defaults(object: &mut Object, _: Option<&Object>) {
    let spec = spec(object);
    default(spec, "concurrencyPolicy", json!("Allow"));
    default(spec, "suspend", json!(false));
    default(spec, "successfulJobsHistoryLimit", json!(3));
    default(spec, "failedJobsHistoryLimit", json!(1));
    if let Some(inner) = spec.get_mut("jobTemplate").and_then(|template| template.get_mut("spec")) {
        defaults::template(inner);
    }
}

fn validate(def: &KindDef, cron_job: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, cron_job, old, names::subdomain);
    let spec = spec_of(cron_job);
    let schedule_at = SPEC.child("schedule");
    let schedule = text(spec, "schedule");
    if schedule.is_empty() {
        findings.required(&schedule_at, "");
    } else if let Some(error) = schedule_error(schedule) {
        findings.invalid_text(&schedule_at, schedule, &error);
    }
    findings.nonnegative(&SPEC.child("startingDeadlineSeconds"), &spec["startingDeadlineSeconds"]);
    findings.one_of(&SPEC.child("concurrencyPolicy"), &spec["concurrencyPolicy"], &["Allow", "Forbid", "Replace"]);
    for field in ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"] {
        findings.nonnegative(&SPEC.child(field), &spec[field]);
    }
    let template_at = SPEC.child("jobTemplate");
    jobs::job_spec(&mut findings, &template_at.child("spec"), &spec["jobTemplate"]["spec"]);
    if old.is_none() && cron_job.name().len() > MAX_CRON_JOB_NAME {
        findings.invalid_text(&METADATA.child("name"), cron_job.name(), "must be no more than 52 characters");
    }
    findings.list
}

/// A CronJob's name plus the eleven characters that its Jobs' names add.
const MAX_CRON_JOB_NAME: usize = 52;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// What robfig/cron finds wrong with a schedule.
fn schedule_error(schedule: &str) -> Option<String> {
    if let Some(word) = schedule.strip_prefix('@') {
        let known = matches!(word, "yearly" | "annually" | "monthly" | "weekly" | "daily" | "midnight" | "hourly") || word.starts_with("every ");
        return (!known).then(|| format!("unrecognized descriptor: {schedule}"));
    }
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    if fields.len() != 5 {
        return Some(format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" ")));
    }
    let bounds: [(u32, u32, &[&str]); 5] = [(0, 59, &[]), (0, 23, &[]), (1, 31, &[]), (1, 12, &MONTHS), (0, 6, &DAYS)];
    fields
        .iter()
        .zip(bounds)
        .flat_map(|(field, bound)| field.split(',').map(move |part| (part, bound)))
        .find_map(|(part, bound)| field_error(part, bound))
}

fn field_error(part: &str, (low, high, names): (u32, u32, &[&str])) -> Option<String> {
    let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
    let number = |text: &str| -> Result<u32, String> {
        if let Some(index) = names.iter().position(|name| *name == text.to_ascii_lowercase()) {
            return Ok(index as u32 + low);
        }
        text.parse().map_err(|_| format!("failed to parse int from {text}: strconv.Atoi: parsing {text:?}: invalid syntax"))
    };
    if !matches!(range, "*" | "?") {
        let (start, end) = range.split_once('-').unwrap_or((range, range));
        let (start, end) = match (number(start), number(end)) {
            (Ok(start), Ok(end)) => (start, end),
            (Err(error), _) | (_, Err(error)) => return Some(error),
        };
        if start < low {
            return Some(format!("beginning of range ({start}) below minimum ({low}): {part}"));
        }
        if end > high {
            return Some(format!("end of range ({end}) above maximum ({high}): {part}"));
        }
        if start > end {
            return Some(format!("beginning of range ({start}) beyond end of range ({end}): {part}"));
        }
    }
    match step.map(number) {
        Some(Ok(0)) => Some(format!("step of range should be a positive number: {part}")),
        Some(Err(error)) => Some(error),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_checked_as_cron_does() {
        for (schedule, expect) in [
            ("*/5 * * * *", None),
            ("0 0 1 jan mon-fri", None),
            ("@hourly", None),
            ("* * * *", Some("expected exactly 5 fields, found 4: [* * * *]")),
            ("60 * * * *", Some("end of range (60) above maximum (59): 60")),
            ("@never", Some("unrecognized descriptor: @never")),
        ] {
            assert_eq!(schedule_error(schedule).as_deref(), expect, "{schedule}");
        }
    }
}
