//! The history of a set's template: a ControllerRevision for each that it had. Models pkg/controller/history.

use crate::apiserver::WriteOptions;
use crate::control::rules::owners::{controller_reference, is_controlled_by, set_owners};
use crate::control::rules::templates::template_hash;
use crate::control::sync::Ctx;
use crate::values::object::{Object, ObjectKey, json};
use crate::values::status::Status;

/// The revision of a set's template as it is now: a ControllerRevision of its hash.
/// # Errors
/// What the api server refused.
pub fn ensure_revision(ctx: &mut Ctx<'_>, set: &Object) -> Result<String, Status> {
    let template = &set.0["spec"]["template"];
    let name = format!("{}-{}", set.name(), template_hash(template, 0));
    let key = ObjectKey::new("ControllerRevision", set.namespace(), &name);
    let orphaned = ctx.api.store().get(&key).is_some_and(|revision| revision.controller().is_none());
    if orphaned {
        ctx.api.change(&key, |revision| set_owners(revision, vec![controller_reference(set)]))?;
    }
    let revisions = ctx.api.list("ControllerRevision", Some(set.namespace())).filter(|other| is_controlled_by(other, set));
    let last = revisions.filter_map(|revision| revision.int(&["revision"])).max().unwrap_or(0);
    let number = last + 1;
    if let Some(found) = ctx.api.store().get(&key) {
        // An older template that is back is the newest revision.
        if found.int(&["revision"]).is_some_and(|own| own < last) {
            ctx.api.change(&key, |revision| revision.set(&["revision"], json!(number)))?;
        }
    } else {
        let mut revision = Object::new("apps/v1", "ControllerRevision", set.namespace(), &name);
        if let Some(labels) = set.at(&["spec", "selector", "matchLabels"]) {
            revision.set(&["metadata", "labels"], labels.clone());
        }
        revision.set(&["metadata", "labels", "controller.kubernetes.io/hash"], json!(template_hash(template, 0)));
        revision.set(&["metadata", "ownerReferences"], json!([controller_reference(set)]));
        revision.set(&["data"], json!({"spec": {"template": template}}));
        revision.set(&["revision"], json!(number));
        ctx.api.create(revision, &mut WriteOptions::default())?;
    }
    Ok(name)
}
