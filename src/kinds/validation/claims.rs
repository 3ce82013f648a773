//! What claims, claim templates, ephemeral volumes and volumes have in common. Models ValidatePersistentVolumeClaimSpec.

use super::{Findings, NOT_NEGATIVE, NOT_POSITIVE, Path, list, metadata, names, quantity, text};
use crate::values::object::{Value, json};

const MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/// The access modes of a claim or a volume.
pub fn access_modes(findings: &mut Findings, at: &Path, modes: &[Value], detail: &str) {
    if modes.is_empty() {
        findings.required(at, detail);
    }
    for mode in modes.iter().filter(|mode| !mode.as_str().is_some_and(|mode| MODES.contains(&mode))) {
        findings.unsupported(at, mode, &MODES);
    }
    let once = modes.iter().any(|mode| mode == "ReadWriteOncePod");
    if once && modes.iter().any(|mode| mode != "ReadWriteOncePod") {
        findings.forbidden(at, "may not use ReadWriteOncePod with other access modes");
    }
}

/// The class and the volume mode of a claim or a volume.
pub fn class_and_mode(findings: &mut Findings, at: &Path, spec: &Value) {
    let class = text(spec, "storageClassName");
    if !class.is_empty() {
        findings.all_invalid(&at.child("storageClassName"), class, names::subdomain(class));
    }
    findings.optional_one_of(&at.child("volumeMode"), &spec["volumeMode"], &["Block", "Filesystem"]);
}

/// The spec of a claim, of a claim template, or of an ephemeral volume.
pub fn claim_spec(findings: &mut Findings, at: &Path, spec: &Value) {
    access_modes(findings, &at.child("accessModes"), list(spec, "accessModes"), "at least 1 access mode is required");
    if spec["selector"].is_object() {
        metadata::label_selector(findings, &at.child("selector"), &spec["selector"]);
    }
    let resources_at = at.child("resources");
    let storage_at = resources_at.key("storage");
    match spec["resources"]["requests"].get("storage") {
        None => findings.required(&storage_at, ""),
        Some(value) => {
            let amount = quantity(value);
            if amount.sign() < 0 {
                findings.invalid(&storage_at, value, NOT_NEGATIVE);
            }
            if amount.sign() <= 0 {
                findings.invalid(&storage_at, value, NOT_POSITIVE);
            }
        }
    }
    class_and_mode(findings, at, spec);
    data_source(findings, at, spec);
    let name = text(spec, "volumeAttributesClassName");
    if !name.is_empty() {
        findings.all_invalid(&at.child("volumeAttributesClassName"), name, names::subdomain(name));
    }
}

fn data_source(findings: &mut Findings, at: &Path, spec: &Value) {
    for field in ["dataSource", "dataSourceRef"] {
        let Some(source) = spec.get(field).filter(|source| source.is_object()) else { continue };
        let here = at.child(field);
        for part in ["name", "kind"] {
            if text(source, part).is_empty() {
                findings.required(&here.child(part), "");
            }
        }
        let group = text(source, "apiGroup");
        if group.is_empty() && text(source, "kind") != "PersistentVolumeClaim" {
            findings.invalid_text(&here, text(source, "kind"), "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
        } else if !group.is_empty() {
            findings.all_invalid(&here.child("apiGroup"), group, names::subdomain(group));
        }
    }
    let (source, reference) = (&spec["dataSource"], &spec["dataSourceRef"]);
    if source.is_object() && reference.is_object() {
        let same = ["apiGroup", "kind", "name"].iter().all(|part| text(source, part) == text(reference, part));
        if !same {
            // Upstream quotes its own path here, which prints as nothing.
            findings.invalid(at, &json!({}), "must match dataSourceRef");
        }
    }
}
