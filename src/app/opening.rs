//! What the page opens with.

use super::browser;
use super::console::Screen;
use crate::control::flavour;
use crate::playground::labs::{self, Lab, LabFile};
use crate::playground::share::{Live, Start};

pub const SEED: u64 = 1;

/// The scenario of a first visit.
pub fn first_scenario() -> Start {
    let text = include_str!("../../examples/scenarios/nginx-statefulset.yaml").to_owned();
    scenario("nginx StatefulSet", vec![LabFile { name: "web.yaml".to_owned(), text, apply: true }])
}

fn scenario(title: &str, files: Vec<LabFile>) -> Start {
    let flavour = flavour::by_name("playground").unwrap_or(&flavour::FLAVOURS[0]);
    Start { flavour, nodes: 3, seed: SEED, lab: None, title: title.to_owned(), files }
}

/// What the page opens with: its address' link, lab or manifest; what was here last; else the first scenario.
pub fn opening() -> (Live, Screen, Option<String>) {
    let hash = browser::hash();
    let mut notice = None;
    if let Some(link) = hash.strip_prefix("s=") {
        match Live::open(link) {
            Ok(opened) => {
                let note = (!opened.differs.is_empty())
                    .then(|| format!("This link was made with another version; played again, these differ: {}.", opened.differs.join(", ")));
                let screen = Screen::restored(&opened.live);
                return (opened.live, screen, note);
            }
            Err(why) => notice = Some(format!("{why} What was here before is still here.")),
        }
    }
    if let Some(name) = hash.strip_prefix("lab=")
        && let Some((entry, lab)) = find_lab(name)
    {
        return (Live::new(Start::of_lab(entry, &lab, SEED)), Screen::default(), None);
    }
    if let Some(text) = hash.strip_prefix("yaml=") {
        let text = browser::decode(text);
        return (Live::new(scenario("manifest", vec![LabFile { name: "manifest.yaml".to_owned(), text, apply: true }])), Screen::default(), None);
    }
    if let Some(opened) = browser::stored("session").and_then(|link| Live::open(&link).ok()) {
        let screen = Screen::restored(&opened.live);
        return (opened.live, screen, notice);
    }
    (Live::new(first_scenario()), Screen::default(), notice)
}

pub fn find_lab(name: &str) -> Option<(&'static str, Lab)> {
    let entry = labs::ALL.iter().find(|entry| entry.name == name)?;
    labs::parse(entry.page).ok().map(|lab| (entry.name, lab))
}
