//! YAML tokens -> JSON tree. Models go.yaml.in/yaml/v2 parserc.go and decode.go, and sigs.k8s.io/yaml's conversion to JSON.

use super::resolve::{Resolved, resolve};
use super::scanner::{MAX_DEPTH, Mark, Problem, Scanner, Token};
use crate::values::object::{Map, Value};
use std::collections::BTreeMap;

/// Values that aliases may add before a document counts as an attack.
const MAX_ALIASED: usize = 20_000;

pub(super) struct Parser {
    scanner: Scanner,
    anchors: BTreeMap<String, Value>,
    aliased: usize,
    depth: usize,
    path: String,
    /// Where each field stands: its path and its line, from 1, within this document.
    pub lines: Vec<(String, usize)>,
    pub first_line: usize,
}

type Parse<T> = Result<T, Problem>;

fn failure<T>(text: String) -> Parse<T> {
    Err(Problem { line: 0, text })
}

/// Parser errors name the line before, since go-yaml counts lines from 0 and adds one for scanner errors only.
fn problem<T>(context: Mark, at: Mark, text: &str) -> Parse<T> {
    Err(Problem { line: if at.line != 0 { at.line } else { context.line }, text: text.to_owned() })
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Object(map) => 1 + map.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

impl Parser {
    pub fn new(text: &str) -> Parser {
        Parser { scanner: Scanner::new(text), anchors: BTreeMap::new(), aliased: 0, depth: 0, path: String::new(), lines: Vec::new(), first_line: 1 }
    }

    /// The first document; null where there is none.
    pub fn document(&mut self) -> Parse<Value> {
        let mut directives = false;
        loop {
            let (token, mark) = self.scanner.peek()?;
            match token {
                Token::StreamEnd if directives => return problem(mark, mark, "did not find expected <document start>"),
                Token::StreamEnd => return Ok(Value::Null),
                Token::Directive | Token::DocumentEnd => {
                    directives = *token == Token::Directive;
                    self.scanner.take()?;
                }
                Token::DocumentStart => {
                    self.scanner.take()?;
                    break;
                }
                _ if directives => return problem(mark, mark, "did not find expected <document start>"),
                _ => break,
            }
        }
        let (token, mark) = self.scanner.peek()?;
        self.first_line = mark.line + 1;
        if matches!(token, Token::DocumentStart | Token::DocumentEnd | Token::StreamEnd | Token::Directive) {
            return Ok(Value::Null);
        }
        let value = self.node(true, false)?;
        // go-yaml looks at the token behind the document, so a mistake there is found, and nothing further.
        self.scanner.peek()?;
        Ok(value)
    }

    fn peek_is(&mut self, tokens: &[Token]) -> Parse<bool> {
        let (token, _) = self.scanner.peek()?;
        Ok(tokens.contains(token))
    }

    /// A node, or null where one of `ends` follows at once.
    fn node_unless(&mut self, ends: &[Token], block: bool, indentless: bool) -> Parse<Value> {
        if self.peek_is(ends)? { Ok(Value::Null) } else { self.node(block, indentless) }
    }

    fn node(&mut self, block: bool, indentless: bool) -> Parse<Value> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return failure(format!("exceeded max depth of {MAX_DEPTH}"));
        }
        let value = self.node_inner(block, indentless);
        self.depth -= 1;
        value
    }

    fn node_inner(&mut self, block: bool, indentless: bool) -> Parse<Value> {
        let start = self.scanner.peek()?.1;
        let (mut anchor, mut tag) = (None, None);
        loop {
            match self.scanner.peek()?.0.clone() {
                Token::Alias(name) if anchor.is_none() && tag.is_none() => {
                    self.scanner.take()?;
                    return self.alias(&name);
                }
                Token::Anchor(name) if anchor.is_none() => anchor = Some(name),
                Token::Tag(name) if tag.is_none() => tag = Some(name),
                _ => break,
            }
            self.scanner.take()?;
        }
        let (token, mark) = self.scanner.peek()?;
        let value = match token {
            Token::BlockEntry if indentless => self.block_sequence(mark, true)?,
            Token::Scalar(..) => match self.scanner.take()?.0 {
                Token::Scalar(text, plain) => scalar(text, plain, tag.as_deref())?,
                _ => Value::Null,
            },
            Token::FlowSequenceStart => self.flow_sequence()?,
            Token::FlowMappingStart => self.flow_mapping()?,
            Token::BlockSequenceStart if block => {
                self.scanner.take()?;
                self.block_sequence(mark, false)?
            }
            Token::BlockMappingStart if block => self.block_mapping()?,
            _ if anchor.is_some() || tag.is_some() => scalar(String::new(), true, tag.as_deref())?,
            _ => return problem(start, mark, "did not find expected node content"),
        };
        if let Some(name) = anchor {
            self.anchors.insert(name, value.clone());
        }
        Ok(value)
    }

    fn alias(&mut self, name: &str) -> Parse<Value> {
        let Some(value) = self.anchors.get(name) else {
            return failure(format!("unknown anchor '{name}' referenced"));
        };
        self.aliased += size(value);
        if self.aliased > MAX_ALIASED {
            return failure("document contains excessive aliasing".to_owned());
        }
        Ok(value.clone())
    }

    fn block_sequence(&mut self, start: Mark, indentless: bool) -> Parse<Value> {
        let mut items = Vec::new();
        loop {
            let (token, mark) = self.scanner.peek()?;
            match token {
                Token::BlockEntry => {
                    self.scanner.take()?;
                    let ends: &[Token] = if indentless {
                        &[Token::BlockEntry, Token::Key, Token::Value, Token::BlockEnd]
                    } else {
                        &[Token::BlockEntry, Token::BlockEnd]
                    };
                    let parent = self.enter_item(items.len(), mark);
                    items.push(self.node_unless(ends, true, false)?);
                    self.path.truncate(parent);
                }
                _ if indentless => return Ok(Value::from(items)),
                Token::BlockEnd => {
                    self.scanner.take()?;
                    return Ok(Value::from(items));
                }
                _ => return problem(start, mark, "did not find expected '-' indicator"),
            }
        }
    }

    fn block_mapping(&mut self) -> Parse<Value> {
        let (_, start) = self.scanner.take()?;
        let mut map = Map::new();
        loop {
            let (token, mark) = self.scanner.peek()?;
            match token {
                Token::Key => {
                    self.scanner.take()?;
                    let ends = [Token::Key, Token::Value, Token::BlockEnd];
                    let (key, plain) = self.key(&ends, true)?;
                    let parent = self.enter_field(&key, mark);
                    let value = if self.peek_is(&[Token::Value])? {
                        self.scanner.take()?;
                        self.node_unless(&ends, true, true)?
                    } else {
                        Value::Null
                    };
                    self.path.truncate(parent);
                    insert(&mut map, key, plain, value)?;
                }
                Token::BlockEnd => {
                    self.scanner.take()?;
                    return Ok(Value::Object(map));
                }
                _ => return problem(start, mark, "did not find expected key"),
            }
        }
    }

    fn flow_sequence(&mut self) -> Parse<Value> {
        let (_, start) = self.scanner.take()?;
        let mut items = Vec::new();
        let mut first = true;
        while !self.peek_is(&[Token::FlowSequenceEnd])? {
            if !first {
                self.flow_entry(start, "did not find expected ',' or ']'")?;
            }
            first = false;
            let (token, mark) = self.scanner.peek()?;
            let is_pair = *token == Token::Key;
            let ended = *token == Token::FlowSequenceEnd;
            let parent = self.enter_item(items.len(), mark);
            if is_pair {
                self.scanner.take()?;
                let ends = [Token::Value, Token::FlowEntry, Token::FlowSequenceEnd];
                let mut map = Map::new();
                let (key, plain) = self.key(&ends, false)?;
                let value = self.flow_value(&[Token::FlowEntry, Token::FlowSequenceEnd])?;
                insert(&mut map, key, plain, value)?;
                items.push(Value::Object(map));
            } else if !ended {
                items.push(self.node(false, false)?);
            }
            self.path.truncate(parent);
        }
        self.scanner.take()?;
        Ok(Value::from(items))
    }

    fn flow_mapping(&mut self) -> Parse<Value> {
        let (_, start) = self.scanner.take()?;
        let mut map = Map::new();
        let mut first = true;
        while !self.peek_is(&[Token::FlowMappingEnd])? {
            if !first {
                self.flow_entry(start, "did not find expected ',' or '}'")?;
            }
            first = false;
            let (token, mark) = self.scanner.peek()?;
            let has_value = *token == Token::Key;
            if has_value {
                self.scanner.take()?;
            } else if *token == Token::FlowMappingEnd {
                continue;
            }
            let (key, plain) = self.key(&[Token::Value, Token::FlowEntry, Token::FlowMappingEnd], false)?;
            let parent = self.enter_field(&key, mark);
            let value = if has_value { self.flow_value(&[Token::FlowEntry, Token::FlowMappingEnd])? } else { Value::Null };
            self.path.truncate(parent);
            insert(&mut map, key, plain, value)?;
        }
        self.scanner.take()?;
        Ok(Value::Object(map))
    }

    fn flow_entry(&mut self, start: Mark, text: &str) -> Parse<()> {
        let (token, mark) = self.scanner.peek()?;
        if *token != Token::FlowEntry {
            return problem(start, mark, text);
        }
        self.scanner.take()?;
        Ok(())
    }

    fn flow_value(&mut self, ends: &[Token]) -> Parse<Value> {
        if !self.peek_is(&[Token::Value])? {
            return Ok(Value::Null);
        }
        self.scanner.take()?;
        self.node_unless(ends, false, false)
    }

    /// A key as text, and whether it is a merge key (`<<` without quotes).
    fn key(&mut self, ends: &[Token], block: bool) -> Parse<(String, bool)> {
        let merge = matches!(self.scanner.peek()?.0, Token::Scalar(text, true) if text == "<<");
        // Lines of fields inside a key mean nothing.
        let known = self.lines.len();
        let value = self.node_unless(ends, block, block)?;
        self.lines.truncate(known);
        let text = match value {
            Value::String(text) => text.into(),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Null => return failure("unsupported map key of type: %!s(<nil>), key: <nil>".to_owned()),
            Value::Array(_) => return failure("invalid map key: []interface {}".to_owned()),
            Value::Object(_) => return failure("invalid map key: map[interface {}]interface {}".to_owned()),
        };
        Ok((text, merge))
    }

    fn enter_field(&mut self, key: &str, mark: Mark) -> usize {
        let parent = self.path.len();
        if parent > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        self.lines.push((self.path.clone(), mark.line + 1));
        parent
    }

    fn enter_item(&mut self, index: usize, mark: Mark) -> usize {
        let parent = self.path.len();
        self.path.push_str(&format!("[{index}]"));
        self.lines.push((self.path.clone(), mark.line + 1));
        parent
    }
}

