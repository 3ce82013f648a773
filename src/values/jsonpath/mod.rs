//! JSONPath as client-go's util/jsonpath, for -o jsonpath, custom-columns and --sort-by.
//! Where upstream visits map keys in chance order (`..`, `.*`), they come sorted here.

mod parser;

use super::object::Value;
use parser::{Node, Param};
use std::borrow::Cow;
use std::cmp::Ordering;

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub struct JsonPath {
    nodes: Vec<Node>,
    allow_missing_keys: bool,
}

type Found<'a> = Vec<Cow<'a, Value>>;

/// How far the ranges of a template are entered.
#[derive(Default)]
struct Ranges {
    begin: usize,
    inside: usize,
    end: usize,
    last_end: usize,
}

/// A path as kubectl's options take it -> a template: `x`, `.x`, `{x}` and `{.x}` all become `{.x}`.
/// # Errors
/// Where it is none of them.
pub fn relaxed_expression(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let inner = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
    let inner = inner.strip_prefix('.').filter(|rest| !rest.is_empty()).unwrap_or(inner);
    if inner.is_empty() || inner.contains(['{', '}']) {
        return Err("unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or '{.name1.name2}'".to_owned());
    }
    Ok(format!("{{.{inner}}}"))
}

impl JsonPath {
    /// # Errors
    /// The parser's text, such as `unclosed action`.
    pub fn parse(template: &str) -> Result<JsonPath, String> {
        Ok(JsonPath { nodes: parser::parse(template)?, allow_missing_keys: false })
    }

    /// Whether a missing key is nothing rather than an error.
    #[must_use]
    pub fn allow_missing_keys(mut self, allow: bool) -> JsonPath {
        self.allow_missing_keys = allow;
        self
    }

