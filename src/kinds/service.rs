//! Service. Models pkg/apis/core and pkg/api/service.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::{default, each, spec};
use super::godiff;
use super::printers::{AGE, NAME, column, labels, or, wide};
use super::validation::{Findings, SPEC, list, metadata, names, spec_of, text, warnings};
use crate::values::object::{Object, Value, json, str_at};
use crate::values::status::FieldError;
use std::collections::BTreeSet;

pub const DEF: KindDef = KindDef {
    kind: "Service",
    plural: "services",
    short_names: &["svc"],
    categories: &["all"],
    defaults,
    validate,
    warnings,
    columns: &[
        NAME,
        column("TYPE", |service, _| or(service.str(&["spec", "type"]), "ClusterIP")),
        column("CLUSTER-IP", |service, _| or(service.str(&["spec", "clusterIP"]), "<none>")),
        column("EXTERNAL-IP", |service, _| external_addresses(service)),
        column("PORT(S)", |service, _| service_ports(service)),
        AGE,
        wide("SELECTOR", |service, _| labels(service.map(&["spec", "selector"]))),
    ],
    ..BASE
};

fn defaults(object: &mut Object, old: Option<&Object>) {
    let spec = spec(object);
    default(spec, "type", json!("ClusterIP"));
    default(spec, "sessionAffinity", json!("None"));
    let external_name = spec["type"] == "ExternalName";
    if !external_name {
        default(spec, "internalTrafficPolicy", json!("Cluster"));
        default(spec, "ipFamilies", json!(["IPv4"]));
        default(spec, "ipFamilyPolicy", json!("SingleStack"));
    }
    if spec["type"] == "NodePort" || spec["type"] == "LoadBalancer" {
        default(spec, "externalTrafficPolicy", json!("Cluster"));
    }
    if spec["type"] == "LoadBalancer" {
        default(spec, "allocateLoadBalancerNodePorts", json!(true));
    }
    if spec["sessionAffinity"] == "ClientIP" {
        default(spec, "sessionAffinityConfig", json!({"clientIP": {"timeoutSeconds": 10800}}));
    }
    for port in each(spec, "ports") {
        default(port, "protocol", json!("TCP"));
        let number = port["port"].clone();
        default(port, "targetPort", number);
    }
    // What a change leaves out of the allocated addresses stays as it was.
    for field in ["clusterIP", "clusterIPs"] {
        if let Some(value) = old.and_then(|old| old.at(&["spec", field])).filter(|_| !external_name) {
            default(spec, field, value.clone());
        }
    }
}

