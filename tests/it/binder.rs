//! Facts of upstream's tests of the binder, restated as data in tests/cases/pv-matching.yaml: every case of it, against the real code.

use serde::Deserialize;
use statelab::apiserver::ApiServer;
use statelab::apiserver::DeleteOptions;
use statelab::control::assumed::Assumed;
use statelab::control::controllers::persistent_volume::{self, Deleter, Recycler, Recycling, VolumePlugin};
use statelab::control::controllers::protection;
use statelab::control::flavour::{FLAVOURS, FeatureGates, Flavour};
use statelab::control::kubelet::state::Kubelets;
use statelab::control::rules::owners::key_of;
use statelab::control::rules::volume_search::{self, Search};
use statelab::control::rules::volumes;
use statelab::control::sync::Ctx;
use statelab::kinds;
use statelab::machine::disks::Disks;
use statelab::runtime::Runtimes;
use statelab::values::clock::Duration;
use statelab::values::object::{Object, ObjectKey, Value, json};
use statelab::world::EPOCH;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    fixtures: Fixtures,
    pools: BTreeMap<String, Vec<Value>>,
    search: Vec<Value>,
    delay_binding_mode: Vec<Value>,
    check_access_modes: Vec<Value>,
    sync: Vec<Value>,
    protection: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fixtures {
    storage_classes: BTreeMap<String, Value>,
}

fn file() -> File {
    serde_yaml::from_str(include_str!("../cases/pv-matching.yaml")).expect("the cases are YAML")
}

/// Runs every case of a section; a case answers what is wrong with it, or nothing.
fn check(cases: &[Value], count: usize, wrong: impl Fn(&Value) -> Vec<String>) {
    assert_eq!(cases.len(), count, "cases in the section");
    let mut found = Vec::new();
    for case in cases {
        let why = wrong(case);
        if !why.is_empty() {
            found.push(format!("{} ({}): {}", case["id"], case["checks"], why.join("; ")));
        }
    }
    assert!(found.is_empty(), "{} of {count} differ:\n{}", found.len(), found.join("\n"));
}

fn differs(found: &Value, wanted: &Value) -> Vec<String> {
    if found == wanted { Vec::new() } else { vec![format!("{found}, not {wanted}")] }
}

/// Puts an object into the store as it stands.
fn put(api: &mut ApiServer, tree: &Value) {
    api.restore(Object(tree.clone()));
}

