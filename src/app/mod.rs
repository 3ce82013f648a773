//! The browser: the Yew app. One struct component owns the session; everything else is a view of plain data.
//!
//! Every change goes one way: an event becomes a `Msg`, `update` acts on `Live`, and what the panes show is derived again.

mod browser;
mod console;
mod details;
mod lab;
mod late;
mod picture;

use crate::control::flavour;
use crate::playground::labs::{self, Lab, LabFile};
use crate::playground::picture::Picture;
use crate::playground::session::ConsoleState;
use crate::playground::share::{Action, Live, QUANTUM, Start};
use crate::values::object::ObjectKey;
use console::Screen;
use details::Tab;
use gloo::events::EventListener;
use gloo::timers::callback::Interval;
use lab::LabState;
use std::rc::Rc;
use yew::prelude::*;

/// How often time goes on, in milliseconds of the wall clock.
const TICK_MS: u32 = 50;
/// The most time that one tick may catch up, in milliseconds: a tab in the background does not run ahead.
const CATCH_UP_MS: f64 = 400.0;
/// How long one tick may work, in milliseconds.
const FRAME_MS: f64 = 10.0;
/// How many undo points are kept.
const UNDO_MAX: usize = 200;
/// Speeds, in simulated seconds a second.
const SPEEDS: [u32; 4] = [1, 2, 5, 20];
const SEED: u64 = 1;

/// Commands that the first visit suggests.
const SUGGESTIONS: [&str; 4] =
    ["kubectl get pods,pvc", "kubectl describe pvc www-web-0", "kubectl delete pod web-1", "kubectl scale sts web --replicas=5"];

/// A point that undo returns to.
#[derive(Clone)]
struct Point {
    live: Live,
    screen: Screen,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    Lab,
    Files,
    Cluster,
    Console,
}

