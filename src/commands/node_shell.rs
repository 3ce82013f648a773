//! A shell or a command on a node: what ssh and docker exec start.

use super::cli::host::Host;
use super::cli::output::Output;
use super::cli::pending::{Outcome, Pending, Poll};
use crate::control::cluster::Cluster;
use crate::control::kubelet;
use crate::machine::kernel::{NoNetwork, Signal, System};
use crate::machine::process::{Input, Process, Progress};
use crate::machine::vfs::{MountTable, View};
use crate::values::clock::Instant;
use crate::values::object::Object;

/// A process on a node that is not over.
#[derive(Clone, Debug, PartialEq)]
struct NodeShell {
    process: Process,
    node: String,
    wake: Option<Instant>,
}

/// Starts a command on a node, or a shell where there is none. `no_input`: its standard input is closed.
pub fn start(node: String, argv: &[String], terminal: bool, no_input: bool) -> Outcome {
    let mut process = kubelet::node_process(argv, terminal);
    if no_input {
        process.give_input(None);
    }
    Outcome::Pending(Box::new(NodeShell { process, node, wake: None }), Output::default())
}

/// The node of a name or an address.
pub fn node_of(cluster: &Cluster, host: &str) -> Option<String> {
    let answers = |node: &Object| node.name() == host || node.list(&["status", "addresses"]).iter().any(|address| address["address"] == host);
    cluster.api.list("Node", None).find(|node| answers(node)).map(|node| node.name().to_owned())
}

impl Pending for NodeShell {
    fn poll(&mut self, cluster: &mut Cluster, _: &mut Host<'_>, input: Input, output: &mut Output) -> Poll {
        match input {
            Input::Bytes(bytes) => self.process.give_input(Some(&bytes)),
            Input::End => self.process.give_input(None),
            Input::Wait => {}
        }
        let now = cluster.now();
        let mounts = MountTable::root(&format!("node/{}", self.node));
        let files = View::new(&mut cluster.disks, &mounts, now);
        let progress = self.process.step(&mut System { files, now, network: &mut NoNetwork });
        self.wake = if progress == Progress::Running { Some(now + self.process.pause()) } else { self.process.next_wake() };
        output.chunks.extend(self.process.take_output());
        match progress {
            Progress::Exited(code) => {
                output.code = code;
                Poll::Over
            }
            Progress::Reading => Poll::WantsInput,
            _ => Poll::Going,
        }
    }

    fn wake(&self) -> Option<Instant> {
        self.wake
    }

    fn watches_cluster(&self) -> bool {
        false
    }

    fn prompt(&self) -> String {
        self.process.prompt()
    }

    fn interrupt(&mut self, _: &mut Cluster) -> bool {
        self.process.signal(Signal::Interrupt);
        self.process.exit_code().is_some()
    }
}
