//! ReplicaSet. Models pkg/apis/apps.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::{self, default, spec};
use super::printers::{AGE, CONTAINERS, IMAGES, NAME, SELECTOR, column, number};
use super::validation::{Findings, SPEC, metadata, names, spec_of, warnings, workloads};
use crate::values::object::{Object, json};
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "ReplicaSet",
    group: "apps",
    plural: "replicasets",
    short_names: &["rs"],
    categories: &["all"],
    generation: true,
    defaults,
    validate,
    warnings: warnings::templated,
    columns: &[
        NAME,
        column("DESIRED", |set, _| number(set, &["spec", "replicas"])),
        column("CURRENT", |set, _| number(set, &["status", "replicas"])),
        column("READY", |set, _| number(set, &["status", "readyReplicas"])),
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
    defaults::template(spec);
}

fn validate(def: &KindDef, set: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, set, old, names::subdomain);
    let spec = spec_of(set);
    for field in ["replicas", "minReadySeconds"] {
        findings.nonnegative(&SPEC.child(field), &spec[field]);
    }
    workloads::ordered(&mut findings, spec, "ReplicaSet", "replicaset", &[]);
    workloads::same_selector(&mut findings, spec, old);
    findings.list
}
