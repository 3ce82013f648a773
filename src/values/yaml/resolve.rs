//! What a plain scalar means in YAML 1.1. Models go.yaml.in/yaml/v2 resolve.go.

use crate::values::object::Value;

/// What a text would be read as, were it written without quotes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Resolved {
    Null,
    Bool(bool),
    Number(Value),
    /// `.inf`, `.nan`: numbers that JSON does not have.
    NotFinite(&'static str),
    Timestamp,
    Merge,
    Text,
}

const TRUE: [&str; 11] = ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"];
const FALSE: [&str; 11] = ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"];

pub(super) fn resolve(text: &str) -> Resolved {
    let first = text.bytes().next().unwrap_or(b'~');
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Resolved::Null,
        "<<" => return Resolved::Merge,
        ".nan" | ".NaN" | ".NAN" => return Resolved::NotFinite("NaN"),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Resolved::NotFinite("+Inf"),
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::NotFinite("-Inf"),
        _ if TRUE.contains(&text) => return Resolved::Bool(true),
        _ if FALSE.contains(&text) => return Resolved::Bool(false),
        _ => {}
    }
    if first == b'.' {
        return float(text).map_or(Resolved::Text, Resolved::Number);
    }
    if !first.is_ascii_digit() && first != b'+' && first != b'-' {
        return Resolved::Text;
    }
    if is_timestamp(text) {
        return Resolved::Timestamp;
    }
    let plain = text.replace('_', "");
    integer(&plain).or_else(|| float(&plain)).map_or(Resolved::Text, Resolved::Number)
}

/// Models strconv.ParseInt and ParseUint with base 0: `0x`, `0o`, `0b` and the old octal `0` prefix.
fn integer(text: &str) -> Option<Value> {
    let (negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = [("0x", 16), ("0o", 8), ("0b", 2)]
        .into_iter()
        .find_map(|(prefix, radix)| lower.strip_prefix(prefix).map(|rest| (radix, rest)))
        .or_else(|| lower.strip_prefix('0').filter(|rest| !rest.is_empty()).map(|rest| (8, rest)))
        .unwrap_or((10, &lower));
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return i64::try_from(-i128::from(magnitude)).ok().map(Value::from);
    }
    Some(Value::from(magnitude))
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`; whole numbers become integers, as Go's JSON prints them.
fn float(text: &str) -> Option<Value> {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = body.split_once(['e', 'E']).map_or((body, None), |(mantissa, exponent)| (mantissa, Some(exponent)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.is_empty() && fraction.is_empty() {
        return None;
    }
    if let Some(exponent) = exponent {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        if exponent.is_empty() || !digits(exponent) {
            return None;
        }
    }
    let number: f64 = text.parse().ok()?;
    number.is_finite().then(|| number_value(number))
}

fn number_value(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9.0e18 { Value::from(number as i64) } else { Value::from(number) }
}

/// `2026-11-21`, `2026-1-2T3:4:5.6Z`, `2026-11-21 00:00:00 +01:00`.
fn is_timestamp(text: &str) -> bool {
    let year = text.bytes().take_while(u8::is_ascii_digit).count();
    if year != 4 || text.as_bytes().get(4) != Some(&b'-') {
        return false;
    }
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (&text[..at], text[at + 1..].trim_start()),
        None => (text, ""),
    };
    let number = |part: &str, width: usize, most: u32| {
        (1..=2).contains(&part.len())
            && (width == 0 || part.len() == width)
            && part.bytes().all(|c| c.is_ascii_digit())
            && part.parse::<u32>().is_ok_and(|n| n <= most)
    };
    let parts: Vec<&str> = date.split('-').collect();
    let &[_, month, day] = parts.as_slice() else { return false };
    if date.len() == text.len() {
        return number(month, 2, 12) && number(day, 2, 31) && month != "00" && day != "00";
    }
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let clock: Vec<&str> = time[..zone_at].trim_end().split(':').collect();
    let &[hour, minute, second] = clock.as_slice() else { return false };
    let (second, fraction) = second.split_once('.').unwrap_or((second, "0"));
    number(month, 0, 12)
        && number(day, 0, 31)
        && number(hour, 0, 23)
        && number(minute, 2, 59)
        && number(second, 2, 59)
        && fraction.bytes().all(|c| c.is_ascii_digit())
        && time[zone_at..].bytes().all(|c| c.is_ascii_digit() || b"Z+-:".contains(&c))
}

/// Numbers of base 60 such as `1:30`, which other YAML readers take for numbers.
pub(super) fn is_base_60(text: &str) -> bool {
    let body = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = body.split(':');
    let first = parts.next().unwrap_or("");
    if !first.starts_with(|c: char| c.is_ascii_digit()) || !first.bytes().all(|c| c.is_ascii_digit() || c == b'_') {
        return false;
    }
    let rest: Vec<&str> = parts.collect();
    let sixty = |part: &str| match part.as_bytes() {
        [a] => a.is_ascii_digit(),
        [a, b] => (b'0'..=b'5').contains(a) && b.is_ascii_digit(),
        _ => false,
    };
    match rest.split_last() {
        None => false,
        Some((last, middle)) => {
            let (last, fraction) = last.split_once('.').unwrap_or((last, ""));
            middle.iter().all(|part| sixty(part)) && sixty(last) && fraction.bytes().all(|c| c.is_ascii_digit() || c == b'_')
        }
    }
}
