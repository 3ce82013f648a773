//! The world: all clusters, all container runtimes and the disks behind them, with one clock. Step, advance, settle.
//!
//! Time jumps from one due entry to the next, so nothing waits in real time. What happens in one cluster changes nothing in another:
//! each has its own chance, forked from the world's by its name.
mod connection;

pub use connection::{ClusterView, Connection};

use crate::control::bootstrap;
use crate::control::cluster::Cluster;
use crate::control::dns::PodNetworks;
use crate::control::flavour::Flavour;
use crate::control::kubelet;
use crate::machine::disks::Disks;
use crate::machine::kernel::{Network, NoNetwork};
use crate::runtime::{ContainerId, Event, Networks, RuntimeId, Runtimes, Served};
use crate::values::clock::{Duration, Instant};
use crate::values::hash::{FNV_START, fnv1a};
use std::collections::BTreeMap;
use std::rc::Rc;

/// When every world begins: 2026-11-21T00:00:00Z.
pub const EPOCH: Instant = Instant(1_795_219_200_000);

/// How many syncs may happen at one instant before the clock is moved on: two controllers that undo each other end here.
const SYNCS_AT_ONCE_MAX: usize = 200_000;
/// How long it takes to make a cluster.
const AGE_AT_START: Duration = Duration::seconds(8);
/// The name and the address of the cluster that a fresh machine's kubeconfig knows.
const FIRST: &str = "kubernetes";
const FIRST_SERVER: &str = "https://127.0.0.1:6443";

/// Which cluster, by its name; without one, that of a fresh machine's kubeconfig.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClusterId(Rc<str>);

impl Default for ClusterId {
    fn default() -> ClusterId {
        ClusterId(FIRST.into())
    }
}

/// All that goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    now: Instant,
    seed: u64,
    pub disks: Disks,
    pub runtimes: Runtimes,
    clusters: BTreeMap<ClusterId, Cluster>,
    /// How many things have happened at this instant, in the advance that is under way.
    at_once: usize,
}

impl World {
    /// A world with the cluster of a fresh machine's kubeconfig, of a flavour and with so many nodes, settled.
    pub fn new(flavour: &'static Flavour, nodes: usize, seed: u64) -> World {
        let mut world = World { now: EPOCH, seed, disks: Disks::default(), runtimes: Runtimes::default(), clusters: BTreeMap::new(), at_once: 0 };
        world.add_cluster(FIRST, FIRST_SERVER, flavour, nodes);
        world
    }

    /// Makes a cluster that answers at an address, which takes a while.
    pub fn add_cluster(&mut self, name: &str, server: &str, flavour: &'static Flavour, nodes: usize) -> ClusterId {
        let id = ClusterId(name.into());
        // The first one has the world's own chance and names its disks without its own name: links and recorded pages rest on it.
        let (seed, machines) = if id == ClusterId::default() {
            (self.seed, "node".to_owned())
        } else {
            (fnv1a(fnv1a(FNV_START, &self.seed.to_le_bytes()), name.as_bytes()), format!("node/{name}"))
        };
        let mut cluster = Cluster::new(flavour, server, &machines, self.now, seed);
        bootstrap::fill(&mut cluster.ctx(&mut self.disks, &mut self.runtimes), nodes);
        self.clusters.insert(id.clone(), cluster);
        self.advance(AGE_AT_START);
        if let Some(cluster) = self.clusters.get_mut(&id) {
            cluster.api.forget_events(None);
        }
        id
    }

    pub fn now(&self) -> Instant {
        self.now
    }

    /// The cluster whose api server answers at an address; else that of a fresh machine's kubeconfig.
    pub fn at(&self, server: &str) -> ClusterId {
        self.clusters.iter().find(|(_, cluster)| cluster.server == server).map_or_else(ClusterId::default, |(id, _)| id.clone())
    }

    /// All clusters, by name.
    pub fn clusters(&self) -> impl Iterator<Item = (&ClusterId, &Cluster)> {
        self.clusters.iter()
    }

