//! The lab panel: steps that are checked as the cluster changes, hints, solutions, and progress that survives a reload.

use super::opening::find_lab;
use super::{App, Msg, browser};
use crate::playground::labs::{self, Block, Inline, Lab};
use crate::playground::session::Session;
use crate::playground::share::Live;
use yew::prelude::*;

/// A lab under way.
pub struct LabState {
    name: String,
    lab: Lab,
    done: Vec<bool>,
    /// How many hints of each step are shown.
    hints: Vec<usize>,
    solutions: Vec<bool>,
}

impl LabState {
    /// The lab that a session belongs to, with the progress that this browser kept.
    pub fn of(live: &Live) -> Option<LabState> {
        let (name, lab) = find_lab(live.start.lab.as_deref()?)?;
        let count = lab.steps.len();
        let fresh = live.entries().next().is_none();
        let kept = browser::stored(&format!("lab.{name}")).filter(|_| !fresh).unwrap_or_default();
        let done = (0..count).map(|index| kept.as_bytes().get(index) == Some(&b'1')).collect();
        Some(LabState { name: name.to_owned(), lab, done, hints: vec![0; count], solutions: vec![false; count] })
    }

    pub fn save(&self) {
        let text: String = self.done.iter().map(|done| if *done { '1' } else { '0' }).collect();
        browser::store(&format!("lab.{}", self.name), &text);
    }

    /// Checks the current step, and those after it while they hold. True: one was done.
    pub fn look(&mut self, session: &Session) -> bool {
        let mut any = false;
        while let Some(current) = self.current() {
            if !self.lab.steps[current].holds(session) {
                break;
            }
            self.done[current] = true;
            any = true;
        }
        any
    }

    fn current(&self) -> Option<usize> {
        self.done.iter().position(|done| !done)
    }

    pub fn show_hint(&mut self, step: usize) {
        if let (Some(shown), Some(found)) = (self.hints.get_mut(step), self.lab.steps.get(step)) {
            *shown = (*shown + 1).min(found.hints.len());
        }
    }

    pub fn solution(&self, step: usize) -> Option<Vec<String>> {
        self.lab.steps.get(step).map(|step| step.solution.clone())
    }

    pub fn shows_solution(&self, step: usize) -> bool {
        self.solutions.get(step).copied().unwrap_or(false)
    }

    pub fn show_solution(&mut self, step: usize) {
        if let Some(shown) = self.solutions.get_mut(step) {
            *shown = true;
        }
    }
}

/// Whether a code span can be typed into the console.
fn is_command(text: &str) -> bool {
    ["kubectl ", "for ", "cat ", "ls ", "ssh "].iter().any(|start| text.starts_with(start))
}

fn inlines(link: &yew::html::Scope<App>, text: &[Inline]) -> Html {
    let one = |inline: &Inline| match inline {
        Inline::Text(text) => html! { { text } },
        Inline::Strong(text) => html! { <strong>{ text }</strong> },
        Inline::Emphasis(text) => html! { <em>{ text }</em> },
        Inline::Link { text, address } => html! { <a href={address.clone()} target="_blank" rel="noopener">{ text }</a> },
        Inline::Code(code) if is_command(code) => {
            let command = code.clone();
            html! { <button class="cmd" onclick={link.callback(move |_| Msg::Run(command.clone()))}>{ code }</button> }
        }
        Inline::Code(code) => html! { <code>{ code }</code> },
    };
    html! { <>{ for text.iter().map(one) }</> }
}

fn blocks(link: &yew::html::Scope<App>, prose: &[Block]) -> Html {
    let one = |block: &Block| match block {
        Block::Paragraph(text) => html! { <p>{ inlines(link, text) }</p> },
        Block::Heading(text) => html! { <h4>{ inlines(link, text) }</h4> },
        Block::List { items, .. } => html! { <ul>{ for items.iter().map(|item| html! { <li>{ inlines(link, item) }</li> }) }</ul> },
        Block::Code { text } => html! { <pre>{ text }</pre> },
    };
    html! { <>{ for prose.iter().map(one) }</> }
}