pub enum Msg {
    Tick,
    /// Runs a line as if it were typed.
    Run(String),
    Line(String),
    Key(console::Key),
    Edit(String),
    OpenFile(String),
    NewFile,
    Undo,
    Redo,
    Reset,
    Pause,
    Speed,
    Share,
    CloseShare,
    Copy(String),
    Theme,
    Select(Option<ObjectKey>),
    Tab(Tab),
    Pane(Pane),
    ShowLabs(bool),
    StartLab(&'static str),
    LeaveLab,
    Hint(usize),
    Solution(usize),
    OpenLink(String),
    EditorReady,
}

pub struct App {
    live: Live,
    screen: Screen,
    undo: Vec<Point>,
    redo: Vec<Point>,
    input: console::LineEditor,
    open_file: String,
    picture: Rc<Picture>,
    seen_version: u64,
    events: Rc<Vec<details::EventRow>>,
    selected: Option<ObjectKey>,
    tab: Tab,
    details: String,
    pane: Pane,
    lab: Option<LabState>,
    show_labs: bool,
    paused: bool,
    speed: usize,
    theme: String,
    share: Option<String>,
    notice: Option<String>,
    last_tick: f64,
    owed: f64,
    log: NodeRef,
    embedded: bool,
    /// What happened since the session was last kept in the browser.
    unsaved: bool,
    _interval: Interval,
    /// A page that is left keeps what no tick has kept yet.
    _leave: Option<EventListener>,
}

/// The scenario of a first visit.
fn first_scenario() -> Start {
    let text = include_str!("../../examples/scenarios/nginx-statefulset.yaml").to_owned();
    scenario("nginx StatefulSet", vec![LabFile { name: "web.yaml".to_owned(), text, apply: true }])
}

fn scenario(title: &str, files: Vec<LabFile>) -> Start {
    let flavour = flavour::by_name("playground").unwrap_or(&flavour::FLAVOURS[0]);
    Start { flavour, nodes: 3, seed: SEED, lab: None, title: title.to_owned(), files }
}

/// What the page opens with: its address' link, lab or manifest; what was here last; else the first scenario.
fn opening() -> (Live, Screen, Option<String>) {
    let hash = browser::hash();
    let mut notice = None;
    if let Some(link) = hash.strip_prefix("s=") {
        match Live::open(link) {
            Ok(opened) => {
                let note = (!opened.differs.is_empty())
                    .then(|| format!("This link was made with another version; played again, these differ: {}.", opened.differs.join(", ")));
                let screen = Screen::restored(&opened.live);
                return (opened.live, screen, note);
            }
            Err(why) => notice = Some(format!("{why} What was here before is still here.")),
        }
    }
    if let Some(name) = hash.strip_prefix("lab=")
        && let Some((entry, lab)) = find_lab(name)
    {
        return (Live::new(Start::of_lab(entry, &lab, SEED)), Screen::default(), None);
    }
    if let Some(text) = hash.strip_prefix("yaml=") {
        let text = browser::decode(text);
        return (Live::new(scenario("manifest", vec![LabFile { name: "manifest.yaml".to_owned(), text, apply: true }])), Screen::default(), None);
    }
    if let Some(opened) = browser::stored("session").and_then(|link| Live::open(&link).ok()) {
        let screen = Screen::restored(&opened.live);
        return (opened.live, screen, notice);
    }
    (Live::new(first_scenario()), Screen::default(), notice)
}

fn find_lab(name: &str) -> Option<(&'static str, Lab)> {
    let entry = labs::ALL.iter().find(|entry| entry.name == name)?;
    labs::parse(entry.page).ok().map(|lab| (entry.name, lab))
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> App {
        let (live, screen, notice) = opening();
        let link = ctx.link().clone();
        browser::on_hash_change(link.callback(Msg::OpenLink));
        browser::load_editor(link.callback(|()| Msg::EditorReady), link.callback(Msg::Edit), link.callback(|()| Msg::Run(String::new())));
        let tick = ctx.link().clone();
        let leave = tick.clone();
        let mut app = App {
            lab: LabState::of(&live),
            live,
            screen,
            undo: Vec::new(),
            redo: Vec::new(),
            input: console::LineEditor::default(),
            open_file: String::new(),
            picture: Rc::default(),
            seen_version: 0,
            events: Rc::default(),
            selected: None,
            tab: Tab::Describe,
            details: String::new(),
            pane: Pane::Console,
            show_labs: false,
            paused: false,
            speed: 0,
            theme: browser::stored("theme").unwrap_or_default(),
            share: None,
            notice,
            last_tick: browser::now(),
            owed: 0.0,
            log: NodeRef::default(),
            embedded: browser::is_embedded(),
            unsaved: false,
            _interval: Interval::new(TICK_MS, move || tick.send_message(Msg::Tick)),
            _leave: web_sys::window().map(|window| EventListener::new(&window, "pagehide", move |_| leave.send_message(Msg::Tick))),
        };
        app.after_load();
        app
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Tick => return self.tick(),
            Msg::Run(line) if line.is_empty() => self.apply("apply"),
            Msg::Run(line) => self.run(line),
            Msg::Line(text) => self.input.set(text),
            Msg::Key(key) => self.key(key),
            Msg::Edit(text) => self.edit(text),
            Msg::OpenFile(name) => {
                self.open_file = name;
                self.show_file();
            }
            Msg::NewFile => self.new_file(),
            Msg::Undo => self.travel(true),
            Msg::Redo => self.travel(false),
            Msg::Reset => {
                self.remember();
                self.load(Live::new((*self.live.start).clone()), Screen::default());
            }
            Msg::Pause => self.paused = !self.paused,
            Msg::Speed => self.speed = (self.speed + 1) % SPEEDS.len(),
            Msg::Share => self.share = Some(browser::address_with_hash(&format!("s={}", self.live.link()))),
            Msg::CloseShare => self.share = None,
            Msg::Copy(text) => browser::copy(&text),
            Msg::Theme => self.switch_theme(),
            Msg::Select(key) => {
                self.selected = key;
                self.refresh_details();
            }
            Msg::Tab(tab) => {
                self.tab = tab;
                self.refresh_details();
            }
            Msg::Pane(pane) => self.pane = pane,
            Msg::ShowLabs(show) => self.show_labs = show,
            Msg::StartLab(name) => {
                if let Some((entry, lab)) = find_lab(name) {
                    self.remember();
                    self.load(Live::new(Start::of_lab(entry, &lab, SEED)), Screen::default());
                    self.show_labs = false;
                    self.pane = Pane::Lab;
                }
            }
            Msg::LeaveLab => {
                self.remember();
                self.load(Live::new(first_scenario()), Screen::default());
            }
            Msg::Hint(step) => {
                if let Some(lab) = &mut self.lab {
                    lab.show_hint(step);
                }
            }
            Msg::Solution(step) => self.solve(step),
            Msg::OpenLink(hash) => self.open_link(&hash),
            Msg::EditorReady => self.show_file(),
        }
        let _ = ctx;
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let class = classes!(
            "app",
            self.embedded.then_some("embedded"),
            self.lab.is_some().then_some("with-lab"),
            match self.pane {
                Pane::Lab => "show-lab",
                Pane::Files => "show-files",
                Pane::Cluster => "show-cluster",
                Pane::Console => "show-console",
            },
            self.selected.is_some().then_some("with-details")
        );
        html! {
            <div {class}>
                { self.view_bar(ctx) }
                <main class="grid">
                    { self.view_left(ctx) }
                    { self.view_cluster(ctx) }
                    { self.view_details(ctx) }
                    { self.view_console(ctx) }
                </main>
                { self.view_bottom_bar(ctx) }
                { self.view_share(ctx) }
            </div>
        }
    }

