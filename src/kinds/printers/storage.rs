//! Volumes, claims, classes, attachments.

use super::{AGE, Column, NAME, Object, column, or, wide};
use crate::values::object::Value;

const MODES: [(&str, &str); 4] = [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];

/// `RWO,ROX`: in this order whatever the spec's.
pub fn access_modes(modes: &[Value]) -> String {
    let short: Vec<&str> = MODES.iter().filter(|(mode, _)| modes.iter().any(|m| m.as_str() == Some(mode))).map(|(_, short)| *short).collect();
    short.join(",")
}

fn phase(object: &Object) -> String {
    if object.at(&["metadata", "deletionTimestamp"]).is_some() { "Terminating".to_owned() } else { object.str(&["status", "phase"]).to_owned() }
}

fn volume_class(object: &Object) -> String {
    let old = object.str(&["metadata", "annotations", "volume.beta.kubernetes.io/storage-class"]);
    if old.is_empty() { object.str(&["spec", "storageClassName"]).to_owned() } else { old.to_owned() }
}

const ATTRIBUTES_CLASS: Column = column("VOLUMEATTRIBUTESCLASS", |object, _| or(object.str(&["spec", "volumeAttributesClassName"]), "<unset>"));
const VOLUME_MODE: Column = wide("VOLUMEMODE", |object, _| or(object.str(&["spec", "volumeMode"]), "<unset>"));
const CLASS: Column = column("STORAGECLASS", |object, _| volume_class(object));
const STATUS: Column = column("STATUS", |object, _| phase(object));

pub const PERSISTENT_VOLUME: &[Column] = &[
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
];

fn is_assigned(claim: &Object) -> bool {
    !claim.str(&["spec", "volumeName"]).is_empty()
}

pub const PERSISTENT_VOLUME_CLAIM: &[Column] = &[
    NAME,
    STATUS,
    column("VOLUME", |claim, _| claim.str(&["spec", "volumeName"]).to_owned()),
    column("CAPACITY", |claim, _| if is_assigned(claim) { or(claim.str(&["status", "capacity", "storage"]), "0") } else { String::new() }),
    column("ACCESS MODES", |claim, _| if is_assigned(claim) { access_modes(claim.list(&["status", "accessModes"])) } else { String::new() }),
    CLASS,
    ATTRIBUTES_CLASS,
    AGE,
    VOLUME_MODE,
];

const DEFAULT_CLASS: [&str; 2] = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

pub const STORAGE_CLASS: &[Column] = &[
    column("NAME", |class, _| {
        let is_default = DEFAULT_CLASS.iter().any(|key| class.str(&["metadata", "annotations", key]) == "true");
        format!("{}{}", class.name(), if is_default { " (default)" } else { "" })
    }),
    column("PROVISIONER", |class, _| class.str(&["provisioner"]).to_owned()),
    column("RECLAIMPOLICY", |class, _| or(class.str(&["reclaimPolicy"]), "Delete")),
    column("VOLUMEBINDINGMODE", |class, _| or(class.str(&["volumeBindingMode"]), "Immediate")),
    column("ALLOWVOLUMEEXPANSION", |class, _| class.bool(&["allowVolumeExpansion"]).to_string()),
    AGE,
];

pub const VOLUME_ATTACHMENT: &[Column] = &[
    NAME,
    column("ATTACHER", |attachment, _| attachment.str(&["spec", "attacher"]).to_owned()),
    column("PV", |attachment, _| attachment.str(&["spec", "source", "persistentVolumeName"]).to_owned()),
    column("NODE", |attachment, _| attachment.str(&["spec", "nodeName"]).to_owned()),
    column("ATTACHED", |attachment, _| attachment.bool(&["status", "attached"]).to_string()),
    AGE,
];
