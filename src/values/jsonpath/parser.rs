//! Template text -> nodes. Models client-go/util/jsonpath parser.go.

/// Part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    Text(String),
    /// What stands between two braces, or in a filter.
    List(Vec<Node>),
    Field(String),
    /// Start, end, step of a slice.
    Array([Param; 3]),
    Filter {
        left: Vec<Node>,
        right: Vec<Node>,
        operator: String,
    },
    Int(i64),
    Float(f64),
    Bool(bool),
    Wildcard,
    Recursive,
    Union(Vec<Vec<Node>>),
    Identifier(String),
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Param {
    pub value: i64,
    pub known: bool,
    /// The end of a plain index: its start plus one.
    pub derived: bool,
}

/// Unions and filters within each other deeper than this are refused.
const MAX_DEPTH: usize = 50;

pub(super) fn parse(text: &str) -> Result<Vec<Node>, String> {
    parse_at(text, 0)
}

fn parse_at(text: &str, depth: usize) -> Result<Vec<Node>, String> {
    if depth > MAX_DEPTH {
        return Err("template is nested too deeply".to_owned());
    }
    let mut parser = Parser { chars: text.chars().collect(), position: 0, start: 0, depth };
    let mut root = Vec::new();
    loop {
        parser.text(&mut root);
        if parser.peek().is_none() {
            return Ok(root);
        }
        parser.position += 1;
        parser.consume();
        let mut nodes = Vec::new();
        parser.inside_action(&mut nodes)?;
        root.push(Node::List(nodes));
    }
}

/// The nodes of an expression without its braces.
fn parse_action(text: &str, depth: usize) -> Result<Vec<Node>, String> {
    match parse_at(&format!("{{{text}}}"), depth + 1)?.into_iter().next() {
        Some(Node::List(nodes)) => Ok(nodes),
        _ => Ok(Vec::new()),
    }
}

struct Parser {
    chars: Vec<char>,
    position: usize,
    start: usize,
    depth: usize,
}

fn is_terminator(c: char) -> bool {
    c.is_whitespace() && matches!(c, ' ' | '\t' | '\r' | '\n') || matches!(c, '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}')
}

