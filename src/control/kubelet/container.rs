//! One container: pull, create, start, end, back off, start again.
//!
//! Models pkg/kubelet/kuberuntime/kuberuntime_container.go and pkg/kubelet/images/image_manager.go.

use super::status::BACKOFF_SHOWN;
use super::{Waker, environment, grace_period, has_image, hooks, name_of, source, volume_manager};
use crate::apiserver::events::{EventSource, EventType};
use crate::control::sync::{Action, Ctx};
use crate::machine::disks::{DiskId, Disks};
use crate::machine::images::{self, Entry, Image};
use crate::machine::programs::space;
use crate::machine::shell::{Chunk, Process, Profile, Signal, Stream};
use crate::machine::vfs::{FileSystem, MountTable, View};
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, Value};
use std::collections::BTreeMap;
use std::rc::Rc;

/// The first wait before a restart, doubled each time up to the longest.
const BACKOFF_FIRST: Duration = Duration::seconds(10);
const BACKOFF_LONGEST: Duration = Duration::seconds(300);
/// A run of this length forgives what was before.
const BACKOFF_RESET: Duration = Duration::seconds(600);
/// How long a first pull takes.
const PULL: Duration = Duration::millis(950);
/// Lines that a container's log keeps.
const LOG_LINES_MAX: usize = 10_000;
/// The longest line of a log, in bytes; what is longer is cut into pieces, as the runtime does.
const LOG_LINE_MAX: usize = 16 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Waiting,
    Running,
    Ended,
}

/// What a container wrote, line by line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Log {
    pub lines: Vec<LogLine>,
    open: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct LogLine {
    pub at: Instant,
    pub stream: Stream,
    /// Without its newline.
    pub text: String,
}

impl Log {
    pub fn write(&mut self, now: Instant, chunks: &[Chunk]) {
        for chunk in chunks {
            for byte in &chunk.bytes {
                if *byte == b'\n' || self.open.len() >= LOG_LINE_MAX {
                    let text = String::from_utf8_lossy(&std::mem::take(&mut self.open)).into_owned();
                    self.lines.push(LogLine { at: now, stream: chunk.stream, text });
                }
                if *byte != b'\n' {
                    self.open.push(*byte);
                }
            }
        }
        if self.lines.len() > LOG_LINES_MAX {
            self.lines.drain(..self.lines.len() - LOG_LINES_MAX);
        }
    }

    /// A line that is not ended yet, for the end of a container.
    fn close(&mut self, now: Instant) {
        if !self.open.is_empty() {
            let text = String::from_utf8_lossy(&std::mem::take(&mut self.open)).into_owned();
            self.lines.push(LogLine { at: now, stream: Stream::Stdout, text });
        }
    }
}

/// A container as its runtime knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    pub image: String,
    pub state: State,
    /// Why it waits: `ContainerCreating`, `CrashLoopBackOff`, … and the message.
    pub waiting: (String, String),
    /// 64 hexadecimal digits.
    pub id: String,
    pub disk: DiskId,
    pub mounts: Rc<MountTable>,
    pub environment: Rc<BTreeMap<String, String>>,
    pub working_directory: String,
    pub profile: Profile,
    /// `None` for a server of the image's own.
    pub process: Option<Process>,
    pub started: Option<Instant>,
    pub finished: Option<Instant>,
    pub code: i32,
    /// `Error`, `Completed`, `StartError`.
    pub reason: String,
    pub message: String,
    pub restarts: u32,
    /// The run before: id, code, reason, message, started, finished.
    pub last: Option<Box<Container>>,
    pub log: Log,
    pub previous_log: Option<Log>,
    /// Output that an attached terminal has not taken yet.
    pub attached: Vec<Chunk>,
    /// Where a pull or a restart waits until.
    pub wait_until: Instant,
    pub backoff: Duration,
    /// The runtime looks for its image.
    pulling: bool,
    pulled: bool,
    /// Its image in the pod was changed: it is killed at this time at the latest, and started anew whatever the restart policy.
    replaced_by: Option<Instant>,
    pub ready: bool,
    pub startup_passed: bool,
    /// Of probes: successes (positive) or failures (negative) in a row, and when the next is due, by probe name.
    pub probes: BTreeMap<&'static str, (i32, Instant)>,
    server: bool,
}

