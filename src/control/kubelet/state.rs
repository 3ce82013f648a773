//! What kubelets remember: nodes, pods, containers. What runs in a container is its runtime's.
//!
//! Models the caches of pkg/kubelet (pod_workers, prober results, the back-off of kuberuntime, image_manager).

use crate::machine::disks::DiskId;
use crate::runtime::{Container, ContainerId, Exit, Runtime, RuntimeId, Runtimes};
use crate::values::clock::{Duration, Instant};
use crate::values::object::ObjectKey;
use crate::values::value::Text;
use rpds::{RedBlackTreeMap, RedBlackTreeSet};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Whether the kubelet of a node is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kubelet {
    Active,
    Stopped,
}

/// A machine of the cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub runtime: RuntimeId,
    pub kubelet: Kubelet,
}

/// The kubelets of a cluster, and the pods that they know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kubelets {
    /// What the names of the nodes' disks begin with.
    machines: String,
    nodes: RedBlackTreeMap<String, Node>,
    /// By uid.
    pods: RedBlackTreeMap<String, PodState>,
    /// The uids of those of one name; two while a pod is gone of which its stopped node does not know.
    uids: RedBlackTreeSet<(ObjectKey, String)>,
}

/// From a pod's arrival on its node to its first container.
pub const POD_START: Duration = Duration::millis(1000);

/// One pod on its node.
#[derive(Clone, Debug, PartialEq)]
pub struct PodState {
    pub key: ObjectKey,
    pub node: String,
    pub runtime: RuntimeId,
    pub ip: String,
    pub started: Instant,
    /// Containers may start from now on.
    pub ready_to_start: Instant,
    /// By name, init containers included. Boxed: a map keeps room for eleven.
    pub containers: BTreeMap<String, Box<ContainerState>>,
    /// Volumes by name: where their bytes are. `None` until all are mounted.
    pub volumes: Option<Rc<BTreeMap<String, Mounted>>>,
    pub mount_failures: u32,
    /// It is being ended.
    pub stopping: bool,
    /// When TERM is sent, once hooks are over; `None`: it was.
    pub terminate_at: Option<Instant>,
    /// The kubelet itself ends it.
    pub ending: Option<Rc<Ending>>,
    /// When the sizes of its volumes were looked at.
    pub looked: Instant,
}

/// Why the kubelet itself ends a pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Ending {
    pub reason: &'static str,
    pub message: String,
    /// When what still runs is killed.
    pub deadline: Instant,
}

/// Where a volume's bytes are on the node.
#[derive(Clone, Debug, PartialEq)]
pub struct Mounted {
    /// The node's disk, or one in memory.
    pub disk: DiskId,
    pub path: Text,
    pub read_only: bool,
}

/// Where a container is with its image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pull {
    Wanted,
    /// The runtime looks for it.
    Looking,
    Done,
}

/// A container of a pod as its kubelet sees it, over all its runs.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerState {
    pub image: String,
    /// What runs, or ran last; `None`: nothing did yet.
    pub current: Option<ContainerId>,
    /// The run before.
    pub previous: Option<ContainerId>,
    pub restarts: u32,
    /// Why it waits: `ContainerCreating`, `CrashLoopBackOff`, … and the message.
    pub waiting: (String, String),
    /// Where a pull or a restart waits until.
    pub wait_until: Instant,
    pub backoff: Duration,
    pub pull: Pull,
    /// Its image in the pod was changed: it is killed at this time at the latest, and started anew whatever the restart policy.
    pub replaced_by: Option<Instant>,
    /// What ran was ended for that, and the next run is yet to begin.
    pub starts_anew: bool,
    pub ready: bool,
    pub startup_passed: bool,
    /// Of probes: successes (positive) or failures (negative) in a row, and when the next is due, by probe name.
    pub probes: BTreeMap<&'static str, (i32, Instant)>,
}

/// A container of a pod: what its kubelet and its runtime know of it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    pub state: &'a ContainerState,
    pub container: Option<&'a Container>,
}

impl ContainerState {
    /// One that was never started.
    pub fn new(image: &str) -> ContainerState {
        ContainerState {
            image: image.to_owned(),
            current: None,
            previous: None,
            restarts: 0,
            waiting: ("ContainerCreating".to_owned(), String::new()),
            wait_until: Instant(0),
            backoff: Duration::ZERO,
            pull: Pull::Wanted,
            replaced_by: None,
            starts_anew: false,
            ready: false,
            startup_passed: false,
            probes: BTreeMap::new(),
        }
    }

    /// It waits for this reason.
    pub fn wait(&mut self, reason: &str, message: &str) {
        self.waiting = (reason.to_owned(), message.to_owned());
    }

    /// A new run begins, with nothing known of it.
    pub fn begin(&mut self, restarts: u32) {
        self.restarts = restarts;
        (self.ready, self.startup_passed, self.starts_anew, self.pull) = (false, false, false, Pull::Wanted);
        self.probes = BTreeMap::new();
        self.wait("ContainerCreating", "");
    }
}