    /// The text that the template makes of a tree.
    /// # Errors
    /// The engine's text, such as `x is not found`.
    pub fn execute(&self, value: &Value) -> Result<String, String> {
        let mut out = String::new();
        for results in self.find_results(value)? {
            for (index, result) in results.iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                print(result, &mut out);
            }
        }
        Ok(out)
    }

    /// What each part of the template finds.
    /// # Errors
    /// As `execute`.
    pub fn find(&self, value: &Value) -> Result<Vec<Vec<Value>>, String> {
        Ok(self.find_results(value)?.into_iter().map(|found| found.into_iter().map(Cow::into_owned).collect()).collect())
    }

    fn find_results<'a>(&self, value: &'a Value) -> Result<Vec<Found<'a>>, String> {
        self.results(Cow::Borrowed(value), 0, &mut Ranges::default())
    }

    fn results<'a>(&self, value: Cow<'a, Value>, from: usize, ranges: &mut Ranges) -> Result<Vec<Found<'a>>, String> {
        let mut all = Vec::new();
        let mut index = from;
        while index < self.nodes.len() {
            let results = self.walk(vec![value.clone()], &self.nodes[index], ranges)?;
            if ranges.end > 0 && ranges.end <= ranges.inside {
                ranges.end -= 1;
                ranges.last_end = index;
                break;
            }
            if ranges.begin > 0 {
                ranges.begin -= 1;
                ranges.inside += 1;
                if results.is_empty() {
                    // An empty range is walked once too, so that its end is found.
                    self.results(Cow::Owned(Value::Null), index + 1, ranges)?;
                }
                for result in results {
                    all.extend(self.results(result, index + 1, ranges)?);
                }
                ranges.inside -= 1;
                index = ranges.last_end.max(index);
            } else {
                all.push(results);
            }
            index += 1;
        }
        Ok(all)
    }

    fn walk<'a>(&self, input: Found<'a>, node: &Node, ranges: &mut Ranges) -> Result<Found<'a>, String> {
        let each = |value: Value| Ok(input.iter().map(|_| Cow::Owned(value.clone())).collect());
        match node {
            Node::List(nodes) => self.walk_list(input, nodes, ranges),
            Node::Text(text) => Ok(vec![Cow::Owned(Value::from(text.as_str()))]),
            Node::Int(number) => each(Value::from(*number)),
            Node::Float(number) => each(Value::from(*number)),
            Node::Bool(flag) => each(Value::from(*flag)),
            Node::Field(name) => self.field(&input, name),
            Node::Array(params) => array(&input, *params),
            Node::Filter { left, right, operator } => self.filter(&input, left, right, operator, ranges),
            Node::Wildcard => Ok(input.iter().flat_map(children).collect()),
            Node::Recursive => {
                let mut found = Vec::new();
                recurse(&input, &mut found);
                Ok(found)
            }
            Node::Union(parts) => {
                let mut found = Vec::new();
                for part in parts {
                    found.extend(self.walk_list(input.clone(), part, ranges)?);
                }
                Ok(found)
            }
            Node::Identifier(name) => match name.as_str() {
                "range" => {
                    ranges.begin += 1;
                    Ok(input)
                }
                "end" if ranges.inside > 0 => {
                    ranges.end += 1;
                    Ok(Vec::new())
                }
                "end" => Err("not in range, nothing to end".to_owned()),
                _ => Err(format!("unrecognized identifier {name}")),
            },
        }
    }

    fn walk_list<'a>(&self, input: Found<'a>, nodes: &[Node], ranges: &mut Ranges) -> Result<Found<'a>, String> {
        nodes.iter().try_fold(input, |found, node| self.walk(found, node, ranges))
    }

    fn field<'a>(&self, input: &[Cow<'a, Value>], name: &str) -> Result<Found<'a>, String> {
        let found: Found = input.iter().filter_map(|value| member(value, name)).collect();
        if found.is_empty() && !input.is_empty() && !self.allow_missing_keys {
            return Err(format!("{name} is not found"));
        }
        Ok(found)
    }

    fn filter<'a>(&self, input: &[Cow<'a, Value>], left: &[Node], right: &[Node], operator: &str, ranges: &mut Ranges) -> Result<Found<'a>, String> {
        let mut found = Vec::new();
        for value in input {
            if !value.is_array() {
                let mut text = String::new();
                print(value, &mut text);
                return Err(format!("{text} is not array or slice and cannot be filtered"));
            }
            for item in children(value) {
                let lefts = self.walk_list(vec![item.clone()], left, ranges);
                if operator == "exists" {
                    if lefts.is_ok_and(|lefts| !lefts.is_empty()) {
                        found.push(item);
                    }
                    continue;
                }
                let lefts = lefts?;
                let Some(left) = single(&lefts)? else { continue };
                let rights = self.walk_list(vec![item.clone()], right, ranges)?;
                let Some(right) = single(&rights)? else { continue };
                if compare(left, right, operator)? {
                    found.push(item);
                }
            }
        }
        Ok(found)
    }
}

fn single<'v>(values: &'v [Cow<Value>]) -> Result<Option<&'v Value>, String> {
    match values {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        _ => Err("can only compare one element at a time".to_owned()),
    }
}

fn member<'a>(value: &Cow<'a, Value>, name: &str) -> Option<Cow<'a, Value>> {
    match value {
        Cow::Borrowed(value) => value.as_object()?.get(name).map(Cow::Borrowed),
        Cow::Owned(value) => value.as_object()?.get(name).cloned().map(Cow::Owned),
    }
}

/// The items of a list, the values of a map, the bytes of a string.
fn children<'a>(value: &Cow<'a, Value>) -> Found<'a> {
    match value {
        Cow::Borrowed(Value::Object(map)) => map.values().map(Cow::Borrowed).collect(),
        Cow::Borrowed(Value::Array(items)) => items.iter().map(Cow::Borrowed).collect(),
        _ => match value.as_ref() {
            Value::Object(map) => map.values().cloned().map(Cow::Owned).collect(),
            Value::Array(items) => items.iter().cloned().map(Cow::Owned).collect(),
            Value::String(text) => text.bytes().map(|byte| Cow::Owned(Value::from(byte))).collect(),
            _ => Vec::new(),
        },
    }
}

