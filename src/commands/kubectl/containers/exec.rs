//! exec, attach, run: programs in containers. Models kubectl/pkg/cmd/{exec,attach,run}.

use crate::apiserver::DeleteOptions;
use crate::commands::cli::foreground::{Foreground, Step, Task};
use crate::commands::kubectl::request::containers;
use crate::commands::kubectl::request::containers::Turn;
use crate::commands::kubectl::request::pods;
use crate::commands::kubectl::request::write::DryRun;
use crate::commands::kubectl::write::delete::{Deletion, deleted_line};
use crate::commands::kubectl::{Command, Failure, Output, Ran};
use crate::control::cluster::Cluster;
use crate::control::kubelet::ExecId;
use crate::machine::shell::{Input, Signal};
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

pub fn run_exec(command: &mut Command<'_, '_>) -> Ran {
    let words = command.words();
    let (target, argv) = match (command.args.at_dash, words.split_first()) {
        (Some(0), _) => (None, words.clone()),
        (Some(place), Some((first, _))) => (Some(first.clone()), words[place..].to_vec()),
        (None, Some((_, rest))) if !rest.is_empty() => {
            return Err(Failure::usage("exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead"));
        }
        (_, first) if crate::commands::kubectl::request::manifests::given(command) => {
            let unsupported = "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead";
            return Err(if first.is_some() { Failure::usage(unsupported) } else { Failure::plain(NO_COMMAND) });
        }
        (_, first) => (first.map(|(first, _)| first.clone()), Vec::new()),
    };
    let Some(target) = target else { return Err(Failure::plain("pod, type/name or --filename must be specified")) };
    if argv.is_empty() {
        return Err(Failure::plain(NO_COMMAND));
    }
    let pod = command.attachable_pod(&target)?;
    let phase = pod.str(&["status", "phase"]);
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Failure::plain(format!("cannot exec into a container in a completed pod; current phase is {phase}")));
    }
    let container = match command.args.value("container").filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned(),
        None => pods::default_container(&pod, command.args.on("quiet"), &mut command.output),
    };
    reachable(&pod, &container)?;
    let stdin = command.args.on("stdin");
    let mut tty = command.args.on("tty");
    if tty && (!stdin || !command.host.stdin_is_terminal) {
        if stdin {
            command.output.warn(NO_TERMINAL);
        }
        tty = tty && !stdin;
    }
    let id = containers::start(command.cluster, &pod, &container, &argv, stdin, tty && stdin)?;
    Ok(Some(Foreground::new(Task::Exec(Exec { id, stdin, closed: false, prompt: String::new() }))))
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

impl Exec {
    pub fn poll(&mut self, cluster: &mut Cluster, input: Input, output: &mut Output) -> Step {
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
        self.prompt = cluster.runtime.exec(self.id).map_or_else(String::new, |exec| exec.process.prompt());
        match turn {
            Turn::Ended(code) => ended(code, output),
            Turn::Reading if self.stdin => Step::WantsInput,
            _ => Step::Going,
        }
    }

    /// Ctrl-C: the program gets it.
    pub fn interrupt(&mut self, cluster: &mut Cluster) -> bool {
        if let Some(exec) = cluster.runtime.exec(self.id) {
            exec.process.signal(Signal::Interrupt);
        }
        if !self.stdin {
            cluster.runtime.end_exec(self.id);
        }
        !self.stdin
    }

    /// The prompt that the program in the container shows.
    pub fn prompt(&self) -> &str {
        &self.prompt
    }
}

fn ended(code: i32, output: &mut Output) -> Step {
    if code == 0 {
        return Step::Done(Ok(()));
    }
    output.warn(&format!("command terminated with exit code {code}"));
    Step::Done(Err(Failure::Code(code)))
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
    /// Bytes of the log that are shown.
    seen: usize,
    deadline: Instant,
    removing: Option<Deletion>,
    code: i32,
    prompt: String,
}

