//! Events: what components tell about objects.
//!
//! Models client-go/tools/record (correlation by same object, source, reason and message: the count rises) and
//! client-go/tools/events (the scheduler's newer form, with `eventTime` and `series`), and the server's time to live.
//! Simplified: no rate limit on an object's events, and no "(combined from similar events)".

use super::ApiServer;
use super::index::{self, Index};
use super::store::Change;
use crate::kinds::readers::events::last_seen;
use crate::values::clock::{Duration, Instant};
use crate::values::object::{Map, Object, ObjectKey, Value, json};
use crate::values::value::Text;
use std::borrow::Borrow;
use std::rc::Rc;

/// Who tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventSource {
    /// Such as `kubelet`; the From column.
    pub component: String,
    /// The node, for kubelets; empty where the component runs on no particular node.
    pub host: String,
    /// The part of the object, such as `spec.containers{web}`; empty where it is the whole.
    pub field_path: String,
}

impl EventSource {
    pub fn component(name: &str) -> EventSource {
        EventSource { component: name.to_owned(), ..EventSource::default() }
    }
}

/// The two types of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventType {
    Normal,
    Warning,
}

impl EventType {
    pub const fn name(self) -> &'static str {
        match self {
            EventType::Normal => "Normal",
            EventType::Warning => "Warning",
        }
    }
}

/// How long the server keeps an event after its last change (`--event-ttl`).
pub const EVENT_TTL: Duration = Duration::seconds(3600);

/// How long a repeated event counts as the same one: the recorder's cache ends an entry then.
const SAME_EVENT: Duration = Duration::seconds(600);

impl ApiServer {
    /// Deletes the events of a namespace, or all, past everything that holds objects.
    pub fn forget_events(&mut self, namespace: Option<&str>) {
        for key in self.list("Event", namespace).map(|event| ObjectKey::new("Event", event.namespace(), event.name())).collect::<Vec<_>>() {
            self.store.delete(&key);
        }
    }

    /// Tells something about an object: a new Event, or one more in the count of the same.
    pub fn event(&mut self, about: &Object, source: impl Borrow<EventSource>, kind: EventType, reason: &str, message: &str) {
        self.record_event(about, source.borrow(), kind, reason, message);
    }

    fn record_event(&mut self, about: &Object, source: &EventSource, kind: EventType, reason: &str, message: &str) {
        // What an event says twice it holds once.
        let (component, host, now) = (json!(source.component), json!(source.host), json!(self.now.rfc3339()));
        let from: Value = [("component", component.clone()), ("host", host.clone())].into_iter().filter(|(_, value)| *value != "").collect();
        let same = self.find_event(about, reason, message, |event| {
            event.0["source"] == from && event.0["type"] == kind.name() && event.str(&["involvedObject", "fieldPath"]) == source.field_path
        });
        if let Some((key, event)) = same {
            let mut event = (*event).clone();
            event.set(&["count"], json!(event.int(&["count"]).unwrap_or(1) + 1));
            event.set(&["lastTimestamp"], now);
            self.store.put(key, event, Change::Modified);
            return;
        }
        let mut involved = reference(about);
        if !source.field_path.is_empty() {
            involved.insert("fieldPath", json!(source.field_path));
        }
        self.add_event(
            about,
            now.clone(),
            json!({
                "apiVersion": "v1", "kind": "Event", "metadata": null, "involvedObject": involved, "source": from,
                "type": kind.name(), "reason": reason, "message": message, "count": 1, "firstTimestamp": now, "lastTimestamp": now, "eventTime": null,
                "reportingComponent": component, "reportingInstance": host,
            }),
        );
    }

    /// When an event was first told; `None`: never, or forgotten.
    pub fn event_time(&self, about: &Object, source: &EventSource, reason: &str, message: &str) -> Option<Instant> {
        let (_, event) = self.find_event(about, reason, message, |event| event.str(&["source", "component"]) == source.component)?;
        event.created()
    }

