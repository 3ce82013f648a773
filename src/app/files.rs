//! The manifests: tabs of files, the editor, what is wrong in them by line.

use super::browser;
use super::effect::{Effect, Link};
use super::icons::icon;
use crate::playground::console::ConsoleState;
use crate::playground::fixes::Fix;
use crate::playground::mistakes;
use crate::playground::share::{Action, Live};
use crate::values::yaml::Diagnostic;
use yew::prelude::*;

/// Mistakes that are told at once.
const MISTAKES_SHOWN: usize = 3;
/// How the names of manifests end.
const ENDS: [&str; 3] = [".yaml", ".yml", ".json"];

pub enum Msg {
    /// The open file's new text.
    Edit(String),
    Open(String),
    New,
    /// Begins or gives up renaming the open file.
    Renaming(bool),
    NameTyped(String),
    Rename,
    Remove,
    /// Types `kubectl apply` of the open file.
    Apply,
    /// Types `kubectl delete` of the open file.
    Delete,
    /// Mends a mistake of the open file.
    Fix(Fix),
}

/// The pane with the manifests.
pub struct Files {
    /// The open file's name; empty: none is open.
    open: String,
    /// The open file's new name, as far as it is written.
    renaming: Option<String>,
    mistakes: Vec<Diagnostic>,
}

/// The manifests of the console's home folder.
pub fn manifests(live: &Live) -> Vec<String> {
    live.session.file_names().into_iter().filter(|name| is_manifest(name)).collect()
}

fn is_manifest(name: &str) -> bool {
    ENDS.iter().any(|end| name.ends_with(end))
}

/// The command of a button, or why it cannot be typed: a program in the console would read it.
fn command(live: &Live, line: String) -> Result<Effect, Effect> {
    match live.session.state() {
        ConsoleState::Prompt | ConsoleState::Running => Ok(Effect::Type(vec![line])),
        ConsoleState::Continuation | ConsoleState::Reading => {
            Err(Effect::Notice("A program in the console reads what is typed. End it with Ctrl-D or Ctrl-C, then press the button again.".to_owned()))
        }
    }
}

impl Files {
    /// `open` is the file that was open in the last visit.
    pub fn new(live: &Live, open: String) -> Files {
        let mut files = Files { open, renaming: None, mistakes: Vec::new() };
        files.open_first(live);
        files.show(live);
        files
    }

    pub fn open_name(&self) -> &str {
        &self.open
    }

    /// Another session is in the place of the one before.
    pub fn load(&mut self, live: &Live) {
        self.open.clear();
        self.open_first(live);
        self.show(live);
    }

    /// The file that was open stays open, where there still is one of this name.
    pub fn reopen(&mut self, name: String, live: &Live) {
        if manifests(live).contains(&name) {
            self.open = name;
            self.show(live);
        }
    }

    fn open_first(&mut self, live: &Live) {
        if !manifests(live).contains(&self.open) {
            self.open = live.start.files.first().map_or_else(String::new, |file| file.name.clone());
        }
    }

    /// Shows the open file in the editor.
    pub fn show(&mut self, live: &Live) {
        let text = live.session.read_file(&self.open);
        browser::show_text(text.as_deref().unwrap_or_default());
        self.mark_mistakes(text.as_deref());
    }

    fn mark_mistakes(&mut self, text: Option<&str>) {
        self.mistakes = text.map_or_else(Vec::new, mistakes::of);
        browser::mark(&self.mistakes);
    }

    pub fn update(&mut self, msg: Msg, live: &Live) -> Vec<Effect> {
        match msg {
            Msg::Edit(text) => return self.edit(text, live),
            Msg::Open(name) => {
                self.open = name;
                self.renaming = None;
                self.show(live);
                return vec![Effect::Save];
            }
            Msg::New => return self.make(live),
            Msg::Renaming(begins) => return vec![self.start_renaming(begins)],
            Msg::NameTyped(name) => self.renaming = Some(name),
            Msg::Rename => return self.rename(live),
            Msg::Remove => return self.remove(live),
            Msg::Apply => return self.kubectl("apply", live),
            Msg::Delete => return self.kubectl("delete", live),
            Msg::Fix(fix) => {
                let text = fix.apply(&live.session.read_file(&self.open).unwrap_or_default());
                browser::show_text(&text);
                return self.edit(text, live);
            }
        }
        Vec::new()
    }

