//! Kubelets: pods become containers. Phases, restarts and back-off, termination.
//!
//! Models pkg/kubelet (kubelet.go, kuberuntime, status, prober). The containers themselves are those of `crate::runtime`. Simplified:
//! one sandbox a pod that never fails.
//!
//! ```text
//! scheduled -> volumes (volume_manager) -> image (container::pull) -> init containers -> containers Running -> Ready
//! deleted   -> TERM -> (grace) -> KILL -> api delete with grace 0
//! ```
pub mod container;
pub mod ending;
pub mod environment;
pub mod events;
pub mod hooks;
pub mod killing;
pub mod lease;
pub mod mounts;
pub mod node_files;
pub mod probes;
pub mod projected;
pub mod state;
pub mod status;
pub mod volume_manager;

use crate::apiserver::DeleteOptions;
use crate::apiserver::events::EventType;
use crate::control::rules::nodes::host_address;
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::kinds::readers::pods::{is_terminal, name_of};
use crate::machine::kernel::Profile;
use crate::machine::process::Process;
use crate::runtime::{ContainerId, ExecError, ExecId};
use crate::values::clock::Duration;
use crate::values::object::{Object, ObjectKey};
use crate::values::status::Status;
use events::source;
use killing::{kill, running_containers, tear_down, tell_to_end};
use state::{POD_START, PodState};
use std::collections::BTreeMap;

pub const CONTROLLER: Controller = Controller {
    name: "kubelet",
    watches: &[("Pod", Keys::Itself), ("ConfigMap", Keys::Of(projected::pods_that_show)), ("Secret", Keys::Of(projected::pods_that_show))],
    sync: sync_pod,
};

/// The network of all pods.
const POD_NETWORK: &str = "cni0";

/// Starts a program in a running container, for `Runtimes::exec_mut`.
/// # Errors
/// What kubectl prints behind `error: `, with the exit code.
pub fn start_exec(ctx: &mut Ctx<'_>, pod: &Object, container: &str, argv: &[String], terminal: bool) -> Result<ExecId, (String, i32)> {
    let missing = || (format!("Internal error occurred: unable to upgrade connection: container not found ({container:?})"), 1);
    let pod_state = ctx.kubelets.pod(pod.uid()).ok_or_else(missing)?;
    let id = pod_state.containers.get(container).and_then(|state| state.current.as_ref()).ok_or_else(missing)?;
    ctx.runtimes.exec(ctx.disks, (pod_state.runtime, id), argv, terminal, ctx.now).map_err(|error| match error {
        ExecError::NotRunning => missing(),
        ExecError::NotExecutable(words) => (words, 127),
        ExecError::TooMany => ("Internal error occurred: too many exec sessions".to_owned(), 1),
    })
}

