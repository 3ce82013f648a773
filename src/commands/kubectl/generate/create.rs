//! create: from files, and the generators `create deployment`, `create configmap` and so on; expose, autoscale.
//! Models kubectl/pkg/cmd/create and expose.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::manifests;
use crate::commands::kubectl::request::write::DryRun;
use crate::commands::kubectl::write::apply;
use crate::machine::vfs;
use crate::values::object::{Object, Value, json};
use crate::values::rng::Rng;
use crate::values::selector::LabelSelector;

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    if !manifests::given(invocation) {
        if !invocation.args.positional.is_empty() {
            return Err(Failure::usage(format!("Unexpected args: [{}]", invocation.args.positional.join(" "))));
        }
        return Err(Failure::plain("must specify one of -f and -k"));
    }
    if !invocation.args.positional.is_empty() {
        return Err(Failure::usage(format!("Unexpected args: [{}]", invocation.args.positional.join(" "))));
    }
    let dry_run = invocation.dry_run()?;
    invocation.check_validate()?;
    let read = manifests::read(invocation)?;
    let mut failures = read.failures;
    if read.objects.is_empty() && failures.is_empty() {
        return Err(Failure::plain("no objects passed to create"));
    }
    for manifest in read.objects {
        let object = if invocation.args.on("save-config") { apply::with_last_applied(&manifest.object) } else { manifest.object.clone() };
        if dry_run == DryRun::Client {
            invocation.report(&object, "created", dry_run)?;
            continue;
        }
        match invocation.create_object(object, dry_run) {
            Ok(created) => invocation.report(&created, "created", dry_run)?,
            Err(status) => failures.push(manifest.failure("creating", status)),
        }
    }
    Failure::all(failures)?;
    Ok(None)
}

/// How many letters `--append-hash` appends.
const HASH_LENGTH: usize = 10;

/// Letters of a suffix that makes a name unique.
const SUFFIX_LENGTH: usize = 5;

/// The one NAME of a generator, once the flags that all generators have are right.
pub(crate) fn name(invocation: &mut Invocation<'_, '_>) -> Result<String, Failure> {
    let [name] = invocation.args.positional.as_slice() else {
        return Err(Failure::usage(format!("exactly one NAME is required, got {}", invocation.args.positional.len())));
    };
    let name = name.clone();
    invocation.dry_run()?;
    invocation.check_validate()?;
    crate::commands::kubectl::request::print::format(invocation, crate::commands::kubectl::request::print::OBJECTS)?;
    Ok(name)
}

/// Sends what a generator made.
fn finish(invocation: &mut Invocation<'_, '_>, mut object: Object) -> Ran {
    let dry_run = invocation.dry_run()?;
    let def = crate::kinds::def(object.kind());
    if def.namespaced {
        let explicit = invocation.args.given("namespace");
        if dry_run != DryRun::Client || explicit {
            let namespace = invocation.namespace();
            object.set(&["metadata", "namespace"], json!(namespace));
        }
    }
    if invocation.args.on("save-config") {
        object = apply::with_last_applied(&object);
    }
    if dry_run == DryRun::Client {
        invocation.report(&object, "created", dry_run)?;
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
        "Service" => &format!("failed to create {} service: ", object.str(&["spec", "type"])),
        _ => "",
    };
    let created = invocation.create_object(object, dry_run).map_err(|status| match context {
        "" => Failure::from(status),
        _ => Failure::plain(format!("{context}{}", status.message)),
    })?;
    invocation.report(&created, "created", dry_run)?;
    Ok(None)
}

pub fn namespace(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    finish(invocation, Object(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "spec": {}, "status": {}})))
}

pub fn service_account(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    finish(invocation, Object(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name}})))
}

/// A port: a number, or the name of one.
pub(crate) fn number_or_name(text: &str) -> Value {
    text.parse::<i32>().map_or_else(|_| json!(text), |number| json!(number))
}

/// `create priorityclass NAME --value=1000 --description=… --global-default`.
pub fn priority_class(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    let mut object = json!({
        "apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": {"name": name},
        "preemptionPolicy": invocation.args.value("preemption-policy").unwrap_or("PreemptLowerPriority"),
        "value": invocation.args.int("value").unwrap_or(0),
    });
    if invocation.args.on("global-default") {
        object["globalDefault"] = json!(true);
    }
    if !invocation.args.text("description").is_empty() {
        object["description"] = json!(invocation.args.text("description"));
    }
    finish(invocation, Object(object))
}

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
    let digest = crate::machine::programs::digest::sha256(crate::commands::kubectl::request::manifests::go_json(&content).as_bytes());
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

