//! Lab files: one Markdown page is one lab, with its files, steps, checks, solutions and hints.
//!
//! A lab has no language of its own: prose is Markdown, files and commands are fences. `parse` never fails half way: it
//! gives the lab, or every mistake with its line. Checks run on a copy of the session, so they take no time, leave
//! no trace in the history and cannot change the cluster.

mod play;

use crate::control::flavour;
use crate::values::clock::Duration;
use crate::values::yaml;
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use serde::Deserialize;
use std::ops::Range;

pub use play::play;
pub(super) use play::type_in;

/// A lab of the catalogue: its name in links and addresses, and its page.
pub struct Entry {
    pub name: &'static str,
    pub page: &'static str,
}

/// Every lab, in the order in which the app lists them.
pub const ALL: &[Entry] = &[
    Entry { name: "file-outlives-pod", page: include_str!("../../examples/labs/01-file-outlives-pod.md") },
    Entry { name: "volume-claim-pod", page: include_str!("../../examples/labs/02-volume-claim-pod.md") },
    Entry { name: "statefulset-claims", page: include_str!("../../examples/labs/03-statefulset-claims.md") },
    Entry { name: "first-consumer", page: include_str!("../../examples/labs/04-first-consumer.md") },
    Entry { name: "retain-claimref", page: include_str!("../../examples/labs/05-retain-claimref.md") },
];

/// The largest lab page that is read, in bytes.
pub const PAGE_MAX: usize = 256 * 1024;
/// The most steps of one lab.
pub const STEPS_MAX: usize = 50;
/// The most simulated time that a lab's start or a step's solution may take to settle.
pub const SETTLE_MAX: Duration = Duration::seconds(300);

/// A lab, read and checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Lab {
    pub title: String,
    /// About how long it takes; 0 where the page does not say.
    pub minutes: u32,
    pub flavour: &'static flavour::Flavour,
    pub nodes: usize,
    pub introduction: Vec<Block>,
    pub files: Vec<LabFile>,
    pub steps: Vec<Step>,
}

/// A file that the lab puts into the editor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabFile {
    pub name: String,
    pub text: String,
    /// Applied before the lab starts.
    pub apply: bool,
    /// Of its fence, from 1; 0 where it comes from no page.
    pub line: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub title: String,
    /// Of its heading, from 1.
    pub line: usize,
    pub prose: Vec<Block>,
    pub check: Vec<Check>,
    /// Lines to type, continuation lines included.
    pub solution: Vec<String>,
    pub hints: Vec<Vec<Inline>>,
}

/// One command of a check and what must hold of its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What is typed; lines that go on with it are joined by newlines.
    pub command: String,
    pub line: usize,
    /// Lines that must be in the output, in this order.
    pub wanted: Vec<String>,
    /// Lines that must not be there.
    pub unwanted: Vec<String>,
    pub code: i32,
}

/// A paragraph, list or code box of prose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Paragraph(Vec<Inline>),
    Heading(Vec<Inline>),
    List { ordered: bool, items: Vec<Vec<Inline>> },
    Code { text: String },
}

/// A run of text in a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    Text(String),
    /// A code span; one that begins with a command's name can be clicked.
    Code(String),
    Strong(String),
    Emphasis(String),
    Link {
        text: String,
        address: String,
    },
}

/// A mistake in a lab page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// From 1.
    pub line: usize,
    pub text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    title: String,
    #[serde(default)]
    minutes: u32,
    #[serde(default = "default_flavour")]
    flavour: String,
    #[serde(default = "default_nodes")]
    nodes: usize,
}

fn default_flavour() -> String {
    "playground".to_owned()
}

fn default_nodes() -> usize {
    3
}

/// The most nodes that a lab may ask for.
const NODES_MAX: usize = 10;

