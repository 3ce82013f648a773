//! A cluster as a picture: boxes, edges, badges; plain data that the app draws.
//!
//! The layers are the lesson: who asks, the claim, the volume, the bytes. What the system's own namespaces hold is left out.

use crate::control::rules::owners::key_of;
use crate::control::rules::services::selects;
use crate::kinds::node::node_status;
use crate::kinds::pod::{pod_ready, pod_status};
use crate::kinds::readers::volumes::claim_names;
use crate::playground::files::{self, FileTile, OwnVolume};
use crate::values::object::{Object, ObjectKey, Value};
use crate::world::ClusterView;

/// How well a thing is; shape, colour and word in the app follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    Ok,
    Starting,
    Waiting,
    Failing,
    Failed,
    Ending,
    Available,
    Released,
    Completed,
}

/// One thing in the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub key: ObjectKey,
    /// Kubernetes' own word: `Running`, `Bound`, `Pending`, `Terminating`.
    pub state: String,
    pub health: Health,
    /// A second line: how many are ready, a size, a provisioner.
    pub detail: String,
    /// The first finalizer that holds a terminating thing.
    pub held_by: Option<String>,
}

/// A pod with the chains below it.
#[derive(Clone, Debug, PartialEq)]
pub struct PodBox {
    pub item: Item,
    /// The node it is on or that was selected for its claims; empty where none.
    pub node: String,
    /// Files that its containers wrote to their own layers.
    pub layer_files: Vec<FileTile>,
    /// Volumes that its manifest makes itself: hostPath and emptyDir.
    pub own_volumes: Vec<OwnVolume>,
    /// Claims by name, in the order of the pod's volumes.
    pub claims: Vec<ObjectKey>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ClaimBox {
    pub item: Item,
    pub volume: Option<ObjectKey>,
    /// Node of its volume or the one selected for it; empty where none.
    pub node: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct VolumeBox {
    pub item: Item,
    pub claim: Option<ObjectKey>,
    /// False: the claim that it names is gone (Released).
    pub claim_exists: bool,
    pub node: String,
    pub disk: DiskBox,
}

/// The bytes behind a volume.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DiskBox {
    /// Where the bytes are, such as `node-1:/opt/local-path-provisioner/pvc-…`.
    pub place: String,
    pub files: Vec<FileTile>,
}

/// Everything that the Cluster pane shows, in drawing order.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Picture {
    pub nodes: Vec<Item>,
    /// StatefulSets, Deployments, ReplicaSets without an owner, Jobs, DaemonSets.
    pub owners: Vec<Item>,
    pub services: Vec<Item>,
    pub classes: Vec<Item>,
    pub pods: Vec<PodBox>,
    pub claims: Vec<ClaimBox>,
    pub volumes: Vec<VolumeBox>,
    /// owner -> pod, service -> pod.
    pub edges: Vec<(ObjectKey, ObjectKey)>,
}

/// Namespaces that belong to the cluster itself.
const SYSTEM: [&str; 4] = ["kube-node-lease", "kube-public", "kube-system", "local-path-storage"];
impl Picture {
    /// Draws what the user made.
    pub fn of(cluster: ClusterView<'_>) -> Picture {
        let users = |object: &&std::rc::Rc<Object>| !SYSTEM.contains(&object.namespace()) && object.name() != "kubernetes";
        let list = |kind: &'static str| cluster.api.list(kind, None).filter(users);
        let mut picture = Picture {
            nodes: cluster.api.list("Node", None).filter_map(|node| node_item(node)).collect(),
            services: list("Service").filter_map(|service| simple(service, "Ready", Health::Ok, address(service))).collect(),
            classes: cluster
                .api
                .list("StorageClass", None)
                .filter_map(|class| simple(class, "Ready", Health::Ok, class.str(&["provisioner"])))
                .collect(),
            ..Picture::default()
        };
        for kind in ["StatefulSet", "Deployment", "DaemonSet", "ReplicaSet", "Job", "CronJob"] {
            let tops = list(kind).filter(|object| object.controller().is_none());
            picture.owners.extend(tops.filter_map(|object| owner_item(object)));
        }
        for pod in list("Pod") {
            picture.pods.extend(pod_box(cluster, pod));
            picture.edges.extend(edges(cluster, pod));
        }
        picture.claims = list("PersistentVolumeClaim").filter_map(|claim| claim_box(cluster, claim)).collect();
        picture.volumes = cluster.api.list("PersistentVolume", None).filter_map(|volume| volume_box(cluster, volume)).collect();
        picture
    }

