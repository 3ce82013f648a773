//! Pods: whether and since when they are ready and available, the claims and resources that they use, their grace period and their names in the network.

use crate::apiserver::store::Store;
use crate::kinds::readers::volumes::claim_names;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, Value, str_at};
use crate::values::quantity::Quantity;

fn is_ready(condition: &Value) -> bool {
    str_at(condition, &["type"]) == "Ready" && str_at(condition, &["status"]) == "True"
}

/// Whether a pod's Ready condition is true.
pub fn is_pod_ready(pod: &Object) -> bool {
    pod.list(&["status", "conditions"]).iter().any(is_ready)
}

/// Since when a pod is ready; `None`: it is not.
pub fn ready_since(pod: &Object) -> Option<Instant> {
    let ready = pod.list(&["status", "conditions"]).iter().find(|condition| is_ready(condition))?;
    Instant::parse(ready["lastTransitionTime"].as_str()?)
}

/// How long until a pod counts as available: zero when it does, `None` while it is not ready.
pub fn until_available(owner: &Object, pod: &Object, now: Instant) -> Option<Duration> {
    let due = ready_since(pod)? + Duration::seconds(owner.int(&["spec", "minReadySeconds"]).unwrap_or(0).max(0) as u64);
    Some(if due > now { due - now } else { Duration::ZERO })
}

/// The claims of a pod, as keys.
pub fn claims_of_pod(pod: &Object, _: &Store) -> Vec<ObjectKey> {
    claim_names(pod).map(|name| ObjectKey::new("PersistentVolumeClaim", pod.namespace(), &name)).collect()
}

/// A pod's host name: its own field or its name, at most 63 letters.
pub fn hostname(pod: &Object) -> String {
    let name = match pod.str(&["spec", "hostname"]) {
        "" => pod.name(),
        name => name,
    };
    name.chars().take(63).collect::<String>().trim_end_matches(['-', '.']).to_owned()
}

/// The name under which a headless Service knows the pod; empty where there is none.
pub fn full_name(pod: &Object) -> String {
    match pod.str(&["spec", "subdomain"]) {
        "" => String::new(),
        subdomain => format!("{}.{subdomain}.{}.svc.cluster.local", hostname(pod), pod.namespace()),
    }
}

/// What a pod's containers get to end by themselves.
pub fn grace_period(pod: &Object) -> Duration {
    Duration::seconds(pod.int(&["spec", "terminationGracePeriodSeconds"]).unwrap_or(30).max(0) as u64)
}

/// What the downward API gives for a container's resource: in units of the divisor, rounded up. Models ExtractContainerResourceValue.
pub fn resource_value(container: &Value, reference: &Value) -> String {
    let name = reference["resource"].as_str().unwrap_or("");
    let found = name.split_once('.').map_or(&Value::Null, |(kind, what)| &container["resources"][kind][what]);
    let of = |text: Option<&str>| text.and_then(|text| Quantity::parse(text).ok()).filter(|quantity| !quantity.is_zero());
    let divisor = of(reference["divisor"].as_str()).unwrap_or_else(|| Quantity::from_value(1));
    let amount = of(found.as_str()).unwrap_or_else(|| Quantity::from_value(0));
    let whole = |amount: i64, divisor: i64| if divisor <= 0 { 0 } else { amount.saturating_add(divisor - 1) / divisor };
    let units = if name.ends_with(".cpu") { whole(amount.milli_value(), divisor.milli_value()) } else { whole(amount.value(), divisor.value()) };
    units.to_string()
}