    /// Tells something in the newer form, with `action`, `eventTime` and `series`, as the scheduler does.
    pub fn scheduler_event(&mut self, about: &Object, kind: EventType, reason: &str, action: &str, message: &str) {
        let controller = "default-scheduler";
        let now = json!(self.now.rfc3339_micro());
        let same = self.find_event(about, reason, message, |event| {
            event.0["reportingComponent"] == controller && event.0["action"] == action && event.0["type"] == kind.name()
        });
        if let Some((key, event)) = same {
            let mut event = (*event).clone();
            let count = event.int(&["series", "count"]).unwrap_or(1) + 1;
            event.set(&["series"], json!({"count": count, "lastObservedTime": now}));
            self.store.put(key, event, Change::Modified);
            return;
        }
        self.add_event(
            about,
            json!(self.now.rfc3339()),
            json!({
                "apiVersion": "v1", "kind": "Event", "metadata": null, "involvedObject": reference(about), "source": {}, "type": kind.name(), "reason": reason, "message": message,
                "firstTimestamp": null, "lastTimestamp": null, "eventTime": now, "action": action,
                "reportingComponent": controller, "reportingInstance": "default-scheduler-control-plane",
            }),
        );
    }

    /// Removes the events whose time to live is over.
    pub fn expire_events(&mut self) {
        let old: Vec<ObjectKey> = self
            .store
            .indexed_from(Index::EventTimes, "", "")
            .take_while(|event| last_seen(event).is_some_and(|seen| seen + EVENT_TTL <= self.now))
            .map(|event| ObjectKey::new("Event", event.namespace(), event.name()))
            .collect();
        for key in old {
            self.store.delete(&key);
        }
    }

    fn find_event(&self, about: &Object, reason: &str, message: &str, same: impl Fn(&Object) -> bool) -> Option<(ObjectKey, Rc<Object>)> {
        self.store
            .indexed(Index::Events, &index::said(about.uid(), reason, message))
            .filter(|event| event.0["reason"] == reason && event.0["message"] == message)
            .filter(|event| event.str(&["involvedObject", "uid"]) == about.uid() && event.str(&["involvedObject", "name"]) == about.name())
            .filter(|event| same(event) && last_seen(event).is_some_and(|seen| self.now - seen < SAME_EVENT))
            .last()
            .map(|event| (ObjectKey::new("Event", event.namespace(), event.name()), event.clone()))
    }

    fn add_event(&mut self, about: &Object, created: Value, mut body: Value) {
        self.expire_events();
        let namespace = Text::from(event_namespace(about));
        // Real names end in the time in nanoseconds; the version keeps those of one millisecond apart and in order.
        let nanos = self.now.0 * 1_000_000 + self.store.version() % 1_000_000;
        let name = Text::from(format!("{}.{nanos:x}", about.name()));
        // The store writes the version into the place that is there for it.
        body["metadata"] = json!({"name": name, "namespace": namespace, "uid": self.rng.uid(), "creationTimestamp": created, "resourceVersion": ""});
        self.store.put(ObjectKey { kind: "Event", namespace, name }, Object(body), Change::Added);
    }
}

/// Events about cluster-scoped objects live in `default`.
fn event_namespace(about: &Object) -> &str {
    if about.namespace().is_empty() { "default" } else { about.namespace() }
}

/// An object as others refer to it, with which it shares its texts.
pub fn reference(about: &Object) -> Map {
    let metadata = ["name", "namespace", "resourceVersion", "uid"].map(|field| (field, about.at(&["metadata", field])));
    let fields = ["apiVersion", "kind"].map(|field| (field, about.at(&[field]))).into_iter().chain(metadata);
    fields.filter_map(|(field, value)| Some((field, value.filter(|value| value.is_string() && **value != "")?.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_event_counts_up_and_ends_after_its_time() {
        let mut api = ApiServer::new(Instant(1_000_000_000_000), 1);
        let pod = Object::new("v1", "Pod", "default", "web-0");
        let kubelet = EventSource { component: "kubelet".to_owned(), host: "node-1".to_owned(), ..EventSource::default() };
        for message in ["a", "b", "a"] {
            api.event(&pod, &kubelet, EventType::Warning, "BackOff", message);
            api.scheduler_event(&pod, EventType::Warning, "FailedScheduling", "Scheduling", "no node");
        }
        let counts: Vec<_> = api.list("Event", None).map(|event| event.int(&["count"])).collect();
        assert_eq!(counts, [Some(2), None, Some(1)]);
        assert_eq!(api.list("Event", None).nth(1).unwrap().int(&["series", "count"]), Some(3));
        api.now += EVENT_TTL;
        api.expire_events();
        assert_eq!(api.list("Event", None).count(), 0);
    }
}
