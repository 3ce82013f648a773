//! PersistentVolume, PersistentVolumeClaim, StorageClass, VolumeAttachment. Models pkg/apis/core/validation and
//! pkg/apis/storage/validation.

use super::affinity::{node_selector, topologies};
use super::metadata::{self, label_selector};
use super::volumes::{self, host_path, no_backsteps};
use super::{Findings, METADATA, NOT_NEGATIVE, NOT_POSITIVE, Path, SPEC, Value, entries, length, list, names, quantity, same, spec_of, text};
use crate::kinds::{self, godiff};
use crate::values::object::{Map, Object, field, json};
use crate::values::selector::qualified_name_errors;
use crate::values::status::FieldError;

const MODES: [&str; 4] = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const BETA_CLASS: &str = "volume.beta.kubernetes.io/storage-class";
/// The volume types of a PersistentVolume, in the order in which they are looked at.
const VOLUME_TYPES: [&str; 21] = [
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "flocker",
    "nfs",
    "rbd",
    "quobyte",
    "cephfs",
    "iscsi",
    "cinder",
    "fc",
    "azureFile",
    "vsphereVolume",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "local",
    "storageos",
    "csi",
];

fn access_modes(findings: &mut Findings, at: &Path, modes: &[Value], detail: &str) {
    if modes.is_empty() {
        findings.required(at, detail);
    }
    for mode in modes.iter().filter(|mode| !mode.as_str().is_some_and(|mode| MODES.contains(&mode))) {
        findings.unsupported(at, mode, &MODES);
    }
    let once = modes.iter().any(|mode| mode == "ReadWriteOncePod");
    if once && modes.iter().any(|mode| mode != "ReadWriteOncePod") {
        findings.forbidden(at, "may not use ReadWriteOncePod with other access modes");
    }
}

/// A PersistentVolume, new or changed.
pub fn persistent_volume(volume: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("PersistentVolume"), volume, old, names::subdomain);
    let spec = spec_of(volume);
    volume_spec(&mut findings, spec);
    if let Some(old) = old {
        volume_update(&mut findings, spec, spec_of(old));
    }
    findings.list
}

fn volume_spec(findings: &mut Findings, spec: &Value) {
    access_modes(findings, &SPEC.child("accessModes"), list(spec, "accessModes"), "");
    let capacity_at = SPEC.child("capacity");
    let capacity = &spec["capacity"];
    if length(capacity) == 0 {
        findings.required(&capacity_at, "");
    }
    if capacity.get("storage").is_none() || length(capacity) > 1 {
        findings.unsupported(&capacity_at, capacity, &["storage"]);
    }
    for (name, value) in entries(spec, "capacity") {
        let amount = quantity(value);
        if amount.sign() < 0 {
            findings.invalid(&capacity_at.key(name), &json!(amount.value()), "must be a valid resource quantity");
        }
        if amount.sign() <= 0 {
            findings.invalid(&capacity_at.key(name), value, NOT_POSITIVE);
        }
    }
    let policies = ["Delete", "Recycle", "Retain"];
    let policy_at = SPEC.child("persistentVolumeReclaimPolicy");
    if !text(spec, "persistentVolumeReclaimPolicy").is_empty() {
        findings.optional_one_of(&policy_at, &spec["persistentVolumeReclaimPolicy"], &policies);
    }
    let affinity = &spec["nodeAffinity"];
    if affinity.is_object() {
        let required_at = SPEC.child("nodeAffinity");
        let required_at = required_at.child("required");
        if affinity["required"].is_object() {
            node_selector(findings, &required_at, &affinity["required"]);
        } else {
            findings.required(&required_at, "must specify required node constraints");
        }
    }
    volume_source(findings, spec);
    let path = text(&spec["hostPath"], "path");
    if !path.is_empty() && path.trim_matches('/').is_empty() && text(spec, "persistentVolumeReclaimPolicy") == "Recycle" {
        findings.forbidden(&policy_at, "may not be 'recycle' for a hostPath mount of '/'");
    }
    class_and_mode(findings, &SPEC, spec);
    if spec["volumeAttributesClassName"].is_string() {
        let name = text(spec, "volumeAttributesClassName");
        findings.all_invalid(&SPEC.child("volumeAttributesClassName"), name, names::subdomain(name));
        if spec.get("csi").is_none() {
            findings.required(&SPEC.child("csi"), "has to be specified when using volumeAttributesClassName");
        }
    }
}

