//! Cluster: api server, kubelets, what the scheduler assumes and the queue, as one value. Its world has the clock, the disks and the container runtimes.
//!
//! The queue is derived: every entry can be found again from the objects (`rebuild_queue`).

use super::assumed::Assumed;
use super::controllers;
use super::flavour::Flavour;
use super::kubelet::state::Kubelets;
use super::queue::Queue;
use super::sync::{Action, Ctx, Keys};
use crate::apiserver::ApiServer;
use crate::apiserver::store::Change;
use crate::machine::disks::Disks;
use crate::runtime::Runtimes;
use crate::values::clock::Instant;
use crate::values::object::{Object, ObjectKey};

/// A cluster that lives in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    pub api: ApiServer,
    pub kubelets: Kubelets,
    assumed: Assumed,
    pub flavour: &'static Flavour,
    /// Where its api server answers, as kubeconfigs name it.
    pub server: String,
    queue: Queue,
    /// The resource version up to which the watch log is read.
    cursor: u64,
}

impl Cluster {
    /// A cluster with nothing in it; the disks of its nodes are named below `machines`.
    pub fn new(flavour: &'static Flavour, server: &str, machines: &str, now: Instant, seed: u64) -> Cluster {
        Cluster {
            api: ApiServer::new(now, seed),
            kubelets: Kubelets::new(machines),
            assumed: Assumed::default(),
            flavour,
            server: server.to_owned(),
            queue: Queue::default(),
            cursor: 0,
        }
    }

    pub fn now(&self) -> Instant {
        self.api.now
    }

    /// When something is due; `None`: nothing is.
    pub fn due(&self) -> Option<Instant> {
        if self.cursor < self.api.store().version() { Some(self.now()) } else { self.queue.due() }
    }

    /// When something is due that is more than a resync.
    pub fn due_in_earnest(&self) -> Option<Instant> {
        self.queue.due_in_earnest()
    }

    /// Forgets the queue and looks at every object again. Changes no outcome.
    pub fn rebuild_queue(&mut self) {
        self.queue = Queue::default();
        self.cursor = 0;
    }

    /// What a sync may use, at this instant.
    pub fn ctx<'a>(&'a mut self, disks: &'a mut Disks, runtimes: &'a mut Runtimes) -> Ctx<'a> {
        let now = self.api.now;
        Ctx { api: &mut self.api, disks, runtimes, kubelets: &mut self.kubelets, assumed: &mut self.assumed, now, flavour: self.flavour }
    }

    /// Maps what was written since the last look to keys.
    pub fn read_log(&mut self) {
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

    /// Takes the first key and looks at it.
    pub fn sync_first(&mut self, disks: &mut Disks, runtimes: &mut Runtimes) {
        let Some((_, place)) = self.queue.take() else { return };
        let now = self.now();
        match (controllers::ALL[place.0 as usize].sync)(&mut self.ctx(disks, runtimes), &place.1) {
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
}
