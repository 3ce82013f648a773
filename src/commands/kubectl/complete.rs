//! Tab completion of a kubectl command line: verbs, kinds, names, flags, namespaces, containers.

use crate::commands::cli::args;
use crate::commands::kubectl::verbs::{self, VERBS, Verb};
use crate::control::cluster::Cluster;
use crate::kinds;
use crate::values::object::ObjectKey;
use crate::values::order::Order;

/// What Tab offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offer {
    Words(Vec<String>),
    /// Names of files.
    Files,
}

const FORMATS: [&str; 8] = ["custom-columns=", "go-template=", "json", "jsonpath=", "name", "wide", "yaml", "jsonpath-as-json="];
/// Verbs whose first argument is a pod.
const OF_PODS: [&str; 6] = ["exec", "logs", "attach", "port-forward", "debug", "cp"];
const OF_NODES: [&str; 3] = ["cordon", "uncordon", "drain"];
/// Verbs whose first argument is a kind.
const OF_KINDS: [&str; 19] = [
    "get",
    "describe",
    "delete",
    "edit",
    "label",
    "annotate",
    "patch",
    "scale",
    "wait",
    "explain",
    "expose",
    "autoscale",
    "set image",
    "set env",
    "set resources",
    "rollout status",
    "rollout history",
    "rollout undo",
    "rollout restart",
];

/// The candidates for `current`, given the words before it (without `kubectl`).
pub fn complete(cluster: &Cluster, namespace: &str, words: &[String], current: &str) -> Offer {
    let verbs::Found::Verb(verb, rest) = verbs::find(words) else {
        return Offer::Words(match words.last() {
            Some(flag) if flag == "-n" || flag == "--namespace" => names(cluster, "Namespace", "", current),
            _ => subcommands("", current),
        });
    };
    if current.starts_with('-') {
        let matching = args::flag_names(&args::flags_of(verb.name)).into_iter().filter(|name| name.starts_with(current));
        return Offer::Words(matching.collect());
    }
    let parsed = args::parse(&args::flags_of(verb.name), &rest).unwrap_or_default();
    let namespace = parsed.value("namespace").unwrap_or(namespace).to_owned();
    if let Some(offer) = flag_value(cluster, &namespace, words, &parsed.positional, current) {
        return offer;
    }
    let below = subcommands(&format!("{} ", verb.name), current);
    if !below.is_empty() && parsed.positional.is_empty() {
        return Offer::Words(below);
    }
    Offer::Words(arguments(cluster, &namespace, verb, &parsed.positional, current))
}

fn subcommands(prefix: &str, current: &str) -> Vec<String> {
    let below = VERBS.iter().filter_map(|verb| verb.name.strip_prefix(prefix)).filter(|name| !name.contains(' ') && name.starts_with(current));
    let mut found: Vec<String> = below.map(str::to_owned).collect();
    found.order();
    found
}

fn names(cluster: &Cluster, kind: &str, namespace: &str, current: &str) -> Vec<String> {
    let def = kinds::def(kind);
    let namespace = def.namespaced.then_some(namespace);
    let found = cluster.api.list(def.kind, namespace).map(|object| object.name().to_owned());
    found.filter(|name| name.starts_with(current)).collect()
}

/// Values of the flag that stands last.
fn flag_value(cluster: &Cluster, namespace: &str, words: &[String], positional: &[String], current: &str) -> Option<Offer> {
    let flag = words.last()?;
    match flag.as_str() {
        "-n" | "--namespace" => Some(Offer::Words(names(cluster, "Namespace", "", current))),
        "-f" | "--filename" | "--from-file" | "--patch-file" => Some(Offer::Files),
        "-o" | "--output" => Some(Offer::Words(FORMATS.iter().filter(|name| name.starts_with(current)).map(|name| (*name).to_owned()).collect())),
        "-c" | "--container" => {
            let pod = positional.first()?.trim_start_matches("pod/");
            let pod = cluster.api.get(&ObjectKey::new("Pod", namespace, pod)).ok()?;
            Some(Offer::Words(
                crate::commands::kubectl::request::pods::all_containers(pod).into_iter().filter(|name| name.starts_with(current)).collect(),
            ))
        }
        _ => None,
    }
}

fn arguments(cluster: &Cluster, namespace: &str, verb: &Verb, positional: &[String], current: &str) -> Vec<String> {
    if let Some((kind, start)) = current.split_once('/') {
        let Some(def) = kinds::by_resource(kind) else { return Vec::new() };
        return names(cluster, def.kind, namespace, start).into_iter().map(|name| format!("{kind}/{name}")).collect();
    }
    if OF_PODS.contains(&verb.name) {
        return if positional.is_empty() { names(cluster, "Pod", namespace, current) } else { Vec::new() };
    }
    if OF_NODES.contains(&verb.name) {
        return names(cluster, "Node", namespace, current);
    }
    if verb.name == "taint" {
        return if positional.is_empty() { vec!["nodes".to_owned()] } else { names(cluster, "Node", namespace, current) };
    }
    if !OF_KINDS.contains(&verb.name) {
        return Vec::new();
    }
    match positional.first() {
        None => {
            let mut found: Vec<String> = kinds::ALL.iter().map(|def| def.plural.to_owned()).filter(|name| name.starts_with(current)).collect();
            found.order();
            found
        }
        Some(kind) => kinds::by_resource(kind).map_or_else(Vec::new, |def| {
            let all = names(cluster, def.kind, namespace, current);
            all.into_iter().filter(|name| !positional[1..].contains(name)).collect()
        }),
    }
}
