//! Pod: defaults, ValidatePodCreate and ValidatePodUpdate, warnings, and READY, STATUS, RESTARTS as the server's printPod makes them.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::{self, default, each_kept, spec};
use super::godiff;
use super::printers::{AGE, NAME, column, or, wide};
use super::readers::pods::{CONTAINER_LISTS, TEMPLATE_LISTS, is_terminal_phase};
use super::validation::{Findings, Path, SPEC, list, metadata, names, pod_spec, range_error, same, spec_of, text, warnings};
use crate::values::clock::Instant;
use crate::values::object::{Object, Value, at, json, str_at};
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "Pod",
    plural: "pods",
    short_names: &["po"],
    categories: &["all"],
    generation: true,
    defaults,
    validate,
    warnings,
    columns: &[
        NAME,
        column("READY", |pod, _| pod_ready(pod)),
        column("STATUS", |pod, _| pod_status(pod)),
        column("RESTARTS", pod_restarts),
        AGE,
        wide("IP", |pod, _| or(pod.str(&["status", "podIP"]), "<none>")),
        wide("NODE", |pod, _| or(pod.str(&["spec", "nodeName"]), "<none>")),
        wide("NOMINATED NODE", |pod, _| or(pod.str(&["status", "nominatedNodeName"]), "<none>")),
        wide("READINESS GATES", |pod, _| readiness_gates(pod)),
    ],
    ..BASE
};

fn defaults(object: &mut Object, _: Option<&Object>) {
    defaults::pod_spec(spec(object));
    for list in CONTAINER_LISTS {
        each_kept(spec(object), list, requests_of_limits);
    }
    default(spec(object), "enableServiceLinks", json!(true));
}

fn validate(def: &KindDef, pod: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, pod, old, names::subdomain);
    let spec = spec_of(pod);
    pod_spec::pod_spec(&mut findings, &SPEC, spec);
    images(&mut findings, spec);
    match old {
        None => {
            if !list(spec, "ephemeralContainers").is_empty() {
                findings.forbidden(&SPEC.child("ephemeralContainers"), "cannot be set on create");
            }
            if !text(spec, "nodeName").is_empty() && !list(spec, "schedulingGates").is_empty() {
                findings.forbidden(&SPEC.child("nodeName"), "cannot be set until all schedulingGates have been cleared");
            }
        }
        Some(old) => update(&mut findings, spec, spec_of(old)),
    }
    findings.list
}

fn warnings(pod: &Object, old: Option<&Object>) -> Vec<String> {
    let mut warnings = warnings::Warnings::default();
    // A pod's spec can hardly change: what was accepted is not told again.
    if old.is_none() {
        warnings::host_name(&mut warnings, pod, old, "the Pod's hostname");
        warnings::pod_spec(&mut warnings, &SPEC, spec_of(pod));
    }
    warnings.list
}

/// A pod's limit without a request is the request; templates stay as they are.
fn requests_of_limits(container: &mut Value) {
    let Some(resources) = container.get_mut("resources") else { return };
    if let Some(limits) = resources.get("limits").and_then(Value::as_object).cloned() {
        default(resources, "requests", json!({}));
        for (name, value) in limits {
            default(&mut resources["requests"], &name, value);
        }
    }
}

const MAX_INT32: i64 = i32::MAX as i64;

const UPDATABLE: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Only a pod's own images are looked at for blanks, not those of templates. As for updates, init containers come last.
fn images(findings: &mut Findings, spec: &Value) {
    for field in TEMPLATE_LISTS.into_iter().rev() {
        let at = SPEC.child(field);
        for (index, container) in list(spec, field).iter().enumerate() {
            let image = text(container, "image");
            if image.trim() != image {
                findings.invalid_text(&at.index(index).child("image"), image, "must not have leading or trailing whitespace");
            }
        }
    }
}

fn update(findings: &mut Findings, spec: &Value, old: &Value) {
    for field in TEMPLATE_LISTS.into_iter().rev() {
        if list(spec, field).len() != list(old, field).len() {
            findings.forbidden(&SPEC.child(field), "pod updates may not add or remove containers");
            return;
        }
    }
    if !deadline(findings, &spec["activeDeadlineSeconds"], &old["activeDeadlineSeconds"]) {
        return;
    }
    only_added_tolerations(findings, &SPEC.child("tolerations"), list(spec, "tolerations"), list(old, "tolerations"));
    let mut munged = spec.clone();
    for field in TEMPLATE_LISTS {
        let Some(containers) = munged.get_mut(field).and_then(Value::as_array_mut) else { continue };
        for (container, old) in containers.iter_mut().zip(list(old, field)) {
            container["image"] = old["image"].clone();
        }
    }
    for field in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] {
        match old.get(field) {
            Some(value) => munged[field] = value.clone(),
            None => {
                munged.as_object_mut().map(|map| map.remove(field));
            }
        }
    }
    let grace = |spec: &Value| spec["terminationGracePeriodSeconds"].as_i64();
    if grace(old).is_some_and(|seconds| seconds < 0) && grace(spec) == Some(1) {
        munged["terminationGracePeriodSeconds"] = old["terminationGracePeriodSeconds"].clone();
    }
    if !same(&munged, old) {
        findings.forbidden(&SPEC, &format!("{UPDATABLE}\n{}", godiff::diff("PodSpec", old, &munged)));
    }
}

/// A deadline may only be set, or come nearer; says whether the checks go on.
fn deadline(findings: &mut Findings, new: &Value, old: &Value) -> bool {
    let at = SPEC.child("activeDeadlineSeconds");
    match (new.as_i64(), old.as_i64()) {
        (Some(number), _) if !(0..=MAX_INT32).contains(&number) => findings.invalid(&at, new, &range_error(0, MAX_INT32)),
        (Some(number), Some(before)) if before < number => findings.invalid(&at, new, "must be less than or equal to previous value"),
        (None, Some(_)) => {
            findings.invalid(&at, &Value::Null, "must not update from a positive integer to nil value");
            return true;
        }
        _ => return true,
    }
    false
}

fn only_added_tolerations(findings: &mut Findings, at: &Path, new: &[Value], old: &[Value]) {
    let without_seconds = |toleration: &Value| {
        let mut bare = toleration.clone();
        bare.as_object_mut().map(|map| map.remove("tolerationSeconds"));
        bare
    };
    for toleration in old {
        if !new.iter().any(|other| without_seconds(other) == without_seconds(toleration)) {
            findings.forbidden(at, "existing toleration can not be modified except its tolerationSeconds");
            return;
        }
    }
}

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

/// The statuses that READY and RESTARTS count: the main containers' and the sidecars'.
fn counted(pod: &Object) -> Vec<&Value> {
    let sidecars = pod.list(&["status", "initContainerStatuses"]).iter().filter(|status| is_sidecar(pod, str_at(status, &["name"])));
    sidecars.chain(pod.list(&["status", "containerStatuses"])).collect()
}

fn readiness_gates(pod: &Object) -> String {
    let gates = pod.list(&["spec", "readinessGates"]);
    if gates.is_empty() {
        return "<none>".to_owned();
    }
    let met = gates.iter().filter(|gate| condition(pod, str_at(gate, &["conditionType"]))).count();
    format!("{met}/{}", gates.len())
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
        } else if !is_terminal_phase(phase) {
            text = "Terminating".to_owned();
        }
    }
    text
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
