//! Endpoints and EndpointSlices: the addresses of the pods behind a Service.
//!
//! Models pkg/controller/endpoint and pkg/controller/endpointslice. Simplified: one slice a Service, IPv4 only.

use crate::apiserver::store::Store;
use crate::apiserver::{DeleteOptions, WriteOptions};
use crate::control::rules::owners::{controller_reference, is_controlled_by, named_after};
use crate::control::rules::pods::is_pod_ready;
use crate::control::rules::services::{selects, target_port};
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::kinds::readers::pods::is_terminal;
use crate::values::object::{Map, Object, ObjectKey, Value, json};
use crate::values::status::Status;
use std::rc::Rc;

pub const CONTROLLER: Controller =
    Controller { name: "endpointslice-controller", watches: &[("Service", Keys::Itself), ("Pod", Keys::Of(services_of_pod))], sync };

fn services_of_pod(pod: &Object, store: &Store) -> Vec<ObjectKey> {
    store
        .list("Service", Some(pod.namespace()))
        .filter(|service| selects(service, pod))
        .map(|service| ObjectKey::new("Service", service.namespace(), service.name()))
        .collect()
}

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let endpoints_key = ObjectKey::new("Endpoints", &key.namespace, &key.name);
    let Ok(service) = ctx.api.get(key).cloned() else {
        if ctx.api.store().get(&endpoints_key).is_some() {
            ctx.api.delete(&endpoints_key, &DeleteOptions::default())?;
        }
        return Ok(Action::AwaitChange);
    };
    if service.map(&["spec", "selector"]).is_none_or(Map::is_empty) || service.str(&["spec", "type"]) == "ExternalName" {
        return Ok(Action::AwaitChange);
    }
    let mut pods: Vec<Rc<Object>> = ctx
        .api
        .list("Pod", Some(&key.namespace))
        .filter(|pod| selects(&service, pod) && !pod.str(&["status", "podIP"]).is_empty() && !is_terminal(pod))
        .cloned()
        .collect();
    pods.sort_by_key(|pod| pod.str(&["status", "podIP"]).parse::<std::net::Ipv4Addr>().ok());
    write_endpoints(ctx, &service, &endpoints_key, &pods)?;
    write_slice(ctx, &service, &pods)?;
    load_balancer(ctx, key, &service)?;
    Ok(Action::AwaitChange)
}

fn counts_as_ready(service: &Object, pod: &Object) -> bool {
    service.bool(&["spec", "publishNotReadyAddresses"]) || (is_pod_ready(pod) && !pod.is_terminating())
}

fn hostname_of<'a>(service: &Object, pod: &'a Object) -> Option<&'a str> {
    let hostname = pod.str(&["spec", "hostname"]);
    (!hostname.is_empty() && pod.str(&["spec", "subdomain"]) == service.name()).then_some(hostname)
}

fn write_endpoints(ctx: &mut Ctx<'_>, service: &Object, key: &ObjectKey, pods: &[Rc<Object>]) -> Result<(), Status> {
    let (mut ready, mut waiting) = (Vec::new(), Vec::new());
    for pod in pods {
        if pod.is_terminating() && !service.bool(&["spec", "publishNotReadyAddresses"]) {
            continue;
        }
        let mut address = json!({
            "ip": pod.str(&["status", "podIP"]),
            "nodeName": pod.str(&["spec", "nodeName"]),
            "targetRef": {"kind": "Pod", "name": pod.name(), "namespace": pod.namespace(), "uid": pod.uid()},
        });
        if let Some(hostname) = hostname_of(service, pod) {
            address["hostname"] = json!(hostname);
        }
        if counts_as_ready(service, pod) { ready.push(address) } else { waiting.push(address) }
    }
    let mut endpoints = Object::new("v1", "Endpoints", &key.namespace, &key.name);
    if let Some(labels) = service.at(&["metadata", "labels"]) {
        endpoints.set(&["metadata", "labels"], labels.clone());
    }
    endpoints.set(&["metadata", "labels", "endpoints.kubernetes.io/managed-by"], json!("endpoint-controller"));
    if service.str(&["spec", "clusterIP"]) == "None" {
        endpoints.set(&["metadata", "labels", "service.kubernetes.io/headless"], json!(""));
    }
    endpoints.set_annotation("endpoints.kubernetes.io/last-change-trigger-time", &ctx.now.rfc3339());
    if !ready.is_empty() || !waiting.is_empty() {
        let mut subset = json!({});
        for (field, list) in [("addresses", ready), ("notReadyAddresses", waiting)] {
            if !list.is_empty() {
                subset[field] = Value::from(list);
            }
        }
        if let Some(pod) = pods.first() {
            subset["ports"] = ports(service, pod);
        }
        endpoints.set(&["subsets"], Value::from(vec![subset]));
    }
    match ctx.api.store().get(key).cloned() {
        None => ctx.api.create(endpoints, &mut WriteOptions::default()).map(drop),
        Some(old) if old.at(&["subsets"]) == endpoints.at(&["subsets"]) => Ok(()),
        Some(_) => ctx
            .api
            .change(key, |old| {
                let subsets = endpoints.remove(&["subsets"]);
                match subsets {
                    Some(subsets) => old.set(&["subsets"], subsets),
                    None => drop(old.remove(&["subsets"])),
                }
            })
            .map(drop),
    }
}

