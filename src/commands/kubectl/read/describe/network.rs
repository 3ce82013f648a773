//! Services, endpoints, endpoint slices.

use super::context::{Context, labels_text, or_none};
use super::writer::Writer;
use crate::values::object::{Object, Value, str_at};

/// More addresses of a service than these are only counted.
const ENDPOINTS_SHOWN: usize = 3;

pub(super) fn service(service: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(service);
    writer.metadata(service);
    let text = |field: &str| service.str(&["spec", field]);
    let texts = |field: &str| -> String { service.list(&["spec", field]).iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",") };
    writer.line(0, &format!("Selector:\t{}", labels_text(service, &["spec", "selector"])));
    writer.line(0, &format!("Type:\t{}", text("type")));
    if !text("ipFamilyPolicy").is_empty() {
        writer.line(0, &format!("IP Family Policy:\t{}", text("ipFamilyPolicy")));
    }
    let families = texts("ipFamilies");
    writer.line(0, &format!("IP Families:\t{}", or_none(&families)));
    writer.line(0, &format!("IP:\t{}", text("clusterIP")));
    let addresses = texts("clusterIPs");
    writer.line(0, &format!("IPs:\t{}", or_none(&addresses)));
    for (title, value) in [
        ("External IPs", texts("externalIPs")),
        ("Desired LoadBalancer IP", text("loadBalancerIP").to_owned()),
        ("External Name", text("externalName").to_owned()),
        ("LoadBalancer Ingress", ingress(service)),
    ] {
        if !value.is_empty() {
            writer.line(0, &format!("{title}:\t{value}"));
        }
    }
    for port in service.list(&["spec", "ports"]) {
        let name = match str_at(port, &["name"]) {
            "" => "<unset>",
            name => name,
        };
        let protocol = str_at(port, &["protocol"]);
        writer.line(0, &format!("Port:\t{name}\t{}/{protocol}", port["port"]));
        let target = port["targetPort"].as_str().map_or_else(|| port["targetPort"].to_string(), str::to_owned);
        writer.line(0, &format!("TargetPort:\t{target}/{protocol}"));
        if let Some(node_port) = port["nodePort"].as_i64().filter(|port| *port != 0) {
            writer.line(0, &format!("NodePort:\t{name}\t{node_port}/{protocol}"));
        }
        writer.line(0, &format!("Endpoints:\t{}", ready_addresses(service, str_at(port, &["name"]), context)));
    }
    writer.line(0, &format!("Session Affinity:\t{}", text("sessionAffinity")));
    for (title, field) in [("External Traffic Policy", "externalTrafficPolicy"), ("Internal Traffic Policy", "internalTrafficPolicy")] {
        if !text(field).is_empty() {
            writer.line(0, &format!("{title}:\t{}", text(field)));
        }
    }
    if let Some(port) = service.int(&["spec", "healthCheckNodePort"]).filter(|port| *port != 0) {
        writer.line(0, &format!("HealthCheck NodePort:\t{port}"));
    }
    let sources = texts("loadBalancerSourceRanges");
    if !sources.is_empty() {
        writer.line(0, &format!("LoadBalancer Source Ranges:\t{sources}"));
    }
    context.events(service, writer);
}

fn ingress(service: &Object) -> String {
    let all: Vec<String> = service
        .list(&["status", "loadBalancer", "ingress"])
        .iter()
        .map(|entry| match str_at(entry, &["ip"]) {
            "" => str_at(entry, &["hostname"]).to_owned(),
            ip => format!("{ip}{}", if str_at(entry, &["ipMode"]).is_empty() { String::new() } else { format!(" ({})", str_at(entry, &["ipMode"])) }),
        })
        .collect();
    all.join(", ")
}

