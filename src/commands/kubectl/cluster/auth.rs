//! auth can-i, auth whoami. Models kubectl/pkg/cmd/auth.

use crate::commands::cli::table;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::kinds;

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
    invocation.output.out(&table::table(Some(&row("ATTRIBUTE", "VALUE")), &rows));
    Ok(None)
}
