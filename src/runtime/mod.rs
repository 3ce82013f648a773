//! Container runtimes: one a machine, as the CRI and docker see them. They know no pod and no api server.
//!
//! Models containerd (its CRI plugin, internal/cri/server) and runc. Simplified: cgroups and limits are not enforced.
//!
//! ```text
//! pull -> create -> start -> (exec, run_due) -> signal -> remove
//! ```
//!
//! What happens by itself comes back from `run_due` as events, which the owner maps to what it knows of its containers. The network
//! is the owner's too: see [`Networks`].
mod container;
mod exec;
mod image;
mod log;
mod start;
#[cfg(test)]
mod tests;

pub use container::{Container, ContainerId, Exit, Main, Spec, State, Up};
pub use exec::{Exec, ExecError, ExecId, ExecSync};
pub use image::Image;
pub use log::{Line, Log};

use crate::machine::disks::{DiskId, Disks};
use crate::machine::images;
use crate::machine::kernel::{Chunk, Network, Signal, Stream, System};
use crate::machine::process::{Process, Progress};
use crate::machine::vfs::{MountTable, View};
use crate::values::clock::Instant;
use rpds::{RedBlackTreeMap, RedBlackTreeSet};
use start::Started;
use std::rc::Rc;

/// Which runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuntimeId(u32);

/// A line for the log of a container that answered a request.
pub struct Served {
    pub runtime: RuntimeId,
    pub container: ContainerId,
    /// With its newline.
    pub line: String,
}

/// What the owner of the runtimes answers for them.
pub trait Networks {
    /// Lets `act` use the network as a container sees it; gives what was answered on the way.
    fn with_network(&self, runtimes: &Runtimes, runtime: RuntimeId, container: &ContainerId, act: &mut dyn FnMut(&mut dyn Network)) -> Vec<Served>;
}

/// What happened to a container by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Exited(RuntimeId, ContainerId),
}

/// Who waits for an instant: a container's first process, or an exec. Their order is that of their turns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Waker {
    Container(ContainerId, RuntimeId),
    Exec(ExecId),
}

/// The runtime of one machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Runtime {
    /// The machine's disk.
    pub root: DiskId,
    /// The container that is the machine, where it is one; its end is that of all that runs in it.
    pub inside: Option<(RuntimeId, ContainerId)>,
    /// By full name.
    images: RedBlackTreeMap<String, Image>,
    containers: RedBlackTreeMap<ContainerId, Container>,
    /// The last address given in each network, by name.
    networks: RedBlackTreeMap<String, u32>,
}

/// All runtimes, and what waits in them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Runtimes {
    runtimes: RedBlackTreeMap<RuntimeId, Runtime>,
    execs: RedBlackTreeMap<ExecId, Exec>,
    next_exec: ExecId,
    wakes: RedBlackTreeSet<(Instant, Waker)>,
}

impl Runtime {
    /// A runtime without images on a machine's disk.
    pub fn new(root: &str) -> Runtime {
        Runtime {
            root: root.into(),
            inside: None,
            images: RedBlackTreeMap::default(),
            containers: RedBlackTreeMap::default(),
            networks: RedBlackTreeMap::default(),
        }
    }

    /// Whether an image is there.
    pub fn has_image(&self, image: &str) -> bool {
        self.images.contains_key(&images::full_name(image))
    }

    pub fn container(&self, id: &ContainerId) -> Option<&Container> {
        self.containers.get(id)
    }

    /// Gives an address of a network: the next free one of a range such as `10.244.0.0/24`. Models the host-local plugin of CNI.
    pub fn allocate_address(&mut self, network: &str, range: &str) -> String {
        let base: u32 = range.split('/').next().and_then(|text| text.parse::<std::net::Ipv4Addr>().ok()).map_or(0x0af4_0000, u32::from);
        let last = self.networks.get(network).copied().unwrap_or(1);
        // Addresses that are free again come back only when the range is used up.
        let next = if last >= 0xfe { 2 } else { last + 1 };
        self.networks.insert_mut(network.to_owned(), next);
        std::net::Ipv4Addr::from(base + next).to_string()
    }
}

impl Runtimes {
    /// Takes a runtime in.
    pub fn add(&mut self, runtime: Runtime) -> RuntimeId {
        let id = RuntimeId(self.runtimes.last().map_or(0, |(last, _)| last.0 + 1));
        self.runtimes.insert_mut(id, runtime);
        id
    }

    pub fn get(&self, id: RuntimeId) -> Option<&Runtime> {
        self.runtimes.get(&id)
    }

    pub fn get_mut(&mut self, id: RuntimeId) -> Option<&mut Runtime> {
        self.runtimes.get_mut(&id)
    }

