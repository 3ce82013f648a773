//! The list of events below the picture, and of one object.

use super::effect::Effect;
use crate::control::cluster::Cluster;
use crate::kinds;
use crate::values::clock::Instant;
use crate::values::object::ObjectKey;
use yew::prelude::*;

/// Events that a list shows.
const EVENTS_SHOWN: usize = 40;

/// One row of an events list.
#[derive(Clone, PartialEq)]
pub struct EventRow {
    at: Instant,
    /// The events of one instant in the order in which they were written.
    version: u64,
    warning: bool,
    reason: String,
    about: Option<ObjectKey>,
    object: String,
    message: String,
}

/// The newest events of the user's namespaces, or about one object, newest first.
pub fn rows(cluster: &Cluster, about: Option<&ObjectKey>) -> Vec<EventRow> {
    let events = cluster.api.list("Event", None).filter(|event| event.namespace() != "kube-system" && event.namespace() != "local-path-storage");
    let mut rows: Vec<EventRow> = events
        .filter_map(|event| {
            let involved = |field: &str| event.str(&["involvedObject", field]);
            let key = kinds::by_kind(involved("kind")).map(|def| ObjectKey::new(def.kind, involved("namespace"), involved("name")));
            let object = format!("{}/{}", involved("kind").to_ascii_lowercase(), involved("name"));
            let (reason, message) = (event.str(&["reason"]).to_owned(), event.str(&["message"]).to_owned());
            let at = crate::kinds::readers::events::last_seen(event)?;
            Some(EventRow { at, version: event.resource_version(), warning: event.str(&["type"]) == "Warning", reason, about: key, object, message })
        })
        .filter(|row| about.is_none_or(|about| row.about.as_ref().is_some_and(|key| key.kind == about.kind && key.name == about.name)))
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.version)));
    rows.truncate(EVENTS_SHOWN);
    rows
}

impl EventRow {
    /// The row with its whole message, below one another.
    pub fn view_long(&self, now: Instant) -> Html {
        html! {
            <li class={classes!(self.warning.then_some("warning"))}>
                <span class="row"><span class="reason grow">{ &self.reason }</span><span class="age dim small">{ (now - self.at).human() }</span></span>
                <span class="dim">{ &self.message }</span>
            </li>
        }
    }
}

/// The newest events of the cluster, as far as they were looked at.
#[derive(Default)]
pub struct EventList(Vec<EventRow>);

impl EventList {
    pub fn look(&mut self, cluster: &Cluster) {
        self.0 = rows(cluster, None);
    }

    /// When they happened.
    pub fn times(&self) -> impl Iterator<Item = Instant> {
        self.0.iter().map(|event| event.at)
    }

    /// The list; `beside` stands beside its title.
    pub fn view(&self, cluster: &Cluster, ask: &Callback<Effect>, beside: Html) -> Html {
        let now = cluster.now();
        let row = |event: &EventRow| {
            let about = event.about.clone().filter(|key| cluster.api.store().get(key).is_some());
            let object = match about {
                Some(key) => {
                    let select = ask.reform(move |_| Effect::Select(Some(key.clone())));
                    html! { <button class="object mono" onclick={select}>{ &event.object }</button> }
                }
                None => html! { <span class="object mono">{ &event.object }</span> },
            };
            html! {
                <li class={classes!(event.warning.then_some("warning"))}>
                    <span class="age">{ (now - event.at).human() }</span>
                    <span class="reason">{ &event.reason }</span>
                    { object }
                    <span class="message" title={event.message.clone()}>{ &event.message }</span>
                </li>
            }
        };
        html! {
            <div class="events" tabindex="0" role="group" aria-label="Events of the cluster">
                <div class="row"><h2>{ "Events" }</h2>{ beside }</div>
                if self.0.is_empty() {
                    <p class="dim">{ "Nothing has happened yet. What controllers, scheduler and kubelets do is told here." }</p>
                } else {
                    <ul aria-label="Events" data-arrows="">{ for self.0.iter().map(row) }</ul>
                }
            </div>
        }
    }
}
