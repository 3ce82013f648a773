//! Undo and redo, what the browser keeps for the next visit, and what takes the place of the whole session: links, labs, solutions.

use super::lab::LabState;
use super::opening::{self, Opening};
use super::screen::Screen;
use super::toast::{TOAST_MS, Toast};
use super::{App, browser, late};
use crate::playground::session::ConsoleState;
use crate::playground::share::{Action, Live};

/// How many undo points are kept.
const UNDO_MAX: usize = 200;

/// A point that undo returns to.
#[derive(Clone)]
pub struct Point {
    pub(super) live: Live,
    screen: Screen,
}

impl Opening {
    /// Opens a link as it was lived: each command on the screen with what it printed, and the points to which undo returns.
    /// # Errors
    /// What is wrong with the link.
    pub fn of_link(link: &str) -> Result<Opening, String> {
        let (mut screen, mut undo) = (None, Vec::new());
        let opened = Live::open_seen(link, &mut |live, action| {
            let screen = screen.get_or_insert_with(|| Screen::at_start(&live.start));
            screen.take_from(&mut live.session);
            let Some(action) = action else { return };
            if matches!(action, Action::File(..)) || (matches!(action, Action::Line(_)) && live.session.state() == ConsoleState::Prompt) {
                undo.push(Point { live: live.clone(), screen: screen.clone() });
            }
            match action {
                Action::Line(line) => screen.enter(&live.session, line),
                Action::Interrupt => screen.typed(&live.session.prompt(), "^C"),
                Action::File(..) | Action::End => {}
            }
        })?;
        let note = opened.note();
        Ok(Opening { screen: screen.unwrap_or_default(), live: opened.live, undo, note })
    }
}

impl App {
    /// Keeps an undo point; what was undone is forgotten.
    pub(super) fn remember(&mut self) {
        self.undo.push(self.point());
        // Nothing can be done again any more.
        self.toast.take_if(|(toast, _)| matches!(toast, Toast::Travelled(..)));
        self.forget_oldest();
        self.redo.clear();
    }

    pub(super) fn forget_oldest(&mut self) {
        self.undo.drain(..self.undo.len().saturating_sub(UNDO_MAX));
    }

    /// Keeps an undo point before an edit, unless it goes on with the edit before: keystrokes are no steps of their own.
    pub(super) fn remember_edit(&mut self) {
        let goes_on = matches!(self.live.entries().last(), Some((_, Action::File(name, _))) if *name == self.open_file);
        if goes_on {
            self.redo.clear();
        } else {
            self.remember();
        }
    }

    fn point(&self) -> Point {
        Point { live: self.live.clone(), screen: self.screen.clone() }
    }

    pub(super) fn travel(&mut self, back: bool) {
        let here = self.point();
        let (from, to) = if back { (&mut self.undo, &mut self.redo) } else { (&mut self.redo, &mut self.undo) };
        let Some(point) = from.pop() else { return };
        self.toast = Some((Toast::travelled(back, &here.live, &point.live), browser::now() + TOAST_MS));
        to.push(here);
        let open = self.open_file.clone();
        self.load(point.live, point.screen);
        if self.file_names().contains(&open) {
            self.open_file = open;
            self.show_file();
        }
        self.save();
    }

    /// Puts another session in the place of this one, as a step that can be undone.
    pub(super) fn replace(&mut self, opening: Opening) {
        self.remember();
        self.undo.extend(opening.undo);
        self.forget_oldest();
        self.load(opening.live, opening.screen);
        self.recall_lines();
        self.notice = opening.note;
        self.save();
    }

    /// What was typed before in the session is in the console's history.
    pub(super) fn recall_lines(&mut self) {
        for (_, action) in self.live.entries() {
            if let Action::Line(line) = action {
                self.input.entered(line);
            }
        }
    }

    /// The address has another hash: what it stands for is opened, or it is said why not.
    pub(super) fn open_link(&mut self, hash: &str) {
        match opening::of_hash(hash) {
            Some(Ok(opening)) => {
                self.replace(opening);
                self.show_lab_first();
            }
            Some(Err(why)) => self.notice = Some(format!("{why} What was here before is still here.")),
            None => {}
        }
    }

    /// Shows a step's solution; asked again, types it.
    pub(super) fn solve(&mut self, step: usize) {
        if let Some(lines) = self.lab.as_mut().and_then(|lab| lab.solve(step)) {
            self.pending = lines.into();
            self.type_pending();
            self.go_on_typing();
        }
    }

    /// Types what waits, line by line; each waits for the one before.
    pub(super) fn type_pending(&mut self) {
        while self.live.session.state() != ConsoleState::Running
            && let Some(line) = self.pending.pop_front()
        {
            self.run(line);
        }
    }

    /// A command that is over may have done a step without a change of the cluster: it wrote a file of the console's own.
    pub(super) fn look_after_command(&mut self) {
        let count = self.live.entry_count();
        if self.looked_after != count && self.live.session.state() == ConsoleState::Prompt {
            self.looked_after = count;
            self.look_at_lab();
        }
    }

    /// Looks whether steps of the lab are done.
    pub(super) fn look_at_lab(&mut self) {
        let done = self.lab.as_ref().map_or(0, |lab| lab.look(&self.live));
        if done != self.live.lab_steps {
            self.tell(Toast::StepDone(done));
            self.live.lab_steps = done;
            self.save();
        }
    }

    /// Keeps the session for the next visit of this browser, at the next tick: no command waits for it.
    pub(super) fn save(&mut self) {
        self.unsaved = !self.embedded;
    }

    pub(super) fn store(&mut self) {
        if self.unsaved && late::here() {
            self.unsaved = false;
            browser::store("file", &self.open_file);
            if browser::store("session", &self.live.link()) {
                // From here on a reload goes on with what is here, not with the link that it came from.
                browser::clear_hash();
            }
        }
    }
}

impl LabState {
    /// How many steps are done: those that were, and those after them whose checks hold now.
    fn look(&self, live: &Live) -> usize {
        let mut done = live.lab_steps;
        while self.lab.steps.get(done).is_some_and(|step| step.holds(&live.session)) {
            done += 1;
        }
        done
    }
}