    pub fn container(&self, runtime: RuntimeId, id: &ContainerId) -> Option<&Container> {
        self.get(runtime)?.container(id)
    }

    fn container_mut(&mut self, runtime: RuntimeId, id: &ContainerId) -> Option<&mut Container> {
        self.runtimes.get_mut(&runtime)?.containers.get_mut(id)
    }

    /// When a process goes on next; `None`: none will by itself.
    pub fn next_wake(&self) -> Option<Instant> {
        self.wakes.first().map(|(due, _)| *due)
    }

    fn wake(&mut self, due: Instant, waker: Waker) {
        self.wakes.insert_mut((due, waker));
    }

    /// Lets a container's first process go on at once, after it got input.
    pub fn poke(&mut self, runtime: RuntimeId, id: &ContainerId, now: Instant) {
        self.wake(now, Waker::Container(id.clone(), runtime));
    }

    /// Gets an image from its registry, or from a runtime that has it. Models PullImage. Gives its size in bytes.
    /// # Errors
    /// Why there is none, in containerd's words.
    pub fn pull(&mut self, runtime: RuntimeId, name: &str) -> Result<u64, String> {
        let full = images::full_name(name);
        let found = self.runtimes.values().find_map(|other| other.images.get(&full));
        let image = found.cloned().map_or_else(|| Image::unpack(name), Ok)?;
        let size = image.row.size;
        if let Some(runtime) = self.runtimes.get_mut(&runtime) {
            runtime.images.insert_mut(full, image);
        }
        Ok(size)
    }

    /// Makes a container of an image that is there: its layer and what it sees. Models CreateContainer. False: there is no such image.
    pub fn create(&mut self, disks: &mut Disks, runtime: RuntimeId, name: ContainerId, id: String, spec: Spec, now: Instant) -> bool {
        let Some(runtime) = self.runtimes.get_mut(&runtime) else { return false };
        let Some(image) = runtime.images.get(&images::full_name(&spec.image)) else { return false };
        let disk = name.disk();
        disks.insert(disk.clone(), image.top());
        let layer = MountTable::root(&disk);
        let mut files = View::new(disks, &layer, now);
        for (path, text) in &spec.files {
            // An image without the folder has no such file either.
            let _ = files.write(path, text.as_bytes());
        }
        let mounts = Rc::new(start::mount_table(&disk, &spec));
        let container = Container { id, spec: Rc::new(spec), state: State::Created, log: Log::default(), disk, mounts };
        runtime.containers.insert_mut(name, container);
        true
    }

    /// Starts a created container. Models StartContainer.
    pub fn start(&mut self, disks: &mut Disks, runtime: RuntimeId, id: &ContainerId, now: Instant) {
        let Some(machine) = self.runtimes.get_mut(&runtime) else { return };
        let Some(container) = machine.containers.get_mut(id).filter(|container| container.state == State::Created) else { return };
        let Some(image) = machine.images.get(&images::full_name(&container.spec.image)) else { return };
        match start::start(disks, container, image, now) {
            Started::Runs(main) => {
                container.state = State::Running(Up { started: now, main });
                self.wake(now, Waker::Container(id.clone(), runtime));
            }
            Started::Ended(code) => container.end(code, now),
            Started::Failed(message) => {
                container.state = State::Exited(Exit { started: now, finished: now, code: 128, reason: "StartError", message });
            }
        }
    }

    /// Sends a signal to a container's first process: TERM ends a server at once, a shell with a trap runs it, everything else ignores
    /// it as the first process does. Models the two halves of StopContainer, of which the owner keeps the time.
    pub fn signal(&mut self, runtime: RuntimeId, id: &ContainerId, signal: Signal, now: Instant) {
        let Some(container) = self.container_mut(runtime, id) else { return };
        match (&mut container.state, signal) {
            (State::Running(_) | State::Paused(_), Signal::Kill) => self.end(runtime, id, 137, now),
            (State::Running(Up { main: Main::Server, .. }), Signal::Terminate) => self.end(runtime, id, 0, now),
            (State::Running(Up { main: Main::Process(process), .. }), signal) => {
                process.signal(signal);
                self.poke(runtime, id, now);
            }
            _ => {}
        }
    }

    /// A container is over, and with it the machine that it may be.
    fn end(&mut self, runtime: RuntimeId, id: &ContainerId, code: i32, now: Instant) {
        let Some(container) = self.container_mut(runtime, id) else { return };
        container.end(code, now);
        let is_here = |machine: &Runtime| machine.inside.as_ref().is_some_and(|(outer, of)| *outer == runtime && of == id);
        let inner: Vec<RuntimeId> = self.runtimes.iter().filter(|(_, machine)| is_here(machine)).map(|(id, _)| *id).collect();
        for machine in inner {
            let up =
                |(id, container): (&ContainerId, &Container)| matches!(container.state, State::Running(_) | State::Paused(_)).then(|| id.clone());
            let up: Vec<ContainerId> = self.runtimes[&machine].containers.iter().filter_map(up).collect();
            up.iter().for_each(|id| self.end(machine, id, 137, now));
        }
    }

