//! The scheduler: one pod at a time, filter, score, reserve, bind; FailedScheduling texts.
//!
//! Models pkg/scheduler (schedule_one.go) and the default plugins. Simplified: no preemption, no spreading constraints; a
//! pod that fits nowhere is tried again after a moment instead of by queueing hints.
//!
//! ```text
//! pod without a node -> prefilter -> filter each node -> score -> reserve claims -> (wait until they are bound) -> bind
//! ```
pub mod volume_binding;

use crate::apiserver::ApiServer;
use crate::apiserver::events::EventType;
use crate::apiserver::index::{self, Index};
use crate::control::assumed::Assumed;
use crate::control::rules::nodes::{node_affinity_matches, tolerates};
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::kinds::readers::pods::is_terminal;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::quantity::Quantity;
use crate::values::selector::LabelSelector;
use crate::values::status::Status;
use std::collections::BTreeMap;
use std::rc::Rc;

pub const CONTROLLER: Controller =
    Controller { name: "default-scheduler", watches: &[("Pod", Keys::ItselfIf(|pod| pod.str(&["spec", "nodeName"]).is_empty()))], sync: sync_pod };

/// How soon a pod that fits nowhere is tried again.
const RETRY: Duration = Duration::seconds(1);
/// How soon a pod whose claims are being bound is looked at again.
const BINDING_POLL: Duration = Duration::millis(500);
/// A pod that still fits nowhere says so again after this long.
const REPEAT: Duration = Duration::seconds(300);

/// Why a node (or, before any node, the pod) is refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    pub reason: String,
    /// Whether taking other pods away could not help.
    pub unresolvable: bool,
}

impl Refusal {
    fn new(reason: &str, unresolvable: bool) -> Refusal {
        Refusal { reason: reason.to_owned(), unresolvable }
    }
}

/// What filters look at.
struct Cycle<'a> {
    pod: &'a Object,
    api: &'a ApiServer,
    assumed: &'a Assumed,
}

impl<'a> Cycle<'a> {
    /// The pods on a node that have not ended.
    fn placed(&self, node: &Object) -> impl Iterator<Item = &'a Rc<Object>> + use<'a> {
        self.api.store().indexed(Index::PodsOnNode, node.name())
    }

    /// How many pods are on a node or assumed there.
    fn count(&self, node: &str) -> usize {
        self.api.store().indexed_count(Index::PodsOnNode, node) + self.assumed.count(node)
    }

    /// Nodes that come in the order of their names, best first: fewer pods of the same controller, then fewer pods; of equals the
    /// first by name.
    fn ranked<'n>(&self, nodes: Vec<&'n Rc<Object>>) -> Vec<&'n Rc<Object>> {
        let names: Vec<&str> = nodes.iter().map(|node| node.name()).collect();
        let mut siblings = vec![0; nodes.len()];
        let mut all = siblings.clone();
        add(&mut all, &names, self.api.store().indexed_counts(Index::PodsOnNode, ""));
        names.iter().zip(&mut all).for_each(|(name, all)| *all += self.assumed.count(name));
        if let Some(owner) = self.pod.controller().and_then(|owner| owner["uid"].as_str()) {
            let prefix = index::of_controller(owner);
            add(&mut siblings, &names, self.api.store().indexed_counts(Index::SiblingsOnNode, &prefix));
            add(&mut siblings, &names, self.assumed.counts(&prefix));
        }
        let mut ranked: Vec<_> = siblings.into_iter().zip(all).zip(nodes).collect();
        ranked.sort_by_key(|(score, _)| *score);
        ranked.into_iter().map(|(_, node)| node).collect()
    }
}

/// Adds numbers to the sums of the nodes that they are of; both come in the order of names.
fn add<'a>(sums: &mut [usize], names: &[&str], numbers: impl Iterator<Item = (&'a str, usize)>) {
    let mut known = names.iter().zip(sums).peekable();
    for (name, number) in numbers {
        while known.next_if(|(known, _)| **known < name).is_some() {}
        if let Some((_, sum)) = known.next_if(|(known, _)| **known == name) {
            *sum += number;
        }
    }
}

