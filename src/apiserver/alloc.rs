//! Addresses and node ports of Services. Models pkg/registry/core/service/storage/alloc.go and ipallocator.
//!
//! Real allocators choose at random; here the lowest free one is given, so that addresses come in order of creation.

use super::store::Store;
use crate::values::object::{Object, ObjectKey, Value, json};
use std::collections::BTreeSet;

/// The service network where no `kubernetes` Service says another: 10.96.0.0/12.
const DEFAULT_NETWORK: u32 = 0x0a60_0000;
/// The first addresses are kept for those who ask for one themselves.
const FIRST_DYNAMIC: u32 = 256;
const NODE_PORTS: std::ops::RangeInclusive<i64> = 30_000..=32_767;
/// As with addresses, the first ports are kept for those who ask for one.
const FIRST_DYNAMIC_PORT: i64 = 30_086;

fn parse_ip(text: &str) -> Option<u32> {
    let mut parts = text.split('.').map(|part| part.parse::<u8>().ok());
    let bytes = [parts.next()??, parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then(|| u32::from_be_bytes(bytes))
}

fn print_ip(ip: u32) -> String {
    let [a, b, c, d] = ip.to_be_bytes();
    format!("{a}.{b}.{c}.{d}")
}

/// Gives a Service what it needs and lacks: cluster address, node ports, health check port.
pub fn service(store: &Store, service: &mut Object, old: Option<&Object>) {
    let kind = service.str(&["spec", "type"]).to_owned();
    if let Some(old) = old {
        drop_type_dependent(service, old);
    }
    if kind == "ExternalName" {
        return;
    }
    if let Some(old) = old.filter(|old| old.str(&["spec", "type"]) != "ExternalName") {
        for field in ["clusterIP", "clusterIPs"] {
            if let (None, Some(value)) = (service.at(&["spec", field]), old.at(&["spec", field])) {
                let value = value.clone();
                service.set(&["spec", field], value);
            }
        }
    }
    // The list follows where only the first of it was changed.
    if old.is_some_and(|old| service.at(&["spec", "clusterIPs"]) == old.at(&["spec", "clusterIPs"]))
        && !service.str(&["spec", "clusterIP"]).is_empty()
    {
        let mut addresses = service.list(&["spec", "clusterIPs"]).to_vec();
        if let Some(first) = addresses.first_mut() {
            *first = json!(service.str(&["spec", "clusterIP"]));
        }
        service.set(&["spec", "clusterIPs"], Value::from(addresses));
    }
    let own = ObjectKey::new("Service", service.namespace(), service.name());
    if service.str(&["spec", "clusterIP"]).is_empty() {
        let ip = free_ip(store, &own);
        service.set(&["spec", "clusterIP"], json!(ip));
    }
    if service.at(&["spec", "clusterIPs"]).is_none() {
        let ip = service.str(&["spec", "clusterIP"]).to_owned();
        service.set(&["spec", "clusterIPs"], json!([ip]));
    }
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer") {
        let wanted = service.at(&["spec", "allocateLoadBalancerNodePorts"]).and_then(Value::as_bool).unwrap_or(true);
        if wanted || kind == "NodePort" {
            node_ports(store, &own, service, old);
        }
    }
}

/// What the old type of a Service needed, and nobody changed, goes with it. Models dropTypeDependentFields.
fn drop_type_dependent(service: &mut Object, old: &Object) {
    let has = |object: &Object, kinds: &[&str]| kinds.contains(&object.str(&["spec", "type"]));
    let leaves = |service: &Object, kinds: &[&str]| has(old, kinds) && !has(service, kinds);
    if leaves(service, &["ClusterIP", "NodePort", "LoadBalancer"]) {
        for field in ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] {
            if same_field(service, old, field) {
                service.remove(&["spec", field]);
            }
        }
    }
    let node_ports = |object: &Object| object.list(&["spec", "ports"]).iter().filter_map(|port| port["nodePort"].as_i64()).collect::<Vec<i64>>();
    if leaves(service, &["NodePort", "LoadBalancer"]) && node_ports(service).iter().all(|port| node_ports(old).contains(port)) {
        let mut ports = service.list(&["spec", "ports"]).to_vec();
        for port in ports.iter_mut().filter_map(Value::as_object_mut) {
            port.remove("nodePort");
        }
        service.set(&["spec", "ports"], Value::from(ports));
        if same_field(service, old, "externalTrafficPolicy") {
            service.remove(&["spec", "externalTrafficPolicy"]);
        }
    }
    if leaves(service, &["LoadBalancer"]) && same_field(service, old, "allocateLoadBalancerNodePorts") {
        service.remove(&["spec", "allocateLoadBalancerNodePorts"]);
    }
}

fn same_field(service: &Object, old: &Object, field: &str) -> bool {
    service.at(&["spec", field]) == old.at(&["spec", field])
}

fn others<'a>(store: &'a Store, own: &'a ObjectKey) -> impl Iterator<Item = &'a Object> {
    store.list("Service", None).map(|service| &**service).filter(|service| *service.name() != *own.name || *service.namespace() != *own.namespace)
}

fn free_ip(store: &Store, own: &ObjectKey) -> String {
    let kubernetes = store.get(&ObjectKey::new("Service", "default", "kubernetes"));
    let network = kubernetes.and_then(|service| parse_ip(service.str(&["spec", "clusterIP"]))).map_or(DEFAULT_NETWORK, |ip| ip & !0xffff);
    let used: BTreeSet<u32> = others(store, own).filter_map(|service| parse_ip(service.str(&["spec", "clusterIP"]))).collect();
    let first = if kubernetes.is_none() { network + 1 } else { network + FIRST_DYNAMIC + 1 };
    let mut ip = first;
    while used.contains(&ip) {
        ip += 1;
    }
    print_ip(ip)
}

fn node_ports(store: &Store, own: &ObjectKey, service: &mut Object, old: Option<&Object>) {
    let mut used: BTreeSet<i64> =
        others(store, own).flat_map(|service| service.list(&["spec", "ports"])).filter_map(|port| port["nodePort"].as_i64()).collect();
    let mut ports = service.list(&["spec", "ports"]).to_vec();
    used.extend(ports.iter().filter_map(|port| port["nodePort"].as_i64()));
    for port in &mut ports {
        if port["nodePort"].as_i64().unwrap_or(0) != 0 {
            continue;
        }
        let same = |other: &&Value| other["port"] == port["port"] && other["protocol"] == port["protocol"];
        let before = old.and_then(|old| old.list(&["spec", "ports"]).iter().find(same)).and_then(|port| port["nodePort"].as_i64());
        let free = || NODE_PORTS.skip_while(|port| *port < FIRST_DYNAMIC_PORT).find(|port| !used.contains(port));
        if let Some(number) = before.or_else(free) {
            used.insert(number);
            port["nodePort"] = json!(number);
        }
    }
    service.set(&["spec", "ports"], Value::from(ports));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_in_order() {
        let store = Store::default();
        let mut web = Object(json!({"metadata": {"name": "web", "namespace": "default"}, "spec": {"type": "NodePort", "ports": [{"port": 80}]}}));
        service(&store, &mut web, None);
        assert_eq!(web.str(&["spec", "clusterIP"]), "10.96.0.1");
        assert_eq!(web.list(&["spec", "ports"])[0]["nodePort"], 30_086);
        assert_eq!(parse_ip("10.96.0.300"), None);
    }
}