    fn kubectl(&self, verb: &str, live: &Live) -> Vec<Effect> {
        if self.open.is_empty() {
            return Vec::new();
        }
        vec![command(live, format!("kubectl {verb} -f {}", self.open)).unwrap_or_else(|why| why)]
    }

    fn edit(&mut self, text: String, live: &Live) -> Vec<Effect> {
        if self.open.is_empty() || live.session.read_file(&self.open).as_deref() == Some(text.as_str()) {
            return Vec::new();
        }
        self.mark_mistakes(Some(&text));
        vec![Effect::Act(Action::File(self.open.clone(), text))]
    }

    /// Makes an empty file.
    fn make(&mut self, live: &Live) -> Vec<Effect> {
        let names = manifests(live);
        let name = (1..).map(|number| format!("manifest-{number}.yaml")).find(|name| !names.contains(name)).unwrap_or_default();
        self.open.clone_from(&name);
        browser::show_text("");
        self.mark_mistakes(Some(""));
        vec![Effect::Act(Action::File(name, String::new())), Effect::Focus("manifest")]
    }

    fn start_renaming(&mut self, begins: bool) -> Effect {
        self.renaming = Some(self.open.clone()).filter(|name| begins && !name.is_empty());
        Effect::Focus(if self.renaming.is_some() { "file-name" } else { "file-tab" })
    }

