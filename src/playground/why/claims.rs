//! Why a claim, a volume or a class is as it is.

use super::answer::{Mark, Why, told, users};
use crate::control::cluster::Cluster;
use crate::values::object::{Object, ObjectKey};
use crate::values::quantity::Quantity;
use std::rc::Rc;

pub(super) fn claim(cluster: &Cluster, claim: &Object, why: &mut Why) {
    let volume = claim.str(&["spec", "volumeName"]);
    match claim.str(&["status", "phase"]) {
        "Bound" => {
            why.say(format!("It has volume {volume} for itself, until one of the two is deleted."));
            why.stages_of_users(&users(cluster, claim));
        }
        "Lost" => {
            why.say(format!("Its volume {volume} is gone, and the bytes with it. A claim that is Lost cannot bind again; delete it."));
            why.help(claim, format!("kubectl delete pvc {}", claim.name()));
        }
        _ if !volume.is_empty() => wants_one_volume(cluster, claim, volume, why),
        _ => pending(cluster, claim, why),
    }
}

impl Why {
    fn stages_of_users(&mut self, users: &[String]) {
        users.iter().for_each(|user| self.stage(Mark::Done, format!("Pod {user} uses it"), ""));
    }
}

fn wants_one_volume(cluster: &Cluster, claim: &Object, name: &str, why: &mut Why) {
    match cluster.api.store().get(&ObjectKey::new("PersistentVolume", "", name)) {
        None => why.say(format!("It asks for volume {name} by name, and there is none of that name.")),
        Some(volume) => match volume.str(&["spec", "claimRef", "name"]) {
            "" => why.say(format!("It asks for volume {name} by name; the two bind in a moment.")),
            other if other == claim.name() => why.say(format!("It binds to volume {name}.")),
            other => why.say(format!("It asks for volume {name} by name, which belongs to claim {other}.")),
        },
    }
}

fn pending(cluster: &Cluster, claim: &Object, why: &mut Why) {
    let class_name = claim.str(&["spec", "storageClassName"]);
    let class = cluster.api.store().get(&ObjectKey::new("StorageClass", "", class_name));
    let Some(class) = class.filter(|_| !class_name.is_empty()) else {
        let fits_none = if class_name.is_empty() { "It names no class, so only a volume made by hand can be its own." } else { "" };
        let missing = format!("There is no class {class_name}, so only a volume made by hand that names it can be its own.");
        why.say(if class_name.is_empty() { fits_none } else { missing.as_str() });
        return candidates(cluster, claim, why);
    };
    let provisioner = class.str(&["provisioner"]);
    if provisioner == "kubernetes.io/no-provisioner" {
        why.say(format!("Class {class_name} makes no volumes; it waits for one made by hand that fits."));
        return candidates(cluster, claim, why);
    }
    let pods = users(cluster, claim);
    let node = claim.annotation("volume.kubernetes.io/selected-node").unwrap_or("");
    let waits = class.str(&["volumeBindingMode"]) == "WaitForFirstConsumer";
    if waits && pods.is_empty() {
        why.say(format!("It waits for the first pod that uses it: class {class_name} makes no volume before it knows the node."));
        why.stage(Mark::Now, "A pod uses it", "None does yet.");
        why.stage(Mark::Later, "The scheduler chooses a node", "");
        why.stage(Mark::Later, format!("{class_name} makes a volume there"), "");
        return;
    }
    if waits {
        pods.iter().for_each(|pod| why.stage(Mark::Done, format!("A pod uses it: {pod}"), ""));
        if node.is_empty() {
            why.say("It waits for the scheduler, which has no node for its pod yet.");
            why.stage(Mark::Now, "The scheduler chooses a node", told(cluster, claim, &["WaitForPodScheduled"]).unwrap_or_default());
            return;
        }
        why.stage(Mark::Done, format!("The scheduler chose {node}"), "It wrote selected-node on the claim.");
    }
    match told(cluster, claim, &["ProvisioningFailed"]) {
        Some(message) => {
            why.say("The provisioner tried to make a volume and failed; it tries again by itself.");
            why.stage(Mark::Wrong, format!("{provisioner} makes a volume"), message);
        }
        None => {
            let place = if node.is_empty() { String::new() } else { format!(" on {node}") };
            why.say(format!("It waits for a volume that is being made{place}. Nothing to do."));
            why.stage(Mark::Now, format!("{provisioner} makes a volume"), "");
        }
    }
    why.stage(Mark::Later, "Claim and volume bind", "");
}

