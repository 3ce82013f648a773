//! The grammar of awk: text to a program tree.

use crate::machine::programs::lib::regex;
use regex_lite::Regex;
use std::collections::BTreeMap;

/// How deep expressions and blocks may nest.
const DEPTH_MAX: usize = 60;

#[derive(Clone, Debug)]
pub enum Expr {
    Number(f64),
    Text(String),
    Regex(Regex),
    Variable(String),
    Index(String, Vec<Expr>),
    Field(Box<Expr>),
    /// `=`, or the operator of `+=` and its kind.
    Assign(char, Box<Expr>, Box<Expr>),
    Condition(Box<Expr>, Box<Expr>, Box<Expr>),
    Binary(&'static str, Box<Expr>, Box<Expr>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Positive(Box<Expr>),
    /// By how much, and whether the old value counts.
    Step(f64, bool, Box<Expr>),
    Match(bool, Box<Expr>, Box<Expr>),
    In(Vec<Expr>, String),
    Call(String, Vec<Expr>),
    /// Where to, and from which file.
    Getline(Option<Box<Expr>>, Option<Box<Expr>>),
    /// `COMMAND | getline`: where to, and the command.
    CommandGetline(Option<Box<Expr>>, Box<Expr>),
    Grouping(Vec<Expr>),
}

#[derive(Clone, Debug)]
pub enum Statement {
    Expression(Expr),
    /// The values, the format where it is printf, and `>`, `a` (append) or `|` with its target.
    Print {
        formatted: bool,
        values: Vec<Expr>,
        redirect: Option<(char, Expr)>,
    },
    If(Expr, Box<Statement>, Option<Box<Statement>>),
    While(Expr, Box<Statement>),
    DoWhile(Box<Statement>, Expr),
    For(Option<Box<Statement>>, Option<Expr>, Option<Box<Statement>>, Box<Statement>),
    ForIn(String, String, Box<Statement>),
    Block(Vec<Statement>),
    Next,
    Exit(Option<Expr>),
    Return(Option<Expr>),
    Break,
    Continue,
    Delete(String, Option<Vec<Expr>>),
}

#[derive(Clone, Debug)]
pub enum Pattern {
    Begin,
    End,
    Always,
    When(Expr),
    Range(Expr, Expr),
}

#[derive(Clone, Debug)]
pub struct Function {
    pub parameters: Vec<String>,
    pub body: Statement,
}

#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Without an action the record is printed.
    pub rules: Vec<(Pattern, Option<Statement>)>,
    pub functions: BTreeMap<String, Function>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Regex(String),
    Name(String),
    /// A name with `(` right behind it.
    FunctionName(String),
    Word(&'static str),
    Operator(&'static str),
    Newline,
    End,
}

const WORDS: &[&str] = &[
    "BEGIN", "END", "break", "continue", "delete", "do", "else", "exit", "for", "func", "function", "getline", "if", "in", "next", "print", "printf",
    "return", "while",
];

/// Longer operators first.
const OPERATORS: &[&str] = &[
    "**=", "&&", "||", "==", "<=", ">=", "!=", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "!~", ">>", "**", "{", "}", "(", ")", "[", "]", ";",
    ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$", "=",
];

/// The functions that awk itself has.
pub const FUNCTIONS: &[&str] = &[
    "atan2", "close", "cos", "exp", "fflush", "gensub", "gsub", "index", "int", "length", "log", "match", "rand", "sin", "split", "sprintf", "sqrt",
    "srand", "strftime", "sub", "substr", "system", "systime", "tolower", "toupper",
];

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let chars: Vec<char> = text.chars().collect();
    let (mut tokens, mut at): (Vec<Token>, usize) = (Vec::new(), 0);
    while let Some(c) = chars.get(at).copied() {
        match c {
            '\n' => {
                tokens.push(Token::Newline);
                at += 1;
            }
            '\\' if chars.get(at + 1) == Some(&'\n') => at += 2,
            _ if c.is_whitespace() => at += 1,
            '#' => {
                while chars.get(at).is_some_and(|c| *c != '\n') {
                    at += 1;
                }
            }
            '"' => {
                let (text, end) = quoted(&chars, at + 1)?;
                tokens.push(Token::Text(text));
                at = end;
            }
            '/' if regex_may_stand_after(tokens.last()) => {
                let (text, end) = slashed(&chars, at + 1)?;
                tokens.push(Token::Regex(text));
                at = end;
            }
            _ if c.is_ascii_digit() || (c == '.' && chars.get(at + 1).is_some_and(char::is_ascii_digit)) => {
                let start = at;
                while chars.get(at).is_some_and(|c| c.is_ascii_digit() || *c == '.') {
                    at += 1;
                }
                if matches!(chars.get(at), Some('e' | 'E')) {
                    let sign = usize::from(matches!(chars.get(at + 1), Some('+' | '-')));
                    if chars.get(at + 1 + sign).is_some_and(char::is_ascii_digit) {
                        at += 1 + sign;
                        while chars.get(at).is_some_and(char::is_ascii_digit) {
                            at += 1;
                        }
                    }
                }
                tokens.push(Token::Number(chars[start..at].iter().collect::<String>().parse().unwrap_or(0.0)));
            }
            _ if c.is_ascii_alphabetic() || c == '_' => {
                let start = at;
                while chars.get(at).is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_') {
                    at += 1;
                }
                let name: String = chars[start..at].iter().collect();
                tokens.push(match WORDS.iter().find(|word| **word == name) {
                    Some(word) => Token::Word(word),
                    None if chars.get(at) == Some(&'(') => Token::FunctionName(name),
                    None => Token::Name(name),
                });
            }
            _ => {
                let rest: String = chars[at..chars.len().min(at + 3)].iter().collect();
                let operator = OPERATORS.iter().find(|operator| rest.starts_with(**operator)).ok_or("Unexpected token")?;
                tokens.push(Token::Operator(operator));
                at += operator.len();
            }
        }
    }
    tokens.push(Token::Newline);
    tokens.push(Token::End);
    Ok(tokens)
}

