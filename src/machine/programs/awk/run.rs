//! Running an awk program over its input.

use super::parse::{Expr, FUNCTIONS, Pattern, Program, Statement};
use super::values::{Array, Value, exponential, general, leading_number};
use crate::machine::programs::calendar::date_text;
use crate::machine::programs::{Io, regex};
use crate::values::clock::Instant;
use regex_lite::Regex;
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
        self.fields = split(&record, &separator).into_iter().map(Value::Input).collect();
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

    fn array_name(&mut self, name: &str) -> String {
        let Some(frame) = self.frames.last_mut() else { return name.to_owned() };
        if let Some(known) = frame.arrays.get(name) {
            return known.clone();
        }
        if frame.scalars.contains_key(name) {
            // A local that is first used as an array.
            self.locals += 1;
            let own = format!("{name} {}", self.locals);
            frame.arrays.insert(name.to_owned(), own.clone());
            return own;
        }
        name.to_owned()
    }

    fn key(&mut self, index: &[Expr]) -> Result<String, Failure> {
        let format = self.text_of("CONVFMT");
        let mut parts = Vec::new();
        for part in index {
            parts.push(self.value(part)?.text(&format));
        }
        Ok(parts.join(&self.text_of("SUBSEP")))
    }

    fn field(&mut self, number: f64) -> Result<usize, Failure> {
        if number < 0.0 || number > FIELDS_MAX as f64 { Err("Access to negative field".to_owned()) } else { Ok(number as usize) }
    }

    fn assign(&mut self, target: &Expr, value: Value) -> Result<(), Failure> {
        match target {
            Expr::Variable(name) => {
                if let Some(local) = self.frames.last_mut().and_then(|frame| frame.scalars.get_mut(name)) {
                    *local = value;
                    return Ok(());
                }
                if name == "NF" {
                    let count = self.field(value.number())?;
                    self.fields.resize(count, Value::Nothing);
                    self.stale = true;
                }
                self.globals.insert(name.clone(), value);
            }
            Expr::Index(name, index) => {
                let key = self.key(index)?;
                let name = self.array_name(name);
                *self.arrays.entry(name).or_default().get(&key) = value;
            }
            Expr::Field(place) => {
                let place = self.value(place)?.number();
                let place = self.field(place)?;
                if place == 0 {
                    let text = value.text(&self.text_of("CONVFMT"));
                    self.set_record(text);
                    return Ok(());
                }
                if self.fields.len() < place {
                    self.fields.resize(place, Value::Nothing);
                    self.globals.insert("NF".to_owned(), Value::Number(place as f64));
                }
                self.fields[place - 1] = value;
                self.stale = true;
            }
            Expr::Grouping(list) if list.len() == 1 => return self.assign(&list[0], value),
            _ => return Err("Possible syntax error".to_owned()),
        }
        Ok(())
    }

    fn value(&mut self, expression: &Expr) -> Result<Value, Failure> {
        self.step()?;
        if self.depth >= DEPTH_MAX {
            return Err("not simulated here: an expression nested this deep".to_owned());
        }
        self.depth += 1;
        let value = self.evaluate(expression);
        self.depth -= 1;
        value
    }

    fn evaluate(&mut self, expression: &Expr) -> Result<Value, Failure> {
        Ok(match expression {
            Expr::Number(number) => Value::Number(*number),
            Expr::Text(text) => Value::Text(text.clone()),
            Expr::Regex(pattern) => Value::Number(f64::from(pattern.is_match(&self.whole()))),
            Expr::Variable(name) => match self.frames.last().and_then(|frame| frame.scalars.get(name)) {
                Some(value) => value.clone(),
                None => self.globals.get(name).cloned().unwrap_or(Value::Nothing),
            },
            Expr::Index(name, index) => {
                let key = self.key(index)?;
                let name = self.array_name(name);
                self.arrays.entry(name).or_default().get(&key).clone()
            }
            Expr::Field(place) => {
                let place = self.value(place)?.number();
                match self.field(place)? {
                    0 => Value::Input(self.whole()),
                    place => self.fields.get(place - 1).cloned().unwrap_or(Value::Nothing),
                }
            }
            Expr::Assign(kind, target, value) => {
                let mut value = self.value(value)?;
                if *kind != '=' {
                    let old = self.value(target)?.number();
                    value = Value::Number(arithmetic(*kind, old, value.number())?);
                }
                self.assign(target, value.clone())?;
                value
            }
            Expr::Condition(test, then, otherwise) => {
                if self.value(test)?.holds() {
                    self.value(then)?
                } else {
                    self.value(otherwise)?
                }
            }
            Expr::Binary(operator, left, right) => self.binary(operator, left, right)?,
            Expr::Not(inner) => Value::Number(f64::from(!self.value(inner)?.holds())),
            Expr::Negative(inner) => Value::Number(-self.value(inner)?.number()),
            Expr::Positive(inner) => Value::Number(self.value(inner)?.number()),
            Expr::Step(by, after, target) => {
                let old = self.value(target)?.number();
                self.assign(target, Value::Number(old + by))?;
                Value::Number(if *after { old } else { old + by })
            }
            Expr::Match(wanted, text, pattern) => {
                let text = self.text(text)?;
                Value::Number(f64::from(self.regex(pattern)?.is_match(&text) == *wanted))
            }
            Expr::In(index, array) => {
                let key = self.key(index)?;
                let name = self.array_name(array);
                Value::Number(f64::from(self.arrays.get(&name).is_some_and(|array| array.elements.contains_key(&key))))
            }
            Expr::Call(name, arguments) => self.call(name, arguments)?,
            Expr::Getline(target, from) => self.getline(target.as_deref(), from.as_deref())?,
            Expr::CommandGetline(target, command) => self.command_getline(target.as_deref(), command)?,
            Expr::Grouping(list) => match list.as_slice() {
                [one] => self.value(one)?,
                many => Value::Text(self.key(many)?),
            },
        })
    }

    fn text(&mut self, expression: &Expr) -> Result<String, Failure> {
        let value = self.value(expression)?;
        Ok(match value {
            Value::Number(_) => value.text(&self.text_of("CONVFMT")),
            Value::Text(text) | Value::Input(text) => text,
            Value::Nothing => String::new(),
        })
    }

    fn binary(&mut self, operator: &str, left: &Expr, right: &Expr) -> Result<Value, Failure> {
        match operator {
            "&&" => return Ok(Value::Number(f64::from(self.value(left)?.holds() && self.value(right)?.holds()))),
            "||" => return Ok(Value::Number(f64::from(self.value(left)?.holds() || self.value(right)?.holds()))),
            " " => {
                let mut text = self.text(left)?;
                text += &self.text(right)?;
                return if text.len() > OUTPUT_MAX { Err("not simulated here: a text this long".to_owned()) } else { Ok(Value::Text(text)) };
            }
            _ => {}
        }
        let (left, right) = (self.value(left)?, self.value(right)?);
        let order = left.compare(&right);
        let holds = match operator {
            "<" => order.is_lt(),
            "<=" => order.is_le(),
            "==" => order.is_eq(),
            "!=" => order.is_ne(),
            ">=" => order.is_ge(),
            ">" => order.is_gt(),
            _ => {
                let operator = operator.chars().next().unwrap_or('+');
                return arithmetic(operator, left.number(), right.number()).map(Value::Number);
            }
        };
        Ok(Value::Number(f64::from(holds)))
    }

    fn regex(&mut self, expression: &Expr) -> Result<Regex, Failure> {
        match expression {
            Expr::Regex(pattern) => Ok(pattern.clone()),
            Expr::Grouping(list) if list.len() == 1 => self.regex(&list[0]),
            _ => {
                let text = self.text(expression)?;
                regex::extended(&text, false).map_err(|message| format!("bad regex '{text}': {message}"))
            }
        }
    }

    fn getline(&mut self, target: Option<&Expr>, from: Option<&Expr>) -> Result<Value, Failure> {
        let line = match from {
            None => self.take_record(),
            Some(from) => {
                let name = self.text(from)?;
                if !self.readable.contains_key(&name) {
                    let written = self.files.iter().find(|(known, _, _)| *known == name).map(|(_, _, text)| text.clone());
                    match written.or_else(|| self.known.get(&name).cloned()) {
                        Some(text) => drop(self.readable.insert(name.clone(), text)),
                        None => return Ok(Value::Number(-1.0)),
                    }
                }
                self.readable.get_mut(&name).and_then(|rest| cut_record(rest, "\n"))
            }
        };
        self.got_line(target, line)
    }

    fn command_getline(&mut self, target: Option<&Expr>, command: &Expr) -> Result<Value, Failure> {
        let command = self.text(command)?;
        if !self.readable.contains_key(&command) {
            let (_, text) = self.ask(&command, None, true)?;
            self.readable.insert(command.clone(), text);
        }
        let line = self.readable.get_mut(&command).and_then(|rest| cut_record(rest, "\n"));
        // busybox' awk forgets to count such lines.
        if line.is_some() && self.counts_commands {
            let number = self.globals.get("NR").map_or(0.0, Value::number);
            self.globals.insert("NR".to_owned(), Value::Number(number + 1.0));
        }
        self.got_line(target, line)
    }

    /// Puts a line where getline was told to; gives what getline says.
    fn got_line(&mut self, target: Option<&Expr>, line: Option<String>) -> Result<Value, Failure> {
        let Some(line) = line else { return Ok(Value::Number(0.0)) };
        match target {
            Some(target) => self.assign(target, Value::Input(line))?,
            None => self.set_record(line),
        }
        Ok(Value::Number(1.0))
    }

    fn call(&mut self, name: &str, arguments: &[Expr]) -> Result<Value, Failure> {
        let program = self.program;
        let Some(function) = program.functions.get(name) else {
            return if FUNCTIONS.contains(&name) { self.built_in(name, arguments) } else { Err("Call to undefined function".to_owned()) };
        };
        if self.frames.len() >= CALLS_MAX {
            return Err("not simulated here: functions nested this deep".to_owned());
        }
        let mut frame = Frame::default();
        for (index, parameter) in function.parameters.iter().enumerate() {
            match arguments.get(index) {
                Some(Expr::Variable(argument)) => {
                    let own = self.array_name(argument);
                    let scalar = self.value(&arguments[index])?;
                    if self.arrays.contains_key(&own) || matches!(scalar, Value::Nothing) {
                        frame.arrays.insert(parameter.clone(), own);
                    }
                    frame.scalars.insert(parameter.clone(), scalar);
                }
                Some(argument) => {
                    let value = self.value(argument)?;
                    frame.scalars.insert(parameter.clone(), value);
                }
                None => drop(frame.scalars.insert(parameter.clone(), Value::Nothing)),
            }
        }
        self.frames.push(frame);
        let flow = self.execute(&function.body);
        self.frames.pop();
        match flow? {
            Flow::Return(value) => Ok(value),
            Flow::Exit => {
                // Nothing between here and the rule may go on.
                self.exited = true;
                Err(String::new())
            }
            _ => Ok(Value::Nothing),
        }
    }

    fn built_in(&mut self, name: &str, arguments: &[Expr]) -> Result<Value, Failure> {
        if let ("length", [Expr::Variable(array)]) = (name, arguments) {
            let own = self.array_name(array);
            if let Some(array) = self.arrays.get(&own) {
                return Ok(Value::Number(array.elements.len() as f64));
            }
        }
        match name {
            "split" => return self.split(arguments),
            "sub" | "gsub" | "gensub" => return self.substitute(name, arguments),
            "match" => {
                let [text, pattern, ..] = arguments else { return Err("Too few arguments".to_owned()) };
                let text = self.text(text)?;
                let found = self.regex(pattern)?.find(&text).map(|found| (text[..found.start()].chars().count() + 1, found.as_str().chars().count()));
                let (start, length) = found.map_or((0.0, -1.0), |(start, length)| (start as f64, length as f64));
                self.globals.insert("RSTART".to_owned(), Value::Number(start));
                self.globals.insert("RLENGTH".to_owned(), Value::Number(length));
                return Ok(Value::Number(start));
            }
            _ => {}
        }
        let mut values = Vec::new();
        for argument in arguments {
            values.push(self.value(argument)?);
        }
        let format = self.text_of("CONVFMT");
        let text = |place: usize| values.get(place).map(|value| value.text(&format)).unwrap_or_default();
        let number = |place: usize| values.get(place).map_or(0.0, Value::number);
        Ok(match name {
            "length" if values.is_empty() => Value::Number(self.whole().chars().count() as f64),
            "length" => Value::Number(text(0).chars().count() as f64),
            "substr" => {
                let text = text(0);
                let start = number(1).round();
                let end = if values.len() > 2 { start + number(2).round() } else { f64::INFINITY };
                let kept = text.chars().enumerate().filter(|(place, _)| (*place as f64 + 1.0) >= start && (*place as f64 + 1.0) < end);
                Value::Text(kept.map(|(_, c)| c).collect())
            }
            "index" => {
                let (text, part) = (text(0), text(1));
                Value::Number(text.find(&part).map_or(0.0, |place| text[..place].chars().count() as f64 + 1.0))
            }
            "tolower" => Value::Text(text(0).to_lowercase()),
            "toupper" => Value::Text(text(0).to_uppercase()),
            "sprintf" => Value::Text(self.sprintf(&values)),
            "int" => Value::Number(number(0).trunc()),
            "sqrt" => Value::Number(number(0).sqrt()),
            "exp" => Value::Number(number(0).exp()),
            "log" => Value::Number(number(0).ln()),
            "sin" => Value::Number(number(0).sin()),
            "cos" => Value::Number(number(0).cos()),
            "atan2" => Value::Number(number(0).atan2(number(1))),
            "rand" => {
                self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                Value::Number((self.seed >> 11) as f64 / (1_u64 << 53) as f64)
            }
            "srand" => {
                let old = self.seed;
                self.seed = if values.is_empty() { self.now.0 / 1000 } else { number(0) as u64 };
                Value::Number(old as f64)
            }
            "systime" => Value::Number((self.now.0 / 1000) as f64),
            "strftime" => {
                let at = if values.len() > 1 { Instant((number(1).max(0.0) * 1000.0) as u64) } else { self.now };
                let format = if values.is_empty() { "%a %b %e %H:%M:%S %Z %Y".to_owned() } else { text(0) };
                Value::Text(date_text(&format, at))
            }
            "close" => {
                let name = text(0);
                self.readable.remove(&name);
                match self.pipes.iter().position(|(command, _)| *command == name) {
                    Some(place) => {
                        let (command, input) = self.pipes.remove(place);
                        Value::Number(f64::from(self.ask(&command, Some(input), false)?.0))
                    }
                    None => Value::Number(0.0),
                }
            }
            "system" => {
                let command = text(0);
                Value::Number(f64::from(self.ask(&command, None, false)?.0))
            }
            _ => Value::Number(0.0),
        })
    }

    fn split(&mut self, arguments: &[Expr]) -> Result<Value, Failure> {
        let [text, Expr::Variable(array), rest @ ..] = arguments else { return Err("Too few arguments".to_owned()) };
        let text = self.text(text)?;
        let parts = match rest.first() {
            Some(Expr::Regex(pattern)) => pieces(&text, pattern),
            Some(separator) => {
                let separator = self.text(separator)?;
                split(&text, &separator)
            }
            None => split(&text, &self.text_of("FS")),
        };
        let name = self.array_name(array);
        let array = self.arrays.entry(name).or_default();
        *array = Array::default();
        let count = parts.len();
        for (index, part) in parts.into_iter().enumerate() {
            *array.get(&(index + 1).to_string()) = Value::Input(part);
        }
        Ok(Value::Number(count as f64))
    }

    fn substitute(&mut self, name: &str, arguments: &[Expr]) -> Result<Value, Failure> {
        let [pattern, replacement, rest @ ..] = arguments else { return Err("Too few arguments".to_owned()) };
        let pattern = self.regex(pattern)?;
        let replacement = self.text(replacement)?;
        let whole = Expr::Field(Box::new(Expr::Number(0.0)));
        let general = name == "gensub";
        let (how, target) = if general { (rest.first(), rest.get(1)) } else { (None, rest.first()) };
        let (mut nth, mut all) = (1, name == "gsub");
        if let Some(how) = how {
            let how = self.text(how)?;
            all = how.starts_with(['g', 'G']);
            nth = (leading_number(&how) as usize).max(1);
        }
        let target = target.unwrap_or(&whole);
        let text = self.text(target)?;
        let (mut result, mut end, mut count, mut seen) = (String::new(), 0, 0, 0);
        for captures in pattern.captures_iter(&text) {
            let found = captures.get(0).expect("group 0 is the match");
            seen += 1;
            if !all && seen != nth {
                continue;
            }
            count += 1;
            result += &text[end..found.start()];
            let mut letters = replacement.chars();
            while let Some(c) = letters.next() {
                match (c, if c == '\\' { letters.clone().next() } else { None }) {
                    ('&', _) => result += found.as_str(),
                    ('\\', Some(digit @ '0'..='9')) if general => {
                        result += captures.get(digit as usize - '0' as usize).map_or("", |group| group.as_str());
                        letters.next();
                    }
                    ('\\', Some(next @ ('&' | '\\'))) => {
                        result.push(next);
                        letters.next();
                    }
                    _ => result.push(c),
                }
            }
            end = found.end();
            if !all {
                break;
            }
        }
        result += &text[end..];
        if general {
            return Ok(Value::Text(result));
        }
        if count > 0 {
            self.assign(target, Value::Text(result))?;
        }
        Ok(Value::Number(f64::from(count)))
    }

    fn sprintf(&self, values: &[Value]) -> String {
        let convert = self.text_of("CONVFMT");
        let format = values.first().map(|value| value.text(&convert)).unwrap_or_default();
        let mut values = values.iter().skip(1);
        let (mut text, mut rest) = (String::new(), format.as_str());
        while let Some(percent) = rest.find('%') {
            text += &rest[..percent];
            rest = &rest[percent + 1..];
            let end = rest.find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(rest.len());
            let letter = rest[end..].chars().next().unwrap_or('%');
            let mut spec = rest[..end].to_owned();
            rest = rest.get(end + 1..).unwrap_or("");
            if letter == '%' {
                text.push('%');
                continue;
            }
            while let Some(star) = spec.find('*') {
                let amount = values.next().map_or(0.0, Value::number) as i64;
                spec.replace_range(star..=star, &amount.to_string());
            }
            let value = values.next().cloned().unwrap_or(Value::Nothing);
            text += &conversion(&spec, letter, &value, &convert);
        }
        text + rest
    }
}

