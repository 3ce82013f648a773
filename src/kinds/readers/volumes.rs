//! What several layers read from claims, volumes and the pods that use them.

use crate::values::object::{Object, Value, at, field};

/// On a claim: the binder has bound it once.
pub const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
pub const BETA_STORAGE_CLASS: &str = "volume.beta.kubernetes.io/storage-class";

/// The class of a claim or volume: the old annotation wins over the field; absent and empty are the same.
pub fn class_of(object: &Object) -> &str {
    object.annotation(BETA_STORAGE_CLASS).unwrap_or_else(|| object.str(&["spec", "storageClassName"]))
}

/// The access modes there are, in the order of lists of them.
pub const ACCESS_MODES: [&str; 4] = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"];

/// The access modes of a claim or volume, in the order of `ACCESS_MODES`.
pub fn modes(object: &Object) -> Vec<&'static str> {
    ACCESS_MODES.into_iter().filter(|mode| object.list(&["spec", "accessModes"]).iter().any(|found| found == mode)).collect()
}

/// The names of the claims that a pod's volumes use, those of ephemeral volumes included.
pub fn claim_names(pod: &Object) -> impl Iterator<Item = String> + '_ {
    pod.list(&["spec", "volumes"]).iter().filter_map(|volume| match at(volume, &["persistentVolumeClaim", "claimName"]).and_then(Value::as_str) {
        Some(name) => Some(name.to_owned()),
        None => field(volume, "ephemeral").map(|_| format!("{}-{}", pod.name(), volume["name"].as_str().unwrap_or(""))),
    })
}
