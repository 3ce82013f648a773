//! Adoption: an owner takes the objects that its selector finds, and releases those that it finds no longer.

use crate::control::rules::owners::{controller_reference, is_controlled_by, key_of, set_owners};
use crate::control::sync::Ctx;
use crate::values::object::Object;
use crate::values::selector::LabelSelector;
use crate::values::status::Status;
use std::rc::Rc;

/// Takes those of the candidates that nobody controls and that the selector finds, releases those that it finds no longer.
/// Models ClaimPods and ClaimReplicaSets of pkg/controller/controller_ref_manager.go.
/// # Errors
/// What the api server refused.
pub fn adopt_and_release(ctx: &mut Ctx<'_>, owner: &Object, candidates: Vec<Rc<Object>>) -> Result<(), Status> {
    let selector = LabelSelector::from_object(&owner.0["spec"]["selector"]);
    let selects = |object: &Object| selector.as_ref().is_ok_and(|selector| selector.matches(object.map(&["metadata", "labels"])));
    for one in candidates {
        let mine = is_controlled_by(&one, owner);
        if one.is_terminating() || !(mine || one.controller().is_none()) || mine == selects(&one) {
            continue;
        }
        let mut owners = one.list(&["metadata", "ownerReferences"]).to_vec();
        if mine {
            owners.retain(|reference| reference["uid"] != owner.uid());
        } else {
            owners.push(controller_reference(owner));
        }
        let Some(key) = key_of(&one) else { continue };
        ctx.api.change(&key, |object| set_owners(object, owners))?;
    }
    Ok(())
}
