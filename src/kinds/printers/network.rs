//! Services and their endpoints.

use super::{AGE, Column, NAME, Object, column, labels, or, wide};
use crate::values::object::{Value, str_at};

/// More endpoints or ports than this are counted, not shown.
const SHOWN: usize = 3;
/// Longer lists of load balancer addresses are cut.
const ADDRESS_WIDTH: usize = 16;

fn limited(all: &[String], separator: &str) -> String {
    let mut text = all[..all.len().min(SHOWN)].join(separator);
    if all.len() > SHOWN {
        text.push_str(&format!(" + {} more...", all.len() - SHOWN));
    }
    text
}

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

pub const SERVICE: &[Column] = &[
    NAME,
    column("TYPE", |service, _| or(service.str(&["spec", "type"]), "ClusterIP")),
    column("CLUSTER-IP", |service, _| or(service.str(&["spec", "clusterIP"]), "<none>")),
    column("EXTERNAL-IP", |service, _| external_addresses(service)),
    column("PORT(S)", |service, _| service_ports(service)),
    AGE,
    wide("SELECTOR", |service, _| labels(service.map(&["spec", "selector"]))),
];

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

pub const ENDPOINTS: &[Column] = &[NAME, column("ENDPOINTS", |object, _| endpoints(object)), AGE];

fn slice_ports(slice: &Object) -> String {
    let ports: Vec<String> = slice
        .list(&["ports"])
        .iter()
        .map(|port| match (port["port"].as_i64(), str_at(port, &["name"])) {
            (Some(number), _) => number.to_string(),
            (None, "") => "*".to_owned(),
            (None, name) => name.to_owned(),
        })
        .collect();
    if ports.is_empty() { "<unset>".to_owned() } else { limited(&ports, ",") }
}

fn slice_endpoints(slice: &Object) -> String {
    let addresses: Vec<String> = slice
        .list(&["endpoints"])
        .iter()
        .filter_map(|endpoint| endpoint["addresses"].as_array())
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if addresses.is_empty() { "<unset>".to_owned() } else { limited(&addresses, ",") }
}

pub const ENDPOINT_SLICE: &[Column] = &[
    NAME,
    column("ADDRESSTYPE", |slice, _| slice.str(&["addressType"]).to_owned()),
    column("PORTS", |slice, _| slice_ports(slice)),
    column("ENDPOINTS", |slice, _| slice_endpoints(slice)),
    AGE,
];
