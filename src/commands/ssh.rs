//! ssh: a shell or a command on a node.

use super::cli::command::{Command, offer_files};
use super::cli::host::Host;
use super::cli::output::Output;
use super::cli::pending::Outcome;
use super::node_shell::{self, node_of};
use crate::world::{Connection, World};

pub const COMMAND: Command = Command {
    name: "ssh",
    start,
    complete: Some(offer_files),
    help: Some(("ssh NODE [COMMAND]", "a shell or a command on a node; docker exec NODE COMMAND does the same")),
};

/// Options of ssh that take a value.
const SSH_VALUES: [&str; 8] = ["-i", "-l", "-o", "-p", "-F", "-L", "-R", "-J"];

/// `ssh [USER@]NODE [COMMAND...]`: a shell on a node.
fn start(world: &mut World, host: &mut Host<'_>, argv: &[String]) -> Outcome {
    let mut words = argv[1..].iter();
    let mut target = None;
    while let Some(word) = words.next() {
        if SSH_VALUES.contains(&word.as_str()) {
            words.next();
        } else if !word.starts_with('-') {
            target = Some(word.clone());
            break;
        }
    }
    let fail = |text: String| Outcome::Done(Output::failed(&text, 255));
    let Some(target) = target else { return fail("usage: ssh [USER@]NODE [COMMAND [ARGUMENT ...]]\n".to_owned()) };
    let name = target.rsplit('@').next().unwrap_or(&target);
    let Some((cluster, node)) = node_of(world, name) else {
        return fail(if name.starts_with(|c: char| c.is_ascii_digit()) {
            format!("ssh: connect to host {name} port 22: No route to host\n")
        } else {
            format!("ssh: Could not resolve hostname {name}: Name or service not known\n")
        });
    };
    let argv: Vec<String> = words.cloned().collect();
    if let [program, action, unit] = argv.join(" ").split_whitespace().collect::<Vec<_>>().as_slice()
        && matches!(*program, "systemctl" | "service")
    {
        return systemctl(&mut world.connect(&cluster), &node, action, unit);
    }
    let terminal = argv.is_empty() && host.stdin_is_terminal;
    node_shell::start(world.view(&cluster).kubelets.disk(&node), &argv, terminal, host.stdin_is_terminal && !terminal)
}

/// Stops and starts a node's kubelet.
fn systemctl(cluster: &mut Connection<'_>, node: &str, action: &str, unit: &str) -> Outcome {
    let unit = unit.trim_end_matches(".service");
    let (action, unit) = if action == "kubelet" { (unit, action) } else { (action, unit) };
    if unit != "kubelet" {
        return Outcome::Done(Output::failed(&format!("Unit {unit}.service could not be found.\n"), 5));
    }
    match action {
        "stop" => cluster.stop_kubelet(node),
        "start" | "restart" => cluster.start_kubelet(node),
        "status" | "is-active" => {
            let stopped = cluster.kubelets.is_stopped(node);
            let mut output = Output { code: if stopped { 3 } else { 0 }, ..Output::default() };
            output.out(if stopped { "inactive\n" } else { "active\n" });
            return Outcome::Done(output);
        }
        _ => return Outcome::Done(Output::failed(&format!("Unknown command verb '{action}'.\n"), 1)),
    }
    Outcome::Done(Output::default())
}
