//! logs: what containers wrote. Models kubectl/pkg/cmd/logs and polymorphichelpers/logsforobject.go.

use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Pending, Poll};
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::containers;
use crate::commands::kubectl::request::pods;
use crate::kinds;
use crate::machine::process::Input;
use crate::runtime::Line;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, at, str_at};
use crate::values::status::Status;
use crate::world::{ClusterView, World};
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
    /// How many entries of the log were shown, where it is followed.
    seen: u64,
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
    /// Bytes; 0: all.
    limit: usize,
}

impl Window {
    fn of(invocation: &Invocation<'_, '_>) -> Window {
        let default = if invocation.args.given("selector") { SELECTED_TAIL } else { -1 };
        let since = invocation.args.duration("since").filter(|since| *since > Duration::ZERO);
        let since = since.map(|since| Instant(invocation.now().0.saturating_sub(since.0)));
        Window {
            tail: invocation.args.int("tail").unwrap_or(default),
            since: since.or_else(|| Instant::parse(invocation.args.text("since-time"))),
            timestamps: invocation.args.on("timestamps"),
            limit: invocation.args.int("limit-bytes").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(0),
        }
    }
}

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    let selecting = invocation.args.given("selector");
    match words.len() {
        0 if !selecting => return Err(Failure::usage(USAGE)),
        1 if selecting => return Err(Failure::usage("only a selector (-l) or a POD name is allowed")),
        0 | 1 => {}
        2 => {}
        _ => return Err(Failure::usage(USAGE)),
    }
    let chosen =
        if selecting { invocation.listed(kinds::def("Pod"), Some(&invocation.namespace()))? } else { vec![logged_pod(invocation, &words[0])?] };
    if chosen.is_empty() {
        let namespace = invocation.namespace();
        invocation.output.warn(&format!("No resources found in {namespace} namespace."));
        return Ok(None);
    }
    check_flags(invocation, words.len())?;
    let mut streams = Vec::new();
    for pod in &chosen {
        for container in wanted_containers(invocation, pod, words.get(1))? {
            let prefix = if invocation.args.on("prefix") { format!("[pod/{}/{container}] ", pod.name()) } else { String::new() };
            let key = ObjectKey::new("Pod", pod.namespace(), pod.name());
            streams.push(Stream { pod: key, container, prefix, seen: 0 });
        }
    }
    let window = Window::of(invocation);
    let previous = invocation.args.on("previous");
    for stream in &mut streams {
        let text = read(invocation.cluster.view(), stream, previous, &window)?;
        invocation.output.out(&text);
    }
    if invocation.args.on("follow") && !previous {
        return Ok(Some(Box::new(Follow { streams, timestamps: window.timestamps })));
    }
    Ok(None)
}

/// Flags that exclude each other, and numbers out of range. Models Validate.
fn check_flags(invocation: &Invocation<'_, '_>, words: usize) -> Result<(), Failure> {
    let args = &invocation.args;
    let since = args.given("since") && args.duration("since") != Some(Duration::ZERO);
    if !args.text("since-time").is_empty() && since {
        return Err(Failure::plain("at most one of `sinceTime` or `sinceSeconds` may be specified"));
    }
    if args.on("all-containers") && !args.text("container").is_empty() {
        return Err(Failure::plain(format!("--all-containers=true should not be specified with container name {}", args.text("container"))));
    }
    if args.given("container") && words == 2 {
        return Err(Failure::plain("only one of -c or an inline [CONTAINER] arg is allowed"));
    }
    if args.int("limit-bytes").is_some_and(|limit| limit < 0) {
        return Err(Failure::plain("--limit-bytes must be greater than 0"));
    }
    if args.int("tail").is_some_and(|tail| tail < -1) {
        return Err(Failure::plain("--tail must be greater than or equal to -1"));
    }
    Ok(())
}

/// The pod of `POD` or `TYPE/NAME`; says which where there are several.
fn logged_pod(invocation: &mut Invocation<'_, '_>, word: &str) -> Result<Rc<Object>, Failure> {
    let object = match invocation.pod_or_owner(word) {
        Err(Failure::Server(status, _)) if status.is_not_found() => {
            return Err(Failure::plain(format!("error from server (NotFound): {} in namespace {:?}", status.message, invocation.namespace())));
        }
        other => other?,
    };
    if object.kind() == "Pod" {
        return Ok(object);
    }
    let go_type = format!("*v1.{}", object.kind());
    if object.kind() == "Service" && object.map(&["spec", "selector"]).is_none_or(|selector| selector.is_empty()) {
        let why = format!("invalid service '{}': Service is defined without a selector", object.name());
        return Err(Failure::plain(format!("cannot get the logs from {go_type}: {why}")));
    }
    let Some(found) = pods::pods_of(invocation.cluster, &object) else {
        return Err(Failure::plain(format!("cannot get the logs from {go_type}: selector for {go_type} not implemented")));
    };
    let Some(first) = found.first().cloned() else { return Err(Failure::plain("timed out waiting for the condition")) };
    if found.len() > 1 {
        invocation.output.warn(&format!("Found {} pods, using pod/{}", found.len(), first.name()));
    }
    Ok(first)
}

