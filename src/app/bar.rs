//! The bar at the top.

use super::console::INPUT;
use super::effect::{Effect, Scope};
use super::icons::icon;
use yew::prelude::*;

/// What the bar shows of the parts.
pub struct Bar<'a> {
    /// The session's title.
    pub title: &'a str,
    pub embedded: bool,
    pub shows_palette: bool,
    pub shows_labs: bool,
    pub shows_files: bool,
    pub can_undo: bool,
    pub can_redo: bool,
    pub paused: bool,
    /// In simulated seconds a second.
    pub speed: u32,
}

impl Bar<'_> {
    pub fn view(&self, ask: &Callback<Effect>) -> Html {
        let on_click = |effect: fn() -> Effect| ask.reform(move |_: MouseEvent| effect());
        let label = |sign: &'static str, name: &'static str| html! { <>{ icon(sign) }<span class="name">{ name }</span></> };
        let pause = if self.paused { label("play", "Go on") } else { label("pause", "Pause") };
        html! {
            <header class="bar">
                <button class="skip" onclick={on_click(|| Effect::Focus(INPUT))}>{ "Skip to the console" }</button>
                <h1 class="brand"><span class="logo" aria-hidden="true"></span><span class="name">{ "StateLab" }</span></h1>
                <button class="btn scenario" onclick={on_click(|| Effect::OpenPalette(Scope::Starts))} aria-haspopup="dialog" aria-expanded={self.shows_palette.to_string()} title="Start from another scenario or lab"><span class="title">{ self.title }</span>{ icon("open") }</button>
                <button class="btn" onclick={on_click(|| Effect::ShowLabs)} aria-expanded={self.shows_labs.to_string()} aria-label="Labs">{ label("labs", "Labs") }</button>
                if self.embedded {
                    <button class="btn panes" onclick={on_click(|| Effect::ShowFiles)} aria-pressed={self.shows_files.to_string()} aria-label="Files">{ label("file", "Files") }</button>
                }
                <span class="grow"></span>
                <button class="btn search" id="search" onclick={on_click(|| Effect::OpenPalette(Scope::Everything))} aria-haspopup="dialog" aria-keyshortcuts="Control+K" aria-label="Search or run">{ icon("search") }<span class="name">{ "Search or run" }</span><kbd aria-hidden="true">{ "Ctrl K" }</kbd></button>
                <span class="divide" aria-hidden="true"></span>
                <button class="btn" onclick={on_click(|| Effect::Undo)} aria-disabled={(!self.can_undo).then_some("true")} aria-label="Undo">{ label("undo", "Undo") }</button>
                <button class="btn" onclick={on_click(|| Effect::Redo)} aria-disabled={(!self.can_redo).then_some("true")} aria-label="Redo">{ label("redo", "Redo") }</button>
                <span class="divide" aria-hidden="true"></span>
                <button class="btn" onclick={on_click(|| Effect::Pause)} aria-pressed={self.paused.to_string()} aria-label="Pause">{ pause }</button>
                <button class="btn speed" onclick={on_click(|| Effect::ChangeSpeed)} aria-label="Speed" title="How fast time goes">{ format!("{}×", self.speed) }</button>
                <button class="btn" onclick={on_click(|| Effect::Reset)} aria-label="Reset">{ label("reset", "Reset") }</button>
                <span class="divide" aria-hidden="true"></span>
                <button class="btn line" id="share" onclick={on_click(|| Effect::Share)} aria-label="Share">{ label("share", "Share") }</button>
                <button class="btn icon" onclick={on_click(|| Effect::SwitchTheme)} aria-label="Theme">{ icon("theme") }</button>
            </header>
        }
    }
}
