//! drain: evicts the pods of nodes. Models kubectl/pkg/drain.

use crate::apiserver::DeleteOptions;
use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Pending, Poll};
use crate::commands::kubectl::failure::{Failure, over};
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::nodes::{nodes, set_cordon};
use crate::commands::kubectl::request::write::DryRun;
use crate::control::cluster::Cluster;
use crate::control::rules::budgets;
use crate::control::rules::pods::is_pod_ready;
use crate::kinds::readers::pods::is_terminal;
use crate::machine::process::Input;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, str_at};
use crate::world::World;
use std::rc::Rc;

/// How long drain waits before it asks again for a pod that a budget protects.
const RETRY: Duration = Duration::seconds(5);

/// Why pods may not be deleted, or what is to be said of them.
#[derive(Default)]
struct Sorted {
    evict: Vec<Rc<Object>>,
    errors: Vec<(&'static str, Vec<String>)>,
    warnings: Vec<(&'static str, Vec<String>)>,
}

pub fn add(list: &mut Vec<(&'static str, Vec<String>)>, text: &'static str, pod: &Object) {
    let name = format!("{}/{}", pod.namespace(), pod.name());
    match list.iter_mut().find(|(other, _)| *other == text) {
        Some((_, names)) => names.push(name),
        None => list.push((text, vec![name])),
    }
}

fn listed_text(list: &[(&'static str, Vec<String>)]) -> String {
    list.iter().map(|(text, names)| format!("{text}: {}", names.join(", "))).collect::<Vec<_>>().join("; ")
}

/// Models kubectl/pkg/drain/filters.go.
fn sort_pods(invocation: &Invocation<'_, '_>, node: &str) -> Sorted {
    let mut sorted = Sorted::default();
    let force = invocation.args.on("force");
    for pod in invocation.cluster.api.list("Pod", None).filter(|pod| pod.str(&["spec", "nodeName"]) == node) {
        let over = is_terminal(pod);
        let controller = pod.controller().map(|owner| (str_at(owner, &["kind"]).to_owned(), str_at(owner, &["name"]).to_owned()));
        if let Some(("DaemonSet", name)) = controller.as_ref().map(|(kind, name)| (kind.as_str(), name)) {
            let exists = invocation.cluster.api.get(&ObjectKey::new("DaemonSet", pod.namespace(), name)).is_ok();
            if exists && !over {
                if invocation.args.on("ignore-daemonsets") {
                    add(&mut sorted.warnings, "ignoring DaemonSet-managed Pods", pod);
                } else {
                    add(&mut sorted.errors, "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore)", pod);
                }
                continue;
            }
        }
        if pod.annotation("kubernetes.io/config.mirror").is_some() {
            continue;
        }
        let local = pod.list(&["spec", "volumes"]).iter().any(|volume| volume.get("emptyDir").is_some());
        if local && !over {
            if invocation.args.on("delete-emptydir-data") {
                // What is said last of a pod is said alone.
                if controller.is_some() {
                    add(&mut sorted.warnings, "deleting Pods with local storage", pod);
                }
            } else {
                add(&mut sorted.errors, "cannot delete Pods with local storage (use --delete-emptydir-data to override)", pod);
                continue;
            }
        }
        if controller.is_none() && !over {
            if force {
                add(&mut sorted.warnings, "deleting Pods that declare no controller", pod);
            } else {
                add(&mut sorted.errors, "cannot delete cannot delete Pods that declare no controller (use --force to override)", pod);
                continue;
            }
        }
        sorted.evict.push(pod.clone());
    }
    sorted
}

/// A pod that drain has to get rid of.
#[derive(Clone, Debug, PartialEq)]
struct Eviction {
    key: ObjectKey,
    uid: String,
    /// When the server is asked (again); `None`: it has agreed.
    ask: Option<Instant>,
}

/// drain under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Drain {
    node: String,
    left: Vec<Eviction>,
    grace: Option<u64>,
    /// Deletes without asking the budgets.
    no_eviction: bool,
    deadline: Option<(Instant, String)>,
}

pub fn drain(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let all = nodes(invocation)?;
    let mut failures = Vec::new();
    let mut pending = Vec::new();
    let mut next: Option<Drain> = None;
    for node in &all {
        set_cordon(invocation, node, true, dry_run)?;
        let name = node.name().to_owned();
        let sorted = sort_pods(invocation, &name);
        if !sorted.errors.is_empty() {
            let texts: Vec<String> = sorted.errors.iter().map(|(text, names)| format!("{text}: {}", names.join(", "))).collect();
            let text = if let [one] = texts.as_slice() { one.clone() } else { format!("[{}]", texts.join(", ")) };
            invocation.output.warn(&format!("error: unable to drain node {name:?} due to error: {text}, continuing command..."));
            pending.push(name);
            failures.extend(texts);
            continue;
        }
        if !sorted.warnings.is_empty() {
            invocation.output.warn(&format!("Warning: {}", listed_text(&sorted.warnings)));
        }
        if dry_run != DryRun::None {
            for pod in &sorted.evict {
                invocation.output.line(&format!("evicting pod {}/{}{}", pod.namespace(), pod.name(), dry_run.suffix()));
            }
        }
        if sorted.evict.is_empty() || dry_run != DryRun::None {
            invocation.output.line(&format!("node/{name} drained{}", dry_run.suffix()));
            continue;
        }
        for pod in &sorted.evict {
            invocation.output.line(&format!("evicting pod {}/{}", pod.namespace(), pod.name()));
        }
        let now = invocation.now();
        let left = sorted
            .evict
            .iter()
            .map(|pod| Eviction { key: ObjectKey::new("Pod", pod.namespace(), pod.name()), uid: pod.uid().to_owned(), ask: Some(now) })
            .collect();
        let timeout = invocation.args.duration("timeout").filter(|timeout| *timeout > Duration::ZERO);
        let deadline = timeout.map(|timeout| (now + timeout, invocation.args.text("timeout").to_owned()));
        let grace = invocation.args.int("grace-period").and_then(|seconds| u64::try_from(seconds).ok());
        let drain = Drain { node: name, left, grace, no_eviction: invocation.args.on("disable-eviction"), deadline };
        match &mut next {
            // Nodes are drained one after the other; here their pods leave together.
            Some(first) => first.left.extend(drain.left),
            None => next = Some(drain),
        }
    }
    if !failures.is_empty() {
        let nodes: String = pending.iter().map(|name| format!("\n {name}")).collect();
        return Err(Failure::Raw(format!("There are pending nodes to be drained:{nodes}\n{}", failures.join("\n"))));
    }
    Ok(next.map(|drain| Box::new(drain) as Box<dyn Pending>))
}

/// Whether a disruption budget forbids that a pod goes now.
fn protected(cluster: &Cluster, pod: &Object) -> bool {
    if !is_pod_ready(pod) || pod.is_terminating() {
        return false;
    }
    let budgets = cluster.api.list("PodDisruptionBudget", Some(pod.namespace()));
    let mut about = budgets.filter(|budget| budgets::selects(budget, pod));
    about.any(|budget| budget.int(&["status", "disruptionsAllowed"]).unwrap_or(0) <= 0)
}

impl Pending for Drain {
    fn poll(&mut self, world: &mut World, host: &mut Host<'_>, _: Input, output: &mut Output) -> Poll {
        let cluster = &mut world.connect(&host.cluster);
        let now = cluster.now();
        let mut left = Vec::new();
        for mut one in std::mem::take(&mut self.left) {
            let Some(pod) = cluster.api.get(&one.key).ok().filter(|pod| pod.uid() == one.uid).cloned() else {
                output.line(&format!("pod/{} {}", one.key.name, if self.no_eviction { "deleted" } else { "evicted" }));
                continue;
            };
            if one.ask.is_some_and(|ask| ask <= now) {
                if !self.no_eviction && protected(cluster, &pod) {
                    output.warn(&format!(
                        "error when evicting pods/{:?} -n {:?} (will retry after 5s): Cannot evict pod as it would violate the pod's disruption budget.",
                        one.key.name, one.key.namespace
                    ));
                    one.ask = Some(now + RETRY);
                } else {
                    let options = DeleteOptions { grace_period: self.grace, ..DeleteOptions::default() };
                    // A pod that is gone meanwhile is what is wanted.
                    let _ = cluster.api.delete(&one.key, &options);
                    // The budgets count anew before the next pod is asked for.
                    cluster.world.settle_now();
                    one.ask = None;
                }
            }
            left.push(one);
        }
        self.left = left;
        if self.left.is_empty() {
            output.line(&format!("node/{} drained", self.node));
            return over(Ok(()), output);
        }
        match &self.deadline {
            Some((deadline, text)) if now >= *deadline => {
                let errors: Vec<String> = self
                    .left
                    .iter()
                    .map(|one| format!("error when evicting pods/{:?} -n {:?}: global timeout reached: {text}", one.key.name, one.key.namespace))
                    .collect();
                let text = if let [one] = errors.as_slice() { one.clone() } else { format!("[{}]", errors.join(", ")) };
                output.warn(&format!("error: unable to drain node {:?} due to error: {text}, continuing command...", self.node));
                over(Err(Failure::Raw(format!("There are pending nodes to be drained:\n {}\n{text}", self.node))), output)
            }
            _ => Poll::Going,
        }
    }

    fn wake(&self) -> Option<Instant> {
        let asks = self.left.iter().filter_map(|one| one.ask);
        asks.chain(self.deadline.iter().map(|(deadline, _)| *deadline)).min()
    }
}
