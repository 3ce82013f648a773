//! The table of verbs: names, aliases, functions. Their flags stand in `flags.txt`, their help in `help.txt`.

use crate::commands::cli::args;
use crate::commands::kubectl::cluster::config;
use crate::commands::kubectl::cluster::misc;
use crate::commands::kubectl::cluster::node;
use crate::commands::kubectl::containers::cp;
use crate::commands::kubectl::containers::exec;
use crate::commands::kubectl::flags;
use crate::commands::kubectl::generate::create;
use crate::commands::kubectl::generate::unsimulated;
use crate::commands::kubectl::help;
use crate::commands::kubectl::invocation::{Invocation, Ran, Verb, Words};
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

const fn verb(name: &'static str, aliases: &'static [&'static str], run: fn(&mut Invocation<'_, '_>) -> Ran) -> Verb {
    Verb { name, aliases, typed: false, words: Words::Nothing, own: None, run }
}

const fn typed(name: &'static str, aliases: &'static [&'static str], run: fn(&mut Invocation<'_, '_>) -> Ran) -> Verb {
    Verb { typed: true, ..verb(name, aliases, run) }
}

/// Every verb, in the order in which kubectl adds them (its suggestions follow it).
pub const VERBS: &[Verb] = &[
    verb("create", &[], create::run),
    typed("create configmap", &["cm"], create::config_map),
    typed("create cronjob", &["cj"], create::cron_job),
    typed("create deployment", &["deploy"], create::deployment),
    typed("create job", &[], create::job),
    typed("create namespace", &["ns"], create::namespace),
    verb("create secret", &[], help::group),
    typed("create secret generic", &[], create::secret_generic),
    typed("create secret docker-registry", &[], create::secret_docker_registry),
    typed("create secret tls", &[], create::secret_tls),
    typed("create poddisruptionbudget", &["pdb"], create::disruption_budget),
    verb("create service", &["svc"], help::group),
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
    typed("expose", &[], expose::run).of(Words::Objects),
    typed("run", &[], exec::run_pod),
    verb("set", &[], help::group),
    typed("set env", &[], set::env).of(Words::Objects),
    typed("set image", &[], set::image).of(Words::Objects),
    typed("set resources", &[], set::resources).of(Words::Objects),
    typed("set selector", &[], set::selector),
    typed("set serviceaccount", &["sa"], set::service_account),
    typed("set subject", &[], not_simulated),
    verb("explain", &[], explain::run).of(Words::Objects),
    verb("get", &[], get::run).of(Words::Objects),
    verb("edit", &[], edit::run).of(Words::Objects),
    verb("delete", &[], delete::run).of(Words::Objects),
    verb("rollout", &[], help::group),
    typed("rollout history", &[], rollout::history).of(Words::Objects),
    typed("rollout pause", &[], rollout::pause),
    typed("rollout restart", &[], rollout::restart).of(Words::Objects),
    typed("rollout resume", &[], rollout::resume),
    verb("rollout status", &[], rollout::status).of(Words::Objects),
    typed("rollout undo", &[], rollout::undo).of(Words::Objects),
    verb("scale", &[], change::scale).of(Words::Objects),
    typed("autoscale", &[], unsimulated::autoscale).of(Words::Objects),
    verb("certificate", &[], help::show),
    verb("certificate approve", &[], not_simulated),
    verb("certificate deny", &[], not_simulated),
    verb("cluster-info", &[], misc::cluster_info),
    verb("cluster-info dump", &[], not_simulated),
    verb("top", &[], help::group),
    verb("top node", &["nodes", "no"], misc::top),
    verb("top pod", &["pods", "po"], misc::top),
    verb("cordon", &[], node::cordon).of(Words::Nodes),
    verb("uncordon", &[], node::cordon).of(Words::Nodes),
    verb("drain", &[], node::drain).of(Words::Nodes),
    typed("taint", &[], node::taint).of(Words::Tainted),
    typed("events", &[], events::run),
    verb("api-resources", &[], events::api_resources),
    verb("describe", &[], describe::run).of(Words::Objects),
    verb("logs", &[], logs::run).of(Words::Pod),
    verb("attach", &[], exec::attach).of(Words::Pod),
    verb("exec", &[], exec::run_exec).of(Words::Pod),
    verb("port-forward", &[], misc::port_forward).of(Words::Pod),
    verb("proxy", &[], not_simulated),
    verb("cp", &[], cp::run).of(Words::Pod),
    verb("auth", &[], help::group),
    verb("auth can-i", &[], misc::can_i),
    verb("auth whoami", &[], misc::who_am_i),
    verb("auth reconcile", &[], not_simulated),
    verb("debug", &[], misc::debug).of(Words::Pod),
    verb("diff", &[], edit::diff),
    verb("apply", &[], apply::run),
    verb("apply edit-last-applied", &[], apply::edit_last_applied),
    verb("apply set-last-applied", &[], apply::set_last_applied),
    verb("apply view-last-applied", &[], apply::view_last_applied),
    verb("patch", &[], change::patch).of(Words::Objects),
    verb("replace", &[], replace::run),
    verb("wait", &[], wait::run).of(Words::Objects),
    verb("kustomize", &[], not_simulated),
    verb("label", &[], change::label).of(Words::Objects),
    verb("annotate", &[], change::annotate).of(Words::Objects),
    verb("completion", &[], misc::completion),
    verb("config", &[], help::group),
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
    verb("plugin", &[], help::group),
    verb("plugin list", &[], misc::plugins),
    typed("version", &[], misc::version),
    verb("api-versions", &[], misc::api_versions),
    verb("options", &[], misc::options),
    verb("help", &[], help_of),
];

/// A verb that Kubernetes has and we do not.
fn not_simulated(invocation: &mut Invocation<'_, '_>) -> Ran {
    invocation.not_simulated()
}

/// `kubectl help VERB`: stands with the table because it looks into it.
fn help_of(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    let page = match find(&words) {
        Found::Verb(verb, _) => help::page(invocation.host, verb),
        Found::None => help::overview(invocation.host),
        Found::Unknown(_) => {
            let topics: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            let root = help::overview(invocation.host);
            invocation.output.err(&format!("Unknown help topic [{}]\n", topics.join(" ")));
            invocation.output.out(&format!("\n\n{}", root.find("Basic").map_or("", |at| &root[at..])));
            return Ok(None);
        }
    };
    invocation.output.out(&page);
    Ok(None)
}

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
    let mut places = args::command_words(&flags::shared(), words).into_iter();
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
