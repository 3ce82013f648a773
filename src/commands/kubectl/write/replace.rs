//! replace: a whole object in the place of another; with `--force`, deleted and created anew.
//! Models kubectl/pkg/cmd/replace.

use crate::apiserver::DeleteOptions;
use crate::commands::cli::args::Args;
use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Pending, Poll};
use crate::commands::kubectl::failure::{Failure, over};
use crate::commands::kubectl::invocation::{Invocation, Ran, Verb};
use crate::commands::kubectl::request::deletion::deleted_line;
use crate::commands::kubectl::request::manifests::Manifest;
use crate::commands::kubectl::request::write::DryRun;
use crate::commands::kubectl::request::{last_applied, manifests};
use crate::machine::process::Input;
use crate::values::clock::{Duration, Instant};
use crate::values::object::Object;
use crate::world::World;
use std::rc::Rc;

/// How long what is in the way may take to go, where no `--timeout` is given, and how often it is looked at.
const TIMEOUT: Duration = Duration::seconds(300);

const INTERVAL: Duration = Duration::seconds(1);

/// `replace --force`, once the old objects have been deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct Replacement {
    verb: &'static Verb,
    args: Args,
    objects: Vec<Manifest>,
    next_look: Instant,
    deadline: Instant,
}

impl Pending for Replacement {
    /// Waits for the old objects to go, then creates the new ones.
    fn poll(&mut self, world: &mut World, host: &mut Host<'_>, _: Input, output: &mut Output) -> Poll {
        let cluster = &mut world.connect(&host.cluster);
        let now = cluster.now();
        if now < self.next_look {
            return Poll::Going;
        }
        if self.objects.iter().any(|manifest| cluster.api.get(&manifest.key()).is_ok()) {
            self.next_look = now + INTERVAL;
            return if now < self.deadline { Poll::Going } else { over(Err(Failure::plain("context deadline exceeded")), output) };
        }
        let mut invocation = Invocation {
            cluster,
            host,
            verb: self.verb,
            args: self.args.clone(),
            stdin: &[],
            output: std::mem::take(output),
            reported: 0,
            warned: Vec::new(),
        };
        let mut failures = Vec::new();
        for manifest in &self.objects {
            let created = invocation.create_object(annotated(&invocation, &manifest.object), DryRun::None).map_err(Failure::from);
            failures.extend(created.and_then(|object| invocation.report(&object, "replaced", DryRun::None)).err());
        }
        *output = invocation.output;
        over(Failure::all(failures), output)
    }

    fn wake(&self) -> Option<Instant> {
        Some(self.next_look)
    }
}

/// The object with the annotation of apply brought up to date, where it brings one along or `--save-config` asks for it.
fn annotated(invocation: &Invocation<'_, '_>, object: &Object) -> Object {
    let keeps = object.annotation(last_applied::LAST_APPLIED).is_some() || invocation.args.on("save-config");
    if keeps { last_applied::with_last_applied(object) } else { object.clone() }
}

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    invocation.check_validate()?;
    if !manifests::given(invocation) {
        return Err(Failure::plain("must specify one of -f and -k"));
    }
    let force = invocation.args.on("force");
    if invocation.args.int("grace-period").is_some_and(|grace| grace >= 0) && !force {
        return Err(Failure::plain("--grace-period must have --force specified"));
    }
    if invocation.args.duration("timeout").is_some_and(|timeout| timeout > Duration::ZERO) && !force {
        return Err(Failure::plain("--timeout must have --force specified"));
    }
    if force && dry_run != DryRun::None {
        return Err(Failure::plain("--dry-run can not be used when --force is set"));
    }
    let read = manifests::read(invocation)?;
    if read.objects.is_empty() && read.failures.is_empty() {
        return Err(Failure::plain("no objects passed to replace"));
    }
    if force {
        return force_replace(invocation, read.objects, read.failures);
    }
    let mut failures = read.failures;
    for manifest in read.objects {
        failures.extend(replace_one(invocation, &manifest, dry_run).err());
    }
    Failure::all(failures)?;
    Ok(None)
}

fn replace_one(invocation: &mut Invocation<'_, '_>, manifest: &Manifest, dry_run: DryRun) -> Result<(), Failure> {
    if manifest.object.name().is_empty() {
        let kind = manifest.def().kind;
        return Err(Failure::plain(format!("error when replacing {:?}: resource name may not be empty ({kind})", manifest.source)));
    }
    let object = annotated(invocation, &manifest.object);
    let live = invocation.cluster.api.get(&manifest.key()).cloned();
    let result = live.and_then(|_| if dry_run == DryRun::Client { Ok(Rc::new(object)) } else { invocation.update_object(object, dry_run) });
    let replaced = result.map_err(|status| manifest.failure("replacing", status))?;
    invocation.report(&replaced, "replaced", dry_run)
}

fn force_replace(invocation: &mut Invocation<'_, '_>, objects: Vec<Manifest>, failures: Vec<Failure>) -> Ran {
    Failure::all(failures)?;
    // `--grace-period=0` is one second here too.
    let grace = invocation.args.int("grace-period").and_then(|grace| u64::try_from(grace).ok()).map(|grace| grace.max(1));
    for manifest in &objects {
        let Some(live) = invocation.cluster.api.get(&manifest.key()).ok().cloned() else { continue };
        let options = DeleteOptions { grace_period: grace, ..DeleteOptions::default() };
        invocation.cluster.api.delete(&manifest.key(), &options)?;
        invocation.output.line(&deleted_line(&live, false, DryRun::None));
    }
    let now = invocation.now();
    let timeout = invocation.args.duration("timeout").filter(|timeout| *timeout > Duration::ZERO).unwrap_or(TIMEOUT);
    let replacement = Replacement { verb: invocation.verb, args: invocation.args.clone(), objects, next_look: now, deadline: now + timeout };
    Ok(Some(Box::new(replacement)))
}