fn regex_may_stand_after(last: Option<&Token>) -> bool {
    match last {
        Some(Token::Number(_) | Token::Text(_) | Token::Regex(_) | Token::Name(_)) => false,
        Some(Token::Operator(operator)) => !matches!(*operator, ")" | "]" | "$" | "++" | "--"),
        _ => true,
    }
}

fn quoted(chars: &[char], mut at: usize) -> Result<(String, usize), String> {
    let mut text = String::new();
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        match c {
            '"' => return Ok((text, at)),
            '\n' => break,
            '\\' => {
                let next = chars.get(at).copied().unwrap_or('\\');
                at += 1;
                match next {
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    'a' => text.push('\u{7}'),
                    'b' => text.push('\u{8}'),
                    'f' => text.push('\u{c}'),
                    'v' => text.push('\u{b}'),
                    '"' | '\\' | '/' => text.push(next),
                    '0'..='7' => {
                        let mut value = next.to_digit(8).unwrap_or(0);
                        while let Some(digit) = chars.get(at).and_then(|c| c.to_digit(8)).filter(|_| value < 64) {
                            value = value * 8 + digit;
                            at += 1;
                        }
                        text.extend(char::from_u32(value));
                    }
                    _ => text.extend(['\\', next]),
                }
            }
            _ => text.push(c),
        }
    }
    Err("Unexpected end of string".to_owned())
}

fn slashed(chars: &[char], mut at: usize) -> Result<(String, usize), String> {
    let (mut text, mut bracket) = (String::new(), false);
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        match c {
            '\\' => {
                let next = chars.get(at).copied().unwrap_or('\\');
                at += 1;
                if next != '/' {
                    text.push('\\');
                }
                text.push(next);
            }
            '[' => {
                bracket = true;
                text.push(c);
            }
            ']' => {
                bracket = false;
                text.push(c);
            }
            '/' if !bracket => return Ok((text, at)),
            '\n' => break,
            _ => text.push(c),
        }
    }
    Err("Unexpected end of regexp".to_owned())
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// `>` is a redirection.
    no_greater: bool,
    functions: BTreeMap<String, Function>,
}

