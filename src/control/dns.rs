//! The cluster's names: A and PTR answers from Services and pods, and what their addresses serve.
//!
//! Models the CoreDNS kubernetes plugin and kube-proxy as a pod sees them.

use super::kubelet::state::Kubelets;
use super::rules::pods::{full_name, hostname, is_pod_ready};
use super::rules::services::{selects, target_port};
use crate::apiserver::ApiServer;
use crate::kinds::readers::pods::{is_terminal, name_of};
use crate::machine::disks::Disks;
use crate::machine::images;
use crate::machine::kernel::{HttpGet, Network};
use crate::machine::vfs::ReadView;
use crate::runtime::{Container, ContainerId, Networks, RuntimeId, Runtimes, Served};
use crate::values::object::{Object, ObjectKey, Value};
use std::rc::Rc;

const DOMAIN: &str = "cluster.local";
/// How many ExternalName Services one name may lead through.
const ALIASES_MAX: usize = 8;

/// The network as a pod of a namespace, or a node, sees it.
pub struct ClusterNetwork<'a> {
    pub api: &'a ApiServer,
    pub kubelets: &'a Kubelets,
    pub runtimes: &'a Runtimes,
    pub namespace: &'a str,
    /// The pod's own address.
    pub address: &'a str,
    /// The requests that were answered.
    pub served: Vec<Served>,
}

/// The network of a cluster's containers, each as its pod sees it.
pub struct PodNetworks<'a> {
    pub api: &'a ApiServer,
    pub kubelets: &'a Kubelets,
}

impl Networks for PodNetworks<'_> {
    fn with_network(&self, runtimes: &Runtimes, _: RuntimeId, container: &ContainerId, act: &mut dyn FnMut(&mut dyn Network)) -> Vec<Served> {
        let pod = self.kubelets.pod(&container.sandbox);
        let (namespace, address) = pod.map_or(("", ""), |pod| (&*pod.key.namespace, pod.ip.as_str()));
        let mut network = ClusterNetwork { api: self.api, kubelets: self.kubelets, runtimes, namespace, address, served: Vec::new() };
        act(&mut network);
        network.served
    }
}

