//! create ingress, which is not simulated. Models kubectl/pkg/cmd/create/create_ingress.go.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::generate::object::{name, number_or_name, print_only};
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::values::object::{Object, Value, json};

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
    print_only(invocation, Object(object), true)
}
