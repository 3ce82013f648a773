//! Rules for names, labels and ports. Models apimachinery/pkg/util/validation and pkg/api/validation/name.go.

use super::{Findings, Path, Value, range_error};
use crate::values::selector::{label_value_errors, qualified_name_errors, subdomain_errors};

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const MAX_LABEL: usize = 63;
const CONFIG_KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/// A rule for names: what is wrong with one.
pub type Rule = fn(&str) -> Vec<String>;

pub fn subdomain(text: &str) -> Vec<String> {
    subdomain_errors(text)
}

fn is_label(text: &str, first: fn(u8) -> bool) -> bool {
    let small = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    text.bytes().next().is_some_and(first) && text.bytes().last().is_some_and(small) && text.bytes().all(|c| small(c) || c == b'-')
}

fn label_rule(text: &str, first: fn(u8) -> bool, message: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > MAX_LABEL {
        errors.push(format!("must be no more than {MAX_LABEL} characters"));
    }
    if !is_label(text, first) {
        // A right subdomain of no more than a label's length can only be wrong by its dots.
        let dots = message == LABEL && subdomain_errors(text).is_empty();
        errors.push(if dots { "must not contain dots" } else { message }.to_owned());
    }
    errors
}

/// DNS-1123 label.
pub fn label(text: &str) -> Vec<String> {
    label_rule(text, |c| c.is_ascii_lowercase() || c.is_ascii_digit(), LABEL)
}

/// DNS-1035 label, as Services have.
pub fn label_1035(text: &str) -> Vec<String> {
    label_rule(text, |c| c.is_ascii_lowercase(), LABEL_1035)
}

/// A part of an address, the least that a name must be. Models path.IsValidPathSegmentName.
pub fn path_segment(text: &str) -> Vec<String> {
    match text {
        "." | ".." => vec![format!("may not be '{text}'")],
        _ => ['/', '%'].iter().filter(|sign| text.contains(**sign)).map(|sign| format!("may not contain '{sign}'")).collect(),
    }
}

/// Keys of ConfigMaps and Secrets.
pub fn config_key(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 253 {
        errors.push("must be no more than 253 characters".to_owned());
    }
    if text.is_empty() || !text.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c)) {
        errors.push(CONFIG_KEY.to_owned());
    }
    match text {
        "." => errors.push("must not be '.'".to_owned()),
        ".." => errors.push("must not be '..'".to_owned()),
        text if text.starts_with("..") => errors.push("must not start with '..'".to_owned()),
        _ => {}
    }
    errors
}

/// Names of environment variables, as relaxed since 1.34.
pub fn env_name(text: &str) -> Vec<String> {
    let printable = text.chars().all(|c| (' '..='~').contains(&c) && c != '=');
    if printable {
        Vec::new()
    } else {
        vec!["a valid environment variable name must consist only of printable ASCII characters other than '='".to_owned()]
    }
}

/// Names of ports: IANA_SVC_NAME.
pub fn port_name(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 15 {
        errors.push("must be no more than 15 characters".to_owned());
    }
    if !text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-') {
        errors.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_owned());
    }
    if !text.bytes().any(|c| c.is_ascii_lowercase()) {
        errors.push("must contain at least one letter (a-z)".to_owned());
    }
    if text.contains("--") {
        errors.push("must not contain consecutive hyphens".to_owned());
    }
    if text.starts_with('-') || text.ends_with('-') {
        errors.push("must not begin or end with a hyphen".to_owned());
    }
    errors
}

/// A map of labels.
pub fn labels(findings: &mut Findings, at: &Path, labels: &Value) {
    for (key, value) in labels.as_object().into_iter().flatten() {
        findings.all_invalid(at, key, qualified_name_errors(key));
        let value = value.as_str().unwrap_or("");
        findings.all_invalid(at, value, label_value_errors(value));
    }
}

/// A label key.
pub fn label_name(findings: &mut Findings, at: &Path, name: &str) {
    findings.all_invalid(at, name, qualified_name_errors(name));
}

/// A port number.
pub fn port(findings: &mut Findings, at: &Path, port: &Value) {
    if !port.as_i64().is_some_and(|number| (1..=65_535).contains(&number)) {
        let zero = Value::from(0);
        findings.invalid(at, if port.is_null() { &zero } else { port }, &range_error(1, 65_535));
    }
}

/// A port by number or by name.
pub fn port_or_name(findings: &mut Findings, at: &Path, value: &Value) {
    match value {
        Value::String(name) => findings.all_invalid(at, name, port_name(name)),
        _ => port(findings, at, value),
    }
}

/// The name of a CSI driver.
pub fn driver_name(findings: &mut Findings, at: &Path, name: &str) {
    if name.is_empty() {
        findings.required(at, "");
    }
    if name.len() > 63 {
        findings.too_long(at, 63);
    }
    findings.all_invalid(at, name, subdomain(&name.to_ascii_lowercase()));
}

/// The resources that the server knows by themselves.
const RESOURCES: [&str; 20] = [
    "cpu",
    "memory",
    "ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "pods",
    "resourcequotas",
    "services",
    "replicationcontrollers",
    "secrets",
    "configmaps",
    "persistentvolumeclaims",
    "storage",
    "requests.storage",
    "services.nodeports",
    "services.loadbalancers",
];

fn is_hugepages(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// The name of a resource: one of the server's own, or with a domain.
pub fn resource(findings: &mut Findings, at: &Path, name: &str) {
    let errors = qualified_name_errors(name);
    if errors.is_empty() && !name.contains('/') && !RESOURCES.contains(&name) && !is_hugepages(name) {
        findings.invalid_text(at, name, "must be a standard resource type or fully qualified");
    }
    findings.all_invalid(at, name, errors);
}

/// The name of a resource that a container can ask for.
pub fn container_resource(findings: &mut Findings, at: &Path, name: &str) {
    resource(findings, at, name);
    if !name.contains('/') && !matches!(name, "cpu" | "memory" | "ephemeral-storage") && !is_hugepages(name) {
        findings.invalid_text(at, name, "must be a standard resource for containers");
    }
}
