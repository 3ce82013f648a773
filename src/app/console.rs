//! The console as DOM text: real text, a real input line, so that screen readers and phones work.

use super::{App, Msg, SUGGESTIONS};
use crate::machine::shell::{Chunk, Stream};
use crate::playground::session::ConsoleState;
use crate::playground::share::{Action, Live};
use std::rc::Rc;
use yew::prelude::*;

/// Lines that the screen keeps, and lines that are in the page.
const LINES_MAX: usize = 5_000;
const LINES_SHOWN: usize = 500;
const HISTORY_MAX: usize = 500;
/// The longest line that is shown, in characters.
const LINE_MAX: usize = 4_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Face {
    Prompt,
    Out,
    Error,
    Note,
}

#[derive(Clone, PartialEq)]
struct Line {
    face: Face,
    prompt: Rc<str>,
    text: Rc<str>,
}

/// What the console has printed.
#[derive(Clone, Default)]
pub struct Screen {
    lines: Vec<Line>,
    /// How many lines went before the first one kept: keys stay the same as lines scroll away.
    dropped: usize,
    /// The last line has no newline yet.
    open: bool,
}

impl Screen {
    /// The screen of a session that was opened: its commands, without their output.
    pub fn restored(live: &Live) -> Screen {
        let mut screen = Screen::default();
        for (_, action) in live.entries() {
            if let Action::Line(line) = action {
                screen.typed("$ ", line);
            }
        }
        if !screen.lines.is_empty() {
            screen.note("These commands were run before; the cluster is as they left it.");
        }
        screen
    }

    fn push(&mut self, face: Face, prompt: &str, text: &str) {
        let text: String = text.chars().take(LINE_MAX).collect();
        self.lines.push(Line { face, prompt: prompt.into(), text: text.into() });
        if self.lines.len() > LINES_MAX {
            self.lines.drain(..LINES_MAX / 5);
            self.dropped += LINES_MAX / 5;
        }
    }

    pub fn typed(&mut self, prompt: &str, line: &str) {
        self.open = false;
        self.push(Face::Prompt, prompt, line);
    }

    pub fn note(&mut self, text: &str) {
        self.open = false;
        self.push(Face::Note, "", text);
    }

    pub fn text(&mut self, text: &str) {
        text.lines().for_each(|line| self.push(Face::Out, "", line));
    }

    pub fn clear(&mut self) {
        self.dropped += self.lines.len();
        self.lines.clear();
        self.open = false;
    }

    pub fn write(&mut self, chunks: &[Chunk]) {
        for chunk in chunks {
            let face = if chunk.stream == Stream::Stdout { Face::Out } else { Face::Error };
            let text = String::from_utf8_lossy(&chunk.bytes);
            for piece in text.split_inclusive('\n') {
                let content = piece.trim_end_matches('\n');
                match self.lines.last_mut() {
                    Some(last) if self.open => last.text = format!("{}{content}", last.text).into(),
                    _ => self.push(face, "", content),
                }
                self.open = !piece.ends_with('\n');
            }
        }
    }
}

/// A key of the input line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Enter,
    Interrupt,
    End,
    Clear,
    Complete,
    Older,
    Newer,
    Search,
    Escape,
}

/// The input line with its history and search.
#[derive(Clone, Default)]
pub struct LineEditor {
    text: String,
    history: Vec<String>,
    /// Which entry is shown, from the newest; `None`: the line being typed.
    place: Option<usize>,
    /// Ctrl-R: what is looked for, and how many matches are skipped.
    search: Option<(String, usize)>,
}

impl LineEditor {
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn set(&mut self, text: String) {
        match &mut self.search {
            Some(search) => {
                *search = (text, 0);
                self.find();
            }
            None => self.text = text,
        }
        self.place = None;
    }

    pub fn take(&mut self) -> String {
        self.search = None;
        self.place = None;
        std::mem::take(&mut self.text)
    }

    pub fn entered(&mut self, line: &str) {
        if !line.trim().is_empty() && self.history.last().is_none_or(|last| last != line) {
            self.history.push(line.to_owned());
            if self.history.len() > HISTORY_MAX {
                self.history.remove(0);
            }
        }
    }