    /// A cluster, to read.
    pub fn view(&self, id: &ClusterId) -> ClusterView<'_> {
        ClusterView { world: self, cluster: self.clusters.get(id).expect("a cluster that has an id is there") }
    }

    /// A cluster, to act on.
    pub fn connect(&mut self, id: &ClusterId) -> Connection<'_> {
        Connection::new(self, id)
    }

    /// When something happens next by itself; `None`: nothing will.
    pub fn next_event(&self) -> Option<Instant> {
        self.clusters.values().filter_map(Cluster::due).chain(self.runtimes.next_wake()).min()
    }

    fn set_now(&mut self, now: Instant) {
        self.now = now;
        self.clusters.values_mut().for_each(|cluster| cluster.api.now = now);
    }

    /// Does the first thing that is due by `until`. False: nothing is.
    fn step(&mut self, until: Instant) -> bool {
        self.clusters.values_mut().for_each(Cluster::read_log);
        let wake = self.runtimes.next_wake().filter(|wake| *wake <= until);
        let first = self.clusters.iter().filter_map(|(id, cluster)| Some((cluster.due()?, id))).min();
        match (wake, first.filter(|(due, _)| *due <= until)) {
            (None, None) => return false,
            (Some(wake), first) if first.is_none_or(|(due, _)| wake < due) => {
                self.set_now(self.now.max(wake));
                self.run_processes();
            }
            (_, Some((due, id))) => {
                let id = id.clone();
                self.set_now(self.now.max(due));
                if let Some(cluster) = self.clusters.get_mut(&id) {
                    cluster.sync_first(&mut self.disks, &mut self.runtimes);
                }
            }
            (Some(_), None) => {}
        }
        true
    }

    /// Lets every process in a container go on whose time has come, and tells the kubelets of those that ended.
    pub fn run_processes(&mut self) {
        let networks = ClusterNetworks { clusters: &self.clusters };
        for Event::Exited(_, container) in self.runtimes.run_due(&mut self.disks, &networks, self.now) {
            for cluster in self.clusters.values_mut() {
                kubelet::container_exited(&mut cluster.ctx(&mut self.disks, &mut self.runtimes), &container);
            }
        }
    }

    /// Does all that is due at this very instant.
    pub fn settle_now(&mut self) {
        self.run_until(self.now, &mut || true);
    }

    /// Lets `span` of simulated time pass: all that is due within it happens in its order.
    pub fn advance(&mut self, span: Duration) {
        let until = self.now + span;
        self.advance_while(until, &mut || true);
    }

    /// Lets time pass until an instant, as long as `go_on` says so after each thing that happens. False: it did not, and the next call
    /// for that instant goes on; in how many parts time passes changes no outcome.
    pub fn advance_while(&mut self, until: Instant, go_on: &mut dyn FnMut() -> bool) -> bool {
        let done = self.run_until(until, go_on);
        if done {
            self.set_now(until);
        }
        done
    }

    fn run_until(&mut self, until: Instant, go_on: &mut dyn FnMut() -> bool) -> bool {
        loop {
            let before = self.now;
            if !self.step(until) {
                self.at_once = 0;
                return true;
            }
            self.at_once = if self.now == before { self.at_once + 1 } else { 0 };
            if self.at_once > SYNCS_AT_ONCE_MAX {
                self.at_once = 0;
                self.set_now(self.now + Duration::seconds(1));
            }
            if !go_on() {
                return false;
            }
        }
    }

    /// Jumps from event to event until only resyncs and workloads' own ticks remain, or `limit` has passed.
    pub fn settle(&mut self, limit: Duration) {
        let end = self.now + limit;
        loop {
            self.settle_now();
            let next = self.clusters.values().filter_map(Cluster::due_in_earnest).min();
            let Some(next) = next.filter(|next| *next <= end) else { return };
            self.run_until(next, &mut || true);
            self.set_now(self.now.max(next));
        }
    }
}

/// The networks of all clusters' containers.
struct ClusterNetworks<'a> {
    clusters: &'a BTreeMap<ClusterId, Cluster>,
}

impl Networks for ClusterNetworks<'_> {
    fn with_network(&self, runtimes: &Runtimes, runtime: RuntimeId, container: &ContainerId, act: &mut dyn FnMut(&mut dyn Network)) -> Vec<Served> {
        let Some(owner) = self.clusters.values().find(|cluster| cluster.kubelets.pod(&container.sandbox).is_some()) else {
            act(&mut NoNetwork);
            return Vec::new();
        };
        PodNetworks { api: &owner.api, kubelets: &owner.kubelets }.with_network(runtimes, runtime, container, act)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apiserver::WriteOptions;
    use crate::control::flavour::FLAVOURS;
    use crate::values::object::Object;
    use crate::values::yaml;

    const SET: &str = include_str!("../../examples/scenarios/nginx-statefulset.yaml");

    fn apply(world: &mut World, id: &ClusterId) {
        for document in yaml::parse(SET).0 {
            let mut object = Object(document.value);
            object.set(&["metadata", "namespace"], "default".into());
            world.connect(id).api.create(object, &mut WriteOptions::default()).unwrap();
        }
    }

    /// The objects of a cluster as text.
    fn state(world: &World, id: &ClusterId) -> Vec<String> {
        world.view(id).api.store().all().map(|(key, object)| format!("{key:?} {}", object.0)).collect()
    }

    #[test]
    fn two_clusters_in_one_world_do_not_change_each_other() {
        let server = "https://127.0.0.1:6550";
        let mut both = World::new(&FLAVOURS[0], 2, 7);
        let other = both.add_cluster("other", server, &FLAVOURS[0], 3);
        let mut first_alone = World::new(&FLAVOURS[0], 2, 7);
        first_alone.advance(AGE_AT_START);
        let first = ClusterId::default();
        assert_eq!((both.at(server), both.at("https://127.0.0.1:6443")), (other.clone(), first.clone()));
        assert_eq!(state(&both, &first), state(&first_alone, &first));

        // The same set in both: its pods have the same names, and nothing else in common.
        let untouched = state(&both, &other);
        for world in [&mut both, &mut first_alone] {
            apply(world, &first);
            world.advance(Duration::seconds(30));
        }
        assert_eq!(state(&both, &first), state(&first_alone, &first));
        let pods =
            |world: &World, id: &ClusterId| world.view(id).api.list("Pod", Some("default")).map(|pod| pod.uid().to_owned()).collect::<Vec<_>>();
        assert_eq!(pods(&both, &other), Vec::<String>::new());
        let named = |state: &[String]| state.iter().filter(|line| !line.contains("Lease")).count();
        assert_eq!(named(&state(&both, &other)), named(&untouched));
        apply(&mut both, &other);
        both.advance(Duration::seconds(30));
        first_alone.advance(Duration::seconds(30));
        assert_eq!(state(&both, &first), state(&first_alone, &first));
        let (ours, theirs) = (pods(&both, &first), pods(&both, &other));
        assert_eq!(ours.len(), theirs.len());
        assert!(!ours.is_empty() && ours.iter().all(|uid| !theirs.contains(uid)));
    }
}