impl Container {
    fn new(image: &str) -> Container {
        Container {
            image: image.to_owned(),
            state: State::Waiting,
            waiting: ("ContainerCreating".to_owned(), String::new()),
            id: String::new(),
            disk: String::new(),
            mounts: Rc::default(),
            environment: Rc::default(),
            working_directory: "/".to_owned(),
            profile: images::profile(image),
            process: None,
            started: None,
            finished: None,
            code: 0,
            reason: String::new(),
            message: String::new(),
            restarts: 0,
            last: None,
            log: Log::default(),
            previous_log: None,
            attached: Vec::new(),
            wait_until: Instant(0),
            backoff: Duration::ZERO,
            pulling: false,
            pulled: false,
            replaced_by: None,
            ready: false,
            startup_passed: false,
            probes: BTreeMap::new(),
            server: false,
        }
    }

    /// The process is over.
    pub fn end(&mut self, code: i32, now: Instant) {
        self.state = State::Ended;
        self.code = code;
        self.reason = if code == 0 { "Completed" } else { "Error" }.to_owned();
        self.finished = Some(now);
        self.ready = false;
        self.log.close(now);
    }

    /// TERM: a server ends at once, a shell with a trap runs it, everything else ignores it as PID 1 does.
    pub fn terminate(&mut self, now: Instant) {
        if self.server {
            self.end(0, now);
        } else if let Some(process) = &mut self.process {
            process.signal(Signal::Terminate);
        }
    }

    fn wait(&mut self, reason: &str, message: &str) {
        self.waiting = (reason.to_owned(), message.to_owned());
    }
}

/// What the runtime says of a command that is not there.
#[inline(never)]
pub fn not_executable(name: &str) -> String {
    let why = if name.contains('/') {
        format!("exec: {name:?}: stat {name}: no such file or directory")
    } else {
        format!("exec: {name:?}: executable file not found in $PATH")
    };
    format!("OCI runtime exec failed: exec failed: unable to start container process: {why}: unknown")
}

/// Makes a container of a pod get on: starts it, or starts it again when its time has come.
pub fn bring_on(ctx: &mut Ctx<'_>, pod: &Object, spec: &Value, list: &str, policy: &str) -> Option<Action> {
    let name = name_of(spec).to_owned();
    let image = spec["image"].as_str().unwrap_or("").to_owned();
    let now = ctx.now;
    let runtime = ctx.runtime.pods.get_mut(pod.uid())?;
    let container = runtime.containers.entry(name.clone()).or_insert_with(|| Container::new(&image));
    match container.state {
        State::Running => return replace_changed(ctx, pod, &name, &image, list),
        State::Ended if container.replaced_by.take().is_some() => {
            (container.state, container.pulled, container.wait_until, container.backoff) = (State::Waiting, false, now, Duration::ZERO);
        }
        State::Ended => {
            let again = policy == "Always" || (policy == "OnFailure" && container.code != 0);
            if !again {
                // The garbage collector keeps one dead container of a name: this one.
                (container.last, container.previous_log) = (None, None);
                return None;
            }
            // While the image is looked up again, the wait is behind it.
            if !container.pulling {
                back_off(ctx, pod, &name, list)?;
            }
        }
        State::Waiting => {}
    }
    let container = ctx.runtime.pods.get_mut(pod.uid())?.containers.get_mut(&name)?;
    if now < container.wait_until {
        let shown = container.finished.map(|finished| finished + BACKOFF_SHOWN).filter(|shown| *shown > now && container.state == State::Ended);
        let next = shown.map_or(container.wait_until, |shown| shown.min(container.wait_until));
        return Some(wait_for(next - now));
    }
    if let Some(action) = pull(ctx, pod, &name, &image, spec, list) {
        return Some(action);
    }
    start(ctx, pod, spec, &name, list)
}

/// Stops a running container whose image in the pod is another one now. `Some`: it goes on for a while.
#[inline(never)]
fn replace_changed(ctx: &mut Ctx<'_>, pod: &Object, name: &str, image: &str, list: &str) -> Option<Action> {
    let now = ctx.now;
    let container = ctx.runtime.pods.get_mut(pod.uid())?.containers.get_mut(name)?;
    if container.image != image {
        container.image = image.to_owned();
        container.replaced_by = Some(now + grace_period(pod));
        container.terminate(now);
        let message = format!("Container {name} definition changed, will be restarted");
        ctx.api.event(pod, source(pod, Some((list, name))), EventType::Normal, "Killing", &message);
        ctx.runtime.wake(now, Waker::Container(pod.uid().to_owned(), name.to_owned()));
    }
    let container = ctx.runtime.pods.get_mut(pod.uid())?.containers.get_mut(name)?;
    let end = container.replaced_by?;
    if container.state == State::Running && now < end {
        return Some(Action::RequeueAfter(end - now));
    }
    if container.state == State::Running {
        if let Some(process) = &mut container.process {
            process.signal(Signal::Kill);
        }
        container.end(137, now);
    }
    Some(Action::RequeueAfter(Duration::ZERO))
}

