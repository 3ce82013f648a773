//! What a container is started with: variables, host name, /etc/hosts, resolv.conf.
//!
//! Models pkg/kubelet/kubelet_pods.go, pkg/kubelet/envvars and pkg/kubelet/network/dns.

use crate::apiserver::ApiServer;
use crate::control::rules::data::entries;
use crate::control::rules::nodes::host_address;
use crate::control::rules::pods::{full_name, hostname, resource_value};
use crate::kinds::readers::pods::containers;
use crate::machine::vfs::User;
use crate::values::object::{Object, ObjectKey, Value};
use std::collections::BTreeMap;

/// The user as whom all containers of a pod run, where it is one and is said.
pub fn common_user(pod: &Object) -> Option<u32> {
    let of_pod = &pod.0["spec"]["securityContext"]["runAsUser"];
    let mut users = containers(pod).map(|container| container["securityContext"]["runAsUser"].as_u64().or_else(|| of_pod.as_u64()));
    let first = users.next()??;
    users.all(|user| user == Some(first)).then(|| u32::try_from(first).ok())?
}

/// Who a container runs as: its own security context over its pod's; the images here are root's.
pub fn user_of(pod: &Object, container: &Value) -> User {
    let of_pod = &pod.0["spec"]["securityContext"];
    let number = |field: &str| {
        let own = container["securityContext"][field].as_u64().or_else(|| of_pod[field].as_u64());
        own.and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
    };
    let (uid, gid) = (number("runAsUser"), number("runAsGroup"));
    let more = of_pod["supplementalGroups"].as_array().into_iter().flatten().chain(of_pod.get("fsGroup"));
    let mut groups: Vec<u32> = more.filter_map(|group| u32::try_from(group.as_u64()?).ok()).chain([gid]).collect();
    groups.sort();
    groups.dedup();
    User { uid, gid, groups }
}

/// The group that owns a pod's volumes.
pub fn volume_group(pod: &Object) -> Option<u32> {
    pod.int(&["spec", "securityContext", "fsGroup"]).and_then(|group| u32::try_from(group).ok())
}

