//! Amounts with a unit: `500Mi`, `1Gi`, `250m`. Models apimachinery/pkg/api/resource Quantity.
//!
//! Kept as billionths in 128 bits instead of an unlimited decimal: enough for everything below 10^29.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Neg, Sub};

/// Which family of units an amount was written in; it is printed in the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    DecimalSi,
    BinarySi,
    DecimalExponent,
}

/// A fixed-point number with the family of its unit. Compared by its amount only.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quantity {
    nanos: i128,
    format: Format,
}

pub const ERR_FORMAT: &str = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
pub const ERR_NUMERIC: &str = "unable to parse numeric part of quantity";
pub const ERR_SUFFIX: &str = "unable to parse quantity's suffix";

const NANO: i128 = 1_000_000_000;
/// Binary amounts are cut here, as upstream does.
const MAX_BINARY: i128 = i64::MAX as i128 * NANO;

/// Suffix, base and exponent.
const SUFFIXES: [(&str, u32, i32); 16] = [
    ("Ki", 2, 10),
    ("Mi", 2, 20),
    ("Gi", 2, 30),
    ("Ti", 2, 40),
    ("Pi", 2, 50),
    ("Ei", 2, 60),
    ("n", 10, -9),
    ("u", 10, -6),
    ("m", 10, -3),
    ("", 10, 0),
    ("k", 10, 3),
    ("M", 10, 6),
    ("G", 10, 9),
    ("T", 10, 12),
    ("P", 10, 15),
    ("E", 10, 18),
];

fn interpret(suffix: &str) -> Option<(u32, i32, Format)> {
    if let Some((_, base, exponent)) = SUFFIXES.iter().find(|(text, ..)| *text == suffix) {
        return Some((*base, *exponent, if *base == 2 { Format::BinarySi } else { Format::DecimalSi }));
    }
    let digits = suffix.strip_prefix(['e', 'E'])?;
    let exponent = digits.parse::<i32>().ok()?;
    Some((10, exponent, Format::DecimalExponent))
}

impl Quantity {
    /// # Errors
    /// One of the three texts above.
    pub fn parse(text: &str) -> Result<Quantity, String> {
        parse(text).map_err(str::to_owned)
    }

    pub fn from_value(value: i64) -> Quantity {
        Quantity { nanos: i128::from(value) * NANO, format: Format::DecimalSi }
    }

    /// A number of bytes, printed with `Ki`, `Mi`, …
    pub fn from_bytes(bytes: u64) -> Quantity {
        Quantity { nanos: i128::from(bytes) * NANO, format: Format::BinarySi }
    }

    pub fn from_milli(milli: i64) -> Quantity {
        Quantity { nanos: i128::from(milli) * (NANO / 1000), format: Format::DecimalSi }
    }

    pub fn format(self) -> Format {
        self.format
    }

    /// The whole units, rounded up (away from zero).
    pub fn value(self) -> i64 {
        scaled(self.nanos, NANO)
    }

    /// The thousandths, rounded up (away from zero).
    pub fn milli_value(self) -> i64 {
        scaled(self.nanos, NANO / 1000)
    }

    pub fn is_zero(self) -> bool {
        self.nanos == 0
    }

    /// -1, 0 or 1.
    pub fn sign(self) -> i32 {
        self.nanos.signum() as i32
    }
}

/// The text in which the server keeps an amount: canonical, but for the odd spellings that upstream reuses as they are.
/// # Errors
/// As `Quantity::parse`.
pub fn canonical(text: &str) -> Result<String, String> {
    let quantity = Quantity::parse(text)?;
    if quantity.format != Format::BinarySi {
        let (number, suffix) = split(text)?;
        let digits = number.trim_start_matches(['+', '-']).trim_start_matches('0');
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let shifted = format!("{}{fraction}", if whole.is_empty() { "0" } else { whole });
        let exponent = interpret(suffix).map_or(0, |(_, exponent, _)| exponent) - fraction.len() as i32;
        if exponent >= -9 && exponent % 3 == 0 && shifted.len() <= 18 && !shifted.ends_with("000") && !shifted.starts_with('0') {
            return Ok(text.to_owned());
        }
    }
    Ok(quantity.to_string())
}

