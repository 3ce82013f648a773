//! kubectl: a table of verbs over what they share.
//!
//! Models kubectl/pkg/cmd/cmd.go. A verb is a row of `verbs::VERBS` and a function of its `Invocation`; what is not over at once
//! returns something that waits. In a room, no verb uses another: what two share stands in `request`, or below it.
pub mod cluster;
pub mod complete;
mod connected;
pub mod containers;
pub mod failure;
pub mod flags;
mod gathering;
pub mod generate;
pub mod help;
pub mod invocation;
mod limited;
pub mod read;
pub mod request;
mod suggest;
pub mod verbs;
pub mod write;

use crate::commands::cli::args;
use crate::commands::cli::command::Command;
use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::Outcome;
use crate::values::clock::Duration;
use crate::world::World;
use connected::Connected;
use failure::Failure;
use gathering::Gathering;
use invocation::Invocation;
use limited::Limited;
use request::kubeconfig;

pub const COMMAND: Command = Command {
    name: "kubectl",
    start,
    complete: Some(complete::complete),
    help: Some(("kubectl", "the cluster: kubectl help lists its commands, kubectl explain KIND tells of fields")),
};

/// What one command takes.
const TIME: Duration = Duration::millis(200);

/// Runs a command line, once its standard input is there where it reads all of it.
fn start(world: &mut World, host: &mut Host<'_>, argv: &[String]) -> Outcome {
    if reads_stdin(argv) {
        return Outcome::Pending(Box::new(Gathering::new(argv, run)), Output::default());
    }
    run(world, host, argv, &[])
}

/// Flags that still work and say what to use instead.
const DEPRECATED: [(&str, &str); 2] = [
    ("record", "--record will be removed in the future"),
    ("cpu-percent", "Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU)."),
];

/// Runs a verb. `stdin` is all that a pipe or here-document holds (for `-f -`); a terminal is empty.
fn run(world: &mut World, host: &mut Host<'_>, argv: &[String], stdin: &[u8]) -> Outcome {
    world.advance(TIME);
    host.files.now = world.now();
    let mut output = Output::default();
    let words = argv.get(1..).unwrap_or(&[]);
    let (verb, rest) = match verbs::find(words) {
        verbs::Found::Verb(verb, rest) => (verb, rest),
        verbs::Found::None => {
            match args::parse(&flags::shared(), words) {
                Err(message) => {
                    output.err(&format!("error: {message}\nSee 'kubectl --help' for usage.\n"));
                    output.code = 1;
                }
                Ok(_) => output.out(&help::overview(host)),
            }
            return Outcome::Done(output);
        }
        verbs::Found::Unknown(word) => {
            output.err(&suggest::unknown_command(&word));
            output.code = 1;
            return Outcome::Done(output);
        }
    };
    let flags = flags::of(verb);
    let args = match args::parse(&flags, &rest) {
        Ok(args) => args,
        Err(message) => {
            let hint = if verb.name == "diff" { "-h' for help and examples" } else { "--help' for usage." };
            output.err(&format!("error: {message}\nSee 'kubectl {} {hint}\n", verb.name));
            output.code = if verb.name == "diff" { failure::DIFF_FAILED } else { 1 };
            return Outcome::Done(output);
        }
    };
    if args.on("help") {
        output.out(&help::page(host, verb));
        return Outcome::Done(output);
    }
    if let Some(message) = args::missing_required(&flags, &args) {
        Failure::Plain(message).tell(verb.name, &mut output);
        return Outcome::Done(output);
    }
    if let Err(failure) = kubeconfig::check(host.view(), &args, verb.name) {
        failure.tell(verb.name, &mut output);
        return Outcome::Done(output);
    }
    for (flag, instead) in DEPRECATED.iter().filter(|(flag, _)| args.given(flag)) {
        output.warn(&format!("Flag --{flag} has been deprecated, {instead}"));
    }
    let cluster = kubeconfig::cluster(world, host.view(), args.value("context"));
    host.cluster = cluster.clone();
    let connection = &mut world.connect(&cluster);
    let mut invocation = Invocation { cluster: connection, host, verb, args, stdin, output, reported: 0, warned: Vec::new() };
    let ran = (verb.run)(&mut invocation);
    let timeout = invocation.args.duration("request-timeout").filter(|timeout| *timeout > Duration::ZERO);
    let deadline = timeout.map(|timeout| invocation.now() + timeout);
    let mut output = invocation.output;
    match ran {
        Ok(None) => Outcome::Done(output),
        Ok(Some(pending)) => match deadline.filter(|_| pending.is_endless()) {
            Some(deadline) => Outcome::Pending(Box::new(Connected { pending: Box::new(Limited { pending, deadline }), cluster }), output),
            None => Outcome::Pending(Box::new(Connected { pending, cluster }), output),
        },
        Err(failure) => {
            failure.tell(verb.name, &mut output);
            Outcome::Done(output)
        }
    }
}

/// Whether a command reads all of its standard input before it begins (`-f -`).
fn reads_stdin(argv: &[String]) -> bool {
    argv.windows(2).any(|pair| matches!(pair[0].as_str(), "-f" | "--filename" | "--patch-file") && pair[1] == "-")
        || argv.iter().any(|word| matches!(word.as_str(), "-f-" | "-f=-" | "--filename=-"))
}
