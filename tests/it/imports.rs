//! The graph of imports: which file names what of which other file, and the circles in it.
//!
//! A file is read as words and marks; its paths are those behind `use`, those that begin with `crate`, `super` or `self`, and those
//! that begin with a module of its own. That a file declares a module is no import.

use std::collections::{BTreeMap, BTreeSet};

/// A file's imports: the files that it names, and of each the names that it takes.
pub type Graph = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// Whether the modules `tests` in the files count: they look at a file from outside.
#[derive(Clone, Copy, PartialEq)]
pub enum UnitTests {
    Count,
    LeftOut,
}

/// The graph of a crate's files, each by its place below `src` and its text.
pub fn graph(files: &[(String, String)], tests: UnitTests) -> Graph {
    let modules: BTreeMap<Vec<&str>, &str> = files.iter().map(|(file, _)| (module_of(file), file.as_str())).collect();
    let mut graph = Graph::new();
    for (file, text) in files {
        let imports = graph.entry(file.clone()).or_default();
        for (inside, path) in paths(text, &module_of(file), &modules) {
            if tests == UnitTests::LeftOut && inside.ends_with(&["tests"]) {
                continue;
            }
            let known = (0..=path.len()).rev().find(|end| modules.contains_key(&path[..*end]));
            let Some((end, other)) = known.and_then(|end| Some((end, *modules.get(&path[..end])?))) else { continue };
            if other == file {
                continue;
            }
            let names = imports.entry(other.to_owned()).or_default();
            match path.get(end) {
                Some(name) => drop(names.insert((*name).to_owned())),
                None => names.extend(taken(text, path.last().copied().unwrap_or("crate"))),
            }
        }
    }
    graph
}

/// What a file takes of a module that it has by name; the module itself where that cannot be seen.
fn taken(text: &str, module: &str) -> BTreeSet<String> {
    let tokens = tokens(text);
    let names = tokens.windows(3).filter(|part| part[0] == module && part[1] == "::" && part[2] != "{").map(|part| part[2].to_owned());
    let names: BTreeSet<String> = names.collect();
    if names.is_empty() { BTreeSet::from([module.to_owned()]) } else { names }
}

/// `control/kubelet/mod.rs` is the module `control::kubelet`; `lib.rs` is the root.
fn module_of(file: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    if matches!(parts.last(), Some(&"mod" | &"lib")) {
        parts.pop();
    }
    parts
}

/// A file's words and marks, without comments and texts.
fn tokens(text: &str) -> Vec<&str> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            _ if rest.starts_with("r\"") => rest[2..].find('"').map_or(rest.len(), |end| end + 3),
            _ if rest.starts_with("r#\"") => rest.find("\"#").map_or(rest.len(), |end| end + 2),
            '"' => quoted(rest),
            // A letter in quotes; else it is a lifetime.
            '\'' if rest.starts_with("'\\") => rest[3..].find('\'').map_or(rest.len(), |end| end + 4),
            '\'' => rest.char_indices().nth(2).filter(|(_, mark)| *mark == '\'').map_or(1, |(end, _)| end + 1),
            _ if first.is_alphanumeric() || first == '_' => {
                let length = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
                found.push(&rest[..length]);
                length
            }
            _ if rest.starts_with("::") => {
                found.push("::");
                2
            }
            _ => {
                if !first.is_whitespace() {
                    found.push(&rest[..first.len_utf8()]);
                }
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    found
}

/// The length of a text in double quotes.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, letter)| {
        let over = *letter == '"' && !escaped;
        escaped = *letter == '\\' && !escaped;
        over
    });
    end.map_or(rest.len(), |(end, _)| end + 1)
}

