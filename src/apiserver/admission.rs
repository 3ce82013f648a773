//! The chain between a request and the store: namespace exists, service account, priority, tolerations, default class,
//! storage protection; and, once validated, claim resize.
//!
//! Models plugin/pkg/admission/* in the order of pkg/kubeapiserver/options/plugins.go.
//! Simplified: LimitRanger, ResourceQuota, PodSecurity and webhooks are not simulated here.

use super::store::Store;
use crate::kinds::KindDef;
use crate::kinds::readers::pods::CONTAINER_LISTS;
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::quantity::Quantity;
use crate::values::rng::Rng;
use crate::values::status::Status;
use std::rc::Rc;

/// Namespaces that always exist and cannot be deleted.
pub const IMMORTAL_NAMESPACES: [&str; 3] = ["default", "kube-public", "kube-system"];
const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";
const DEFAULT_CLASS_BETA: &str = "storageclass.beta.kubernetes.io/is-default-class";
pub const PVC_PROTECTION: &str = "kubernetes.io/pvc-protection";
pub const PV_PROTECTION: &str = "kubernetes.io/pv-protection";
/// The most objects of one kind: a page that holds more would stand still. Events go by themselves.
pub const OBJECTS_MAX: usize = 12_000;
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// Mutating admission of a new object.
/// # Errors
/// NotFound of its namespace, Forbidden.
pub fn admit_create(store: &Store, rng: &mut Rng, def: &KindDef, object: &mut Object) -> Result<(), Status> {
    namespace_lifecycle(store, def, object)?;
    has_room(store, def, object)?;
    match def.kind {
        "Pod" => {
            service_account(store, rng, def, object)?;
            priority(store, def, object)?;
            default_tolerations(object);
        }
        "PersistentVolumeClaim" => {
            set_default_class(store, object);
            object.add_finalizer(PVC_PROTECTION);
        }
        "PersistentVolume" => object.add_finalizer(PV_PROTECTION),
        _ => {}
    }
    Ok(())
}

/// Validating admission of a change, after the kind's own validation.
/// # Errors
/// Forbidden.
pub fn validate_update(store: &Store, def: &KindDef, object: &Object, old: &Object) -> Result<(), Status> {
    within_limit(def, object)?;
    if def.kind == "PersistentVolumeClaim" { claim_resize(store, def, object, old) } else { Ok(()) }
}

/// Admission of a deletion.
/// # Errors
/// Forbidden for the namespaces that must stay.
pub fn admit_delete(def: &KindDef, object: &Object) -> Result<(), Status> {
    if def.kind == "Namespace" && IMMORTAL_NAMESPACES.contains(&object.name()) {
        return Err(Status::forbidden(&def.resource(), object.name(), "this namespace may not be deleted"));
    }
    Ok(())
}

/// Refuses what the page could not hold.
fn has_room(store: &Store, def: &KindDef, object: &Object) -> Result<(), Status> {
    if def.kind != "Event" && store.count(def.kind) >= OBJECTS_MAX {
        return Err(Status::forbidden(&def.resource(), object.name(), &format!("not simulated here: more than {OBJECTS_MAX} {}", def.plural)));
    }
    within_limit(def, object)
}

/// Refuses a workload that asks for more pods than there may be.
fn within_limit(def: &KindDef, object: &Object) -> Result<(), Status> {
    let asked = ["replicas", "parallelism"].iter().filter_map(|field| object.int(&["spec", field])).max().unwrap_or(0);
    if asked > OBJECTS_MAX as i64 {
        return Err(Status::forbidden(&def.resource(), object.name(), &format!("not simulated here: more than {OBJECTS_MAX} pods")));
    }
    Ok(())
}

