//! How the root component carries out effects: inputs change the session, other sessions take its place, time goes on, and what the parts
//! show of it is derived again.

use super::effect::{Effect, Pane};
use super::history::{Point, Way, goes_on};
use super::notices::Toast;
use super::opening::{self, Opening, scenario_start};
use super::palette::{self, Palette};
use super::{App, browser, console, details, files, lab, share};
use crate::playground::console::ConsoleState;
use crate::playground::share::Action;
use crate::values::object::ObjectKey;

impl App {
    /// Carries out effects one after the other, each with what comes of it.
    pub(super) fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let more = self.carry_out_one(effect);
            self.carry_out(more);
        }
    }

    /// Carries out an effect; gives what a part asks for in its turn.
    fn carry_out_one(&mut self, effect: Effect) -> Vec<Effect> {
        match effect {
            Effect::Act(action) => self.act(action),
            Effect::Type(lines) => {
                self.console.wait(lines);
                self.type_waiting();
            }
            Effect::Run(line) => return self.console.update(console::Msg::Run(line), &self.live),
            Effect::Solve(lines) => return self.console.update(console::Msg::Solve(lines), &self.live),
            Effect::Note(text) => self.console.note(&text),
            Effect::Replace(opening) => self.replace(*opening),
            Effect::StartScenario(index) => self.start_scenario(index),
            Effect::StartLab(name) => return self.lab.update(lab::Msg::Start(name)),
            Effect::Reset => self.replace(Opening::new((*self.live.start).clone())),
            Effect::Undo => self.travel(Way::Back),
            Effect::Redo => self.travel(Way::On),
            Effect::ForgetPast => self.history.forget_past(),
            Effect::Pause => self.clock.pause(),
            Effect::ChangeSpeed => self.clock.change_speed(),
            Effect::OpenFile(name) => return self.files.update(files::Msg::Open(name), &self.live),
            Effect::NewFile => return self.files.update(files::Msg::New, &self.live),
            Effect::Apply => return self.files.update(files::Msg::Apply, &self.live),
            Effect::Select(key) => return self.select(key, None),
            Effect::SelectFile(key, file) => return self.select(Some(key), Some(file)),
            Effect::ShowPane(pane) => {
                self.panes.show(pane);
                if pane == Pane::Lab {
                    self.lab.show();
                }
            }
            Effect::ShowFiles => self.panes.toggle_files(self.lab.is_open() || self.lab.shows_catalogue()),
            Effect::ShowLabs => return self.lab.update(lab::Msg::Catalogue(true)),
            Effect::OpenPalette(scope) => {
                browser::remember_focus();
                self.palette = Some(Palette::new(scope));
                self.focus = Some(palette::INPUT);
            }
            Effect::ClosePalette => {
                self.palette = None;
                browser::give_focus_back();
            }
            Effect::Share => {
                self.share.open(&self.live);
                self.focus = Some(share::LINK);
            }
            Effect::SwitchTheme => self.theme.switch(),
            Effect::Copy(text) => {
                browser::copy(&text);
                self.share.copied();
                self.notices.tell(Toast::Copied);
            }
            Effect::Focus(id) => self.focus = Some(id),
            Effect::Notice(text) => self.notices.put(Some(text)),
            Effect::Save => self.kept.save(),
        }
        Vec::new()
    }

    /// Opens the details of an object, at one of its files where one is given, or closes them.
    fn select(&mut self, key: Option<ObjectKey>, file: Option<String>) -> Vec<Effect> {
        self.picture.leave();
        self.details.update(details::Msg::Select(key, file), &self.live)
    }

    fn start_scenario(&mut self, index: usize) {
        self.replace(Opening::new(scenario_start(index)));
        self.lab.hide_catalogue();
        self.focus = Some(console::INPUT);
    }

    /// Does what a user did; a line at the prompt and the first of several edits of a file are steps that can be undone.
    fn act(&mut self, action: Action) {
        match &action {
            Action::Line(line) => {
                if self.live.session.state() == ConsoleState::Prompt {
                    self.remember();
                }
                self.console.enter(&self.live, line);
            }
            Action::File(name, _) if goes_on(&self.live, name) => self.history.forget_undone(),
            Action::File(..) => self.remember(),
            Action::Interrupt | Action::End => {}
        }
        let edits = matches!(action, Action::File(..));
        self.live.act(action);
        self.kept.save();
        if edits {
            return;
        }
        self.console.take_output(&mut self.live);
        // Nothing can have come of a command that goes on.
        if self.live.session.state() != ConsoleState::Continuation {
            self.refresh();
        }
    }

    /// Types what waits, line by line; each waits for the one before. True: something was typed.
    fn type_waiting(&mut self) -> bool {
        let mut typed = false;
        while let Some(line) = self.console.next_line(&self.live) {
            self.act(Action::Line(line));
            typed = true;
        }
        typed
    }

    fn point(&self) -> Point {
        Point { live: self.live.clone(), screen: self.console.screen().clone() }
    }

    /// Keeps an undo point.
    fn remember(&mut self) {
        self.history.remember(self.point());
        self.notices.forget_travel();
    }

    fn travel(&mut self, way: Way) {
        let here = self.point();
        let Some(point) = self.history.travel(way, here) else { return };
        self.notices.tell(Toast::travelled(way, &self.live, &point.live));
        let open = self.files.open_name().to_owned();
        self.load(point);
        self.files.reopen(open, &self.live);
        self.kept.save();
    }

    /// Puts another session in the place of this one, as a step that can be undone.
    fn replace(&mut self, opening: Opening) {
        self.remember();
        self.history.go_on_with(opening.undo);
        self.load(Point { live: opening.live, screen: opening.screen });
        self.console.recall(&self.live);
        self.notices.put(opening.notice);
        self.kept.save();
    }

    /// Puts another session in the place of this one.
    fn load(&mut self, point: Point) {
        self.live = point.live;
        self.console.load(&self.live, point.screen);
        self.lab.load(&self.live);
        self.details.load();
        self.picture.load();
        self.refresh();
        self.files.load(&self.live);
    }

    /// The address has another hash: what it stands for is opened, or it is said why not.
    pub(super) fn open_link(&mut self, hash: &str) {
        match opening::of_hash(hash) {
            Some(Ok(opening)) => {
                self.replace(opening);
                self.show_lab_first();
            }
            Some(Err(why)) => self.notices.put(Some(format!("{why} What was here before is still here."))),
            None => {}
        }
    }

    /// What was opened by its address begins with its lab, where there is one and a phone shows one pane at a time.
    pub(super) fn show_lab_first(&mut self) {
        if self.lab.is_open() {
            self.panes.show(Pane::Lab);
        }
    }

    /// A tick of the browser's clock. True: something is to be drawn.
    pub(super) fn tick(&mut self) -> bool {
        self.kept.store(&self.live, self.files.open_name());
        let now = browser::now();
        let faded = self.notices.fade(now) | self.picture.fade(now) | self.picture.measure();
        let Some(second) = self.clock.tick(now, &mut self.live) else { return faded };
        let printed = self.console.take_output(&mut self.live);
        let typed = self.type_waiting();
        let done = self.lab.command_is_over(&self.live) && self.look_at_lab();
        let looked = self.clock.is_due(now) && self.refresh();
        // Ages go on by themselves.
        faded | second | printed | typed | done | looked
    }

    /// Derives what the parts show, where the cluster changed. True: something did.
    pub(super) fn refresh(&mut self) -> bool {
        let began = browser::now();
        let news = self.picture.look(&self.live);
        if news.objects {
            self.events.look(self.live.session.cluster());
        }
        let any = news.objects || news.picture;
        if any {
            self.look_at_lab();
            self.details.look(&self.live);
        }
        self.clock.looked(began);
        any
    }

    /// Looks whether steps of the lab are done. True: others than before.
    fn look_at_lab(&mut self) -> bool {
        let done = self.lab.look(&self.live);
        if done == self.live.lab_steps {
            return false;
        }
        self.notices.tell(Toast::StepDone(done));
        self.live.lab_steps = done;
        self.kept.save();
        true
    }
}
