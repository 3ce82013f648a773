//! Namespaces: each has its ServiceAccount and root certificate; one that is deleted takes its content with it.
//!
//! Models pkg/controller/namespace, serviceaccounts_controller.go and rootcacertpublisher.

use crate::apiserver::{DeleteOptions, WriteOptions};
use crate::control::rules::owners::key_of;
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::kinds;
use crate::values::clock::Duration;
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::status::Status;
use std::collections::BTreeMap;

pub const CONTROLLER: Controller = Controller { name: "namespace-controller", watches: &[("Namespace", Keys::Itself)], sync };

/// How long after its deletion a namespace's content is looked at, and how often again.
const DELETION_DELAY: Duration = Duration::seconds(5);

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(namespace) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    if namespace.is_terminating() {
        return delete_content(ctx, key, &namespace);
    }
    let account = ObjectKey::new("ServiceAccount", &key.name, "default");
    if ctx.api.store().get(&account).is_none() {
        ctx.api.create(Object::new("v1", "ServiceAccount", &key.name, "default"), &mut WriteOptions::default())?;
    }
    let certificate = ObjectKey::new("ConfigMap", &key.name, "kube-root-ca.crt");
    if ctx.api.store().get(&certificate).is_none() {
        let mut map = Object::new("v1", "ConfigMap", &key.name, "kube-root-ca.crt");
        let about = "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";
        map.set_annotation("kubernetes.io/description", about);
        map.set(&["data"], json!({"ca.crt": "-----BEGIN CERTIFICATE-----\nc2ltdWxhdGVk\n-----END CERTIFICATE-----\n"}));
        ctx.api.create(map, &mut WriteOptions::default())?;
    }
    Ok(Action::AwaitChange)
}

fn delete_content(ctx: &mut Ctx<'_>, key: &ObjectKey, namespace: &Object) -> Result<Action, Status> {
    let since = namespace.deletion_timestamp().unwrap_or(ctx.now);
    let content: Vec<(ObjectKey, bool)> = ctx
        .api
        .store()
        .all()
        .filter(|(other, _)| other.namespace == key.name)
        .map(|(other, object)| (other.clone(), object.is_terminating()))
        .collect();
    for (other, terminating) in &content {
        if !terminating {
            match ctx.api.delete(other, &DeleteOptions::default()) {
                Err(status) if !status.is_not_found() => return Err(status),
                _ => {}
            }
        }
    }
    let left = ctx.api.store().all().any(|(other, object)| other.namespace == key.name && key_of(object).is_some() && other.kind != "Event");
    if left && ctx.now - since >= DELETION_DELAY {
        let conditions = conditions(ctx, key, namespace);
        ctx.api.change_status(key, |namespace| namespace.set(&["status", "conditions"], conditions))?;
    }
    if left || ctx.now - since < DELETION_DELAY {
        return Ok(Action::RequeueAfter(if left { Duration::seconds(1) } else { DELETION_DELAY }));
    }
    ctx.api.forget_events(Some(&key.name));
    ctx.api.write_raw(key, |namespace| drop(namespace.remove(&["spec", "finalizers"])))?;
    Ok(Action::AwaitChange)
}

/// What keeps a namespace from going. Models deletion/status_condition_utils.go.
fn conditions(ctx: &Ctx<'_>, key: &ObjectKey, namespace: &Object) -> Value {
    let (mut resources, mut finalizers): (BTreeMap<String, usize>, BTreeMap<String, usize>) = Default::default();
    for (other, object) in ctx.api.store().all().filter(|(other, _)| other.namespace == key.name && other.kind != "Event") {
        let def = kinds::def(other.kind);
        *resources.entry(format!("{}.{}", def.plural, def.group)).or_default() += 1;
        object.finalizers().for_each(|finalizer| *finalizers.entry(finalizer.to_owned()).or_default() += 1);
    }
    let counted = |counts: &BTreeMap<String, usize>, word: &str| {
        counts.iter().map(|(name, count)| format!("{name} {word} {count} resource instances")).collect::<Vec<_>>().join(", ")
    };
    let remaining = format!("Some resources are remaining: {}", counted(&resources, "has"));
    let held = format!("Some content in the namespace has finalizers remaining: {}", counted(&finalizers, "in"));
    let fine = ("ContentHasNoFinalizers", "All content-preserving finalizers finished");
    let rows = [
        ("NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered", "All resources successfully discovered"),
        ("NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions", "All legacy kube types successfully parsed"),
        ("NamespaceDeletionContentFailure", false, "ContentDeleted", "All content successfully deleted, may be waiting on finalization"),
        ("NamespaceContentRemaining", true, "SomeResourcesRemain", &remaining),
        if finalizers.is_empty() {
            ("NamespaceFinalizersRemaining", false, fine.0, fine.1)
        } else {
            ("NamespaceFinalizersRemaining", true, "SomeFinalizersRemain", &held)
        },
    ];
    let old = |kind: &str, status: &str| {
        let found = namespace.list(&["status", "conditions"]).iter().find(|condition| condition["type"] == kind && condition["status"] == status);
        found.and_then(|condition| condition["lastTransitionTime"].as_str()).map(str::to_owned)
    };
    rows.into_iter()
        .map(|(kind, holds, reason, message)| {
            let status = if holds { "True" } else { "False" };
            let since = old(kind, status).unwrap_or_else(|| ctx.now.rfc3339());
            json!({"lastTransitionTime": since, "message": message, "reason": reason, "status": status, "type": kind})
        })
        .collect()
}