impl App {
    pub(super) fn view_lab(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        if self.show_labs {
            return self.view_catalogue(ctx);
        }
        let Some(state) = &self.lab else {
            return html! {
                <section class="pane lab" aria-label="Lab">
                    <div class="body">
                        <p class="dim">{ "This is the playground. The labs lead you through it step by step." }</p>
                        <button class="btn line" onclick={link.callback(|_| Msg::ShowLabs(true))}>{ "Choose a lab" }</button>
                    </div>
                </section>
            };
        };
        let done = state.done.iter().filter(|done| **done).count();
        let current = state.current();
        html! {
            <section class="pane lab" aria-label="Lab">
                <div class="head">
                    <h2 class="grow">{ &state.lab.title }</h2>
                    <span class="small dim">{ format!("{done} of {}", state.done.len()) }</span>
                    <button class="btn" onclick={link.callback(|_| Msg::LeaveLab)}>{ "Leave" }</button>
                </div>
                <div class="body">
                    if done == 0 { { blocks(link, &state.lab.introduction) } }
                    <ol class="steps">
                        { for state.lab.steps.iter().enumerate().map(|(index, _)| self.view_step(ctx, state, index, current)) }
                    </ol>
                    if current.is_none() { <p class="finished" role="status"><strong>{ "All steps are done." }</strong>{ " Undo or reset lets you look again; another lab waits under Labs." }</p> }
                </div>
            </section>
        }
    }

    fn view_step(&self, ctx: &Context<Self>, state: &LabState, index: usize, current: Option<usize>) -> Html {
        let link = ctx.link();
        let step = &state.lab.steps[index];
        let word = if state.done[index] {
            "done"
        } else if current == Some(index) {
            "current"
        } else {
            "open"
        };
        let shown = state.hints[index];
        html! {
            <li class={classes!("step", word)} aria-label={format!("Step {}, {}, {word}", index + 1, step.title)} aria-current={(word == "current").then_some("step")}>
                <h3><span class="num" aria-hidden="true">{ if word == "done" { "✓".to_owned() } else { (index + 1).to_string() } }</span>{ &step.title }</h3>
                if word == "current" {
                    { blocks(link, &step.prose) }
                    { for step.hints.iter().take(shown).map(|hint| html! { <p class="hint">{ inlines(link, hint) }</p> }) }
                    if state.solutions[index] {
                        <pre class="solution">{ step.solution.join("\n") }</pre>
                    }
                    <div class="foot">
                        if shown < step.hints.len() { <button class="btn" onclick={link.callback(move |_| Msg::Hint(index))}>{ "Hint" }</button> }
                        <button class="btn" onclick={link.callback(move |_| Msg::Solution(index))} aria-label="Solution">{ if state.solutions[index] { "Run solution" } else { "Solution" } }</button>
                    </div>
                }
            </li>
        }
    }

    fn view_catalogue(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let entry = |entry: &'static labs::Entry| {
            let lab = labs::parse(entry.page).ok()?;
            let name = entry.name;
            Some(html! {
                <li>
                    <button class="choice" onclick={link.callback(move |_| Msg::StartLab(name))}>
                        <strong>{ &lab.title }</strong>
                        <span class="small dim">{ format!("{} steps, about {} minutes", lab.steps.len(), lab.minutes) }</span>
                    </button>
                </li>
            })
        };
        html! {
            <section class="pane lab" aria-label="Lab">
                <div class="head"><h2 class="grow">{ "Labs" }</h2><button class="btn" onclick={link.callback(|_| Msg::ShowLabs(false))}>{ "Close" }</button></div>
                <div class="body"><ul class="choices" aria-label="Labs">{ for labs::ALL.iter().filter_map(entry) }</ul></div>
            </section>
        }
    }
}
