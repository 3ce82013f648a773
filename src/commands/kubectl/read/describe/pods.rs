//! Pods and what templates of pods share with them.

use super::context::{Context, controlled_by, list_text, or_none};
use super::storage;
use super::writer::Writer;
use crate::commands::kubectl::request::resources;
use crate::control::rules;
use crate::values::object::{Object, Value, at, str_at};

fn items<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn pod(pod: &Object, context: &Context<'_>, writer: &mut Writer) {
    let spec = pod.at(&["spec"]).unwrap_or(&Value::Null);
    writer.head(pod);
    if let Some(priority) = pod.int(&["spec", "priority"]) {
        writer.line(0, &format!("Priority:\t{priority}"));
        if !pod.str(&["spec", "priorityClassName"]).is_empty() {
            writer.line(0, &format!("Priority Class Name:\t{}", pod.str(&["spec", "priorityClassName"])));
        }
    }
    writer.line(0, &format!("Service Account:\t{}", pod.str(&["spec", "serviceAccountName"])));
    match pod.str(&["spec", "nodeName"]) {
        "" => writer.line(0, "Node:\t<none>"),
        node => writer.line(0, &format!("Node:\t{node}/{}", pod.str(&["status", "hostIP"]))),
    }
    if !pod.str(&["status", "startTime"]).is_empty() {
        writer.line(0, &format!("Start Time:\t{}", context.time(pod.str(&["status", "startTime"]))));
    }
    writer.metadata(pod);
    match context.terminating(pod) {
        Some(text) => {
            writer.line(0, &format!("Status:\t{text}"));
            writer.line(0, &format!("Termination Grace Period:\t{}s", pod.int(&["metadata", "deletionGracePeriodSeconds"]).unwrap_or(0)));
        }
        None => writer.line(0, &format!("Status:\t{}", pod.str(&["status", "phase"]))),
    }
    for (title, field) in [("Reason", "reason"), ("Message", "message")] {
        if !pod.str(&["status", field]).is_empty() {
            writer.line(0, &format!("{title}:\t{}", pod.str(&["status", field])));
        }
    }
    if !pod.str(&["spec", "securityContext", "seccompProfile", "type"]).is_empty() {
        writer.line(0, &format!("SeccompProfile:\t{}", pod.str(&["spec", "securityContext", "seccompProfile", "type"])));
    }
    writer.line(0, &format!("IP:\t{}", pod.str(&["status", "podIP"])));
    let addresses = pod.list(&["status", "podIPs"]);
    writer.line(0, if addresses.is_empty() { "IPs:\t<none>" } else { "IPs:" });
    for address in addresses {
        writer.line(1, &format!("IP:\t{}", str_at(address, &["ip"])));
    }
    if let Some(owner) = controlled_by(pod) {
        writer.line(0, &format!("Controlled By:\t{owner}"));
    }
    if !pod.str(&["status", "nominatedNodeName"]).is_empty() {
        writer.line(0, &format!("NominatedNodeName:\t{}", pod.str(&["status", "nominatedNodeName"])));
    }
    if !items(spec, "initContainers").is_empty() {
        containers(
            "Init Containers",
            items(spec, "initContainers"),
            pod.list(&["status", "initContainerStatuses"]),
            Some((pod, context)),
            "",
            writer,
        );
    }
    containers("Containers", items(spec, "containers"), pod.list(&["status", "containerStatuses"]), Some((pod, context)), "", writer);
    if !pod.list(&["status", "conditions"]).is_empty() {
        writer.line(0, "Conditions:\n  Type\tStatus");
        for condition in pod.list(&["status", "conditions"]) {
            writer.line(1, &format!("{} \t{} ", str_at(condition, &["type"]), str_at(condition, &["status"])));
        }
    }
    volumes(spec, "", writer);
    writer.line(0, &format!("QoS Class:\t{}", pod.str(&["status", "qosClass"])));
    placement(spec, "", writer);
    context.events(pod, writer);
}

