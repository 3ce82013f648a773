//! Defaults per kind.
//!
//! Models pkg/apis/*/v1/defaults.go. The status with which an object begins is the api server's (`apiserver::strategy`).

use crate::values::object::{Map, Object, Value, json};
use crate::values::quantity;

/// Sets a field where it is absent or null.
fn default(map: &mut Value, field: &str, value: Value) {
    if let Some(map) = map.as_object_mut() {
        let absent = map.get(field).is_none_or(Value::is_null);
        if absent {
            map.insert(field, value);
        }
    }
}

fn each<'a>(map: &'a mut Value, field: &str) -> impl Iterator<Item = &'a mut Value> + use<'a> {
    map.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten()
}

fn spec(object: &mut Object) -> &mut Value {
    let map = object.0.as_object_mut().expect("an object is a map");
    map.entry("spec").or_insert_with(|| json!({}))
}

/// Puts every quantity of a resource list into its canonical form.
fn canonical_quantities(list: Option<&mut Value>) {
    for value in list.and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        let text = match &*value {
            Value::String(text) => text.to_string(),
            Value::Number(number) => number.to_string(),
            _ => continue,
        };
        if let Ok(canonical) = quantity::canonical(&text) {
            *value = json!(canonical);
        }
    }
}

/// The image's tag decides: `latest` or none pulls always.
fn pull_policy(image: &str) -> &'static str {
    let name = image.rsplit('/').next().unwrap_or(image);
    let latest = !name.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest");
    if latest { "Always" } else { "IfNotPresent" }
}

fn probe(probe: &mut Value) {
    for (field, value) in [("timeoutSeconds", 1), ("periodSeconds", 10), ("successThreshold", 1), ("failureThreshold", 3)] {
        default(probe, field, json!(value));
    }
    handler(probe);
}

fn handler(handler: &mut Value) {
    if let Some(get) = handler.get_mut("httpGet") {
        default(get, "path", json!("/"));
        default(get, "scheme", json!("HTTP"));
    }
    if let Some(grpc) = handler.get_mut("grpc") {
        default(grpc, "service", json!(""));
    }
}

/// What a variable or a file of the downward API shows.
fn field_reference(source: &mut Value) {
    for (name, field, value) in [("fieldRef", "apiVersion", "v1"), ("resourceFieldRef", "divisor", "0")] {
        if let Some(reference) = source.get_mut(name) {
            default(reference, field, json!(value));
        }
    }
}

fn container(container: &mut Value) {
    let image = container["image"].as_str().unwrap_or("").to_owned();
    default(container, "imagePullPolicy", json!(pull_policy(&image)));
    default(container, "terminationMessagePath", json!("/dev/termination-log"));
    default(container, "terminationMessagePolicy", json!("File"));
    default(container, "resources", json!({}));
    for port in each(container, "ports") {
        default(port, "protocol", json!("TCP"));
    }
    each(container, "env").filter_map(|variable| variable.get_mut("valueFrom")).for_each(field_reference);
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        if let Some(found) = container.get_mut(name).filter(|found| found.is_object()) {
            probe(found);
        }
    }
    for name in ["postStart", "preStop"] {
        if let Some(found) = container.get_mut("lifecycle").and_then(|hooks| hooks.get_mut(name)) {
            handler(found);
        }
    }
    if let Some(resources) = container.get_mut("resources") {
        canonical_quantities(resources.get_mut("limits"));
        canonical_quantities(resources.get_mut("requests"));
    }
}

/// A pod's limit without a request is the request; templates stay as they are.
fn requests_of_limits(container: &mut Value) {
    let Some(resources) = container.get_mut("resources") else { return };
    if let Some(limits) = resources.get("limits").and_then(Value::as_object).cloned() {
        default(resources, "requests", json!({}));
        for (name, value) in limits {
            default(&mut resources["requests"], &name, value);
        }
    }
}

