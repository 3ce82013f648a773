//! `echo` and `printf`: escapes, conversions, and what each shell complains of.

/// What `echo` prints. Bash takes escapes only with `-e`; ash as well; dash always (not modelled apart).
pub fn echo_text(arguments: &[String], _bash: bool) -> String {
    let (mut newline, mut escapes, mut first) = (true, false, 0);
    for word in arguments {
        if word.len() < 2 || !word.starts_with('-') || !word[1..].chars().all(|c| "neE".contains(c)) {
            break;
        }
        for flag in word[1..].chars() {
            match flag {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        first += 1;
    }
    let mut text = arguments[first..].join(" ");
    if escapes {
        let (unescaped, stopped) = unescape(&text);
        text = unescaped;
        newline &= !stopped;
    }
    if newline {
        text.push('\n');
    }
    text
}

/// Backslash escapes of `echo -e` and `printf`; true where `\c` ended the text.
fn unescape(text: &str) -> (String, bool) {
    let mut result = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\\' {
            result.push(c);
            continue;
        }
        match rest.next() {
            Some('n') => result.push('\n'),
            Some('t') => result.push('\t'),
            Some('r') => result.push('\r'),
            Some('a') => result.push('\u{7}'),
            Some('b') => result.push('\u{8}'),
            Some('e') => result.push('\u{1b}'),
            Some('f') => result.push('\u{c}'),
            Some('v') => result.push('\u{b}'),
            Some('\\') => result.push('\\'),
            Some('c') => return (result, true),
            Some(digit @ '0'..='7') => {
                let mut value = digit.to_digit(8).unwrap_or(0);
                for _ in 0..3 {
                    let Some(next) = rest.peek().and_then(|c| c.to_digit(8)) else { break };
                    value = value * 8 + next;
                    rest.next();
                }
                result.extend(char::from_u32(value & 0xff));
            }
            Some('x') => {
                let digits: String = std::iter::from_fn(|| rest.next_if(char::is_ascii_hexdigit)).take(2).collect();
                result.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
            }
            Some(other) => {
                result.push('\\');
                result.push(other);
            }
            None => result.push('\\'),
        }
    }
    (result, false)
}

/// How wide a field of printf may be, in characters.
const WIDTH_MAX: usize = 10_000;

/// What `printf` prints, and what it complains of.
///
/// `ash` chooses the words and the narrower set of conversions of busybox, which stops at one it does not know.
pub fn printf_text(format: &str, arguments: &[String], ash: bool) -> (String, Vec<String>) {
    let (mut text, mut complaints) = (String::new(), Vec::new());
    let mut arguments = arguments.iter();
    loop {
        let before = arguments.len();
        let mut rest = format;
        while let Some(percent) = rest.find('%') {
            text.push_str(&unescape(&rest[..percent]).0);
            rest = &rest[percent + 1..];
            if let Some(after) = rest.strip_prefix('%') {
                text.push('%');
                rest = after;
                continue;
            }
            let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest.len().saturating_sub(1));
            let (mut spec, conversion) = (rest[..end].to_owned(), rest[end..].chars().next().unwrap_or('s'));
            rest = rest.get(end + conversion.len_utf8()..).unwrap_or("");
            while let Some(star) = spec.find('*') {
                spec.replace_range(star..=star, arguments.next().map_or("0", String::as_str));
            }
            if ash && !ASH_CONVERSIONS.contains(conversion) {
                let wrong = if conversion.is_ascii_alphabetic() && rest.is_empty() { "%".to_owned() } else { format!("%{spec}{conversion}{rest}") };
                complaints.push(format!("{wrong}: invalid format"));
                return (text, complaints);
            }
            let argument = arguments.next().map(String::as_str);
            text.push_str(&Conversion { spec: &spec, letter: conversion, argument, ash }.text(&mut complaints));
        }
        text.push_str(&unescape(rest).0);
        // The format is used again for as long as it uses up arguments.
        if arguments.len() == 0 || arguments.len() == before {
            return (text, complaints);
        }
    }
}

/// The conversions that busybox knows.
const ASH_CONVERSIONS: &str = "diouxXfeEgGcsb";

/// One `%` of a format with its argument.
struct Conversion<'a> {
    spec: &'a str,
    letter: char,
    argument: Option<&'a str>,
    ash: bool,
}

