//! What a user types: lines, keys, and the commands of buttons.

use super::{App, Key, PHONE, browser};
use crate::playground::session::ConsoleState;
use crate::playground::share::Action;
use std::collections::VecDeque;

/// Lines that may wait for a command to end.
const TYPED_AHEAD_MAX: usize = 100;
/// Lines that are typed of one paste.
const PASTED_MAX: usize = 2_000;

impl App {
    /// Runs a line as a user types it.
    pub(super) fn run(&mut self, line: String) {
        match self.live.session.state() {
            // Typed ahead, as on a terminal.
            ConsoleState::Running => {
                if self.pending.len() < TYPED_AHEAD_MAX {
                    self.pending.push_back(line);
                }
                return;
            }
            ConsoleState::Prompt => self.remember(),
            ConsoleState::Continuation | ConsoleState::Reading => {}
        }
        self.screen.enter(&self.live.session, &line);
        self.input.entered(&line);
        self.live.act(Action::Line(line));
        self.take_output();
        // Nothing can have come of a command that goes on.
        if self.live.session.state() != ConsoleState::Continuation {
            self.refresh();
        }
        self.save();
    }

    /// Several lines come at once: all but the last are typed one after the other, the last one waits for Enter.
    pub(super) fn paste(&mut self, text: &str) {
        let mut lines: VecDeque<String> = text.replace("\r\n", "\n").split(['\n', '\r']).map(str::to_owned).collect();
        let last = lines.pop_back().unwrap_or_default();
        let cut = lines.len() > PASTED_MAX;
        lines.truncate(PASTED_MAX);
        self.pending.extend(lines);
        self.input.set(if cut { String::new() } else { last });
        self.type_pending();
        if cut {
            self.screen.note(&format!("Only the first {PASTED_MAX} lines of what was pasted were typed."));
        }
    }

    /// The focus goes to the console, where a line was put for the user. A phone stays on its pane, and who walks with the keyboard where
    /// they are.
    pub(super) fn go_on_typing(&mut self) {
        if browser::window_size().0 >= PHONE && !browser::focus_is_shown() {
            self.focus = Some("console-input");
        }
    }

    pub(super) fn apply(&mut self, verb: &str) {
        if !self.open_file.is_empty() {
            self.command(format!("kubectl {verb} -f {}", self.open_file));
        }
    }

    /// Types the command of a button. False: a program in the console would have read it, which the page says instead.
    pub(super) fn command(&mut self, line: String) -> bool {
        let free = matches!(self.live.session.state(), ConsoleState::Prompt | ConsoleState::Running);
        if free {
            self.run(line);
        } else {
            self.notice = Some("A program in the console reads what is typed. End it with Ctrl-D or Ctrl-C, then press the button again.".to_owned());
        }
        free
    }

    pub(super) fn key(&mut self, key: Key) {
        match key {
            Key::Enter => {
                let line = self.input.take();
                self.run(line);
            }
            Key::Interrupt => {
                self.pending.clear();
                self.screen.typed(&self.live.session.prompt(), &format!("{}^C", self.input.take()));
                self.live.act(Action::Interrupt);
                self.take_output();
                self.refresh();
                self.save();
            }
            Key::End => {
                self.live.act(Action::End);
                self.take_output();
                self.refresh();
                self.save();
            }
            Key::Clear => self.screen.clear(),
            Key::Complete => {
                let (start, candidates) = self.live.session.complete(self.input.text());
                if let Some(list) = self.input.complete(start, &candidates) {
                    self.screen.typed(&self.live.session.prompt(), self.input.text());
                    self.screen.text(&list);
                }
            }
            key => {
                self.tab_leaves = key == Key::Escape && self.input.searched().is_none();
                self.input.key(&key);
            }
        }
    }
}