/// Looks at one pod. Models ScheduleOne.
/// # Errors
/// What the api server refused.
pub fn sync_pod(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    ctx.assumed.forget(key);
    let Ok(pod) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    let ours = pod.str(&["spec", "schedulerName"]) == "default-scheduler" && pod.str(&["spec", "nodeName"]).is_empty();
    if !ours || pod.is_terminating() || !pod.list(&["spec", "schedulingGates"]).is_empty() {
        return Ok(Action::AwaitChange);
    }
    let claims = match volume_binding::prefilter(ctx.api, &pod) {
        Ok(claims) => claims,
        Err(reason) => {
            let total = ctx.api.list("Node", None).count();
            return fail(ctx, key, &pod, &format!("0/{total} nodes are available: {reason}. not found"));
        }
    };
    let all_nodes = || -> Vec<Rc<Object>> { ctx.api.list("Node", None).cloned().collect() };
    // Where claims have their place, most nodes need no look, unless it is to tell why none of them will do.
    let selected = claims.selected_nodes();
    let nodes = match selected.first() {
        Some(name) if selected.iter().all(|other| other == name) => {
            ctx.api.store().get(&ObjectKey::new("Node", "", name)).cloned().into_iter().collect()
        }
        Some(_) => Vec::new(),
        None => all_nodes(),
    };
    let cycle = Cycle { pod: &pod, api: ctx.api, assumed: ctx.assumed };
    let look_at = |node: &Object| {
        filter(&cycle, node)
            .and_then(|()| volume_binding::filter(ctx.api, ctx.flavour.gates, &claims, node))
            .and_then(|plan| anti_affinity(&cycle, node).map_or(Ok(plan), Err))
    };
    // The best node that will do is the first that will do of the nodes in order: most need no look.
    let ranked = cycle.ranked(claims.reached(ctx.api, &nodes));
    let Some((node, plan)) = ranked.into_iter().find_map(|node| Some((node, look_at(node).ok()?))) else {
        let nodes = all_nodes();
        if nodes.is_empty() {
            return fail(ctx, key, &pod, "no nodes available to schedule pods");
        }
        let refusals: Vec<Refusal> = nodes.iter().filter_map(|node| look_at(node).err()).collect();
        return fail(ctx, key, &pod, &unschedulable_text(nodes.len(), &refusals));
    };
    if !plan.is_complete() {
        // OBSERVATION: the node is chosen; the binder and the provisioner work on the claims, the pod waits without a node.
        volume_binding::reserve(ctx.api, &plan, node)?;
        ctx.assumed.assume(key, &pod, node.name());
        return Ok(Action::RequeueAfter(BINDING_POLL));
    }
    let name = node.name().to_owned();
    ctx.api.bind(key, &name)?;
    let message = format!("Successfully assigned {}/{} to {name}", key.namespace, key.name);
    ctx.api.scheduler_event(&pod, EventType::Normal, "Scheduled", "Binding", &message);
    Ok(Action::AwaitChange)
}

/// `0/3 nodes are available: 1 reason, 2 other reason. preemption text`
fn unschedulable_text(total: usize, refusals: &[Refusal]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for refusal in refusals {
        *counts.entry(&refusal.reason).or_default() += 1;
    }
    let mut reasons: Vec<String> = counts.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    reasons.sort();
    let unhelpful = refusals.iter().filter(|refusal| refusal.unresolvable).count();
    let mut preemption = Vec::new();
    for (count, text) in
        [(unhelpful, "Preemption is not helpful for scheduling"), (refusals.len() - unhelpful, "No preemption victims found for incoming pod")]
    {
        if count > 0 {
            preemption.push(format!("{count} {text}"));
        }
    }
    preemption.sort();
    format!(
        "0/{total} nodes are available: {}. no new claims to deallocate, preemption: 0/{total} nodes are available: {}.",
        reasons.join(", "),
        preemption.join(", ")
    )
}

fn fail(ctx: &mut Ctx<'_>, key: &ObjectKey, pod: &Object, message: &str) -> Result<Action, Status> {
    let before = pod.list(&["status", "conditions"]).iter().find(|condition| condition["type"] == "PodScheduled");
    let since = before.filter(|before| before["message"] == message).and_then(|before| Instant::parse(before["lastTransitionTime"].as_str()?));
    if since.is_none() {
        let condition = json!({
            "lastProbeTime": null, "lastTransitionTime": ctx.now.rfc3339(), "message": message, "observedGeneration": pod.generation(),
            "reason": "Unschedulable", "status": "False", "type": "PodScheduled",
        });
        ctx.api.change_status(key, |pod| pod.set(&["status", "conditions"], json!([condition])))?;
    }
    if since.is_none_or(|since| (ctx.now - since).0 > 0 && (ctx.now - since).0.is_multiple_of(REPEAT.0)) {
        ctx.api.scheduler_event(pod, EventType::Warning, "FailedScheduling", "Scheduling", message);
    }
    Ok(Action::Resync(RETRY))
}

