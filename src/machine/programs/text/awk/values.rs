//! Values of awk: numbers, texts, and input that may be either; arrays in busybox' order.
use crate::machine::programs::lib::floats::general;
use crate::values::quantity::{digits_end, number_end};
use std::cmp::Ordering;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Nothing,
    Number(f64),
    Text(String),
    /// From outside: a number where it looks like one.
    Input(String),
}

/// The number that a text begins with.
pub fn leading_number(text: &str) -> f64 {
    let text = text.trim_start();
    let bytes = text.as_bytes();
    let mut at = number_end(text);
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'-' | b'+')));
        let end = digits_end(bytes, at + 1 + sign);
        if end > at + 1 + sign {
            at = end;
        }
    }
    text[..at].parse().unwrap_or(0.0)
}

fn looks_like_number(text: &str) -> bool {
    let text = text.trim();
    text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) && text.parse::<f64>().is_ok()
}

/// A number as text: whole numbers in full, others by OFMT or CONVFMT.
pub fn number_text(number: f64, format: &str) -> String {
    if number == number.trunc() && number.abs() < 1e16 {
        return format!("{}", number as i64);
    }
    let places = format.strip_prefix("%.").and_then(|rest| rest.get(..rest.len() - 1)?.parse().ok()).unwrap_or(6);
    match format.chars().last() {
        Some('f') => format!("{number:.places$}"),
        _ => general(number, places),
    }
}

impl Value {
    pub fn number(&self) -> f64 {
        match self {
            Value::Nothing => 0.0,
            Value::Number(number) => *number,
            Value::Text(text) | Value::Input(text) => leading_number(text),
        }
    }

    pub fn text(&self, format: &str) -> String {
        match self {
            Value::Nothing => String::new(),
            Value::Number(number) => number_text(*number, format),
            Value::Text(text) | Value::Input(text) => text.clone(),
        }
    }

    pub fn holds(&self) -> bool {
        match self {
            Value::Nothing => false,
            Value::Number(number) => *number != 0.0,
            Value::Input(text) if looks_like_number(text) => leading_number(text) != 0.0,
            Value::Text(text) | Value::Input(text) => !text.is_empty(),
        }
    }

    fn is_number(&self) -> bool {
        match self {
            Value::Nothing | Value::Number(_) => true,
            Value::Text(_) => false,
            Value::Input(text) => looks_like_number(text),
        }
    }

    pub fn compare(&self, other: &Value) -> Ordering {
        if self.is_number() && other.is_number() {
            return self.number().total_cmp(&(other.number() + 0.0)).then(Ordering::Equal);
        }
        self.text("%.6g").cmp(&other.text("%.6g"))
    }
}

/// How many chains busybox' tables have at first.
const CHAINS: u32 = 61;

/// An array, with the order in which its elements came.
#[derive(Clone, Debug, Default)]
pub struct Array {
    pub elements: BTreeMap<String, (u64, Value)>,
    next: u64,
}

impl Array {
    pub fn get(&mut self, key: &str) -> &mut Value {
        let next = &mut self.next;
        let (_, value) = self.elements.entry(key.to_owned()).or_insert_with(|| {
            *next += 1;
            (*next, Value::Nothing)
        });
        value
    }

    /// Keys as busybox walks its hash table: chain by chain, the newest of a chain first.
    pub fn keys(&self) -> Vec<String> {
        let chain = |key: &str| key.bytes().fold(0_u32, |hash, byte| u32::from(byte).wrapping_add(hash << 6).wrapping_add(hash >> 26)) % CHAINS;
        let mut keys: Vec<(u32, u64, &String)> = self.elements.iter().map(|(key, (age, _))| (chain(key), u64::MAX - age, key)).collect();
        keys.sort();
        keys.into_iter().map(|(_, _, key)| key.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_c_does() {
        let check = |number: f64, expect: &str| assert_eq!(number_text(number, "%.6g"), expect);
        check(0.1, "0.1");
        check(2.5000001, "2.5");
        check(1e-7, "1e-07");
        check(123_456_789.5, "1.23457e+08");
        check(1e6, "1000000");
        assert_eq!(leading_number(" 12abc"), 12.0);
        assert!(Value::Input("10".into()).compare(&Value::Input("9".into())).is_gt());
        assert!(Value::Text("10".into()).compare(&Value::Number(9.0)).is_lt());
    }
}
