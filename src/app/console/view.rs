//! The console as DOM text: real text, a real input line, so that screen readers and phones work.

use super::line_editor::Key;
use super::screen::{Face, Line};
use super::{Console, INPUT, Msg};
use crate::app::browser;
use crate::app::command::view_command;
use crate::app::effect::Link;
use crate::playground::console::ConsoleState;
use crate::playground::share::Live;
use yew::prelude::*;

/// Lines that are in the page.
const LINES_SHOWN: usize = 500;

/// A key's name and what it does.
type ScreenKey = (&'static str, fn() -> Msg);
/// Keys that an on-screen keyboard lacks or hides.
const KEYS: [ScreenKey; 7] = [
    ("Tab", || Msg::Key(Key::Complete)),
    ("↑", || Msg::Key(Key::Older)),
    ("↓", || Msg::Key(Key::Newer)),
    ("Ctrl-C", || Msg::Key(Key::Interrupt)),
    ("|", || Msg::Insert("|")),
    ("-", || Msg::Insert("-")),
    ("/", || Msg::Insert("/")),
];

/// What stands between the columns of kubectl's tables.
const COLUMN_GAP: &str = "   ";

fn key_of(event: &KeyboardEvent, selection: bool) -> Option<Key> {
    let control = event.ctrl_key() && !event.alt_key();
    Some(match (event.key().as_str(), control) {
        ("Enter", false) => Key::Enter,
        ("Tab", false) if !event.shift_key() => Key::Complete,
        ("ArrowUp", false) => Key::Older,
        ("ArrowDown", false) => Key::Newer,
        ("Escape", false) => Key::Escape,
        ("c", true) if !selection => Key::Interrupt,
        ("d", true) => Key::End,
        ("l", true) => Key::Clear,
        ("r", true) => Key::Search,
        _ => return None,
    })
}

impl Console {
    /// The pane; `above` stands above what was printed.
    pub fn view(&self, live: &Live, link: &Link<Msg>, above: Html) -> Html {
        let state = live.session.state();
        html! {
            <section class="pane console" aria-label="Console pane">
                { above }
                { self.view_log() }
                { self.view_input(live, link) }
                if state == ConsoleState::Prompt && live.start.lab.is_none() {
                    <div class="chips" role="group" aria-label="Suggested commands">
                        <span class="dim small">{ "Try" }</span>
                        { for self.suggestions.iter().map(|command| view_command(link.asks(), command)) }
                    </div>
                }
                { view_keys(link) }
            </section>
        }
    }

    fn view_log(&self) -> Html {
        let line = |(index, line): (usize, &Line)| {
            let class = match line.face {
                Face::Prompt => "typed",
                // On a phone columns stay in line, even where one has to scroll to them; all else goes on below, as on a terminal.
                Face::Out if line.text.trim_start().contains(COLUMN_GAP) => "out",
                Face::Out => "out flow",
                Face::Error => "err",
                Face::Note => "note",
            };
            html! { <div key={index} {class}>if !line.prompt.is_empty() { <span class="prompt">{ &*line.prompt }</span> }{ &*line.text }</div> }
        };
        html! {
            <div class="log" role="log" aria-label="Console output" tabindex="0" ref={self.log.clone()}>
                { for self.screen.last(LINES_SHOWN).map(line) }
            </div>
        }
    }

    fn view_input(&self, live: &Live, link: &Link<Msg>) -> Html {
        let state = live.session.state();
        // Tab leaves an empty line, and any line after Escape, so that the keyboard is never caught in the console.
        let leaves = self.input.text().is_empty() || self.tab_leaves;
        let onkeydown = link.send_some(move |event: KeyboardEvent| {
            let selection = web_sys::window().and_then(|window| window.get_selection().ok()?).is_some_and(|found| !found.is_collapsed());
            let key = key_of(&event, selection)?;
            if key == Key::Complete && leaves {
                return None;
            }
            event.prevent_default();
            Some(Msg::Key(key))
        });
        let oninput = link.send(|event: InputEvent| Msg::Input(event.target_unchecked_into::<web_sys::HtmlInputElement>().value()));
        let onpaste = link.send_some(|event: Event| browser::pasted(&event).map(Msg::Paste));
        let prompt = match self.input.searched() {
            Some(_) => "(reverse-i-search) ".to_owned(),
            None if state == ConsoleState::Running => "… ".to_owned(),
            None => live.session.prompt(),
        };
        let hint = if self.tab_leaves { "Tab leaves the console" } else { "Tab completes, Esc then Tab leaves" };
        html! {
            <label class="line">
                <span class="prompt" aria-hidden="true">{ prompt }</span>
                <input id={INPUT} aria-label="Console" aria-description={hint} autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" enterkeyhint="send" value={self.input.typed().to_owned()} {oninput} {onkeydown} {onpaste} />
                if self.input.searched().is_some() { <span class="found mono" role="status">{ self.input.text().to_owned() }</span> }
                <span class="help small dim" aria-hidden="true">
                    if state == ConsoleState::Running { <kbd>{ "Ctrl-C" }</kbd>{ "stop" } } else { <kbd>{ "Tab" }</kbd>{ "complete" }<kbd>{ "↑" }</kbd>{ "history" } }
                </span>
            </label>
        }
    }
}

/// The row of keys above an on-screen keyboard; they leave the focus where it is.
fn view_keys(link: &Link<Msg>) -> Html {
    let key = |(name, message): &ScreenKey| {
        let message = *message;
        let keep = Callback::from(|event: PointerEvent| event.prevent_default());
        html! { <button class="key" onpointerdown={keep} onclick={link.send(move |_| message())}>{ *name }</button> }
    };
    html! { <div class="keys" role="group" aria-label="Keys">{ for KEYS.iter().map(key) }</div> }
}
