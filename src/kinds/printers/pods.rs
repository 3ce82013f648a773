//! Pods: READY, STATUS, RESTARTS as the server's printPod makes them.

use super::{AGE, Column, Instant, NAME, Object, column, or, wide};
use crate::values::object::{Value, at, str_at};

/// An init container that keeps running beside the main ones.
fn is_sidecar(pod: &Object, name: &str) -> bool {
    pod.list(&["spec", "initContainers"])
        .iter()
        .any(|container| str_at(container, &["name"]) == name && str_at(container, &["restartPolicy"]) == "Always")
}

fn condition(pod: &Object, kind: &str) -> bool {
    pod.list(&["status", "conditions"]).iter().any(|condition| condition["type"] == kind && condition["status"] == "True")
}

/// Why a container ended: its reason, else its signal or exit code.
fn ended(terminated: &Value, prefix: &str) -> String {
    let reason = str_at(terminated, &["reason"]);
    match terminated["signal"].as_i64().filter(|signal| *signal != 0) {
        _ if !reason.is_empty() => format!("{prefix}{reason}"),
        Some(signal) => format!("{prefix}Signal:{signal}"),
        None => format!("{prefix}ExitCode:{}", terminated["exitCode"].as_i64().unwrap_or(0)),
    }
}

/// What the init containers have to say, `None` once they are done.
fn init_status(pod: &Object) -> Option<String> {
    let total = pod.list(&["spec", "initContainers"]).len();
    for (index, status) in pod.list(&["status", "initContainerStatuses"]).iter().enumerate() {
        let terminated = at(status, &["state", "terminated"]);
        let waiting = str_at(status, &["state", "waiting", "reason"]);
        if terminated.is_some_and(|state| state["exitCode"].as_i64().unwrap_or(0) == 0) {
            continue;
        }
        if is_sidecar(pod, str_at(status, &["name"])) && status["started"] == true {
            continue;
        }
        return Some(match terminated {
            Some(state) => ended(state, "Init:"),
            None if !waiting.is_empty() && waiting != "PodInitializing" => format!("Init:{waiting}"),
            None => format!("Init:{index}/{total}"),
        });
    }
    None
}

/// The STATUS cell.
pub fn pod_status(pod: &Object) -> String {
    let phase = pod.str(&["status", "phase"]);
    let mut text = or(pod.str(&["status", "reason"]), phase);
    let gated = pod.list(&["status", "conditions"]).iter().any(|c| c["type"] == "PodScheduled" && c["reason"] == "SchedulingGated");
    if gated {
        text = "SchedulingGated".to_owned();
    }
    let init = init_status(pod);
    if let Some(init) = &init {
        text.clone_from(init);
    }
    if init.is_none() || condition(pod, "Initialized") {
        let mut has_running = false;
        for status in pod.list(&["status", "containerStatuses"]).iter().rev() {
            let waiting = str_at(status, &["state", "waiting", "reason"]);
            if !waiting.is_empty() {
                text = waiting.to_owned();
            } else if let Some(terminated) = at(status, &["state", "terminated"]) {
                text = ended(terminated, "");
            } else if status["ready"] == true && at(status, &["state", "running"]).is_some() {
                has_running = true;
            }
        }
        if text == "Completed" && has_running {
            text = if condition(pod, "Ready") { "Running" } else { "NotReady" }.to_owned();
        }
    }
    if pod.at(&["metadata", "deletionTimestamp"]).is_some() {
        if pod.str(&["status", "reason"]) == "NodeLost" {
            text = "Unknown".to_owned();
        } else if phase != "Succeeded" && phase != "Failed" {
            text = "Terminating".to_owned();
        }
    }
    text
}

/// The statuses that READY and RESTARTS count: the main containers' and the sidecars'.
fn counted(pod: &Object) -> Vec<&Value> {
    let sidecars = pod.list(&["status", "initContainerStatuses"]).iter().filter(|status| is_sidecar(pod, str_at(status, &["name"])));
    sidecars.chain(pod.list(&["status", "containerStatuses"])).collect()
}

/// The READY cell.
pub fn pod_ready(pod: &Object) -> String {
    let sidecars = pod.list(&["spec", "initContainers"]).iter().filter(|c| str_at(c, &["restartPolicy"]) == "Always").count();
    let total = pod.list(&["spec", "containers"]).len() + sidecars;
    let ready = counted(pod).iter().filter(|status| status["ready"] == true).count();
    format!("{ready}/{total}")
}

/// The RESTARTS cell: `3 (25s ago)`.
pub fn pod_restarts(pod: &Object, now: Instant) -> String {
    // While init containers run, only their restarts count.
    let initializing = init_status(pod).is_some() && !condition(pod, "Initialized");
    let statuses: Vec<&Value> = if initializing { pod.list(&["status", "initContainerStatuses"]).iter().collect() } else { counted(pod) };
    let count: i64 = statuses.iter().filter_map(|status| status["restartCount"].as_i64()).sum();
    let last = statuses.iter().filter_map(|status| Instant::parse(str_at(status, &["lastState", "terminated", "finishedAt"]))).max();
    match last {
        Some(last) if count != 0 => format!("{count} ({} ago)", (now - last).human()),
        _ => count.to_string(),
    }
}

fn readiness_gates(pod: &Object) -> String {
    let gates = pod.list(&["spec", "readinessGates"]);
    if gates.is_empty() {
        return "<none>".to_owned();
    }
    let met = gates.iter().filter(|gate| condition(pod, str_at(gate, &["conditionType"]))).count();
    format!("{met}/{}", gates.len())
}

pub const POD: &[Column] = &[
    NAME,
    column("READY", |pod, _| pod_ready(pod)),
    column("STATUS", |pod, _| pod_status(pod)),
    column("RESTARTS", pod_restarts),
    AGE,
    wide("IP", |pod, _| or(pod.str(&["status", "podIP"]), "<none>")),
    wide("NODE", |pod, _| or(pod.str(&["spec", "nodeName"]), "<none>")),
    wide("NOMINATED NODE", |pod, _| or(pod.str(&["status", "nominatedNodeName"]), "<none>")),
    wide("READINESS GATES", |pod, _| readiness_gates(pod)),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::object::json;

    fn check(status: Value, expect: &str) {
        let pod = Object(json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}], "initContainers": [{"name": "i"}]}, "status": status}));
        assert_eq!(pod_status(&pod), expect, "{pod:?}");
    }

    #[test]
    fn the_first_containers_reason_wins() {
        check(json!({"phase": "Pending"}), "Pending");
        check(json!({"phase": "Pending", "initContainerStatuses": [{"name": "i", "state": {"running": {}}}]}), "Init:0/1");
        check(
            json!({"phase": "Pending", "initContainerStatuses": [{"name": "i", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}),
            "Init:CrashLoopBackOff",
        );
        check(
            json!({"phase": "Running", "containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}, {"state": {"terminated": {"reason": "Error"}}}]}),
            "CrashLoopBackOff",
        );
        check(
            json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}], "containerStatuses": [{"state": {"terminated": {"reason": "Completed"}}}, {"ready": true, "state": {"running": {}}}]}),
            "NotReady",
        );
    }
}
