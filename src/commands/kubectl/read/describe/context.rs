//! What the describers share: the cluster that they look into, and how they write what kinds have in common.

use crate::commands::kubectl::read::describe::writer;
use crate::commands::kubectl::request::events;
use crate::control::cluster::Cluster;
use crate::kinds;
use crate::kinds::KindDef;
use crate::values::clock::Instant;
use crate::values::object::{Object, Value, str_at};
use crate::values::selector::LabelSelector;
use std::rc::Rc;
use writer::Writer;

/// What a describer reads besides its object.
pub struct Context<'a> {
    pub cluster: &'a Cluster,
    pub now: Instant,
    pub show_events: bool,
}

impl Context<'_> {
    /// The events of an object, or that there are none.
    pub fn events(&self, object: &Object, writer: &mut Writer) {
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
        events.sort_by_key(|event| Instant::parse(event.str(&["lastTimestamp"])).unwrap_or_default());
        writer.line(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------");
        for event in events {
            let source = match event.str(&["source", "component"]) {
                "" => event.str(&["reportingComponent"]),
                source => source,
            };
            let cells = [event.str(&["type"]), event.str(&["reason"]), &events::interval(event, self.now), source, event.str(&["message"]).trim()];
            writer.line(1, &cells.join("\t"));
        }
    }

    /// A time as describe prints it.
    pub fn time(&self, text: &str) -> String {
        Instant::parse(text).map_or_else(|| "Mon, 01 Jan 0001 00:00:00 +0000".to_owned(), Instant::rfc1123)
    }

    /// `Terminating (lasts 12s)`, `None` where nothing deletes the object.
    pub fn terminating(&self, object: &Object) -> Option<String> {
        let since = Instant::parse(object.str(&["metadata", "deletionTimestamp"]))?;
        Some(format!("Terminating (lasts {})", (self.now - since).human()))
    }

    /// The pods of a namespace.
    pub fn pods(&self, namespace: &str) -> impl Iterator<Item = &Rc<Object>> {
        self.cluster.api.list("Pod", Some(namespace))
    }
}

/// `a=1,b=2`, or `<none>`.
pub fn labels_text(object: &Object, path: &[&str]) -> String {
    kinds::printers::labels(object.map(path))
}

/// A label selector's text.
pub fn selector_text(object: &Object) -> String {
    let selector = object.at(&["spec", "selector"]).cloned().unwrap_or_default();
    LabelSelector::from_object(&selector).map_or_else(|_| "<error>".to_owned(), |selector| selector.format())
}

/// The controller among an object's owners: `StatefulSet/web`.
pub fn controlled_by(object: &Object) -> Option<String> {
    let owner = object.list(&["metadata", "ownerReferences"]).iter().find(|owner| owner["controller"] == true)?;
    Some(format!("{}/{}", str_at(owner, &["kind"]), str_at(owner, &["name"])))
}

/// `[a b]`: a list as Go prints it.
pub fn list_text(list: &[Value]) -> String {
    format!("[{}]", list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "))
}

/// A text, or `<none>`.
pub fn or_none(text: &str) -> &str {
    if text.is_empty() { "<none>" } else { text }
}

pub fn def_of(object: &Object) -> Option<&'static KindDef> {
    kinds::by_kind(object.kind())
}
