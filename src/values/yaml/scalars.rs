//! The scalars of YAML: literal and folded blocks, quoted and plain text. The other half of go-yaml's scanner.

use super::scanner::{Mark, Scan, Scanner, Token, is_blank, is_blankz, is_break};

impl Scanner {
    pub(super) fn block_scalar(&mut self, literal: bool) -> Scan<()> {
        let start = self.mark;
        self.skip();
        let (mut chomp, mut increment) = (' ', 0);
        for _ in 0..2 {
            match self.at(0) {
                c @ ('+' | '-') if chomp == ' ' => chomp = c,
                '0' if increment == 0 => return self.problem(start, "found an indentation indicator equal to 0"),
                c if c.is_ascii_digit() && increment == 0 => increment = c as isize - '0' as isize,
                _ => break,
            }
            self.skip();
        }
        while is_blank(self.at(0)) {
            self.skip();
        }
        if self.at(0) == '#' {
            while !self.at_end() && !is_break(self.at(0)) {
                self.skip();
            }
        }
        if !self.at_end() && !is_break(self.at(0)) {
            return self.problem(start, "did not find expected comment or line break");
        }
        if !self.at_end() {
            self.skip_line();
        }
        let mut indent = if increment > 0 { self.indent.max(0) + increment } else { 0 };
        let (mut text, mut leading_break, mut trailing_breaks) = (String::new(), String::new(), String::new());
        let mut leading_blank = false;
        self.block_breaks(&mut indent, &mut trailing_breaks, start)?;
        while self.mark.column as isize == indent && !self.at_end() {
            let trailing_blank = is_blank(self.at(0));
            if !literal && leading_break.starts_with('\n') && !leading_blank && !trailing_blank {
                if trailing_breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(&leading_break);
            }
            leading_break.clear();
            text.push_str(&trailing_breaks);
            trailing_breaks.clear();
            leading_blank = is_blank(self.at(0));
            while !self.at_end() && !is_break(self.at(0)) {
                self.read(&mut text);
            }
            if !self.at_end() {
                self.read_line(&mut leading_break);
            }
            self.block_breaks(&mut indent, &mut trailing_breaks, start)?;
        }
        if chomp != '-' {
            text.push_str(&leading_break);
        }
        if chomp == '+' {
            text.push_str(&trailing_breaks);
        }
        self.push(Token::Scalar(text, false), start);
        Ok(())
    }

    fn block_breaks(&mut self, indent: &mut isize, breaks: &mut String, start: Mark) -> Scan<()> {
        let mut widest = 0;
        loop {
            let inside = |scanner: &Scanner, indent: isize| indent == 0 || (scanner.mark.column as isize) < indent;
            while inside(self, *indent) && self.at(0) == ' ' {
                self.skip();
            }
            widest = widest.max(self.mark.column as isize);
            if inside(self, *indent) && self.at(0) == '\t' {
                return self.problem(start, "found a tab character where an indentation space is expected");
            }
            if !is_break(self.at(0)) {
                break;
            }
            self.read_line(breaks);
        }
        if *indent == 0 {
            *indent = widest.max(self.indent + 1).max(1);
        }
        Ok(())
    }

    /// Reads blanks and breaks between the words of a quoted or plain scalar.
    fn fold(&mut self, folded: &mut Fold, min_indent: Option<isize>, start: Mark) -> Scan<()> {
        while is_blank(self.at(0)) || is_break(self.at(0)) {
            if is_blank(self.at(0)) {
                if folded.leading_blanks && self.at(0) == '\t' && min_indent.is_some_and(|indent| (self.mark.column as isize) < indent) {
                    return self.problem(start, "found a tab character that violates indentation");
                }
                if folded.leading_blanks {
                    self.skip();
                } else {
                    self.read(&mut folded.whitespace);
                }
            } else if folded.leading_blanks {
                self.read_line(&mut folded.trailing_breaks);
            } else {
                folded.whitespace.clear();
                self.read_line(&mut folded.leading_break);
                folded.leading_blanks = true;
            }
        }
        Ok(())
    }

