//! Why an object is as it is, in plain words: what a Pending claim waits for, what holds a Terminating object, what a Released volume lost.
//!
//! Everything is derived from what the cluster holds (conditions, events, references), so it is true at the moment it is asked for.

mod answer;
mod claims;
mod pods;
mod workloads;

use crate::control::cluster::Cluster;
use crate::values::object::{Object, ObjectKey};
use answer::users;

pub use answer::{Mark, Stage, Why};

type Explainer = fn(&Cluster, &Object, &mut Why);

const EXPLAINERS: &[(&str, Explainer)] = &[
    ("DaemonSet", workloads::workload),
    ("Deployment", workloads::workload),
    ("Job", workloads::workload),
    ("Node", workloads::node),
    ("PersistentVolume", claims::volume),
    ("PersistentVolumeClaim", claims::claim),
    ("Pod", pods::pod),
    ("ReplicaSet", workloads::workload),
    ("Service", workloads::service),
    ("StatefulSet", workloads::workload),
    ("StorageClass", claims::class),
];

/// Explains an object; `None`: it is not there.
pub fn of(cluster: &Cluster, key: &ObjectKey) -> Option<Why> {
    let object = cluster.api.store().get(key)?;
    let mut why = Why::default();
    if object.is_terminating() {
        terminating(cluster, object, &mut why);
    } else if let Some((_, explain)) = EXPLAINERS.iter().find(|(kind, _)| *kind == key.kind) {
        explain(cluster, object, &mut why);
    }
    if why.sentence.is_empty() {
        why.say("It is as it should be.");
    }
    Some(why)
}

/// Finalizers, who takes them off, and what that waits for.
const HOLDERS: &[(&str, Explainer)] = &[
    ("external-provisioner.volume.kubernetes.io/finalizer", |_, _, why| {
        why.stage(Mark::Now, "The provisioner deletes the disk", "It takes its finalizer off when the bytes are gone.");
    }),
    ("foregroundDeletion", |_, _, why| why.stage(Mark::Now, "What it owns goes first", "The garbage collector takes the finalizer off then.")),
    ("kubernetes.io/pv-protection", |_, volume, why| {
        let claim = volume.str(&["spec", "claimRef", "name"]);
        why.stage(Mark::Now, format!("Claim {claim} is still bound to it"), "pv-protection waits until the claim is gone.");
        why.command = Some(format!("kubectl delete pvc {claim}"));
    }),
    ("kubernetes.io/pvc-protection", |cluster, claim, why| {
        for user in users(cluster, claim) {
            why.stage(Mark::Now, format!("Pod {user} still uses it"), "pvc-protection waits until the pod is gone.");
            why.command = Some(format!("kubectl delete pod {user}"));
        }
    }),
];

fn terminating(cluster: &Cluster, object: &Object, why: &mut Why) {
    let held: Vec<&str> = object.finalizers().collect();
    if held.is_empty() {
        let grace = object.int(&["metadata", "deletionGracePeriodSeconds"]).unwrap_or(0);
        why.say(format!("It is deleted and ends its work; it has {grace} seconds for that, then it is killed."));
        return;
    }
    why.say("It is deleted but stays while a finalizer holds it.");
    for name in held {
        match HOLDERS.iter().find(|(finalizer, _)| *finalizer == name) {
            Some((_, explain)) => explain(cluster, object, why),
            None => why.stage(Mark::Wrong, format!("Finalizer {name}"), "Whoever set it has to take it off; no controller here knows it."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::flavour;
    use crate::playground::session::Session;

    fn session(lines: &[&str]) -> Session {
        let mut session = Session::new(flavour::by_name("playground").unwrap(), 3, 1);
        session.write_file("claim.yaml", "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec:\n  accessModes: [ReadWriteOnce]\n  resources: {requests: {storage: 1Gi}}\n");
        session.write_file("volume.yaml", "apiVersion: v1\nkind: PersistentVolume\nmetadata: {name: keep}\nspec:\n  capacity: {storage: 1Gi}\n  accessModes: [ReadWriteOnce]\n  persistentVolumeReclaimPolicy: Retain\n  storageClassName: manual\n  hostPath: {path: /data}\n---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: old}\nspec:\n  accessModes: [ReadWriteOnce]\n  storageClassName: manual\n  resources: {requests: {storage: 1Gi}}\n");
        session.write_file("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: user}\nspec:\n  containers: [{name: c, image: busybox, command: [sleep, '9999']}]\n  volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]\n");
        lines.iter().for_each(|line| session.run_setup(line));
        session
    }

    fn explain(session: &Session, kind: &'static str, name: &str) -> Why {
        let namespace = if kind == "PersistentVolume" { "" } else { "default" };
        of(session.cluster(), &ObjectKey::new(kind, namespace, name)).unwrap()
    }

    #[test]
    fn a_claim_that_waits_for_its_first_pod() {
        let why = explain(&session(&["kubectl apply -f claim.yaml", "sleep 3"]), "PersistentVolumeClaim", "data");
        assert_eq!(why.sentence, "It waits for the first pod that uses it: class local-path makes no volume before it knows the node.");
    }

    #[test]
    fn a_deleted_claim_that_a_pod_holds() {
        let session = session(&["kubectl apply -f claim.yaml -f pod.yaml", "sleep 30", "kubectl delete pvc data --wait=false"]);
        let why = explain(&session, "PersistentVolumeClaim", "data");
        assert_eq!(why.sentence, "It is deleted but stays while a finalizer holds it.");
        assert_eq!(why.stages[0].text, "Pod user still uses it");
    }

    #[test]
    fn a_released_volume_and_the_way_back() {
        let session = session(&["kubectl apply -f volume.yaml", "sleep 10", "kubectl delete pvc old", "sleep 5"]);
        let why = explain(&session, "PersistentVolume", "keep");
        assert!(why.sentence.starts_with("Its claim old is deleted."), "{}", why.sentence);
        assert_eq!(why.command.as_deref(), Some("kubectl patch pv keep -p '{\"spec\":{\"claimRef\":null}}'"));
    }

    #[test]
    fn what_keeps_a_container_from_its_start_has_a_command_that_mends_it() {
        let mut session = session(&[]);
        session.write_file("hp.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: hp}\nspec:\n  containers: [{name: c, image: busybox, volumeMounts: [{name: v, mountPath: /v}]}]\n  volumes: [{name: v, hostPath: {path: /opt/none, type: Directory}}]\n");
        session.write_file("env.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: env}\nspec:\n  containers: [{name: c, image: busybox, envFrom: [{configMapRef: {name: settings}}]}]\n");
        ["kubectl apply -f hp.yaml -f env.yaml", "sleep 10"].iter().for_each(|line| session.run_setup(line));
        let node = session.cluster().api.store().get(&ObjectKey::new("Pod", "default", "hp")).unwrap().str(&["spec", "nodeName"]).to_owned();
        assert_eq!(explain(&session, "Pod", "hp").command, Some(format!("ssh {node} mkdir -p /opt/none")));
        assert_eq!(explain(&session, "Pod", "env").command.as_deref(), Some("kubectl create configmap settings"));
    }

    #[test]
    fn a_pod_whose_claim_does_not_exist() {
        let why = explain(&session(&["kubectl apply -f pod.yaml", "sleep 5"]), "Pod", "user");
        assert_eq!(why.sentence, "No node takes it yet: its claim data does not exist.");
    }

    #[test]
    fn explainers_are_sorted() {
        assert!(EXPLAINERS.is_sorted_by_key(|(kind, _)| *kind) && HOLDERS.is_sorted_by_key(|(name, _)| *name));
    }
}
