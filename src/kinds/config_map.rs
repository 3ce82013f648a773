//! ConfigMap.

use super::base::BASE;
use super::def::KindDef;
use super::printers::{AGE, DATA, NAME};
use super::validation::{Findings, Path, data, entries, metadata, names};
use crate::values::object::Object;
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef { kind: "ConfigMap", plural: "configmaps", short_names: &["cm"], validate, columns: &[NAME, DATA, AGE], ..BASE };

fn validate(def: &KindDef, map: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    let body = &map.0;
    data::frozen(&mut findings, body, old, &["data", "binaryData"]);
    metadata::object(&mut findings, def, map, old, names::subdomain);
    let at = Path::root("data");
    for (key, _) in entries(body, "data") {
        if body["binaryData"].get(key).is_some() {
            findings.invalid_text(&at.key(key), key, "duplicate of key present in binaryData");
        }
    }
    let size = data::keys(&mut findings, body, "data") + data::keys(&mut findings, body, "binaryData") / 4 * 3;
    if size > data::MAX_DATA {
        findings.too_long(&Path::root(""), data::MAX_DATA);
    }
    findings.list
}
