//! -o go-template: the part of Go's text/template that manifests need. Models text/template with kubectl's functions.
//!
//! Simplified: no template definitions, no methods, no comments within pipelines.
mod functions;
mod parse;

use crate::values::object::Value;
use crate::values::patch::go_text;
use functions::{Found, call, go_type, is_true, shown};
use parse::{Node, assignment, parse, split_outside};
use std::collections::BTreeMap;

/// The text that a template makes of an object.
/// # Errors
/// kubectl's text.
pub fn execute(template: &str, value: &Value) -> Result<String, String> {
    let nodes = parse(template).map_err(|why| format!("error parsing template {template}, template: output:1: {why}"))?;
    let mut scope = Scope { root: value, variables: BTreeMap::new(), out: String::new() };
    scope.run(&nodes, value).map_err(|why| format!("error executing template {template:?}: template: output:1: executing \"output\" {why}"))?;
    Ok(scope.out)
}

struct Scope<'a> {
    root: &'a Value,
    variables: BTreeMap<String, Value>,
    out: String,
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
