//! PodDisruptionBudgets: which pods they are about.

use crate::values::object::Object;
use crate::values::selector::LabelSelector;

/// Whether a budget is about a pod.
pub fn selects(budget: &Object, pod: &Object) -> bool {
    let selector = budget.at(&["spec", "selector"]).and_then(|selector| LabelSelector::from_object(selector).ok());
    selector.is_some_and(|selector| selector.matches(pod.map(&["metadata", "labels"])))
}
