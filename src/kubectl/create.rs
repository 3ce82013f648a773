//! create: from files, and the generators `create deployment`, `create configmap` and so on; expose, autoscale.
//! Models kubectl/pkg/cmd/create and expose.

use super::manifests;
use super::request::DryRun;
use super::{Command, Failure, Ran, apply};
use crate::machine::vfs;
use crate::values::object::{Map, Object, Value, json};

pub fn run(command: &mut Command<'_, '_>) -> Ran {
    if !manifests::given(command) {
        if !command.args.positional.is_empty() {
            return Err(Failure::usage(format!("Unexpected args: [{}]", command.args.positional.join(" "))));
        }
        return Err(Failure::plain("must specify one of -f and -k"));
    }
    if !command.args.positional.is_empty() {
        return Err(Failure::usage(format!("Unexpected args: [{}]", command.args.positional.join(" "))));
    }
    let dry_run = command.dry_run()?;
    command.check_validate()?;
    let read = manifests::read(command)?;
    let mut failures = read.failures;
    if read.objects.is_empty() && failures.is_empty() {
        return Err(Failure::plain("no objects passed to create"));
    }
    for manifest in read.objects {
        let object = if command.args.on("save-config") { apply::with_last_applied(&manifest.object) } else { manifest.object.clone() };
        if dry_run == DryRun::Client {
            command.report(&object, "created", dry_run)?;
            continue;
        }
        match command.create_object(object, dry_run) {
            Ok(created) => command.report(&created, "created", dry_run)?,
            Err(status) => failures.push(manifest.failure("creating", status)),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}

/// How many letters `--append-hash` appends.
const HASH_LENGTH: usize = 10;

/// The one NAME of a generator, once the flags that all generators have are right.
pub(super) fn name(command: &mut Command<'_, '_>) -> Result<String, Failure> {
    let [name] = command.args.positional.as_slice() else {
        return Err(Failure::usage(format!("exactly one NAME is required, got {}", command.args.positional.len())));
    };
    let name = name.clone();
    command.dry_run()?;
    command.check_validate()?;
    super::print::format(command, super::print::OBJECTS)?;
    Ok(name)
}

/// Sends what a generator made.
fn finish(command: &mut Command<'_, '_>, mut object: Object) -> Ran {
    let dry_run = command.dry_run()?;
    let def = crate::kinds::def(object.kind());
    if def.namespaced {
        let explicit = command.args.given("namespace");
        if dry_run != DryRun::Client || explicit {
            let namespace = command.namespace();
            object.set(&["metadata", "namespace"], json!(namespace));
        }
    }
    if command.args.on("save-config") {
        object = apply::with_last_applied(&object);
    }
    if dry_run == DryRun::Client {
        command.report(&object, "created", dry_run)?;
        return Ok(None);
    }
    let context = match object.kind() {
        "Deployment" => "failed to create deployment: ",
        "ConfigMap" => "failed to create configmap: ",
        "Secret" => "failed to create secret ",
        "CronJob" => "failed to create cronjob: ",
        "Job" => "failed to create job: ",
        "PriorityClass" => "failed to create priorityclass: ",
        "PodDisruptionBudget" => "failed to create poddisruptionbudgets: ",
        "ServiceAccount" => "failed to create serviceaccount: ",
        _ => "",
    };
    let created = command.create_object(object, dry_run).map_err(|status| match context {
        "" => Failure::from(status),
        _ => Failure::plain(format!("{context}{}", status.message)),
    })?;
    command.report(&created, "created", dry_run)?;
    Ok(None)
}

pub fn namespace(command: &mut Command<'_, '_>) -> Ran {
    let name = name(command)?;
    finish(command, Object(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "spec": {}, "status": {}})))
}

pub fn service_account(command: &mut Command<'_, '_>) -> Ran {
    let name = name(command)?;
    finish(command, Object(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}})))
}

/// A port: a number, or the name of one.
pub(super) fn number_or_name(text: &str) -> Value {
    text.parse::<i32>().map_or_else(|_| json!(text), |number| json!(number))
}

/// `create priorityclass NAME --value=1000 --description=… --global-default`.
pub fn priority_class(command: &mut Command<'_, '_>) -> Ran {
    let name = name(command)?;
    let mut object = json!({
        "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name},
        "preemptionPolicy": command.args.value("preemption-policy").unwrap_or("PreemptLowerPriority"),
        "value": command.args.int("value").unwrap_or(0),
    });
    if command.args.on("global-default") {
        object["globalDefault"] = json!(true);
    }
    if !command.args.text("description").is_empty() {
        object["description"] = json!(command.args.text("description"));
    }
    finish(command, Object(object))
}

