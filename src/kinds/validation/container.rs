//! Containers of a pod. Models validateContainerCommon, ValidateEnv, ValidateVolumeMounts, validateProbe.

use super::names;
use super::volumes::descending_path;
use super::{Findings, Path, Value, entries, is_true, list, quantity, text};
use crate::values::selector::qualified_name_errors;
use std::collections::BTreeSet;

/// The names of a pod's volumes that mounts may use.
pub type Volumes<'a> = BTreeSet<&'a str>;

/// What every container has, whichever list it stands in.
pub fn common(findings: &mut Findings, at: &Path, container: &Value, volumes: &Volumes) {
    let name = text(container, "name");
    if name.is_empty() {
        findings.required(&at.child("name"), "");
    } else {
        findings.all_invalid(&at.child("name"), name, names::label(name));
    }
    if text(container, "image").is_empty() {
        findings.required(&at.child("image"), "");
    }
    let policy_at = at.child("terminationMessagePolicy");
    findings.one_of(&policy_at, &container["terminationMessagePolicy"], &["File", "FallbackToLogsOnError"]);
    ports(findings, &at.child("ports"), list(container, "ports"));
    env(findings, &at.child("env"), list(container, "env"));
    env_from(findings, &at.child("envFrom"), list(container, "envFrom"));
    mounts(findings, &at.child("volumeMounts"), container, volumes);
    devices(findings, &at.child("volumeDevices"), container, volumes);
    findings.one_of(&at.child("imagePullPolicy"), &container["imagePullPolicy"], &["Always", "IfNotPresent", "Never"]);
    resources(findings, &at.child("resources"), &container["resources"]);
    security(findings, &at.child("securityContext"), &container["securityContext"]);
}

fn ports(findings: &mut Findings, at: &Path, ports: &[Value]) {
    let mut known = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        let here = at.index(index);
        let name = text(port, "name");
        if !name.is_empty() {
            let errors = names::port_name(name);
            if errors.is_empty() && !known.insert(name) {
                findings.duplicate(&here.child("name"), &port["name"]);
            }
            findings.all_invalid(&here.child("name"), name, errors);
        }
        if port["containerPort"].as_i64().unwrap_or(0) == 0 {
            findings.required(&here.child("containerPort"), "");
        } else {
            names::port(findings, &here.child("containerPort"), &port["containerPort"]);
        }
        if port["hostPort"].as_i64().unwrap_or(0) != 0 {
            names::port(findings, &here.child("hostPort"), &port["hostPort"]);
        }
        findings.one_of(&here.child("protocol"), &port["protocol"], &["SCTP", "TCP", "UDP"]);
    }
}

/// No two containers may take the same port of the host.
pub fn host_ports(findings: &mut Findings, at: &Path, containers: &[Value]) {
    let mut taken = BTreeSet::new();
    for (index, container) in containers.iter().enumerate() {
        let ports_at = at.index(index);
        let ports_at = ports_at.child("ports");
        for (index, port) in list(container, "ports").iter().enumerate() {
            let Some(number) = port["hostPort"].as_i64().filter(|number| *number != 0) else { continue };
            let shown = format!("{}/{}/{number}", text(port, "protocol"), text(port, "hostIP"));
            if !taken.insert(shown.clone()) {
                findings.duplicate(&ports_at.index(index).child("hostPort"), &Value::from(shown));
            }
        }
    }
}

fn env(findings: &mut Findings, at: &Path, variables: &[Value]) {
    for (index, variable) in variables.iter().enumerate() {
        let here = at.index(index);
        let name = text(variable, "name");
        if name.is_empty() {
            findings.required(&here.child("name"), "");
        } else {
            findings.all_invalid(&here.child("name"), name, names::env_name(name));
        }
        if variable["valueFrom"].is_object() {
            value_from(findings, &here.child("valueFrom"), variable);
        }
    }
}

const FIELD_PATHS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
const RESOURCES: [&str; 6] =
    ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"];

fn value_from(findings: &mut Findings, at: &Path, variable: &Value) {
    let from = &variable["valueFrom"];
    let mut sources = 0;
    for name in ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"] {
        let Some(source) = from.get(name).filter(|source| source.is_object()) else { continue };
        sources += 1;
        let here = at.child(name);
        match name {
            "fieldRef" => field_ref(findings, &here, source),
            "resourceFieldRef" => {
                if text(source, "resource").is_empty() {
                    findings.required(&here.child("resource"), "");
                } else if !text(source, "resource").contains(".hugepages-") {
                    findings.one_of(&here.child("resource"), &source["resource"], &RESOURCES);
                }
            }
            _ => {
                findings.all_invalid(&here.child("name"), text(source, "name"), names::subdomain(text(source, "name")));
                let key = text(source, "key");
                if key.is_empty() {
                    findings.required(&here.child("key"), "");
                } else {
                    findings.all_invalid(&here.child("key"), key, names::config_key(key));
                }
            }
        }
    }
    if sources == 0 {
        findings.invalid_text(at, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
    } else if !text(variable, "value").is_empty() {
        findings.invalid_text(at, "", "may not be specified when `value` is not empty");
    } else if sources > 1 {
        findings.invalid_text(at, "", "may not have more than one field specified at a time");
    }
}

