//! Claims and nodes: bound claims pin a pod, unbound ones of delayed classes get a volume or a place to be made.
//!
//! Models pkg/scheduler/framework/plugins/volumebinding (binder.go) and volumerestrictions.

use super::Refusal;
use crate::apiserver::ApiServer;
use crate::apiserver::index::{self, Index};
use crate::control::flavour::FeatureGates;
use crate::control::rules::volume_search::{Search, find_matching_volume, is_supported};
use crate::control::rules::volumes::{SELECTED_NODE, bind_volume_to_claim, is_delay_binding_mode, volume_fits_node, volume_is_for_pod};
use crate::kinds::readers::pods::is_terminal;
use crate::kinds::readers::volumes::{BIND_COMPLETED, claim_names, class_of};
use crate::values::object::{Object, ObjectKey};
use crate::values::quantity::Quantity;
use crate::values::status::Status;
use std::rc::Rc;

/// A pod's claims, sorted into what is there and what has to be found.
pub struct Claims {
    bound: Vec<Rc<Object>>,
    /// Of delayed classes, the smallest request first.
    unbound: Vec<Rc<Object>>,
    /// A ReadWriteOncePod claim is in use by another pod.
    exclusive_in_use: bool,
}

impl Claims {
    /// The nodes for which volumes of unbound claims are being made.
    pub fn selected_nodes(&self) -> Vec<&str> {
        self.unbound.iter().filter_map(|claim| claim.annotation(SELECTED_NODE)).collect()
    }

    /// The nodes that reach the volumes of bound claims.
    pub fn reached<'a>(&self, api: &ApiServer, nodes: &'a [Rc<Object>]) -> Vec<&'a Rc<Object>> {
        let Some(volumes) = self.bound.iter().map(|claim| bound_volume(api, claim)).collect::<Option<Vec<_>>>() else { return Vec::new() };
        nodes.iter().filter(|node| volumes.iter().all(|volume| volume_fits_node(volume, node))).collect()
    }
}

/// What a node would mean for the unbound claims.
#[derive(Default)]
pub struct Plan {
    found: Vec<(Rc<Object>, Rc<Object>)>,
    to_provision: Vec<Rc<Object>>,
}

impl Plan {
    /// Nothing is left to be bound.
    pub fn is_complete(&self) -> bool {
        self.found.is_empty() && self.to_provision.is_empty()
    }
}

fn class<'a>(api: &'a ApiServer, claim: &Object) -> Option<&'a Rc<Object>> {
    api.store().get(&ObjectKey::new("StorageClass", "", class_of(claim)))
}

fn bound_volume<'a>(api: &'a ApiServer, claim: &Object) -> Option<&'a Rc<Object>> {
    api.store().get(&ObjectKey::new("PersistentVolume", "", claim.str(&["spec", "volumeName"])))
}

/// Looks at a pod's claims before any node.
/// # Errors
/// Why no node can do.
pub fn prefilter(api: &ApiServer, pod: &Object) -> Result<Claims, String> {
    let mut claims = Claims { bound: Vec::new(), unbound: Vec::new(), exclusive_in_use: false };
    let ephemeral = |name: &str| {
        pod.list(&["spec", "volumes"])
            .iter()
            .any(|volume| volume.get("ephemeral").is_some() && name == format!("{}-{}", pod.name(), volume["name"].as_str().unwrap_or("")))
    };
    for name in claim_names(pod) {
        let Some(claim) = api.store().get(&ObjectKey::new("PersistentVolumeClaim", pod.namespace(), &name)) else {
            return Err(if ephemeral(&name) {
                format!("waiting for ephemeral volume controller to create the persistentvolumeclaim {name:?}")
            } else {
                format!("persistentvolumeclaim {name:?} not found")
            });
        };
        if claim.is_terminating() {
            return Err(format!("persistentvolumeclaim {name:?} is being deleted"));
        }
        if ephemeral(&name) {
            volume_is_for_pod(pod, claim)?;
        }
        let volume = claim.str(&["spec", "volumeName"]);
        if claim.str(&["status", "phase"]) == "Lost" {
            return Err(format!("persistentvolumeclaim {name:?} bound to non-existent persistentvolume {volume:?}"));
        }
        if claim.annotation(BIND_COMPLETED).is_some() && !volume.is_empty() {
            claims.bound.push(claim.clone());
        } else if volume.is_empty() && is_delay_binding_mode(api, class_of(claim)).map_err(|status| status.message)? {
            claims.unbound.push(claim.clone());
        } else {
            return Err("pod has unbound immediate PersistentVolumeClaims".to_owned());
        }
    }
    claims.unbound.sort_by_key(|claim| Quantity::parse(claim.str(&["spec", "resources", "requests", "storage"])).map_or(0, Quantity::value));
    claims.exclusive_in_use = claims.bound.iter().any(|claim| is_exclusive(claim) && used_by_another(api, pod, claim.name()));
    Ok(claims)
}