fn ports(service: &Object, pod: &Object) -> Value {
    let port = |port: &Value| {
        let number = target_port(port, pod)?;
        let mut found = json!({"port": number, "protocol": port["protocol"]});
        if let Some(name) = port.get("name") {
            found["name"] = name.clone();
        }
        Some(found)
    };
    Value::Array(service.list(&["spec", "ports"]).iter().filter_map(port).collect())
}

fn write_slice(ctx: &mut Ctx<'_>, service: &Object, pods: &[Rc<Object>]) -> Result<(), Status> {
    let endpoints: Vec<Value> = pods
        .iter()
        .map(|pod| {
            let ready = counts_as_ready(service, pod);
            let mut endpoint = json!({
                "addresses": [pod.str(&["status", "podIP"])],
                "conditions": {"ready": ready, "serving": is_pod_ready(pod), "terminating": pod.is_terminating()},
                "nodeName": pod.str(&["spec", "nodeName"]),
                "targetRef": {"kind": "Pod", "name": pod.name(), "namespace": pod.namespace(), "uid": pod.uid()},
            });
            if let Some(hostname) = hostname_of(service, pod) {
                endpoint["hostname"] = json!(hostname);
            }
            endpoint
        })
        .collect();
    let endpoints = Value::from(endpoints);
    let mut port_list = pods.first().map_or_else(|| json!([]), |pod| ports(service, pod));
    for port in port_list.as_array_mut().into_iter().flatten() {
        if port.get("name").is_none() {
            port["name"] = json!("");
        }
    }
    let slices = named_after(ctx.api.store(), "EndpointSlice", service.namespace(), service.name());
    let existing = slices.into_iter().find(|slice| is_controlled_by(slice, service));
    match existing {
        Some(old) => {
            if old.at(&["endpoints"]) != Some(&endpoints) || old.at(&["ports"]) != Some(&port_list) {
                let key = ObjectKey::new("EndpointSlice", old.namespace(), old.name());
                ctx.api.change(&key, |slice| {
                    slice.set(&["endpoints"], endpoints);
                    slice.set(&["ports"], port_list);
                })?;
            }
        }
        None => {
            let mut slice = Object(json!({
                "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                "metadata": {"generateName": format!("{}-", service.name()), "namespace": service.namespace()},
            }));
            slice.set(&["endpoints"], endpoints);
            slice.set(&["ports"], port_list);
            if let Some(labels) = service.at(&["metadata", "labels"]) {
                slice.set(&["metadata", "labels"], labels.clone());
            }
            slice.set(&["metadata", "labels", "endpointslice.kubernetes.io/managed-by"], json!("endpointslice-controller.k8s.io"));
            slice.set(&["metadata", "labels", "kubernetes.io/service-name"], json!(service.name()));
            if service.str(&["spec", "clusterIP"]) == "None" {
                slice.set(&["metadata", "labels", "service.kubernetes.io/headless"], json!(""));
            }
            slice.set(&["metadata", "ownerReferences"], json!([controller_reference(service)]));
            ctx.api.create(slice, &mut WriteOptions::default())?;
        }
    }
    Ok(())
}

/// Where the cluster has load balancers, each such Service gets the first node's address.
fn load_balancer(ctx: &mut Ctx<'_>, key: &ObjectKey, service: &Object) -> Result<(), Status> {
    let wants = service.str(&["spec", "type"]) == "LoadBalancer" && service.at(&["status", "loadBalancer", "ingress"]).is_none();
    if !wants || !ctx.flavour.load_balancer {
        return Ok(());
    }
    let node = ctx.api.list("Node", None).next().cloned();
    let address = node
        .as_ref()
        .and_then(|node| node.list(&["status", "addresses"]).iter().find(|address| address["type"] == "InternalIP")?["address"].as_str());
    if let Some(address) = address {
        ctx.api.change_status(key, |service| service.set(&["status", "loadBalancer", "ingress"], json!([{"ip": address, "ipMode": "VIP"}])))?;
    }
    Ok(())
}
