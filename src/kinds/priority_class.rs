//! PriorityClass. Models pkg/apis/scheduling.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::default;
use super::printers::{AGE, NAME, column, number, or};
use super::validation::{Findings, METADATA, Path, metadata, names};
use crate::values::object::{Object, json};
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "PriorityClass",
    group: "scheduling.k8s.io",
    plural: "priorityclasses",
    short_names: &["pc"],
    namespaced: false,
    generation: true,
    defaults,
    validate,
    columns: &[
        NAME,
        column("VALUE", |class, _| number(class, &["value"])),
        column("GLOBAL-DEFAULT", |class, _| class.bool(&["globalDefault"]).to_string()),
        AGE,
        column("PREEMPTIONPOLICY", |class, _| or(class.str(&["preemptionPolicy"]), "PreemptLowerPriority")),
    ],
    ..BASE
};

fn defaults(object: &mut Object, _: Option<&Object>) {
    default(&mut object.0, "preemptionPolicy", json!("PreemptLowerPriority"));
}

fn validate(def: &KindDef, class: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, class, old, names::subdomain);
    let body = &class.0;
    let system = matches!(class.name(), "system-cluster-critical" | "system-node-critical");
    if let Some(old) = old {
        if body["value"] != old.0["value"] {
            findings.forbidden(&Path::root("value"), "may not be changed in an update.");
        }
        findings.immutable(&Path::root("preemptionPolicy"), &body["preemptionPolicy"], &old.0["preemptionPolicy"]);
    } else if class.name().starts_with("system-") && !system {
        findings.forbidden(&METADATA.child("name"), "priority class names with 'system-' prefix are reserved for system use only");
    } else if !system && body["value"].as_i64().unwrap_or(0) > MAX_USER_PRIORITY {
        findings.forbidden(&Path::root("value"), "maximum allowed value of a user defined priority is 1000000000");
    }
    if old.is_none() {
        findings.optional_one_of(&Path::root("preemptionPolicy"), &body["preemptionPolicy"], &["PreemptLowerPriority", "Never"]);
    }
    findings.list
}

const MAX_USER_PRIORITY: i64 = 1_000_000_000;
