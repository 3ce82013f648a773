//! describe: one describer a kind, else the generic one. Models kubectl/pkg/describe.

use crate::values::order::Order;
mod cluster;
mod network;
mod pods;
mod storage;
mod workloads;
mod writer;

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::manifests;
use crate::commands::kubectl::request::resources::{self, Target};
use crate::control::cluster::Cluster;
use crate::kinds::{self, KindDef};
use crate::values::clock::Instant;
use crate::values::object::{Object, Value, str_at};
use std::rc::Rc;
use writer::Writer;

/// What a describer reads besides its object.
struct Context<'a> {
    cluster: &'a Cluster,
    now: Instant,
    show_events: bool,
}

/// A describer: a kind and what it writes.
type Describer = fn(&Object, &Context<'_>, &mut Writer);

const DESCRIBERS: &[(&str, Describer)] = &[
    ("ConfigMap", cluster::config_map),
    ("CronJob", workloads::cron_job),
    ("DaemonSet", workloads::daemon_set),
    ("Deployment", workloads::deployment),
    ("EndpointSlice", network::endpoint_slice),
    ("Endpoints", network::endpoints),
    ("Job", workloads::job),
    ("Namespace", cluster::namespace),
    ("Node", cluster::node),
    ("PersistentVolume", storage::persistent_volume),
    ("PersistentVolumeClaim", storage::persistent_volume_claim),
    ("Pod", pods::pod),
    ("PodDisruptionBudget", cluster::pod_disruption_budget),
    ("PriorityClass", cluster::priority_class),
    ("ReplicaSet", workloads::replica_set),
    ("Secret", cluster::secret),
    ("Service", network::service),
    ("ServiceAccount", cluster::service_account),
    ("StatefulSet", workloads::stateful_set),
    ("StorageClass", storage::storage_class),
];

const NO_TYPE: &str = "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.";

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    let (mut objects, mut failures) = (Vec::new(), Vec::new());
    if manifests::given(invocation) {
        if !words.is_empty() {
            return Err(Failure::plain(manifests::FILES_AND_WORDS));
        }
        let read = manifests::read(invocation)?;
        failures.extend(read.failures);
        for manifest in &read.objects {
            match invocation.cluster.api.get(&manifest.key()) {
                Ok(object) => objects.push(object.clone()),
                Err(status) => failures.push(status.into()),
            }
        }
    } else {
        if words.is_empty() {
            return Err(Failure::plain(NO_TYPE));
        }
        let targets = resources::parse(&words)?;
        for found in invocation.chosen(&words)? {
            match found {
                Ok(object) => objects.push(object),
                Err(status) => failures.push(status.into()),
            }
        }
        if objects.is_empty() && !failures.is_empty() {
            let alike = with_prefix(invocation, &targets);
            if !alike.is_empty() {
                (objects, failures) = (alike, Vec::new());
            }
        }
    }
    objects.iter().for_each(|object| invocation.warn_deprecated(object.kind()));
    let context = Context { cluster: invocation.cluster, now: invocation.cluster.now(), show_events: invocation.args.text("show-events") != "false" };
    let texts: Vec<String> = objects.iter().map(|object| describe(object, &context)).collect();
    invocation.output.out(&texts.join("\n\n"));
    if objects.is_empty() && failures.is_empty() {
        let everywhere = invocation.args.on("all-namespaces");
        let place = if everywhere { String::new() } else { format!(" in {} namespace.", invocation.namespace()) };
        invocation.output.warn(&format!("No resources found{place}"));
    }
    Failure::all(failures)?;
    Ok(None)
}

/// The objects whose names begin as the one that was asked for.
fn with_prefix(invocation: &Invocation<'_, '_>, targets: &[Target]) -> Vec<Rc<Object>> {
    let [Target { def, name: Some(name) }] = targets else { return Vec::new() };
    let namespace = invocation.namespace();
    let listed = invocation.cluster.api.list(def.kind, def.namespaced.then_some(namespace.as_str()));
    listed.filter(|object| object.name().starts_with(name.as_str())).cloned().collect()
}

