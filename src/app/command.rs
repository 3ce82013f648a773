//! A command that a click types, and its copy button.

use super::effect::Effect;
use super::icons::icon;
use yew::prelude::*;

pub fn view_command(ask: &Callback<Effect>, command: &str) -> Html {
    let (typed, copied) = (command.to_owned(), command.to_owned());
    html! {
        <span class="cmd-row">
            <button class="cmd" onclick={ask.reform(move |_| Effect::Run(typed.clone()))}>{ command.to_owned() }</button>
            <button class="copy" aria-label={format!("Copy {command}")} title="Copy" onclick={ask.reform(move |_| Effect::Copy(copied.clone()))}>{ icon("copy") }</button>
        </span>
    }
}
