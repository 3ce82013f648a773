//! expose: a service before what is there. Models kubectl/pkg/cmd/expose.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::generate::object::number_or_name;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::write::DryRun;
use crate::kinds;
use crate::values::object::{Map, Object, Value, json};

/// The pods that a service before an object would choose, and their ports.
fn exposed(object: &Object) -> Option<(Value, Vec<Value>)> {
    let (selector, containers) = match object.kind() {
        "Pod" => (&["metadata", "labels"][..], &["spec", "containers"][..]),
        "Service" => (&["spec", "selector"][..], &["spec", "none"][..]),
        "Deployment" | "ReplicaSet" => (&["spec", "selector", "matchLabels"][..], &["spec", "template", "spec", "containers"][..]),
        _ => return None,
    };
    let selector = object.at(selector).cloned().unwrap_or_default();
    let mut ports = Vec::new();
    for container in object.list(containers) {
        let listed = container.get("ports").and_then(Value::as_array).into_iter().flatten();
        ports.extend(listed.map(|port| json!({"port": port["containerPort"], "protocol": port["protocol"].as_str().unwrap_or("TCP")})));
    }
    if object.kind() == "Service" {
        ports = object.list(&["spec", "ports"]).iter().map(|port| json!({"port": port["port"], "protocol": port["protocol"]})).collect();
    }
    Some((selector, ports))
}

/// `a=b,c=d`
fn pairs(text: &str) -> Map {
    text.split(',').filter_map(|pair| pair.split_once('=')).map(|(key, value)| (key.to_owned(), json!(value))).collect()
}

/// The ports of `--port`, else those of what is exposed.
fn ports(invocation: &Invocation<'_, '_>, own: Vec<Value>) -> Result<Vec<Value>, Failure> {
    let given = invocation.args.text("port");
    let protocol = invocation.args.value("protocol").filter(|text| !text.is_empty());
    let mut ports = own;
    if !given.is_empty() {
        ports = Vec::new();
        for port in given.split(',') {
            let number = port.parse::<i32>().map_err(|_| Failure::plain(format!("strconv.Atoi: parsing {port:?}: invalid syntax")))?;
            ports.push(json!({"port": number, "protocol": protocol.unwrap_or("TCP")}));
        }
    }
    if ports.is_empty() {
        return Err(Failure::plain("couldn't find port via --port flag or introspection"));
    }
    let target = invocation.args.text("target-port");
    let several = ports.len() > 1;
    for (index, port) in ports.iter_mut().enumerate() {
        port["targetPort"] = if target.is_empty() { port["port"].clone() } else { number_or_name(target) };
        if let Some(protocol) = protocol {
            port["protocol"] = json!(protocol);
        }
        if several {
            port["name"] = json!(format!("port-{}", index + 1));
        }
    }
    Ok(ports)
}

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    // What the service is to select, not which objects are to be exposed.
    let selector = invocation.args.take("selector").filter(|text| !text.is_empty());
    let words = invocation.words();
    let (found, failures) = invocation.existing(&words)?;
    Failure::all(failures)?;
    for object in found {
        let def = kinds::def(object.kind());
        let Some((own_selector, own_ports)) = exposed(&object) else {
            let group = if def.group.is_empty() { String::new() } else { format!(".{}", def.group) };
            return Err(Failure::plain(format!("cannot expose a {}{group}", def.kind)));
        };
        if selector.is_none() && own_selector.as_object().is_none_or(Map::is_empty) {
            let why = match object.kind() {
                "Pod" => "the pod has no labels and cannot be exposed".to_owned(),
                "Service" => "the service has no pod selector set".to_owned(),
                kind => format!("invalid {}: no selectors, therefore cannot be exposed", kind.to_ascii_lowercase()),
            };
            return Err(Failure::plain(format!("couldn't retrieve selectors via --selector flag or introspection: {why}")));
        }
        let selector = selector.as_ref().map_or(own_selector, |text| Value::Object(pairs(text)));
        let affinity = invocation.args.text("session-affinity");
        if !["", "None", "ClientIP"].contains(&affinity) {
            return Err(Failure::plain(format!("unknown session affinity: {affinity}")));
        }
        let name = invocation.args.value("name").filter(|name| !name.is_empty()).unwrap_or(object.name()).to_owned();
        let mut spec = json!({"ports": ports(invocation, own_ports)?, "selector": selector});
        for (flag, field) in [
            ("type", "type"),
            ("cluster-ip", "clusterIP"),
            ("external-ip", "externalIPs"),
            ("load-balancer-ip", "loadBalancerIP"),
            ("session-affinity", "sessionAffinity"),
        ] {
            if let Some(value) = invocation.args.value(flag).filter(|value| !value.is_empty()) {
                spec[field] = if flag == "external-ip" { json!([value]) } else { json!(value) };
            }
        }
        let mut service =
            Object(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec, "status": {"loadBalancer": {}}}));
        let labels = invocation.args.text("labels");
        match object.at(&["metadata", "labels"]) {
            _ if !labels.is_empty() => service.set(&["metadata", "labels"], Value::Object(pairs(labels))),
            Some(labels) => service.set(&["metadata", "labels"], labels.clone()),
            None => {}
        }
        if dry_run == DryRun::Client {
            invocation.report(&service, "exposed", dry_run)?;
            continue;
        }
        service.set(&["metadata", "namespace"], json!(object.namespace()));
        let created = invocation.create_object(service, dry_run)?;
        invocation.report(&created, "exposed", dry_run)?;
    }
    Ok(None)
}
