//! Programs that calculate: bc, factor.
//!
//! Models busybox miscutils/bc.c, coreutils/factor.c. Simplified: bc has expressions, variables, sqrt, length and scale, no
//! control flow and no functions of one's own; a number has at most 38 digits.

use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::table::{On, Program};

use std::collections::BTreeMap;

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "bc", usage: "[-sqlw] [FILE]...\n\nArbitrary precision calculator", on: On::Everywhere, run: bc },
    Program { name: "factor", usage: "[NUMBER]...\n\nPrint prime factors", on: On::Everywhere, run: factor },
];

/// Digits behind the point that `-l` begins with, and the most there are.
const LIBRARY_SCALE: u32 = 20;
const SCALE_MAX: u32 = 30;
/// How deep an expression may be nested.
const DEPTH_MAX: usize = 100;

/// A decimal number: `units` of the last of `scale` digits behind the point.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
struct Number {
    units: i128,
    scale: u32,
}

type Result<T> = std::result::Result<T, String>;

fn too_large() -> String {
    "number too large".to_owned()
}

fn power_of_ten(digits: u32) -> Result<i128> {
    10_i128.checked_pow(digits).ok_or_else(too_large)
}

impl Number {
    fn whole(units: i128) -> Number {
        Number { units, scale: 0 }
    }

    fn flag(holds: bool) -> Number {
        Number::whole(i128::from(holds))
    }

    /// With so many digits behind the point; further ones are cut off.
    fn scaled(self, scale: u32) -> Result<Number> {
        let units = if scale >= self.scale {
            self.units.checked_mul(power_of_ten(scale - self.scale)?).ok_or_else(too_large)?
        } else {
            self.units / power_of_ten(self.scale - scale)?
        };
        Ok(Number { units, scale })
    }

    /// Two numbers in the same units.
    fn aligned(self, other: Number) -> Result<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        Ok((self.scaled(scale)?.units, other.scaled(scale)?.units, scale))
    }

    fn add(self, other: Number, sign: i128) -> Result<Number> {
        let (a, b, scale) = self.aligned(other)?;
        let units = if sign < 0 { a.checked_sub(b) } else { a.checked_add(b) };
        Ok(Number { units: units.ok_or_else(too_large)?, scale })
    }

    fn times(self, other: Number, scale: u32) -> Result<Number> {
        let whole = Number { units: self.units.checked_mul(other.units).ok_or_else(too_large)?, scale: self.scale + other.scale };
        whole.scaled((self.scale + other.scale).min(scale.max(self.scale).max(other.scale)))
    }

    fn over(self, other: Number, scale: u32) -> Result<Number> {
        if other.units == 0 {
            return Err("divide by zero".to_owned());
        }
        let above = self.units.checked_mul(power_of_ten(scale + other.scale)?).ok_or_else(too_large)?;
        Number { units: above.checked_div(other.units).ok_or_else(too_large)?, scale: self.scale + scale }.scaled(scale)
    }

    fn modulo(self, other: Number, scale: u32) -> Result<Number> {
        let quotient = self.over(other, scale)?;
        let product = Number { units: quotient.units.checked_mul(other.units).ok_or_else(too_large)?, scale: quotient.scale + other.scale };
        self.add(product, -1)?.scaled(self.scale.max(scale + other.scale))
    }

    fn power(self, exponent: Number, scale: u32) -> Result<Number> {
        if exponent.scale > 0 && exponent.units % power_of_ten(exponent.scale)? != 0 {
            return Err("not an integer".to_owned());
        }
        let count = exponent.scaled(0)?.units;
        let mut result = Number::whole(1);
        let kept = if count < 0 { SCALE_MAX } else { scale.max(self.scale) };
        for _ in 0..count.unsigned_abs().min(u128::from(u16::MAX)) {
            result = result.times(self, kept)?;
        }
        if count < 0 { Number::whole(1).over(result, scale) } else { Ok(result) }
    }

    fn root(self, scale: u32) -> Result<Number> {
        if self.units < 0 {
            return Err("negative number".to_owned());
        }
        let scale = scale.max(self.scale);
        let square = self.scaled(scale.checked_mul(2).ok_or_else(too_large)?)?.units;
        Ok(Number { units: square.isqrt(), scale })
    }

    /// As bc prints it: without the zero before the point.
    fn text(self) -> String {
        let sign = if self.units < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = self.scale as usize + 1);
        let (whole, rest) = digits.split_at(digits.len() - self.scale as usize);
        match (whole, rest) {
            (whole, "") => format!("{sign}{whole}"),
            ("0", _) if self.units == 0 => "0".to_owned(),
            ("0", rest) => format!("{sign}.{rest}"),
            (whole, rest) => format!("{sign}{whole}.{rest}"),
        }
    }
}

