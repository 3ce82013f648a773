//! Panes that can be made wider and higher, with the pointer and with the keyboard; this browser remembers how.

use super::{App, Msg, browser};
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

/// Sizes that the user chose; the style sheet has the others.
#[derive(Default)]
pub struct Sizes([Option<f64>; 3]);

impl Sizes {
    pub fn stored() -> Sizes {
        let kept = browser::stored("panes").unwrap_or_default();
        let mut sizes = Sizes::default();
        for (place, text) in kept.split(',').take(SIDES.len()).enumerate() {
            sizes.0[place] = text.parse().ok().filter(|size: &f64| size.is_finite());
        }
        sizes
    }

    pub fn set(&mut self, side: Side, size: f64) {
        let (_, _, _, least, greatest) = *row(side);
        if let Some(place) = SIDES.iter().position(|row| row.0 == side) {
            self.0[place] = Some(size.clamp(least, greatest).round());
        }
    }

    pub fn store(&self) {
        let texts: Vec<String> = self.0.iter().map(|size| size.map_or_else(String::new, |size| size.to_string())).collect();
        browser::store("panes", &texts.join(","));
    }

    /// As custom properties of the style sheet.
    pub fn style(&self) -> String {
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

impl App {
    pub(super) fn view_separator(&self, ctx: &Context<Self>, side: Side) -> Html {
        let (_, name, label, least, greatest) = *row(side);
        let link = ctx.link();
        let now = self.pane_size(side);
        let press = Callback::from(|event: PointerEvent| {
            event.prevent_default();
            browser::capture(&event);
        });
        let drag = link.batch_callback(move |event: PointerEvent| (event.buttons() == 1).then(|| Msg::Resize(side, dragged(side, &event))));
        let key = link.batch_callback(move |event: KeyboardEvent| {
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
    fn pane_size(&self, side: Side) -> f64 {
        let place = SIDES.iter().position(|row| row.0 == side).unwrap_or(0);
        self.sizes.0[place].unwrap_or_else(|| browser::custom_property(row(side).1))
    }
}
