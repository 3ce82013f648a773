//! The manifests: tabs of files, the editor, what is wrong in them by line.

use super::icons::icon;
use super::{App, Msg, browser};
use crate::playground::fixes::Fix;
use crate::playground::mistakes;
use crate::playground::share::Action;
use crate::values::yaml::Diagnostic;
use yew::prelude::*;

/// Mistakes that are told at once.
const MISTAKES_SHOWN: usize = 3;

/// The open file's tab while its name is written.
fn view_file_name(ctx: &Context<App>, written: &str) -> Html {
    let link = ctx.link();
    let keys = link.batch_callback(|event: KeyboardEvent| match event.key().as_str() {
        "Enter" => Some(Msg::Rename),
        "Escape" => Some(Msg::Renaming(false)),
        _ => None,
    });
    let typed = link.callback(|event: InputEvent| Msg::NameTyped(event.target_unchecked_into::<web_sys::HtmlInputElement>().value()));
    html! { <input class="tab on rename" id="file-name" aria-label="File name" spellcheck="false" value={written.to_owned()} oninput={typed} onkeydown={keys} /> }
}

impl App {
    pub(super) fn edit(&mut self, text: String) {
        if self.open_file.is_empty() || self.live.session.read_file(&self.open_file).as_deref() == Some(text.as_str()) {
            return;
        }
        self.remember_edit();
        self.live.act(Action::File(self.open_file.clone(), text));
        self.mark_mistakes();
        self.save();
    }

    pub(super) fn new_file(&mut self) {
        let names = self.file_names();
        let name = (1..).map(|number| format!("manifest-{number}.yaml")).find(|name| !names.contains(name)).unwrap_or_default();
        self.remember();
        self.live.act(Action::File(name.clone(), String::new()));
        self.open_file = name;
        self.focus = Some("manifest");
        self.show_file();
        self.save();
    }

    pub(super) fn start_renaming(&mut self, begins: bool) {
        self.renaming = Some(self.open_file.clone()).filter(|name| begins && !name.is_empty());
        self.focus = Some(if self.renaming.is_some() { "file-name" } else { "file-tab" });
    }

