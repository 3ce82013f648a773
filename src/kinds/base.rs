//! What the rows of kinds start from.

use super::def::KindDef;
use super::{printers, validation};
use crate::values::object::Object;

fn no_defaults(_: &mut Object, _: Option<&Object>) {}
fn no_warnings(_: &Object, _: Option<&Object>) -> Vec<String> {
    Vec::new()
}

/// What a row has where it does not say otherwise: no defaults, a DNS subdomain for a name, NAME and CREATED AT.
pub const BASE: KindDef = KindDef {
    kind: "",
    group: "",
    version: "v1",
    plural: "",
    short_names: &[],
    categories: &[],
    namespaced: true,
    generation: false,
    defaults: no_defaults,
    validate: validation::metadata::plain,
    warnings: no_warnings,
    columns: printers::DEFAULT,
    describe: None,
    note: "",
};