/// `--append-hash`: the name goes on with a hash of what the object holds. Models kubectl/pkg/util/hash.
fn append_hash(command: &Command<'_, '_>, object: &mut Object) {
    if !command.args.on("append-hash") {
        return;
    }
    let mut content = json!({"data": object.at(&["data"]).cloned().unwrap_or_else(|| json!({})), "kind": object.kind(), "name": object.name()});
    if let Some(binary) = object.at(&["binaryData"]) {
        content["binaryData"] = binary.clone();
    }
    if object.kind() == "Secret" {
        content["type"] = json!(object.str(&["type"]));
    }
    let digest = crate::machine::programs::digest::sha256(super::manifests::go_json(&content).as_bytes());
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

/// A container's name of an image: `registry/nginx:1.27` -> `nginx`.
fn image_name(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    let bare = last.split([':', '@']).next().unwrap_or(last);
    bare.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect()
}

/// The command behind `--`.
fn behind_dash(command: &Command<'_, '_>) -> Vec<String> {
    command.args.at_dash.map_or_else(Vec::new, |place| command.args.positional[place..].to_vec())
}

/// What stands before `--`.
fn take_command(command: &mut Command<'_, '_>) -> Vec<String> {
    let behind = behind_dash(command);
    if let Some(place) = command.args.at_dash {
        command.args.positional.truncate(place);
    }
    behind
}

pub fn deployment(command: &mut Command<'_, '_>) -> Ran {
    let argv = take_command(command);
    let name = name(command)?;
    let images = command.args.values("image").to_vec();
    if images.len() > 1 && !argv.is_empty() {
        return Err(Failure::plain("cannot specify multiple --image options and command"));
    }
    let replicas = command.args.int("replicas").unwrap_or(1);
    let mut containers = Vec::new();
    for image in &images {
        let mut container = json!({"image": image, "name": image_name(image), "resources": {}});
        if !argv.is_empty() {
            container["command"] = json!(argv);
        }
        if let Some(port) = command.args.int("port").filter(|port| *port > 0) {
            container["ports"] = json!([{"containerPort": port}]);
        }
        containers.push(container);
    }
    finish(
        command,
        Object(json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name, "labels": {"app": name}},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": {"app": name}},
                "strategy": {},
                "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": containers}},
            },
            "status": {},
        })),
    )
}

pub fn job(command: &mut Command<'_, '_>) -> Ran {
    let argv = take_command(command);
    let name = name(command)?;
    let template = if let Some(from) = command.args.value("from").map(str::to_owned) {
        let Some((kind, source)) = from.split_once('/') else {
            return Err(Failure::plain("--from requires a resource in the form cronjob/name"));
        };
        let def = super::resources::kind(kind)?;
        if def.kind != "CronJob" {
            return Err(Failure::plain("from must be an existing cronjob"));
        }
        let key = command.key(def, &command.namespace(), source);
        command.cluster.api.get(&key)?.at(&["spec", "jobTemplate", "spec", "template"]).cloned().unwrap_or_default()
    } else {
        let Some(image) = command.args.value("image").map(str::to_owned) else {
            return Err(Failure::plain("either --image or --from must be specified"));
        };
        let mut container = json!({"image": image, "name": name, "resources": {}});
        if !argv.is_empty() {
            container["command"] = json!(argv);
        }
        json!({"metadata": {}, "spec": {"containers": [container], "restartPolicy": "Never"}})
    };
    finish(
        command,
        Object(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {"template": template}, "status": {}})),
    )
}

pub fn cron_job(command: &mut Command<'_, '_>) -> Ran {
    let argv = take_command(command);
    let name = name(command)?;
    let mut container = json!({"image": command.args.text("image"), "name": name, "resources": {}});
    if !argv.is_empty() {
        container["command"] = json!(argv);
    }
    let restart = command.args.value("restart").unwrap_or("OnFailure").to_owned();
    let template = json!({"metadata": {}, "spec": {"containers": [container], "restartPolicy": restart}});
    let schedule = command.args.text("schedule").to_owned();
    finish(
        command,
        Object(json!({
            "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name},
            "spec": {"jobTemplate": {"metadata": {"name": name}, "spec": {"template": template}}, "schedule": schedule},
            "status": {},
        })),
    )
}

