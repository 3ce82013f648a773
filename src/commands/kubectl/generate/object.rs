//! What the generators share: the NAME, and how the object is sent or shown. Models kubectl/pkg/cmd/create/create.go RunCreateSubcommand.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::last_applied;
use crate::commands::kubectl::request::print;
use crate::commands::kubectl::request::write::DryRun;
use crate::kinds;
use crate::values::object::{Object, Value, json};

/// The one NAME of a generator, once the flags that all generators have are right.
pub fn name(invocation: &mut Invocation<'_, '_>) -> Result<String, Failure> {
    let [name] = invocation.args.positional.as_slice() else {
        return Err(Failure::usage(format!("exactly one NAME is required, got {}", invocation.args.positional.len())));
    };
    let name = name.clone();
    invocation.dry_run()?;
    invocation.check_validate()?;
    print::format(invocation, print::OBJECTS)?;
    Ok(name)
}

/// Sends what a generator made.
pub fn finish(invocation: &mut Invocation<'_, '_>, mut object: Object) -> Ran {
    let dry_run = invocation.dry_run()?;
    let def = kinds::def(object.kind());
    if def.namespaced {
        let explicit = invocation.args.given("namespace");
        if dry_run != DryRun::Client || explicit {
            let namespace = invocation.namespace();
            object.set(&["metadata", "namespace"], json!(namespace));
        }
    }
    if invocation.args.on("save-config") {
        object = last_applied::with_last_applied(&object);
    }
    if dry_run == DryRun::Client {
        invocation.report(&object, "created", dry_run)?;
        return Ok(None);
    }
    let context = match object.kind() {
        "Deployment" => "failed to create deployment: ",
        "ConfigMap" => "failed to create configmap: ",
        "Secret" => "failed to create secret ",
        "CronJob" => "failed to create cronjob: ",
        "Job" => "failed to create job: ",
        "PriorityClass" => "failed to create priorityclass: ",
        "PodDisruptionBudget" => "failed to create poddisruptionbudgets: ",
        "ServiceAccount" => "failed to create serviceaccount: ",
        "Service" => &format!("failed to create {} service: ", object.str(&["spec", "type"])),
        _ => "",
    };
    let created = invocation.create_object(object, dry_run).map_err(|status| match context {
        "" => Failure::from(status),
        _ => Failure::plain(format!("{context}{}", status.message)),
    })?;
    invocation.report(&created, "created", dry_run)?;
    Ok(None)
}

/// A port: a number, or the name of one.
pub fn number_or_name(text: &str) -> Value {
    text.parse::<i32>().map_or_else(|_| json!(text), |number| json!(number))
}

/// Prints the object of a dry run; there is nowhere to send it.
/// # Errors
/// Where it would have to be sent.
pub fn print_only(invocation: &mut Invocation<'_, '_>, mut object: Object, namespaced: bool) -> Ran {
    let dry_run = invocation.dry_run()?;
    if dry_run != DryRun::Client {
        return Err(Failure::Raw(format!("not simulated here: {}", object.kind())));
    }
    if namespaced && invocation.args.given("namespace") {
        let namespace = invocation.namespace();
        object.set(&["metadata", "namespace"], json!(namespace));
    }
    if invocation.args.on("save-config") {
        object = last_applied::with_last_applied(&object);
    }
    invocation.report(&object, "created", dry_run)?;
    Ok(None)
}
