//! Picture::of(&Cluster): boxes, edges, badges; plain data that the app draws.

use crate::control::cluster::Cluster;
use crate::values::object::ObjectKey;

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
    /// A second line: an image, a size, a provisioner.
    pub detail: String,
    /// The first finalizer that holds a terminating thing.
    pub held_by: Option<String>,
}

/// A file tile on a disk or in a container's own layer.
#[derive(Clone, Debug, PartialEq)]
pub struct FileTile {
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// A pod with the chains below it.
#[derive(Clone, Debug, PartialEq)]
pub struct PodBox {
    pub item: Item,
    /// The node it is on or that was selected for its claims; empty where none.
    pub node: String,
    /// Files that its containers wrote to their own layers.
    pub layer_files: Vec<FileTile>,
    /// Claims by name, in the order of the pod's volumes.
    pub claims: Vec<ObjectKey>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ClaimBox {
    pub item: Item,
    pub volume: Option<ObjectKey>,
    /// Node of its pod or of its volume; empty where none.
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

impl Picture {
    /// Draws what the user made: system namespaces are left out.
    pub fn of(_cluster: &Cluster) -> Picture {
        Picture::default()
    }
}