/// Every path of a file from the root on, each with the module in which it stands.
fn paths<'a>(text: &'a str, module: &[&'a str], modules: &BTreeMap<Vec<&str>, &str>) -> Vec<(Vec<&'a str>, Vec<&'a str>)> {
    let tokens = tokens(text);
    let (mut all, mut inside, mut depth) = (Vec::new(), vec![(0, module.to_vec())], 0);
    let mut place = 0;
    while place < tokens.len() {
        let own = inside.last().map_or(module, |(_, own)| own).to_vec();
        let mut found = Vec::new();
        match tokens[place] {
            "mod" if tokens.get(place + 2) == Some(&"{") => {
                inside.push((depth, [&own[..], &[tokens[place + 1]]].concat()));
                place += 2;
                continue;
            }
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                if inside.len() > 1 && inside.last().is_some_and(|(outer, _)| *outer == depth) {
                    inside.pop();
                }
            }
            // A path of visibility imports nothing.
            "pub" if tokens.get(place + 2) == Some(&"in") => place += 3,
            "use" => place = tree(&tokens, place + 1, &own, modules, &mut found),
            first if tokens.get(place + 1) == Some(&"::") && place.checked_sub(1).is_none_or(|before| tokens[before] != "::") => {
                if let Some(start) = begin(first, &own, modules) {
                    place = tree_after(&tokens, place + 1, start, &mut found) - 1;
                }
            }
            _ => {}
        }
        all.extend(found.into_iter().map(|path| (own.clone(), path)));
        place += 1;
    }
    all
}

/// What a path's first word stands for; `None`: nothing of this crate.
fn begin<'a>(first: &'a str, own: &[&'a str], modules: &BTreeMap<Vec<&str>, &str>) -> Option<Vec<&'a str>> {
    match first {
        "crate" => Some(Vec::new()),
        "self" => Some(own.to_vec()),
        "super" => Some(own[..own.len().saturating_sub(1)].to_vec()),
        child => Some([own, &[child]].concat()).filter(|path| modules.contains_key(path)),
    }
}

/// The paths of a `use` from behind the word on; gives the place behind them.
fn tree<'a>(tokens: &[&'a str], place: usize, own: &[&'a str], modules: &BTreeMap<Vec<&str>, &str>, found: &mut Vec<Vec<&'a str>>) -> usize {
    match tokens.get(place).and_then(|first| begin(first, own, modules)) {
        Some(start) => tree_after(tokens, place + 1, start, found),
        None => place,
    }
}

/// The paths that go on from `start`, of which there are several in braces; gives the place behind them.
fn tree_after<'a>(tokens: &[&'a str], mut place: usize, mut start: Vec<&'a str>, found: &mut Vec<Vec<&'a str>>) -> usize {
    while tokens.get(place) == Some(&"::") {
        match tokens.get(place + 1).copied() {
            Some("super") => drop(start.pop()),
            Some("{") => {
                place += 2;
                while !matches!(tokens.get(place), None | Some(&"}")) {
                    match tokens[place] {
                        "," => place += 1,
                        "self" => {
                            found.push(start.clone());
                            place += 1;
                        }
                        word => place = tree_after(tokens, place + 1, [&start[..], &[word]].concat(), found),
                    }
                    if tokens.get(place) == Some(&"as") {
                        place += 2;
                    }
                }
                return place + 1;
            }
            Some(word) if word.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_') => start.push(word),
            // `*`, or the `<` of a type's arguments.
            _ => break,
        }
        place += 2;
    }
    found.push(start);
    place
}