    /// All objects that are shown.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        let plain = self.owners.iter().chain(&self.services).chain(&self.nodes).chain(&self.classes);
        let boxes = self.pods.iter().map(|pod| &pod.item).chain(self.claims.iter().map(|claim| &claim.item));
        boxes.chain(self.volumes.iter().map(|volume| &volume.item)).chain(plain)
    }

    /// Everything as a text tree, for tests.
    pub fn text(&self) -> String {
        let line = |item: &Item| format!("{} {}, {}", item.key.kind, item.key.name, item.state);
        let names = |files: &[FileTile]| files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(" ");
        let mut text = String::new();
        for pod in &self.pods {
            text += &format!("{} on {}\n", line(&pod.item), pod.node);
            for claim in self.claims.iter().filter(|claim| pod.claims.contains(&claim.item.key)) {
                text += &format!("  {}\n", line(&claim.item));
                for volume in self.volumes.iter().filter(|volume| claim.volume.as_ref() == Some(&volume.item.key)) {
                    text += &format!("    {} [{}]\n", line(&volume.item), names(&volume.disk.files));
                }
            }
            for own in &pod.own_volumes {
                text += &format!("  {} {} [{}]\n", own.plugin, own.path, names(&own.files));
            }
        }
        text
    }
}

fn held_by(object: &Object) -> Option<String> {
    object.finalizers().next().filter(|_| object.is_terminating()).map(|name| name.rsplit('/').next().unwrap_or(name).to_owned())
}

fn simple(object: &Object, state: &str, health: Health, detail: &str) -> Option<Item> {
    let (state, health) = if object.is_terminating() { ("Terminating", Health::Ending) } else { (state, health) };
    Some(Item { key: key_of(object)?, state: state.to_owned(), health, detail: detail.to_owned(), held_by: held_by(object) })
}

/// Where a Service is reached.
fn address(service: &Object) -> &str {
    match service.str(&["spec", "clusterIP"]) {
        "None" => "headless",
        address => address,
    }
}

fn node_item(node: &Object) -> Option<Item> {
    let state = node_status(node);
    let health = if state.starts_with("NotReady") {
        Health::Failed
    } else if state.contains(',') {
        Health::Waiting
    } else {
        Health::Ok
    };
    simple(node, &state, health, "")
}

fn owner_item(object: &Object) -> Option<Item> {
    let number = |path: &[&str]| object.int(path).unwrap_or(0);
    let (ready, wanted) = match object.kind() {
        "DaemonSet" => (number(&["status", "numberReady"]), number(&["status", "desiredNumberScheduled"])),
        "Job" => (number(&["status", "succeeded"]), object.int(&["spec", "completions"]).unwrap_or(1)),
        "CronJob" => return simple(object, "Ready", Health::Ok, object.str(&["spec", "schedule"])),
        _ => (number(&["status", "readyReplicas"]), number(&["spec", "replicas"])),
    };
    let word = if object.kind() == "Job" { "complete" } else { "ready" };
    let state = format!("{ready}/{wanted} {word}");
    simple(object, &state, if ready == wanted { Health::Ok } else { Health::Waiting }, "")
}

