//! Facts of upstream's tests of the binder, restated as data in tests/cases/pv-matching.yaml.

use serde::Deserialize;
use statelab::apiserver::ApiServer;
use statelab::apiserver::store::Change;
use statelab::control::cluster::EPOCH;
use statelab::control::controllers::{key_of, persistent_volume};
use statelab::values::object::{Object, Value, json};
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct File {
    pools: BTreeMap<String, Vec<Value>>,
    search: Vec<Value>,
}

fn file() -> File {
    serde_yaml::from_str(include_str!("../cases/pv-matching.yaml")).expect("the cases are YAML")
}

fn put(api: &mut ApiServer, tree: &Value) {
    let object = Object(tree.clone());
    let key = key_of(&object).expect("a known kind");
    api.store.put(key, object, Change::Added);
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Cases of a feature gate that v1.34 has locked the other way.
fn is_of_another_version(case: &Value) -> bool {
    case["gates"]["VolumeAttributesClass"] == false
}

#[test]
fn the_search_finds_upstreams_volume() {
    let file = file();
    let mut wrong = Vec::new();
    for case in file.search.iter().filter(|case| !is_of_another_version(case)) {
        let mut api = ApiServer::new(EPOCH, 1);
        let pool = case["pool"].as_str().map_or(rows(&case["pvs"]), |name| &file.pools[name]);
        pool.iter().for_each(|volume| put(&mut api, volume));
        let node = case.get("node").map(|node| Object(json!({"kind": "Node", "metadata": {"name": "node-1", "labels": node["labels"]}})));
        let excluded: Vec<String> = rows(&case["exclude"]).iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
        let delayed = node.is_some() || case["delayBinding"] == true;
        let claim = Object(case["claim"].clone());
        let found = persistent_volume::find_matching_volume(&api, &claim, node.as_ref(), &excluded, delayed);
        let name = found.as_ref().map(|volume| volume.name());
        if name != case["want"].as_str() {
            wrong.push(format!("{}: {name:?}, not {}", case["id"], case["want"]));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
