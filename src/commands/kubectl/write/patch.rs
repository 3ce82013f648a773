//! patch: a change to objects that are there, as JSON or YAML. Models kubectl/pkg/cmd/patch.

use crate::apiserver::{PatchType, key_of};
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::write::DryRun;
use crate::kinds;
use crate::kinds::schema;
use crate::machine::vfs;
use crate::values::object::{Object, Value, json};
use crate::values::patch;
use crate::values::status::Status;
use crate::values::yaml;

pub fn patch(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let text = match (invocation.args.value("patch"), invocation.args.value("patch-file")) {
        (Some(_), Some(_)) => return Err(Failure::plain("cannot specify --patch and --patch-file together")),
        (None | Some(""), None) => {
            return Err(Failure::plain("must specify --patch or --patch-file containing the contents of the patch"));
        }
        (Some(text), None) => text.to_owned(),
        (_, Some("-")) => String::from_utf8_lossy(invocation.stdin).into_owned(),
        (_, Some(path)) => read_text(invocation, path)?,
    };
    let kind = match invocation.args.value("type").map(str::to_lowercase).as_deref() {
        None | Some("strategic") => PatchType::Strategic,
        Some("merge") => PatchType::Merge,
        Some("json") => PatchType::Json,
        Some(other) => return Err(Failure::plain(format!("--type must be one of [json merge strategic], not {other:?}"))),
    };
    let words = invocation.words();
    let (found, mut failures) = invocation.existing(&words)?;
    for object in found {
        let patch = parse_patch(&text)?;
        let key = key_of(kinds::def(object.kind()), &object);
        if dry_run == DryRun::Client || invocation.args.on("local") {
            let patched = Object(patched_here(&object, kind, &patch)?);
            invocation.report(&patched, if patched.0 == object.0 { "patched (no change)" } else { "patched" }, DryRun::None)?;
            continue;
        }
        let result = match invocation.args.text("subresource") {
            "status" => invocation.patch_status_leniently(&key, kind, &patch, dry_run),
            "" | "scale" => invocation.patch_leniently(&key, kind, &patch, dry_run),
            _ => Err(Status::new("NotFound", 404, "the server could not find the requested resource")),
        };
        match result {
            Ok(patched) => {
                // What lost its last finalizer is gone, and changed.
                let same = without_version(&patched) == without_version(&object) && invocation.cluster.api.get(&key).is_ok();
                let done = if same { "patched (no change)" } else { "patched" };
                if invocation.args.text("subresource") == "scale" && invocation.args.text("output").is_empty() {
                    // What the server answers is a Scale.
                    invocation.output.line(&format!("scale.autoscaling/{} {done}", patched.name()));
                } else {
                    invocation.report(&patched, done, DryRun::None)?;
                }
            }
            Err(status) => failures.push(status.into()),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}

fn without_version(object: &Object) -> Object {
    let mut bare = object.clone();
    bare.remove(&["metadata", "resourceVersion"]);
    bare.remove(&["metadata", "managedFields"]);
    bare
}

/// What a patch makes of an object where no server is asked.
fn patched_here(object: &Object, kind: PatchType, patch: &Value) -> Result<Value, Failure> {
    let def = kinds::def(object.kind());
    match kind {
        PatchType::Strategic if !patch.is_object() => Err(Failure::plain("invalid JSON document")),
        PatchType::Strategic => patch::strategic(&object.0, patch, schema::rules(def)).map_err(Failure::Plain),
        PatchType::Merge if !patch.is_object() => {
            let what = if patch.is_array() { "array" } else { "string" };
            Err(Failure::plain(format!("json: cannot unmarshal {what} into Go value of type unstructured.detector")))
        }
        PatchType::Merge => Ok(patch::merge(&object.0, patch)),
        PatchType::Json if !patch.is_array() => Err(Failure::plain("json: cannot unmarshal object into Go value of type jsonpatch.Patch")),
        PatchType::Json => patch::json(&object.0, patch).map_err(Failure::Plain),
    }
}

/// A patch in JSON or YAML; what begins as JSON is sent as it is, so the server finds its mistakes.
fn parse_patch(text: &str) -> Result<Value, Failure> {
    if text.trim_start().starts_with(['{', '[']) {
        return match yaml::parse_json(text) {
            Ok((value, _)) => Ok(value),
            Err(error) => Err(Status::bad_request(error.message).into()),
        };
    }
    let (documents, mistakes) = yaml::parse(text);
    match (documents.into_iter().next(), mistakes.into_iter().next()) {
        (Some(document), None) => Ok(document.value),
        (_, Some(mistake)) => Err(Failure::plain(format!("unable to parse {text:?}: {}", mistake.message))),
        (None, None) => Ok(json!({})),
    }
}

fn read_text(invocation: &Invocation<'_, '_>, path: &str) -> Result<String, Failure> {
    let absolute = vfs::absolute(invocation.host.working_directory, path);
    let bytes = invocation
        .host
        .files
        .read(&absolute)
        .map_err(|_| Failure::plain(format!("unable to read patch file: open {path}: no such file or directory")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