fn volume(volume: &mut Value) {
    // A volume of no type is an empty directory.
    let has_type = volume.as_object().is_some_and(|map| map.iter().any(|(name, source)| name != "name" && !source.is_null()));
    if !has_type {
        default(volume, "emptyDir", json!({}));
    }
    for source in ["configMap", "downwardAPI", "projected", "secret"] {
        if let Some(found) = volume.get_mut(source) {
            default(found, "defaultMode", json!(420));
        }
    }
    if let Some(found) = volume.get_mut("hostPath") {
        default(found, "type", json!(""));
    }
    if let Some(limit) = volume.get_mut("emptyDir") {
        let mut list = json!({});
        if let Some(size) = limit.get("sizeLimit").cloned() {
            list["sizeLimit"] = size;
            canonical_quantities(Some(&mut list));
            limit["sizeLimit"] = list["sizeLimit"].take();
        }
    }
    for source in volume.get_mut("projected").into_iter().flat_map(|projected| each(projected, "sources")) {
        if let Some(token) = source.get_mut("serviceAccountToken") {
            default(token, "expirationSeconds", json!(3600));
        }
        source.get_mut("downwardAPI").into_iter().flat_map(|api| each(api, "items")).for_each(field_reference);
    }
    volume.get_mut("downwardAPI").into_iter().flat_map(|api| each(api, "items")).for_each(field_reference);
    let template = volume.get_mut("ephemeral").and_then(|ephemeral| ephemeral.get_mut("volumeClaimTemplate"));
    if let Some(spec) = template.and_then(|template| template.get_mut("spec")) {
        claim_spec(spec);
    }
}

/// Of a pod's spec, be it a pod's own or a template's.
fn pod_spec(spec: &mut Value) {
    if !spec.is_object() {
        return;
    }
    for (field, value) in [
        ("dnsPolicy", json!("ClusterFirst")),
        ("restartPolicy", json!("Always")),
        ("schedulerName", json!("default-scheduler")),
        ("securityContext", json!({})),
        ("terminationGracePeriodSeconds", json!(30)),
    ] {
        default(spec, field, value);
    }
    // Either name of the service account fills the other.
    if let Some(name) = spec.get("serviceAccountName").or_else(|| spec.get("serviceAccount")).cloned() {
        default(spec, "serviceAccountName", name.clone());
        default(spec, "serviceAccount", name);
    }
    for list in ["initContainers", "containers"] {
        each(spec, list).for_each(container);
    }
    each(spec, "volumes").for_each(volume);
}

fn template(spec: &mut Value) {
    if let Some(template) = spec.get_mut("template") {
        if let Some(metadata) = template.get_mut("metadata").filter(|metadata| metadata.is_object()) {
            metadata.as_object_mut().expect("checked").remove("creationTimestamp");
        }
        if let Some(spec) = template.get_mut("spec") {
            pod_spec(spec);
        }
    }
}

