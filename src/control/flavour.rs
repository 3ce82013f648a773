//! Table FLAVOURS: which cluster is simulated (names, addresses, paths, add-ons), and what is in it at the start.

use crate::apiserver::{ApiServer, WriteOptions};
use crate::control::controllers::node_lifecycle::healthy_conditions;
use crate::control::kubelet::Runtime;
use crate::machine::disks::Disks;
use crate::machine::images;
use crate::machine::programs::system::KERNEL;
use crate::machine::vfs::{FileSystem, MountTable, View};
use crate::values::object::{Object, json};

/// What of Kubernetes is switched on, where v1.34 still leaves a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureGates {
    pub volume_attributes_class: bool,
}

impl FeatureGates {
    const DEFAULT: FeatureGates = FeatureGates { volume_attributes_class: true };
}

impl Default for FeatureGates {
    fn default() -> FeatureGates {
        FeatureGates::DEFAULT
    }
}

/// One kind of cluster.
#[derive(Debug, PartialEq)]
pub struct Flavour {
    pub name: &'static str,
    /// `v1.34.4`
    pub version: &'static str,
    /// Where local-path keeps volumes on a node.
    pub local_path_root: &'static str,
    /// Whether a Service of type LoadBalancer gets an address.
    pub load_balancer: bool,
    pub gates: FeatureGates,
}

/// Every flavour, sorted by name.
pub const FLAVOURS: &[Flavour] = &[
    Flavour {
        name: "playground",
        version: "v1.34.4",
        local_path_root: "/opt/local-path-provisioner",
        load_balancer: true,
        gates: FeatureGates::DEFAULT,
    },
    Flavour {
        name: "recorded",
        version: "v1.34.4",
        local_path_root: "/opt/local-path-provisioner",
        load_balancer: false,
        gates: FeatureGates::DEFAULT,
    },
];

pub fn by_name(name: &str) -> Option<&'static Flavour> {
    FLAVOURS.iter().find(|flavour| flavour.name == name)
}

/// The namespaces of a fresh cluster.
const NAMESPACES: [&str; 5] = ["default", "kube-node-lease", "kube-public", "kube-system", "local-path-storage"];

/// Puts into an empty cluster what a fresh one holds: nodes, namespaces, the default class, DNS and the provisioner.
pub fn bootstrap(api: &mut ApiServer, disks: &mut Disks, runtime: &mut Runtime, flavour: &'static Flavour, nodes: usize) {
    let mut create = |object: Object| {
        // The content below is ours and valid; a refusal would show in every test.
        let _ = api.create(object, &mut WriteOptions::default());
    };
    for name in NAMESPACES {
        create(Object::new("v1", "Namespace", "", name));
    }
    let mut class = Object::new("storage.k8s.io/v1", "StorageClass", "", "local-path");
    class.set_annotation("storageclass.kubernetes.io/is-default-class", "true");
    for (field, value) in [("provisioner", "rancher.io/local-path"), ("reclaimPolicy", "Delete"), ("volumeBindingMode", "WaitForFirstConsumer")] {
        class.set(&[field], json!(value));
    }
    create(class);
    services().into_iter().for_each(&mut create);
    for (name, namespace, replicas, image) in [
        ("coredns", "kube-system", 2, "registry.k8s.io/pause:3.10"),
        ("local-path-provisioner", "local-path-storage", 1, "registry.k8s.io/pause:3.10"),
    ] {
        create(workload(name, namespace, replicas, image));
    }
    for index in 0..nodes {
        let name = format!("node-{}", index + 1);
        add_node(api, disks, runtime, flavour, &name, index);
    }
}

/// The Service under which pods reach the api server.
pub fn kubernetes_service() -> Object {
    let mut kubernetes = Object::new("v1", "Service", "default", "kubernetes");
    kubernetes.set(&["metadata", "labels"], json!({"component": "apiserver", "provider": "kubernetes"}));
    kubernetes.set(&["spec"], json!({"clusterIP": "10.96.0.1", "ports": [{"name": "https", "port": 443, "targetPort": 6443}]}));
    kubernetes
}

