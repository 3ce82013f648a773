//! rollout status. Models kubectl/pkg/polymorphichelpers/rollout_status.go.

use crate::apiserver::key_of;
use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Pending, Poll};
use crate::commands::kubectl::failure::{Failure, over};
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::write::rollout::chosen::{ROLLS, chosen, kind_text};
use crate::kinds;
use crate::machine::process::Input;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, str_at};
use crate::world::World;

/// `rollout status` under way.
#[derive(Clone, Debug, PartialEq)]
pub struct AwaitedRollout {
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
    let awaited = AwaitedRollout { key: key_of(kinds::def(object.kind()), object), seen: 0, watch, deadline };
    Ok(Some(Box::new(awaited)))
}

impl Pending for AwaitedRollout {
    fn poll(&mut self, world: &mut World, host: &mut Host<'_>, _: Input, output: &mut Output) -> Poll {
        let cluster = &mut world.connect(&host.cluster);
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
