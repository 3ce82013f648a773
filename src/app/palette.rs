//! Everything that can be done, in one list that typing narrows: actions, objects, files, scenarios, labs, commands. Opened with Ctrl-K, and
//! as the list of scenarios from the bar's title.

use super::effect::{Effect, Link, Scope};
use super::opening::SCENARIOS;
use crate::playground::labs;
use crate::playground::picture::Picture;
use yew::prelude::*;

/// The palette's text box.
pub const INPUT: &str = "palette-input";
/// Rows that are shown at once.
const ROWS_MAX: usize = 12;

pub enum Msg {
    Close,
    Search(String),
    /// An arrow key, Enter or Escape in the text box.
    Key(String),
    /// Chooses a row.
    Choose(usize),
}

/// The open list.
pub struct Palette {
    scope: Scope,
    query: String,
    chosen: usize,
}

/// What the rows are made of, besides what is there always.
pub struct Sources<'a> {
    pub in_lab: bool,
    pub suggestions: &'a [String],
    pub picture: &'a Picture,
    pub files: Vec<String>,
}

/// One row: what it is, its words, what it leads to.
struct Entry {
    group: &'static str,
    text: String,
    effect: Effect,
}

/// A name and what it does.
type Action = (&'static str, fn() -> Effect);
/// What the buttons of the bar do, by name.
const ACTIONS: [Action; 9] = [
    ("Undo", || Effect::Undo),
    ("Redo", || Effect::Redo),
    ("Reset", || Effect::Reset),
    ("Pause or go on", || Effect::Pause),
    ("Change the speed of time", || Effect::ChangeSpeed),
    ("Share a link", || Effect::Share),
    ("Switch between light and dark", || Effect::SwitchTheme),
    ("New file", || Effect::NewFile),
    ("Apply the open file", || Effect::Apply),
];

impl Palette {
    pub fn new(scope: Scope) -> Palette {
        Palette { scope, query: String::new(), chosen: 0 }
    }

    pub fn update(&mut self, msg: Msg, sources: &Sources) -> Vec<Effect> {
        match msg {
            Msg::Close => return vec![Effect::ClosePalette],
            Msg::Search(query) => (self.query, self.chosen) = (query, 0),
            Msg::Key(key) => return self.key(&key, sources),
            Msg::Choose(row) => return self.choose(row, sources),
        }
        Vec::new()
    }

    fn key(&mut self, key: &str, sources: &Sources) -> Vec<Effect> {
        let count = self.entries(sources).len().max(1);
        match key {
            "Escape" => return vec![Effect::ClosePalette],
            "ArrowDown" => self.chosen = (self.chosen + 1) % count,
            "ArrowUp" => self.chosen = (self.chosen + count - 1) % count,
            _ => return self.choose(self.chosen, sources),
        }
        Vec::new()
    }

    /// Closes the list; what a row of it asks for.
    fn choose(&self, row: usize, sources: &Sources) -> Vec<Effect> {
        let chosen = self.entries(sources).into_iter().nth(row);
        chosen.map_or_else(Vec::new, |entry| vec![Effect::ClosePalette, entry.effect])
    }

    fn fits(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.query.to_lowercase().split_whitespace().all(|word| text.contains(word))
    }

    /// The rows that fit what is typed.
    fn entries(&self, sources: &Sources) -> Vec<Entry> {
        let mut found = Vec::new();
        let mut put = |group, text: String, effect| {
            if found.len() < ROWS_MAX && self.fits(&format!("{group} {text}")) {
                found.push(Entry { group, text, effect });
            }
        };
        let everything = self.scope == Scope::Everything;
        if everything {
            let commands = sources.suggestions.iter().filter(|_| !sources.in_lab);
            commands.for_each(|command| put("Run", command.clone(), Effect::Run(command.clone())));
            ACTIONS.iter().for_each(|(name, make)| put("Do", (*name).to_owned(), make()));
        }
        SCENARIOS.iter().enumerate().for_each(|(index, scenario)| put("Scenario", scenario.title.to_owned(), Effect::StartScenario(index)));
        for entry in labs::ALL {
            if let Ok(lab) = labs::parse(entry.page) {
                put("Lab", lab.title, Effect::StartLab(entry.name));
            }
        }
        if everything {
            sources.picture.items().for_each(|item| put(item.key.kind, item.key.name.to_string(), Effect::Select(Some(item.key.clone()))));
            sources.files.iter().for_each(|name| put("File", name.clone(), Effect::OpenFile(name.clone())));
            if !self.query.trim().is_empty() {
                found.truncate(ROWS_MAX - 1);
                let line = self.query.trim().to_owned();
                found.push(Entry { group: "Run", text: line.clone(), effect: Effect::Run(line) });
            }
        }
        found
    }

    pub fn view(&self, sources: &Sources, link: &Link<Msg>) -> Html {
        let keys = link.send_some(|event: KeyboardEvent| {
            let key = event.key();
            let own = matches!(key.as_str(), "ArrowDown" | "ArrowUp" | "Enter" | "Escape");
            own.then(|| {
                event.prevent_default();
                Msg::Key(key)
            })
        });
        let typed = link.send(|event: InputEvent| Msg::Search(event.target_unchecked_into::<web_sys::HtmlInputElement>().value()));
        let entries = self.entries(sources);
        let name = if self.scope == Scope::Everything { "Search or run" } else { "Start from" };
        let row = |(index, entry): (usize, &Entry)| {
            let on = index == self.chosen;
            // The text box keeps the focus: arrows and Enter go there.
            let keep = Callback::from(|event: PointerEvent| event.prevent_default());
            let mono = matches!(entry.effect, Effect::Run(_) | Effect::Select(_) | Effect::OpenFile(_)).then_some("mono");
            html! {
                <li role="option" id={format!("row-{index}")} class={classes!("option", on.then_some("on"))} aria-selected={on.to_string()} onpointerdown={keep} onclick={link.send(move |_| Msg::Choose(index))}>
                    <span class="dim small group">{ entry.group }</span><span class={classes!("name", mono)}>{ &entry.text }</span>
                </li>
            }
        };
        html! {
            <div class="sheet palette" role="dialog" aria-label={name}>
                <input class="link" id={INPUT} role="combobox" aria-label={name} placeholder={name} autocomplete="off" spellcheck="false" aria-expanded="true" aria-controls="palette-rows"
                    aria-activedescendant={format!("row-{}", self.chosen)} value={self.query.clone()} oninput={typed} onkeydown={keys} onblur={link.send(|_| Msg::Close)} />
                <ul role="listbox" id="palette-rows" aria-label={name}>{ for entries.iter().enumerate().map(row) }</ul>
                if entries.is_empty() { <p class="dim">{ "Nothing here has these words." }</p> }
            </div>
        }
    }
}
