//! What only the user's own machine has (ssh to a node, editors).

use crate::control::cluster::Cluster;
use crate::kubectl::{Output, Poll};
use crate::machine::shell::{Call, Input, Process};
use crate::values::clock::Instant;

/// The commands of the console that the session answers.
pub const CALLS: &[&str] = &["aws", "docker", "helm", "k3d", "kind", "kubectl", "minikube", "nano", "ssh", "vi", "vim"];

/// What a program came to.
pub enum Answer {
    Done(Output),
    Running(Running),
}

/// A program that is not over: a shell on a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Running {
    process: Process,
    wake: Option<Instant>,
}

impl Running {
    pub fn wake(&self) -> Option<Instant> {
        self.wake
    }

    pub fn prompt(&self) -> String {
        self.process.prompt()
    }

    /// Ctrl-C; whether that ends it.
    pub fn interrupt(&mut self) -> bool {
        self.process.signal(crate::machine::shell::Signal::Interrupt);
        true
    }

    pub fn poll(&mut self, _cluster: &mut Cluster, _input: Input) -> Poll {
        Poll { output: Output { chunks: self.process.take_output(), ..Output::default() }, finished: true, wants_input: false }
    }
}

/// Starts a program of the user's machine.
pub fn start(_cluster: &mut Cluster, call: &Call) -> Answer {
    let name = call.argv.first().map_or("", String::as_str);
    let mut output = Output::default();
    match name {
        "vi" | "vim" | "nano" | "emacs" | "docker" | "k3d" | "kind" | "minikube" | "helm" | "aws" | "systemctl" | "curl" | "wget" => {
            output.err(&format!("not simulated here: {name}\n"));
            output.code = 1;
        }
        _ => {
            output.err(&format!("bash: {name}: command not found\n"));
            output.code = 127;
        }
    }
    Answer::Done(output)
}
