//! Volumes of a pod. Models ValidateVolumes and validateVolumeSource.

use super::claims::claim_spec;
use super::{Findings, Path, Value, list, names, quantity, text};
use std::collections::BTreeSet;

/// Every volume type, in the order in which they are looked at.
const TYPES: [&str; 29] = [
    "emptyDir",
    "hostPath",
    "gitRepo",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "secret",
    "nfs",
    "iscsi",
    "glusterfs",
    "flocker",
    "persistentVolumeClaim",
    "rbd",
    "cinder",
    "cephfs",
    "quobyte",
    "downwardAPI",
    "fc",
    "configMap",
    "azureFile",
    "vsphereVolume",
    "photonPersistentDisk",
    "portworxVolume",
    "azureDisk",
    "storageos",
    "projected",
    "scaleIO",
    "csi",
    "ephemeral",
    "image",
];

const HOST_PATH_TYPES: [&str; 8] = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

const FILE_MODE: &str = "must be a number between 0 and 0777 (octal), both inclusive";

/// The volumes of a pod; returns the names of those that are right, which mounts may use.
pub fn volumes<'a>(findings: &mut Findings, at: &Path, volumes: &'a [Value]) -> BTreeSet<&'a str> {
    let mut known = BTreeSet::new();
    for (index, volume) in volumes.iter().enumerate() {
        let here = at.index(index);
        let before = findings.list.len();
        source(findings, &here, volume);
        let name = text(volume, "name");
        let name_at = here.child("name");
        if name.is_empty() {
            findings.required(&name_at, "");
        } else {
            findings.all_invalid(&name_at, name, names::label(name));
        }
        if known.contains(name) {
            findings.duplicate(&name_at, &volume["name"]);
        }
        if findings.list.len() == before {
            known.insert(name);
        }
    }
    known
}

