//! docker: a k3d or kind node is a container, so `docker exec` reaches it; the rest of docker is not simulated.

use super::cli::command::{Command, offer_files};
use super::cli::host::Host;
use super::cli::output::Output;
use super::cli::pending::Outcome;
use super::node_shell::{self, node_of};
use super::unsimulated;
use crate::world::World;

pub const COMMAND: Command = Command { name: "docker", start, complete: Some(offer_files), help: None };

const EXEC_USAGE: &str = "docker: 'docker exec' requires at least 2 arguments\n\nUsage:  docker exec [OPTIONS] CONTAINER COMMAND [ARG...]\n\nSee 'docker exec --help' for more information\n";

fn start(world: &mut World, host: &mut Host<'_>, argv: &[String]) -> Outcome {
    match argv.get(1).map(String::as_str) {
        Some("exec") => exec(world, host, argv),
        _ => unsimulated::refuse("docker", "the nodes are reached by ssh NODE, or docker exec NODE COMMAND"),
    }
}

/// `docker exec [-it] NODE COMMAND...`: a k3d or kind node is a container of docker.
fn exec(world: &mut World, host: &Host<'_>, argv: &[String]) -> Outcome {
    let flags = argv[2..].iter().take_while(|word| word.starts_with('-')).count();
    let (flags, words) = argv[2..].split_at(flags);
    let given = |letter: char, long: &str| flags.iter().any(|flag| flag == long || !flag.starts_with("--") && flag.contains(letter));
    let [target, argv @ ..] = words else { return Outcome::Done(Output::failed(EXEC_USAGE, 1)) };
    if argv.is_empty() {
        return Outcome::Done(Output::failed(EXEC_USAGE, 1));
    }
    let Some((cluster, node)) = node_of(world, target) else {
        return Outcome::Done(Output::failed(&format!("Error response from daemon: No such container: {target}\n"), 1));
    };
    let terminal = given('t', "--tty");
    if terminal && !host.stdin_is_terminal {
        return Outcome::Done(Output::failed("the input device is not a TTY\n", 1));
    }
    node_shell::start(world.view(&cluster).kubelets.disk(&node), argv, terminal, !given('i', "--interactive"))
}