/// Reads a lab page.
/// # Errors
/// Every mistake found, with its line, in the order of the page.
pub fn parse(page: &str) -> Result<Lab, Vec<Mistake>> {
    if page.len() > PAGE_MAX {
        return Err(vec![Mistake { line: 1, text: format!("the page is larger than {} KB", PAGE_MAX / 1024) }]);
    }
    let page = page.replace("\r\n", "\n");
    let mut reader = Reader::new(&page);
    let front = reader.front_matter();
    reader.body();
    let Reader { mut mistakes, introduction, files, steps, .. } = reader;
    for step in &steps {
        if step.check.is_empty() {
            mistakes.push(Mistake { line: step.line, text: format!("the step {:?} has no check (a fence ```console check)", step.title) });
        }
        if step.solution.is_empty() {
            mistakes.push(Mistake { line: step.line, text: format!("the step {:?} has no solution (a fence ```console solution)", step.title) });
        }
    }
    if steps.is_empty() && mistakes.is_empty() {
        mistakes.push(Mistake { line: 1, text: "the page has no step (a heading that begins with ##)".to_owned() });
    }
    if steps.len() > STEPS_MAX {
        mistakes.push(Mistake { line: steps[STEPS_MAX].line, text: format!("more than {STEPS_MAX} steps") });
    }
    mistakes.sort_by_key(|mistake| mistake.line);
    match (front, mistakes.is_empty()) {
        (Some((front, flavour)), true) => {
            Ok(Lab { title: front.title, minutes: front.minutes, flavour, nodes: front.nodes, introduction, files, steps })
        }
        _ => Err(mistakes),
    }
}

struct Reader<'a> {
    page: &'a str,
    /// Where the Markdown begins, in bytes.
    body: usize,
    mistakes: Vec<Mistake>,
    introduction: Vec<Block>,
    files: Vec<LabFile>,
    steps: Vec<Step>,
}

