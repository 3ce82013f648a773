//! The pod that run makes of its flags. Models kubectl/pkg/generate/versioned/run.go.

use crate::commands::cli::encoding;
use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::Invocation;
use crate::kinds;
use crate::values::object::{Object, Value, json};
use crate::values::patch;

/// The pod that run makes of its flags.
pub fn generated(invocation: &Invocation<'_, '_>, name: &str, image: &str, rest: &[String]) -> Result<Object, Failure> {
    let mut container = json!({"image": image, "name": name, "resources": {}});
    if !rest.is_empty() {
        container[if invocation.args.on("command") { "command" } else { "args" }] = json!(rest);
    }
    if invocation.args.on("stdin") {
        container["stdin"] = json!(true);
        container["stdinOnce"] = json!(true);
    }
    if invocation.args.on("tty") {
        container["tty"] = json!(true);
    }
    let env: Vec<Value> = invocation
        .args
        .values("env")
        .iter()
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    if !env.is_empty() {
        container["env"] = json!(env);
    }
    if let Some(port) = invocation.args.value("port").and_then(|port| port.parse::<u16>().ok()) {
        container["ports"] = json!([{"containerPort": port}]);
    }
    if let Some(policy) = invocation.args.value("image-pull-policy").filter(|policy| !policy.is_empty()) {
        container["imagePullPolicy"] = json!(policy);
    }
    if invocation.args.on("privileged") {
        container["securityContext"] = json!({"privileged": true});
    }
    let restart = invocation.args.value("restart").filter(|restart| !restart.is_empty()).unwrap_or("Always");
    let mut labels = json!({"run": name});
    if let Some(text) = invocation.args.value("labels").filter(|text| !text.is_empty()) {
        labels = json!({});
        for pair in text.split(',') {
            let Some((key, value)) = pair.split_once('=') else { return Err(Failure::plain(format!("unexpected label spec: {pair}"))) };
            labels[key] = json!(value);
        }
    }
    let mut pod = Object(json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"labels": labels, "name": name},
        "spec": {"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": restart},
        "status": {},
    }));
    for pair in invocation.args.values("annotations") {
        if let Some((key, value)) = pair.split_once('=') {
            pod.set_annotation(key, value);
        }
    }
    if let Some(text) = invocation.args.value("overrides").filter(|text| !text.is_empty()) {
        pod = overridden(&pod, text, invocation.args.text("override-type"))?;
    }
    Ok(pod)
}

/// The object with `--overrides` on it.
fn overridden(object: &Object, text: &str, kind: &str) -> Result<Object, Failure> {
    let change: Value = serde_json::from_str(text).map_err(|_| Failure::plain("Invalid JSON Patch"))?;
    let def = kinds::def(object.kind());
    let changed = Object(match kind {
        "" | "merge" => patch::merge(&object.0, &change),
        "strategic" => patch::strategic(&object.0, &change, kinds::schema::rules(def)).map_err(Failure::Plain)?,
        "json" => patch::json(&object.0, &change).map_err(Failure::Plain)?,
        other => return Err(Failure::plain(format!("invalid override type: {other}"))),
    });
    if !changed.0.is_object() || kinds::by_version_and_kind(changed.str(&["apiVersion"]), changed.kind()).is_none() {
        return Err(Failure::plain(format!("Object 'Kind' is missing in '{}'", encoding::go_json(&changed.0))));
    }
    Ok(changed)
}
