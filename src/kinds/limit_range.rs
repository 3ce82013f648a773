//! LimitRange. Models ValidateLimitRange, SetDefaults_LimitRangeItem and describeLimitRange.
//!
//! Simplified: what it does to pods and claims (LimitRanger) is not simulated.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::{default, each, spec};
use super::validation::{Findings, Path, SPEC, entries, list, metadata, names, quantity, spec_of, text};
use crate::values::object::{Object, Value, json};
use crate::values::quantity::Quantity;
use crate::values::selector::qualified_name_errors;
use crate::values::status::FieldError;
use std::collections::BTreeSet;

pub const DEF: KindDef = KindDef {
    kind: "LimitRange",
    plural: "limitranges",
    short_names: &["limits"],
    defaults,
    validate,
    describe: Some(describe),
    note: "the limits of a LimitRange are not applied to pods and claims",
    ..BASE
};

/// What an item limits, in the order in which the server looks at it.
const BOUNDS: [&str; 5] = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"];
/// Larger amounts are compared whole, not by thousandths.
const MAX_MILLI: i64 = i64::MAX / 1000;

fn defaults(range: &mut Object, _: Option<&Object>) {
    for item in each(spec(range), "limits").filter(|item| text(item, "type") == "Container") {
        for (to, from) in [("default", "max"), ("defaultRequest", "default"), ("defaultRequest", "min")] {
            default(item, to, json!({}));
            let amounts = item[from].clone();
            for (name, amount) in amounts.as_object().into_iter().flatten() {
                default(&mut item[to], name, amount.clone());
            }
        }
    }
}

fn validate(def: &KindDef, range: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, range, old, names::subdomain);
    let at = SPEC.child("limits");
    let items = list(spec_of(range), "limits");
    for (index, item) in items.iter().enumerate() {
        let here = at.index(index);
        let kind = text(item, "type");
        type_name(&mut findings, &here.child("type"), kind);
        if items[..index].iter().any(|other| text(other, "type") == kind) {
            findings.duplicate(&here.child("type"), &json!(kind));
        }
        resource_names(&mut findings, &here, item, kind);
        let named: BTreeSet<&str> = BOUNDS.iter().flat_map(|bound| entries(item, bound).map(|(name, _)| name)).collect();
        named.into_iter().for_each(|name| amounts(&mut findings, &here, item, name));
    }
    findings.list
}

fn type_name(findings: &mut Findings, at: &Path, kind: &str) {
    let errors = qualified_name_errors(kind);
    if errors.is_empty() && !kind.contains('/') && !matches!(kind, "Pod" | "Container" | "PersistentVolumeClaim") {
        findings.invalid_text(at, kind, "must be a standard limit type or fully qualified");
    }
    findings.all_invalid(at, kind, errors);
}

fn resource_names(findings: &mut Findings, at: &Path, item: &Value, kind: &str) {
    for bound in BOUNDS {
        let here = at.child(bound);
        if kind == "Pod" && bound.starts_with("default") {
            if entries(item, bound).next().is_some() {
                findings.forbidden(&here, "may not be specified when `type` is 'Pod'");
            }
            continue;
        }
        if bound == "maxLimitRequestRatio" && kind == "PersistentVolumeClaim" && ["min", "max"].iter().all(|bound| item[*bound]["storage"].is_null())
        {
            findings.required(&at.child("limits"), "either minimum or maximum storage value is required, but neither was provided");
        }
        for (name, _) in entries(item, bound) {
            match kind {
                "Pod" | "Container" => names::container_resource(findings, &here.key(name), name),
                _ => names::resource(findings, &here.key(name), name),
            }
        }
    }
}

/// What of one resource goes beyond what else is said of it.
fn amounts(findings: &mut Findings, at: &Path, item: &Value, name: &str) {
    let is_pod = text(item, "type") == "Pod";
    let amount = |bound: &str| item[bound].get(name).filter(|_| !(is_pod && bound.starts_with("default")));
    // A pair that is out of order: the lower one and its words, the higher one, the field and the value that are told.
    for (low, low_words, high, high_words, field, shown) in [
        ("min", "min", "max", "max", "min", "min"),
        ("min", "min", "defaultRequest", "default request", "defaultRequest", "defaultRequest"),
        ("defaultRequest", "default request", "max", "max", "defaultRequest", "defaultRequest"),
        ("defaultRequest", "default request", "default", "default limit", "defaultRequest", "defaultRequest"),
        ("min", "min", "default", "default", "default", "min"),
        ("default", "default", "max", "max", "default", "max"),
    ] {
        let (Some(less), Some(more)) = (amount(low), amount(high)) else { continue };
        if quantity(less) > quantity(more) {
            let why = format!("{low_words} value {} is greater than {high_words} value {}", plain(less), plain(more));
            findings.invalid(&at.child(field).key(name), &item[shown][name], &why);
        }
    }
    if let Some(ratio) = amount("maxLimitRequestRatio") {
        let here = at.child("maxLimitRequestRatio");
        if quantity(ratio) < Quantity::from_value(1) {
            findings.invalid(&here.key(name), ratio, &format!("ratio {} is less than 1", plain(ratio)));
        }
        if let (Some(min), Some(max)) = (amount("min"), amount("max")) {
            let most = possible_ratio(quantity(min), quantity(max), quantity(ratio));
            if let Some(most) = most {
                findings.invalid(&here.key(name), ratio, &format!("ratio {} is greater than max/min = {most:.6}", plain(ratio)));
            }
        }
    }
    let overcommit = (!name.contains('/') || name.contains("kubernetes.io/")) && !name.starts_with("hugepages-");
    if let (false, Some(limit), Some(request)) = (overcommit, amount("default"), amount("defaultRequest"))
        && quantity(limit) != quantity(request)
    {
        let why = format!("default value {} must equal to defaultRequest value {} in {name}", plain(limit), plain(request));
        findings.invalid(&at.child("defaultRequest").key(name), request, &why);
    }
}

/// The largest ratio that the two amounts leave, where a ratio is larger than it.
fn possible_ratio(min: Quantity, max: Quantity, ratio: Quantity) -> Option<f64> {
    let small = [min, max, ratio].iter().all(|amount| amount.value() < MAX_MILLI);
    let [min, max, ratio] = [min, max, ratio].map(|amount| if small { amount.milli_value() as f64 } else { amount.value() as f64 });
    let ratio = if small { ratio / 1000.0 } else { ratio };
    (ratio > max / min).then_some(max / min)
}

fn plain(amount: &Value) -> &str {
    amount.as_str().unwrap_or("")
}

fn describe(range: &Object) -> Vec<String> {
    HEAD.into_iter().map(str::to_owned).chain(rows(range)).collect()
}

/// The head of the table of limits.
pub const HEAD: [&str; 2] = [
    "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio",
    "----\t--------\t---\t---\t---------------\t-------------\t-----------------------",
];

/// A line for each resource of each item, sorted within an item, where upstream has the order of Go's maps.
pub fn rows(range: &Object) -> Vec<String> {
    let mut lines = Vec::new();
    for item in list(spec_of(range), "limits") {
        let named: BTreeSet<&str> = BOUNDS.iter().flat_map(|bound| entries(item, bound).map(|(name, _)| name)).collect();
        for name in named {
            let cells = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"].map(|bound| item[bound][name].as_str().unwrap_or("-"));
            lines.push(format!("{}\t{name}\t{}", text(item, "type"), cells.join("\t")));
        }
    }
    lines
}
