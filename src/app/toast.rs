//! A few words about what was just done, read out by screen readers and gone after a moment.

use super::{App, Msg, browser};
use crate::playground::share::{Action, Live};
use yew::prelude::*;

/// How long they stay, in milliseconds.
pub const TOAST_MS: f64 = 6_000.0;
/// As much of a command as is shown, in characters.
const COMMAND_MAX: usize = 60;

pub enum Toast {
    Copied,
    /// So many steps of the lab are done.
    StepDone(usize),
    /// Undone (true) or done again: the words before it, and the command or file.
    Travelled(bool, &'static str, String),
}

impl Toast {
    /// What lies between two points of the history.
    pub fn travelled(back: bool, here: &Live, there: &Live) -> Toast {
        let (words, what) = if back { what_lies_between(here, there) } else { what_lies_between(there, here) };
        Toast::Travelled(back, words, what)
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

impl App {
    pub(super) fn tell(&mut self, toast: Toast) {
        self.toast = Some((toast, browser::now() + TOAST_MS));
    }

    /// True: the words were there long enough.
    pub(super) fn forget_toast(&mut self, now: f64) -> bool {
        self.toast.take_if(|(_, until)| *until < now).is_some()
    }

    pub(super) fn view_toast(&self, ctx: &Context<Self>) -> Html {
        match &self.toast {
            None => html! { <div class="toast" role="status"></div> },
            Some((toast, _)) => view_words(ctx, toast),
        }
    }
}

#[inline(never)]
fn view_words(ctx: &Context<App>, toast: &Toast) -> Html {
    let text = match toast {
        Toast::Copied => html! { <span>{ "Copied" }</span> },
        Toast::StepDone(step) => html! { <span>{ format!("Step {step} is done") }</span> },
        Toast::Travelled(back, words, what) => {
            let (verb, other) = if *back { ("Undid", "Redo") } else { ("Redid", "Undo") };
            let back = *back;
            let turn = ctx.link().callback(move |_| if back { Msg::Redo } else { Msg::Undo });
            html! { <><span>{ verb }{ " " }{ *words }{ " " }<code>{ what }</code></span><button class="btn" tabindex="-1" aria-hidden="true" onclick={turn}>{ other }</button></> }
        }
    };
    html! { <div class="toast shown" role="status">{ text }</div> }
}
