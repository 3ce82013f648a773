//! Lifecycle hooks: postStart when a container has started, preStop before it is told to end.
//!
//! Models pkg/kubelet/lifecycle/handlers.go. Simplified: a command must end within one turn; what httpGet asks is not sent.

use super::events::source;
use super::probes;
use crate::apiserver::events::EventType;
use crate::control::sync::Ctx;
use crate::kinds::readers::pods::name_of;
use crate::values::clock::Duration;
use crate::values::object::{Object, Value};

fn words(hook: &Value) -> Vec<String> {
    hook["exec"]["command"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Runs the postStart hook of a container that was just started.
pub fn post_start(ctx: &mut Ctx<'_>, pod: &Object, spec: &Value, list: &str) {
    let argv = words(&spec["lifecycle"]["postStart"]);
    if !argv.is_empty() && probes::exec(ctx, pod, &argv, name_of(spec)).is_err() {
        ctx.api.event(pod, source(pod, Some((list, name_of(spec)))), EventType::Warning, "FailedPostStartHook", "PostStartHook failed");
    }
}

/// Runs the preStop hooks of containers; gives how long the longest one sleeps.
pub fn pre_stop(ctx: &mut Ctx<'_>, pod: &Object, running: &[String]) -> Duration {
    let mut longest = Duration::ZERO;
    for spec in pod.list(&["spec", "containers"]).iter().filter(|spec| running.iter().any(|name| name == name_of(spec))) {
        let hook = &spec["lifecycle"]["preStop"];
        let argv = words(hook);
        let asleep = match argv.as_slice() {
            [program, seconds] if program == "sleep" => seconds.parse().ok(),
            _ => hook["sleep"]["seconds"].as_u64(),
        };
        if let Some(seconds) = asleep {
            longest = longest.max(Duration::seconds(seconds));
        } else if !argv.is_empty() && probes::exec(ctx, pod, &argv, name_of(spec)).is_err() {
            ctx.api.event(pod, source(pod, Some(("containers", name_of(spec)))), EventType::Warning, "FailedPreStopHook", "PreStopHook failed");
        }
    }
    longest
}