/// Sets a key, the last of equal ones winning; a merge key brings in the keys of other maps.
fn insert(map: &mut Map, key: String, merge: bool, value: Value) -> Parse<()> {
    if !merge {
        map.insert(key, value);
        return Ok(());
    }
    let sources = match value {
        Value::Object(_) => vec![value],
        // Earlier maps of a list come before later ones.
        Value::Array(items) if items.iter().all(Value::is_object) => items.into_iter().rev().collect(),
        _ => return failure("map merge requires map or sequence of maps as the value".to_owned()),
    };
    for source in sources {
        if let Value::Object(source) = source {
            map.extend(source);
        }
    }
    Ok(())
}

fn scalar(text: String, plain: bool, tag: Option<&str>) -> Parse<Value> {
    let resolves = match tag {
        None | Some("!") => plain && tag.is_none(),
        Some("!!int" | "!!float" | "!!bool" | "!!null") => true,
        Some(_) => false,
    };
    if !resolves {
        return Ok(Value::from(text));
    }
    match resolve(&text) {
        Resolved::Null => Ok(Value::Null),
        Resolved::Bool(flag) => Ok(Value::Bool(flag)),
        Resolved::Number(number) => Ok(number),
        Resolved::NotFinite(name) => failure(format!("json: unsupported value: {name}")),
        Resolved::Timestamp | Resolved::Merge | Resolved::Text => Ok(Value::from(text)),
    }
}
