//! What sets of pods have in common: selector, template, numbers and percentages. Models pkg/apis/apps/validation.

use super::metadata::{is_empty_selector, label_selector};
use super::pod_spec;
use super::{Findings, IMMUTABLE, Path, SPEC, Value, same, spec_of, text};
use crate::values::object::{Object, json};
use crate::values::selector::LabelSelector;

const NO_MATCH: &str = "`selector` does not match template `labels`";

/// What stands for an absent or empty map of labels in a message: Go's nil or empty map.
fn shown_labels(template: &Value) -> Value {
    template["metadata"]["labels"].clone()
}

fn selector_matches(selector: &Value, template: &Value) -> Result<bool, ()> {
    let selector = LabelSelector::from_object(selector).map_err(|_| ())?;
    Ok(selector.matches(template["metadata"]["labels"].as_object()))
}

/// The selector and whether it chooses the template's labels. Says whether the template is worth a look.
pub fn selector(findings: &mut Findings, spec: &Value, kind: &str) -> bool {
    let at = SPEC.child("selector");
    let selector = &spec["selector"];
    if selector.is_null() {
        // Upstream does not ask a DaemonSet for one; that its template matches none says enough.
        if kind != "daemonset" {
            findings.required(&at, "");
        }
    } else {
        label_selector(findings, &at, selector);
        if is_empty_selector(selector) {
            findings.invalid_selector(&at, selector, &format!("empty selector is invalid for {kind}"));
        }
    }
    match selector_matches(selector, &spec["template"]) {
        Err(()) if kind == "statefulset" => {
            findings.invalid_selector(&at, selector, "");
            false
        }
        Err(()) => {
            findings.invalid_selector(&at, selector, "invalid label selector");
            false
        }
        Ok(true) => true,
        Ok(false) => {
            let template_at = SPEC.child("template");
            findings.invalid(&template_at.child("metadata").child("labels"), &shown_labels(&spec["template"]), NO_MATCH);
            true
        }
    }
}

/// The pods of a set run until they are deleted.
pub fn only_always(findings: &mut Findings, spec: &Value, kind: &str) {
    let template_at = SPEC.child("template");
    let spec_at = template_at.child("spec");
    let pod = &spec["template"]["spec"];
    if text(pod, "restartPolicy") != "Always" {
        findings.unsupported(&spec_at.child("restartPolicy"), &json!(text(pod, "restartPolicy")), &["Always"]);
    }
    if !pod["activeDeadlineSeconds"].is_null() {
        findings.forbidden(&spec_at.child("activeDeadlineSeconds"), &format!("activeDeadlineSeconds in {kind} is not Supported"));
    }
}

/// Whether a number or a percentage is none.
pub fn is_zero(value: &Value) -> bool {
    // As upstream, what is no number counts as none.
    let number = |text: &str| text.strip_suffix('%').unwrap_or(text).parse::<i64>().unwrap_or(0);
    value.as_i64().or_else(|| value.as_str().map(number)) == Some(0)
}

/// A number that is not negative, or a percentage.
pub fn int_or_percent(findings: &mut Findings, at: &Path, value: &Value) {
    match value {
        Value::String(text) => {
            let percent = text.strip_suffix('%').is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()));
            if !percent {
                findings.invalid(at, value, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')");
            }
        }
        _ => findings.nonnegative(at, value),
    }
}

/// A percentage of no more than 100.
pub fn at_most_all(findings: &mut Findings, at: &Path, value: &Value) {
    let percent = value.as_str().and_then(|text| text.strip_suffix('%')?.parse::<u64>().ok());
    if percent.is_some_and(|percent| percent > 100) {
        findings.invalid(at, value, "must not be greater than 100%");
    }
}

/// Templates of Deployments, ReplicaSets and DaemonSets.
pub fn common_template(findings: &mut Findings, spec: &Value, kind: &str, name: &str) {
    if selector(findings, spec, name) {
        let template_at = SPEC.child("template");
        pod_spec::template(findings, &template_at, &spec["template"]);
        only_always(findings, spec, kind);
    }
}

/// As of a Deployment: the selector stands first, numbers later.
pub fn ordered(findings: &mut Findings, spec: &Value, kind: &str, name: &str, numbers: &[&str]) {
    common_template(findings, spec, kind, name);
    for field in numbers {
        findings.nonnegative(&SPEC.child(field), &spec[*field]);
    }
}

/// The selector cannot change.
pub fn same_selector(findings: &mut Findings, spec: &Value, old: Option<&Object>) {
    if old.is_some_and(|old| !same(&spec["selector"], &spec_of(old)["selector"])) {
        findings.invalid_selector(&SPEC.child("selector"), &spec["selector"], IMMUTABLE);
    }
}
