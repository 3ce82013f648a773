//! The browser: the Yew app. The root component owns the session and the parts of the page; each part has its state, its messages and its
//! view in a file or folder of its own, and asks with an `Effect` for what is not its own to change.
//!
//! Every change goes one way: an event becomes a `Msg`, the root hands it to its part, carries out the effects that the part asks for, and
//! what the parts show of the session is derived again. A part that is added is a file, a field of `App` and a row of `Msg`.

mod bar;
mod browser;
mod carry_out;
mod clock;
mod command;
mod console;
mod details;
mod effect;
mod events;
mod files;
mod history;
mod icons;
mod kept;
mod lab;
mod late;
mod notices;
mod opening;
mod palette;
mod panes;
mod picture;
mod share;
mod theme;
mod timeline;

use crate::playground::labs;
use crate::playground::share::Live;
use bar::Bar;
use clock::Clock;
use console::Console;
use details::Details;
use effect::{Effect, Link, Pane};
use events::EventList;
use files::Files;
use gloo::events::EventListener;
use gloo::timers::callback::{Interval, Timeout};
use history::History;
use kept::Kept;
use lab::LabPane;
use notices::Notices;
use opening::{Opening, opening};
use palette::Palette;
use panes::{Panes, Side};
use picture::PicturePane;
use share::Share;
use theme::Theme;
use yew::prelude::*;

/// How often time goes on, in milliseconds of the wall clock.
const TICK_MS: u32 = 50;
/// How long after a tick the next one goes on with what was too much for it, in milliseconds: the browser has its turn in between.
const SOON_MS: u32 = 4;

/// What the page is told: a part's own message goes to the part.
pub enum Msg {
    /// The browser's clock goes on.
    Tick,
    Console(console::Msg),
    Files(files::Msg),
    /// The editor has taken the text area's place.
    EditorReady,
    Picture(picture::Msg),
    Details(details::Msg),
    Lab(lab::Msg),
    Timeline(timeline::Msg),
    Palette(palette::Msg),
    Panes(panes::Msg),
    Share(share::Msg),
    Notices(notices::Msg),
    /// A button asks for what is not its part's own.
    Ask(Effect),
    /// The address has another hash.
    OpenLink(String),
    /// The page is being left.
    Leave,
}

/// The root component.
pub struct App {
    live: Live,
    history: History,
    clock: Clock,
    kept: Kept,
    console: Console,
    files: Files,
    lab: LabPane,
    picture: PicturePane,
    events: EventList,
    details: Details,
    palette: Option<Palette>,
    panes: Panes,
    share: Share,
    notices: Notices,
    theme: Theme,
    embedded: bool,
    /// What takes the focus when the page is drawn.
    focus: Option<&'static str>,
    _interval: Interval,
    /// The tick that goes on with a step of time.
    _soon: Option<Timeout>,
    /// A page that is left keeps what no tick has kept yet.
    _leave: Option<EventListener>,
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<Self>) -> App {
        let Opening { live, screen, undo, notice } = opening();
        let embedded = browser::is_embedded();
        listen(ctx);
        let (tick, leave) = (ctx.link().clone(), ctx.link().clone());
        let mut app = App {
            history: History::new(undo),
            clock: Clock::new(),
            kept: Kept::new(embedded),
            console: Console::new(&live, screen),
            files: Files::new(&live, browser::stored("file").filter(|_| !embedded).unwrap_or_default()),
            lab: LabPane::new(&live, embedded),
            picture: PicturePane::new(),
            events: EventList::default(),
            details: Details::new(),
            palette: None,
            panes: Panes::new(),
            share: Share::default(),
            notices: Notices::new(notice),
            theme: Theme::stored(),
            live,
            embedded,
            focus: Some(console::INPUT),
            _soon: None,
            _interval: Interval::new(TICK_MS, move || tick.send_message(Msg::Tick)),
            _leave: web_sys::window().map(|window| EventListener::new(&window, "pagehide", move |_| leave.send_message(Msg::Leave))),
        };
        app.refresh();
        app.show_lab_first();
        app
    }

    fn update(&mut self, ctx: &Context<Self>, msg: Msg) -> bool {
        let mut effects = Vec::new();
        match msg {
            Msg::Tick => {
                let draws = self.tick();
                let link = ctx.link().clone();
                self._soon = self.clock.is_behind().then(|| Timeout::new(SOON_MS, move || link.send_message(Msg::Tick)));
                return draws;
            }
            Msg::Console(msg) => effects = self.console.update(msg, &self.live),
            Msg::Files(msg) => effects = self.files.update(msg, &self.live),
            Msg::EditorReady => self.files.show(&self.live),
            Msg::Picture(msg) => self.picture.update(msg, &self.live),
            Msg::Details(msg) => effects = self.details.update(msg, &self.live),
            Msg::Lab(msg) => effects = self.lab.update(msg),
            Msg::Timeline(msg) => effects = timeline::update(msg, &self.history, &self.live),
            Msg::Palette(msg) => {
                let sources = palette_sources(&self.live, &self.console, &self.picture);
                let Some(palette) = &mut self.palette else { return false };
                effects = palette.update(msg, &sources);
            }
            Msg::Panes(msg) => self.panes.update(msg),
            Msg::Share(msg) => self.share.update(msg),
            Msg::Notices(msg) => self.notices.update(msg),
            Msg::Ask(effect) => effects.push(effect),
            Msg::OpenLink(hash) => self.open_link(&hash),
            Msg::Leave => {
                self.kept.save();
                self.kept.store(&self.live, self.files.open_name());
            }
        }
        self.carry_out(effects);
        true
    }

    fn view(&self, ctx: &Context<Self>) -> Html {
        let ask = ctx.link().callback(Msg::Ask);
        let panes = Link::new(ctx.link().callback(Msg::Panes), ask.clone());
        let separator = |side: Side| self.panes.view_separator(side, &panes);
        let class = classes!(
            "app",
            self.embedded.then_some("embedded"),
            self.lab.is_open().then_some("with-lab"),
            self.panes.class(),
            self.details.selected().is_some().then_some("with-details")
        );
        html! {
            <div {class} style={self.panes.style()}>
                { self.bar().view(&ask) }
                <main class="grid">
                    <div class="left">
                        { separator(Side::Left) }
                        { self.lab.view(&self.live, &Link::new(ctx.link().callback(Msg::Lab), ask.clone())) }
                        { self.files.view(&self.live, &Link::new(ctx.link().callback(Msg::Files), ask.clone())) }
                    </div>
                    { self.view_cluster(ctx, &ask) }
                    { self.details.view(&self.live, self.picture.picture(), &Link::new(ctx.link().callback(Msg::Details), ask.clone()), || separator(Side::Details)) }
                    { self.view_console(ctx, &ask, separator(Side::Console)) }
                </main>
                { self.panes.view_bottom_bar(self.console.screen(), &ask) }
                { self.share.view(&Link::new(ctx.link().callback(Msg::Share), ask.clone())) }
                if let Some(palette) = &self.palette { { palette.view(&palette_sources(&self.live, &self.console, &self.picture), &Link::new(ctx.link().callback(Msg::Palette), ask.clone())) } }
                { self.notices.view_toast(&ask) }
            </div>
        }
    }

    fn rendered(&mut self, _ctx: &Context<Self>, first: bool) {
        self.console.scroll_to_end();
        if first {
            self.files.show(&self.live);
        }
        if let Some(id) = self.focus.take() {
            browser::focus(id);
        }
        if self.embedded {
            browser::tell_height();
        }
    }
}

