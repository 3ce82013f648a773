//! Why a workload, a service or a node is as it is.

use super::answer::{Mark, Why, condition, named, told};
use crate::control::cluster::Cluster;
use crate::control::rules::owners::is_controlled_by;
use crate::control::rules::pods::is_pod_ready;
use crate::control::rules::services::selects;
use crate::kinds::pod::pod_status;
use crate::values::object::Object;

/// Pods that a list of stages names.
const PODS_SHOWN: usize = 5;

pub(super) fn workload(cluster: &Cluster, owner: &Object, why: &mut Why) {
    // A Deployment's pods are those of its ReplicaSets.
    let sets: Vec<_> = cluster.api.list("ReplicaSet", Some(owner.namespace())).filter(|set| is_controlled_by(set, owner)).collect();
    let own = |pod: &Object| is_controlled_by(pod, owner) || sets.iter().any(|set| is_controlled_by(pod, set));
    let pods: Vec<_> = cluster.api.list("Pod", Some(owner.namespace())).filter(|pod| own(pod)).collect();
    let ready = pods.iter().filter(|pod| is_pod_ready(pod)).count();
    let job = owner.kind() == "Job";
    let wanted = match owner.kind() {
        "DaemonSet" => owner.int(&["status", "desiredNumberScheduled"]),
        "Job" => owner.int(&["spec", "completions"]).or(Some(1)),
        _ => owner.int(&["spec", "replicas"]),
    };
    let wanted = usize::try_from(wanted.unwrap_or(1)).unwrap_or(0);
    let late: Vec<_> = pods.iter().filter(|pod| !is_pod_ready(pod) && pod_status(pod) != "Completed").collect();
    if let Some(message) = told(cluster, owner, &["FailedCreate"]).filter(|_| pods.len() < wanted) {
        why.say("It cannot make its next pod.");
        why.stage(Mark::Wrong, named(owner), message);
    } else if job {
        why.say(format!("{} of {wanted} completions are done.", owner.int(&["status", "succeeded"]).unwrap_or(0)));
    } else if late.is_empty() && ready == wanted {
        why.say(format!("It wants {wanted} pods and has them, all ready."));
    } else if owner.kind() == "StatefulSet" && owner.str(&["spec", "podManagementPolicy"]) != "Parallel" {
        why.say(format!(
            "It wants {wanted} pods and has {ready} ready. It makes them one after the other: each waits until the one before is ready."
        ));
    } else {
        why.say(format!("It wants {wanted} pods and has {ready} ready."));
    }
    for pod in late.iter().take(PODS_SHOWN) {
        why.stage(Mark::Now, format!("Pod {}", pod.name()), pod_status(pod));
    }
}

pub(super) fn service(cluster: &Cluster, service: &Object, why: &mut Why) {
    if service.at(&["spec", "selector"]).is_none() {
        return why.say("It selects no pods; what stands in its Endpoints was put there by hand.");
    }
    let pods: Vec<_> = cluster.api.list("Pod", Some(service.namespace())).filter(|pod| selects(service, pod)).collect();
    let ready = pods.iter().filter(|pod| is_pod_ready(pod)).count();
    why.say(match pods.len() {
        0 => "No pod has the labels that it selects, so nothing answers.".to_owned(),
        count => format!("{ready} of the {count} pods that it selects are ready and answer for it."),
    });
}

pub(super) fn node(_: &Cluster, node: &Object, why: &mut Why) {
    if let Some((_, message)) = condition(node, "Ready").filter(|(status, _)| *status != "True") {
        why.say("Its kubelet does not answer. Its pods are evicted after five minutes.");
        why.stage(Mark::Wrong, "Ready", message);
        why.help(node, format!("ssh {} systemctl start kubelet", node.name()));
    } else if node.bool(&["spec", "unschedulable"]) {
        why.say("It is cordoned: its pods go on, new ones go elsewhere.");
        why.command = Some(format!("kubectl uncordon {}", node.name()));
    }
}