/// The circles of a graph: files that each lead to each other, the largest circle first.
pub fn circles(graph: &Graph) -> Vec<BTreeSet<&str>> {
    let reach = |from: &'_ str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from.to_owned()]);
        while let Some(next) = open.pop() {
            for other in graph.get(&next).into_iter().flat_map(BTreeMap::keys) {
                if seen.insert(other.clone()) {
                    open.push(other.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&str, BTreeSet<String>> = graph.keys().map(|file| (file.as_str(), reach(file))).collect();
    let mut found: BTreeSet<BTreeSet<&str>> = BTreeSet::new();
    for (file, all) in reached.iter().filter(|(file, all)| all.contains(**file)) {
        found.insert(reached.keys().copied().filter(|other| all.contains(*other) && reached[other].contains(*file)).collect());
    }
    let mut found: Vec<BTreeSet<&str>> = found.into_iter().collect();
    found.sort_by_key(|circle| std::cmp::Reverse(circle.len()));
    found
}

/// A circle's files, and below each what it takes of the others.
pub fn describe(graph: &Graph, circle: &BTreeSet<&str>) -> String {
    let mut text = String::new();
    for file in circle {
        text.push_str(&format!("{file}\n"));
        for (other, names) in graph[*file].iter().filter(|(other, _)| circle.contains(other.as_str())) {
            text.push_str(&format!("    {other}: {}\n", names.iter().cloned().collect::<Vec<_>>().join(", ")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_up(files: &[(&str, &str)]) -> Graph {
        graph(&files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect::<Vec<_>>(), UnitTests::Count)
    }

    fn imports(graph: &Graph, file: &str) -> String {
        let one = |(other, names): (&String, &BTreeSet<String>)| format!("{other}({})", names.iter().cloned().collect::<Vec<_>>().join(" "));
        graph[file].iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_way_to_name_a_file_is_found() {
        let text = "//! use crate::b::Comment;\nuse crate::b::{self, One, inner::{Two, Three as Four}};\nuse std::rc::Rc;\nfn f() { let x = '{'; super::c::call(\"crate::d::text\"); crate::d::e::<Rc<u8>>(); }\nmod tests { use super::*; use super::super::f; }\n";
        let graph = made_up(&[
            ("lib.rs", "pub mod a; pub mod b;"),
            ("a.rs", text),
            ("b/mod.rs", "pub mod inner; pub mod own; pub use own::Thing; fn f() { inner::call(); other::inner::call() }"),
            ("b/inner.rs", "use super::{One, own};"),
            ("b/own.rs", "use self::local::X;"),
            ("c.rs", "pub(in crate::b) fn f() {}"),
            ("d.rs", "use crate::b::own::Thing as Other;"),
            ("f.rs", ""),
        ]);
        assert_eq!(imports(&graph, "a.rs"), "b/inner.rs(Three Two) b/mod.rs(One b) c.rs(call) d.rs(e) f.rs(f)");
        assert_eq!(imports(&graph, "b/mod.rs"), "b/inner.rs(call) b/own.rs(Thing)");
        assert_eq!(imports(&graph, "b/inner.rs"), "b/mod.rs(One) b/own.rs(own)");
        assert_eq!([imports(&graph, "lib.rs"), imports(&graph, "b/own.rs"), imports(&graph, "d.rs")], ["", "", "b/own.rs(Thing)"]);
    }

    #[test]
    fn what_only_unit_tests_name_can_be_left_out() {
        let files = [("a.rs", "use crate::b::B; #[cfg(test)] mod tests { use crate::c::C; }"), ("b.rs", ""), ("c.rs", "")];
        let files: Vec<(String, String)> = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect();
        let names = |tests: UnitTests| imports(&graph(&files, tests), "a.rs");
        assert_eq!([names(UnitTests::Count), names(UnitTests::LeftOut)], ["b.rs(B) c.rs(C)", "b.rs(B)"]);
    }

    #[test]
    fn circles_are_found_with_what_ties_them() {
        let graph = made_up(&[
            ("a.rs", "use crate::b::B;"),
            ("b.rs", "use crate::c::C;"),
            ("c.rs", "use crate::a::{A, Z}; use crate::d::D;"),
            ("d.rs", "use crate::e::E;"),
            ("e.rs", "use crate::d::D;"),
            ("f.rs", "use crate::a::A;"),
        ]);
        let found = circles(&graph);
        assert_eq!(found, [BTreeSet::from(["a.rs", "b.rs", "c.rs"]), BTreeSet::from(["d.rs", "e.rs"])]);
        assert_eq!(describe(&graph, &found[0]), "a.rs\n    b.rs: B\nb.rs\n    c.rs: C\nc.rs\n    a.rs: A, Z\n");
    }
}
