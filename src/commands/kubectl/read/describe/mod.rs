//! describe: one describer a kind, else the generic one. Models kubectl/pkg/describe.
mod cluster;
mod context;
mod network;
pub mod pods;
mod storage;
mod workloads;
mod writer;

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::resources::Target;
use crate::commands::kubectl::request::{manifests, resources};
use crate::values::object::Object;
use context::{Context, def_of};
use std::rc::Rc;
use writer::Writer;

/// A describer of an object with what is around it; where the object says all itself, its kind's row describes it.
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
    let own = def_of(object).and_then(|def| def.describe);
    match (own, DESCRIBERS.iter().find(|(kind, _)| *kind == object.kind())) {
        (Some(lines), _) => {
            writer.head(object);
            lines(object).iter().for_each(|line| writer.line(0, line));
        }
        (None, Some((_, describer))) => describer(object, context, &mut writer),
        (None, None) => cluster::generic(object, context, &mut writer),
    }
    writer.finish()
}