/// `create poddisruptionbudget NAME --selector=… --min-available=…`.
pub fn disruption_budget(command: &mut Command<'_, '_>) -> Ran {
    let name = name(command)?;
    let selector = command.args.text("selector").to_owned();
    if selector.is_empty() {
        return Err(Failure::plain("a selector must be specified"));
    }
    let amounts = ["min-available", "max-unavailable"].map(|flag| command.args.value(flag).filter(|text| !text.is_empty()).map(str::to_owned));
    let (field, amount) = match amounts {
        [None, None] => return Err(Failure::plain("one of min-available or max-unavailable must be specified")),
        [Some(_), Some(_)] => return Err(Failure::plain("min-available and max-unavailable cannot be both specified")),
        [Some(amount), None] => ("minAvailable", amount),
        [None, Some(amount)] => ("maxUnavailable", amount),
    };
    let labels: Map<String, Value> =
        selector.split(',').filter_map(|pair| pair.split_once('=')).map(|(key, value)| (key.to_owned(), json!(value))).collect();
    let amount = amount.parse::<i32>().map_or_else(|_| json!(amount), |number| json!(number));
    finish(
        command,
        Object(json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name},
            "spec": {field: amount, "selector": {"matchLabels": labels}},
            "status": {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0},
        })),
    )
}

/// Keys of `--from-literal`, `--from-file` and `--from-env-file`, with their bytes.
fn data(command: &Command<'_, '_>, owner: &str) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |key: String, bytes: Vec<u8>| {
        if found.iter().any(|(other, _)| *other == key) {
            return Err(Failure::plain(format!("cannot add key \"{key}\", another key by that name already exists in Data{owner}")));
        }
        found.push((key, bytes));
        Ok(())
    };
    for path in command.args.values("from-file") {
        let (key, path) = path.split_once('=').map_or((None, path.as_str()), |(key, path)| (Some(key), path));
        let absolute = vfs::absolute(command.host.working_directory, path);
        let missing = || Failure::plain(format!("error reading {path}: no such file or directory"));
        if command.host.files.is_directory(&absolute) {
            for name in command.host.files.list(&absolute).map_err(|_| missing())? {
                if let Ok(bytes) = command.host.files.read(&format!("{absolute}/{name}")) {
                    add(name, bytes)?;
                }
            }
        } else {
            let bytes = command.host.files.read(&absolute).map_err(|_| missing())?;
            let base = path.rsplit('/').next().unwrap_or(path);
            add(key.unwrap_or(base).to_owned(), bytes)?;
        }
    }
    for literal in command.args.values("from-literal") {
        let Some((key, value)) = literal.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err(Failure::plain(format!("invalid literal source {literal}, expected key=value")));
        };
        add(key.to_owned(), value.trim_matches(['"', '\'']).as_bytes().to_vec())?;
    }
    for path in command.args.values("from-env-file") {
        let absolute = vfs::absolute(command.host.working_directory, path);
        let bytes = command.host.files.read(&absolute).map_err(|_| Failure::plain(format!("error reading {path}: no such file or directory")))?;
        for line in String::from_utf8_lossy(&bytes).lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (key, value) = line.split_once('=').unwrap_or((line, ""));
            add(key.to_owned(), value.as_bytes().to_vec())?;
        }
    }
    Ok(found)
}

pub fn config_map(command: &mut Command<'_, '_>) -> Ran {
    let name = name(command)?;
    let mut object = Object(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}}));
    let owner = format!(" for ConfigMap \"{}\"", object.name());
    for (key, bytes) in data(command, &owner)? {
        match String::from_utf8(bytes) {
            Ok(text) => object.set(&["data", &key], json!(text)),
            Err(error) => object.set(&["binaryData", &key], json!(base64(error.as_bytes()))),
        }
    }
    append_hash(command, &mut object);
    finish(command, object)
}

pub fn secret_generic(command: &mut Command<'_, '_>) -> Ran {
    let name = name(command)?;
    let mut object = Object(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}));
    for (key, bytes) in data(command, "")? {
        object.set(&["data", &key], json!(base64(&bytes)));
    }
    if let Some(kind) = command.args.value("type").filter(|kind| !kind.is_empty()) {
        object.set(&["type"], json!(kind));
    }
    append_hash(command, &mut object);
    finish(command, object)
}