impl ClusterNetwork<'_> {
    /// The addresses of a full name (`web-0.nginx.default.svc.cluster.local`).
    fn records(&self, name: &str, depth: usize) -> Option<Vec<String>> {
        let rest = name.trim_end_matches('.').strip_suffix(DOMAIN)?.strip_suffix('.')?.strip_suffix(".svc")?;
        let parts: Vec<&str> = rest.split('.').collect();
        let (host, service, namespace) = match parts.as_slice() {
            [service, namespace] => (None, *service, *namespace),
            [host, service, namespace] => (Some(*host), *service, *namespace),
            _ => return None,
        };
        let service = self.api.store().get(&ObjectKey::new("Service", namespace, service))?;
        if service.str(&["spec", "type"]) == "ExternalName" {
            let target = service.str(&["spec", "externalName"]);
            return if depth < ALIASES_MAX { self.records(target, depth + 1) } else { None };
        }
        let address = service.str(&["spec", "clusterIP"]);
        if host.is_none() && address != "None" {
            return Some(vec![address.to_owned()]);
        }
        let found: Vec<String> = self
            .pods_behind(service)
            .filter(|pod| host.is_none_or(|host| host_of(service, pod) == host))
            .map(|pod| pod.str(&["status", "podIP"]).to_owned())
            .collect();
        (!found.is_empty()).then_some(found)
    }

    /// The Service of a full name and what stands before it.
    fn service_named<'n>(&self, name: &'n str) -> Option<(Vec<&'n str>, &Rc<Object>)> {
        let rest = name.trim_end_matches('.').strip_suffix(DOMAIN)?.strip_suffix(".svc.")?;
        let mut parts: Vec<&str> = rest.split('.').collect();
        let (namespace, service) = (parts.pop()?, parts.pop()?);
        Some((parts, self.api.store().get(&ObjectKey::new("Service", namespace, service))?))
    }

    fn pods_behind<'a>(&'a self, service: &'a Object) -> impl Iterator<Item = &'a Rc<Object>> {
        let all = service.bool(&["spec", "publishNotReadyAddresses"]);
        self.api.list("Pod", Some(service.namespace())).filter(move |pod| {
            selects(service, pod) && !pod.str(&["status", "podIP"]).is_empty() && (all || (is_pod_ready(pod) && !pod.is_terminating()))
        })
    }

    fn pod_at(&self, address: &str) -> Option<&Rc<Object>> {
        self.api.list("Pod", None).find(|pod| pod.str(&["status", "podIP"]) == address && !is_terminal(pod))
    }

    fn node_at(&self, address: &str) -> bool {
        self.api.list("Node", None).any(|node| node.list(&["status", "addresses"]).iter().any(|found| found["address"] == address))
    }

    /// A Service's address and port as a pod's.
    fn behind_service(&self, address: &str, port: u16) -> Option<(String, u16)> {
        let service = self.api.list("Service", None).find(|service| {
            service.str(&["spec", "clusterIP"]) == address
                || service.list(&["status", "loadBalancer", "ingress"]).iter().any(|found| found["ip"] == address)
        })?;
        let wanted = service.list(&["spec", "ports"]).iter().find(|found| found["port"] == u64::from(port))?;
        let pod = self.pods_behind(service).next()?;
        Some((pod.str(&["status", "podIP"]).to_owned(), target_port(wanted, pod)? as u16))
    }

    /// Whether something listens at a pod's address and port.
    pub fn listens(&self, address: &str, port: u16) -> bool {
        self.pod_at(address).is_some_and(|pod| self.server(pod, port).is_some())
    }

    /// The serving container of a pod at a port.
    fn server<'a>(&'a self, pod: &'a Object, port: u16) -> Option<(&'a Value, &'a Container)> {
        pod.list(&["spec", "containers"]).iter().find_map(|spec| {
            let container = self.kubelets.container(self.runtimes, pod.uid(), spec["name"].as_str()?)?.container?;
            let declared = spec["ports"].as_array().into_iter().flatten().any(|found| found["containerPort"] == u64::from(port));
            let image = images::find(spec["image"].as_str()?)?;
            let serves = image.serves.is_some() && port == 80;
            (container.serves() && (declared || serves)).then_some((spec, container))
        })
    }
}

fn host_of(service: &Object, pod: &Object) -> String {
    if pod.str(&["spec", "subdomain"]) == service.name() && !pod.str(&["spec", "hostname"]).is_empty() {
        hostname(pod)
    } else {
        pod.str(&["status", "podIP"]).replace('.', "-")
    }
}

/// What a web server answers whose files lie under `root`.
fn page(files: &ReadView<'_>, root: &str, path: &str) -> (u16, Vec<u8>) {
    let wrong = |title: &str| {
        format!("<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n").into_bytes()
    };
    let plain = path.split(['?', '#']).next().unwrap_or("/");
    let mut file = format!("{root}{}", crate::machine::vfs::normal(plain));
    if files.is_directory(&file) {
        file = format!("{}/index.html", file.trim_end_matches('/'));
        if !files.exists(&file) {
            return (403, wrong("403 Forbidden"));
        }
    }
    files.read(&file).map_or_else(|_| (404, wrong("404 Not Found")), |bytes| (200, bytes))
}

