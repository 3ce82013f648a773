//! Everything that can be done, in one list that typing narrows: actions, objects, files, scenarios, labs, commands. Opened with Ctrl-K, and
//! as the list of scenarios from the bar's title.

use super::opening::SCENARIOS;
use super::{App, Msg, browser};
use crate::playground::labs;
use crate::values::object::ObjectKey;
use yew::prelude::*;

/// Rows that are shown at once.
const ROWS_MAX: usize = 12;

/// What the list holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Everything,
    /// What a session can start from.
    Starts,
}

/// The open list.
pub struct Palette {
    scope: Scope,
    query: String,
    chosen: usize,
}

#[derive(Clone)]
enum Target {
    Do(fn() -> Msg),
    Run(String),
    Object(ObjectKey),
    File(String),
    Scenario(usize),
    Lab(&'static str),
}

/// One row: what it is, its words, what it leads to.
struct Entry {
    group: &'static str,
    text: String,
    target: Target,
}

/// A name and what it does.
type Action = (&'static str, fn() -> Msg);
/// What the buttons of the bar do, by name.
const ACTIONS: [Action; 9] = [
    ("Undo", || Msg::Undo),
    ("Redo", || Msg::Redo),
    ("Reset", || Msg::Reset),
    ("Pause or go on", || Msg::Pause),
    ("Change the speed of time", || Msg::Speed),
    ("Share a link", || Msg::Share),
    ("Switch between light and dark", || Msg::Theme),
    ("New file", || Msg::NewFile),
    ("Apply the open file", || Msg::Apply("apply")),
];

impl Palette {
    fn fits(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.query.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }
}

impl App {
    pub(super) fn open_palette(&mut self, scope: Scope) {
        browser::remember_focus();
        self.palette = Some(Palette { scope, query: String::new(), chosen: 0 });
        self.focus = Some("palette-input");
    }

    pub(super) fn close_palette(&mut self) {
        self.palette = None;
        browser::give_focus_back();
    }

    pub(super) fn search(&mut self, query: String) {
        if let Some(palette) = &mut self.palette {
            (palette.query, palette.chosen) = (query, 0);
        }
    }

    /// A key in the list's text box; gives what is chosen with it.
    pub(super) fn palette_key(&mut self, key: &str) -> Option<Msg> {
        if key == "Escape" {
            self.close_palette();
            return None;
        }
        let count = self.entries().len();
        let palette = self.palette.as_mut()?;
        match key {
            "ArrowDown" => palette.chosen = (palette.chosen + 1) % count.max(1),
            "ArrowUp" => palette.chosen = (palette.chosen + count.max(1) - 1) % count.max(1),
            _ => {
                let chosen = palette.chosen;
                return self.choose(chosen);
            }
        }
        None
    }

    /// Closes the list; what a row of it asks for.
    pub(super) fn choose(&mut self, row: usize) -> Option<Msg> {
        let target = self.entries().into_iter().nth(row)?.target;
        self.close_palette();
        Some(match target {
            Target::Do(make) => make(),
            Target::Run(line) => Msg::Run(line),
            Target::Object(key) => Msg::Select(Some(key)),
            Target::File(name) => Msg::OpenFile(name),
            Target::Scenario(index) => Msg::StartScenario(index),
            Target::Lab(name) => Msg::StartLab(name),
        })
    }

    /// The rows that fit what is typed.
    fn entries(&self) -> Vec<Entry> {
        let Some(palette) = &self.palette else { return Vec::new() };
        let mut found = Vec::new();
        let mut put = |group, text: String, target| {
            if found.len() < ROWS_MAX && palette.fits(&format!("{group} {text}")) {
                found.push(Entry { group, text, target });
            }
        };
        let everything = palette.scope == Scope::Everything;
        if everything {
            let commands = self.suggestions.iter().filter(|_| self.live.start.lab.is_none());
            commands.for_each(|command| put("Run", command.clone(), Target::Run(command.clone())));
            ACTIONS.iter().for_each(|(name, make)| put("Do", (*name).to_owned(), Target::Do(*make)));
        }
        SCENARIOS.iter().enumerate().for_each(|(index, scenario)| put("Scenario", scenario.title.to_owned(), Target::Scenario(index)));
        for entry in labs::ALL {
            if let Ok(lab) = labs::parse(entry.page) {
                put("Lab", lab.title, Target::Lab(entry.name));
            }
        }
        if everything {
            let picture = &self.picture;
            let plain = picture.owners.iter().chain(&picture.services).chain(&picture.nodes).chain(&picture.classes);
            let boxes = picture.pods.iter().map(|pod| &pod.item).chain(picture.claims.iter().map(|claim| &claim.item));
            let items = boxes.chain(picture.volumes.iter().map(|volume| &volume.item)).chain(plain);
            items.for_each(|item| put(item.key.kind, item.key.name.to_string(), Target::Object(item.key.clone())));
            self.file_names().into_iter().for_each(|name| put("File", name.clone(), Target::File(name)));
            if !palette.query.trim().is_empty() {
                found.truncate(ROWS_MAX - 1);
                let line = palette.query.trim().to_owned();
                found.push(Entry { group: "Run", text: line.clone(), target: Target::Run(line) });
            }
        }
        found
    }

    pub(super) fn view_palette(&self, ctx: &Context<Self>, palette: &Palette) -> Html {
        let link = ctx.link();
        let keys = link.batch_callback(|event: KeyboardEvent| {
            let key = event.key();
            let own = matches!(key.as_str(), "ArrowDown" | "ArrowUp" | "Enter" | "Escape");
            own.then(|| {
                event.prevent_default();
                Msg::PaletteKey(key)
            })
        });
        let typed = link.callback(|event: InputEvent| Msg::Search(event.target_unchecked_into::<web_sys::HtmlInputElement>().value()));
        let entries = self.entries();
        let name = if palette.scope == Scope::Everything { "Search or run" } else { "Start from" };
        let row = |(index, entry): (usize, &Entry)| {
            let on = index == palette.chosen;
            // The text box keeps the focus: arrows and Enter go there.
            let keep = Callback::from(|event: PointerEvent| event.prevent_default());
            html! {
                <li role="option" id={format!("row-{index}")} class={classes!("option", on.then_some("on"))} aria-selected={on.to_string()} onpointerdown={keep} onclick={link.callback(move |_| Msg::Choose(index))}>
                    <span class="dim small group">{ entry.group }</span><span class={classes!("name", matches!(entry.target, Target::Run(_) | Target::Object(_) | Target::File(_)).then_some("mono"))}>{ &entry.text }</span>
                </li>
            }
        };
        html! {
            <div class="sheet palette" role="dialog" aria-label={name}>
                <input class="link" id="palette-input" role="combobox" aria-label={name} placeholder={name} autocomplete="off" spellcheck="false" aria-expanded="true" aria-controls="palette-rows"
                    aria-activedescendant={format!("row-{}", palette.chosen)} value={palette.query.clone()} oninput={typed} onkeydown={keys} onblur={link.callback(|_| Msg::ClosePalette)} />
                <ul role="listbox" id="palette-rows" aria-label={name}>{ for entries.iter().enumerate().map(row) }</ul>
                if entries.is_empty() { <p class="dim">{ "Nothing here has these words." }</p> }
            </div>
        }
    }
}
