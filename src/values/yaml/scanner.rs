//! YAML tokens. Models go.yaml.in/yaml/v2 scannerc.go (libyaml's scanner), with its error texts, since kubectl shows them.

use std::collections::VecDeque;

/// A place in the text; line and column from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    pub index: usize,
    pub line: usize,
    pub column: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    StreamEnd,
    Directive,
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(String),
    Anchor(String),
    Tag(String),
    /// The text, and whether it stood without quotes.
    Scalar(String, bool),
}

/// go-yaml's `yaml: line N: problem`.
pub(super) struct Problem {
    pub line: usize,
    pub text: String,
}

/// Deeper nesting than this is refused, so that no manifest exhausts the stack.
pub(super) const MAX_DEPTH: usize = 200;
/// How far a `:` may be from the start of its key.
const MAX_KEY_LENGTH: usize = 1024;

#[derive(Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token_number: usize,
    mark: Mark,
}

pub(super) struct Scanner {
    chars: Vec<char>,
    pub(super) mark: Mark,
    tokens: VecDeque<(Token, Mark)>,
    taken: usize,
    ended: bool,
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) simple_key_allowed: bool,
    simple_keys: Vec<SimpleKey>,
}

pub(super) type Scan<T> = Result<T, Problem>;

pub(super) fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

pub(super) fn is_blankz(c: char) -> bool {
    c == '\0' || is_blank(c) || is_break(c)
}

impl Scanner {
    pub fn new(text: &str) -> Scanner {
        Scanner {
            chars: text.chars().collect(),
            mark: Mark::default(),
            tokens: VecDeque::new(),
            taken: 0,
            ended: false,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
        }
    }

    /// The next token and where it begins, left in place.
    pub fn peek(&mut self) -> Scan<(&Token, Mark)> {
        while self.needs_more()? {
            self.fetch()?;
        }
        let (token, mark) = self.tokens.front().expect("a token was fetched, or the stream end stays");
        Ok((token, *mark))
    }

    /// Takes the token that `peek` showed; the stream end stays.
    pub fn take(&mut self) -> Scan<(Token, Mark)> {
        self.peek()?;
        if self.tokens.len() == 1 && self.ended {
            return Ok((Token::StreamEnd, self.mark));
        }
        self.taken += 1;
        Ok(self.tokens.pop_front().expect("peeked"))
    }

