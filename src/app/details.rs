//! Details of what is selected, in five tabs: kubectl's own words, the reasons in ours, its files, its events.

use super::browser;
use super::command::view_command;
use super::effect::{Effect, Link, on_escape};
use super::events::{self, EventRow};
use super::icons::{health_class, icon, shape};
use crate::kinds;
use crate::playground::files::{self, FileTile};
use crate::playground::picture::{Health, Picture};
use crate::playground::session::Session;
use crate::playground::share::Live;
use crate::playground::why::{self, Mark, Why};
use crate::values::object::ObjectKey;
use yew::prelude::*;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Describe,
    Yaml,
    Why,
    Files,
    Events,
}

/// The element that is the open tab.
const OPEN_TAB: &str = "details-tab";

const TABS: [(Tab, &str); 5] = [(Tab::Describe, "Describe"), (Tab::Yaml, "YAML"), (Tab::Why, "Why"), (Tab::Files, "Files"), (Tab::Events, "Events")];

pub enum Msg {
    /// Selects an object, with one of its files, or nothing.
    Select(Option<ObjectKey>, Option<String>),
    /// Opens or closes a file.
    ToggleFile(String),
    Tab(Tab),
}

/// What the open tab shows.
#[derive(Default)]
enum Content {
    #[default]
    Gone,
    Text(String),
    Why(Why),
    Files(Vec<FileTile>, Option<String>),
    Events(Vec<EventRow>),
}

/// What is shown of an object; `file` is the one of its files that is open.
fn content(session: &Session, key: &ObjectKey, tab: Tab, file: Option<&str>) -> Content {
    let cluster = session.cluster();
    if cluster.api.store().get(key).is_none() {
        return Content::Gone;
    }
    match tab {
        Tab::Describe | Tab::Yaml => Content::Text(printed(session, key, tab)),
        Tab::Why => why::of(cluster, key).map_or(Content::Gone, Content::Why),
        Tab::Files => Content::Files(files::of(session.view(), key), file.and_then(|file| files::text(session.view(), key, file))),
        Tab::Events => Content::Events(events::rows(cluster, Some(key))),
    }
}

/// What kubectl prints of an object.
fn printed(session: &Session, key: &ObjectKey, tab: Tab) -> String {
    let kind = kinds::def(key.kind).plural;
    let place = if key.namespace.is_empty() { String::new() } else { format!(" -n {}", key.namespace) };
    let command = match tab {
        Tab::Yaml => format!("kubectl get {kind} {}{place} -o yaml", key.name),
        _ => format!("kubectl describe {kind} {}{place}", key.name),
    };
    let (chunks, _) = session.run_quietly(&command);
    chunks.iter().map(|chunk| String::from_utf8_lossy(&chunk.bytes).into_owned()).collect()
}

/// The tab that an arrow key leads to.
fn neighbour(tab: Tab, key: &str) -> Option<Tab> {
    let place = TABS.iter().position(|(other, _)| *other == tab)?;
    let next = match key {
        "ArrowRight" => (place + 1) % TABS.len(),
        "ArrowLeft" => (place + TABS.len() - 1) % TABS.len(),
        "Home" => 0,
        "End" => TABS.len() - 1,
        _ => return None,
    };
    Some(TABS[next].0)
}

/// The details of the selected object.
pub struct Details {
    selected: Option<ObjectKey>,
    /// The file of it that is open.
    file: Option<String>,
    tab: Tab,
    content: Content,
}

impl Details {
    pub fn new() -> Details {
        Details { selected: None, file: None, tab: Tab::Describe, content: Content::Gone }
    }

    pub fn selected(&self) -> Option<&ObjectKey> {
        self.selected.as_ref()
    }

    /// The selected object's open file.
    pub fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Another session is in the place of the one before.
    pub fn load(&mut self) {
        self.selected = None;
    }

    /// Derives what is shown from the session.
    pub fn look(&mut self, live: &Live) {
        let shown = self.selected.as_ref().map(|key| content(&live.session, key, self.tab, self.file.as_deref()));
        self.content = shown.unwrap_or_default();
    }

    pub fn update(&mut self, msg: Msg, live: &Live) -> Vec<Effect> {
        let takes_focus = match msg {
            Msg::Select(key, file) => {
                match (&self.selected, &key) {
                    (_, Some(_)) => browser::remember_focus(),
                    (Some(_), None) => browser::give_focus_back(),
                    (None, None) => {}
                }
                if file.is_some() {
                    self.tab = Tab::Files;
                }
                (self.selected, self.file) = (key, file);
                self.selected.is_some()
            }
            Msg::ToggleFile(name) => {
                self.file = Some(name).filter(|name| self.file.as_ref() != Some(name));
                false
            }
            Msg::Tab(tab) => {
                self.tab = tab;
                true
            }
        };
        self.look(live);
        takes_focus.then_some(Effect::Focus(OPEN_TAB)).into_iter().collect()
    }

    /// The pane, while an object is selected; `separator` is its edge.
    pub fn view(&self, live: &Live, picture: &Picture, link: &Link<Msg>, separator: impl FnOnce() -> Html) -> Html {
        self.selected.as_ref().map_or_else(Html::default, |key| self.view_open(key, live, picture, link, separator()))
    }