fn arithmetic(operator: char, left: f64, right: f64) -> Result<f64, Failure> {
    Ok(match operator {
        '+' => left + right,
        '-' => left - right,
        '*' => left * right,
        '/' | '%' if right == 0.0 => return Err("Division by zero".to_owned()),
        '/' => left / right,
        '%' => left % right,
        _ => left.powf(right),
    })
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

fn pieces(text: &str, pattern: &Regex) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { pattern.split(text).map(str::to_owned).collect() }
}

/// Fields: by blanks, by a character, or by an expression.
fn split(text: &str, separator: &str) -> Vec<String> {
    let mut letters = separator.chars();
    match (letters.next(), letters.next()) {
        (Some(' '), None) => text.split_whitespace().map(str::to_owned).collect(),
        _ if text.is_empty() => Vec::new(),
        (None, _) => text.chars().map(String::from).collect(),
        (Some(c), None) if c != '|' || separator == "|" => text.split(c).map(str::to_owned).collect(),
        _ => regex::extended(separator, false).map_or_else(|_| vec![text.to_owned()], |pattern| pieces(text, &pattern)),
    }
}

/// One `%` of printf.
fn conversion(spec: &str, letter: char, value: &Value, convert: &str) -> String {
    let (flags, numbers) = spec.split_at(spec.find(|c: char| !"-+ 0#".contains(c)).unwrap_or(spec.len()));
    let (width, precision) =
        numbers.split_once('.').map_or((numbers, None), |(width, precision)| (width, Some(precision.parse().unwrap_or(0_usize).min(1000))));
    let width: usize = width.parse().unwrap_or(0).min(10_000);
    let number = value.number();
    let signed = |text: String| {
        if number >= 0.0 && flags.contains('+') {
            format!("+{text}")
        } else if number >= 0.0 && flags.contains(' ') {
            format!(" {text}")
        } else {
            text
        }
    };
    let places = precision.unwrap_or(6);
    let body = match letter {
        'd' | 'i' => {
            let digits = format!("{:0>w$}", (number.trunc() as i64).unsigned_abs(), w = precision.unwrap_or(0));
            signed(if number.trunc() < 0.0 { format!("-{digits}") } else { digits })
        }
        'u' => (number as u64).to_string(),
        'x' => format!("{:x}", number as i64),
        'X' => format!("{:X}", number as i64),
        'o' => format!("{:o}", number as i64),
        'f' | 'F' => signed(format!("{number:.places$}")),
        'e' => signed(exponential(number, places)),
        'E' => signed(exponential(number, places).to_uppercase()),
        'g' | 'G' => signed(general(number, places)),
        'c' => match value {
            Value::Number(number) => char::from_u32(*number as u32).map(String::from).unwrap_or_default(),
            other => other.text(convert).chars().take(1).collect(),
        },
        _ => value.text(convert).chars().take(precision.unwrap_or(usize::MAX)).collect(),
    };
    let missing = width.saturating_sub(body.chars().count());
    if flags.contains('-') {
        body + &" ".repeat(missing)
    } else if flags.contains('0') && !matches!(letter, 's' | 'c') {
        let (sign, digits) = body.strip_prefix('-').map_or(("", body.as_str()), |digits| ("-", digits));
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        " ".repeat(missing) + &body
    }
}