/// What has been said so far: variables, `scale` and `last` among them.
struct Calculator {
    variables: BTreeMap<String, Number>,
    output: String,
}

/// Operators by how loosely they bind; assignment and powers, which go from right to left, are not here.
const LEVELS: &[&[&str]] = &[&["||"], &["&&"], &["==", "!=", "<=", ">=", "<", ">"], &["+", "-"], &["*", "/", "%"]];
const ASSIGNMENTS: &[&str] = &["=", "+=", "-=", "*=", "/=", "%=", "^="];

struct Reader<'a> {
    words: &'a [String],
    at: usize,
    depth: usize,
    calculator: &'a mut Calculator,
}

impl Calculator {
    fn get(&self, name: &str) -> Number {
        self.variables.get(name).copied().unwrap_or_default()
    }

    fn scale(&self) -> u32 {
        u32::try_from(self.get("scale").units).unwrap_or(0).min(SCALE_MAX)
    }

    /// Says a statement. True: it was `quit`.
    fn say(&mut self, words: &[String]) -> Result<bool> {
        match words {
            [] => return Ok(false),
            [word] if word == "quit" || word == "halt" => return Ok(true),
            [text] if text.starts_with('"') => {
                self.output += text.trim_matches('"');
                return Ok(false);
            }
            _ => {}
        }
        let print = words[0] == "print";
        // An assignment says nothing.
        let silent = words.get(1).is_some_and(|word| ASSIGNMENTS.contains(&word.as_str()));
        let mut reader = Reader { words, at: usize::from(print), depth: 0, calculator: self };
        let value = reader.assignment()?;
        if let Some(word) = words.get(reader.at) {
            return Err(format!("bad expression at '{word}'"));
        }
        if !silent {
            self.variables.insert("last".to_owned(), value);
            self.output += &value.text();
            self.output += if print { "" } else { "\n" };
        }
        Ok(false)
    }
}

fn apply(operator: &str, left: Number, right: Number, scale: u32) -> Result<Number> {
    let (a, b, _) = left.aligned(right)?;
    match operator {
        "||" => Ok(Number::flag(a != 0 || b != 0)),
        "&&" => Ok(Number::flag(a != 0 && b != 0)),
        "==" => Ok(Number::flag(a == b)),
        "!=" => Ok(Number::flag(a != b)),
        "<=" => Ok(Number::flag(a <= b)),
        ">=" => Ok(Number::flag(a >= b)),
        "<" => Ok(Number::flag(a < b)),
        ">" => Ok(Number::flag(a > b)),
        "+" => left.add(right, 1),
        "-" => left.add(right, -1),
        "*" => left.times(right, scale),
        "/" => left.over(right, scale),
        "%" => left.modulo(right, scale),
        _ => left.power(right, scale),
    }
}

