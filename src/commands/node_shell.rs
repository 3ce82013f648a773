//! A shell or a command on a node: what ssh and docker exec start.

use super::cli::host::Host;
use super::cli::output::Output;
use super::cli::pending::{Outcome, Pending, Poll};
use crate::control::kubelet;
use crate::machine::disks::DiskId;
use crate::machine::kernel::{NoNetwork, Signal, System};
use crate::machine::process::{Input, Process, Progress};
use crate::machine::vfs::{MountTable, View};
use crate::values::clock::Instant;
use crate::values::object::Object;
use crate::world::{ClusterId, World};

/// A process on a node that is not over.
#[derive(Clone, Debug, PartialEq)]
struct NodeShell {
    process: Process,
    disk: DiskId,
    wake: Option<Instant>,
}

/// Starts a command on a node with a disk, or a shell where there is none. `no_input`: its standard input is closed.
pub fn start(disk: DiskId, argv: &[String], terminal: bool, no_input: bool) -> Outcome {
    let mut process = kubelet::node_process(argv, terminal);
    if no_input {
        process.give_input(None);
    }
    Outcome::Pending(Box::new(NodeShell { process, disk, wake: None }), Output::default())
}

/// The node of a name or an address, and its cluster.
pub fn node_of(world: &World, host: &str) -> Option<(ClusterId, String)> {
    let answers = |node: &Object| node.name() == host || node.list(&["status", "addresses"]).iter().any(|address| address["address"] == host);
    world.clusters().find_map(|(id, cluster)| {
        let node = cluster.api.list("Node", None).find(|node| answers(node))?;
        Some((id.clone(), node.name().to_owned()))
    })
}

impl Pending for NodeShell {
    fn poll(&mut self, world: &mut World, _: &mut Host<'_>, input: Input, output: &mut Output) -> Poll {
        match input {
            Input::Bytes(bytes) => self.process.give_input(Some(&bytes)),
            Input::End => self.process.give_input(None),
            Input::Wait => {}
        }
        let now = world.now();
        let mounts = MountTable::root(&self.disk);
        let files = View::new(&mut world.disks, &mounts, now);
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

    fn interrupt(&mut self, _: &mut World) -> bool {
        self.process.signal(Signal::Interrupt);
        self.process.exit_code().is_some()
    }
}
