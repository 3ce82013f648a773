//! version, cluster-info, api-versions, auth, top, options, and the verbs of what is not there.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::help;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::print;
use crate::kinds;
use crate::values::object::{Value, json};
use crate::values::order::Order;

pub fn version(invocation: &mut Invocation<'_, '_>) -> Ran {
    if !invocation.args.positional.is_empty() {
        return Err(Failure::plain(format!("extra arguments: [{}]", invocation.args.positional.join(" "))));
    }
    let server = invocation.cluster.flavour.version;
    let client = server.split('+').next().unwrap_or(server).to_owned();
    let with_server = !invocation.args.on("client");
    let output = invocation.args.text("output").to_owned();
    match output.as_str() {
        "" => {
            invocation.output.line(&format!("Client Version: {client}\nKustomize Version: {KUSTOMIZE}"));
            if with_server {
                invocation.output.line(&format!("Server Version: {server}"));
            }
        }
        "json" | "yaml" => {
            let mut versions = json!({"clientVersion": version_info(&client, false), "kustomizeVersion": KUSTOMIZE, "kind": "VersionOfAll"});
            if with_server {
                versions["serverVersion"] = version_info(server, true);
            }
            let text = if output == "json" {
                print::typed_json(&versions).replace("    ", "  ").replacen("  \"kind\": \"VersionOfAll\",\n", "", 1)
            } else {
                crate::values::yaml::print(&versions).replacen("kind: VersionOfAll\n", "", 1) + "\n"
            };
            invocation.output.out(&text);
        }
        _ => return Err(Failure::plain("--output must be 'yaml' or 'json'")),
    }
    Ok(None)
}

const KUSTOMIZE: &str = "v5.7.1";

/// What a program says of its version, in the order of Go's struct.
fn version_info(version: &str, server: bool) -> Value {
    let mut info = json!({
        "buildDate": "2026-02-10T12:00:00Z", "compiler": "gc", "gitCommit": "0000000000000000000000000000000000000000", "gitTreeState": "clean",
        "gitVersion": version, "goVersion": "go1.24.12", "major": "1", "minor": "34", "platform": "linux/amd64",
    });
    if server {
        for (field, value) in [("emulationMajor", "1"), ("emulationMinor", "34"), ("minCompatibilityMajor", "1"), ("minCompatibilityMinor", "33")] {
            info[field] = json!(value);
        }
    }
    info
}

pub fn cluster_info(invocation: &mut Invocation<'_, '_>) -> Ran {
    let server = "https://127.0.0.1:6443";
    invocation.output.line(&format!("Kubernetes control plane is running at {server}"));
    invocation.output.line(&format!("CoreDNS is running at {server}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy"));
    invocation.output.line("");
    invocation.output.line("To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
    Ok(None)
}

pub fn api_versions(invocation: &mut Invocation<'_, '_>) -> Ran {
    invocation.takes_no_words("unexpected arguments")?;
    let mut versions: Vec<String> = kinds::ALL.iter().map(kinds::KindDef::api_version).collect();
    versions.order();
    versions.dedup();
    for version in versions {
        invocation.output.line(&version);
    }
    Ok(None)
}

const RESOURCE_VERBS: [&str; 16] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "use",
    "bind",
    "impersonate",
    "*",
    "approve",
    "sign",
    "escalate",
    "attest",
];
const URL_VERBS: [&str; 8] = ["get", "put", "post", "head", "options", "delete", "patch", "*"];

