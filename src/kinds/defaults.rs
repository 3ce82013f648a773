//! Defaults that kinds share: of containers, pod specs and templates, claims, and what fills in a field.
//!
//! Models pkg/apis/*/v1/defaults.go. The status with which an object begins is the api server's (`apiserver::strategy`).

use crate::kinds::readers::pods::{CONTAINER_LISTS, TEMPLATE_LISTS};
use crate::values::object::{Map, Object, Value, json};
use crate::values::quantity;

/// Sets a field where it is absent or null.
pub fn default(map: &mut Value, field: &str, value: Value) {
    if let Some(map) = map.as_object_mut() {
        let absent = map.get(field).is_none_or(Value::is_null);
        if absent {
            map.insert(field, value);
        }
    }
}

/// The items of a list, none where it is absent.
pub fn each<'a>(map: &'a mut Value, field: &str) -> impl Iterator<Item = &'a mut Value> + use<'a> {
    map.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten()
}

/// Changes a field where it is there. What comes out equal stays as it was, shared with whatever else holds it.
pub fn kept(map: &mut Value, field: &str, change: impl FnOnce(&mut Value)) {
    let Some(before) = map.get(field) else { return };
    let mut after = before.clone();
    change(&mut after);
    if after != *before {
        map[field] = after;
    }
}

/// Changes the items of a list, as `kept`.
pub fn each_kept(map: &mut Value, field: &str, change: fn(&mut Value)) {
    kept(map, field, |list| list.as_array_mut().into_iter().flatten().for_each(change));
}

/// An object's spec, made where it is absent.
pub fn spec(object: &mut Object) -> &mut Value {
    let map = object.0.as_object_mut().expect("an object is a map");
    map.entry("spec").or_insert_with(|| json!({}))
}

/// Puts every quantity of a resource list into its canonical form.
pub fn canonical_quantities(list: Option<&mut Value>) {
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
pub fn pod_spec(spec: &mut Value) {
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
    for list in CONTAINER_LISTS {
        each_kept(spec, list, container);
    }
    each_kept(spec, "volumes", volume);
}

/// Of a workload's spec: its pod template.
pub fn template(spec: &mut Value) {
    kept(spec, "template", |template| {
        if let Some(metadata) = template.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("creationTimestamp");
        }
        if let Some(spec) = template.get_mut("spec") {
            pod_spec(spec);
        }
    });
}

/// BestEffort, Burstable or Guaranteed. Models pkg/apis/core/v1/helper/qos.
pub fn qos_class(spec: &Value) -> &'static str {
    let (mut any, mut guaranteed) = (false, true);
    for list in TEMPLATE_LISTS {
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

/// Of a claim's spec, be it a claim's own or a template's.
pub fn claim_spec(spec: &mut Value) {
    default(spec, "volumeMode", json!("Filesystem"));
    if let Some(resources) = spec.get_mut("resources") {
        canonical_quantities(resources.get_mut("requests"));
        canonical_quantities(resources.get_mut("limits"));
    }
}

/// Bytes in standard base64 with padding, as secrets hold them.
pub fn base64_text(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
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
        (crate::kinds::def("Pod").defaults)(&mut object, None);
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
