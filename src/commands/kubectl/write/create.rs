//! create: the objects of files. Models kubectl/pkg/cmd/create/create.go.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::write::DryRun;
use crate::commands::kubectl::request::{last_applied, manifests};

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    if !manifests::given(invocation) {
        if !invocation.args.positional.is_empty() {
            return Err(Failure::usage(format!("Unexpected args: [{}]", invocation.args.positional.join(" "))));
        }
        return Err(Failure::plain("must specify one of -f and -k"));
    }
    if !invocation.args.positional.is_empty() {
        return Err(Failure::usage(format!("Unexpected args: [{}]", invocation.args.positional.join(" "))));
    }
    let dry_run = invocation.dry_run()?;
    invocation.check_validate()?;
    let read = manifests::read(invocation)?;
    let mut failures = read.failures;
    if read.objects.is_empty() && failures.is_empty() {
        return Err(Failure::plain("no objects passed to create"));
    }
    for manifest in read.objects {
        let object = if invocation.args.on("save-config") { last_applied::with_last_applied(&manifest.object) } else { manifest.object.clone() };
        if dry_run == DryRun::Client {
            invocation.report(&object, "created", dry_run)?;
            continue;
        }
        match invocation.create_object(object, dry_run) {
            Ok(created) => invocation.report(&created, "created", dry_run)?,
            Err(status) => failures.push(manifest.failure("creating", status)),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}
