//! The tables of `src/kinds/schema` against the whole API, which `src/kinds/schema/source` holds: they have what the kinds of
//! `kinds::ALL` need of it, so that the page carries no more. `make tables` writes them.
use statelab::kinds;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const TABLES: &str = "src/kinds/schema";
/// What `shape` knows by itself.
const BUILT_IN: [&str; 11] = ["s", "b", "i32", "i64", "f64", "y", "Time", "MicroTime", "Quantity", "IntOrString", "Any"];

/// A type of the whole API.
#[derive(Default)]
struct Source<'a> {
    /// Its text, or `=` and the type that it is another name of.
    about: &'a str,
    /// Name, type and marks; text; what each value means.
    fields: Vec<Vec<&'a str>>,
}

type Api<'a> = BTreeMap<&'a str, Source<'a>>;

fn parse(text: &str) -> Api<'_> {
    let mut api = Api::new();
    let mut current = "";
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(field) = line.strip_prefix('\t') {
            api.entry(current).or_default().fields.push(field.split('\t').collect());
        } else {
            let (key, about) = line.split_once('\t').unwrap_or((line, ""));
            api.insert(key, Source { about, fields: Vec::new() });
            current = key;
        }
    }
    api
}

/// A type's marks of lists, maps and pointers, and its name with its package; no name where it is built in.
fn resolve<'a>(ty: &'a str, key: &str) -> (&'a str, String) {
    let name = ty.trim_start_matches(['*', '[', ']', '{', '}']);
    let marks = &ty[..ty.len() - name.len()];
    let package = key.rsplit_once('.').map_or("", |(package, _)| package);
    match (BUILT_IN.contains(&name), name.contains('.')) {
        (true, _) => (ty, String::new()),
        (_, true) => (marks, name.to_owned()),
        _ => (marks, format!("{package}.{name}")),
    }
}

fn parts(cell: &str) -> (&str, &str, &str) {
    let (name, rest) = cell.split_once(' ').unwrap_or((cell, "Any"));
    let (ty, marks) = rest.find(' ').map_or((rest, ""), |at| rest.split_at(at));
    (name, ty, marks)
}

fn need(api: &Api<'_>, key: String, needed: &mut BTreeSet<String>) {
    let source = api.get(key.as_str()).unwrap_or_else(|| panic!("{TABLES}/source/api.txt has no type {key}"));
    if !needed.insert(key.clone()) {
        return;
    }
    let types = source.fields.iter().map(|field| parts(field[0]).1).chain(source.about.strip_prefix('='));
    for (_, other) in types.map(|ty| resolve(ty, &key)).filter(|(_, other)| !other.is_empty()) {
        need(api, other, needed);
    }
}

/// What the tables call each type: its name, before its group where an earlier type has that name.
fn names(needed: &BTreeSet<String>, kinds: &[String]) -> BTreeMap<String, String> {
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for key in kinds.iter().chain(needed.iter().filter(|key| !kinds.contains(key))) {
        let (package, name) = key.rsplit_once('.').unwrap();
        let group = package.split('/').next().unwrap();
        names.insert(key.clone(), if taken.insert(name) { name.to_owned() } else { format!("{name}.{group}") });
    }
    names
}

/// The lines of a table, sorted for its binary search.
fn table(mut lines: Vec<String>) -> String {
    lines.sort();
    lines.into_iter().map(|line| line + "\n").collect()
}

/// types.txt, explain.txt and enums.txt.
fn tables(api: &Api<'_>, more: &str) -> [(&'static str, String); 3] {
    let group = |group: &str| if group.is_empty() { "core".to_owned() } else { group.split('.').next().unwrap().to_owned() };
    let kinds: Vec<String> = kinds::ALL.iter().map(|def| format!("{}/{}.{}", group(def.group), def.version, def.kind)).collect();
    let mut needed = BTreeSet::new();
    kinds.iter().for_each(|key| need(api, key.clone(), &mut needed));
    let names = names(&needed, &kinds);
    let (mut types, mut explain, mut enums) = (Vec::new(), Vec::new(), Vec::new());
    for (key, name) in &names {
        let source = &api[key.as_str()];
        let named = |ty: &str| match resolve(ty, key) {
            (marks, other) if other.is_empty() => marks.to_owned(),
            (marks, other) => format!("{marks}{}", names[&other]),
        };
        if let Some(ty) = source.about.strip_prefix('=') {
            types.push(format!("{name}\t={}", named(ty)));
            continue;
        }
        let (mut row, mut texts) = (name.clone(), Vec::new());
        for field in &source.fields {
            let (field_name, ty, marks) = parts(field[0]);
            row += &format!("\t{field_name} {}{marks}", named(ty));
            if let Some(text) = field.get(1).filter(|text| !text.is_empty()) {
                texts.push(format!("\t{field_name} {text}"));
            }
            if field.len() > 2 {
                enums.push(format!("{name}.{field_name}\t{}", field[2..].join("\t")));
            }
        }
        types.push(row);
        explain.push(format!("{name}\t{}{}", source.about, table(texts).replace('\n', "")));
    }
    let taken: BTreeSet<String> = names.into_values().collect();
    let own = more.lines().filter(|line| !line.starts_with('#') && !taken.contains(line.split('\t').next().unwrap_or("")));
    types.extend(own.map(str::to_owned));
    // What is no struct but has a text: quantities, times and the like.
    let plain = api.iter().filter(|(_, source)| source.fields.is_empty() && !source.about.starts_with('='));
    explain.extend(plain.map(|(key, source)| format!("{}\t{}", key.rsplit('.').next().unwrap(), source.about)));
    [("types.txt", table(types)), ("explain.txt", table(explain)), ("enums.txt", table(enums))]
}

#[test]
fn tables_hold_what_the_kinds_need() {
    let read = |name: &str| fs::read_to_string(format!("{TABLES}/{name}")).unwrap();
    let (api, more) = (read("source/api.txt"), read("source/kubectl.txt"));
    for (name, text) in tables(&parse(&api), &more) {
        if std::env::var_os("UPDATE").is_some() {
            fs::write(format!("{TABLES}/{name}"), text).unwrap();
        } else {
            assert!(read(name) == text, "{TABLES}/{name} is not what the kinds need: make tables");
        }
    }
}
