//! What only the user's own machine has (ssh to a node, editors).

use crate::control::cluster::Cluster;
use crate::control::controllers::node_lifecycle;
use crate::control::kubelet;
use crate::kubectl::{Output, Poll};
use crate::machine::shell::{Call, Input, NoNetwork, Process, Progress, Signal, System};
use crate::machine::vfs::{MountTable, View};
use crate::values::clock::Instant;
use crate::values::object::ObjectKey;

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
    node: String,
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
        self.process.signal(Signal::Interrupt);
        self.process.exit_code().is_some()
    }

    pub fn poll(&mut self, cluster: &mut Cluster, input: Input) -> Poll {
        match input {
            Input::Bytes(bytes) => self.process.give_input(Some(&bytes)),
            Input::End => self.process.give_input(None),
            Input::Wait => {}
        }
        let now = cluster.now();
        let mounts = MountTable::root(&format!("node/{}", self.node));
        let files = View { disks: &mut cluster.disks, mounts: &mounts, now };
        let progress = self.process.step(&mut System { files, now, network: &mut NoNetwork });
        self.wake = if progress == Progress::Running { Some(now + self.process.pause()) } else { self.process.next_wake() };
        let mut output = Output { chunks: self.process.take_output(), ..Output::default() };
        let finished = match progress {
            Progress::Exited(code) => {
                output.code = code;
                true
            }
            _ => false,
        };
        Poll { output, finished, wants_input: progress == Progress::Reading }
    }
}

/// Starts a program of the user's machine.
pub fn start(cluster: &mut Cluster, call: &Call) -> Answer {
    let name = call.argv.first().map_or("", String::as_str);
    let mut output = Output::default();
    match name {
        "ssh" => return ssh(cluster, call),
        _ if CALLS.contains(&name) => {
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

/// Options of ssh that take a value.
const SSH_VALUES: [&str; 8] = ["-i", "-l", "-o", "-p", "-F", "-L", "-R", "-J"];

/// `ssh [USER@]NODE [COMMAND...]`: a shell on a node.
fn ssh(cluster: &mut Cluster, call: &Call) -> Answer {
    let mut words = call.argv[1..].iter();
    let mut target = None;
    while let Some(word) = words.next() {
        if SSH_VALUES.contains(&word.as_str()) {
            words.next();
        } else if !word.starts_with('-') {
            target = Some(word.clone());
            break;
        }
    }
    let fail = |text: String| Answer::Done(Output { code: 255, ..said(&text) });
    let Some(target) = target else { return fail("usage: ssh [USER@]NODE [COMMAND [ARGUMENT ...]]\n".to_owned()) };
    let node = target.rsplit('@').next().unwrap_or(&target).to_owned();
    if cluster.api.get(&ObjectKey::new("Node", "", &node)).is_err() {
        return fail(format!("ssh: Could not resolve hostname {node}: Name or service not known\n"));
    }
    let argv: Vec<String> = words.cloned().collect();
    if let [program, action, unit] = argv.join(" ").split_whitespace().collect::<Vec<_>>().as_slice()
        && matches!(*program, "systemctl" | "service")
    {
        return systemctl(cluster, &node, action, unit);
    }
    let terminal = argv.is_empty() && call.stdin_is_terminal;
    let mut process = kubelet::node_process(&argv, terminal);
    if !argv.is_empty() && call.stdin_is_terminal {
        process.give_input(None);
    }
    Answer::Running(Running { process, node, wake: None })
}

fn said(text: &str) -> Output {
    let mut output = Output::default();
    output.err(text);
    output
}

/// Stops and starts a node's kubelet.
fn systemctl(cluster: &mut Cluster, node: &str, action: &str, unit: &str) -> Answer {
    let unit = unit.trim_end_matches(".service");
    let (action, unit) = if action == "kubelet" { (unit, action) } else { (action, unit) };
    if unit != "kubelet" {
        return Answer::Done(Output { code: 5, ..said(&format!("Unit {unit}.service could not be found.\n")) });
    }
    match action {
        "stop" => {
            node_lifecycle::last_heartbeat(&mut cluster.ctx(), node);
            cluster.runtime.stopped.insert_mut(node.to_owned());
        }
        "start" | "restart" => {
            cluster.runtime.stopped.remove_mut(node);
            cluster.rebuild_queue();
        }
        "status" | "is-active" => {
            let stopped = cluster.runtime.stopped.contains(node);
            let mut output = Output { code: if stopped { 3 } else { 0 }, ..Output::default() };
            output.out(if stopped { "inactive\n" } else { "active\n" });
            return Answer::Done(output);
        }
        _ => return Answer::Done(Output { code: 1, ..said(&format!("Unknown command verb '{action}'.\n")) }),
    }
    Answer::Done(Output::default())
}
