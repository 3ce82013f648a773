//! Why a pod is as it is.

use super::answer::{Mark, Why, condition, told};
use crate::control::cluster::Cluster;
use crate::kinds::pod::{pod_ready, pod_status};
use crate::kinds::readers::volumes::claim_names;
use crate::values::object::{Object, ObjectKey, Value, str_at};

pub(super) fn pod(cluster: &Cluster, pod: &Object, why: &mut Why) {
    let node = pod.str(&["spec", "nodeName"]);
    let word = pod_status(pod);
    if node.is_empty() {
        return unscheduled(cluster, pod, why);
    }
    let containers = || pod.list(&["status", "initContainerStatuses"]).iter().chain(pod.list(&["status", "containerStatuses"]));
    match word.as_str() {
        "Running" => running(cluster, pod, why),
        "Completed" | "Succeeded" => why.say("All of its containers have ended well."),
        _ => match containers().find_map(|status| waiting(cluster, pod, status)) {
            Some((sentence, note)) => {
                why.say(sentence);
                if let Some(command) = remedy(pod, &word, &note) {
                    why.help(pod, command);
                }
                why.stage(Mark::Done, format!("The scheduler chose {node}"), "");
                why.stage(if word.contains("Creating") || word.contains("Initializing") { Mark::Now } else { Mark::Wrong }, word, note);
            }
            None => {
                let code = containers().find_map(|status| status["state"]["terminated"]["exitCode"].as_i64());
                why.say(match code {
                    Some(code) => format!("A container ended with exit code {code}, and its restart policy lets it be."),
                    None => format!("It is {word} on {node}."),
                });
                let message = pod.str(&["status", "message"]);
                if !message.is_empty() {
                    why.stage(Mark::Wrong, word, message);
                }
            }
        },
    }
}

fn running(cluster: &Cluster, pod: &Object, why: &mut Why) {
    let ready = pod_ready(pod);
    let all = ready.split_once('/').is_some_and(|(ready, total)| ready == total);
    why.say(if all {
        format!("It runs on {}, and all of its containers are ready.", pod.str(&["spec", "nodeName"]))
    } else {
        format!("It runs, but only {ready} containers are ready, so no Service sends anything to it.")
    });
    if let Some(message) = told(cluster, pod, &["Unhealthy"]).filter(|_| !all) {
        why.stage(Mark::Wrong, "A probe fails", message);
    }
}

fn unscheduled(cluster: &Cluster, pod: &Object, why: &mut Why) {
    let message = condition(pod, "PodScheduled").map_or("", |(_, message)| message);
    let claim = |name: &String| cluster.api.store().get(&ObjectKey::new("PersistentVolumeClaim", pod.namespace(), name));
    let claims: Vec<String> = claim_names(pod).collect();
    if let Some(missing) = claims.iter().find(|name| claim(name).is_none()) {
        why.say(format!("No node takes it yet: its claim {missing} does not exist."));
    } else if let Some(waits) = claims.iter().find(|name| claim(name).is_some_and(|claim| claim.str(&["status", "phase"]) != "Bound")) {
        why.say(format!("It has no node before its claim {waits} is Bound."));
    } else if message.is_empty() {
        why.say("The scheduler looks for a node.");
    } else {
        why.say("No node takes it. The scheduler says why for each of them.");
    }
    let cordoned = cluster.api.list("Node", None).find(|node| node.bool(&["spec", "unschedulable"]));
    if let Some(node) = cordoned.filter(|_| message.contains("unschedulable")) {
        why.command = Some(format!("kubectl uncordon {}", node.name()));
    }
    for name in &claims {
        let phase = claim(name).map_or("is missing", |claim| claim.str(&["status", "phase"]));
        let mark = if phase == "Bound" { Mark::Done } else { Mark::Now };
        why.stage(mark, format!("Claim {name}"), phase);
    }
    let mark = if message.is_empty() { Mark::Now } else { Mark::Wrong };
    why.stage(mark, "The scheduler chooses a node", message);
    why.stage(Mark::Later, "The kubelet starts the containers", "");
}

/// What makes a container start that cannot, by the words of what is wrong with it.
fn remedy(pod: &Object, word: &str, message: &str) -> Option<String> {
    let name = |kind: &str| message.split_once(&format!("{kind} \""))?.1.split_once("\" not found").map(|(name, _)| name);
    if word == "CrashLoopBackOff" {
        Some(format!("kubectl logs {} --previous", pod.name()))
    } else if let Some(name) = name("configmap") {
        Some(format!("kubectl create configmap {name}"))
    } else if let Some(name) = name("secret") {
        Some(format!("kubectl create secret generic {name}"))
    } else {
        let (_, rest) = message.split_once("hostPath type check failed: ")?;
        let path = rest.strip_suffix(" is not a directory")?;
        Some(format!("ssh {} mkdir -p {path}", pod.str(&["spec", "nodeName"])))
    }
}

/// What a container waits for: a sentence, and Kubernetes' own message.
fn waiting(cluster: &Cluster, pod: &Object, status: &Value) -> Option<(String, String)> {
    let state = &status["state"]["waiting"];
    let (name, message) = (str_at(status, &["name"]), str_at(state, &["message"]).to_owned());
    Some(match state["reason"].as_str()? {
        "CrashLoopBackOff" => {
            let code = status["lastState"]["terminated"]["exitCode"].as_i64().unwrap_or(0);
            (
                format!(
                    "Container {name} ended with exit code {code} again and again; the kubelet waits longer each time before it starts it once more. Its log tells more."
                ),
                message,
            )
        }
        "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" => {
            (format!("Image {} cannot be pulled. Check its name and tag.", str_at(status, &["image"])), message)
        }
        "CreateContainerConfigError" => ("The container needs something that is not there.".to_owned(), message),
        "PodInitializing" => ("It waits for its init containers.".to_owned(), message),
        "ContainerCreating" => match told(cluster, pod, &["FailedMount", "FailedAttachVolume"]) {
            Some(message) => ("Its containers wait for a volume that cannot be mounted.".to_owned(), message),
            None => (
                "The node mounts its volumes, pulls its image and starts it. Nothing to do.".to_owned(),
                told(cluster, pod, &["Pulling"]).unwrap_or_default(),
            ),
        },
        reason => (format!("Container {name} waits: {reason}."), message),
    })
}
