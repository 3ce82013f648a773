//! PodDisruptionBudget. Models pkg/apis/policy.

use super::base::BASE;
use super::def::KindDef;
use super::godiff;
use super::printers::{AGE, NAME, column, number};
use super::validation::{Findings, SPEC, metadata, names, workloads};
use crate::values::object::{Object, Value};
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "PodDisruptionBudget",
    group: "policy",
    plural: "poddisruptionbudgets",
    short_names: &["pdb"],
    generation: true,
    validate,
    columns: &[
        NAME,
        column("MIN AVAILABLE", |budget, _| number_or_percent(budget, "minAvailable")),
        column("MAX UNAVAILABLE", |budget, _| number_or_percent(budget, "maxUnavailable")),
        column("ALLOWED DISRUPTIONS", |budget, _| number(budget, &["status", "disruptionsAllowed"])),
        AGE,
    ],
    ..BASE
};

/// Upstream looks at the spec alone, so a budget may be called anything that a path can hold.
fn validate(def: &KindDef, budget: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, budget, old, names::path_segment);
    let spec = &budget.0["spec"];
    let [least, most] = ["minAvailable", "maxUnavailable"].map(|field| &spec[field]);
    if !least.is_null() && !most.is_null() {
        let shown = godiff::json("PodDisruptionBudgetSpec", spec);
        findings.add(&SPEC, format!("Invalid value: {shown}: minAvailable and maxUnavailable cannot be both set"));
    }
    for (field, value) in [("minAvailable", least), ("maxUnavailable", most)] {
        if !value.is_null() {
            workloads::int_or_percent(&mut findings, &SPEC.child(field), value);
            workloads::at_most_all(&mut findings, &SPEC.child(field), value);
        }
    }
    if spec["selector"].is_object() {
        metadata::label_selector(&mut findings, &SPEC.child("selector"), &spec["selector"]);
    }
    findings.optional_one_of(&SPEC.child("unhealthyPodEvictionPolicy"), &spec["unhealthyPodEvictionPolicy"], &["AlwaysAllow", "IfHealthyBudget"]);
    findings.list
}

fn number_or_percent(budget: &Object, field: &str) -> String {
    match budget.at(&["spec", field]) {
        Some(Value::String(text)) => text.to_string(),
        Some(value) => value.to_string(),
        None => "N/A".to_owned(),
    }
}