/// Integer division rounding away from zero, saturating to 64 bits.
fn scaled(nanos: i128, unit: i128) -> i64 {
    let rounded = (nanos.abs() + unit - 1) / unit * nanos.signum();
    i64::try_from(rounded).unwrap_or(if rounded > 0 { i64::MAX } else { i64::MIN })
}

/// Where the digits that stand at a place end.
pub fn digits_end(bytes: &[u8], from: usize) -> usize {
    from + bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count()
}

/// Where the decimal number that a text begins with ends, sign and point included.
pub fn number_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let at = digits_end(bytes, usize::from(matches!(bytes.first(), Some(b'+' | b'-'))));
    if bytes.get(at) == Some(&b'.') { digits_end(bytes, at + 1) } else { at }
}

/// The number with its sign, and the suffix.
fn split(text: &str) -> Result<(&str, &str), &'static str> {
    let bytes = text.as_bytes();
    let mut at = number_end(text);
    let number_end = at;
    while bytes.get(at).is_some_and(|byte| b"eEinumkKMGTP".contains(byte)) {
        at += 1;
    }
    if matches!(bytes.get(at), Some(b'+' | b'-')) && at < bytes.len() {
        at += 1;
    }
    at = digits_end(bytes, at);
    if at < bytes.len() {
        return Err(ERR_FORMAT);
    }
    Ok((&text[..number_end], &text[number_end..]))
}

fn parse(text: &str) -> Result<Quantity, &'static str> {
    if text.is_empty() {
        return Err(ERR_FORMAT);
    }
    let (number, suffix) = split(text)?;
    let (base, exponent, mut format) = interpret(suffix).ok_or(ERR_SUFFIX)?;
    let negative = number.starts_with('-');
    let digits = number.trim_start_matches(['+', '-']);
    // A unit alone is an amount of nothing, but for those too large for upstream's fast path.
    if !digits.bytes().any(|byte| byte.is_ascii_digit()) && matches!(suffix, "Pi" | "Ei") {
        return Err(ERR_NUMERIC);
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut mantissa: i128 = 0;
    let mut scale = if base == 10 { exponent } else { 0 } + 9;
    let mut lost = false;
    for (index, digit) in whole.bytes().chain(fraction.bytes()).enumerate() {
        match mantissa.checked_mul(10).and_then(|m| m.checked_add(i128::from(digit - b'0'))) {
            Some(next) if next < i128::MAX / 100 => {
                mantissa = next;
                scale -= i32::from(index >= whole.len());
            }
            _ => {
                lost |= digit != b'0';
                scale += i32::from(index < whole.len());
            }
        }
    }
    if base == 2 {
        mantissa = mantissa.saturating_mul(1 << exponent);
    }
    let mut nanos = mantissa;
    while scale > 0 && nanos != 0 && nanos < i128::MAX / 10 {
        nanos *= 10;
        scale -= 1;
    }
    // Finer than a billionth is rounded up: who asks for some gets some.
    while scale < 0 && nanos != 0 {
        lost |= nanos % 10 != 0;
        nanos /= 10;
        scale += 1;
        if nanos == 0 {
            break;
        }
    }
    nanos += i128::from(lost);
    if format == Format::BinarySi {
        nanos = nanos.min(MAX_BINARY);
        if nanos > 0 && nanos < NANO {
            format = Format::DecimalSi;
        }
    }
    Ok(Quantity { nanos: if negative { -nanos } else { nanos }, format })
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return f.write_str("0");
        }
        let binary = self.format == Format::BinarySi && self.nanos % NANO == 0 && self.nanos.abs() >= 1024 * NANO;
        let (mut mantissa, mut exponent, step, factor) = if binary { (self.nanos / NANO, 0, 10, 1024) } else { (self.nanos, -9, 3, 1000) };
        let limit = if binary { 60 } else { i32::MAX };
        while mantissa % factor == 0 && exponent < limit {
            mantissa /= factor;
            exponent += step;
        }
        let base = if binary { 2 } else { 10 };
        write!(f, "{mantissa}")?;
        if exponent == 0 {
            return Ok(());
        }
        match SUFFIXES.iter().find(|(_, b, e)| *b == base && *e == exponent) {
            Some((suffix, ..)) if self.format != Format::DecimalExponent => f.write_str(suffix),
            _ => write!(f, "e{exponent}"),
        }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Quantity) -> bool {
        self.nanos == other.nanos
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Quantity) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Quantity) -> Ordering {
        self.nanos.cmp(&other.nanos)
    }
}