fn is_word(c: char) -> bool {
    c == '_' || c.is_alphabetic() || c.is_numeric()
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.position).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.position += 1;
        Some(c)
    }

    fn consume(&mut self) -> String {
        let text = self.chars[self.start..self.position].iter().collect();
        self.start = self.position;
        text
    }

    fn follows(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, c)| self.chars.get(self.position + ahead) == Some(&c))
    }

    fn text(&mut self, into: &mut Vec<Node>) {
        while self.peek().is_some_and(|c| c != '{') {
            self.position += 1;
        }
        if self.position > self.start {
            into.push(Node::Text(self.consume()));
        }
    }

    /// Reads up to and with the closing brace.
    fn inside_action(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        loop {
            if self.follows("}") {
                self.position += 1;
                self.consume();
                return Ok(());
            }
            if self.follows("[?(") {
                self.filter(nodes)?;
                continue;
            }
            if self.follows("..") {
                self.recursive(nodes)?;
                continue;
            }
            match self.next() {
                None | Some('\r' | '\n') => return Err("unclosed action".to_owned()),
                Some(' ' | '@' | '$') => {
                    self.consume();
                }
                Some('[') => self.array(nodes)?,
                Some(quote @ ('"' | '\'')) => self.quote(nodes, quote)?,
                Some('.') => self.field(nodes),
                Some(c) if c == '+' || c == '-' || c.is_ascii_digit() => {
                    self.position -= 1;
                    self.number(nodes)?;
                }
                Some(c) if is_word(c) => {
                    self.position -= 1;
                    self.identifier(nodes);
                }
                Some(c) => return Err(format!("unrecognized character in action: U+{:04X} '{c}'", c as u32)),
            }
        }
    }

    fn identifier(&mut self, nodes: &mut Vec<Node>) {
        while self.peek().is_some_and(|c| !is_terminator(c)) {
            self.position += 1;
        }
        let name = self.consume();
        nodes.push(match name.as_str() {
            "true" => Node::Bool(true),
            "false" => Node::Bool(false),
            _ => Node::Identifier(name),
        });
    }

    fn recursive(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        if nodes.last() == Some(&Node::Recursive) {
            return Err("invalid multiple recursive descent".to_owned());
        }
        self.position += 2;
        self.consume();
        nodes.push(Node::Recursive);
        if self.peek().is_some_and(is_word) {
            self.field(nodes);
        }
        Ok(())
    }

    fn number(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        if matches!(self.peek(), Some('+' | '-')) {
            self.position += 1;
        }
        while self.peek().is_some_and(|c| c == '.' || c.is_ascii_digit()) {
            self.position += 1;
        }
        let text = self.consume();
        if let Ok(number) = text.parse::<i64>() {
            nodes.push(Node::Int(number));
        } else if let Ok(number) = text.parse::<f64>() {
            nodes.push(Node::Float(number));
        } else {
            return Err(format!("cannot parse number {text}"));
        }
        Ok(())
    }

    fn array(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated array".to_owned()),
                Some(']') => break,
                Some(_) => {}
            }
        }
        let text = self.consume();
        let text = match &text[1..text.len() - 1] {
            "*" => ":",
            text => text,
        };
        if text.contains(',') {
            let parts: Result<Vec<_>, _> = text.split(',').map(|part| parse_action(&format!("[{}]", part.trim_matches(' ')), self.depth)).collect();
            nodes.push(Node::Union(parts?));
            return Ok(());
        }
        let key = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).filter(|key| !key.contains('\''));
        if let Some(key) = key {
            nodes.extend(parse_action(&format!(".{key}"), self.depth)?);
            return Ok(());
        }
        nodes.push(Node::Array(slice(text)?));
        Ok(())
    }

    fn filter(&mut self, nodes: &mut Vec<Node>) -> Result<(), String> {
        self.position += 3;
        self.consume();
        let (mut begin, mut end, mut pair) = (false, false, ' ');
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated filter".to_owned()),
                Some(c @ ('"' | '\'')) => {
                    if !begin {
                        (begin, pair) = (true, c);
                    } else if self.chars[self.position - 2] != '\\' && c == pair {
                        end = true;
                    }
                }
                Some(')') if begin == end => break,
                Some(_) => {}
            }
        }
        if self.next() != Some(']') {
            return Err("unclosed array expect ]".to_owned());
        }
        let text = self.consume();
        let text = &text[..text.len() - 2];
        let is_sign = |c: char| "!<>=".contains(c);
        let parts = text.find(is_sign).filter(|at| *at > 0).and_then(|at| {
            let (left, rest) = text.split_at(at);
            // The sign may not take the last character: something must be left to compare with.
            let length = rest.find(|c| !is_sign(c)).unwrap_or(rest.len() - 1);
            (length > 0).then(|| (left, &rest[..length], &rest[length..]))
        });
        nodes.push(match parts {
            None => Node::Filter { left: parse_action(text, self.depth)?, right: Vec::new(), operator: "exists".to_owned() },
            Some((left, operator, right)) => {
                Node::Filter { left: parse_action(left, self.depth)?, right: parse_action(right, self.depth)?, operator: operator.to_owned() }
            }
        });
        Ok(())
    }

    fn quote(&mut self, nodes: &mut Vec<Node>, end: char) -> Result<(), String> {
        loop {
            match self.next() {
                None | Some('\n') => return Err("unterminated quoted string".to_owned()),
                Some(c) if c == end && self.chars[self.position - 2] != '\\' => break,
                Some(_) => {}
            }
        }
        let text = self.consume();
        let inner = unquote(&text[1..text.len() - 1]).ok_or_else(|| format!("unquote string {text} error invalid syntax"))?;
        nodes.push(Node::Text(inner));
        Ok(())
    }

    fn field(&mut self, nodes: &mut Vec<Node>) {
        self.consume();
        while let Some(c) = self.peek() {
            if c == '\\' {
                self.position += 1;
            } else if is_terminator(c) {
                break;
            }
            self.position = (self.position + 1).min(self.chars.len());
        }
        let name = self.consume();
        // Behind `..` the dot was consumed already; behind a single dot it was consumed before the name.
        nodes.push(if name == "*" { Node::Wildcard } else { Node::Field(name.replace('\\', "")) });
    }
}

/// `start:end:step`, each of which may be missing.
fn slice(text: &str) -> Result<[Param; 3], String> {
    let parts: Vec<&str> = text.split(':').collect();
    let is_index = |part: &&str| part.strip_prefix('-').unwrap_or(part).bytes().all(|c| c.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(is_index) {
        return Err(format!("invalid array index {text}"));
    }
    let mut params = [Param::default(); 3];
    for (index, param) in params.iter_mut().enumerate() {
        if let Some(part) = parts.get(index).filter(|part| !part.is_empty()) {
            param.value = part.parse().map_err(|_| format!("array index {part} is not a number"))?;
            param.known = true;
        }
    }
    if parts.len() < 2 {
        params[1] = Param { value: params[0].value + 1, known: true, derived: true };
    }
    Ok(params)
}

/// Models UnquoteExtend: Go's escapes within either quote.
fn unquote(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let code = |chars: &mut std::str::Chars, digits: usize| -> Option<char> {
            let text: String = chars.take(digits).collect();
            char::from_u32(u32::from_str_radix(&text, 16).ok()?)
        };
        out.push(match chars.next()? {
            'a' => '\x07',
            'b' => '\x08',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            'x' => code(&mut chars, 2)?,
            'u' => code(&mut chars, 4)?,
            'U' => code(&mut chars, 8)?,
            c @ ('\\' | '\'' | '"') => c,
            c @ '0'..='7' => {
                let rest: String = chars.by_ref().take(2).collect();
                char::from_u32(u32::from_str_radix(&format!("{c}{rest}"), 8).ok()?)?
            }
            _ => return None,
        });
    }
    Some(out)
}
