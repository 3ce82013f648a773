//! create configmap, create secret. Models kubectl/pkg/cmd/create/create_{configmap,secret}.go.

use crate::commands::cli::encoding;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::generate::object::{finish, name};
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::kinds;
use crate::machine::vfs;
use crate::values::object::{Object, json};

/// How many letters `--append-hash` appends.
const HASH_LENGTH: usize = 10;

/// `--append-hash`: the name goes on with a hash of what the object holds. Models kubectl/pkg/util/hash.
fn append_hash(invocation: &Invocation<'_, '_>, object: &mut Object) {
    if !invocation.args.on("append-hash") {
        return;
    }
    let mut content = json!({"data": object.at(&["data"]).cloned().unwrap_or_else(|| json!({})), "kind": object.kind(), "name": object.name()});
    if let Some(binary) = object.at(&["binaryData"]) {
        content["binaryData"] = binary.clone();
    }
    if object.kind() == "Secret" {
        content["type"] = json!(object.str(&["type"]));
    }
    let digest = crate::machine::programs::lib::digest::sha256(encoding::go_json(&content).as_bytes());
    let letter = |digit: char| match digit {
        '0' => 'g',
        '1' => 'h',
        '3' => 'k',
        'a' => 'm',
        'e' => 't',
        other => other,
    };
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let hash: String = digest.chars().take(HASH_LENGTH).map(letter).collect();
    let name = format!("{}-{hash}", object.name());
    object.set(&["metadata", "name"], json!(name));
}

/// Keys of `--from-literal`, `--from-file` and `--from-env-file`, with their bytes.
fn data(invocation: &Invocation<'_, '_>, owner: &str) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |key: String, bytes: Vec<u8>| {
        if found.iter().any(|(other, _)| *other == key) {
            return Err(Failure::plain(format!("cannot add key \"{key}\", another key by that name already exists in Data{owner}")));
        }
        let errors = kinds::validation::names::config_key(&key);
        if !errors.is_empty() {
            // Only a ConfigMap's text has all its words.
            let words = if owner.is_empty() { "is not valid key name for a Secret" } else { "is not a valid key name for a ConfigMap:" };
            return Err(Failure::plain(format!("{key:?} {words} {}", errors.join(","))));
        }
        found.push((key, bytes));
        Ok(())
    };
    let given = |flag: &str| !invocation.args.values(flag).is_empty();
    if given("from-env-file") && (given("from-file") || given("from-literal")) {
        return Err(Failure::plain("from-env-file cannot be combined with from-file or from-literal"));
    }
    for path in invocation.args.values("from-file") {
        let (key, path) = match path.split_once('=') {
            None => (None, path.as_str()),
            Some((_, path)) if path.contains('=') => return Err(Failure::plain("key names or file paths cannot contain '='")),
            Some(("", path)) => return Err(Failure::plain(format!("key name for file path {path} missing"))),
            Some((key, "")) => return Err(Failure::plain(format!("file path for key name {key} missing"))),
            Some((key, path)) => (Some(key), path),
        };
        let absolute = vfs::absolute(invocation.host.working_directory, path);
        let missing = || Failure::plain(format!("error reading {path}: no such file or directory"));
        if invocation.host.files.is_directory(&absolute) {
            for name in invocation.host.files.list(&absolute).map_err(|_| missing())? {
                if let Ok(bytes) = invocation.host.files.read(&format!("{absolute}/{name}")) {
                    add(name, bytes)?;
                }
            }
        } else {
            let bytes = invocation.host.files.read(&absolute).map_err(|_| missing())?;
            let base = path.rsplit('/').next().unwrap_or(path);
            add(key.unwrap_or(base).to_owned(), bytes)?;
        }
    }
    for literal in invocation.args.values("from-literal") {
        let Some((key, value)) = literal.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(Failure::plain(format!("invalid literal source {literal}, expected key=value")));
        };
        add(key.to_owned(), value.trim_matches(['"', '\'']).as_bytes().to_vec())?;
    }
    for path in invocation.args.values("from-env-file") {
        let absolute = vfs::absolute(invocation.host.working_directory, path);
        let bytes = invocation.host.files.read(&absolute).map_err(|_| Failure::plain(format!("error reading {path}: no such file or directory")))?;
        for line in String::from_utf8_lossy(&bytes).lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            add(key.to_owned(), value.as_bytes().to_vec())?;
        }
    }
    Ok(found)
}

