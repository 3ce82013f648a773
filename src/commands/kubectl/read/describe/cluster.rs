//! Nodes, namespaces, service accounts, what holds data, disruption budgets, priority classes, and kinds without a describer of their own.

use super::context::{Context, def_of, labels_text, selector_text};
use super::writer::Writer;
use crate::kinds;
use crate::kinds::limit_range;
use crate::kinds::node::node_roles;
use crate::kinds::readers::pods::is_terminal;
use crate::values::object::{Map, Object, Value, str_at};
use crate::values::quantity::Quantity;

pub(super) fn namespace(namespace: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(namespace);
    writer.metadata(namespace);
    writer.line(0, &format!("Status:\t{}", namespace.str(&["status", "phase"])));
    writer.line(0, "\nNo resource quota.\n");
    let mut ranges = context.cluster.api.list("LimitRange", Some(namespace.name())).peekable();
    if ranges.peek().is_none() {
        writer.line(0, "No LimitRange resource.");
        return;
    }
    writer.line(0, "Resource Limits");
    let head = limit_range::HEAD.into_iter().map(str::to_owned);
    head.chain(ranges.flat_map(|range| limit_range::rows(range))).for_each(|line| writer.line(0, &format!(" {line}")));
}

pub(super) fn config_map(map: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(map);
    writer.metadata(map);
    writer.line(0, "\nData\n====");
    for (key, value) in map.map(&["data"]).into_iter().flatten() {
        writer.line(0, &format!("{key}:\n----\n{}\n", value.as_str().unwrap_or("")));
    }
    writer.line(0, "\nBinaryData\n====");
    for (key, value) in map.map(&["binaryData"]).into_iter().flatten() {
        writer.line(0, &format!("{key}: {} bytes", decoded_length(value)));
    }
    writer.line(0, "");
    context.events(map, writer);
}

/// The length of what base64 stands for.
fn decoded_length(value: &Value) -> usize {
    let text = value.as_str().unwrap_or("");
    text.trim_end_matches('=').len() * 3 / 4
}

pub(super) fn secret(secret: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(secret);
    writer.metadata(secret);
    writer.line(0, &format!("\nType:\t{}\n\nData\n====", secret.str(&["type"])));
    for (key, value) in secret.map(&["data"]).into_iter().flatten() {
        writer.line(0, &format!("{key}:\t{} bytes", decoded_length(value)));
    }
    let _ = context;
}

pub(super) fn service_account(account: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(account);
    writer.metadata(account);
    for (title, field) in [("Image pull secrets", "imagePullSecrets"), ("Mountable secrets", "secrets"), ("Tokens", "tokens")] {
        let names: Vec<String> = account.list(&[field]).iter().map(|entry| str_at(entry, &["name"]).to_owned()).collect();
        writer.piece(0, &format!("{title}:\t"));
        writer.listed("", &names);
    }
    context.events(account, writer);
}

pub(super) fn node(node: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(node);
    writer.line(0, &format!("Roles:\t{}", node_roles(node)));
    writer.metadata(node);
    writer.line(0, &format!("CreationTimestamp:\t{}", context.time(node.str(&["metadata", "creationTimestamp"]))));
    let mut taints: Vec<String> = node
        .list(&["spec", "taints"])
        .iter()
        .map(|taint| {
            let value = str_at(taint, &["value"]);
            let value = if value.is_empty() { String::new() } else { format!("={value}") };
            format!("{}{value}:{}", str_at(taint, &["key"]), str_at(taint, &["effect"]))
        })
        .collect();
    taints.sort();
    writer.piece(0, "Taints:\t");
    writer.listed("", &taints);
    writer.line(0, &format!("Unschedulable:\t{}", node.bool(&["spec", "unschedulable"])));
    lease(node, context, writer);
    node_conditions(node, context, writer);
    writer.line(0, "Addresses:");
    for address in node.list(&["status", "addresses"]) {
        writer.line(1, &format!("{}:\t{}", str_at(address, &["type"]), str_at(address, &["address"])));
    }
    for (title, field) in [("Capacity:", "capacity"), ("Allocatable:", "allocatable")] {
        writer.line(0, title);
        for (name, amount) in node.map(&["status", field]).into_iter().flatten() {
            writer.line(1, &format!("{name}:\t{}", amount.as_str().unwrap_or("")));
        }
    }
    writer.line(0, "System Info:");
    for (title, field) in [
        ("Machine ID", "machineID"),
        ("System UUID", "systemUUID"),
        ("Boot ID", "bootID"),
        ("Kernel Version", "kernelVersion"),
        ("OS Image", "osImage"),
        ("Operating System", "operatingSystem"),
        ("Architecture", "architecture"),
        ("Container Runtime Version", "containerRuntimeVersion"),
        ("Kubelet Version", "kubeletVersion"),
        ("Kube-Proxy Version", "kubeProxyVersion"),
    ] {
        writer.line(1, &format!("{title}:\t{}", node.str(&["status", "nodeInfo", field])));
    }
    if !node.str(&["spec", "podCIDR"]).is_empty() {
        writer.line(0, &format!("PodCIDR:\t{}", node.str(&["spec", "podCIDR"])));
        let all: Vec<&str> = node.list(&["spec", "podCIDRs"]).iter().filter_map(Value::as_str).collect();
        writer.line(0, &format!("PodCIDRs:\t{}", all.join(",")));
    }
    if !node.str(&["spec", "providerID"]).is_empty() {
        writer.line(0, &format!("ProviderID:\t{}", node.str(&["spec", "providerID"])));
    }
    node_pods(node, context, writer);
    context.events(node, writer);
}

