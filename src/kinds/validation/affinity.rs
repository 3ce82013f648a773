//! Node selectors, affinity, tolerations, spread constraints. Models ValidateNodeSelector, validateAffinity, ValidateTolerations.

use super::metadata::{label_selector, label_values};
use super::{Findings, Path, Value, entries, list, names, range_error, text};

/// A node selector of a volume or a pod.
pub fn node_selector(findings: &mut Findings, at: &Path, selector: &Value) {
    let terms_at = at.child("nodeSelectorTerms");
    let terms = list(selector, "nodeSelectorTerms");
    if terms.is_empty() {
        findings.required(&terms_at, "must have at least one node selector term");
    }
    for (index, term) in terms.iter().enumerate() {
        node_selector_term(findings, &terms_at.index(index), term);
    }
}

fn node_selector_term(findings: &mut Findings, at: &Path, term: &Value) {
    let expressions = at.child("matchExpressions");
    for (index, requirement) in list(term, "matchExpressions").iter().enumerate() {
        let here = expressions.index(index);
        operator(findings, &here, requirement);
        names::label_name(findings, &here.child("key"), text(requirement, "key"));
        label_values(findings, &here.child("values"), list(requirement, "values"));
    }
    let fields = at.child("matchFields");
    for (index, requirement) in list(term, "matchFields").iter().enumerate() {
        field_requirement(findings, &fields.index(index), requirement);
    }
}

