//! The chain between a request and the store: namespace exists, default class, storage protection, claim resize, addresses, deletion.
//!
//! Models plugin/pkg/admission (namespace/lifecycle, storage/storageclass/setdefault, storage/storageobjectinuseprotection,
//! storage/persistentvolume/resize, serviceaccount, defaulttolerationseconds) and the deletion half of
//! apiserver/pkg/registry/generic/registry/store.go.

use super::store::Change;
use super::{ApiServer, DeleteOptions, Propagation};
use crate::kinds::KindDef;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::quantity::Quantity;
use crate::values::status::Status;
use std::rc::Rc;

/// Namespaces that nobody may delete.
const IMMORTAL_NAMESPACES: [&str; 3] = ["default", "kube-system", "kube-public"];
/// The service network's first address that is given out; the ones below belong to the cluster itself.
const FIRST_CLUSTER_IP: u32 = 0x0a60_0010;
const NODE_PORTS: std::ops::Range<i64> = 30_000..32_768;

/// Admission of a new object.
/// # Errors
/// NotFound of its namespace, Forbidden.
pub fn admit_create(api: &mut ApiServer, def: &KindDef, object: &mut Object) -> Result<(), Status> {
    if def.namespaced {
        namespace_lives(api, def, object)?;
    }
    match def.kind {
        "PersistentVolumeClaim" => {
            default_class(api, object);
            object.add_finalizer("kubernetes.io/pvc-protection");
        }
        "PersistentVolume" => {
            object.add_finalizer("kubernetes.io/pv-protection");
            object.set(&["status", "lastPhaseTransitionTime"], json!(api.now.rfc3339()));
        }
        "Pod" => {
            service_account(api, object);
            tolerations(object);
            object.set(&["spec", "priority"], object.at(&["spec", "priority"]).cloned().unwrap_or(json!(0)));
            object.set(&["spec", "preemptionPolicy"], json!("PreemptLowerPriority"));
        }
        "Service" => addresses(api, object),
        "Job" => job_selector(object),
        _ => {}
    }
    Ok(())
}

fn namespace_lives(api: &ApiServer, def: &KindDef, object: &Object) -> Result<(), Status> {
    let name = object.namespace();
    let Some(namespace) = api.store.get(&ObjectKey::new("Namespace", "", name)) else {
        return Err(Status::not_found("namespaces", name));
    };
    if namespace.is_terminating() {
        let why = format!("unable to create new content in namespace {name} because it is being terminated");
        return Err(Status::forbidden(&def.resource(), object.name(), &why));
    }
    Ok(())
}

/// The cluster's default class: the newest one that says so, of equals the first by name.
pub fn default_storage_class(api: &ApiServer) -> Option<Rc<Object>> {
    const KEYS: [&str; 2] = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
    let defaults = api.list("StorageClass", None).filter(|class| KEYS.iter().any(|key| class.annotation(key) == Some("true")));
    defaults.fold(None, |best: Option<Rc<Object>>, class| match best {
        Some(best) if best.created() >= class.created() => Some(best),
        _ => Some(class.clone()),
    })
}

fn default_class(api: &ApiServer, claim: &mut Object) {
    let named = claim.at(&["spec", "storageClassName"]).is_some() || claim.annotation("volume.beta.kubernetes.io/storage-class").is_some();
    if let Some(class) = default_storage_class(api).filter(|_| !named) {
        claim.set(&["spec", "storageClassName"], json!(class.name()));
    }
}

