//! A shell that only splits words and knows `sleep`, for as long as the interpreter is not there.

use super::session::HOME;
use crate::machine::shell::{Call, CallId, Chunk, Dialect, Input, Progress, Signal, System};
use crate::values::clock::{Duration, Instant};
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub struct PlainShell {
    environment: BTreeMap<String, String>,
    call: Option<Call>,
    stdin: Option<Vec<u8>>,
    sleep: Option<Duration>,
    until: Option<Instant>,
    output: Vec<Chunk>,
    next: CallId,
    code: i32,
}

impl PlainShell {
    pub fn interactive(_dialect: Dialect, environment: BTreeMap<String, String>, _working_directory: &str) -> PlainShell {
        PlainShell { environment, call: None, stdin: None, sleep: None, until: None, output: Vec::new(), next: 1, code: 0 }
    }

    pub fn run_line(&mut self, text: &str) -> bool {
        let (first, body) = text.split_once('\n').unwrap_or((text, ""));
        let document = first.split_once("<<").map(|(_, rest)| rest.trim().split_whitespace().next().unwrap_or("").trim_matches(['\'', '"']));
        if let Some(end) = document
            && !body.lines().any(|line| line == end)
        {
            return false;
        }
        self.stdin =
            document.map(|end| body.lines().take_while(|line| *line != end).map(|line| format!("{line}\n")).collect::<String>().into_bytes());
        let mut argv: Vec<String> = Vec::new();
        let (mut word, mut quote, mut open) = (String::new(), None, false);
        for c in if document.is_some() { first } else { text }.chars() {
            match (quote, c) {
                (Some(q), c) if q == c => quote = None,
                (Some(_), c) => word.push(c),
                (None, '\'' | '"') => (quote, open) = (Some(c), true),
                (None, '|' | ';' | '<' | '>' | '&') if document.is_none() => break,
                (None, c) if c.is_whitespace() => {
                    if open || !word.is_empty() {
                        argv.push(std::mem::take(&mut word));
                    }
                    open = false;
                }
                (None, c) => word.push(c),
            }
        }
        if quote.is_some() {
            return false;
        }
        if !word.is_empty() || open {
            argv.push(word);
        }
        if let Some(place) = argv.iter().position(|word| word == "kubectl") {
            argv.drain(..place);
            argv.retain(|word| !word.starts_with("<<") && word != "EOF");
        }
        self.code = 0;
        match argv.first().map(String::as_str) {
            None => {}
            Some("sleep") => self.sleep = argv[1].parse().ok().map(Duration::seconds),
            Some(_) => {
                let stdin_is_terminal = self.stdin.is_none();
                let (id, environment) = (self.next, self.environment.clone());
                self.next += 1;
                self.call = Some(Call { id, argv, environment, working_directory: HOME.to_owned(), stdin_is_terminal, stdout_is_terminal: true });
            }
        }
        true
    }

    pub fn at_prompt(&self) -> bool {
        self.call.is_none() && self.sleep.is_none() && self.until.is_none()
    }

    pub fn step(&mut self, system: &mut System<'_>, _steps: usize) -> Progress {
        if let Some(span) = self.sleep.take() {
            self.until = Some(system.now + span);
        }
        self.until = self.until.filter(|until| *until > system.now);
        match (self.until, &self.call) {
            (Some(until), _) => Progress::Sleeping(until),
            (None, Some(_)) => Progress::Calling,
            (None, None) => Progress::Reading,
        }
    }

    pub fn give_input(&mut self, bytes: Option<&[u8]>) {
        self.stdin = bytes.map(<[u8]>::to_vec);
    }

    pub fn take_output(&mut self) -> Vec<Chunk> {
        std::mem::take(&mut self.output)
    }

    pub fn calls(&self) -> Vec<Call> {
        self.call.iter().cloned().collect()
    }

    pub fn call_input(&mut self, _id: CallId) -> Input {
        let terminal = self.call.as_ref().is_some_and(|call| call.stdin_is_terminal);
        match self.stdin.take() {
            Some(bytes) => Input::Bytes(bytes),
            None if terminal => Input::Wait,
            None => Input::End,
        }
    }

    pub fn call_output(&mut self, _id: CallId, chunk: &Chunk) -> bool {
        self.output.push(chunk.clone());
        true
    }

    pub fn call_finished(&mut self, _id: CallId, code: i32) {
        self.call = None;
        self.code = code;
    }

    pub fn signal(&mut self, _signal: Signal) {
        self.until = None;
    }

    pub fn last_code(&self) -> i32 {
        self.code
    }
}