fn class_and_mode(findings: &mut Findings, at: &Path, spec: &Value) {
    let class = text(spec, "storageClassName");
    if !class.is_empty() {
        findings.all_invalid(&at.child("storageClassName"), class, names::subdomain(class));
    }
    findings.optional_one_of(&at.child("volumeMode"), &spec["volumeMode"], &["Block", "Filesystem"]);
}

fn volume_source(findings: &mut Findings, spec: &Value) {
    let mut found = false;
    for name in VOLUME_TYPES {
        let Some(source) = field(spec, name).filter(|source| source.is_object()) else { continue };
        let at = SPEC.child(name);
        if found {
            findings.forbidden(&at, "may not specify more than 1 volume type");
            continue;
        }
        found = true;
        match name {
            "hostPath" => host_path(findings, &at, source),
            "nfs" => volumes::nfs(findings, &at, source),
            "local" => local(findings, &at, source, spec),
            "csi" => csi(findings, &at, source),
            "iscsi" => volumes::iscsi(findings, &at, source),
            _ => {}
        }
    }
    if !found {
        findings.required(&SPEC, "must specify a volume type");
    }
}

fn local(findings: &mut Findings, at: &Path, source: &Value, spec: &Value) {
    let path = text(source, "path");
    if path.is_empty() {
        findings.required(&at.child("path"), "");
    } else {
        no_backsteps(findings, &at.child("path"), path);
    }
    if !spec["nodeAffinity"].is_object() {
        findings.required(&SPEC.child("nodeAffinity"), "Local volume requires node affinity");
    }
}

/// The name of a CSI driver.
pub(super) fn driver_name(findings: &mut Findings, at: &Path, name: &str) {
    if name.is_empty() {
        findings.required(at, "");
    }
    if name.len() > 63 {
        findings.too_long(at, 63);
    }
    findings.all_invalid(at, name, names::subdomain(&name.to_ascii_lowercase()));
}

fn csi(findings: &mut Findings, at: &Path, source: &Value) {
    driver_name(findings, &at.child("driver"), text(source, "driver"));
    if text(source, "volumeHandle").is_empty() {
        findings.required(&at.child("volumeHandle"), "");
    }
    for field in ["controllerPublishSecretRef", "controllerExpandSecretRef", "nodePublishSecretRef", "nodeExpandSecretRef"] {
        let Some(secret) = source.get(field).filter(|secret| secret.is_object()) else { continue };
        for part in ["name", "namespace"] {
            if text(secret, part).is_empty() {
                findings.required(&at.child(field).child(part), "");
            }
        }
    }
}

fn volume_update(findings: &mut Findings, spec: &Value, old: &Value) {
    let other = |a: &Value, b: &Value| {
        let mut types = a.as_object().into_iter().flatten().filter(|(name, _)| VOLUME_TYPES.contains(name));
        types.any(|(name, source)| !same(source, &b[name]))
    };
    if other(spec, old) || other(old, spec) {
        let source = |spec: &Value| -> Value {
            VOLUME_TYPES
                .iter()
                .filter_map(|name| spec.get(*name).filter(|source| !source.is_null()).map(|source| ((*name).to_owned(), source.clone())))
                .collect()
        };
        let (new_source, old_source) = (source(spec), source(old));
        let why =
            format!("spec.persistentvolumesource is immutable after creation\n{}", godiff::diff("PersistentVolumeSource", &old_source, &new_source));
        findings.forbidden(&SPEC.child("persistentvolumesource"), &why);
    }
    findings.immutable(&Path::root("volumeMode"), &spec["volumeMode"], &old["volumeMode"]);
    if old["nodeAffinity"].is_object() && !same(&spec["nodeAffinity"], &old["nodeAffinity"]) {
        let shown = godiff::json("VolumeNodeAffinity", &spec["nodeAffinity"]);
        let why = format!("Invalid value: {shown}: field is immutable, except for updating from beta label to GA");
        findings.add(&Path::root("nodeAffinity"), why);
    }
}

/// A PersistentVolumeClaim, new or changed.
pub fn persistent_volume_claim(claim: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("PersistentVolumeClaim"), claim, old, names::subdomain);
    claim_spec(&mut findings, &SPEC, spec_of(claim));
    if let Some(old) = old {
        claim_update(&mut findings, claim, old);
    }
    findings.list
}

