//! The invariants of src/lib.rs that a reader could break without noticing.

use crate::imports::{self, UnitTests};
use std::fs;
use std::path::{Path, PathBuf};

/// The layers from the foundation up; a module uses its own and those before it.
const LAYERS: [&str; 10] = ["values", "kinds", "apiserver", "machine", "runtime", "control", "world", "commands", "playground", "app"];

/// The most files that may lead to each other in a circle.
const CIRCLE_MAX: usize = 3;

/// What the core (every layer but `app`) must not name.
const FORBIDDEN_IN_CORE: [&str; 9] = ["HashMap", "HashSet", "std::time", "rand::", "web_sys", "println!", "thread_local!", "async fn", "RefCell"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn every_source() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in ["src", "tests"] {
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    }
    found.sort();
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(&path).unwrap())).collect()
}

/// The layer of a source file, by its place below `src`.
fn layer(path: &Path) -> Option<usize> {
    let below = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).ok()?;
    let first = below.components().next()?.as_os_str().to_str()?.trim_end_matches(".rs").to_owned();
    LAYERS.iter().position(|layer| *layer == first)
}

fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The imports of `src`, without the binary's.
fn import_graph(tests: UnitTests) -> imports::Graph {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let below = |path: &Path| Some(path.strip_prefix(&source).ok()?.to_str()?.to_owned()).filter(|file| file != "main.rs");
    imports::graph(&every_source().into_iter().filter_map(|(path, text)| Some((below(&path)?, text))).collect::<Vec<_>>(), tests)
}

#[test]
fn modules_use_only_their_own_layer_and_those_before() {
    let place = |file: &str| LAYERS.iter().position(|layer| file.split(['/', '.']).next() == Some(layer));
    let mut wrong = String::new();
    for (file, others) in import_graph(UnitTests::Count) {
        for (other, names) in others.iter().filter(|(other, _)| place(&file) < place(other) && place(&file).is_some()) {
            wrong.push_str(&format!("{file} uses {other}: {names:?}\n"));
        }
    }
    assert!(wrong.is_empty(), "what a later layer has:\n{wrong}");
}

#[test]
fn no_large_circle_of_files() {
    let graph = import_graph(UnitTests::LeftOut);
    for circle in imports::circles(&graph) {
        let told = imports::describe(&graph, &circle);
        assert!(circle.len() <= CIRCLE_MAX, "{} files lead to each other; what each takes of the others:\n{told}", circle.len());
    }
}

/// Folders whose files are rows of a table.
const ROWS: [&str; 1] = ["control/controllers/"];

#[test]
fn rows_of_a_table_do_not_use_each_other() {
    let graph = import_graph(UnitTests::LeftOut);
    let row =
        |file: &str| ROWS.iter().find_map(|room| file.strip_prefix(room)?.split(['/', '.']).next().filter(|row| *row != "mod").map(str::to_owned));
    for (file, others) in &graph {
        for (other, names) in others.iter().filter(|(other, _)| row(file).is_some() && row(other).is_some()) {
            assert!(row(file) == row(other), "{file} uses {other}: {names:?}; what two rows share stands in a file below them");
        }
    }
}

#[test]
fn the_core_knows_no_clock_chance_or_browser() {
    for (path, text) in every_source() {
        if layer(&path).is_none_or(|own| LAYERS[own] == "app") {
            continue;
        }
        for (number, line) in code_lines(&text) {
            for word in FORBIDDEN_IN_CORE {
                assert!(!line.contains(word), "{}:{number} has {word}", path.display());
            }
        }
    }
}

#[test]
fn nothing_is_left_undone() {
    let words = [["to", "do!"].concat(), ["unimple", "mented!"].concat(), ["#[ig", "nore"].concat(), ["TO", "DO"].concat(), ["FIX", "ME"].concat()];
    for (path, text) in every_source() {
        for (index, line) in text.lines().enumerate() {
            for word in &words {
                assert!(!line.contains(word.as_str()), "{}:{} has {word}", path.display(), index + 1);
            }
        }
    }
}

/// Names in a line, each once.
fn listed(names: impl Iterator<Item = &'static str>) -> String {
    let mut seen: Vec<&str> = Vec::new();
    for name in names.filter(|name| !name.is_empty()) {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen.join(" ")
}

#[test]
fn the_readme_lists_what_the_tables_have() {
    const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let mut readme = fs::read_to_string(README).unwrap();
    let verbs = statelab::commands::kubectl::verbs::VERBS.iter();
    for (what, names) in [
        ("Kinds", listed(statelab::kinds::ALL.iter().map(|def| def.kind))),
        ("Verbs", listed(verbs.filter_map(|verb| verb.name.split(' ').next()))),
        ("Images", listed(statelab::machine::images::IMAGES.iter().map(|image| image.name))),
        ("Programs", listed(statelab::machine::programs::PROGRAMS.names().into_iter())),
        ("Kinds of cluster (`flavour`)", listed(statelab::control::flavour::FLAVOURS.iter().map(|flavour| flavour.name))),
        ("Labs", listed(statelab::playground::labs::ALL.iter().map(|entry| entry.name))),
    ] {
        let line = format!("- **{what}**: {names}");
        let written = readme.lines().find(|line| line.starts_with(&format!("- **{what}**: "))).unwrap_or_default().to_owned();
        assert!(!written.is_empty(), "the README lacks the line of {what}");
        if std::env::var_os("UPDATE").is_some() {
            readme = readme.replace(&written, &line);
        } else {
            assert!(written == line, "the README lacks this line (make tables writes it):\n{line}");
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        fs::write(README, readme).unwrap();
    }
}
