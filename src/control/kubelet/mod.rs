//! Kubelets: pods become containers. Phases, restarts and back-off, termination, logs, exec.
//!
//! Models pkg/kubelet (kubelet.go, kuberuntime, status, prober) and the container runtime below it. Simplified: one sandbox a pod
//! that never fails, cgroups and limits are not enforced.
//!
//! ```text
//! scheduled -> volumes (volume_manager) -> image (container::pull) -> init containers -> containers Running -> Ready
//! deleted   -> TERM -> (grace) -> KILL -> api delete with grace 0
//! ```
//!
//! For kubectl: `Runtime::logs`, `start_exec` / `exec` / `end_exec` (a process in a container, which `run_processes` steps),
//! `Runtime::attach` for the container's own process, and `node_process` for a shell on a node.
pub mod container;
pub mod ending;
pub mod environment;
pub mod hooks;
pub mod lease;
pub mod probes;
pub mod status;
pub mod volume_manager;

use crate::apiserver::DeleteOptions;
use crate::apiserver::events::{EventSource, EventType};
use crate::control::dns::{ClusterNetwork, Served};
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::machine::disks::Disks;
use crate::machine::images;
use crate::machine::shell::{Chunk, Process, Profile, Progress, Signal, Stream, System};
use crate::machine::vfs::{MountTable, View};
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, Value, str_at};
use crate::values::order::Gather;
use crate::values::status::Status;
use container::{Container, State};
use rpds::{RedBlackTreeMap, RedBlackTreeSet};
use std::collections::BTreeMap;
use std::rc::Rc;

pub const CONTROLLER: Controller = Controller {
    name: "kubelet",
    watches: &[("Pod", Keys::Itself), ("ConfigMap", Keys::Of(volume_manager::pods_that_show)), ("Secret", Keys::Of(volume_manager::pods_that_show))],
    sync: sync_pod,
};

/// From a pod's arrival on its node to its first container.
const START: Duration = Duration::millis(1000);
/// The most exec sessions of a cluster.
const EXECS_MAX: usize = 64;

/// One pod on its node.
#[derive(Clone, Debug, PartialEq)]
pub struct PodRuntime {
    pub key: ObjectKey,
    pub node: String,
    pub ip: String,
    pub started: Instant,
    /// Containers may start from now on.
    pub ready_to_start: Instant,
    /// By name, init containers included.
    pub containers: BTreeMap<String, Container>,
    /// Volumes by name: where their bytes are. `None` until all are mounted.
    pub volumes: Option<Rc<BTreeMap<String, volume_manager::Mounted>>>,
    pub mount_failures: u32,
    /// It is being ended.
    pub stopping: bool,
    /// When TERM is sent, once hooks are over; `None`: it was.
    pub terminate_at: Option<Instant>,
    /// The kubelet itself ends it.
    pub ending: Option<Rc<ending::Ending>>,
    /// When the sizes of its volumes were looked at.
    pub looked: Instant,
}

/// A process started in a container by `exec`.
#[derive(Clone, Debug, PartialEq)]
pub struct Exec {
    pub uid: String,
    pub container: String,
    pub process: Process,
}

pub type ExecId = u64;

/// Who waits for an instant: a container's process, or an exec.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Waker {
    Container(String, String),
    Exec(ExecId),
}

/// All containers of all nodes: what the container runtimes know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Runtime {
    /// By uid.
    pods: RedBlackTreeMap<String, PodRuntime>,
    /// The uids of those of one name; two while a pod is gone of which its stopped node does not know.
    uids: RedBlackTreeSet<(ObjectKey, String)>,
    execs: RedBlackTreeMap<ExecId, Exec>,
    next_exec: ExecId,
    wakes: RedBlackTreeSet<(Instant, Waker)>,
    /// Nodes whose kubelet is stopped.
    pub stopped: RedBlackTreeSet<String>,
    /// Images on each node, by full name.
    pub images: RedBlackTreeMap<(String, String), ()>,
    /// When a container began last, and the files of the images that were unpacked then, by image.
    unpacked_at: Instant,
    unpacked: Disks,
    /// The last pod address given on each node.
    addresses: RedBlackTreeMap<String, u32>,
}

