//! PersistentVolume. Models pkg/apis/core.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::{self, default, spec};
use super::godiff;
use super::printers::{AGE, ATTRIBUTES_CLASS, CLASS, NAME, STATUS, VOLUME_MODE, access_modes, column, or};
use super::validation::{
    Findings, NOT_POSITIVE, Path, SPEC, affinity, claims, entries, length, list, metadata, names, quantity, same, spec_of, text, volumes, warnings,
};
use crate::values::object::{Object, Value, field, json};
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "PersistentVolume",
    plural: "persistentvolumes",
    short_names: &["pv"],
    namespaced: false,
    defaults,
    validate,
    warnings,
    columns: &[
        NAME,
        column("CAPACITY", |volume, _| or(volume.str(&["spec", "capacity", "storage"]), "0")),
        column("ACCESS MODES", |volume, _| access_modes(volume.list(&["spec", "accessModes"]))),
        column("RECLAIM POLICY", |volume, _| volume.str(&["spec", "persistentVolumeReclaimPolicy"]).to_owned()),
        STATUS,
        column("CLAIM", |volume, _| match volume.at(&["spec", "claimRef"]) {
            Some(_) => format!("{}/{}", volume.str(&["spec", "claimRef", "namespace"]), volume.str(&["spec", "claimRef", "name"])),
            None => String::new(),
        }),
        CLASS,
        ATTRIBUTES_CLASS,
        column("REASON", |volume, _| volume.str(&["status", "reason"]).to_owned()),
        AGE,
        VOLUME_MODE,
    ],
    ..BASE
};

fn defaults(object: &mut Object, _: Option<&Object>) {
    let spec = spec(object);
    default(spec, "persistentVolumeReclaimPolicy", json!("Retain"));
    default(spec, "volumeMode", json!("Filesystem"));
    defaults::canonical_quantities(spec.get_mut("capacity"));
    if let Some(path) = spec.get_mut("hostPath") {
        default(path, "type", json!(""));
    }
}

fn validate(def: &KindDef, volume: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, volume, old, names::subdomain);
    let spec = spec_of(volume);
    volume_spec(&mut findings, spec);
    if let Some(old) = old {
        volume_update(&mut findings, spec, spec_of(old));
    }
    findings.list
}

fn warnings(volume: &Object, _: Option<&Object>) -> Vec<String> {
    let mut warnings = warnings::Warnings::default();
    let spec = spec_of(volume);
    warnings::old_annotations(&mut warnings, volume, &[warnings::OLD_CLASS, OLD_OPTIONS]);
    let affinity_at = SPEC.child("nodeAffinity");
    warnings::node_selector(&mut warnings, &affinity_at.child("required"), &spec["nodeAffinity"]["required"]);
    if text(spec, "persistentVolumeReclaimPolicy") == "Recycle" {
        let why = "The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.";
        warnings.add(&SPEC.child("persistentVolumeReclaimPolicy"), why);
    }
    for (name, why) in [
        ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
        ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
        ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
        ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
        ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
        ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
        ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ] {
        if spec[name].is_object() {
            warnings.add(&SPEC.child(name), why);
        }
    }
    warnings.list
}

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

fn volume_spec(findings: &mut Findings, spec: &Value) {
    claims::access_modes(findings, &SPEC.child("accessModes"), list(spec, "accessModes"), "");
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
            affinity::node_selector(findings, &required_at, &affinity["required"]);
        } else {
            findings.required(&required_at, "must specify required node constraints");
        }
    }
    volume_source(findings, spec);
    let path = text(&spec["hostPath"], "path");
    if !path.is_empty() && path.trim_matches('/').is_empty() && text(spec, "persistentVolumeReclaimPolicy") == "Recycle" {
        findings.forbidden(&policy_at, "may not be 'recycle' for a hostPath mount of '/'");
    }
    claims::class_and_mode(findings, &SPEC, spec);
    if spec["volumeAttributesClassName"].is_string() {
        let name = text(spec, "volumeAttributesClassName");
        findings.all_invalid(&SPEC.child("volumeAttributesClassName"), name, names::subdomain(name));
        if spec.get("csi").is_none() {
            findings.required(&SPEC.child("csi"), "has to be specified when using volumeAttributesClassName");
        }
    }
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
            "hostPath" => volumes::host_path(findings, &at, source),
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
        volumes::no_backsteps(findings, &at.child("path"), path);
    }
    if !spec["nodeAffinity"].is_object() {
        findings.required(&SPEC.child("nodeAffinity"), "Local volume requires node affinity");
    }
}

fn csi(findings: &mut Findings, at: &Path, source: &Value) {
    names::driver_name(findings, &at.child("driver"), text(source, "driver"));
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

const OLD_OPTIONS: (&str, &str) = ("volume.beta.kubernetes.io/mount-options", "deprecated since v1.31; use \"mountOptions\" attribute instead");