fn operator(findings: &mut Findings, at: &Path, requirement: &Value) {
    let count = list(requirement, "values").len();
    match text(requirement, "operator") {
        "In" | "NotIn" if count == 0 => findings.required(&at.child("values"), "must be specified when `operator` is 'In' or 'NotIn'"),
        "Exists" | "DoesNotExist" if count > 0 => {
            findings.forbidden(&at.child("values"), "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
        }
        "Gt" | "Lt" if count != 1 => findings.required(&at.child("values"), "must be specified single value when `operator` is 'Lt' or 'Gt'"),
        "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt" => {}
        other => findings.invalid_text(&at.child("operator"), other, "not a valid selector operator"),
    }
}

fn field_requirement(findings: &mut Findings, at: &Path, requirement: &Value) {
    match text(requirement, "operator") {
        "In" | "NotIn" => {
            if list(requirement, "values").len() != 1 {
                findings.required(&at.child("values"), "must be only one value when `operator` is 'In' or 'NotIn' for node field selector");
            }
        }
        other => findings.invalid_text(&at.child("operator"), other, "not a valid selector operator"),
    }
    if text(requirement, "key") == "metadata.name" {
        let values_at = at.child("values");
        for (index, value) in list(requirement, "values").iter().enumerate() {
            let name = value.as_str().unwrap_or("");
            findings.all_invalid(&values_at.index(index), name, names::subdomain(name));
        }
    } else {
        findings.invalid_text(&at.child("key"), text(requirement, "key"), "not a valid field selector key");
    }
}

/// `spec.affinity` of a pod.
pub fn affinity(findings: &mut Findings, at: &Path, affinity: &Value) {
    if let Some(node) = affinity.get("nodeAffinity") {
        let here = at.child("nodeAffinity");
        let required = &node["requiredDuringSchedulingIgnoredDuringExecution"];
        if required.is_object() {
            node_selector(findings, &here.child("requiredDuringSchedulingIgnoredDuringExecution"), required);
        }
        let preferred_at = here.child("preferredDuringSchedulingIgnoredDuringExecution");
        for (index, term) in list(node, "preferredDuringSchedulingIgnoredDuringExecution").iter().enumerate() {
            let here = preferred_at.index(index);
            weight(findings, &here, term);
            node_selector_term(findings, &here.child("preference"), &term["preference"]);
        }
    }
    for name in ["podAffinity", "podAntiAffinity"] {
        let Some(pods) = affinity.get(name) else { continue };
        let here = at.child(name);
        let required_at = here.child("requiredDuringSchedulingIgnoredDuringExecution");
        for (index, term) in list(pods, "requiredDuringSchedulingIgnoredDuringExecution").iter().enumerate() {
            pod_affinity_term(findings, &required_at.index(index), term);
        }
        let preferred_at = here.child("preferredDuringSchedulingIgnoredDuringExecution");
        for (index, term) in list(pods, "preferredDuringSchedulingIgnoredDuringExecution").iter().enumerate() {
            let here = preferred_at.index(index);
            weight(findings, &here, term);
            pod_affinity_term(findings, &here.child("podAffinityTerm"), &term["podAffinityTerm"]);
        }
    }
}

fn weight(findings: &mut Findings, at: &Path, term: &Value) {
    if !term["weight"].as_i64().is_some_and(|weight| (1..=100).contains(&weight)) {
        let value = if term["weight"].is_null() { Value::from(0) } else { term["weight"].clone() };
        findings.invalid(&at.child("weight"), &value, "must be in the range 1-100");
    }
}

fn pod_affinity_term(findings: &mut Findings, at: &Path, term: &Value) {
    label_selector(findings, &at.child("labelSelector"), &term["labelSelector"]);
    label_selector(findings, &at.child("namespaceSelector"), &term["namespaceSelector"]);
    for (index, namespace) in list(term, "namespaces").iter().enumerate() {
        let name = namespace.as_str().unwrap_or("");
        findings.all_invalid(&at.child("namespaces").index(index), name, names::label(name));
    }
    topology_key(findings, at, text(term, "topologyKey"));
}

fn topology_key(findings: &mut Findings, at: &Path, key: &str) {
    if key.is_empty() {
        findings.required(&at.child("topologyKey"), "can not be empty");
    } else {
        names::label_name(findings, &at.child("topologyKey"), key);
    }
}

/// `spec.tolerations` of a pod.
pub fn tolerations(findings: &mut Findings, at: &Path, tolerations: &[Value]) {
    for (index, toleration) in tolerations.iter().enumerate() {
        let here = at.index(index);
        let (key, operator, effect) = (text(toleration, "key"), text(toleration, "operator"), text(toleration, "effect"));
        if !key.is_empty() {
            names::label_name(findings, &here.child("key"), key);
        } else if operator != "Exists" {
            findings.invalid_text(
                &here.child("operator"),
                operator,
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"",
            );
        }
        if !toleration["tolerationSeconds"].is_null() && effect != "NoExecute" {
            findings.invalid_text(&here.child("effect"), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
        }
        let value = text(toleration, "value");
        match operator {
            "Equal" | "" => findings.all_invalid(&here.child("operator"), value, crate::values::selector::label_value_errors(value)),
            "Exists" if !value.is_empty() => {
                findings.invalid(&here.child("operator"), toleration, "value must be empty when `operator` is 'Exists'");
            }
            "Exists" => {}
            _ => findings.unsupported(&here.child("operator"), &toleration["operator"], &["Equal", "Exists"]),
        }
        if !effect.is_empty() {
            findings.one_of(&here.child("effect"), &toleration["effect"], &["NoSchedule", "PreferNoSchedule", "NoExecute"]);
        }
    }
}

/// `spec.topologySpreadConstraints` of a pod.
pub fn spread(findings: &mut Findings, at: &Path, constraints: &[Value]) {
    for (index, constraint) in constraints.iter().enumerate() {
        let here = at.index(index);
        if constraint["maxSkew"].as_i64().unwrap_or(0) <= 0 {
            let value = if constraint["maxSkew"].is_null() { Value::from(0) } else { constraint["maxSkew"].clone() };
            findings.invalid(&here.child("maxSkew"), &value, super::NOT_POSITIVE);
        }
        topology_key(findings, &here, text(constraint, "topologyKey"));
        findings.one_of(&here.child("whenUnsatisfiable"), &constraint["whenUnsatisfiable"], &["DoNotSchedule", "ScheduleAnyway"]);
        label_selector(findings, &here.child("labelSelector"), &constraint["labelSelector"]);
    }
}

/// The topologies that a storage class allows.
pub fn topologies(findings: &mut Findings, at: &Path, topologies: &[Value]) {
    for (index, term) in topologies.iter().enumerate() {
        let expressions = at.index(index);
        let expressions = expressions.child("matchLabelExpressions");
        // Terms that say the same are duplicates, and so is one that says nothing.
        let conditions = list(term, "matchLabelExpressions");
        if conditions.is_empty() || topologies[..index].contains(term) {
            findings.duplicate(&expressions, &Value::from(""));
        }
        for (index, requirement) in list(term, "matchLabelExpressions").iter().enumerate() {
            let here = expressions.index(index);
            let values = list(requirement, "values");
            if values.is_empty() {
                findings.required(&here.child("values"), "");
            }
            for (index, value) in values.iter().enumerate() {
                if values[..index].contains(value) {
                    findings.duplicate(&here.child("values").index(index), value);
                }
            }
            names::label_name(findings, &here.child("key"), text(requirement, "key"));
        }
    }
}

/// `spec.nodeSelector` of a pod: a map of labels.
pub fn node_labels(findings: &mut Findings, at: &Path, spec: &Value) {
    if entries(spec, "nodeSelector").next().is_some() {
        names::labels(findings, at, &spec["nodeSelector"]);
    }
}

/// A number that must lie in a range.
pub fn in_range(findings: &mut Findings, at: &Path, value: &Value, low: i64, high: i64) {
    if value.as_i64().is_some_and(|number| !(low..=high).contains(&number)) {
        findings.invalid(at, value, &range_error(low, high));
    }
}
