//! Cluster: api server, disks, container runtime, clock and queue as one value; step, advance, settle.

use super::flavour::Flavour;
use super::kubelet::Runtime;
use crate::apiserver::ApiServer;
use crate::machine::disks::Disks;
use crate::values::clock::{Duration, Instant};

/// When every cluster begins, unless the caller says otherwise: 2026-11-21T00:00:00Z.
pub const EPOCH: Instant = Instant(1_795_219_200_000);

/// A cluster that lives in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    pub api: ApiServer,
    pub disks: Disks,
    pub runtime: Runtime,
    pub flavour: &'static Flavour,
}

impl Cluster {
    /// A fresh cluster of a flavour with `nodes` nodes, settled.
    pub fn new(flavour: &'static Flavour, _nodes: usize, seed: u64) -> Cluster {
        Cluster { api: ApiServer::new(EPOCH, seed), disks: Disks::default(), runtime: Runtime::default(), flavour }
    }

    pub fn now(&self) -> Instant {
        self.api.now
    }

    /// When something happens next by itself; `None`: nothing will.
    pub fn next_event(&self) -> Option<Instant> {
        None
    }

    /// Lets `span` of simulated time pass: all that is due within it happens in its order.
    pub fn advance(&mut self, span: Duration) {
        self.api.now += span;
    }

    /// Does all that is due at this very instant.
    pub fn settle_now(&mut self) {}

    /// Jumps from event to event until only workloads' own ticks and resyncs remain, or `limit` has passed.
    pub fn settle(&mut self, limit: Duration) {
        self.advance(limit);
    }
}