    fn rendered(&mut self, _ctx: &Context<Self>, first: bool) {
        browser::scroll_to_end(&self.log);
        if first {
            self.show_file();
            browser::focus("console-input");
        }
        if self.embedded {
            browser::tell_height();
        }
    }
}

impl App {
    /// Puts another session in the place of this one.
    fn load(&mut self, live: Live, screen: Screen) {
        self.lab = LabState::of(&live);
        self.live = live;
        self.screen = screen;
        self.selected = None;
        self.open_file = String::new();
        self.after_load();
    }

    fn after_load(&mut self) {
        if self.open_file.is_empty() {
            self.open_file = self.live.start.files.first().map_or_else(String::new, |file| file.name.clone());
        }
        self.seen_version = 0;
        self.refresh();
        self.show_file();
    }

    /// Keeps an undo point; what was undone is forgotten.
    fn remember(&mut self) {
        self.undo.push(Point { live: self.live.clone(), screen: self.screen.clone() });
        if self.undo.len() > UNDO_MAX {
            self.undo.remove(0);
        }
        self.redo.clear();
    }

    fn travel(&mut self, back: bool) {
        let (from, to) = if back { (&mut self.undo, &mut self.redo) } else { (&mut self.redo, &mut self.undo) };
        let Some(point) = from.pop() else { return };
        to.push(Point { live: self.live.clone(), screen: self.screen.clone() });
        let open = self.open_file.clone();
        self.load(point.live, point.screen);
        if self.file_names().contains(&open) {
            self.open_file = open;
            self.show_file();
        }
        self.save();
    }

    fn tick(&mut self) -> bool {
        self.store();
        let now = browser::now();
        let passed = (now - self.last_tick).min(CATCH_UP_MS);
        self.last_tick = now;
        if self.paused {
            return false;
        }
        self.owed += passed * f64::from(SPEEDS[self.speed]);
        let quantum = QUANTUM.0 as f64;
        while self.owed >= quantum {
            self.live.tick();
            self.owed -= quantum;
            if browser::now() - now > FRAME_MS {
                // A machine that is too slow for the speed lets time go slower, not faster later.
                self.owed = 0.0;
            }
        }
        self.take_output() | self.refresh()
    }

    /// Moves what the session printed to the screen. True: something was.
    fn take_output(&mut self) -> bool {
        let chunks = self.live.session.take_output();
        let notes = self.live.session.take_notes();
        let some = !chunks.is_empty() || !notes.is_empty();
        self.screen.write(&chunks);
        notes.iter().for_each(|note| self.screen.note(note));
        some
    }

    /// Derives what the panes show where the cluster changed. True: something did.
    fn refresh(&mut self) -> bool {
        let version = self.live.session.cluster.api.store.version();
        let picture = Picture::of(&self.live.session.cluster);
        let changed = version != self.seen_version || picture != *self.picture;
        if !changed {
            return false;
        }
        self.seen_version = version;
        if picture != *self.picture {
            self.picture = Rc::new(picture);
        }
        self.events = Rc::new(details::events(&self.live.session.cluster));
        if let Some(lab) = &mut self.lab
            && lab.look(&self.live.session)
        {
            lab.save();
        }
        self.refresh_details();
        true
    }

    fn refresh_details(&mut self) {
        self.details = self.selected.as_ref().map_or_else(String::new, |key| details::text(&self.live.session, key, self.tab));
    }

