//! exec: a program in a container. Models kubectl/pkg/cmd/exec.

use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Pending, Poll};
use crate::commands::kubectl::failure::{Failure, over};
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::containers::ExecState;
use crate::commands::kubectl::request::manifests;
use crate::commands::kubectl::request::pods::reachable;
use crate::commands::kubectl::request::{containers, pods};
use crate::kinds::readers::pods::is_terminal;
use crate::machine::kernel::Signal;
use crate::machine::process::Input;
use crate::runtime::ExecId;
use crate::world::World;

const NO_TERMINAL: &str = "Unable to use a TTY - input is not a terminal or the right kind of file";

/// A program that exec started.
#[derive(Clone, Debug, PartialEq)]
pub struct Execution {
    id: ExecId,
    stdin: bool,
    closed: bool,
    prompt: String,
}

const NO_COMMAND: &str = "you must specify at least one command for the container";

pub fn run_exec(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    let (target, argv) = match (invocation.args.at_dash, words.split_first()) {
        (Some(0), _) => (None, words.clone()),
        (Some(place), Some((first, _))) => (Some(first.clone()), words[place..].to_vec()),
        (None, Some((_, rest))) if !rest.is_empty() => {
            return Err(Failure::usage("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead"));
        }
        (_, first) if manifests::given(invocation) => {
            let unsupported = "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead";
            return Err(if first.is_some() { Failure::usage(unsupported) } else { Failure::plain(NO_COMMAND) });
        }
        (_, first) => (first.map(|(first, _)| first.clone()), Vec::new()),
    };
    let Some(target) = target else { return Err(Failure::plain("pod, type/name or --filename must be specified")) };
    if argv.is_empty() {
        return Err(Failure::plain(NO_COMMAND));
    }
    let pod = invocation.attachable_pod(&target)?;
    let phase = pod.str(&["status", "phase"]);
    if is_terminal(&pod) {
        return Err(Failure::plain(format!("cannot exec into a container in a completed pod; current phase is {phase}")));
    }
    let container = match invocation.args.value("container").filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned(),
        None => pods::default_container(&pod, invocation.args.on("quiet"), &mut invocation.output),
    };
    reachable(&pod, &container)?;
    let stdin = invocation.args.on("stdin");
    let mut tty = invocation.args.on("tty");
    if tty && (!stdin || !invocation.host.stdin_is_terminal) {
        if stdin {
            invocation.output.warn(NO_TERMINAL);
        }
        tty = tty && !stdin;
    }
    let id = containers::start(invocation.cluster, &pod, &container, &argv, stdin, tty && stdin)?;
    Ok(Some(Box::new(Execution { id, stdin, closed: false, prompt: String::new() })))
}

impl Pending for Execution {
    fn poll(&mut self, world: &mut World, host: &mut Host<'_>, input: Input, output: &mut Output) -> Poll {
        let cluster = &mut world.connect(&host.cluster);
        let bytes = match (&input, self.stdin) {
            (Input::Bytes(bytes), true) => Some(Some(bytes.as_slice())),
            // On a terminal there may be several: one for each program that reads.
            (Input::End, true) => Some(None),
            (_, false) if !self.closed => Some(None),
            _ => None,
        };
        self.closed |= bytes == Some(None);
        let (chunks, state) = containers::turn(cluster, self.id, bytes);
        for chunk in chunks {
            output.write(chunk.stream, &chunk.bytes);
        }
        self.prompt = cluster.world.runtimes.exec_mut(self.id).map_or_else(String::new, |exec| exec.process.prompt());
        match state {
            ExecState::Ended(code) => ended(code, output),
            ExecState::Reading if self.stdin => Poll::WantsInput,
            _ => Poll::Going,
        }
    }

    /// The program gets it.
    fn interrupt(&mut self, world: &mut World) -> bool {
        if let Some(exec) = world.runtimes.exec_mut(self.id) {
            exec.process.signal(Signal::Interrupt);
        }
        if !self.stdin {
            world.runtimes.end_exec(self.id);
        }
        !self.stdin
    }

    fn prompt(&self) -> String {
        self.prompt.clone()
    }
}

pub fn ended(code: i32, output: &mut Output) -> Poll {
    if code == 0 {
        return over(Ok(()), output);
    }
    output.warn(&format!("command terminated with exit code {code}"));
    over(Err(Failure::Code(code)), output)
}