    fn needs_more(&mut self) -> Scan<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.tokens.is_empty() {
            return Ok(true);
        }
        for index in 0..self.simple_keys.len() {
            if self.simple_keys[index].possible && self.simple_keys[index].token_number == self.taken {
                return self.key_is_valid(index);
            }
        }
        Ok(false)
    }

    pub(super) fn at(&self, ahead: usize) -> char {
        self.chars.get(self.mark.index + ahead).copied().unwrap_or('\0')
    }

    pub(super) fn at_end(&self) -> bool {
        self.mark.index >= self.chars.len()
    }

    pub(super) fn skip(&mut self) {
        self.mark.index += 1;
        self.mark.column += 1;
    }

    pub(super) fn read(&mut self, into: &mut String) {
        into.push(self.at(0));
        self.skip();
    }

    pub(super) fn skip_line(&mut self) {
        self.mark.index += if self.at(0) == '\r' && self.at(1) == '\n' { 2 } else { 1 };
        self.mark.line += 1;
        self.mark.column = 0;
    }

    pub(super) fn read_line(&mut self, into: &mut String) {
        into.push(if matches!(self.at(0), '\u{2028}' | '\u{2029}') { self.at(0) } else { '\n' });
        self.skip_line();
    }

    /// Scanner errors are reported at the current line, unless that is the first, then at the context's.
    pub(super) fn problem<T>(&self, context: Mark, text: &str) -> Scan<T> {
        let line = if self.mark.line != 0 { self.mark.line + 1 } else { context.line };
        Err(Problem { line, text: text.to_owned() })
    }

    pub(super) fn push(&mut self, token: Token, mark: Mark) {
        self.tokens.push_back((token, mark));
    }

    pub(super) fn in_flow(&self) -> bool {
        self.simple_keys.len() > 1
    }

    fn key_is_valid(&mut self, index: usize) -> Scan<bool> {
        let key = self.simple_keys[index];
        if !key.possible {
            return Ok(false);
        }
        if key.mark.line < self.mark.line || key.mark.index + MAX_KEY_LENGTH < self.mark.index {
            if key.required {
                return self.problem(key.mark, "could not find expected ':'");
            }
            self.simple_keys[index].possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    fn save_simple_key(&mut self) -> Scan<()> {
        let required = !self.in_flow() && self.indent == self.mark.column as isize;
        if self.simple_key_allowed {
            self.remove_simple_key()?;
            let key = SimpleKey { possible: true, required, token_number: self.taken + self.tokens.len(), mark: self.mark };
            *self.simple_keys.last_mut().expect("one per level") = key;
        }
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Scan<()> {
        let key = *self.simple_keys.last().expect("one per level");
        if key.possible && key.required {
            return self.problem(key.mark, "could not find expected ':'");
        }
        self.simple_keys.last_mut().expect("one per level").possible = false;
        Ok(())
    }

    fn roll_indent(&mut self, column: usize, number: Option<usize>, token: Token, mark: Mark) -> Scan<()> {
        if self.in_flow() || self.indent >= column as isize {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column as isize;
        if self.indents.len() > MAX_DEPTH {
            return self.problem(mark, &format!("exceeded max depth of {MAX_DEPTH}"));
        }
        match number {
            Some(number) => self.tokens.insert(number - self.taken, (token, mark)),
            None => self.push(token, mark),
        }
        Ok(())
    }

    fn unroll_indent(&mut self, column: isize) {
        if self.in_flow() {
            return;
        }
        while self.indent > column {
            self.push(Token::BlockEnd, self.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    pub(super) fn at_document_indicator(&self) -> bool {
        let first = self.at(0);
        self.mark.column == 0 && (first == '-' || first == '.') && self.at(1) == first && self.at(2) == first && is_blankz(self.at(3))
    }

    fn fetch(&mut self) -> Scan<()> {
        self.skip_to_token();
        self.unroll_indent(self.mark.column as isize);
        let mark = self.mark;
        if self.at_end() {
            return self.end();
        }
        let (c, next) = (self.at(0), self.at(1));
        if mark.column == 0 && c == '%' {
            self.unroll_indent(-1);
            self.remove_simple_key()?;
            while !self.at_end() && !is_break(self.at(0)) {
                self.skip();
            }
            self.push(Token::Directive, mark);
            return Ok(());
        }
        if self.at_document_indicator() {
            self.unroll_indent(-1);
            self.remove_simple_key()?;
            self.simple_key_allowed = false;
            self.mark.index += 3;
            self.mark.column += 3;
            self.push(if c == '-' { Token::DocumentStart } else { Token::DocumentEnd }, mark);
            return Ok(());
        }
        let flow = self.in_flow();
        match c {
            '[' => self.open_flow(Token::FlowSequenceStart),
            '{' => self.open_flow(Token::FlowMappingStart),
            ']' => self.close_flow(Token::FlowSequenceEnd),
            '}' => self.close_flow(Token::FlowMappingEnd),
            ',' => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.skip();
                self.push(Token::FlowEntry, mark);
                Ok(())
            }
            '-' if is_blankz(next) => self.block_entry(),
            '?' if flow || is_blankz(next) => self.explicit_key(),
            ':' if flow || is_blankz(next) => self.value(),
            '*' | '&' => self.anchor(c == '*'),
            '!' => self.tag(),
            '|' | '>' if !flow => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.block_scalar(c == '|')
            }
            '\'' | '"' => {
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                self.quoted_scalar(c == '\'')
            }
            _ => {
                let plain = !"-?:,[]{}#&*!|>'\"%@`".contains(c) && !is_blankz(c)
                    || c == '-' && !is_blank(next)
                    || !flow && (c == '?' || c == ':') && !is_blankz(next);
                if !plain {
                    return self.problem(mark, "found character that cannot start any token");
                }
                self.save_simple_key()?;
                self.simple_key_allowed = false;
                self.plain_scalar()
            }
        }
    }

    fn end(&mut self) -> Scan<()> {
        if self.mark.column != 0 {
            self.mark.column = 0;
            self.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.ended = true;
        self.push(Token::StreamEnd, self.mark);
        Ok(())
    }

    fn skip_to_token(&mut self) {
        loop {
            if self.mark.index == 0 && self.at(0) == '\u{feff}' {
                self.skip();
            }
            while self.at(0) == ' ' || self.at(0) == '\t' && (self.in_flow() || !self.simple_key_allowed) {
                self.skip();
            }
            if self.at(0) == '#' {
                while !self.at_end() && !is_break(self.at(0)) {
                    self.skip();
                }
            }
            if !is_break(self.at(0)) {
                return;
            }
            self.skip_line();
            if !self.in_flow() {
                self.simple_key_allowed = true;
            }
        }
    }

    fn open_flow(&mut self, token: Token) -> Scan<()> {
        self.save_simple_key()?;
        self.simple_keys.push(SimpleKey::default());
        if self.simple_keys.len() > MAX_DEPTH {
            return self.problem(self.mark, &format!("exceeded max depth of {MAX_DEPTH}"));
        }
        self.simple_key_allowed = true;
        self.push(token, self.mark);
        self.skip();
        Ok(())
    }

    fn close_flow(&mut self, token: Token) -> Scan<()> {
        self.remove_simple_key()?;
        if self.in_flow() {
            self.simple_keys.pop();
        }
        self.simple_key_allowed = false;
        self.push(token, self.mark);
        self.skip();
        Ok(())
    }

    fn block_entry(&mut self) -> Scan<()> {
        let mark = self.mark;
        if !self.in_flow() {
            if !self.simple_key_allowed {
                return self.problem(mark, "block sequence entries are not allowed in this context");
            }
            self.roll_indent(mark.column, None, Token::BlockSequenceStart, mark)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.skip();
        self.push(Token::BlockEntry, mark);
        Ok(())
    }

    fn explicit_key(&mut self) -> Scan<()> {
        let mark = self.mark;
        if !self.in_flow() {
            if !self.simple_key_allowed {
                return self.problem(mark, "mapping keys are not allowed in this context");
            }
            self.roll_indent(mark.column, None, Token::BlockMappingStart, mark)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = !self.in_flow();
        self.skip();
        self.push(Token::Key, mark);
        Ok(())
    }

    fn value(&mut self) -> Scan<()> {
        let mark = self.mark;
        let last = self.simple_keys.len() - 1;
        if self.key_is_valid(last)? {
            let key = self.simple_keys[last];
            self.tokens.insert(key.token_number - self.taken, (Token::Key, key.mark));
            self.roll_indent(key.mark.column, Some(key.token_number), Token::BlockMappingStart, key.mark)?;
            self.simple_keys[last].possible = false;
            self.simple_key_allowed = false;
        } else {
            if !self.in_flow() {
                if !self.simple_key_allowed {
                    return self.problem(mark, "mapping values are not allowed in this context");
                }
                self.roll_indent(mark.column, None, Token::BlockMappingStart, mark)?;
            }
            self.simple_key_allowed = !self.in_flow();
        }
        self.skip();
        self.push(Token::Value, mark);
        Ok(())
    }

    fn anchor(&mut self, alias: bool) -> Scan<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        self.skip();
        let mut name = String::new();
        while self.at(0).is_ascii_alphanumeric() || self.at(0) == '_' || self.at(0) == '-' {
            self.read(&mut name);
        }
        if name.is_empty() || !(is_blankz(self.at(0)) || "?:,]}%@`".contains(self.at(0))) {
            return self.problem(start, "did not find expected alphabetic or numeric character");
        }
        self.push(if alias { Token::Alias(name) } else { Token::Anchor(name) }, start);
        Ok(())
    }

    fn tag(&mut self) -> Scan<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        let mut tag = String::new();
        while !(is_blankz(self.at(0)) || self.in_flow() && ",]}".contains(self.at(0))) {
            self.read(&mut tag);
        }
        if !is_blankz(self.at(0)) && !self.in_flow() {
            return self.problem(start, "did not find expected whitespace or line break");
        }
        self.push(Token::Tag(tag), start);
        Ok(())
    }
}