pub fn can_i(invocation: &mut Invocation<'_, '_>) -> Ran {
    if invocation.args.on("list") {
        invocation.output.line("Resources   Non-Resource URLs   Resource Names   Verbs");
        invocation.output.line("*.*         []                  []               [*]");
        invocation.output.line("            [*]                 []               [*]");
        return Ok(None);
    }
    let words = invocation.words();
    if !(2..=3).contains(&words.len()) {
        return Err(Failure::plain(
            "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
        ));
    }
    let resource = words[1].split('/').next().unwrap_or("");
    match kinds::by_resource(resource) {
        None if !words[1].starts_with('/') && resource != "*" => {
            invocation.output.warn(&format!("Warning: the server doesn't have a resource type '{resource}'\n"));
        }
        Some(def) if !def.namespaced && !invocation.args.on("all-namespaces") => {
            let group = if def.group.is_empty() { String::new() } else { format!(" in group '{}'", def.group) };
            invocation.output.warn(&format!("Warning: resource '{}' is not namespace scoped{group}\n", def.plural));
        }
        _ => {}
    }
    let known = if words[1].starts_with('/') { &URL_VERBS[..] } else { &RESOURCE_VERBS[..] };
    if !known.contains(&words[0].as_str()) {
        invocation.output.warn(&format!("Warning: verb '{}' is not a known verb\n", words[0]));
    }
    // There are no roles here: whoever is none of the masters may do nothing.
    let other = !["", "kubernetes-admin"].contains(&invocation.args.text("as"));
    let may = !other || invocation.args.values("as-group").iter().any(|group| group == "system:masters");
    if !invocation.args.on("quiet") {
        invocation.output.line(if may { "yes" } else { "no" });
    }
    if may { Ok(None) } else { Err(Failure::Code(1)) }
}

/// The digest of the user's certificate.
const CREDENTIAL: &str = "[X509SHA256=3a655c442df31656f736b1eb7602fb052b31f59c8f12344995d533580d011e7e]";

pub fn who_am_i(invocation: &mut Invocation<'_, '_>) -> Ran {
    let row = |name: &str, value: &str| vec![name.to_owned(), value.to_owned()];
    let rows = [
        row("Username", "kubernetes-admin"),
        row("Groups", "[system:masters system:authenticated]"),
        row("Extra: authentication.kubernetes.io/credential-id", CREDENTIAL),
    ];
    invocation.output.out(&print::table(Some(&row("ATTRIBUTE", "VALUE")), &rows));
    Ok(None)
}

/// `top node`, `top pod`: nothing measures here.
pub fn top(invocation: &mut Invocation<'_, '_>) -> Ran {
    let (one, flag) = if invocation.verb.name == "top node" { ("node", "--selector") } else { ("pod", "selector") };
    match invocation.args.positional.len() {
        0 => {}
        1 if !invocation.args.text("selector").is_empty() => return Err(Failure::plain(format!("only one of NAME or {flag} can be provided"))),
        1 => {}
        _ => return Err(Failure::usage(format!("{one} [NAME | -l label]"))),
    }
    Err(Failure::plain("Metrics API not available"))
}

pub fn options(invocation: &mut Invocation<'_, '_>) -> Ran {
    help::show(invocation)
}

pub fn alpha(invocation: &mut Invocation<'_, '_>) -> Ran {
    invocation.output.line("No alpha commands are available in this version of kubectl");
    Ok(None)
}

/// `plugin list`: there are none.
pub fn plugins(_: &mut Invocation<'_, '_>) -> Ran {
    Err(Failure::plain("unable to find any kubectl plugins in your PATH"))
}

/// `debug`: its image is asked for before all else.
pub fn debug(invocation: &mut Invocation<'_, '_>) -> Ran {
    if invocation.args.text("image").is_empty() && invocation.args.text("copy-to").is_empty() {
        return Err(Failure::plain("you must specify --image when not using --copy-to."));
    }
    invocation.not_simulated()
}

/// `create token`.
pub fn token(invocation: &mut Invocation<'_, '_>) -> Ran {
    crate::commands::kubectl::generate::create::name(invocation)?;
    invocation.not_simulated()
}

/// port-forward: refuses what kubectl refuses; there is nothing on this machine that could be forwarded to.
pub fn port_forward(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    if words.len() < 2 {
        return Err(Failure::usage("TYPE/NAME and list of ports are required for port-forward"));
    }
    invocation.pod_or_owner(&words[0])?;
    invocation.not_simulated()
}

pub fn completion(invocation: &mut Invocation<'_, '_>) -> Ran {
    if invocation.args.positional.len() > 1 {
        return Err(Failure::usage("Too many arguments. Expected only the shell type."));
    }
    match invocation.args.positional.first().map(String::as_str) {
        Some("bash" | "zsh" | "fish" | "powershell") => {
            invocation.output.line("# Tab completes kubectl's verbs, kinds, names and flags in this console already.");
            Ok(None)
        }
        Some(shell) => Err(Failure::usage(format!("Unsupported shell type {shell:?}."))),
        None => Err(Failure::usage("Shell not specified.")),
    }
}