/// Reads a program.
/// # Errors
/// What is wrong, in busybox' words.
pub fn parse(text: &str) -> Result<Program, String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, no_greater: false, functions: BTreeMap::new() };
    let mut rules = Vec::new();
    loop {
        parser.skip_ends();
        if parser.peek() == &Token::End {
            return Ok(Program { rules, functions: parser.functions });
        }
        if let Some(rule) = parser.item()? {
            rules.push(rule);
        }
    }
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.at).unwrap_or(&Token::End)
    }

    fn is(&self, operator: &str) -> bool {
        matches!(self.peek(), Token::Operator(found) if *found == operator)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(found) if *found == word)
    }

    fn take(&mut self, operator: &str) -> bool {
        let found = self.is(operator);
        self.at += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, operator: &str) -> Result<(), String> {
        if self.take(operator) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn unexpected(&self) -> String {
        "Unexpected token".to_owned()
    }

    fn skip_newlines(&mut self) {
        while self.peek() == &Token::Newline {
            self.at += 1;
        }
    }

    fn skip_ends(&mut self) {
        while self.peek() == &Token::Newline || self.is(";") {
            self.at += 1;
        }
    }

    fn name(&mut self) -> Result<String, String> {
        match self.peek().clone() {
            Token::Name(name) | Token::FunctionName(name) => {
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.unexpected()),
        }
    }

    fn item(&mut self) -> Result<Option<(Pattern, Option<Statement>)>, String> {
        if self.take_word("function") || self.take_word("func") {
            let name = self.name()?;
            self.expect("(")?;
            let mut parameters = Vec::new();
            while !self.take(")") {
                parameters.push(self.name()?);
                self.take(",");
                self.skip_newlines();
            }
            self.skip_newlines();
            let body = self.block()?;
            self.functions.insert(name, Function { parameters, body });
            return Ok(None);
        }
        let pattern = if self.take_word("BEGIN") {
            Pattern::Begin
        } else if self.take_word("END") {
            Pattern::End
        } else if self.is("{") {
            Pattern::Always
        } else {
            let first = self.expression()?;
            if self.take(",") {
                self.skip_newlines();
                Pattern::Range(first, self.expression()?)
            } else {
                Pattern::When(first)
            }
        };
        let action = if self.is("{") { Some(self.block()?) } else { None };
        if action.is_none() && matches!(pattern, Pattern::Begin | Pattern::End) {
            return Err(self.unexpected());
        }
        Ok(Some((pattern, action)))
    }

    fn block(&mut self) -> Result<Statement, String> {
        self.expect("{")?;
        let mut statements = Vec::new();
        loop {
            self.skip_ends();
            if self.take("}") {
                return Ok(Statement::Block(statements));
            }
            statements.push(self.statement()?);
        }
    }

    fn end_of_statement(&mut self) -> Result<(), String> {
        if self.take(";") || self.is("}") {
            return Ok(());
        }
        match self.peek() {
            Token::Newline => {
                self.at += 1;
                Ok(())
            }
            Token::End => Ok(()),
            _ => Err(self.unexpected()),
        }
    }

    /// The statement that a condition or loop governs.
    fn governed(&mut self) -> Result<Box<Statement>, String> {
        self.skip_newlines();
        if self.take(";") {
            return Ok(Box::new(Statement::Block(Vec::new())));
        }
        Ok(Box::new(self.statement()?))
    }

    fn statement(&mut self) -> Result<Statement, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("not simulated here: a program nested this deep".to_owned());
        }
        let statement = self.statement_inside();
        self.depth -= 1;
        statement
    }

    fn statement_inside(&mut self) -> Result<Statement, String> {
        if self.is("{") {
            return self.block();
        }
        let Token::Word(word) = *self.peek() else {
            let statement = self.simple()?;
            self.end_of_statement()?;
            return Ok(statement);
        };
        match word {
            "if" => {
                self.at += 1;
                let condition = self.in_parentheses()?;
                let then = self.governed()?;
                let before = self.at;
                self.skip_ends();
                let otherwise = if self.take_word("else") { Some(self.governed()?) } else { None };
                if otherwise.is_none() {
                    self.at = before;
                }
                Ok(Statement::If(condition, then, otherwise))
            }
            "while" => {
                self.at += 1;
                let condition = self.in_parentheses()?;
                Ok(Statement::While(condition, self.governed()?))
            }
            "do" => {
                self.at += 1;
                let body = self.governed()?;
                self.skip_ends();
                if !self.take_word("while") {
                    return Err(self.unexpected());
                }
                let condition = self.in_parentheses()?;
                self.end_of_statement()?;
                Ok(Statement::DoWhile(body, condition))
            }
            "for" => {
                self.at += 1;
                self.for_loop()
            }
            _ => {
                let statement = self.simple()?;
                self.end_of_statement()?;
                Ok(statement)
            }
        }
    }

    fn in_parentheses(&mut self) -> Result<Expr, String> {
        self.expect("(")?;
        let inner = self.expression()?;
        self.expect(")")?;
        Ok(inner)
    }

    fn for_loop(&mut self) -> Result<Statement, String> {
        self.expect("(")?;
        if let (Token::Name(variable), Some(Token::Word("in")), Some(Token::Name(array))) =
            (self.peek().clone(), self.tokens.get(self.at + 1), self.tokens.get(self.at + 2).cloned())
            && self.tokens.get(self.at + 3) == Some(&Token::Operator(")"))
        {
            self.at += 4;
            return Ok(Statement::ForIn(variable, array, self.governed()?));
        }
        let first = if self.is(";") { None } else { Some(Box::new(self.simple()?)) };
        self.expect(";")?;
        self.skip_newlines();
        let condition = if self.is(";") { None } else { Some(self.expression()?) };
        self.expect(";")?;
        self.skip_newlines();
        let step = if self.is(")") { None } else { Some(Box::new(self.simple()?)) };
        self.expect(")")?;
        Ok(Statement::For(first, condition, step, self.governed()?))
    }

    fn at_end_of_statement(&self) -> bool {
        matches!(self.peek(), Token::Newline | Token::End) || self.is(";") || self.is("}")
    }

    fn simple(&mut self) -> Result<Statement, String> {
        let Token::Word(word) = *self.peek() else { return Ok(Statement::Expression(self.expression()?)) };
        if word == "getline" {
            return Ok(Statement::Expression(self.expression()?));
        }
        self.at += 1;
        Ok(match word {
            "print" | "printf" => return self.print(word == "printf"),
            "next" => Statement::Next,
            "break" => Statement::Break,
            "continue" => Statement::Continue,
            "exit" => Statement::Exit(if self.at_end_of_statement() { None } else { Some(self.expression()?) }),
            "return" => Statement::Return(if self.at_end_of_statement() { None } else { Some(self.expression()?) }),
            "delete" => {
                let name = self.name()?;
                let index = if self.take("[") {
                    let index = self.list("]")?;
                    Some(index)
                } else {
                    None
                };
                Statement::Delete(name, index)
            }
            _ => {
                self.at -= 1;
                return Err(self.unexpected());
            }
        })
    }

    fn print(&mut self, formatted: bool) -> Result<Statement, String> {
        self.no_greater = true;
        let mut values = Vec::new();
        while !self.at_end_of_statement() && !self.is(">") && !self.is(">>") && !self.is("|") {
            values.push(self.expression()?);
            if !self.take(",") {
                break;
            }
            self.skip_newlines();
        }
        self.no_greater = false;
        if let [Expr::Grouping(inner)] = values.as_slice()
            && inner.len() > 1
        {
            values = inner.clone();
        }
        let kind = if self.take(">") {
            Some('>')
        } else if self.take(">>") {
            Some('a')
        } else if self.take("|") {
            Some('|')
        } else {
            None
        };
        let redirect = match kind {
            Some(kind) => Some((kind, self.concatenation()?)),
            None => None,
        };
        Ok(Statement::Print { formatted, values, redirect })
    }

    fn list(&mut self, end: &str) -> Result<Vec<Expr>, String> {
        let greater = std::mem::take(&mut self.no_greater);
        let mut list = Vec::new();
        self.skip_newlines();
        while !self.take(end) {
            list.push(self.expression()?);
            self.skip_newlines();
            if !self.take(",") && !self.is(end) {
                return Err(self.unexpected());
            }
            self.skip_newlines();
        }
        self.no_greater = greater;
        Ok(list)
    }

    fn expression(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("not simulated here: a program nested this deep".to_owned());
        }
        let expression = self.assignment();
        self.depth -= 1;
        expression
    }

    fn assignment(&mut self) -> Result<Expr, String> {
        let left = self.condition()?;
        if !matches!(left, Expr::Variable(_) | Expr::Index(..) | Expr::Field(_)) {
            return Ok(left);
        }
        let Token::Operator(operator) = *self.peek() else { return Ok(left) };
        let kind = match operator {
            "=" => '=',
            "+=" | "-=" | "*=" | "/=" | "%=" | "^=" => operator.chars().next().unwrap_or('='),
            "**=" => '^',
            _ => return Ok(left),
        };
        self.at += 1;
        self.skip_newlines();
        Ok(Expr::Assign(kind, Box::new(left), Box::new(self.expression()?)))
    }

    fn condition(&mut self) -> Result<Expr, String> {
        let test = self.or()?;
        if !self.take("?") {
            return Ok(test);
        }
        self.skip_newlines();
        let then = self.expression()?;
        self.skip_newlines();
        self.expect(":")?;
        self.skip_newlines();
        Ok(Expr::Condition(Box::new(test), Box::new(then), Box::new(self.expression()?)))
    }

    fn or(&mut self) -> Result<Expr, String> {
        let mut left = self.and()?;
        while self.take("||") {
            self.skip_newlines();
            left = Expr::Binary("||", Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, String> {
        let mut left = self.membership()?;
        while self.take("&&") {
            self.skip_newlines();
            left = Expr::Binary("&&", Box::new(left), Box::new(self.membership()?));
        }
        Ok(left)
    }

    fn membership(&mut self) -> Result<Expr, String> {
        let mut left = self.matching()?;
        while self.take_word("in") {
            let array = self.name()?;
            left = Expr::In(if let Expr::Grouping(list) = left { list } else { vec![left] }, array);
        }
        Ok(left)
    }

    fn matching(&mut self) -> Result<Expr, String> {
        let mut left = self.comparison()?;
        while self.is("~") || self.is("!~") {
            let wanted = self.is("~");
            self.at += 1;
            left = Expr::Match(wanted, Box::new(left), Box::new(self.comparison()?));
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Expr, String> {
        let mut left = self.concatenation()?;
        while self.is("|") && self.tokens.get(self.at + 1) == Some(&Token::Word("getline")) {
            self.at += 2;
            left = Expr::CommandGetline(self.getline_target()?, Box::new(left));
        }
        for operator in ["<=", "==", "!=", ">=", "<", ">"] {
            if self.is(operator) && !(operator == ">" && self.no_greater) {
                self.at += 1;
                return Ok(Expr::Binary(operator, Box::new(left), Box::new(self.concatenation()?)));
            }
        }
        Ok(left)
    }

    fn concatenation(&mut self) -> Result<Expr, String> {
        let mut left = self.sum()?;
        while self.starts_operand() {
            left = Expr::Binary(" ", Box::new(left), Box::new(self.sum()?));
        }
        Ok(left)
    }

    fn starts_operand(&self) -> bool {
        match self.peek() {
            Token::Number(_) | Token::Text(_) | Token::Regex(_) | Token::Name(_) | Token::FunctionName(_) => true,
            Token::Operator(operator) => matches!(*operator, "$" | "(" | "++" | "--"),
            _ => false,
        }
    }

    fn sum(&mut self) -> Result<Expr, String> {
        let mut left = self.product()?;
        loop {
            let operator = if self.take("+") {
                "+"
            } else if self.take("-") {
                "-"
            } else {
                return Ok(left);
            };
            left = Expr::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    fn product(&mut self) -> Result<Expr, String> {
        let mut left = self.unary()?;
        loop {
            let Some(operator) = ["*", "/", "%"].into_iter().find(|operator| self.is(operator)) else { return Ok(left) };
            self.at += 1;
            left = Expr::Binary(operator, Box::new(left), Box::new(self.unary()?));
        }
    }

    fn unary(&mut self) -> Result<Expr, String> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("not simulated here: a program nested this deep".to_owned());
        }
        let expression = if self.take("!") {
            Expr::Not(Box::new(self.unary()?))
        } else if self.take("-") {
            Expr::Negative(Box::new(self.unary()?))
        } else if self.take("+") {
            Expr::Positive(Box::new(self.unary()?))
        } else {
            self.power()?
        };
        self.depth -= 1;
        Ok(expression)
    }

    fn power(&mut self) -> Result<Expr, String> {
        let base = self.postfix()?;
        if self.take("^") || self.take("**") {
            return Ok(Expr::Binary("^", Box::new(base), Box::new(self.unary()?)));
        }
        Ok(base)
    }

    fn postfix(&mut self) -> Result<Expr, String> {
        for (operator, by) in [("++", 1.0), ("--", -1.0)] {
            if self.take(operator) {
                return Ok(Expr::Step(by, false, Box::new(self.primary()?)));
            }
        }
        let inner = self.primary()?;
        if matches!(inner, Expr::Variable(_) | Expr::Index(..) | Expr::Field(_)) {
            for (operator, by) in [("++", 1.0), ("--", -1.0)] {
                if self.take(operator) {
                    return Ok(Expr::Step(by, true, Box::new(inner)));
                }
            }
        }
        Ok(inner)
    }

    fn primary(&mut self) -> Result<Expr, String> {
        let token = self.peek().clone();
        self.at += 1;
        Ok(match token {
            Token::Number(number) => Expr::Number(number),
            Token::Text(text) => Expr::Text(text),
            Token::Regex(text) => Expr::Regex(regex::extended(&text, false).map_err(|message| format!("bad regex '{text}': {message}"))?),
            Token::Operator("$") => {
                let place = if self.is("++") || self.is("--") || self.is("-") { self.unary()? } else { self.primary()? };
                Expr::Field(Box::new(place))
            }
            Token::Operator("(") => {
                let mut list = self.list(")")?;
                match list.len() {
                    0 => return Err("Unexpected token".to_owned()),
                    // A group keeps its operands from being taken as a target of assignment.
                    1 => match list.remove(0) {
                        inner @ (Expr::Variable(_) | Expr::Index(..) | Expr::Field(_)) => inner,
                        inner => Expr::Grouping(vec![inner]),
                    },
                    _ => Expr::Grouping(list),
                }
            }
            Token::FunctionName(name) => {
                self.expect("(")?;
                Expr::Call(name, self.list(")")?)
            }
            Token::Name(name) if name == "length" => Expr::Call(name, Vec::new()),
            Token::Name(name) => {
                if self.take("[") {
                    Expr::Index(name, self.list("]")?)
                } else {
                    Expr::Variable(name)
                }
            }
            Token::Word("getline") => {
                let target = self.getline_target()?;
                let from = if self.take("<") { Some(Box::new(self.primary()?)) } else { None };
                Expr::Getline(target, from)
            }
            _ => {
                self.at -= 1;
                return Err(self.unexpected());
            }
        })
    }

    fn getline_target(&mut self) -> Result<Option<Box<Expr>>, String> {
        let given = matches!(self.peek(), Token::Name(_)) || self.is("$");
        Ok(if given { Some(Box::new(self.primary()?)) } else { None })
    }
}
