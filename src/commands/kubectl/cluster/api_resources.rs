//! api-resources: every kind of the server. Models kubectl/pkg/cmd/apiresources.

use crate::commands::cli::table;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::discovery::OTHERS;
use crate::commands::kubectl::request::print;
use crate::kinds;
use crate::values::object::{Value, json};
use crate::values::yaml;

const ALL_VERBS: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// What can be done with a kind.
fn verbs(kind: &str) -> &'static [&'static str] {
    match kind {
        "Binding" => &["create"],
        "ComponentStatus" => &["get", "list"],
        _ if kind.ends_with("Review") => &["create"],
        _ => ALL_VERBS,
    }
}

/// The categories of a kind.
fn categories(group: &str, kind: &str) -> Vec<&'static str> {
    match (group, kind) {
        ("admissionregistration.k8s.io" | "apiextensions.k8s.io" | "apiregistration.k8s.io", _) => vec!["api-extensions"],
        (_, "ReplicationController" | "HorizontalPodAutoscaler") => vec!["all"],
        _ => kinds::by_kind(kind).filter(|def| def.group == group).map_or(Vec::new(), |def| def.categories.to_vec()),
    }
}

/// A row as an APIResource.
fn resource((group, plural, short, version, namespaced, kind): &(String, String, String, String, bool, String)) -> Value {
    let mut resource = json!({
        "kind": kind, "name": plural, "namespaced": namespaced, "singularName": kind.to_ascii_lowercase(), "verbs": verbs(kind),
        "version": version.rsplit('/').next(),
    });
    if !group.is_empty() {
        resource["group"] = json!(group);
    }
    if !short.is_empty() {
        resource["shortNames"] = json!(short.split(',').collect::<Vec<_>>());
    }
    let categories = categories(group, kind);
    if !categories.is_empty() {
        resource["categories"] = json!(categories);
    }
    resource
}

/// `kubectl api-resources`. Models kubectl/pkg/cmd/apiresources.
pub fn api_resources(invocation: &mut Invocation<'_, '_>) -> Ran {
    invocation.takes_no_words("unexpected arguments")?;
    let group = |version: &str| version.split_once('/').map_or("", |(group, _)| group).to_owned();
    let mut rows: Vec<(String, String, String, String, bool, String)> = Vec::new();
    for def in kinds::ALL {
        rows.push((def.group.to_owned(), def.plural.to_owned(), def.short_names.join(","), def.api_version(), def.namespaced, def.kind.to_owned()));
    }
    for (plural, short, version, namespaced, kind) in OTHERS {
        let known = kinds::ALL.iter().any(|def| def.plural == *plural && def.api_version() == *version);
        if !known {
            let text = |text: &str| text.to_owned();
            rows.push((group(version), text(plural), text(short), text(version), *namespaced, text(kind)));
        }
    }
    rows.sort();
    if invocation.args.given("namespaced") {
        let wanted = invocation.args.on("namespaced");
        rows.retain(|row| row.4 == wanted);
    }
    if invocation.args.given("api-group") {
        let wanted = invocation.args.text("api-group");
        rows.retain(|row| row.0 == wanted);
    }
    let (wanted_verbs, wanted_categories) = (invocation.args.values("verbs"), invocation.args.values("categories"));
    rows.retain(|row| wanted_verbs.iter().all(|verb| verbs(&row.5).contains(&verb.as_str())));
    rows.retain(|row| wanted_categories.iter().all(|category| categories(&row.0, &row.5).contains(&category.as_str())));
    match invocation.args.text("sort-by") {
        "" => {}
        "name" => rows.sort_by_key(|row| row.1.clone()),
        "kind" => rows.sort_by_key(|row| row.5.clone()),
        _ => return Err(Failure::plain("--sort-by accepts only name or kind")),
    }
    let wide = match invocation.args.text("output") {
        "name" => {
            for (group, plural, ..) in rows {
                invocation.output.line(&if group.is_empty() { plural } else { format!("{plural}.{group}") });
            }
            return Ok(None);
        }
        "" => false,
        "wide" => true,
        format => {
            let list = json!({"apiVersion": "v1", "groupVersion": "", "kind": "APIResourceList", "resources": rows.iter().map(resource).collect::<Vec<_>>()});
            let text = match format.to_ascii_lowercase().as_str() {
                "json" => print::typed_json(&list),
                "yaml" => yaml::print(&list),
                _ => {
                    return Err(Failure::plain(format!(
                        "unable to match a printer suitable for the output format {format:?}, allowed formats are: json,name,wide,yaml"
                    )));
                }
            };
            invocation.output.out(&text);
            return Ok(None);
        }
    };
    let header = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND", "VERBS", "CATEGORIES"].map(str::to_owned);
    let width = if wide { header.len() } else { header.len() - 2 };
    let cells = rows.into_iter().map(|(group, plural, short, version, namespaced, kind)| {
        let (verbs, categories) = (verbs(&kind).join(","), categories(&group, &kind).join(","));
        let mut cells = vec![plural, short, version, namespaced.to_string(), kind, verbs, categories];
        cells.truncate(width);
        cells
    });
    let cells: Vec<Vec<String>> = cells.collect();
    invocation.output.out(&table::table((!invocation.args.on("no-headers")).then_some(&header[..width]), &cells));
    Ok(None)
}
