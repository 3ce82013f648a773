//! What expressions come to: variables, fields, assignments, operators, getline.

use super::{DEPTH_MAX, FIELDS_MAX, Failure, Machine, OUTPUT_MAX, cut_record};
use crate::machine::programs::lib::regex;
use crate::machine::programs::text::awk::parse::Expr;
use crate::machine::programs::text::awk::values::Value;
use regex_lite::Regex;

impl Machine<'_> {
    pub(super) fn array_name(&mut self, name: &str) -> String {
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

    pub(super) fn key(&mut self, index: &[Expr]) -> Result<String, Failure> {
        let format = self.text_of("CONVFMT");
        let mut parts = Vec::new();
        for part in index {
            parts.push(self.value(part)?.text(&format));
        }
        Ok(parts.join(&self.text_of("SUBSEP")))
    }

    pub(super) fn field(&mut self, number: f64) -> Result<usize, Failure> {
        if number < 0.0 || number > FIELDS_MAX as f64 { Err("Access to negative field".to_owned()) } else { Ok(number as usize) }
    }

    pub(super) fn assign(&mut self, target: &Expr, value: Value) -> Result<(), Failure> {
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

    pub(super) fn value(&mut self, expression: &Expr) -> Result<Value, Failure> {
        self.step()?;
        if self.depth >= DEPTH_MAX {
            return Err("not simulated here: an expression nested this deep".to_owned());
        }
        self.depth += 1;
        let value = self.evaluate(expression);
        self.depth -= 1;
        value
    }

    pub(super) fn evaluate(&mut self, expression: &Expr) -> Result<Value, Failure> {
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

    pub(super) fn text(&mut self, expression: &Expr) -> Result<String, Failure> {
        let value = self.value(expression)?;
        Ok(match value {
            Value::Number(_) => value.text(&self.text_of("CONVFMT")),
            Value::Text(text) | Value::Input(text) => text,
            Value::Nothing => String::new(),
        })
    }

    pub(super) fn binary(&mut self, operator: &str, left: &Expr, right: &Expr) -> Result<Value, Failure> {
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

    pub(super) fn regex(&mut self, expression: &Expr) -> Result<Regex, Failure> {
        match expression {
            Expr::Regex(pattern) => Ok(pattern.clone()),
            Expr::Grouping(list) if list.len() == 1 => self.regex(&list[0]),
            _ => {
                let text = self.text(expression)?;
                regex::extended(&text, false).map_err(|message| format!("bad regex '{text}': {message}"))
            }
        }
    }

    pub(super) fn getline(&mut self, target: Option<&Expr>, from: Option<&Expr>) -> Result<Value, Failure> {
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

    pub(super) fn command_getline(&mut self, target: Option<&Expr>, command: &Expr) -> Result<Value, Failure> {
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
    pub(super) fn got_line(&mut self, target: Option<&Expr>, line: Option<String>) -> Result<Value, Failure> {
        let Some(line) = line else { return Ok(Value::Number(0.0)) };
        match target {
            Some(target) => self.assign(target, Value::Input(line))?,
            None => self.set_record(line),
        }
        Ok(Value::Number(1.0))
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