fn describe(object: &Object, context: &Context<'_>) -> String {
    let mut writer = Writer::default();
    match DESCRIBERS.iter().find(|(kind, _)| *kind == object.kind()) {
        Some((_, describer)) => describer(object, context, &mut writer),
        None => cluster::generic(object, context, &mut writer),
    }
    writer.finish()
}

impl Context<'_> {
    /// The events of an object, or that there are none.
    fn events(&self, object: &Object, writer: &mut Writer) {
        if !self.show_events {
            return;
        }
        let (kind, name, uid) = (object.kind(), object.name(), object.uid());
        let namespace = if object.namespace().is_empty() { "default" } else { object.namespace() };
        let mut events: Vec<&Rc<Object>> = self
            .cluster
            .api
            .list("Event", Some(namespace))
            .filter(|event| {
                let of = |field| event.str(&["involvedObject", field]);
                of("kind") == kind && of("name") == name && (of("uid").is_empty() || of("uid") == uid || kind == "Node")
            })
            .collect();
        if events.is_empty() {
            writer.line(0, "Events:\t<none>");
            return;
        }
        events.order_by_key(|event| Instant::parse(event.str(&["lastTimestamp"])).unwrap_or_default());
        writer.line(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------");
        for event in events {
            let source = match event.str(&["source", "component"]) {
                "" => event.str(&["reportingComponent"]),
                source => source,
            };
            let cells = [
                event.str(&["type"]),
                event.str(&["reason"]),
                &crate::commands::kubectl::read::events::interval(event, self.now),
                source,
                event.str(&["message"]).trim(),
            ];
            writer.line(1, &cells.join("\t"));
        }
    }

    /// A time as describe prints it.
    fn time(&self, text: &str) -> String {
        Instant::parse(text).map_or_else(|| "Mon, 01 Jan 0001 00:00:00 +0000".to_owned(), Instant::rfc1123)
    }

    /// `Terminating (lasts 12s)`, `None` where nothing deletes the object.
    fn terminating(&self, object: &Object) -> Option<String> {
        let since = Instant::parse(object.str(&["metadata", "deletionTimestamp"]))?;
        Some(format!("Terminating (lasts {})", (self.now - since).human()))
    }

    /// The pods of a namespace.
    fn pods(&self, namespace: &str) -> impl Iterator<Item = &Rc<Object>> {
        self.cluster.api.list("Pod", Some(namespace))
    }
}

/// A pod template as `rollout history --revision` prints it: tabs stay tabs.
pub fn template_text(template: &Value) -> String {
    let mut writer = Writer::default();
    pods::template(&Object(template.clone()), &[], &mut writer);
    writer.raw()
}

/// `a=1,b=2`, or `<none>`.
fn labels_text(object: &Object, path: &[&str]) -> String {
    kinds::printers::labels(object.map(path))
}

/// A label selector's text.
fn selector_text(object: &Object) -> String {
    let selector = object.at(&["spec", "selector"]).cloned().unwrap_or_default();
    crate::values::selector::LabelSelector::from_object(&selector).map_or_else(|_| "<error>".to_owned(), |selector| selector.format())
}

/// The controller among an object's owners: `StatefulSet/web`.
fn controlled_by(object: &Object) -> Option<String> {
    let owner = object.list(&["metadata", "ownerReferences"]).iter().find(|owner| owner["controller"] == true)?;
    Some(format!("{}/{}", str_at(owner, &["kind"]), str_at(owner, &["name"])))
}

/// `[a b]`: a list as Go prints it.
fn list_text(list: &[Value]) -> String {
    format!("[{}]", list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "))
}

/// A text, or `<none>`.
fn or_none(text: &str) -> &str {
    if text.is_empty() { "<none>" } else { text }
}

fn def_of(object: &Object) -> Option<&'static KindDef> {
    kinds::by_kind(object.kind())
}