/// A container's name of an image: `registry/nginx:1.27` -> `nginx`; what is no DNS label gets a suffix, as it may not be alone.
fn image_name(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    let bare = last.split([':', '@']).next().unwrap_or(last);
    if !bare.contains(['_', '.']) {
        return bare.to_owned();
    }
    let seed = bare.bytes().fold(0, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    format!("{}-{}", bare.replace(['_', '.'], "-"), Rng::new(seed).suffix(SUFFIX_LENGTH))
}

/// The command behind `--`.
fn behind_dash(invocation: &Invocation<'_, '_>) -> Vec<String> {
    invocation.args.at_dash.map_or_else(Vec::new, |place| invocation.args.positional[place..].to_vec())
}

/// What stands before `--`.
fn take_command(invocation: &mut Invocation<'_, '_>) -> Vec<String> {
    let behind = behind_dash(invocation);
    if let Some(place) = invocation.args.at_dash {
        invocation.args.positional.truncate(place);
    }
    behind
}

pub fn deployment(invocation: &mut Invocation<'_, '_>) -> Ran {
    let argv = take_command(invocation);
    let name = name(invocation)?;
    let images = invocation.args.values("image").to_vec();
    if images.len() > 1 && !argv.is_empty() {
        return Err(Failure::plain("cannot specify multiple --image options and command"));
    }
    let replicas = invocation.args.int("replicas").unwrap_or(1);
    let mut containers = Vec::new();
    for image in &images {
        let mut container = json!({"image": image, "name": image_name(image), "resources": {}});
        if !argv.is_empty() {
            container["command"] = json!(argv);
        }
        if let Some(port) = invocation.args.int("port").filter(|port| *port > 0) {
            container["ports"] = json!([{"containerPort": port}]);
        }
        containers.push(container);
    }
    finish(
        invocation,
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

pub fn job(invocation: &mut Invocation<'_, '_>) -> Ran {
    let argv = take_command(invocation);
    let name = name(invocation)?;
    let (from, image) = (invocation.args.text("from").to_owned(), invocation.args.text("image").to_owned());
    if from.is_empty() == image.is_empty() {
        return Err(Failure::plain("either --image or --from must be specified"));
    }
    if !from.is_empty() && !argv.is_empty() {
        return Err(Failure::plain("cannot specify --from and command"));
    }
    let mut object = Object(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "status": {}}));
    if from.is_empty() {
        let mut container = json!({"image": image, "name": name, "resources": {}});
        if !argv.is_empty() {
            container["command"] = json!(argv);
        }
        object.set(&["spec"], json!({"template": {"metadata": {}, "spec": {"containers": [container], "restartPolicy": "Never"}}}));
        return finish(invocation, object);
    }
    let source = invocation.existing(&[from]).and_then(|(found, failures)| Failure::all(failures).map(|()| found))?;
    let Some(source) = source.first() else { return Ok(None) };
    if source.kind() != "CronJob" {
        return Err(Failure::plain(format!("unknown object type *v1.{}", source.kind())));
    }
    let template = |path: &[&str]| source.at(&[&["spec", "jobTemplate"], path].concat()).cloned();
    object.set(&["metadata", "annotations"], template(&["metadata", "annotations"]).unwrap_or_else(|| json!({})));
    object.set(&["metadata", "annotations", "cronjob.kubernetes.io/instantiate"], json!("manual"));
    if let Some(labels) = template(&["metadata", "labels"]) {
        object.set(&["metadata", "labels"], labels);
    }
    let owner = json!({"apiVersion": "batch/v1", "controller": true, "kind": "CronJob", "name": source.name(), "uid": source.uid()});
    object.set(&["metadata", "ownerReferences"], json!([owner]));
    object.set(&["spec"], template(&["spec"]).unwrap_or_default());
    finish(invocation, object)
}

pub fn cron_job(invocation: &mut Invocation<'_, '_>) -> Ran {
    let argv = take_command(invocation);
    let name = name(invocation)?;
    let mut container = json!({"image": invocation.args.text("image"), "name": name, "resources": {}});
    if !argv.is_empty() {
        container["command"] = json!(argv);
    }
    let restart = invocation.args.value("restart").unwrap_or("OnFailure").to_owned();
    let template = json!({"metadata": {}, "spec": {"containers": [container], "restartPolicy": restart}});
    let schedule = invocation.args.text("schedule").to_owned();
    finish(
        invocation,
        Object(json!({
            "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name},
            "spec": {"jobTemplate": {"metadata": {"name": name}, "spec": {"template": template}}, "schedule": schedule},
            "status": {},
        })),
    )
}

/// `create poddisruptionbudget NAME --selector=… --min-available=…`.
pub fn disruption_budget(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    let selector = invocation.args.text("selector").to_owned();
    if selector.is_empty() {
        return Err(Failure::plain("a selector must be specified"));
    }
    let amounts = ["min-available", "max-unavailable"].map(|flag| invocation.args.value(flag).filter(|text| !text.is_empty()).map(str::to_owned));
    let (field, amount) = match amounts {
        [None, None] => return Err(Failure::plain("one of min-available or max-unavailable must be specified")),
        [Some(_), Some(_)] => return Err(Failure::plain("min-available and max-unavailable cannot be both specified")),
        [Some(amount), None] => ("minAvailable", amount),
        [None, Some(amount)] => ("maxUnavailable", amount),
    };
    let digits = amount.strip_suffix('%').unwrap_or(&amount);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        let flag = if field == "minAvailable" { "min-available" } else { "max-unavailable" };
        return Err(Failure::plain(format!("invalid format specified for {flag}")));
    }
    let selector = LabelSelector::parse(&selector).map_err(Failure::Plain)?.to_object();
    let amount = amount.parse::<i32>().map_or_else(|_| json!(amount), |number| json!(number));
    finish(
        invocation,
        Object(json!({
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name},
            "spec": {field: amount, "selector": selector},
            "status": {"currentHealthy": 0, "desiredHealthy": 0, "disruptionsAllowed": 0, "expectedPods": 0},
        })),
    )
}

