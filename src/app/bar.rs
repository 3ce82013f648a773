//! The bar at the top, the panes' bar at the foot of a phone, and the sheet with the link.

use super::icons::icon;
use super::palette::Scope;
use super::{App, Msg, Pane, SPEEDS};
use yew::prelude::*;

impl App {
    pub(super) fn view_bar(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let message = |make: fn() -> Msg| link.callback(move |_: MouseEvent| make());
        let label = |sign: &'static str, name: &'static str| html! { <>{ icon(sign) }<span class="name">{ name }</span></> };
        let pause = if self.paused { label("play", "Go on") } else { label("pause", "Pause") };
        html! {
            <header class="bar">
                <button class="skip" onclick={message(|| Msg::Focus("console-input"))}>{ "Skip to the console" }</button>
                <h1 class="brand"><span class="logo" aria-hidden="true"></span><span class="name">{ "StateLab" }</span></h1>
                <button class="btn scenario" onclick={message(|| Msg::Palette(Scope::Starts))} aria-haspopup="dialog" aria-expanded={self.palette.is_some().to_string()} title="Start from another scenario or lab"><span class="title">{ &self.live.start.title }</span>{ icon("open") }</button>
                <button class="btn" onclick={message(|| Msg::ShowLabs(true))} aria-expanded={self.show_labs.to_string()} aria-label="Labs">{ label("labs", "Labs") }</button>
                if self.embedded {
                    <button class="btn panes" onclick={message(|| Msg::ShowFiles)} aria-pressed={(self.pane == Pane::Files).to_string()} aria-label="Files">{ label("file", "Files") }</button>
                }
                <span class="grow"></span>
                <button class="btn search" id="search" onclick={message(|| Msg::Palette(Scope::Everything))} aria-haspopup="dialog" aria-keyshortcuts="Control+K" aria-label="Search or run">{ icon("search") }<span class="name">{ "Search or run" }</span><kbd aria-hidden="true">{ "Ctrl K" }</kbd></button>
                <span class="divide" aria-hidden="true"></span>
                <button class="btn" onclick={message(|| Msg::Undo)} aria-disabled={self.undo.is_empty().then_some("true")} aria-label="Undo">{ label("undo", "Undo") }</button>
                <button class="btn" onclick={message(|| Msg::Redo)} aria-disabled={self.redo.is_empty().then_some("true")} aria-label="Redo">{ label("redo", "Redo") }</button>
                <span class="divide" aria-hidden="true"></span>
                <button class="btn" onclick={message(|| Msg::Pause)} aria-pressed={self.paused.to_string()} aria-label="Pause">{ pause }</button>
                <button class="btn speed" onclick={message(|| Msg::Speed)} aria-label="Speed" title="How fast time goes">{ format!("{}×", SPEEDS[self.speed]) }</button>
                <button class="btn" onclick={message(|| Msg::Reset)} aria-label="Reset">{ label("reset", "Reset") }</button>
                <span class="divide" aria-hidden="true"></span>
                <button class="btn line" id="share" onclick={message(|| Msg::Share)} aria-label="Share">{ label("share", "Share") }</button>
                <button class="btn icon" onclick={message(|| Msg::Theme)} aria-label="Theme">{ icon("theme") }</button>
            </header>
        }
    }

    pub(super) fn view_bottom_bar(&self, ctx: &Context<Self>) -> Html {
        let item = |pane: Pane, name: &'static str, sign: &'static str| {
            let on = self.pane == pane;
            html! { <button class={classes!(on.then_some("on"))} aria-current={on.then_some("page")} onclick={ctx.link().callback(move |_| Msg::Pane(pane))}>{ icon(sign) }<span>{ name }</span></button> }
        };
        // What the console said last, for a phone that shows another pane.
        let last = self.screen.last_command().map(|(typed, said)| {
            let open = ctx.link().callback(|_| Msg::Pane(Pane::Console));
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

    #[inline(never)]
    pub(super) fn view_share(&self, ctx: &Context<Self>, address: &str) -> Html {
        let (copied, link) = (address.to_owned(), ctx.link());
        let close = link.batch_callback(|event: KeyboardEvent| (event.key() == "Escape").then_some(Msg::CloseShare));
        html! {
            <div class="sheet" role="dialog" aria-label="Share" onkeydown={close}>
                <h2>{ "Share" }</h2>
                <p>{ "This link opens the very same cluster: its files, its commands and what came of them." }</p>
                <input class="link" id="share-link" aria-label="Link" readonly=true value={address.to_owned()} />
                <p class="small dim">{ format!("{} characters", address.chars().count()) }</p>
                <div class="foot">
                    <button class="btn" onclick={link.callback(|_| Msg::CloseShare)}>{ "Close" }</button>
                    <button class="btn fill" onclick={link.callback(move |_| Msg::Copy(copied.clone()))}>{ if self.copied { "Copied" } else { "Copy link" } }</button>
                </div>
            </div>
        }
    }
}
