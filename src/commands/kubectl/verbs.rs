//! The table of verbs: names, aliases, functions. What kubectl itself has finds its flags in `flags.txt` and its page in `help.txt`; another
//! verb brings both along in its row (`own`).

use crate::commands::cli::args;
use crate::commands::kubectl::cluster::{api_resources, auth, client, config, cordon, drain, taint, top, version};
use crate::commands::kubectl::containers::{attach, cp, debug, exec, port_forward, run};
use crate::commands::kubectl::generate::{access, autoscaler, data, ingress, policies, services, workloads};
use crate::commands::kubectl::invocation::{Invocation, Ran, Verb, Words};
use crate::commands::kubectl::read::{describe, diff, events, explain, get, logs, wait};
use crate::commands::kubectl::write::rollout::{change, history, status, undo};
use crate::commands::kubectl::write::set::{env, image, resources, selector, service_account};
use crate::commands::kubectl::write::{apply, create, delete, edit, expose, label, patch, replace, scale};
use crate::commands::kubectl::{flags, help};

const fn verb(name: &'static str, aliases: &'static [&'static str], run: fn(&mut Invocation<'_, '_>) -> Ran) -> Verb {
    Verb { name, aliases, typed: false, words: Words::Nothing, own: None, run }
}

const fn typed(name: &'static str, aliases: &'static [&'static str], run: fn(&mut Invocation<'_, '_>) -> Ran) -> Verb {
    Verb { typed: true, ..verb(name, aliases, run) }
}

/// The page of `alpha`, which stands in no other page.
const NO_ALPHA: &str = "No alpha commands are available in this version of kubectl\n";

/// Every verb, in the order in which kubectl adds them (its suggestions follow it).
pub const VERBS: &[Verb] = &[
    verb("create", &[], create::run),
    typed("create configmap", &["cm"], data::config_map),
    typed("create cronjob", &["cj"], workloads::cron_job),
    typed("create deployment", &["deploy"], workloads::deployment),
    typed("create job", &[], workloads::job),
    typed("create namespace", &["ns"], policies::namespace),
    verb("create secret", &[], help::group),
    typed("create secret generic", &[], data::secret_generic),
    typed("create secret docker-registry", &[], data::secret_docker_registry),
    typed("create secret tls", &[], data::secret_tls),
    typed("create poddisruptionbudget", &["pdb"], policies::disruption_budget),
    verb("create service", &["svc"], help::group),
    typed("create service clusterip", &[], services::service),
    typed("create service externalname", &[], services::service),
    typed("create service loadbalancer", &[], services::service),
    typed("create service nodeport", &[], services::service),
    typed("create serviceaccount", &["sa"], policies::service_account),
    typed("create clusterrole", &[], access::role),
    typed("create clusterrolebinding", &[], access::binding),
    typed("create ingress", &["ing"], ingress::ingress),
    typed("create priorityclass", &["pc"], policies::priority_class),
    typed("create quota", &["resourcequota"], policies::quota),
    typed("create role", &[], access::role),
    typed("create rolebinding", &[], access::binding),
    verb("create token", &[], access::token),
    typed("expose", &[], expose::run).of(Words::Objects),
    typed("run", &[], run::run_pod),
    verb("set", &[], help::group),
    typed("set env", &[], env::env).of(Words::Objects),
    typed("set image", &[], image::image).of(Words::Objects),
    typed("set resources", &[], resources::resources).of(Words::Objects),
    typed("set selector", &[], selector::selector),
    typed("set serviceaccount", &["sa"], service_account::service_account),
    typed("set subject", &[], not_simulated),
    verb("explain", &[], explain::run).of(Words::Objects),
    verb("get", &[], get::run).of(Words::Objects),
    verb("edit", &[], edit::run).of(Words::Objects),
    verb("delete", &[], delete::run).of(Words::Objects),
    verb("rollout", &[], help::group),
    typed("rollout history", &[], history::history).of(Words::Objects),
    typed("rollout pause", &[], change::pause),
    typed("rollout restart", &[], change::restart).of(Words::Objects),
    typed("rollout resume", &[], change::resume),
    verb("rollout status", &[], status::status).of(Words::Objects),
    typed("rollout undo", &[], undo::undo).of(Words::Objects),
    verb("scale", &[], scale::scale).of(Words::Objects),
    typed("autoscale", &[], autoscaler::autoscale).of(Words::Objects),
    verb("certificate", &[], help::show),
    verb("certificate approve", &[], not_simulated),
    verb("certificate deny", &[], not_simulated),
    verb("cluster-info", &[], version::cluster_info),
    verb("cluster-info dump", &[], not_simulated),
    verb("top", &[], help::group),
    verb("top node", &["nodes", "no"], top::top),
    verb("top pod", &["pods", "po"], top::top),
    verb("cordon", &[], cordon::cordon).of(Words::Nodes),
    verb("uncordon", &[], cordon::cordon).of(Words::Nodes),
    verb("drain", &[], drain::drain).of(Words::Nodes),
    typed("taint", &[], taint::taint).of(Words::Tainted),
    typed("events", &[], events::run),
    verb("api-resources", &[], api_resources::api_resources),
    verb("describe", &[], describe::run).of(Words::Objects),
    verb("logs", &[], logs::run).of(Words::Pod),
    verb("attach", &[], attach::attach).of(Words::Pod),
    verb("exec", &[], exec::run_exec).of(Words::Pod),
    verb("port-forward", &[], port_forward::port_forward).of(Words::Pod),
    verb("proxy", &[], not_simulated),
    verb("cp", &[], cp::run).of(Words::Pod),
    verb("auth", &[], help::group),
    verb("auth can-i", &[], auth::can_i),
    verb("auth whoami", &[], auth::who_am_i),
    verb("auth reconcile", &[], not_simulated),
    verb("debug", &[], debug::debug).of(Words::Pod),
    verb("diff", &[], diff::diff),
    verb("apply", &[], apply::run),
    verb("apply edit-last-applied", &[], apply::edit_last_applied),
    verb("apply set-last-applied", &[], apply::set_last_applied),
    verb("apply view-last-applied", &[], apply::view_last_applied),
    verb("patch", &[], patch::patch).of(Words::Objects),
    verb("replace", &[], replace::run),
    verb("wait", &[], wait::run).of(Words::Objects),
    verb("kustomize", &[], not_simulated),
    verb("label", &[], label::label).of(Words::Objects),
    verb("annotate", &[], label::annotate).of(Words::Objects),
    verb("completion", &[], client::completion),
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
    Verb { own: Some(("", NO_ALPHA)), ..verb("alpha", &[], help::show) },
    verb("plugin", &[], help::group),
    verb("plugin list", &[], client::plugins),
    typed("version", &[], version::version),
    verb("api-versions", &[], version::api_versions),
    verb("options", &[], client::options),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::cli::host::Host;
    use crate::machine::disks::Disks;
    use crate::machine::vfs::{MountTable, View};
    use crate::values::clock::Instant;
    use crate::world::ClusterId;
    use std::collections::BTreeMap;

    #[test]
    fn each_verb_has_a_page() {
        let (mut disks, mounts, environment) = (Disks::default(), MountTable::root("home"), BTreeMap::new());
        let files = View::new(&mut disks, &mounts, Instant(0));
        let host = Host { files, environment: &environment, working_directory: "/", stdin_is_terminal: false, cluster: ClusterId::default() };
        for verb in VERBS {
            assert!(
                help::page(&host, verb).contains("Usage:\n") || verb.own.is_some() || verb.name == "options",
                "help.txt has no page of {}",
                verb.name
            );
        }
        let own = Verb { own: Some(("loud/l? name=", "Says hello.\n")), ..verb("hello", &[], not_simulated) };
        assert_eq!(help::page(&host, &own), "Says hello.\n");
        assert!(flags::of(&own).iter().any(|flag| flag.long == "loud"));
    }

    #[test]
    fn words_find_their_verb() {
        let found = |line: &str| match find(&line.split(' ').map(str::to_owned).collect::<Vec<_>>()) {
            Found::Verb(verb, rest) => format!("{}: {}", verb.name, rest.join(" ")),
            Found::None => "none".to_owned(),
            Found::Unknown(word) => format!("unknown {word}"),
        };
        assert_eq!(found("-n x create deploy web --image=nginx"), "create deployment: -n x web --image=nginx");
        assert_eq!(found("rollout status deploy/web"), "rollout status: deploy/web");
        assert_eq!(found("frob"), "unknown frob");
    }
}
