//! The console: its input line, the lines that wait for their turn, what it has printed, and commands to try first.

pub mod line_editor;
pub mod screen;
mod view;

use super::browser;
use super::effect::Effect;
use crate::playground::console::ConsoleState;
use crate::playground::share::{Action, Live};
use crate::playground::suggestions;
use line_editor::{Key, LineEditor};
use screen::Screen;
use std::collections::VecDeque;
use yew::prelude::*;

/// The element that takes what is typed.
pub const INPUT: &str = "console-input";
/// Lines that may wait for a command to end.
const TYPED_AHEAD_MAX: usize = 100;
/// Lines that are typed of one paste.
const PASTED_MAX: usize = 2_000;

pub enum Msg {
    /// What stands in the input line.
    Input(String),
    /// Lines put into the input at once.
    Paste(String),
    Key(Key),
    /// Puts text where the cursor is.
    Insert(&'static str),
    /// Types a line that was clicked or chosen.
    Run(String),
    /// Types the lines of a solution.
    Solve(Vec<String>),
}

/// The console of the page.
pub struct Console {
    input: LineEditor,
    /// Lines that wait for a command to end, as on a terminal.
    waiting: VecDeque<String>,
    screen: Screen,
    /// Commands to try first.
    suggestions: Vec<String>,
    /// Escape was pressed: Tab leaves the input line.
    tab_leaves: bool,
    log: NodeRef,
}

impl Console {
    pub fn new(live: &Live, screen: Screen) -> Console {
        let mut console = Console {
            input: LineEditor::default(),
            waiting: VecDeque::new(),
            screen: Screen::default(),
            suggestions: Vec::new(),
            tab_leaves: false,
            log: NodeRef::default(),
        };
        console.load(live, screen);
        console.recall(live);
        console
    }

    /// Another session is in the place of the one before.
    pub fn load(&mut self, live: &Live, screen: Screen) {
        self.waiting.clear();
        self.screen = screen;
        self.suggestions = suggestions::of(live.session.cluster());
    }

    /// What was typed before in a session is in the input's history.
    pub fn recall(&mut self, live: &Live) {
        for (_, action) in live.entries() {
            if let Action::Line(line) = action {
                self.input.entered(line);
            }
        }
    }

    pub fn update(&mut self, msg: Msg, live: &Live) -> Vec<Effect> {
        match msg {
            Msg::Input(text) => {
                self.tab_leaves = false;
                self.input.set(text);
            }
            Msg::Key(key) => return self.key(key, live),
            Msg::Run(line) => return [Effect::Type(vec![line])].into_iter().chain(go_on_typing()).collect(),
            Msg::Paste(text) => return self.paste(&text),
            Msg::Insert(text) => browser::insert(INPUT, text),
            Msg::Solve(lines) => {
                self.waiting.clear();
                return [Effect::Type(lines)].into_iter().chain(go_on_typing()).collect();
            }
        }
        Vec::new()
    }

    fn key(&mut self, key: Key, live: &Live) -> Vec<Effect> {
        match key {
            Key::Enter => {
                let line = self.input.take();
                if self.waiting.len() < TYPED_AHEAD_MAX {
                    return vec![Effect::Type(vec![line])];
                }
            }
            Key::Interrupt => {
                self.waiting.clear();
                self.screen.typed(&live.session.prompt(), &format!("{}^C", self.input.take()));
                return vec![Effect::Act(Action::Interrupt)];
            }
            Key::End => return vec![Effect::Act(Action::End)],
            Key::Clear => self.screen.clear(),
            Key::Complete => self.complete(live),
            Key::Older | Key::Newer | Key::Search | Key::Escape => {
                self.tab_leaves = key == Key::Escape && self.input.searched().is_none();
                self.input.key(&key);
            }
        }
        Vec::new()
    }

    fn complete(&mut self, live: &Live) {
        let (start, candidates) = live.session.complete(self.input.text());
        if let Some(list) = self.input.complete(start, &candidates) {
            self.screen.typed(&live.session.prompt(), self.input.text());
            self.screen.text(&list);
        }
    }

    /// Several lines come at once: all but the last are typed one after the other, the last one waits for Enter.
    fn paste(&mut self, text: &str) -> Vec<Effect> {
        let mut lines: Vec<String> = text.replace("\r\n", "\n").split(['\n', '\r']).map(str::to_owned).collect();
        let last = lines.pop().unwrap_or_default();
        let cut = lines.len() > PASTED_MAX;
        lines.truncate(PASTED_MAX);
        self.input.set(if cut { String::new() } else { last });
        let note = cut.then(|| Effect::Note(format!("Only the first {PASTED_MAX} lines of what was pasted were typed.")));
        [Effect::Type(lines)].into_iter().chain(note).collect()
    }

    /// Lines wait for their turn.
    pub fn wait(&mut self, lines: Vec<String>) {
        self.waiting.extend(lines);
    }

    /// The line whose turn it is; none while a command runs.
    pub fn next_line(&mut self, live: &Live) -> Option<String> {
        if live.session.state() == ConsoleState::Running { None } else { self.waiting.pop_front() }
    }

    /// A line is typed now.
    pub fn enter(&mut self, live: &Live, line: &str) {
        self.screen.enter(&live.session, line);
        self.input.entered(line);
    }

    /// Moves what the session printed to the screen. True: something was.
    pub fn take_output(&mut self, live: &mut Live) -> bool {
        self.screen.take_from(&mut live.session)
    }

    /// Prints a note of ours.
    pub fn note(&mut self, text: &str) {
        self.screen.note(text);
    }

    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    pub fn suggestions(&self) -> &[String] {
        &self.suggestions
    }

    /// Shows the end of what was printed.
    pub fn scroll_to_end(&self) {
        browser::scroll_to_end(&self.log);
    }
}

/// The focus goes to the console, where a line was put for the user. A phone stays on its pane, and who walks with the keyboard where
/// they are.
fn go_on_typing() -> Option<Effect> {
    (!browser::is_phone() && !browser::focus_is_shown()).then_some(Effect::Focus(INPUT))
}
