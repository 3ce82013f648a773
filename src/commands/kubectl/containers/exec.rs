//! exec, attach, run: programs in containers. Models kubectl/pkg/cmd/{exec,attach,run}.

use crate::apiserver::DeleteOptions;
use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Pending, Poll};
use crate::commands::kubectl::failure::{Failure, over};
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::containers;
use crate::commands::kubectl::request::containers::Turn;
use crate::commands::kubectl::request::deletion::{Deletion, deleted_line};
use crate::commands::kubectl::request::pods;
use crate::commands::kubectl::request::write::DryRun;
use crate::control::cluster::Cluster;
use crate::machine::kernel::Signal;
use crate::machine::process::Input;
use crate::runtime::{ExecId, Log};
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, Value, at, json};
use crate::values::patch;
use crate::values::status::Status;

const PROMPT_HINT: &str = "If you don't see a command prompt, try pressing enter.";
const RECORDED_HINT: &str = "All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.";
const NO_TERMINAL: &str = "Unable to use a TTY - input is not a terminal or the right kind of file";
/// How long `run -i` waits for its pod.
const POD_TIMEOUT: Duration = Duration::seconds(60);

/// A program that exec started.
#[derive(Clone, Debug, PartialEq)]
pub struct Exec {
    id: ExecId,
    stdin: bool,
    closed: bool,
    prompt: String,
}

const NO_COMMAND: &str = "you must specify at least one command for the container";

pub fn run_exec(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    let (target, argv) = match (invocation.args.at_dash, words.split_first()) {
        (Some(0), _) => (None, words.clone()),
        (Some(place), Some((first, _))) => (Some(first.clone()), words[place..].to_vec()),
        (None, Some((_, rest))) if !rest.is_empty() => {
            return Err(Failure::usage("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead"));
        }
        (_, first) if crate::commands::kubectl::request::manifests::given(invocation) => {
            let unsupported = "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead";
            return Err(if first.is_some() { Failure::usage(unsupported) } else { Failure::plain(NO_COMMAND) });
        }
        (_, first) => (first.map(|(first, _)| first.clone()), Vec::new()),
    };
    let Some(target) = target else { return Err(Failure::plain("pod, type/name or --filename must be specified")) };
    if argv.is_empty() {
        return Err(Failure::plain(NO_COMMAND));
    }
    let pod = invocation.attachable_pod(&target)?;
    let phase = pod.str(&["status", "phase"]);
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Failure::plain(format!("cannot exec into a container in a completed pod; current phase is {phase}")));
    }
    let container = match invocation.args.value("container").filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned(),
        None => pods::default_container(&pod, invocation.args.on("quiet"), &mut invocation.output),
    };
    reachable(&pod, &container)?;
    let stdin = invocation.args.on("stdin");
    let mut tty = invocation.args.on("tty");
    if tty && (!stdin || !invocation.host.stdin_is_terminal) {
        if stdin {
            invocation.output.warn(NO_TERMINAL);
        }
        tty = tty && !stdin;
    }
    let id = containers::start(invocation.cluster, &pod, &container, &argv, stdin, tty && stdin)?;
    Ok(Some(Box::new(Exec { id, stdin, closed: false, prompt: String::new() })))
}

/// Whether the kubelet would let a program into the container.
/// # Errors
/// Why not, in the server's or kubelet's words.
pub fn reachable(pod: &Object, container: &str) -> Result<(), Failure> {
    if pod.str(&["spec", "nodeName"]).is_empty() {
        return Err(Status::bad_request(format!("pod {} does not have a host assigned", pod.name())).into());
    }
    if !pods::has_container(pod, container) {
        return Err(Status::bad_request(format!("container {container} is not valid for pod {}", pod.name())).into());
    }
    if !pods::is_running(pod, container) {
        return Err(Failure::plain(format!("Internal error occurred: unable to upgrade connection: container not found ({container:?})")));
    }
    Ok(())
}

impl Pending for Exec {
    fn poll(&mut self, cluster: &mut Cluster, _: &mut Host<'_>, input: Input, output: &mut Output) -> Poll {
        let bytes = match (&input, self.stdin) {
            (Input::Bytes(bytes), true) => Some(Some(bytes.as_slice())),
            // On a terminal there may be several: one for each program that reads.
            (Input::End, true) => Some(None),
            (_, false) if !self.closed => Some(None),
            _ => None,
        };
        self.closed |= bytes == Some(None);
        let (chunks, turn) = containers::turn(cluster, self.id, bytes);
        for chunk in chunks {
            output.write(chunk.stream, &chunk.bytes);
        }
        self.prompt = cluster.runtimes.exec_mut(self.id).map_or_else(String::new, |exec| exec.process.prompt());
        match turn {
            Turn::Ended(code) => ended(code, output),
            Turn::Reading if self.stdin => Poll::WantsInput,
            _ => Poll::Going,
        }
    }

    /// The program gets it.
    fn interrupt(&mut self, cluster: &mut Cluster) -> bool {
        if let Some(exec) = cluster.runtimes.exec_mut(self.id) {
            exec.process.signal(Signal::Interrupt);
        }
        if !self.stdin {
            cluster.runtimes.end_exec(self.id);
        }
        !self.stdin
    }

