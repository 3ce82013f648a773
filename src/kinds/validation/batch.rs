//! Job and CronJob. Models pkg/apis/batch/validation.

use super::metadata::{self, label_selector};
use super::pod_spec::template;
use super::{Findings, METADATA, Path, SPEC, Value, names, same, spec_of, text};
use crate::kinds::{self, godiff};
use crate::values::object::{Map, Object, json};
use crate::values::selector::LabelSelector;
use crate::values::status::FieldError;

/// A CronJob's name plus the eleven characters that its Jobs' names add.
const MAX_CRON_JOB_NAME: usize = 52;

pub fn job(job: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("Job"), job, old, names::subdomain);
    let spec = spec_of(job);
    if job.map(&["metadata", "labels"]).is_none_or(Map::is_empty) {
        // A Job without labels has those that its template was given.
        let mut labels = spec["template"]["metadata"]["labels"].clone();
        if let Some(labels) = labels.as_object_mut() {
            labels.retain(|key, _| !matches!(key.trim_start_matches("batch.kubernetes.io/"), "controller-uid" | "job-name"));
        }
        names::labels(&mut findings, &METADATA.child("labels"), &labels);
    }
    job_spec(&mut findings, &SPEC, spec);
    if spec["selector"].is_null() {
        // A Job's own selector is generated before this, from its uid; what is checked without one has none yet.
        if old.is_some() {
            findings.required(&SPEC.child("selector"), "");
            let at = SPEC.child("template");
            findings.invalid(
                &at.child("metadata").child("labels"),
                &spec["template"]["metadata"]["labels"],
                "`selector` does not match template `labels`",
            );
        }
    } else {
        label_selector(&mut findings, &SPEC.child("selector"), &spec["selector"]);
        let labels = &spec["template"]["metadata"]["labels"];
        let matches = LabelSelector::from_object(&spec["selector"]).is_ok_and(|selector| selector.matches(labels.as_object()));
        if !matches {
            let at = SPEC.child("template");
            findings.invalid(&at.child("metadata").child("labels"), labels, "`selector` does not match template `labels`");
        }
    }
    if old.is_some() && spec["manualSelector"] != true && !spec["selector"].is_null() {
        generated_labels(&mut findings, job);
    }
    if let Some(old) = old {
        job_update(&mut findings, spec, spec_of(old));
    }
    findings.list
}

/// The labels that tie a Job's pods to it stay in its template.
fn generated_labels(findings: &mut Findings, job: &Object) {
    let template_at = SPEC.child("template");
    let metadata_at = template_at.child("metadata");
    let at = metadata_at.child("labels");
    let labels = &spec_of(job)["template"]["metadata"]["labels"];
    let (uid, name) = (job.uid(), job.name());
    for (label, wanted) in
        [("controller-uid", uid), ("job-name", name), ("batch.kubernetes.io/controller-uid", uid), ("batch.kubernetes.io/job-name", name)]
    {
        let why = format!("must be '{wanted}'");
        match labels[label].as_str() {
            None => findings.required(&at.key(label), &why),
            Some(found) if found != wanted => findings.invalid_text(&at.key(label), found, &why),
            Some(_) => {}
        }
    }
}

fn job_spec(findings: &mut Findings, at: &Path, spec: &Value) {
    for field in
        ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"]
    {
        findings.nonnegative(&at.child(field), &spec[field]);
    }
    let mode = &spec["completionMode"];
    findings.optional_one_of(&at.child("completionMode"), mode, &["NonIndexed", "Indexed"]);
    if mode == "Indexed" && spec["completions"].is_null() {
        findings.required(&at.child("completions"), "when completion mode is Indexed");
    }
    if mode == "Indexed" && spec["parallelism"].as_i64().is_some_and(|count| count > 100_000) {
        findings.invalid(&at.child("parallelism"), &spec["parallelism"], "must be less than or equal to 100000 when completion mode is Indexed");
    }
    findings.optional_one_of(&at.child("podReplacementPolicy"), &spec["podReplacementPolicy"], &["Failed", "TerminatingOrFailed"]);
    let template_at = at.child("template");
    template(findings, &template_at, &spec["template"]);
    let spec_at = template_at.child("spec");
    match text(&spec["template"]["spec"], "restartPolicy") {
        "" | "Always" => findings.required(&spec_at.child("restartPolicy"), "valid values: \"OnFailure\", \"Never\""),
        "OnFailure" | "Never" => {}
        other => findings.unsupported(&spec_at.child("restartPolicy"), &json!(other), &["OnFailure", "Never"]),
    }
}

fn job_update(findings: &mut Findings, spec: &Value, old: &Value) {
    if spec["completions"] != old["completions"] {
        // Indexed Jobs may grow and shrink, completions and parallelism together.
        let at = SPEC.child("completions");
        if spec["completionMode"] != "Indexed" {
            findings.invalid(&at, &spec["completions"], super::IMMUTABLE);
        } else if spec["completions"] != spec["parallelism"] {
            findings.invalid(&at, &spec["completions"], "can only be modified in tandem with spec.parallelism");
        }
    }
    if !same(&spec["selector"], &old["selector"]) {
        findings.invalid_selector(&SPEC.child("selector"), &spec["selector"], super::IMMUTABLE);
    }
    if !same(&spec["template"], &old["template"]) {
        let shown = godiff::json("PodTemplateSpec", &spec["template"]);
        findings.add(&SPEC.child("template"), format!("Invalid value: {shown}: {}", super::IMMUTABLE));
    }
    for field in ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy"] {
        findings.immutable(&SPEC.child(field), &spec[field], &old[field]);
    }
}

pub fn cron_job(cron_job: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("CronJob"), cron_job, old, names::subdomain);
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
    job_spec(&mut findings, &template_at.child("spec"), &spec["jobTemplate"]["spec"]);
    if old.is_none() && cron_job.name().len() > MAX_CRON_JOB_NAME {
        findings.invalid_text(&METADATA.child("name"), cron_job.name(), "must be no more than 52 characters");
    }
    findings.list
}

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