/// Puts a volume or a claim into the store in the form in which the server gives it: with its kind's defaults.
fn put_defaulted(api: &mut ApiServer, tree: &Value) {
    let mut object = Object(tree.clone());
    (kinds::by_kind(object.kind()).expect("a known kind").defaults)(&mut object, None);
    put(api, &object.0);
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn names(value: &Value) -> Vec<String> {
    rows(value).iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

static WITHOUT_ATTRIBUTES_CLASSES: Flavour = Flavour {
    name: "gate-off",
    version: FLAVOURS[0].version,
    local_path_root: FLAVOURS[0].local_path_root,
    load_balancer: FLAVOURS[0].load_balancer,
    gates: FeatureGates { volume_attributes_class: false },
};

fn flavour(case: &Value) -> &'static Flavour {
    if case["gates"]["VolumeAttributesClass"] == false { &WITHOUT_ATTRIBUTES_CLASSES } else { &FLAVOURS[0] }
}

#[test]
fn the_search_finds_upstreams_volume() {
    let file = file();
    check(&file.search, 60, |case| {
        let mut api = ApiServer::new(EPOCH, 1);
        let pool = case["pool"].as_str().map_or(rows(&case["pvs"]), |name| &file.pools[name]);
        pool.iter().for_each(|volume| put(&mut api, volume));
        let node = case.get("node").map(|node| Object(json!({"kind": "Node", "metadata": {"name": "node-1", "labels": node["labels"]}})));
        let search = Search {
            node: node.as_ref(),
            excluded: &names(&case["exclude"]),
            delayed: node.is_some() || case["delayBinding"] == true,
            gates: flavour(case).gates,
        };
        let found = match volume_search::find_matching_volume(&api, &Object(case["claim"].clone()), search) {
            Ok(volume) => json!(volume.map(|volume| volume.name().to_owned())),
            Err(_) => json!("error"),
        };
        differs(&found, &case["want"])
    });
}

#[test]
fn a_class_says_whether_its_claims_wait() {
    let file = file();
    let mut api = ApiServer::new(EPOCH, 1);
    file.fixtures.storage_classes.values().for_each(|class| put(&mut api, class));
    check(&file.delay_binding_mode, 5, |case| {
        let found = volumes::is_delay_binding_mode(&api, case["claimClass"].as_str().unwrap_or(""));
        differs(&found.map_or(json!("error"), Value::Bool), &case["want"])
    });
}

#[test]
fn a_volume_needs_every_mode_of_its_claim() {
    check(&file().check_access_modes, 4, |case| {
        let with = |modes: &Value| Object(json!({"spec": {"accessModes": modes}}));
        let found = volume_search::has_modes(&with(&case["pvModes"]), &with(&case["pvcModes"]));
        differs(&json!(found), &case["want"])
    });
}

/// Upstream's mock plugin is one for all volumes; the cases give the annotation of a provisioned volume the value `yes`, so that is
/// its name. Where no plugin is mocked, the real ones answer.
fn mocked(case: &Value) -> Option<[VolumePlugin; 1]> {
    let (delete, recycle) = (&case["plugin"]["delete"], &case["plugin"]["recycle"]);
    let deleter: Deleter = if delete == "ok" { |_| Ok(()) } else { |_| Err("Mock delete error".to_owned()) };
    let recycler: Recycler = if recycle == "ok" { |_, _| Ok(Recycling::Done) } else { |_, _| Err("Mock recycle error".to_owned()) };
    case["plugin"].is_object().then(|| {
        [VolumePlugin {
            name: "yes",
            can_support: |_| true,
            delete: delete.is_string().then_some(deleter),
            recycle: recycle.is_string().then_some(recycler),
        }]
    })
}

/// The world of a case.
fn world(file: &File, case: &Value) -> ApiServer {
    let mut api = ApiServer::new(EPOCH, 1);
    for name in names(&case["storageClasses"]) {
        put(&mut api, &file.fixtures.storage_classes[&name]);
    }
    for volume in rows(&case["pvs"]) {
        let mut volume = Object(volume.clone());
        if volume.at(&["spec", "volumeAttributesClassName"]).is_some() {
            // The server allows an attributes class on CSI volumes only; the binder does not look at the source.
            volume.remove(&["spec", "hostPath"]);
            volume.set(&["spec", "csi"], json!({"driver": "vendor.example", "volumeHandle": volume.name()}));
        }
        put_defaulted(&mut api, &volume.0);
    }
    rows(&case["pvcs"]).iter().for_each(|claim| put_defaulted(&mut api, claim));
    for pod in rows(&case["pods"]) {
        put(&mut api, &pod_with(pod["name"].as_str().unwrap_or("p"), &[pod["claim"].clone()], &Value::Null, &pod["phase"]));
    }
    api
}

fn pod_with(name: &str, claims: &[Value], node: &Value, phase: &Value) -> Value {
    let volumes: Vec<Value> = claims.iter().map(|claim| json!({"name": claim, "persistentVolumeClaim": {"claimName": claim}})).collect();
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default"},
        "spec": {"volumes": volumes, "nodeName": node}, "status": {"phase": phase},
    })
}

fn keys(api: &ApiServer, kind: &'static str) -> Vec<ObjectKey> {
    api.list(kind, None).filter_map(|object| key_of(object)).collect()
}

