//! Cluster: api server, disks, container runtime, clock and queue as one value; step, advance, settle.
//!
//! The queue is derived: every entry can be found again from the objects (`rebuild_queue`). Time jumps from one due entry to
//! the next, so nothing waits in real time.

use super::assumed::Assumed;
use super::bootstrap;
use super::controllers;
use super::flavour::Flavour;
use super::kubelet::state::{Kubelet, Kubelets};
use super::kubelet::{self, lease};
use super::queue::Queue;
use super::sync::{Action, Ctx, Keys};
use crate::apiserver::ApiServer;
use crate::apiserver::store::Change;
use crate::machine::disks::Disks;
use crate::runtime::Runtimes;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey};

/// When every cluster begins, unless the caller says otherwise: 2026-11-21T00:00:00Z.
pub const EPOCH: Instant = Instant(1_795_219_200_000);

/// How many syncs may happen at one instant before the clock is moved on: two controllers that undo each other end here.
const SYNCS_AT_ONCE_MAX: usize = 200_000;
/// How old a fresh cluster is.
const AGE_AT_START: Duration = Duration::seconds(8);

/// A cluster that lives in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    pub api: ApiServer,
    pub disks: Disks,
    pub runtimes: Runtimes,
    pub kubelets: Kubelets,
    assumed: Assumed,
    pub flavour: &'static Flavour,
    queue: Queue,
    /// The resource version up to which the watch log is read.
    cursor: u64,
}

impl Cluster {
    /// A fresh cluster of a flavour with `nodes` nodes, settled.
    pub fn new(flavour: &'static Flavour, nodes: usize, seed: u64) -> Cluster {
        let mut cluster = Cluster {
            api: ApiServer::new(EPOCH, seed),
            disks: Disks::default(),
            runtimes: Runtimes::default(),
            kubelets: Kubelets::default(),
            assumed: Assumed::default(),
            flavour,
            queue: Queue::default(),
            cursor: 0,
        };
        bootstrap::fill(&mut cluster.ctx(), nodes);
        cluster.advance(AGE_AT_START);
        cluster.api.forget_events(None);
        cluster
    }

    pub fn now(&self) -> Instant {
        self.api.now
    }

    /// When something happens next by itself; `None`: nothing will.
    pub fn next_event(&self) -> Option<Instant> {
        if self.cursor < self.api.store().version() {
            return Some(self.now());
        }
        [self.queue.due(), self.runtimes.next_wake()].into_iter().flatten().min()
    }

    /// Forgets the queue and looks at every object again. Changes no outcome.
    pub fn rebuild_queue(&mut self) {
        self.queue = Queue::default();
        self.cursor = 0;
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

    /// What a sync may use, at this instant.
    pub fn ctx(&mut self) -> Ctx<'_> {
        let now = self.api.now;
        Ctx {
            api: &mut self.api,
            disks: &mut self.disks,
            runtimes: &mut self.runtimes,
            kubelets: &mut self.kubelets,
            assumed: &mut self.assumed,
            now,
            flavour: self.flavour,
        }
    }

    /// Maps what was written since the last look to keys.
    fn read_log(&mut self) {
        if self.cursor == self.api.store().version() {
            return;
        }
        let now = self.now();
        let queue = &mut self.queue;
        let store = self.api.store();
        let mut note = |object: &Object, own: &ObjectKey, gone: bool| {
            for (index, controller) in controllers::ALL.iter().enumerate() {
                for (_, keys) in controller.watches.iter().filter(|(watched, _)| *watched == own.kind) {
                    let place = |key: ObjectKey| (index as u8, key);
                    match keys {
                        Keys::ItselfIf(needs_look) if !gone && !needs_look(object) => queue.settle(&place(own.clone())),
                        Keys::Itself | Keys::ItselfIf(_) => queue.add(now, place(own.clone()), false),
                        Keys::Of(keys) => keys(object, store).into_iter().for_each(|key| queue.add(now, place(key), false)),
                    }
                }
            }
        };
        match store.since(self.cursor) {
            Some(events) => events.for_each(|event| note(&event.object, &event.key, event.change == Change::Deleted)),
            None => store.all().for_each(|(key, object)| note(object, key, false)),
        }
        self.cursor = self.api.store().version();
    }

    /// Does the first thing that is due by `until`. False: nothing is.
    fn step(&mut self, until: Instant) -> bool {
        self.read_log();
        let wake = self.runtimes.next_wake().filter(|wake| *wake <= until);
        let first = self.queue.due().filter(|due| *due <= until);
        match (wake, first) {
            (None, None) => false,
            (Some(wake), first) if first.is_none_or(|first| wake < first) => {
                self.api.now = self.api.now.max(wake);
                kubelet::run_processes(&mut self.ctx());
                true
            }
            _ => {
                self.sync_first();
                true
            }
        }
    }

    fn sync_first(&mut self) {
        let Some((due, place)) = self.queue.take() else { return };
        self.api.now = self.api.now.max(due);
        let now = self.now();
        match (controllers::ALL[place.0 as usize].sync)(&mut self.ctx(), &place.1) {
            Ok(action) => {
                self.queue.forget(&place);
                match action {
                    Action::AwaitChange => {}
                    Action::RequeueAfter(span) => self.queue.add(now + span, place, false),
                    Action::Resync(span) => self.queue.add(now + span, place, true),
                }
            }
            Err(_) => self.queue.retry(now, place),
        }
    }

    /// Lets `span` of simulated time pass: all that is due within it happens in its order.
    pub fn advance(&mut self, span: Duration) {
        let until = self.now() + span;
        self.run_until(until);
        self.api.now = until;
    }

    fn run_until(&mut self, until: Instant) {
        let (mut at, mut count) = (self.now(), 0);
        while self.step(until) {
            count += 1;
            if self.now() != at {
                (at, count) = (self.now(), 0);
            } else if count > SYNCS_AT_ONCE_MAX {
                self.api.now += Duration::seconds(1);
            }
        }
    }

    /// Does all that is due at this very instant.
    pub fn settle_now(&mut self) {
        let now = self.now();
        self.run_until(now);
    }

    /// Jumps from event to event until only resyncs and workloads' own ticks remain, or `limit` has passed.
    pub fn settle(&mut self, limit: Duration) {
        let end = self.now() + limit;
        loop {
            self.settle_now();
            match self.queue.due_in_earnest().filter(|next| *next <= end) {
                Some(next) => {
                    self.run_until(next);
                    self.api.now = self.api.now.max(next);
                }
                None => return,
            }
        }
    }
}
