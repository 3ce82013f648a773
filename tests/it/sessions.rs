//! Session pages: those recorded on a real cluster, held with placeholders for what differs from run to run, and our own, held exactly.
//!
//! `recorded/known-mismatches.txt` lists the commands that do not match yet. It may only become shorter:
//! `SHORTEN=1 cargo test` takes out the lines that match now. `UPDATE=1 cargo test` rewrites the outputs of our own pages.

use fancy_regex::Regex;
use statelab::playground::replay::replay;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sessions").join(name)
}

fn pages(name: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    found.sort();
    found
}

/// What differs between two runs of a real cluster, as tests/parity.py has it.
const RULES: &[(&str, &str)] = &[
    (r"(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-f])", "<uid>"),
    (r"\bsha256:[0-9a-f]{12,64}\b", "<digest>"),
    (r"\b\w+://[0-9a-f]{64}\b", "<container>"),
    (r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", "<time>"),
    (
        r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(\d+ +)?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b[^,)\n]{0,30}?\d\d:\d\d:\d\d( [+-]\d{4}| UTC| GMT)?( \d{4})?",
        "<time>",
    ),
    (r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d+ +(\d\d:\d\d|\d{4})\b", "<time>"),
    (r"Image size: \d+ bytes", "Image size: <n> bytes"),
    (r"\b\d+(\.\d+)?(ms|µs)\b", "<duration>"),
    (r"time=\d+\.\d+", "time=<n>"),
    (r"\d+\.\d+/\d+\.\d+/\d+\.\d+", "<n>/<n>/<n>"),
    (r"\bseq=(\d+) ttl=\d+", "seq=$1 ttl=<n>"),
    (r" *\(x\d+ over [\dydhms]+\)", ""),
    (r"\b3[0-2]\d{3}(/TCP|/UDP)", "<nodeport>$1"),
    (r"(?m)^Address \d+: ", "Address: "),
    (r"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b", "<ip>"),
    (r"\b\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}(?=\.)", "<ip>"),
    (r"\b(k3d-[\w-]+?-(?:server|agent)-\d+|node-\d+|controlplane|minikube|kind-[\w-]+)\b", "<node>"),
    (r"-[bcdfghjklmnpqrstvwxz2456789]{6,10}-[bcdfghjklmnpqrstvwxz2456789]{5}(?![a-z0-9])", "-<hash>-<rand>"),
    (r"(?<=[a-z0-9])-[bcdfghjklmnpqrstvwxz2456789]{6,10}(?![a-z0-9])", "-<hash>"),
    (r"(?<=[a-z0-9>])-[bcdfghjklmnpqrstvwxz2456789]{5}(?![a-z0-9])", "-<rand>"),
    (r#"\b(resourceVersion|uid|generateName|pod-template-hash|controller-revision-hash)(["':= ]+)"?[\w<>.-]+"?"#, "$1$2<v>"),
    (r"(?m)(?:^|(?<=  )|(?<=\()|(?<=^\t))(\d+y)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(?<=[ydhms])(?= |$|\)|\t)", "<age>"),
    (r"\S+\s*\(<age> ago\)", "<n> (<age> ago)"),
    (r"\(lasts \w+\)", "(lasts <age>)"),
    (r"(?m)[ \t]+$", ""),
];

struct Normalizer {
    rules: Vec<(Regex, &'static str)>,
    placeholder: Regex,
    blanks: Regex,
    events_command: Regex,
    unordered: Regex,
    events_head: Regex,
}

impl Normalizer {
    fn new() -> Normalizer {
        Normalizer {
            rules: RULES.iter().map(|(pattern, new)| (Regex::new(pattern).unwrap(), *new)).collect(),
            placeholder: Regex::new("<(uid|digest|container|time|duration|n|ip|node|hash|rand|v|age|nodeport)>").unwrap(),
            blanks: Regex::new(r"[ \t]{2,}").unwrap(),
            events_command: Regex::new(r"\bkubectl (.* )?(events|ev|event)\b").unwrap(),
            unordered: Regex::new(r"^(Address: |\S*<(uid|rand)>)").unwrap(),
            events_head: Regex::new(r"^  -{4}  -{6}  -+  -{4}  -+").unwrap(),
        }
    }

    fn is_match(pattern: &Regex, text: &str) -> bool {
        pattern.is_match(text).unwrap()
    }

    fn normalize(&self, text: &str, command: &str) -> String {
        let mut text = text.to_owned();
        for (pattern, new) in &self.rules {
            text = pattern.replace_all(&text, *new).into_owned();
        }
        if Self::is_match(&self.placeholder, &text) {
            text = self.blanks.replace_all(&text, "  ").into_owned();
        }
        let mut lines: Vec<&str> = text.trim_matches('\n').split('\n').collect();
        if Self::is_match(&self.events_command, command) {
            lines.sort_unstable();
            return lines.join("\n");
        }
        self.in_any_order(&lines).join("\n")
    }

    /// Sorts what has no order on a real cluster: rows of an Events table, addresses of a name, objects with random names.
    fn in_any_order<'a>(&self, lines: &[&'a str]) -> Vec<&'a str> {
        let (mut sorted, mut unordered, mut in_events) = (Vec::new(), Vec::new(), false);
        for line in lines {
            in_events = in_events && line.starts_with("  ");
            if in_events || Self::is_match(&self.unordered, line) {
                unordered.push(*line);
                continue;
            }
            unordered.sort_unstable();
            sorted.append(&mut unordered);
            sorted.push(*line);
            in_events = Self::is_match(&self.events_head, line);
        }
        unordered.sort_unstable();
        sorted.append(&mut unordered);
        sorted
    }
}

