//! The spec of a Job and of a CronJob's template. Models ValidateJobSpec.

use super::{Findings, Path, pod_spec, text};
use crate::values::object::{Value, json};

/// A Job's spec at `at`; selector and changes are the Job's own.
pub fn job_spec(findings: &mut Findings, at: &Path, spec: &Value) {
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
    pod_spec::template(findings, &template_at, &spec["template"]);
    let spec_at = template_at.child("spec");
    match text(&spec["template"]["spec"], "restartPolicy") {
        "" | "Always" => findings.required(&spec_at.child("restartPolicy"), "valid values: \"OnFailure\", \"Never\""),
        "OnFailure" | "Never" => {}
        other => findings.unsupported(&spec_at.child("restartPolicy"), &json!(other), &["OnFailure", "Never"]),
    }
}
