//! logs: what containers wrote. Models kubectl/pkg/cmd/logs and polymorphichelpers/logsforobject.go.

use super::foreground::{Foreground, Step, Task};
use super::{Command, Failure, Output, Ran, containers, pods};
use crate::control::cluster::Cluster;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, at, str_at};
use crate::values::status::Status;
use std::rc::Rc;

const USAGE: &str = "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command";
/// Lines a pod where a selector chooses it.
const SELECTED_TAIL: i64 = 10;

/// One container's log that is shown.
#[derive(Clone, Debug, PartialEq)]
struct Stream {
    pod: ObjectKey,
    container: String,
    /// Before each line; empty: nothing.
    prefix: String,
    /// Lines shown already, where it is followed.
    seen: usize,
}

/// `logs -f`.
#[derive(Clone, Debug, PartialEq)]
pub struct Follow {
    streams: Vec<Stream>,
    timestamps: bool,
}

/// What of a log is shown.
struct Window {
    tail: i64,
    since: Option<Instant>,
    timestamps: bool,
}

impl Window {
    fn of(command: &Command<'_, '_>) -> Window {
        let default = if command.args.given("selector") { SELECTED_TAIL } else { -1 };
        let since = command.args.duration("since").filter(|since| *since > Duration::ZERO);
        let since = since.map(|since| Instant(command.now().0.saturating_sub(since.0)));
        Window {
            tail: command.args.int("tail").unwrap_or(default),
            since: since.or_else(|| Instant::parse(command.args.text("since-time"))),
            timestamps: command.args.on("timestamps"),
        }
    }
}

pub fn run(command: &mut Command<'_, '_>) -> Ran {
    let words = command.words();
    let selecting = command.args.given("selector");
    match words.len() {
        0 if !selecting => return Err(Failure::usage(USAGE)),
        1 if selecting => return Err(Failure::usage("only a selector (-l) or a POD name is allowed")),
        0 | 1 => {}
        2 => {}
        _ => return Err(Failure::usage(USAGE)),
    }
    let chosen =
        if selecting { command.listed(crate::kinds::def("Pod"), Some(&command.namespace()))? } else { vec![logged_pod(command, &words[0])?] };
    if chosen.is_empty() {
        let namespace = command.namespace();
        command.output.warn(&format!("No resources found in {namespace} namespace."));
        return Ok(None);
    }
    let mut streams = Vec::new();
    for pod in &chosen {
        for container in wanted_containers(command, pod, words.get(1))? {
            let prefix = if command.args.on("prefix") { format!("[pod/{}/{container}] ", pod.name()) } else { String::new() };
            let key = ObjectKey::new("Pod", pod.namespace(), pod.name());
            streams.push(Stream { pod: key, container, prefix, seen: 0 });
        }
    }
    let window = Window::of(command);
    let previous = command.args.on("previous");
    for stream in &mut streams {
        let text = read(command.cluster, stream, previous, &window)?;
        command.output.out(&text);
    }
    if command.args.on("follow") && !previous {
        return Ok(Some(Foreground::new(Task::Logs(Follow { streams, timestamps: window.timestamps }))));
    }
    Ok(None)
}

/// The pod of `POD` or `TYPE/NAME`; says which where there are several.
fn logged_pod(command: &mut Command<'_, '_>, word: &str) -> Result<Rc<Object>, Failure> {
    let object = match command.pod_or_owner(word) {
        Err(Failure::Server(status, _)) if status.is_not_found() && !word.contains('/') => {
            return Err(Failure::plain(format!("error from server (NotFound): {} in namespace {:?}", status.message, command.namespace())));
        }
        other => other?,
    };
    if object.kind() == "Pod" {
        return Ok(object);
    }
    let go_type = format!("*v1.{}", object.kind());
    let Some(found) = pods::pods_of(command.cluster, &object) else {
        return Err(Failure::plain(format!("cannot get the logs from {go_type}: selector for {go_type} not implemented")));
    };
    let Some(first) = found.first().cloned() else { return Err(Failure::plain("timed out waiting for the condition")) };
    if found.len() > 1 {
        command.output.warn(&format!("Found {} pods, using pod/{}", found.len(), first.name()));
    }
    Ok(first)
}

fn wanted_containers(command: &mut Command<'_, '_>, pod: &Object, word: Option<&String>) -> Result<Vec<String>, Failure> {
    let named = command.args.value("container").filter(|name| !name.is_empty()).or(word.map(String::as_str)).map(str::to_owned);
    if command.args.on("all-containers") {
        return Ok(pods::all_containers(pod));
    }
    match named {
        Some(name) if pods::has_container(pod, &name) => Ok(vec![name]),
        Some(name) => Err(Failure::plain(format!("container {name} is not valid for pod {}", pod.name()))),
        None => Ok(vec![pods::default_container(pod, false, &mut command.output)]),
    }
}

/// Why a container has no log yet, in the server's words.
fn waiting(pod: &Object, container: &str) -> Option<Status> {
    let status = pods::container_status(pod, container)?;
    let reason = str_at(status, &["state", "waiting", "reason"]);
    if at(status, &["state", "waiting"]).is_none() || at(status, &["lastState", "terminated"]).is_some() {
        return None;
    }
    let why = match reason {
        "ErrImagePull" => "image can't be pulled",
        "ImagePullBackOff" => "trying and failing to pull image",
        "" => "ContainerCreating",
        other => other,
    };
    Some(Status::bad_request(format!("container {container:?} in pod {:?} is waiting to start: {why}", pod.name())))
}

/// The text of a log; remembers how many lines there are.
fn read(cluster: &Cluster, stream: &mut Stream, previous: bool, window: &Window) -> Result<String, Failure> {
    let pod = cluster.api.get(&stream.pod)?;
    if pod.str(&["spec", "nodeName"]).is_empty() {
        return Ok(String::new());
    }
    if !previous && let Some(status) = waiting(pod, &stream.container) {
        return Err(status.into());
    }
    let Some(lines) = containers::log(cluster, pod, &stream.container, previous) else {
        if previous {
            let text = format!("previous terminated container {:?} in pod {:?} not found", stream.container, pod.name());
            return Err(Status::bad_request(text).into());
        }
        return Ok(String::new());
    };
    stream.seen = lines.len();
    let mut shown: Vec<&(Instant, String)> = lines.iter().filter(|(time, _)| window.since.is_none_or(|since| *time >= since)).collect();
    if let Ok(tail) = usize::try_from(window.tail) {
        shown.drain(..shown.len().saturating_sub(tail));
    }
    Ok(shown.into_iter().map(|line| line_text(line, &stream.prefix, window.timestamps)).collect())
}

fn line_text((time, text): &(Instant, String), prefix: &str, timestamps: bool) -> String {
    let stamp = if timestamps { format!("{} ", time.rfc3339_micro().replace('Z', "000Z")) } else { String::new() };
    format!("{prefix}{stamp}{text}")
}

impl Follow {
    pub fn poll(&mut self, cluster: &Cluster, output: &mut Output) -> Step {
        let mut over = true;
        for stream in &mut self.streams {
            let Ok(pod) = cluster.api.get(&stream.pod) else { continue };
            let lines = containers::log(cluster, pod, &stream.container, false).unwrap_or_default();
            for line in lines.iter().skip(stream.seen) {
                output.out(&line_text(line, &stream.prefix, self.timestamps));
            }
            stream.seen = lines.len();
            over &= !pods::is_running(pod, &stream.container) && pods::container_status(pod, &stream.container).is_some();
        }
        if over { Step::Done(Ok(())) } else { Step::Going }
    }
}