    fn prompt(&self) -> String {
        self.prompt.clone()
    }
}

fn ended(code: i32, output: &mut Output) -> Poll {
    if code == 0 {
        return over(Ok(()), output);
    }
    output.warn(&format!("command terminated with exit code {code}"));
    over(Err(Failure::Code(code)), output)
}

/// The main program of a container with the terminal on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Attach {
    pod: ObjectKey,
    container: String,
    stdin: bool,
    tty: bool,
    quiet: bool,
    /// `run`: the pod's end decides the exit code; `--rm`: then it goes.
    of_run: bool,
    remove: bool,
    attached: bool,
    /// What came on standard input before there was a program to read it, and whether it ended.
    early: Vec<u8>,
    early_end: bool,
    /// Entries of the log that are shown.
    seen: u64,
    deadline: Instant,
    removing: Option<Deletion>,
    code: i32,
    prompt: String,
}

pub fn attach(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    let Some(target) = words.first() else {
        return Err(Failure::plain("at least 1 argument is required for attach"));
    };
    if words.len() > 2 {
        return Err(Failure::plain(format!(
            "expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {}: [{}]",
            words.len(),
            words.join(" ")
        )));
    }
    if let [kind, _] = words.as_slice() {
        crate::commands::kubectl::request::resources::kind(kind)?;
    }
    let target = if let [kind, name] = words.as_slice() { format!("{kind}/{name}") } else { target.clone() };
    let pod = invocation.attachable_pod(&target)?;
    let phase = pod.str(&["status", "phase"]);
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Failure::plain(format!("cannot attach a container in a completed pod; current phase is {phase}")));
    }
    let container = match invocation.args.value("container").filter(|name| !name.is_empty()) {
        Some(name) if !pods::has_container(&pod, name) => {
            return Err(Failure::plain(format!("cannot attach to the container: container {name} not found in pod {}", pod.name())));
        }
        Some(name) => name.to_owned(),
        None => pods::default_container(&pod, invocation.args.on("quiet"), &mut invocation.output),
    };
    reachable(&pod, &container)?;
    let mut attach = Attach::new(invocation, &pod, &container);
    attach.seen = containers::log(invocation.cluster, &pod, &container, false).map_or(0, Log::end);
    Ok(Some(Box::new(attach)))
}

impl Attach {
    fn new(invocation: &Invocation<'_, '_>, pod: &Object, container: &str) -> Attach {
        Attach {
            pod: ObjectKey::new("Pod", pod.namespace(), pod.name()),
            container: container.to_owned(),
            stdin: invocation.args.on("stdin"),
            tty: invocation.args.on("tty") && invocation.host.stdin_is_terminal,
            quiet: invocation.args.on("quiet"),
            of_run: false,
            remove: false,
            attached: false,
            early: Vec::new(),
            early_end: false,
            seen: 0,
            deadline: invocation.now() + POD_TIMEOUT,
            removing: None,
            code: 0,
            prompt: String::new(),
        }
    }

    /// The last words: what became of the program, after all that `--rm` does.
    fn ended(&self, output: &mut Output) -> Poll {
        if self.code == 0 {
            return over(Ok(()), output);
        }
        output.warn(&format!("pod {}/{} terminated (Error)", self.pod.namespace, self.pod.name));
        over(Err(Failure::Code(self.code)), output)
    }

    /// The program is over: its exit code, and the pod goes with `--rm`.
    fn end(&mut self, cluster: &mut Cluster, pod: &Object, output: &mut Output) -> Poll {
        let status = pods::container_status(pod, &self.container).cloned().unwrap_or_default();
        let terminated = at(&status, &["state", "terminated"]).or_else(|| at(&status, &["lastState", "terminated"]));
        let code = terminated.and_then(|state| state.get("exitCode")).and_then(Value::as_i64).unwrap_or(0) as i32;
        let never = pod.str(&["spec", "restartPolicy"]) == "Never";
        if self.of_run && never {
            self.code = code;
        }
        if !self.remove {
            return self.ended(output);
        }
        let options = DeleteOptions::default();
        if let Err(status) = cluster.api.delete(&self.pod, &options) {
            return over(Err(status.into()), output);
        }
        if !self.quiet {
            output.line(&deleted_line(pod, false, DryRun::None));
        }
        self.removing = Some(Deletion::new(vec![(self.pod.clone(), pod.uid().to_owned())], cluster.now() + POD_TIMEOUT));
        Poll::Going
    }
}

