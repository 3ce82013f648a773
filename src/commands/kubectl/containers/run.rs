//! run: a pod of flags, attached to where asked for. Models kubectl/pkg/cmd/run.

use crate::commands::cli::output::Output;
use crate::commands::kubectl::containers::attachment::Attach;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::generate::pod::generated;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::pods;
use crate::commands::kubectl::request::write::DryRun;
use crate::values::object::{Object, json};

pub fn run_pod(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let at_dash = invocation.args.at_dash.unwrap_or(usize::MAX);
    let words = invocation.words();
    let Some(name) = words.first().filter(|_| at_dash > 0).cloned() else { return Err(Failure::usage("NAME is required for run")) };
    let rest = words[1..].to_vec();
    let attached = if invocation.args.given("attach") { invocation.args.on("attach") } else { invocation.args.on("stdin") };
    check_run(invocation, attached, dry_run)?;
    let image = invocation.args.text("image").to_owned();
    let mut pod = generated(invocation, &name, &image, &rest)?;
    if dry_run == DryRun::Client {
        if invocation.args.given("namespace") {
            pod.set(&["metadata", "namespace"], json!(invocation.namespace()));
        }
        if invocation.args.on("expose") {
            expose(invocation, &pod, dry_run)?;
        }
        invocation.report(&pod, "created", dry_run)?;
        return Ok(None);
    }
    let namespace = invocation.namespace();
    pod.set(&["metadata", "namespace"], json!(namespace));
    let created = invocation.create_object(pod, dry_run)?;
    if invocation.args.on("expose") {
        expose(invocation, &created, dry_run)?;
    }
    if !attached {
        invocation.report(&created, "created", dry_run)?;
        return Ok(None);
    }
    let container = pods::default_container(&created, true, &mut Output::default());
    let mut attach = Attach::new(invocation, &created, &container);
    attach.of_run = true;
    attach.remove = invocation.args.on("rm");
    Ok(Some(Box::new(attach)))
}

/// What the flags of run must be before anything is made of them.
fn check_run(invocation: &Invocation<'_, '_>, attached: bool, dry_run: DryRun) -> Result<(), Failure> {
    let args = &invocation.args;
    let image = args.text("image");
    if image.is_empty() {
        return Err(Failure::plain("--image is required"));
    }
    if image.chars().any(|c| c.is_whitespace() || c.is_ascii_uppercase() && !image.contains('/')) {
        return Err(Failure::plain(format!("Invalid image name {image:?}: invalid reference format")));
    }
    if args.on("tty") && !args.on("stdin") {
        return Err(Failure::usage("-i/--stdin is required for containers with -t/--tty=true"));
    }
    if args.on("expose") && args.text("port").is_empty() {
        return Err(Failure::usage("--port must be set when exposing a service"));
    }
    let restart = args.text("restart");
    if !["", "Always", "OnFailure", "Never"].contains(&restart) {
        return Err(Failure::usage(format!("invalid restart policy: {restart}")));
    }
    if args.on("rm") && !attached {
        return Err(Failure::usage("--rm should only be used for attached containers"));
    }
    if attached && dry_run != DryRun::None {
        return Err(Failure::usage("--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or --tty)"));
    }
    let policy = args.text("image-pull-policy");
    if !["", "Always", "IfNotPresent", "Never"].contains(&policy) {
        return Err(Failure::usage(format!("invalid image pull policy: {policy}")));
    }
    if let Some(wrong) = args.values("env").iter().find(|pair| pair.find('=').is_none_or(|at| at == 0)) {
        return Err(Failure::plain(format!("invalid env: {wrong}")));
    }
    let port = args.text("port");
    if !port.is_empty() && port.parse::<i64>().is_err() {
        return Err(Failure::plain(format!("strconv.Atoi: parsing {port:?}: invalid syntax")));
    }
    Ok(())
}

/// The service of `--expose`, which is made and told before the pod is told.
fn expose(invocation: &mut Invocation<'_, '_>, pod: &Object, dry_run: DryRun) -> Result<(), Failure> {
    let port: i64 = invocation.args.int("port").unwrap_or(0);
    let mut service = Object(json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": pod.name()},
        "spec": {"ports": [{"port": port, "protocol": "TCP", "targetPort": port}], "selector": pod.at(&["metadata", "labels"])},
        "status": {"loadBalancer": {}},
    }));
    if !pod.namespace().is_empty() {
        service.set(&["metadata", "namespace"], json!(pod.namespace()));
    }
    if dry_run == DryRun::Client {
        invocation.report(&service, "created", dry_run)?;
    } else {
        let created = invocation.create_object(service, dry_run)?;
        invocation.report(&created, "created", dry_run)?;
    }
    if invocation.args.text("output") == "yaml" {
        invocation.output.line("---");
    }
    Ok(())
}
