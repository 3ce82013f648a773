//! Readiness, liveness and startup probes.
//!
//! Models pkg/kubelet/prober. Simplified: an exec probe's command must end within one turn; gRPC probes are not simulated and pass.

use super::events::source;
use super::state::{ContainerState, PodState};
use crate::apiserver::events::EventType;
use crate::control::dns::{ClusterNetwork, PodNetworks};
use crate::control::sync::{Action, Ctx};
use crate::kinds::readers::pods::name_of;
use crate::machine::kernel::{HttpGet, Network, Signal};
use crate::runtime::ExecSync;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, Value};

/// The probes in the order in which they are looked at.
const PROBES: [&str; 3] = ["startupProbe", "readinessProbe", "livenessProbe"];

/// A container is probed once its status says that it runs.
const FIRST_LOOK: Duration = Duration::millis(100);

/// Runs what is due for every running container. Gives when the next is.
pub fn run(ctx: &mut Ctx<'_>, pod: &Object) -> Option<Action> {
    let mut next: Option<Instant> = None;
    let sidecars = pod.list(&["spec", "initContainers"]).iter().filter(|spec| spec["restartPolicy"] == "Always");
    for spec in sidecars.chain(pod.list(&["spec", "containers"])) {
        let name = name_of(spec);
        let running = ctx.kubelets.container(ctx.runtimes, pod.uid(), name).is_some_and(|seen| seen.is_running());
        if !running {
            continue;
        }
        for kind in PROBES {
            let due = run_one(ctx, pod, spec, name, kind);
            next = [next, due].into_iter().flatten().min();
        }
        settle_readiness(ctx, pod, spec, name);
    }
    next.map(|due| Action::Resync(Duration((due - ctx.now).0.max(1))))
}

fn container_mut<'a>(ctx: &'a mut Ctx<'_>, pod: &Object, name: &str) -> Option<&'a mut ContainerState> {
    ctx.kubelets.container_mut(pod.uid(), name)
}

/// A container without a readiness probe is ready once it has started.
fn settle_readiness(ctx: &mut Ctx<'_>, pod: &Object, spec: &Value, name: &str) {
    let running = ctx.kubelets.container(ctx.runtimes, pod.uid(), name).is_some_and(|seen| seen.is_running());
    let Some(container) = container_mut(ctx, pod, name) else { return };
    if spec.get("startupProbe").is_none() {
        container.startup_passed = true;
    }
    if spec.get("readinessProbe").is_none() {
        container.ready = container.startup_passed && running;
    }
}

fn run_one(ctx: &mut Ctx<'_>, pod: &Object, spec: &Value, name: &str, kind: &'static str) -> Option<Instant> {
    let probe = spec.get(kind)?;
    let now = ctx.now;
    let seconds = |field: &str, usual: u64| Duration::seconds(probe[field].as_u64().unwrap_or(usual));
    let started = ctx.kubelets.container(ctx.runtimes, pod.uid(), name)?.container.and_then(|container| container.started());
    let container = container_mut(ctx, pod, name)?;
    let waits_for_startup = kind != "startupProbe" && spec.get("startupProbe").is_some() && !container.startup_passed;
    if waits_for_startup || (kind == "startupProbe" && container.startup_passed) {
        return None;
    }
    let started = started?;
    if now < started + FIRST_LOOK {
        return Some(started + FIRST_LOOK);
    }
    let (count, due) = container.probes.get(kind).copied().unwrap_or((0, started + seconds("initialDelaySeconds", 0)));
    if now < due {
        return Some(due);
    }
    let outcome = check(ctx, pod, probe, name);
    let next = now + seconds("periodSeconds", 10);
    let count = match (&outcome, count) {
        (Ok(()), count) => count.max(0) + 1,
        (Err(_), count) => count.min(0) - 1,
    };
    container_mut(ctx, pod, name)?.probes.insert(kind, (count, next));
    let succeeded = count >= probe["successThreshold"].as_i64().unwrap_or(1) as i32;
    let failed = -count >= probe["failureThreshold"].as_i64().unwrap_or(3) as i32;
    if let Err(why) = outcome {
        let word = match kind {
            "startupProbe" => "Startup",
            "readinessProbe" => "Readiness",
            _ => "Liveness",
        };
        ctx.api.event(pod, source(pod, Some(("containers", name))), EventType::Warning, "Unhealthy", &format!("{word} probe failed: {why}"));
    }
    let container = container_mut(ctx, pod, name)?;
    match kind {
        "startupProbe" if succeeded => container.startup_passed = true,
        "readinessProbe" if succeeded => container.ready = true,
        "readinessProbe" if failed => container.ready = false,
        "livenessProbe" | "startupProbe" if failed => {
            let word = if kind == "startupProbe" { "startup" } else { "liveness" };
            let message = format!("Container {name} failed {word} probe, will be restarted");
            let id = container.current.clone()?;
            let runtime = ctx.kubelets.pod(pod.uid())?.runtime;
            ctx.runtimes.signal(runtime, &id, Signal::Kill, now);
            ctx.api.event(pod, source(pod, Some(("containers", name))), EventType::Normal, "Killing", &message);
            return Some(now);
        }
        _ => {}
    }
    Some(next)
}