/// Waits of more than a moment are no sign of an unsettled cluster.
fn wait_for(span: Duration) -> Action {
    if span > PULL { Action::Resync(span) } else { Action::RequeueAfter(span) }
}

/// Sets a container that ended to waiting for its next run; the first restart comes at once.
#[inline(never)]
fn back_off(ctx: &mut Ctx<'_>, pod: &Object, name: &str, list: &str) -> Option<()> {
    let now = ctx.now;
    let container = ctx.runtime.pods.get_mut(pod.uid())?.containers.get_mut(name)?;
    let (started, finished) = (container.started.unwrap_or(now), container.finished.unwrap_or(now));
    if finished - started >= BACKOFF_RESET {
        container.backoff = Duration::ZERO;
    }
    let wait = container.backoff;
    if now < finished + wait {
        if container.waiting.0 != "CrashLoopBackOff" {
            let seconds = wait.as_seconds();
            let full = format!("{name} pod={}_{}({})", pod.name(), pod.namespace(), pod.uid());
            container.wait("CrashLoopBackOff", &format!("back-off {} restarting failed container={full}", minutes(seconds)));
            let message = format!("Back-off restarting failed container {name} in pod {}_{}({})", pod.name(), pod.namespace(), pod.uid());
            ctx.api.event(pod, source(pod, Some((list, name))), EventType::Warning, "BackOff", &message);
        }
        let container = ctx.runtime.pods.get_mut(pod.uid())?.containers.get_mut(name)?;
        container.wait_until = finished + wait;
        return Some(());
    }
    container.backoff = if wait == Duration::ZERO { BACKOFF_FIRST } else { Duration((wait.0 * 2).min(BACKOFF_LONGEST.0)) };
    Some(())
}

/// `10s`, `1m20s`, `5m0s`: a Go duration.
fn minutes(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds}s") } else { format!("{}m{}s", seconds / 60, seconds % 60) }
}

/// Gets the image; `Some`: it is not there yet.
fn pull(ctx: &mut Ctx<'_>, pod: &Object, name: &str, image: &str, spec: &Value, list: &str) -> Option<Action> {
    let now = ctx.now;
    let node = pod.str(&["spec", "nodeName"]).to_owned();
    let event_source = source(pod, Some((list, name)));
    let policy = spec["imagePullPolicy"].as_str().unwrap_or("IfNotPresent");
    let present = has_image(ctx.runtime, &node, image);
    let container = ctx.runtime.pods.get_mut(pod.uid())?.containers.get_mut(name)?;
    if container.pulled {
        return None;
    }
    if present && policy != "Always" {
        container.pulled = true;
        ctx.api.event(pod, &event_source, EventType::Normal, "Pulled", &format!("Container image {image:?} already present on machine"));
        return None;
    }
    if policy == "Never" {
        container.wait("ErrImageNeverPull", &format!("Container image {image:?} is not present with pull policy of Never"));
        container.wait_until = now + BACKOFF_FIRST;
        ctx.api.event(
            pod,
            &event_source,
            EventType::Warning,
            "ErrImageNeverPull",
            &format!("Container image {image:?} is not present with pull policy of Never"),
        );
        ctx.api.event(pod, &event_source, EventType::Warning, "Failed", "Error: ErrImageNeverPull");
        return Some(Action::Resync(BACKOFF_FIRST));
    }
    if !container.pulling {
        container.pulling = true;
        container.wait_until = now + if present { Duration::millis(300) } else { PULL };
        let wait = container.wait_until - now;
        ctx.api.event(pod, &event_source, EventType::Normal, "Pulling", &format!("Pulling image {image:?}"));
        return Some(Action::RequeueAfter(wait));
    }
    container.pulling = false;
    match images::find(image) {
        Some(row) => {
            container.pulled = true;
            container.wait("ContainerCreating", "");
            let (took, size) = if present { ("300ms", row.size) } else { ("950ms", row.size) };
            let message = format!("Successfully pulled image {image:?} in {took} ({took} including waiting). Image size: {size} bytes.");
            ctx.runtime.images.insert_mut((node, images::full_name(image)), ());
            ctx.api.event(pod, &event_source, EventType::Normal, "Pulled", &message);
            None
        }
        None => {
            let why = not_pulled(image);
            container.backoff =
                if container.backoff == Duration::ZERO { BACKOFF_FIRST } else { Duration((container.backoff.0 * 2).min(BACKOFF_LONGEST.0)) };
            let wait = container.backoff;
            container.wait_until = now + wait;
            container.wait("ImagePullBackOff", &format!("Back-off pulling image {image:?}: ErrImagePull: {why}"));
            ctx.api.event(pod, &event_source, EventType::Warning, "Failed", &format!("Failed to pull image {image:?}: {why}"));
            ctx.api.event(pod, &event_source, EventType::Warning, "Failed", "Error: ErrImagePull");
            ctx.api.event(pod, &event_source, EventType::Normal, "BackOff", &format!("Back-off pulling image {image:?}"));
            ctx.api.event(pod, &event_source, EventType::Warning, "Failed", "Error: ImagePullBackOff");
            Some(Action::Resync(wait))
        }
    }
}

