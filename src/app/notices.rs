//! What the page says to the user: a notice that stays until it is dismissed, and a few words about what was just done, read out by screen
//! readers and gone after a moment.

use super::browser;
use super::effect::{Effect, Link};
use super::history::Way;
use super::icons::icon;
use crate::playground::share::{Action, Live};
use yew::prelude::*;

/// How long a toast stays, in milliseconds.
const TOAST_MS: f64 = 6_000.0;
/// As much of a command as is shown, in characters.
const COMMAND_MAX: usize = 60;

/// A few words about what was just done.
pub enum Toast {
    Copied,
    /// So many steps of the lab are done.
    StepDone(usize),
    /// Undone or done again: the words before it, and the command or file.
    Travelled(Way, &'static str, String),
}

impl Toast {
    /// What lies between two points of the history.
    pub fn travelled(way: Way, here: &Live, there: &Live) -> Toast {
        let (words, what) = match way {
            Way::Back => what_lies_between(here, there),
            Way::On => what_lies_between(there, here),
        };
        Toast::Travelled(way, words, what)
    }
}

/// What was done to come from one point of the history to a later one: some words, and the command or file.
pub fn what_lies_between(long: &Live, short: &Live) -> (&'static str, String) {
    let replaced = !std::rc::Rc::ptr_eq(&long.start, &short.start) || long.entries().count() <= short.entries().count();
    match long.entries().nth(short.entries().count()) {
        _ if replaced && long.start == short.start => ("the reset", String::new()),
        _ if replaced => ("the change to", long.start.title.clone()),
        Some((_, Action::Line(line))) => ("", line.chars().take(COMMAND_MAX).collect()),
        Some((_, Action::File(name, _))) => ("the edit of", name.clone()),
        _ => ("", "^C".to_owned()),
    }
}

pub enum Msg {
    Dismiss,
}

/// What is said now.
pub struct Notices {
    notice: Option<String>,
    /// The toast, and until when it is shown.
    toast: Option<(Toast, f64)>,
}

impl Notices {
    pub fn new(notice: Option<String>) -> Notices {
        Notices { notice, toast: None }
    }

    pub fn update(&mut self, msg: Msg) {
        match msg {
            Msg::Dismiss => self.notice = None,
        }
    }

    /// Puts a notice in the place of the one before, or nothing.
    pub fn put(&mut self, notice: Option<String>) {
        self.notice = notice;
    }

    pub fn tell(&mut self, toast: Toast) {
        self.toast = Some((toast, browser::now() + TOAST_MS));
    }

    /// A new step begins: what was undone cannot be done again, and is not spoken of any more.
    pub fn forget_travel(&mut self) {
        self.toast.take_if(|(toast, _)| matches!(toast, Toast::Travelled(..)));
    }

    /// True: the toast was there long enough.
    pub fn fade(&mut self, now: f64) -> bool {
        self.toast.take_if(|(_, until)| *until < now).is_some()
    }

    pub fn view_notice(&self, link: &Link<Msg>) -> Html {
        html! {
            if let Some(notice) = &self.notice {
                <p class="notice" role="alert"><span class="grow">{ notice }</span><button class="btn icon" aria-label="Dismiss" onclick={link.send(|_| Msg::Dismiss)}>{ icon("close") }</button></p>
            }
        }
    }

    pub fn view_toast(&self, ask: &Callback<Effect>) -> Html {
        match &self.toast {
            None => html! { <div class="toast" role="status"></div> },
            Some((toast, _)) => view_words(ask, toast),
        }
    }
}

fn view_words(ask: &Callback<Effect>, toast: &Toast) -> Html {
    let text = match toast {
        Toast::Copied => html! { <span>{ "Copied" }</span> },
        Toast::StepDone(step) => html! { <span>{ format!("Step {step} is done") }</span> },
        Toast::Travelled(way, words, what) => {
            let (verb, other, effect): (_, _, fn() -> Effect) = match way {
                Way::Back => ("Undid", "Redo", || Effect::Redo),
                Way::On => ("Redid", "Undo", || Effect::Undo),
            };
            let turn = ask.reform(move |_| effect());
            html! { <><span>{ verb }{ " " }{ *words }{ " " }<code>{ what }</code></span><button class="btn" tabindex="-1" aria-hidden="true" onclick={turn}>{ other }</button></> }
        }
    };
    html! { <div class="toast shown" role="status">{ text }</div> }
}
