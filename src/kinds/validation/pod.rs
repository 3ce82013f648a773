//! Pod, new or changed. Models ValidatePodCreate and ValidatePodUpdate.

use super::pod_spec::pod_spec;
use super::{Findings, Path, SPEC, Value, list, metadata, names, range_error, same, spec_of, text};
use crate::kinds::{self, godiff};
use crate::values::object::Object;
use crate::values::status::FieldError;

const MAX_INT32: i64 = i32::MAX as i64;
const UPDATABLE: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

pub fn pod(pod: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("Pod"), pod, old, names::subdomain);
    let spec = spec_of(pod);
    pod_spec(&mut findings, &SPEC, spec);
    images(&mut findings, spec);
    match old {
        None => {
            if !list(spec, "ephemeralContainers").is_empty() {
                findings.forbidden(&SPEC.child("ephemeralContainers"), "cannot be set on create");
            }
            if !text(spec, "nodeName").is_empty() && !list(spec, "schedulingGates").is_empty() {
                findings.forbidden(&SPEC.child("nodeName"), "cannot be set until all schedulingGates have been cleared");
            }
        }
        Some(old) => update(&mut findings, spec, spec_of(old)),
    }
    findings.list
}

/// Only a pod's own images are looked at for blanks, not those of templates.
fn images(findings: &mut Findings, spec: &Value) {
    for field in ["containers", "initContainers"] {
        let at = SPEC.child(field);
        for (index, container) in list(spec, field).iter().enumerate() {
            let image = text(container, "image");
            if image.trim() != image {
                findings.invalid_text(&at.index(index).child("image"), image, "must not have leading or trailing whitespace");
            }
        }
    }
}

fn update(findings: &mut Findings, spec: &Value, old: &Value) {
    for field in ["containers", "initContainers"] {
        if list(spec, field).len() != list(old, field).len() {
            findings.forbidden(&SPEC.child(field), "pod updates may not add or remove containers");
            return;
        }
    }
    if !deadline(findings, &spec["activeDeadlineSeconds"], &old["activeDeadlineSeconds"]) {
        return;
    }
    only_added_tolerations(findings, &SPEC.child("tolerations"), list(spec, "tolerations"), list(old, "tolerations"));
    let mut munged = spec.clone();
    for field in ["containers", "initContainers"] {
        let Some(containers) = munged.get_mut(field).and_then(Value::as_array_mut) else { continue };
        for (container, old) in containers.iter_mut().zip(list(old, field)) {
            container["image"] = old["image"].clone();
        }
    }
    for field in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] {
        match old.get(field) {
            Some(value) => munged[field] = value.clone(),
            None => {
                munged.as_object_mut().map(|map| map.remove(field));
            }
        }
    }
    let grace = |spec: &Value| spec["terminationGracePeriodSeconds"].as_i64();
    if grace(old).is_some_and(|seconds| seconds < 0) && grace(spec) == Some(1) {
        munged["terminationGracePeriodSeconds"] = old["terminationGracePeriodSeconds"].clone();
    }
    if !same(&munged, old) {
        findings.forbidden(&SPEC, &format!("{UPDATABLE}\n{}", godiff::diff("PodSpec", old, &munged)));
    }
}

/// A deadline may only be set, or come nearer; says whether the checks go on.
fn deadline(findings: &mut Findings, new: &Value, old: &Value) -> bool {
    let at = SPEC.child("activeDeadlineSeconds");
    match (new.as_i64(), old.as_i64()) {
        (Some(number), _) if !(0..=MAX_INT32).contains(&number) => findings.invalid(&at, new, &range_error(0, MAX_INT32)),
        (Some(number), Some(before)) if before < number => findings.invalid(&at, new, "must be less than or equal to previous value"),
        (None, Some(_)) => {
            findings.invalid(&at, &Value::Null, "must not update from a positive integer to nil value");
            return true;
        }
        _ => return true,
    }
    false
}

fn only_added_tolerations(findings: &mut Findings, at: &Path, new: &[Value], old: &[Value]) {
    let without_seconds = |toleration: &Value| {
        let mut bare = toleration.clone();
        bare.as_object_mut().map(|map| map.remove("tolerationSeconds"));
        bare
    };
    for toleration in old {
        if !new.iter().any(|other| without_seconds(other) == without_seconds(toleration)) {
            findings.forbidden(at, "existing toleration can not be modified except its tolerationSeconds");
            return;
        }
    }
}