impl<'a> Reader<'a> {
    fn new(page: &'a str) -> Reader<'a> {
        Reader { page, body: 0, mistakes: Vec::new(), introduction: Vec::new(), files: Vec::new(), steps: Vec::new() }
    }

    fn line_at(&self, offset: usize) -> usize {
        self.page[..offset.min(self.page.len())].matches('\n').count() + 1
    }

    fn mistake(&mut self, line: usize, text: impl Into<String>) {
        self.mistakes.push(Mistake { line, text: text.into() });
    }

    fn front_matter(&mut self) -> Option<(FrontMatter, &'static flavour::Flavour)> {
        let Some(rest) = self.page.strip_prefix("---\n") else {
            self.mistake(1, "the page must begin with front matter: a line ---, `title: …`, a line ---");
            return None;
        };
        let Some(end) = rest.find("\n---\n") else {
            self.mistake(1, "the front matter has no closing line ---");
            return None;
        };
        self.body = "---\n".len() + end + "\n---\n".len();
        let front: FrontMatter = match serde_yaml::from_str(&rest[..end]) {
            Ok(front) => front,
            Err(error) => {
                let line = error.location().map_or(1, |place| place.line()) + 1;
                // Its own place counts from the front matter's first line.
                let why = error.to_string();
                self.mistake(line, format!("front matter: {}", why.split(" at line ").next().unwrap_or(&why)));
                return None;
            }
        };
        let line_of = |key: &str| rest.lines().position(|line| line.starts_with(key)).map_or(1, |index| index + 2);
        if front.nodes == 0 || front.nodes > NODES_MAX {
            self.mistake(line_of("nodes:"), format!("front matter: nodes must be from 1 to {NODES_MAX}"));
        }
        let Some(flavour) = flavour::by_name(&front.flavour) else {
            let known: Vec<&str> = flavour::FLAVOURS.iter().map(|flavour| flavour.name).collect();
            self.mistake(line_of("flavour:"), format!("front matter: no flavour {:?}; there are {}", front.flavour, known.join(", ")));
            return None;
        };
        Some((front, flavour))
    }

    fn body(&mut self) {
        let page = self.page;
        let parser = Parser::new_ext(&page[self.body..], Options::empty()).into_offset_iter();
        let mut events = parser.peekable();
        while let Some((event, range)) = events.next() {
            let line = self.line_at(self.body + range.start);
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    let text = inlines(&mut events, TagEnd::Heading(level));
                    self.heading(level, text, line);
                }
                Event::Start(Tag::Paragraph) => {
                    let text = inlines(&mut events, TagEnd::Paragraph);
                    self.prose(Block::Paragraph(text));
                }
                Event::Start(Tag::List(first)) => {
                    let items = list_items(&mut events, first.is_some());
                    self.prose(Block::List { ordered: first.is_some(), items });
                }
                Event::Start(Tag::BlockQuote(kind)) => {
                    let text = inlines(&mut events, TagEnd::BlockQuote(kind));
                    self.quote(text, line);
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    let mut text = String::new();
                    for (event, _) in events.by_ref() {
                        match event {
                            Event::Text(part) => text.push_str(&part),
                            Event::End(TagEnd::CodeBlock) => break,
                            _ => {}
                        }
                    }
                    let info = match &kind {
                        CodeBlockKind::Fenced(info) => info.to_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    if matches!(kind, CodeBlockKind::Fenced(_)) {
                        self.closed(range, line);
                    }
                    self.fence(&info, text, line);
                }
                Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::HtmlBlock) => {
                    self.mistake(line, "HTML has no place in a lab; use Markdown");
                }
                _ => {}
            }
        }
    }

    /// A fence must be closed, and before the next one begins: Markdown itself takes the rest of the page for its text.
    fn closed(&mut self, range: Range<usize>, line: usize) {
        let page = self.page;
        let mut lines = page[self.body..][range].trim_end().lines();
        let mark: String = lines.next().unwrap_or("").chars().take_while(|c| "`~".contains(*c)).collect();
        let inner: Vec<&str> = lines.collect();
        let is_mark = |text: &str| text.trim_start().starts_with(mark.as_str());
        if !inner.last().is_some_and(|last| is_mark(last)) {
            self.mistake(line, format!("the fence that begins here is never closed (a line {mark})"));
        } else if let Some(place) = inner[..inner.len() - 1].iter().position(|text| is_mark(text)) {
            self.mistake(line, format!("the fence that begins here is not closed before line {}, where the next one begins", line + 1 + place));
        }
    }

    fn prose(&mut self, block: Block) {
        match self.steps.last_mut() {
            Some(step) => step.prose.push(block),
            None => self.introduction.push(block),
        }
    }

    fn heading(&mut self, level: HeadingLevel, text: Vec<Inline>, line: usize) {
        match level {
            HeadingLevel::H1 => {}
            HeadingLevel::H2 => {
                let title = plain(&text);
                self.steps.push(Step { title, line, prose: Vec::new(), check: Vec::new(), solution: Vec::new(), hints: Vec::new() });
            }
            _ => self.prose(Block::Heading(text)),
        }
    }

    fn quote(&mut self, mut text: Vec<Inline>, line: usize) {
        let hint = match text.first_mut() {
            Some(Inline::Text(first)) => first.strip_prefix("Hint:").map(|rest| rest.trim_start().to_owned()),
            _ => None,
        };
        let word = match text.first() {
            Some(Inline::Text(first)) => first.split_once(':').map(|(word, _)| word).filter(|word| word.chars().all(char::is_alphabetic)),
            _ => None,
        };
        if let (None, Some(word)) = (&hint, word) {
            let text = format!("a quote that begins with {word:?} is not known here; a hint is `> Hint: …`");
            return self.mistake(line, text);
        }
        match (hint, self.steps.last_mut()) {
            (Some(rest), Some(step)) => {
                text[0] = Inline::Text(rest);
                step.hints.push(text);
            }
            (Some(_), None) => self.mistake(line, "a hint stands before the first step"),
            (None, _) => self.prose(Block::Paragraph(text)),
        }
    }

    fn fence(&mut self, info: &str, text: String, line: usize) {
        let words: Vec<&str> = info.split_whitespace().collect();
        let file = words.iter().find_map(|word| word.strip_prefix("file="));
        match (words.as_slice(), file) {
            (_, Some(name)) => self.file(name, text, &words, line),
            (["console", "check"], _) => {
                let checks = self.checks(&text, line);
                self.in_step(line, |step| step.check.extend(checks));
            }
            (["console", "solution"], _) => {
                let lines = self.solution(&text, line);
                self.in_step(line, |step| step.solution.extend(lines));
            }
            (["console", other, ..], _) => self.mistake(line, format!("a console fence is `check` or `solution`, not {other:?}")),
            ([_, other, ..], _) => self.mistake(line, format!("{other:?} is not known here; a file is `yaml file=NAME`, with `apply` or without")),
            _ => self.prose(Block::Code { text: text.trim_end_matches('\n').to_owned() }),
        }
    }

    fn in_step(&mut self, line: usize, change: impl FnOnce(&mut Step)) {
        match self.steps.last_mut() {
            Some(step) => change(step),
            None => self.mistake(line, "a check or solution stands before the first step"),
        }
    }

    fn file(&mut self, name: &str, text: String, words: &[&str], line: usize) {
        let plain_name = !name.is_empty() && !name.starts_with(['.', '-']) && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
        if !plain_name {
            self.mistake(line, format!("{name:?} is no plain file name (letters, digits, dots, dashes)"));
        }
        if self.files.iter().any(|file| file.name == name) {
            self.mistake(line, format!("the file {name} is given twice"));
        }
        for word in words.iter().skip(1).filter(|word| **word != "apply" && !word.starts_with("file=")) {
            self.mistake(line, format!("a file has no attribute {word:?}; there are file=NAME and apply"));
        }
        if name.ends_with(".yaml") || name.ends_with(".yml") {
            for diagnostic in yaml::parse(&text).1 {
                self.mistake(line + diagnostic.line, format!("{name}: {}", diagnostic.message));
            }
        }
        self.files.push(LabFile { name: name.to_owned(), text, apply: words.contains(&"apply"), line });
    }

    fn checks(&mut self, text: &str, line: usize) -> Vec<Check> {
        let mut checks: Vec<Check> = Vec::new();
        for (index, content) in text.lines().enumerate() {
            let here = line + 1 + index;
            if let Some(command) = content.strip_prefix("$ ") {
                checks.push(Check { command: command.to_owned(), line: here, wanted: Vec::new(), unwanted: Vec::new(), code: 0 });
                continue;
            }
            let Some(check) = checks.last_mut() else {
                self.mistake(here, "a check begins with a command: `$ kubectl …`");
                continue;
            };
            // Right after the command, for what is printed may begin with `> ` as well.
            let asks_nothing = check.wanted.is_empty() && check.unwanted.is_empty();
            if let Some(more) = content.strip_prefix("> ").or_else(|| (content == ">").then_some("")).filter(|_| asks_nothing) {
                check.command += "\n";
                check.command += more;
            } else if let Some(code) = content.strip_prefix("? ") {
                match code.trim().parse() {
                    Ok(code) => check.code = code,
                    Err(_) => self.mistake(here, format!("{code:?} is no exit code")),
                }
            } else if let Some(unwanted) = content.strip_prefix("! ") {
                check.unwanted.push(unwanted.trim_end().to_owned());
            } else if !content.trim().is_empty() {
                check.wanted.push(content.trim_end().to_owned());
            }
        }
        if checks.is_empty() {
            self.mistake(line, "the check has no command (`$ kubectl …`)");
        }
        checks
    }

    fn solution(&mut self, text: &str, line: usize) -> Vec<String> {
        let mut lines = Vec::new();
        for (index, content) in text.lines().enumerate() {
            match content.strip_prefix("$ ").or_else(|| content.strip_prefix("> ")).or_else(|| (content == ">").then_some("")) {
                Some(typed) => lines.push(typed.to_owned()),
                None if content.trim().is_empty() => {}
                None => self.mistake(line + 1 + index, "a solution holds commands only (`$ …`, and `> …` for what goes on)"),
            }
        }
        lines
    }
}