fn lease(node: &Object, context: &Context<'_>, writer: &mut Writer) {
    let found = context.cluster.api.list("Lease", Some("kube-node-lease")).find(|lease| lease.name() == node.name());
    let Some(lease) = found else {
        return writer.line(0, &format!("Lease:\tFailed to get lease: leases.coordination.k8s.io {:?} not found", node.name()));
    };
    writer.line(0, "Lease:");
    let unset = |text: &str| if text.is_empty() { "<unset>".to_owned() } else { text.to_owned() };
    let time = |field: &str| match lease.str(&["spec", field]) {
        "" => "<unset>".to_owned(),
        text => context.time(text),
    };
    writer.line(1, &format!("HolderIdentity:\t{}", unset(lease.str(&["spec", "holderIdentity"]))));
    writer.line(1, &format!("AcquireTime:\t{}", time("acquireTime")));
    writer.line(1, &format!("RenewTime:\t{}", time("renewTime")));
}

fn node_conditions(node: &Object, context: &Context<'_>, writer: &mut Writer) {
    let conditions = node.list(&["status", "conditions"]);
    if conditions.is_empty() {
        return;
    }
    writer.line(0, "Conditions:\n  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
    writer.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
    for condition in conditions {
        let text = |field: &str| str_at(condition, &[field]);
        let (heartbeat, transition) = (context.time(text("lastHeartbeatTime")), context.time(text("lastTransitionTime")));
        writer.line(1, &format!("{} \t{} \t{heartbeat} \t{transition} \t{} \t{}", text("type"), text("status"), text("reason"), text("message")));
    }
}

/// What a pod asks for of a resource, in total.
fn asked(pod: &Object, kind: &str, resource: &str) -> Quantity {
    let zero = Quantity::default();
    pod.list(&["spec", "containers"])
        .iter()
        .fold(zero, |sum, container| sum + Quantity::parse(str_at(container, &["resources", kind, resource])).unwrap_or(zero))
}

fn share(amount: Quantity, of: Quantity) -> String {
    let percent = if of.is_zero() { 0 } else { i128::from(amount.milli_value()) * 100 / i128::from(of.milli_value()).max(1) };
    format!("{amount} ({percent}%)")
}

fn node_pods(node: &Object, context: &Context<'_>, writer: &mut Writer) {
    let running = |pod: &&std::rc::Rc<Object>| pod.str(&["spec", "nodeName"]) == node.name() && !is_terminal(pod);
    let pods: Vec<_> = context.cluster.api.list("Pod", None).filter(running).collect();
    let allocatable = |resource: &str| Quantity::parse(node.str(&["status", "allocatable", resource])).unwrap_or_default();
    writer.line(0, &format!("Non-terminated Pods:\t({} in total)", pods.len()));
    writer.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    writer.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    for pod in &pods {
        let cell = |kind: &str, resource: &str| share(asked(pod, kind, resource), allocatable(resource));
        writer.line(
            1,
            &format!(
                "{}\t{}\t\t{}\t{}\t{}\t{}\t{}",
                pod.namespace(),
                pod.name(),
                cell("requests", "cpu"),
                cell("limits", "cpu"),
                cell("requests", "memory"),
                cell("limits", "memory"),
                kinds::printers::age(pod, context.now)
            ),
        );
    }
    writer.line(0, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)");
    writer.line(1, "Resource\tRequests\tLimits");
    writer.line(1, "--------\t--------\t------");
    let huge = node.map(&["status", "allocatable"]).into_iter().flatten().map(|(name, _)| name).filter(|name| name.starts_with("hugepages-"));
    for resource in ["cpu", "memory", "ephemeral-storage"].into_iter().chain(huge) {
        let total = |kind: &str| pods.iter().fold(Quantity::default(), |sum, pod| sum + asked(pod, kind, resource));
        let cell = |kind: &str| share(total(kind), allocatable(resource));
        writer.line(1, &format!("{resource}\t{}\t{}", cell("requests"), cell("limits")));
    }
}

pub(super) fn pod_disruption_budget(budget: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(budget);
    for (title, field) in [("Min available", "minAvailable"), ("Max unavailable", "maxUnavailable")] {
        if let Some(amount) = budget.at(&["spec", field]) {
            writer.line(0, &format!("{title}:\t{}", plain(amount)));
        }
    }
    let selector = if budget.at(&["spec", "selector"]).is_some() { selector_text(budget) } else { "<unset>".to_owned() };
    writer.line(0, &format!("Selector:\t{selector}\nStatus:"));
    for (title, field) in
        [("Allowed disruptions", "disruptionsAllowed"), ("Current", "currentHealthy"), ("Desired", "desiredHealthy"), ("Total", "expectedPods")]
    {
        writer.line(2, &format!("{title}:\t{}", budget.int(&["status", field]).unwrap_or(0)));
    }
    context.events(budget, writer);
}

pub(super) fn priority_class(class: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.head(class);
    writer.line(0, &format!("Value:\t{}", class.int(&["value"]).unwrap_or(0)));
    writer.line(0, &format!("GlobalDefault:\t{}", class.bool(&["globalDefault"])));
    writer.line(0, &format!("PreemptionPolicy:\t{}", class.str(&["preemptionPolicy"])));
    writer.line(0, &format!("Description:\t{}", class.str(&["description"])));
    writer.line(0, &format!("Annotations:\t{}", labels_text(class, &["metadata", "annotations"])));
    context.events(class, writer);
}

/// Every field, in words. Models GenericDescriberFor.
pub(super) fn generic(object: &Object, context: &Context<'_>, writer: &mut Writer) {
    writer.line(0, &format!("Name:\t{}", object.name()));
    let namespaced = def_of(object).is_some_and(|def| def.namespaced);
    writer.line(0, &format!("Namespace:\t{}", if namespaced { object.namespace() } else { "" }));
    writer.metadata(object);
    let mut tree = object.0.clone();
    if let Some(metadata) = tree.get_mut("metadata").and_then(Value::as_object_mut) {
        for hidden in ["name", "namespace", "labels", "annotations", "managedFields", "selfLink"] {
            metadata.remove(hidden);
        }
    }
    if let Value::Object(map) = &tree {
        fields(map, 0, writer);
    }
    context.events(object, writer);
}

fn fields(map: &Map, level: usize, writer: &mut Writer) {
    for (key, value) in map {
        let title = words(key);
        match value {
            Value::Object(inner) => {
                writer.line(level, &format!("{title}:"));
                fields(inner, level + 1, writer);
            }
            Value::Array(items) => {
                writer.line(level, &format!("{title}:"));
                for item in items {
                    match item {
                        Value::Object(inner) => fields(inner, level + 1, writer),
                        other => writer.line(level + 1, &plain(other)),
                    }
                }
            }
            other => writer.line(level, &format!("{title}:\t{}", plain(other))),
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { "<nil>".to_owned() } else { value.to_string() }, str::to_owned)
}

/// `creationTimestamp` -> `Creation Timestamp`, `apiVersion` -> `API Version`.
fn words(key: &str) -> String {
    let mut words: Vec<String> = Vec::new();
    for c in key.chars() {
        match words.last_mut() {
            Some(word) if !c.is_uppercase() || word.chars().all(char::is_uppercase) && word.len() > 1 => word.push(c),
            _ => words.push(c.to_string()),
        }
    }
    let whole = |word: &String| match word.to_ascii_lowercase().as_str() {
        upper @ ("api" | "url" | "uid" | "osb" | "guid") => upper.to_ascii_uppercase(),
        _ => word.chars().next().map_or(String::new(), |c| c.to_uppercase().to_string()) + word.get(1..).unwrap_or(""),
    };
    words.iter().map(whole).collect::<Vec<_>>().join(" ")
}
