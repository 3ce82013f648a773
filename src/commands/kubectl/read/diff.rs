//! diff: what apply would change. Models kubectl/pkg/cmd/diff.

use crate::apiserver::PatchType;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::write::DryRun;
use crate::commands::kubectl::request::{last_applied, manifests};
use crate::kinds::{godiff, schema};
use crate::values::object::{Object, Value, json};
use crate::values::{patch, yaml};

pub fn diff(invocation: &mut Invocation<'_, '_>) -> Ran {
    invocation.takes_no_words("Unexpected args")?;
    // diff's own code 1 says that there are differences.
    let wrong = |invocation: &mut Invocation<'_, '_>, failure: Failure| {
        failure.tell(invocation.verb.name, &mut invocation.output);
        Failure::Code(2)
    };
    if !manifests::given(invocation) {
        return Err(wrong(invocation, Failure::plain("must specify one of -f and -k")));
    }
    let read = manifests::read(invocation).map_err(|failure| wrong(invocation, failure))?;
    let mut failures = read.failures;
    let mut text = String::new();
    for manifest in &read.objects {
        match one_diff(invocation, manifest) {
            Ok(one) => text.push_str(&one),
            Err(failure) => failures.push(failure),
        }
    }
    Failure::all(failures)?;
    if text.is_empty() {
        return Ok(None);
    }
    invocation.output.out(&text);
    Err(Failure::Code(1))
}

/// The diff of one object as `diff -u -N` prints it.
fn one_diff(invocation: &mut Invocation<'_, '_>, manifest: &manifests::Manifest) -> Result<String, Failure> {
    let live = invocation.cluster.api.get(&manifest.key()).ok().cloned();
    let merged = match &live {
        None => invocation.create_object(last_applied::with_last_applied(&manifest.object), DryRun::Server)?,
        Some(live) => {
            let modified = last_applied::with_last_applied(&manifest.object);
            let original: Value =
                live.annotation(last_applied::LAST_APPLIED).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_else(|| json!({}));
            let patch = patch::three_way(&original, &live.0, &modified.0, schema::rules(manifest.def())).map_err(Failure::Plain)?;
            invocation.patch_object(&manifest.key(), PatchType::Strategic, &patch, DryRun::Server)?
        }
    };
    let lines = |object: Option<&Object>| -> Vec<String> {
        let Some(object) = object else { return Vec::new() };
        let mut object = object.clone();
        object.remove_annotation(last_applied::LAST_APPLIED);
        yaml::print(&object.0).lines().map(str::to_owned).collect()
    };
    let (old, new) = (lines(live.as_deref()), lines(Some(&merged)));
    if old == new {
        return Ok(String::new());
    }
    let def = manifest.def();
    let version = def.api_version().replace('/', ".");
    let name = format!("{version}.{}.{}.{}", def.kind, manifest.key().namespace, merged.name());
    let stamp = invocation.now().rfc3339().replace('T', " ").replace('Z', ".000000000 +0000");
    let folder = merged.resource_version();
    let (from, to) = (format!("/tmp/LIVE-{folder}/{name}"), format!("/tmp/MERGED-{folder}/{name}"));
    Ok(format!("diff -u -N {from} {to}\n--- {from}\t{stamp}\n+++ {to}\t{stamp}\n{}", godiff::unified(&old, &new)))
}
