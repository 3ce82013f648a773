//! A verb, and one run of it.

use super::failure::Failure;
use super::request::kubeconfig;
use crate::commands::cli::args::Args;
use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::Pending;
use crate::values::clock::Instant;
use crate::world::Connection;
use std::fmt;

/// What a verb's arguments are, for Tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    Nothing,
    /// A kind, then names of its objects.
    Objects,
    /// The name of a pod.
    Pod,
    Nodes,
    /// `nodes`, then their names.
    Tainted,
}

/// A row of `verbs::VERBS`: one command, such as `get` or `rollout status`.
pub struct Verb {
    /// The words behind `kubectl`.
    pub name: &'static str,
    /// Other names of its last word.
    pub aliases: &'static [&'static str],
    /// Whether `-o json` prints Go's structs, whose fields are in no order of names.
    pub typed: bool,
    pub words: Words,
    /// The flags, as `cli::args::read_flags` reads them, and the page, with a `Usage:` line, of a verb that kubectl itself does not have:
    /// `flags.txt` and `help.txt` have those of all others, and the overview, which is kubectl's own.
    pub own: Option<(&'static str, &'static str)>,
    pub run: fn(&mut Invocation<'_, '_>) -> Ran,
}

impl Verb {
    /// The row, its arguments of this sort.
    pub const fn of(self, words: Words) -> Verb {
        Verb { words, ..self }
    }
}

impl PartialEq for Verb {
    fn eq(&self, other: &Verb) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Verb {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

/// What a verb's function returns: nothing more to do, or what goes on.
pub type Ran = Result<Option<Box<dyn Pending>>, Failure>;

/// One run of a verb: what it was given and what it writes.
pub struct Invocation<'a, 'h> {
    pub cluster: &'a mut Connection<'a>,
    pub host: &'a mut Host<'h>,
    pub verb: &'static Verb,
    pub args: Args,
    /// All that a pipe or here-document holds.
    pub stdin: &'a [u8],
    pub output: Output,
    /// How many objects were printed: YAML has a line between two.
    pub reported: usize,
    /// The warnings that stand on standard error by now.
    pub warned: Vec<String>,
}

impl Invocation<'_, '_> {
    pub fn now(&self) -> Instant {
        self.cluster.now()
    }

    /// The namespace that the command works in: `-n`, else the kubeconfig's context, else `default`.
    pub fn namespace(&self) -> String {
        match self.args.value("namespace") {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => kubeconfig::current_namespace(self.host.view(), self.args.value("context")),
        }
    }

    /// The positional arguments.
    pub fn words(&self) -> Vec<String> {
        self.args.positional.clone()
    }

    /// # Errors
    /// Words where the command takes none.
    pub fn takes_no_words(&self, title: &str) -> Result<(), Failure> {
        if self.args.positional.is_empty() { Ok(()) } else { Err(Failure::usage(format!("{title}: [{}]", self.args.positional.join(" ")))) }
    }

    /// `Warning:` lines of the server, each once.
    pub fn warnings(&mut self, warnings: &[String]) {
        for warning in warnings {
            if !self.warned.contains(warning) {
                self.output.warn(&format!("Warning: {warning}"));
                self.warned.push(warning.clone());
            }
        }
    }

    /// What the server says to each request for objects of a kind that is not to be used any more.
    pub fn warn_deprecated(&mut self, kind: &str) {
        if kind == "Endpoints" {
            self.warnings(&["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice".to_owned()]);
        }
    }

    /// What Kubernetes has and we do not.
    /// # Errors
    /// Always.
    pub fn not_simulated(&self) -> Ran {
        Err(Failure::Raw(format!("not simulated here: kubectl {}", self.verb.name)))
    }
}