    pub(super) fn quoted_scalar(&mut self, single: bool) -> Scan<()> {
        let start = self.mark;
        let quote = if single { '\'' } else { '"' };
        self.skip();
        let mut text = String::new();
        loop {
            if self.at_document_indicator() {
                return self.problem(start, "found unexpected document indicator");
            }
            if self.at_end() {
                return self.problem(start, "found unexpected end of stream");
            }
            let mut folded = Fold::default();
            while !is_blankz(self.at(0)) {
                let c = self.at(0);
                if single && c == '\'' && self.at(1) == '\'' {
                    text.push('\'');
                    self.skip();
                    self.skip();
                } else if c == quote {
                    break;
                } else if !single && c == '\\' && is_break(self.at(1)) {
                    self.skip();
                    self.skip_line();
                    folded.leading_blanks = true;
                    break;
                } else if !single && c == '\\' {
                    self.escape(&mut text, start)?;
                } else {
                    self.read(&mut text);
                }
            }
            if self.at(0) == quote {
                break;
            }
            self.fold(&mut folded, None, start)?;
            folded.flush(&mut text);
        }
        self.skip();
        self.push(Token::Scalar(text, false), start);
        Ok(())
    }

    fn escape(&mut self, text: &mut String, start: Mark) -> Scan<()> {
        const ESCAPES: [(char, char); 19] = [
            ('0', '\0'),
            ('a', '\x07'),
            ('b', '\x08'),
            ('t', '\t'),
            ('\t', '\t'),
            ('n', '\n'),
            ('v', '\x0b'),
            ('f', '\x0c'),
            ('r', '\r'),
            ('e', '\x1b'),
            (' ', ' '),
            ('"', '"'),
            ('\'', '\''),
            ('\\', '\\'),
            ('/', '/'),
            ('N', '\u{85}'),
            ('_', '\u{a0}'),
            ('L', '\u{2028}'),
            ('P', '\u{2029}'),
        ];
        let code = self.at(1);
        let digits = match code {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => {
                let Some((_, meant)) = ESCAPES.iter().find(|(letter, _)| *letter == code) else {
                    return self.problem(start, "found unknown escape character");
                };
                text.push(*meant);
                self.skip();
                self.skip();
                return Ok(());
            }
        };
        self.skip();
        self.skip();
        let mut number: u32 = 0;
        for ahead in 0..digits {
            let Some(digit) = self.at(ahead).to_digit(16) else {
                return self.problem(start, "did not find expected hexdecimal number");
            };
            number = number.wrapping_mul(16) + digit;
        }
        let Some(meant) = char::from_u32(number) else {
            return self.problem(start, "found invalid Unicode character escape code");
        };
        text.push(meant);
        for _ in 0..digits {
            self.skip();
        }
        Ok(())
    }

    pub(super) fn plain_scalar(&mut self) -> Scan<()> {
        let start = self.mark;
        let indent = self.indent + 1;
        let mut text = String::new();
        let mut folded = Fold::default();
        loop {
            if self.at_document_indicator() || self.at(0) == '#' {
                break;
            }
            while !is_blankz(self.at(0)) {
                let c = self.at(0);
                if c == ':' && is_blankz(self.at(1)) || self.in_flow() && ",?[]{}".contains(c) {
                    break;
                }
                folded.flush(&mut text);
                self.read(&mut text);
            }
            if !(is_blank(self.at(0)) || is_break(self.at(0))) {
                break;
            }
            self.fold(&mut folded, Some(indent), start)?;
            if !self.in_flow() && (self.mark.column as isize) < indent {
                break;
            }
        }
        if folded.leading_blanks {
            self.simple_key_allowed = true;
        }
        self.push(Token::Scalar(text, true), start);
        Ok(())
    }
}

/// White space met inside a scalar that is not yet known to be part of it.
#[derive(Default)]
struct Fold {
    leading_blanks: bool,
    whitespace: String,
    leading_break: String,
    trailing_breaks: String,
}

impl Fold {
    fn flush(&mut self, text: &mut String) {
        if self.leading_blanks {
            if self.leading_break.starts_with('\n') && self.trailing_breaks.is_empty() {
                text.push(' ');
            } else if !self.leading_break.starts_with('\n') {
                text.push_str(&self.leading_break);
            }
            text.push_str(&self.trailing_breaks);
        } else {
            text.push_str(&self.whitespace);
        }
        *self = Fold::default();
    }
}