/// Reads inline events up to the end of their block. Nested blocks are read flat.
fn inlines<'a>(events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>, end: TagEnd) -> Vec<Inline> {
    let mut found: Vec<Inline> = Vec::new();
    let (mut strong, mut emphasis, mut link): (bool, bool, Option<(String, String)>) = (false, false, None);
    for (event, _) in events {
        let text = match event {
            Event::End(this) if this == end => break,
            Event::Start(Tag::Strong) => {
                strong = true;
                continue;
            }
            Event::End(TagEnd::Strong) => {
                strong = false;
                continue;
            }
            Event::Start(Tag::Emphasis) => {
                emphasis = true;
                continue;
            }
            Event::End(TagEnd::Emphasis) => {
                emphasis = false;
                continue;
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                link = Some((String::new(), dest_url.to_string()));
                continue;
            }
            Event::End(TagEnd::Link) => {
                if let Some((text, address)) = link.take() {
                    found.push(link_or_text(text, address));
                }
                continue;
            }
            Event::Code(code) => {
                match &mut link {
                    Some((text, _)) => text.push_str(&code),
                    None => found.push(Inline::Code(code.to_string())),
                }
                continue;
            }
            Event::Text(text) => text.to_string(),
            Event::SoftBreak | Event::HardBreak => " ".to_owned(),
            _ => continue,
        };
        match (&mut link, strong, emphasis, found.last_mut()) {
            (Some((linked, _)), ..) => linked.push_str(&text),
            (None, true, _, _) => found.push(Inline::Strong(text)),
            (None, false, true, _) => found.push(Inline::Emphasis(text)),
            (None, false, false, Some(Inline::Text(last))) => last.push_str(&text),
            (None, false, false, _) => found.push(Inline::Text(text)),
        }
    }
    found
}

/// Only web addresses become links: a page may come from a stranger, and `javascript:` must stay text.
fn link_or_text(text: String, address: String) -> Inline {
    if address.starts_with("https://") || address.starts_with("http://") { Inline::Link { text, address } } else { Inline::Text(text) }
}