/// `create secret tls NAME --cert=FILE --key=FILE`.
pub fn secret_tls(command: &mut Command<'_, '_>) -> Ran {
    let name = name(command)?;
    let mut object = Object(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "kubernetes.io/tls"}));
    if ["cert", "key"].iter().any(|flag| command.args.text(flag).is_empty()) {
        return Err(Failure::plain("key and cert must be specified"));
    }
    for (flag, key) in [("cert", "tls.crt"), ("key", "tls.key")] {
        let path = command.args.text(flag);
        let absolute = vfs::absolute(command.host.working_directory, path);
        let bytes = command.host.files.read(&absolute);
        let bytes = bytes.map_err(|_| Failure::plain(format!("Cannot read file {path}, open {path}: no such file or directory")))?;
        object.set(&["data", key], json!(base64(&bytes)));
    }
    finish(command, object)
}

/// `create secret docker-registry NAME`: the login of an image registry.
pub fn secret_docker_registry(command: &mut Command<'_, '_>) -> Ran {
    let name = name(command)?;
    let text = |flag: &str| command.args.text(flag).to_owned();
    let (server, user, password, email) = (text("docker-server"), text("docker-username"), text("docker-password"), text("docker-email"));
    if user.is_empty() || password.is_empty() {
        return Err(Failure::plain("either --from-file or the combination of --docker-username, --docker-password and --docker-server is required"));
    }
    let mail = if email.is_empty() { String::new() } else { format!(",\"email\":{}", json!(email)) };
    let login = base64(format!("{user}:{password}").as_bytes());
    let entry = format!("{{\"username\":{},\"password\":{}{mail},\"auth\":\"{login}\"}}", json!(user), json!(password));
    let config = format!("{{\"auths\":{{{}:{entry}}}}}", json!(server));
    let data = json!({".dockerconfigjson": base64(config.as_bytes())});
    let kind = "kubernetes.io/dockerconfigjson";
    finish(command, Object(json!({"apiVersion": "v1", "data": data, "kind": "Secret", "metadata": {"name": name}, "type": kind})))
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

/// `create service TYPE NAME --tcp=port:target`.
pub fn service(command: &mut Command<'_, '_>) -> Ran {
    let name = name(command)?;
    let kind = match command.verb.name.rsplit(' ').next() {
        Some("nodeport") => "NodePort",
        Some("loadbalancer") => "LoadBalancer",
        Some("externalname") => "ExternalName",
        _ => "ClusterIP",
    };
    let mut ports = Vec::new();
    for port in command.args.values("tcp") {
        let (from, to) = port.split_once(':').unwrap_or((port, port));
        let Ok(number) = from.parse::<u16>() else { return Err(Failure::plain(format!("strconv.ParseInt: parsing {from:?}: invalid syntax"))) };
        let target = to.parse::<u16>().map_or_else(|_| json!(to), |number| json!(number));
        let mut entry = json!({"name": port.replace(':', "-"), "port": number, "protocol": "TCP", "targetPort": target});
        if let Some(node_port) = command.args.int("node-port").filter(|port| *port != 0 && kind == "NodePort") {
            entry["nodePort"] = json!(node_port);
        }
        ports.push(entry);
    }
    let headless = command.args.text("clusterip") == "None";
    if ports.is_empty() && !headless && kind != "ExternalName" {
        return Err(Failure::plain("at least one tcp port specifier must be provided"));
    }
    let mut spec = json!({"selector": {"app": name}, "type": kind});
    if !ports.is_empty() {
        spec["ports"] = json!(ports);
    }
    if command.args.given("clusterip") {
        spec["clusterIP"] = json!(command.args.text("clusterip"));
    }
    if kind == "ExternalName" {
        spec["externalName"] = json!(command.args.text("external-name"));
    }
    finish(
        command,
        Object(json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": {"app": name}},
            "spec": spec, "status": {"loadBalancer": {}},
        })),
    )
}