impl PodRuntime {
    /// Why its kubelet ended it, once nothing of it runs.
    pub fn ended(&self) -> Option<&ending::Ending> {
        self.ending.as_deref().filter(|_| self.containers.values().all(|container| container.state != State::Running))
    }
}

impl Runtime {
    pub fn pod(&self, uid: &str) -> Option<&PodRuntime> {
        self.pods.get(uid)
    }

    pub fn pods(&self) -> impl Iterator<Item = &PodRuntime> {
        self.pods.values()
    }

    /// The pods of a name, with their uids.
    fn named(&self, key: &ObjectKey) -> impl Iterator<Item = (&String, &PodRuntime)> {
        let of_key = self.uids.range((key.clone(), String::new())..).take_while(move |(found, _)| found == key);
        of_key.filter_map(|(_, uid)| Some((uid, self.pods.get(uid)?)))
    }

    pub fn container(&self, uid: &str, container: &str) -> Option<&Container> {
        self.pods.get(uid)?.containers.get(container)
    }

    /// When a process goes on next; `None`: none will by itself.
    pub fn next_wake(&self) -> Option<Instant> {
        self.wakes.first().map(|(due, _)| *due)
    }

    fn wake(&mut self, due: Instant, waker: Waker) {
        self.wakes.insert_mut((due, waker));
    }

    /// The address that a new pod on a node gets; `index` is the node's place, from 0.
    fn next_address(&mut self, node: &str, cidr: &str) -> String {
        let base: u32 = cidr.split('/').next().and_then(|text| text.parse::<std::net::Ipv4Addr>().ok()).map_or(0x0af4_0000, u32::from);
        let last = self.addresses.get(node).copied().unwrap_or(1);
        // Addresses of pods that are gone come back only when the range is used up.
        let next = if last >= 0xfe { 2 } else { last + 1 };
        self.addresses.insert_mut(node.to_owned(), next);
        std::net::Ipv4Addr::from(base + next).to_string()
    }

    /// A container's lines, of its last run before this one with `previous`. `None`: there is no such run.
    pub fn logs(&self, uid: &str, container: &str, previous: bool) -> Option<&container::Log> {
        let container = self.container(uid, container)?;
        if previous { container.previous_log.as_ref() } else { (container.restarts > 0 || container.started.is_some()).then_some(&container.log) }
    }

    pub fn exec(&mut self, id: ExecId) -> Option<&mut Exec> {
        self.execs.get_mut(&id)
    }

    pub fn end_exec(&mut self, id: ExecId) {
        self.execs.remove_mut(&id);
    }

    /// Lets an exec's process go on at once, after it got input.
    pub fn poke(&mut self, id: ExecId, now: Instant) {
        self.wake(now, Waker::Exec(id));
    }

    /// The process of a container that runs, for `attach` and `run -it`: give it input, then `poke_container`.
    pub fn attach(&mut self, uid: &str, container: &str) -> Option<&mut Process> {
        self.pods.get_mut(uid)?.containers.get_mut(container)?.process.as_mut()
    }

    pub fn poke_container(&mut self, uid: &str, container: &str, now: Instant) {
        self.wake(now, Waker::Container(uid.to_owned(), container.to_owned()));
    }
}

/// Starts a program in a running container. It is stepped with the cluster; see `Runtime::exec`.
/// # Errors
/// What kubectl prints behind `error: `, with the exit code.
pub fn start_exec(ctx: &mut Ctx<'_>, pod: &Object, container: &str, argv: &[String], terminal: bool) -> Result<ExecId, (String, i32)> {
    let missing = || (format!("Internal error occurred: unable to upgrade connection: container not found ({container:?})"), 1);
    let runtime = ctx.runtime.container(pod.uid(), container).filter(|container| container.state == State::Running).ok_or_else(missing)?;
    let (profile, mut environment, folder, mounts) =
        (runtime.profile, runtime.environment.as_ref().clone(), runtime.working_directory.clone(), runtime.mounts.clone());
    if terminal {
        environment.insert("TERM".to_owned(), "xterm".to_owned());
    }
    let files = View::new(ctx.disks, &mounts, ctx.now);
    let name = argv.first().cloned().unwrap_or_default();
    if !Process::exists(&profile, &name, &files) {
        return Err((container::not_executable(&name), 127));
    }
    if ctx.runtime.execs.size() >= EXECS_MAX {
        return Err(("Internal error occurred: too many exec sessions".to_owned(), 1));
    }
    let process = Process::start(argv, profile, environment, &folder, terminal);
    let id = ctx.runtime.next_exec;
    ctx.runtime.next_exec += 1;
    ctx.runtime.execs.insert_mut(id, Exec { uid: pod.uid().to_owned(), container: container.to_owned(), process });
    ctx.runtime.wake(ctx.now, Waker::Exec(id));
    Ok(id)
}

