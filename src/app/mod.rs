//! The browser: the Yew app. One struct component owns the session; everything else is a view of plain data.
//!
//! Every change goes one way: an event becomes a `Msg`, `update` acts on `Live`, and what the panes show is derived again.

mod bar;
mod browser;
mod console;
mod details;
mod events;
mod files;
mod history;
mod icons;
mod lab;
mod late;
mod line_editor;
mod opening;
mod palette;
mod panes;
mod picture;
mod screen;
mod time;
mod timeline;
mod toast;
mod typing;

use crate::playground::fixes::Fix;
use crate::playground::labs;
use crate::playground::layout::Scene;
use crate::playground::picture::Picture;
use crate::playground::share::{Live, Start};
use crate::playground::{suggestions, why};
use crate::values::object::ObjectKey;
use crate::values::yaml::Diagnostic;
use details::{Content, Tab};
use gloo::events::EventListener;
use gloo::timers::callback::Interval;
use lab::LabState;
use line_editor::{Key, LineEditor};
use opening::{Opening, SEED, find_lab, opening, scenario_start};
use screen::Screen;
use std::collections::{BTreeSet, VecDeque};
use toast::Toast;
use yew::prelude::*;

/// How often time goes on, in milliseconds of the wall clock.
const TICK_MS: u32 = 50;
/// Speeds, in simulated seconds a second.
const SPEEDS: [u32; 4] = [1, 2, 5, 20];

