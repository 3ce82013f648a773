//! create service clusterip, externalname, loadbalancer, nodeport. Models kubectl/pkg/cmd/create/create_service.go.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::generate::object::{finish, name};
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::values::object::{Object, json};

/// A port's number, as Go reads it.
fn service_port(text: &str) -> Result<u16, Failure> {
    text.parse::<u16>().map_err(|_| {
        let range = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        Failure::plain(format!("strconv.ParseUint: parsing {text:?}: {}", if range { "value out of range" } else { "invalid syntax" }))
    })
}

/// `create service TYPE NAME --tcp=port:target`.
pub fn service(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    let kind = match invocation.verb.name.rsplit(' ').next() {
        Some("nodeport") => "NodePort",
        Some("loadbalancer") => "LoadBalancer",
        Some("externalname") => "ExternalName",
        _ => "ClusterIP",
    };
    let mut ports = Vec::new();
    for port in invocation.args.values("tcp") {
        let (from, to) = port.split_once(':').unwrap_or((port, port));
        let number = service_port(from)?;
        let target = match to.parse::<i64>() {
            Ok(number) if !(1..=65535).contains(&number) => return Err(Failure::plain("must be between 1 and 65535, inclusive")),
            Ok(number) => json!(number),
            Err(_) => json!(to),
        };
        ports.push(json!({"name": port.replace(':', "-"), "port": number, "protocol": "TCP", "targetPort": target}));
    }
    if let Some(node_port) = invocation.args.int("node-port").filter(|port| *port != 0) {
        for port in &mut ports {
            port["nodePort"] = json!(node_port);
        }
    }
    let headless = invocation.args.text("clusterip") == "None";
    if ports.is_empty() && !headless && kind != "ExternalName" {
        return Err(Failure::plain("at least one tcp port specifier must be provided"));
    }
    let mut spec = json!({"selector": {"app": name}, "type": kind});
    if !ports.is_empty() {
        spec["ports"] = json!(ports);
    }
    if invocation.args.given("clusterip") {
        spec["clusterIP"] = json!(invocation.args.text("clusterip"));
    }
    if kind == "ExternalName" {
        spec["externalName"] = json!(invocation.args.text("external-name"));
    }
    finish(
        invocation,
        Object(json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": {"app": name}},
            "spec": spec, "status": {"loadBalancer": {}},
        })),
    )
}
