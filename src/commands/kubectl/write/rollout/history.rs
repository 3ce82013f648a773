//! rollout history. Models kubectl/pkg/polymorphichelpers/history.go.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::read::describe::pods;
use crate::commands::kubectl::request::print;
use crate::commands::kubectl::request::print::Format;
use crate::commands::kubectl::request::resources;
use crate::commands::kubectl::write::rollout::chosen::{ROLLS, chosen};
use crate::control::rules::deployments;
use crate::values::object;
use crate::values::object::{Object, Value, json, str_at};
use std::rc::Rc;

const REVISION: &str = "deployment.kubernetes.io/revision";

const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

const NO_CAUSE: &str = "<none>";

/// One entry of a workload's history.
pub struct Revision {
    pub number: i64,
    /// What `-o` prints of it: a replica set, or the workload as it was.
    object: Rc<Object>,
    cause: String,
    /// The pod template.
    pub template: Value,
    /// Annotations of the revision that a rollback brings back.
    pub annotations: Vec<(String, Value)>,
}

fn is_owned(object: &Object, owner: &Object) -> bool {
    object.controller().is_some_and(|reference| str_at(reference, &["uid"]) == owner.uid())
}

/// The history of a workload, oldest first.
pub fn revisions(invocation: &Invocation<'_, '_>, object: &Object) -> Vec<Revision> {
    let namespace = Some(object.namespace());
    let cause = |one: &Object| one.annotation(CHANGE_CAUSE).unwrap_or(NO_CAUSE).to_owned();
    let mut found: Vec<Revision> = if object.kind() == "Deployment" {
        let sets = invocation.cluster.api.list("ReplicaSet", namespace).filter(|set| is_owned(set, object));
        sets.map(|set| Revision {
            number: set.annotation(REVISION).and_then(|text| text.parse().ok()).unwrap_or(0),
            object: set.clone(),
            cause: cause(set),
            template: set.at(&["spec", "template"]).cloned().unwrap_or_default(),
            annotations: deployments::shared_annotations(set).map(|(key, value)| (key.to_owned(), value.clone())).collect(),
        })
        .collect()
    } else {
        let all = invocation.cluster.api.list("ControllerRevision", namespace).filter(|revision| is_owned(revision, object));
        all.map(|revision| Revision {
            number: revision.int(&["revision"]).unwrap_or(0),
            object: Rc::new(at_revision(object, revision)),
            cause: cause(revision),
            template: revision.at(&["data", "spec", "template"]).cloned().unwrap_or_default(),
            annotations: Vec::new(),
        })
        .collect()
    };
    found.sort_by_key(|revision| revision.number);
    found
}

/// A workload with the template of a revision.
fn at_revision(object: &Object, revision: &Object) -> Object {
    let mut then = object.clone();
    if let Some(template) = revision.at(&["data", "spec", "template"]) {
        let mut template = template.clone();
        if let Some(template) = template.as_object_mut() {
            template.remove("$patch");
        }
        then.set(&["spec", "template"], template);
    }
    then
}

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
