//! rollout history. Models kubectl/pkg/cmd/rollout/rollout_history.go.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::read::describe::pods;
use crate::commands::kubectl::request::print;
use crate::commands::kubectl::request::print::Format;
use crate::commands::kubectl::request::resources;
use crate::commands::kubectl::write::rollout::chosen::{ROLLS, chosen};
use crate::commands::kubectl::write::rollout::revisions::{CHANGE_CAUSE, NO_CAUSE, Revision, revisions};
use crate::values::object::{self, json};

/// `rollout history -o`: the object of each revision, or of the one asked for.
fn print_revisions(invocation: &mut Invocation<'_, '_>, format: &Format, all: &[Revision]) -> Result<(), Failure> {
    let wanted = invocation.args.int("revision").unwrap_or(0);
    if wanted > 0 && all.iter().all(|revision| revision.number != wanted) {
        return Err(Failure::plain("unable to find the specified revision"));
    }
    for (index, revision) in all.iter().filter(|revision| wanted == 0 || revision.number == wanted).enumerate() {
        if index > 0 && *format == Format::Yaml {
            invocation.output.line("---");
        }
        let text = print::objects(format, std::slice::from_ref(&revision.object), true)?;
        invocation.output.out(&text);
    }
    Ok(())
}

pub fn history(invocation: &mut Invocation<'_, '_>) -> Ran {
    let format = print::format(invocation, print::OBJECTS)?;
    let (found, mut failures) = chosen(invocation)?;
    for object in found {
        if !ROLLS.contains(&object.kind()) {
            failures.push(Failure::plain(format!("no history viewer has been implemented for {:?}", object.kind())));
            continue;
        }
        let name = resources::name_of(&object);
        let all = revisions(invocation, &object);
        if !matches!(format, Format::Table { .. }) {
            failures.extend(print_revisions(invocation, &format, &all).err());
            continue;
        }
        if let Some(number) = invocation.args.int("revision").filter(|number| *number > 0) {
            let Some(revision) = all.iter().find(|revision| revision.number == number) else {
                failures.push(Failure::plain("unable to find the specified revision"));
                continue;
            };
            let mut template = revision.template.clone();
            if object.kind() == "Deployment" && revision.cause != NO_CAUSE {
                object::set_at(&mut template, &["metadata", "annotations", CHANGE_CAUSE], json!(revision.cause));
            }
            let text = pods::template_text(&template);
            invocation.output.line(&format!("{name} with revision #{number}\n{text}"));
            continue;
        }
        let width = all.iter().map(|revision| revision.number.to_string().len() + 2).max().unwrap_or(0).max(10);
        let mut text = format!("{name} \nREVISION  CHANGE-CAUSE\n");
        for revision in all {
            text.push_str(&format!("{:<width$}{}\n", revision.number, revision.cause));
        }
        invocation.output.line(&text);
    }
    Failure::all(failures)?;
    Ok(None)
}