pub fn hosts_file(pod: &Object, ip: &str) -> String {
    let mut text = String::from(
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n",
    );
    let full = full_name(pod);
    let names = if full.is_empty() { hostname(pod) } else { format!("{full}\t{}", hostname(pod)) };
    text.push_str(&format!("{ip}\t{names}\n"));
    let aliases = pod.list(&["spec", "hostAliases"]);
    if !aliases.is_empty() {
        text.push_str("\n# Entries added by HostAliases.\n");
        for alias in aliases {
            let names: Vec<&str> = alias["hostnames"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            text.push_str(&format!("{}\t{}\n", alias["ip"].as_str().unwrap_or(""), names.join("\t")));
        }
    }
    text
}

pub fn resolv_conf(pod: &Object) -> String {
    format!("search {}.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n", pod.namespace())
}

/// A container's variables and its home folder.
/// # Errors
/// Why it cannot be configured, such as `secret "x" not found`.
pub fn of_container(api: &ApiServer, pod: &Object, spec: &Value, ip: &str) -> Result<(BTreeMap<String, String>, String), String> {
    let mut variables: BTreeMap<String, String> = [
        ("HOME".to_owned(), if user_of(pod, spec).uid == 0 { "/root" } else { "/" }.to_owned()),
        ("HOSTNAME".to_owned(), hostname(pod)),
        ("PATH".to_owned(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned()),
    ]
    .into_iter()
    .collect();
    let must_not_be_root = spec["securityContext"].get("runAsNonRoot").unwrap_or(&pod.0["spec"]["securityContext"]["runAsNonRoot"]) == true;
    if must_not_be_root && user_of(pod, spec).uid == 0 {
        let set = spec["securityContext"]["runAsUser"].is_u64() || pod.0["spec"]["securityContext"]["runAsUser"].is_u64();
        let why = if set { "container's runAsUser breaks non-root policy" } else { "container has runAsNonRoot and image will run as root" };
        let name = spec["name"].as_str().unwrap_or("");
        return Err(format!("{why} (pod: \"{}_{}({})\", container: {name})", pod.name(), pod.namespace(), pod.uid()));
    }
    service_variables(api, pod, &mut variables);
    for from in spec["envFrom"].as_array().into_iter().flatten() {
        from_whole(api, pod, from, &mut variables)?;
    }
    for entry in spec["env"].as_array().into_iter().flatten() {
        let name = entry["name"].as_str().unwrap_or("").to_owned();
        let value = match entry.get("valueFrom") {
            None => expand(entry["value"].as_str().unwrap_or(""), &variables),
            Some(source) => match value_from(api, pod, spec, source, ip)? {
                Some(value) => value,
                None => continue,
            },
        };
        variables.insert(name, value);
    }
    Ok((variables, "/".to_owned()))
}

fn service_variables(api: &ApiServer, pod: &Object, variables: &mut BTreeMap<String, String>) {
    let links = pod.at(&["spec", "enableServiceLinks"]).is_none_or(|links| links == true);
    let own = api.list("Service", Some(pod.namespace())).filter(|_| links);
    let master = api.store().get(&ObjectKey::new("Service", "default", "kubernetes"));
    for service in own.chain(master) {
        let address = service.str(&["spec", "clusterIP"]);
        if address.is_empty() || address == "None" {
            continue;
        }
        let prefix = service.name().to_ascii_uppercase().replace('-', "_");
        let ports = service.list(&["spec", "ports"]);
        let Some(first) = ports.first() else { continue };
        variables.insert(format!("{prefix}_SERVICE_HOST"), address.to_owned());
        variables.insert(format!("{prefix}_SERVICE_PORT"), first["port"].to_string());
        for (index, port) in ports.iter().enumerate() {
            let (number, protocol) = (port["port"].to_string(), port["protocol"].as_str().unwrap_or("TCP"));
            if let Some(name) = port["name"].as_str().filter(|name| !name.is_empty()) {
                variables.insert(format!("{prefix}_SERVICE_PORT_{}", name.to_ascii_uppercase().replace('-', "_")), number.clone());
            }
            let whole = format!("{}://{address}:{number}", protocol.to_ascii_lowercase());
            let long = format!("{prefix}_PORT_{number}_{protocol}");
            if index == 0 {
                variables.insert(format!("{prefix}_PORT"), whole.clone());
            }
            variables.insert(format!("{long}_PROTO"), protocol.to_ascii_lowercase());
            variables.insert(format!("{long}_PORT"), number.clone());
            variables.insert(format!("{long}_ADDR"), address.to_owned());
            variables.insert(long, whole);
        }
    }
}

fn from_whole(api: &ApiServer, pod: &Object, from: &Value, variables: &mut BTreeMap<String, String>) -> Result<(), String> {
    let prefix = from["prefix"].as_str().unwrap_or("");
    for (field, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
        let Some(reference) = from.get(field) else { continue };
        let name = reference["name"].as_str().unwrap_or("");
        match api.store().get(&ObjectKey::new(kind, pod.namespace(), name)) {
            Some(object) => {
                for (key, bytes) in entries(object) {
                    variables.insert(format!("{prefix}{key}"), String::from_utf8_lossy(&bytes).into_owned());
                }
            }
            None if reference["optional"] == true => {}
            None => return Err(format!("{} {name:?} not found", kind.to_ascii_lowercase())),
        }
    }
    Ok(())
}

fn value_from(api: &ApiServer, pod: &Object, spec: &Value, source: &Value, ip: &str) -> Result<Option<String>, String> {
    for (field, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
        let Some(reference) = source.get(field) else { continue };
        let (name, key) = (reference["name"].as_str().unwrap_or(""), reference["key"].as_str().unwrap_or(""));
        let optional = reference["optional"] == true;
        return match api.store().get(&ObjectKey::new(kind, pod.namespace(), name)) {
            None if optional => Ok(None),
            None => Err(format!("{} {name:?} not found", kind.to_ascii_lowercase())),
            Some(object) => match entries(object).remove(key) {
                Some(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
                None if optional => Ok(None),
                None => Err(format!("couldn't find key {key} in {kind} {}/{name}", pod.namespace())),
            },
        };
    }
    if let Some(field) = source.get("fieldRef") {
        return Ok(Some(field_value(api, pod, field["fieldPath"].as_str().unwrap_or(""), ip)));
    }
    if let Some(resource) = source.get("resourceFieldRef") {
        return Ok(Some(resource_value(spec, resource)));
    }
    Ok(None)
}

/// What the downward API gives for a field path.
pub fn field_value(api: &ApiServer, pod: &Object, path: &str, ip: &str) -> String {
    let quoted = |map: Option<&crate::values::object::Map>| -> String {
        map.into_iter().flatten().map(|(key, value)| format!("{key}={:?}", value.as_str().unwrap_or(""))).collect::<Vec<_>>().join("\n")
    };
    match path {
        "metadata.name" => pod.name().to_owned(),
        "metadata.namespace" => pod.namespace().to_owned(),
        "metadata.uid" => pod.uid().to_owned(),
        "metadata.labels" => quoted(pod.map(&["metadata", "labels"])),
        "metadata.annotations" => quoted(pod.map(&["metadata", "annotations"])),
        "spec.nodeName" => pod.str(&["spec", "nodeName"]).to_owned(),
        "spec.serviceAccountName" => pod.str(&["spec", "serviceAccountName"]).to_owned(),
        "status.podIP" | "status.podIPs" => ip.to_owned(),
        "status.hostIP" | "status.hostIPs" => host_address(api, pod.str(&["spec", "nodeName"])),
        _ => {
            let inner = |field: &str| path.strip_prefix(field).and_then(|rest| rest.strip_prefix("['")).and_then(|rest| rest.strip_suffix("']"));
            let label = inner("metadata.labels").and_then(|key| pod.label(key));
            label.or_else(|| inner("metadata.annotations").and_then(|key| pod.annotation(key))).unwrap_or("").to_owned()
        }
    }
}

/// Replaces `$(NAME)` by variables; `$$(NAME)` stays as `$(NAME)`, and so does an unknown name.
pub fn expand(text: &str, variables: &BTreeMap<String, String>) -> String {
    let (mut result, mut rest) = (String::new(), text);
    while let Some(dollar) = rest.find('$') {
        result.push_str(&rest[..dollar]);
        rest = &rest[dollar + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            result.push('$');
            rest = after;
            continue;
        }
        let name = rest.strip_prefix('(').and_then(|inside| inside.split_once(')'));
        match name.and_then(|(name, after)| variables.get(name).map(|value| (value, after))) {
            Some((value, after)) => {
                result.push_str(value);
                rest = after;
            }
            None => result.push('$'),
        }
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_in_commands() {
        let variables = BTreeMap::from([("A".to_owned(), "1".to_owned())]);
        for (text, expect) in [("x$(A)y", "x1y"), ("$$(A)", "$(A)"), ("$(B) $A $", "$(B) $A $")] {
            assert_eq!(expand(text, &variables), expect);
        }
    }
}