/// The spec of a claim, of a claim template, or of an ephemeral volume.
pub(super) fn claim_spec(findings: &mut Findings, at: &Path, spec: &Value) {
    access_modes(findings, &at.child("accessModes"), list(spec, "accessModes"), "at least 1 access mode is required");
    if spec["selector"].is_object() {
        label_selector(findings, &at.child("selector"), &spec["selector"]);
    }
    let resources_at = at.child("resources");
    let storage_at = resources_at.key("storage");
    match spec["resources"]["requests"].get("storage") {
        None => findings.required(&storage_at, ""),
        Some(value) => {
            let amount = quantity(value);
            if amount.sign() < 0 {
                findings.invalid(&storage_at, value, NOT_NEGATIVE);
            }
            if amount.sign() <= 0 {
                findings.invalid(&storage_at, value, NOT_POSITIVE);
            }
        }
    }
    class_and_mode(findings, at, spec);
    data_source(findings, at, spec);
    let name = text(spec, "volumeAttributesClassName");
    if !name.is_empty() {
        findings.all_invalid(&at.child("volumeAttributesClassName"), name, names::subdomain(name));
    }
}

fn data_source(findings: &mut Findings, at: &Path, spec: &Value) {
    for field in ["dataSource", "dataSourceRef"] {
        let Some(source) = spec.get(field).filter(|source| source.is_object()) else { continue };
        let here = at.child(field);
        for part in ["name", "kind"] {
            if text(source, part).is_empty() {
                findings.required(&here.child(part), "");
            }
        }
        let group = text(source, "apiGroup");
        if group.is_empty() && text(source, "kind") != "PersistentVolumeClaim" {
            findings.invalid_text(&here, text(source, "kind"), "must be 'PersistentVolumeClaim' when referencing the default apiGroup");
        } else if !group.is_empty() {
            findings.all_invalid(&here.child("apiGroup"), group, names::subdomain(group));
        }
    }
    let (source, reference) = (&spec["dataSource"], &spec["dataSourceRef"]);
    if source.is_object() && reference.is_object() {
        let same = ["apiGroup", "kind", "name"].iter().all(|part| text(source, part) == text(reference, part));
        if !same {
            // Upstream quotes its own path here, which prints as nothing.
            findings.invalid(at, &json!({}), "must match dataSourceRef");
        }
    }
}

fn claim_update(findings: &mut Findings, claim: &Object, old: &Object) {
    let (spec, old_spec) = (spec_of(claim), spec_of(old));
    let (class, old_class) = (spec["storageClassName"].as_str(), old_spec["storageClassName"].as_str());
    let old_annotation = old.annotation(BETA_CLASS);
    if claim.annotation(BETA_CLASS) != old_annotation && !(old_class.is_none() && class.is_some() && class == old_annotation) {
        let at = METADATA.child("annotations");
        findings.invalid_text(&at.key(BETA_CLASS), claim.annotation(BETA_CLASS).unwrap_or(""), super::IMMUTABLE);
    }
    let bound_now = text(old_spec, "volumeName").is_empty();
    let changed = |field: &str| !(bound_now && field == "volumeName") && spec.get(field) != old_spec.get(field);
    if [spec, old_spec].into_iter().filter_map(Value::as_object).flat_map(Map::keys).any(changed) {
        claim_spec_update(
            findings,
            claim,
            old,
            class.is_some() && old_class.is_none() && old_annotation.is_none_or(|annotation| class == Some(annotation)),
        );
    }
    let size = |object: &Value| quantity(&object["resources"]["requests"]["storage"]);
    let capacity = quantity(&claim.0["status"]["capacity"]["storage"]);
    if size(spec) < size(old_spec) && size(spec) <= capacity {
        let at = SPEC.child("resources");
        findings.forbidden(&at.child("requests").child("storage"), "field can not be less than status.capacity");
    }
    findings.immutable(&Path::root("volumeMode"), &spec["volumeMode"], &old_spec["volumeMode"]);
    if old_spec["volumeAttributesClassName"].is_string() && text(spec, "volumeAttributesClassName").is_empty() {
        let what = if spec["volumeAttributesClassName"].is_null() { "nil" } else { "an empty string" };
        findings.forbidden(&SPEC.child("volumeAttributesClassName"), &format!("update from non-nil value to {what} is forbidden"));
    }
}