/// Calls what the case names; whether it failed.
fn call(api: &mut ApiServer, case: &Value) -> bool {
    let (mut disks, mut runtimes, mut kubelets, mut assumed) = (Disks::default(), Runtimes::default(), Kubelets::default(), Assumed::default());
    let mocked = mocked(case);
    let plugins = mocked.as_ref().map_or(persistent_volume::PLUGINS, |mocked| &mocked[..]);
    for change in names(&case["do"]) {
        let words: Vec<&str> = change.split(' ').collect();
        let (kind, namespace) = if words[1] == "pv" { ("PersistentVolume", "") } else { ("PersistentVolumeClaim", "default") };
        let key = ObjectKey::new(kind, namespace, words[2]);
        api.write_raw(&key, |object| object.set(&["metadata", "finalizers"], json!([]))).expect("it is there");
        api.delete(&key, &DeleteOptions::default()).expect("nothing holds it");
    }
    let (volumes, claims) = (keys(api, "PersistentVolume"), keys(api, "PersistentVolumeClaim"));
    let (targets, turns) = match case["call"].as_str() {
        Some("claim") => (vec![ObjectKey::new("PersistentVolumeClaim", "default", "c")], 1),
        Some("volume") => (volumes.into_iter().filter(|key| case["target"].as_str().is_none_or(|name| *name == *key.name)).collect(), 1),
        _ => ([volumes, claims].concat(), 6),
    };
    let mut failed = false;
    for turn in 0..turns {
        let now = EPOCH + Duration::seconds(turn * 60);
        api.now = now;
        for key in &targets {
            let mut ctx =
                Ctx { api, disks: &mut disks, runtimes: &mut runtimes, kubelets: &mut kubelets, assumed: &mut assumed, now, flavour: flavour(case) };
            failed |= persistent_volume::sync_with(&mut ctx, key, plugins).is_err();
        }
    }
    failed
}

/// What of an object a case speaks of, in the words of `want`.
fn summary(object: &Object, want: &Value) -> Value {
    let annotations: Value = object.map(&["metadata", "annotations"]).into_iter().flatten().map(|(key, _)| key).collect();
    let mut found = json!({"phase": object.str(&["status", "phase"]), "annotations": annotations});
    if want.get("claimRef").is_some() {
        let reference = object.at(&["spec", "claimRef"]).cloned().unwrap_or_default();
        let fields = ["namespace", "name", "uid"].iter().filter_map(|field| Some(((*field).to_owned(), reference.get(*field)?.clone())));
        found["claimRef"] = if reference.is_null() { Value::Null } else { Value::Object(fields.collect()) };
    }
    for (field, path) in [
        ("volumeName", &["spec", "volumeName"][..]),
        ("capacity", &["status", "capacity", "storage"]),
        ("message", &["status", "message"]),
        ("currentVolumeAttributesClassName", &["status", "currentVolumeAttributesClassName"]),
    ] {
        if want.get(field).is_some() {
            found[field] = json!(object.str(path));
        }
    }
    if want.get("storageClassName").is_some() {
        found["storageClassName"] = object.at(&["spec", "storageClassName"]).cloned().unwrap_or_default();
    }
    if let Some(value) = want.get("annotationValue") {
        // It is the provisioner's, which stands in two of the annotations.
        let said = object.map(&["metadata", "annotations"]).into_iter().flatten().filter(|(key, _)| key.ends_with("/storage-provisioner"));
        found["annotationValue"] = if said.clone().count() == 2 && said.clone().all(|(_, said)| said == value) {
            value.clone()
        } else {
            said.map(|(key, said)| json!([key, said])).collect()
        };
    }
    found
}

/// `want` with its annotations in order.
fn expected(want: &Value) -> Value {
    let mut want = want.clone();
    want["annotations"] = names(&want["annotations"]).into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    want
}

fn differences(api: &ApiServer, case: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for (field, kind) in [("pvs", "PersistentVolume"), ("pvcs", "PersistentVolumeClaim")] {
        let wanted = case["want"][field].as_object().expect("objects by name");
        let there: BTreeSet<&str> = api.list(kind, None).map(|object| object.name()).collect();
        if there != wanted.keys().collect() {
            wrong.push(format!("{field} left: {there:?}"));
        }
        for object in api.list(kind, None) {
            let Some(want) = wanted.get(object.name()).map(expected) else { continue };
            wrong.extend(differs(&summary(object, &want), &want).into_iter().map(|why| format!("{}: {why}", object.name())));
        }
    }
    wrong.extend(event_differences(api, case));
    wrong
}