    /// Runs a line as a user types it.
    fn run(&mut self, line: String) {
        match self.live.session.state() {
            ConsoleState::Running => return,
            ConsoleState::Prompt => self.remember(),
            ConsoleState::Continuation | ConsoleState::Reading => {}
        }
        self.screen.typed(&self.live.session.prompt(), &line);
        self.input.entered(&line);
        self.live.act(Action::Line(line));
        self.take_output();
        self.refresh();
        self.save();
    }

    fn apply(&mut self, verb: &str) {
        if !self.open_file.is_empty() {
            self.run(format!("kubectl {verb} -f {}", self.open_file));
        }
    }

    fn key(&mut self, key: console::Key) {
        match key {
            console::Key::Enter => {
                let line = self.input.take();
                self.run(line);
            }
            console::Key::Interrupt => {
                self.screen.typed(&self.live.session.prompt(), &format!("{}^C", self.input.take()));
                self.live.act(Action::Interrupt);
                self.take_output();
                self.refresh();
            }
            console::Key::End => {
                self.live.act(Action::End);
                self.take_output();
                self.refresh();
            }
            console::Key::Clear => self.screen.clear(),
            console::Key::Complete => {
                let (start, candidates) = self.live.session.complete(self.input.text());
                if let Some(list) = self.input.complete(start, &candidates) {
                    self.screen.typed(&self.live.session.prompt(), self.input.text());
                    self.screen.text(&list);
                }
            }
            key => self.input.key(&key),
        }
    }

    fn edit(&mut self, text: String) {
        if self.open_file.is_empty() || self.live.session.read_file(&self.open_file).as_deref() == Some(text.as_str()) {
            return;
        }
        self.live.act(Action::File(self.open_file.clone(), text));
        browser::mark(&details::mistakes(&self.live.session, &self.open_file));
        self.save();
    }

    fn new_file(&mut self) {
        let names = self.file_names();
        let name = (1..).map(|number| format!("manifest-{number}.yaml")).find(|name| !names.contains(name)).unwrap_or_default();
        self.live.act(Action::File(name.clone(), String::new()));
        self.open_file = name;
        self.show_file();
    }

