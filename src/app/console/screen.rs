//! What the console has printed, line by line.

use crate::machine::kernel::{Chunk, Stream};
use crate::playground::console::ConsoleState;
use crate::playground::remarks;
use crate::playground::session::Session;
use crate::playground::share::Start;
use std::rc::Rc;

/// Lines that the screen keeps.
const LINES_MAX: usize = 5_000;
/// The longest line that is shown, in characters.
const LINE_MAX: usize = 4_000;
/// How much of a command's errors is looked at for a remark, in bytes.
const ERRORS_MAX: usize = 4_000;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Face {
    Prompt,
    Out,
    Error,
    Note,
}

#[derive(Clone, PartialEq)]
pub struct Line {
    pub face: Face,
    pub prompt: Rc<str>,
    pub text: Rc<str>,
}

/// What the console has printed.
#[derive(Clone, Default)]
pub struct Screen {
    lines: Vec<Line>,
    /// How many lines went before the first one kept: keys stay the same as lines scroll away.
    dropped: usize,
    /// The last line has no newline yet.
    open: bool,
    /// What the command that runs wrote to its standard error.
    errors: String,
}

/// What the console says before anything was typed in it.
const WELCOME: &str = "A cluster of three nodes, in this tab and yours alone. Type kubectl, or click a command below; Undo takes back anything.";

impl Screen {
    /// The screen of a session that begins: a lab speaks for itself.
    pub fn at_start(start: &Start) -> Screen {
        let mut screen = Screen::default();
        if start.lab.is_none() {
            screen.note(WELCOME);
        }
        screen
    }

    /// The last lines, each with a number that stays the same as lines scroll away.
    pub fn last(&self, count: usize) -> impl Iterator<Item = (usize, &Line)> {
        let lines = self.lines.iter().enumerate().skip(self.lines.len().saturating_sub(count));
        lines.map(|(index, line)| (self.dropped + index, line))
    }

    /// The last line that was typed, and the last that was printed since.
    pub fn last_command(&self) -> Option<(&Line, Option<&Line>)> {
        let place = self.lines.iter().rposition(|line| line.face == Face::Prompt)?;
        let said = self.lines[place + 1..].iter().rev().find(|line| line.face != Face::Note && !line.text.is_empty());
        Some((&self.lines[place], said))
    }

    /// A line is typed: at the prompt it begins a command.
    pub fn enter(&mut self, session: &Session, line: &str) {
        if session.state() == ConsoleState::Prompt {
            self.errors.clear();
        }
        self.typed(&session.prompt(), line);
    }

    /// Takes what the session printed. True: something was.
    pub fn take_from(&mut self, session: &mut Session) -> bool {
        let (chunks, notes) = (session.take_output(), session.take_notes());
        self.write(&chunks);
        for chunk in chunks.iter().filter(|chunk| chunk.stream == Stream::Stderr) {
            if self.errors.len() < ERRORS_MAX {
                self.errors += &String::from_utf8_lossy(&chunk.bytes);
            }
        }
        // What a program in the foreground says (a shell in a container) is about another machine than the console's.
        if session.state() == ConsoleState::Reading {
            self.errors.clear();
        }
        notes.iter().for_each(|note| self.note(note));
        if !self.errors.is_empty() && session.state() == ConsoleState::Prompt {
            let errors = std::mem::take(&mut self.errors);
            remarks::after(&errors).into_iter().for_each(|remark| self.note(remark));
        }
        !chunks.is_empty() || !notes.is_empty()
    }

    fn push(&mut self, face: Face, prompt: &str, text: &str) {
        let text: String = text.chars().take(LINE_MAX).collect();
        self.lines.push(Line { face, prompt: prompt.into(), text: text.into() });
        if self.lines.len() > LINES_MAX {
            self.lines.drain(..LINES_MAX / 5);
            self.dropped += LINES_MAX / 5;
        }
    }

    pub fn typed(&mut self, prompt: &str, line: &str) {
        self.open = false;
        self.push(Face::Prompt, prompt, line);
    }

    pub fn note(&mut self, text: &str) {
        self.open = false;
        self.push(Face::Note, "", text);
    }

    pub fn text(&mut self, text: &str) {
        text.lines().for_each(|line| self.push(Face::Out, "", line));
    }

    pub fn clear(&mut self) {
        self.dropped += self.lines.len();
        self.lines.clear();
        self.open = false;
    }

    fn write(&mut self, chunks: &[Chunk]) {
        let is_end = |byte: &&u8| **byte == b'\n';
        // What would scroll away unseen costs next to nothing, so that a flood (`yes`) does not stop the page.
        let count: usize = chunks.iter().map(|chunk| chunk.bytes.iter().filter(is_end).count()).sum();
        let mut unseen = count.saturating_sub(LINES_MAX);
        self.dropped += unseen;
        for chunk in chunks {
            let face = if chunk.stream == Stream::Stdout { Face::Out } else { Face::Error };
            let mut bytes = &chunk.bytes[..];
            while unseen > 0
                && let Some(place) = bytes.iter().position(|byte| *byte == b'\n')
            {
                bytes = &bytes[place + 1..];
                unseen -= 1;
                self.open = false;
            }
            let text = String::from_utf8_lossy(bytes);
            for piece in text.split_inclusive('\n') {
                let content = piece.trim_end_matches('\n');
                match self.lines.last_mut() {
                    Some(last) if self.open => last.text = format!("{}{content}", last.text).into(),
                    _ => self.push(face, "", content),
                }
                self.open = !piece.ends_with('\n');
            }
        }
    }
}