impl Reader<'_> {
    fn bad(&self) -> String {
        format!("bad expression at '{}'", self.words.get(self.at).map_or("", String::as_str))
    }

    fn take(&mut self, among: &[&str]) -> Option<String> {
        let word = self.words.get(self.at).filter(|word| among.contains(&word.as_str())).cloned();
        self.at += usize::from(word.is_some());
        word
    }

    fn assignment(&mut self) -> Result<Number> {
        if let [name, operator, ..] = &self.words[self.at.min(self.words.len())..]
            && is_name(name)
            && ASSIGNMENTS.contains(&operator.as_str())
        {
            let (name, operator) = (name.clone(), operator.trim_end_matches('=').to_owned());
            self.at += 2;
            let right = self.assignment()?;
            let scale = self.calculator.scale();
            let value = if operator.is_empty() { right } else { apply(&operator, self.calculator.get(&name), right, scale)? };
            self.calculator.variables.insert(name, value);
            return Ok(value);
        }
        self.level(0)
    }

    fn level(&mut self, level: usize) -> Result<Number> {
        let Some(operators) = LEVELS.get(level) else { return self.power() };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.take(operators) {
            let right = self.level(level + 1)?;
            left = apply(&operator, left, right, self.calculator.scale())?;
        }
        Ok(left)
    }

    fn power(&mut self) -> Result<Number> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.bad());
        }
        let negative = self.take(&["-", "!"]);
        let value = match negative.as_deref() {
            Some("-") => Number::default().add(self.power()?, -1)?,
            Some(_) => Number::flag(self.power()?.units == 0),
            None => {
                let base = self.primary()?;
                if self.take(&["^"]).is_some() { apply("^", base, self.power()?, self.calculator.scale())? } else { base }
            }
        };
        self.depth -= 1;
        Ok(value)
    }

    fn in_brackets(&mut self) -> Result<Number> {
        self.take(&["("]).ok_or_else(|| self.bad())?;
        let value = self.assignment()?;
        self.take(&[")"]).ok_or_else(|| self.bad())?;
        Ok(value)
    }

    fn primary(&mut self) -> Result<Number> {
        let word = self.words.get(self.at).cloned().unwrap_or_default();
        if word == "(" {
            return self.in_brackets();
        }
        if word.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            let (whole, rest) = word.split_once('.').unwrap_or((&word, ""));
            let scale = rest.len().min(SCALE_MAX as usize);
            let units = format!("0{whole}{}", &rest[..scale]).parse().map_err(|_| too_large())?;
            self.at += 1;
            return Ok(Number { units, scale: scale as u32 });
        }
        if !is_name(&word) {
            return Err(self.bad());
        }
        self.at += 1;
        let called = self.words.get(self.at).is_some_and(|next| next == "(");
        match word.as_str() {
            "sqrt" if called => self.in_brackets()?.root(self.calculator.scale()),
            "length" if called => Ok(Number::whole(self.in_brackets()?.units.unsigned_abs().to_string().len() as i128)),
            "scale" if called => Ok(Number::whole(i128::from(self.in_brackets()?.scale))),
            _ if called => Err("undefined function".to_owned()),
            _ => {
                let value = self.calculator.get(&word);
                let step = match self.take(&["++", "--"]).as_deref() {
                    Some("++") => 1,
                    Some(_) => -1,
                    None => return Ok(value),
                };
                self.calculator.variables.insert(word, value.add(Number::whole(1), step)?);
                Ok(value)
            }
        }
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
}

/// The statements of a text, each as its words; comments are left out.
fn statements(text: &str) -> Vec<Vec<String>> {
    let mut statements: Vec<Vec<String>> = vec![Vec::new()];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = |fits: fn(char) -> bool| rest.find(|c: char| !fits(c)).unwrap_or(rest.len());
        let length = match first {
            '"' => rest[1..].find('"').map_or(rest.len(), |end| end + 2),
            '#' => run(|c| c != '\n'),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '0'..='9' | '.' => run(|c| c.is_ascii_digit() || c == '.'),
            'a'..='z' => run(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
            _ if rest.get(..2).is_some_and(|two| {
                matches!(two, "||" | "&&" | "==" | "!=" | "<=" | ">=" | "++" | "--" | "+=" | "-=" | "*=" | "/=" | "%=" | "^=")
            }) =>
            {
                2
            }
            _ => first.len_utf8(),
        };
        let (word, after) = rest.split_at(length);
        match first {
            ';' | '\n' => statements.push(Vec::new()),
            '#' => {}
            '/' if word.len() > 2 => {}
            _ if first.is_whitespace() => {}
            _ => statements.last_mut().into_iter().for_each(|statement| statement.push(word.to_owned())),
        }
        rest = after;
    }
    statements
}

