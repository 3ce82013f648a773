//! One cluster of a world, from outside.

use super::{ClusterId, World};
use crate::control::cluster::Cluster;
use crate::control::kubelet::lease;
use crate::control::kubelet::state::Kubelet;
use crate::control::sync::Ctx;
use crate::values::clock::Duration;
use std::ops::{Deref, DerefMut};

/// A cluster with the world around it, to read.
#[derive(Clone, Copy)]
pub struct ClusterView<'a> {
    pub world: &'a World,
    pub(super) cluster: &'a Cluster,
}

impl<'a> ClusterView<'a> {
    /// The cluster itself, for as long as its world is there.
    pub fn cluster(self) -> &'a Cluster {
        self.cluster
    }
}

impl Deref for ClusterView<'_> {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        self.cluster
    }
}

/// A cluster with the world around it, to act on: what kubectl is connected to.
pub struct Connection<'a> {
    pub world: &'a mut World,
    id: ClusterId,
}

impl Connection<'_> {
    pub(super) fn new<'a>(world: &'a mut World, id: &ClusterId) -> Connection<'a> {
        Connection { world, id: id.clone() }
    }

    pub fn view(&self) -> ClusterView<'_> {
        self.world.view(&self.id)
    }

    /// Lets time pass, as `World::advance`.
    pub fn advance(&mut self, span: Duration) {
        self.world.advance(span);
    }

    /// As `World::settle`.
    pub fn settle(&mut self, limit: Duration) {
        self.world.settle(limit);
    }

    /// What a sync may use, at this instant.
    pub fn ctx(&mut self) -> Ctx<'_> {
        let World { disks, runtimes, clusters, .. } = &mut *self.world;
        clusters.get_mut(&self.id).expect("a connection is to a cluster that is there").ctx(disks, runtimes)
    }

    /// Stops the kubelet of a node, which has reported a last time: its containers run on, and nobody looks after them.
    pub fn stop_kubelet(&mut self, node: &str) {
        let ctx = &mut self.ctx();
        lease::last_heartbeat(ctx, node);
        ctx.kubelets.join(ctx.runtimes, node);
        ctx.kubelets.set(node, Kubelet::Stopped);
    }

    /// Starts the kubelet of a node, which looks at all that it has.
    pub fn start_kubelet(&mut self, node: &str) {
        self.kubelets.set(node, Kubelet::Active);
        self.rebuild_queue();
    }
}

impl Deref for Connection<'_> {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        self.view().cluster
    }
}

impl DerefMut for Connection<'_> {
    fn deref_mut(&mut self) -> &mut Cluster {
        self.world.clusters.get_mut(&self.id).expect("a connection is to a cluster that is there")
    }
}