/// The pods that a service before an object would choose, and their ports.
fn exposed(object: &Object) -> Option<(Value, Vec<Value>)> {
    let (selector, template) = match object.kind() {
        "Pod" => (object.at(&["metadata", "labels"])?.clone(), &["spec", "containers"][..]),
        "Service" => (object.at(&["spec", "selector"])?.clone(), &["spec", "none"][..]),
        "Deployment" | "ReplicaSet" | "StatefulSet" => {
            (object.at(&["spec", "selector", "matchLabels"])?.clone(), &["spec", "template", "spec", "containers"][..])
        }
        _ => return None,
    };
    let mut ports = Vec::new();
    for container in object.list(template) {
        ports.extend(container.get("ports").and_then(Value::as_array).into_iter().flatten().cloned());
    }
    if object.kind() == "Service" {
        ports = object.list(&["spec", "ports"]).iter().map(|port| json!({"containerPort": port["port"], "protocol": port["protocol"]})).collect();
    }
    Some((selector, ports))
}

pub fn expose(command: &mut Command<'_, '_>) -> Ran {
    let dry_run = command.dry_run()?;
    let words = command.words();
    let (found, failures) = command.existing(&words)?;
    Failure::all(failures)?;
    for object in found {
        let def = crate::kinds::def(object.kind());
        let Some((mut selector, container_ports)) = exposed(&object) else {
            return Err(Failure::plain(format!("cannot expose a {}", def.name_of("").trim_end_matches('/'))));
        };
        if let Some(given) = command.args.value("selector").filter(|given| !given.is_empty()) {
            selector =
                Value::Object(given.split(',').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (k.to_owned(), json!(v))).collect::<Map<_, _>>());
        }
        let protocol = command.args.value("protocol").filter(|text| !text.is_empty()).unwrap_or("TCP").to_owned();
        let mut ports: Vec<Value> = match command.args.value("port").filter(|port| !port.is_empty()) {
            Some(list) => {
                list.split(',').filter_map(|port| port.parse::<u16>().ok()).map(|port| json!({"port": port, "protocol": protocol})).collect()
            }
            None => container_ports
                .iter()
                .map(|port| json!({"port": port["containerPort"], "protocol": port["protocol"].as_str().unwrap_or("TCP")}))
                .collect(),
        };
        if ports.is_empty() {
            return Err(Failure::plain("couldn't find port via --port flag or introspection"));
        }
        let several = ports.len() > 1;
        for (index, port) in ports.iter_mut().enumerate() {
            let target = command.args.value("target-port").filter(|target| !target.is_empty());
            port["targetPort"] = target.map_or_else(|| port["port"].clone(), |text| text.parse::<u16>().map_or_else(|_| json!(text), |n| json!(n)));
            if several {
                port["name"] = json!(format!("port-{}", index + 1));
            }
        }
        let name = command.args.value("name").filter(|name| !name.is_empty()).unwrap_or(object.name()).to_owned();
        let mut spec = json!({"ports": ports, "selector": selector});
        for (flag, field) in [("type", "type"), ("cluster-ip", "clusterIP"), ("external-ip", "externalIPs"), ("session-affinity", "sessionAffinity")]
        {
            if let Some(value) = command.args.value(flag).filter(|value| !value.is_empty()) {
                spec[field] = if flag == "external-ip" { json!([value]) } else { json!(value) };
            }
        }
        let mut service =
            Object(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec, "status": {"loadBalancer": {}}}));
        if let Some(labels) = object.at(&["metadata", "labels"]) {
            service.set(&["metadata", "labels"], labels.clone());
        }
        if dry_run == DryRun::Client {
            command.report(&service, "exposed", dry_run)?;
            continue;
        }
        service.set(&["metadata", "namespace"], json!(object.namespace()));
        let created = command.create_object(service, dry_run)?;
        command.report(&created, "exposed", dry_run)?;
    }
    Ok(None)
}

/// autoscale: answered, but nothing scales by itself here.
pub fn autoscale(command: &mut Command<'_, '_>) -> Ran {
    let words = command.words();
    let (found, failures) = command.existing(&words)?;
    Failure::all(failures)?;
    for object in found {
        let name = command.args.value("name").filter(|name| !name.is_empty()).unwrap_or(object.name()).to_owned();
        command.output.line(&format!("horizontalpodautoscaler.autoscaling/{name} autoscaled"));
        command.output.notes.push("not simulated here: HorizontalPodAutoscaler".to_owned());
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads() {
        assert_eq!(["", "a", "ab", "abc"].map(|text| base64(text.as_bytes())), ["", "YQ==", "YWI=", "YWJj"]);
    }

    #[test]
    fn an_image_names_its_container() {
        assert_eq!(image_name("registry.io/library/nginx:1.27"), "nginx");
    }
}
