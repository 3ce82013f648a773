//! apply: what is there becomes what a file wants. Models kubectl/pkg/cmd/apply/apply.go and patcher.go.

use crate::apiserver::PatchType;
use crate::commands::cli::encoding;
use crate::commands::cli::encoding::go_json;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::last_applied::{LAST_APPLIED, configuration, with_last_applied};
use crate::commands::kubectl::request::manifests::Manifest;
use crate::commands::kubectl::request::write::DryRun;
use crate::commands::kubectl::request::{existing, manifests};
use crate::kinds::schema;
use crate::values::object::{Map, Object, Value, json};
use crate::values::patch;
use crate::values::yaml;

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    if !invocation.args.positional.is_empty() {
        return Err(Failure::usage(format!("Unexpected args: [{}]", invocation.args.positional.join(" "))));
    }
    let dry_run = invocation.dry_run()?;
    let server_side = invocation.args.on("server-side");
    if invocation.args.on("force-conflicts") && !server_side {
        return Err(Failure::plain("--force-conflicts only works with --server-side"));
    }
    if dry_run == DryRun::Client && server_side {
        return Err(Failure::plain("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)"));
    }
    if !manifests::given(invocation) {
        return Err(Failure::plain("must specify one of -f and -k"));
    }
    invocation.check_validate()?;
    if invocation.args.on("prune") && !invocation.args.on("all") && invocation.args.text("selector").is_empty() {
        return Err(Failure::plain(
            "all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector",
        ));
    }
    let found = manifests::read(invocation)?;
    let mut failures = found.failures;
    if found.objects.is_empty() && failures.is_empty() {
        return Err(Failure::plain("no objects passed to apply"));
    }
    for manifest in found.objects {
        let done = if server_side { apply_server_side(invocation, &manifest, dry_run) } else { apply_one(invocation, &manifest, dry_run) };
        failures.extend(done.err());
    }
    Failure::all(failures)?;
    Ok(None)
}

fn apply_one(invocation: &mut Invocation<'_, '_>, manifest: &Manifest, dry_run: DryRun) -> Result<(), Failure> {
    let generated = manifest.object.str(&["metadata", "generateName"]);
    if manifest.object.name().is_empty() && !generated.is_empty() {
        return Err(Failure::plain(format!("from {generated}: cannot use generate name with apply")));
    }
    if let Some(mistake) = manifests::name_mistake(manifest.object.name()) {
        return Err(Failure::plain(format!(
            "error when retrieving current configuration of:\n{}\nfrom server for: {:?}: {mistake}",
            manifest.info(),
            manifest.source
        )));
    }
    let modified = with_last_applied(&manifest.object);
    let Ok(live) = invocation.cluster.api.get(&manifest.key()).cloned() else {
        if dry_run == DryRun::Client {
            return invocation.report(&modified, "created", dry_run);
        }
        let mut wanted = modified;
        drop_nulls(&mut wanted.0);
        let created = invocation.create_object(wanted, dry_run).map_err(|status| manifest.failure("creating", status))?;
        return invocation.report(&created, "created", dry_run);
    };
    if dry_run == DryRun::Client {
        return invocation.report(&live, "configured", dry_run);
    }
    if live.annotation(LAST_APPLIED).is_none() {
        invocation.output.warn(&format!(
            "Warning: resource {} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.",
            resource_name(manifest)
        ));
    }
    let original: Value = live.annotation(LAST_APPLIED).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| json!({}));
    let patch = patch::three_way(&original, &live.0, &modified.0, schema::rules(manifest.def()))
        .map_err(|why| no_patch(invocation, manifest, &live, &modified, &why))?;
    if patch.as_object().is_some_and(Map::is_empty) {
        warn_if_terminating(invocation, &live);
        return invocation.report(&live, "unchanged", dry_run);
    }
    match invocation.patch_object(&manifest.key(), PatchType::Strategic, &patch, dry_run) {
        Ok(patched) => {
            warn_if_terminating(invocation, &patched);
            invocation.report(&patched, "configured", dry_run)
        }
        Err(status) => Err(Failure::server(status, applying(manifest, &go_json(&patch)))),
    }
}

fn applying(manifest: &Manifest, patch: &str) -> String {
    let source = &manifest.source;
    format!("error when applying patch:\n{patch}\nto:\n{}\nfor: {source:?}: error when patching {source:?}: ", manifest.info())
}