fn service_account(api: &mut ApiServer, pod: &mut Object) {
    if pod.str(&["spec", "serviceAccountName"]).is_empty() {
        pod.set(&["spec", "serviceAccountName"], json!("default"));
        pod.set(&["spec", "serviceAccount"], json!("default"));
    }
    if pod.at(&["spec", "automountServiceAccountToken"]) == Some(&json!(false)) {
        return;
    }
    const PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
    let name = format!("kube-api-access-{}", api.rng.suffix(5));
    let mut mounted = false;
    for list in ["initContainers", "containers"] {
        for container in pod.0["spec"].get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(map) = container.as_object_mut() else { continue };
            let mounts = map.entry("volumeMounts").or_insert_with(|| json!([]));
            let Some(mounts) = mounts.as_array_mut() else { continue };
            if mounts.iter().all(|mount| mount["mountPath"] != PATH) {
                mounts.push(json!({"mountPath": PATH, "name": name, "readOnly": true}));
                mounted = true;
            }
        }
    }
    if !mounted {
        return;
    }
    let mut volumes = pod.list(&["spec", "volumes"]).to_vec();
    volumes.push(json!({"name": name, "projected": {"defaultMode": 420, "sources": [
        {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
        {"configMap": {"items": [{"key": "ca.crt", "path": "ca.crt"}], "name": "kube-root-ca.crt"}},
        {"downwardAPI": {"items": [{"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}, "path": "namespace"}]}},
    ]}}));
    pod.set(&["spec", "volumes"], Value::Array(volumes));
}

/// A pod bears 300 seconds of a node that is not ready or not reached, unless it says otherwise.
fn tolerations(pod: &mut Object) {
    let mut all = pod.list(&["spec", "tolerations"]).to_vec();
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        let covers = |toleration: &Value| {
            let effect = toleration["effect"].as_str().unwrap_or("");
            let same_key = toleration["key"] == key || (toleration.get("key").is_none() && toleration["operator"] == "Exists");
            same_key && (effect.is_empty() || effect == "NoExecute")
        };
        if !all.iter().any(covers) {
            all.push(json!({"effect": "NoExecute", "key": key, "operator": "Exists", "tolerationSeconds": 300}));
        }
    }
    pod.set(&["spec", "tolerations"], Value::Array(all));
}

fn addresses(api: &ApiServer, service: &mut Object) {
    let service_type = service.str(&["spec", "type"]).to_owned();
    if service_type == "ExternalName" {
        return;
    }
    if service.str(&["spec", "clusterIP"]).is_empty() {
        let number = |object: &Rc<Object>| object.str(&["spec", "clusterIP"]).parse::<std::net::Ipv4Addr>().ok().map(u32::from);
        let highest = api.list("Service", None).filter_map(number).max().unwrap_or(0);
        let address = std::net::Ipv4Addr::from(FIRST_CLUSTER_IP.max(highest + 1));
        service.set(&["spec", "clusterIP"], json!(address.to_string()));
    }
    let address = service.str(&["spec", "clusterIP"]).to_owned();
    service.set(&["spec", "clusterIPs"], json!([address]));
    if service_type != "NodePort" && service_type != "LoadBalancer" {
        return;
    }
    let mut used: Vec<i64> =
        api.list("Service", None).flat_map(|other| other.list(&["spec", "ports"]).iter().filter_map(|port| port["nodePort"].as_i64())).collect();
    for port in service.0["spec"].get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
        if port["nodePort"].as_i64().unwrap_or(0) == 0
            && let Some(free) = NODE_PORTS.into_iter().find(|number| !used.contains(number))
        {
            port["nodePort"] = json!(free);
            used.push(free);
        }
    }
}

/// A Job's pods carry its uid, unless the user chose the selector.
fn job_selector(job: &mut Object) {
    if job.bool(&["spec", "manualSelector"]) {
        return;
    }
    job.remove(&["spec", "manualSelector"]);
    let (uid, name) = (job.uid().to_owned(), job.name().to_owned());
    for (key, value) in
        [("batch.kubernetes.io/controller-uid", &uid), ("controller-uid", &uid), ("batch.kubernetes.io/job-name", &name), ("job-name", &name)]
    {
        job.set(&["spec", "template", "metadata", "labels", key], json!(value));
    }
    job.set(&["spec", "selector"], json!({"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}));
}

/// Admission of a change.
/// # Errors
/// Forbidden.
pub fn admit_update(api: &mut ApiServer, def: &KindDef, object: &mut Object, old: &Object) -> Result<(), Status> {
    match def.kind {
        "PersistentVolumeClaim" => claim_resize(api, object, old),
        "Service" => {
            addresses(api, object);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn claim_resize(api: &ApiServer, claim: &Object, old: &Object) -> Result<(), Status> {
    let size = |object: &Object| Quantity::parse(object.str(&["spec", "resources", "requests", "storage"])).ok();
    let (Some(new_size), Some(old_size)) = (size(claim), size(old)) else { return Ok(()) };
    if new_size <= old_size {
        return Ok(());
    }
    let refuse = |why: &str| Err(Status::forbidden("persistentvolumeclaims", claim.name(), why));
    if old.str(&["status", "phase"]) != "Bound" {
        return refuse("Only bound persistent volume claims can be expanded");
    }
    let class = api.store.get(&ObjectKey::new("StorageClass", "", old.str(&["spec", "storageClassName"])));
    if class.is_some_and(|class| class.bool(&["allowVolumeExpansion"])) {
        return Ok(());
    }
    refuse("only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize")
}

/// What the server itself adds when a status changes, such as a volume's lastPhaseTransitionTime.
pub fn status_changed(now: Instant, def: &KindDef, object: &mut Object, old: &Object) {
    if def.kind == "PersistentVolume" && object.str(&["status", "phase"]) != old.str(&["status", "phase"]) {
        object.set(&["status", "lastPhaseTransitionTime"], json!(now.rfc3339()));
    }
}

/// Deletes now, or marks the object where finalizers or a grace period hold it.
/// # Errors
/// Conflict, Forbidden.
pub fn delete(api: &mut ApiServer, key: &ObjectKey, old: &Rc<Object>, options: &DeleteOptions) -> Result<Rc<Object>, Status> {
    if options.uid.as_ref().is_some_and(|uid| uid != old.uid()) {
        let why = format!("Precondition failed: UID in precondition: {}, UID in object meta: {}", options.uid.as_deref().unwrap_or(""), old.uid());
        return Err(Status::conflict(&crate::kinds::def(key.kind).resource(), &key.name, &why));
    }
    if key.kind == "Namespace" && IMMORTAL_NAMESPACES.contains(&key.name.as_str()) {
        return Err(Status::forbidden("namespaces", &key.name, "this namespace may not be deleted"));
    }
    let mut object = (**old).clone();
    let grace = if key.kind == "Pod" { pod_grace(old, options) } else { 0 };
    if !old.is_terminating() {
        match options.propagation {
            Propagation::Foreground => object.add_finalizer("foregroundDeletion"),
            Propagation::Orphan => object.add_finalizer("orphan"),
            Propagation::Background => {}
        }
    }
    let held = object.finalizers().next().is_some() || (key.kind == "Namespace" && !object.list(&["spec", "finalizers"]).is_empty());
    if grace == 0 && !held {
        return Ok(api.store.delete(key).unwrap_or_else(|| old.clone()));
    }
    let current = old.int(&["metadata", "deletionGracePeriodSeconds"]);
    if old.is_terminating() && current.is_some_and(|current| current <= grace as i64) && object == **old {
        return Ok(old.clone());
    }
    if !old.is_terminating() || current.is_some_and(|current| (grace as i64) < current) {
        object.set(&["metadata", "deletionTimestamp"], json!((api.now + Duration::seconds(grace)).rfc3339()));
        object.set(&["metadata", "deletionGracePeriodSeconds"], json!(grace));
        if crate::kinds::def(key.kind).generation {
            object.set(&["metadata", "generation"], json!(old.generation() + 1));
        }
    }
    if key.kind == "Namespace" {
        object.set(&["status", "phase"], json!("Terminating"));
    }
    Ok(api.store.put(key.clone(), object, Change::Modified))
}

/// Seconds that a pod has for its end: none where nothing of it runs.
fn pod_grace(pod: &Object, options: &DeleteOptions) -> u64 {
    let ended = matches!(pod.str(&["status", "phase"]), "Succeeded" | "Failed");
    if pod.str(&["spec", "nodeName"]).is_empty() || ended {
        return 0;
    }
    let own = pod.int(&["spec", "terminationGracePeriodSeconds"]).unwrap_or(30).max(0) as u64;
    options.grace_period.unwrap_or(own)
}
