//! The kubeconfig file: contexts and their namespaces. Models client-go/tools/clientcmd.

use crate::commands::cli::args::Args;
use crate::commands::cli::host::{Host, HostView};
use crate::commands::kubectl::failure::Failure;
use crate::machine::vfs;
use crate::values::object::{Value, json, str_at};
use crate::values::yaml;
use crate::world::{ClusterId, World};

/// The file of a fresh machine.
pub const FRESH: &str = "apiVersion: v1
clusters:
- cluster:
    certificate-authority: /etc/kubernetes/pki/ca.crt
    server: https://127.0.0.1:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    namespace: default
    user: kubernetes-admin
  name: kubernetes-admin@kubernetes
current-context: kubernetes-admin@kubernetes
kind: Config
users:
- name: kubernetes-admin
  user:
    client-certificate: /etc/kubernetes/pki/admin.crt
    client-key: /etc/kubernetes/pki/admin.key
";

/// Where the file is.
pub fn path(host: HostView<'_>) -> String {
    match host.environment.get("KUBECONFIG") {
        Some(path) if !path.is_empty() => path.clone(),
        _ => format!("{}/.kube/config", host.environment.get("HOME").map_or("", String::as_str)),
    }
}

/// The file as a tree; empty where there is none.
pub fn load(host: HostView<'_>) -> Value {
    let text = host.files.read(&path(host)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let (documents, _) = yaml::parse(&text);
    documents.into_iter().next().map_or_else(|| json!({}), |document| document.value)
}

/// # Errors
/// The disk's.
pub fn save(host: &mut Host<'_>, config: &Value) -> Result<(), Failure> {
    let path = path(host.view());
    host.files.write(&path, yaml::print(config).as_bytes()).map_err(|errno| Failure::plain(format!("open {path}: {errno}")))
}

/// The entry of a list of the file.
pub fn named<'a>(config: &'a Value, list: &str, name: &str) -> Option<&'a Value> {
    config.get(list)?.as_array()?.iter().find(|entry| str_at(entry, &["name"]) == name)
}

/// The cluster of a context (or of the current one).
pub fn cluster(world: &World, host: HostView<'_>, context: Option<&str>) -> ClusterId {
    let config = load(host);
    let context = context.filter(|name| !name.is_empty()).unwrap_or_else(|| str_at(&config, &["current-context"]));
    let name = named(&config, "contexts", context).map_or("", |entry| str_at(entry, &["context", "cluster"]));
    world.at(named(&config, "clusters", name).map_or("", |entry| str_at(entry, &["cluster", "server"])))
}

/// The namespace of a context (or of the current one), else `default`.
pub fn current_namespace(host: HostView<'_>, context: Option<&str>) -> String {
    let config = load(host);
    let context = context.unwrap_or_else(|| str_at(&config, &["current-context"]));
    let namespace = named(&config, "contexts", context).map_or("", |entry| str_at(entry, &["context", "namespace"]));
    if namespace.is_empty() { "default".to_owned() } else { namespace.to_owned() }
}

/// Refuses a `--kubeconfig` or `--context` that is not there; what never asks the server does not look.
/// # Errors
/// kubectl's texts.
pub fn check(host: HostView<'_>, args: &Args, verb: &str) -> Result<(), Failure> {
    const LOCAL: [&str; 5] = ["completion", "config", "explain", "help", "options"];
    if LOCAL.contains(&verb.split(' ').next().unwrap_or("")) {
        return Ok(());
    }
    let path = args.text("kubeconfig");
    if !path.is_empty() && !host.files.exists(&vfs::absolute(host.working_directory, path)) {
        return Err(Failure::plain(format!("stat {path}: no such file or directory")));
    }
    let context = args.text("context");
    if !context.is_empty() && named(&load(host), "contexts", context).is_none() {
        return Err(Failure::Raw(format!("Error in configuration: context was not found for specified context: {context}")));
    }
    Ok(())
}