/// What is narrower is a phone, in pixels, as the style sheet has it.
const PHONE: f64 = 700.0;

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
    /// `kubectl apply` or `delete` of the open file.
    Apply(&'static str),
    /// Puts text where the cursor is in the console.
    Insert(&'static str),
    Line(String),
    /// Lines put into the console at once.
    Paste(String),
    Key(Key),
    Edit(String),
    OpenFile(String),
    NewFile,
    /// Begins or gives up renaming the open file.
    Renaming(bool),
    NameTyped(String),
    Rename,
    RemoveFile,
    Undo,
    Redo,
    /// Goes to a place of the time line, or to what is nearest to a part of it.
    TravelTo(usize),
    TravelNear(f64),
    Reset,
    Pause,
    Speed,
    Share,
    CloseShare,
    Copy(String),
    Theme,
    Select(Option<ObjectKey>),
    /// A file of an object, in the picture.
    OpenTile(ObjectKey, String),
    /// A file in the details: opens or closes it.
    ToggleFile(String),
    /// What the pointer is on.
    Hover(Option<ObjectKey>),
    /// Folds or opens the pods of an owner.
    Fold(ObjectKey),
    Resize(panes::Side, f64),
    Focus(&'static str),
    Dismiss,
    Tab(Tab),
    Pane(Pane),
    /// Shows the files of an embedded page, and hides them again.
    ShowFiles,
    ShowLabs(bool),
    StartLab(&'static str),
    /// A lab page from elsewhere, by its name, or why it could not be read.
    Page(String, Result<String, String>),
    StartScenario(usize),
    /// Opens the list of what can be done.
    Palette(palette::Scope),
    ClosePalette,
    Search(String),
    PaletteKey(String),
    /// A row of that list.
    Choose(usize),
    /// Mends a mistake of the open file.
    Fix(Fix),
    LeaveLab,
    Hint(usize),
    Solution(usize),
    OpenLink(String),
    EditorReady,
    /// The page is being left.
    Leave,
}

pub struct App {
    live: Live,
    screen: Screen,
    undo: Vec<history::Point>,
    redo: Vec<history::Point>,
    /// Lines of a solution that wait for their turn.
    pending: VecDeque<String>,
    input: LineEditor,
    open_file: String,
    /// The open file's new name, as far as it is written.
    renaming: Option<String>,
    mistakes: Vec<Diagnostic>,
    picture: Picture,
    scene: Scene,
    /// How wide the picture's pane is.
    room: i32,
    /// Owners whose pods are shown although they are many.
    unfolded: BTreeSet<ObjectKey>,
    glow: picture::Glow,
    hover: Option<(ObjectKey, String)>,
    seen_version: u64,
    /// When the cluster is looked at again; what takes long is done less often.
    look_at: f64,
    events: Vec<events::EventRow>,
    selected: Option<ObjectKey>,
    file: Option<String>,
    tab: Tab,
    details: Content,
    sizes: panes::Sizes,
    /// What takes the focus when the page is drawn.
    focus: Option<&'static str>,
    tab_leaves: bool,
    copied: bool,
    palette: Option<palette::Palette>,
    /// What was done, in a few words, and until when they are shown.
    toast: Option<(toast::Toast, f64)>,
    pane: Pane,
    lab: Option<LabState>,
    /// How many inputs there were when a command's end was last looked at.
    looked_after: usize,
    /// Commands to try first.
    suggestions: Vec<String>,
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

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> App {
        let Opening { live, screen, undo, note: notice } = opening();
        let link = ctx.link().clone();
        browser::on_hash_change(link.callback(Msg::OpenLink));
        browser::load_editor(link.callback(|()| Msg::EditorReady), link.callback(Msg::Edit), link.callback(|()| Msg::Apply("apply")));
        if browser::hash().starts_with("src=") && browser::asks_for_lab() {
            browser::on_lab(labs::PAGE_MAX, link.callback(|(name, text)| Msg::Page(name, text)));
        }
        let tick = ctx.link().clone();
        let leave = tick.clone();
        let mut app = App {
            lab: LabState::of(&live, None),
            suggestions: Vec::new(),
            looked_after: 0,
            live,
            screen,
            undo,
            redo: Vec::new(),
            pending: VecDeque::new(),
            input: LineEditor::default(),
            open_file: browser::stored("file").filter(|_| !browser::is_embedded()).unwrap_or_default(),
            renaming: None,
            mistakes: Vec::new(),
            picture: Picture::default(),
            scene: Scene::default(),
            room: first_room(),
            unfolded: BTreeSet::new(),
            glow: picture::Glow::default(),
            hover: None,
            seen_version: 0,
            look_at: 0.0,
            events: Vec::new(),
            selected: None,
            file: None,
            tab: Tab::Describe,
            details: Content::Gone,
            sizes: panes::Sizes::stored(),
            focus: Some("console-input"),
            tab_leaves: false,
            copied: false,
            palette: None,
            toast: None,
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
            unsaved: !browser::is_embedded() && !browser::hash().is_empty(),
            _interval: Interval::new(TICK_MS, move || tick.send_message(Msg::Tick)),
            _leave: web_sys::window().map(|window| EventListener::new(&window, "pagehide", move |_| leave.send_message(Msg::Leave))),
        };
        app.forget_oldest();
        app.recall_lines();
        app.after_load();
        app.show_lab_first();
        app
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Tick => return self.tick(),
            Msg::Run(line) => {
                self.run(line);
                self.go_on_typing();
            }
            Msg::Line(text) => {
                self.tab_leaves = false;
                self.input.set(text);
            }
            Msg::Key(key) => self.key(key),
            Msg::EditorReady => self.show_file(),
            msg => return self.act(ctx, msg),
        }
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
            <div {class} style={self.sizes.style()}>
                { self.view_bar(ctx) }
                <main class="grid">
                    { self.view_left(ctx) }
                    { self.view_cluster(ctx) }
                    if let Some(key) = &self.selected { { self.view_details(ctx, key) } }
                    { self.view_console(ctx) }
                </main>
                { self.view_bottom_bar(ctx) }
                if let Some(address) = &self.share { { self.view_share(ctx, address) } }
                if let Some(palette) = &self.palette { { self.view_palette(ctx, palette) } }
                { self.view_toast(ctx) }
            </div>
        }
    }

    fn rendered(&mut self, _ctx: &Context<Self>, first: bool) {
        browser::scroll_to_end(&self.log);
        if first {
            self.show_file();
        }
        if let Some(id) = self.focus.take() {
            browser::focus(id);
        }
        if self.embedded {
            browser::tell_height();
        }
    }
}

impl App {
    /// What no first answer needs.
    #[inline(never)]
    fn act(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        match msg {
            Msg::Paste(text) => self.paste(&text),
            Msg::Apply(verb) => self.apply(verb),
            Msg::Insert(text) => browser::insert("console-input", text),
            Msg::Edit(text) => self.edit(text),
            Msg::OpenFile(name) => {
                self.open_file = name;
                self.renaming = None;
                self.show_file();
                self.save();
            }
            Msg::NewFile => self.new_file(),
            Msg::Renaming(begins) => self.start_renaming(begins),
            Msg::NameTyped(name) => self.renaming = Some(name),
            Msg::Rename => self.rename_file(),
            Msg::RemoveFile => self.remove_file(),
            Msg::Undo => self.travel(true),
            Msg::Redo => self.travel(false),
            Msg::TravelTo(place) => self.travel_to(place),
            Msg::TravelNear(fraction) => self.travel_to(self.point_at(fraction)),
            Msg::Reset => self.replace(Opening::new((*self.live.start).clone())),
            Msg::Pause => self.paused = !self.paused,
            Msg::Speed => self.speed = (self.speed + 1) % SPEEDS.len(),
            Msg::Share => self.open_share(),
            Msg::CloseShare => {
                self.share = None;
                browser::give_focus_back();
            }
            Msg::Copy(text) => {
                browser::copy(&text);
                self.copied = true;
                self.tell(Toast::Copied);
            }
            Msg::Theme => self.switch_theme(),
            Msg::Select(key) => self.select_object(key, None),
            Msg::OpenTile(key, name) => {
                self.tab = Tab::Files;
                self.select_object(Some(key), Some(name));
            }
            Msg::ToggleFile(name) => {
                self.file = Some(name).filter(|name| self.file.as_ref() != Some(name));
                self.refresh_details();
            }
            Msg::Hover(key) => {
                let sentence = |key: ObjectKey| why::of(&self.live.session.cluster, &key).map(|why| (key, why.sentence));
                self.hover = key.and_then(sentence);
            }
            Msg::Fold(key) => {
                if !self.unfolded.remove(&key) {
                    self.unfolded.insert(key);
                }
                self.lay_out();
            }
            Msg::Resize(side, size) => {
                self.sizes.set(side, size);
                self.sizes.store();
            }
            Msg::Focus(id) => self.focus = Some(id),
            Msg::Dismiss => self.notice = None,
            Msg::Tab(tab) => {
                self.tab = tab;
                self.focus = Some("details-tab");
                self.refresh_details();
            }
            Msg::Pane(pane) => {
                self.pane = pane;
                // Without a lab there is nothing to see in its pane but which labs there are.
                self.show_labs |= pane == Pane::Lab && self.lab.is_none();
            }
            Msg::ShowFiles => {
                let (shown, lab) = (self.pane == Pane::Files, self.lab.is_some() || self.show_labs);
                self.pane = match (shown, lab) {
                    (false, _) => Pane::Files,
                    (true, true) => Pane::Lab,
                    (true, false) => Pane::Console,
                };
            }
            Msg::ShowLabs(show) => self.open_catalogue(show),
            Msg::StartLab(name) => {
                if let Some((entry, lab)) = find_lab(name) {
                    self.replace(Opening::new(Start::of_lab(entry, &lab, SEED)));
                    self.begin_lab();
                }
            }
            Msg::Page(name, text) => self.open_page(&name, text),
            Msg::LeaveLab => self.start_scenario(0),
            Msg::StartScenario(index) => self.start_scenario(index),
            Msg::Palette(scope) => self.open_palette(scope),
            Msg::ClosePalette if self.palette.is_none() => return false,
            Msg::ClosePalette => self.close_palette(),
            Msg::Search(query) => self.search(query),
            Msg::PaletteKey(key) => {
                let chosen = self.palette_key(&key);
                chosen.into_iter().for_each(|message| ctx.link().send_message(message));
            }
            Msg::Choose(row) => {
                let chosen = self.choose(row);
                chosen.into_iter().for_each(|message| ctx.link().send_message(message));
            }
            Msg::Fix(fix) => {
                let text = self.live.session.read_file(&self.open_file).unwrap_or_default();
                self.edit(fix.apply(&text));
                self.show_file();
            }
            Msg::Hint(step) => {
                if let Some(lab) = &mut self.lab {
                    lab.show_hint(step);
                }
            }
            Msg::Solution(step) => self.solve(step),
            Msg::OpenLink(hash) => self.open_link(&hash),
            Msg::Leave => {
                self.save();
                self.store();
            }
            // The others are `update`'s own.
            Msg::Tick | Msg::Run(_) | Msg::Line(_) | Msg::Key(_) | Msg::EditorReady => return false,
        }
        true
    }

    /// Puts another session in the place of this one.
    fn load(&mut self, live: Live, screen: Screen) {
        self.pending.clear();
        let before = self.lab.take();
        self.lab = LabState::of(&live, before);
        self.live = live;
        self.screen = screen;
        self.selected = None;
        self.open_file = String::new();
        self.after_load();
    }

    fn after_load(&mut self) {
        if !self.file_names().contains(&self.open_file) {
            self.open_file = self.live.start.files.first().map_or_else(String::new, |file| file.name.clone());
        }
        self.seen_version = 0;
        self.suggestions = suggestions::of(&self.live.session.cluster);
        self.refresh();
        self.show_file();
    }

    fn select_object(&mut self, key: Option<ObjectKey>, file: Option<String>) {
        match (&self.selected, &key) {
            (_, Some(_)) => browser::remember_focus(),
            (Some(_), None) => browser::give_focus_back(),
            (None, None) => {}
        }
        self.focus = key.as_ref().map(|_| "details-tab");
        (self.selected, self.file, self.hover) = (key, file, None);
        self.refresh_details();
    }

    fn open_share(&mut self) {
        browser::remember_focus();
        self.share = Some(browser::address_with_hash(&format!("s={}", self.live.link())));
        (self.copied, self.focus) = (false, Some("share-link"));
    }

    fn start_scenario(&mut self, index: usize) {
        self.replace(Opening::new(scenario_start(index)));
        self.show_labs = false;
        self.focus = Some("console-input");
    }

    fn open_catalogue(&mut self, open: bool) {
        if open {
            browser::remember_focus();
            (self.pane, self.focus) = (Pane::Lab, Some("first-lab"));
        } else {
            browser::give_focus_back();
        }
        self.show_labs = open;
    }

    fn switch_theme(&mut self) {
        let dark = if self.theme.is_empty() { browser::prefers_dark() } else { self.theme == "dark" };
        self.theme = if dark { "light" } else { "dark" }.to_owned();
        browser::set_theme(&self.theme);
        browser::store("theme", &self.theme);
    }
}

/// About how wide the picture's pane will be, before it can be measured.
fn first_room() -> i32 {
    let width = browser::window_size().0;
    (if width < PHONE { width } else { width - browser::custom_property("left") }) as i32
}

/// Mounts the app in the page.
pub fn mount() {
    late::prepare();
    browser::set_theme(&browser::stored("theme").unwrap_or_default());
    yew::Renderer::<App>::new().render();
    browser::remove_loading();
    late::fetch();
}
