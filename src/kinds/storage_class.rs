//! StorageClass. Models pkg/apis/storage.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::default;
use super::printers::{AGE, column, or};
use super::validation::{Findings, Path, affinity, entries, length, list, metadata, names, text};
use crate::values::object::{Object, Value, json};
use crate::values::selector::qualified_name_errors;
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "StorageClass",
    group: "storage.k8s.io",
    plural: "storageclasses",
    short_names: &["sc"],
    namespaced: false,
    defaults,
    validate,
    columns: &[
        column("NAME", |class, _| {
            let is_default = DEFAULT_CLASS.iter().any(|key| class.str(&["metadata", "annotations", key]) == "true");
            format!("{}{}", class.name(), if is_default { " (default)" } else { "" })
        }),
        column("PROVISIONER", |class, _| class.str(&["provisioner"]).to_owned()),
        column("RECLAIMPOLICY", |class, _| or(class.str(&["reclaimPolicy"]), "Delete")),
        column("VOLUMEBINDINGMODE", |class, _| or(class.str(&["volumeBindingMode"]), "Immediate")),
        column("ALLOWVOLUMEEXPANSION", |class, _| class.bool(&["allowVolumeExpansion"]).to_string()),
        AGE,
    ],
    ..BASE
};

fn defaults(object: &mut Object, _: Option<&Object>) {
    default(&mut object.0, "reclaimPolicy", json!("Delete"));
    default(&mut object.0, "volumeBindingMode", json!("Immediate"));
}

fn validate(def: &KindDef, class: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    metadata::object(&mut findings, def, class, old, names::subdomain);
    let body = &class.0;
    let provisioner_at = Path::root("provisioner");
    let provisioner = text(body, "provisioner");
    if provisioner.is_empty() {
        findings.required(&provisioner_at, "");
    } else {
        let lower = provisioner.to_ascii_lowercase();
        findings.all_invalid(&provisioner_at, &lower, qualified_name_errors(&lower));
    }
    parameters(&mut findings, body);
    let policy_at = Path::root("reclaimPolicy");
    if !text(body, "reclaimPolicy").is_empty() {
        findings.optional_one_of(&policy_at, &body["reclaimPolicy"], &["Delete", "Retain"]);
    }
    findings.optional_one_of(&Path::root("volumeBindingMode"), &body["volumeBindingMode"], &["Immediate", "WaitForFirstConsumer"]);
    affinity::topologies(&mut findings, &Path::root("allowedTopologies"), list(body, "allowedTopologies"));
    if let Some(old) = old {
        class_update(&mut findings, body, &old.0);
    }
    findings.list
}

const DEFAULT_CLASS: [&str; 2] = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

fn parameters(findings: &mut Findings, body: &Value) {
    let at = Path::root("parameters");
    if length(&body["parameters"]) > 512 {
        findings.add(&at, "Too long: may not be more than 512 bytes".to_owned());
    }
    let mut size = 0;
    for (name, value) in entries(body, "parameters") {
        if name.is_empty() {
            findings.invalid_text(&at, "", "field can not be empty.");
        }
        size += name.len() + value.as_str().map_or(0, str::len);
    }
    if size > 256 * 1024 {
        findings.too_long(&at, 256 * 1024);
    }
}

fn class_update(findings: &mut Findings, body: &Value, old: &Value) {
    for (field, empty) in [("parameters", true), ("provisioner", false), ("reclaimPolicy", false)] {
        let same = body[field] == old[field] || empty && length(&body[field]) == 0 && length(&old[field]) == 0;
        if !same {
            findings.forbidden(&Path::root(field), &format!("updates to {field} are forbidden."));
        }
    }
    findings.immutable(&Path::root("volumeBindingMode"), &body["volumeBindingMode"], &old["volumeBindingMode"]);
}
