//! cordon, uncordon, drain, taint. Models kubectl/pkg/cmd/drain, kubectl/pkg/drain and kubectl/pkg/cmd/taint.

use crate::apiserver::{DeleteOptions, PatchType};
use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Pending, Poll};
use crate::commands::kubectl::failure::{Failure, over};
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::write::DryRun;
use crate::control::cluster::Cluster;
use crate::control::controllers::disruption;
use crate::control::rules::pods::is_pod_ready;
use crate::kinds;
use crate::machine::process::Input;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, Value, json, str_at};
use crate::values::selector;
use std::rc::Rc;

/// How long drain waits before it asks again for a pod that a budget protects.
const RETRY: Duration = Duration::seconds(5);

fn nodes(invocation: &mut Invocation<'_, '_>) -> Result<Vec<Rc<Object>>, Failure> {
    let def = kinds::def("Node");
    let words = invocation.words();
    let selecting = invocation.args.given("selector");
    if words.is_empty() && !selecting {
        return Err(Failure::usage(format!("USAGE: {} NODE [flags]", invocation.verb.name)));
    }
    if selecting {
        if !words.is_empty() {
            return Err(Failure::usage("cannot specify both a node name and a --selector option"));
        }
        return invocation.listed(def, None);
    }
    let mut found = Vec::new();
    if words.iter().any(|word| word.contains('/')) {
        let targets =
            crate::commands::kubectl::request::resources::parse(&words).map_err(|_| Failure::plain("you may only specify a single resource type"));
        for word in &words {
            crate::commands::kubectl::request::resources::kind(word.split('/').next().unwrap_or(""))?;
        }
        targets?;
    }
    for word in &words {
        let name = word.strip_prefix("node/").or_else(|| word.strip_prefix("nodes/")).unwrap_or(word);
        found.push(invocation.cluster.api.get(&ObjectKey::new("Node", "", name))?.clone());
    }
    Ok(found)
}

/// Sets `spec.unschedulable` and says so.
fn set_cordon(invocation: &mut Invocation<'_, '_>, node: &Object, on: bool, dry_run: DryRun) -> Result<(), Failure> {
    let word = if on { "cordoned" } else { "uncordoned" };
    if node.bool(&["spec", "unschedulable"]) == on {
        return invocation.report(node, &format!("already {word}"), dry_run);
    }
    let patch = json!({"spec": {"unschedulable": if on { json!(true) } else { Value::Null }}});
    if dry_run != DryRun::Client {
        invocation.patch_object(&ObjectKey::new("Node", "", node.name()), PatchType::Merge, &patch, dry_run)?;
    }
    invocation.report(node, word, dry_run)
}

pub fn cordon(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let on = invocation.verb.name == "cordon";
    for node in nodes(invocation)? {
        set_cordon(invocation, &node, on, dry_run)?;
    }
    Ok(None)
}

