//! delete: by name, selector or file; waits for finalizers and grace periods. Models kubectl/pkg/cmd/delete/delete.go.

use crate::apiserver::{DeleteOptions, Propagation};
use crate::commands::cli::foreground::{Foreground, Step, Task};
use crate::commands::kubectl::request::manifests::{self, Manifest};
use crate::commands::kubectl::request::resources;
use crate::commands::kubectl::request::write::DryRun;
use crate::commands::kubectl::{Command, Failure, Output, Ran};
use crate::control::cluster::Cluster;
use crate::kinds;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, json};
use std::rc::Rc;

/// How long delete waits where no `--timeout` is given: a week.
const TIMEOUT: Duration = Duration::seconds(168 * 3600);

pub const NOTHING_GIVEN: &str = "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

const FORCE_WARNING: &str = "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.";

/// Waits until objects are gone.
#[derive(Clone, Debug, PartialEq)]
pub struct Deletion {
    /// What is waited for, with its uid.
    left: Vec<(ObjectKey, String)>,
    deadline: Instant,
}

impl Deletion {
    pub fn new(left: Vec<(ObjectKey, String)>, deadline: Instant) -> Deletion {
        Deletion { left, deadline }
    }

    pub fn poll(&mut self, cluster: &Cluster, _output: &mut Output) -> Step {
        self.left.retain(|(key, uid)| cluster.api.get(key).is_ok_and(|object| object.uid() == uid));
        if self.left.is_empty() {
            return Step::Done(Ok(()));
        }
        if cluster.now() < self.deadline {
            return Step::Going;
        }
        let failures = self.left.iter().map(|(key, _)| crate::commands::kubectl::read::wait::timed_out(key)).collect();
        Step::Done(Failure::all(failures))
    }

    pub fn wake(&self) -> Option<Instant> {
        Some(self.deadline)
    }
}

/// The flags that decide how an object is deleted.
struct How {
    options: DeleteOptions,
    grace: i64,
    force: bool,
    dry_run: DryRun,
}

impl How {
    fn forced(&self) -> bool {
        self.force && self.grace == 0
    }
}

fn how(command: &mut Command<'_, '_>) -> Result<How, Failure> {
    let propagation = match command.args.value("cascade") {
        None | Some("background" | "true") => Propagation::Background,
        Some("foreground") => Propagation::Foreground,
        Some("orphan" | "false") => Propagation::Orphan,
        Some(other) => {
            return Err(Failure::plain(format!("invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\"")));
        }
    };
    let mut grace = command.args.int("grace-period").unwrap_or(-1);
    let force = command.args.on("force");
    if command.args.on("now") {
        if grace != -1 {
            return Err(Failure::plain("--now and --grace-period cannot be specified together"));
        }
        grace = 1;
    }
    if grace == 0 && !force {
        grace = 1;
    }
    if force && grace < 0 {
        grace = 0;
    }
    let dry_run = command.dry_run()?;
    match command.args.text("output") {
        "" | "name" => {}
        other => return Err(Failure::plain(format!("unexpected -o output mode: {other}. We only support '-o name'"))),
    }
    let options =
        DeleteOptions { grace_period: u64::try_from(grace).ok(), propagation, dry_run: dry_run == DryRun::Server, ..DeleteOptions::default() };
    Ok(How { options, grace, force, dry_run })
}

/// What is to be deleted: objects with the file that they come from.
#[derive(Default)]
struct Targets {
    found: Vec<(Rc<Object>, String)>,
    failures: Vec<Failure>,
    /// Whether something was named, there or not: then an empty answer is no reason to say so.
    named: bool,
}