fn bc(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("sqlw", &[("mathlib", 'l'), ("quiet", 'q')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let operands = if options.operands.is_empty() { vec!["-".to_owned()] } else { options.operands.clone() };
    let Some(sources) = io.sources(&operands) else { return Syscall::Read };
    if io.scratch.code != 0 {
        return Syscall::Exit(1);
    }
    let mut calculator = Calculator { variables: BTreeMap::new(), output: String::new() };
    if options.has('l') {
        calculator.variables.insert("scale".to_owned(), Number::whole(i128::from(LIBRARY_SCALE)));
    }
    let text: String = sources.iter().map(|source| String::from_utf8_lossy(&source.bytes).into_owned()).collect();
    for statement in statements(&text) {
        let result = calculator.say(&statement);
        io.out(&std::mem::take(&mut calculator.output));
        match result {
            Ok(false) => {}
            Ok(true) => break,
            Err(message) => return io.fail(&message, 1),
        }
    }
    Syscall::Exit(0)
}

/// The prime factors of a number, in order; a factor of what is left may be larger than the largest divisor that is tried, so that
/// none takes long.
fn factors(mut number: u64) -> Vec<u64> {
    let mut found = Vec::new();
    let mut divisor = 2;
    while divisor * divisor <= number && divisor < TRIED_MAX {
        while number.is_multiple_of(divisor) {
            found.push(divisor);
            number /= divisor;
        }
        divisor += if divisor == 2 { 1 } else { 2 };
    }
    if number > 1 {
        found.push(number);
    }
    found
}

/// The largest divisor that is tried.
const TRIED_MAX: u64 = 10_000_000;

fn factor(io: &mut Io<'_, '_>) -> Syscall {
    let mut words = io.arguments().to_vec();
    if words.is_empty() {
        let Some(bytes) = io.read_all() else { return Syscall::Read };
        words = String::from_utf8_lossy(&bytes).split_whitespace().map(str::to_owned).collect();
    }
    for word in words {
        let Ok(number) = word.parse::<u64>() else {
            if io.gnu() {
                io.complain(&format!("'{word}' is not a valid positive integer"));
                continue;
            }
            return io.wrong_usage(None);
        };
        let factors: Vec<String> = factors(number).iter().map(u64::to_string).collect();
        io.out(&format!("{number}:{}{}\n", if factors.is_empty() { "" } else { " " }, factors.join(" ")));
    }
    Syscall::Exit(io.scratch.code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bc_calculates_as_posix_says() {
        let check = |text: &str, expect: &str| {
            let mut calculator = Calculator { variables: BTreeMap::new(), output: String::new() };
            let wrong = statements(text).iter().find_map(|statement| calculator.say(statement).err());
            assert_eq!(calculator.output + &wrong.unwrap_or_default(), expect, "{text}");
        };
        check("10/3; 5%3; 2^-1; -3+1", "3\n2\n0\n-2\n");
        check("scale=2; 10/3; -1/3; 5%3; 1.50*2.25", "3.33\n-.33\n.02\n3.37\n");
        check("scale=5; sqrt(2); length(123)", "1.41421\n3\n");
        check("a=3; a*2; a+=2; a; i++; i", "6\n5\n0\n1\n");
        check("1==1; 3>4; !0; 1&&0 # no", "1\n0\n1\n0\n");
        check("2^100", "1267650600228229401496703205376\n");
        check("1/0", "divide by zero");
        check("2^0.5", "not an integer");
        check("(1+2", "bad expression at ''");
        check("foo bar", "bad expression at 'bar'");
        check("2^1000", "number too large");
    }

    #[test]
    fn numbers_are_taken_apart() {
        assert_eq!(factors(12), [2, 2, 3]);
        assert_eq!(factors(u64::MAX), [3, 5, 17, 257, 641, 65537, 6_700_417]);
        assert_eq!(factors(1), [] as [u64; 0]);
    }
}