fn event_differences(api: &ApiServer, case: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let short = |event: &Object| if event.0["involvedObject"]["kind"] == "PersistentVolume" { "pv" } else { "pvc" };
    let events: Vec<_> = api.list("Event", None).collect();
    let text = |event: &Object, field: &str| event.str(&[field]).to_owned();
    if let Some(wanted) = case["want"]["events"].as_array() {
        let field = |event: &Value, name: &str| event[name].as_str().unwrap_or("").to_owned();
        let wanted: BTreeSet<String> =
            wanted.iter().map(|event| format!("{} {} {}", field(event, "on"), field(event, "type"), field(event, "reason"))).collect();
        let found: BTreeSet<String> =
            events.iter().map(|event| format!("{} {} {}", short(event), text(event, "type"), text(event, "reason"))).collect();
        wrong.extend(differs(&found.into_iter().collect(), &wanted.into_iter().collect()));
    }
    let messages: BTreeSet<String> = events.iter().map(|event| text(event, "message")).collect();
    if let Some(message) = case["message"].as_str().filter(|message| !messages.contains(*message)) {
        wrong.push(format!("told {messages:?}, not {message:?}"));
    }
    if let Some(derived) = case["derivedEvent"].as_str() {
        let full: Vec<String> =
            events.iter().map(|event| format!("{} {}: {}", text(event, "type"), text(event, "reason"), text(event, "message"))).collect();
        // `same text` is that of the status; a derived event without a text gives type and reason only.
        let wanted = derived.trim_end_matches(", same text");
        let told = if derived == "none" { full.is_empty() } else { full.iter().any(|event| event.starts_with(wanted)) };
        if !told {
            wrong.push(format!("told {full:?}, not {derived:?}"));
        }
    }
    wrong
}

#[test]
fn the_binder_does_as_upstreams() {
    let file = file();
    check(&file.sync, 109, |case| {
        let mut api = world(&file, case);
        let failed = call(&mut api, case);
        let mut wrong = differences(&api, case);
        if failed != (case["syncError"] == true) {
            wrong.push(format!("the sync failed: {failed}"));
        }
        wrong
    });
}

#[test]
fn protection_keeps_what_is_in_use() {
    check(&file().protection, 11, |case| {
        let mut api = ApiServer::new(EPOCH, 1);
        let given = &case["given"];
        let (controller, finalizer, mut object) = if case["object"] == "pvc" {
            (protection::CLAIMS, "kubernetes.io/pvc-protection", Object::new("v1", "PersistentVolumeClaim", "default", "this"))
        } else {
            (protection::VOLUMES, "kubernetes.io/pv-protection", Object::new("v1", "PersistentVolume", "", "this"))
        };
        object.set(&["spec"], json!({"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/data"}}));
        if case["object"] == "pvc" {
            object.set(&["spec"], json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}));
        }
        object.set(&["status", "phase"], given["phase"].clone());
        if given["finalizer"] == true {
            object.add_finalizer(finalizer);
        }
        if given["deleting"] == true {
            object.set(&["metadata", "deletionTimestamp"], json!(EPOCH.rfc3339()));
        }
        let key = key_of(&object).expect("a known kind");
        put_defaulted(&mut api, &object.0);
        for (number, pod) in rows(&given["pods"]).iter().enumerate() {
            put(&mut api, &pod_with(&format!("p{number}"), rows(&pod["claims"]), &pod["nodeName"], &pod["phase"]));
        }
        let (mut disks, mut runtimes, mut kubelets, mut assumed) = (Disks::default(), Runtimes::default(), Kubelets::default(), Assumed::default());
        let mut ctx = Ctx {
            api: &mut api,
            disks: &mut disks,
            runtimes: &mut runtimes,
            kubelets: &mut kubelets,
            assumed: &mut assumed,
            now: EPOCH,
            flavour: &FLAVOURS[0],
        };
        let outcome = (controller.sync)(&mut ctx, &key).map(drop);
        let left = api.store().get(&key);
        let mut found = json!({"finalizer": left.is_some_and(|object| object.has_finalizer(finalizer))});
        if left.is_none() {
            found["object"] = json!("gone");
        }
        let mut wrong = differs(&found, &case["want"]);
        wrong.extend(outcome.err().map(|status| status.message));
        wrong
    });
}
