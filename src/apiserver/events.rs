//! Events: what components say of objects, counted where they say it again.
//!
//! Models client-go tools/record (count, first and last time) and tools/events (the scheduler's series). An event's name
//! is made of what it says, so that the same words find their event without a search.

use super::ApiServer;
use super::store::Change;
use crate::values::object::{Object, ObjectKey, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventType {
    Normal,
    Warning,
}

/// Who says it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventSource {
    /// Such as `kubelet`; the From column.
    pub component: String,
    /// The node, for kubelets.
    pub host: String,
    /// Such as `spec.containers{web}`.
    pub field_path: String,
}

impl EventSource {
    pub fn component(name: &str) -> EventSource {
        EventSource { component: name.to_owned(), ..EventSource::default() }
    }
}

/// FNV-1a, for names that depend on nothing but what is said.
fn hash(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl ApiServer {
    /// Records that something happened to an object.
    pub fn event(&mut self, about: &Object, source: &EventSource, event_type: EventType, reason: &str, message: &str) {
        let (key, new) = self.event_key(about, source, reason, message);
        let now = self.now.rfc3339();
        let mut event = match self.store.get(&key) {
            Some(old) => {
                let mut event = (**old).clone();
                let count = event.int(&["count"]).unwrap_or(1);
                event.set(&["count"], json!(count + 1));
                event.set(&["lastTimestamp"], json!(now));
                self.store.put(key, event, Change::Modified);
                return;
            }
            None => new,
        };
        event.set(&["type"], json!(if event_type == EventType::Normal { "Normal" } else { "Warning" }));
        event.set(&["count"], json!(1));
        event.set(&["firstTimestamp"], json!(now));
        event.set(&["lastTimestamp"], json!(now));
        event.set(&["eventTime"], json!(null));
        event.set(&["reportingComponent"], json!(source.component));
        event.set(&["reportingInstance"], json!(source.host));
        let mut from = json!({"component": source.component});
        if !source.host.is_empty() {
            from["host"] = json!(source.host);
        }
        event.set(&["source"], from);
        self.store.put(key, event, Change::Added);
    }

    /// Records an event in the form of events.k8s.io, as the scheduler does: eventTime, action, series.
    pub fn scheduler_event(&mut self, about: &Object, event_type: EventType, reason: &str, action: &str, message: &str) {
        let source = EventSource::component("default-scheduler");
        let (key, new) = self.event_key(about, &source, reason, message);
        let micro = self.now.rfc3339_micro();
        if let Some(old) = self.store.get(&key) {
            let mut event = (**old).clone();
            let count = event.int(&["series", "count"]).unwrap_or(1);
            event.set(&["series"], json!({"count": count + 1, "lastObservedTime": micro}));
            self.store.put(key, event, Change::Modified);
            return;
        }
        let mut event = new;
        event.set(&["type"], json!(if event_type == EventType::Normal { "Normal" } else { "Warning" }));
        event.set(&["action"], json!(action));
        event.set(&["eventTime"], json!(micro));
        event.set(&["firstTimestamp"], json!(null));
        event.set(&["lastTimestamp"], json!(null));
        event.set(&["reportingComponent"], json!("default-scheduler"));
        event.set(&["reportingInstance"], json!("default-scheduler-controlplane"));
        event.set(&["source"], json!({}));
        self.store.put(key, event, Change::Added);
    }

    fn event_key(&mut self, about: &Object, source: &EventSource, reason: &str, message: &str) -> (ObjectKey, Object) {
        let namespace = if about.namespace().is_empty() { "default" } else { about.namespace() };
        let number = hash(&[about.uid(), &source.component, &source.field_path, reason, message]);
        let name = format!("{}.{number:016x}", about.name());
        let key = ObjectKey::new("Event", namespace, &name);
        if self.store.get(&key).is_some() {
            return (key, Object::default());
        }
        let mut event = Object::new("v1", "Event", namespace, &name);
        event.set(&["metadata", "uid"], json!(self.rng.uid()));
        event.set(&["metadata", "creationTimestamp"], json!(self.now.rfc3339()));
        let mut involved = json!({
            "apiVersion": about.api_version(), "kind": about.kind(), "name": about.name(),
            "uid": about.uid(), "resourceVersion": about.str(&["metadata", "resourceVersion"]),
        });
        for (field, value) in [("namespace", about.namespace()), ("fieldPath", &source.field_path)] {
            if !value.is_empty() {
                involved[field] = json!(value);
            }
        }
        event.set(&["involvedObject"], involved);
        event.set(&["reason"], json!(reason));
        event.set(&["message"], json!(message));
        (key, event)
    }
}
