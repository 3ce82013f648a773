//! label and annotate: pairs of a map in the metadata of objects. Models kubectl/pkg/cmd/{label,annotate}.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::manifests;
use crate::commands::kubectl::request::write::{DryRun, change};
use crate::kinds;
use crate::values::object::{Map, Object, Value, json};
use crate::values::{patch, selector};

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
