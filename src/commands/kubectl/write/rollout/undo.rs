//! rollout undo. Models kubectl/pkg/polymorphichelpers/rollback.go.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::read::describe::pods;
use crate::commands::kubectl::request::write;
use crate::commands::kubectl::write::rollout::chosen::{ROLLS, chosen};
use crate::commands::kubectl::write::rollout::revisions::revisions;
use crate::values::object;
use crate::values::object::Value;

fn bare_template(template: &Value) -> Value {
    let mut template = template.clone();
    object::remove_at(&mut template, &["metadata", "labels", "pod-template-hash"]);
    if let Some(map) = template.as_object_mut() {
        map.remove("$patch");
    }
    template
}

pub fn undo(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let (found, mut failures) = chosen(invocation)?;
    for object in found {
        if !ROLLS.contains(&object.kind()) {
            failures.push(Failure::plain(format!("no rollbacker has been implemented for {:?}", object.kind())));
            continue;
        }
        if object.bool(&["spec", "paused"]) {
            failures.push(Failure::plain("you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again"));
            continue;
        }
        let all = revisions(invocation, &object);
        let to = invocation.args.int("to-revision").unwrap_or(0);
        let target = match to {
            0 if all.len() < 2 && object.kind() == "Deployment" => {
                failures.push(Failure::plain(format!("no rollout history found for deployment {:?}", object.name())));
                continue;
            }
            0 if all.len() < 2 => {
                failures.push(Failure::plain("no last revision to roll back to"));
                continue;
            }
            0 => &all[all.len() - 2],
            number => match all.iter().find(|revision| revision.number == number) {
                Some(revision) => revision,
                None if object.kind() == "Deployment" => {
                    failures.push(Failure::plain(format!("unable to find specified revision {number} in history")));
                    continue;
                }
                None => {
                    failures.push(Failure::plain(format!("unable to find specified revision {number} in history")));
                    continue;
                }
            },
        };
        if dry_run == write::DryRun::Client {
            let done = pods::template_text(&target.template);
            invocation.report(&object, &done, dry_run)?;
            continue;
        }
        let template = bare_template(&target.template);
        if object.at(&["spec", "template"]) == Some(&template) {
            let done = format!("skipped rollback (current template already matches revision {})", target.number);
            invocation.report(&object, &done, dry_run)?;
            continue;
        }
        let mut changed = (*object).clone();
        changed.set(&["spec", "template"], template);
        for (key, value) in &target.annotations {
            changed.set(&["metadata", "annotations", key], value.clone());
        }
        match invocation.update_object(changed, dry_run) {
            Ok(updated) => invocation.report(&updated, "rolled back", dry_run)?,
            Err(status) => failures.push(status.into()),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}
