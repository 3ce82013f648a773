//! -o go-template: the part of Go's text/template that manifests need. Models text/template with kubectl's functions.
//!
//! Simplified: no template definitions, no methods, no comments within pipelines.

use crate::values::object::Value;
use crate::values::patch::go_text;
use std::collections::BTreeMap;

/// Blocks within blocks deeper than this are refused.
const MAX_DEPTH: usize = 32;

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Text(String),
    /// A pipeline, printed unless it is an assignment.
    Action(String),
    /// `if`, `range` or `with`: its pipeline, its body, its `else`.
    Block(String, String, Vec<Node>, Vec<Node>),
}

/// What may stand at the head of a command besides fields, variables and constants.
const KNOWN_WORDS: [&str; 26] = [
    "and",
    "base64decode",
    "break",
    "call",
    "continue",
    "eq",
    "exists",
    "false",
    "ge",
    "gt",
    "html",
    "index",
    "js",
    "le",
    "len",
    "lt",
    "ne",
    "nil",
    "not",
    "or",
    "print",
    "printf",
    "println",
    "slice",
    "true",
    "urlquery",
];

/// The first name at the head of a command that is no function.
fn unknown_function(nodes: &[Node]) -> Option<String> {
    let of_pipeline = |pipeline: &str| {
        let (_, pipeline) = assignment(pipeline);
        let heads = split_outside(pipeline, '|').into_iter().filter_map(|command| command.split_whitespace().next());
        let mut names = heads.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()));
        names.find(|word| !KNOWN_WORDS.contains(word)).map(str::to_owned)
    };
    nodes.iter().find_map(|node| match node {
        Node::Text(_) => None,
        Node::Action(action) => of_pipeline(action),
        Node::Block(_, pipeline, body, other) => of_pipeline(pipeline).or_else(|| unknown_function(body)).or_else(|| unknown_function(other)),
    })
}

/// The text that a template makes of an object.
/// # Errors
/// kubectl's text.
pub fn execute(template: &str, value: &Value) -> Result<String, String> {
    let mut pieces = split(template).map_err(|why| format!("error parsing template {template}, template: output:1: {why}"))?.into_iter();
    let (nodes, end) = parse(&mut pieces, 0).map_err(|why| format!("error parsing template {template}, template: output:1: {why}"))?;
    if end != End::Text {
        return Err(format!("error parsing template {template}, template: output:1: unexpected {{{{end}}}}"));
    }
    if let Some(name) = unknown_function(&nodes) {
        return Err(format!("error parsing template {template}, template: output:1: function {name:?} not defined"));
    }
    let mut scope = Scope { root: value, variables: BTreeMap::new(), out: String::new() };
    scope.run(&nodes, value).map_err(|why| format!("error executing template {template:?}: template: output:1: executing \"output\" {why}"))?;
    Ok(scope.out)
}

enum Piece {
    Text(String),
    Action(String),
}

/// Text and actions in turn; `{{-` and `-}}` eat the blanks beside them.
fn split(template: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = template;
    let mut trim = false;
    loop {
        let (text, after) = rest.split_once("{{").map_or((rest, None), |(text, after)| (text, Some(after)));
        let mut text = if trim { text.trim_start() } else { text };
        let Some(after) = after else {
            pieces.push(Piece::Text(text.to_owned()));
            return Ok(pieces);
        };
        let after = match after.strip_prefix("- ") {
            Some(after) => {
                text = text.trim_end();
                after
            }
            None => after,
        };
        pieces.push(Piece::Text(text.to_owned()));
        let end = action_end(after).ok_or("unclosed action")?;
        let action = &after[..end];
        rest = &after[end + 2..];
        trim = action.ends_with(" -");
        let action = action.strip_suffix(" -").unwrap_or(action).trim();
        if !action.starts_with("/*") {
            pieces.push(Piece::Action(action.to_owned()));
        }
    }
}

/// Where `}}` stands, quoted text passed over.
fn action_end(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            Some('"') if c == '\\' => {
                chars.next();
            }
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '`' => quote = Some(c),
            None if text[at..].starts_with("}}") => return Some(at),
            None => {}
        }
    }
    None
}

#[derive(PartialEq)]
enum End {
    Text,
    Closed,
    Else(String),
}

