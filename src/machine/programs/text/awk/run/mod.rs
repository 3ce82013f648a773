//! Running an awk program over its input.

mod evaluate;
mod functions;

use super::parse::{Expr, Pattern, Program, Statement};
use super::values::{Array, Value};
use crate::machine::programs::lib::io::Io;
use crate::machine::programs::lib::regex;
use crate::values::clock::Instant;
use std::collections::BTreeMap;

/// How many statements and expressions one run may evaluate.
const STEPS_MAX: u64 = 30_000_000;
/// How deep functions may call each other.
const CALLS_MAX: usize = 100;
/// How deep expressions may nest while they are evaluated.
const DEPTH_MAX: usize = 500;
/// How much a program may write, in bytes.
const OUTPUT_MAX: usize = 16 * 1024 * 1024;
/// The highest field.
const FIELDS_MAX: usize = 100_000;

/// A part of the input: a file's name and text, or an assignment among the operands.
pub enum Input {
    File(String, String),
    Assignment(String),
}

/// How a statement ended.
enum Flow {
    On,
    Next,
    Exit,
    Break,
    Continue,
    Return(Value),
}

/// Why a run stopped early.
type Failure = String;

/// A shell command that the program waits for.
pub struct Wanted {
    pub command: String,
    /// What it reads; `None`: the program's own standard input.
    pub input: Option<String>,
    /// Whether the program reads what it prints.
    pub captures: bool,
}

#[derive(Default)]
struct Frame {
    scalars: BTreeMap<String, Value>,
    /// A parameter that is an array: the array's own name.
    arrays: BTreeMap<String, String>,
}

pub struct Machine<'p> {
    program: &'p Program,
    inputs: Vec<Input>,
    /// The rest of the file that is being read.
    rest: String,
    globals: BTreeMap<String, Value>,
    arrays: BTreeMap<String, Array>,
    frames: Vec<Frame>,
    record: String,
    fields: Vec<Value>,
    /// The record must be put together anew from its fields.
    stale: bool,
    in_range: Vec<bool>,
    output: String,
    errors: String,
    files: Vec<(String, bool, String)>,
    /// What is left of the files that getline reads.
    readable: BTreeMap<String, String>,
    /// The files that the program's texts name, as they were before it ran.
    known: BTreeMap<String, String>,
    /// What is written to commands that have not been closed.
    pipes: Vec<(String, String)>,
    /// How the commands of earlier runs ended and what they printed, and how many of them this run has come by.
    answers: Vec<(i32, String)>,
    answered: usize,
    wanted: Option<Wanted>,
    counts_commands: bool,
    exited: bool,
    code: i32,
    left: u64,
    seed: u64,
    locals: u64,
    depth: usize,
    now: Instant,
}

