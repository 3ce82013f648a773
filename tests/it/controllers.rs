//! The controllers' behaviour as data: every file of tests/controllers, one for each row of `controllers::ALL`.
//!
//! A file is a list of cases. A case has `nodes`, and `steps`; a step does what it says, lets `seconds` pass (else it waits until all has
//! settled), and then holds what it expects against the cluster:
//! `apply` and `update` (objects; `update` merges into what is there), `delete` and `stop` (nodes), then
//! `expect` (a part of each object), `count` (how many of a kind), `gone`, and `events` (`Kind/name Type Reason message`).
//! Objects are in the namespace `default` where they name none.

use serde::Deserialize;
use statelab::apiserver::{DeleteOptions, PatchType, WriteOptions};
use statelab::control::cluster::Cluster;
use statelab::control::controllers;
use statelab::control::flavour;
use statelab::kinds;
use statelab::values::clock::Duration;
use statelab::values::object::{Object, ObjectKey, Value};
use statelab::world::{ClusterId, Connection, World};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    case: String,
    #[serde(default = "one")]
    nodes: usize,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Step {
    apply: Vec<Value>,
    update: Vec<Value>,
    delete: Vec<String>,
    stop: Vec<String>,
    seconds: Option<u64>,
    expect: Vec<Value>,
    count: BTreeMap<String, usize>,
    gone: Vec<String>,
    events: Vec<String>,
}

/// How long a step waits for everything to settle.
const SETTLE: Duration = Duration::seconds(120);

fn one() -> usize {
    1
}

/// The key of `Kind/name` or `Kind/namespace/name`.
fn key(reference: &str) -> ObjectKey {
    let words: Vec<&str> = reference.split('/').collect();
    let def = kinds::by_kind(words[0]).unwrap_or_else(|| panic!("{reference}: no such kind"));
    match words[1..] {
        [name] => ObjectKey::new(def.kind, if def.namespaced { "default" } else { "" }, name),
        [namespace, name] => ObjectKey::new(def.kind, namespace, name),
        _ => panic!("{reference}: neither Kind/name nor Kind/namespace/name"),
    }
}

fn key_of(tree: &Value) -> ObjectKey {
    let mut object = Object(tree.clone());
    if object.namespace().is_empty() {
        object.set(&["metadata", "namespace"], Value::from("default"));
    }
    statelab::control::rules::owners::key_of(&object).expect("a known kind")
}

fn act(cluster: &mut Connection<'_>, step: &Step) {
    for tree in &step.apply {
        cluster.api.create(Object(tree.clone()), &mut WriteOptions::default()).unwrap_or_else(|status| panic!("{status}"));
    }
    for tree in &step.update {
        cluster.api.patch(&key_of(tree), PatchType::Merge, tree, &mut WriteOptions::default()).unwrap_or_else(|status| panic!("{status}"));
    }
    for reference in &step.delete {
        cluster.api.delete(&key(reference), &DeleteOptions::default()).unwrap_or_else(|status| panic!("{status}"));
    }
    for node in &step.stop {
        cluster.stop_kubelet(node);
    }
    match step.seconds {
        Some(seconds) => cluster.advance(Duration::seconds(seconds)),
        None => cluster.settle(SETTLE),
    }
}

/// Where a tree lacks what is wanted: maps may have more, lists may not.
fn lacks(found: &Value, wanted: &Value, path: &str, wrong: &mut Vec<String>) {
    match (found, wanted) {
        (Value::Object(map), Value::Object(wanted)) => {
            for (field, wanted) in wanted {
                lacks(map.get(field).unwrap_or(&Value::Null), wanted, &format!("{path}.{field}"), wrong);
            }
        }
        (Value::Array(list), Value::Array(wanted)) if list.len() == wanted.len() => {
            for (index, (found, wanted)) in list.iter().zip(wanted).enumerate() {
                lacks(found, wanted, &format!("{path}[{index}]"), wrong);
            }
        }
        _ if found == wanted => {}
        _ => wrong.push(format!("{path} is {found}, not {wanted}")),
    }
}

fn told(cluster: &Cluster) -> BTreeSet<String> {
    let field = |event: &Object, name: &str| event.str(&[name]).to_owned();
    let about = |event: &Object| format!("{}/{}", event.str(&["involvedObject", "kind"]), event.str(&["involvedObject", "name"]));
    let events = cluster.api.list("Event", None);
    events.map(|event| format!("{} {} {} {}", about(event), field(event, "type"), field(event, "reason"), field(event, "message"))).collect()
}

fn differences(cluster: &Cluster, step: &Step) -> Vec<String> {
    let mut wrong = Vec::new();
    for wanted in &step.expect {
        let key = key_of(wanted);
        let about = format!("{}/{}", key.kind, key.name);
        match cluster.api.store().get(&key) {
            Some(found) => lacks(&found.0, wanted, &about, &mut wrong),
            None => wrong.push(format!("{about} is not there")),
        }
    }
    for (kind, count) in &step.count {
        let def = kinds::by_kind(kind).expect("a known kind");
        let names: Vec<&str> = cluster.api.list(def.kind, def.namespaced.then_some("default")).map(|object| object.name()).collect();
        if names.len() != *count {
            wrong.push(format!("{kind}: {names:?}, not {count}"));
        }
    }
    wrong
        .extend(step.gone.iter().filter(|reference| cluster.api.store().get(&key(reference)).is_some()).map(|gone| format!("{gone} is still there")));
    let told = told(cluster);
    for event in &step.events {
        if !told.contains(event) {
            let about = event.split(' ').next().unwrap_or("");
            let near: Vec<&String> = told.iter().filter(|line| line.starts_with(about)).collect();
            wrong.push(format!("not told: {event}\n    but: {near:#?}"));
        }
    }
    wrong
}

#[test]
fn controllers_do_as_their_cases_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/controllers");
    let flavour = flavour::by_name("recorded").expect("the flavour");
    let mut wrong = Vec::new();
    for file in fs::read_dir(&folder).expect("the folder").map(|entry| entry.expect("a file").path()) {
        let known = controllers::ALL.iter().any(|controller| file.file_stem().is_some_and(|name| *name == *controller.name));
        assert!(known, "{} belongs to no row of controllers::ALL", file.display());
    }
    for controller in controllers::ALL {
        let file = format!("{}.yaml", controller.name);
        let text = fs::read_to_string(folder.join(&file)).unwrap_or_else(|error| panic!("tests/controllers/{file}: {error}"));
        let cases: Vec<Case> = serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        for case in &cases {
            let mut world = World::new(flavour, case.nodes, 1);
            let mut cluster = world.connect(&ClusterId::default());
            for (number, step) in case.steps.iter().enumerate() {
                act(&mut cluster, step);
                wrong.extend(differences(&cluster, step).into_iter().map(|why| format!("{file}: {}, step {}: {why}", case.case, number + 1)));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
