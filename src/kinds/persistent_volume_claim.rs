//! PersistentVolumeClaim. Models pkg/apis/core.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::{self, spec};
use super::godiff;
use super::printers::{AGE, ATTRIBUTES_CLASS, CLASS, NAME, STATUS, VOLUME_MODE, access_modes, column, or};
use super::readers::volumes::BETA_STORAGE_CLASS;
use super::validation::{Findings, IMMUTABLE, METADATA, Path, SPEC, claims, metadata, names, quantity, same, spec_of, text, warnings};
use crate::values::object::{Map, Object, Value};
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "PersistentVolumeClaim",
    plural: "persistentvolumeclaims",
    short_names: &["pvc"],
    defaults,
    validate,
    warnings,
    columns: &[
        NAME,
        STATUS,
        column("VOLUME", |claim, _| claim.str(&["spec", "volumeName"]).to_owned()),
        column("CAPACITY", |claim, _| if is_assigned(claim) { or(claim.str(&["status", "capacity", "storage"]), "0") } else { String::new() }),
        column("ACCESS MODES", |claim, _| if is_assigned(claim) { access_modes(claim.list(&["status", "accessModes"])) } else { String::new() }),
        CLASS,
        ATTRIBUTES_CLASS,
        AGE,
        VOLUME_MODE,
    ],
    ..BASE
};

fn defaults(object: &mut Object, _: Option<&Object>) {
    defaults::claim_spec(spec(object));
}

fn validate(def: &KindDef, claim: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, claim, old, names::subdomain);
    claims::claim_spec(&mut findings, &SPEC, spec_of(claim));
    if let Some(old) = old {
        claim_update(&mut findings, claim, old);
    }
    findings.list
}

fn warnings(claim: &Object, _: Option<&Object>) -> Vec<String> {
    let mut warnings = warnings::Warnings::default();
    warnings::old_annotations(&mut warnings, claim, &[warnings::OLD_CLASS]);
    let at = SPEC.child("resources");
    warnings.fractions(&at.child("requests"), &spec_of(claim)["resources"]["requests"]);
    warnings.list
}

fn claim_update(findings: &mut Findings, claim: &Object, old: &Object) {
    let (spec, old_spec) = (spec_of(claim), spec_of(old));
    let (class, old_class) = (spec["storageClassName"].as_str(), old_spec["storageClassName"].as_str());
    let old_annotation = old.annotation(BETA_STORAGE_CLASS);
    if claim.annotation(BETA_STORAGE_CLASS) != old_annotation && !(old_class.is_none() && class.is_some() && class == old_annotation) {
        let at = METADATA.child("annotations");
        findings.invalid_text(&at.key(BETA_STORAGE_CLASS), claim.annotation(BETA_STORAGE_CLASS).unwrap_or(""), IMMUTABLE);
    }
    let bound_now = text(old_spec, "volumeName").is_empty();
    let changed = |field: &str| !(bound_now && field == "volumeName") && spec.get(field) != old_spec.get(field);
    if [spec, old_spec].into_iter().filter_map(Value::as_object).flat_map(Map::keys).any(changed) {
        claim_spec_update(
            findings,
            claim,
            old,
            class.is_some() && old_class.is_none() && old_annotation.is_none_or(|annotation| class == Some(annotation)),
        );
    }
    let size = |object: &Value| quantity(&object["resources"]["requests"]["storage"]);
    let capacity = quantity(&claim.0["status"]["capacity"]["storage"]);
    if size(spec) < size(old_spec) && size(spec) <= capacity {
        let at = SPEC.child("resources");
        findings.forbidden(&at.child("requests").child("storage"), "field can not be less than status.capacity");
    }
    findings.immutable(&Path::root("volumeMode"), &spec["volumeMode"], &old_spec["volumeMode"]);
    if old_spec["volumeAttributesClassName"].is_string() && text(spec, "volumeAttributesClassName").is_empty() {
        let what = if spec["volumeAttributesClassName"].is_null() { "nil" } else { "an empty string" };
        findings.forbidden(&SPEC.child("volumeAttributesClassName"), &format!("update from non-nil value to {what} is forbidden"));
    }
}

/// What may change in a claim's spec is set aside; the rest must be as it was.
fn claim_spec_update(findings: &mut Findings, claim: &Object, old: &Object, class_given: bool) {
    let (spec, old_spec) = (spec_of(claim), spec_of(old));
    let (mut new_copy, mut old_copy) = (spec.clone(), old_spec.clone());
    let take = |to: &mut Value, from: &Value, field: &str| match from.get(field) {
        Some(value) => to[field] = value.clone(),
        None => {
            to.as_object_mut().map(|map| map.remove(field));
        }
    };
    if text(old_spec, "volumeName").is_empty() {
        take(&mut old_copy, spec, "volumeName");
    }
    if class_given {
        take(&mut new_copy, old_spec, "storageClassName");
    }
    if text(&claim.0["status"], "phase") == "Bound" {
        if new_copy["resources"]["requests"].is_object() {
            new_copy["resources"]["requests"]["storage"] = old_spec["resources"]["requests"]["storage"].clone();
        }
        if spec["volumeAttributesClassName"].is_string() {
            take(&mut new_copy, old_spec, "volumeAttributesClassName");
        }
    }
    if !same(&new_copy, &old_copy) {
        let why = format!(
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n{}",
            godiff::diff("PersistentVolumeClaimSpec", &old_copy, &new_copy)
        );
        findings.forbidden(&SPEC, &why);
    }
}

fn is_assigned(claim: &Object) -> bool {
    !claim.str(&["spec", "volumeName"]).is_empty()
}