/// Why an image cannot be pulled: there is no such tag, in containerd's words, or it is none of the images that are here.
#[inline(never)]
fn not_pulled(image: &str) -> String {
    let full = images::full_name(image);
    match images::by_name(image) {
        Some(_) => format!("rpc error: code = NotFound desc = failed to pull and unpack image {full:?}: failed to resolve image: {full}: not found"),
        None => format!("not simulated here: the image {full} (there are {})", images::names()),
    }
}

/// What a container needs is not there: it waits, and is tried again.
#[inline(never)]
fn not_configured(ctx: &mut Ctx<'_>, pod: &Object, name: &str, source: &EventSource, why: &str) -> Option<Action> {
    let container = ctx.runtime.pods.get_mut(pod.uid())?.containers.get_mut(name)?;
    container.wait("CreateContainerConfigError", why);
    container.wait_until = ctx.now + BACKOFF_FIRST;
    ctx.api.event(pod, source, EventType::Warning, "Failed", &format!("Error: {why}"));
    Some(Action::Resync(BACKOFF_FIRST))
}

/// Creates and starts a container; `Some`: it could not be.
fn start(ctx: &mut Ctx<'_>, pod: &Object, spec: &Value, name: &str, list: &str) -> Option<Action> {
    let now = ctx.now;
    let event_source = source(pod, Some((list, name)));
    let runtime = ctx.runtime.pod(pod.uid())?;
    let ip = runtime.ip.clone();
    let (environment, folder) = match environment::of_container(ctx.api, pod, spec, &ip) {
        Ok(found) => found,
        Err(why) => return not_configured(ctx, pod, name, &event_source, &why),
    };
    let image = images::find(spec["image"].as_str().unwrap_or(""))?;
    let restarts = ctx
        .runtime
        .container(pod.uid(), name)
        .map_or(0, |container| if container.started.is_some() { container.restarts + 1 } else { container.restarts });
    let disk = format!("container/{}/{name}/{restarts}", pod.uid());
    make_layer(ctx, &disk, image, pod, &ip);
    let mounts = match volume_manager::container_mounts(ctx, pod, spec, &disk, &environment) {
        Ok(mounts) => Rc::new(mounts),
        Err(why) => return not_configured(ctx, pod, name, &event_source, &why),
    };
    let id = ctx.api.rng.hex(64);
    let profile = images::profile(spec["image"].as_str().unwrap_or(""));
    let argv = command(spec, image, &environment);
    write_proc(ctx, &disk, spec, argv.as_deref().unwrap_or(&[image.name.to_owned()]), &environment, &mounts);
    let terminal = spec["tty"] == true;
    let mut view = View::new(ctx.disks, &mounts, now);
    let working_directory = spec["workingDir"].as_str().map_or(folder, str::to_owned);
    let _ = view.make_dirs(&working_directory);
    let missing = argv.as_ref().and_then(|argv| argv.first()).filter(|first| !Process::exists(&profile, first, &view)).cloned();
    let banner = if argv.is_none() { serve(&mut view, image, spec["image"].as_str().unwrap_or(""), &environment) } else { Ok(String::new()) };
    let container = ctx.runtime.pods.get_mut(pod.uid())?.containers.get_mut(name)?;
    if container.started.is_some() {
        ctx.disks.remove(&container.disk);
        let log = std::mem::take(&mut container.log);
        container.previous_log = Some(log);
        let mut last = container.clone();
        (last.last, last.previous_log, last.process, last.attached) = (None, None, None, Vec::new());
        container.last = Some(Box::new(last));
    }
    container.restarts = restarts;
    (container.id, container.disk, container.mounts, container.environment) = (id, disk, mounts, Rc::new(environment.clone()));
    (container.profile, container.working_directory) = (profile, working_directory.clone());
    (container.started, container.finished) = (Some(now), None);
    (container.probes, container.ready, container.startup_passed, container.pulled) = (BTreeMap::new(), false, false, false);
    container.wait("ContainerCreating", "");
    container.message = String::new();
    ctx.api.event(pod, &event_source, EventType::Normal, "Created", &format!("Created container: {name}"));
    let container = ctx.runtime.pods.get_mut(pod.uid())?.containers.get_mut(name)?;
    if let Some(first) = missing {
        let why = format!(
            "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: {}",
            not_executable(&first).trim_start_matches("OCI runtime exec failed: exec failed: unable to start container process: ")
        );
        container.end(128, now);
        (container.reason, container.message) = ("StartError".to_owned(), why.clone());
        ctx.api.event(pod, &event_source, EventType::Warning, "Failed", &format!("Error: {why}"));
        return Some(Action::RequeueAfter(Duration::ZERO));
    }
    match (argv, banner) {
        (Some(argv), _) => {
            container.server = false;
            container.process = Some(Process::start(&argv, profile, environment, &working_directory, terminal));
            if spec["stdin"] != true
                && let Some(process) = &mut container.process
            {
                process.give_input(None);
            }
            container.state = State::Running;
        }
        (None, Ok(banner)) => {
            container.server = true;
            container.process = None;
            container.state = State::Running;
            container.log.write(now, &[Chunk { stream: Stream::Stdout, bytes: banner.into_bytes() }]);
        }
        (None, Err(words)) => {
            container.log.write(now, &[Chunk { stream: Stream::Stderr, bytes: words.into_bytes() }]);
            container.end(1, now);
        }
    }
    ctx.api.event(pod, &event_source, EventType::Normal, "Started", &format!("Started container {name}"));
    hooks::post_start(ctx, pod, spec, list);
    let ended = ctx.runtime.container(pod.uid(), name).is_some_and(|container| container.state == State::Ended);
    ctx.runtime.wake(now, Waker::Container(pod.uid().to_owned(), name.to_owned()));
    ended.then_some(Action::RequeueAfter(Duration::ZERO))
}

