//! The lab panel: steps that are checked as the cluster changes, hints, solutions, and the list of labs.

mod catalogue;
mod prose;

use super::browser;
use super::effect::{Effect, Link, Pane};
use super::opening::{Opening, SEED, find_lab};
use crate::playground::console::ConsoleState;
use crate::playground::labs::{self, Lab};
use crate::playground::share::{Live, Start};
use prose::{blocks, inlines, view_solution};
use std::cmp::Ordering;
use std::rc::Rc;
use yew::prelude::*;

/// The element that is the open lab's title.
const TITLE: &str = "lab-title";

pub enum Msg {
    /// Shows another hint of a step.
    Hint(usize),
    /// Shows a step's solution; asked again, types it.
    Solution(usize),
    /// Opens the list of labs, or closes it.
    Catalogue(bool),
    Start(&'static str),
    /// A lab page from elsewhere, by its name, or why it could not be read.
    Page(String, Result<String, String>),
}

/// A lab under way; how far it is stands in `Live`.
struct OpenLab {
    start: Rc<Start>,
    lab: Lab,
    /// How many hints of each step are shown.
    hints: Vec<usize>,
    solutions: Vec<bool>,
}

impl OpenLab {
    /// The lab that a session belongs to; what was shown of it before stays shown.
    fn of(live: &Live, before: Option<OpenLab>) -> Option<OpenLab> {
        if let Some(before) = before.filter(|before| before.start == live.start) {
            return Some(before);
        }
        let start = live.start.clone();
        let lab = match &start.page {
            Some(page) => labs::parse(page).ok()?,
            None => find_lab(start.lab.as_deref()?)?.1,
        };
        let count = lab.steps.len();
        Some(OpenLab { start, lab, hints: vec![0; count], solutions: vec![false; count] })
    }

    fn show_hint(&mut self, step: usize) {
        if let (Some(shown), Some(found)) = (self.hints.get_mut(step), self.lab.steps.get(step)) {
            *shown = (*shown + 1).min(found.hints.len());
        }
    }

    /// Shows a step's solution; where it is shown already, gives its lines.
    fn solve(&mut self, step: usize) -> Option<Vec<String>> {
        let shown = std::mem::replace(self.solutions.get_mut(step)?, true);
        shown.then(|| self.lab.steps[step].solution.clone())
    }

    /// How many steps are done: those that were, and those after them whose checks hold now.
    fn look(&self, live: &Live) -> usize {
        let mut done = live.lab_steps;
        while self.lab.steps.get(done).is_some_and(|step| step.holds(&live.session)) {
            done += 1;
        }
        done
    }
}

/// The pane with the open lab, if there is one, or the list of labs.
pub struct LabPane {
    open: Option<OpenLab>,
    /// The list of labs is shown.
    catalogue: bool,
    /// How many inputs there were when a command's end was last looked at.
    looked_after: usize,
    embedded: bool,
}

impl LabPane {
    pub fn new(live: &Live, embedded: bool) -> LabPane {
        LabPane { open: OpenLab::of(live, None), catalogue: false, looked_after: 0, embedded }
    }

    /// Another session is in the place of the one before.
    pub fn load(&mut self, live: &Live) {
        let before = self.open.take();
        self.open = OpenLab::of(live, before);
    }

    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub fn shows_catalogue(&self) -> bool {
        self.catalogue
    }

    /// The pane is shown: without a lab there is nothing to see in it but which labs there are.
    pub fn show(&mut self) {
        self.catalogue |= self.open.is_none();
    }

    pub fn hide_catalogue(&mut self) {
        self.catalogue = false;
    }

    /// How many steps of the open lab are done now.
    pub fn look(&self, live: &Live) -> usize {
        self.open.as_ref().map_or(0, |open| open.look(live))
    }

