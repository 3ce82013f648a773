//! set selector. Models kubectl/pkg/cmd/set/set_selector.go.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::write::DryRun;
use crate::values::object::{Map, json};
use crate::values::selector::LabelSelector;

/// `set selector TYPE NAME a=b,c=d`: services only.
pub fn selector(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let mut words = invocation.words();
    let Some(text) = words.pop() else { return Err(Failure::plain("one selector is required")) };
    let (found, failures) = invocation.existing(&words)?;
    Failure::all(failures)?;
    for object in found {
        if object.kind() != "Service" {
            return Err(Failure::plain("setting a selector is only supported for Services"));
        }
        let parsed = LabelSelector::parse(&text).map_err(Failure::Plain)?;
        let pairs: Map = text
            .split(',')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (key.trim().to_owned(), json!(value.trim_start_matches('=').trim())))
            .collect();
        if pairs.len() != parsed.requirements.len() {
            let (key, rest) = text.split_once(' ').unwrap_or((&text, ""));
            let values = rest.split(['(', ')']).nth(1).unwrap_or("").replace(',', " ");
            let operator = if rest.starts_with("notin") { "NotIn" } else { "In" };
            return Err(Failure::plain(format!("match expression [{{{key} {operator} [{values}]}}] not supported on this object")));
        }
        let mut changed = (*object).clone();
        changed.set(&["spec", "selector"], json!(pairs));
        let result = if dry_run == DryRun::Client || invocation.args.on("local") {
            std::rc::Rc::new(changed)
        } else {
            invocation.update_object(changed, dry_run)?
        };
        invocation.report(&result, "selector updated", dry_run)?;
    }
    Ok(None)
}