fn services() -> Vec<Object> {
    let kubernetes = kubernetes_service();
    let mut endpoints = Object::new("v1", "Endpoints", "default", "kubernetes");
    endpoints.set(&["metadata", "labels"], json!({"endpointslice.kubernetes.io/skip-mirror": "true"}));
    endpoints.set(&["subsets"], json!([{"addresses": [{"ip": "172.30.0.1"}], "ports": [{"name": "https", "port": 6443, "protocol": "TCP"}]}]));
    let mut slice = Object::new("discovery.k8s.io/v1", "EndpointSlice", "default", "kubernetes");
    slice.set(&["metadata", "labels"], json!({"kubernetes.io/service-name": "kubernetes"}));
    slice.set(&["addressType"], json!("IPv4"));
    slice.set(&["endpoints"], json!([{"addresses": ["172.30.0.1"], "conditions": {"ready": true}}]));
    slice.set(&["ports"], json!([{"name": "https", "port": 6443, "protocol": "TCP"}]));
    let mut dns = Object::new("v1", "Service", "kube-system", "kube-dns");
    dns.set(&["metadata", "labels"], json!({"k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true", "kubernetes.io/name": "CoreDNS"}));
    dns.set(
        &["spec"],
        json!({"clusterIP": "10.96.0.10", "selector": {"k8s-app": "kube-dns"}, "ports": [
            {"name": "dns", "port": 53, "protocol": "UDP"}, {"name": "dns-tcp", "port": 53, "protocol": "TCP"}, {"name": "metrics", "port": 9153, "protocol": "TCP"},
        ]}),
    );
    vec![kubernetes, endpoints, slice, dns]
}

fn workload(name: &str, namespace: &str, replicas: i64, image: &str) -> Object {
    let labels = if name == "coredns" { json!({"k8s-app": "kube-dns"}) } else { json!({"app": name}) };
    let mut deployment = Object::new("apps/v1", "Deployment", namespace, name);
    deployment.set(&["metadata", "labels"], labels.clone());
    let resources = if name == "coredns" { json!({"limits": {"memory": "170Mi"}, "requests": {"cpu": "100m", "memory": "70Mi"}}) } else { json!({}) };
    deployment.set(
        &["spec"],
        json!({
            "replicas": replicas, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": name, "image": image, "resources": resources}]}},
        }),
    );
    deployment
}

/// A node with its disk and the images that are on it already.
fn add_node(api: &mut ApiServer, disks: &mut Disks, runtime: &mut Runtime, flavour: &Flavour, name: &str, index: usize) {
    let mut node = Object::new("v1", "Node", "", name);
    node.set(
        &["metadata", "labels"],
        json!({
            "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
        }),
    );
    node.set_annotation("node.alpha.kubernetes.io/ttl", "0");
    node.set_annotation("volumes.kubernetes.io/controller-managed-attach-detach", "true");
    let cidr = format!("10.244.{index}.0/24");
    node.set(&["spec"], json!({"podCIDR": cidr, "podCIDRs": [cidr]}));
    let resources = json!({
        "cpu": "2", "ephemeral-storage": "263112772Ki", "hugepages-1Gi": "0", "hugepages-2Mi": "0", "memory": "24571000Ki", "pods": "110",
    });
    node.set(
        &["status"],
        json!({
            "addresses": [{"address": format!("172.30.0.{}", 11 + index), "type": "InternalIP"}, {"address": name, "type": "Hostname"}],
            "allocatable": resources, "capacity": resources,
            "conditions": healthy_conditions(api.now),
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "images": [{"names": ["docker.io/library/busybox:1.28"], "sizeBytes": 2_156_519}],
            "nodeInfo": {
                "architecture": "amd64", "bootID": api.rng.uid(), "containerRuntimeVersion": "containerd://2.1.5",
                "kernelVersion": KERNEL, "kubeProxyVersion": "", "kubeletVersion": flavour.version, "machineID": api.rng.hex(32),
                "operatingSystem": "linux", "osImage": "Debian GNU/Linux 12 (bookworm)", "systemUUID": api.rng.uid(),
            },
        }),
    );
    let status = node.at(&["status"]).cloned();
    if let Ok(created) = api.create(node, &mut WriteOptions::default())
        && created.at(&["status"]) != status.as_ref()
    {
        let key = crate::values::object::ObjectKey::new("Node", "", name);
        let _ = api.change_status(&key, |node| node.set(&["status"], status.unwrap_or_default()));
    }
    let disk = format!("node/{name}");
    disks.insert(disk.clone(), FileSystem::new(api.now));
    let mounts = MountTable::root(&disk);
    let mut files = View::new(disks, &mounts, api.now);
    // Nothing can fail on an empty disk without limits.
    for folder in [
        "/bin",
        "/boot",
        "/dev",
        "/etc",
        "/home",
        "/lib",
        "/mnt",
        "/opt",
        "/proc",
        "/root",
        "/run",
        "/srv",
        "/sys",
        "/tmp",
        "/usr/bin",
        "/var/lib/kubelet/pods",
        "/var/log",
    ] {
        let _ = files.make_dirs(folder);
    }
    let _ = files.set_mode("/tmp", 0o1777);
    let _ = files.make_dirs(flavour.local_path_root);
    let _ = files.write("/etc/hostname", format!("{name}\n").as_bytes());
    for image in ["busybox:1.28", "registry.k8s.io/pause:3.10"] {
        runtime.images.insert_mut((name.to_owned(), images::full_name(image)), ());
    }
}
