//! Event, as kept in core/v1. Its columns model printEvent.

use super::base::BASE;
use super::def::KindDef;
use super::printers::{column, or, since, wide};
use crate::values::clock::Instant;
use crate::values::object::{Object, Value};

pub const DEF: KindDef = KindDef {
    kind: "Event",
    plural: "events",
    short_names: &["ev"],
    columns: &[
        column("LAST SEEN", last_seen),
        column("TYPE", |event, _| event.str(&["type"]).to_owned()),
        column("REASON", |event, _| event.str(&["reason"]).to_owned()),
        column("OBJECT", |event, _| event_object(event)),
        wide("SUBOBJECT", |event, _| event.str(&["involvedObject", "fieldPath"]).to_owned()),
        wide("SOURCE", |event, _| event_source(event)),
        column("MESSAGE", |event, _| event.str(&["message"]).trim().to_owned()),
        wide("FIRST SEEN", first_seen),
        wide("COUNT", |event, _| event_count(event).to_string()),
        wide("NAME", |event, _| event.name().to_owned()),
    ],
    ..BASE
};

fn first_seen(event: &Object, now: Instant) -> String {
    let first = event.str(&["firstTimestamp"]);
    since(if first.is_empty() { event.str(&["eventTime"]) } else { first }, now, "<unknown>")
}

fn last_seen(event: &Object, now: Instant) -> String {
    match (event.str(&["series", "lastObservedTime"]), event.str(&["lastTimestamp"])) {
        ("", "") => first_seen(event, now),
        ("", last) | (last, _) => since(last, now, "<unknown>"),
    }
}

fn event_object(event: &Object) -> String {
    let kind = event.str(&["involvedObject", "kind"]).to_ascii_lowercase();
    match event.str(&["involvedObject", "name"]) {
        "" => kind,
        name => format!("{kind}/{name}"),
    }
}

fn event_source(event: &Object) -> String {
    let first = |old: &[&str], new: &str| or(event.str(old), event.str(&[new]));
    let component = first(&["source", "component"], "reportingComponent");
    match first(&["source", "host"], "reportingInstance") {
        host if host.is_empty() => component,
        host => format!("{component}, {host}"),
    }
}

fn event_count(event: &Object) -> i64 {
    event.at(&["series", "count"]).and_then(Value::as_i64).or(event.int(&["count"]).filter(|count| *count > 0)).unwrap_or(1)
}
