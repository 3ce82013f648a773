//! What kubectl asks of the kubelets: processes in containers, their logs, their files.

use crate::commands::kubectl::failure::Failure;
use crate::control::cluster::Cluster;
use crate::control::kubelet;
use crate::machine::kernel::Chunk;
use crate::machine::process::Process;
use crate::machine::vfs::{MountTable, ReadView, View};
use crate::runtime::{ContainerId, ExecId, Log, RuntimeId};
use crate::values::object::ObjectKey;
use crate::values::object::{Object, str_at};
use crate::world::{ClusterView, Connection};

/// How far a program in a container is.
pub enum ExecState {
    Going,
    /// It waits for a line.
    Reading,
    Ended(i32),
}

/// The address of a node whose kubelet does not answer.
fn unreachable_kubelet(cluster: &Cluster, pod: &Object) -> Option<String> {
    let node = pod.str(&["spec", "nodeName"]);
    if !cluster.kubelets.is_stopped(node) {
        return None;
    }
    let node = cluster.api.get(&ObjectKey::new("Node", "", node)).ok()?;
    let addresses = node.list(&["status", "addresses"]);
    addresses.iter().find(|address| str_at(address, &["type"]) == "InternalIP").map(|address| str_at(address, &["address"]).to_owned())
}

fn query(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => (byte as char).to_string(),
            b' ' => "+".to_owned(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// Starts a program in a running container.
/// # Errors
/// The container runtime's words.
pub fn start(cluster: &mut Connection<'_>, pod: &Object, container: &str, argv: &[String], stdin: bool, tty: bool) -> Result<ExecId, Failure> {
    if let Some(address) = unreachable_kubelet(cluster, pod) {
        let words: String = argv.iter().map(|word| format!("command={}&", query(word))).collect();
        let streams = match (stdin, tty) {
            (false, _) => "error=1&output=1",
            (true, false) => "error=1&input=1&output=1",
            (true, true) => "input=1&output=1&tty=1",
        };
        let path = format!("exec/{}/{}/{container}", pod.namespace(), pod.name());
        return Err(Failure::plain(format!(
            "Internal error occurred: error sending request: Post \"https://{address}:10250/{path}?{words}{streams}\": dial tcp {address}:10250: connect: connection refused"
        )));
    }
    match kubelet::start_exec(&mut cluster.ctx(), pod, container, argv, tty) {
        Ok(id) => Ok(id),
        Err((text, 127)) => {
            let id: String = cluster.api.rng.hex(64);
            Err(Failure::plain(format!(
                "Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec {id:?}: {text}"
            )))
        }
        Err((text, _)) => Err(Failure::plain(text)),
    }
}

/// Hands input to a program (`None` inside closes it), lets it go on and takes what it wrote.
pub fn turn(cluster: &mut Connection<'_>, id: ExecId, input: Option<Option<&[u8]>>) -> (Vec<Chunk>, ExecState) {
    let now = cluster.now();
    let Some(exec) = cluster.world.runtimes.exec_mut(id) else { return (Vec::new(), ExecState::Ended(137)) };
    if let Some(bytes) = input {
        exec.process.give_input(bytes);
    }
    let (runtime, container) = (exec.runtime, exec.container.clone());
    cluster.world.runtimes.poke_exec(id, now);
    cluster.world.run_processes();
    let running = cluster.world.runtimes.container(runtime, &container).is_some_and(|container| container.is_running());
    let Some(exec) = cluster.world.runtimes.exec_mut(id) else { return (Vec::new(), ExecState::Ended(137)) };
    let chunks = exec.process.take_output();
    let state = match exec.process.exit_code() {
        Some(code) => ExecState::Ended(code),
        None if !running => ExecState::Ended(137),
        None if exec.process.reads_terminal() => ExecState::Reading,
        None => ExecState::Going,
    };
    if matches!(state, ExecState::Ended(_)) {
        cluster.world.runtimes.end_exec(id);
    }
    (chunks, state)
}

/// A container's log, that of its run before this one with `previous`. `None`: there is no such run.
pub fn log<'a>(cluster: ClusterView<'a>, pod: &Object, container: &str, previous: bool) -> Option<&'a Log> {
    let (known, runtimes) = (cluster.cluster().kubelets.pod(pod.uid())?, &cluster.world.runtimes);
    let found = if previous { known.previous(runtimes, container) } else { known.container(runtimes, container)?.container };
    found.map(|container| &container.log)
}

/// What the runtime calls a container of a pod.
fn name_of(cluster: &Cluster, pod: &Object, container: &str) -> Option<(RuntimeId, ContainerId)> {
    let known = cluster.kubelets.pod(pod.uid())?;
    Some((known.runtime, known.containers.get(container)?.current.clone()?))
}

fn main_process<'a>(cluster: ClusterView<'a>, pod: &Object, container: &str) -> Option<&'a Process> {
    let (runtime, id) = name_of(cluster.cluster(), pod, container)?;
    cluster.world.runtimes.container(runtime, &id)?.process()
}

/// Bytes for the main program's standard input; `None` closes it.
pub fn type_into(cluster: &mut Connection<'_>, pod: &Object, container: &str, bytes: Option<&[u8]>) {
    let now = cluster.now();
    if let Some((runtime, id)) = name_of(cluster, pod, container) {
        if let Some(process) = cluster.world.runtimes.attach(runtime, &id) {
            process.give_input(bytes);
        }
        cluster.world.runtimes.poke(runtime, &id, now);
    }
    cluster.world.run_processes();
}

/// Whether the main program waits for a line.
pub fn reads(cluster: ClusterView<'_>, pod: &Object, container: &str) -> bool {
    main_process(cluster, pod, container).is_some_and(|process| process.reads_terminal())
}

/// The prompt of the main program.
pub fn prompt(cluster: ClusterView<'_>, pod: &Object, container: &str) -> String {
    main_process(cluster, pod, container).map_or_else(String::new, |process| process.prompt())
}

/// What is mounted in a running container.
fn mounts<'a>(cluster: ClusterView<'a>, pod: &Object, container: &str) -> Option<&'a MountTable> {
    let found = cluster.cluster().kubelets.container(&cluster.world.runtimes, pod.uid(), container)?;
    Some(&found.container?.mounts)
}

/// The files that a running container sees, to read.
pub fn files<'a>(cluster: ClusterView<'a>, pod: &Object, container: &str) -> Option<ReadView<'a>> {
    Some(ReadView::new(&cluster.world.disks, mounts(cluster, pod, container)?))
}

/// Changes the files that a running container sees.
pub fn change_files<T>(cluster: &mut Connection<'_>, pod: &Object, container: &str, change: impl FnOnce(&mut View<'_>) -> T) -> Option<T> {
    let mounts = mounts(cluster.view(), pod, container)?.clone();
    let now = cluster.now();
    Some(change(&mut View::new(&mut cluster.world.disks, &mounts, now)))
}
