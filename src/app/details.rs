//! Details of one object, the list of events, and the mistakes of a manifest.

use super::{App, Msg};
use crate::control::cluster::Cluster;
use crate::kinds::{self, schema};
use crate::playground::session::Session;
use crate::values::clock::Instant;
use crate::values::object::ObjectKey;
use crate::values::order::Order;
use crate::values::yaml::{self, Diagnostic};
use yew::prelude::*;

/// Events that the list shows.
const EVENTS_SHOWN: usize = 40;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Describe,
    Yaml,
}

/// One row of the events list.
#[derive(Clone, PartialEq)]
pub struct EventRow {
    at: Instant,
    warning: bool,
    reason: String,
    object: String,
    message: String,
}

/// The newest events of the user's namespaces, newest first.
pub fn events(cluster: &Cluster) -> Vec<EventRow> {
    let mut rows: Vec<EventRow> = cluster
        .api
        .list("Event", None)
        .filter(|event| event.namespace() != "kube-system" && event.namespace() != "local-path-storage")
        .filter_map(|event| {
            Some(EventRow {
                at: crate::apiserver::events::last_seen(event)?,
                warning: event.str(&["type"]) == "Warning",
                reason: event.str(&["reason"]).to_owned(),
                object: format!("{}/{}", event.str(&["involvedObject", "kind"]).to_lowercase(), event.str(&["involvedObject", "name"])),
                message: event.str(&["message"]).to_owned(),
            })
        })
        .collect();
    rows.order_by_key(|row| std::cmp::Reverse(row.at));
    rows.truncate(EVENTS_SHOWN);
    rows
}

/// What kubectl prints of an object.
pub fn text(session: &Session, key: &ObjectKey, tab: Tab) -> String {
    let kind = kinds::def(key.kind).plural;
    let place = if key.namespace.is_empty() { String::new() } else { format!(" -n {}", key.namespace) };
    let command = match tab {
        Tab::Describe => format!("kubectl describe {kind} {}{place}", key.name),
        Tab::Yaml => format!("kubectl get {kind} {}{place} -o yaml", key.name),
    };
    let (chunks, _) = session.run_quietly(&command);
    chunks.iter().map(|chunk| String::from_utf8_lossy(&chunk.bytes).into_owned()).collect()
}

/// What is wrong with a manifest, by line, before it is applied.
pub fn mistakes(session: &Session, name: &str) -> Vec<Diagnostic> {
    let Some(text) = session.read_file(name) else { return Vec::new() };
    let (documents, mut found) = yaml::parse(&text);
    for document in &documents {
        let (version, kind) = (document.value["apiVersion"].as_str().unwrap_or(""), document.value["kind"].as_str().unwrap_or(""));
        let Some(def) = kinds::by_version_and_kind(version, kind) else {
            if !kind.is_empty() {
                let message = format!("no matches for kind {kind:?} in version {version:?}");
                found.push(Diagnostic { line: document.lines.get("kind").copied().unwrap_or(document.line), message });
            }
            continue;
        };
        match schema::decode(def, &document.value) {
            Ok(unknown) => {
                for message in unknown {
                    let path = message.split('"').nth(1).unwrap_or("");
                    found.push(Diagnostic { line: document.lines.get(path).copied().unwrap_or(document.line), message });
                }
            }
            Err(message) => found.push(Diagnostic { line: document.line, message }),
        }
    }
    found
}

impl App {
    pub(super) fn view_details(&self, ctx: &Context<Self>) -> Html {
        let Some(key) = &self.selected else { return Html::default() };
        let link = ctx.link();
        let tab = |tab: Tab, name: &'static str| {
            let on = self.tab == tab;
            html! { <button role="tab" class={classes!("tab", on.then_some("on"))} aria-selected={on.to_string()} onclick={link.callback(move |_| Msg::Tab(tab))}>{ name }</button> }
        };
        let close = link.batch_callback(|event: KeyboardEvent| (event.key() == "Escape").then_some(Msg::Select(None)));
        html! {
            <aside class="pane details" aria-label="Details" onkeydown={close}>
                <div class="head">
                    <span class="grow"><span class="small dim">{ key.kind }</span><strong class="mono name">{ &key.name }</strong></span>
                    <button class="btn" onclick={link.callback(|_| Msg::Select(None))}>{ "Close" }</button>
                </div>
                <div class="tabs" role="tablist">{ tab(Tab::Describe, "Describe") }{ tab(Tab::Yaml, "YAML") }</div>
                <pre class="text" tabindex="0">{ &self.details }</pre>
            </aside>
        }
    }

    pub(super) fn view_events(&self) -> Html {
        let now = self.live.session.cluster.now();
        let row = |event: &EventRow| {
            html! {
                <li class={classes!(event.warning.then_some("warning"))}>
                    <span class="age">{ (now - event.at).human() }</span>
                    <span class="reason">{ &event.reason }</span>
                    <span class="object mono">{ &event.object }</span>
                    <span class="message" title={event.message.clone()}>{ &event.message }</span>
                </li>
            }
        };
        html! {
            <div class="events">
                <h2>{ "Events" }</h2>
                if self.events.is_empty() {
                    <p class="dim">{ "Nothing has happened yet." }</p>
                } else {
                    <ul aria-label="Events">{ for self.events.iter().map(row) }</ul>
                }
            </div>
        }
    }
}
