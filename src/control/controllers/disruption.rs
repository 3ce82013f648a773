//! Disruption: how many pods a PodDisruptionBudget lets go. Models pkg/controller/disruption.
//! Simplified: the pods expected are those that the selector finds; percentages are of them.

use crate::apiserver::store::Store;
use crate::control::rules::budgets::selects;
use crate::control::rules::pods::is_pod_ready;
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::status::Status;

pub const CONTROLLER: Controller =
    Controller { name: "disruption-controller", watches: &[("PodDisruptionBudget", Keys::Itself), ("Pod", Keys::Of(budgets_of_pod))], sync };

/// The budgets whose selector finds a pod.
fn budgets_of_pod(pod: &Object, store: &Store) -> Vec<ObjectKey> {
    store
        .list("PodDisruptionBudget", Some(pod.namespace()))
        .filter(|budget| selects(budget, pod))
        .map(|budget| ObjectKey::new("PodDisruptionBudget", budget.namespace(), budget.name()))
        .collect()
}

/// A number or a percentage of the pods expected, rounded up.
fn amount(value: &Value, expected: i64) -> i64 {
    match value {
        Value::String(text) => (text.trim_end_matches('%').parse::<i64>().unwrap_or(0) * expected + 99) / 100,
        other => other.as_i64().unwrap_or(0),
    }
}

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(budget) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    let pods: Vec<_> = ctx.api.list("Pod", Some(&key.namespace)).filter(|pod| selects(&budget, pod)).cloned().collect();
    let expected = pods.len() as i64;
    let healthy = pods.iter().filter(|pod| is_pod_ready(pod) && !pod.is_terminating()).count() as i64;
    let desired = match (budget.at(&["spec", "minAvailable"]), budget.at(&["spec", "maxUnavailable"])) {
        (Some(least), _) => amount(least, expected),
        (None, Some(most)) => (expected - amount(most, expected)).max(0),
        (None, None) => 0,
    };
    let allowed = if expected == 0 { 0 } else { (healthy - desired).max(0) };
    let (status, reason) = if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    let now = ctx.now.rfc3339();
    let old = budget.list(&["status", "conditions"]).first().filter(|condition| condition["status"] == status);
    let since = old.map_or_else(|| json!(now), |condition| condition["lastTransitionTime"].clone());
    let wanted = json!({
        "conditions": [{
            "lastTransitionTime": since, "message": "", "observedGeneration": budget.generation(),
            "reason": reason, "status": status, "type": "DisruptionAllowed",
        }],
        "currentHealthy": healthy, "desiredHealthy": desired, "disruptionsAllowed": allowed, "expectedPods": expected,
        "observedGeneration": budget.generation(),
    });
    if budget.at(&["status"]) != Some(&wanted) {
        ctx.api.replace_status(key, wanted)?;
    }
    Ok(Action::AwaitChange)
}