fn parse(pieces: &mut std::vec::IntoIter<Piece>, depth: usize) -> Result<(Vec<Node>, End), String> {
    if depth > MAX_DEPTH {
        return Err("template is nested too deeply".to_owned());
    }
    let mut nodes = Vec::new();
    while let Some(piece) = pieces.next() {
        let action = match piece {
            Piece::Text(text) => {
                nodes.push(Node::Text(text));
                continue;
            }
            Piece::Action(action) => action,
        };
        let (word, rest) = action.split_once(char::is_whitespace).unwrap_or((&action, ""));
        match word {
            "end" => return Ok((nodes, End::Closed)),
            "else" => return Ok((nodes, End::Else(rest.trim().to_owned()))),
            "if" | "range" | "with" => nodes.push(block(word, rest, pieces, depth)?),
            "" => return Err("missing value for command".to_owned()),
            _ => nodes.push(Node::Action(action)),
        }
    }
    if depth > 0 { Err("unexpected EOF".to_owned()) } else { Ok((nodes, End::Text)) }
}

fn block(word: &str, rest: &str, pieces: &mut std::vec::IntoIter<Piece>, depth: usize) -> Result<Node, String> {
    let (body, end) = parse(pieces, depth + 1)?;
    let other = match end {
        End::Else(rest) if rest.is_empty() => parse(pieces, depth + 1)?.0,
        End::Else(rest) => {
            let (word, rest) = rest.split_once(char::is_whitespace).unwrap_or((&rest, ""));
            vec![block(word, rest, pieces, depth + 1)?]
        }
        _ => Vec::new(),
    };
    Ok(Node::Block(word.to_owned(), rest.trim().to_owned(), body, other))
}

struct Scope<'a> {
    root: &'a Value,
    variables: BTreeMap<String, Value>,
    out: String,
}

/// A value, or nothing at all: Go's `<no value>`.
type Found = Option<Value>;

fn is_true(value: &Found) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(map)) => !map.is_empty(),
    }
}

fn shown(value: &Found) -> String {
    value.as_ref().map_or_else(|| "<no value>".to_owned(), go_text)
}

impl Scope<'_> {
    fn run(&mut self, nodes: &[Node], dot: &Value) -> Result<(), String> {
        for node in nodes {
            match node {
                Node::Text(text) => self.out.push_str(text),
                Node::Action(action) => {
                    let (names, pipeline) = assignment(action);
                    let value = self.pipeline(pipeline, dot)?;
                    match names.first() {
                        Some(name) => {
                            self.variables.insert(name.clone(), value.unwrap_or_default());
                        }
                        None => self.out.push_str(&shown(&value)),
                    }
                }
                Node::Block(word, head, body, other) => self.block(word, head, body, other, dot)?,
            }
        }
        Ok(())
    }

    fn block(&mut self, word: &str, head: &str, body: &[Node], other: &[Node], dot: &Value) -> Result<(), String> {
        let (names, pipeline) = assignment(head);
        let value = self.pipeline(pipeline, dot)?;
        if !is_true(&value) {
            return self.run(other, dot);
        }
        let value = value.unwrap_or_default();
        let entries: Vec<(Value, Value)> = match (word, &value) {
            ("range", Value::Array(items)) => items.iter().enumerate().map(|(index, item)| (Value::from(index), item.clone())).collect(),
            ("range", Value::Object(map)) => map.iter().map(|(key, item)| (Value::from(key), item.clone())).collect(),
            ("range", other) => return Err(format!("at <{pipeline}>: range can't iterate over {}", go_text(other))),
            ("with", _) => vec![(Value::Null, value.clone())],
            _ => vec![(Value::Null, dot.clone())],
        };
        for (key, entry) in entries {
            let bound = if word == "if" { &value } else { &entry };
            match names.as_slice() {
                [one] => drop(self.variables.insert(one.clone(), bound.clone())),
                [first, second, ..] => {
                    self.variables.insert(first.clone(), key);
                    self.variables.insert(second.clone(), bound.clone());
                }
                [] => {}
            }
            self.run(body, &entry)?;
        }
        Ok(())
    }

    fn pipeline(&self, text: &str, dot: &Value) -> Result<Found, String> {
        let mut piped: Option<Found> = None;
        for command in split_outside(text, '|') {
            let words = split_outside(command.trim(), ' ');
            let words: Vec<&str> = words.into_iter().map(str::trim).filter(|word| !word.is_empty()).collect();
            let Some(first) = words.first() else { return Err(format!("at <{text}>: missing value for command")) };
            let is_function = first.starts_with(|c: char| c.is_ascii_alphabetic()) && !["true", "false", "nil"].contains(first);
            let mut arguments = Vec::new();
            for word in &words[usize::from(is_function)..] {
                arguments.push(self.operand(word, dot)?);
            }
            arguments.extend(piped.take());
            piped = Some(if is_function { call(first, &arguments, text)? } else { arguments.into_iter().next().flatten() });
        }
        Ok(piped.flatten())
    }

    fn operand(&self, word: &str, dot: &Value) -> Result<Found, String> {
        if let Some((inner, path)) = word.strip_prefix('(').and_then(|rest| rest.rsplit_once(')')) {
            let found = self.pipeline(inner, dot)?;
            return if path.is_empty() { Ok(found) } else { walk(&found.unwrap_or_default(), path, word) };
        }
        if word.starts_with('"') {
            return serde_json::from_str(word).map(Some).map_err(|_| format!("at <{word}>: invalid syntax"));
        }
        if let Some(inner) = word.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
            return Ok(Some(Value::from(inner)));
        }
        if let Some(variable) = word.strip_prefix('$') {
            let (name, path) = variable.split_once('.').map_or((variable, ""), |(name, path)| (name, path));
            let from = if name.is_empty() { Some(self.root) } else { self.variables.get(name) };
            return walk(from.ok_or_else(|| format!("at <{word}>: undefined variable \"${name}\""))?, path, word);
        }
        if let Some(path) = word.strip_prefix('.') {
            return walk(dot, path, word);
        }
        match word {
            "nil" => Ok(None),
            _ => serde_json::from_str(word).map(Some).map_err(|_| format!("at <{word}>: function {word:?} not defined")),
        }
    }
}

