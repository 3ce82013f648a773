//! Generators of kinds that are not simulated: roles and their bindings, quotas, ingresses, autoscalers. With `--dry-run=client` they print what
//! kubectl prints; sent to the server they say that it is not simulated. Models kubectl/pkg/cmd/create/create_role.go and its neighbours.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::generate::create::{name, number_or_name};
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::write::DryRun;
use crate::kinds;
use crate::values::object::{Map, Object, Value, json};
use crate::values::quantity::Quantity;
use std::collections::BTreeMap;

/// The kinds, and what stands before the name of an object in answers.
const KINDS: &[(&str, &str)] = &[
    ("ClusterRole", "clusterrole.rbac.authorization.k8s.io"),
    ("ClusterRoleBinding", "clusterrolebinding.rbac.authorization.k8s.io"),
    ("HorizontalPodAutoscaler", "horizontalpodautoscaler.autoscaling"),
    ("Ingress", "ingress.networking.k8s.io"),
    ("ResourceQuota", "resourcequota"),
    ("Role", "role.rbac.authorization.k8s.io"),
    ("RoleBinding", "rolebinding.rbac.authorization.k8s.io"),
];
const RBAC: &str = "rbac.authorization.k8s.io";
const RESOURCE_VERBS: [&str; 14] =
    ["*", "approve", "bind", "create", "delete", "deletecollection", "escalate", "get", "impersonate", "list", "patch", "sign", "update", "watch"];
const URL_VERBS: [&str; 8] = ["*", "delete", "get", "head", "options", "patch", "post", "put"];

/// The kind as the table of types knows it, and the name of its resource.
pub fn known(kind: &str) -> Option<(&'static str, &'static str)> {
    KINDS.iter().find(|(known, _)| *known == kind).copied()
}

/// Prints the object of a dry run; there is nowhere to send it.
/// # Errors
/// Where it would have to be sent.
pub fn finish(invocation: &mut Invocation<'_, '_>, mut object: Object, namespaced: bool) -> Ran {
    let dry_run = invocation.dry_run()?;
    if dry_run != DryRun::Client {
        return Err(Failure::Raw(format!("not simulated here: {}", object.kind())));
    }
    if namespaced && invocation.args.given("namespace") {
        let namespace = invocation.namespace();
        object.set(&["metadata", "namespace"], json!(namespace));
    }
    if invocation.args.on("save-config") {
        object = crate::commands::kubectl::write::apply::with_last_applied(&object);
    }
    invocation.report(&object, "created", dry_run)?;
    Ok(None)
}

/// `--cpu=80%` or `--memory=1Gi`: a metric of the autoscaler.
fn metric(resource: &str, text: &str) -> Result<Value, Failure> {
    let target = match text.strip_suffix('%') {
        Some(percent) => {
            let percent: i32 = percent.parse().map_err(|_| Failure::plain(format!("invalid percentage value: {text}")))?;
            json!({"averageUtilization": percent, "type": "Utilization"})
        }
        None => {
            let amount = Quantity::parse(text).map_err(|_| Failure::plain(format!("invalid resource {resource} value: {text}")))?;
            json!({"averageValue": amount.to_string(), "type": "AverageValue"})
        }
    };
    Ok(json!({"resource": {"name": resource, "target": target}, "type": "Resource"}))
}

/// `autoscale TYPE NAME --max=5 --cpu=80%`.
pub fn autoscale(invocation: &mut Invocation<'_, '_>) -> Ran {
    let dry_run = invocation.dry_run()?;
    let (min, max) = (invocation.args.int("min").unwrap_or(-1), invocation.args.int("max").unwrap_or(-1));
    if max < 1 {
        return Err(Failure::plain(format!("--max=MAXPODS is required and must be at least 1, max: {max}")));
    }
    if max < min {
        return Err(Failure::plain(format!("--max=MAXPODS must be larger or equal to --min=MINPODS, max: {max}, min: {min}")));
    }
    let mut metrics = Vec::new();
    if let Some(percent) = invocation.args.int("cpu-percent").filter(|percent| *percent > 0) {
        metrics.push(metric("cpu", &format!("{percent}%"))?);
    }
    let words = invocation.words();
    let (found, failures) = invocation.existing(&words)?;
    Failure::all(failures)?;
    for object in found {
        let def = kinds::def(object.kind());
        if !["Deployment", "ReplicaSet", "StatefulSet"].contains(&def.kind) {
            let version = if def.group.is_empty() { format!("/{}", def.version) } else { def.api_version() };
            return Err(Failure::plain(format!(
                "cannot autoscale a {}: could not find scale subresource for {version}, Resource={} in discovery information",
                def.kind, def.plural
            )));
        }
        for resource in ["cpu", "memory"] {
            let text = invocation.args.text(resource);
            if !text.is_empty() {
                metrics.push(metric(resource, text)?);
            }
        }
        if dry_run == DryRun::None {
            // It is answered, with a remark: nothing measures here, so nothing would ever be scaled.
            invocation.output.notes.push("not simulated here: HorizontalPodAutoscaler".to_owned());
        }
        let name = invocation.args.value("name").filter(|name| !name.is_empty()).unwrap_or(object.name()).to_owned();
        let target = json!({"apiVersion": def.api_version(), "kind": def.kind, "name": object.name()});
        let mut scaler = json!({
            "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name},
            "spec": {"maxReplicas": max, "scaleTargetRef": target}, "status": {"currentMetrics": null, "desiredReplicas": 0},
        });
        if min > 0 {
            scaler["spec"]["minReplicas"] = json!(min);
        }
        if !metrics.is_empty() {
            scaler["spec"]["metrics"] = json!(metrics);
        }
        invocation.report(&Object(scaler), if dry_run == DryRun::Client { "created" } else { "autoscaled" }, dry_run)?;
    }
    Ok(None)
}

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
        return finish(invocation, Object(object), false);
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
    finish(invocation, Object(object), !cluster)
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
    finish(invocation, Object(object), !cluster)
}