fn check(ctx: &mut Ctx<'_>, pod: &Object, probe: &Value, name: &str) -> Result<(), String> {
    if let Some(words) = probe["exec"]["command"].as_array() {
        let argv: Vec<String> = words.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        return exec(ctx, pod, &argv, name);
    }
    let known = ctx.kubelets.pod(pod.uid()).ok_or_else(String::new)?;
    let (ip, namespace) = (known.ip.clone(), pod.namespace().to_owned());
    let number = |port: &Value| -> u16 {
        let named = || {
            let ports = pod.list(&["spec", "containers"]).iter().flat_map(|container| container["ports"].as_array().into_iter().flatten());
            ports.into_iter().find(|found| found["name"] == *port).and_then(|found| found["containerPort"].as_u64())
        };
        port.as_u64().or_else(named).unwrap_or(0) as u16
    };
    // The node asks, from its end of the pod network.
    let asker = ip.rsplit_once('.').map_or_else(String::new, |(net, _)| format!("{net}.1"));
    let mut network =
        ClusterNetwork { api: ctx.api, kubelets: ctx.kubelets, runtimes: ctx.runtimes, namespace: &namespace, address: &asker, served: Vec::new() };
    if let Some(get) = probe.get("httpGet") {
        let (port, path) = (number(&get["port"]), get["path"].as_str().unwrap_or("/"));
        let answer = network.http_get(ctx.disks, &HttpGet { host: &ip, port, path, agent: "kube-probe/1.34" });
        let served = network.served;
        ctx.runtimes.note_served(served, ctx.now);
        return match answer {
            Ok((code, _)) if (200..400).contains(&code) => Ok(()),
            Ok((code, _)) => Err(format!("HTTP probe failed with statuscode: {code}")),
            Err(_) => Err(format!("Get \"http://{ip}:{port}{path}\": dial tcp {ip}:{port}: connect: connection refused")),
        };
    }
    if let Some(socket) = probe.get("tcpSocket") {
        let port = number(&socket["port"]);
        return if network.listens(&ip, port) { Ok(()) } else { Err(format!("dial tcp {ip}:{port}: connect: connection refused")) };
    }
    Ok(())
}

/// Runs a command in a container; it must end within one turn.
pub fn exec(ctx: &mut Ctx<'_>, pod: &Object, argv: &[String], name: &str) -> Result<(), String> {
    let networks = PodNetworks { api: ctx.api, kubelets: ctx.kubelets };
    let id = |known: &PodState| Some((known.runtime, known.containers.get(name)?.current.clone()?));
    let (runtime, id) = ctx.kubelets.pod(pod.uid()).and_then(id).ok_or_else(String::new)?;
    match ctx.runtimes.exec_sync(ctx.disks, &networks, (runtime, &id), argv, ctx.now).ok_or_else(String::new)? {
        ExecSync::Exited(0, _) => Ok(()),
        ExecSync::Exited(_, output) => Err(String::from_utf8_lossy(&output).into_owned()),
        ExecSync::TimedOut => Err(format!("command timed out: {:?} timed out after 1s", argv.join(" "))),
    }
}