fn pod_health(word: &str, ready: bool) -> Health {
    match word {
        "Running" if ready => Health::Ok,
        "Running" | "ContainerCreating" | "PodInitializing" | "NotReady" => Health::Starting,
        "Pending" | "SchedulingGated" => Health::Waiting,
        "Completed" | "Succeeded" => Health::Completed,
        "Terminating" => Health::Ending,
        "Error" | "Failed" | "Evicted" | "Unknown" | "OOMKilled" | "StartError" => Health::Failed,
        _ if word.starts_with("Init:") && !word.contains("Error") && !word.contains("BackOff") => Health::Starting,
        _ => Health::Failing,
    }
}

fn pod_box(cluster: ClusterView<'_>, pod: &Object) -> Option<PodBox> {
    let word = pod_status(pod);
    let ready = pod_ready(pod);
    let all_ready = ready.split_once('/').is_some_and(|(ready, total)| ready == total);
    let item = Item { key: key_of(pod)?, health: pod_health(&word, all_ready), state: word, detail: ready, held_by: held_by(pod) };
    let claims: Vec<ObjectKey> = claim_names(pod).map(|name| ObjectKey::new("PersistentVolumeClaim", pod.namespace(), &name)).collect();
    let chosen = || claims.iter().find_map(|key| Some(claim_node(cluster, cluster.api.store().get(key)?)).filter(|node| !node.is_empty()));
    let node = match pod.str(&["spec", "nodeName"]) {
        "" => chosen().unwrap_or_default(),
        node => node.to_owned(),
    };
    Some(PodBox { item, node, layer_files: files::of_layers(cluster, pod), own_volumes: files::own_volumes(cluster, pod), claims })
}

fn edges(cluster: ClusterView<'_>, pod: &Object) -> Vec<(ObjectKey, ObjectKey)> {
    let Some(own) = key_of(pod) else { return Vec::new() };
    let mut found = Vec::new();
    let mut above = pod.controller().cloned();
    // A ReplicaSet's own owner is what the picture shows.
    for _ in 0..2 {
        let Some(owner) = above.take() else { break };
        let Some(def) = crate::kinds::by_kind(owner["kind"].as_str().unwrap_or("")) else { break };
        let key = ObjectKey::new(def.kind, pod.namespace(), owner["name"].as_str().unwrap_or(""));
        let parent = cluster.api.store().get(&key).and_then(|object| object.controller().cloned());
        if parent.is_none() {
            found.push((key, own.clone()));
        }
        above = parent;
    }
    let behind = cluster.api.list("Service", Some(pod.namespace())).filter(|service| selects(service, pod));
    found.extend(behind.filter_map(|service| Some((key_of(service)?, own.clone()))));
    found
}

fn claim_node(cluster: ClusterView<'_>, claim: &Object) -> String {
    let volume = cluster.api.store().get(&ObjectKey::new("PersistentVolume", "", claim.str(&["spec", "volumeName"])));
    match volume.map(|volume| volume_node(volume)) {
        Some(node) if !node.is_empty() => node,
        _ => claim.annotation("volume.kubernetes.io/selected-node").unwrap_or("").to_owned(),
    }
}

fn claim_box(cluster: ClusterView<'_>, claim: &Object) -> Option<ClaimBox> {
    let phase = claim.str(&["status", "phase"]);
    let health = match phase {
        "Bound" => Health::Ok,
        "Lost" => Health::Failed,
        _ => Health::Waiting,
    };
    let size = match claim.str(&["status", "capacity", "storage"]) {
        "" => claim.str(&["spec", "resources", "requests", "storage"]),
        size => size,
    };
    let volume = claim.str(&["spec", "volumeName"]);
    Some(ClaimBox {
        item: simple(claim, phase, health, size)?,
        volume: (!volume.is_empty()).then(|| ObjectKey::new("PersistentVolume", "", volume)),
        node: claim_node(cluster, claim),
    })
}

/// The node that a volume's affinity names; empty where it names none.
fn volume_node(volume: &Object) -> String {
    let terms = volume.list(&["spec", "nodeAffinity", "required", "nodeSelectorTerms"]);
    let expressions = terms.iter().flat_map(|term| term["matchExpressions"].as_array().into_iter().flatten());
    let named =
        |expression: &Value| (expression["key"] == "kubernetes.io/hostname").then(|| expression["values"][0].as_str().map(str::to_owned)).flatten();
    expressions.filter_map(named).next().unwrap_or_default()
}