fn field_ref(findings: &mut Findings, at: &Path, source: &Value) {
    let path = text(source, "fieldPath");
    if path.is_empty() {
        findings.required(&at.child("fieldPath"), "");
        return;
    }
    if let Some((start, key)) = path.strip_suffix("']").and_then(|path| path.split_once("['")) {
        if matches!(start, "metadata.labels" | "metadata.annotations") {
            findings.all_invalid(at, key, qualified_name_errors(key));
        } else {
            findings.invalid_text(at, start, "does not support subscript");
        }
        return;
    }
    if !FIELD_PATHS.contains(&path) {
        if path.starts_with("metadata.") || path.starts_with("spec.") || path.starts_with("status.") {
            let known = ["metadata.labels", "metadata.annotations", "spec.restartPolicy", "spec.schedulerName", "status.phase"].contains(&path);
            if known {
                findings.unsupported(&at.child("fieldPath"), &source["fieldPath"], &FIELD_PATHS);
                return;
            }
        }
        let why = format!("error converting fieldPath: field label not supported: {path}");
        findings.invalid_text(&at.child("fieldPath"), path, &why);
    }
}

fn env_from(findings: &mut Findings, at: &Path, sources: &[Value]) {
    for (index, source) in sources.iter().enumerate() {
        let here = at.index(index);
        let mut found = 0;
        for name in ["configMapRef", "secretRef"] {
            let Some(reference) = source.get(name).filter(|reference| reference.is_object()) else { continue };
            found += 1;
            if text(reference, "name").is_empty() {
                findings.required(&here.child(name).child("name"), "");
            }
        }
        if found == 0 {
            findings.invalid_text(&here, "", "must specify one of: `configMapRef` or `secretRef`");
        } else if found > 1 {
            findings.invalid_text(&here, "", "may not have more than one field specified at a time");
        }
    }
}

fn mounts(findings: &mut Findings, at: &Path, container: &Value, volumes: &Volumes) {
    let mut paths = BTreeSet::new();
    let devices = list(container, "volumeDevices");
    for (index, mount) in list(container, "volumeMounts").iter().enumerate() {
        let here = at.index(index);
        let (name, path) = (text(mount, "name"), text(mount, "mountPath"));
        if name.is_empty() {
            findings.required(&here.child("name"), "");
        }
        if !volumes.contains(name) {
            findings.not_found(&here.child("name"), name);
        }
        if path.is_empty() {
            findings.required(&here.child("mountPath"), "");
        }
        if !paths.insert(path) {
            findings.invalid_text(&here.child("mountPath"), path, "must be unique");
        }
        if devices.iter().any(|device| text(device, "name") == name) {
            findings.invalid_text(&here.child("name"), name, "must not already exist in volumeDevices");
        }
        if devices.iter().any(|device| text(device, "devicePath") == path) {
            findings.invalid_text(&here.child("mountPath"), path, "must not already exist as a path in volumeDevices");
        }
        let (sub_path, expression) = (text(mount, "subPath"), text(mount, "subPathExpr"));
        if !sub_path.is_empty() {
            // Upstream names the list here, not the mount.
            descending_path(findings, &at.child("subPath"), sub_path);
        }
        if !expression.is_empty() {
            if !sub_path.is_empty() {
                findings.invalid_text(&here.child("subPathExpr"), expression, "subPathExpr and subPath are mutually exclusive");
            }
            descending_path(findings, &at.child("subPathExpr"), expression);
        }
        // Again the list, not the mount.
        let propagation_at = at.child("mountPropagation");
        findings.optional_one_of(&propagation_at, &mount["mountPropagation"], &["Bidirectional", "HostToContainer", "None"]);
        if text(mount, "mountPropagation") == "Bidirectional" && !is_true(&container["securityContext"]["privileged"]) {
            findings.forbidden(&propagation_at, "Bidirectional mount propagation is available only to privileged containers");
        }
    }
}

