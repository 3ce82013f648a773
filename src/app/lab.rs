//! The lab panel: steps that are checked as the cluster changes, hints, solutions, and progress that survives a reload.

use super::console::view_command;
use super::opening::{Opening, find_lab};
use super::{App, Msg, Pane, browser};
use crate::playground::labs::{self, Block, Inline, Lab};
use crate::playground::share::{Live, Start};
use std::cmp::Ordering;
use std::rc::Rc;
use yew::prelude::*;

/// A lab under way; how far it is stands in `Live`.
pub struct LabState {
    start: Rc<Start>,
    pub lab: Lab,
    /// How many hints of each step are shown.
    hints: Vec<usize>,
    solutions: Vec<bool>,
}

impl LabState {
    /// The lab that a session belongs to; what was shown of it before stays shown.
    pub fn of(live: &Live, before: Option<LabState>) -> Option<LabState> {
        if let Some(before) = before.filter(|before| before.start == live.start) {
            return Some(before);
        }
        let start = live.start.clone();
        let lab = match &start.page {
            Some(page) => labs::parse(page).ok()?,
            None => find_lab(start.lab.as_deref()?)?.1,
        };
        let count = lab.steps.len();
        Some(LabState { start, lab, hints: vec![0; count], solutions: vec![false; count] })
    }

    pub fn show_hint(&mut self, step: usize) {
        if let (Some(shown), Some(found)) = (self.hints.get_mut(step), self.lab.steps.get(step)) {
            *shown = (*shown + 1).min(found.hints.len());
        }
    }

    /// Shows a step's solution; where it is shown already, gives its lines.
    pub fn solve(&mut self, step: usize) -> Option<Vec<String>> {
        let shown = std::mem::replace(self.solutions.get_mut(step)?, true);
        shown.then(|| self.lab.steps[step].solution.clone())
    }
}

/// First words by which a code span is a command that can be typed into the console.
const COMMANDS: [&str; 6] = ["kubectl", "for", "cat", "ls", "ssh", "sleep"];

/// Code that is not broken at the end of a line, in characters.
const SHORT: usize = 28;

fn is_command(text: &str) -> bool {
    text.split_once(' ').is_some_and(|(first, _)| COMMANDS.contains(&first))
}

