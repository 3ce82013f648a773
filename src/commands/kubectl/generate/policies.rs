//! create namespace, serviceaccount, priorityclass, poddisruptionbudget, quota. Models kubectl/pkg/cmd/create/create_pdb.go and its neighbours.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::generate::object::{finish, name, print_only};
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::values::object::{Object, json};
use crate::values::quantity::Quantity;
use crate::values::selector::LabelSelector;

pub fn namespace(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    finish(invocation, Object(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "spec": {}, "status": {}})))
}

pub fn service_account(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    finish(invocation, Object(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}})))
}

/// `create priorityclass NAME --value=1000 --description=… --global-default`.
pub fn priority_class(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    let mut object = json!({
        "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name},
        "preemptionPolicy": invocation.args.value("preemption-policy").unwrap_or("PreemptLowerPriority"),
        "value": invocation.args.int("value").unwrap_or(0),
    });
    if invocation.args.on("global-default") {
        object["globalDefault"] = json!(true);
    }
    if !invocation.args.text("description").is_empty() {
        object["description"] = json!(invocation.args.text("description"));
    }
    finish(invocation, Object(object))
}

/// `create poddisruptionbudget NAME --selector=… --min-available=…`.
pub fn disruption_budget(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    let selector = invocation.args.text("selector").to_owned();
    if selector.is_empty() {
        return Err(Failure::plain("a selector must be specified"));
    }
    let amounts = ["min-available", "max-unavailable"].map(|flag| invocation.args.value(flag).filter(|text| !text.is_empty()).map(str::to_owned));
    let (field, amount) = match amounts {
        [None, None] => return Err(Failure::plain("one of min-available or max-unavailable must be specified")),
        [Some(_), Some(_)] => return Err(Failure::plain("min-available and max-unavailable cannot be both specified")),
        [Some(amount), None] => ("minAvailable", amount),
        [None, Some(amount)] => ("maxUnavailable", amount),
    };
    let digits = amount.strip_suffix('%').unwrap_or(&amount);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        let flag = if field == "minAvailable" { "min-available" } else { "max-unavailable" };
        return Err(Failure::plain(format!("invalid format specified for {flag}")));
    }
    let selector = LabelSelector::parse(&selector).map_err(Failure::Plain)?.to_object();
    let amount = amount.parse::<i32>().map_or_else(|_| json!(amount), |number| json!(number));
    finish(
        invocation,
        Object(json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name},
            "spec": {field: amount, "selector": selector},
            "status": {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0},
        })),
    )
}

/// `create quota NAME --hard=cpu=1,pods=2 --scopes=BestEffort`.
pub fn quota(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    let mut spec = json!({});
    let hard = invocation.args.text("hard");
    for statement in hard.split(',').filter(|_| !hard.is_empty()) {
        let Some((resource, amount)) = statement.split_once('=').filter(|(_, amount)| !amount.contains('=')) else {
            return Err(Failure::plain(format!("Invalid argument syntax {statement}, expected <resource>=<value>")));
        };
        let amount = Quantity::parse(amount).map_err(Failure::plain)?;
        spec["hard"][resource] = json!(amount.to_string());
    }
    let scopes = invocation.args.text("scopes");
    if !scopes.is_empty() {
        spec["scopes"] = json!(scopes.split(',').collect::<Vec<_>>());
    }
    print_only(invocation, Object(json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": spec, "status": {}})), true)
}
