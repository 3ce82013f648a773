//! The table of verbs: names, aliases, functions. Their flags stand in `flags.txt`, their help in `help.txt`.

use crate::commands::cli::args;
use crate::commands::kubectl::cluster::config;
use crate::commands::kubectl::cluster::misc;
use crate::commands::kubectl::cluster::node;
use crate::commands::kubectl::containers::cp;
use crate::commands::kubectl::containers::exec;
use crate::commands::kubectl::generate::create;
use crate::commands::kubectl::generate::unsimulated;
use crate::commands::kubectl::read::describe;
use crate::commands::kubectl::read::events;
use crate::commands::kubectl::read::explain;
use crate::commands::kubectl::read::get;
use crate::commands::kubectl::read::logs;
use crate::commands::kubectl::read::wait;
use crate::commands::kubectl::write::apply;
use crate::commands::kubectl::write::change;
use crate::commands::kubectl::write::delete;
use crate::commands::kubectl::write::edit;
use crate::commands::kubectl::write::expose;
use crate::commands::kubectl::write::replace;
use crate::commands::kubectl::write::rollout;
use crate::commands::kubectl::write::set;
use crate::commands::kubectl::{Command, Ran};

/// One command, such as `get` or `rollout status`.
pub struct Verb {
    /// The words behind `kubectl`.
    pub name: &'static str,
    /// Other names of its last word.
    pub aliases: &'static [&'static str],
    /// Whether `-o json` prints Go's structs, whose fields are in no order of names.
    pub typed: bool,
    pub run: fn(&mut Command<'_, '_>) -> Ran,
}