/// Keys of `--from-literal`, `--from-file` and `--from-env-file`, with their bytes.
fn data(invocation: &Invocation<'_, '_>, owner: &str) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    let mut add = |key: String, bytes: Vec<u8>| {
        if found.iter().any(|(other, _)| *other == key) {
            return Err(Failure::plain(format!("cannot add key \"{key}\", another key by that name already exists in Data{owner}")));
        }
        let errors = crate::kinds::validation::config_key(&key);
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

/// A port's number, as Go reads it.
fn service_port(text: &str) -> Result<u16, Failure> {
    text.parse::<u16>().map_err(|_| {
        let range = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        Failure::plain(format!("strconv.ParseUint: parsing {text:?}: {}", if range { "value out of range" } else { "invalid syntax" }))
    })
}

/// `create service TYPE NAME --tcp=port:target`.
pub fn service(invocation: &mut Invocation<'_, '_>) -> Ran {
    let name = name(invocation)?;
    let kind = match invocation.verb.name.rsplit(' ').next() {
        Some("nodeport") => "NodePort",
        Some("loadbalancer") => "LoadBalancer",
        Some("externalname") => "ExternalName",
        _ => "ClusterIP",
    };
    let mut ports = Vec::new();
    for port in invocation.args.values("tcp") {
        let (from, to) = port.split_once(':').unwrap_or((port, port));
        let number = service_port(from)?;
        let target = match to.parse::<i64>() {
            Ok(number) if !(1..=65535).contains(&number) => return Err(Failure::plain("must be between 1 and 65535, inclusive")),
            Ok(number) => json!(number),
            Err(_) => json!(to),
        };
        ports.push(json!({"name": port.replace(':', "-"), "port": number, "protocol": "TCP", "targetPort": target}));
    }
    if let Some(node_port) = invocation.args.int("node-port").filter(|port| *port != 0) {
        for port in &mut ports {
            port["nodePort"] = json!(node_port);
        }
    }
    let headless = invocation.args.text("clusterip") == "None";
    if ports.is_empty() && !headless && kind != "ExternalName" {
        return Err(Failure::plain("at least one tcp port specifier must be provided"));
    }
    let mut spec = json!({"selector": {"app": name}, "type": kind});
    if !ports.is_empty() {
        spec["ports"] = json!(ports);
    }
    if invocation.args.given("clusterip") {
        spec["clusterIP"] = json!(invocation.args.text("clusterip"));
    }
    if kind == "ExternalName" {
        spec["externalName"] = json!(invocation.args.text("external-name"));
    }
    finish(
        invocation,
        Object(json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "labels": {"app": name}},
            "spec": spec, "status": {"loadBalancer": {}},
        })),
    )
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