impl Network for ClusterNetwork<'_> {
    fn lookup(&self, name: &str) -> Option<Vec<String>> {
        if name.parse::<std::net::Ipv4Addr>().is_ok() {
            return Some(vec![name.to_owned()]);
        }
        if name == "localhost" {
            return Some(vec!["127.0.0.1".to_owned()]);
        }
        let own = self.pod_at(self.address).filter(|pod| hostname(pod) == name || full_name(pod) == name);
        if own.is_some() {
            return Some(vec![self.address.to_owned()]);
        }
        let suffixes = [format!(".{}.svc.{DOMAIN}", self.namespace), format!(".svc.{DOMAIN}"), format!(".{DOMAIN}"), String::new()];
        suffixes.iter().find_map(|suffix| self.records(&format!("{name}{suffix}"), 0))
    }

    fn reverse(&self, address: &str) -> Option<String> {
        if let Some(service) = self.api.list("Service", None).find(|service| service.str(&["spec", "clusterIP"]) == address) {
            return Some(format!("{}.{}.svc.{DOMAIN}", service.name(), service.namespace()));
        }
        let pod = self.pod_at(address)?;
        // A pod has a name of its own only behind a headless Service that selects it.
        let named =
            self.api.list("Service", Some(pod.namespace())).find(|service| service.str(&["spec", "clusterIP"]) == "None" && selects(service, pod))?;
        Some(format!("{}.{}.{}.svc.{DOMAIN}", host_of(named, pod), named.name(), pod.namespace()))
    }

    fn alias(&self, name: &str) -> Option<String> {
        let (before, service) = self.service_named(name)?;
        let target = service.str(&["spec", "externalName"]);
        (before.is_empty() && service.str(&["spec", "type"]) == "ExternalName").then(|| target.to_owned())
    }

    fn services(&self, name: &str) -> Option<Vec<String>> {
        let (before, service) = self.service_named(name)?;
        let domain = format!("{}.{}.svc.{DOMAIN}", service.name(), service.namespace());
        let headless = service.str(&["spec", "clusterIP"]) == "None";
        let wanted = |port: &Value| match before.as_slice() {
            [] => true,
            [name, protocol] => {
                name.strip_prefix('_') == port["name"].as_str()
                    && protocol.strip_prefix('_') == port["protocol"].as_str().map(str::to_lowercase).as_deref()
            }
            _ => false,
        };
        let mut records = Vec::new();
        for port in service.list(&["spec", "ports"]).iter().filter(|port| wanted(port)) {
            let hosts: Vec<(String, i64)> = if headless {
                self.pods_behind(service).map(|pod| (format!("{}.{domain}", host_of(service, pod)), target_port(port, pod).unwrap_or(0))).collect()
            } else {
                vec![(domain.clone(), port["port"].as_i64().unwrap_or(0))]
            };
            let weight = 100 / hosts.len().max(1);
            records.extend(hosts.into_iter().map(|(host, port)| format!("0 {weight} {port} {host}")));
        }
        (!records.is_empty()).then_some(records)
    }

    fn answers_ping(&self, address: &str) -> bool {
        address.starts_with("127.") || address == self.address || self.pod_at(address).is_some() || self.node_at(address)
    }

    fn http_get(&mut self, disks: &Disks, request: &HttpGet<'_>) -> Result<(u16, Vec<u8>), String> {
        let addresses = self.lookup(request.host).ok_or_else(|| format!("bad address '{}'", request.host))?;
        let address = addresses.first().cloned().unwrap_or_default();
        let own = address.starts_with("127.");
        let local = if own { self.address.to_owned() } else { address.clone() };
        let (target, port) = match self.behind_service(&local, request.port) {
            Some(found) => found,
            None => (local, request.port),
        };
        let refused = || format!("can't connect to remote host ({address}): Connection refused");
        let pod = self.pod_at(&target).ok_or_else(refused)?;
        let (spec, container) = self.server(pod, port).ok_or_else(refused)?;
        let image = images::find(spec["image"].as_str().unwrap_or("")).ok_or_else(refused)?;
        let root = image.serves.ok_or_else(refused)?;
        let (code, body) = page(&ReadView::new(disks, &container.mounts), root, request.path);
        let client = if own { "127.0.0.1" } else { self.address };
        let line = images::access_line(image, self.api.now, client, request, (code, body.len()));
        let known = self.kubelets.pod(pod.uid()).ok_or_else(refused)?;
        let container = known.containers.get(name_of(spec)).and_then(|state| state.current.clone()).ok_or_else(refused)?;
        self.served.push(Served { runtime: known.runtime, container, line });
        Ok((code, body))
    }

    fn name_server(&self) -> Option<String> {
        Some("10.96.0.10".to_owned())
    }
}
