//! create role, rolebinding, their cluster-wide forms, token; none of them is simulated. Models kubectl/pkg/cmd/create/create_role.go and its neighbours.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::generate::object;
use crate::commands::kubectl::generate::object::{name, print_only};
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::kinds;
use crate::values::object::{Map, Object, Value, json};
use std::collections::BTreeMap;

/// `create token`.
pub fn token(invocation: &mut Invocation<'_, '_>) -> Ran {
    object::name(invocation)?;
    invocation.not_simulated()
}

const RBAC: &str = "rbac.authorization.k8s.io";

const RESOURCE_VERBS: [&str; 14] =
    ["*", "approve", "bind", "create", "delete", "deletecollection", "escalate", "get", "impersonate", "list", "patch", "sign", "update", "watch"];

const URL_VERBS: [&str; 8] = ["*", "delete", "get", "head", "options", "patch", "post", "put"];

fn texts(invocation: &Invocation<'_, '_>, flag: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in invocation.args.values(flag) {
        if !found.contains(text) {
            found.push(text.clone());
        }
    }
    found
}

/// `pods`, `deployments.apps`, `pods/log`: resource, group, what is behind the slash.
fn resource_of(text: &str) -> (String, String, String) {
    let (whole, below) = text.split_once('/').unwrap_or((text, ""));
    let (resource, group) = whole.split_once('.').unwrap_or((whole, ""));
    (resource.to_owned(), group.to_owned(), below.to_owned())
}

/// `create role`, `create clusterrole`.
pub fn role(invocation: &mut Invocation<'_, '_>) -> Ran {
    let cluster = invocation.verb.name == "create clusterrole";
    let name = name(invocation)?;
    let mut verbs = texts(invocation, "verb");
    if verbs.iter().any(|verb| verb == "*") {
        verbs = vec!["*".to_owned()];
    }
    let (resources, urls) = (texts(invocation, "resource"), texts(invocation, "non-resource-url"));
    let aggregation: Map = invocation
        .args
        .values("aggregation-rule")
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (key.to_owned(), json!(value)))
        .collect();
    let kind = if cluster { "ClusterRole" } else { "Role" };
    let mut object = json!({"apiVersion": format!("{RBAC}/v1"), "kind": kind, "metadata": {"name": name}});
    if !aggregation.is_empty() {
        if !(verbs.is_empty() && resources.is_empty() && urls.is_empty()) {
            return Err(Failure::plain("aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames"));
        }
        object["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": aggregation}]});
        object["rules"] = Value::Null;
        return print_only(invocation, Object(object), false);
    }
    if verbs.is_empty() {
        return Err(Failure::plain("at least one verb must be specified"));
    }
    if resources.is_empty() && urls.is_empty() {
        let missing = if cluster { "one of resource or nonResourceURL must be specified" } else { "at least one resource must be specified" };
        return Err(Failure::plain(missing));
    }
    if !resources.is_empty() {
        for verb in verbs.iter().filter(|verb| !RESOURCE_VERBS.contains(&verb.as_str())) {
            invocation.output.warn(&format!("Warning: '{verb}' is not a standard resource verb"));
        }
    }
    let mut rules = resource_rules(&verbs, &resources, &texts(invocation, "resource-name"))?;
    if !urls.is_empty() {
        check_urls(&verbs, &urls)?;
        rules.push(json!({"nonResourceURLs": urls, "verbs": verbs}));
    }
    object["rules"] = json!(rules);
    print_only(invocation, Object(object), !cluster)
}

/// One rule a group of the API.
fn resource_rules(verbs: &[String], resources: &[String], names: &[String]) -> Result<Vec<Value>, Failure> {
    let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for text in resources {
        let (mut resource, mut group, below) = resource_of(text);
        if resource.is_empty() {
            return Err(Failure::plain("resource must be specified if apiGroup/subresource specified"));
        }
        let given = if group.is_empty() { resource.clone() } else { format!("{resource}.{group}") };
        match kinds::by_resource(&given) {
            Some(def) => (resource, group) = (def.plural.to_owned(), def.group.to_owned()),
            None if resource == "*" => {}
            None if group.is_empty() => return Err(Failure::Raw(format!("the server doesn't have a resource type {resource:?}"))),
            None => return Err(Failure::Raw(format!("the server doesn't have a resource type {resource:?} in group {group:?}"))),
        }
        let whole = if below.is_empty() { resource } else { format!("{resource}/{below}") };
        let list = groups.entry(group).or_default();
        if !list.contains(&whole) {
            list.push(whole);
        }
    }
    let rule = |(group, resources): (String, Vec<String>)| {
        let mut rule = json!({"apiGroups": [group], "resources": resources, "verbs": verbs});
        if !names.is_empty() {
            rule["resourceNames"] = json!(names);
        }
        rule
    };
    Ok(groups.into_iter().map(rule).collect())
}

fn check_urls(verbs: &[String], urls: &[String]) -> Result<(), Failure> {
    if let Some(verb) = verbs.iter().find(|verb| !URL_VERBS.contains(&verb.as_str())) {
        return Err(Failure::plain(format!("invalid verb: '{verb}' for nonResourceURL")));
    }
    for url in urls.iter().filter(|url| *url != "*") {
        if !url.starts_with('/') {
            return Err(Failure::plain("nonResourceURL should start with /"));
        }
        if url.strip_suffix('*').unwrap_or(url).contains('*') {
            return Err(Failure::plain("nonResourceURL only supports wildcard matches when '*' is at the end"));
        }
    }
    Ok(())
}

/// `create rolebinding`, `create clusterrolebinding`.
pub fn binding(invocation: &mut Invocation<'_, '_>) -> Ran {
    let cluster = invocation.verb.name == "create clusterrolebinding";
    let name = name(invocation)?;
    let (role, cluster_role) = (invocation.args.text("role").to_owned(), invocation.args.text("clusterrole").to_owned());
    if !cluster && role.is_empty() == cluster_role.is_empty() {
        return Err(Failure::plain("exactly one of clusterrole or role must be specified"));
    }
    let (kind, role) = if role.is_empty() { ("ClusterRole", cluster_role) } else { ("Role", role) };
    let mut subjects = Vec::new();
    for (flag, kind) in [("user", "User"), ("group", "Group")] {
        subjects.extend(invocation.args.values(flag).iter().map(|name| json!({"apiGroup": RBAC, "kind": kind, "name": name})));
    }
    for account in invocation.args.values("serviceaccount") {
        let parts: Vec<&str> = account.split(':').collect();
        match parts.as_slice() {
            [namespace, name] if !namespace.is_empty() && !name.is_empty() => {
                subjects.push(json!({"kind": "ServiceAccount", "name": name, "namespace": namespace}));
            }
            _ => return Err(Failure::plain("serviceaccount must be <namespace>:<name>")),
        }
    }
    let mut object = json!({
        "apiVersion": format!("{RBAC}/v1"), "kind": if cluster { "ClusterRoleBinding" } else { "RoleBinding" }, "metadata": {"name": name},
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": role},
    });
    if !subjects.is_empty() {
        object["subjects"] = json!(subjects);
    }
    print_only(invocation, Object(object), !cluster)
}