/// The console blocks of a page as (command line, output).
fn commands(page: &str) -> Vec<(String, String)> {
    let (mut found, mut inside): (Vec<(String, String)>, bool) = (Vec::new(), false);
    for line in page.split('\n') {
        if line.starts_with("```") {
            inside = line.starts_with("```console") && !inside;
        } else if inside && (line.starts_with("$ ") || (!found.is_empty() && line.starts_with("> "))) {
            found.push((line.to_owned(), String::new()));
        } else if inside && let Some(last) = found.last_mut() {
            last.1.push_str(line);
            last.1.push('\n');
        }
    }
    found
}

/// The commands of a page whose answers are not the recorded ones, as `page.md:index command`.
fn mismatches(path: &Path, normalizer: &Normalizer) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let (want, have) = (commands(&text), commands(&replay(&text)));
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let counted = |(command, output): &(String, String)| !command.starts_with("$ sleep ") && !output.contains("BusyBox v");
    let differs = |index: usize, (command, output): &(String, String)| {
        have.get(index).is_none_or(|(ours, text)| ours != command || normalizer.normalize(text, command) != normalizer.normalize(output, command))
    };
    want.iter()
        .enumerate()
        .filter(|(index, one)| counted(one) && differs(*index, one))
        .map(|(index, one)| format!("{name}:{index} {}", one.0))
        .collect()
}

#[test]
fn recorded_pages_match_but_for_the_known_mismatches() {
    let (paths, list) = (pages("recorded"), folder("recorded").join("known-mismatches.txt"));
    let halves: Vec<Vec<&PathBuf>> = (0..2).map(|half| paths.iter().skip(half).step_by(2).collect()).collect();
    let found: BTreeSet<String> = std::thread::scope(|scope| {
        let running: Vec<_> = halves
            .into_iter()
            .map(|half| {
                scope.spawn(move || {
                    let normalizer = Normalizer::new();
                    half.into_iter().flat_map(|path| mismatches(path, &normalizer)).collect::<Vec<_>>()
                })
            })
            .collect();
        running.into_iter().flat_map(|one| one.join().unwrap()).collect()
    });
    let known: BTreeSet<String> = fs::read_to_string(&list).unwrap_or_default().lines().map(str::to_owned).collect();
    if std::env::var_os("SHORTEN").is_some() {
        let rest: Vec<&str> = known.intersection(&found).map(String::as_str).collect();
        fs::write(&list, rest.join("\n") + "\n").unwrap();
        return;
    }
    let new: Vec<&String> = found.difference(&known).collect();
    assert!(new.is_empty(), "these commands used to match:\n{new:#?}");
    let mended: Vec<&String> = known.difference(&found).collect();
    assert!(mended.is_empty(), "these match now; SHORTEN=1 cargo test takes them out of the list:\n{mended:#?}");
}

#[test]
fn our_pages_match_exactly() {
    for path in pages("ours") {
        let text = fs::read_to_string(&path).unwrap();
        let ours = replay(&text);
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, ours).unwrap();
        } else {
            assert_eq!(text, ours, "{} (UPDATE=1 cargo test accepts the new outputs)", path.display());
        }
    }
}
