//! Links: a session as what was done in it, and back. The text is versioned; within one version of the program it opens the very same cluster.
//!
//! A session is a function of how it began and of what was typed when. Time goes in steps of `QUANTUM`, and each input is
//! recorded with the step at which it came, so that playing a recording runs the same steps with the same inputs.

use super::labs::{self, Lab, LabFile, Mistake, SETTLE_MAX};
use super::session::Session;
use crate::control::flavour::{self, Flavour};
use crate::values::clock::Duration;
use crate::values::hash::{FNV_START, fnv1a};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rpds::Vector;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// The step in which a live session's time goes.
pub const QUANTUM: Duration = Duration::millis(50);
/// Turns of work that a session may do in one step.
const TURNS: usize = 64;
/// The version of this program, which a link names.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");
/// What a link begins with: the version of its form.
const VERSION: &str = "1.";
/// The longest link that is read, in characters.
pub const LINK_MAX: usize = 200_000;
/// The largest recording behind a link, in bytes.
const RECORDING_MAX: usize = 4 * 1024 * 1024;
/// The longest time that a link may play: a day.
const STEPS_MAX: u64 = 24 * 3600 * 20;
/// The most inputs of a recording.
const ENTRIES_MAX: usize = 20_000;
const NODES_MAX: usize = 10;

/// How a session began.
#[derive(Clone, Debug, PartialEq)]
pub struct Start {
    pub flavour: &'static Flavour,
    pub nodes: usize,
    pub seed: u64,
    /// The open lab: its name in the catalogue, or of the file it was read from.
    pub lab: Option<String>,
    /// The page of a lab that is in no catalogue.
    pub page: Option<String>,
    /// What the bar calls it.
    pub title: String,
    pub files: Vec<LabFile>,
}

impl Start {
    /// The beginning of a lab.
    pub fn of_lab(name: &str, lab: &Lab, seed: u64) -> Start {
        Start {
            flavour: lab.flavour,
            nodes: lab.nodes,
            seed,
            lab: Some(name.to_owned()),
            page: None,
            title: lab.title.clone(),
            files: lab.files.clone(),
        }
    }

    /// The beginning of a lab that is in no catalogue.
    pub fn of_page(name: &str, page: &str, lab: &Lab, seed: u64) -> Start {
        Start { page: Some(page.to_owned()), ..Start::of_lab(name, lab, seed) }
    }

    pub(super) fn write_files(&self, session: &mut Session) {
        for file in &self.files {
            session.write_file(&file.name, &file.text);
        }
    }

    /// A session that begins so, settled, and which of its files cannot be applied.
    pub fn begin(&self) -> (Session, Vec<Mistake>) {
        let mut session = Session::new(self.flavour, self.nodes, self.seed);
        self.write_files(&mut session);
        let mut mistakes = Vec::new();
        for file in self.files.iter().filter(|file| file.apply) {
            let said = labs::type_in(&mut session, &[format!("kubectl apply -f {}", file.name)]).said;
            if !said.is_empty() {
                mistakes.push(Mistake { line: file.line, text: format!("{} cannot be applied: {said}", file.name) });
            }
        }
        session.world.settle(SETTLE_MAX);
        (session, mistakes)
    }
}

/// One input of a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// A line typed at the console.
    #[serde(rename = "l")]
    Line(String),
    /// A file written by the editor.
    #[serde(rename = "f")]
    File(String, String),
    /// Ctrl-C.
    #[serde(rename = "c")]
    Interrupt,
    /// Ctrl-D.
    #[serde(rename = "d")]
    End,
}

/// A session with all that led to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    pub start: Rc<Start>,
    pub session: Session,
    /// Inputs with the step at which each came.
    entries: Vector<(u64, Action)>,
    steps: u64,
    /// How many steps of the open lab are done: progress goes with undo and with the link.
    pub lab_steps: usize,
}

/// What opening a link came to.
pub struct Opened {
    pub live: Live,
    /// What differs from the session that the link was made of; empty where nothing does.
    pub differs: Vec<String>,
    /// The version of the program that made the link.
    program: String,
}

impl Opened {
    /// What the user must know: that the cluster is not the one that the link was made of, and where.
    pub fn note(&self) -> Option<String> {
        let made = if self.program == PROGRAM {
            "This link does not fit the digest that it carries".to_owned()
        } else {
            format!("This link was made with version {}, and this is {PROGRAM}", self.program)
        };
        (!self.differs.is_empty()).then(|| format!("{made}. Played again, these differ: {}.", self.differs.join(", ")))
    }
}