fn is_exclusive(claim: &Object) -> bool {
    claim.list(&["spec", "accessModes"]).iter().any(|mode| mode == "ReadWriteOncePod")
}

fn used_by_another(api: &ApiServer, pod: &Object, claim: &str) -> bool {
    api.store()
        .indexed(Index::PodsOfClaim, &index::claim(pod.namespace(), claim))
        .any(|other| other.uid() != pod.uid() && !other.str(&["spec", "nodeName"]).is_empty() && !is_terminal(other))
}

/// What a node would mean.
/// # Errors
/// Why it does not do.
pub fn filter(api: &ApiServer, gates: FeatureGates, claims: &Claims, node: &Object) -> Result<Plan, Refusal> {
    if claims.exclusive_in_use {
        let reason = "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod";
        return Err(Refusal::new(reason, false));
    }
    for claim in &claims.bound {
        let Some(volume) = bound_volume(api, claim) else {
            return Err(Refusal::new("node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)", true));
        };
        if !volume_fits_node(volume, node) {
            return Err(Refusal::new("node(s) didn't match PersistentVolume's node affinity", true));
        }
    }
    let mut plan = Plan::default();
    let mut taken: Vec<String> = Vec::new();
    for claim in &claims.unbound {
        let selected = claim.annotation(SELECTED_NODE);
        if selected.is_some_and(|selected| selected != node.name()) {
            return Err(cannot_bind());
        }
        let search = Search { node: Some(node), excluded: &taken, delayed: true, gates };
        let found = match selected {
            None => find_matching_volume(api, claim, search),
            Some(_) => is_supported(claim, gates).map(|()| None),
        };
        match found.map_err(|status| Refusal::new(&status.message, true))? {
            Some(volume) => {
                taken.push(volume.name().to_owned());
                plan.found.push((claim.clone(), volume));
            }
            None => {
                let provisioner = class(api, claim).map_or("", |class| class.str(&["provisioner"]));
                if provisioner.is_empty() || provisioner == "kubernetes.io/no-provisioner" || !topology_allows(api, claim, node) {
                    return Err(cannot_bind());
                }
                plan.to_provision.push(claim.clone());
            }
        }
    }
    Ok(plan)
}

fn cannot_bind() -> Refusal {
    Refusal::new("node(s) didn't find available persistent volumes to bind", true)
}

fn topology_allows(api: &ApiServer, claim: &Object, node: &Object) -> bool {
    let terms = class(api, claim).map_or(&[][..], |class| class.list(&["allowedTopologies"]));
    terms.is_empty()
        || terms.iter().any(|term| {
            term["matchLabelExpressions"].as_array().into_iter().flatten().all(|expression| {
                let label = node.label(expression["key"].as_str().unwrap_or(""));
                expression["values"].as_array().is_some_and(|values| values.iter().any(|value| value.as_str() == label))
            })
        })
}

/// Tells binder and provisioner what was chosen: claimRef on a volume that is there, the node on a claim that needs one.
/// # Errors
/// What the api server refused.
pub fn reserve(api: &mut ApiServer, plan: &Plan, node: &Object) -> Result<(), Status> {
    for (claim, volume) in &plan.found {
        api.change(&ObjectKey::new("PersistentVolume", "", volume.name()), |volume| bind_volume_to_claim(volume, claim))?;
    }
    for claim in plan.to_provision.iter().filter(|claim| claim.annotation(SELECTED_NODE).is_none()) {
        let key = ObjectKey::new("PersistentVolumeClaim", claim.namespace(), claim.name());
        api.change(&key, |claim| claim.set_annotation(SELECTED_NODE, node.name()))?;
    }
    Ok(())
}
