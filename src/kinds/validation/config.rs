//! ConfigMap, Secret, Namespace, Node, PriorityClass, and the kinds of which only the metadata is looked at.

use super::metadata::label_selector;
use super::workloads::{at_most_all, int_or_percent};
use super::{Findings, METADATA, Path, SPEC, Value, entries, list, metadata, names, same, text};
use crate::kinds::{self, godiff};
use crate::values::object::{Object, json};
use crate::values::status::FieldError;

/// What all values of a ConfigMap or Secret may weigh, in bytes.
const MAX_DATA: usize = 1024 * 1024;
const SET_IMMUTABLE: &str = "field is immutable when `immutable` is set";
const MAX_USER_PRIORITY: i64 = 1_000_000_000;

/// A kind whose name is a DNS subdomain and of which nothing else is checked here.
pub fn plain_subdomain(object: &Object, old: Option<&Object>) -> Vec<FieldError> {
    plain(object, old, names::subdomain)
}

fn plain(object: &Object, old: Option<&Object>, rule: names::Rule) -> Vec<FieldError> {
    let mut findings = Findings::default();
    if let Some(def) = kinds::by_kind(object.kind()) {
        metadata::object(&mut findings, def, object, old, rule);
    }
    findings.list
}

/// Events may be called anything a path can hold.
pub fn event(object: &Object, old: Option<&Object>) -> Vec<FieldError> {
    plain(object, old, names::subdomain)
}

fn frozen(findings: &mut Findings, object: &Value, old: Option<&Object>, fields: &[&'static str]) {
    let Some(old) = old.filter(|old| old.bool(&["immutable"])) else { return };
    if object["immutable"].as_bool() != Some(true) {
        findings.forbidden(&Path::root("immutable"), SET_IMMUTABLE);
    }
    for field in fields {
        if !same(&object[*field], &old.0[*field]) {
            findings.forbidden(&Path::root(field), SET_IMMUTABLE);
        }
    }
}

fn keys(findings: &mut Findings, object: &Value, field: &'static str) -> usize {
    let at = Path::root(field);
    let mut size = 0;
    for (key, value) in entries(object, field) {
        findings.all_invalid(&at.key(key), key, names::config_key(key));
        size += value.as_str().map_or(0, str::len);
    }
    size
}

pub fn config_map(map: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    let body = &map.0;
    frozen(&mut findings, body, old, &["data", "binaryData"]);
    metadata::object(&mut findings, kinds::def("ConfigMap"), map, old, names::subdomain);
    let at = Path::root("data");
    for (key, _) in entries(body, "data") {
        if body["binaryData"].get(key).is_some() {
            findings.invalid_text(&at.key(key), key, "duplicate of key present in binaryData");
        }
    }
    let size = keys(&mut findings, body, "data") + keys(&mut findings, body, "binaryData") / 4 * 3;
    if size > MAX_DATA {
        findings.too_long(&Path::root(""), MAX_DATA);
    }
    findings.list
}

pub fn secret(secret: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    let body = &secret.0;
    if let Some(old) = old {
        findings.immutable(&Path::root("type"), &body["type"], &old.0["type"]);
    }
    frozen(&mut findings, body, old, &["data"]);
    metadata::object(&mut findings, kinds::def("Secret"), secret, old, names::subdomain);
    let at = Path::root("data");
    if keys(&mut findings, body, "data") / 4 * 3 > MAX_DATA {
        findings.too_long(&at, MAX_DATA);
    }
    let needs: &[&str] = match text(body, "type") {
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/basic-auth" if body["data"]["username"].is_null() && body["data"]["password"].is_null() => &["username", "password"],
        _ => &[],
    };
    for name in needs.iter().filter(|name| body["data"].get(**name).is_none()) {
        findings.required(&at.key(name), "");
    }
    if text(body, "type") == "kubernetes.io/service-account-token" && secret.annotation("kubernetes.io/service-account.name").unwrap_or("").is_empty()
    {
        let at = METADATA.child("annotations");
        findings.required(&at.key("kubernetes.io/service-account.name"), "");
    }
    findings.list
}

pub fn namespace(namespace: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("Namespace"), namespace, old, names::label);
    findings.list
}

pub fn node(node: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("Node"), node, old, names::subdomain);
    let taints_at = SPEC.child("taints");
    let taints = list(&node.0["spec"], "taints");
    for (index, taint) in taints.iter().enumerate() {
        let here = taints_at.index(index);
        names::label_name(&mut findings, &here.child("key"), text(taint, "key"));
        let value = text(taint, "value");
        findings.all_invalid(&here.child("value"), value, crate::values::selector::label_value_errors(value));
        findings.one_of(&here.child("effect"), &taint["effect"], &["NoSchedule", "PreferNoSchedule", "NoExecute"]);
        let same = |other: &Value| other["key"] == taint["key"] && other["effect"] == taint["effect"];
        if taints[..index].iter().any(same) {
            findings.duplicate(&here, &json!({"Key": taint["key"], "Value": value, "Effect": taint["effect"]}));
        }
    }
    findings.list
}

pub fn priority_class(class: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("PriorityClass"), class, old, names::subdomain);
    let body = &class.0;
    let system = matches!(class.name(), "system-cluster-critical" | "system-node-critical");
    if let Some(old) = old {
        if body["value"] != old.0["value"] {
            findings.forbidden(&Path::root("value"), "may not be changed in an update.");
        }
        findings.immutable(&Path::root("preemptionPolicy"), &body["preemptionPolicy"], &old.0["preemptionPolicy"]);
    } else if class.name().starts_with("system-") && !system {
        findings.forbidden(&METADATA.child("name"), "priority class names with 'system-' prefix are reserved for system use only");
    } else if !system && body["value"].as_i64().unwrap_or(0) > MAX_USER_PRIORITY {
        findings.forbidden(&Path::root("value"), "maximum allowed value of a user defined priority is 1000000000");
    }
    if old.is_none() {
        findings.optional_one_of(&Path::root("preemptionPolicy"), &body["preemptionPolicy"], &["PreemptLowerPriority", "Never"]);
    }
    findings.list
}

/// Upstream looks at the spec alone, so a budget may be called anything that a path can hold.
pub fn pod_disruption_budget(budget: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("PodDisruptionBudget"), budget, old, names::path_segment);
    let spec = &budget.0["spec"];
    let [least, most] = ["minAvailable", "maxUnavailable"].map(|field| &spec[field]);
    if !least.is_null() && !most.is_null() {
        let shown = godiff::json("PodDisruptionBudgetSpec", spec);
        findings.add(&SPEC, format!("Invalid value: {shown}: minAvailable and maxUnavailable cannot be both set"));
    }
    for (field, value) in [("minAvailable", least), ("maxUnavailable", most)] {
        if !value.is_null() {
            int_or_percent(&mut findings, &SPEC.child(field), value);
            at_most_all(&mut findings, &SPEC.child(field), value);
        }
    }
    if spec["selector"].is_object() {
        label_selector(&mut findings, &SPEC.child("selector"), &spec["selector"]);
    }
    findings.optional_one_of(&SPEC.child("unhealthyPodEvictionPolicy"), &spec["unhealthyPodEvictionPolicy"], &["AlwaysAllow", "IfHealthyBudget"]);
    findings.list
}