fn list_items<'a>(events: &mut impl Iterator<Item = (Event<'a>, Range<usize>)>, ordered: bool) -> Vec<Vec<Inline>> {
    let mut items = Vec::new();
    while let Some((event, _)) = events.next() {
        match event {
            Event::Start(Tag::Item) => items.push(inlines(events, TagEnd::Item)),
            Event::End(TagEnd::List(end)) if end == ordered => break,
            _ => {}
        }
    }
    items
}

/// The text of inlines without their faces.
pub fn plain(text: &[Inline]) -> String {
    text.iter()
        .map(|inline| match inline {
            Inline::Text(text) | Inline::Code(text) | Inline::Strong(text) | Inline::Emphasis(text) | Inline::Link { text, .. } => text.as_str(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "---\ntitle: Small\n---\nIntro with `kubectl get pods`.\n\n```yaml file=a.yaml apply\nkind: Pod\n```\n\n## First\nDo **it**.\n\n```console check\n$ true\nyes\n! no\n? 3\n```\n```console solution\n$ cat <<EOF\n> x\n> EOF\n```\n> Hint: look `here`.\n";

    #[test]
    fn a_page_becomes_a_lab() {
        let lab = parse(SMALL).unwrap();
        assert_eq!((lab.title.as_str(), lab.files.len(), lab.steps.len()), ("Small", 1, 1));
        assert!(lab.files[0].apply);
        let step = &lab.steps[0];
        assert_eq!((step.title.as_str(), step.line), ("First", 10));
        assert_eq!(step.check[0], Check { command: "true".into(), line: 14, wanted: vec!["yes".into()], unwanted: vec!["no".into()], code: 3 });
        assert_eq!(step.solution, ["cat <<EOF", "x", "EOF"]);
        assert_eq!(step.hints, [vec![Inline::Text("look ".into()), Inline::Code("here".into()), Inline::Text(".".into())]]);
    }

    #[test]
    fn mistakes_have_their_lines() {
        let check = |page: &str, line: usize, part: &str| {
            let mistakes = parse(page).unwrap_err();
            assert!(mistakes.iter().any(|m| m.line == line && m.text.contains(part)), "{mistakes:?}");
        };
        check("no front", 1, "front matter");
        check("---\ntitle: x\ncolour: red\n---\n", 3, "colour");
        check("---\ntitle: x\nflavour: moon\n---\n## S\n", 3, "no flavour");
        check("---\r\ntitle: x\r\nnodes: 99\r\n---\r\n## S\r\n", 3, "from 1 to 10");
        check("---\nminutes: 3\n---\n## S\n", 2, "title");
        check(&SMALL.replace("a.yaml apply", "a.yaml aply"), 6, "\"aply\"");
        check(&SMALL.replace("file=a.yaml", "fil=a.yaml"), 6, "fil=a.yaml");
        check(&SMALL.replace("kind: Pod", "kind: Pod\nmetadata: {"), 8, "a.yaml");
        check(&SMALL.replace("$ cat <<EOF", "cat <<EOF"), 20, "commands only");
        check("---\ntitle: x\n---\n## S\ntext\n", 4, "no check");
        check(&SMALL.replace("? 3", "? x"), 17, "exit code");
        check(&SMALL.replace("file=a.yaml", "file=../a"), 6, "file name");
        check(&SMALL.replace("check\n$ true", "chekc\n$ true"), 13, "chekc");
        check(&SMALL.replace("Do **it**.", "<script>x</script>"), 11, "HTML");
        check(&SMALL.replace("Hint:", "Hnt:"), 24, "\"Hnt\"");
        check(SMALL.trim_end_matches("```\n> Hint: look `here`.\n"), 19, "never closed");
        check(&SMALL.replace("? 3\n```", "? 3"), 13, "not closed before line 18");
    }

    #[test]
    fn a_command_of_a_check_goes_on_with_marked_lines() {
        let lab = parse(&SMALL.replace("$ true\n", "$ cat <<EOF\n> a\n>\n> EOF\n")).unwrap();
        assert_eq!((lab.steps[0].check[0].command.as_str(), &lab.steps[0].check[0].wanted[..]), ("cat <<EOF\na\n\nEOF", &["yes".to_owned()][..]));
    }

    #[test]
    fn strange_addresses_stay_text() {
        let lab = parse(&SMALL.replace("Do **it**.", "[a](javascript:alert(1)) [b](https://x.example)")).unwrap();
        let Block::Paragraph(text) = &lab.steps[0].prose[0] else { panic!() };
        assert_eq!(text[0], Inline::Text("a ".into()));
        assert!(matches!(text.last(), Some(Inline::Link { .. })));
    }
}
