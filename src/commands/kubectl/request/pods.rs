//! Which pod and which container a command means. Models polymorphichelpers and kubectl/pkg/cmd/util/podcmd.

use crate::commands::cli::output::Output;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::Invocation;
use crate::commands::kubectl::request::{pods, resources};
use crate::control::cluster::Cluster;
use crate::kinds::readers;
use crate::kinds::readers::pods::CONTAINER_LISTS;
use crate::values::clock::Instant;
use crate::values::object::{Object, Value, at, str_at};
use crate::values::selector::LabelSelector;
use crate::values::status::Status;
use std::rc::Rc;

/// The containers of a pod, each with what follows the name in the list of choices. The pod's own come first, since the first one is
/// meant where none is named. Models podcmd.AllContainerNames.
fn containers(pod: &Object) -> Vec<(&str, &'static str)> {
    let [inits, own, ephemeral] = CONTAINER_LISTS;
    let lists = [(own, ""), (inits, " (init)"), (ephemeral, " (ephem)")];
    let mut found = Vec::new();
    for (field, mark) in lists {
        found.extend(pod.list(&["spec", field]).iter().map(|container| (str_at(container, &["name"]), mark)));
    }
    found
}

pub fn has_container(pod: &Object, name: &str) -> bool {
    containers(pod).iter().any(|(other, _)| *other == name)
}

/// Every container's name in the order in which logs shows them: init containers first.
pub fn all_containers(pod: &Object) -> Vec<String> {
    readers::pods::containers(pod).map(|container| readers::pods::name_of(container).to_owned()).collect()
}

/// The container that is meant where none is named; says so where there are several.
pub fn default_container(pod: &Object, quiet: bool, output: &mut Output) -> String {
    let all = containers(pod);
    if let Some(name) = pod.annotation("kubectl.kubernetes.io/default-container").filter(|name| has_container(pod, name)) {
        return name.to_owned();
    }
    let Some((first, _)) = all.first() else { return String::new() };
    if all.len() > 1 && !quiet {
        let names: Vec<String> = all.iter().map(|(name, mark)| format!("{name}{mark}")).collect();
        output.warn(&format!("Defaulted container {first:?} out of: {}", names.join(", ")));
    }
    (*first).to_owned()
}

/// The selector of the pods of a workload or service.
fn pod_selector(object: &Object) -> Option<LabelSelector> {
    match object.kind() {
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" => LabelSelector::from_object(object.at(&["spec", "selector"])?).ok(),
        "Service" => Some(LabelSelector::from_set(object.map(&["spec", "selector"])?)),
        _ => None,
    }
}

/// How far a pod is: unassigned, then pending, then not ready come first. Models podutils.ActivePods, turned round.
fn readiness(pod: &Object) -> (bool, u8, bool, Option<Instant>) {
    let phase = match pod.str(&["status", "phase"]) {
        "Running" => 2,
        "Pending" => 0,
        _ => 1,
    };
    let ready = pod.list(&["status", "conditions"]).iter().any(|c| str_at(c, &["type"]) == "Ready" && str_at(c, &["status"]) == "True");
    (pod.str(&["spec", "nodeName"]).is_empty(), phase, ready, pod.created())
}

/// The pods of a workload: the best one for exec first (`best_first`), or for logs.
pub fn pods_of(cluster: &Cluster, object: &Rc<Object>) -> Option<Vec<Rc<Object>>> {
    if object.kind() == "Pod" {
        return Some(vec![object.clone()]);
    }
    let selector = pod_selector(object)?;
    let pods = cluster.api.list("Pod", Some(object.namespace()));
    let mut found: Vec<Rc<Object>> = pods.filter(|pod| selector.matches(pod.map(&["metadata", "labels"]))).cloned().collect();
    found.sort_by(|a, b| {
        let ((a_unassigned, a_phase, a_ready, a_created), (b_unassigned, b_phase, b_ready, b_created)) = (readiness(a), readiness(b));
        (a_unassigned, b_phase, b_ready, a_created).cmp(&(b_unassigned, a_phase, a_ready, b_created))
    });
    Some(found)
}

impl Invocation<'_, '_> {
    /// What `POD` or `TYPE/NAME` names.
    /// # Errors
    /// NotFound, unknown kinds.
    pub fn pod_or_owner(&self, word: &str) -> Result<Rc<Object>, Failure> {
        let (def, name) = match word.split_once('/') {
            Some((kind, name)) => (resources::kind(kind)?, name),
            None => (crate::kinds::def("Pod"), word),
        };
        let key = self.key(def, &self.namespace(), name);
        Ok(self.cluster.api.get(&key)?.clone())
    }

    /// The pod that exec and attach go to.
    /// # Errors
    /// As `pod_or_owner`, and kinds without pods.
    pub fn attachable_pod(&self, word: &str) -> Result<Rc<Object>, Failure> {
        let object = self.pod_or_owner(word)?;
        let go_type = format!("*v1.{}", object.kind());
        match pods_of(self.cluster, &object) {
            None => Err(Failure::plain(format!("cannot attach to {go_type}: selector for {go_type} not implemented"))),
            Some(pods) => pods.into_iter().next().ok_or_else(|| Failure::plain("timed out waiting for the condition")),
        }
    }
}

/// The status of one container of a pod.
pub fn container_status<'a>(pod: &'a Object, name: &str) -> Option<&'a Value> {
    let lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"];
    lists.iter().flat_map(|field| pod.list(&["status", field])).find(|status| str_at(status, &["name"]) == name)
}

/// Whether a container runs now.
pub fn is_running(pod: &Object, name: &str) -> bool {
    container_status(pod, name).is_some_and(|status| at(status, &["state", "running"]).is_some())
}

/// Whether the kubelet would let a program into the container.
/// # Errors
/// Why not, in the server's or kubelet's words.
pub fn reachable(pod: &Object, container: &str) -> Result<(), Failure> {
    if pod.str(&["spec", "nodeName"]).is_empty() {
        return Err(Status::bad_request(format!("pod {} does not have a host assigned", pod.name())).into());
    }
    if !pods::has_container(pod, container) {
        return Err(Status::bad_request(format!("container {container} is not valid for pod {}", pod.name())).into());
    }
    if !pods::is_running(pod, container) {
        return Err(Failure::plain(format!("Internal error occurred: unable to upgrade connection: container not found ({container:?})")));
    }
    Ok(())
}
