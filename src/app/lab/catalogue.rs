//! The list of labs.

use super::Msg;
use crate::app::browser;
use crate::app::effect::Link;
use crate::playground::labs;
use yew::prelude::*;

pub fn view(link: &Link<Msg>) -> Html {
    let entry = |(index, entry): (usize, &'static labs::Entry)| {
        let lab = labs::parse(entry.page).ok()?;
        let name = entry.name;
        Some(html! {
            <li>
                <button class="choice" id={(index == 0).then_some("first-lab")} onclick={link.send(move |_| Msg::Start(name))}>
                    <strong>{ &lab.title }</strong>
                    <span class="small dim">{ format!("{} steps, about {} minutes", lab.steps.len(), lab.minutes) }</span>
                </button>
            </li>
        })
    };
    let give = link.send(|(name, text)| Msg::Page(name, Ok(text)));
    let chosen = Callback::from(move |event: Event| browser::read_chosen_file(&event, labs::PAGE_MAX, give.clone()));
    let close = link.send_some(|event: KeyboardEvent| (event.key() == "Escape").then_some(Msg::Catalogue(false)));
    html! {
        <section class="pane lab catalogue" aria-label="Lab" onkeydown={close}>
            <div class="head"><h2 class="grow">{ "Labs" }</h2><button class="btn" onclick={link.send(|_| Msg::Catalogue(false))}>{ "Close" }</button></div>
            <div class="body">
                <ul class="choices" aria-label="Labs" data-arrows="">{ for labs::ALL.iter().enumerate().filter_map(entry) }</ul>
                <label class="choice own">
                    <strong>{ "Open a lab file…" }</strong>
                    <span class="small dim">{ "A Markdown page of your own; the README tells how to write one." }</span>
                    <input type="file" accept=".md,.markdown,.txt,text/markdown" aria-label="Open a lab file" onchange={chosen} />
                </label>
            </div>
        </section>
    }
}
