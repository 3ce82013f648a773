//! version, cluster-info, api-versions, auth, top, options, and the verbs that need a network that is not there.

use super::{Command, Failure, Ran, args, help, resources};
use crate::kinds;
use crate::values::order::Order;

pub fn version(command: &mut Command<'_, '_>) -> Ran {
    let version = command.cluster.flavour.version;
    let client = version.split('+').next().unwrap_or(version).to_owned();
    command.output.line(&format!("Client Version: {client}"));
    command.output.line("Kustomize Version: v5.7.1");
    if !command.args.on("client") {
        command.output.line(&format!("Server Version: {version}"));
    }
    Ok(None)
}

pub fn cluster_info(command: &mut Command<'_, '_>) -> Ran {
    let server = "https://127.0.0.1:6443";
    command.output.line(&format!("Kubernetes control plane is running at {server}"));
    command.output.line(&format!("CoreDNS is running at {server}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy"));
    command.output.line("");
    command.output.line("To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
    Ok(None)
}

pub fn api_versions(command: &mut Command<'_, '_>) -> Ran {
    let mut versions: Vec<String> = kinds::ALL.iter().map(kinds::KindDef::api_version).collect();
    versions.order();
    versions.dedup();
    for version in versions {
        command.output.line(&version);
    }
    Ok(None)
}

pub fn can_i(command: &mut Command<'_, '_>) -> Ran {
    if command.args.on("list") {
        command.output.line("Resources   Non-Resource URLs   Resource Names   Verbs");
        command.output.line("*.*         []                  []               [*]");
        command.output.line("            [*]                 []               [*]");
        return Ok(None);
    }
    let words = command.words();
    if words.len() < 2 {
        return Err(Failure::plain(
            "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
        ));
    }
    let resource = words[1].split('/').next().unwrap_or("");
    match kinds::by_resource(resource) {
        None if !words[1].starts_with('/') && resource != "*" => {
            command.output.warn(&format!("Warning: the server doesn't have a resource type '{resource}'\n"));
        }
        Some(def) if !def.namespaced && !command.args.on("all-namespaces") => {
            let group = if def.group.is_empty() { String::new() } else { format!(" in group '{}'", def.group) };
            command.output.warn(&format!("Warning: resource '{}' is not namespace scoped{group}\n", def.plural));
        }
        _ => {}
    }
    command.output.line("yes");
    Ok(None)
}

pub fn who_am_i(command: &mut Command<'_, '_>) -> Ran {
    command.output.line("ATTRIBUTE   VALUE");
    command.output.line("Username    kubernetes-admin");
    command.output.line("Groups      [system:masters system:authenticated]");
    Ok(None)
}

pub fn top(command: &mut Command<'_, '_>) -> Ran {
    let nodes = command.verb.name == "top node";
    if let Some(name) = command.args.positional.first() {
        let def = resources::kind(if nodes { "node" } else { "pod" })?;
        let key = command.key(def, &command.namespace(), name);
        command.cluster.api.get(&key)?;
    }
    Err(Failure::plain("Metrics API not available"))
}

pub fn options(command: &mut Command<'_, '_>) -> Ran {
    command.output.out("The following options can be passed to any command:\n\n");
    let text = args::flag_help(&[args::GLOBAL]);
    command.output.out(&text);
    Ok(None)
}

/// `kubectl help VERB`.
pub fn help(command: &mut Command<'_, '_>) -> Ran {
    let words = command.words();
    match super::verbs::find(&words) {
        super::verbs::Found::Verb(verb, _) => command.output.out(&help::of(verb)),
        super::verbs::Found::None => command.output.out(&help::root()),
        super::verbs::Found::Unknown(word) => {
            command.output.err(&format!("Unknown help topic {word:?}. See 'kubectl help'.\n"));
            return Err(Failure::Code(1));
        }
    }
    Ok(None)
}

/// What Kubernetes has and we do not.
pub fn not_simulated(command: &mut Command<'_, '_>) -> Ran {
    Err(Failure::Raw(format!("not simulated here: kubectl {}", command.verb.name)))
}

pub fn completion(command: &mut Command<'_, '_>) -> Ran {
    match command.args.positional.first().map(String::as_str) {
        Some("bash" | "zsh" | "fish" | "powershell") => {
            command.output.line("# Tab completes kubectl's verbs, kinds, names and flags in this console already.");
            Ok(None)
        }
        Some(shell) => Err(Failure::usage(format!("Unsupported shell type {shell:?}."))),
        None => Err(Failure::usage("Shell not specified.")),
    }
}
