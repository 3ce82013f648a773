//! What only the user's own machine has (ssh to a node, docker exec into one), and what it says of programs that are not simulated.

use crate::commands::kubectl::{Output, Poll};
use crate::control::cluster::Cluster;
use crate::control::controllers::node_lifecycle;
use crate::control::kubelet;
use crate::machine;
use crate::machine::shell::builtins::BUILTINS;
use crate::machine::shell::{Call, Input, NoNetwork, Process, Progress, Signal, System};
use crate::machine::vfs::{MountTable, View};
use crate::values::clock::Instant;
use crate::values::object::Object;

/// The commands of the console that the session answers.
pub const CALLS: &[&str] = &[
    "aws",
    "docker",
    "eksctl",
    "gcloud",
    "helm",
    "help",
    "k3d",
    "k9s",
    "kind",
    "kops",
    "kubectl",
    "minikube",
    "nano",
    "ssh",
    "ssh-add",
    "ssh-agent",
    "vi",
    "vim",
];

/// What the course may ask for and what to do here instead.
const INSTEAD: &[(&str, &str)] = &[
    ("docker", "the nodes are reached by ssh NODE, or docker exec NODE COMMAND"),
    ("nano", "use the editor, or cat > FILE"),
    ("ssh-add", "ssh needs no key here"),
    ("ssh-agent", "ssh needs no key here"),
    ("vi", "use the editor, or cat > FILE"),
    ("vim", "use the editor, or cat > FILE"),
];

/// Whether a command of `CALLS` does what its name says.
pub fn is_simulated(name: &str) -> bool {
    matches!(name, "docker" | "help" | "kubectl" | "ssh")
}

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
        let files = View::new(&mut cluster.disks, &mounts, now);
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
        "help" => output.out(&help()),
        "ssh" => return ssh(cluster, call),
        "docker" if call.argv.get(1).is_some_and(|word| word == "exec") => return docker_exec(cluster, call),
        _ if CALLS.contains(&name) => {
            let instead = INSTEAD.iter().find(|(known, _)| *known == name).map_or(String::new(), |(_, instead)| format!(" ({instead})"));
            output.err(&format!("not simulated here: {name}{instead}\n"));
            output.code = 1;
        }
        _ => {
            output.err(&format!("bash: {name}: command not found\n"));
            output.code = 127;
        }
    }
    Answer::Done(output)
}

/// What there is in the console.
#[inline(never)]
fn help() -> String {
    let builtins: Vec<&str> = BUILTINS.iter().map(|builtin| builtin.name).collect();
    let lists = [("The shell itself:", builtins), ("Programs:", machine::programs::names())];
    let lists = lists.map(|(title, names)| format!("\n{title}\n{}", wrapped(&names)));
    format!("{HELP}{}", lists.concat())
}

const HELP: &str = "kubectl             the cluster: kubectl help lists its commands, kubectl explain KIND tells of fields
ssh NODE [COMMAND]  a shell or a command on a node; docker exec NODE COMMAND does the same
Tab completes, the arrow keys and Ctrl-R find earlier commands, Ctrl-C stops one, Ctrl-D ends its input.
";

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

/// Options of ssh that take a value.
const SSH_VALUES: [&str; 8] = ["-i", "-l", "-o", "-p", "-F", "-L", "-R", "-J"];

/// `ssh [USER@]NODE [COMMAND...]`: a shell on a node.
#[inline(never)]
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
    let host = target.rsplit('@').next().unwrap_or(&target);
    let Some(node) = node_of(cluster, host) else {
        return fail(if host.starts_with(|c: char| c.is_ascii_digit()) {
            format!("ssh: connect to host {host} port 22: No route to host\n")
        } else {
            format!("ssh: Could not resolve hostname {host}: Name or service not known\n")
        });
    };
    let argv: Vec<String> = words.cloned().collect();
    if let [program, action, unit] = argv.join(" ").split_whitespace().collect::<Vec<_>>().as_slice()
        && matches!(*program, "systemctl" | "service")
    {
        return systemctl(cluster, &node, action, unit);
    }
    let terminal = argv.is_empty() && call.stdin_is_terminal;
    on_node(node, &argv, terminal, call.stdin_is_terminal && !terminal)
}

/// The node of a name or an address.
fn node_of(cluster: &Cluster, host: &str) -> Option<String> {
    let answers = |node: &Object| node.name() == host || node.list(&["status", "addresses"]).iter().any(|address| address["address"] == host);
    cluster.api.list("Node", None).find(|node| answers(node)).map(|node| node.name().to_owned())
}

/// A shell on a node, or a command in one.
fn on_node(node: String, argv: &[String], terminal: bool, no_input: bool) -> Answer {
    let mut process = kubelet::node_process(argv, terminal);
    if no_input {
        process.give_input(None);
    }
    Answer::Running(Running { process, node, wake: None })
}

/// `docker exec [-it] NODE COMMAND...`: a k3d or kind node is a container of docker.
#[inline(never)]
fn docker_exec(cluster: &mut Cluster, call: &Call) -> Answer {
    let flags = call.argv[2..].iter().take_while(|word| word.starts_with('-')).count();
    let (flags, words) = call.argv[2..].split_at(flags);
    let given = |letter: char, long: &str| flags.iter().any(|flag| flag == long || !flag.starts_with("--") && flag.contains(letter));
    let [target, argv @ ..] = words else { return Answer::Done(Output { code: 1, ..said(DOCKER_EXEC_USAGE) }) };
    if argv.is_empty() {
        return Answer::Done(Output { code: 1, ..said(DOCKER_EXEC_USAGE) });
    }
    let Some(node) = node_of(cluster, target) else {
        return Answer::Done(Output { code: 1, ..said(&format!("Error response from daemon: No such container: {target}\n")) });
    };
    let terminal = given('t', "--tty");
    if terminal && !call.stdin_is_terminal {
        return Answer::Done(Output { code: 1, ..said("the input device is not a TTY\n") });
    }
    on_node(node, argv, terminal, !given('i', "--interactive"))
}

const DOCKER_EXEC_USAGE: &str = "docker: 'docker exec' requires at least 2 arguments\n\nUsage:  docker exec [OPTIONS] CONTAINER COMMAND [ARG...]\n\nSee 'docker exec --help' for more information\n";

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