/// The pod template of a workload.
pub(super) fn template(object: &Object, path: &[&str], writer: &mut Writer) {
    let template = object.at(path).cloned().unwrap_or_default();
    writer.line(0, "Pod Template:");
    let metadata = &template["metadata"];
    writer.labels("", "  Labels", metadata["labels"].as_object());
    if metadata["annotations"].as_object().is_some_and(|map| !map.is_empty()) {
        writer.titled_annotations("", "  Annotations", metadata["annotations"].as_object());
    }
    let spec = &template["spec"];
    if !str_at(spec, &["serviceAccountName"]).is_empty() {
        writer.line(1, &format!("Service Account:\t{}", str_at(spec, &["serviceAccountName"])));
    }
    if !items(spec, "initContainers").is_empty() {
        containers("Init Containers", items(spec, "initContainers"), &[], None, "  ", writer);
    }
    containers("Containers", items(spec, "containers"), &[], None, "  ", writer);
    volumes(spec, "  ", writer);
    placement(spec, "  ", writer);
}

fn volumes(spec: &Value, indent: &str, writer: &mut Writer) {
    let all = items(spec, "volumes");
    if all.is_empty() {
        return writer.line(0, &format!("{indent}Volumes:\t<none>"));
    }
    writer.line(0, &format!("{indent}Volumes:"));
    for volume in all {
        writer.line(1, &format!("{}{}:", if indent.is_empty() { "" } else { " " }, str_at(volume, &["name"])));
        storage::source(volume, false, writer);
    }
}

fn placement(spec: &Value, indent: &str, writer: &mut Writer) {
    writer.labels("", &format!("{indent}Node-Selectors"), spec["nodeSelector"].as_object());
    writer.piece(0, &format!("{indent}Tolerations:\t"));
    let mut all: Vec<&Value> = items(spec, "tolerations").iter().collect();
    all.sort_by_key(|toleration| str_at(toleration, &["key"]));
    let lines: Vec<String> = all
        .into_iter()
        .map(|toleration| {
            let text = |field| str_at(toleration, &[field]);
            let mut line = text("key").to_owned();
            if !text("value").is_empty() {
                line.push_str(&format!("={}", text("value")));
            }
            if !text("effect").is_empty() {
                line.push_str(&format!(":{}", text("effect")));
            }
            if text("operator") == "Exists" && text("value").is_empty() {
                line.push_str(if line.is_empty() { "op=Exists" } else { " op=Exists" });
            }
            if let Some(seconds) = toleration["tolerationSeconds"].as_i64() {
                line.push_str(&format!(" for {seconds}s"));
            }
            line
        })
        .collect();
    writer.listed("", &lines);
}