    /// A command that is over may have done a step without a change of the cluster: it wrote a file of the console's own. True: one is,
    /// since this was last asked.
    pub fn command_is_over(&mut self, live: &Live) -> bool {
        let count = live.entry_count();
        let over = self.looked_after != count && live.session.state() == ConsoleState::Prompt;
        if over {
            self.looked_after = count;
        }
        over
    }

    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Hint(step) => {
                if let Some(open) = &mut self.open {
                    open.show_hint(step);
                }
            }
            Msg::Solution(step) => return self.open.as_mut().and_then(|open| open.solve(step)).map(Effect::Solve).into_iter().collect(),
            Msg::Catalogue(true) => {
                browser::remember_focus();
                self.catalogue = true;
                return vec![Effect::ShowPane(Pane::Lab), Effect::Focus("first-lab")];
            }
            Msg::Catalogue(false) => {
                browser::give_focus_back();
                self.catalogue = false;
            }
            Msg::Start(name) => {
                if let Some((entry, lab)) = find_lab(name) {
                    self.catalogue = false;
                    return vec![
                        Effect::Replace(Box::new(Opening::new(Start::of_lab(entry, &lab, SEED)))),
                        Effect::ShowPane(Pane::Lab),
                        Effect::Focus(TITLE),
                    ];
                }
            }
            Msg::Page(name, text) => return self.open_page(&name, text),
        }
        Vec::new()
    }

    /// Opens a lab page from elsewhere, or says what is wrong with it.
    fn open_page(&mut self, name: &str, text: Result<String, String>) -> Vec<Effect> {
        match text.and_then(|page| Opening::of_page(name, &page)) {
            Ok(opening) => {
                self.catalogue = false;
                // An embedded page began with nothing; there is nothing to go back to, and the focus is the embedding page's.
                let last = if self.embedded { Effect::ForgetPast } else { Effect::Focus(TITLE) };
                vec![Effect::Replace(Box::new(opening)), Effect::ShowPane(Pane::Lab), last]
            }
            Err(why) => vec![Effect::Notice(why), Effect::ShowPane(Pane::Console)],
        }
    }

    pub fn view(&self, live: &Live, link: &Link<Msg>) -> Html {
        if self.catalogue {
            return catalogue::view(link);
        }
        let Some(open) = &self.open else {
            return html! {
                <section class="pane lab" aria-label="Lab">
                    <div class="body">
                        <p class="dim">{ "This is the playground. The labs lead you through it step by step." }</p>
                        <button class="btn line" onclick={link.send(|_| Msg::Catalogue(true))}>{ "Choose a lab" }</button>
                    </div>
                </section>
            };
        };
        view_open(open, live.lab_steps, link)
    }
}

fn view_open(open: &OpenLab, done: usize, link: &Link<Msg>) -> Html {
    let count = open.lab.steps.len();
    html! {
        <section class="pane lab" aria-label="Lab">
            <div class="head">
                <h2 class="grow" id={TITLE} tabindex="-1">{ &open.lab.title }</h2>
                <span class="small dim">{ format!("{done} of {count}") }</span>
                <button class="btn" onclick={link.ask(|_| Effect::StartScenario(0))}>{ "Leave" }</button>
            </div>
            <div class="body">
                if done == 0 { { blocks(link.asks(), &open.lab.introduction) } }
                <ol class="steps">
                    { for open.lab.steps.iter().enumerate().map(|(index, _)| view_step(open, index, done, link)) }
                </ol>
                if done >= count { <p class="finished" role="status"><strong>{ "All steps are done." }</strong>{ " Undo or reset lets you look again; another lab waits under Labs." }</p> }
            </div>
        </section>
    }
}

fn view_step(open: &OpenLab, index: usize, done: usize, link: &Link<Msg>) -> Html {
    let step = &open.lab.steps[index];
    let word = match index.cmp(&done) {
        Ordering::Less => "done",
        Ordering::Equal => "current",
        Ordering::Greater => "open",
    };
    let shown = open.hints[index];
    html! {
        <li class={classes!("step", word)} aria-label={format!("Step {}, {}, {word}", index + 1, step.title)} aria-current={(word == "current").then_some("step")}>
            <h3><span class="num" aria-hidden="true">{ if word == "done" { "✓".to_owned() } else { (index + 1).to_string() } }</span>{ &step.title }</h3>
            // The step just done stays readable: its text may say what to look at next.
            if word == "current" || index + 1 == done { { blocks(link.asks(), &step.prose) } }
            if word == "current" {
                { for step.hints.iter().take(shown).map(|hint| html! { <p class="hint">{ inlines(link.asks(), hint) }</p> }) }
                if open.solutions[index] {
                    { view_solution(link.asks(), &step.solution) }
                }
                <div class="foot">
                    if shown < step.hints.len() { <button class="btn" onclick={link.send(move |_| Msg::Hint(index))}>{ "Hint" }</button> }
                    <button class="btn" onclick={link.send(move |_| Msg::Solution(index))} aria-label="Solution">{ if open.solutions[index] { "Run solution" } else { "Solution" } }</button>
                </div>
            }
        </li>
    }
}
