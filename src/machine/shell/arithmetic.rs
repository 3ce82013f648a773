//! `$(( … ))`: integer arithmetic with variables, assignment and the operators of C.

use super::arrays::Subscript;
use super::syntax::is_name;
use super::variables::Variables;
use crate::machine::kernel::Dialect;

/// How deeply an expression may nest, variables that hold expressions included.
const DEPTH_MAX: usize = 50;

/// What is wrong with an expression.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Why {
    /// No number or variable stands where one must.
    Operand,
    /// Something is left behind the expression.
    Rest,
    Paren,
    Colon,
    Zero,
    Exponent,
    /// A digit that its base has not.
    Base,
    Depth,
}

/// Why an expression has no value; each shell words it its own way.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    why: Why,
    /// The expression from where the fault is.
    token: String,
    expression: String,
}

impl Fault {
    /// What the shell of a dialect says of it.
    pub fn words(&self, dialect: Dialect) -> String {
        let Fault { token, expression, .. } = self;
        match dialect {
            Dialect::Bash => {
                let what = match self.why {
                    Why::Operand => "syntax error: operand expected",
                    Why::Rest if token.starts_with('=') => "attempted assignment to non-variable",
                    Why::Rest if token.starts_with(['.', '@', '$', '#']) => "syntax error: invalid arithmetic operator",
                    Why::Rest => "syntax error in expression",
                    Why::Paren => "missing `)'",
                    Why::Colon => "`:' expected for conditional expression",
                    Why::Zero => "division by 0",
                    Why::Exponent => "exponent less than 0",
                    Why::Base => "value too great for base",
                    Why::Depth => "expression recursion level exceeded",
                };
                format!("{expression}: {what} (error token is \"{token}\")")
            }
            Dialect::BusyboxAsh => match self.why {
                Why::Zero => "divide by zero",
                Why::Exponent => "exponent less than 0",
                Why::Colon => "malformed ?: operator",
                Why::Depth => "expression recursion loop detected",
                _ => "arithmetic syntax error",
            }
            .to_owned(),
            Dialect::Dash => {
                let what = match self.why {
                    Why::Zero => "division by zero",
                    Why::Operand | Why::Exponent => "expecting primary",
                    Why::Paren => "expecting ')'",
                    Why::Colon => "expecting ':'",
                    Why::Depth => return format!("Illegal number: {expression}"),
                    Why::Rest | Why::Base => "expecting EOF",
                };
                format!("arithmetic expression: {what}: \"{expression}\"")
            }
        }
    }
}

/// Evaluates an expression in which parameters are expanded already.
/// # Errors
/// Why it has no value.
pub fn evaluate(text: &str, variables: &mut Variables) -> Result<i64, Fault> {
    evaluate_at(text, variables, 0)
}

fn evaluate_at(text: &str, variables: &mut Variables, depth: usize) -> Result<i64, Fault> {
    let mut reader = Reader { text: text.trim_start().chars().collect(), position: 0, last: 0, variables, depth };
    if text.trim().is_empty() {
        return Ok(0);
    }
    let value = reader.comma()?;
    reader.blanks();
    if reader.position < reader.text.len() { Err(reader.fault(Why::Rest)) } else { Ok(value) }
}

struct Reader<'a> {
    text: Vec<char>,
    position: usize,
    /// Where the last token begins.
    last: usize,
    variables: &'a mut Variables,
    depth: usize,
}

/// A variable, or an entry of one.
type Target = (String, Option<Subscript>);

/// Binary operators from the loosest to the tightest.
const LEVELS: &[&[&str]] =
    &[&["||"], &["&&"], &["|"], &["^"], &["&"], &["==", "!="], &["<=", ">=", "<", ">"], &["<<", ">>"], &["+", "-"], &["*", "/", "%"]];

