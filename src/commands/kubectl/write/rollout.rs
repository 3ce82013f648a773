//! rollout status, history, undo, restart, pause, resume. Models kubectl/pkg/cmd/rollout and polymorphichelpers.

use crate::apiserver::{PatchType, key_of};
use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Pending, Poll};
use crate::commands::kubectl::failure::{Failure, over};
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::print::{self, Format};
use crate::control::cluster::Cluster;
use crate::control::controllers::deployment;
use crate::kinds;
use crate::machine::process::Input;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, Value, json, str_at};
use crate::values::order::Order;
use std::rc::Rc;

const REVISION: &str = "deployment.kubernetes.io/revision";
const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";
const NO_CAUSE: &str = "<none>";

/// One entry of a workload's history.
struct Revision {
    number: i64,
    /// What `-o` prints of it: a replica set, or the workload as it was.
    object: Rc<Object>,
    cause: String,
    /// The pod template.
    template: Value,
    /// Annotations of the revision that a rollback brings back.
    annotations: Vec<(String, Value)>,
}

fn is_owned(object: &Object, owner: &Object) -> bool {
    object.controller().is_some_and(|reference| str_at(reference, &["uid"]) == owner.uid())
}

/// The history of a workload, oldest first.
fn revisions(invocation: &Invocation<'_, '_>, object: &Object) -> Vec<Revision> {
    let namespace = Some(object.namespace());
    let cause = |one: &Object| one.annotation(CHANGE_CAUSE).unwrap_or(NO_CAUSE).to_owned();
    let mut found: Vec<Revision> = if object.kind() == "Deployment" {
        let sets = invocation.cluster.api.list("ReplicaSet", namespace).filter(|set| is_owned(set, object));
        sets.map(|set| Revision {
            number: set.annotation(REVISION).and_then(|text| text.parse().ok()).unwrap_or(0),
            object: set.clone(),
            cause: cause(set),
            template: set.at(&["spec", "template"]).cloned().unwrap_or_default(),
            annotations: deployment::shared_annotations(set).map(|(key, value)| (key.to_owned(), value.clone())).collect(),
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
    found.order_by_key(|revision| revision.number);
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

/// The objects named, each of a kind that rolls out.
fn chosen(invocation: &mut Invocation<'_, '_>) -> Result<(Vec<Rc<Object>>, Vec<Failure>), Failure> {
    let words = invocation.words();
    if words.is_empty() && !crate::commands::kubectl::request::manifests::given(invocation) {
        return Err(Failure::plain("required resource not specified"));
    }
    if words.len() != 1 || words[0].contains('/') || crate::commands::kubectl::request::manifests::given(invocation) {
        return invocation.existing(&words);
    }
    // A kind alone is all its objects.
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for one in invocation.chosen(&words)? {
        match one {
            Ok(object) => found.push(object),
            Err(status) => failures.push(status.into()),
        }
    }
    Ok((found, failures))
}

/// `ReplicaSet.apps`
fn kind_text(object: &Object) -> String {
    let def = kinds::def(object.kind());
    if def.group.is_empty() { def.kind.to_owned() } else { format!("{}.{}", def.kind, def.group) }
}

fn resource_text(object: &Object) -> String {
    format!("{} {:?}", kinds::def(object.kind()).resource(), object.name())
}

const ROLLS: [&str; 3] = ["DaemonSet", "Deployment", "StatefulSet"];

pub fn history(invocation: &mut Invocation<'_, '_>) -> Ran {
    let format = print::format(invocation, print::OBJECTS)?;
    let (found, mut failures) = chosen(invocation)?;
    for object in found {
        if !ROLLS.contains(&object.kind()) {
            failures.push(Failure::plain(format!("no history viewer has been implemented for {:?}", object.kind())));
            continue;
        }
        let name = crate::commands::kubectl::request::resources::name_of(&object);
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
                crate::values::object::set_at(&mut template, &["metadata", "annotations", CHANGE_CAUSE], json!(revision.cause));
            }
            let text = crate::commands::kubectl::read::describe::template_text(&template);
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

fn bare_template(template: &Value) -> Value {
    let mut template = template.clone();
    crate::values::object::remove_at(&mut template, &["metadata", "labels", "pod-template-hash"]);
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
        if dry_run == crate::commands::kubectl::request::write::DryRun::Client {
            let done = crate::commands::kubectl::read::describe::template_text(&target.template);
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

fn patch_each(invocation: &mut Invocation<'_, '_>, done: &str, make: &dyn Fn(&Object, Instant) -> Result<Value, Failure>) -> Ran {
    let dry_run = crate::commands::kubectl::request::write::DryRun::None;
    let (found, mut failures) = chosen(invocation)?;
    for object in found {
        let patch = match make(&object, invocation.now()) {
            Ok(patch) => patch,
            Err(failure) => {
                failures.push(failure);
                continue;
            }
        };
        match invocation.patch_object(&key_of(kinds::def(object.kind()), &object), PatchType::Merge, &patch, dry_run) {
            Ok(updated) => invocation.report(&updated, done, dry_run)?,
            Err(status) => failures.push(status.into()),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}

pub fn restart(invocation: &mut Invocation<'_, '_>) -> Ran {
    patch_each(invocation, "restarted", &|object, now| {
        if !ROLLS.contains(&object.kind()) {
            return Err(Failure::plain(format!("error: {} restarting is not supported", resource_text(object))));
        }
        if object.bool(&["spec", "paused"]) {
            let name = object.name();
            return Err(Failure::plain(format!("deployments.apps {name:?} can't restart paused deployment (run rollout resume first)")));
        }
        let stamp = json!({"kubectl.kubernetes.io/restartedAt": now.rfc3339()});
        Ok(json!({"spec": {"template": {"metadata": {"annotations": stamp}}}}))
    })
}

pub fn pause(invocation: &mut Invocation<'_, '_>) -> Ran {
    patch_each(invocation, "paused", &|object, _| match (object.kind(), object.bool(&["spec", "paused"])) {
        ("Deployment", false) => Ok(json!({"spec": {"paused": true}})),
        ("Deployment", true) => Err(Failure::plain(format!("{} is already paused", resource_text(object)))),
        _ => Err(Failure::plain(format!("error: {} pausing is not supported", resource_text(object)))),
    })
}

pub fn resume(invocation: &mut Invocation<'_, '_>) -> Ran {
    patch_each(invocation, "resumed", &|object, _| match (object.kind(), object.bool(&["spec", "paused"])) {
        ("Deployment", true) => Ok(json!({"spec": {"paused": null}})),
        ("Deployment", false) => Err(Failure::plain(format!("{} is not paused", resource_text(object)))),
        _ => Err(Failure::plain(format!("error: {} resuming is not supported", resource_text(object)))),
    })
}

/// `rollout status` under way.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    key: ObjectKey,
    /// The version that was told last.
    seen: u64,
    watch: bool,
    deadline: Option<Instant>,
}

pub fn status(invocation: &mut Invocation<'_, '_>) -> Ran {
    let (found, failures) = chosen(invocation)?;
    Failure::all(failures)?;
    let Some(object) = found.first() else { return Ok(None) };
    if found.len() > 1 {
        return Err(Failure::plain("rollout status is only supported on individual resources and resource collections - 2 resources were found"));
    }
    if !ROLLS.contains(&object.kind()) {
        return Err(Failure::plain(format!("no status viewer has been implemented for {}", kind_text(object))));
    }
    let watch = invocation.args.value("watch").is_none_or(|_| invocation.args.on("watch"));
    let deadline = invocation.args.duration("timeout").filter(|timeout| *timeout > Duration::ZERO).map(|timeout| invocation.now() + timeout);
    let status = Status { key: key_of(kinds::def(object.kind()), object), seen: 0, watch, deadline };
    Ok(Some(Box::new(status)))
}

impl Pending for Status {
    fn poll(&mut self, cluster: &mut Cluster, _: &mut Host<'_>, _: Input, output: &mut Output) -> Poll {
        let Ok(object) = cluster.api.get(&self.key) else {
            return over(Err(Failure::plain("object has been deleted")), output);
        };
        if object.resource_version() != self.seen {
            self.seen = object.resource_version();
            match progress(object) {
                Ok((text, done)) => {
                    output.out(&text);
                    if done || !self.watch {
                        return over(Ok(()), output);
                    }
                }
                Err(failure) => return over(Err(failure), output),
            }
        }
        match self.deadline {
            Some(deadline) if cluster.now() >= deadline => over(Err(Failure::plain("timed out waiting for the condition")), output),
            _ => Poll::Going,
        }
    }

    fn wake(&self) -> Option<Instant> {
        self.deadline
    }
}

/// What is said of a workload, and whether its rollout is over.
fn progress(object: &Object) -> Result<(String, bool), Failure> {
    let name = object.name();
    let status = |field: &str| object.int(&["status", field]).unwrap_or(0);
    let wanted = object.int(&["spec", "replicas"]).unwrap_or(1);
    let observed = status("observedGeneration") >= object.generation();
    match object.kind() {
        "Deployment" => {
            if !observed {
                return Ok(("Waiting for deployment spec update to be observed...\n".to_owned(), false));
            }
            let stuck = object.list(&["status", "conditions"]).iter().any(|condition| str_at(condition, &["reason"]) == "ProgressDeadlineExceeded");
            if stuck {
                return Err(Failure::plain(format!("deployment {name:?} exceeded its progress deadline")));
            }
            let (updated, replicas, available) = (status("updatedReplicas"), status("replicas"), status("availableReplicas"));
            let waiting = |what: String| Ok((format!("Waiting for deployment {name:?} rollout to finish: {what}...\n"), false));
            if updated < wanted {
                return waiting(format!("{updated} out of {wanted} new replicas have been updated"));
            }
            if replicas > updated {
                return waiting(format!("{} old replicas are pending termination", replicas - updated));
            }
            if available < updated {
                return waiting(format!("{available} of {updated} updated replicas are available"));
            }
            Ok((format!("deployment {name:?} successfully rolled out\n"), true))
        }
        "DaemonSet" => {
            if object.str(&["spec", "updateStrategy", "type"]) == "OnDelete" {
                return Err(Failure::plain("rollout status is only available for RollingUpdate strategy type"));
            }
            if !observed {
                return Ok(("Waiting for daemon set spec update to be observed...\n".to_owned(), false));
            }
            let (updated, desired, available) = (status("updatedNumberScheduled"), status("desiredNumberScheduled"), status("numberAvailable"));
            let waiting = |what: String| Ok((format!("Waiting for daemon set {name:?} rollout to finish: {what}...\n"), false));
            if updated < desired {
                return waiting(format!("{updated} out of {desired} new pods have been updated"));
            }
            if available < desired {
                return waiting(format!("{available} of {desired} updated pods are available"));
            }
            Ok((format!("daemon set {name:?} successfully rolled out\n"), true))
        }
        _ => stateful_set_progress(object, wanted, observed),
    }
}

fn stateful_set_progress(object: &Object, wanted: i64, observed: bool) -> Result<(String, bool), Failure> {
    let status = |field: &str| object.int(&["status", field]).unwrap_or(0);
    if object.str(&["spec", "updateStrategy", "type"]) != "RollingUpdate" {
        return Err(Failure::plain("rollout status is only available for RollingUpdate strategy type"));
    }
    if status("observedGeneration") == 0 || !observed {
        return Ok(("Waiting for statefulset spec update to be observed...\n".to_owned(), false));
    }
    let ready = status("readyReplicas");
    if ready < wanted {
        return Ok((format!("Waiting for {} pods to be ready...\n", wanted - ready), false));
    }
    let updated = status("updatedReplicas");
    if object.at(&["spec", "updateStrategy", "rollingUpdate"]).is_some() {
        let partition = object.int(&["spec", "updateStrategy", "rollingUpdate", "partition"]).unwrap_or(0);
        if updated < wanted - partition {
            let rest = wanted - partition;
            return Ok((format!("Waiting for partitioned roll out to finish: {updated} out of {rest} new pods have been updated...\n"), false));
        }
        return Ok((format!("partitioned roll out complete: {updated} new pods have been updated...\n"), true));
    }
    let revision = object.str(&["status", "updateRevision"]);
    if revision != object.str(&["status", "currentRevision"]) {
        return Ok((format!("waiting for statefulset rolling update to complete {updated} pods at revision {revision}...\n"), false));
    }
    Ok((format!("statefulset rolling update complete {} pods at revision {revision}...\n", status("currentReplicas")), true))
}
