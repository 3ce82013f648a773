//! What the page opens with.

use super::browser;
use super::console::Screen;
use crate::control::flavour;
use crate::playground::labs::{self, Lab, LabFile};
use crate::playground::share::{Live, Start};

pub const SEED: u64 = 1;

/// What a session can start from besides labs.
pub struct Scenario {
    pub title: &'static str,
    /// Its manifests by name; they are applied.
    files: &'static [(&'static str, &'static str)],
}

/// The scenarios; the first one is what a first visit opens.
pub const SCENARIOS: [Scenario; 2] = [
    Scenario { title: "nginx StatefulSet", files: &[("web.yaml", include_str!("../../examples/scenarios/nginx-statefulset.yaml"))] },
    Scenario { title: "Empty cluster", files: &[] },
];

/// The beginning of a scenario.
pub fn scenario_start(index: usize) -> Start {
    let wanted = &SCENARIOS[index.min(SCENARIOS.len() - 1)];
    let file = |(name, text): &(&str, &str)| LabFile { name: (*name).to_owned(), text: (*text).to_owned(), apply: true, line: 0 };
    scenario(wanted.title, wanted.files.iter().map(file).collect())
}

fn scenario(title: &str, files: Vec<LabFile>) -> Start {
    let flavour = flavour::by_name("playground").unwrap_or(&flavour::FLAVOURS[0]);
    Start { flavour, nodes: 3, seed: SEED, lab: None, title: title.to_owned(), files }
}

/// What an address' hash stands for: a session and what is to be said of it, or why there is none. `None`: nothing.
pub fn of_hash(hash: &str) -> Option<Result<(Live, Option<String>), String>> {
    let kept = |why: String| format!("{why} What was here before is still here.");
    let (form, text) = hash.split_once('=')?;
    Some(match form {
        "s" => Live::open(text).map_err(kept).map(|opened| {
            let note = opened.note();
            (opened.live, note)
        }),
        "lab" => match find_lab(text) {
            Some((entry, lab)) => Ok((Live::new(Start::of_lab(entry, &lab, SEED)), None)),
            None => Err(kept("There is no lab of this name.".to_owned())),
        },
        "yaml" => {
            let text = browser::decode(text);
            Ok((Live::new(scenario("manifest", vec![LabFile { name: "manifest.yaml".to_owned(), text, apply: true, line: 0 }])), None))
        }
        _ => return None,
    })
}

/// What the page opens with: its address' link, lab or manifest; what was here last; else the first scenario.
pub fn opening() -> (Live, Screen, Option<String>) {
    let mut notice = None;
    match of_hash(&browser::hash()) {
        Some(Ok((live, note))) => {
            let screen = Screen::restored(&live);
            return (live, screen, note);
        }
        Some(Err(why)) => notice = Some(why),
        None => {}
    }
    if let Some(opened) = browser::stored("session").and_then(|link| Live::open(&link).ok()) {
        let screen = Screen::restored(&opened.live);
        return (opened.live, screen, notice);
    }
    (Live::new(scenario_start(0)), Screen::welcome(), notice)
}

pub fn find_lab(name: &str) -> Option<(&'static str, Lab)> {
    let entry = labs::ALL.iter().find(|entry| entry.name == name)?;
    labs::parse(entry.page).ok().map(|lab| (entry.name, lab))
}
