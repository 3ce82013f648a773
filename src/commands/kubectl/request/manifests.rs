//! `-f`: files, folders, standard input -> objects with their kinds. Models cli-runtime/pkg/resource visitor.go and mapper.go.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::Invocation;
use crate::kinds;
use crate::kinds::KindDef;
use crate::kinds::schema;
use crate::machine::vfs;
use crate::values::object::Value;
use crate::values::object::str_at;
use crate::values::object::{Object, ObjectKey, json};
use crate::values::selector::LabelSelector;
use crate::values::status::Status;
use crate::values::yaml;

/// One object of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The file's name as given, or `STDIN`.
    pub source: String,
    pub def_kind: &'static str,
    pub object: Object,
}

/// Objects in the order of the files, and what was wrong besides.
#[derive(Default)]
pub struct Manifests {
    pub objects: Vec<Manifest>,
    pub failures: Vec<Failure>,
}

/// Folders are read to this depth with `-R`.
const DEPTH_MAX: usize = 16;

const EXTENSIONS: [&str; 3] = [".json", ".yaml", ".yml"];

impl Manifest {
    pub fn def(&self) -> &'static KindDef {
        kinds::def(self.def_kind)
    }

    pub fn key(&self) -> ObjectKey {
        let def = self.def();
        ObjectKey::new(def.kind, if def.namespaced { self.object.namespace() } else { "" }, self.object.name())
    }

    /// `error when VERB "x.yaml": ` before the server's message.
    pub fn failure(&self, verb: &str, status: Status) -> Failure {
        Failure::server(status, format!("error when {verb} {:?}: ", self.source))
    }

    /// How upstream prints the request's object in long errors (resource.Info.String).
    pub fn info(&self) -> String {
        let def = self.def();
        let version = def.api_version();
        let version = if def.group.is_empty() { format!("/{version}") } else { version };
        format!(
            "Resource: \"{version}, Resource={}\", GroupVersionKind: \"{version}, Kind={}\"\nName: {:?}, Namespace: {:?}",
            def.plural,
            def.kind,
            self.object.name(),
            self.key().namespace
        )
    }
}

/// Whether `-f` or `-k` was given.
pub const FILES_AND_WORDS: &str = "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well";

/// Whether `-f` or `-k` names manifests.
pub fn given(invocation: &Invocation<'_, '_>) -> bool {
    invocation.args.given("filename") || invocation.args.given("kustomize")
}

/// Reads all that `-f` names. `needs_namespace`: objects without one get the command's.
/// # Errors
/// What ends the command before any object is handled, such as a path that does not exist.
pub fn read(invocation: &Invocation<'_, '_>) -> Result<Manifests, Failure> {
    if invocation.args.given("kustomize") {
        return Err(Failure::plain("not simulated here: kustomization directories"));
    }
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut failures = Vec::new();
    for path in invocation.args.values("filename") {
        if path == "-" {
            texts.push(("STDIN".to_owned(), String::from_utf8_lossy(invocation.stdin).into_owned()));
        } else if path.starts_with("http://") || path.starts_with("https://") {
            failures.push(Failure::plain(format!("not simulated here: manifests from the network ({path})")));
        } else if let Err(failure) = read_path(invocation, path, &mut texts) {
            failures.push(failure);
        }
    }
    Failure::all(failures)?;
    let mut found = Manifests::default();
    for (source, text) in texts {
        read_text(&source, &text, &mut found);
    }
    set_namespaces(invocation, &mut found);
    let selector = LabelSelector::parse(invocation.args.text("selector")).map_err(Failure::plain)?;
    found.objects.retain(|manifest| selector.matches(manifest.object.map(&["metadata", "labels"])));
    Ok(found)
}

fn read_path(invocation: &Invocation<'_, '_>, path: &str, texts: &mut Vec<(String, String)>) -> Result<(), Failure> {
    let absolute = vfs::absolute(invocation.host.working_directory, path);
    if !invocation.host.files.exists(&absolute) {
        return Err(Failure::plain(format!("the path {path:?} does not exist")));
    }
    if !invocation.host.files.is_directory(&absolute) {
        return read_file(invocation, path, texts);
    }
    let before = texts.len();
    read_folder(invocation, &cleaned(path), 0, texts)?;
    if texts.len() == before {
        return Err(Failure::plain(format!("error reading [{path}]: recognized file extensions are [.json .yaml .yml]")));
    }
    Ok(())
}