    /// Gives the open file another name, as a user would in the console: what a button does can be seen, undone and shared.
    fn rename(&mut self, live: &Live) -> Vec<Effect> {
        let name = self.renaming.take().unwrap_or_default();
        let fits = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter));
        let name = if is_manifest(&name) { name } else { format!("{name}.yaml") };
        let focus = self.start_renaming(false);
        if !fits || name.starts_with('-') || manifests(live).contains(&name) {
            let why = || Effect::Notice(format!("There can be no file {name:?}: a name is letters, digits, dots and dashes, and no other file's."));
            return [focus].into_iter().chain((name != self.open).then(why)).collect();
        }
        match command(live, format!("mv {} {name}", self.open)) {
            Ok(typed) => vec![focus, typed, Effect::OpenFile(name)],
            Err(why) => vec![focus, why],
        }
    }

    /// Removes the open file; the next one is open then.
    fn remove(&mut self, live: &Live) -> Vec<Effect> {
        if self.open.is_empty() {
            return Vec::new();
        }
        let names = manifests(live);
        let place = names.iter().position(|name| *name == self.open).unwrap_or(0);
        let next = names.get(place + 1).or_else(|| names.get(place.checked_sub(1)?)).cloned().unwrap_or_default();
        let focus = Effect::Focus(if next.is_empty() { "new-file" } else { "file-tab" });
        match command(live, format!("rm {}", self.open)) {
            Ok(typed) => vec![typed, Effect::OpenFile(next), focus],
            Err(why) => vec![why],
        }
    }

    fn view_mistake(&self, live: &Live, link: &Link<Msg>, mistake: &Diagnostic) -> Html {
        let text = live.session.read_file(&self.open).unwrap_or_default();
        let fix = Fix::of(&text, mistake).map(|fix| {
            let (meant, apply) = (fix.right, link.send(move |_| Msg::Fix(fix.clone())));
            html! { <div class="fix"><span class="grow">{ "Did you mean " }<code>{ meant }</code>{ "?" }</span><button class="btn line" aria-label={format!("Fix: {meant}")} onclick={apply}>{ "Fix" }</button></div> }
        });
        html! { <li>{ format!("Line {}: {}", mistake.line, mistake.message) }{ fix.unwrap_or_default() }</li> }
    }

    fn view_mistakes(&self, live: &Live, link: &Link<Msg>) -> Html {
        let mistakes = self.mistakes.iter().take(MISTAKES_SHOWN).map(|mistake| self.view_mistake(live, link, mistake));
        html! { <div class="mistakes" role="status"><ul>{ for mistakes }</ul></div> }
    }

    pub fn view(&self, live: &Live, link: &Link<Msg>) -> Html {
        let names = manifests(live);
        let tab = |name: &String| {
            let (open, target) = (*name == self.open, name.clone());
            if let Some(written) = self.renaming.as_ref().filter(|_| open) {
                return view_file_name(link, written);
            }
            let keys = link.send_some(|event: KeyboardEvent| match event.key().as_str() {
                "F2" => Some(Msg::Renaming(true)),
                "Delete" => Some(Msg::Remove),
                _ => None,
            });
            html! { <button role="tab" id={open.then_some("file-tab")} class={classes!("tab", open.then_some("on"))} aria-selected={open.to_string()} aria-controls="editor" onkeydown={open.then_some(keys)} ondblclick={link.send(|_| Msg::Renaming(true))} onclick={link.send(move |_| Msg::Open(target.clone()))}>{ name }</button> }
        };
        let edit = link.send(|event: InputEvent| Msg::Edit(event.target_unchecked_into::<web_sys::HtmlTextAreaElement>().value()));
        let nothing = self.open.is_empty();
        let count = self.mistakes.len();
        html! {
            <section class="pane files" aria-label="Files">
                <div class="head">
                    <h2 class="grow">{ "Files" }</h2>
                    <button class="btn icon" id="new-file" aria-label="New file" title="New file" onclick={link.send(|_| Msg::New)}>{ icon("plus") }</button>
                    if !nothing {
                        <button class="btn icon" aria-label={format!("Rename {}", self.open)} title="Rename (F2)" onclick={link.send(|_| Msg::Renaming(true))}>{ icon("pen") }</button>
                        <button class="btn icon" aria-label={format!("Remove {}", self.open)} title="Remove (Undo brings it back)" onclick={link.send(|_| Msg::Remove)}>{ icon("close") }</button>
                    }
                </div>
                <div class="tabs"><div class="names" role="tablist" aria-label="Files" data-arrows="">{ for names.iter().map(tab) }</div></div>
                <div class="editor" id="editor">
                    <textarea id="manifest" aria-label="Manifest" spellcheck="false" autocapitalize="off" oninput={edit} />
                </div>
                if nothing { <div class="empty">{ icon("file") }<strong>{ "No manifests yet" }</strong><span class="dim">{ "Make a file with + and write YAML, or paste it." }</span></div> }
                if count > 0 { { self.view_mistakes(live, link) } }
                <div class="foot">
                    if count > 0 { <span class="problems">{ icon("warning") }{ if count == 1 { "1 problem".to_owned() } else { format!("{count} problems") } }</span> }
                    <span class="grow commands small dim mono" aria-hidden="true">{ if nothing { String::new() } else { format!("kubectl … -f {}", self.open) } }</span>
                    <button class="btn" onclick={link.send(|_| Msg::Delete)} disabled={nothing} title={format!("kubectl delete -f {}: deletes the objects from the cluster; the file stays", self.open)}>{ "Delete" }</button>
                    <button class="btn fill" onclick={link.send(|_| Msg::Apply)} disabled={nothing} title="Ctrl-Enter in the editor">{ "Apply" }</button>
                </div>
            </section>
        }
    }
}

/// The open file's tab while its name is written.
fn view_file_name(link: &Link<Msg>, written: &str) -> Html {
    let keys = link.send_some(|event: KeyboardEvent| match event.key().as_str() {
        "Enter" => Some(Msg::Rename),
        "Escape" => Some(Msg::Renaming(false)),
        _ => None,
    });
    let typed = link.send(|event: InputEvent| Msg::NameTyped(event.target_unchecked_into::<web_sys::HtmlInputElement>().value()));
    html! { <input class="tab on rename" id="file-name" aria-label="File name" spellcheck="false" value={written.to_owned()} oninput={typed} onkeydown={keys} /> }
}
