//! Job. Models pkg/apis/batch.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::{self, default, spec};
use super::godiff;
use super::printers::{AGE, CONTAINERS, IMAGES, NAME, SELECTOR, column, number, since};
use super::validation::{Findings, IMMUTABLE, METADATA, SPEC, jobs, metadata, names, same, spec_of, warnings};
use crate::values::clock::Instant;
use crate::values::object::{Map, Object, Value, json};
use crate::values::selector::LabelSelector;
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "Job",
    group: "batch",
    plural: "jobs",
    categories: &["all"],
    generation: true,
    defaults,
    validate,
    warnings: warnings::templated,
    columns: &[
        NAME,
        column("STATUS", |job, _| job_status(job).to_owned()),
        column("COMPLETIONS", |job, _| job_completions(job)),
        column("DURATION", job_duration),
        AGE,
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ],
    ..BASE
};

fn defaults(object: &mut Object, _: Option<&Object>) {
    job_spec(spec(object));
}

fn validate(def: &KindDef, job: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, job, old, names::subdomain);
    let spec = spec_of(job);
    if job.map(&["metadata", "labels"]).is_none_or(Map::is_empty) {
        // A Job without labels has those that its template was given.
        let mut labels = spec["template"]["metadata"]["labels"].clone();
        if let Some(labels) = labels.as_object_mut() {
            labels.retain(|key, _| !matches!(key.trim_start_matches("batch.kubernetes.io/"), "controller-uid" | "job-name"));
        }
        names::labels(&mut findings, &METADATA.child("labels"), &labels);
    }
    jobs::job_spec(&mut findings, &SPEC, spec);
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
        metadata::label_selector(&mut findings, &SPEC.child("selector"), &spec["selector"]);
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

fn job_spec(spec: &mut Value) {
    if spec.get("completions").is_none() && spec.get("parallelism").is_none() {
        default(spec, "completions", json!(1));
    }
    for (field, value) in [
        ("parallelism", json!(1)),
        ("backoffLimit", json!(6)),
        ("completionMode", json!("NonIndexed")),
        ("suspend", json!(false)),
        ("manualSelector", json!(false)),
        ("podReplacementPolicy", json!("TerminatingOrFailed")),
    ] {
        default(spec, field, value);
    }
    defaults::template(spec);
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

fn job_update(findings: &mut Findings, spec: &Value, old: &Value) {
    if spec["completions"] != old["completions"] {
        // Indexed Jobs may grow and shrink, completions and parallelism together.
        let at = SPEC.child("completions");
        if spec["completionMode"] != "Indexed" {
            findings.invalid(&at, &spec["completions"], IMMUTABLE);
        } else if spec["completions"] != spec["parallelism"] {
            findings.invalid(&at, &spec["completions"], "can only be modified in tandem with spec.parallelism");
        }
    }
    if !same(&spec["selector"], &old["selector"]) {
        findings.invalid_selector(&SPEC.child("selector"), &spec["selector"], IMMUTABLE);
    }
    if !same(&spec["template"], &old["template"]) {
        let shown = godiff::json("PodTemplateSpec", &spec["template"]);
        findings.add(&SPEC.child("template"), format!("Invalid value: {shown}: {}", IMMUTABLE));
    }
    for field in ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy"] {
        findings.immutable(&SPEC.child(field), &spec[field], &old[field]);
    }
}

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