impl<'p> Machine<'p> {
    pub fn new(program: &'p Program, inputs: Vec<Input>, io: &Io<'_, '_>) -> Machine<'p> {
        let mut machine = Machine {
            program,
            inputs,
            rest: String::new(),
            globals: BTreeMap::new(),
            arrays: BTreeMap::new(),
            frames: Vec::new(),
            record: String::new(),
            fields: Vec::new(),
            stale: false,
            in_range: vec![false; program.rules.len()],
            output: String::new(),
            errors: String::new(),
            files: Vec::new(),
            readable: BTreeMap::new(),
            known: BTreeMap::new(),
            pipes: Vec::new(),
            answers: Vec::new(),
            answered: 0,
            wanted: None,
            counts_commands: io.gnu(),
            exited: false,
            code: 0,
            left: STEPS_MAX,
            seed: 1,
            locals: 0,
            depth: 0,
            now: io.now,
        };
        machine.inputs.reverse();
        for (name, text) in
            [("FS", " "), ("OFS", " "), ("ORS", "\n"), ("RS", "\n"), ("SUBSEP", "\u{1c}"), ("CONVFMT", "%.6g"), ("OFMT", "%.6g"), ("FILENAME", "")]
        {
            machine.globals.insert(name.to_owned(), Value::Text(text.to_owned()));
        }
        for name in ["NR", "FNR", "NF", "RSTART"] {
            machine.globals.insert(name.to_owned(), Value::Number(0.0));
        }
        let environment = machine.arrays.entry("ENVIRON".to_owned()).or_default();
        for (name, value) in io.environment {
            *environment.get(name) = Value::Input(value.clone());
        }
        machine
    }

    /// ARGV and ARGC.
    pub fn arguments(&mut self, operands: &[String]) {
        let list = self.arrays.entry("ARGV".to_owned()).or_default();
        for (index, operand) in std::iter::once("awk").chain(operands.iter().map(String::as_str)).enumerate() {
            *list.get(&index.to_string()) = Value::Input(operand.to_owned());
        }
        self.globals.insert("ARGC".to_owned(), Value::Number(operands.len() as f64 + 1.0));
    }

    pub fn assign_text(&mut self, name: &str, text: &str) {
        self.globals.insert(name.to_owned(), Value::Input(text.to_owned()));
    }

    /// A file that getline may read.
    pub fn offer(&mut self, name: &str, text: String) {
        self.known.insert(name.to_owned(), text);
    }

    /// How a command ended and what it printed, in the order in which the program asks.
    pub fn answer(&mut self, code: i32, output: String) {
        self.answers.push((code, output));
    }

    /// The command that stopped the run; with its answer, the program is run again.
    pub fn take_wanted(&mut self) -> Option<Wanted> {
        self.wanted.take()
    }

    fn ask(&mut self, command: &str, input: Option<String>, captures: bool) -> Result<(i32, String), Failure> {
        if let Some(answer) = self.answers.get(self.answered) {
            self.answered += 1;
            return Ok(answer.clone());
        }
        self.wanted = Some(Wanted { command: command.to_owned(), input, captures });
        Err(String::new())
    }

    /// Standard output, standard error, and files with whether they are appended to.
    pub fn written(self) -> (String, String, Vec<(String, bool, String)>) {
        (self.output, self.errors, self.files)
    }

    /// Runs the program and gives its exit code.
    pub fn run(&mut self) -> Result<i32, Failure> {
        self.run_rules()?;
        for (command, text) in std::mem::take(&mut self.pipes) {
            self.ask(&command, Some(text), false)?;
        }
        Ok(self.code)
    }

    fn run_rules(&mut self) -> Result<(), Failure> {
        let rules = &self.program.rules;
        let mut exited = false;
        for (_, action) in rules.iter().filter(|(pattern, _)| matches!(pattern, Pattern::Begin)) {
            exited |= !exited && matches!(self.action(action.as_ref())?, Flow::Exit);
        }
        let reads = rules.iter().any(|(pattern, _)| !matches!(pattern, Pattern::Begin));
        while reads && !exited && self.next_record() {
            for (index, (pattern, action)) in rules.iter().enumerate() {
                if !self.selects(index, pattern)? {
                    continue;
                }
                match self.action(action.as_ref())? {
                    Flow::Next => break,
                    Flow::Exit => {
                        exited = true;
                        break;
                    }
                    _ => {}
                }
            }
        }
        for (_, action) in rules.iter().filter(|(pattern, _)| matches!(pattern, Pattern::End)) {
            if matches!(self.action(action.as_ref())?, Flow::Exit) {
                break;
            }
        }
        Ok(())
    }

    fn selects(&mut self, index: usize, pattern: &Pattern) -> Result<bool, Failure> {
        Ok(match pattern {
            Pattern::Begin | Pattern::End => false,
            Pattern::Always => true,
            Pattern::When(condition) => self.value(condition)?.holds(),
            Pattern::Range(first, last) => {
                let inside = self.in_range[index] || self.value(first)?.holds();
                if inside {
                    self.in_range[index] = !self.value(last)?.holds();
                }
                inside
            }
        })
    }

    fn action(&mut self, action: Option<&Statement>) -> Result<Flow, Failure> {
        match action {
            Some(statement) => match self.execute(statement) {
                Err(_) if std::mem::take(&mut self.exited) => Ok(Flow::Exit),
                flow => flow,
            },
            None => {
                let line = self.whole() + &self.text_of("ORS");
                self.output += &line;
                Ok(Flow::On)
            }
        }
    }

    fn text_of(&self, name: &str) -> String {
        self.globals.get(name).map(|value| value.text("%.6g")).unwrap_or_default()
    }

    /// The next record of the input, split; false at the end.
    fn next_record(&mut self) -> bool {
        let Some(record) = self.take_record() else { return false };
        self.set_record(record);
        true
    }

    fn take_record(&mut self) -> Option<String> {
        loop {
            let separator = self.text_of("RS");
            if let Some(record) = cut_record(&mut self.rest, &separator) {
                for name in ["NR", "FNR"] {
                    let number = self.globals.get(name).map_or(0.0, Value::number);
                    self.globals.insert(name.to_owned(), Value::Number(number + 1.0));
                }
                return Some(record);
            }
            match self.inputs.pop()? {
                Input::File(name, text) => {
                    self.rest = text;
                    self.globals.insert("FILENAME".to_owned(), Value::Text(name));
                    self.globals.insert("FNR".to_owned(), Value::Number(0.0));
                }
                Input::Assignment(text) => {
                    if let Some((name, value)) = text.split_once('=') {
                        self.assign_text(name, &super::unescaped(value));
                    }
                }
            }
        }
    }

    fn set_record(&mut self, record: String) {
        let separator = self.text_of("FS");
        self.fields = functions::split(&record, &separator).into_iter().map(Value::Input).collect();
        self.globals.insert("NF".to_owned(), Value::Number(self.fields.len() as f64));
        self.record = record;
        self.stale = false;
    }

    /// `$0`.
    fn whole(&mut self) -> String {
        if std::mem::take(&mut self.stale) {
            let (between, format) = (self.text_of("OFS"), self.text_of("CONVFMT"));
            self.record = self.fields.iter().map(|field| field.text(&format)).collect::<Vec<_>>().join(&between);
        }
        self.record.clone()
    }

    fn step(&mut self) -> Result<(), Failure> {
        self.left = self.left.checked_sub(1).ok_or("not simulated here: a program that runs this long")?;
        if self.output.len() > OUTPUT_MAX {
            return Err("not simulated here: this much output".to_owned());
        }
        Ok(())
    }

    fn execute(&mut self, statement: &Statement) -> Result<Flow, Failure> {
        self.step()?;
        match statement {
            Statement::Expression(expression) => {
                self.value(expression)?;
            }
            Statement::Print { formatted, values, redirect } => self.print(*formatted, values, redirect.as_ref())?,
            Statement::If(condition, then, otherwise) => {
                if self.value(condition)?.holds() {
                    return self.execute(then);
                }
                if let Some(otherwise) = otherwise {
                    return self.execute(otherwise);
                }
            }
            Statement::While(condition, body) => return self.repeat(Some(condition), None, body),
            Statement::DoWhile(body, condition) => {
                let flow = self.execute(body)?;
                if !matches!(flow, Flow::On | Flow::Continue) {
                    return Ok(if matches!(flow, Flow::Break) { Flow::On } else { flow });
                }
                return self.repeat(Some(condition), None, body);
            }
            Statement::For(first, condition, step, body) => {
                if let Some(first) = first {
                    self.execute(first)?;
                }
                return self.repeat(condition.as_ref(), step.as_deref(), body);
            }
            Statement::ForIn(variable, array, body) => {
                let name = self.array_name(array);
                for key in self.arrays.entry(name).or_default().keys() {
                    self.assign(&Expr::Variable(variable.clone()), Value::Input(key))?;
                    match self.execute(body)? {
                        Flow::On | Flow::Continue => {}
                        Flow::Break => break,
                        flow => return Ok(flow),
                    }
                }
            }
            Statement::Block(statements) => {
                for statement in statements {
                    match self.execute(statement)? {
                        Flow::On => {}
                        flow => return Ok(flow),
                    }
                }
            }
            Statement::Next => return Ok(Flow::Next),
            Statement::Exit(code) => {
                if let Some(code) = code {
                    self.code = self.value(code)?.number() as i32 & 0xff;
                }
                return Ok(Flow::Exit);
            }
            Statement::Return(value) => {
                return Ok(Flow::Return(match value {
                    Some(value) => self.value(value)?,
                    None => Value::Nothing,
                }));
            }
            Statement::Break => return Ok(Flow::Break),
            Statement::Continue => return Ok(Flow::Continue),
            Statement::Delete(array, index) => {
                let key = match index {
                    Some(index) => Some(self.key(index)?),
                    None => None,
                };
                let name = self.array_name(array);
                let array = self.arrays.entry(name).or_default();
                match key {
                    Some(key) => drop(array.elements.remove(&key)),
                    None => array.elements.clear(),
                }
            }
        }
        Ok(Flow::On)
    }

    fn repeat(&mut self, condition: Option<&Expr>, step: Option<&Statement>, body: &Statement) -> Result<Flow, Failure> {
        loop {
            self.step()?;
            if let Some(condition) = condition
                && !self.value(condition)?.holds()
            {
                return Ok(Flow::On);
            }
            match self.execute(body)? {
                Flow::On | Flow::Continue => {}
                Flow::Break => return Ok(Flow::On),
                flow => return Ok(flow),
            }
            if let Some(step) = step {
                self.execute(step)?;
            }
        }
    }

    fn print(&mut self, formatted: bool, values: &[Expr], redirect: Option<&(char, Expr)>) -> Result<(), Failure> {
        let mut evaluated = Vec::new();
        for value in values {
            evaluated.push(self.value(value)?);
        }
        let text = if formatted {
            self.sprintf(&evaluated)
        } else if values.is_empty() {
            self.whole() + &self.text_of("ORS")
        } else {
            let format = self.text_of("OFMT");
            evaluated.iter().map(|value| value.text(&format)).collect::<Vec<_>>().join(&self.text_of("OFS")) + &self.text_of("ORS")
        };
        let Some((kind, target)) = redirect else {
            self.output += &text;
            return Ok(());
        };
        let target = self.value(target)?.text("%.6g");
        match (kind, target.as_str()) {
            (_, "/dev/stdout" | "-") => self.output += &text,
            (_, "/dev/stderr") | ('|', "cat 1>&2" | "cat >&2") => self.errors += &text,
            ('|', _) => match self.pipes.iter_mut().find(|(command, _)| *command == target) {
                Some((_, so_far)) => *so_far += &text,
                None => self.pipes.push((target, text)),
            },
            _ => match self.files.iter_mut().find(|(name, _, _)| *name == target) {
                Some((_, _, so_far)) => *so_far += &text,
                None => self.files.push((target, *kind == 'a', text)),
            },
        }
        Ok(())
    }
}

/// Takes the first record off a text.
fn cut_record(rest: &mut String, separator: &str) -> Option<String> {
    if separator.is_empty() {
        // Paragraphs.
        let start = rest.len() - rest.trim_start_matches('\n').len();
        rest.drain(..start);
    }
    if rest.is_empty() {
        return None;
    }
    let found = match separator {
        "" => rest.find("\n\n").map(|place| (place, place + 2)),
        _ if separator.chars().count() == 1 => rest.find(separator).map(|place| (place, place + separator.len())),
        _ => regex::extended(separator, false).ok().and_then(|pattern| pattern.find(rest).map(|found| (found.start(), found.end()))),
    };
    let Some((place, end)) = found else {
        let last = std::mem::take(rest);
        return Some(last.strip_suffix('\n').map_or(last.clone(), str::to_owned));
    };
    let record = rest[..place].to_owned();
    *rest = rest.split_off(end);
    Some(record)
}