impl Add for Quantity {
    type Output = Quantity;
    /// The sum, in the units of the left side, or of the right one where the left is zero.
    fn add(self, other: Quantity) -> Quantity {
        let format = if self.nanos == 0 { other.format } else { self.format };
        Quantity { nanos: self.nanos.saturating_add(other.nanos), format }
    }
}

impl Neg for Quantity {
    type Output = Quantity;
    fn neg(self) -> Quantity {
        Quantity { nanos: -self.nanos, format: self.format }
    }
}

impl Sub for Quantity {
    type Output = Quantity;
    fn sub(self, other: Quantity) -> Quantity {
        self + -other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, &str>) {
        assert_eq!(Quantity::parse(text).map(|q| q.to_string()), expect.map(str::to_owned).map_err(str::to_owned), "{text}");
    }

    #[test]
    fn amounts_print_canonically() {
        for (text, expect) in [
            ("1Gi", "1Gi"),
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("1000m", "1"),
            ("0.5", "500m"),
            (".5", "500m"),
            ("5.", "5"),
            ("0", "0"),
            ("-1Ki", "-1Ki"),
            ("512", "512"),
            ("1e3", "1e3"),
            ("1500000", "1500k"),
            ("0.5Gi", "512Mi"),
            ("0.1Gi", "107374182400m"),
            ("100Ei", "9223372036854775807"),
            ("0.9n", "1n"),
            ("1Mi", "1Mi"),
            ("10G", "10G"),
            ("12345678901234567890", "12345678901234567890"),
        ] {
            check(text, Ok(expect));
        }
        assert_eq!(canonical("1.500").unwrap(), "1.500");
        assert_eq!(canonical("0.5").unwrap(), "500m");
    }

    #[test]
    fn wrong_amounts_say_what_is_wrong() {
        for (text, expect) in [("", ERR_FORMAT), ("abc", ERR_FORMAT), ("1 Gi", ERR_FORMAT), ("1gi", ERR_FORMAT), ("1Gib", ERR_FORMAT)] {
            check(text, Err(expect));
        }
        for text in ["1KiB", "10GB"] {
            check(text, Err(ERR_FORMAT));
        }
        for text in ["1K", "1mM", "5ee"] {
            check(text, Err(ERR_SUFFIX));
        }
        check("Ei", Err(ERR_NUMERIC));
        check("Gi", Ok("0"));
    }

    #[test]
    fn amounts_compare_and_add_by_value() {
        let parse = |text| Quantity::parse(text).unwrap();
        assert_eq!(parse("1Gi"), parse("1073741824"));
        assert!(parse("1G") < parse("1Gi"));
        assert_eq!((parse("1Gi") + parse("512Mi")).to_string(), "1536Mi");
        assert_eq!((parse("1") - parse("250m")).to_string(), "750m");
        assert_eq!(parse("1500m").value(), 2);
        assert_eq!(parse("1500u").milli_value(), 2);
    }
}
