//! A pod's status as its kubelet reports it: phase, conditions, container statuses.
//!
//! Models pkg/kubelet/kubelet_pods.go (convertStatusToAPIStatus, getPhase) and pkg/kubelet/status/generate.go.

use super::state::{PodState, Seen};
use crate::control::rules::nodes::host_address;
use crate::control::sync::Ctx;
use crate::kinds::readers::pods::{is_terminal_phase, name_of};
use crate::machine::images;
use crate::runtime::{Container, Exit, Runtimes};
use crate::values::clock::{Duration, Instant};
use crate::values::hash::{FNV_START, fnv1a};
use crate::values::object::{Object, ObjectKey, Value, json, str_at};
use crate::values::status::Status;

/// Writes the status where it differs from what the server has.
/// # Errors
/// NotFound.
pub fn update(ctx: &mut Ctx<'_>, key: &ObjectKey, pod: &Object) -> Result<(), Status> {
    let Some(state) = ctx.kubelets.pod(pod.uid()) else { return Ok(()) };
    let host = host_address(ctx.api, &state.node);
    let current = ctx.api.get(key)?;
    let status = status_of(current, &Known { state, runtimes: ctx.runtimes }, &host, ctx.now);
    if current.at(&["status"]) != Some(&status) {
        ctx.api.replace_status(key, status)?;
    }
    Ok(())
}

/// A pod with what its runtime knows of its containers.
struct Known<'a> {
    state: &'a PodState,
    runtimes: &'a Runtimes,
}

impl<'a> Known<'a> {
    fn container(&self, name: &str) -> Option<Seen<'a>> {
        self.state.container(self.runtimes, name)
    }

    /// Why its kubelet ended it, where users are told.
    fn ended(&self) -> Option<&'a super::state::Ending> {
        self.state.ended(self.runtimes).filter(|ending| !ending.reason.is_empty())
    }
}