/// Objects that no patch can be made of: kubectl tries by both of its schemas, then says what it had.
fn no_patch(invocation: &mut Invocation<'_, '_>, manifest: &Manifest, live: &Object, modified: &Object, why: &str) -> Failure {
    for spec in ["openapi v3 spec", "openapi spec"] {
        invocation.output.warn(&format!("warning: error calculating patch from {spec}: {why}"));
    }
    Failure::plain(format!(
        "{}creating patch with:\noriginal:\n{}\nmodified:\n{}\n\ncurrent:\n{}\n\nfor: {why}",
        applying(manifest, ""),
        live.annotation(LAST_APPLIED).unwrap_or_default(),
        go_json(&modified.0),
        go_json(&live.0)
    ))
}

/// What apply creates has no fields without a value.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, item| !item.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// `persistentvolumeclaims/x`: plural and name.
fn resource_name(manifest: &Manifest) -> String {
    format!("{}/{}", manifest.def().plural, manifest.object.name())
}

fn warn_if_terminating(invocation: &mut Invocation<'_, '_>, object: &Object) {
    if object.is_terminating() {
        invocation.output.warn(&format!("Warning: Detected changes to resource {} which is currently being deleted.", object.name()));
    }
}

/// Server-side apply without field managers: the fields given are merged over what is there.
fn apply_server_side(invocation: &mut Invocation<'_, '_>, manifest: &Manifest, dry_run: DryRun) -> Result<(), Failure> {
    if manifest.object.name().is_empty() {
        return Err(Failure::plain("metadata.name is required for server-side apply".to_owned()));
    }
    let result = if invocation.cluster.api.get(&manifest.key()).is_ok() {
        invocation.patch_object(&manifest.key(), PatchType::Strategic, &manifest.object.0, dry_run)
    } else {
        invocation.create_object(manifest.object.clone(), dry_run)
    };
    let applied = result.map_err(|status| manifest.failure("applying", status))?;
    invocation.report(&applied, "serverside-applied", dry_run)
}

/// `apply view-last-applied`: what apply remembers, as YAML or JSON.
pub fn view_last_applied(invocation: &mut Invocation<'_, '_>) -> Ran {
    let format = invocation.args.value("output").unwrap_or("yaml").to_owned();
    let words = invocation.words();
    let (found, failures) = invocation.existing(&words)?;
    Failure::all(failures)?;
    let mut texts = Vec::new();
    // What apply knows nothing of is left out without a word.
    texts.extend(found.iter().filter_map(|object| object.annotation(LAST_APPLIED)).map(str::to_owned));
    for text in texts {
        let value: Value = serde_json::from_str(&text).unwrap_or_default();
        match format.as_str() {
            "yaml" => invocation.output.out(&yaml::print(&value)),
            "json" => invocation.output.out(&encoding::indented_json(&value, "  ")),
            _ => return Err(Failure::usage(format!("Unexpected -o output mode: {format}, the flag 'output' must be one of yaml|json"))),
        }
    }
    Ok(None)
}

/// `apply edit-last-applied`: looks for its objects as upstream does, and has no editor for them.
pub fn edit_last_applied(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    let (_, failures) = invocation.existing(&words)?;
    Failure::all(failures)?;
    invocation.not_simulated()
}

/// `apply set-last-applied -f FILE`: apply is to remember the file, nothing else changes.
pub fn set_last_applied(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    if !manifests::given(invocation) {
        return Err(Failure::plain(existing::NOTHING_GIVEN));
    }
    let found = manifests::read(invocation)?;
    Failure::all(found.failures)?;
    for manifest in found.objects {
        let live = invocation.cluster.api.get(&manifest.key())?.clone();
        let text = configuration(&manifest.object);
        match live.annotation(LAST_APPLIED) {
            None if !invocation.args.on("create-annotation") => {
                return Err(Failure::plain(format!(
                    "no last-applied-configuration annotation found on resource: {}, to create the annotation, run the command with --create-annotation",
                    live.name()
                )));
            }
            Some(known) if known == text => {
                invocation.output.line(&format!("set-last-applied {}: no changes required.", live.name()));
                continue;
            }
            _ => {}
        }
        let patch = json!({"metadata": {"annotations": {LAST_APPLIED: text}}});
        let result = if dry_run == DryRun::Client { live } else { invocation.patch_object(&manifest.key(), PatchType::Merge, &patch, dry_run)? };
        invocation.report(&result, "configured", dry_run)?;
    }
    Ok(None)
}
