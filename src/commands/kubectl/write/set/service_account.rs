//! set serviceaccount. Models kubectl/pkg/cmd/set/set_serviceaccount.go.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::write::DryRun;
use crate::commands::kubectl::write::set::template::{no_template, pod_spec};
use crate::values::object::json;

/// `set serviceaccount TYPE NAME ACCOUNT`.
pub fn service_account(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let mut words = invocation.words();
    let Some(account) = words.pop() else { return Err(Failure::plain("serviceaccount is required")) };
    let (found, mut failures) = invocation.existing(&words)?;
    for object in found {
        let Some(path) = pod_spec(object.kind()) else {
            failures.push(no_template(&object));
            continue;
        };
        let mut changed = (*object).clone();
        let field: Vec<&str> = path.iter().copied().chain(["serviceAccountName"]).collect();
        changed.set(&field, json!(account));
        if dry_run == DryRun::Client || invocation.args.on("local") {
            invocation.report(&changed, "serviceaccount updated", dry_run)?;
            continue;
        }
        changed.set(&[path, &["serviceAccount"]].concat(), json!(account));
        match invocation.update_object(changed, dry_run) {
            Ok(updated) => invocation.report(&updated, "serviceaccount updated", dry_run)?,
            Err(status) => failures.push(Failure::plain(format!("failed to patch ServiceAccountName {}", status.message))),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}
