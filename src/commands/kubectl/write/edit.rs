//! edit: the object through an editor. Models kubectl/pkg/cmd/util/editor.

use crate::apiserver::{PatchType, WriteOptions, key_of};
use crate::commands::cli::encoding;
use crate::commands::cli::host::Host;
use crate::commands::cli::output::Output;
use crate::commands::cli::pending::{Pending, Poll};
use crate::commands::kubectl::failure::{Failure, over};
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::print;
use crate::commands::kubectl::request::print::Format;
use crate::kinds;
use crate::kinds::schema;
use crate::machine::kernel::{NoNetwork, Profile, System};
use crate::machine::process::{Input, Process, Progress};
use crate::machine::vfs::{MountTable, View};
use crate::values::clock::Instant;
use crate::values::object::{Map, ObjectKey, Value};
use crate::values::{patch, yaml};
use crate::world::{Connection, World};

const HEAD: &str = "# Please edit the object below. Lines beginning with a '#' will be ignored,\n# and an empty file will abort the edit. If an error occurs while saving this file will be\n# reopened with the relevant failures.\n#\n";

/// Editors that need a screen.
const SCREEN_EDITORS: [&str; 7] = ["vi", "vim", "nano", "emacs", "code", "pico", "micro"];

const EDITOR_SHELL: Profile = Profile { machine: "console", ..Profile::DEBIAN };

/// edit under way: the editor runs on a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    editor: Process,
    key: ObjectKey,
    path: String,
    before: String,
    original: Value,
    /// How the edited object is printed; a table stands for `edited`.
    format: Format,
    wake: Option<Instant>,
}

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    let (found, failures) = invocation.existing(&words)?;
    Failure::all(failures)?;
    let Some(object) = found.first() else { return Err(Failure::plain("edit cancelled, no objects found")) };
    let environment = invocation.host.environment.clone();
    let editor = ["KUBE_EDITOR", "EDITOR"].iter().find_map(|name| environment.get(*name).filter(|text| !text.is_empty())).cloned();
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    let program = editor.split_whitespace().next().unwrap_or("").rsplit('/').next().unwrap_or("");
    if SCREEN_EDITORS.contains(&program) {
        let text = format!("not simulated here: the editor {program}; edit the manifest and apply it, or set KUBE_EDITOR='sed -i …'");
        return Err(Failure::Raw(text));
    }
    let format = print::format(invocation, print::OBJECTS)?;
    let (before, ending) = match format {
        Format::Json { .. } => (encoding::indented_json(&object.0, "    "), "json"),
        _ => (format!("{HEAD}{}", yaml::print(&object.0)), "yaml"),
    };
    let path = format!("/tmp/kubectl-edit-{}.{ending}", object.resource_version());
    invocation.host.files.write(&path, before.as_bytes()).map_err(|errno| Failure::plain(format!("open {path}: {errno}")))?;
    let argv = ["sh".to_owned(), "-c".to_owned(), format!("{editor} {path}")];
    let folder = invocation.host.working_directory.to_owned();
    let process = Process::start(&argv, EDITOR_SHELL, environment, &folder, true);
    let key = key_of(kinds::def(object.kind()), object);
    let edit = Edit { editor: process, key, path, before, original: object.0.clone(), format, wake: None };
    Ok(Some(Box::new(edit)))
}

impl Pending for Edit {
    fn poll(&mut self, world: &mut World, host: &mut Host<'_>, _: Input, output: &mut Output) -> Poll {
        let cluster = &mut world.connect(&host.cluster);
        let now = cluster.now();
        let mounts: &MountTable = host.files.mounts;
        let files = View::new(host.files.disks, mounts, now);
        let progress = self.editor.step(&mut System { files, now, network: &mut NoNetwork });
        for chunk in self.editor.take_output() {
            output.write(chunk.stream, &chunk.bytes);
        }
        self.wake = self.editor.next_wake();
        match progress {
            Progress::Exited(0) => over(self.save(cluster, host, output), output),
            Progress::Exited(code) => {
                let editor = host.environment.get("KUBE_EDITOR").or_else(|| host.environment.get("EDITOR")).map_or("", String::as_str);
                over(Err(Failure::plain(format!("there was a problem with the editor {editor:?}: exit status {code}"))), output)
            }
            Progress::Running => {
                self.wake = Some(now + self.editor.pause());
                Poll::Going
            }
            Progress::Reading => Poll::WantsInput,
            _ => Poll::Going,
        }
    }

    fn wake(&self) -> Option<Instant> {
        self.wake
    }
}

impl Edit {
    /// Sends what was edited.
    fn save(&self, cluster: &mut Connection<'_>, host: &mut Host<'_>, output: &mut Output) -> Result<(), Failure> {
        let text = host.files.read(&self.path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        let strip = |text: &str| text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
        let cancelled = |output: &mut Output, why: &str| {
            output.warn(why);
            Ok(())
        };
        if strip(&text).trim().is_empty() {
            let _ = host.files.remove(&self.path);
            return cancelled(output, "Edit cancelled, saved file was empty.");
        }
        if strip(&text) == strip(&self.before) {
            let _ = host.files.remove(&self.path);
            return cancelled(output, "Edit cancelled, no changes made.");
        }
        let stored = |output: &mut Output, text: String| {
            output.err(&text);
            output.err(&format!("A copy of your changes has been stored to {:?}\n", self.path));
            Err(Failure::plain("Edit cancelled, no valid changes were saved."))
        };
        let (documents, mistakes) = yaml::parse(&strip(&text));
        let (Some(document), None) = (documents.into_iter().next(), mistakes.first()) else {
            let why = mistakes.first().map_or("", |mistake| mistake.message.as_str());
            return stored(output, format!("error: The edited file failed validation: {why}\n"));
        };
        let def = kinds::def(self.key.kind);
        let edit = patch::two_way(&self.original, &document.value, schema::rules(def)).map_err(Failure::Plain)?;
        if edit.as_object().is_some_and(Map::is_empty) {
            let _ = host.files.remove(&self.path);
            return cancelled(output, "Edit cancelled, no changes made.");
        }
        let mut options = WriteOptions::default();
        let result = cluster.api.patch(&self.key, PatchType::Strategic, &edit, &mut options);
        for warning in &options.warnings {
            output.warn(&format!("Warning: {warning}"));
        }
        match result {
            Ok(edited) => {
                let _ = host.files.remove(&self.path);
                match self.format {
                    Format::Table { .. } => output.line(&format!("{} edited", def.name_of(&self.key.name))),
                    _ => output.out(&print::objects(&self.format, &[edited], true)?),
                }
                Ok(())
            }
            Err(status) if status.reason == "Invalid" => stored(output, format!("error: {} {:?} is invalid\n", def.resource(), self.key.name)),
            Err(status) => stored(output, format!("error: {} {:?} could not be patched: {}\n", def.resource(), self.key.name, status.message)),
        }
    }
}
