//! A JSON number: whole or floating, as it was written.

use std::fmt;

/// Which of the three forms a number has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Whole and not negative.
    Positive,
    Negative,
    Floating,
}

/// A finite number. Its bits are bytes so that it may lie anywhere in a value.
#[derive(Clone, Copy)]
pub struct Number {
    form: Form,
    bits: [u8; 8],
}

impl Number {
    /// `None` where JSON has no such number.
    pub fn from_f64(number: f64) -> Option<Number> {
        number.is_finite().then(|| Number { form: Form::Floating, bits: number.to_ne_bytes() })
    }

    pub fn is_f64(&self) -> bool {
        self.form == Form::Floating
    }

    pub fn is_i64(&self) -> bool {
        self.as_i64().is_some()
    }

    pub fn is_u64(&self) -> bool {
        self.form == Form::Positive
    }

    pub fn as_i64(&self) -> Option<i64> {
        match self.form {
            Form::Positive => i64::try_from(u64::from_ne_bytes(self.bits)).ok(),
            Form::Negative => Some(i64::from_ne_bytes(self.bits)),
            Form::Floating => None,
        }
    }

    pub fn as_u64(&self) -> Option<u64> {
        (self.form == Form::Positive).then(|| u64::from_ne_bytes(self.bits))
    }

    pub fn as_f64(&self) -> Option<f64> {
        Some(match self.form {
            Form::Positive => u64::from_ne_bytes(self.bits) as f64,
            Form::Negative => i64::from_ne_bytes(self.bits) as f64,
            Form::Floating => f64::from_ne_bytes(self.bits),
        })
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Number {
        Number { form: Form::Positive, bits: number.to_ne_bytes() }
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Number {
        Number { form: if number < 0 { Form::Negative } else { Form::Positive }, bits: number.to_ne_bytes() }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Number) -> bool {
        match (self.form, other.form) {
            (Form::Floating, Form::Floating) => f64::from_ne_bytes(self.bits) == f64::from_ne_bytes(other.bits),
            (one, two) => one == two && self.bits == other.bits,
        }
    }
}

impl Eq for Number {}

impl fmt::Display for Number {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        match (self.as_i64(), self.as_u64(), self.as_f64().and_then(serde_json::Number::from_f64)) {
            (Some(number), ..) => fmt::Display::fmt(&number, out),
            (_, Some(number), _) => fmt::Display::fmt(&number, out),
            (_, _, Some(number)) => fmt::Display::fmt(&number, out),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}