    fn view_open(&self, key: &ObjectKey, live: &Live, picture: &Picture, link: &Link<Msg>, separator: Html) -> Html {
        let open = self.tab;
        let tab = |(tab, name): &(Tab, &'static str)| {
            let (tab, on) = (*tab, *tab == open);
            html! { <button role="tab" id={on.then_some(OPEN_TAB)} class={classes!("tab", on.then_some("on"))} aria-selected={on.to_string()} aria-controls="details-panel" tabindex={if on { "0" } else { "-1" }} onclick={link.send(move |_| Msg::Tab(tab))}>{ *name }</button> }
        };
        let arrows = link.send_some(move |event: KeyboardEvent| {
            let next = neighbour(open, &event.key())?;
            event.prevent_default();
            Some(Msg::Tab(next))
        });
        let close = on_escape(link.asks(), || Effect::Select(None));
        // What scrolls must be reachable; rows of files are.
        let has_rows = matches!(&self.content, Content::Files(files, _) if !files.is_empty());
        let state = picture.items().find(|item| item.key == *key);
        html! {
            <aside class="pane details" aria-label="Details" onkeydown={close}>
                { separator }
                <div class="head">
                    <span class="grow"><span class="small dim">{ key.kind }</span></span>
                    <button class="btn" onclick={link.ask(|_| Effect::Select(None))} aria-label="Close details"><kbd class="dim small">{ "Esc" }</kbd>{ icon("close") }</button>
                </div>
                <div class="title">
                    <strong class="mono name">{ key.name.to_string() }</strong>
                    if let Some(item) = state { <span class={classes!("row", health_class(item.health))}>{ shape(item.health) }<span class="word">{ &item.state }</span><span class="dim small">{ &item.detail }</span></span> }
                </div>
                <div class="tabs" role="tablist" aria-label="Details" onkeydown={arrows}>{ for TABS.iter().map(tab) }</div>
                <div class="panel" role="tabpanel" id="details-panel" aria-labelledby={OPEN_TAB} tabindex={(!has_rows).then_some("0")}>{ self.view_content(key, live, link) }</div>
            </aside>
        }
    }

    fn view_content(&self, key: &ObjectKey, live: &Live, link: &Link<Msg>) -> Html {
        match &self.content {
            Content::Gone => {
                html! { <div class="empty"><strong>{ "It is gone" }</strong><span class="dim">{ "It was deleted. Undo brings it back." }</span></div> }
            }
            Content::Text(text) => html! { <pre class={classes!("text", (self.tab == Tab::Yaml).then_some("flow"))}>{ text }</pre> },
            Content::Why(why) => view_why(link.asks(), why),
            Content::Files(files, text) => self.view_files_of(key, files, text.as_deref(), link),
            Content::Events(rows) if rows.is_empty() => {
                html! { <div class="empty"><strong>{ "No events" }</strong><span class="dim">{ "Nothing was told about it in the last hour." }</span></div> }
            }
            Content::Events(rows) => html! { <ul class="told">{ for rows.iter().map(|row| row.view_long(live.session.cluster().now())) }</ul> },
        }
    }

    fn view_files_of(&self, key: &ObjectKey, files: &[FileTile], text: Option<&str>, link: &Link<Msg>) -> Html {
        if files.is_empty() {
            let hint = match key.kind {
                "Pod" => "Its containers wrote nothing outside their volumes. What they write there goes with them.",
                "PersistentVolume" | "PersistentVolumeClaim" => "Nothing was written here yet.",
                _ => "Only pods, claims and volumes have files.",
            };
            return html! { <div class="empty">{ icon("file") }<strong>{ "No files" }</strong><span class="dim">{ hint }</span></div> };
        }
        let row = |file: &FileTile| {
            let name = file.name.clone();
            let on = self.file.as_deref() == Some(file.name.as_str());
            html! {
                <li>
                    <button class={classes!("file", on.then_some("on"))} aria-expanded={on.to_string()} onclick={link.send(move |_| Msg::ToggleFile(name.clone()))}>{ icon("file") }<span class="mono grow">{ &file.name }</span><span class="dim small">{ format!("{} bytes", file.size) }</span></button>
                    if on { <pre class="bytes">{ text.filter(|text| !text.is_empty()).unwrap_or("(empty)") }</pre> }
                </li>
            }
        };
        html! { <ul class="files-of">{ for files.iter().map(row) }</ul> }
    }
}

fn view_why(ask: &Callback<Effect>, why: &Why) -> Html {
    let mark = |mark: Mark| match mark {
        Mark::Done => ("done", Health::Completed),
        Mark::Now => ("now", Health::Starting),
        Mark::Later => ("later", Health::Waiting),
        Mark::Wrong => ("wrong", Health::Failed),
    };
    html! {
        <div class="why">
            <p class="sentence">{ &why.sentence }</p>
            <ol>{ for why.stages.iter().map(|stage| {
                let (class, health) = mark(stage.mark);
                html! { <li {class}>{ shape(health) }<span><span>{ &stage.text }</span>if !stage.note.is_empty() { <span class="small dim">{ &stage.note }</span> }</span></li> }
            }) }</ol>
            if let Some(command) = &why.command { { view_command(ask, command) } }
        </div>
    }
}
