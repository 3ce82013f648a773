//! patch, label, annotate, scale: small changes to objects that are there.
//! Models kubectl/pkg/cmd/{patch,label,annotate,scale}.

use crate::apiserver::{PatchType, key_of};
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::manifests;
use crate::commands::kubectl::request::resources::NOTHING_GIVEN;
use crate::commands::kubectl::request::write::DryRun;
use crate::kinds::{self, schema};
use crate::values::object::{Map, Object, Value, json};
use crate::values::status::Status;
use crate::values::yaml;
use crate::values::{patch, selector};
use std::rc::Rc;

impl Invocation<'_, '_> {
    /// The objects that arguments or `-f` name, for verbs that need at least one; failures of single objects apart.
    /// # Errors
    /// The builder's.
    pub fn existing(&mut self, words: &[String]) -> Result<(Vec<Rc<Object>>, Vec<Failure>), Failure> {
        let mut found = Vec::new();
        let mut failures = Vec::new();
        if manifests::given(self) {
            if !words.is_empty() {
                return Err(Failure::plain(manifests::FILES_AND_WORDS));
            }
            let local = self.args.on("local");
            if local && self.dry_run()? == DryRun::Server {
                return Err(Failure::plain("cannot specify --local and --dry-run=server - did you mean --dry-run=client?"));
            }
            let read = manifests::read(self)?;
            failures = read.failures;
            for manifest in read.objects {
                if local {
                    found.push(Rc::new(manifest.object));
                    continue;
                }
                match self.cluster.api.get(&manifest.key()) {
                    Ok(object) => found.push(object.clone()),
                    Err(status) => failures.push(status.into()),
                }
            }
            return Ok((found, failures));
        }
        if words.is_empty() {
            return Err(Failure::plain(NOTHING_GIVEN));
        }
        let selecting = self.args.given("selector") || self.args.given("field-selector") || self.args.on("all");
        if !selecting && crate::commands::kubectl::request::resources::parse(words)?.iter().all(|target| target.name.is_none()) {
            return Err(Failure::plain("resource(s) were provided, but no name was specified"));
        }
        for one in self.chosen(words)? {
            match one {
                Ok(object) => found.push(object),
                Err(status) => failures.push(status.into()),
            }
        }
        Ok((found, failures))
    }
}

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
    let absolute = crate::machine::vfs::absolute(invocation.host.working_directory, path);
    let bytes = invocation
        .host
        .files
        .read(&absolute)
        .map_err(|_| Failure::plain(format!("unable to read patch file: open {path}: no such file or directory")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Changes to a map of labels or annotations.
#[derive(Default)]
struct Pairs {
    set: Vec<(String, String)>,
    removed: Vec<String>,
}

/// Splits `pods x a=b c-` into resources and changes.
fn split(invocation: &Invocation<'_, '_>, what: &str) -> Result<(Vec<String>, Pairs), Failure> {
    let mut resources = Vec::new();
    let mut pairs = Pairs::default();
    let mut changes = 0;
    for word in &invocation.args.positional {
        let is_pair = word.contains('=') || (word.ends_with('-') && word != "-");
        if !is_pair && changes > 0 {
            return Err(Failure::plain(format!("all resources must be specified before {what} changes: {word}")));
        } else if !is_pair {
            resources.push(word.clone());
            continue;
        }
        changes += 1;
        match word.split_once('=') {
            Some(("", _)) => return Err(Failure::plain(format!("at least one {what} update is required"))),
            Some((_, value)) if what == "label" && value.contains('=') => return Err(Failure::plain(format!("invalid label spec: {word}"))),
            Some((key, value)) => pairs.set.push((key.to_owned(), value.to_owned())),
            None => pairs.removed.push(word.trim_end_matches('-').to_owned()),
        }
    }
    if resources.is_empty() && !manifests::given(invocation) {
        return Err(Failure::plain("one or more resources must be specified as <resource> <name> or <resource>/<name>"));
    }
    if changes == 0 && !invocation.args.on("list") {
        return Err(Failure::plain(format!("at least one {what} update is required")));
    }
    if let Some(key) = pairs.removed.iter().find(|key| pairs.set.iter().any(|(set, _)| set == *key)) {
        return Err(Failure::plain(match what {
            "annotation" => format!("can not both modify and remove the following annotation(s) in the same command: {key}"),
            _ => "can not both modify and remove a label in the same command".to_owned(),
        }));
    }
    for flag in ["selector", "field-selector"] {
        if invocation.args.on("all") && !invocation.args.text(flag).is_empty() {
            return Err(Failure::plain(format!("cannot set --all and --{flag} at the same time")));
        }
    }
    if invocation.args.on("list") && !invocation.args.text("output").is_empty() {
        return Err(Failure::plain("--list and --output may not be specified together"));
    }
    Ok((resources, pairs))
}

/// `--list`: what an object has once it is changed, each on a line; headed where there are several objects.
fn list_pairs(invocation: &mut Invocation<'_, '_>, object: &Object, pairs: &Pairs, field: &str, several: bool) {
    if several {
        let def = kinds::def(object.kind());
        let title = if field == "labels" { "labels" } else { "annotations" };
        invocation.output.line(&format!("Listing {title} for {}.{}/{}:", def.kind, def.group, object.name()));
    }
    let changed = Object(patch::merge(&object.0, &pairs.patch(field, "")));
    for (key, value) in changed.map(&["metadata", field]).into_iter().flatten() {
        invocation.output.line(&format!("{}{key}={}", if several { " " } else { "" }, value.as_str().unwrap_or_default()));
    }
}

impl Pairs {
    /// The merge patch of `metadata.FIELD`, for an object of this resource version where one is given.
    fn patch(&self, field: &str, version: &str) -> Value {
        let mut map = Map::new();
        for (key, value) in &self.set {
            map.insert(key.clone(), json!(value));
        }
        for key in &self.removed {
            map.insert(key.clone(), Value::Null);
        }
        let mut patch = json!({"metadata": {field: map}});
        if !version.is_empty() {
            patch["metadata"]["resourceVersion"] = json!(version);
        }
        patch
    }

    /// Which of them have another value already.
    fn taken(&self, object: &Object, field: &str) -> Vec<String> {
        let old = |key: &str| object.at(&["metadata", field, key]).and_then(Value::as_str).map(str::to_owned);
        // The cause of a change is always the last one's.
        let kept = self.set.iter().filter(|(key, _)| field != "annotations" || key != "kubernetes.io/change-cause");
        kept.filter_map(|(key, _)| old(key).map(|value| format!("'{key}' already has a value ({value})"))).collect()
    }
}

pub fn label(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let (words, pairs) = split(invocation, "label")?;
    for (key, value) in &pairs.set {
        let errors = selector::label_value_errors(value);
        if !errors.is_empty() {
            return Err(Failure::plain(format!("invalid label value: \"{key}={value}\": {}", errors.join(";"))));
        }
    }
    let overwrite = invocation.args.on("overwrite");
    let (found, mut failures) = invocation.existing(&words)?;
    let several = found.len() > 1;
    for object in found {
        if invocation.args.on("list") {
            list_pairs(invocation, &object, &pairs, "labels", several);
            continue;
        }
        let asks = dry_run != DryRun::Client && !invocation.args.on("local");
        for key in pairs.removed.iter().filter(|key| asks && object.label(key).is_none()) {
            invocation.output.line(&format!("label {key:?} not found."));
        }
        let taken: Vec<String> = if overwrite {
            Vec::new()
        } else {
            let same = |key: &str, value: &str| object.label(key) == Some(value);
            let others = Pairs { set: pairs.set.iter().filter(|(key, value)| !same(key, value)).cloned().collect(), removed: Vec::new() };
            others.taken(&object, "labels")
        };
        if let Some(first) = taken.first() {
            failures.push(Failure::plain(format!("{first}, and --overwrite is false")));
            continue;
        }
        let done = label_message(&object, &pairs, overwrite);
        match change(invocation, &object, &pairs.patch("labels", invocation.args.text("resource-version")), dry_run) {
            Ok(changed) => invocation.report(&changed, done, dry_run)?,
            Err(status) => failures.push(status.into()),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}

/// `labeled`, `unlabeled`, `not labeled`: kubectl compares the lengths of the JSON before and after.
fn label_message(object: &Object, pairs: &Pairs, overwrite: bool) -> &'static str {
    let mut changed = object.clone();
    if changed.at(&["metadata", "labels"]).is_none() {
        changed.set(&["metadata", "labels"], json!({}));
    }
    for (key, value) in &pairs.set {
        changed.set(&["metadata", "labels", key], json!(value));
    }
    for key in &pairs.removed {
        changed.remove(&["metadata", "labels", key]);
    }
    let shrinks = changed.0.to_string().len() < object.0.to_string().len();
    match changed.0 == object.0 {
        true => "not labeled",
        false if !overwrite && shrinks => "unlabeled",
        false => "labeled",
    }
}

fn change(invocation: &mut Invocation<'_, '_>, object: &Object, patch: &Value, dry_run: DryRun) -> Result<Rc<Object>, Status> {
    if dry_run == DryRun::Client || invocation.args.on("local") {
        return Ok(Rc::new(Object(crate::values::patch::merge(&object.0, patch))));
    }
    invocation.patch_object(&key_of(kinds::def(object.kind()), object), PatchType::Merge, patch, dry_run)
}

pub fn annotate(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let (words, pairs) = split(invocation, "annotation")?;
    let (found, mut failures) = invocation.existing(&words)?;
    let several = found.len() > 1;
    for object in found {
        if invocation.args.on("list") {
            list_pairs(invocation, &object, &pairs, "annotations", several);
            continue;
        }
        let taken = if invocation.args.on("overwrite") { Vec::new() } else { pairs.taken(&object, "annotations") };
        if !taken.is_empty() {
            failures.push(Failure::plain(format!("--overwrite is false but found the following declared annotation(s): {}", taken.join("; "))));
            continue;
        }
        match change(invocation, &object, &pairs.patch("annotations", invocation.args.text("resource-version")), dry_run) {
            Ok(changed) => invocation.report(&changed, "annotated", dry_run)?,
            Err(status) => failures.push(status.into()),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}

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