/// What comes from outside of the page's own elements: its address, the editor, an embedding page.
fn listen(ctx: &Context<App>) {
    let link = ctx.link();
    browser::on_hash_change(link.callback(Msg::OpenLink));
    let (edit, apply) = (link.callback(|text| Msg::Files(files::Msg::Edit(text))), link.callback(|()| Msg::Files(files::Msg::Apply)));
    browser::load_editor(link.callback(|()| Msg::EditorReady), edit, apply);
    if browser::hash().starts_with("src=") && browser::asks_for_lab() {
        browser::on_lab(labs::PAGE_MAX, link.callback(|(name, text)| Msg::Lab(lab::Msg::Page(name, text))));
    }
}

impl App {
    fn bar(&self) -> Bar<'_> {
        Bar {
            title: &self.live.start.title,
            embedded: self.embedded,
            shows_palette: self.palette.is_some(),
            shows_labs: self.lab.shows_catalogue(),
            shows_files: self.panes.shown() == Pane::Files,
            can_undo: self.history.can_undo(),
            can_redo: self.history.can_redo(),
            paused: self.clock.is_paused(),
            speed: self.clock.speed(),
        }
    }

    /// The picture, and below it the events with the time line.
    fn view_cluster(&self, ctx: &Context<Self>, ask: &Callback<Effect>) -> Html {
        let timeline = if late::here() {
            timeline::view(&self.history, &self.live, &self.events, &Link::new(ctx.link().callback(Msg::Timeline), ask.clone()))
        } else {
            Html::default()
        };
        let view = picture::View {
            pane: &self.picture,
            live: &self.live,
            selected: self.details.selected(),
            file: self.details.file(),
            link: Link::new(ctx.link().callback(Msg::Picture), ask.clone()),
        };
        view.view(self.events.view(self.live.session.cluster(), ask, timeline))
    }

    fn view_console(&self, ctx: &Context<Self>, ask: &Callback<Effect>, separator: Html) -> Html {
        let notice = self.notices.view_notice(&Link::new(ctx.link().callback(Msg::Notices), ask.clone()));
        let link = Link::new(ctx.link().callback(Msg::Console), ask.clone());
        self.console.view(&self.live, &link, html! { <>{ separator }{ notice }</> })
    }
}

/// What the palette's rows are made of.
fn palette_sources<'a>(live: &'a Live, console: &'a Console, picture: &'a PicturePane) -> palette::Sources<'a> {
    palette::Sources {
        in_lab: live.start.lab.is_some(),
        suggestions: console.suggestions(),
        picture: picture.picture(),
        files: files::manifests(live),
    }
}

/// Mounts the app in the page.
pub fn mount() {
    late::prepare();
    Theme::stored().show();
    yew::Renderer::<App>::new().render();
    browser::remove_loading();
    late::fetch();
}