/// What a container runs: the pod's command and args over the image's; `None`: the image's own server.
fn command(spec: &Value, image: &Image, environment: &BTreeMap<String, String>) -> Option<Vec<String>> {
    let list = |field: &str| -> Option<Vec<String>> {
        let words = spec[field].as_array().filter(|words| !words.is_empty())?;
        Some(words.iter().filter_map(Value::as_str).map(|word| environment::expand(word, environment)).collect())
    };
    match (list("command"), list("args"), image.entry) {
        (Some(mut command), args, _) => {
            command.extend(args.unwrap_or_default());
            Some(command)
        }
        (None, Some(args), Entry::Command(_)) => Some(args),
        // Arguments of a server are its own options, unless they name a program.
        (None, Some(args), Entry::Server)
            if args.first().is_some_and(|first| !first.starts_with('-') && Process::exists_as_program(&image.profile, first)) =>
        {
            Some(args)
        }
        (None, _, Entry::Server) => None,
        (None, None, Entry::Command(words)) => Some(words.iter().map(|word| (*word).to_owned()).collect()),
    }
}

/// Starts an image's server: writes its files, or says why it cannot.
fn serve(view: &mut View<'_>, image: &Image, name: &str, variables: &BTreeMap<String, String>) -> Result<String, String> {
    if let Some((names, words)) = image.needs
        && !names.iter().any(|name| variables.get(*name).is_some_and(|value| !value.is_empty()))
    {
        return Err(words.to_owned());
    }
    for (path, text) in image.writes {
        let path = environment::expand(path, variables);
        if path.contains("$(") {
            continue;
        }
        if path.ends_with('/') {
            // A full or read-only disk shows in the missing folder.
            let _ = view.make_dirs(&path);
            continue;
        }
        let folder = path.rsplit_once('/').map_or("/", |(folder, _)| folder);
        // A full or read-only disk shows in the missing file.
        if !view.exists(&path) && view.make_dirs(folder).is_ok() {
            let _ = view.write(&path, text.as_bytes());
        }
    }
    Ok(images::banner(image, name, view.now))
}