fn volume_box(cluster: ClusterView<'_>, volume: &Object) -> Option<VolumeBox> {
    let phase = volume.str(&["status", "phase"]);
    let health = match phase {
        "Bound" => Health::Ok,
        "Available" => Health::Available,
        "Released" => Health::Released,
        "Failed" => Health::Failed,
        _ => Health::Starting,
    };
    let claim = volume
        .at(&["spec", "claimRef"])
        .and_then(|claim| Some(ObjectKey::new("PersistentVolumeClaim", claim["namespace"].as_str()?, claim["name"].as_str()?)));
    let stored = claim.as_ref().and_then(|key| cluster.api.store().get(key));
    let uid = volume.str(&["spec", "claimRef", "uid"]);
    let node = place_of_volume(cluster, volume);
    let path = files::path_of(volume);
    let place = if path.is_empty() { String::new() } else { format!("{}:{path}", if node.is_empty() { "node" } else { &node }) };
    Some(VolumeBox {
        item: simple(volume, phase, health, volume.str(&["spec", "capacity", "storage"]))?,
        claim_exists: stored.is_some_and(|claim| uid.is_empty() || claim.uid() == uid),
        claim,
        disk: DiskBox { place, files: files::of_volume(cluster, volume, &node) },
        node,
    })
}

/// The node where a volume's bytes are; a hostPath volume is wherever its pod runs. Empty where nothing tells.
pub(super) fn place_of_volume(cluster: ClusterView<'_>, volume: &Object) -> String {
    let own = volume_node(volume);
    let claim = || ObjectKey::new("PersistentVolumeClaim", volume.str(&["spec", "claimRef", "namespace"]), volume.str(&["spec", "claimRef", "name"]));
    if own.is_empty() { user_node(cluster, &claim()) } else { own }
}

/// The node of a pod that uses a claim; empty where none does.
fn user_node(cluster: ClusterView<'_>, claim: &ObjectKey) -> String {
    let mut users = cluster.api.list("Pod", Some(&claim.namespace)).filter(|pod| claim_names(pod).any(|name| *name == *claim.name));
    users.find_map(|pod| Some(pod.str(&["spec", "nodeName"])).filter(|node| !node.is_empty())).unwrap_or("").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playground::{labs, share};

    #[test]
    fn the_retain_lab_as_a_picture() {
        let entry = labs::ALL.iter().find(|entry| entry.name == "retain-claimref").unwrap();
        let live = share::Live::new(share::Start::of_lab(entry.name, &labs::parse(entry.page).unwrap(), 1));
        let picture = Picture::of(live.session.view());
        assert_eq!(picture.text(), "Pod writer, Running on node-1\n  PersistentVolumeClaim data, Bound\n    PersistentVolume keep, Bound [file]\n");
        assert_eq!(picture.volumes[0].disk.place, "node-1:/data/keep");
    }

    #[test]
    fn files_on_a_folder_of_the_node() {
        let mut session = crate::playground::session::Session::new(crate::control::flavour::by_name("playground").unwrap(), 1, 1);
        session.write_file("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: user}\nspec:\n  containers: [{name: c, image: busybox, command: [sh, -c, 'echo kept > /data/note; sleep 9999'], volumeMounts: [{name: v, mountPath: /data}]}]\n  volumes: [{name: v, hostPath: {path: /opt}}]\n");
        ["kubectl apply -f pod.yaml", "sleep 10"].iter().for_each(|line| session.run_setup(line));
        assert_eq!(Picture::of(session.view()).text(), "Pod user, Running on node-1\n  hostPath /opt [v/note]\n");
        let key = ObjectKey::new("Pod", "default", "user");
        assert_eq!(files::text(session.view(), &key, "v/note").as_deref(), Some("kept\n"));
    }
}
