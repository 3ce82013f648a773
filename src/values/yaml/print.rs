//! Tree -> YAML text. Models sigs.k8s.io/yaml Marshal: go.yaml.in/yaml/v2 encode.go and emitterc.go.

use super::resolve::{Resolved, is_base_60, resolve};
use crate::values::object::Value;
use std::cmp::Ordering;
use std::iter::Peekable;
use std::str::Chars;

/// Longer lines are folded at a blank.
const WIDTH: usize = 80;
/// Longer keys are written with `? `.
const MAX_SIMPLE_KEY: usize = 128;

/// The text of a tree, with a newline at its end.
pub(super) fn print(value: &Value) -> String {
    let mut printer = Printer { out: String::new(), column: 0 };
    printer.node(value, -2, false);
    if printer.column > 0 {
        printer.newline();
    }
    printer.out
}

struct Printer {
    out: String,
    column: usize,
}

/// How a scalar may be written.
struct Analysis {
    plain: bool,
    single: bool,
    block: bool,
    multiline: bool,
}

/// How a text on one line is written.
#[derive(Clone, Copy, PartialEq)]
enum Style {
    Plain,
    Single,
    Double,
}

impl Printer {
    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    fn text(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn newline(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    /// Begins a line at a column, ending the one before.
    fn indent(&mut self, indent: isize) {
        if self.column > 0 {
            self.newline();
        }
        while (self.column as isize) < indent {
            self.put(' ');
        }
    }

    /// Writes a node whose parent stands at `parent`; `in_map` where it is a map's value. The cursor is behind `key:` or `-`.
    fn node(&mut self, value: &Value, parent: isize, in_map: bool) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                let indent = parent + 2;
                let mut keys: Vec<&str> = map.keys().collect();
                keys.sort_by(|a, b| natural_order(a, b));
                for (index, key) in keys.into_iter().enumerate() {
                    if in_map || index > 0 {
                        self.indent(indent);
                    } else {
                        self.space_behind_dash();
                    }
                    self.key(key, indent);
                    self.node(&map[key], indent, true);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                let indent = if in_map { parent } else { parent + 2 };
                for (index, item) in items.iter().enumerate() {
                    if in_map || index > 0 {
                        self.indent(indent);
                    } else {
                        self.space_behind_dash();
                    }
                    self.put('-');
                    self.node(item, indent, false);
                }
            }
            _ => {
                if self.column > 0 {
                    self.put(' ');
                }
                self.scalar(value, parent);
            }
        }
    }

    fn space_behind_dash(&mut self) {
        if self.column > 0 {
            self.put(' ');
        }
    }

    fn key(&mut self, key: &str, indent: isize) {
        let analysis = analyze(key);
        if key.chars().count() > MAX_SIMPLE_KEY || analysis.multiline {
            self.text("? ");
            self.string(key, indent, false);
            self.indent(indent);
            self.put(':');
        } else {
            self.string(key, indent, true);
            self.put(':');
        }
    }

    fn scalar(&mut self, value: &Value, parent: isize) {
        match value {
            Value::Null => self.text("null"),
            Value::Bool(flag) => self.text(if *flag { "true" } else { "false" }),
            Value::Number(number) => self.text(&number.to_string()),
            Value::String(text) => self.string(text, parent, false),
            Value::Array(_) => self.text("[]"),
            Value::Object(_) => self.text("{}"),
        }
    }

    fn string(&mut self, text: &str, parent: isize, is_key: bool) {
        let analysis = analyze(text);
        let plain_means_text = matches!(resolve(text), Resolved::Text) && !is_base_60(text);
        let indent = parent + 2;
        if text.contains('\n') && analysis.block && !is_key {
            self.literal(text, indent);
        } else if plain_means_text && analysis.plain && !(text.is_empty() && is_key) {
            self.flow(text, indent, !is_key, Style::Plain);
        } else if plain_means_text && analysis.single && !text.contains('\n') {
            self.flow(text, indent, !is_key, Style::Single);
        } else {
            self.flow(text, indent, !is_key, Style::Double);
        }
    }