/// A shell or command on a node itself, as `ssh node-1 CMD` starts it; its files are those of the node's disk.
pub fn node_process(argv: &[String], terminal: bool) -> Process {
    const PROFILE: Profile = Profile { machine: "node", ..Profile::DEBIAN };
    let environment: BTreeMap<String, String> = [
        ("HOME".to_owned(), "/root".to_owned()),
        ("PATH".to_owned(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
        ("USER".to_owned(), "root".to_owned()),
    ]
    .into_iter()
    .collect();
    let argv: Vec<String> = if argv.is_empty() { vec!["bash".to_owned()] } else { vec!["bash".to_owned(), "-c".to_owned(), argv.join(" ")] };
    Process::start(&argv, PROFILE, environment, "/root", terminal)
}

/// Looks at the pod of a container that has ended, where it is one of this cluster. Models the pod lifecycle event generator
/// (pkg/kubelet/pleg).
pub fn container_exited(ctx: &mut Ctx<'_>, container: &ContainerId) {
    if let Some(key) = ctx.kubelets.pod(&container.sandbox).map(|known| known.key.clone()) {
        // An error here is seen again at the pod's next sync.
        let _ = sync_pod(ctx, &key);
    }
}

/// Looks at one pod that is on a node. Models SyncPod and SyncTerminatingPod.
/// # Errors
/// What the api server refused.
pub fn sync_pod(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let pod = ctx.api.get(key).ok().cloned();
    // What is left of a pod of that name that is no more.
    let gone: Vec<String> = ctx
        .kubelets
        .named(key)
        .filter(|(_, known)| !ctx.kubelets.is_stopped(&known.node))
        .map(|(uid, _)| uid.clone())
        .filter(|uid| pod.as_ref().is_none_or(|pod| pod.uid() != uid))
        .collect();
    for uid in gone {
        tear_down(ctx, &uid);
    }
    let Some(pod) = pod else { return Ok(Action::AwaitChange) };
    let node = pod.str(&["spec", "nodeName"]);
    if node.is_empty() || ctx.kubelets.is_stopped(node) {
        return Ok(Action::AwaitChange);
    }
    if pod.is_terminating() {
        return terminate(ctx, key, &pod);
    }
    if is_terminal(&pod) {
        return Ok(Action::AwaitChange);
    }
    if ctx.kubelets.pod(pod.uid()).is_none() {
        admit(ctx, &pod);
    }
    if let Some(ending) = ctx.kubelets.pod(pod.uid()).and_then(|known| known.ending.clone()) {
        return ending::sync(ctx, key, &pod, &ending);
    }
    let action = run(ctx, &pod);
    let ending = ending::look(ctx, &pod).unwrap_or(Action::AwaitChange);
    status::update(ctx, key, &pod)?;
    Ok(action?.sooner(ending))
}

fn admit(ctx: &mut Ctx<'_>, pod: &Object) {
    let node = pod.str(&["spec", "nodeName"]).to_owned();
    let found = ctx.api.store().get(&ObjectKey::new("Node", "", &node));
    let cidr = found.map_or("10.244.0.0/24", |node| node.str(&["spec", "podCIDR"])).to_owned();
    let host = pod.bool(&["spec", "hostNetwork"]);
    let runtime = ctx.kubelets.join(ctx.runtimes, &node);
    let ip = match ctx.runtimes.get_mut(runtime) {
        Some(machine) if !host => machine.allocate_address(POD_NETWORK, &cidr),
        _ => host_address(ctx.api, &node),
    };
    let known = PodState {
        key: ObjectKey::new("Pod", pod.namespace(), pod.name()),
        node,
        runtime,
        ip,
        started: ctx.now,
        ready_to_start: ctx.now + POD_START,
        containers: BTreeMap::new(),
        volumes: None,
        mount_failures: 0,
        stopping: false,
        terminate_at: None,
        ending: None,
        looked: ctx.now,
    };
    ctx.kubelets.insert(pod.uid(), known);
}

/// Brings a pod on: mounts, pulls, starts, restarts.
fn run(ctx: &mut Ctx<'_>, pod: &Object) -> Result<Action, Status> {
    if let Some(action) = volume_manager::mount_volumes(ctx, pod) {
        return Ok(action);
    }
    let uid = pod.uid();
    let Some(known) = ctx.kubelets.pod(uid) else { return Ok(Action::AwaitChange) };
    if ctx.now < known.ready_to_start {
        return Ok(Action::RequeueAfter(known.ready_to_start - ctx.now));
    }
    let policy = pod.str(&["spec", "restartPolicy"]);
    let mut next = projected::refresh(ctx, pod).unwrap_or(Action::AwaitChange);
    for init in pod.list(&["spec", "initContainers"]) {
        let restartable = init["restartPolicy"] == "Always";
        let action = container::bring_on(ctx, pod, init, "initContainers", if restartable { "Always" } else { init_policy(policy) });
        next = next.sooner(action.unwrap_or(Action::AwaitChange));
        let found = ctx.kubelets.container(ctx.runtimes, uid, name_of(init));
        let passed = found.is_some_and(|seen| if restartable { seen.is_running() } else { seen.succeeded() });
        if !passed {
            return Ok(next);
        }
    }
    for spec in pod.list(&["spec", "containers"]) {
        let action = container::bring_on(ctx, pod, spec, "containers", policy);
        next = next.sooner(action.unwrap_or(Action::AwaitChange));
    }
    Ok(next.sooner(probes::run(ctx, pod).unwrap_or(Action::AwaitChange)))
}

fn init_policy(policy: &str) -> &'static str {
    if policy == "Never" { "Never" } else { "OnFailure" }
}

/// Ends a pod: TERM, the grace period, KILL, and then the object goes.
fn terminate(ctx: &mut Ctx<'_>, key: &ObjectKey, pod: &Object) -> Result<Action, Status> {
    let uid = pod.uid().to_owned();
    let now = ctx.now;
    let grace = pod.int(&["metadata", "deletionGracePeriodSeconds"]).unwrap_or(30).max(0) as u64;
    let deadline = pod.deletion_timestamp().unwrap_or(now);
    let first = ctx.kubelets.pod(&uid).is_some_and(|known| !known.stopping);
    if first {
        let running: Vec<String> = running_containers(ctx, &uid).into_iter().map(|(name, _)| name).collect();
        for name in &running {
            let message = format!("Stopping container {name}");
            ctx.api.event(pod, source(pod, Some(("containers", name))), EventType::Normal, "Killing", &message);
        }
        let asleep = hooks::pre_stop(ctx, pod, &running);
        if let Some(known) = ctx.kubelets.pod_mut(&uid) {
            (known.stopping, known.terminate_at) = (true, Some(now + asleep));
        }
    }
    tell_to_end(ctx, &uid);
    let still = running_containers(ctx, &uid);
    if !still.is_empty() && now < deadline && grace > 0 {
        return Ok(Action::RequeueAfter(Duration((deadline - now).0.min(1000))));
    }
    kill(ctx, &uid);
    if ctx.kubelets.pod(&uid).is_some() {
        status::update(ctx, key, pod)?;
    }
    tear_down(ctx, &uid);
    let options = DeleteOptions { grace_period: Some(0), uid: Some(uid), ..DeleteOptions::default() };
    match ctx.api.delete(key, &options) {
        Err(status) if !status.is_not_found() => Err(status),
        _ => Ok(Action::AwaitChange),
    }
}
