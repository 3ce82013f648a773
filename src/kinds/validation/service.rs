//! Service. Models ValidateService and ValidateServiceUpdate.

use super::{Findings, Path, SPEC, Value, list, metadata, names, same, spec_of, text};
use crate::kinds::{self, godiff};
use crate::values::object::{Object, json};
use crate::values::status::FieldError;
use std::collections::BTreeSet;

pub fn service(service: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    let spec = spec_of(service);
    // Addresses are looked at when they are allocated, before all else.
    cluster_ip(&mut findings, spec);
    if !findings.list.is_empty() {
        return findings.list;
    }
    metadata::object(&mut findings, kinds::def("Service"), service, old, names::label_1035);
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

/// Models ValidateEndpoints: subsets as they were may stay, however wrong.
pub fn endpoints(endpoints: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("Endpoints"), endpoints, old, names::subdomain);
    if old.is_some_and(|old| same(&old.0["subsets"], &endpoints.0["subsets"])) {
        return findings.list;
    }
    let subsets_at = Path::root("subsets");
    for (index, subset) in list(&endpoints.0, "subsets").iter().enumerate() {
        let here = subsets_at.index(index);
        if list(subset, "addresses").is_empty() && list(subset, "notReadyAddresses").is_empty() {
            findings.required(&here, "must specify `addresses` or `notReadyAddresses`");
        }
        for field in ["addresses", "notReadyAddresses"] {
            let list_at = here.child(field);
            for (index, address) in list(subset, field).iter().enumerate() {
                endpoint_address(&mut findings, &list_at.index(index), address);
            }
        }
        let ports_at = here.child("ports");
        let ports = list(subset, "ports");
        for (index, port) in ports.iter().enumerate() {
            let here = ports_at.index(index);
            match text(port, "name") {
                "" if ports.len() > 1 => findings.required(&here.child("name"), ""),
                "" => {}
                name => findings.all_invalid(&here.child("name"), name, names::label(name)),
            }
            names::port(&mut findings, &here.child("port"), &port["port"]);
            findings.one_of(&here.child("protocol"), &port["protocol"], &["SCTP", "TCP", "UDP"]);
        }
    }
    findings.list
}

fn endpoint_address(findings: &mut Findings, at: &Path, address: &Value) {
    let (ip_at, ip) = (at.child("ip"), text(address, "ip"));
    let parsed = ip.parse::<std::net::IpAddr>();
    if parsed.is_err() {
        findings.invalid_text(&ip_at, ip, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
    }
    for (field, rule) in [("hostname", names::label as names::Rule), ("nodeName", names::subdomain)] {
        if let Some(name) = address[field].as_str().filter(|name| field != "hostname" || !name.is_empty()) {
            findings.all_invalid(&at.child(field), name, rule(name));
        }
    }
    match parsed {
        Err(_) => findings.invalid_text(&ip_at, ip, "must be a valid IP address"),
        Ok(parsed) if parsed.is_unspecified() => findings.invalid_text(&ip_at, ip, &format!("may not be unspecified ({ip})")),
        Ok(parsed) if parsed.is_loopback() => findings.invalid_text(&ip_at, ip, "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        Ok(std::net::IpAddr::V4(parsed)) if parsed.is_link_local() => {
            findings.invalid_text(&ip_at, ip, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
        }
        Ok(_) => {}
    }
}
