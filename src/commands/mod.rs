//! What is on the user's PATH besides the shell's programs: strings in, strings out. Table COMMANDS, and `help`, which reads it.
//!
//! A command is a row beside its code. It answers at once, or with something that waits (`cli::pending`), which the console polls while
//! the cluster goes on.
pub mod cli;
pub mod docker;
pub mod kubectl;
pub mod node_shell;
pub mod ssh;
pub mod unsimulated;

use crate::machine;
use crate::machine::shell::builtins::BUILTINS;
use crate::world::World;
use cli::command::{Command, offer_files};
use cli::host::Host;
use cli::output::Output;
use cli::pending::Outcome;
use unsimulated::unsimulated;

/// Every command, by name.
pub const COMMANDS: &[Command] = &[
    unsimulated("aws"),
    docker::COMMAND,
    unsimulated("eksctl"),
    unsimulated("gcloud"),
    unsimulated("helm"),
    Command { name: "help", start: help, complete: Some(offer_files), help: None },
    unsimulated("k3d"),
    unsimulated("k9s"),
    unsimulated("kind"),
    unsimulated("kops"),
    kubectl::COMMAND,
    unsimulated("minikube"),
    unsimulated("nano"),
    ssh::COMMAND,
    unsimulated("ssh-add"),
    unsimulated("ssh-agent"),
    unsimulated("vi"),
    unsimulated("vim"),
];

/// The names of the table, for the shell that hands these commands over.
pub const NAMES: [&str; COMMANDS.len()] = {
    let mut names = [""; COMMANDS.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = COMMANDS[index].name;
        index += 1;
    }
    names
};

pub fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// Runs a command line.
pub fn start(world: &mut World, host: &mut Host<'_>, argv: &[String]) -> Outcome {
    let path = argv.first().map_or("", String::as_str);
    match find(path.rsplit('/').next().unwrap_or(path)) {
        Some(command) => (command.start)(world, host, argv),
        None => Outcome::Done(Output::failed(&format!("bash: {path}: command not found\n"), 127)),
    }
}

/// Where the explanations of commands begin in `help`.
const ABOUT_COLUMN: usize = 20;
const KEYS: &str = "Tab completes, the arrow keys and Ctrl-R find earlier commands, Ctrl-C stops one, Ctrl-D ends its input.\n";

/// `help`: what there is in the console.
fn help(_: &mut World, _: &mut Host<'_>, _: &[String]) -> Outcome {
    let mut output = Output::default();
    for (usage, about) in COMMANDS.iter().filter_map(|command| command.help) {
        output.line(&format!("{usage:<ABOUT_COLUMN$}{about}"));
    }
    output.out(KEYS);
    let builtins: Vec<&str> = BUILTINS.iter().map(|builtin| builtin.name).collect();
    for (title, names) in [("The shell itself:", builtins), ("Programs:", machine::programs::PROGRAMS.names())] {
        output.out(&format!("\n{title}\n{}", wrapped(&names)));
    }
    Outcome::Done(output)
}

/// Names in lines of a usual terminal's width.
fn wrapped(names: &[&str]) -> String {
    const WIDTH: usize = 78;
    let mut text = String::new();
    let mut line = String::new();
    for name in names {
        if !line.is_empty() && line.len() + 1 + name.len() > WIDTH {
            text += &format!("  {line}\n");
            line.clear();
        }
        line += if line.is_empty() { "" } else { " " };
        line += name;
    }
    format!("{text}  {line}\n")
}