fn namespace_lifecycle(store: &Store, def: &KindDef, object: &Object) -> Result<(), Status> {
    let name = object.namespace();
    if !def.namespaced {
        return Ok(());
    }
    match store.get(&ObjectKey::new("Namespace", "", name)) {
        None if IMMORTAL_NAMESPACES.contains(&name) => Ok(()),
        None => Err(Status::not_found("namespaces", name)),
        Some(namespace) if namespace.is_terminating() => {
            let why = format!("unable to create new content in namespace {name} because it is being terminated");
            Err(Status::forbidden(&def.resource(), object.name(), &why))
        }
        Some(_) => Ok(()),
    }
}

/// Names the pod's account and mounts its token.
fn service_account(store: &Store, rng: &mut Rng, def: &KindDef, pod: &mut Object) -> Result<(), Status> {
    if pod.annotation("kubernetes.io/config.mirror").is_some() {
        return Ok(());
    }
    if pod.str(&["spec", "serviceAccountName"]).is_empty() {
        pod.set(&["spec", "serviceAccountName"], json!("default"));
    }
    let name = pod.str(&["spec", "serviceAccountName"]).to_owned();
    pod.set(&["spec", "serviceAccount"], json!(name));
    let account = store.get(&ObjectKey::new("ServiceAccount", pod.namespace(), &name)).cloned();
    // The plugin waits a second for an account, which is longer than its controller needs for `default`.
    if account.is_none() && name != "default" {
        let why = format!("error looking up service account {}/{name}: serviceaccount {name:?} not found", pod.namespace());
        return Err(Status::forbidden(&def.resource(), pod.name(), &why));
    }
    let asked = |object: &Object, path: &[&str]| object.at(path).and_then(Value::as_bool);
    let automount = asked(pod, &["spec", "automountServiceAccountToken"])
        .or_else(|| account.as_ref().and_then(|account| asked(account, &["automountServiceAccountToken"])))
        .unwrap_or(true);
    if automount {
        mount_token(rng, pod);
    }
    Ok(())
}

fn mount_token(rng: &mut Rng, pod: &mut Object) {
    let existing = pod.list(&["spec", "volumes"]).iter().filter_map(|volume| volume["name"].as_str());
    let existing = existing.into_iter().find(|name| name.starts_with("kube-api-access-")).map(str::to_owned);
    let is_new = existing.is_none();
    let name = existing.unwrap_or_else(|| format!("kube-api-access-{}", rng.suffix(5)));
    let mut mounted = false;
    for list in CONTAINER_LISTS {
        let Some(Value::Array(containers)) = pod.0.get_mut("spec").and_then(|spec| spec.get_mut(list)) else { continue };
        for container in containers.iter_mut().filter_map(Value::as_object_mut) {
            let mounts = container.entry("volumeMounts").or_insert_with(|| json!([]));
            let Some(mounts) = mounts.as_array_mut() else { continue };
            if !mounts.iter().any(|mount| mount["mountPath"] == TOKEN_PATH) {
                mounts.push(json!({"mountPath": TOKEN_PATH, "name": name, "readOnly": true}));
                mounted = true;
            }
        }
    }
    if mounted && is_new {
        let mut volumes = pod.list(&["spec", "volumes"]).to_vec();
        volumes.push(json!({"name": name, "projected": {"defaultMode": 420, "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
            {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}},
        ]}}));
        pod.set(&["spec", "volumes"], Value::from(volumes));
    }
}

