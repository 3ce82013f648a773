//! A terminal on the main program of a container: what attach and `run -i` wait for.

use crate::apiserver::DeleteOptions;
use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Pending, Poll};
use crate::commands::kubectl::failure::{Failure, over};
use crate::commands::kubectl::invocation::Invocation;
use crate::commands::kubectl::request::deletion::{AwaitedDeletion, deleted_line};
use crate::commands::kubectl::request::write::DryRun;
use crate::commands::kubectl::request::{containers, pods};
use crate::kinds::readers::pods::is_terminal;
use crate::machine::process::Input;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Object, ObjectKey, Value, at};
use crate::world::{Connection, World};

const PROMPT_HINT: &str = "If you don't see a command prompt, try pressing enter.";

const RECORDED_HINT: &str = "All commands and output from this session will be recorded in container logs, including credentials and sensitive information passed through the command prompt.";

/// How long `run -i` waits for its pod.
const POD_TIMEOUT: Duration = Duration::seconds(60);

/// The main program of a container with the terminal on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Attach {
    pod: ObjectKey,
    container: String,
    stdin: bool,
    tty: bool,
    quiet: bool,
    /// `run`: the pod's end decides the exit code; `--rm`: then it goes.
    pub of_run: bool,
    pub remove: bool,
    attached: bool,
    /// What came on standard input before there was a program to read it, and whether it ended.
    early: Vec<u8>,
    early_end: bool,
    /// Entries of the log that are shown.
    pub seen: u64,
    deadline: Instant,
    removing: Option<AwaitedDeletion>,
    code: i32,
    prompt: String,
}

impl Attach {
    pub fn new(invocation: &Invocation<'_, '_>, pod: &Object, container: &str) -> Attach {
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
    fn end(&mut self, cluster: &mut Connection<'_>, pod: &Object, output: &mut Output) -> Poll {
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
        self.removing = Some(AwaitedDeletion::new(vec![(self.pod.clone(), pod.uid().to_owned())], cluster.now() + POD_TIMEOUT));
        Poll::Going
    }
}

impl Pending for Attach {
    fn poll(&mut self, world: &mut World, host: &mut Host<'_>, input: Input, output: &mut Output) -> Poll {
        let cluster = &mut world.connect(&host.cluster);
        if let Some(removing) = &mut self.removing {
            return match removing.look(cluster) {
                None => Poll::Going,
                Some(Ok(())) => self.ended(output),
                Some(failed) => over(failed, output),
            };
        }
        let Ok(pod) = cluster.api.get(&self.pod).cloned() else { return over(Ok(()), output) };
        let completed = is_terminal(&pod);
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
        if let Some(log) = containers::log(cluster.view(), &pod, &self.container, false) {
            log.since(self.seen).for_each(|line| output.out(line.text));
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
        self.prompt = if self.stdin && self.tty { containers::prompt(cluster.view(), &pod, &self.container) } else { String::new() };
        if self.attached && self.stdin && containers::reads(cluster.view(), &pod, &self.container) { Poll::WantsInput } else { Poll::Going }
    }

    fn prompt(&self) -> String {
        self.prompt.clone()
    }

    fn wake(&self) -> Option<Instant> {
        (!self.attached).then_some(self.deadline)
    }
}