fn targets(command: &mut Command<'_, '_>) -> Result<Targets, Failure> {
    if manifests::given(command) {
        return from_files(command);
    }
    let words = command.words();
    if words.is_empty() {
        return Err(Failure::plain(NOTHING_GIVEN));
    }
    let selecting = command.args.given("selector") || command.args.given("field-selector");
    let all = command.args.on("all");
    if all && selecting {
        return Err(Failure::plain("setting 'all' parameter but found a non empty selector."));
    }
    let parsed = resources::parse(&words)?;
    let by_name = parsed.iter().any(|target| target.name.is_some());
    if !by_name && !selecting && !all {
        return Err(Failure::plain("resource(s) were provided, but no name was specified"));
    }
    if by_name && all {
        return Err(Failure::plain("name cannot be provided when a selector is specified"));
    }
    let mut targets = Targets { named: by_name, ..Targets::default() };
    if by_name && selecting {
        return Err(Failure::plain("name cannot be provided when a selector is specified"));
    }
    if by_name && command.dry_run()? == DryRun::Client {
        // Nobody is asked whether there is such an object.
        let namespace = command.namespace();
        for target in parsed {
            let namespace = if target.def.namespaced { namespace.as_str() } else { "" };
            let object = json!({"kind": target.def.kind, "metadata": {"name": target.name, "namespace": namespace}});
            targets.found.push((Rc::new(Object(object)), String::new()));
        }
        return Ok(targets);
    }
    for one in command.chosen(&words)? {
        match one {
            Ok(object) => targets.found.push((object, String::new())),
            Err(status) if status.is_not_found() && command.args.on("ignore-not-found") => {}
            Err(status) => targets.failures.push(Failure::from(status)),
        }
    }
    Ok(targets)
}

fn from_files(command: &mut Command<'_, '_>) -> Result<Targets, Failure> {
    let read = manifests::read(command)?;
    let mut targets = Targets { failures: read.failures, named: !read.objects.is_empty(), ..Targets::default() };
    let unasked = command.dry_run()? == DryRun::Client;
    for manifest in &read.objects {
        if unasked {
            targets.found.push((Rc::new(manifest.object.clone()), manifest.source.clone()));
            continue;
        }
        match command.cluster.api.get(&manifest.key()) {
            Ok(object) => targets.found.push((object.clone(), manifest.source.clone())),
            Err(status) if status.is_not_found() && command.args.on("ignore-not-found") => {}
            Err(status) => targets.failures.push(from_file(manifest, status)),
        }
    }
    Ok(targets)
}

fn from_file(manifest: &Manifest, status: crate::values::status::Status) -> Failure {
    manifest.failure("deleting", status)
}

pub fn run(command: &mut Command<'_, '_>) -> Ran {
    let how = how(command)?;
    let Targets { found, mut failures, named } = targets(command)?;
    if how.forced() {
        command.output.warn(FORCE_WARNING);
    } else if how.force {
        return Err(Failure::plain("--force and --grace-period greater than 0 cannot be specified together"));
    }
    let mut warned = !command.args.given("namespace");
    let mut deleted = Vec::new();
    let none = found.is_empty();
    for (object, source) in found {
        let def = kinds::def(object.kind());
        if !def.namespaced && !warned {
            command.output.warn("Warning: deleting cluster-scoped resources, not scoped to the provided namespace");
            warned = true;
        }
        let key = crate::apiserver::key_of(def, &object);
        if how.dry_run != DryRun::Client
            && let Err(status) = command.cluster.api.delete(&key, &how.options)
        {
            let before = if source.is_empty() { String::new() } else { format!("error when deleting {source:?}: ") };
            failures.push(Failure::server(status, before));
            continue;
        }
        say_deleted(command, &object, &how);
        deleted.push((key, object.uid().to_owned()));
    }
    Failure::all(failures)?;
    if none && named {
        return Ok(None);
    }
    if none {
        command.output.line("No resources found");
        return Ok(None);
    }
    let waits = command.args.value("wait").is_none_or(|_| command.args.on("wait"));
    if !waits || how.dry_run != DryRun::None {
        return Ok(None);
    }
    let timeout = command.args.duration("timeout").filter(|timeout| *timeout > Duration::ZERO).unwrap_or(TIMEOUT);
    Ok(Some(Foreground::new(Task::Delete(Deletion::new(deleted, command.now() + timeout)))))
}

fn say_deleted(command: &mut Command<'_, '_>, object: &Object, how: &How) {
    if command.args.text("output") == "name" {
        return command.output.line(&resources::name_of(object));
    }
    command.output.line(&deleted_line(object, how.forced(), how.dry_run));
}

/// `pod "x" deleted from default namespace`
pub fn deleted_line(object: &Object, forced: bool, dry_run: DryRun) -> String {
    let def = kinds::def(object.kind());
    let name = object.name();
    let kind = def.name_of("");
    let place = if def.namespaced { format!(" from {} namespace", object.namespace()) } else { String::new() };
    let word = if forced { "force deleted" } else { "deleted" };
    format!("{} {name:?} {word}{place}{}", kind.trim_end_matches('/'), dry_run.suffix())
}