fn containers(title: &str, all: &[Value], statuses: &[Value], pod: Option<(&Object, &Context<'_>)>, indent: &str, writer: &mut Writer) {
    writer.line(0, &format!("{indent}{title}:{}", if all.is_empty() { " <none>" } else { "" }));
    for container in all {
        let name = str_at(container, &["name"]);
        let status = statuses.iter().find(|status| str_at(status, &["name"]) == name);
        writer.line(1, &format!("{}{name}:", if indent.is_empty() { "" } else { " " }));
        basics(container, status, writer);
        for (title, field) in [("Command:", "command"), ("Args:", "args")] {
            if !items(container, field).is_empty() {
                writer.line(2, title);
                for line in items(container, field).iter().filter_map(Value::as_str).flat_map(|word| word.split('\n')) {
                    writer.line(3, line);
                }
            }
        }
        if let (Some(status), Some((_, context))) = (status, pod) {
            state("State", &status["state"], context, writer);
            if at(status, &["lastState", "terminated"]).is_some() {
                state("Last State", &status["lastState"], context, writer);
            }
            writer.line(2, &format!("Ready:\t{}", if status["ready"] == true { "True" } else { "False" }));
            writer.line(2, &format!("Restart Count:\t{}", status["restartCount"].as_i64().unwrap_or(0)));
        }
        resources(&container["resources"], writer);
        for (title, field) in [("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe")] {
            if let Some(handler) = at(container, &[field]) {
                writer.line(2, &format!("{title}:\t{}", probe(handler)));
            }
        }
        environment(container, pod.map(|(pod, _)| pod), writer);
        mounts(container, writer);
    }
}

fn basics(container: &Value, status: Option<&Value>, writer: &mut Writer) {
    if let Some(status) = status {
        writer.line(2, &format!("Container ID:\t{}", str_at(status, &["containerID"])));
    }
    writer.line(2, &format!("Image:\t{}", str_at(container, &["image"])));
    if let Some(status) = status {
        writer.line(2, &format!("Image ID:\t{}", str_at(status, &["imageID"])));
    }
    for (title, field) in [("Port", "containerPort"), ("Host Port", "hostPort")] {
        let ports: Vec<String> = items(container, "ports")
            .iter()
            .map(|port| {
                let protocol = match str_at(port, &["protocol"]) {
                    "" => "TCP",
                    protocol => protocol,
                };
                let name = str_at(port, &["name"]);
                let name = if name.is_empty() { String::new() } else { format!(" ({name})") };
                format!("{}/{protocol}{name}", port[field].as_i64().unwrap_or(0))
            })
            .collect();
        writer.line(2, &format!("{title}{}:\t{}", if ports.len() > 1 { "s" } else { "" }, or_none(&ports.join(", "))));
    }
}

fn state(title: &str, state: &Value, context: &Context<'_>, writer: &mut Writer) {
    if let Some(running) = at(state, &["running"]) {
        writer.line(2, &format!("{title}:\tRunning"));
        writer.line(3, &format!("Started:\t{}", context.time(str_at(running, &["startedAt"]))));
    } else if let Some(ended) = at(state, &["terminated"]) {
        writer.line(2, &format!("{title}:\tTerminated"));
        for (label, field) in [("Reason", "reason"), ("Message", "message")] {
            if !str_at(ended, &[field]).is_empty() {
                writer.line(3, &format!("{label}:\t{}", str_at(ended, &[field])));
            }
        }
        writer.line(3, &format!("Exit Code:\t{}", ended["exitCode"].as_i64().unwrap_or(0)));
        if let Some(signal) = ended["signal"].as_i64().filter(|signal| *signal > 0) {
            writer.line(3, &format!("Signal:\t{signal}"));
        }
        writer.line(3, &format!("Started:\t{}", context.time(str_at(ended, &["startedAt"]))));
        writer.line(3, &format!("Finished:\t{}", context.time(str_at(ended, &["finishedAt"]))));
    } else {
        writer.line(2, &format!("{title}:\tWaiting"));
        let reason = str_at(state, &["waiting", "reason"]);
        if !reason.is_empty() {
            writer.line(3, &format!("Reason:\t{reason}"));
        }
    }
}

fn resources(resources: &Value, writer: &mut Writer) {
    for (title, field) in [("Limits:", "limits"), ("Requests:", "requests")] {
        if let Some(map) = resources[field].as_object().filter(|map| !map.is_empty()) {
            writer.line(2, title);
            for (name, amount) in map {
                writer.line(3, &format!("{name}:\t{}", amount.as_str().unwrap_or("")));
            }
        }
    }
}

fn probe(probe: &Value) -> String {
    let number = |field: &str| probe[field].as_i64().unwrap_or(0);
    let attributes = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        number("initialDelaySeconds"),
        number("timeoutSeconds"),
        number("periodSeconds"),
        number("successThreshold"),
        number("failureThreshold")
    );
    let port = |handler: &Value| handler["port"].as_str().map_or_else(|| handler["port"].to_string(), str::to_owned);
    if let Some(exec) = at(probe, &["exec"]) {
        return format!("exec {} {attributes}", list_text(items(exec, "command")));
    }
    if let Some(get) = at(probe, &["httpGet"]) {
        let scheme = match str_at(get, &["scheme"]) {
            "" => "http".to_owned(),
            scheme => scheme.to_ascii_lowercase(),
        };
        return format!("http-get {scheme}://{}:{}{} {attributes}", str_at(get, &["host"]), port(get), str_at(get, &["path"]));
    }
    if let Some(socket) = at(probe, &["tcpSocket"]) {
        return format!("tcp-socket {}:{} {attributes}", str_at(socket, &["host"]), port(socket));
    }
    if let Some(grpc) = at(probe, &["grpc"]) {
        return format!("grpc <pod>:{} {} {attributes}", port(grpc), str_at(grpc, &["service"]));
    }
    format!("unknown {attributes}")
}

