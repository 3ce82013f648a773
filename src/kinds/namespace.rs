//! Namespace.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::{default, spec};
use super::printers::{AGE, NAME, column};
use super::validation::{Findings, metadata, names};
use crate::values::object::{Object, json};
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "Namespace",
    plural: "namespaces",
    short_names: &["ns"],
    namespaced: false,
    defaults,
    validate,
    columns: &[NAME, column("STATUS", |namespace, _| namespace.str(&["status", "phase"]).to_owned()), AGE],
    ..BASE
};

fn defaults(object: &mut Object, _: Option<&Object>) {
    let name = object.name().to_owned();
    if !name.is_empty() {
        object.set(&["metadata", "labels", "kubernetes.io/metadata.name"], json!(name));
    }
    default(spec(object), "finalizers", json!(["kubernetes"]));
}

fn validate(def: &KindDef, namespace: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, namespace, old, names::label);
    findings.list
}
