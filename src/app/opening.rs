//! What the page opens with.

use super::browser;
use super::console::screen::Screen;
use super::history::Point;
use crate::control::flavour;
use crate::playground::console::ConsoleState;
use crate::playground::labs::{self, Lab, LabFile, Mistake};
use crate::playground::share::{Action, Live, Start};

pub const SEED: u64 = 1;
/// Mistakes of a lab page that are told at once.
const MISTAKES_TOLD: usize = 8;

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
    Start { flavour, nodes: 3, seed: SEED, lab: None, page: None, title: title.to_owned(), files }
}

/// What takes the place of the session.
pub struct Opening {
    pub live: Live,
    pub screen: Screen,
    /// Where undo leads.
    pub undo: Vec<Point>,
    /// What the user must know of it.
    pub notice: Option<String>,
}

impl Opening {
    /// A session that begins; what of its files cannot be applied is said.
    pub fn new(start: Start) -> Opening {
        let screen = Screen::at_start(&start);
        let (live, mistakes) = Live::begin(start);
        let notice = (!mistakes.is_empty()).then(|| told("", &mistakes));
        Opening { live, screen, undo: Vec::new(), notice }
    }

    /// An empty cluster until the embedding page has handed its lab over.
    fn waiting(name: &str) -> Opening {
        let start = scenario(name, Vec::new());
        Opening { live: Live::new(start), screen: Screen::default(), undo: Vec::new(), notice: Some(format!("The lab {name} is on its way.")) }
    }

    /// Opens a link as it was lived: each command on the screen with what it printed, and the points to which undo returns.
    /// # Errors
    /// What is wrong with the link.
    pub fn of_link(link: &str) -> Result<Opening, String> {
        let (mut screen, mut undo) = (None, Vec::new());
        let opened = Live::open_seen(link, &mut |live, action| {
            let screen = screen.get_or_insert_with(|| Screen::at_start(&live.start));
            screen.take_from(&mut live.session);
            let Some(action) = action else { return };
            if matches!(action, Action::File(..)) || (matches!(action, Action::Line(_)) && live.session.state() == ConsoleState::Prompt) {
                undo.push(Point { live: live.clone(), screen: screen.clone() });
            }
            match action {
                Action::Line(line) => screen.enter(&live.session, line),
                Action::Interrupt => screen.typed(&live.session.prompt(), "^C"),
                Action::File(..) | Action::End => {}
            }
        })?;
        let notice = opened.note();
        Ok(Opening { screen: screen.unwrap_or_default(), live: opened.live, undo, notice })
    }
    /// A lab page from elsewhere.
    /// # Errors
    /// Its mistakes, with their lines.
    pub fn of_page(name: &str, page: &str) -> Result<Opening, String> {
        match labs::parse(page) {
            Ok(lab) => Ok(Opening::new(Start::of_page(name, page, &lab, SEED))),
            Err(mistakes) => Err(format!("{name} is no lab that can be opened.\n{}", told(name, &mistakes))),
        }
    }
}

/// Mistakes line by line, as the checker prints them.
fn told(name: &str, mistakes: &[Mistake]) -> String {
    let line = |mistake: &Mistake| if mistake.line == 0 { mistake.text.clone() } else { format!("{name}:{}: {}", mistake.line, mistake.text) };
    let mut lines: Vec<String> = mistakes.iter().take(MISTAKES_TOLD).map(line).collect();
    if mistakes.len() > MISTAKES_TOLD {
        lines.push(format!("and {} more", mistakes.len() - MISTAKES_TOLD));
    }
    lines.join("\n")
}

/// What an address' hash stands for, or why it is nothing that can be opened. `None`: nothing.
pub fn of_hash(hash: &str) -> Option<Result<Opening, String>> {
    let (form, text) = hash.split_once('=')?;
    Some(match form {
        "s" => Opening::of_link(text),
        "lab" => match find_lab(text) {
            Some((entry, lab)) => Ok(Opening::new(Start::of_lab(entry, &lab, SEED))),
            None => {
                let known: Vec<&str> = labs::ALL.iter().map(|entry| entry.name).collect();
                Err(format!("There is no lab of this name; there are {}.", known.join(", ")))
            }
        },
        "yaml" => {
            let text = browser::decode(text);
            Ok(Opening::new(scenario("manifest", vec![LabFile { name: "manifest.yaml".to_owned(), text, apply: true, line: 0 }])))
        }
        "src" => {
            let name = browser::decode(text);
            if browser::asks_for_lab() { Ok(Opening::waiting(&name)) } else { Err(format!("{name} is a lab of another page, which embeds it.")) }
        }
        _ => return None,
    })
}

/// What the page opens with: its address' link, lab or manifest; what was here last; else the first scenario.
pub fn opening() -> Opening {
    let why = match of_hash(&browser::hash()) {
        Some(Ok(opening)) => return opening,
        Some(Err(why)) => Some(why),
        None => None,
    };
    // An embedded page is the course's, not the visitor's.
    let kept = browser::stored("session").filter(|_| !browser::is_embedded()).and_then(|link| Opening::of_link(&link).ok());
    let (opening, instead) = match kept {
        Some(kept) => (kept, "What was here before is still here."),
        None => (Opening::new(scenario_start(0)), "The first scenario stands here instead."),
    };
    Opening { notice: why.map(|why| format!("{why} {instead}")), ..opening }
}

pub fn find_lab(name: &str) -> Option<(&'static str, Lab)> {
    let entry = labs::ALL.iter().find(|entry| entry.name == name)?;
    labs::parse(entry.page).ok().map(|lab| (entry.name, lab))
}
