//! Node.

use super::base::BASE;
use super::def::KindDef;
use super::printers::{AGE, NAME, column, or, wide};
use super::validation::{Findings, SPEC, list, metadata, names, text};
use crate::values::object::{Object, Value, json, str_at};
use crate::values::selector::label_value_errors;
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "Node",
    plural: "nodes",
    short_names: &["no"],
    namespaced: false,
    validate,
    columns: &[
        NAME,
        column("STATUS", |node, _| node_status(node)),
        column("ROLES", |node, _| node_roles(node)),
        AGE,
        column("VERSION", |node, _| node.str(&["status", "nodeInfo", "kubeletVersion"]).to_owned()),
        wide("INTERNAL-IP", |node, _| node_address(node, "InternalIP")),
        wide("EXTERNAL-IP", |node, _| node_address(node, "ExternalIP")),
        wide("OS-IMAGE", |node, _| or(node.str(&["status", "nodeInfo", "osImage"]), "<unknown>")),
        wide("KERNEL-VERSION", |node, _| or(node.str(&["status", "nodeInfo", "kernelVersion"]), "<unknown>")),
        wide("CONTAINER-RUNTIME", |node, _| or(node.str(&["status", "nodeInfo", "containerRuntimeVersion"]), "<unknown>")),
    ],
    ..BASE
};

fn validate(def: &KindDef, node: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, node, old, names::subdomain);
    let taints_at = SPEC.child("taints");
    let taints = list(&node.0["spec"], "taints");
    for (index, taint) in taints.iter().enumerate() {
        let here = taints_at.index(index);
        names::label_name(&mut findings, &here.child("key"), text(taint, "key"));
        let value = text(taint, "value");
        findings.all_invalid(&here.child("value"), value, label_value_errors(value));
        findings.one_of(&here.child("effect"), &taint["effect"], &["NoSchedule", "PreferNoSchedule", "NoExecute"]);
        let same = |other: &Value| other["key"] == taint["key"] && other["effect"] == taint["effect"];
        if taints[..index].iter().any(same) {
            findings.duplicate(&here, &json!({"Key": taint["key"], "Value": value, "Effect": taint["effect"]}));
        }
    }
    findings.list
}

fn node_address(node: &Object, kind: &str) -> String {
    let found = node.list(&["status", "addresses"]).iter().find(|address| address["type"] == kind);
    or(found.map_or("", |address| str_at(address, &["address"])), "<none>")
}

/// The roles of a node by its labels, sorted; `<none>` where it has none.
pub fn node_roles(node: &Object) -> String {
    let mut roles: Vec<&str> = Vec::new();
    for (key, value) in node.map(&["metadata", "labels"]).into_iter().flatten() {
        match key.strip_prefix("node-role.kubernetes.io/") {
            Some(role) if !role.is_empty() => roles.push(role),
            _ if key == "kubernetes.io/role" => roles.extend(value.as_str().filter(|role| !role.is_empty())),
            _ => {}
        }
    }
    roles.sort();
    roles.dedup();
    or(&roles.join(","), "<none>")
}

pub fn node_status(node: &Object) -> String {
    let ready = node.list(&["status", "conditions"]).iter().find(|condition| condition["type"] == "Ready");
    let status = match ready {
        Some(condition) if condition["status"] == "True" => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    format!("{status}{}", if node.bool(&["spec", "unschedulable"]) { ",SchedulingDisabled" } else { "" })
}
