//! One container: pull, create, start, end, back off, start again.
//!
//! Models pkg/kubelet/kuberuntime/kuberuntime_container.go and pkg/kubelet/images/image_manager.go.

use super::events::source;
use super::state::{ContainerState, Pull};
use super::status::BACKOFF_SHOWN;
use super::{environment, hooks, mounts};
use crate::apiserver::events::{EventSource, EventType};
use crate::control::rules::pods::{grace_period, hostname};
use crate::control::sync::{Action, Ctx};
use crate::kinds::readers::pods::name_of;
use crate::machine::images;
use crate::machine::kernel::Signal;
use crate::runtime::{ContainerId, Spec};
use crate::values::clock::Duration;
use crate::values::object::{Object, Value};
use std::collections::BTreeMap;

/// The first wait before a restart, doubled each time up to the longest.
const BACKOFF_FIRST: Duration = Duration::seconds(10);
const BACKOFF_LONGEST: Duration = Duration::seconds(300);
/// A run of this length forgives what was before.
const BACKOFF_RESET: Duration = Duration::seconds(600);
/// How long a first pull takes.
const PULL: Duration = Duration::millis(950);

/// Makes a container of a pod get on: starts it, or starts it again when its time has come.
pub fn bring_on(ctx: &mut Ctx<'_>, pod: &Object, spec: &Value, list: &str, policy: &str) -> Option<Action> {
    let name = name_of(spec).to_owned();
    let image = spec["image"].as_str().unwrap_or("").to_owned();
    let now = ctx.now;
    let pod_state = ctx.kubelets.pod_mut(pod.uid())?;
    let runtime = pod_state.runtime;
    let state = pod_state.containers.entry(name.clone()).or_insert_with(|| Box::new(ContainerState::new(&image)));
    let current = state.current.as_ref().and_then(|id| ctx.runtimes.container(runtime, id));
    if current.is_some_and(|container| container.is_running()) {
        return replace_changed(ctx, pod, &name, &image, list);
    }
    let exit = current.and_then(|container| container.exit()).filter(|_| !state.starts_anew);
    if let Some(exit) = exit {
        let failed = exit.code != 0;
        if state.replaced_by.take().is_some() {
            (state.starts_anew, state.pull, state.wait_until, state.backoff) = (true, Pull::Wanted, now, Duration::ZERO);
        } else if policy != "Always" && (policy != "OnFailure" || !failed) {
            // The garbage collector keeps one dead container of a name: this one.
            if let Some(last) = state.previous.take() {
                ctx.runtimes.remove(ctx.disks, runtime, &last);
            }
            return None;
        } else if state.pull != Pull::Looking {
            // While the image is looked up again, the wait is behind it.
            back_off(ctx, pod, &name, list)?;
        }
    }
    let seen = ctx.kubelets.container(ctx.runtimes, pod.uid(), &name)?;
    let wait_until = seen.state.wait_until;
    if now < wait_until {
        let shown = seen.exit().map(|exit| exit.finished + BACKOFF_SHOWN).filter(|shown| *shown > now);
        let next = shown.map_or(wait_until, |shown| shown.min(wait_until));
        return Some(wait_for(next - now));
    }
    if let Some(action) = pull(ctx, pod, &name, &image, spec, list) {
        return Some(action);
    }
    start(ctx, pod, spec, &name, list)
}

/// Stops a running container whose image in the pod is another one now. `Some`: it goes on for a while.
fn replace_changed(ctx: &mut Ctx<'_>, pod: &Object, name: &str, image: &str, list: &str) -> Option<Action> {
    let now = ctx.now;
    let pod_state = ctx.kubelets.pod_mut(pod.uid())?;
    let runtime = pod_state.runtime;
    let state = pod_state.containers.get_mut(name)?;
    let id = state.current.clone()?;
    if state.image != image {
        state.image = image.to_owned();
        state.replaced_by = Some(now + grace_period(pod));
        ctx.runtimes.signal(runtime, &id, Signal::Terminate, now);
        let message = format!("Container {name} definition changed, will be restarted");
        ctx.api.event(pod, source(pod, Some((list, name))), EventType::Normal, "Killing", &message);
    }
    let seen = ctx.kubelets.container(ctx.runtimes, pod.uid(), name)?;
    let end = seen.state.replaced_by?;
    if seen.is_running() {
        if now < end {
            return Some(Action::RequeueAfter(end - now));
        }
        ctx.runtimes.signal(runtime, &id, Signal::Kill, now);
    }
    Some(Action::RequeueAfter(Duration::ZERO))
}

/// Waits of more than a moment are no sign of an unsettled cluster.
fn wait_for(span: Duration) -> Action {
    if span > PULL { Action::Resync(span) } else { Action::RequeueAfter(span) }
}