/// A plugin: why a node does not suit the pod.
type Filter = fn(&Cycle<'_>, &Object) -> Option<Refusal>;

/// The filters in the order in which they run; the first that refuses speaks. Behind them come volumes, then other pods.
const FILTERS: &[Filter] = &[unschedulable_node, node_name, taints, node_affinity, host_ports, resources];

fn filter(cycle: &Cycle<'_>, node: &Object) -> Result<(), Refusal> {
    FILTERS.iter().find_map(|filter| filter(cycle, node)).map_or(Ok(()), Err)
}

fn unschedulable_node(cycle: &Cycle<'_>, node: &Object) -> Option<Refusal> {
    let taint = || json!({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"});
    let cordoned = node.bool(&["spec", "unschedulable"]) && !tolerates(cycle.pod, &taint());
    cordoned.then(|| Refusal::new("node(s) were unschedulable", true))
}

fn node_name(cycle: &Cycle<'_>, node: &Object) -> Option<Refusal> {
    let wanted = cycle.pod.str(&["spec", "nodeName"]);
    (!wanted.is_empty() && wanted != node.name()).then(|| Refusal::new("node(s) didn't match the requested node name", true))
}

fn taints(cycle: &Cycle<'_>, node: &Object) -> Option<Refusal> {
    let hard = |taint: &&Value| taint["effect"] == "NoSchedule" || taint["effect"] == "NoExecute";
    let cordon = |taint: &&Value| taint["key"] == "node.kubernetes.io/unschedulable";
    let refused = node.list(&["spec", "taints"]).iter().filter(hard).filter(|taint| !cordon(taint)).any(|taint| !tolerates(cycle.pod, taint));
    refused.then(|| Refusal::new("node(s) had untolerated taint(s)", true))
}

fn node_affinity(cycle: &Cycle<'_>, node: &Object) -> Option<Refusal> {
    (!node_affinity_matches(cycle.pod, node)).then(|| Refusal::new("node(s) didn't match Pod's node affinity/selector", true))
}

fn used_host_ports(pod: &Object) -> impl Iterator<Item = (i64, String)> + '_ {
    let ports = pod.list(&["spec", "containers"]).iter().flat_map(|container| container["ports"].as_array().into_iter().flatten());
    ports.filter_map(|port| Some((port["hostPort"].as_i64().filter(|number| *number > 0)?, port["protocol"].as_str().unwrap_or("TCP").to_owned())))
}

fn host_ports(cycle: &Cycle<'_>, node: &Object) -> Option<Refusal> {
    let wanted: Vec<(i64, String)> = used_host_ports(cycle.pod).collect();
    let taken = !wanted.is_empty() && cycle.placed(node).any(|pod| used_host_ports(pod).any(|port| wanted.contains(&port)));
    taken.then(|| Refusal::new("node(s) didn't have free ports for the requested pod ports", false))
}

/// Sum of the containers' requests, in thousandths.
fn request(pod: &Object, resource: &str) -> i64 {
    let of = |container: &Value| {
        container["resources"]["requests"][resource].as_str().and_then(|text| Quantity::parse(text).ok()).map_or(0, Quantity::milli_value)
    };
    pod.list(&["spec", "containers"]).iter().map(of).sum()
}

fn resources(cycle: &Cycle<'_>, node: &Object) -> Option<Refusal> {
    let allocatable = |resource: &str| Quantity::parse(node.str(&["status", "allocatable", resource])).map_or(0, Quantity::milli_value);
    if (cycle.count(node.name()) as i64 + 1) * 1000 > allocatable("pods") {
        return Some(Refusal::new("Too many pods", false));
    }
    for resource in ["cpu", "memory", "ephemeral-storage"] {
        let wanted = request(cycle.pod, resource);
        if wanted == 0 {
            continue;
        }
        let there = allocatable(resource);
        let used: i64 = cycle.placed(node).map(|pod| request(pod, resource)).sum();
        if used + wanted > there {
            // More than the whole node has: no pod's end would help.
            return Some(Refusal::new(&format!("Insufficient {resource}"), wanted > there));
        }
    }
    None
}

fn is_placed(pod: &Object) -> bool {
    !pod.str(&["spec", "nodeName"]).is_empty() && !is_terminal(pod)
}

fn anti_affinity(cycle: &Cycle<'_>, node: &Object) -> Option<Refusal> {
    let terms = cycle.pod.list(&["spec", "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]);
    let matches = |term: &Value, pod: &Object| {
        LabelSelector::from_object(&term["labelSelector"]).is_ok_and(|selector| selector.matches(pod.map(&["metadata", "labels"])))
            && pod.namespace() == cycle.pod.namespace()
    };
    let hostname = |term: &&Value| term["topologyKey"] == "kubernetes.io/hostname";
    if terms.iter().filter(hostname).any(|term| cycle.placed(node).any(|pod| matches(term, pod))) {
        return Some(Refusal::new("node(s) didn't match pod anti-affinity rules", false));
    }
    let affinity = cycle.pod.list(&["spec", "affinity", "podAffinity", "requiredDuringSchedulingIgnoredDuringExecution"]);
    let unmet = |term: &&Value| {
        let anywhere = cycle.api.list("Pod", Some(cycle.pod.namespace())).any(|pod| is_placed(pod) && matches(term, pod));
        let first_of_its_kind = !anywhere && matches(term, cycle.pod);
        !first_of_its_kind && !cycle.placed(node).any(|pod| matches(term, pod))
    };
    affinity.iter().filter(hostname).any(|term| unmet(&term)).then(|| Refusal::new("node(s) didn't match pod affinity rules", true))
}
