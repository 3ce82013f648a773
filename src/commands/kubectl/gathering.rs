//! A command that reads all of its standard input before it begins (`-f -`).

use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Outcome, Pending, Poll};
use crate::machine::process::Input;
use crate::values::clock::Instant;
use crate::world::World;

/// Runs a command line with its whole standard input.
type Run = fn(&mut World, &mut Host<'_>, &[String], &[u8]) -> Outcome;

/// What such a command is at.
#[derive(Clone, Debug, PartialEq)]
pub enum Gathering {
    Reading {
        argv: Vec<String>,
        stdin: Vec<u8>,
        run: Runner,
    },
    /// It has begun, and waits for something else now.
    Begun(Box<dyn Pending>),
}

/// How it begins. There is one such function, so two of them are the same.
#[derive(Clone, Copy, Debug)]
pub struct Runner(Run);

impl PartialEq for Runner {
    fn eq(&self, _: &Runner) -> bool {
        true
    }
}

impl Gathering {
    pub fn new(argv: &[String], run: Run) -> Gathering {
        Gathering::Reading { argv: argv.to_vec(), stdin: Vec::new(), run: Runner(run) }
    }
}

impl Pending for Gathering {
    fn poll(&mut self, world: &mut World, host: &mut Host<'_>, input: Input, output: &mut Output) -> Poll {
        let (argv, stdin, run) = match self {
            Gathering::Begun(pending) => return pending.poll(world, host, input, output),
            Gathering::Reading { argv, stdin, run } => (argv, stdin, run),
        };
        match input {
            Input::Bytes(bytes) => {
                stdin.extend(bytes);
                Poll::Going
            }
            Input::Wait => Poll::WantsInput,
            Input::End => match (run.0)(world, host, argv, stdin) {
                Outcome::Done(done) => {
                    *output = done;
                    Poll::Over
                }
                Outcome::Pending(mut pending, said) => {
                    *output = said;
                    let poll = pending.poll(world, host, Input::End, output);
                    *self = Gathering::Begun(pending);
                    poll
                }
            },
        }
    }

    fn wake(&self) -> Option<Instant> {
        self.begun().and_then(Pending::wake)
    }

    fn watches_cluster(&self) -> bool {
        self.begun().is_some_and(Pending::watches_cluster)
    }

    fn is_endless(&self) -> bool {
        self.begun().is_some_and(Pending::is_endless)
    }

    fn prompt(&self) -> String {
        self.begun().map_or_else(String::new, Pending::prompt)
    }

    fn interrupt(&mut self, world: &mut World) -> bool {
        match self {
            Gathering::Begun(pending) => pending.interrupt(world),
            Gathering::Reading { .. } => true,
        }
    }
}

impl Gathering {
    fn begun(&self) -> Option<&dyn Pending> {
        match self {
            Gathering::Begun(pending) => Some(&**pending),
            Gathering::Reading { .. } => None,
        }
    }
}
