//! Tab completion of a kubectl command line: verbs, kinds, names, flags, namespaces, containers.

use super::flags;
use super::invocation::{Verb, Words};
use super::request::{kubeconfig, pods};
use super::verbs::{self, VERBS};
use crate::commands::cli::args;
use crate::commands::cli::command::Offer;
use crate::commands::cli::host::HostView;
use crate::control::cluster::Cluster;
use crate::kinds;
use crate::values::object::ObjectKey;
use crate::world::World;

const FORMATS: [&str; 8] = ["custom-columns=", "go-template=", "json", "jsonpath=", "name", "wide", "yaml", "jsonpath-as-json="];

/// The candidates for `current`, given the words before it (without `kubectl`).
pub fn complete(world: &World, host: HostView<'_>, words: &[String], current: &str) -> Offer {
    let cluster = world.view(&kubeconfig::cluster(world, host, None)).cluster();
    let verbs::Found::Verb(verb, rest) = verbs::find(words) else {
        return Offer::Words(match words.last() {
            Some(flag) if flag == "-n" || flag == "--namespace" => names(cluster, "Namespace", "", current),
            _ => subcommands("", current),
        });
    };
    if current.starts_with('-') {
        let matching = args::flag_names(&flags::of(verb)).into_iter().filter(|name| name.starts_with(current));
        return Offer::Words(matching.collect());
    }
    let parsed = args::parse(&flags::of(verb), &rest).unwrap_or_default();
    let namespace = parsed.value("namespace").map_or_else(|| kubeconfig::current_namespace(host, None), str::to_owned);
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
    found.sort();
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
            Some(Offer::Words(pods::all_containers(pod).into_iter().filter(|name| name.starts_with(current)).collect()))
        }
        _ => None,
    }
}

fn arguments(cluster: &Cluster, namespace: &str, verb: &Verb, positional: &[String], current: &str) -> Vec<String> {
    if let Some((kind, start)) = current.split_once('/') {
        let Some(def) = kinds::by_resource(kind) else { return Vec::new() };
        return names(cluster, def.kind, namespace, start).into_iter().map(|name| format!("{kind}/{name}")).collect();
    }
    match verb.words {
        Words::Nothing => Vec::new(),
        Words::Pod if positional.is_empty() => names(cluster, "Pod", namespace, current),
        Words::Pod => Vec::new(),
        Words::Tainted if positional.is_empty() => vec!["nodes".to_owned()],
        Words::Nodes | Words::Tainted => names(cluster, "Node", namespace, current),
        Words::Objects => objects(cluster, namespace, positional, current),
    }
}

/// A kind, then its objects that are not named yet.
fn objects(cluster: &Cluster, namespace: &str, positional: &[String], current: &str) -> Vec<String> {
    match positional.first() {
        None => {
            let mut found: Vec<String> = kinds::ALL.iter().map(|def| def.plural.to_owned()).filter(|name| name.starts_with(current)).collect();
            found.sort();
            found
        }
        Some(kind) => kinds::by_resource(kind).map_or_else(Vec::new, |def| {
            let all = names(cluster, def.kind, namespace, current);
            all.into_iter().filter(|name| !positional[1..].contains(name)).collect()
        }),
    }
}
