//! delete: by name, selector or file; waits for finalizers and grace periods. Models kubectl/pkg/cmd/delete/delete.go.

use crate::apiserver::key_of;
use crate::apiserver::{DeleteOptions, Propagation};
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::deletion::{AwaitedDeletion, deleted_line};
use crate::commands::kubectl::request::existing::NOTHING_GIVEN;
use crate::commands::kubectl::request::manifests::Manifest;
use crate::commands::kubectl::request::write::DryRun;
use crate::commands::kubectl::request::{manifests, resources};
use crate::kinds;
use crate::values::clock::Duration;
use crate::values::object::{Object, json};
use crate::values::status::Status;
use std::rc::Rc;

/// How long delete waits where no `--timeout` is given: a week.
const TIMEOUT: Duration = Duration::seconds(168 * 3600);

const FORCE_WARNING: &str = "Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.";

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

fn how(invocation: &mut Invocation<'_, '_>) -> Result<How, Failure> {
    let propagation = match invocation.args.value("cascade") {
        None | Some("background" | "true") => Propagation::Background,
        Some("foreground") => Propagation::Foreground,
        Some("orphan" | "false") => Propagation::Orphan,
        Some(other) => {
            return Err(Failure::plain(format!("invalid cascade value ({other}). Must be \"background\", \"foreground\", or \"orphan\"")));
        }
    };
    let mut grace = invocation.args.int("grace-period").unwrap_or(-1);
    let force = invocation.args.on("force");
    if invocation.args.on("now") {
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
    let dry_run = invocation.dry_run()?;
    match invocation.args.text("output") {
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

fn targets(invocation: &mut Invocation<'_, '_>) -> Result<Targets, Failure> {
    if manifests::given(invocation) {
        return from_files(invocation);
    }
    let words = invocation.words();
    if words.is_empty() {
        return Err(Failure::plain(NOTHING_GIVEN));
    }
    let selecting = invocation.args.given("selector") || invocation.args.given("field-selector");
    let all = invocation.args.on("all");
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
    if by_name && invocation.dry_run()? == DryRun::Client {
        // Nobody is asked whether there is such an object.
        let namespace = invocation.namespace();
        for target in parsed {
            let namespace = if target.def.namespaced { namespace.as_str() } else { "" };
            let object = json!({"kind": target.def.kind, "metadata": {"name": target.name, "namespace": namespace}});
            targets.found.push((Rc::new(Object(object)), String::new()));
        }
        return Ok(targets);
    }
    for one in invocation.chosen(&words)? {
        match one {
            Ok(object) => targets.found.push((object, String::new())),
            Err(status) if status.is_not_found() && invocation.args.on("ignore-not-found") => {}
            Err(status) => targets.failures.push(Failure::from(status)),
        }
    }
    Ok(targets)
}

fn from_files(invocation: &mut Invocation<'_, '_>) -> Result<Targets, Failure> {
    let read = manifests::read(invocation)?;
    let mut targets = Targets { failures: read.failures, named: !read.objects.is_empty(), ..Targets::default() };
    let unasked = invocation.dry_run()? == DryRun::Client;
    for manifest in &read.objects {
        if unasked {
            targets.found.push((Rc::new(manifest.object.clone()), manifest.source.clone()));
            continue;
        }
        match invocation.cluster.api.get(&manifest.key()) {
            Ok(object) => targets.found.push((object.clone(), manifest.source.clone())),
            Err(status) if status.is_not_found() && invocation.args.on("ignore-not-found") => {}
            Err(status) => targets.failures.push(from_file(manifest, status)),
        }
    }
    Ok(targets)
}

fn from_file(manifest: &Manifest, status: Status) -> Failure {
    manifest.failure("deleting", status)
}

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    let how = how(invocation)?;
    let Targets { found, mut failures, named } = targets(invocation)?;
    if how.forced() {
        invocation.output.warn(FORCE_WARNING);
    } else if how.force {
        return Err(Failure::plain("--force and --grace-period greater than 0 cannot be specified together"));
    }
    let mut warned = !invocation.args.given("namespace");
    let mut deleted = Vec::new();
    let none = found.is_empty();
    for (object, source) in found {
        let def = kinds::def(object.kind());
        if !def.namespaced && !warned {
            invocation.output.warn("Warning: deleting cluster-scoped resources, not scoped to the provided namespace");
            warned = true;
        }
        let key = key_of(def, &object);
        if how.dry_run != DryRun::Client
            && let Err(status) = invocation.cluster.api.delete(&key, &how.options)
        {
            let before = if source.is_empty() { String::new() } else { format!("error when deleting {source:?}: ") };
            failures.push(Failure::server(status, before));
            continue;
        }
        say_deleted(invocation, &object, &how);
        deleted.push((key, object.uid().to_owned()));
    }
    Failure::all(failures)?;
    if none && named {
        return Ok(None);
    }
    if none {
        invocation.output.line("No resources found");
        return Ok(None);
    }
    let waits = invocation.args.value("wait").is_none_or(|_| invocation.args.on("wait"));
    if !waits || how.dry_run != DryRun::None {
        return Ok(None);
    }
    let timeout = invocation.args.duration("timeout").filter(|timeout| *timeout > Duration::ZERO).unwrap_or(TIMEOUT);
    Ok(Some(Box::new(AwaitedDeletion::new(deleted, invocation.now() + timeout))))
}

fn say_deleted(invocation: &mut Invocation<'_, '_>, object: &Object, how: &How) {
    if invocation.args.text("output") == "name" {
        return invocation.output.line(&resources::name_of(object));
    }
    invocation.output.line(&deleted_line(object, how.forced(), how.dry_run));
}