fn environment(container: &Value, pod: Option<&Object>, writer: &mut Writer) {
    if !items(container, "envFrom").is_empty() {
        writer.line(2, "Environment Variables from:");
        for from in items(container, "envFrom") {
            let (kind, reference) =
                if at(from, &["configMapRef"]).is_some() { ("ConfigMap", &from["configMapRef"]) } else { ("Secret", &from["secretRef"]) };
            let prefix = str_at(from, &["prefix"]);
            let kind = if prefix.is_empty() { kind.to_owned() } else { format!("{kind} with prefix '{prefix}'") };
            writer.line(3, &format!("{}\t{kind}\tOptional: {}", str_at(reference, &["name"]), reference["optional"] == true));
        }
    }
    let variables = items(container, "env");
    writer.line(2, &format!("Environment:{}", if variables.is_empty() { "\t<none>" } else { "" }));
    for variable in variables {
        let name = str_at(variable, &["name"]);
        let reference = |field: &str| at(variable, &["valueFrom", field]);
        if let Some(field) = reference("fieldRef") {
            let path = str_at(field, &["fieldPath"]);
            let value = pod.map_or(String::new(), |pod| field_value(pod, path));
            let version = match str_at(field, &["apiVersion"]) {
                "" => "v1",
                version => version,
            };
            writer.line(3, &format!("{name}:\t{value} ({version}:{path})"));
        } else if let Some(resource) = reference("resourceFieldRef") {
            let path = str_at(resource, &["resource"]);
            let value = rules::pods::resource_value(container, resource);
            writer.line(3, &format!("{name}:\t{value} ({path})"));
        } else if let Some(secret) = reference("secretKeyRef") {
            let optional = secret["optional"] == true;
            let (key, of) = (str_at(secret, &["key"]), str_at(secret, &["name"]));
            writer.line(3, &format!("{name}:\t<set to the key '{key}' in secret '{of}'>\tOptional: {optional}"));
        } else if let Some(map) = reference("configMapKeyRef") {
            let optional = map["optional"] == true;
            let (key, of) = (str_at(map, &["key"]), str_at(map, &["name"]));
            writer.line(3, &format!("{name}:\t<set to the key '{key}' of config map '{of}'>\tOptional: {optional}"));
        } else {
            for (index, line) in str_at(variable, &["value"]).split('\n').enumerate() {
                let title = if index == 0 { format!("{name}:") } else { String::new() };
                writer.line(3, &format!("{title}\t{line}"));
            }
        }
    }
}

fn field_value(pod: &Object, path: &str) -> String {
    match path.split_once("['") {
        Some((map, key)) => {
            let key = key.trim_end_matches("']");
            let path: Vec<&str> = map.split('.').chain([key]).collect();
            pod.str(&path).to_owned()
        }
        None => resources::field_of(pod, path),
    }
}

fn mounts(container: &Value, writer: &mut Writer) {
    let mut all: Vec<&Value> = items(container, "volumeMounts").iter().collect();
    all.sort_by_key(|mount| str_at(mount, &["mountPath"]));
    writer.line(2, &format!("Mounts:{}", if all.is_empty() { "\t<none>" } else { "" }));
    for mount in all {
        let mut flags = if mount["readOnly"] == true { "ro" } else { "rw" }.to_owned();
        if !str_at(mount, &["subPath"]).is_empty() {
            flags.push_str(&format!(",path={:?}", str_at(mount, &["subPath"])));
        }
        writer.line(3, &format!("{} from {} ({flags})", str_at(mount, &["mountPath"]), str_at(mount, &["name"])));
    }
    let devices = items(container, "volumeDevices");
    if !devices.is_empty() {
        writer.line(2, "Devices:");
        for device in devices {
            writer.line(3, &format!("{} from {}", str_at(device, &["devicePath"]), str_at(device, &["name"])));
        }
    }
}

/// A pod template as `rollout history --revision` prints it: tabs stay tabs.
pub fn template_text(of: &Value) -> String {
    let mut writer = Writer::default();
    template(&Object(of.clone()), &[], &mut writer);
    writer.raw()
}
