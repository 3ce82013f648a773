//! VolumeAttachment. Models pkg/apis/storage.

use super::base::BASE;
use super::def::KindDef;
use super::printers::{AGE, NAME, column};
use super::validation::{Findings, IMMUTABLE, SPEC, metadata, names, same, spec_of, text};
use crate::values::object::Object;
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "VolumeAttachment",
    group: "storage.k8s.io",
    plural: "volumeattachments",
    namespaced: false,
    validate,
    columns: &[
        NAME,
        column("ATTACHER", |attachment, _| attachment.str(&["spec", "attacher"]).to_owned()),
        column("PV", |attachment, _| attachment.str(&["spec", "source", "persistentVolumeName"]).to_owned()),
        column("NODE", |attachment, _| attachment.str(&["spec", "nodeName"]).to_owned()),
        column("ATTACHED", |attachment, _| attachment.bool(&["status", "attached"]).to_string()),
        AGE,
    ],
    ..BASE
};

fn validate(def: &KindDef, attachment: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, attachment, old, names::subdomain);
    let spec = spec_of(attachment);
    for field in ["attacher", "nodeName"] {
        if text(spec, field).is_empty() {
            findings.required(&SPEC.child(field), "");
        }
    }
    if old.is_some_and(|old| !same(spec_of(old), spec)) {
        findings.invalid(&SPEC, spec, IMMUTABLE);
    }
    findings.list
}
