//! Columns of `kubectl get`, one table a kind. Models pkg/printers/internalversion/printers.go.

mod cluster;
mod network;
mod pods;
mod storage;
mod workloads;

use super::Column;
use crate::values::clock::Instant;
use crate::values::object::{Map, Object, Value, str_at};
use crate::values::selector::LabelSelector;

pub use cluster::{
    CONFIG_MAP, CONTROLLER_REVISION, EVENT, LEASE, NAMESPACE, NODE, POD_DISRUPTION_BUDGET, PRIORITY_CLASS, SECRET, SERVICE_ACCOUNT, node_roles,
    node_status,
};
pub use network::{ENDPOINT_SLICE, ENDPOINTS, SERVICE};
pub use pods::{POD, pod_ready, pod_restarts, pod_status};
pub use storage::{PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS, VOLUME_ATTACHMENT, access_modes};
pub use workloads::{CRON_JOB, DAEMON_SET, DEPLOYMENT, JOB, REPLICA_SET, STATEFUL_SET};

pub const NAME: Column = column("NAME", name);
pub const AGE: Column = column("AGE", age);
pub const GENERIC: &[Column] = &[NAME, AGE];

fn name(object: &Object, _: Instant) -> String {
    object.name().to_owned()
}

/// The AGE cell: `<unknown>` where there is no creation time.
pub fn age(object: &Object, now: Instant) -> String {
    object.created().map_or("<unknown>".to_owned(), |created| (now - created).human())
}

pub const fn column(name: &'static str, cell: fn(&Object, Instant) -> String) -> Column {
    Column { name, wide: false, cell }
}

pub const fn wide(name: &'static str, cell: fn(&Object, Instant) -> String) -> Column {
    Column { name, wide: true, cell }
}

/// How long ago a time of RFC 3339 was; `absent` where it is none.
pub(super) fn since(text: &str, now: Instant, absent: &str) -> String {
    Instant::parse(text).map_or_else(|| absent.to_owned(), |then| (now - then).human())
}

/// A text, or what stands for none.
pub(super) fn or(text: &str, absent: &str) -> String {
    if text.is_empty() { absent.to_owned() } else { text.to_owned() }
}

pub(super) fn number(object: &Object, path: &[&str]) -> String {
    object.int(path).unwrap_or(0).to_string()
}

/// The texts of a list, such as the names of containers, joined by commas.
pub(super) fn joined(list: &[Value], field: &str) -> String {
    list.iter().map(|entry| str_at(entry, &[field])).collect::<Vec<_>>().join(",")
}

/// `a=1,b=2`, or `<none>`. Models labels.FormatLabels.
pub fn labels(labels: Option<&Map>) -> String {
    let list: Vec<String> = labels.into_iter().flatten().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or(""))).collect();
    if list.is_empty() { "<none>".to_owned() } else { list.join(",") }
}

/// A label selector as its cell shows it.
pub(super) fn selector(object: &Object) -> String {
    object.at(&["spec", "selector"]).map_or_else(
        || "<none>".to_owned(),
        |value| LabelSelector::from_object(value).map_or_else(|_| "<error>".to_owned(), |selector| selector.format()),
    )
}

pub(super) const CONTAINERS: Column = wide("CONTAINERS", |object, _| joined(object.list(&["spec", "template", "spec", "containers"]), "name"));
pub(super) const IMAGES: Column = wide("IMAGES", |object, _| joined(object.list(&["spec", "template", "spec", "containers"]), "image"));
pub(super) const SELECTOR: Column = wide("SELECTOR", |object, _| selector(object));