fn wanted_containers(invocation: &mut Invocation<'_, '_>, pod: &Object, word: Option<&String>) -> Result<Vec<String>, Failure> {
    let named = invocation.args.value("container").filter(|name| !name.is_empty()).or(word.map(String::as_str)).map(str::to_owned);
    if invocation.args.on("all-containers") {
        return Ok(pods::all_containers(pod));
    }
    match named {
        Some(name) if pods::has_container(pod, &name) => Ok(vec![name]),
        Some(name) => Err(Failure::plain(format!("container {name} is not valid for pod {}", pod.name()))),
        None => Ok(vec![pods::default_container(pod, false, &mut invocation.output)]),
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

/// The container before one that has ended: only the last dead one of a name is kept.
fn removed_container(pod: &Object, container: &str) -> Option<String> {
    let status = pods::container_status(pod, container)?;
    at(status, &["state", "terminated"])?;
    at(status, &["lastState", "terminated", "containerID"]).and_then(|id| id.as_str()).map(str::to_owned)
}

/// The text of a log; remembers how many lines there are.
fn read(cluster: ClusterView<'_>, stream: &mut Stream, previous: bool, window: &Window) -> Result<String, Failure> {
    let pod = cluster.api.get(&stream.pod)?;
    if pod.str(&["spec", "nodeName"]).is_empty() {
        return Ok(String::new());
    }
    if previous && let Some(id) = removed_container(pod, &stream.container) {
        return Ok(format!("unable to retrieve container logs for {id}"));
    }
    if !previous && let Some(status) = waiting(pod, &stream.container) {
        return Err(status.into());
    }
    let Some(log) = containers::log(cluster, pod, &stream.container, previous) else {
        if previous {
            let text = format!("previous terminated container {:?} in pod {:?} not found", stream.container, pod.name());
            return Err(Status::bad_request(text).into());
        }
        // Of an evicted pod nothing is kept.
        let id = pods::container_status(pod, &stream.container).and_then(|status| at(status, &["state", "terminated", "containerID"])?.as_str());
        return Ok(id.map_or_else(String::new, |id| format!("unable to retrieve container logs for {id}")));
    };
    stream.seen = log.end();
    let mut shown: Vec<Line<'_>> = log.since(0).filter(|line| window.since.is_none_or(|since| line.at >= since)).collect();
    if let Ok(tail) = usize::try_from(window.tail) {
        shown.drain(..shown.len().saturating_sub(tail));
    }
    let mut text = shown_text(shown, &stream.prefix, window.timestamps);
    if window.limit > 0 {
        let end = (0..=window.limit.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
    }
    Ok(text)
}

/// Entries as they are shown: what stands before a line comes once, however many parts it has. Models logWriter of
/// k8s.io/kubelet's cri logs.
fn shown_text<'l>(entries: impl IntoIterator<Item = Line<'l>>, prefix: &str, timestamps: bool) -> String {
    let (mut text, mut begins) = (String::new(), true);
    for Line { at, text: entry, .. } in entries {
        if begins {
            text += prefix;
        }
        if begins && timestamps {
            text += &format!("{} ", at.rfc3339_micro().replace('Z', "000Z"));
        }
        text += entry;
        begins = entry.ends_with('\n');
    }
    text
}

impl Pending for Follow {
    fn poll(&mut self, world: &mut World, host: &mut Host<'_>, _: Input, output: &mut Output) -> Poll {
        let cluster = &mut world.connect(&host.cluster);
        let mut ended = true;
        for stream in &mut self.streams {
            let Ok(pod) = cluster.api.get(&stream.pod) else { continue };
            if let Some(log) = containers::log(cluster.view(), pod, &stream.container, false) {
                output.out(&shown_text(log.since(stream.seen), &stream.prefix, self.timestamps));
                stream.seen = log.end();
            }
            ended &= !pods::is_running(pod, &stream.container) && pods::container_status(pod, &stream.container).is_some();
        }
        if ended { Poll::Over } else { Poll::Going }
    }

    fn is_endless(&self) -> bool {
        true
    }
}
