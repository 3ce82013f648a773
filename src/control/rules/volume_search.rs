//! The search: which volume a claim may have, for the binder and for the scheduler.
//!
//! Models component-helpers/storage/volume/pv_helpers.go and pkg/controller/volume/persistentvolume/index.go.

use crate::apiserver::ApiServer;
use crate::apiserver::index::{self, Index};
use crate::control::flavour::FeatureGates;
use crate::control::rules::volumes::{is_volume_bound_to_claim, volume_fits_node};
use crate::kinds::readers::volumes::{ACCESS_MODES, BETA_STORAGE_CLASS, class_of, modes};
use crate::values::object::Object;
use crate::values::quantity::Quantity;
use crate::values::selector::LabelSelector;
use crate::values::status::Status;
use std::rc::Rc;

/// Whether a claim names no class at all, which an empty name is not.
pub fn has_no_class(claim: &Object) -> bool {
    claim.annotation(BETA_STORAGE_CLASS).is_none() && claim.at(&["spec", "storageClassName"]).is_none()
}

pub fn attributes_class(object: &Object) -> &str {
    object.str(&["spec", "volumeAttributesClassName"])
}

fn capacity(volume: &Object) -> Option<Quantity> {
    Quantity::parse(volume.str(&["spec", "capacity", "storage"])).ok()
}

fn requested(claim: &Object) -> Option<Quantity> {
    Quantity::parse(claim.str(&["spec", "resources", "requests", "storage"])).ok()
}

pub fn volume_mode(object: &Object) -> &str {
    match object.str(&["spec", "volumeMode"]) {
        "" => "Filesystem",
        mode => mode,
    }
}

/// Whether a volume can be used in every way that a claim asks for. Models CheckAccessModes.
pub fn has_modes(volume: &Object, claim: &Object) -> bool {
    let there = modes(volume);
    modes(claim).iter().all(|mode| there.contains(mode))
}

/// What a search is for, besides its claim.
#[derive(Clone, Copy, Default)]
pub struct Search<'a> {
    /// The scheduler asks for this node: only volumes that it reaches count.
    pub node: Option<&'a Object>,
    /// Volumes that siblings have taken, by name.
    pub excluded: &'a [String],
    /// The claim waits for its consumer: without a node only a volume that is pre-bound to it counts.
    pub delayed: bool,
    pub gates: FeatureGates,
}

/// # Errors
/// The claim asks for what a feature gate forbids.
pub fn is_supported(claim: &Object, gates: FeatureGates) -> Result<(), Status> {
    if gates.volume_attributes_class || attributes_class(claim).is_empty() {
        return Ok(());
    }
    let message =
        format!("unsupported volumeAttributesClassName is set on claim {} when the feature-gate VolumeAttributesClass is disabled", claim.name());
    Err(Status::new("InternalError", 500, message))
}

/// The volume for a claim without one. Models FindMatchingVolume.
/// # Errors
/// As `is_supported`.
pub fn find_matching_volume(api: &ApiServer, claim: &Object, search: Search<'_>) -> Result<Option<Rc<Object>>, Status> {
    is_supported(claim, search.gates)?;
    let Some(size) = requested(claim) else { return Ok(None) };
    let wanted = Wanted { claim, size, selector: claim.at(&["spec", "selector"]).map(LabelSelector::from_object), search };
    let prebound: Vec<&Rc<Object>> = api
        .store()
        .indexed(Index::VolumesOfClaim, &index::claim(claim.namespace(), claim.name()))
        .filter(|volume| is_volume_bound_to_claim(volume, claim) && wanted.suits(volume))
        .collect();
    let free = |prefix: &str, size: &str| api.store().indexed_from(Index::FreeVolumes, prefix, size);
    let only_prebound = search.node.is_none() && search.delayed;
    if prebound.is_empty() && (only_prebound || free(&index::of_class(class_of(claim)), "").next().is_none()) {
        return Ok(None);
    }
    // Fewest access modes win over the smallest size: each set of modes is searched on its own.
    for set in sets_of_modes(&modes(claim)) {
        if let Some(volume) = prebound.iter().find(|volume| modes(volume) == set) {
            if wanted.reaches(volume) {
                return Ok(Some((*volume).clone()));
            }
            continue;
        }
        if only_prebound {
            continue;
        }
        let prefix = index::free_volume(class_of(claim), &set);
        if let Some(volume) = free(&prefix, &index::size(wanted.size)).find(|volume| wanted.takes(volume)) {
            return Ok(Some(volume.clone()));
        }
    }
    Ok(None)
}

/// Every set of access modes that has at least these, the fewest first.
fn sets_of_modes(wanted: &[&str]) -> Vec<Vec<&'static str>> {
    let mut sets: Vec<Vec<&'static str>> = (0..1_usize << ACCESS_MODES.len())
        .map(|bits| ACCESS_MODES.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, mode)| *mode).collect())
        .filter(|set: &Vec<&str>| wanted.iter().all(|mode| set.contains(mode)))
        .collect();
    sets.sort_by_key(Vec::len);
    sets
}

/// What a claim asks of a volume.
struct Wanted<'a> {
    claim: &'a Object,
    size: Quantity,
    selector: Option<Result<LabelSelector, String>>,
    search: Search<'a>,
}

impl Wanted<'_> {
    /// What even a volume that is bound to the claim beforehand must have.
    fn suits(&self, volume: &Object) -> bool {
        !self.search.excluded.iter().any(|name| name == volume.name())
            && capacity(volume).is_some_and(|there| there >= self.size)
            && volume_mode(volume) == volume_mode(self.claim)
            && attributes_class(volume) == attributes_class(self.claim)
            && !volume.is_terminating()
    }

    fn reaches(&self, volume: &Object) -> bool {
        self.search.node.is_none_or(|node| volume_fits_node(volume, node))
    }

    /// Whether a volume that nobody holds will do.
    fn takes(&self, volume: &Object) -> bool {
        let selected = match &self.selector {
            None => true,
            Some(Ok(selector)) => selector.matches(volume.map(&["metadata", "labels"])),
            Some(Err(_)) => false,
        };
        selected && self.suits(volume) && volume.str(&["status", "phase"]) == "Available" && self.reaches(volume)
    }
}

/// Whether a volume without claimRef satisfies a claim that names it; why not.
pub fn fits(volume: &Object, claim: &Object, gates: FeatureGates) -> Result<(), String> {
    if volume.is_terminating() {
        return Err(format!("the volume is marked for deletion {:?}", volume.name()));
    }
    if capacity(volume).zip(requested(claim)).is_none_or(|(there, wanted)| there < wanted) {
        return Err("requested PV is too small".to_owned());
    }
    if class_of(volume) != class_of(claim) {
        return Err("storageClassName does not match".to_owned());
    }
    let classes = [attributes_class(volume), attributes_class(claim)];
    if !gates.volume_attributes_class && classes != ["", ""] {
        return Err("volumeAttributesClassName is not supported when the feature-gate VolumeAttributesClass is disabled".to_owned());
    }
    if classes[0] != classes[1] {
        return Err("volumeAttributesClassName does not match".to_owned());
    }
    if volume_mode(volume) != volume_mode(claim) {
        return Err("incompatible volumeMode".to_owned());
    }
    if has_modes(volume, claim) { Ok(()) } else { Err("incompatible accessMode".to_owned()) }
}
