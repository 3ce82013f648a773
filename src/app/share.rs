//! The sheet with the link to what is here.

use super::browser;
use super::effect::{Effect, Link};
use crate::playground::share::Live;
use yew::prelude::*;

/// The box that has the link's text.
pub const LINK: &str = "share-link";

pub enum Msg {
    Close,
}

/// The sheet, while it is open.
#[derive(Default)]
pub struct Share {
    address: Option<String>,
    /// Something was copied since the sheet was opened.
    copied: bool,
}

impl Share {
    pub fn open(&mut self, live: &Live) {
        browser::remember_focus();
        self.address = Some(browser::address_with_hash(&format!("s={}", live.link())));
        self.copied = false;
    }

    pub fn update(&mut self, msg: Msg) {
        match msg {
            Msg::Close => {
                self.address = None;
                browser::give_focus_back();
            }
        }
    }

    /// A text was copied.
    pub fn copied(&mut self) {
        self.copied = true;
    }

    pub fn view(&self, link: &Link<Msg>) -> Html {
        self.address.as_ref().map_or_else(Html::default, |address| self.view_open(address, link))
    }

    fn view_open(&self, address: &str, link: &Link<Msg>) -> Html {
        let copied = address.to_owned();
        let close = link.send_some(|event: KeyboardEvent| (event.key() == "Escape").then_some(Msg::Close));
        html! {
            <div class="sheet" role="dialog" aria-label="Share" onkeydown={close}>
                <h2>{ "Share" }</h2>
                <p>{ "This link opens the very same cluster: its files, its commands and what came of them." }</p>
                <input class="link" id={LINK} aria-label="Link" readonly=true value={address.to_owned()} />
                <p class="small dim">{ format!("{} characters", address.chars().count()) }</p>
                <div class="foot">
                    <button class="btn" onclick={link.send(|_| Msg::Close)}>{ "Close" }</button>
                    <button class="btn fill" onclick={link.ask(move |_| Effect::Copy(copied.clone()))}>{ if self.copied { "Copied" } else { "Copy link" } }</button>
                </div>
            </div>
        }
    }
}