pub fn config_map(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    let mut object = Object(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}));
    let owner = format!(" for ConfigMap \"{}\"", object.name());
    for (key, bytes) in data(invocation, &owner)? {
        match String::from_utf8(bytes) {
            Ok(text) => object.set(&["data", &key], json!(text)),
            Err(error) => object.set(&["binaryData", &key], json!(base64(error.as_bytes()))),
        }
    }
    append_hash(invocation, &mut object);
    finish(invocation, object)
}

pub fn secret_generic(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    let mut object = Object(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}));
    for (key, bytes) in data(invocation, "")? {
        object.set(&["data", &key], json!(base64(&bytes)));
    }
    if let Some(kind) = invocation.args.value("type").filter(|kind| !kind.is_empty()) {
        object.set(&["type"], json!(kind));
    }
    append_hash(invocation, &mut object);
    finish(invocation, object)
}

/// `create secret tls NAME --cert=FILE --key=FILE`.
pub fn secret_tls(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    let mut object = Object(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "kubernetes.io/tls"}));
    if ["cert", "key"].iter().any(|flag| invocation.args.text(flag).is_empty()) {
        return Err(Failure::plain("key and cert must be specified"));
    }
    for (flag, key) in [("cert", "tls.crt"), ("key", "tls.key")] {
        let path = invocation.args.text(flag);
        let absolute = vfs::absolute(invocation.host.working_directory, path);
        let bytes = invocation.host.files.read(&absolute);
        let bytes = bytes.map_err(|_| Failure::plain(format!("Cannot read file {path}, open {path}: no such file or directory")))?;
        let what = if flag == "cert" { "certificate" } else { "key" };
        if !bytes.windows(PEM.len()).any(|window| window == PEM) {
            return Err(Failure::plain(format!("tls: failed to find any PEM data in {what} input")));
        }
        object.set(&["data", key], json!(base64(&bytes)));
    }
    finish(invocation, object)
}

/// How what is in a PEM file begins.
const PEM: &[u8] = b"-----BEGIN ";

/// Where images come from that name no registry.
const DOCKER_SERVER: &str = "https://index.docker.io/v1/";

/// `create secret docker-registry NAME`: the login of an image registry.
pub fn secret_docker_registry(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    let mut object = Object(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "kubernetes.io/dockerconfigjson"}));
    if !invocation.args.values("from-file").is_empty() {
        for (key, bytes) in data(invocation, "")? {
            let key = if key.starts_with('.') { key } else { ".dockerconfigjson".to_owned() };
            object.set(&["data", &key], json!(base64(&bytes)));
        }
        append_hash(invocation, &mut object);
        return finish(invocation, object);
    }
    let text = |flag: &str| invocation.args.text(flag).to_owned();
    let (user, password, email) = (text("docker-username"), text("docker-password"), text("docker-email"));
    let server = invocation.args.value("docker-server").unwrap_or(DOCKER_SERVER).to_owned();
    if user.is_empty() || password.is_empty() {
        return Err(Failure::plain("either --from-file or the combination of --docker-username, --docker-password and --docker-server is required"));
    }
    let mail = if email.is_empty() { String::new() } else { format!(",\"email\":{}", json!(email)) };
    let login = base64(format!("{user}:{password}").as_bytes());
    let entry = format!("{{\"username\":{},\"password\":{}{mail},\"auth\":\"{login}\"}}", json!(user), json!(password));
    let config = format!("{{\"auths\":{{{}:{entry}}}}}", json!(server));
    object.set(&["data", ".dockerconfigjson"], json!(base64(config.as_bytes())));
    append_hash(invocation, &mut object);
    finish(invocation, object)
}

/// Standard base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let value = chunk.iter().enumerate().fold(0u32, |value, (index, byte)| value | u32::from(*byte) << (16 - 8 * index));
        for place in 0..4 {
            let digit = DIGITS[(value >> (18 - 6 * place)) as usize & 63] as char;
            text.push(if place <= chunk.len() { digit } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        assert_eq!(["", "a", "ab", "abc"].map(|text| base64(text.as_bytes())), ["", "YQ==", "YWI=", "YWJj"]);
    }
}