pub fn attach(command: &mut Command<'_, '_>) -> Ran {
    let words = command.words();
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
    let pod = command.attachable_pod(&target)?;
    let phase = pod.str(&["status", "phase"]);
    if matches!(phase, "Succeeded" | "Failed") {
        return Err(Failure::plain(format!("cannot attach a container in a completed pod; current phase is {phase}")));
    }
    let container = match command.args.value("container").filter(|name| !name.is_empty()) {
        Some(name) if !pods::has_container(&pod, name) => {
            return Err(Failure::plain(format!("cannot attach to the container: container {name} not found in pod {}", pod.name())));
        }
        Some(name) => name.to_owned(),
        None => pods::default_container(&pod, command.args.on("quiet"), &mut command.output),
    };
    reachable(&pod, &container)?;
    let mut attach = Attach::new(command, &pod, &container);
    attach.seen = log_text(command.cluster, &pod, &container).len();
    Ok(Some(Foreground::new(Task::Attach(Box::new(attach)))))
}

impl Attach {
    fn new(command: &Command<'_, '_>, pod: &Object, container: &str) -> Attach {
        Attach {
            pod: ObjectKey::new("Pod", pod.namespace(), pod.name()),
            container: container.to_owned(),
            stdin: command.args.on("stdin"),
            tty: command.args.on("tty") && command.host.stdin_is_terminal,
            quiet: command.args.on("quiet"),
            of_run: false,
            remove: false,
            attached: false,
            early: Vec::new(),
            early_end: false,
            seen: 0,
            deadline: command.now() + POD_TIMEOUT,
            removing: None,
            code: 0,
            prompt: String::new(),
        }
    }

    pub fn poll(&mut self, cluster: &mut Cluster, input: Input, output: &mut Output) -> Step {
        if let Some(removing) = &mut self.removing {
            return match removing.poll(cluster, output) {
                Step::Done(Ok(())) => self.ended(output),
                step => step,
            };
        }
        let Ok(pod) = cluster.api.get(&self.pod).cloned() else { return Step::Done(Ok(())) };
        let over = matches!(pod.str(&["status", "phase"]), "Succeeded" | "Failed");
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
        let text = log_text(cluster, &pod, &self.container);
        output.out(text.get(self.seen..).unwrap_or(""));
        self.seen = text.len();
        let terminated = pods::container_status(&pod, &self.container)
            .is_some_and(|status| at(status, &["state", "terminated"]).is_some() || at(status, &["lastState", "terminated"]).is_some());
        if over || (self.attached && !running && terminated) {
            return self.end(cluster, &pod, output);
        }
        if !self.attached && cluster.now() >= self.deadline {
            return Step::Done(Err(Failure::plain("timed out waiting for the condition")));
        }
        self.prompt = if self.stdin && self.tty { containers::prompt(cluster, &pod, &self.container) } else { String::new() };
        if self.attached && self.stdin && containers::reads(cluster, &pod, &self.container) { Step::WantsInput } else { Step::Going }
    }

    /// The last words: what became of the program, after all that `--rm` does.
    fn ended(&self, output: &mut Output) -> Step {
        if self.code == 0 {
            return Step::Done(Ok(()));
        }
        output.warn(&format!("pod {}/{} terminated (Error)", self.pod.namespace, self.pod.name));
        Step::Done(Err(Failure::Code(self.code)))
    }

    /// The program is over: its exit code, and the pod goes with `--rm`.
    fn end(&mut self, cluster: &mut Cluster, pod: &Object, output: &mut Output) -> Step {
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
            return Step::Done(Err(status.into()));
        }
        if !self.quiet {
            output.line(&deleted_line(pod, false, DryRun::None));
        }
        self.removing = Some(Deletion::new(vec![(self.pod.clone(), pod.uid().to_owned())], cluster.now() + POD_TIMEOUT));
        Step::Going
    }

    pub fn prompt(&self) -> &str {
        &self.prompt
    }

    pub fn wake(&self) -> Option<Instant> {
        (!self.attached).then_some(self.deadline)
    }
}

fn log_text(cluster: &Cluster, pod: &Object, container: &str) -> String {
    containers::log(cluster, pod, container, false).unwrap_or_default().into_iter().map(|(_, text)| text).collect()
}

