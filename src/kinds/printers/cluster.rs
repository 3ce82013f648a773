//! Nodes, namespaces, events, and what only holds data.

use super::{AGE, Column, Instant, NAME, Object, column, number, or, since, wide};
use crate::values::object::{Value, str_at};
use crate::values::order::Order;

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
    roles.order();
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

fn node_address(node: &Object, kind: &str) -> String {
    let found = node.list(&["status", "addresses"]).iter().find(|address| address["type"] == kind);
    or(found.map_or("", |address| str_at(address, &["address"])), "<none>")
}

pub const NODE: &[Column] = &[
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
];

pub const NAMESPACE: &[Column] = &[NAME, column("STATUS", |namespace, _| namespace.str(&["status", "phase"]).to_owned()), AGE];

fn keys(object: &Object) -> String {
    let count = |field| object.map(&[field]).map_or(0, |map| map.len());
    (count("data") + count("binaryData")).to_string()
}

const DATA: Column = column("DATA", |object, _| keys(object));

pub const CONFIG_MAP: &[Column] = &[NAME, DATA, AGE];
pub const SECRET: &[Column] = &[NAME, column("TYPE", |secret, _| secret.str(&["type"]).to_owned()), DATA, AGE];
pub const SERVICE_ACCOUNT: &[Column] = &[NAME, column("SECRETS", |account, _| account.list(&["secrets"]).len().to_string()), AGE];
pub const LEASE: &[Column] = &[NAME, column("HOLDER", |lease, _| lease.str(&["spec", "holderIdentity"]).to_owned()), AGE];

pub const POD_DISRUPTION_BUDGET: &[Column] = &[
    NAME,
    column("MIN AVAILABLE", |budget, _| number_or_percent(budget, "minAvailable")),
    column("MAX UNAVAILABLE", |budget, _| number_or_percent(budget, "maxUnavailable")),
    column("ALLOWED DISRUPTIONS", |budget, _| number(budget, &["status", "disruptionsAllowed"])),
    AGE,
];

fn number_or_percent(budget: &Object, field: &str) -> String {
    match budget.at(&["spec", field]) {
        Some(crate::values::object::Value::String(text)) => text.to_string(),
        Some(value) => value.to_string(),
        None => "N/A".to_owned(),
    }
}

pub const PRIORITY_CLASS: &[Column] = &[
    NAME,
    column("VALUE", |class, _| number(class, &["value"])),
    column("GLOBAL-DEFAULT", |class, _| class.bool(&["globalDefault"]).to_string()),
    AGE,
    column("PREEMPTIONPOLICY", |class, _| or(class.str(&["preemptionPolicy"]), "PreemptLowerPriority")),
];

/// `statefulset.apps/web`: the controller among an object's owners.
fn controller(object: &Object) -> String {
    let owner = object.list(&["metadata", "ownerReferences"]).iter().find(|owner| owner["controller"] == true);
    owner.map_or("<none>".to_owned(), |owner| {
        let kind = str_at(owner, &["kind"]).to_ascii_lowercase();
        match str_at(owner, &["apiVersion"]).split_once('/') {
            Some((group, _)) => format!("{kind}.{group}/{}", str_at(owner, &["name"])),
            None => format!("{kind}/{}", str_at(owner, &["name"])),
        }
    })
}

pub const CONTROLLER_REVISION: &[Column] =
    &[NAME, column("CONTROLLER", |revision, _| controller(revision)), column("REVISION", |revision, _| number(revision, &["revision"])), AGE];

fn first_seen(event: &Object, now: Instant) -> String {
    let first = event.str(&["firstTimestamp"]);
    since(if first.is_empty() { event.str(&["eventTime"]) } else { first }, now, "<unknown>")
}

fn last_seen(event: &Object, now: Instant) -> String {
    match (event.str(&["series", "lastObservedTime"]), event.str(&["lastTimestamp"])) {
        ("", "") => first_seen(event, now),
        ("", last) | (last, _) => since(last, now, "<unknown>"),
    }
}

fn event_object(event: &Object) -> String {
    let kind = event.str(&["involvedObject", "kind"]).to_ascii_lowercase();
    match event.str(&["involvedObject", "name"]) {
        "" => kind,
        name => format!("{kind}/{name}"),
    }
}

fn event_source(event: &Object) -> String {
    let first = |old: &[&str], new: &str| or(event.str(old), event.str(&[new]));
    let component = first(&["source", "component"], "reportingComponent");
    match first(&["source", "host"], "reportingInstance") {
        host if host.is_empty() => component,
        host => format!("{component}, {host}"),
    }
}

fn event_count(event: &Object) -> i64 {
    event.at(&["series", "count"]).and_then(Value::as_i64).or(event.int(&["count"]).filter(|count| *count > 0)).unwrap_or(1)
}

pub const EVENT: &[Column] = &[
    column("LAST SEEN", last_seen),
    column("TYPE", |event, _| event.str(&["type"]).to_owned()),
    column("REASON", |event, _| event.str(&["reason"]).to_owned()),
    column("OBJECT", |event, _| event_object(event)),
    wide("SUBOBJECT", |event, _| event.str(&["involvedObject", "fieldPath"]).to_owned()),
    wide("SOURCE", |event, _| event_source(event)),
    column("MESSAGE", |event, _| event.str(&["message"]).trim().to_owned()),
    wide("FIRST SEEN", first_seen),
    wide("COUNT", |event, _| event_count(event).to_string()),
    wide("NAME", |event, _| event.name().to_owned()),
];