    /// The manifests of the console's home folder.
    fn file_names(&self) -> Vec<String> {
        self.live
            .session
            .file_names()
            .into_iter()
            .filter(|name| name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json"))
            .collect()
    }

    fn show_file(&self) {
        browser::show_text(&self.live.session.read_file(&self.open_file).unwrap_or_default());
        browser::mark(&details::mistakes(&self.live.session, &self.open_file));
    }

    fn solve(&mut self, step: usize) {
        let Some(lines) = self.lab.as_ref().and_then(|lab| lab.solution(step)) else { return };
        if let Some(lab) = &mut self.lab
            && !lab.shows_solution(step)
        {
            lab.show_solution(step);
            return;
        }
        // The lines are typed one after the other; each waits for the one before.
        for line in lines {
            self.run(line);
            self.live.session.run_to_prompt();
            self.take_output();
        }
        self.refresh();
    }

    fn open_link(&mut self, hash: &str) {
        let Some(link) = hash.strip_prefix("s=") else { return };
        match Live::open(link) {
            Ok(opened) => {
                self.remember();
                let screen = Screen::restored(&opened.live);
                self.load(opened.live, screen);
                self.notice = (!opened.differs.is_empty()).then(|| format!("Played again, these differ: {}.", opened.differs.join(", ")));
            }
            Err(why) => self.notice = Some(format!("{why} What was here before is still here.")),
        }
    }

    fn switch_theme(&mut self) {
        let dark = if self.theme.is_empty() { browser::prefers_dark() } else { self.theme == "dark" };
        self.theme = if dark { "light" } else { "dark" }.to_owned();
        browser::set_theme(&self.theme);
        browser::store("theme", &self.theme);
    }

    /// Keeps the session for the next visit of this browser, at the next tick: no command waits for it.
    fn save(&mut self) {
        self.unsaved = !self.embedded;
    }

    fn store(&mut self) {
        if self.unsaved && late::here() {
            self.unsaved = false;
            browser::store("session", &self.live.link());
        }
    }

    fn view_bar(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let message = |make: fn() -> Msg| link.callback(move |_: MouseEvent| make());
        html! {
            <header class="bar">
                <h1 class="brand"><span class="logo" aria-hidden="true"></span>{ "StateLab" }</h1>
                <span class="scenario">{ &self.live.start.title }</span>
                <button class="btn" onclick={message(|| Msg::ShowLabs(true))} aria-expanded={self.show_labs.to_string()}>{ "Labs" }</button>
                <span class="grow"></span>
                <button class="btn" onclick={message(|| Msg::Undo)} disabled={self.undo.is_empty()}>{ "Undo" }</button>
                <button class="btn" onclick={message(|| Msg::Redo)} disabled={self.redo.is_empty()}>{ "Redo" }</button>
                <button class="btn" onclick={message(|| Msg::Pause)} aria-pressed={self.paused.to_string()} aria-label="Pause">{ if self.paused { "Go on" } else { "Pause" } }</button>
                <button class="btn" onclick={message(|| Msg::Speed)} aria-label="Speed">{ format!("{}×", SPEEDS[self.speed]) }</button>
                <button class="btn" onclick={message(|| Msg::Reset)}>{ "Reset" }</button>
                <button class="btn line" onclick={message(|| Msg::Share)}>{ "Share" }</button>
                <button class="btn icon" onclick={message(|| Msg::Theme)} aria-label="Theme">{ "◐" }</button>
            </header>
        }
    }

    fn view_left(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let names = self.file_names();
        let tab = |name: &String| {
            let (open, target) = (*name == self.open_file, name.clone());
            html! { <button role="tab" class={classes!("tab", open.then_some("on"))} aria-selected={open.to_string()} onclick={link.callback(move |_| Msg::OpenFile(target.clone()))}>{ name }</button> }
        };
        let edit = link.callback(|event: InputEvent| Msg::Edit(event.target_unchecked_into::<web_sys::HtmlTextAreaElement>().value()));
        let file = self.open_file.clone();
        let typed = |verb: &'static str| {
            let file = file.clone();
            link.callback(move |_: MouseEvent| Msg::Run(format!("kubectl {verb} -f {file}")))
        };
        html! {
            <div class="left">
                { self.view_lab(ctx) }
                <section class="pane files" aria-label="Files">
                    <div class="head tabs" role="tablist" aria-label="Files">
                        { for names.iter().map(tab) }
                        <button class="btn icon" aria-label="New file" onclick={link.callback(|_| Msg::NewFile)}>{ "+" }</button>
                    </div>
                    <div class="editor" id="editor">
                        <textarea id="manifest" aria-label="Manifest" spellcheck="false" autocapitalize="off" oninput={edit} />
                    </div>
                    <div id="mistakes" class="mistakes" role="status"></div>
                    <div class="foot">
                        <span class="grow"></span>
                        <button class="btn" onclick={typed("delete")} disabled={file.is_empty()}>{ "Delete" }</button>
                        <button class="btn fill" onclick={typed("apply")} disabled={file.is_empty()}>{ "Apply" }</button>
                    </div>
                </section>
            </div>
        }
    }

    fn view_bottom_bar(&self, ctx: &Context<Self>) -> Html {
        let item = |pane: Pane, name: &'static str| {
            let on = self.pane == pane;
            html! { <button class={classes!(on.then_some("on"))} aria-current={on.then_some("page")} onclick={ctx.link().callback(move |_| Msg::Pane(pane))}>{ name }</button> }
        };
        html! {
            <nav class="bottom" aria-label="Panes">
                { item(Pane::Lab, "Lab") }{ item(Pane::Files, "Files") }{ item(Pane::Cluster, "Cluster") }{ item(Pane::Console, "Console") }
            </nav>
        }
    }

    fn view_share(&self, ctx: &Context<Self>) -> Html {
        let Some(address) = &self.share else { return Html::default() };
        let (copied, link) = (address.clone(), ctx.link());
        html! {
            <div class="sheet" role="dialog" aria-label="Share">
                <h2>{ "Share" }</h2>
                <p>{ "This link opens the very same cluster: its files, its commands and what came of them." }</p>
                <input class="link" aria-label="Link" readonly=true value={address.clone()} />
                <p class="small dim">{ format!("{} characters", address.chars().count()) }</p>
                <div class="foot">
                    <button class="btn" onclick={link.callback(|_| Msg::CloseShare)}>{ "Close" }</button>
                    <button class="btn fill" onclick={link.callback(move |_| Msg::Copy(copied.clone()))}>{ "Copy link" }</button>
                </div>
            </div>
        }
    }
}

/// Mounts the app in the page.
pub fn mount() {
    late::prepare();
    browser::set_theme(&browser::stored("theme").unwrap_or_default());
    yew::Renderer::<App>::new().render();
    browser::remove_loading();
    late::fetch();
}