impl Reader<'_> {
    fn blanks(&mut self) {
        while self.text.get(self.position).is_some_and(|c| c.is_whitespace()) {
            self.position += 1;
        }
    }

    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let found = token.chars().enumerate().all(|(index, c)| self.text.get(self.position + index) == Some(&c));
        if found {
            self.last = self.position;
            self.position += token.len();
        }
        found
    }

    /// What is wrong from here on, or with the last token where nothing comes.
    fn fault(&mut self, why: Why) -> Fault {
        self.blanks();
        let from = if self.position < self.text.len() { self.position } else { self.last };
        self.fault_at(why, from)
    }

    fn fault_at(&self, why: Why, from: usize) -> Fault {
        let part = |from: usize| self.text[from.min(self.text.len())..].iter().collect::<String>();
        Fault { why, token: part(from).trim_start().to_owned(), expression: part(0) }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        self.depth += 1;
        if self.depth > DEPTH_MAX * LEVELS.len() {
            return Err(self.fault(Why::Depth));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn comma(&mut self) -> Result<i64, Fault> {
        let mut value = self.assignment()?;
        while self.take(",") {
            value = self.assignment()?;
        }
        Ok(value)
    }

    fn name(&mut self) -> Option<String> {
        self.blanks();
        let name: String = self.text[self.position..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
        is_name(&name).then_some(name)
    }

    /// A name that stands here, with its subscript.
    fn target(&mut self) -> Result<Option<Target>, Fault> {
        let Some(name) = self.name() else { return Ok(None) };
        self.last = self.position;
        self.position += name.len();
        if self.text.get(self.position) != Some(&'[') {
            return Ok(Some((name, None)));
        }
        self.position += 1;
        if self.variables.is_keyed(&name) {
            let key: String = self.text[self.position..].iter().take_while(|c| **c != ']').collect();
            self.position += key.chars().count() + 1;
            return Ok(Some((name, Some(Subscript::Key(key)))));
        }
        let index = self.deeper(Self::comma)?;
        if !self.take("]") {
            return Err(self.fault(Why::Rest));
        }
        let at = self.variables.place(&name, index);
        Ok(Some((name, Some(at))))
    }

    fn assignment(&mut self) -> Result<i64, Fault> {
        let before = self.position;
        if let Some(target) = self.target()? {
            self.blanks();
            for operator in ["=", "+=", "-=", "*=", "/=", "%="] {
                let equal = operator == "=" && self.text.get(self.position + 1) == Some(&'=');
                if equal || !self.take(operator) {
                    continue;
                }
                let begin = self.position;
                let right = self.deeper(Self::assignment)?;
                let left = self.variable(&target)?;
                let value = match operator.len() {
                    1 => right,
                    _ => apply(&operator[..1], left, right).ok_or_else(|| self.fault_at(Why::Zero, begin))?,
                };
                self.set(&target, value);
                return Ok(value);
            }
            self.position = before;
        }
        self.conditional()
    }

    fn conditional(&mut self) -> Result<i64, Fault> {
        let condition = self.binary(0)?;
        if !self.take("?") {
            return Ok(condition);
        }
        let yes = self.deeper(Self::assignment)?;
        if !self.take(":") {
            return Err(self.fault(Why::Colon));
        }
        let no = self.deeper(Self::assignment)?;
        Ok(if condition != 0 { yes } else { no })
    }

    fn binary(&mut self, level: usize) -> Result<i64, Fault> {
        let Some(operators) = LEVELS.get(level) else { return self.power() };
        let mut left = self.deeper(|reader| reader.binary(level + 1))?;
        'next: loop {
            for operator in *operators {
                let before = self.position;
                if !self.take(operator) {
                    continue;
                }
                // `*` is no half of `**`, `|` is no half of `||`, and `<` no half of `<<`.
                let doubled = operator.len() == 1 && "|&<>*".contains(operator) && self.text.get(self.position) == operator.chars().next().as_ref();
                if doubled {
                    self.position = before;
                    continue;
                }
                let begin = self.position;
                let right = self.deeper(|reader| reader.binary(level + 1))?;
                left = apply(operator, left, right).ok_or_else(|| self.fault_at(Why::Zero, begin))?;
                continue 'next;
            }
            return Ok(left);
        }
    }

    /// `**` binds tightest of all and to the right.
    fn power(&mut self) -> Result<i64, Fault> {
        let base = self.unary()?;
        if !self.take("**") {
            return Ok(base);
        }
        let exponent = self.deeper(Self::power)?;
        let exponent = u32::try_from(exponent).map_err(|_| self.fault_at(Why::Exponent, self.last))?;
        Ok(base.wrapping_pow(exponent))
    }

    fn unary(&mut self) -> Result<i64, Fault> {
        for step in ["++", "--"] {
            if self.take(step) {
                let Some(target) = self.target()? else { return Err(self.fault(Why::Operand)) };
                let value = self.variable(&target)? + if step == "++" { 1 } else { -1 };
                self.set(&target, value);
                return Ok(value);
            }
        }
        if self.take("-") {
            return Ok(self.deeper(Self::unary)?.wrapping_neg());
        }
        if self.take("+") {
            return self.deeper(Self::unary);
        }
        if self.take("!") {
            return Ok(i64::from(self.deeper(Self::unary)? == 0));
        }
        if self.take("~") {
            return Ok(!self.deeper(Self::unary)?);
        }
        self.primary()
    }

    fn primary(&mut self) -> Result<i64, Fault> {
        if self.take("(") {
            let value = self.deeper(Self::comma)?;
            return if self.take(")") { Ok(value) } else { Err(self.fault(Why::Paren)) };
        }
        if let Some(target) = self.target()? {
            let value = self.variable(&target)?;
            for (step, by) in [("++", 1), ("--", -1)] {
                if self.take(step) {
                    self.set(&target, value + by);
                }
            }
            return Ok(value);
        }
        let digits: String = self.text[self.position..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '#').collect();
        if digits.is_empty() {
            return Err(self.fault(Why::Operand));
        }
        self.last = self.position;
        self.position += digits.len();
        number(&digits).ok_or_else(|| self.fault_at(Why::Base, self.last))
    }

    fn set(&mut self, (name, at): &Target, value: i64) {
        let text = value.to_string();
        match at {
            Some(at) => self.variables.set_entry(name, at.clone(), &text),
            None => self.variables.set(name, &text),
        };
    }

    fn variable(&mut self, (name, at): &Target) -> Result<i64, Fault> {
        let found = match at {
            Some(at) => self.variables.entry(name, at),
            None => self.variables.get(name).map(str::to_owned),
        };
        let text = found.unwrap_or_else(|| "0".to_owned());
        match number(text.trim()) {
            Some(value) => Ok(value),
            None if self.depth < DEPTH_MAX => evaluate_at(&text, self.variables, self.depth + LEVELS.len()),
            None => Err(Fault { why: Why::Depth, token: text.clone(), expression: text }),
        }
    }
}

fn number(text: &str) -> Option<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let value = if let Some((base, digits)) = digits.split_once('#') {
        i64::from_str_radix(digits, base.parse().ok().filter(|base| (2..=36).contains(base))?).ok()?
    } else if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        i64::from_str_radix(hex, 16).ok()?
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(digits, 8).ok()?
    } else {
        digits.parse().ok()?
    };
    Some(if negative { -value } else { value })
}