/// A shell or command on a node itself, as `ssh node-1 CMD` starts it; its files are the node's disk (`MountTable::root("node/NAME")`).
pub fn node_process(argv: &[String], terminal: bool) -> Process {
    const PROFILE: Profile = Profile { dialect: crate::machine::shell::Dialect::Bash, calls: &[], without: &[], has: &["sudo"], old_nslookup: false };
    let environment: BTreeMap<String, String> = [
        ("HOME".to_owned(), "/root".to_owned()),
        ("PATH".to_owned(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
        ("USER".to_owned(), "root".to_owned()),
    ]
    .into_iter()
    .gather();
    let argv: Vec<String> = if argv.is_empty() { vec!["bash".to_owned()] } else { vec!["bash".to_owned(), "-c".to_owned(), argv.join(" ")] };
    Process::start(&argv, PROFILE, environment, "/root", terminal)
}

/// Steps every process whose time has come, and syncs the pods of those that ended.
pub fn run_processes(ctx: &mut Ctx<'_>) {
    let mut ended: Vec<String> = Vec::new();
    while let Some((due, waker)) = ctx.runtime.wakes.first().cloned() {
        if due > ctx.now {
            break;
        }
        ctx.runtime.wakes.remove_mut(&(due, waker.clone()));
        match waker {
            Waker::Exec(id) => ended.extend(step_exec(ctx, id)),
            Waker::Container(uid, name) => {
                if step_container(ctx, &uid, &name) {
                    ended.push(uid);
                }
            }
        }
    }
    for uid in ended {
        let Some(key) = ctx.runtime.pod(&uid).map(|pod| pod.key.clone()) else { continue };
        // An error here is seen again at the pod's next sync.
        let _ = sync_pod(ctx, &key);
    }
}

/// The uid of a pod whose container ended by a signal of the process.
#[inline(never)]
fn step_exec(ctx: &mut Ctx<'_>, id: ExecId) -> Option<String> {
    let exec = ctx.runtime.execs.get(&id).cloned()?;
    let pod = ctx.runtime.pod(&exec.uid)?;
    let container = pod.containers.get(&exec.container)?;
    let (mounts, key, ip) = (container.mounts.clone(), pod.key.clone(), pod.ip.clone());
    let mut process = exec.process;
    let progress = step_process(ctx, &mut process, &mounts, &key, &ip);
    let pause = process.pause();
    let signals = process.take_signals_to_first();
    if let Some(exec) = ctx.runtime.execs.get_mut(&id) {
        exec.process = process;
    }
    match progress {
        Progress::Running => ctx.runtime.wake(ctx.now + pause, Waker::Exec(id)),
        Progress::Sleeping(until) => ctx.runtime.wake(until, Waker::Exec(id)),
        _ => {}
    }
    let now = ctx.now;
    let container = ctx.runtime.pods.get_mut(&exec.uid)?.containers.get_mut(&exec.container)?;
    if signals.is_empty() || container.state != State::Running {
        return None;
    }
    container.terminate(now);
    if container.state == State::Ended {
        return Some(exec.uid);
    }
    ctx.runtime.wake(now, Waker::Container(exec.uid, exec.container));
    None
}

fn step_process(ctx: &mut Ctx<'_>, process: &mut Process, mounts: &MountTable, pod: &ObjectKey, ip: &str) -> Progress {
    let mut network = ClusterNetwork { api: ctx.api, runtime: ctx.runtime, namespace: &pod.namespace, address: ip, served: Vec::new() };
    let mut system = System { files: View::new(ctx.disks, mounts, ctx.now), now: ctx.now, network: &mut network };
    let progress = process.step(&mut system);
    let served = network.served;
    write_served(ctx, served);
    progress
}

/// Puts the lines of requests into the logs of the containers that served them.
fn write_served(ctx: &mut Ctx<'_>, served: Vec<Served>) {
    for Served { uid, container, line } in served {
        if let Some(container) = ctx.runtime.pods.get_mut(&uid).and_then(|pod| pod.containers.get_mut(&container)) {
            container.log.write(ctx.now, &[Chunk { stream: Stream::Stdout, bytes: line.into_bytes() }]);
        }
    }
}

/// True: the container's process ended.
fn step_container(ctx: &mut Ctx<'_>, uid: &str, name: &str) -> bool {
    let Some(pod) = ctx.runtime.pod(uid) else { return false };
    let Some(container) = pod.containers.get(name).filter(|container| container.state == State::Running) else { return false };
    let (key, ip, mounts) = (pod.key.clone(), pod.ip.clone(), container.mounts.clone());
    let Some(mut process) = container.process.clone() else { return false };
    let progress = step_process(ctx, &mut process, &mounts, &key, &ip);
    let chunks = process.take_output();
    let now = ctx.now;
    let Some(container) = ctx.runtime.pods.get_mut(uid).and_then(|pod| pod.containers.get_mut(name)) else { return false };
    container.log.write(now, &chunks);
    container.attached.extend(chunks);
    let pause = process.pause();
    container.process = Some(process);
    match progress {
        Progress::Exited(code) => {
            container.end(code, now);
            return true;
        }
        Progress::Running => ctx.runtime.wake(now + pause, Waker::Container(uid.to_owned(), name.to_owned())),
        Progress::Sleeping(until) => ctx.runtime.wake(until, Waker::Container(uid.to_owned(), name.to_owned())),
        Progress::Reading | Progress::Calling => {}
    }
    false
}

fn source(pod: &Object, container: Option<(&str, &str)>) -> EventSource {
    let field_path = container.map_or(String::new(), |(list, name)| format!("spec.{list}{{{name}}}"));
    EventSource { component: "kubelet".to_owned(), host: pod.str(&["spec", "nodeName"]).to_owned(), field_path }
}

/// Looks at one pod that is on a node. Models SyncPod and SyncTerminatingPod.
/// # Errors
/// What the api server refused.
pub fn sync_pod(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let pod = ctx.api.get(key).ok().cloned();
    // What is left of a pod of that name that is no more.
    let gone: Vec<String> = ctx
        .runtime
        .named(key)
        .filter(|(_, runtime)| !ctx.runtime.stopped.contains(&runtime.node))
        .map(|(uid, _)| uid.clone())
        .filter(|uid| pod.as_ref().is_none_or(|pod| pod.uid() != uid))
        .collect();
    for uid in gone {
        tear_down(ctx, &uid);
    }
    let Some(pod) = pod else { return Ok(Action::AwaitChange) };
    let node = pod.str(&["spec", "nodeName"]);
    if node.is_empty() || ctx.runtime.stopped.contains(node) {
        return Ok(Action::AwaitChange);
    }
    if pod.is_terminating() {
        return terminate(ctx, key, &pod);
    }
    if matches!(pod.str(&["status", "phase"]), "Succeeded" | "Failed") {
        return Ok(Action::AwaitChange);
    }
    if ctx.runtime.pod(pod.uid()).is_none() {
        admit(ctx, &pod);
    }
    if let Some(ending) = ctx.runtime.pod(pod.uid()).and_then(|runtime| runtime.ending.clone()) {
        return ending::sync(ctx, key, &pod, &ending);
    }
    let action = run(ctx, &pod);
    let ending = ending::look(ctx, &pod);
    status::update(ctx, key, &pod)?;
    Ok(sooner(Some(action?), ending).unwrap_or(Action::AwaitChange))
}

fn admit(ctx: &mut Ctx<'_>, pod: &Object) {
    let node = pod.str(&["spec", "nodeName"]).to_owned();
    let found = ctx.api.store.get(&ObjectKey::new("Node", "", &node));
    let cidr = found.map_or("10.244.0.0/24", |node| node.str(&["spec", "podCIDR"])).to_owned();
    let host = pod.bool(&["spec", "hostNetwork"]);
    let ip = if host { status::host_address(ctx.api, &node) } else { ctx.runtime.next_address(&node, &cidr) };
    let runtime = PodRuntime {
        key: ObjectKey::new("Pod", pod.namespace(), pod.name()),
        node,
        ip,
        started: ctx.now,
        ready_to_start: ctx.now + START,
        containers: BTreeMap::new(),
        volumes: None,
        mount_failures: 0,
        stopping: false,
        terminate_at: None,
        ending: None,
        looked: ctx.now,
    };
    ctx.runtime.uids.insert_mut((runtime.key.clone(), pod.uid().to_owned()));
    ctx.runtime.pods.insert_mut(pod.uid().to_owned(), runtime);
}

/// Brings a pod on: mounts, pulls, starts, restarts.
fn run(ctx: &mut Ctx<'_>, pod: &Object) -> Result<Action, Status> {
    if let Some(action) = volume_manager::mount_volumes(ctx, pod) {
        return Ok(action);
    }
    let uid = pod.uid();
    let Some(runtime) = ctx.runtime.pod(uid) else { return Ok(Action::AwaitChange) };
    if ctx.now < runtime.ready_to_start {
        return Ok(Action::RequeueAfter(runtime.ready_to_start - ctx.now));
    }
    let policy = pod.str(&["spec", "restartPolicy"]);
    let mut next: Option<Action> = volume_manager::refresh(ctx, pod);
    for init in pod.list(&["spec", "initContainers"]) {
        let restartable = init["restartPolicy"] == "Always";
        let action = container::bring_on(ctx, pod, init, "initContainers", if restartable { "Always" } else { init_policy(policy) });
        next = sooner(next, action);
        let found = ctx.runtime.container(uid, init["name"].as_str().unwrap_or(""));
        let passed =
            found.is_some_and(
                |container| if restartable { container.state == State::Running } else { container.state == State::Ended && container.code == 0 },
            );
        if !passed {
            return Ok(next.unwrap_or(Action::AwaitChange));
        }
    }
    for spec in pod.list(&["spec", "containers"]) {
        let action = container::bring_on(ctx, pod, spec, "containers", policy);
        next = sooner(next, action);
    }
    next = sooner(next, probes::run(ctx, pod));
    Ok(next.unwrap_or(Action::AwaitChange))
}

fn init_policy(policy: &str) -> &'static str {
    if policy == "Never" { "Never" } else { "OnFailure" }
}

/// The one of two actions that comes first. What only repeats itself gives way at the same time.
fn sooner(one: Option<Action>, other: Option<Action>) -> Option<Action> {
    let span = |action: &Action| match action {
        Action::AwaitChange => Duration(u64::MAX),
        Action::RequeueAfter(span) | Action::Resync(span) => *span,
    };
    match (one, other) {
        (Some(one), Some(other)) => Some(if span(&other) < span(&one) { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// Ends a pod: TERM, the grace period, KILL, and then the object goes.
#[inline(never)]
fn terminate(ctx: &mut Ctx<'_>, key: &ObjectKey, pod: &Object) -> Result<Action, Status> {
    let uid = pod.uid().to_owned();
    let now = ctx.now;
    let grace = pod.int(&["metadata", "deletionGracePeriodSeconds"]).unwrap_or(30).max(0) as u64;
    let deadline = pod.deletion_timestamp().unwrap_or(now);
    let first = ctx.runtime.pod(&uid).is_some_and(|runtime| !runtime.stopping);
    if first {
        let running: Vec<String> = running_containers(ctx.runtime, &uid);
        for name in &running {
            let message = format!("Stopping container {name}");
            ctx.api.event(pod, source(pod, Some(("containers", name))), EventType::Normal, "Killing", &message);
        }
        let asleep = hooks::pre_stop(ctx, pod, &running);
        if let Some(runtime) = ctx.runtime.pods.get_mut(&uid) {
            (runtime.stopping, runtime.terminate_at) = (true, Some(now + asleep));
        }
    }
    tell_to_end(ctx, &uid);
    let still = running_containers(ctx.runtime, &uid);
    if !still.is_empty() && now < deadline && grace > 0 {
        return Ok(Action::RequeueAfter(Duration((deadline - now).0.min(1000))));
    }
    kill(ctx, &uid);
    if ctx.runtime.pod(&uid).is_some() {
        status::update(ctx, key, pod)?;
    }
    tear_down(ctx, &uid);
    let options = DeleteOptions { grace_period: Some(0), uid: Some(uid), ..DeleteOptions::default() };
    match ctx.api.delete(key, &options) {
        Err(status) if !status.is_not_found() => Err(status),
        _ => Ok(Action::AwaitChange),
    }
}

/// Sends TERM to what runs of a pod, when its time has come.
fn tell_to_end(ctx: &mut Ctx<'_>, uid: &str) {
    let now = ctx.now;
    let running = running_containers(ctx.runtime, uid);
    let Some(runtime) = ctx.runtime.pods.get_mut(uid) else { return };
    if runtime.terminate_at.is_none_or(|due| now < due) {
        return;
    }
    runtime.terminate_at = None;
    for name in &running {
        if let Some(container) = runtime.containers.get_mut(name) {
            container.terminate(now);
        }
    }
    for name in running {
        ctx.runtime.wake(now, Waker::Container(uid.to_owned(), name));
    }
}

/// Ends what still runs of a pod.
#[inline(never)]
fn kill(ctx: &mut Ctx<'_>, uid: &str) {
    let now = ctx.now;
    let still = running_containers(ctx.runtime, uid);
    let Some(runtime) = ctx.runtime.pods.get_mut(uid) else { return };
    for name in &still {
        if let Some(container) = runtime.containers.get_mut(name) {
            if let Some(process) = &mut container.process {
                process.signal(Signal::Kill);
            }
            container.end(137, now);
        }
    }
}

fn running_containers(runtime: &Runtime, uid: &str) -> Vec<String> {
    let containers = runtime.pod(uid).into_iter().flat_map(|pod| &pod.containers);
    containers.filter(|(_, container)| container.state == State::Running).map(|(name, _)| name.clone()).collect()
}

/// Removes what a pod had on its node: containers, their layers, its own volumes.
#[inline(never)]
fn tear_down(ctx: &mut Ctx<'_>, uid: &str) {
    let Some(runtime) = ctx.runtime.pods.get(uid).cloned() else { return };
    for container in runtime.containers.values() {
        ctx.disks.remove(&container.disk);
    }
    for volume in runtime.volumes.iter().flat_map(|volumes| volumes.values()).filter(|volume| volume.disk.starts_with("tmpfs/")) {
        ctx.disks.remove(&volume.disk);
    }
    let mounts = MountTable::root(&format!("node/{}", runtime.node));
    let mut files = View::new(ctx.disks, &mounts, ctx.now);
    // The folder is there only when the pod had volumes of its own.
    let _ = files.remove_all(&volume_manager::pod_folder(uid));
    ctx.runtime.pods.remove_mut(uid);
    ctx.runtime.uids.remove_mut(&(runtime.key, uid.to_owned()));
    let of_pod: Vec<ExecId> = ctx.runtime.execs.iter().filter(|(_, exec)| exec.uid == uid).map(|(id, _)| *id).collect();
    for id in of_pod {
        if let Some(exec) = ctx.runtime.execs.get_mut(&id) {
            exec.process.signal(Signal::Kill);
        }
    }
}

/// Whether an image is on a node.
fn has_image(runtime: &Runtime, node: &str, image: &str) -> bool {
    runtime.images.contains_key(&(node.to_owned(), images::full_name(image)))
}

/// What a pod's containers get to end by themselves.
fn grace_period(pod: &Object) -> Duration {
    Duration::seconds(pod.int(&["spec", "terminationGracePeriodSeconds"]).unwrap_or(30).max(0) as u64)
}

/// A container's name in its spec.
fn name_of(spec: &Value) -> &str {
    str_at(spec, &["name"])
}