impl Pending for Attach {
    fn poll(&mut self, cluster: &mut Cluster, _: &mut Host<'_>, input: Input, output: &mut Output) -> Poll {
        if let Some(removing) = &mut self.removing {
            return match removing.look(cluster) {
                None => Poll::Going,
                Some(Ok(())) => self.ended(output),
                Some(failed) => over(failed, output),
            };
        }
        let Ok(pod) = cluster.api.get(&self.pod).cloned() else { return over(Ok(()), output) };
        let completed = matches!(pod.str(&["status", "phase"]), "Succeeded" | "Failed");
        let running = pods::is_running(&pod, &self.container);
        if !self.attached && running {
            self.attached = true;
            if self.stdin && self.tty && !self.quiet {
                if self.of_run {
                    output.warn(RECORDED_HINT);
                }
                output.warn(PROMPT_HINT);
            }
        }
        match input {
            Input::Bytes(bytes) => self.early.extend(bytes),
            Input::End => self.early_end = true,
            Input::Wait => {}
        }
        if self.attached && self.stdin && running {
            let (bytes, end) = (std::mem::take(&mut self.early), std::mem::take(&mut self.early_end));
            if !bytes.is_empty() {
                containers::type_into(cluster, &pod, &self.container, Some(&bytes));
            }
            if end {
                containers::type_into(cluster, &pod, &self.container, None);
            }
        }
        if let Some(log) = containers::log(cluster, &pod, &self.container, false) {
            log.since(self.seen).for_each(|line| output.out(&line.text));
            self.seen = log.end();
        }
        let terminated = pods::container_status(&pod, &self.container)
            .is_some_and(|status| at(status, &["state", "terminated"]).is_some() || at(status, &["lastState", "terminated"]).is_some());
        if completed || (self.attached && !running && terminated) {
            return self.end(cluster, &pod, output);
        }
        if !self.attached && cluster.now() >= self.deadline {
            return over(Err(Failure::plain("timed out waiting for the condition")), output);
        }
        self.prompt = if self.stdin && self.tty { containers::prompt(cluster, &pod, &self.container) } else { String::new() };
        if self.attached && self.stdin && containers::reads(cluster, &pod, &self.container) { Poll::WantsInput } else { Poll::Going }
    }

    fn prompt(&self) -> String {
        self.prompt.clone()
    }

    fn wake(&self) -> Option<Instant> {
        (!self.attached).then_some(self.deadline)
    }
}

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

/// The pod that run makes of its flags.
fn generated(invocation: &Invocation<'_, '_>, name: &str, image: &str, rest: &[String]) -> Result<Object, Failure> {
    let mut container = json!({"image": image, "name": name, "resources": {}});
    if !rest.is_empty() {
        container[if invocation.args.on("command") { "command" } else { "args" }] = json!(rest);
    }
    if invocation.args.on("stdin") {
        container["stdin"] = json!(true);
        container["stdinOnce"] = json!(true);
    }
    if invocation.args.on("tty") {
        container["tty"] = json!(true);
    }
    let env: Vec<Value> = invocation
        .args
        .values("env")
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    if !env.is_empty() {
        container["env"] = json!(env);
    }
    if let Some(port) = invocation.args.value("port").and_then(|port| port.parse::<u16>().ok()) {
        container["ports"] = json!([{"containerPort": port}]);
    }
    if let Some(policy) = invocation.args.value("image-pull-policy").filter(|policy| !policy.is_empty()) {
        container["imagePullPolicy"] = json!(policy);
    }
    if invocation.args.on("privileged") {
        container["securityContext"] = json!({"privileged": true});
    }
    let restart = invocation.args.value("restart").filter(|restart| !restart.is_empty()).unwrap_or("Always");
    let mut labels = json!({"run": name});
    if let Some(text) = invocation.args.value("labels").filter(|text| !text.is_empty()) {
        labels = json!({});
        for pair in text.split(',') {
            let Some((key, value)) = pair.split_once('=') else { return Err(Failure::plain(format!("unexpected label spec: {pair}"))) };
            labels[key] = json!(value);
        }
    }
    let mut pod = Object(json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"labels": labels, "name": name},
        "spec": {"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": restart},
        "status": {},
    }));
    for pair in invocation.args.values("annotations") {
        if let Some((key, value)) = pair.split_once('=') {
            pod.set_annotation(key, value);
        }
    }
    if let Some(text) = invocation.args.value("overrides").filter(|text| !text.is_empty()) {
        pod = overridden(&pod, text, invocation.args.text("override-type"))?;
    }
    Ok(pod)
}

/// The object with `--overrides` on it.
fn overridden(object: &Object, text: &str, kind: &str) -> Result<Object, Failure> {
    let change: Value = serde_json::from_str(text).map_err(|_| Failure::plain("Invalid JSON Patch"))?;
    let def = crate::kinds::def(object.kind());
    let changed = Object(match kind {
        "" | "merge" => patch::merge(&object.0, &change),
        "strategic" => patch::strategic(&object.0, &change, crate::kinds::schema::rules(def)).map_err(Failure::Plain)?,
        "json" => patch::json(&object.0, &change).map_err(Failure::Plain)?,
        other => return Err(Failure::plain(format!("invalid override type: {other}"))),
    });
    if !changed.0.is_object() || crate::kinds::by_version_and_kind(changed.str(&["apiVersion"]), changed.kind()).is_none() {
        return Err(Failure::plain(format!("Object 'Kind' is missing in '{}'", crate::commands::kubectl::request::manifests::go_json(&changed.0))));
    }
    Ok(changed)
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