fn devices(findings: &mut Findings, at: &Path, container: &Value, volumes: &Volumes) {
    let mounts = list(container, "volumeMounts");
    let mut seen = (BTreeSet::new(), BTreeSet::new());
    for (index, device) in list(container, "volumeDevices").iter().enumerate() {
        let here = at.index(index);
        let (name, path) = (text(device, "name"), text(device, "devicePath"));
        if name.is_empty() {
            findings.required(&here.child("name"), "");
        }
        if !seen.0.insert(name) {
            findings.invalid_text(&here.child("name"), name, "must be unique");
        }
        if !volumes.contains(name) {
            findings.not_found(&here.child("name"), name);
        }
        if path.is_empty() {
            findings.required(&here.child("devicePath"), "");
        } else {
            if !seen.1.insert(path) {
                findings.invalid_text(&here.child("devicePath"), path, "must be unique");
            }
            super::volumes::no_backsteps(findings, &here.child("devicePath"), path);
        }
        if mounts.iter().any(|mount| text(mount, "mountPath") == path) {
            findings.invalid_text(&here.child("devicePath"), path, "must not already exist as a path in volumeMounts");
        }
        if mounts.iter().any(|mount| text(mount, "name") == name) {
            findings.invalid_text(&here.child("name"), name, "must not already exist in volumeMounts");
        }
    }
}

/// Requests and limits.
pub fn resources(findings: &mut Findings, at: &Path, resources: &Value) {
    for field in ["limits", "requests"] {
        let list_at = at.child(field);
        for (name, value) in entries(resources, field) {
            let here = list_at.key(name);
            names::container_resource(findings, &here, name);
            let amount = quantity(value);
            if amount.sign() < 0 {
                findings.invalid(&here, value, super::NOT_NEGATIVE);
            }
            let limit = &resources["limits"][name];
            if field == "requests" && limit.is_string() && amount > quantity(limit) {
                let why = format!("must be less than or equal to {name} limit of {}", limit.as_str().unwrap_or(""));
                findings.invalid(&list_at, value, &why);
            }
        }
    }
}

fn security(findings: &mut Findings, at: &Path, context: &Value) {
    for field in ["runAsUser", "runAsGroup"] {
        super::affinity::in_range(findings, &at.child(field), &context[field], 0, i64::from(i32::MAX));
    }
    if context["allowPrivilegeEscalation"].as_bool() == Some(false) && is_true(&context["privileged"]) {
        findings.invalid(at, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
    }
}

/// Lifecycle hooks and probes, of containers that stay.
pub fn hooks(findings: &mut Findings, at: &Path, container: &Value) {
    let lifecycle_at = at.child("lifecycle");
    for name in ["postStart", "preStop"] {
        if let Some(action) = container["lifecycle"].get(name).filter(|action| action.is_object()) {
            handler(findings, &lifecycle_at.child(name), action);
        }
    }
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(probe) = container.get(name).filter(|probe| probe.is_object()) else { continue };
        let here = at.child(name);
        handler(findings, &here, probe);
        for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
            findings.nonnegative(&here.child(field), &probe[field]);
        }
        let grace = &probe["terminationGracePeriodSeconds"];
        if name == "readinessProbe" {
            if !grace.is_null() {
                findings.invalid(&here.child("terminationGracePeriodSeconds"), grace, "must not be set for readinessProbes");
            }
        } else {
            if grace.as_i64().is_some_and(|seconds| seconds <= 0) {
                findings.invalid(&here.child("terminationGracePeriodSeconds"), grace, "must be greater than 0");
            }
            if probe["successThreshold"].as_i64().is_some_and(|times| times != 1) {
                findings.invalid(&here.child("successThreshold"), &probe["successThreshold"], "must be 1");
            }
        }
    }
}

/// Probes and hooks that an init container may not have.
pub fn no_hooks(findings: &mut Findings, at: &Path, container: &Value) {
    for name in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
        if container[name].is_object() {
            findings.forbidden(&at.child(name), "may not be set for init containers without restartPolicy=Always");
        }
    }
}

fn handler(findings: &mut Findings, at: &Path, handler: &Value) {
    let mut found = 0;
    for name in ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] {
        let Some(action) = handler.get(name).filter(|action| action.is_object()) else { continue };
        let here = at.child(name);
        found += 1;
        if found > 1 {
            findings.forbidden(&here, "may not specify more than 1 handler type");
            continue;
        }
        match name {
            "exec" if list(action, "command").is_empty() => findings.required(&here.child("command"), ""),
            "httpGet" => {
                if text(action, "path").is_empty() {
                    findings.required(&here.child("path"), "");
                }
                names::port_or_name(findings, &here.child("port"), &action["port"]);
                findings.one_of(&here.child("scheme"), &action["scheme"], &["HTTP", "HTTPS"]);
                for (index, header) in list(action, "httpHeaders").iter().enumerate() {
                    if text(header, "name").is_empty() {
                        findings.required(&here.child("httpHeaders").index(index).child("name"), "");
                    }
                }
            }
            "tcpSocket" => names::port_or_name(findings, &here.child("port"), &action["port"]),
            "grpc" => names::port(findings, &here.child("port"), &action["port"]),
            _ => {}
        }
    }
    if found == 0 {
        findings.required(at, "must specify a handler type");
    }
}
