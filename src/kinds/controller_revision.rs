//! ControllerRevision.

use super::base::BASE;
use super::def::KindDef;
use super::printers::{AGE, NAME, column, number};
use super::validation::{Findings, Path, metadata, names};
use crate::values::object::{Object, str_at};
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "ControllerRevision",
    group: "apps",
    plural: "controllerrevisions",
    validate,
    columns: &[
        NAME,
        column("CONTROLLER", |revision, _| controller(revision)),
        column("REVISION", |revision, _| number(revision, &["revision"])),
        AGE,
    ],
    ..BASE
};

fn validate(def: &KindDef, revision: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, revision, old, names::subdomain);
    if revision.at(&["data"]).is_none() {
        findings.required(&Path::root("data"), "data is mandatory");
    }
    findings.nonnegative(&Path::root("revision"), &revision.0["revision"]);
    if let Some(old) = old {
        findings.immutable(&Path::root("data"), &revision.0["data"], &old.0["data"]);
    }
    findings.list
}

/// `statefulset.apps/web`: the controller among an object's owners.
fn controller(object: &Object) -> String {
    let owner = object.list(&["metadata", "ownerReferences"]).iter().find(|owner| owner["controller"] == true);
    owner.map_or("<none>".to_owned(), |owner| {
        let kind = str_at(owner, &["kind"]).to_ascii_lowercase();
        match str_at(owner, &["apiVersion"]).split_once('/') {
            Some((group, _)) => format!("{kind}.{group}/{}", str_at(owner, &["name"])),
            None => format!("{kind}/{}", str_at(owner, &["name"])),
        }
    })
}