/// `create quota NAME --hard=cpu=1,pods=2 --scopes=BestEffort`.
pub fn quota(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    let mut spec = json!({});
    let hard = invocation.args.text("hard");
    for statement in hard.split(',').filter(|_| !hard.is_empty()) {
        let Some((resource, amount)) = statement.split_once('=').filter(|(_, amount)| !amount.contains('=')) else {
            return Err(Failure::plain(format!("Invalid argument syntax {statement}, expected <resource>=<value>")));
        };
        let amount = Quantity::parse(amount).map_err(Failure::plain)?;
        spec["hard"][resource] = json!(amount.to_string());
    }
    let scopes = invocation.args.text("scopes");
    if !scopes.is_empty() {
        spec["scopes"] = json!(scopes.split(',').collect::<Vec<_>>());
    }
    finish(invocation, Object(json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": name}, "spec": spec, "status": {}})), true)
}

/// `service:port`
fn backend(text: &str) -> Option<Value> {
    let (service, port) = text.split_once(':')?;
    let port = match number_or_name(port) {
        Value::Number(number) => json!({"number": number}),
        name => json!({"name": name}),
    };
    Some(json!({"service": {"name": service, "port": port}}))
}

/// Host, path and backend of `host/path=service:port[,tls[=secret]]`.
fn ingress_rule(rule: &str) -> Option<(String, Value)> {
    let (target, rest) = rule.split_once(',').map_or((rule, None), |(target, rest)| (target, Some(rest)));
    if rest.is_some_and(|rest| rest != "tls" && !rest.starts_with("tls=")) {
        return None;
    }
    let (host, path) = target.split_once('/')?;
    let (path, service) = path.split_once('=')?;
    let (path, kind) = path.strip_suffix('*').map_or((path, "Exact"), |path| (path, "Prefix"));
    let backend = backend(service).filter(|_| !service.starts_with(':') && !service.ends_with(':'))?;
    Some((host.to_owned(), json!({"backend": backend, "path": format!("/{path}"), "pathType": kind})))
}

/// `create ingress NAME --rule=host/path=service:port[,tls[=secret]]`.
pub fn ingress(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    let (given, default) = (invocation.args.values("rule").to_vec(), invocation.args.text("default-backend").to_owned());
    if given.is_empty() && default.is_empty() {
        return Err(Failure::plain(
            "not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)",
        ));
    }
    let (mut rules, mut secrets): (Vec<Value>, Vec<(String, Vec<String>)>) = (Vec::new(), Vec::new());
    for rule in &given {
        let Some((host, path)) = ingress_rule(rule) else {
            return Err(Failure::plain(format!("rule {rule} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]")));
        };
        if let Some((_, tls)) = rule.split_once(',') {
            let secret = tls.split_once('=').map_or("", |(_, secret)| secret);
            match secrets.iter_mut().find(|(known, hosts)| known == secret || hosts.contains(&host)) {
                Some((_, hosts)) if !hosts.contains(&host) => hosts.push(host.clone()),
                Some(_) => {}
                None => secrets.push((secret.to_owned(), vec![host.clone()])),
            }
        }
        match rules.iter_mut().find(|rule| rule["host"].as_str().unwrap_or("") == host) {
            Some(rule) => {
                if let Some(paths) = rule["http"]["paths"].as_array_mut() {
                    paths.push(path);
                }
            }
            None if host.is_empty() => rules.push(json!({"http": {"paths": [path]}})),
            None => rules.push(json!({"host": host, "http": {"paths": [path]}})),
        }
    }
    let mut metadata = json!({"name": name});
    for annotation in invocation.args.values("annotation") {
        let Some((key, value)) = annotation.split_once('=') else {
            return Err(Failure::plain(format!("annotation {annotation} is invalid and should be in format key=[value]")));
        };
        metadata["annotations"][key] = json!(value);
    }
    let mut spec = json!({});
    if !default.is_empty() {
        let wrong = || Failure::plain("default-backend should be in format servicename:serviceport");
        spec["defaultBackend"] = backend(&default).ok_or_else(wrong)?;
    }
    if !invocation.args.text("class").is_empty() {
        spec["ingressClassName"] = json!(invocation.args.text("class"));
    }
    if !rules.is_empty() {
        spec["rules"] = json!(rules);
    }
    let tls = |(secret, hosts): &(String, Vec<String>)| {
        let mut entry = json!({});
        if hosts.iter().any(|host| !host.is_empty()) {
            entry["hosts"] = json!(hosts);
        }
        if !secret.is_empty() {
            entry["secretName"] = json!(secret);
        }
        entry
    };
    if !secrets.is_empty() {
        spec["tls"] = json!(secrets.iter().map(tls).collect::<Vec<_>>());
    }
    let status = json!({"loadBalancer": {}});
    let object = json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": metadata, "spec": spec, "status": status});
    finish(invocation, Object(object), true)
}