impl Conversion<'_> {
    fn integer(&self, complaints: &mut Vec<String>) -> i64 {
        let argument = self.argument.unwrap_or_default();
        let text = argument.trim();
        let quoted = text.strip_prefix(['\'', '"']).and_then(|rest| rest.chars().next()).map(|c| i64::from(u32::from(c)));
        if let Some(value) = quoted.or_else(|| c_integer(text)) {
            return value;
        }
        match (self.ash, self.argument) {
            (true, Some(_)) => complaints.push(format!("invalid number '{argument}'")),
            // ash complains of what is not there as well.
            (true, None) => complaints.push("invalid number ''".to_owned()),
            (false, _) if !text.is_empty() => complaints.push(format!("{argument}: invalid number")),
            (false, _) => {}
        }
        0
    }

    fn text(&self, complaints: &mut Vec<String>) -> String {
        let argument = self.argument.unwrap_or_default();
        let (flags, numbers) = self.spec.split_at(self.spec.find(|c: char| !"-+ 0#".contains(c)).unwrap_or(self.spec.len()));
        let (width, precision) =
            numbers.split_once('.').map_or((numbers, None), |(width, precision)| (width, Some(precision.parse().unwrap_or(0_usize))));
        let width: usize = width.parse().unwrap_or(0).min(WIDTH_MAX);
        let radix = |prefix: &str, digits: String| if flags.contains('#') { format!("{prefix}{digits}") } else { digits };
        let body = match self.letter {
            'd' | 'i' | 'u' => {
                let value = self.integer(complaints);
                let sign = if value < 0 {
                    ""
                } else if flags.contains('+') {
                    "+"
                } else if flags.contains(' ') {
                    " "
                } else {
                    ""
                };
                format!("{sign}{value}")
            }
            'x' => radix("0x", format!("{:x}", self.integer(complaints))),
            'X' => radix("0X", format!("{:X}", self.integer(complaints))),
            'o' => radix("0", format!("{:o}", self.integer(complaints))),
            'c' => argument.chars().take(1).collect(),
            'b' => unescape(argument).0,
            'f' | 'e' | 'g' => {
                let (number, places) = (argument.trim().parse::<f64>().unwrap_or(0.0), precision.unwrap_or(6).min(WIDTH_MAX));
                match self.letter {
                    'e' => crate::machine::programs::lib::floats::exponential(number, places),
                    'g' => crate::machine::programs::lib::floats::general(number, places),
                    _ => format!("{number:.places$}"),
                }
            }
            'q' => quoted(argument),
            _ => argument.chars().take(precision.unwrap_or(usize::MAX)).collect(),
        };
        let missing = width.saturating_sub(body.chars().count());
        if flags.contains('-') {
            body + &" ".repeat(missing)
        } else if flags.contains('0') && "diuxXofeg".contains(self.letter) {
            let (sign, digits) = body.strip_prefix('-').map_or(("", body.as_str()), |digits| ("-", digits));
            format!("{sign}{}{digits}", "0".repeat(missing))
        } else {
            " ".repeat(missing) + &body
        }
    }
}

/// A number as C writes it: decimal, `0x` hexadecimal, octal after a zero.
fn c_integer(text: &str) -> Option<i64> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text.strip_prefix('+').unwrap_or(text)), |rest| (true, rest));
    let value = if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        i64::from_str_radix(hex, 16).ok()?
    } else if digits.len() > 1 && digits.starts_with('0') {
        i64::from_str_radix(digits, 8).ok()?
    } else if digits.starts_with(|c: char| c.is_ascii_digit()) {
        digits.parse().ok()?
    } else {
        return None;
    };
    Some(if negative { -value } else { value })
}

/// A word as the shell would have to read it, for `%q`.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printf_and_echo() {
        let words = |text: &str| text.split('|').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(printf_text("%s-%03d|%-4s|%x\\n", &words("a|7|b|255"), false).0, "a-007|b   |ff\n");
        assert_eq!(printf_text("%s\\n", &words("a|b|c"), false).0, "a\nb\nc\n");
        assert_eq!(printf_text("%d", &words("x"), false), ("0".into(), vec!["x: invalid number".into()]));
        assert_eq!(printf_text("%d", &words("x"), true), ("0".into(), vec!["invalid number 'x'".into()]));
        assert_eq!(printf_text("%#x %i", &words("255|010"), true).0, "0xff 8");
        assert_eq!(echo_text(&words("-n|a|b"), true), "a b");
        assert_eq!(echo_text(&words("-e|a\\tb"), true), "a\tb\n");
        assert_eq!(echo_text(&words("a\\tb"), true), "a\\tb\n");
    }
}