/// The names in front of `:=` or `=`, without their `$`.
fn assignment(text: &str) -> (Vec<String>, &str) {
    if text.starts_with('$')
        && let Some((names, pipeline)) = text.split_once(":=").or_else(|| text.split_once(" = "))
    {
        return (names.split(',').map(|name| name.trim().trim_start_matches('$').to_owned()).collect(), pipeline.trim());
    }
    (Vec::new(), text)
}

/// Splits at a sign outside quotes and parentheses.
fn split_outside(text: &str, sign: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut quote) = (0, 0, None);
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some('"') if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '`' => quote = Some(c),
            None if c == '(' => depth += 1,
            None if c == ')' => depth -= 1,
            None if c == sign && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            None => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn walk(from: &Value, path: &str, word: &str) -> Result<Found, String> {
    let mut here = Some(from);
    for name in path.split('.').filter(|name| !name.is_empty()) {
        here = match here {
            Some(Value::Object(map)) => map.get(name),
            Some(Value::Null) | None => return Err(format!("at <{word}>: nil pointer evaluating interface {{}}.{name}")),
            Some(other) => return Err(format!("at <{word}>: can't evaluate field {name} in type {}", go_type(other))),
        };
    }
    Ok(here.cloned())
}

fn go_type(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "string",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        _ => "interface {}",
    }
}

fn call(name: &str, arguments: &[Found], text: &str) -> Result<Found, String> {
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
            Ok(Some(Value::from(String::from_utf8_lossy(&crate::control::rules::data::decode_base64(text)).into_owned())))
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

fn index(arguments: &[Found], text: &str) -> Result<Found, String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::object::json;

    fn check(template: &str, expect: &str) {
        let value = json!({"items": [{"name": "a", "n": 1}, {"name": "b"}], "m": {"x.y": "z"}});
        assert_eq!(execute(template, &value).unwrap_or_else(|why| why), expect, "{template}");
    }

    #[test]
    fn templates_run() {
        check("{{range .items}}{{.name}}{{\"\\n\"}}{{end}}", "a\nb\n");
        check("{{range $i, $e := .items}}{{$i}}={{$e.name}} {{end}}", "0=a 1=b ");
        check("{{range .items}}{{if eq .name \"a\"}}A{{else}}-{{end}}{{end}}", "A-");
        check("{{index .m \"x.y\"}} {{len .items}} {{.none}}", "z 2 <no value>");
        check("{{printf \"%-4s|%d\" (index .items 0).name 3}}", "a   |3");
        check("{{.items", "error parsing template {{.items, template: output:1: unclosed action");
    }
}