    /// A text on one line, which is folded at a blank where it is long.
    fn flow(&mut self, text: &str, indent: isize, fold: bool, style: Style) {
        let quote = match style {
            Style::Plain => None,
            Style::Single => Some('\''),
            Style::Double => Some('"'),
        };
        quote.into_iter().for_each(|quote| self.put(quote));
        let mut chars = text.chars().peekable();
        let (mut spaces, mut first) = (false, true);
        while let Some(c) = chars.next() {
            let next = chars.peek().copied();
            if c == ' ' {
                let may_fold = match style {
                    Style::Plain => next != Some(' '),
                    Style::Single => !first && next.is_some_and(|next| next != ' '),
                    Style::Double => !first && next.is_some(),
                };
                if fold && !spaces && self.column > WIDTH && may_fold {
                    self.fold(indent);
                    if style == Style::Double && next == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
            } else if style == Style::Double && (!is_printable(c) || c == '\u{feff}' || is_break(c) || c == '"' || c == '\\') {
                self.escape(c);
            } else {
                if quote == Some(c) {
                    self.put(c);
                }
                self.put(c);
            }
            spaces = c == ' ';
            first = false;
        }
        quote.into_iter().for_each(|quote| self.put(quote));
    }

    /// A line break in place of a blank.
    fn fold(&mut self, indent: isize) {
        self.newline();
        while (self.column as isize) < indent {
            self.put(' ');
        }
    }

    fn escape(&mut self, c: char) {
        let short = match c {
            '\0' => '0',
            '\x07' => 'a',
            '\x08' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\x0b' => 'v',
            '\x0c' => 'f',
            '\r' => 'r',
            '\x1b' => 'e',
            '"' | '\\' => c,
            '\u{85}' => 'N',
            '\u{a0}' => '_',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ => {
                let code = c as u32;
                let escaped = match code {
                    0..=0xff => format!("\\x{code:02X}"),
                    0x100..=0xffff => format!("\\u{code:04X}"),
                    _ => format!("\\U{code:08X}"),
                };
                return self.text(&escaped);
            }
        };
        self.put('\\');
        self.put(short);
    }

    fn literal(&mut self, text: &str, indent: isize) {
        self.put('|');
        if text.starts_with([' ', '\n']) {
            self.put('2');
        }
        if !text.ends_with('\n') {
            self.put('-');
        } else if text == "\n" || text.ends_with("\n\n") {
            self.put('+');
        }
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            self.newline();
            if !line.is_empty() {
                self.indent(indent);
                self.text(line);
            }
        }
        if text.ends_with("\n\n") || text == "\n" {
            // Kept blank lines end with their own break; the next token begins on a fresh line.
            self.newline();
        }
    }
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | '\u{20}'..='\u{7e}' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
        && c != '\u{feff}'
}

/// Models yaml_emitter_analyze_scalar for block context.
fn analyze(text: &str) -> Analysis {
    if text.is_empty() {
        return Analysis { plain: true, single: true, block: false, multiline: false };
    }
    let mut indicators = text.starts_with("---") || text.starts_with("...");
    let (mut line_breaks, mut special) = (false, false);
    let (mut leading, mut trailing_space, mut trailing_break) = (false, false, false);
    let (mut break_space, mut space_break) = (false, false);
    let (mut previous_space, mut previous_break, mut preceded_by_blank) = (false, false, true);
    let mut chars: Peekable<Chars> = text.chars().peekable();
    let mut first = true;
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        let followed_by_blank = next.is_none_or(|next| next == ' ' || next == '\t' || is_break(next));
        indicators |= match c {
            '#' => first || preceded_by_blank,
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => first,
            '?' | '-' => first && followed_by_blank,
            ':' => followed_by_blank,
            _ => false,
        };
        special |= !is_printable(c);
        line_breaks |= is_break(c);
        if c == ' ' {
            leading |= first;
            trailing_space |= next.is_none();
            break_space |= previous_break;
            (previous_space, previous_break) = (true, false);
        } else if is_break(c) {
            leading |= first;
            trailing_break |= next.is_none();
            space_break |= previous_space;
            (previous_space, previous_break) = (false, true);
        } else {
            (previous_space, previous_break) = (false, false);
        }
        preceded_by_blank = c == ' ' || c == '\t' || is_break(c);
        first = false;
    }
    let unquotable = space_break || special;
    Analysis {
        plain: !(leading || trailing_space || trailing_break || break_space || unquotable || line_breaks || indicators),
        single: !(break_space || unquotable),
        block: !(trailing_space || unquotable),
        multiline: line_breaks,
    }
}

/// The order of map keys: numbers inside them by value, letters behind everything else. Models keyList.Less.
fn natural_order(a: &str, b: &str) -> Ordering {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let Some(at) = (0..a.len().min(b.len())).find(|at| a[*at] != b[*at]) else {
        return a.len().cmp(&b.len());
    };
    let (x, y) = (a[at], b[at]);
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let mut start = 0;
    if x == '0' || y == '0' {
        start = i64::from(a[..at].iter().rev().take_while(|c| c.is_ascii_digit()).any(|c| *c != '0'));
    }
    let number = |chars: &[char]| {
        let digits: Vec<i64> = chars[at..].iter().map_while(|c| c.to_digit(10)).map(i64::from).collect();
        (digits.iter().fold(start, |n, digit| n.wrapping_mul(10).wrapping_add(*digit)), digits.len())
    };
    number(&a).cmp(&number(&b)).then(x.cmp(&y))
}