/// Sets a container that ended to waiting for its next run; the first restart comes at once.
fn back_off(ctx: &mut Ctx<'_>, pod: &Object, name: &str, list: &str) -> Option<()> {
    let now = ctx.now;
    let exit = ctx.kubelets.container(ctx.runtimes, pod.uid(), name)?.exit()?;
    let (ran, finished) = (exit.finished - exit.started, exit.finished);
    let state = ctx.kubelets.container_mut(pod.uid(), name)?;
    if ran >= BACKOFF_RESET {
        state.backoff = Duration::ZERO;
    }
    let wait = state.backoff;
    if now >= finished + wait {
        state.backoff = if wait == Duration::ZERO { BACKOFF_FIRST } else { Duration((wait.0 * 2).min(BACKOFF_LONGEST.0)) };
        return Some(());
    }
    state.wait_until = finished + wait;
    if state.waiting.0 != "CrashLoopBackOff" {
        let full = format!("{name} pod={}_{}({})", pod.name(), pod.namespace(), pod.uid());
        state.wait("CrashLoopBackOff", &format!("back-off {} restarting failed container={full}", minutes(wait.as_seconds())));
        let message = format!("Back-off restarting failed container {name} in pod {}_{}({})", pod.name(), pod.namespace(), pod.uid());
        ctx.api.event(pod, source(pod, Some((list, name))), EventType::Warning, "BackOff", &message);
    }
    Some(())
}

/// `10s`, `1m20s`, `5m0s`: a Go duration.
fn minutes(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds}s") } else { format!("{}m{}s", seconds / 60, seconds % 60) }
}

/// Gets the image; `Some`: it is not there yet.
fn pull(ctx: &mut Ctx<'_>, pod: &Object, name: &str, image: &str, spec: &Value, list: &str) -> Option<Action> {
    let now = ctx.now;
    let event_source = source(pod, Some((list, name)));
    let policy = spec["imagePullPolicy"].as_str().unwrap_or("IfNotPresent");
    let pod_state = ctx.kubelets.pod_mut(pod.uid())?;
    let runtime = pod_state.runtime;
    let present = ctx.runtimes.get(runtime)?.has_image(image);
    let state = pod_state.containers.get_mut(name)?;
    if state.pull == Pull::Done {
        return None;
    }
    if present && policy != "Always" {
        state.pull = Pull::Done;
        ctx.api.event(pod, &event_source, EventType::Normal, "Pulled", &format!("Container image {image:?} already present on machine"));
        return None;
    }
    if policy == "Never" {
        let message = format!("Container image {image:?} is not present with pull policy of Never");
        state.wait("ErrImageNeverPull", &message);
        state.wait_until = now + BACKOFF_FIRST;
        ctx.api.event(pod, &event_source, EventType::Warning, "ErrImageNeverPull", &message);
        ctx.api.event(pod, &event_source, EventType::Warning, "Failed", "Error: ErrImageNeverPull");
        return Some(Action::Resync(BACKOFF_FIRST));
    }
    if state.pull == Pull::Wanted {
        let wait = if present { Duration::millis(300) } else { PULL };
        (state.pull, state.wait_until) = (Pull::Looking, now + wait);
        ctx.api.event(pod, &event_source, EventType::Normal, "Pulling", &format!("Pulling image {image:?}"));
        return Some(Action::RequeueAfter(wait));
    }
    match ctx.runtimes.pull(runtime, image) {
        Ok(size) => {
            state.pull = Pull::Done;
            state.wait("ContainerCreating", "");
            let took = if present { "300ms" } else { "950ms" };
            let message = format!("Successfully pulled image {image:?} in {took} ({took} including waiting). Image size: {size} bytes.");
            ctx.api.event(pod, &event_source, EventType::Normal, "Pulled", &message);
            None
        }
        Err(why) => {
            state.pull = Pull::Wanted;
            state.backoff = if state.backoff == Duration::ZERO { BACKOFF_FIRST } else { Duration((state.backoff.0 * 2).min(BACKOFF_LONGEST.0)) };
            let wait = state.backoff;
            state.wait_until = now + wait;
            state.wait("ImagePullBackOff", &format!("Back-off pulling image {image:?}: ErrImagePull: {why}"));
            ctx.api.event(pod, &event_source, EventType::Warning, "Failed", &format!("Failed to pull image {image:?}: {why}"));
            ctx.api.event(pod, &event_source, EventType::Warning, "Failed", "Error: ErrImagePull");
            ctx.api.event(pod, &event_source, EventType::Normal, "BackOff", &format!("Back-off pulling image {image:?}"));
            ctx.api.event(pod, &event_source, EventType::Warning, "Failed", "Error: ImagePullBackOff");
            Some(Action::Resync(wait))
        }
    }
}

