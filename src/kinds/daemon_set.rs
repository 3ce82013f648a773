//! DaemonSet. Models pkg/apis/apps and registry/apps/daemonset.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::{self, default, spec};
use super::godiff;
use super::printers::{AGE, CONTAINERS, IMAGES, NAME, SELECTOR, column, labels, number};
use super::validation::{Findings, SPEC, metadata, names, spec_of, text, warnings, workloads};
use crate::values::object::{Object, json};
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "DaemonSet",
    group: "apps",
    plural: "daemonsets",
    short_names: &["ds"],
    categories: &["all"],
    generation: true,
    defaults,
    validate,
    warnings: warnings::templated,
    columns: &[
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
    ],
    ..BASE
};

fn defaults(object: &mut Object, old: Option<&Object>) {
    let spec = spec(object);
    default(spec, "revisionHistoryLimit", json!(10));
    default(spec, "updateStrategy", json!({}));
    let strategy = &mut spec["updateStrategy"];
    default(strategy, "type", json!("RollingUpdate"));
    if strategy["type"] == "RollingUpdate" {
        default(strategy, "rollingUpdate", json!({}));
        default(&mut strategy["rollingUpdate"], "maxSurge", json!(0));
        default(&mut strategy["rollingUpdate"], "maxUnavailable", json!(1));
    }
    defaults::template(spec);
    template_generation(object, old);
}

fn validate(def: &KindDef, set: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, set, old, names::subdomain);
    let spec = spec_of(set);
    workloads::same_selector(&mut findings, spec, old);
    workloads::ordered(&mut findings, spec, "DaemonSet", "daemonset", &["minReadySeconds"]);
    let at = SPEC.child("updateStrategy");
    let strategy = &spec["updateStrategy"];
    match text(strategy, "type") {
        "OnDelete" => {}
        "RollingUpdate" => {
            let rolling_at = at.child("rollingUpdate");
            for field in ["maxUnavailable", "maxSurge"] {
                workloads::int_or_percent(&mut findings, &rolling_at.child(field), &strategy["rollingUpdate"][field]);
            }
            for field in ["maxUnavailable", "maxSurge"] {
                workloads::at_most_all(&mut findings, &rolling_at.child(field), &strategy["rollingUpdate"][field]);
            }
            match ["maxUnavailable", "maxSurge"].map(|field| workloads::is_zero(&strategy["rollingUpdate"][field])) {
                [false, false] => {
                    let surge = &strategy["rollingUpdate"]["maxSurge"];
                    findings.invalid(&rolling_at.child("maxSurge"), surge, "may not be set when maxUnavailable is non-zero");
                }
                [true, true] => findings.required(&rolling_at.child("maxUnavailable"), "cannot be 0 when maxSurge is 0"),
                _ => {}
            }
        }
        // The whole strategy is what is not supported, in upstream's eyes.
        _ => {
            let shown = godiff::json("DaemonSetUpdateStrategy", strategy);
            findings.add(&at, format!("Unsupported value: {shown}: supported values: \"RollingUpdate\", \"OnDelete\""));
        }
    }
    findings.nonnegative(&SPEC.child("revisionHistoryLimit"), &spec["revisionHistoryLimit"]);
    findings.list
}

/// Where a daemon set counts the changes of its template.
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// The count goes up with each change of the template. Models registry/apps/daemonset/strategy.go.
fn template_generation(object: &mut Object, old: Option<&Object>) {
    let template = |object: &Object| object.at(&["spec", "template"]).cloned();
    let generation = old.map_or(1, |old| {
        let before: i64 = old.annotation(TEMPLATE_GENERATION).and_then(|count| count.parse().ok()).unwrap_or(0);
        before + i64::from(template(object) != template(old))
    });
    object.set(&["metadata", "annotations", TEMPLATE_GENERATION], json!(generation.to_string()));
}