pub fn run_pod(command: &mut Command<'_, '_>) -> Ran {
    let dry_run = command.dry_run()?;
    let at_dash = command.args.at_dash.unwrap_or(usize::MAX);
    let words = command.words();
    let Some(name) = words.first().filter(|_| at_dash > 0).cloned() else { return Err(Failure::usage("NAME is required for run")) };
    let rest = words[1..].to_vec();
    let attached = if command.args.given("attach") { command.args.on("attach") } else { command.args.on("stdin") };
    check_run(command, attached, dry_run)?;
    let image = command.args.text("image").to_owned();
    let mut pod = generated(command, &name, &image, &rest)?;
    if dry_run == DryRun::Client {
        if command.args.given("namespace") {
            pod.set(&["metadata", "namespace"], json!(command.namespace()));
        }
        if command.args.on("expose") {
            expose(command, &pod, dry_run)?;
        }
        command.report(&pod, "created", dry_run)?;
        return Ok(None);
    }
    let namespace = command.namespace();
    pod.set(&["metadata", "namespace"], json!(namespace));
    let created = command.create_object(pod, dry_run)?;
    if command.args.on("expose") {
        expose(command, &created, dry_run)?;
    }
    if !attached {
        command.report(&created, "created", dry_run)?;
        return Ok(None);
    }
    let container = pods::default_container(&created, true, &mut Output::default());
    let mut attach = Attach::new(command, &created, &container);
    attach.of_run = true;
    attach.remove = command.args.on("rm");
    Ok(Some(Foreground::new(Task::Attach(Box::new(attach)))))
}

/// What the flags of run must be before anything is made of them.
fn check_run(command: &Command<'_, '_>, attached: bool, dry_run: DryRun) -> Result<(), Failure> {
    let args = &command.args;
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
fn generated(command: &Command<'_, '_>, name: &str, image: &str, rest: &[String]) -> Result<Object, Failure> {
    let mut container = json!({"image": image, "name": name, "resources": {}});
    if !rest.is_empty() {
        container[if command.args.on("command") { "command" } else { "args" }] = json!(rest);
    }
    if command.args.on("stdin") {
        container["stdin"] = json!(true);
        container["stdinOnce"] = json!(true);
    }
    if command.args.on("tty") {
        container["tty"] = json!(true);
    }
    let env: Vec<Value> = command
        .args
        .values("env")
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    if !env.is_empty() {
        container["env"] = json!(env);
    }
    if let Some(port) = command.args.value("port").and_then(|port| port.parse::<u16>().ok()) {
        container["ports"] = json!([{"containerPort": port}]);
    }
    if let Some(policy) = command.args.value("image-pull-policy").filter(|policy| !policy.is_empty()) {
        container["imagePullPolicy"] = json!(policy);
    }
    if command.args.on("privileged") {
        container["securityContext"] = json!({"privileged": true});
    }
    let restart = command.args.value("restart").filter(|restart| !restart.is_empty()).unwrap_or("Always");
    let mut labels = json!({"run": name});
    if let Some(text) = command.args.value("labels").filter(|text| !text.is_empty()) {
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
    for pair in command.args.values("annotations") {
        if let Some((key, value)) = pair.split_once('=') {
            pod.set_annotation(key, value);
        }
    }
    if let Some(text) = command.args.value("overrides").filter(|text| !text.is_empty()) {
        pod = overridden(&pod, text, command.args.text("override-type"))?;
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
fn expose(command: &mut Command<'_, '_>, pod: &Object, dry_run: DryRun) -> Result<(), Failure> {
    let port: i64 = command.args.int("port").unwrap_or(0);
    let mut service = Object(json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": pod.name()},
        "spec": {"ports": [{"port": port, "protocol": "TCP", "targetPort": port}], "selector": pod.at(&["metadata", "labels"])},
        "status": {"loadBalancer": {}},
    }));
    if !pod.namespace().is_empty() {
        service.set(&["metadata", "namespace"], json!(pod.namespace()));
    }
    if dry_run == DryRun::Client {
        command.report(&service, "created", dry_run)?;
    } else {
        let created = command.create_object(service, dry_run)?;
        command.report(&created, "created", dry_run)?;
    }
    if command.args.text("output") == "yaml" {
        command.output.line("---");
    }
    Ok(())
}
