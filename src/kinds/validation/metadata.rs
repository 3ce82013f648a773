//! Validation of `metadata` and of label selectors. Models apimachinery/pkg/api/validation/objectmeta.go and
//! pkg/apis/meta/v1/validation.

use super::names::{self, Rule};
use super::{Findings, METADATA, Path, Value, entries, list, text};
use crate::kinds::def::KindDef;
use crate::values::object::Object;
use crate::values::selector::{label_value_errors, qualified_name_errors};
use crate::values::status::FieldError;

/// All annotations of an object together, in bytes.
const MAX_ANNOTATIONS: usize = 256 * 1024;

/// What is looked at of every kind: its metadata, with a DNS subdomain for a name.
pub fn plain(def: &KindDef, object: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    self::object(&mut findings, def, object, old, names::subdomain);
    findings.list
}

/// An object's metadata, new or changed.
pub fn object(findings: &mut Findings, def: &KindDef, object: &Object, old: Option<&Object>, rule: Rule) {
    if let Some(old) = old {
        update(findings, object, old);
    }
    let metadata = &object.0["metadata"];
    let base = text(metadata, "generateName");
    if !base.is_empty() {
        // A dash at its end is right: more follows.
        let masked = base.strip_suffix('-').map_or_else(|| base.to_owned(), |start| format!("{start}a"));
        findings.all_invalid(&METADATA.child("generateName"), base, rule(&masked));
    }
    if object.name().is_empty() {
        findings.required(&METADATA.child("name"), "name or generateName is required");
    } else {
        findings.all_invalid(&METADATA.child("name"), object.name(), rule(object.name()));
    }
    let namespace = object.namespace();
    if def.namespaced {
        if namespace.is_empty() {
            findings.required(&METADATA.child("namespace"), "");
        } else {
            findings.all_invalid(&METADATA.child("namespace"), namespace, names::label(namespace));
        }
    } else if !namespace.is_empty() {
        findings.forbidden(&METADATA.child("namespace"), "not allowed on this type");
    }
    names::labels(findings, &METADATA.child("labels"), &metadata["labels"]);
    annotations(findings, &METADATA.child("annotations"), &metadata["annotations"]);
    owners(findings, metadata);
    let at = METADATA.child("finalizers");
    for (index, finalizer) in list(metadata, "finalizers").iter().enumerate() {
        let name = finalizer.as_str().unwrap_or("");
        findings.all_invalid(&at.index(index), name, qualified_name_errors(name));
    }
}

pub fn annotations(findings: &mut Findings, at: &Path, annotations: &Value) {
    let mut size = 0;
    for (key, value) in annotations.as_object().into_iter().flatten() {
        findings.all_invalid(at, key, qualified_name_errors(&key.to_ascii_lowercase()));
        size += key.len() + value.as_str().map_or(0, str::len);
    }
    if size > MAX_ANNOTATIONS {
        findings.too_long(at, MAX_ANNOTATIONS);
    }
}

fn owners(findings: &mut Findings, metadata: &Value) {
    let at = METADATA.child("ownerReferences");
    let mut controller: Option<&Value> = None;
    for (index, owner) in list(metadata, "ownerReferences").iter().enumerate() {
        let here = at.index(index);
        for (field, why) in [("kind", "must not be empty"), ("name", "must not be empty"), ("uid", "must not be empty")] {
            if text(owner, field).is_empty() {
                findings.invalid_text(&here.child(field), "", why);
            }
        }
        if owner["controller"].as_bool() == Some(true) {
            if let Some(first) = controller {
                let why = format!(
                    "Only one reference can have Controller set to true. Found \"true\" in references for {}/{} and {}/{}",
                    text(first, "kind"),
                    text(first, "name"),
                    text(owner, "kind"),
                    text(owner, "name")
                );
                findings.invalid(&at, &metadata["ownerReferences"], &why);
            }
            controller = Some(owner);
        }
    }
}

fn update(findings: &mut Findings, object: &Object, old: &Object) {
    if !old.is_terminating() {
        return;
    }
    let added: Vec<&str> = object.finalizers().filter(|finalizer| !old.has_finalizer(finalizer)).collect();
    if !added.is_empty() {
        let shown = added.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
        let why = format!("no new finalizers can be added if the object is being deleted, found new finalizers []string{{{shown}}}");
        findings.forbidden(&METADATA.child("finalizers"), &why);
    }
}

/// A `LabelSelector` with its `matchLabels` and `matchExpressions`.
pub fn label_selector(findings: &mut Findings, at: &Path, selector: &Value) {
    names::labels(findings, &at.child("matchLabels"), &selector["matchLabels"]);
    let expressions = at.child("matchExpressions");
    for (index, requirement) in list(selector, "matchExpressions").iter().enumerate() {
        let here = expressions.index(index);
        let values = list(requirement, "values");
        match text(requirement, "operator") {
            "In" | "NotIn" if values.is_empty() => {
                findings.required(&here.child("values"), "must be specified when `operator` is 'In' or 'NotIn'");
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                findings.forbidden(&here.child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => findings.invalid_text(&here.child("operator"), other, "not a valid selector operator"),
        }
        names::label_name(findings, &here.child("key"), text(requirement, "key"));
        label_values(findings, &here.child("values"), values);
    }
}

pub fn label_values(findings: &mut Findings, at: &Path, values: &[Value]) {
    for (index, value) in values.iter().enumerate() {
        let value = value.as_str().unwrap_or("");
        findings.all_invalid(&at.index(index), value, label_value_errors(value));
    }
}

/// Whether a selector has no condition at all.
pub fn is_empty_selector(selector: &Value) -> bool {
    entries(selector, "matchLabels").next().is_none() && list(selector, "matchExpressions").is_empty()
}
