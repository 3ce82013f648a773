//! attach: the main program of a container. Models kubectl/pkg/cmd/attach.

use crate::commands::kubectl::containers::attachment::Attach;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::containers;
use crate::commands::kubectl::request::pods;
use crate::commands::kubectl::request::pods::reachable;
use crate::commands::kubectl::request::resources;
use crate::kinds::readers::pods::is_terminal;
use crate::runtime::Log;

pub fn attach(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    let Some(target) = words.first() else {
        return Err(Failure::plain("at least 1 argument is required for attach"));
    };
    if words.len() > 2 {
        return Err(Failure::plain(format!(
            "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {}: [{}]",
            words.len(),
            words.join(" ")
        )));
    }
    if let [kind, _] = words.as_slice() {
        resources::kind(kind)?;
    }
    let target = if let [kind, name] = words.as_slice() { format!("{kind}/{name}") } else { target.clone() };
    let pod = invocation.attachable_pod(&target)?;
    let phase = pod.str(&["status", "phase"]);
    if is_terminal(&pod) {
        return Err(Failure::plain(format!("cannot attach a container in a completed pod; current phase is {phase}")));
    }
    let container = match invocation.args.value("container").filter(|name| !name.is_empty()) {
        Some(name) if !pods::has_container(&pod, name) => {
            return Err(Failure::plain(format!("cannot attach to the container: container {name} not found in pod {}", pod.name())));
        }
        Some(name) => name.to_owned(),
        None => pods::default_container(&pod, invocation.args.on("quiet"), &mut invocation.output),
    };
    reachable(&pod, &container)?;
    let mut attach = Attach::new(invocation, &pod, &container);
    attach.seen = containers::log(invocation.cluster.view(), &pod, &container, false).map_or(0, Log::end);
    Ok(Some(Box::new(attach)))
}