    pub fn key(&mut self, key: &Key) {
        match key {
            Key::Older | Key::Newer => {
                let count = self.history.len();
                let place = match (key, self.place) {
                    (Key::Older, None) => (count > 0).then_some(0),
                    (Key::Older, Some(place)) => Some((place + 1).min(count - 1)),
                    (_, Some(place)) => place.checked_sub(1),
                    (_, None) => None,
                };
                self.text = place.map_or_else(String::new, |place| self.history[count - 1 - place].clone());
                self.place = place;
            }
            Key::Search => {
                self.search = Some(match self.search.take() {
                    Some((wanted, skip)) => (wanted, skip + 1),
                    None => (String::new(), 0),
                });
                self.find();
            }
            Key::Escape => self.search = None,
            _ => {}
        }
    }

    fn find(&mut self) {
        let Some((wanted, skip)) = &self.search else { return };
        let found = self.history.iter().rev().filter(|line| line.contains(wanted.as_str())).nth(*skip);
        if let Some(line) = found.filter(|_| !wanted.is_empty()) {
            self.text.clone_from(line);
        }
    }

    /// Completes the last word as far as the candidates agree; several are given back as a list.
    pub fn complete(&mut self, start: usize, candidates: &[String]) -> Option<String> {
        let first = candidates.first()?;
        let common = candidates
            .iter()
            .fold(first.len(), |length, other| first.bytes().zip(other.bytes()).take(length).take_while(|(one, other)| one == other).count());
        let before = self.text.get(start..).map_or(0, str::len);
        if let Some(common) = first.get(..common).filter(|common| common.len() > before || candidates.len() == 1) {
            self.text.truncate(start);
            self.text.push_str(common);
            if candidates.len() == 1 && !common.ends_with(['/', '=']) {
                self.text.push(' ');
            }
            return None;
        }
        (candidates.len() > 1).then(|| candidates.join("   "))
    }
}

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

impl App {
    pub(super) fn view_console(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let empty = self.input.text().is_empty();
        let onkeydown = link.batch_callback(move |event: KeyboardEvent| {
            let selection = web_sys::window().and_then(|window| window.get_selection().ok()?).is_some_and(|found| !found.is_collapsed());
            let key = key_of(&event, selection)?;
            // Tab on an empty line leaves the console, so that the keyboard is never caught in it.
            if key == Key::Complete && empty {
                return None;
            }
            event.prevent_default();
            Some(Msg::Key(key))
        });
        let oninput = link.callback(|event: InputEvent| Msg::Line(event.target_unchecked_into::<web_sys::HtmlInputElement>().value()));
        let first = self.screen.lines.len().saturating_sub(LINES_SHOWN);
        let line = |(index, line): (usize, &Line)| {
            let class = match line.face {
                Face::Prompt => "typed",
                Face::Out => "out",
                Face::Error => "err",
                Face::Note => "note",
            };
            html! { <div key={self.screen.dropped + index} {class}>if !line.prompt.is_empty() { <span class="prompt">{ &*line.prompt }</span> }{ &*line.text }</div> }
        };
        let state = self.live.session.state();
        let prompt = match &self.input.search {
            Some((wanted, _)) => format!("(search) {wanted}: "),
            None => self.live.session.prompt(),
        };
        let key =
            |name: &'static str, message: fn() -> Msg| html! { <button class="key" onclick={link.callback(move |_| message())}>{ name }</button> };
        html! {
            <section class="pane console" aria-label="Console pane">
                if let Some(notice) = &self.notice { <p class="notice" role="alert">{ notice }</p> }
                <div class="log" role="log" aria-label="Console output" tabindex="0" ref={self.log.clone()}>
                    { for self.screen.lines.iter().enumerate().skip(first).map(line) }
                </div>
                if state == ConsoleState::Prompt && self.live.start.lab.is_none() {
                    <div class="chips" aria-label="Suggested commands">
                        <span class="dim">{ "Try" }</span>
                        { for SUGGESTIONS.iter().map(|command| html! { <button class="cmd" onclick={link.callback(|_| Msg::Run((*command).to_owned()))}>{ *command }</button> }) }
                    </div>
                }
                <div class="keys" aria-hidden="true">
                    { key("Tab", || Msg::Key(Key::Complete)) }{ key("↑", || Msg::Key(Key::Older)) }{ key("Ctrl-C", || Msg::Key(Key::Interrupt)) }{ key("Enter", || Msg::Key(Key::Enter)) }
                </div>
                <label class="line">
                    <span class="prompt" aria-hidden="true">{ if state == ConsoleState::Running { "… ".to_owned() } else { prompt } }</span>
                    <input id="console-input" aria-label="Console" autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" enterkeyhint="send" value={self.input.text().to_owned()} {oninput} {onkeydown} />
                </label>
            </section>
        }
    }
}
