//! Endpoints.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::{default, each};
use super::printers::{AGE, NAME, column, limited};
use super::validation::{Findings, Path, list, metadata, names, same, text};
use crate::values::object::{Object, Value, json, str_at};
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "Endpoints",
    plural: "endpoints",
    short_names: &["ep"],
    defaults,
    validate,
    columns: &[NAME, column("ENDPOINTS", |object, _| endpoints(object)), AGE],
    ..BASE
};

fn defaults(object: &mut Object, _: Option<&Object>) {
    for subset in each(&mut object.0, "subsets") {
        each(subset, "ports").for_each(|port| default(port, "protocol", json!("TCP")));
    }
}

/// Models ValidateEndpoints: subsets as they were may stay, however wrong.
fn validate(def: &KindDef, endpoints: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, endpoints, old, names::subdomain);
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

fn endpoints(object: &Object) -> String {
    let subsets = object.list(&["subsets"]);
    if subsets.is_empty() {
        return "<none>".to_owned();
    }
    let mut all = Vec::new();
    for subset in subsets {
        let addresses = subset["addresses"].as_array().map_or(&[][..], Vec::as_slice);
        let ports = subset["ports"].as_array().map_or(&[][..], Vec::as_slice);
        if ports.is_empty() {
            all.extend(addresses.iter().map(|address| str_at(address, &["ip"]).to_owned()));
        }
        for port in ports {
            all.extend(addresses.iter().map(|address| format!("{}:{}", str_at(address, &["ip"]), port["port"])));
        }
    }
    limited(&all, ",")
}