const fn verb(name: &'static str, aliases: &'static [&'static str], run: fn(&mut Command<'_, '_>) -> Ran) -> Verb {
    Verb { name, aliases, typed: false, run }
}

const fn typed(name: &'static str, aliases: &'static [&'static str], run: fn(&mut Command<'_, '_>) -> Ran) -> Verb {
    Verb { name, aliases, typed: true, run }
}

/// Every verb, in the order in which kubectl adds them (its suggestions follow it).
pub const VERBS: &[Verb] = &[
    verb("create", &[], create::run),
    typed("create configmap", &["cm"], create::config_map),
    typed("create cronjob", &["cj"], create::cron_job),
    typed("create deployment", &["deploy"], create::deployment),
    typed("create job", &[], create::job),
    typed("create namespace", &["ns"], create::namespace),
    verb("create secret", &[], group),
    typed("create secret generic", &[], create::secret_generic),
    typed("create secret docker-registry", &[], create::secret_docker_registry),
    typed("create secret tls", &[], create::secret_tls),
    typed("create poddisruptionbudget", &["pdb"], create::disruption_budget),
    verb("create service", &["svc"], group),
    typed("create service clusterip", &[], create::service),
    typed("create service externalname", &[], create::service),
    typed("create service loadbalancer", &[], create::service),
    typed("create service nodeport", &[], create::service),
    typed("create serviceaccount", &["sa"], create::service_account),
    typed("create clusterrole", &[], unsimulated::role),
    typed("create clusterrolebinding", &[], unsimulated::binding),
    typed("create ingress", &["ing"], unsimulated::ingress),
    typed("create priorityclass", &["pc"], create::priority_class),
    typed("create quota", &["resourcequota"], unsimulated::quota),
    typed("create role", &[], unsimulated::role),
    typed("create rolebinding", &[], unsimulated::binding),
    verb("create token", &[], misc::token),
    typed("expose", &[], expose::run),
    typed("run", &[], exec::run_pod),
    verb("set", &[], group),
    typed("set env", &[], set::env),
    typed("set image", &[], set::image),
    typed("set resources", &[], set::resources),
    typed("set selector", &[], set::selector),
    typed("set serviceaccount", &["sa"], set::service_account),
    typed("set subject", &[], misc::not_simulated),
    verb("explain", &[], explain::run),
    verb("get", &[], get::run),
    verb("edit", &[], edit::run),
    verb("delete", &[], delete::run),
    verb("rollout", &[], group),
    typed("rollout history", &[], rollout::history),
    typed("rollout pause", &[], rollout::pause),
    typed("rollout restart", &[], rollout::restart),
    typed("rollout resume", &[], rollout::resume),
    verb("rollout status", &[], rollout::status),
    typed("rollout undo", &[], rollout::undo),
    verb("scale", &[], change::scale),
    typed("autoscale", &[], unsimulated::autoscale),
    verb("certificate", &[], misc::show_help),
    verb("certificate approve", &[], misc::not_simulated),
    verb("certificate deny", &[], misc::not_simulated),
    verb("cluster-info", &[], misc::cluster_info),
    verb("cluster-info dump", &[], misc::not_simulated),
    verb("top", &[], group),
    verb("top node", &["nodes", "no"], misc::top),
    verb("top pod", &["pods", "po"], misc::top),
    verb("cordon", &[], node::cordon),
    verb("uncordon", &[], node::cordon),
    verb("drain", &[], node::drain),
    typed("taint", &[], node::taint),
    typed("events", &[], events::run),
    verb("api-resources", &[], events::api_resources),
    verb("describe", &[], describe::run),
    verb("logs", &[], logs::run),
    verb("attach", &[], exec::attach),
    verb("exec", &[], exec::run_exec),
    verb("port-forward", &[], misc::port_forward),
    verb("proxy", &[], misc::not_simulated),
    verb("cp", &[], cp::run),
    verb("auth", &[], group),
    verb("auth can-i", &[], misc::can_i),
    verb("auth whoami", &[], misc::who_am_i),
    verb("auth reconcile", &[], misc::not_simulated),
    verb("debug", &[], misc::debug),
    verb("diff", &[], edit::diff),
    verb("apply", &[], apply::run),
    verb("apply edit-last-applied", &[], apply::edit_last_applied),
    verb("apply set-last-applied", &[], apply::set_last_applied),
    verb("apply view-last-applied", &[], apply::view_last_applied),
    verb("patch", &[], change::patch),
    verb("replace", &[], replace::run),
    verb("wait", &[], wait::run),
    verb("kustomize", &[], misc::not_simulated),
    verb("label", &[], change::label),
    verb("annotate", &[], change::annotate),
    verb("completion", &[], misc::completion),
    verb("config", &[], group),
    verb("config current-context", &[], config::current_context),
    verb("config get-clusters", &[], config::get_clusters),
    verb("config get-contexts", &[], config::get_contexts),
    verb("config get-users", &[], config::get_users),
    verb("config set-context", &[], config::set_context),
    verb("config use-context", &["use"], config::use_context),
    typed("config view", &[], config::view),
    verb("config delete-cluster", &[], config::delete),
    verb("config delete-context", &[], config::delete),
    verb("config delete-user", &[], config::delete),
    verb("config rename-context", &[], config::rename_context),
    verb("config set", &[], config::set),
    verb("config set-cluster", &[], config::set_cluster),
    verb("config set-credentials", &[], config::set_credentials),
    verb("config unset", &[], config::unset),
    verb("alpha", &[], misc::alpha),
    verb("plugin", &[], group),
    verb("plugin list", &[], misc::plugins),
    typed("version", &[], misc::version),
    verb("api-versions", &[], misc::api_versions),
    verb("options", &[], misc::options),
    verb("help", &[], misc::help),
];

/// What stands behind `kubectl` on a command line.
pub enum Found {
    /// A row, and the words that are not its name.
    Verb(&'static Verb, Vec<String>),
    /// No command at all.
    None,
    Unknown(String),
}

/// Whether a row is called so: `prefix` are the words of its name before the last.
fn is_called(verb: &Verb, parent: &str, word: &str) -> bool {
    let (before, last) = verb.name.rsplit_once(' ').unwrap_or(("", verb.name));
    before == parent && (last == word || verb.aliases.contains(&word))
}

/// Finds the row of a command line.
pub fn find(words: &[String]) -> Found {
    let mut places = args::command_words(words).into_iter();
    let Some(first) = places.next() else { return Found::None };
    let Some(mut verb) = VERBS.iter().find(|verb| is_called(verb, "", &words[first])) else {
        return Found::Unknown(words[first].clone());
    };
    let mut taken = vec![first];
    for place in places {
        match VERBS.iter().find(|other| is_called(other, verb.name, &words[place])) {
            Some(below) => verb = below,
            None => break,
        }
        taken.push(place);
    }
    let rest = words.iter().enumerate().filter(|(index, _)| !taken.contains(index)).map(|(_, word)| word.clone()).collect();
    Found::Verb(verb, rest)
}

/// A command that only groups others: prints its help and fails.
fn group(command: &mut Command<'_, '_>) -> Ran {
    if !command.args.positional.is_empty() {
        return Err(crate::commands::kubectl::Failure::usage(format!("unknown command {:?}", command.args.positional.join(" "))));
    }
    command.output.out(&crate::commands::kubectl::help::page(command.host, command.verb.name));
    Err(crate::commands::kubectl::Failure::Code(1))
}
