//! Columns of `kubectl get` that kinds share, and what cells are made of. Models pkg/printers/internalversion/printers.go.

use super::def::Column;
use super::readers::volumes::class_of;
use crate::values::clock::Instant;
use crate::values::object::{Map, Object, Value, str_at};
use crate::values::selector::LabelSelector;

pub const NAME: Column = column("NAME", name);
pub const AGE: Column = column("AGE", age);
/// Of a kind that has no columns of its own. Models apiserver's defaultTableConvertor.
pub const DEFAULT: &[Column] = &[NAME, column("CREATED AT", |object, _| object.str(&["metadata", "creationTimestamp"]).to_owned())];

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
pub fn since(text: &str, now: Instant, absent: &str) -> String {
    Instant::parse(text).map_or_else(|| absent.to_owned(), |then| (now - then).human())
}

/// A text, or what stands for none.
pub fn or(text: &str, absent: &str) -> String {
    if text.is_empty() { absent.to_owned() } else { text.to_owned() }
}

/// A number, 0 where there is none.
pub fn number(object: &Object, path: &[&str]) -> String {
    object.int(path).unwrap_or(0).to_string()
}

/// The texts of a list, such as the names of containers, joined by commas.
pub fn joined(list: &[Value], field: &str) -> String {
    list.iter().map(|entry| str_at(entry, &[field])).collect::<Vec<_>>().join(",")
}

/// `a=1,b=2`, or `<none>`. Models labels.FormatLabels.
pub fn labels(labels: Option<&Map>) -> String {
    let list: Vec<String> = labels.into_iter().flatten().map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or(""))).collect();
    if list.is_empty() { "<none>".to_owned() } else { list.join(",") }
}

/// A label selector as its cell shows it.
pub fn selector(object: &Object) -> String {
    object.at(&["spec", "selector"]).map_or_else(
        || "<none>".to_owned(),
        |value| LabelSelector::from_object(value).map_or_else(|_| "<error>".to_owned(), |selector| selector.format()),
    )
}

pub const CONTAINERS: Column = wide("CONTAINERS", |object, _| joined(object.list(&["spec", "template", "spec", "containers"]), "name"));
pub const IMAGES: Column = wide("IMAGES", |object, _| joined(object.list(&["spec", "template", "spec", "containers"]), "image"));
pub const SELECTOR: Column = wide("SELECTOR", |object, _| selector(object));

fn keys(object: &Object) -> String {
    let count = |field| object.map(&[field]).map_or(0, |map| map.len());
    (count("data") + count("binaryData")).to_string()
}

pub const DATA: Column = column("DATA", |object, _| keys(object));

/// More endpoints or ports than this are counted, not shown.
const SHOWN: usize = 3;

/// The first of a list, and how many more there are.
pub fn limited(all: &[String], separator: &str) -> String {
    let mut text = all[..all.len().min(SHOWN)].join(separator);
    if all.len() > SHOWN {
        text.push_str(&format!(" + {} more...", all.len() - SHOWN));
    }
    text
}

pub const READY: Column = column("READY", |set, _| format!("{}/{}", number(set, &["status", "readyReplicas"]), number(set, &["spec", "replicas"])));

const MODES: [(&str, &str); 4] = [("ReadWriteOnce", "RWO"), ("ReadOnlyMany", "ROX"), ("ReadWriteMany", "RWX"), ("ReadWriteOncePod", "RWOP")];

/// `RWO,ROX`: in this order whatever the spec's.
pub fn access_modes(modes: &[Value]) -> String {
    let short: Vec<&str> = MODES.iter().filter(|(mode, _)| modes.iter().any(|m| m.as_str() == Some(mode))).map(|(_, short)| *short).collect();
    short.join(",")
}

fn phase(object: &Object) -> String {
    if object.at(&["metadata", "deletionTimestamp"]).is_some() { "Terminating".to_owned() } else { object.str(&["status", "phase"]).to_owned() }
}

pub const ATTRIBUTES_CLASS: Column = column("VOLUMEATTRIBUTESCLASS", |object, _| or(object.str(&["spec", "volumeAttributesClassName"]), "<unset>"));

pub const VOLUME_MODE: Column = wide("VOLUMEMODE", |object, _| or(object.str(&["spec", "volumeMode"]), "<unset>"));

pub const CLASS: Column = column("STORAGECLASS", |object, _| class_of(object).to_owned());

pub const STATUS: Column = column("STATUS", |object, _| phase(object));
