//! scale: how many replicas a workload wants. Models kubectl/pkg/cmd/scale.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::write::{DryRun, change};
use crate::values::object::json;
use crate::values::status::Status;

/// Kinds with a scale subresource.
const SCALABLE: [&str; 3] = ["Deployment", "ReplicaSet", "StatefulSet"];

pub fn scale(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let replicas = invocation.args.int("replicas").unwrap_or(-1);
    if replicas < 0 {
        return Err(Failure::plain("The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"));
    }
    let words = invocation.words();
    let (found, failures) = invocation.existing(&words)?;
    if found.is_empty()
        && let Some(Failure::Server(status, _)) = failures.first()
    {
        return Err(Failure::plain(format!("no objects passed to scale {}", status.message)));
    }
    let mut failures = failures;
    let version = invocation.args.text("resource-version").to_owned();
    if !version.is_empty() && found.len() > 1 {
        return Err(Failure::plain("cannot use --resource-version with multiple resources"));
    }
    for object in found {
        if dry_run == DryRun::Client {
            invocation.report(&object, "scaled", dry_run)?;
            continue;
        }
        if !version.is_empty() && version != object.str(&["metadata", "resourceVersion"]) {
            let found = object.str(&["metadata", "resourceVersion"]);
            failures.push(Failure::plain(format!("Expected resource version to be {version}, was {found}")));
            continue;
        }
        if !SCALABLE.contains(&object.kind()) {
            failures.push(Status::new("NotFound", 404, "the server could not find the requested resource").into());
            continue;
        }
        let now = object.int(&["spec", "replicas"]).unwrap_or(1);
        if let Some(expected) = invocation.args.int("current-replicas").filter(|expected| *expected >= 0 && *expected != now) {
            failures.push(Failure::plain(format!("Expected replicas to be {expected}, was {now}")));
            continue;
        }
        match change(invocation, &object, &json!({"spec": {"replicas": replicas}}), dry_run) {
            Ok(scaled) => invocation.report(&scaled, "scaled", dry_run)?,
            Err(status) => failures.push(status.into()),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}
