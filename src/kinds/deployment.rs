//! Deployment. Models pkg/apis/apps.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::{self, default, spec};
use super::godiff;
use super::printers::{AGE, CONTAINERS, IMAGES, NAME, READY, SELECTOR, column, number};
use super::validation::{Findings, SPEC, metadata, names, spec_of, text, warnings, workloads};
use crate::values::object::{Object, Value, json};
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "Deployment",
    group: "apps",
    plural: "deployments",
    short_names: &["deploy"],
    categories: &["all"],
    generation: true,
    defaults,
    validate,
    warnings: warnings::templated,
    columns: &[
        NAME,
        READY,
        column("UP-TO-DATE", |set, _| number(set, &["status", "updatedReplicas"])),
        column("AVAILABLE", |set, _| number(set, &["status", "availableReplicas"])),
        AGE,
        CONTAINERS,
        IMAGES,
        SELECTOR,
    ],
    ..BASE
};

fn defaults(object: &mut Object, _: Option<&Object>) {
    let spec = spec(object);
    default(spec, "replicas", json!(1));
    default(spec, "revisionHistoryLimit", json!(10));
    default(spec, "progressDeadlineSeconds", json!(600));
    default(spec, "strategy", json!({}));
    let strategy = &mut spec["strategy"];
    default(strategy, "type", json!("RollingUpdate"));
    if strategy["type"] == "RollingUpdate" {
        default(strategy, "rollingUpdate", json!({}));
        default(&mut strategy["rollingUpdate"], "maxSurge", json!("25%"));
        default(&mut strategy["rollingUpdate"], "maxUnavailable", json!("25%"));
    }
    defaults::template(spec);
}

fn validate(def: &KindDef, deployment: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, deployment, old, names::subdomain);
    let spec = spec_of(deployment);
    findings.nonnegative(&SPEC.child("replicas"), &spec["replicas"]);
    workloads::common_template(&mut findings, spec, "ReplicaSet", "deployment");
    deployment_strategy(&mut findings, &spec["strategy"]);
    for field in ["minReadySeconds", "revisionHistoryLimit"] {
        findings.nonnegative(&SPEC.child(field), &spec[field]);
    }
    if let Some(deadline) = spec["progressDeadlineSeconds"].as_i64() {
        let at = SPEC.child("progressDeadlineSeconds");
        findings.nonnegative(&at, &spec["progressDeadlineSeconds"]);
        if deadline <= spec["minReadySeconds"].as_i64().unwrap_or(0) {
            findings.invalid(&at, &spec["progressDeadlineSeconds"], "must be greater than minReadySeconds");
        }
    }
    workloads::same_selector(&mut findings, spec, old);
    findings.list
}

fn deployment_strategy(findings: &mut Findings, strategy: &Value) {
    let at = SPEC.child("strategy");
    let rolling_at = at.child("rollingUpdate");
    let rolling = &strategy["rollingUpdate"];
    match text(strategy, "type") {
        "Recreate" if rolling.is_object() => {
            findings.forbidden(&rolling_at, "may not be specified when strategy `type` is 'Recreate'");
        }
        "Recreate" => {}
        "RollingUpdate" => {
            workloads::int_or_percent(findings, &rolling_at.child("maxUnavailable"), &rolling["maxUnavailable"]);
            workloads::int_or_percent(findings, &rolling_at.child("maxSurge"), &rolling["maxSurge"]);
            if workloads::is_zero(&rolling["maxUnavailable"]) && workloads::is_zero(&rolling["maxSurge"]) {
                findings.invalid(&rolling_at.child("maxUnavailable"), &rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
            }
            workloads::at_most_all(findings, &rolling_at.child("maxUnavailable"), &rolling["maxUnavailable"]);
        }
        // The whole strategy is what is not supported, in upstream's eyes.
        _ => {
            let shown = godiff::json("DeploymentStrategy", strategy);
            findings.add(&at, format!("Unsupported value: {shown}: supported values: \"Recreate\", \"RollingUpdate\""));
        }
    }
}
