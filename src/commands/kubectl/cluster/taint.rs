//! taint. Models kubectl/pkg/cmd/taint.

use crate::apiserver::PatchType;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::write::DryRun;
use crate::kinds;
use crate::values::object::{Object, ObjectKey, Value, json, str_at};
use crate::values::selector;

/// A taint as it is typed: `key=value:Effect`, `key:Effect`, `key-`, `key:Effect-`.
struct Taint {
    key: String,
    value: String,
    effect: String,
    remove: bool,
}

fn parse_taint(text: &str) -> Result<Taint, Failure> {
    let wrong = || Failure::usage(format!("invalid taint spec: {text}"));
    let (body, remove) = text.strip_suffix('-').map_or((text, false), |body| (body, true));
    let (pair, effect) = body.split_once(':').unwrap_or((body, ""));
    let (key, value) = match pair.split_once('=') {
        Some(pair) if body.contains(':') => pair,
        _ => (pair, ""),
    };
    if effect.contains(':') || value.contains('=') {
        return Err(wrong());
    }
    let mistakes = selector::qualified_name_errors(key);
    if !mistakes.is_empty() {
        return Err(Failure::usage(format!("invalid taint spec: {text}, {}", mistakes.join("; "))));
    }
    if !remove && effect.is_empty() {
        return Err(wrong());
    }
    if !effect.is_empty() && !["NoSchedule", "PreferNoSchedule", "NoExecute"].contains(&effect) {
        return Err(Failure::usage(format!("invalid taint effect: {effect}, unsupported taint effect")));
    }
    Ok(Taint { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned(), remove })
}

/// One taint may be set once only.
fn refuse_twice(taints: &[Taint]) -> Result<(), Failure> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for taint in taints.iter().filter(|taint| !taint.remove) {
        if seen.contains(&(&taint.key, &taint.effect)) {
            let value = if taint.value.is_empty() { String::new() } else { format!("{} ", taint.value) };
            let text = format!("{{{} {value}{} <nil>}}", taint.key, taint.effect);
            return Err(Failure::usage(format!("duplicated taints with the same key and effect: {text}")));
        }
        seen.push((&taint.key, &taint.effect));
    }
    Ok(())
}

/// A taint may not be set and removed at once.
fn refuse_both(taints: &[Taint]) -> Result<(), Failure> {
    let conflicts =
        |add: &&Taint| taints.iter().any(|remove| remove.remove && remove.key == add.key && ["", &add.effect].contains(&remove.effect.as_str()));
    let both: Vec<String> = taints
        .iter()
        .filter(|taint| !taint.remove)
        .filter(conflicts)
        .map(|taint| {
            let removed = taints.iter().find(|remove| remove.remove && remove.key == taint.key);
            format!("{}={}", taint.key, removed.map_or("", |remove| &remove.effect))
        })
        .collect();
    if !both.is_empty() {
        return Err(Failure::plain(format!("can not both modify and remove the following taint(s) in the same command: {}", both.join(", "))));
    }
    Ok(())
}

pub fn taint(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let words = invocation.words();
    let Some((kind, rest)) = words.split_first() else {
        return Err(Failure::plain("one or more resources must be specified as <resource> <name>"));
    };
    let place = rest.iter().position(|word| word.contains([':', '=']) || word.ends_with('-')).unwrap_or(rest.len());
    let (names, specs) = rest.split_at(place);
    invocation.check_validate()?;
    if specs.is_empty() {
        return Err(Failure::plain("at least one taint update is required"));
    }
    if let Some(word) = specs.iter().find(|word| !word.contains([':', '=']) && !word.ends_with('-')) {
        return Err(Failure::plain(format!("all resources must be specified before taint changes: {word}")));
    }
    let taints = specs.iter().map(|text| parse_taint(text)).collect::<Result<Vec<_>, _>>()?;
    refuse_twice(&taints)?;
    let def = kinds::by_resource(kind).ok_or_else(|| Failure::Raw(format!("the server doesn't have a resource type {kind:?}")))?;
    if def.kind != "Node" {
        return Err(Failure::plain(format!("invalid resource type {}, only node types are supported", kind.to_ascii_lowercase())));
    }
    refuse_both(&taints)?;
    let everywhere = invocation.args.on("all");
    if everywhere && invocation.args.given("selector") {
        return Err(Failure::plain("setting 'all' parameter with a non empty selector is prohibited"));
    }
    if names.is_empty() && !everywhere && !invocation.args.given("selector") {
        return Err(Failure::plain("at least one resource name must be specified since 'all' parameter is not set"));
    }
    let mut resources = vec![kind.clone()];
    resources.extend(names.iter().cloned());
    let (found, mut failures) = invocation.existing(&resources)?;
    for node in found {
        match changed_taints(&node, &taints, invocation.args.on("overwrite")) {
            Ok(list) => {
                let patch = json!({"spec": {"taints": if list.is_empty() { Value::Null } else { Value::from(list) }}});
                invocation.patch_object(&ObjectKey::new("Node", "", node.name()), PatchType::Merge, &patch, dry_run)?;
                let (removed, set) = (taints.iter().any(|taint| taint.remove), taints.iter().any(|taint| !taint.remove));
                let done = if removed && set {
                    "modified"
                } else if removed {
                    "untainted"
                } else {
                    "tainted"
                };
                invocation.report(&node, done, DryRun::None)?;
            }
            Err(failure) => failures.push(failure),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}

fn changed_taints(node: &Object, changes: &[Taint], overwrite: bool) -> Result<Vec<Value>, Failure> {
    let mut list = node.list(&["spec", "taints"]).to_vec();
    for change in changes {
        let is_same =
            |taint: &Value| str_at(taint, &["key"]) == change.key && (change.effect.is_empty() || str_at(taint, &["effect"]) == change.effect);
        let exists = list.iter().any(is_same);
        if change.remove {
            if !exists {
                let effect = if change.effect.is_empty() { String::new() } else { format!(":{}", change.effect) };
                return Err(Failure::plain(format!("taint \"{}{effect}\" not found", change.key)));
            }
            list.retain(|taint| !is_same(taint));
            continue;
        }
        if exists && !overwrite {
            return Err(Failure::plain(format!(
                "node {} already has {} taint(s) with same effect(s) and --overwrite is false",
                node.name(),
                change.key
            )));
        }
        list.retain(|taint| !is_same(taint));
        let mut taint = json!({"effect": change.effect, "key": change.key});
        if !change.value.is_empty() {
            taint["value"] = json!(change.value);
        }
        list.push(taint);
    }
    Ok(list)
}