impl Live {
    pub fn new(start: Start) -> Live {
        Live::begin(start).0
    }

    /// A session that begins, and which of its files cannot be applied.
    pub fn begin(start: Start) -> (Live, Vec<Mistake>) {
        let (session, mistakes) = start.begin();
        let live = Live { start: Rc::new(start), session, entries: Vector::new(), steps: 0, lab_steps: 0 };
        (live, mistakes)
    }

    /// Does what a user did, now: behind the step of time that is under way, since a link tells only between which steps an input came.
    pub fn act(&mut self, action: Action) {
        self.end_step();
        match &action {
            Action::Line(line) => self.session.type_line(line),
            Action::File(name, text) => self.session.write_file(name, text),
            Action::Interrupt => self.session.interrupt(),
            Action::End => self.session.end_input(),
        }
        // Each keystroke in the editor writes the file; the last text before anything else is what counts.
        let last = self.entries.len().checked_sub(1).and_then(|index| self.entries.get(index).map(|entry| (index, entry.clone())));
        if let (Action::File(name, _), Some((index, (_, Action::File(before, _))))) = (&action, &last)
            && name == before
        {
            let at = self.steps;
            self.entries.set_mut(*index, (at, action));
            return;
        }
        self.entries.push_back_mut((self.steps, action));
    }

    /// Lets one step of time pass.
    pub fn tick(&mut self) {
        self.tick_while(&mut || true);
    }

    /// Lets one step of time pass, as long as `go_on` says so. False: it did not, and the next call goes on.
    pub fn tick_while(&mut self, go_on: &mut dyn FnMut() -> bool) -> bool {
        let done = self.session.advance_while(QUANTUM, TURNS, go_on);
        self.steps += u64::from(done);
        done
    }

    /// Ends the step of time that is under way.
    fn end_step(&mut self) {
        if self.session.is_advancing() {
            self.tick();
        }
    }

    /// How many steps of time have passed since the beginning.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    fn tick_to(&mut self, step: u64, witness: &mut dyn FnMut(&mut Live, Option<&Action>)) {
        while self.steps < step {
            self.tick();
            witness(self, None);
        }
    }

    /// How many inputs there were.
    pub fn entry_count(&self) -> usize {
        self.entries.len()
    }

    pub fn entries(&self) -> impl Iterator<Item = &(u64, Action)> {
        self.entries.iter()
    }

    /// The text of a link that opens this session.
    pub fn link(&self) -> String {
        if self.session.is_advancing() {
            let mut whole = self.clone();
            whole.end_step();
            return whole.link();
        }
        let record = Record {
            flavour: self.start.flavour.name.to_owned(),
            nodes: self.start.nodes,
            seed: self.start.seed,
            lab: self.start.lab.clone(),
            page: self.start.page.clone(),
            title: self.start.title.clone(),
            files: self.start.files.iter().map(|file| (file.name.clone(), file.text.clone(), file.apply)).collect(),
            entries: self.entries.iter().cloned().collect(),
            steps: self.steps,
            lab_steps: self.lab_steps,
            program: PROGRAM.to_owned(),
            digests: digests(&self.session),
        };
        record.link()
    }

    /// Opens a link: the session that it holds, played again.
    /// # Errors
    /// What is wrong with the link, in a sentence for the user.
    pub fn open(link: &str) -> Result<Opened, String> {
        Live::open_seen(link, &mut |_, _| {})
    }

    /// Opens a link before a witness, who sees each input before it is done, and (without one) the session after each step of time.
    /// The witness may take what the session printed, and changes nothing else.
    /// # Errors
    /// What is wrong with the link, in a sentence for the user.
    pub fn open_seen(link: &str, witness: &mut dyn FnMut(&mut Live, Option<&Action>)) -> Result<Opened, String> {
        let record = Record::read(link)?;
        let flavour = flavour::by_name(&record.flavour)
            .ok_or_else(|| format!("The link asks for a kind of cluster that is not known here: {:?}.", record.flavour))?;
        if record.nodes == 0 || record.nodes > NODES_MAX || record.steps > STEPS_MAX || record.entries.len() > ENTRIES_MAX {
            return Err("The link asks for more than a tab can hold.".to_owned());
        }
        let files = record.files.into_iter().map(|(name, text, apply)| LabFile { name, text, apply, line: 0 }).collect();
        let start = Start { flavour, nodes: record.nodes, seed: record.seed, lab: record.lab, page: record.page, title: record.title, files };
        let mut live = Live { lab_steps: record.lab_steps, ..Live::new(start) };
        for (at, action) in record.entries {
            if at < live.steps || at > record.steps {
                return Err("The link's inputs are not in their order.".to_owned());
            }
            live.tick_to(at, witness);
            witness(&mut live, Some(&action));
            live.act(action);
        }
        live.tick_to(record.steps, witness);
        witness(&mut live, None);
        let own = digests(&live.session);
        let differs = record
            .digests
            .iter()
            .filter(|(kind, digest)| !own.contains(&((*kind).clone(), (*digest).clone())))
            .map(|(kind, _)| kind.clone())
            .collect();
        Ok(Opened { live, differs, program: record.program })
    }
}