/// What may change in a claim's spec is set aside; the rest must be as it was.
fn claim_spec_update(findings: &mut Findings, claim: &Object, old: &Object, class_given: bool) {
    let (spec, old_spec) = (spec_of(claim), spec_of(old));
    let (mut new_copy, mut old_copy) = (spec.clone(), old_spec.clone());
    let take = |to: &mut Value, from: &Value, field: &str| match from.get(field) {
        Some(value) => to[field] = value.clone(),
        None => {
            to.as_object_mut().map(|map| map.remove(field));
        }
    };
    if text(old_spec, "volumeName").is_empty() {
        take(&mut old_copy, spec, "volumeName");
    }
    if class_given {
        take(&mut new_copy, old_spec, "storageClassName");
    }
    if text(&claim.0["status"], "phase") == "Bound" {
        if new_copy["resources"]["requests"].is_object() {
            new_copy["resources"]["requests"]["storage"] = old_spec["resources"]["requests"]["storage"].clone();
        }
        if spec["volumeAttributesClassName"].is_string() {
            take(&mut new_copy, old_spec, "volumeAttributesClassName");
        }
    }
    if !same(&new_copy, &old_copy) {
        let why = format!(
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n{}",
            godiff::diff("PersistentVolumeClaimSpec", &old_copy, &new_copy)
        );
        findings.forbidden(&SPEC, &why);
    }
}

/// A StorageClass, new or changed.
pub fn storage_class(class: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("StorageClass"), class, old, names::subdomain);
    let body = &class.0;
    let provisioner_at = Path::root("provisioner");
    let provisioner = text(body, "provisioner");
    if provisioner.is_empty() {
        findings.required(&provisioner_at, "");
    } else {
        let lower = provisioner.to_ascii_lowercase();
        findings.all_invalid(&provisioner_at, &lower, qualified_name_errors(&lower));
    }
    parameters(&mut findings, body);
    let policy_at = Path::root("reclaimPolicy");
    if !text(body, "reclaimPolicy").is_empty() {
        findings.optional_one_of(&policy_at, &body["reclaimPolicy"], &["Delete", "Retain"]);
    }
    findings.optional_one_of(&Path::root("volumeBindingMode"), &body["volumeBindingMode"], &["Immediate", "WaitForFirstConsumer"]);
    topologies(&mut findings, &Path::root("allowedTopologies"), list(body, "allowedTopologies"));
    if let Some(old) = old {
        class_update(&mut findings, body, &old.0);
    }
    findings.list
}

fn parameters(findings: &mut Findings, body: &Value) {
    let at = Path::root("parameters");
    if length(&body["parameters"]) > 512 {
        findings.add(&at, "Too long: may not be more than 512 bytes".to_owned());
    }
    let mut size = 0;
    for (name, value) in entries(body, "parameters") {
        if name.is_empty() {
            findings.invalid_text(&at, "", "field can not be empty.");
        }
        size += name.len() + value.as_str().map_or(0, str::len);
    }
    if size > 256 * 1024 {
        findings.too_long(&at, 256 * 1024);
    }
}

fn class_update(findings: &mut Findings, body: &Value, old: &Value) {
    for (field, empty) in [("parameters", true), ("provisioner", false), ("reclaimPolicy", false)] {
        let same = body[field] == old[field] || empty && length(&body[field]) == 0 && length(&old[field]) == 0;
        if !same {
            findings.forbidden(&Path::root(field), &format!("updates to {field} are forbidden."));
        }
    }
    findings.immutable(&Path::root("volumeBindingMode"), &body["volumeBindingMode"], &old["volumeBindingMode"]);
}

/// A VolumeAttachment, new or changed.
pub fn volume_attachment(attachment: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, kinds::def("VolumeAttachment"), attachment, old, names::subdomain);
    let spec = spec_of(attachment);
    for field in ["attacher", "nodeName"] {
        if text(spec, field).is_empty() {
            findings.required(&SPEC.child(field), "");
        }
    }
    if old.is_some_and(|old| !same(spec_of(old), spec)) {
        findings.invalid(&SPEC, spec, super::IMMUTABLE);
    }
    findings.list
}