fn inlines(link: &yew::html::Scope<App>, text: &[Inline]) -> Html {
    let one = |inline: &Inline| match inline {
        Inline::Text(text) => html! { { text } },
        Inline::Strong(text) => html! { <strong>{ text }</strong> },
        Inline::Emphasis(text) => html! { <em>{ text }</em> },
        Inline::Link { text, address } => html! { <a href={address.clone()} target="_blank" rel="noopener">{ text }</a> },
        Inline::Code(code) if is_command(code) => view_command(link, code),
        Inline::Code(code) => html! { <code class={(code.len() <= SHORT).then_some("short")}>{ code }</code> },
    };
    let mut html = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [inline, next @ ..] = rest {
        rest = next;
        // The comma or full stop after a command stays on its line.
        if let (Inline::Code(code), [Inline::Text(after), next @ ..]) = (inline, next)
            && is_command(code)
            && after.starts_with([',', '.', ':', ';', ')'])
        {
            rest = next;
            let (mark, after) = after.split_at(1);
            html.push(html! { <><span class="with">{ view_command(link, code) }{ mark.to_owned() }</span>{ after.to_owned() }</> });
            continue;
        }
        html.push(one(inline));
    }
    html.into_iter().collect()
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

/// A solution line by line to type; as one text where lines belong together.
fn view_solution(link: &yew::html::Scope<App>, lines: &[String]) -> Html {
    if lines.iter().all(|line| is_command(line)) {
        html! { <div class="solution">{ for lines.iter().map(|line| view_command(link, line)) }</div> }
    } else {
        html! { <pre class="solution">{ lines.join("\n") }</pre> }
    }
}

impl App {
    /// A lab has taken the place of the session.
    pub(super) fn begin_lab(&mut self) {
        self.show_labs = false;
        self.pane = Pane::Lab;
        self.focus = Some("lab-title");
    }

    /// What was opened by its address begins with its lab, where there is one and a phone shows one pane at a time.
    pub(super) fn show_lab_first(&mut self) {
        if self.lab.is_some() {
            self.pane = Pane::Lab;
        }
    }

    /// Opens a lab page from elsewhere, or says what is wrong with it.
    pub(super) fn open_page(&mut self, name: &str, text: Result<String, String>) {
        match text.and_then(|page| Opening::of_page(name, &page)) {
            Ok(opening) => {
                self.replace(opening);
                self.begin_lab();
                if self.embedded {
                    // The page began with nothing; there is nothing to go back to, and the focus is the embedding page's.
                    self.undo.clear();
                    self.focus = None;
                }
            }
            Err(why) => {
                self.notice = Some(why);
                self.pane = Pane::Console;
            }
        }
    }

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
        self.view_open_lab(ctx, state)
    }

    #[inline(never)]
    fn view_open_lab(&self, ctx: &Context<Self>, state: &LabState) -> Html {
        let link = ctx.link();
        let (done, count) = (self.live.lab_steps, state.lab.steps.len());
        html! {
            <section class="pane lab" aria-label="Lab">
                <div class="head">
                    <h2 class="grow" id="lab-title" tabindex="-1">{ &state.lab.title }</h2>
                    <span class="small dim">{ format!("{done} of {count}") }</span>
                    <button class="btn" onclick={link.callback(|_| Msg::LeaveLab)}>{ "Leave" }</button>
                </div>
                <div class="body">
                    if done == 0 { { blocks(link, &state.lab.introduction) } }
                    <ol class="steps">
                        { for state.lab.steps.iter().enumerate().map(|(index, _)| self.view_step(ctx, state, index)) }
                    </ol>
                    if done >= count { <p class="finished" role="status"><strong>{ "All steps are done." }</strong>{ " Undo or reset lets you look again; another lab waits under Labs." }</p> }
                </div>
            </section>
        }
    }

    fn view_step(&self, ctx: &Context<Self>, state: &LabState, index: usize) -> Html {
        let link = ctx.link();
        let step = &state.lab.steps[index];
        let done = self.live.lab_steps;
        let word = match index.cmp(&done) {
            Ordering::Less => "done",
            Ordering::Equal => "current",
            Ordering::Greater => "open",
        };
        let shown = state.hints[index];
        html! {
            <li class={classes!("step", word)} aria-label={format!("Step {}, {}, {word}", index + 1, step.title)} aria-current={(word == "current").then_some("step")}>
                <h3><span class="num" aria-hidden="true">{ if word == "done" { "✓".to_owned() } else { (index + 1).to_string() } }</span>{ &step.title }</h3>
                // The step just done stays readable: its text may say what to look at next.
                if word == "current" || index + 1 == done { { blocks(link, &step.prose) } }
                if word == "current" {
                    { for step.hints.iter().take(shown).map(|hint| html! { <p class="hint">{ inlines(link, hint) }</p> }) }
                    if state.solutions[index] {
                        { view_solution(link, &step.solution) }
                    }
                    <div class="foot">
                        if shown < step.hints.len() { <button class="btn" onclick={link.callback(move |_| Msg::Hint(index))}>{ "Hint" }</button> }
                        <button class="btn" onclick={link.callback(move |_| Msg::Solution(index))} aria-label="Solution">{ if state.solutions[index] { "Run solution" } else { "Solution" } }</button>
                    </div>
                }
            </li>
        }
    }

    #[inline(never)]
    fn view_catalogue(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let entry = |(index, entry): (usize, &'static labs::Entry)| {
            let lab = labs::parse(entry.page).ok()?;
            let name = entry.name;
            Some(html! {
                <li>
                    <button class="choice" id={(index == 0).then_some("first-lab")} onclick={link.callback(move |_| Msg::StartLab(name))}>
                        <strong>{ &lab.title }</strong>
                        <span class="small dim">{ format!("{} steps, about {} minutes", lab.steps.len(), lab.minutes) }</span>
                    </button>
                </li>
            })
        };
        let give = link.callback(|(name, text)| Msg::Page(name, Ok(text)));
        let chosen = Callback::from(move |event: Event| browser::read_chosen_file(&event, labs::PAGE_MAX, give.clone()));
        let close = link.batch_callback(|event: KeyboardEvent| (event.key() == "Escape").then_some(Msg::ShowLabs(false)));
        html! {
            <section class="pane lab catalogue" aria-label="Lab" onkeydown={close}>
                <div class="head"><h2 class="grow">{ "Labs" }</h2><button class="btn" onclick={link.callback(|_| Msg::ShowLabs(false))}>{ "Close" }</button></div>
                <div class="body">
                    <ul class="choices" aria-label="Labs" data-arrows="">{ for labs::ALL.iter().enumerate().filter_map(entry) }</ul>
                    <label class="choice own">
                        <strong>{ "Open a lab file…" }</strong>
                        <span class="small dim">{ "A Markdown page of your own; the README tells how to write one." }</span>
                        <input type="file" accept=".md,.markdown,.txt,text/markdown" aria-label="Open a lab file" onchange={chosen} />
                    </label>
                </div>
            </section>
        }
    }
}