/// A folder's path as Go's walk joins names to it: without `./` before or `/` behind.
fn cleaned(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    match (path.starts_with('/'), parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

fn read_folder(invocation: &Invocation<'_, '_>, path: &str, depth: usize, texts: &mut Vec<(String, String)>) -> Result<(), Failure> {
    let absolute = vfs::absolute(invocation.host.working_directory, path);
    let mut names = invocation.host.files.list(&absolute).unwrap_or_default();
    names.sort();
    for name in names {
        let below = if path == "." { name.clone() } else { format!("{path}/{name}") };
        if invocation.host.files.is_directory(&vfs::absolute(invocation.host.working_directory, &below)) {
            if invocation.args.on("recursive") && depth < DEPTH_MAX {
                read_folder(invocation, &below, depth + 1, texts)?;
            }
        } else if EXTENSIONS.iter().any(|extension| name.ends_with(extension)) {
            read_file(invocation, &below, texts)?;
        }
    }
    Ok(())
}

fn read_file(invocation: &Invocation<'_, '_>, path: &str, texts: &mut Vec<(String, String)>) -> Result<(), Failure> {
    match invocation.host.files.read(&vfs::absolute(invocation.host.working_directory, path)) {
        Ok(bytes) => texts.push((path.to_owned(), String::from_utf8_lossy(&bytes).into_owned())),
        Err(errno) => {
            let why = errno.to_string();
            let why = why.chars().next().map_or(String::new(), |c| c.to_lowercase().to_string()) + why.get(1..).unwrap_or("");
            return Err(Failure::plain(format!("open {path}: {why}")));
        }
    }
    Ok(())
}

fn read_text(source: &str, text: &str, found: &mut Manifests) {
    let (documents, mistakes) = yaml::parse(text);
    for document in documents {
        read_value(source, document.value, found);
    }
    if let Some(mistake) = mistakes.first() {
        found.failures.push(Failure::plain(format!("error parsing {source}: {}", mistake.message)));
    }
}

/// What the client-side check of apiVersion and kind finds.
fn kind_mistake(value: &Value) -> Option<String> {
    let Some(map) = value.as_object() else { return Some("invalid object to validate".to_owned()) };
    let mut mistakes = Vec::new();
    for field in ["apiVersion", "kind"] {
        match map.get(field) {
            None | Some(Value::Null) => mistakes.push(format!("{field} not set")),
            Some(Value::String(_)) => {}
            Some(_) => mistakes.push(format!("{field} isn't string type")),
        }
    }
    match mistakes.len() {
        0 => None,
        1 => mistakes.pop(),
        _ => Some(format!("[{}]", mistakes.join(", "))),
    }
}

fn read_value(source: &str, value: Value, found: &mut Manifests) {
    if let Some(mistake) = kind_mistake(&value) {
        found.failures.push(Failure::plain(format!(
            "error validating {source:?}: error validating data: {mistake}; if you choose to ignore these errors, turn validation off with --validate=false"
        )));
        return;
    }
    if value["kind"] == "" {
        found.failures.push(Failure::plain(format!("unable to decode {source:?}: Object 'Kind' is missing in '{value}'")));
        return;
    }
    let (version, kind) = (str_at(&value, &["apiVersion"]).to_owned(), str_at(&value, &["kind"]).to_owned());
    if kind.ends_with("List") && value.get("items").is_some_and(Value::is_array) {
        for item in value["items"].as_array().into_iter().flatten() {
            read_value(source, item.clone(), found);
        }
        return;
    }
    if let Err(message) = schema::decode_metadata(&value) {
        found.failures.push(Failure::plain(format!("unable to decode {source:?}: {message}")));
        return;
    }
    // Without a version, kubectl finds a kind of the core group; the server does not.
    let core = || kinds::by_kind(&kind).filter(|def| def.group.is_empty() && version.is_empty());
    let Some(def) = kinds::by_version_and_kind(&version, &kind).or_else(core) else {
        let (name, namespace) = (str_at(&value, &["metadata", "name"]), str_at(&value, &["metadata", "namespace"]));
        // An empty group is core's.
        let version = version.strip_prefix('/').unwrap_or(&version);
        found.failures.push(Failure::plain(format!(
            "resource mapping not found for name: {name:?} namespace: {namespace:?} from {source:?}: no matches for kind {kind:?} in version {version:?}\nensure CRDs are installed first"
        )));
        return;
    };
    found.objects.push(Manifest { source: source.to_owned(), def_kind: def.kind, object: Object(value) });
}

/// Gives objects the command's namespace; with `-n`, another one is a mistake.
fn set_namespaces(invocation: &Invocation<'_, '_>, found: &mut Manifests) {
    let namespace = invocation.namespace();
    let enforced = invocation.args.given("namespace");
    let mut failures = Vec::new();
    found.objects.retain_mut(|manifest| {
        if !manifest.def().namespaced {
            return true;
        }
        let own = manifest.object.namespace().to_owned();
        if own.is_empty() {
            if !manifest.object.at(&["metadata"]).is_some_and(Value::is_object) {
                manifest.object.set(&["metadata"], json!({}));
            }
            manifest.object.set(&["metadata", "namespace"], json!(namespace));
        } else if enforced && own != namespace {
            failures.push(Failure::plain(format!(
                "the namespace from the provided object {own:?} does not match the namespace {namespace:?}. You must pass '--namespace={own}' to perform this operation."
            )));
            return false;
        }
        true
    });
    found.failures.extend(failures);
}

/// What the client finds wrong with a name before it asks the server for the object.
pub fn name_mistake(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("resource name may not be empty".to_owned());
    }
    let why = match name {
        "." | ".." => format!("may not be '{name}'"),
        _ => {
            let found: Vec<String> = ['/', '%'].iter().filter(|c| name.contains(**c)).map(|c| format!("may not contain '{c}'")).collect();
            if found.is_empty() {
                return None;
            }
            found.join(" ")
        }
    };
    Some(format!("invalid resource name {name:?}: [{why}]"))
}