    /// Lets a running container stand still.
    pub fn pause(&mut self, runtime: RuntimeId, id: &ContainerId) {
        if let Some(container) = self.container_mut(runtime, id)
            && let State::Running(up) = &container.state
        {
            container.state = State::Paused(up.clone());
        }
    }

    /// Lets a paused container go on.
    pub fn resume(&mut self, runtime: RuntimeId, id: &ContainerId, now: Instant) {
        if let Some(container) = self.container_mut(runtime, id)
            && let State::Paused(up) = &container.state
        {
            container.state = State::Running(up.clone());
            self.poke(runtime, id, now);
        }
    }

    /// Takes the layer of a container that has ended; its log and how it ended stay.
    pub fn prune(&mut self, disks: &mut Disks, runtime: RuntimeId, id: &ContainerId) {
        if let Some(container) = self.container(runtime, id).filter(|container| container.exit().is_some()) {
            disks.remove(&container.disk);
        }
    }

    /// Takes a container and all that is its away. Models RemoveContainer.
    pub fn remove(&mut self, disks: &mut Disks, runtime: RuntimeId, id: &ContainerId) {
        let Some(machine) = self.runtimes.get_mut(&runtime) else { return };
        let Some(container) = machine.containers.get(id) else { return };
        disks.remove(&container.disk);
        machine.containers.remove_mut(id);
        self.kill_execs(runtime, id);
    }

    /// The first process of a container that runs, for who is attached to it: give it input, then `poke`.
    pub fn attach(&mut self, runtime: RuntimeId, id: &ContainerId) -> Option<&mut Process> {
        self.container_mut(runtime, id)?.process_mut()
    }

    /// Steps every process whose time has come.
    pub fn run_due(&mut self, disks: &mut Disks, networks: &dyn Networks, now: Instant) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some((due, waker)) = self.wakes.first().cloned() {
            if due > now {
                break;
            }
            self.wakes.remove_mut(&(due, waker.clone()));
            match waker {
                Waker::Exec(id) => events.extend(self.step_exec(disks, networks, id, now)),
                Waker::Container(id, runtime) => events.extend(self.step_container(disks, networks, runtime, &id, now)),
            }
        }
        events
    }

    fn step_container(&mut self, disks: &mut Disks, networks: &dyn Networks, runtime: RuntimeId, id: &ContainerId, now: Instant) -> Option<Event> {
        let container = self.container_mut(runtime, id)?;
        let (mounts, terminal) = (container.mounts.clone(), container.spec.terminal);
        let mut process = container.process_mut()?.clone();
        let progress = self.step(disks, networks, (runtime, id), &mounts, &mut process, now);
        let mut chunks = process.take_output();
        if terminal {
            // Behind a terminal there is one stream.
            chunks.iter_mut().for_each(|chunk| chunk.stream = Stream::Stdout);
        }
        let pause = process.pause();
        let container = self.container_mut(runtime, id)?;
        container.log.write(now, &chunks);
        *container.process_mut()? = process;
        match progress {
            Progress::Exited(code) => {
                self.end(runtime, id, code, now);
                return Some(Event::Exited(runtime, id.clone()));
            }
            Progress::Running => self.wake(now + pause, Waker::Container(id.clone(), runtime)),
            Progress::Sleeping(until) => self.wake(until, Waker::Container(id.clone(), runtime)),
            Progress::Reading | Progress::Calling => {}
        }
        None
    }

    /// One slice of a process of a container.
    fn step(
        &mut self,
        disks: &mut Disks,
        networks: &dyn Networks,
        (runtime, id): (RuntimeId, &ContainerId),
        mounts: &MountTable,
        process: &mut Process,
        now: Instant,
    ) -> Progress {
        let mut progress = Progress::Running;
        let served = networks.with_network(self, runtime, id, &mut |network| {
            progress = process.step(&mut System { files: View::new(disks, mounts, now), now, network });
        });
        self.note_served(served, now);
        progress
    }

    /// Puts the lines of requests into the logs of the containers that answered them.
    pub fn note_served(&mut self, served: Vec<Served>, now: Instant) {
        for Served { runtime, container, line } in served {
            if let Some(container) = self.container_mut(runtime, &container) {
                container.log.write(now, &[Chunk { stream: Stream::Stdout, bytes: line.into_bytes() }]);
            }
        }
    }
}