/// What /proc tells of the first process: its words, and its variables in the order in which the runtime sets them.
fn write_proc(ctx: &mut Ctx<'_>, disk: &str, spec: &Value, argv: &[String], environment: &BTreeMap<String, String>, seen: &MountTable) {
    let own = spec["env"].as_array().into_iter().flatten().filter_map(|entry| entry["name"].as_str());
    let mut names: Vec<&str> = ["PATH", "HOSTNAME"].into_iter().chain(own).collect();
    names.extend(environment.keys().map(String::as_str).filter(|name| *name != "HOME"));
    names.push("HOME");
    let mut text = String::new();
    for (place, name) in names.iter().enumerate() {
        if let Some(value) = environment.get(*name).filter(|_| !names[..place].contains(name)) {
            text += &format!("{name}={value}\0");
        }
    }
    let mounts = MountTable::root(disk);
    let mut view = View::new(ctx.disks, &mounts, ctx.now);
    let _ = view.make_dirs("/proc/1");
    let _ = view.write("/proc/1/environ", text.as_bytes());
    let _ = view.write("/proc/1/cmdline", (argv.join("\0") + "\0").as_bytes());
    let _ = view.write("/proc/mounts", space::proc_mounts(&seen.mounts).as_bytes());
}

/// An image's files, unpacked at this instant. Containers that begin at the same one share them.
fn unpacked(ctx: &mut Ctx<'_>, image: &'static Image) -> FileSystem {
    if ctx.runtime.unpacked_at != ctx.now {
        (ctx.runtime.unpacked_at, ctx.runtime.unpacked) = (ctx.now, Disks::default());
    }
    let disks = &mut ctx.runtime.unpacked;
    if let Some(files) = disks.get(image.name) {
        return files.clone();
    }
    disks.insert(image.name.to_owned(), FileSystem::new(ctx.now));
    let mounts = MountTable::root(image.name);
    let mut view = View::new(disks, &mounts, ctx.now);
    // Nothing below can fail on an empty disk without limits.
    for folder in
        ["/bin", "/dev", "/etc", "/home", "/proc", "/root", "/sys", "/tmp", "/usr/bin", "/var/log", "/var/run", "/srv", "/opt", "/mnt", "/run"]
    {
        let _ = view.make_dirs(folder);
    }
    let _ = view.set_mode("/tmp", 0o1777);
    let _ = view.set_mode("/root", 0o700);
    view.make_devices();
    for (path, text) in image.files {
        let _ = view.make_dirs(path.rsplit_once('/').map_or("/", |(folder, _)| folder));
        if !path.ends_with("/.keep") {
            let _ = view.write(path, text.as_bytes());
        }
    }
    disks.get(image.name).cloned().unwrap_or_default()
}

/// The container's own layer: the image's files and those that the kubelet writes.
fn make_layer(ctx: &mut Ctx<'_>, disk: &str, image: &'static Image, pod: &Object, ip: &str) {
    let files = unpacked(ctx, image);
    ctx.disks.insert(disk.to_owned(), files);
    let mounts = MountTable::root(disk);
    let mut view = View::new(ctx.disks, &mounts, ctx.now);
    let hostname = crate::control::rules::pods::hostname(pod);
    let texts = [
        ("/etc/hostname", format!("{hostname}\n")),
        ("/etc/hosts", environment::hosts_file(pod, ip)),
        ("/etc/resolv.conf", environment::resolv_conf(pod)),
        (
            "/etc/passwd",
            "root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nnobody:x:65534:65534:nobody:/home:/bin/false\n".to_owned(),
        ),
        ("/etc/group", "root:x:0:\n".to_owned()),
        ("/etc/os-release", images::os_release(image).to_owned()),
        ("/etc/alpine-release", if image.name == "alpine" { "3.22.1\n" } else { "" }.to_owned()),
    ];
    for (path, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        let _ = view.write(path, text.as_bytes());
    }
}
