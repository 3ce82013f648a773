//! The functions of templates. Models text/template/funcs.go.

use crate::control::rules::data;
use crate::values::object::Value;
use crate::values::patch::go_text;

/// A value, or nothing at all: Go's `<no value>`.
pub type Found = Option<Value>;

pub fn is_true(value: &Found) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
    }
}

pub fn shown(value: &Found) -> String {
    value.as_ref().map_or_else(|| "<no value>".to_owned(), go_text)
}

pub fn go_type(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        _ => "interface {}",
    }
}

pub fn call(name: &str, arguments: &[Found], text: &str) -> Result<Found, String> {
    let first = arguments.first().cloned().flatten();
    let order = || match (&first, arguments.get(1).and_then(Option::as_ref)) {
        (Some(Value::Number(a)), Some(Value::Number(b))) => a.as_f64().partial_cmp(&b.as_f64()),
        (Some(Value::String(a)), Some(Value::String(b))) => Some(a.cmp(b)),
        _ => None,
    };
    let incompatible = || format!("at <{text}>: error calling {name}: incompatible types for comparison");
    let flag = |flag: bool| Ok(Some(Value::Bool(flag)));
    match name {
        "eq" => flag(arguments[1.min(arguments.len())..].contains(&first)),
        "ne" => flag(arguments.get(1).is_some_and(|other| *other != first)),
        "lt" => flag(order().ok_or_else(incompatible)?.is_lt()),
        "le" => flag(order().ok_or_else(incompatible)?.is_le()),
        "gt" => flag(order().ok_or_else(incompatible)?.is_gt()),
        "ge" => flag(order().ok_or_else(incompatible)?.is_ge()),
        "base64decode" => {
            let text = first.as_ref().and_then(Value::as_str).unwrap_or("");
            Ok(Some(Value::from(String::from_utf8_lossy(&data::decode_base64(text)).into_owned())))
        }
        "not" => flag(!is_true(&first)),
        "and" => Ok(arguments.iter().find(|value| !is_true(value)).or(arguments.last()).cloned().flatten()),
        "or" => Ok(arguments.iter().find(|value| is_true(value)).or(arguments.last()).cloned().flatten()),
        "len" => match &first {
            Some(Value::Array(items)) => Ok(Some(Value::from(items.len()))),
            Some(Value::Object(map)) => Ok(Some(Value::from(map.len()))),
            Some(Value::String(text)) => Ok(Some(Value::from(text.len()))),
            _ => Err(format!("at <{text}>: error calling len: len of nil pointer")),
        },
        "index" => index(arguments, text),
        "print" => Ok(Some(Value::from(arguments.iter().map(shown).collect::<String>()))),
        "println" => Ok(Some(Value::from(format!("{}\n", arguments.iter().map(shown).collect::<Vec<_>>().join(" "))))),
        "printf" => Ok(Some(Value::from(printf(&shown(&first), &arguments[1.min(arguments.len())..])))),
        _ => Err(format!("at <{text}>: function {name:?} not defined")),
    }
}

pub fn index(arguments: &[Found], text: &str) -> Result<Found, String> {
    let mut here = arguments.first().cloned().flatten();
    for key in arguments.iter().skip(1) {
        here = match (here, key) {
            (Some(Value::Object(map)), Some(Value::String(key))) => map.get(key).cloned(),
            (Some(Value::Array(items)), Some(Value::Number(at))) => {
                let at = at.as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or(usize::MAX);
                let found = items.get(at).cloned();
                Some(found.ok_or_else(|| format!("at <{text}>: error calling index: reflect: slice index out of range"))?)
            }
            _ => return Err(format!("at <{text}>: error calling index: index of untyped nil")),
        };
    }
    Ok(here)
}

fn printf(format: &str, arguments: &[Found]) -> String {
    let mut out = String::new();
    let mut rest = arguments.iter();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = String::new();
        let verb = loop {
            match chars.next() {
                Some(c) if c == '-' || c.is_ascii_digit() => spec.push(c),
                other => break other,
            }
        };
        if verb == Some('%') {
            out.push('%');
            continue;
        }
        let text = rest.next().map_or_else(|| format!("%!{}(MISSING)", verb.unwrap_or('!')), shown);
        let text = if verb == Some('q') { format!("{text:?}") } else { text };
        let width: usize = spec.trim_start_matches('-').parse().unwrap_or(0).min(1000);
        out.push_str(&if spec.starts_with('-') { format!("{text:<width$}") } else { format!("{text:>width$}") });
    }
    out
}