/// Why pods may not be deleted, or what is to be said of them.
#[derive(Default)]
struct Sorted {
    evict: Vec<Rc<Object>>,
    errors: Vec<(&'static str, Vec<String>)>,
    warnings: Vec<(&'static str, Vec<String>)>,
}

fn add(list: &mut Vec<(&'static str, Vec<String>)>, text: &'static str, pod: &Object) {
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
        let over = matches!(pod.str(&["status", "phase"]), "Succeeded" | "Failed");
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
    let mut about = budgets.filter(|budget| disruption::selects(budget, pod));
    about.any(|budget| budget.int(&["status", "disruptionsAllowed"]).unwrap_or(0) <= 0)
}

impl Pending for Drain {
    fn poll(&mut self, cluster: &mut Cluster, _: &mut Host<'_>, _: Input, output: &mut Output) -> Poll {
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
                    cluster.settle_now();
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

/// A taint as it is typed: `key=value:Effect`, `key:Effect`, `key-`, `key:Effect-`.
struct Taint {
    key: String,
    value: String,
    effect: String,
    remove: bool,
}

fn parse_taint(text: &str) -> Result<Taint, Failure> {
    let wrong = || Failure::usage(format!("invalid taint spec: {text}"));
    let (body, remove) = text.strip_suffix('-').map_or((text, false), |body| (body, true));
    let (pair, effect) = body.split_once(':').unwrap_or((body, ""));
    let (key, value) = match pair.split_once('=') {
        Some(pair) if body.contains(':') => pair,
        _ => (pair, ""),
    };
    if effect.contains(':') || value.contains('=') {
        return Err(wrong());
    }
    let mistakes = selector::qualified_name_errors(key);
    if !mistakes.is_empty() {
        return Err(Failure::usage(format!("invalid taint spec: {text}, {}", mistakes.join("; "))));
    }
    if !remove && effect.is_empty() {
        return Err(wrong());
    }
    if !effect.is_empty() && !["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&effect) {
        return Err(Failure::usage(format!("invalid taint effect: {effect}, unsupported taint effect")));
    }
    Ok(Taint { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned(), remove })
}

pub fn taint(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let words = invocation.words();
    let Some((kind, rest)) = words.split_first() else {
        return Err(Failure::plain("one or more resources must be specified as <resource> <name>"));
    };
    let place = rest.iter().position(|word| word.contains([':', '=']) || word.ends_with('-')).unwrap_or(rest.len());
    let (names, specs) = rest.split_at(place);
    invocation.check_validate()?;
    if specs.is_empty() {
        return Err(Failure::plain("at least one taint update is required"));
    }
    if let Some(word) = specs.iter().find(|word| !word.contains([':', '=']) && !word.ends_with('-')) {
        return Err(Failure::plain(format!("all resources must be specified before taint changes: {word}")));
    }
    let taints = specs.iter().map(|text| parse_taint(text)).collect::<Result<Vec<_>, _>>()?;
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for taint in taints.iter().filter(|taint| !taint.remove) {
        if seen.contains(&(&taint.key, &taint.effect)) {
            let value = if taint.value.is_empty() { String::new() } else { format!("{} ", taint.value) };
            let text = format!("{{{} {value}{} <nil>}}", taint.key, taint.effect);
            return Err(Failure::usage(format!("duplicated taints with the same key and effect: {text}")));
        }
        seen.push((&taint.key, &taint.effect));
    }
    let def = kinds::by_resource(kind).ok_or_else(|| Failure::Raw(format!("the server doesn't have a resource type {kind:?}")))?;
    if def.kind != "Node" {
        return Err(Failure::plain(format!("invalid resource type {}, only node types are supported", kind.to_ascii_lowercase())));
    }
    let conflicts =
        |add: &&Taint| taints.iter().any(|remove| remove.remove && remove.key == add.key && ["", &add.effect].contains(&remove.effect.as_str()));
    let both: Vec<String> = taints
        .iter()
        .filter(|taint| !taint.remove)
        .filter(conflicts)
        .map(|taint| {
            let removed = taints.iter().find(|remove| remove.remove && remove.key == taint.key);
            format!("{}={}", taint.key, removed.map_or("", |remove| &remove.effect))
        })
        .collect();
    if !both.is_empty() {
        return Err(Failure::plain(format!("can not both modify and remove the following taint(s) in the same command: {}", both.join(", "))));
    }
    let everywhere = invocation.args.on("all");
    if everywhere && invocation.args.given("selector") {
        return Err(Failure::plain("setting 'all' parameter with a non empty selector is prohibited"));
    }
    if names.is_empty() && !everywhere && !invocation.args.given("selector") {
        return Err(Failure::plain("at least one resource name must be specified since 'all' parameter is not set"));
    }
    let mut resources = vec![kind.clone()];
    resources.extend(names.iter().cloned());
    let (found, mut failures) = invocation.existing(&resources)?;
    for node in found {
        match changed_taints(&node, &taints, invocation.args.on("overwrite")) {
            Ok(list) => {
                let patch = json!({"spec": {"taints": if list.is_empty() { Value::Null } else { Value::from(list) }}});
                invocation.patch_object(&ObjectKey::new("Node", "", node.name()), PatchType::Merge, &patch, dry_run)?;
                let (removed, set) = (taints.iter().any(|taint| taint.remove), taints.iter().any(|taint| !taint.remove));
                let done = if removed && set {
                    "modified"
                } else if removed {
                    "untainted"
                } else {
                    "tainted"
                };
                invocation.report(&node, done, DryRun::None)?;
            }
            Err(failure) => failures.push(failure),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}

fn changed_taints(node: &Object, changes: &[Taint], overwrite: bool) -> Result<Vec<Value>, Failure> {
    let mut list = node.list(&["spec", "taints"]).to_vec();
    for change in changes {
        let is_same =
            |taint: &Value| str_at(taint, &["key"]) == change.key && (change.effect.is_empty() || str_at(taint, &["effect"]) == change.effect);
        let exists = list.iter().any(is_same);
        if change.remove {
            if !exists {
                let effect = if change.effect.is_empty() { String::new() } else { format!(":{}", change.effect) };
                return Err(Failure::plain(format!("taint \"{}{effect}\" not found", change.key)));
            }
            list.retain(|taint| !is_same(taint));
            continue;
        }
        if exists && !overwrite {
            return Err(Failure::plain(format!(
                "node {} already has {} taint(s) with same effect(s) and --overwrite is false",
                node.name(),
                change.key
            )));
        }
        list.retain(|taint| !is_same(taint));
        let mut taint = json!({"effect": change.effect, "key": change.key});
        if !change.value.is_empty() {
            taint["value"] = json!(change.value);
        }
        list.push(taint);
    }
    Ok(list)
}