/// What a link holds.
#[derive(Serialize, Deserialize)]
struct Record {
    #[serde(rename = "k")]
    flavour: String,
    #[serde(rename = "n")]
    nodes: usize,
    #[serde(rename = "s")]
    seed: u64,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    lab: Option<String>,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    #[serde(rename = "t", default)]
    title: String,
    #[serde(rename = "f")]
    files: Vec<(String, String, bool)>,
    #[serde(rename = "e")]
    entries: Vec<(u64, Action)>,
    #[serde(rename = "z")]
    steps: u64,
    #[serde(rename = "p", default, skip_serializing_if = "is_zero")]
    lab_steps: usize,
    #[serde(rename = "v")]
    program: String,
    /// A digest a kind, and one of all files.
    #[serde(rename = "d")]
    digests: Vec<(String, String)>,
}

/// Most links have no progress to tell.
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Record {
    fn link(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        format!("{VERSION}{}", URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(&json, 9)))
    }

    fn read(link: &str) -> Result<Record, String> {
        if link.len() > LINK_MAX {
            return Err("The link is too long.".to_owned());
        }
        let Some(text) = link.strip_prefix(VERSION) else {
            return Err("This is no link of a form that is known here. It may come from a later version.".to_owned());
        };
        let broken = "The link is broken: a part of it is missing or changed.";
        let packed = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| broken.to_owned())?;
        let json = miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, RECORDING_MAX).map_err(|_| broken.to_owned())?;
        serde_json::from_slice(&json).map_err(|_| broken.to_owned())
    }
}

/// FNV-1a over bytes, as text of six characters: enough to tell, short enough for a link.
struct Digest(u64);

impl std::io::Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = fnv1a(self.0, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Digest {
    fn new() -> Digest {
        Digest(FNV_START)
    }

    fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0.to_le_bytes()[..4])
    }
}