/// A binary operator; `None`: a division by zero.
fn apply(operator: &str, left: i64, right: i64) -> Option<i64> {
    Some(match operator {
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        "/" | "%" if right == 0 => return None,
        "/" => left.wrapping_div(right),
        "%" => left.wrapping_rem(right),
        "<<" => left.wrapping_shl(right as u32),
        ">>" => left.wrapping_shr(right as u32),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "&" => left & right,
        "^" => left ^ right,
        "|" => left | right,
        "&&" => i64::from(left != 0 && right != 0),
        "||" => i64::from(left != 0 || right != 0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions() {
        let mut variables = Variables::default();
        variables.set("i", "4");
        for (text, value) in [
            ("1+2*3", 7),
            ("(1+2)*3", 9),
            ("i++ + i", 9),
            ("i", 5),
            ("i += 2", 7),
            ("10 % 4", 2),
            ("1 << 4", 16),
            ("!0 && 3 > 2", 1),
            ("1 ? 2 : 3", 2),
            ("0x10 + 010", 24),
            ("-3 - -4", 1),
            ("a = b = 3", 3),
            ("2 ** 3 ** 2", 512),
            ("unset", 0),
            ("n = 5, n *= 2", 10),
            ("2#101", 5),
            ("b[1] = 4, b[1]++, b[1]", 5),
        ] {
            assert_eq!(evaluate(text, &mut variables), Ok(value), "{text}");
        }
        let mut words = |text: &str, dialect| evaluate(text, &mut variables).unwrap_err().words(dialect);
        assert_eq!(words("1 / (2-2) + 3", Dialect::Bash), "1 / (2-2) + 3: division by 0 (error token is \"(2-2) + 3\")");
        assert_eq!(words(" 1+", Dialect::Bash), "1+: syntax error: operand expected (error token is \"+\")");
        assert_eq!(words("1 2", Dialect::Bash), "1 2: syntax error in expression (error token is \"2\")");
        assert_eq!(words("08", Dialect::Bash), "08: value too great for base (error token is \"08\")");
        assert_eq!(words("1%0", Dialect::Dash), "arithmetic expression: division by zero: \"1%0\"");
        assert_eq!(words("1/0", Dialect::BusyboxAsh), "divide by zero");
        for text in ["1 +", "2 2", "(1", "08"] {
            assert!(evaluate(text, &mut variables).is_err(), "{text}");
        }
    }
}
