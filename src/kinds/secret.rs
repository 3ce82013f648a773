//! Secret.

use super::base::BASE;
use super::def::KindDef;
use super::defaults::{self, default};
use super::printers::{AGE, DATA, NAME, column};
use super::validation::{Findings, METADATA, Path, data, metadata, names, text};
use crate::values::object::{Object, json};
use crate::values::status::FieldError;

pub const DEF: KindDef = KindDef {
    kind: "Secret",
    plural: "secrets",
    defaults,
    validate,
    warnings,
    columns: &[NAME, column("TYPE", |secret, _| secret.str(&["type"]).to_owned()), DATA, AGE],
    ..BASE
};

fn defaults(object: &mut Object, _: Option<&Object>) {
    default(&mut object.0, "type", json!("Opaque"));
    let Some(texts) = object.remove(&["stringData"]) else { return };
    for (key, text) in texts.as_object().into_iter().flatten() {
        let bytes = text.as_str().unwrap_or("").as_bytes();
        object.set(&["data", key], json!(defaults::base64_text(bytes)));
    }
}

fn validate(def: &KindDef, secret: &Object, old: Option<&Object>) -> Vec<FieldError> {
    let mut findings = Findings::default();
    let body = &secret.0;
    if let Some(old) = old {
        findings.immutable(&Path::root("type"), &body["type"], &old.0["type"]);
    }
    data::frozen(&mut findings, body, old, &["data"]);
    metadata::object(&mut findings, def, secret, old, names::subdomain);
    let at = Path::root("data");
    if data::keys(&mut findings, body, "data") / 4 * 3 > data::MAX_DATA {
        findings.too_long(&at, data::MAX_DATA);
    }
    let needs: &[&str] = match text(body, "type") {
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/basic-auth" if body["data"]["username"].is_null() && body["data"]["password"].is_null() => &["username", "password"],
        _ => &[],
    };
    for name in needs.iter().filter(|name| body["data"].get(**name).is_none()) {
        findings.required(&at.key(name), "");
    }
    if text(body, "type") == "kubernetes.io/service-account-token" && secret.annotation("kubernetes.io/service-account.name").unwrap_or("").is_empty()
    {
        let at = METADATA.child("annotations");
        findings.required(&at.key("kubernetes.io/service-account.name"), "");
    }
    findings.list
}

/// A certificate and key that do not go together, as far as they are looked at: by their being in PEM at all.
fn warnings(secret: &Object, _: Option<&Object>) -> Vec<String> {
    if text(&secret.0, "type") != "kubernetes.io/tls" {
        return Vec::new();
    }
    // "-----BEGIN" at the start of a line, as base64 of the first one.
    let is_pem = |key: &str| text(&secret.0["data"], key).starts_with("LS0tLS1CRUdJT");
    let wrong = [("certificate", "tls.crt"), ("key", "tls.key")].into_iter().find(|(_, key)| !is_pem(key));
    wrong.into_iter().map(|(what, _)| format!("tls: failed to find any PEM data in {what} input")).collect()
}