/// What a container needs is not there: it waits, and is tried again.
fn not_configured(ctx: &mut Ctx<'_>, pod: &Object, name: &str, source: &EventSource, why: &str) -> Option<Action> {
    let state = ctx.kubelets.container_mut(pod.uid(), name)?;
    state.wait("CreateContainerConfigError", why);
    state.wait_until = ctx.now + BACKOFF_FIRST;
    ctx.api.event(pod, source, EventType::Warning, "Failed", &format!("Error: {why}"));
    Some(Action::Resync(BACKOFF_FIRST))
}

/// What the runtime is told of a container. Models generateContainerConfig.
/// # Errors
/// What it needs and is not there.
fn config(ctx: &mut Ctx<'_>, pod: &Object, spec: &Value) -> Result<Spec, String> {
    let ip = ctx.kubelets.pod(pod.uid()).map_or_else(String::new, |pod| pod.ip.clone());
    let (environment, folder) = environment::of_container(ctx.api, pod, spec, &ip)?;
    let mounts = mounts::container_mounts(ctx, pod, spec, &environment)?;
    let image = spec["image"].as_str().unwrap_or("");
    let words = |field: &str| -> Vec<String> {
        let words = spec[field].as_array().into_iter().flatten().filter_map(Value::as_str);
        words.map(|word| environment::expand(word, &environment)).collect()
    };
    Ok(Spec {
        image: image.to_owned(),
        profile: images::profile(image),
        command: words("command"),
        args: words("args"),
        environment: in_order(spec, &environment),
        working_directory: spec["workingDir"].as_str().map_or(folder, str::to_owned),
        user: environment::user_of(pod, spec),
        terminal: spec["tty"] == true,
        stdin: spec["stdin"] == true,
        read_only_root: spec["securityContext"]["readOnlyRootFilesystem"] == true,
        mounts,
        files: vec![
            ("/etc/hostname", format!("{}\n", hostname(pod))),
            ("/etc/hosts", environment::hosts_file(pod, &ip)),
            ("/etc/resolv.conf", environment::resolv_conf(pod)),
        ],
    })
}

/// Variables in the order in which the first process has them.
fn in_order(spec: &Value, variables: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let own = spec["env"].as_array().into_iter().flatten().filter_map(|entry| entry["name"].as_str());
    let mut names: Vec<&str> = ["PATH", "HOSTNAME"].into_iter().chain(own).collect();
    names.extend(variables.keys().map(String::as_str).filter(|name| *name != "HOME"));
    names.push("HOME");
    let first = |place: usize| !names[..place].contains(&names[place]);
    let places = (0..names.len()).filter(|place| first(*place));
    places.filter_map(|place| Some((names[place].to_owned(), variables.get(names[place])?.clone()))).collect()
}

/// Creates and starts a container; `Some`: it could not be. Models startContainer.
fn start(ctx: &mut Ctx<'_>, pod: &Object, spec: &Value, name: &str, list: &str) -> Option<Action> {
    let now = ctx.now;
    let event_source = source(pod, Some((list, name)));
    let config = match config(ctx, pod, spec) {
        Ok(config) => config,
        Err(why) => return not_configured(ctx, pod, name, &event_source, &why),
    };
    let pod_state = ctx.kubelets.pod_mut(pod.uid())?;
    let runtime = pod_state.runtime;
    let state = pod_state.containers.get_mut(name)?;
    let attempt = if state.current.is_some() { state.restarts + 1 } else { state.restarts };
    let id = ContainerId { sandbox: pod.uid().into(), name: name.into(), attempt };
    if !ctx.runtimes.create(ctx.disks, runtime, id.clone(), ctx.api.rng.hex(64), config, now) {
        return None;
    }
    if let Some(ended) = state.current.replace(id.clone()) {
        ctx.runtimes.prune(ctx.disks, runtime, &ended);
        if let Some(older) = state.previous.replace(ended) {
            ctx.runtimes.remove(ctx.disks, runtime, &older);
        }
    }
    state.begin(attempt);
    ctx.api.event(pod, &event_source, EventType::Normal, "Created", &format!("Created container: {name}"));
    ctx.runtimes.start(ctx.disks, runtime, &id, now);
    if let Some(exit) = ctx.runtimes.container(runtime, &id)?.exit().filter(|exit| !exit.message.is_empty()) {
        ctx.api.event(pod, &event_source, EventType::Warning, "Failed", &format!("Error: {}", exit.message));
        return Some(Action::RequeueAfter(Duration::ZERO));
    }
    ctx.api.event(pod, &event_source, EventType::Normal, "Started", &format!("Started container {name}"));
    hooks::post_start(ctx, pod, spec, list);
    let ended = ctx.runtimes.container(runtime, &id)?.exit().is_some();
    ended.then_some(Action::RequeueAfter(Duration::ZERO))
}
