//! Which pane a phone shows, and how wide and high panes are: with the pointer and with the keyboard; this browser remembers how.

use super::browser;
use super::console::screen::Screen;
use super::effect::{Effect, Link, Pane};
use super::icons::icon;
use yew::prelude::*;

/// What can be resized: the left pane's width, the details' width, the console's height.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Details,
    Console,
}

/// One row a side: its name in the style sheet and in the storage, its label, its least and greatest size in pixels.
const SIDES: [(Side, &str, &str, f64, f64); 3] = [
    (Side::Left, "left", "Width of the editor", 220.0, 620.0),
    (Side::Details, "details", "Width of the details", 240.0, 620.0),
    (Side::Console, "console", "Height of the console", 140.0, 640.0),
];
/// What one press of an arrow key moves.
const STEP: f64 = 16.0;

fn row(side: Side) -> &'static (Side, &'static str, &'static str, f64, f64) {
    SIDES.iter().find(|row| row.0 == side).unwrap_or(&SIDES[0])
}

pub enum Msg {
    /// Gives a pane another size, in pixels.
    Resize(Side, f64),
}

/// Sizes that the user chose, in pixels; the style sheet has the others.
#[derive(Default)]
struct Sizes([Option<f64>; 3]);

impl Sizes {
    fn stored() -> Sizes {
        let kept = browser::stored("panes").unwrap_or_default();
        let mut sizes = Sizes::default();
        for (place, text) in kept.split(',').take(SIDES.len()).enumerate() {
            sizes.0[place] = text.parse().ok().filter(|size: &f64| size.is_finite());
        }
        sizes
    }

    fn set(&mut self, side: Side, size: f64) {
        let (_, _, _, least, greatest) = *row(side);
        if let Some(place) = SIDES.iter().position(|row| row.0 == side) {
            self.0[place] = Some(size.clamp(least, greatest).round());
        }
    }

    fn store(&self) {
        let texts: Vec<String> = self.0.iter().map(|size| size.map_or_else(String::new, |size| size.to_string())).collect();
        browser::store("panes", &texts.join(","));
    }

    /// As custom properties of the style sheet.
    fn style(&self) -> String {
        SIDES.iter().zip(&self.0).filter_map(|((_, name, ..), size)| size.map(|size| format!("--{name}:{size}px;"))).collect()
    }
}

/// The size that a pointer at a place of the window asks for.
fn dragged(side: Side, event: &PointerEvent) -> f64 {
    let (width, height) = browser::window_size();
    match side {
        Side::Left => f64::from(event.client_x()),
        Side::Details => width - f64::from(event.client_x()),
        Side::Console => height - f64::from(event.client_y()),
    }
}

/// How the panes stand.
pub struct Panes {
    /// The pane that a phone shows.
    shown: Pane,
    sizes: Sizes,
}

impl Panes {
    pub fn new() -> Panes {
        Panes { shown: Pane::Console, sizes: Sizes::stored() }
    }

    pub fn shown(&self) -> Pane {
        self.shown
    }

    pub fn show(&mut self, pane: Pane) {
        self.shown = pane;
    }

    /// Shows the files of an embedded page, and hides them again: then there is a lab to go back to, or the console.
    pub fn toggle_files(&mut self, lab: bool) {
        self.shown = match (self.shown == Pane::Files, lab) {
            (false, _) => Pane::Files,
            (true, true) => Pane::Lab,
            (true, false) => Pane::Console,
        };
    }

    pub fn update(&mut self, msg: Msg) {
        match msg {
            Msg::Resize(side, size) => {
                self.sizes.set(side, size);
                self.sizes.store();
            }
        }
    }

    /// The chosen sizes, for the style sheet.
    pub fn style(&self) -> String {
        self.sizes.style()
    }

    /// The class of the page while a pane is shown.
    pub fn class(&self) -> &'static str {
        match self.shown {
            Pane::Lab => "show-lab",
            Pane::Files => "show-files",
            Pane::Cluster => "show-cluster",
            Pane::Console => "show-console",
        }
    }

    /// The edge of a pane, which can be moved.
    pub fn view_separator(&self, side: Side, link: &Link<Msg>) -> Html {
        let (_, name, label, least, greatest) = *row(side);
        let now = self.size(side);
        let press = Callback::from(|event: PointerEvent| {
            event.prevent_default();
            browser::capture(&event);
        });
        let drag = link.send_some(move |event: PointerEvent| (event.buttons() == 1).then(|| Msg::Resize(side, dragged(side, &event))));
        let key = link.send_some(move |event: KeyboardEvent| {
            // The arrows move the line; the pane right or below of it grows when the line goes left or up.
            let grows = if side == Side::Left { 1.0 } else { -1.0 };
            let size = match event.key().as_str() {
                "ArrowRight" | "ArrowDown" => now + STEP * grows,
                "ArrowLeft" | "ArrowUp" => now - STEP * grows,
                "Home" => least,
                "End" => greatest,
                _ => return None,
            };
            event.prevent_default();
            Some(Msg::Resize(side, size))
        });
        html! {
            <div class={classes!("separator", format!("at-{name}"))} role="separator" tabindex="0" aria-label={label} aria-orientation={if side == Side::Console { "horizontal" } else { "vertical" }}
                aria-valuenow={now.to_string()} aria-valuemin={least.to_string()} aria-valuemax={greatest.to_string()}
                onpointerdown={press} onpointermove={drag} onkeydown={key}></div>
        }
    }

    /// How wide or high a pane is now.
    fn size(&self, side: Side) -> f64 {
        let place = SIDES.iter().position(|row| row.0 == side).unwrap_or(0);
        self.sizes.0[place].unwrap_or_else(|| browser::custom_property(row(side).1))
    }

    /// The bar at the foot of a phone: the panes, and what the console said last where another pane is shown.
    pub fn view_bottom_bar(&self, screen: &Screen, ask: &Callback<Effect>) -> Html {
        let item = |pane: Pane, name: &'static str, sign: &'static str| {
            let on = self.shown == pane;
            html! { <button class={classes!(on.then_some("on"))} aria-current={on.then_some("page")} onclick={ask.reform(move |_| Effect::ShowPane(pane))}>{ icon(sign) }<span>{ name }</span></button> }
        };
        let last = screen.last_command().map(|(typed, said)| {
            let open = ask.reform(|_| Effect::ShowPane(Pane::Console));
            html! {
                <button class="peek" aria-label="What the console says" onclick={open}>
                    <span class="typed">{ &*typed.prompt }{ &*typed.text }</span>
                    <span>{ said.map_or("…", |line| &*line.text) }</span>
                </button>
            }
        });
        html! { <>
            { last.unwrap_or_default() }
            <nav class="bottom" aria-label="Panes">
                { item(Pane::Lab, "Lab", "labs") }{ item(Pane::Files, "Files", "file") }{ item(Pane::Cluster, "Cluster", "cluster") }{ item(Pane::Console, "Console", "console") }
            </nav>
        </> }
    }
}
