//! Volumes and claims: what they say of each other, and which nodes reach them.

use crate::apiserver::ApiServer;
use crate::control::rules::nodes::node_selector_matches;
use crate::control::rules::owners::is_controlled_by;
use crate::values::object::{Object, ObjectKey, json};
use crate::values::status::Status;

pub const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
pub const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";
pub const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";

/// Whether a volume's claimRef is this claim: by name, and by uid where it has one.
pub fn is_volume_bound_to_claim(volume: &Object, claim: &Object) -> bool {
    let reference = &volume.0["spec"]["claimRef"];
    let uid = reference["uid"].as_str().unwrap_or("");
    reference["name"] == claim.name() && reference["namespace"] == claim.namespace() && (uid.is_empty() || uid == claim.uid())
}

/// Whether a volume can be reached from a node.
pub fn volume_fits_node(volume: &Object, node: &Object) -> bool {
    volume.at(&["spec", "nodeAffinity", "required"]).is_none_or(|required| node_selector_matches(required, node))
}

/// Whether claims of a class wait for their first consumer. Models IsDelayBindingMode.
/// # Errors
/// The class has no mode, which only one that was never defaulted can have.
pub fn is_delay_binding_mode(api: &ApiServer, class: &str) -> Result<bool, Status> {
    let found = api.store().get(&ObjectKey::new("StorageClass", "", class));
    match found.map(|class| class.str(&["volumeBindingMode"])) {
        Some("") => Err(Status::new("InternalError", 500, format!("VolumeBindingMode not set for StorageClass {class:?}"))),
        mode => Ok(mode == Some("WaitForFirstConsumer")),
    }
}

/// Writes a claim into a volume, which stays as it is where it has the claim already; the annotation says that the controller
/// chose it. Models GetBindVolumeToClaim.
pub fn bind_volume_to_claim(volume: &mut Object, claim: &Object) {
    if volume.str(&["spec", "claimRef", "uid"]) == claim.uid() {
        return;
    }
    if volume.at(&["spec", "claimRef"]).is_none() {
        volume.set_annotation(BOUND_BY_CONTROLLER, "yes");
    }
    volume.set(
        &["spec", "claimRef"],
        json!({
            "apiVersion": "v1", "kind": "PersistentVolumeClaim", "name": claim.name(), "namespace": claim.namespace(),
            "uid": claim.uid(), "resourceVersion": claim.str(&["metadata", "resourceVersion"]),
        }),
    );
}

/// Whether a claim with the name of a pod's ephemeral volume was made for it.
/// # Errors
/// That it was not.
pub fn volume_is_for_pod(pod: &Object, claim: &Object) -> Result<(), String> {
    if is_controlled_by(claim, pod) {
        return Ok(());
    }
    let namespace = pod.namespace();
    Err(format!("PVC {namespace}/{} was not created for pod {namespace}/{} (pod is not owner)", claim.name(), pod.name()))
}