fn recurse<'a>(input: &[Cow<'a, Value>], found: &mut Found<'a>) {
    for value in input {
        let below = children(value);
        if !below.is_empty() {
            found.push(value.clone());
            recurse(&below, found);
        }
    }
}

/// How Go names the type of a decoded JSON value.
fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}

fn array<'a>(input: &[Cow<'a, Value>], params: [Param; 3]) -> Result<Found<'a>, String> {
    let mut found = Vec::new();
    for value in input.iter().filter(|value| !value.is_null()) {
        if !value.is_array() {
            return Err(format!("{} is not array or slice", go_type(value)));
        }
        let items = children(value);
        let length = items.len() as i64;
        let [start, end, step] = params;
        let mut from = if start.known { start.value } else { 0 };
        if from < 0 {
            from += length;
        }
        let mut to = if end.known { end.value } else { length };
        if to < 0 || to == 0 && end.derived {
            to += length;
        }
        if from == to {
            return Ok(found);
        }
        let out_of_bounds = |index: i64| Err(format!("array index out of bounds: index {index}, length {length}"));
        if from >= length || from < 0 {
            return out_of_bounds(from);
        }
        if to > length || to < 0 {
            return out_of_bounds(to - 1);
        }
        if from > to {
            return Err(format!("starting index {from} is greater than ending index {to}"));
        }
        if step.known && step.value <= 0 {
            return Err("step must be > 0".to_owned());
        }
        let step = if step.known { step.value as usize } else { 1 };
        found.extend(items[from as usize..to as usize].iter().step_by(step).cloned());
    }
    Ok(found)
}

/// Models third_party/forked/golang/template: only values of one kind compare.
fn compare(left: &Value, right: &Value, operator: &str) -> Result<bool, String> {
    let order = match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => match operator {
            "==" => return Ok(a == b),
            "!=" => return Ok(a != b),
            "<" | "<=" | ">" | ">=" => return Err("invalid type for comparison".to_owned()),
            _ => return Err(format!("unrecognized filter operator {operator}")),
        },
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) if a.is_f64() == b.is_f64() => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        },
        _ if !["==", "!=", "<", "<=", ">", ">="].contains(&operator) => return Err(format!("unrecognized filter operator {operator}")),
        (Value::Null | Value::Array(_) | Value::Object(_), _) | (_, Value::Null | Value::Array(_) | Value::Object(_)) => {
            return Err("invalid type for comparison".to_owned());
        }
        _ => return Err("incompatible types for comparison".to_owned()),
    };
    match operator {
        "==" => Ok(order.is_eq()),
        "!=" => Ok(order.is_ne()),
        "<" => Ok(order.is_lt()),
        "<=" => Ok(order.is_le()),
        ">" => Ok(order.is_gt()),
        ">=" => Ok(order.is_ge()),
        _ => Err(format!("unrecognized filter operator {operator}")),
    }
}

/// Strings come bare, everything else as Go's compact JSON.
fn print(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => out.push_str(text),
        other => go_json(other, out),
    }
}

/// Compact JSON as Go writes it: `<`, `>` and `&` escaped, whole floats without a fraction.
pub fn go_json(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                go_json(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (index, (key, item)) in map.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                go_string(key, out);
                out.push(':');
                go_json(item, out);
            }
            out.push('}');
        }
        Value::String(text) => go_string(text, out),
        Value::Number(number) => match number.as_f64().filter(|n| number.is_f64() && n.fract() == 0.0 && n.abs() < 1e21) {
            Some(whole) => out.push_str(&format!("{whole:.0}")),
            None => out.push_str(&number.to_string()),
        },
        Value::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
        Value::Null => out.push_str("null"),
    }
}

/// A string as Go's JSON encoder quotes it.
pub fn go_string(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\x1f' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_may_lack_dot_and_braces() {
        for text in ["x.y", ".x.y", "{x.y}", "{.x.y}"] {
            assert_eq!(relaxed_expression(text).as_deref(), Ok("{.x.y}"));
        }
        assert!(relaxed_expression("{.x").is_err());
    }
}