fn validate(def: &KindDef, service: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    let spec = spec_of(service);
    // Addresses are looked at when they are allocated, before all else.
    cluster_ip(&mut findings, spec);
    if !findings.list.is_empty() {
        return findings.list;
    }
    metadata::object(&mut findings, def, service, old, names::label_1035);
    if let Some(old) = old {
        update(&mut findings, spec, spec_of(old));
    }
    let headless = text(spec, "clusterIP") == "None";
    let kind = text(spec, "type");
    if list(spec, "ports").is_empty() && !headless && kind != "ExternalName" {
        findings.required(&SPEC.child("ports"), "");
    }
    type_needs(&mut findings, spec, kind, headless);
    ports(&mut findings, spec);
    names::labels(&mut findings, &SPEC.child("selector"), &spec["selector"]);
    findings.one_of(&SPEC.child("sessionAffinity"), &spec["sessionAffinity"], &["ClientIP", "None"]);
    let addresses_at = SPEC.child("externalIPs");
    for (index, address) in list(spec, "externalIPs").iter().enumerate() {
        let address = address.as_str().unwrap_or("");
        if address.parse::<std::net::IpAddr>().is_err() {
            findings.invalid_text(&addresses_at.index(index), address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
    }
    findings.one_of(&SPEC.child("type"), &spec["type"], &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"]);
    port_conflicts(&mut findings, spec, kind);
    let policies = ["Cluster", "Local"];
    findings.optional_one_of(&SPEC.child("externalTrafficPolicy"), &spec["externalTrafficPolicy"], &policies);
    findings.optional_one_of(&SPEC.child("internalTrafficPolicy"), &spec["internalTrafficPolicy"], &policies);
    if !list(spec, "loadBalancerSourceRanges").is_empty() && kind != "LoadBalancer" {
        findings.forbidden(&SPEC.child("LoadBalancerSourceRanges"), "may only be used when `type` is 'LoadBalancer'");
    }
    findings.optional_one_of(&SPEC.child("ipFamilyPolicy"), &spec["ipFamilyPolicy"], &["PreferDualStack", "RequireDualStack", "SingleStack"]);
    findings.list
}

fn warnings(service: &Object, _: Option<&Object>) -> Vec<String> {
    let mut warnings = warnings::Warnings::default();
    let spec = spec_of(service);
    if text(spec, "clusterIP") == "None" {
        if text(spec, "sessionAffinity") == "ClientIP" {
            warnings.list.push("spec.SessionAffinity is ignored for headless services".to_owned());
        }
        for (field, set) in [("loadBalancerIP", !text(spec, "loadBalancerIP").is_empty()), ("externalIPs", !list(spec, "externalIPs").is_empty())] {
            if set {
                warnings.list.push(format!("spec.{field} is ignored for headless services"));
            }
        }
    }
    warnings.list
}

fn type_needs(findings: &mut Findings, spec: &Value, kind: &str, headless: bool) {
    let addresses_at = SPEC.child("clusterIPs");
    match kind {
        "LoadBalancer" | "NodePort" if headless => {
            let why = format!("may not be set to 'None' for {kind} services");
            findings.invalid_text(&addresses_at.index(0), "None", &why);
        }
        "ExternalName" => {
            if !list(spec, "clusterIPs").is_empty() {
                findings.forbidden(&addresses_at, "may not be set when `type` is 'ExternalName'");
            }
            let name = text(spec, "externalName");
            if name.is_empty() {
                findings.required(&SPEC.child("externalName"), "");
            } else {
                let bare = name.strip_suffix('.').unwrap_or(name);
                findings.all_invalid(&SPEC.child("externalName"), bare, names::subdomain(bare));
            }
        }
        _ => {}
    }
}

fn ports(findings: &mut Findings, spec: &Value) {
    let ports_at = SPEC.child("ports");
    let ports = list(spec, "ports");
    let mut known = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        let here = ports_at.index(index);
        let name = text(port, "name");
        if name.is_empty() {
            if ports.len() > 1 {
                findings.required(&here.child("name"), "");
            }
        } else {
            findings.all_invalid(&here.child("name"), name, names::label(name));
            if !known.insert(name) {
                findings.duplicate(&here.child("name"), &port["name"]);
            }
        }
        names::port(findings, &here.child("port"), &port["port"]);
        findings.one_of(&here.child("protocol"), &port["protocol"], &["SCTP", "TCP", "UDP"]);
        names::port_or_name(findings, &here.child("targetPort"), &port["targetPort"]);
    }
}

fn port_conflicts(findings: &mut Findings, spec: &Value, kind: &str) {
    let ports_at = SPEC.child("ports");
    let (mut numbers, mut node_ports) = (BTreeSet::new(), BTreeSet::new());
    for (index, port) in list(spec, "ports").iter().enumerate() {
        let here = ports_at.index(index);
        let node_port = port["nodePort"].as_i64().unwrap_or(0);
        if kind == "ClusterIP" && node_port != 0 {
            findings.forbidden(&here.child("nodePort"), "may not be used when `type` is 'ClusterIP'");
        }
        if node_port != 0 {
            if !node_ports.insert((text(port, "protocol"), node_port)) {
                findings.duplicate(&here.child("nodePort"), &port["nodePort"]);
            } else if !(30_000..=32_767).contains(&node_port) {
                findings.invalid(
                    &here.child("nodePort"),
                    &port["nodePort"],
                    "provided port is not in the valid range. The range of valid ports is 30000-32767",
                );
            }
        }
        if !numbers.insert((text(port, "protocol"), port["port"].as_i64().unwrap_or(0))) {
            let key = json!({"protocol": text(port, "protocol"), "port": port["port"]});
            findings.add(&here, format!("Duplicate value: {}", godiff::json("ServicePort", &key)));
        }
    }
}

fn cluster_ip(findings: &mut Findings, spec: &Value) {
    let address = text(spec, "clusterIP");
    if text(spec, "type") == "ExternalName" || address.is_empty() || address == "None" {
        return;
    }
    if address.parse::<std::net::IpAddr>().is_err() {
        let at = SPEC.child("clusterIPs");
        findings.invalid_text(&at.index(0), address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    }
}

fn update(findings: &mut Findings, spec: &Value, old: &Value) {
    let named = |spec: &Value| text(spec, "type") == "ExternalName";
    let (address, before) = (text(spec, "clusterIP"), text(old, "clusterIP"));
    if !named(spec) && !named(old) && !before.is_empty() && address != before {
        let at = SPEC.child("clusterIPs");
        findings.invalid(&at.index(0), &spec["clusterIPs"], "may not change once set");
    }
}

/// Longer lists of load balancer addresses are cut.
const ADDRESS_WIDTH: usize = 16;

fn external_addresses(service: &Object) -> String {
    let texts = |list: &[Value]| -> Vec<String> { list.iter().filter_map(Value::as_str).map(str::to_owned).collect() };
    let given = texts(service.list(&["spec", "externalIPs"]));
    match service.str(&["spec", "type"]) {
        "ExternalName" => service.str(&["spec", "externalName"]).to_owned(),
        "LoadBalancer" => {
            let ingress: Vec<String> = service
                .list(&["status", "loadBalancer", "ingress"])
                .iter()
                .map(|entry| or(str_at(entry, &["ip"]), str_at(entry, &["hostname"])))
                .filter(|address| !address.is_empty())
                .collect();
            let mut balanced = ingress.join(",");
            if balanced.len() > ADDRESS_WIDTH {
                balanced = format!("{}...", balanced.chars().take(ADDRESS_WIDTH - 3).collect::<String>());
            }
            match (balanced.is_empty(), given.is_empty()) {
                (true, true) => "<pending>".to_owned(),
                (false, true) => balanced,
                (true, false) => given.join(","),
                (false, false) => format!("{balanced},{}", given.join(",")),
            }
        }
        _ => or(&given.join(","), "<none>"),
    }
}

fn service_ports(service: &Object) -> String {
    let ports: Vec<String> = service
        .list(&["spec", "ports"])
        .iter()
        .map(|port| {
            let protocol = or(str_at(port, &["protocol"]), "TCP");
            match port["nodePort"].as_i64().filter(|port| *port > 0) {
                Some(node_port) => format!("{}:{node_port}/{protocol}", port["port"]),
                None => format!("{}/{protocol}", port["port"]),
            }
        })
        .collect();
    or(&ports.join(","), "<none>")
}