/// Each volume, and why it cannot be the claim's.
fn candidates(cluster: &Cluster, claim: &Object, why: &mut Why) {
    let mut any = false;
    for volume in cluster.api.list("PersistentVolume", None) {
        any = true;
        let reason = misfit(volume, claim);
        let mark = if reason.is_empty() { Mark::Now } else { Mark::Wrong };
        why.stage(mark, format!("Volume {}", volume.name()), if reason.is_empty() { "fits".to_owned() } else { reason });
    }
    if !any {
        why.stage(Mark::Wrong, "There are no volumes", "Make one that fits, or name a class that makes them.");
    }
}

/// The first thing that keeps a volume from a claim; empty where nothing does.
fn misfit(volume: &Rc<Object>, claim: &Object) -> String {
    let owner = volume.str(&["spec", "claimRef", "name"]);
    let (class, wanted_class) = (volume.str(&["spec", "storageClassName"]), claim.str(&["spec", "storageClassName"]));
    let (size, wanted) = (volume.str(&["spec", "capacity", "storage"]), claim.str(&["spec", "resources", "requests", "storage"]));
    let modes = volume.list(&["spec", "accessModes"]);
    let missing = claim.list(&["spec", "accessModes"]).iter().find(|mode| !modes.contains(mode));
    let quantity = |text: &str| Quantity::parse(text).ok();
    if !owner.is_empty() && owner != claim.name() {
        format!("belongs to claim {owner}")
    } else if class != wanted_class {
        format!("its class is {class:?}, the claim wants {wanted_class:?}")
    } else if quantity(size).zip(quantity(wanted)).is_some_and(|(size, wanted)| size < wanted) {
        format!("has {size}, the claim wants {wanted}")
    } else if let Some(mode) = missing {
        format!("does not offer {}", mode.as_str().unwrap_or(""))
    } else if claim.at(&["spec", "selector"]).is_some() {
        "its labels have to match the claim's selector".to_owned()
    } else {
        String::new()
    }
}

pub(super) fn volume(_: &Cluster, volume: &Object, why: &mut Why) {
    let (name, claim) = (volume.name(), volume.str(&["spec", "claimRef", "name"]));
    match volume.str(&["status", "phase"]) {
        "Available" => why.say("No claim has it. The next one that fits gets it."),
        "Bound" => {
            let policy = volume.str(&["spec", "persistentVolumeReclaimPolicy"]);
            let end = if policy == "Delete" { "the volume and its bytes go too" } else { "the volume stays with its bytes, Released" };
            why.say(format!("Claim {claim} has it. When that claim is deleted, {end} (policy {policy})."));
        }
        "Released" => {
            why.say(format!("Its claim {claim} is deleted. The volume keeps the bytes and still remembers that claim, so no other claim gets it."));
            why.stage(Mark::Done, "Policy Retain kept the bytes", "");
            why.stage(
                Mark::Wrong,
                "spec.claimRef names a claim that is gone",
                "Take it out, and the volume is Available again, with all that is on it.",
            );
            why.command = Some(format!("kubectl patch pv {name} -p '{{\"spec\":{{\"claimRef\":null}}}}'"));
        }
        "Failed" => {
            why.say("Its reclaiming failed.");
            why.stage(Mark::Wrong, "The volume was to be reclaimed", volume.str(&["status", "message"]));
        }
        _ => why.say("It is being made."),
    }
}

pub(super) fn class(_: &Cluster, class: &Object, why: &mut Why) {
    let when = if class.str(&["volumeBindingMode"]) == "WaitForFirstConsumer" { "when the first pod uses the claim" } else { "at once" };
    let policy = class.str(&["reclaimPolicy"]);
    why.say(format!("{} makes volumes for claims that name it, {when}; policy {policy}.", class.str(&["provisioner"])));
}