    /// Gives the open file another name, as a user would in the console: what a button does can be seen, undone and shared.
    pub(super) fn rename_file(&mut self) {
        let name = self.renaming.take().unwrap_or_default();
        let fits = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter));
        let name = if [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end)) { name } else { format!("{name}.yaml") };
        self.start_renaming(false);
        if !fits || name.starts_with('-') || self.file_names().contains(&name) {
            if name != self.open_file {
                self.notice = Some(format!("There can be no file {name:?}: a name is letters, digits, dots and dashes, and no other file's."));
            }
            return;
        }
        if self.command(format!("mv {} {name}", self.open_file)) {
            self.open_file = name;
            self.show_file();
        }
    }

    pub(super) fn remove_file(&mut self) {
        let names = self.file_names();
        let place = names.iter().position(|name| *name == self.open_file).unwrap_or(0);
        if !self.open_file.is_empty() && self.command(format!("rm {}", self.open_file)) {
            let next = names.get(place + 1).or_else(|| names.get(place.checked_sub(1)?));
            self.open_file = next.cloned().unwrap_or_default();
            self.focus = Some(if self.open_file.is_empty() { "new-file" } else { "file-tab" });
            self.show_file();
        }
    }

    /// The manifests of the console's home folder.
    pub(super) fn file_names(&self) -> Vec<String> {
        let is_manifest = |name: &String| [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end));
        self.live.session.file_names().into_iter().filter(is_manifest).collect()
    }

    pub(super) fn show_file(&mut self) {
        browser::show_text(&self.live.session.read_file(&self.open_file).unwrap_or_default());
        self.mark_mistakes();
    }

    fn mark_mistakes(&mut self) {
        self.mistakes = self.live.session.read_file(&self.open_file).map_or_else(Vec::new, |text| mistakes::of(&text));
        browser::mark(&self.mistakes);
    }

    fn view_mistake(&self, ctx: &Context<Self>, mistake: &Diagnostic) -> Html {
        let text = self.live.session.read_file(&self.open_file).unwrap_or_default();
        let fix = Fix::of(&text, mistake).map(|fix| {
            let (meant, apply) = (fix.right, ctx.link().callback(move |_| Msg::Fix(fix.clone())));
            html! { <div class="fix"><span class="grow">{ "Did you mean " }<code>{ meant }</code>{ "?" }</span><button class="btn line" aria-label={format!("Fix: {meant}")} onclick={apply}>{ "Fix" }</button></div> }
        });
        html! { <li>{ format!("Line {}: {}", mistake.line, mistake.message) }{ fix.unwrap_or_default() }</li> }
    }

    #[inline(never)]
    fn view_mistakes(&self, ctx: &Context<Self>) -> Html {
        let mistakes = self.mistakes.iter().take(MISTAKES_SHOWN).map(|mistake| self.view_mistake(ctx, mistake));
        html! { <div class="mistakes" role="status"><ul>{ for mistakes }</ul></div> }
    }

    pub(super) fn view_left(&self, ctx: &Context<Self>) -> Html {
        let link = ctx.link();
        let names = self.file_names();
        let tab = |name: &String| {
            let (open, target) = (*name == self.open_file, name.clone());
            if let Some(written) = self.renaming.as_ref().filter(|_| open) {
                return view_file_name(ctx, written);
            }
            let keys = link.batch_callback(|event: KeyboardEvent| match event.key().as_str() {
                "F2" => Some(Msg::Renaming(true)),
                "Delete" => Some(Msg::RemoveFile),
                _ => None,
            });
            html! { <button role="tab" id={open.then_some("file-tab")} class={classes!("tab", open.then_some("on"))} aria-selected={open.to_string()} aria-controls="editor" onkeydown={open.then_some(keys)} ondblclick={link.callback(|_| Msg::Renaming(true))} onclick={link.callback(move |_| Msg::OpenFile(target.clone()))}>{ name }</button> }
        };
        let edit = link.callback(|event: InputEvent| Msg::Edit(event.target_unchecked_into::<web_sys::HtmlTextAreaElement>().value()));
        let nothing = self.open_file.is_empty();
        let count = self.mistakes.len();
        html! {
            <div class="left">
                { self.view_separator(ctx, super::panes::Side::Left) }
                { self.view_lab(ctx) }
                <section class="pane files" aria-label="Files">
                    <div class="head">
                        <h2 class="grow">{ "Files" }</h2>
                        <button class="btn icon" id="new-file" aria-label="New file" title="New file" onclick={link.callback(|_| Msg::NewFile)}>{ icon("plus") }</button>
                        if !nothing {
                            <button class="btn icon" aria-label={format!("Rename {}", self.open_file)} title="Rename (F2)" onclick={link.callback(|_| Msg::Renaming(true))}>{ icon("pen") }</button>
                            <button class="btn icon" aria-label={format!("Remove {}", self.open_file)} title="Remove (Undo brings it back)" onclick={link.callback(|_| Msg::RemoveFile)}>{ icon("close") }</button>
                        }
                    </div>
                    <div class="tabs"><div class="names" role="tablist" aria-label="Files" data-arrows="">{ for names.iter().map(tab) }</div></div>
                    <div class="editor" id="editor">
                        <textarea id="manifest" aria-label="Manifest" spellcheck="false" autocapitalize="off" oninput={edit} />
                    </div>
                    if nothing { <div class="empty">{ icon("file") }<strong>{ "No manifests yet" }</strong><span class="dim">{ "Make a file with + and write YAML, or paste it." }</span></div> }
                    if count > 0 { { self.view_mistakes(ctx) } }
                    <div class="foot">
                        if count > 0 { <span class="problems">{ icon("warning") }{ if count == 1 { "1 problem".to_owned() } else { format!("{count} problems") } }</span> }
                        <span class="grow commands small dim mono" aria-hidden="true">{ if nothing { String::new() } else { format!("kubectl … -f {}", self.open_file) } }</span>
                        <button class="btn" onclick={link.callback(|_| Msg::Apply("delete"))} disabled={nothing} title={format!("kubectl delete -f {}: deletes the objects from the cluster; the file stays", self.open_file)}>{ "Delete" }</button>
                        <button class="btn fill" onclick={link.callback(|_| Msg::Apply("apply"))} disabled={nothing} title="Ctrl-Enter in the editor">{ "Apply" }</button>
                    </div>
                </section>
            </div>
        }
    }
}
