//! expr: integers, comparisons, strings. Models busybox coreutils/expr.c.

use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::regex;
use crate::machine::programs::lib::table::{On, Program};

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[Program { name: "expr", usage: "EXPRESSION", on: On::Everywhere, run: expr }];

/// Why an expression has no value.
enum Wrong {
    Syntax,
    NotANumber,
    DivisionByZero,
}

struct Reader<'a> {
    words: &'a [String],
    at: usize,
}

/// The most words of an expression.
const WORDS_MAX: usize = 500;

/// Binary operators by how loosely they bind.
const LEVELS: &[&[&str]] = &[&["|"], &["&"], &["<", "<=", "=", "==", "!=", ">=", ">"], &["+", "-"], &["*", "/", "%"], &[":"]];

fn expr(io: &mut Io<'_, '_>) -> Syscall {
    let words = io.arguments().to_vec();
    if words.is_empty() {
        return if io.gnu() { io.wrong_usage(Some("missing operand")) } else { io.wrong_usage(None) };
    }
    if words.len() > WORDS_MAX {
        return io.fail("Argument list too long", 2);
    }
    let mut reader = Reader { words: &words, at: 0 };
    let result = reader.level(0).and_then(|value| if reader.at < words.len() { Err(Wrong::Syntax) } else { Ok(value) });
    match result {
        Ok(value) => {
            io.out(&format!("{value}\n"));
            Syscall::Exit(i32::from(value.is_empty() || value == "0"))
        }
        Err(Wrong::Syntax) => io.fail("syntax error", 2),
        Err(Wrong::NotANumber) => {
            let message = io.words("non-numeric argument", "non-integer argument").to_owned();
            io.fail(&message, 2)
        }
        Err(Wrong::DivisionByZero) => io.fail("division by zero", 2),
    }
}

impl Reader<'_> {
    fn level(&mut self, level: usize) -> Result<String, Wrong> {
        let Some(operators) = LEVELS.get(level) else { return self.primary() };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.words.get(self.at).filter(|word| operators.contains(&word.as_str())) {
            self.at += 1;
            let right = self.level(level + 1)?;
            left = apply(operator, &left, &right)?;
        }
        Ok(left)
    }

    fn next(&mut self) -> Result<String, Wrong> {
        let word = self.words.get(self.at).cloned().ok_or(Wrong::Syntax)?;
        self.at += 1;
        Ok(word)
    }

    fn primary(&mut self) -> Result<String, Wrong> {
        let word = self.next()?;
        if self.at == self.words.len() {
            return Ok(word);
        }
        match word.as_str() {
            "(" => {
                let value = self.level(0)?;
                if self.next()? == ")" { Ok(value) } else { Err(Wrong::Syntax) }
            }
            "length" => Ok(self.primary()?.chars().count().to_string()),
            "index" => {
                let (text, set) = (self.primary()?, self.primary()?);
                Ok(text.chars().position(|c| set.contains(c)).map_or(0, |place| place + 1).to_string())
            }
            "substr" => {
                let (text, from, count) = (self.primary()?, self.primary()?, self.primary()?);
                let (Ok(from), Ok(count)) = (from.parse::<usize>(), count.parse::<usize>()) else { return Ok(String::new()) };
                Ok(if from == 0 { String::new() } else { text.chars().skip(from - 1).take(count).collect() })
            }
            "match" => {
                let (text, pattern) = (self.primary()?, self.primary()?);
                apply(":", &text, &pattern)
            }
            _ => Ok(word),
        }
    }
}

fn apply(operator: &str, left: &str, right: &str) -> Result<String, Wrong> {
    let null = |text: &str| text.is_empty() || text == "0";
    let numbers = left.parse::<i64>().ok().zip(right.parse::<i64>().ok());
    let flag = |holds: bool| Ok(i32::from(holds).to_string());
    match operator {
        "|" => return Ok(if null(left) { right.to_owned() } else { left.to_owned() }),
        "&" => return Ok(if null(left) || null(right) { "0".to_owned() } else { left.to_owned() }),
        ":" => {
            let pattern = regex::basic(&format!("^{}", right.trim_start_matches('^')), false).map_err(|_| Wrong::Syntax)?;
            let found = pattern.captures(left);
            return Ok(match (found, pattern.captures_len() > 1) {
                (Some(found), true) => found.get(1).map_or(String::new(), |group| group.as_str().to_owned()),
                (Some(found), false) => found[0].chars().count().to_string(),
                (None, true) => String::new(),
                (None, false) => "0".to_owned(),
            });
        }
        "<" | "<=" | "=" | "==" | "!=" | ">=" | ">" => {
            let order = numbers.map_or_else(|| left.cmp(right), |(left, right)| left.cmp(&right));
            return flag(match operator {
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                "=" | "==" => order.is_eq(),
                "!=" => order.is_ne(),
                ">=" => order.is_ge(),
                _ => order.is_gt(),
            });
        }
        _ => {}
    }
    let (left, right) = numbers.ok_or(Wrong::NotANumber)?;
    if right == 0 && matches!(operator, "/" | "%") {
        return Err(Wrong::DivisionByZero);
    }
    Ok(match operator {
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        "/" => left.wrapping_div(right),
        _ => left.wrapping_rem(right),
    }
    .to_string())
}
