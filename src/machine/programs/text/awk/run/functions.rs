//! Functions: the program's own and those that awk has.

use super::{CALLS_MAX, Failure, Flow, Frame, Machine};
use crate::machine::programs::lib::dates::date_text;
use crate::machine::programs::lib::floats::exponential;
use crate::machine::programs::lib::floats::general;
use crate::machine::programs::lib::regex;
use crate::machine::programs::text::awk::parse::{Expr, FUNCTIONS};
use crate::machine::programs::text::awk::values::{Array, Value, leading_number};
use crate::values::clock::Instant;
use regex_lite::Regex;

impl Machine<'_> {
    pub(super) fn call(&mut self, name: &str, arguments: &[Expr]) -> Result<Value, Failure> {
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

    pub(super) fn built_in(&mut self, name: &str, arguments: &[Expr]) -> Result<Value, Failure> {
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

    pub(super) fn split(&mut self, arguments: &[Expr]) -> Result<Value, Failure> {
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

    pub(super) fn substitute(&mut self, name: &str, arguments: &[Expr]) -> Result<Value, Failure> {
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

    pub(super) fn sprintf(&self, values: &[Value]) -> String {
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

fn pieces(text: &str, pattern: &Regex) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { pattern.split(text).map(str::to_owned).collect() }
}

/// Fields: by blanks, by a character, or by an expression.
pub(super) fn split(text: &str, separator: &str) -> Vec<String> {
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