fn source(findings: &mut Findings, at: &Path, volume: &Value) {
    let mut found = false;
    for name in TYPES {
        let Some(source) = volume.get(name).filter(|source| source.is_object()) else { continue };
        let here = at.child(name);
        if found {
            findings.forbidden(&here, "may not specify more than 1 volume type");
            continue;
        }
        found = true;
        match name {
            "emptyDir" if quantity(&source["sizeLimit"]).sign() < 0 => {
                findings.forbidden(&here.child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
            }
            "hostPath" => host_path(findings, &here, source),
            "secret" => files(findings, &here, source, "secretName"),
            "configMap" => files(findings, &here, source, "name"),
            "nfs" => nfs(findings, &here, source),
            "iscsi" => iscsi(findings, &here, source),
            "persistentVolumeClaim" if text(source, "claimName").is_empty() => findings.required(&here.child("claimName"), ""),
            "downwardAPI" => {
                mode(findings, &here.child("defaultMode"), &source["defaultMode"]);
                downward_items(findings, &here, source);
            }
            "projected" => projected(findings, &here, source),
            "csi" => names::driver_name(findings, &here.child("driver"), text(source, "driver")),
            "ephemeral" => match source.get("volumeClaimTemplate").filter(|template| template.is_object()) {
                Some(template) => {
                    let template_at = here.child("volumeClaimTemplate");
                    claim_spec(findings, &template_at.child("spec"), &template["spec"]);
                }
                None => findings.required(&here.child("volumeClaimTemplate"), ""),
            },
            _ => {}
        }
    }
    if !found {
        findings.required(at, "must specify a volume type");
    }
}

pub fn no_backsteps(findings: &mut Findings, at: &Path, path: &str) {
    if path.split('/').any(|part| part == "..") {
        findings.invalid_text(at, path, "must not contain '..'");
    }
}

/// A path below something: relative, and not out of it.
pub fn descending_path(findings: &mut Findings, at: &Path, path: &str) {
    if path.starts_with('/') {
        findings.invalid_text(at, path, "must be a relative path");
    }
    no_backsteps(findings, at, path);
}

pub fn host_path(findings: &mut Findings, at: &Path, source: &Value) {
    let path = text(source, "path");
    if path.is_empty() {
        findings.required(&at.child("path"), "");
        return;
    }
    no_backsteps(findings, &at.child("path"), path);
    findings.optional_one_of(&at.child("type"), &source["type"], &HOST_PATH_TYPES);
}

pub fn nfs(findings: &mut Findings, at: &Path, source: &Value) {
    if text(source, "server").is_empty() {
        findings.required(&at.child("server"), "");
    }
    let path = text(source, "path");
    if path.is_empty() {
        findings.required(&at.child("path"), "");
    }
    if !path.starts_with('/') {
        findings.invalid_text(&at.child("path"), path, "must be an absolute path");
    }
}

pub fn iscsi(findings: &mut Findings, at: &Path, source: &Value) {
    for field in ["targetPortal", "iqn"] {
        if text(source, field).is_empty() {
            findings.required(&at.child(field), "");
        }
    }
    super::affinity::in_range(findings, &at.child("lun"), &source["lun"], 0, 255);
}

fn mode(findings: &mut Findings, at: &Path, value: &Value) {
    if value.as_i64().is_some_and(|mode| !(0..=0o777).contains(&mode)) {
        findings.invalid(at, value, FILE_MODE);
    }
}

/// A Secret or ConfigMap as files.
fn files(findings: &mut Findings, at: &Path, source: &Value, name: &str) {
    if text(source, name).is_empty() {
        findings.required(&at.child(name), "");
    }
    mode(findings, &at.child("defaultMode"), &source["defaultMode"]);
    items(findings, at, source);
}

fn items(findings: &mut Findings, at: &Path, source: &Value) {
    let items_at = at.child("items");
    for (index, item) in list(source, "items").iter().enumerate() {
        let here = items_at.index(index);
        if text(item, "key").is_empty() {
            findings.required(&here.child("key"), "");
        }
        file_path(findings, &here.child("path"), text(item, "path"));
        mode(findings, &here.child("mode"), &item["mode"]);
    }
}

/// The path of a projected file: relative, and with no `..` at its start.
fn file_path(findings: &mut Findings, at: &Path, path: &str) {
    if path.is_empty() {
        findings.required(at, "");
        return;
    }
    descending_path(findings, at, path);
    if path.starts_with("..") && !path.starts_with("../") {
        findings.invalid_text(at, path, "must not start with '..'");
    }
}

fn downward_items(findings: &mut Findings, at: &Path, source: &Value) {
    let items_at = at.child("items");
    for (index, item) in list(source, "items").iter().enumerate() {
        let here = items_at.index(index);
        file_path(findings, &here.child("path"), text(item, "path"));
        match (item["fieldRef"].is_object(), item["resourceFieldRef"].is_object()) {
            (false, false) => findings.required(&here, "one of fieldRef and resourceFieldRef is required"),
            (true, true) => findings.invalid(&here, item, "fieldRef and resourceFieldRef can not be specified simultaneously"),
            _ => {}
        }
        mode(findings, &here.child("mode"), &item["mode"]);
    }
}

fn projected(findings: &mut Findings, at: &Path, source: &Value) {
    mode(findings, &at.child("defaultMode"), &source["defaultMode"]);
    let sources_at = at.child("sources");
    let mut paths = BTreeSet::new();
    for (index, entry) in list(source, "sources").iter().enumerate() {
        let here = sources_at.index(index);
        let mut found = false;
        for name in ["secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle"] {
            let Some(part) = entry.get(name).filter(|part| part.is_object()) else { continue };
            let part_at = here.child(name);
            if found {
                findings.forbidden(&part_at, "may not specify more than 1 volume type per source");
                continue;
            }
            found = true;
            let named = list(part, "items").iter().map(|item| text(item, "path")).filter(|path| !path.is_empty());
            let taken: Vec<&str> = named.filter(|path| !paths.insert(*path)).collect();
            match name {
                "secret" | "configMap" => {
                    if text(part, "name").is_empty() {
                        findings.required(&part_at.child("name"), "");
                    }
                    items(findings, &part_at, part);
                }
                "downwardAPI" => downward_items(findings, &part_at, part),
                "serviceAccountToken" => {
                    if part["expirationSeconds"].as_i64().is_some_and(|seconds| seconds < 600) {
                        findings.invalid(
                            &part_at.child("expirationSeconds"),
                            &part["expirationSeconds"],
                            "may not specify a duration less than 10 minutes",
                        );
                    }
                    if text(part, "path").is_empty() {
                        findings.required(&part_at.child("path"), "");
                    }
                }
                _ => {}
            }
            for path in taken {
                let shown = if name == "downwardAPI" { path } else { text(part, "name") };
                findings.invalid_text(at, shown, "conflicting duplicate paths");
            }
        }
        if !found {
            findings.required(&here, "at least one projection type must be specified");
        }
    }
}
