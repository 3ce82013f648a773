//! What a fresh cluster holds: nodes, namespaces, the default class, DNS and the provisioner.

use crate::apiserver::WriteOptions;
use crate::control::rules::nodes::healthy_conditions;
use crate::control::sync::Ctx;
use crate::machine::programs::lib::hosts::KERNEL;
use crate::machine::vfs::{FileSystem, MountTable, View};
use crate::values::object::{Object, Value, json};
use crate::values::yaml;

/// The namespaces of a fresh cluster.
const NAMESPACES: [&str; 5] = ["default", "kube-node-lease", "kube-public", "kube-system", "local-path-storage"];

/// Puts into an empty cluster what a fresh one holds: nodes, namespaces, the default class, DNS and the provisioner.
pub fn fill(ctx: &mut Ctx<'_>, nodes: usize) {
    let mut create = |object: Object| {
        // The content below is ours and valid; a refusal would show in every test.
        let _ = ctx.api.create(object, &mut WriteOptions::default());
    };
    for name in NAMESPACES {
        create(Object::new("v1", "Namespace", "", name));
    }
    let (node, objects): (Vec<Object>, Vec<Object>) = objects().partition(|object| object.kind() == "Node");
    objects.into_iter().for_each(&mut create);
    for index in 0..nodes {
        let name = format!("node-{}", index + 1);
        node.iter().for_each(|node| add_node(ctx, node.clone(), &name, index));
    }
}

/// The objects of a fresh cluster, and the pattern of its nodes.
fn objects() -> impl Iterator<Item = Object> {
    yaml::parse(include_str!("bootstrap.yaml")).0.into_iter().map(|document| Object(document.value))
}

/// The Service under which pods reach the api server.
pub fn kubernetes_service() -> Object {
    objects().find(|object| object.kind() == "Service" && object.name() == "kubernetes").unwrap_or_default()
}

/// A node with its disk and the images that are on it already.
fn add_node(ctx: &mut Ctx<'_>, mut node: Object, name: &str, index: usize) {
    node.set(&["metadata", "name"], json!(name));
    node.set(&["metadata", "labels", "kubernetes.io/hostname"], json!(name));
    let cidr = format!("10.244.{index}.0/24");
    node.set(&["spec"], json!({"podCIDR": cidr, "podCIDRs": [cidr]}));
    let (api, flavour) = (&mut *ctx.api, ctx.flavour);
    let mut status = |path: &[&str], value: Value| node.set(&[&["status"], path].concat(), value);
    let address = format!("172.30.0.{}", 11 + index);
    status(&["addresses"], json!([{"address": address, "type": "InternalIP"}, {"address": name, "type": "Hostname"}]));
    status(&["conditions"], healthy_conditions(api.now));
    for (field, value) in [
        ("bootID", api.rng.uid()),
        ("machineID", api.rng.hex(32)),
        ("systemUUID", api.rng.uid()),
        ("kernelVersion", KERNEL.to_owned()),
        ("kubeletVersion", flavour.version.to_owned()),
    ] {
        status(&["nodeInfo", field], Value::from(value));
    }
    let capacity = node.at(&["status", "capacity"]).cloned().unwrap_or_default();
    node.set(&["status", "allocatable"], capacity);
    let status = node.at(&["status"]).cloned();
    if let Ok(created) = api.create(node, &mut WriteOptions::default())
        && created.at(&["status"]) != status.as_ref()
    {
        let key = crate::values::object::ObjectKey::new("Node", "", name);
        let _ = api.change_status(&key, |node| node.set(&["status"], status.unwrap_or_default()));
    }
    let runtime = ctx.kubelets.join(ctx.runtimes, name);
    let Some(disk) = ctx.runtimes.get(runtime).map(|machine| machine.root.clone()) else { return };
    ctx.disks.insert(disk.clone(), FileSystem::new(ctx.now));
    let mounts = MountTable::root(&disk);
    let mut files = View::new(ctx.disks, &mounts, ctx.now);
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
        // The table of images has these.
        let _ = ctx.runtimes.pull(runtime, image);
    }
}