fn phase(pod: &Object, known: &Known<'_>) -> &'static str {
    if known.ended().is_some() {
        return "Failed";
    }
    let policy = pod.str(&["spec", "restartPolicy"]);
    let states = |list: &str| -> Vec<Option<Seen<'_>>> { pod.list(&["spec", list]).iter().map(|spec| known.container(name_of(spec))).collect() };
    let inits = states("initContainers");
    // A sidecar may end as it likes: it is ended when the work is done.
    let steps = pod.list(&["spec", "initContainers"]).iter().zip(&inits).filter(|(spec, _)| spec["restartPolicy"] != "Always");
    let mut steps = steps.filter_map(|(_, init)| init.as_ref()?.exit());
    if steps.any(|exit| exit.code != 0) && policy == "Never" {
        return "Failed";
    }
    let containers = states("containers");
    if containers.iter().any(|seen| seen.is_none_or(|seen| seen.container.is_none())) {
        return "Pending";
    }
    let helpers_run = inits.iter().flatten().any(Seen::is_running);
    let exits: Vec<&Exit> = containers.iter().flatten().filter_map(Seen::exit).collect();
    if exits.len() == containers.len() && !helpers_run && policy != "Always" {
        let failed = exits.iter().any(|exit| exit.code != 0);
        return match (failed, policy) {
            (false, _) => "Succeeded",
            (true, "Never") => "Failed",
            (true, _) => "Running",
        };
    }
    "Running"
}

fn status_of(pod: &Object, known: &Known<'_>, host: &str, now: Instant) -> Value {
    let phase = phase(pod, known);
    let mut status = json!({
        "phase": phase,
        "qosClass": pod.str(&["status", "qosClass"]),
        "hostIP": host,
        "hostIPs": [{"ip": host}],
        "startTime": known.state.started.rfc3339(),
        "observedGeneration": pod.generation(),
    });
    if let Some(ending) = known.ended() {
        (status["reason"], status["message"]) = (json!(ending.reason), json!(ending.message));
    }
    let has_sandbox = known.state.containers.values().any(|state| state.current.is_some());
    if has_sandbox {
        status["podIP"] = json!(known.state.ip);
        status["podIPs"] = json!([{"ip": known.state.ip}]);
    }
    let statuses = |list: &str, waiting: &str| -> Vec<Value> {
        let mut all: Vec<Value> = pod.list(&["spec", list]).iter().map(|spec| container_status(spec, known, waiting, list, now)).collect();
        if pod.str(&["spec", "restartPolicy"]) != "Never" {
            all.iter_mut().for_each(waits_after_start_error);
        }
        all.sort_by(|one, other| if list == "containers" { one["name"].as_str().cmp(&other["name"].as_str()) } else { std::cmp::Ordering::Equal });
        all
    };
    let has_inits = !pod.list(&["spec", "initContainers"]).is_empty();
    if has_inits {
        status["initContainerStatuses"] = Value::from(statuses("initContainers", "PodInitializing"));
    }
    status["containerStatuses"] = Value::from(statuses("containers", if has_inits { "PodInitializing" } else { "ContainerCreating" }));
    status["conditions"] = conditions(pod, known, phase, has_sandbox, now);
    status
}

fn conditions(pod: &Object, known: &Known<'_>, phase: &str, has_sandbox: bool, now: Instant) -> Value {
    let done = is_terminal_phase(phase);
    let names = |list: &str, holds: &dyn Fn(&Seen<'_>) -> bool| -> Vec<String> {
        let specs = pod.list(&["spec", list]).iter().map(name_of);
        specs.filter(|name| !known.container(name).as_ref().is_some_and(holds)).map(str::to_owned).collect()
    };
    let unready = names("containers", &|seen| seen.is_ready());
    let work_began = pod.list(&["spec", "containers"]).iter().any(|spec| known.container(name_of(spec)).is_some_and(|seen| seen.container.is_some()));
    let uninitialized = names("initContainers", &|seen| work_began || seen.succeeded() || seen.is_running() && seen.state.startup_passed);
    let old = |kind: &str| pod.list(&["status", "conditions"]).iter().find(|condition| str_at(condition, &["type"]) == kind);
    let make = |kind: &str, holds: bool, reason: &str, message: &str| -> Value {
        let status = if holds { "True" } else { "False" };
        let since = old(kind)
            .filter(|old| old["status"] == status)
            .and_then(|old| old["lastTransitionTime"].as_str())
            .map_or_else(|| now.rfc3339(), str::to_owned);
        let mut condition =
            json!({"lastProbeTime": null, "lastTransitionTime": since, "observedGeneration": pod.generation(), "status": status, "type": kind});
        if !reason.is_empty() {
            condition["reason"] = json!(reason);
        }
        if !message.is_empty() {
            condition["message"] = json!(message);
        }
        condition
    };
    let unready_message = format!("containers with unready status: [{}]", unready.join(" "));
    let ready = |kind: &str| match (phase, unready.is_empty()) {
        ("Succeeded", _) => make(kind, false, "PodCompleted", ""),
        ("Failed", _) => make(kind, false, "PodFailed", ""),
        (_, true) => make(kind, true, "", ""),
        (_, false) => make(kind, false, "ContainersNotReady", &unready_message),
    };
    let initialized = if uninitialized.is_empty() {
        make("Initialized", true, if phase == "Succeeded" { "PodCompleted" } else { "" }, "")
    } else {
        make("Initialized", false, "ContainersNotInitialized", &format!("containers with incomplete status: [{}]", uninitialized.join(" ")))
    };
    Value::from(vec![
        make("PodReadyToStartContainers", has_sandbox && !done, "", ""),
        initialized,
        ready("Ready"),
        ready("ContainersReady"),
        make("PodScheduled", true, "", ""),
    ])
}

/// How long a container that ended shows how, before it shows that it waits: the kubelet's next look.
pub const BACKOFF_SHOWN: Duration = Duration::seconds(10);

fn terminated(container: &Container) -> Value {
    let Some(exit) = container.exit() else { return json!({}) };
    let mut state = json!({
        "containerID": format!("containerd://{}", container.id),
        "exitCode": exit.code,
        "finishedAt": exit.finished.rfc3339(),
        "reason": exit.reason,
        "startedAt": exit.started.rfc3339(),
    });
    if !exit.message.is_empty() {
        state["message"] = json!(exit.message);
    }
    json!({"terminated": state})
}

fn container_status(spec: &Value, known: &Known<'_>, waiting: &str, list: &str, now: Instant) -> Value {
    let image = spec["image"].as_str().unwrap_or("");
    let mounts: Vec<Value> = spec["volumeMounts"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|mount| {
            let mut seen = json!({"mountPath": mount["mountPath"], "name": mount["name"]});
            if mount["readOnly"] == true {
                seen["readOnly"] = json!(true);
                seen["recursiveReadOnly"] = json!("Disabled");
            }
            seen
        })
        .collect();
    let mut status = json!({
        "image": image, "imageID": "", "lastState": {}, "name": spec["name"], "ready": false, "restartCount": 0, "started": false,
        "state": {"waiting": {"reason": waiting}},
    });
    if !mounts.is_empty() {
        status["volumeMounts"] = Value::from(mounts);
    }
    let Some(seen) = known.container(name_of(spec)) else { return status };
    status["restartCount"] = json!(seen.state.restarts);
    if let Some(last) = known.state.previous(known.runtimes, name_of(spec)) {
        status["lastState"] = terminated(last);
    }
    if let Some(container) = seen.container {
        status["containerID"] = json!(format!("containerd://{}", container.id));
        let full = images::full_name(image);
        let path = full.rsplit_once(':').map_or(full.as_str(), |(path, _)| path);
        status["imageID"] = json!(format!("{path}@sha256:{}", digest(&full)));
        status["image"] = json!(full);
        status["resources"] = spec["resources"].clone();
    }
    let backs_off = |exit: &Exit| seen.state.waiting.0 == "CrashLoopBackOff" && now >= exit.finished + BACKOFF_SHOWN;
    status["state"] = match (seen.container, seen.exit()) {
        (Some(container), _) if container.is_running() => {
            status["started"] = json!(seen.state.startup_passed);
            status["ready"] = json!(seen.state.ready);
            let user = &container.mounts.user;
            status["user"] = json!({"linux": {"gid": user.gid, "supplementalGroups": user.groups, "uid": user.uid}});
            json!({"running": {"startedAt": container.started().map_or(Value::Null, |at| json!(at.rfc3339()))}})
        }
        (Some(container), Some(exit)) if !backs_off(exit) => {
            // An init container that passed counts as ready.
            status["ready"] = json!(list == "initContainers" && exit.code == 0);
            terminated(container)
        }
        (container, exit) => {
            if let Some(container) = container.filter(|_| exit.is_some()) {
                status["lastState"] = terminated(container);
            }
            let (reason, message) = &seen.state.waiting;
            let reason = if reason == "ContainerCreating" { waiting } else { reason };
            let mut state = json!({"reason": reason});
            if !message.is_empty() {
                state["message"] = json!(message);
            }
            json!({"waiting": state})
        }
    };
    status
}

/// A container that could not start, and is to be started again, waits with the reason.
fn waits_after_start_error(status: &mut Value) {
    if status["state"]["terminated"]["reason"] == "StartError" {
        let waiting = json!({"waiting": {"message": status["state"]["terminated"]["message"], "reason": "RunContainerError"}});
        status["lastState"] = std::mem::replace(&mut status["state"], waiting);
    }
}

/// A digest that depends on nothing but the image's name.
fn digest(name: &str) -> String {
    let mut hash = fnv1a(FNV_START, name.as_bytes());
    let mut text = String::new();
    while text.len() < 64 {
        hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31) ^ 0x5bd1_e995;
        text.push_str(&format!("{hash:016x}"));
    }
    text.truncate(64);
    text
}