impl<'a> Seen<'a> {
    pub fn is_running(&self) -> bool {
        self.container.is_some_and(Container::is_running)
    }

    /// How its run ended; `None`: it has not, or its next one is prepared.
    pub fn exit(&self) -> Option<&'a Exit> {
        self.container.filter(|_| !self.state.starts_anew)?.exit()
    }

    /// Whether it ended well.
    pub fn succeeded(&self) -> bool {
        self.exit().is_some_and(|exit| exit.code == 0)
    }

    /// Whether it passes its probes.
    pub fn is_ready(&self) -> bool {
        self.state.ready && self.is_running()
    }
}

impl PodState {
    pub fn container<'a>(&'a self, runtimes: &'a Runtimes, name: &str) -> Option<Seen<'a>> {
        self.containers.get(name).map(|state| self.seen(runtimes, state))
    }

    fn seen<'a>(&'a self, runtimes: &'a Runtimes, state: &'a ContainerState) -> Seen<'a> {
        Seen { state, container: state.current.as_ref().and_then(|id| runtimes.container(self.runtime, id)) }
    }

    /// The run before of a container.
    pub fn previous<'a>(&self, runtimes: &'a Runtimes, name: &str) -> Option<&'a Container> {
        runtimes.container(self.runtime, self.containers.get(name)?.previous.as_ref()?)
    }

    /// The names of those that run, in order, with what the runtime calls them.
    pub fn running<'a>(&'a self, runtimes: &'a Runtimes) -> impl Iterator<Item = (&'a str, &'a ContainerId)> {
        let running = self.containers.iter().filter(move |(_, state)| self.seen(runtimes, state).is_running());
        running.filter_map(|(name, state)| Some((name.as_str(), state.current.as_ref()?)))
    }

    /// Why its kubelet ended it, once nothing of it runs.
    pub fn ended(&self, runtimes: &Runtimes) -> Option<&Ending> {
        self.ending.as_deref().filter(|_| self.running(runtimes).next().is_none())
    }
}

impl Kubelets {
    /// No nodes yet; their disks are named below `machines`.
    pub fn new(machines: &str) -> Kubelets {
        Kubelets { machines: machines.to_owned(), ..Kubelets::default() }
    }

    /// The runtime of a node. Whoever makes a Node says that there is such a machine: it joins with the first look at it.
    pub fn join(&mut self, runtimes: &mut Runtimes, name: &str) -> RuntimeId {
        if let Some(node) = self.nodes.get(name) {
            return node.runtime;
        }
        let runtime = runtimes.add(Runtime::new(&self.disk(name)));
        self.nodes.insert_mut(name.to_owned(), Node { runtime, kubelet: Kubelet::Active });
        runtime
    }

    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.get(name)
    }

    /// The disk of a node, whether it has joined or not.
    pub fn disk(&self, node: &str) -> DiskId {
        format!("{}/{node}", self.machines).into()
    }

    pub fn is_stopped(&self, node: &str) -> bool {
        self.nodes.get(node).is_some_and(|node| node.kubelet == Kubelet::Stopped)
    }

    /// Starts or stops the kubelet of a node.
    pub fn set(&mut self, node: &str, kubelet: Kubelet) {
        if let Some(node) = self.nodes.get_mut(node) {
            node.kubelet = kubelet;
        }
    }

    pub fn pod(&self, uid: &str) -> Option<&PodState> {
        self.pods.get(uid)
    }

    pub fn pod_mut(&mut self, uid: &str) -> Option<&mut PodState> {
        self.pods.get_mut(uid)
    }

    pub fn pods(&self) -> impl Iterator<Item = &PodState> {
        self.pods.values()
    }

    /// The pods of a name, with their uids.
    pub fn named(&self, key: &ObjectKey) -> impl Iterator<Item = (&String, &PodState)> {
        let of_key = self.uids.range((key.clone(), String::new())..).take_while(move |(found, _)| found == key);
        of_key.filter_map(|(_, uid)| Some((uid, self.pods.get(uid)?)))
    }

    pub fn insert(&mut self, uid: &str, pod: PodState) {
        self.uids.insert_mut((pod.key.clone(), uid.to_owned()));
        self.pods.insert_mut(uid.to_owned(), pod);
    }

    pub fn remove(&mut self, uid: &str) {
        if let Some(key) = self.pods.get(uid).map(|pod| pod.key.clone()) {
            self.uids.remove_mut(&(key, uid.to_owned()));
        }
        self.pods.remove_mut(uid);
    }

    pub fn container<'a>(&'a self, runtimes: &'a Runtimes, uid: &str, name: &str) -> Option<Seen<'a>> {
        self.pods.get(uid)?.container(runtimes, name)
    }

    pub fn container_mut(&mut self, uid: &str, name: &str) -> Option<&mut ContainerState> {
        self.pods.get_mut(uid)?.containers.get_mut(name).map(|state| &mut **state)
    }
}