/// BestEffort, Burstable or Guaranteed. Models pkg/apis/core/v1/helper/qos.
pub fn qos_class(spec: &Value) -> &'static str {
    let (mut any, mut guaranteed) = (false, true);
    for list in ["initContainers", "containers"] {
        for container in spec[list].as_array().into_iter().flatten() {
            let resources = &container["resources"];
            let of = |kind: &str, name: &str| resources[kind][name].as_str().map(str::to_owned);
            any |= ["cpu", "memory"].iter().any(|name| of("requests", name).is_some() || of("limits", name).is_some());
            guaranteed &= ["cpu", "memory"].iter().all(|name| of("limits", name).is_some() && of("limits", name) == of("requests", name));
        }
    }
    match (any, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

pub fn pod(object: &mut Object, _: Option<&Object>) {
    pod_spec(spec(object));
    for list in ["initContainers", "containers"] {
        each(spec(object), list).for_each(requests_of_limits);
    }
    default(spec(object), "enableServiceLinks", json!(true));
}

pub fn stateful_set(object: &mut Object, _: Option<&Object>) {
    let spec = spec(object);
    default(spec, "podManagementPolicy", json!("OrderedReady"));
    default(spec, "replicas", json!(1));
    default(spec, "revisionHistoryLimit", json!(10));
    default(spec, "persistentVolumeClaimRetentionPolicy", json!({}));
    let policy = &mut spec["persistentVolumeClaimRetentionPolicy"];
    default(policy, "whenDeleted", json!("Retain"));
    default(policy, "whenScaled", json!("Retain"));
    default(spec, "updateStrategy", json!({}));
    let strategy = &mut spec["updateStrategy"];
    default(strategy, "type", json!("RollingUpdate"));
    if strategy["type"] == "RollingUpdate" {
        default(strategy, "rollingUpdate", json!({}));
        default(&mut strategy["rollingUpdate"], "partition", json!(0));
    }
    if spec.get("ordinals").is_some() {
        default(&mut spec["ordinals"], "start", json!(0));
    }
    template(spec);
    for claim in each(spec, "volumeClaimTemplates") {
        default(claim, "apiVersion", json!("v1"));
        default(claim, "kind", json!("PersistentVolumeClaim"));
        if let Some(spec) = claim.get_mut("spec") {
            claim_spec(spec);
        }
        default(claim, "status", json!({}));
        default(&mut claim["status"], "phase", json!("Pending"));
    }
}

pub fn deployment(object: &mut Object, _: Option<&Object>) {
    let spec = spec(object);
    default(spec, "replicas", json!(1));
    default(spec, "revisionHistoryLimit", json!(10));
    default(spec, "progressDeadlineSeconds", json!(600));
    default(spec, "strategy", json!({}));
    let strategy = &mut spec["strategy"];
    default(strategy, "type", json!("RollingUpdate"));
    if strategy["type"] == "RollingUpdate" {
        default(strategy, "rollingUpdate", json!({}));
        default(&mut strategy["rollingUpdate"], "maxSurge", json!("25%"));
        default(&mut strategy["rollingUpdate"], "maxUnavailable", json!("25%"));
    }
    template(spec);
}

pub fn replica_set(object: &mut Object, _: Option<&Object>) {
    let spec = spec(object);
    default(spec, "replicas", json!(1));
    template(spec);
}

/// Where a daemon set counts the changes of its template.
const TEMPLATE_GENERATION: &str = "deprecated.daemonset.template.generation";

/// The count goes up with each change of the template. Models registry/apps/daemonset/strategy.go.
fn template_generation(object: &mut Object, old: Option<&Object>) {
    let template = |object: &Object| object.at(&["spec", "template"]).cloned();
    let generation = old.map_or(1, |old| {
        let before: i64 = old.annotation(TEMPLATE_GENERATION).and_then(|count| count.parse().ok()).unwrap_or(0);
        before + i64::from(template(object) != template(old))
    });
    object.set(&["metadata", "annotations", TEMPLATE_GENERATION], json!(generation.to_string()));
}

pub fn daemon_set(object: &mut Object, old: Option<&Object>) {
    let spec = spec(object);
    default(spec, "revisionHistoryLimit", json!(10));
    default(spec, "updateStrategy", json!({}));
    let strategy = &mut spec["updateStrategy"];
    default(strategy, "type", json!("RollingUpdate"));
    if strategy["type"] == "RollingUpdate" {
        default(strategy, "rollingUpdate", json!({}));
        default(&mut strategy["rollingUpdate"], "maxSurge", json!(0));
        default(&mut strategy["rollingUpdate"], "maxUnavailable", json!(1));
    }
    template(spec);
    template_generation(object, old);
}

pub fn priority_class(object: &mut Object, _: Option<&Object>) {
    default(&mut object.0, "preemptionPolicy", json!("PreemptLowerPriority"));
}

fn job_spec(spec: &mut Value) {
    if spec.get("completions").is_none() && spec.get("parallelism").is_none() {
        default(spec, "completions", json!(1));
    }
    for (field, value) in [
        ("parallelism", json!(1)),
        ("backoffLimit", json!(6)),
        ("completionMode", json!("NonIndexed")),
        ("suspend", json!(false)),
        ("manualSelector", json!(false)),
        ("podReplacementPolicy", json!("TerminatingOrFailed")),
    ] {
        default(spec, field, value);
    }
    template(spec);
}

pub fn endpoints(object: &mut Object, _: Option<&Object>) {
    for subset in each(&mut object.0, "subsets") {
        each(subset, "ports").for_each(|port| default(port, "protocol", json!("TCP")));
    }
}

pub fn job(object: &mut Object, _: Option<&Object>) {
    job_spec(spec(object));
}

pub fn cron_job(object: &mut Object, _: Option<&Object>) {
    let spec = spec(object);
    default(spec, "concurrencyPolicy", json!("Allow"));
    default(spec, "suspend", json!(false));
    default(spec, "successfulJobsHistoryLimit", json!(3));
    default(spec, "failedJobsHistoryLimit", json!(1));
    if let Some(inner) = spec.get_mut("jobTemplate").and_then(|template| template.get_mut("spec")) {
        template(inner);
    }
}

fn claim_spec(spec: &mut Value) {
    default(spec, "volumeMode", json!("Filesystem"));
    if let Some(resources) = spec.get_mut("resources") {
        canonical_quantities(resources.get_mut("requests"));
        canonical_quantities(resources.get_mut("limits"));
    }
}

pub fn persistent_volume_claim(object: &mut Object, _: Option<&Object>) {
    claim_spec(spec(object));
}

pub fn persistent_volume(object: &mut Object, _: Option<&Object>) {
    let spec = spec(object);
    default(spec, "persistentVolumeReclaimPolicy", json!("Retain"));
    default(spec, "volumeMode", json!("Filesystem"));
    canonical_quantities(spec.get_mut("capacity"));
    if let Some(path) = spec.get_mut("hostPath") {
        default(path, "type", json!(""));
    }
}

pub fn storage_class(object: &mut Object, _: Option<&Object>) {
    default(&mut object.0, "reclaimPolicy", json!("Delete"));
    default(&mut object.0, "volumeBindingMode", json!("Immediate"));
}

pub fn namespace(object: &mut Object, _: Option<&Object>) {
    let name = object.name().to_owned();
    if !name.is_empty() {
        object.set(&["metadata", "labels", "kubernetes.io/metadata.name"], json!(name));
    }
    default(spec(object), "finalizers", json!(["kubernetes"]));
}

pub fn secret(object: &mut Object, _: Option<&Object>) {
    default(&mut object.0, "type", json!("Opaque"));
    let Some(texts) = object.remove(&["stringData"]) else { return };
    for (key, text) in texts.as_object().into_iter().flatten() {
        let bytes = text.as_str().unwrap_or("").as_bytes();
        object.set(&["data", key], json!(base64_text(bytes)));
    }
}

/// Bytes in standard base64 with padding, as secrets hold them.
pub fn base64_text(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

pub fn service(object: &mut Object, old: Option<&Object>) {
    let spec = spec(object);
    default(spec, "type", json!("ClusterIP"));
    default(spec, "sessionAffinity", json!("None"));
    let external_name = spec["type"] == "ExternalName";
    if !external_name {
        default(spec, "internalTrafficPolicy", json!("Cluster"));
        default(spec, "ipFamilies", json!(["IPv4"]));
        default(spec, "ipFamilyPolicy", json!("SingleStack"));
    }
    if spec["type"] == "NodePort" || spec["type"] == "LoadBalancer" {
        default(spec, "externalTrafficPolicy", json!("Cluster"));
    }
    if spec["type"] == "LoadBalancer" {
        default(spec, "allocateLoadBalancerNodePorts", json!(true));
    }
    if spec["sessionAffinity"] == "ClientIP" {
        default(spec, "sessionAffinityConfig", json!({"clientIP": {"timeoutSeconds": 10800}}));
    }
    for port in each(spec, "ports") {
        default(port, "protocol", json!("TCP"));
        let number = port["port"].clone();
        default(port, "targetPort", number);
    }
    // What a change leaves out of the allocated addresses stays as it was.
    for field in ["clusterIP", "clusterIPs"] {
        if let Some(value) = old.and_then(|old| old.at(&["spec", field])).filter(|_| !external_name) {
            default(spec, field, value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pods_get_what_the_server_fills_in() {
        let mut object = Object(json!({"kind": "Pod", "spec": {
            "containers": [{"name": "a", "image": "nginx", "resources": {"limits": {"cpu": 1, "memory": "1024Mi"}}}],
            "volumes": [{"name": "h", "hostPath": {"path": "/x"}}],
        }}));
        pod(&mut object, None);
        let container = &object.0["spec"]["containers"][0];
        assert_eq!(container["imagePullPolicy"], "Always");
        assert_eq!(container["resources"]["requests"], json!({"cpu": "1", "memory": "1Gi"}));
        assert_eq!(object.0["spec"]["volumes"][0]["hostPath"]["type"], "");
        assert_eq!(qos_class(&object.0["spec"]), "Guaranteed");
    }

    #[test]
    fn tags_decide_the_pull_policy() {
        for (image, policy) in [
            ("nginx", "Always"),
            ("nginx:latest", "Always"),
            ("r.io:5000/nginx", "Always"),
            ("busybox:1.28", "IfNotPresent"),
            ("a@sha256:0", "IfNotPresent"),
        ] {
            assert_eq!(pull_policy(image), policy, "{image}");
        }
    }
}