/// The ready addresses behind a service's port, from its endpoint slices.
fn ready_addresses(service: &Object, port_name: &str, context: &Context<'_>) -> String {
    let mut all = Vec::new();
    for slice in context.cluster.api.list("EndpointSlice", Some(service.namespace())) {
        if slice.str(&["metadata", "labels", "kubernetes.io/service-name"]) != service.name() {
            continue;
        }
        let ports: Vec<&Value> = slice.list(&["ports"]).iter().filter(|port| str_at(port, &["name"]) == port_name).collect();
        for endpoint in slice.list(&["endpoints"]).iter().filter(|endpoint| endpoint["conditions"]["ready"] != false) {
            for address in endpoint["addresses"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                all.extend(ports.iter().map(|port| format!("{address}:{}", port["port"])));
            }
        }
    }
    let mut text = all[..all.len().min(ENDPOINTS_SHOWN)].join(",");
    if all.len() > ENDPOINTS_SHOWN {
        text.push_str(&format!(" + {} more...", all.len() - ENDPOINTS_SHOWN));
    }
    text
}

/// A text that may be absent.
fn or_unset(text: &str) -> &str {
    if text.is_empty() { "<unset>" } else { text }
}

pub(super) fn endpoints(endpoints: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(endpoints);
    writer.metadata(endpoints);
    writer.line(0, "Subsets:");
    for subset in endpoints.list(&["subsets"]) {
        for (title, field) in [("Addresses", "addresses"), ("NotReadyAddresses", "notReadyAddresses")] {
            let addresses: Vec<&str> = subset[field].as_array().into_iter().flatten().map(|address| str_at(address, &["ip"])).collect();
            writer.line(1, &format!("{title}:\t{}", or_none(&addresses.join(","))));
        }
        let ports = subset["ports"].as_array().map_or(&[][..], Vec::as_slice);
        if !ports.is_empty() {
            writer.line(1, "Ports:");
            port_table(ports, 2, writer);
        }
        writer.line(0, "");
    }
    context.events(endpoints, writer);
}

fn port_table(ports: &[Value], level: usize, writer: &mut Writer) {
    writer.line(level, "Name\tPort\tProtocol");
    writer.line(level, "----\t----\t--------");
    for port in ports {
        let number = port["port"].as_i64().map_or_else(|| "<unset>".to_owned(), |port| port.to_string());
        writer.line(level, &format!("{}\t{number}\t{}", or_unset(str_at(port, &["name"])), str_at(port, &["protocol"])));
    }
}

pub(super) fn endpoint_slice(slice: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(slice);
    writer.metadata(slice);
    writer.line(0, &format!("AddressType:\t{}", slice.str(&["addressType"])));
    let ports = slice.list(&["ports"]);
    if ports.is_empty() {
        writer.line(0, "Ports: <unset>");
    } else {
        writer.line(0, "Ports:");
        port_table(ports, 1, writer);
    }
    let endpoints = slice.list(&["endpoints"]);
    writer.line(0, if endpoints.is_empty() { "Endpoints: <none>" } else { "Endpoints:" });
    for endpoint in endpoints {
        let addresses: Vec<&str> = endpoint["addresses"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        writer.line(1, &format!("- Addresses:\t{}", or_none(&addresses.join(", "))));
        writer.line(2, "Conditions:");
        let ready = endpoint["conditions"]["ready"].as_bool().map_or_else(|| "<unset>".to_owned(), |ready| ready.to_string());
        writer.line(3, &format!("Ready:\t{ready}"));
        writer.line(2, &format!("Hostname:\t{}", or_unset(str_at(endpoint, &["hostname"]))));
        if endpoint.get("targetRef").is_some() {
            writer.line(2, &format!("TargetRef:\t{}/{}", str_at(endpoint, &["targetRef", "kind"]), str_at(endpoint, &["targetRef", "name"])));
        }
        writer.line(2, &format!("NodeName:\t{}", or_unset(str_at(endpoint, &["nodeName"]))));
        writer.line(2, &format!("Zone:\t{}", or_unset(str_at(endpoint, &["zone"]))));
    }
    context.events(slice, writer);
}