/// The number behind a pod's priority class.
fn priority(store: &Store, def: &KindDef, pod: &mut Object) -> Result<(), Status> {
    let asked = pod.str(&["spec", "priorityClassName"]).to_owned();
    let default = || store.list("PriorityClass", None).find(|class| class.bool(&["globalDefault"])).cloned();
    let class = if asked.is_empty() { default() } else { store.get(&ObjectKey::new("PriorityClass", "", &asked)).cloned() };
    let (value, policy) = match (&class, asked.as_str()) {
        (Some(class), _) => (class.int(&["value"]).unwrap_or(0), class.str(&["preemptionPolicy"]).to_owned()),
        (None, "") => (0, String::new()),
        (None, "system-cluster-critical") => (2_000_000_000, String::new()),
        (None, "system-node-critical") => (2_000_001_000, String::new()),
        (None, name) => {
            return Err(Status::forbidden(&def.resource(), pod.name(), &format!("no PriorityClass with name {name} was found")));
        }
    };
    if let Some(class) = class {
        pod.set(&["spec", "priorityClassName"], json!(class.name()));
    }
    if pod.int(&["spec", "priority"]).is_some_and(|given| given != value) {
        let why = "the integer value of priority (%d) must not be provided in pod spec; priority admission controller computed %d from the given PriorityClass name";
        let given = pod.int(&["spec", "priority"]).unwrap_or(0).to_string();
        let why = why.replacen("%d", &given, 1).replacen("%d", &value.to_string(), 1);
        return Err(Status::forbidden(&def.resource(), pod.name(), &why));
    }
    pod.set(&["spec", "priority"], json!(value));
    if pod.str(&["spec", "preemptionPolicy"]).is_empty() {
        pod.set(&["spec", "preemptionPolicy"], json!(if policy.is_empty() { "PreemptLowerPriority" } else { &policy }));
    }
    Ok(())
}

/// Pods stay five minutes on a node that is not ready. Models DefaultTolerationSeconds.
fn default_tolerations(pod: &mut Object) {
    let mut tolerations = pod.list(&["spec", "tolerations"]).to_vec();
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let tolerated = tolerations.iter().any(|toleration| {
            let own_key = toleration["key"].as_str().unwrap_or("");
            let effect = toleration["effect"].as_str().unwrap_or("");
            (own_key == key || own_key.is_empty()) && (effect == "NoExecute" || effect.is_empty())
        });
        if !tolerated {
            tolerations.push(json!({"effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300}));
        }
    }
    pod.set(&["spec", "tolerations"], Value::from(tolerations));
}

/// A claim that names no class gets the newest default one. Models DefaultStorageClass and storage/util GetDefaultClass.
fn set_default_class(store: &Store, claim: &mut Object) {
    if claim.at(&["spec", "storageClassName"]).is_some() || claim.annotation("volume.beta.kubernetes.io/storage-class").is_some() {
        return;
    }
    if let Some(class) = default_storage_class(store) {
        claim.set(&["spec", "storageClassName"], json!(class.name()));
    }
}

/// The default class: of several the one created last, of equals the first by name.
pub fn default_storage_class(store: &Store) -> Option<Rc<Object>> {
    let is_default = |class: &&Rc<Object>| [DEFAULT_CLASS, DEFAULT_CLASS_BETA].iter().any(|key| class.annotation(key) == Some("true"));
    let mut best: Option<&Rc<Object>> = None;
    for class in store.list("StorageClass", None).filter(is_default) {
        if best.is_none_or(|best| class.created() > best.created()) {
            best = Some(class);
        }
    }
    best.cloned()
}

/// Models plugin/pkg/admission/storage/persistentvolume/resize.
fn claim_resize(store: &Store, def: &KindDef, claim: &Object, old: &Object) -> Result<(), Status> {
    let size = |claim: &Object| Quantity::parse(claim.str(&["spec", "resources", "requests", "storage"])).unwrap_or_default();
    if size(claim) <= size(old) {
        return Ok(());
    }
    if old.str(&["status", "phase"]) != "Bound" {
        return Err(Status::forbidden(&def.resource(), claim.name(), "Only bound persistent volume claims can be expanded"));
    }
    let class = claim.str(&["spec", "storageClassName"]);
    let expands = !class.is_empty()
        && class == old.str(&["spec", "storageClassName"])
        && store.get(&ObjectKey::new("StorageClass", "", class)).is_some_and(|class| class.bool(&["allowVolumeExpansion"]));
    if expands {
        return Ok(());
    }
    let why = "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
    Err(Status::forbidden(&def.resource(), claim.name(), why))
}
