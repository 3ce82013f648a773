//! version, cluster-info, api-versions. Models kubectl/pkg/cmd/{version,clusterinfo,apiresources}.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::print;
use crate::kinds;
use crate::values::object::{Value, json};
use crate::values::yaml;

pub fn version(invocation: &mut Invocation<'_, '_>) -> Ran {
    if !invocation.args.positional.is_empty() {
        return Err(Failure::plain(format!("extra arguments: [{}]", invocation.args.positional.join(" "))));
    }
    let server = invocation.cluster.flavour.version;
    let client = server.split('+').next().unwrap_or(server).to_owned();
    let with_server = !invocation.args.on("client");
    let output = invocation.args.text("output").to_owned();
    match output.as_str() {
        "" => {
            invocation.output.line(&format!("Client Version: {client}\nKustomize Version: {KUSTOMIZE}"));
            if with_server {
                invocation.output.line(&format!("Server Version: {server}"));
            }
        }
        "json" | "yaml" => {
            let mut versions = json!({"clientVersion": version_info(&client, false), "kustomizeVersion": KUSTOMIZE, "kind": "VersionOfAll"});
            if with_server {
                versions["serverVersion"] = version_info(server, true);
            }
            let text = if output == "json" {
                print::typed_json(&versions).replace("    ", "  ").replacen("  \"kind\": \"VersionOfAll\",\n", "", 1)
            } else {
                yaml::print(&versions).replacen("kind: VersionOfAll\n", "", 1) + "\n"
            };
            invocation.output.out(&text);
        }
        _ => return Err(Failure::plain("--output must be 'yaml' or 'json'")),
    }
    Ok(None)
}

const KUSTOMIZE: &str = "v5.7.1";

/// What a program says of its version, in the order of Go's struct.
fn version_info(version: &str, server: bool) -> Value {
    let mut info = json!({
        "buildDate": "2026-02-10T12:00:00Z", "compiler": "gc", "gitCommit": "0000000000000000000000000000000000000000", "gitTreeState": "clean",
        "gitVersion": version, "goVersion": "go1.24.12", "major": "1", "minor": "34", "platform": "linux/amd64",
    });
    if server {
        for (field, value) in [("emulationMajor", "1"), ("emulationMinor", "34"), ("minCompatibilityMajor", "1"), ("minCompatibilityMinor", "33")] {
            info[field] = json!(value);
        }
    }
    info
}

pub fn cluster_info(invocation: &mut Invocation<'_, '_>) -> Ran {
    let server = "https://127.0.0.1:6443";
    invocation.output.line(&format!("Kubernetes control plane is running at {server}"));
    invocation.output.line(&format!("CoreDNS is running at {server}/api/v1/namespaces/kube-system/services/kube-dns:dns/proxy"));
    invocation.output.line("");
    invocation.output.line("To further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.");
    Ok(None)
}

pub fn api_versions(invocation: &mut Invocation<'_, '_>) -> Ran {
    invocation.takes_no_words("unexpected arguments")?;
    let mut versions: Vec<String> = kinds::ALL.iter().map(kinds::KindDef::api_version).collect();
    versions.sort();
    versions.dedup();
    for version in versions {
        invocation.output.line(&version);
    }
    Ok(None)
}