/// A digest of the objects of each kind, and one of everything else (disks, containers, console), by name.
pub fn digests(session: &Session) -> Vec<(String, String)> {
    use std::io::Write;
    let mut found: Vec<(String, Digest)> = Vec::new();
    for (key, object) in session.cluster().api.store().all() {
        if found.last().is_none_or(|(kind, _)| kind != key.kind) {
            found.push((key.kind.to_owned(), Digest::new()));
        }
        if let Some((_, digest)) = found.last_mut() {
            // Writing to a digest cannot fail.
            let _ = serde_json::to_writer(digest, &object.0);
        }
    }
    let mut rest = Digest::new();
    let _ = write!(rest, "{:?}{:?}", session.world.disks, session.host);
    found.push(("files".to_owned(), rest));
    found.into_iter().map(|(kind, digest)| (kind, digest.text())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::playground::console::ConsoleState;
    use crate::playground::labs;

    fn lab(name: &str) -> Live {
        let entry = labs::ALL.iter().find(|entry| entry.name == name).unwrap();
        Live::new(Start::of_lab(name, &labs::parse(entry.page).unwrap(), 7))
    }

    #[test]
    fn a_link_opens_the_same_cluster() {
        let mut live = lab("statefulset-claims");
        for line in ["kubectl apply -f nginx.yaml", "kubectl get pods -w"] {
            live.act(Action::Line(line.into()));
            (0..30).for_each(|_| live.tick());
        }
        (0..600).for_each(|_| live.tick());
        live.act(Action::Interrupt);
        live.act(Action::Line("for i in 0 1 2; do kubectl exec web-$i -- sh -c 'hostname > /usr/share/nginx/html/index.html'; done".into()));
        (0..100).for_each(|_| live.tick());
        let link = live.link();
        assert!(link.len() <= 2000, "{} characters", link.len());
        let opened = Live::open(&link).unwrap();
        assert_eq!(opened.differs, Vec::<String>::new());
        assert_eq!(opened.live.session.cluster(), live.session.cluster());
    }

    #[test]
    fn a_witness_sees_each_input_and_takes_what_came_of_it() {
        let mut live = lab("first-consumer");
        for line in ["echo one; sleep 1; echo late", "echo two"] {
            live.act(Action::Line(line.into()));
            (0..60).for_each(|_| live.tick());
        }
        let mut told = Vec::new();
        let opened = Live::open_seen(&live.link(), &mut |live, action| {
            told.extend(live.session.take_output().iter().map(|chunk| String::from_utf8_lossy(&chunk.bytes).into_owned()));
            if let Some(Action::Line(line)) = action {
                assert_eq!(live.session.state(), ConsoleState::Prompt);
                told.push(format!("$ {line}"));
            }
        });
        assert_eq!(opened.unwrap().note(), None);
        assert_eq!(told, ["$ echo one; sleep 1; echo late", "one\n", "late\n", "$ echo two", "two\n"]);
    }

    #[test]
    fn steps_of_time_in_parts_come_to_the_same() {
        let mut whole = lab("statefulset-claims");
        whole.act(Action::Line("kubectl apply -f nginx.yaml; kubectl get pods -w".into()));
        let mut parts = whole.clone();
        (0..200).for_each(|_| whole.tick());
        let (mut calls, mut linked) = (0, false);
        while parts.steps() < 200 {
            calls += 1;
            // One thing at a time.
            let done = parts.tick_while(&mut || false);
            if !done && !linked && calls > 100 {
                let opened = Live::open(&parts.link()).unwrap();
                assert_eq!((opened.note(), opened.live.steps()), (None, parts.steps() + 1));
                linked = true;
            }
        }
        assert!(calls > 250 && linked, "{calls} calls, linked: {linked}");
        assert_eq!(parts, whole);
        parts.tick_while(&mut || false);
        whole.tick();
        for live in [&mut parts, &mut whole] {
            live.act(Action::Interrupt);
            live.tick();
        }
        assert_eq!(parts, whole);
    }

    #[test]
    fn a_whole_lab_fits_into_a_link() {
        let mut live = lab("statefulset-claims");
        let page = labs::ALL.iter().find(|entry| entry.name == "statefulset-claims").unwrap().page;
        for line in labs::parse(page).unwrap().steps.into_iter().flat_map(|step| step.solution) {
            live.act(Action::Line(line));
            while live.session.state() != ConsoleState::Prompt {
                live.tick();
            }
        }
        live.lab_steps = 6;
        let link = live.link();
        assert!(link.len() <= 2000, "{} characters", link.len());
        let opened = Live::open(&link).unwrap();
        assert_eq!((opened.note(), opened.live.lab_steps), (None, 6));
        assert_eq!(opened.live.session, live.session);
    }

    #[test]
    fn a_lab_of_ones_own_goes_with_its_link() {
        let page = labs::ALL[0].page.replace("A file outlives its pod", "My own");
        let live = Live::new(Start::of_page("my.md", &page, &labs::parse(&page).unwrap(), 7));
        let opened = Live::open(&live.link()).unwrap().live;
        assert_eq!((opened.start.page.as_deref(), opened.start.title.as_str()), (Some(page.as_str()), "My own"));
        assert_eq!(opened.session, live.session);
    }

    #[test]
    fn a_link_of_another_version_is_played_again_and_says_where_it_differs() {
        let mut record = Record::read(&lab("first-consumer").link()).unwrap();
        record.program = "0.0.7".to_owned();
        let (kind, digest) = &mut record.digests[0];
        *digest = "other".to_owned();
        let wanted = format!("This link was made with version 0.0.7, and this is {PROGRAM}. Played again, these differ: {kind}.");
        let opened = Live::open(&record.link()).unwrap();
        assert_eq!(opened.note(), Some(wanted));
        assert_eq!(opened.live.session, lab("first-consumer").session);
    }

    #[test]
    fn foreign_and_broken_links_say_so() {
        let link = lab("first-consumer").link();
        for (text, part) in [("", "no link"), ("2.abc", "no link"), ("1.%%%", "broken"), ("1.AAAA", "broken"), (&link[..link.len() / 2], "broken")] {
            let error = Live::open(text).err().unwrap();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
