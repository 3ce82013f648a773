//! Words -> arguments: parameters, command output, arithmetic, field splitting, braces and file name patterns.
//!
//! Commands in a word have run before; their output comes in by number, so expansion itself never waits.

use super::arrays::Subscript;
use super::syntax::{Operation, Parameter, Part, Word};
use super::variables::Variables;
use crate::machine::kernel::Dialect;
use crate::machine::programs::lib::glob::matches;
use crate::machine::vfs::View;
use std::collections::BTreeMap;

/// The longest text that one expansion may give, in bytes.
const EXPANSION_MAX: usize = 4 * 1024 * 1024;
/// The most words that braces and patterns may give.
const WORDS_MAX: usize = 20_000;

/// What expansion looks at and, for `${x:=y}` and `$((x++))`, changes.
pub struct Expansion<'a, 'b> {
    pub variables: &'a mut Variables,
    pub files: &'a View<'b>,
    pub working_directory: &'a str,
    /// Output of command substitutions by number.
    pub outputs: &'a BTreeMap<u32, String>,
    /// Bash expands `{a,b}`; ash and dash do not.
    pub dialect: Dialect,
}

/// A field in the making: its text, and the same as a pattern in which quoted characters are escaped.
#[derive(Default, Clone)]
struct Field {
    text: String,
    pattern: String,
    globs: bool,
    /// Something quoted stood in it, so it stays even where it is empty.
    quoted: bool,
}

impl Field {
    fn quoted(&mut self, text: &str) {
        self.quoted = true;
        self.text.push_str(text);
        for c in text.chars() {
            if "*?[]\\".contains(c) {
                self.pattern.push('\\');
            }
            self.pattern.push(c);
        }
    }

    fn open(&mut self, text: &str) {
        self.text.push_str(text);
        self.pattern.push_str(text);
        self.globs |= text.contains(['*', '?', '[']);
    }
}

impl Expansion<'_, '_> {
    /// All words as arguments.
    /// # Errors
    /// What the shell prints, such as `x: parameter not set`.
    pub fn words(&mut self, words: &[Word]) -> Result<Vec<String>, String> {
        let mut arguments = Vec::new();
        for word in words {
            let variants = if self.dialect == Dialect::Bash { braces(word) } else { vec![word.clone()] };
            for variant in &variants {
                for field in self.fields(variant)? {
                    self.globbed(field, &mut arguments);
                    if arguments.len() > WORDS_MAX {
                        return Err("argument list too long".to_owned());
                    }
                }
            }
        }
        Ok(arguments)
    }

    /// A word as one text, without splitting: assignments, redirect targets, `case` words.
    /// # Errors
    /// As `words`.
    pub fn text(&mut self, word: &Word) -> Result<String, String> {
        Ok(self.single(word)?.text)
    }

    /// A word as a pattern in which quoted characters are escaped.
    /// # Errors
    /// As `words`.
    pub fn pattern(&mut self, word: &Word) -> Result<String, String> {
        Ok(self.single(word)?.pattern)
    }

    fn single(&mut self, word: &Word) -> Result<Field, String> {
        let mut field = Field::default();
        for (index, part) in word.parts.iter().enumerate() {
            match part {
                Part::Literal(text) => {
                    let text = if index == 0 { self.tilde(text) } else { text.clone() };
                    field.open(&text);
                }
                Part::Quoted(text) => field.quoted(text),
                Part::Double(parts) => {
                    let text = self.double(parts)?;
                    field.quoted(&text);
                }
                Part::Parameter(_) | Part::Command(..) | Part::Process(..) | Part::Arithmetic(_) => {
                    let text = self.value(part)?;
                    field.open(&text);
                }
            }
            if field.text.len() > EXPANSION_MAX {
                return Err("expansion too large".to_owned());
            }
        }
        Ok(field)
    }

    fn tilde(&self, text: &str) -> String {
        match text.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{}{rest}", self.variables.get("HOME").unwrap_or("/root")),
            Some(rest) => {
                let (user, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                let home = self.home_of(user);
                home.map_or_else(|| text.to_owned(), |home| home + rest)
            }
            None => text.to_owned(),
        }
    }

    /// A user's home by the user table.
    fn home_of(&self, user: &str) -> Option<String> {
        let table = self.files.read("/etc/passwd").ok()?;
        let table = String::from_utf8_lossy(&table);
        let fields = table.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields.first() == Some(&user))?;
        fields.get(5).map(|home| (*home).to_owned())
    }

    fn double(&mut self, parts: &[Part]) -> Result<String, String> {
        let mut text = String::new();
        for part in parts {
            match part {
                Part::Literal(piece) | Part::Quoted(piece) => text.push_str(piece),
                Part::Double(inner) => text.push_str(&self.double(inner)?),
                _ => text.push_str(&self.value(part)?),
            }
            if text.len() > EXPANSION_MAX {
                return Err("expansion too large".to_owned());
            }
        }
        Ok(text)
    }

    fn fields(&mut self, word: &Word) -> Result<Vec<Field>, String> {
        let mut fields: Vec<Field> = Vec::new();
        let mut here = Field::default();
        for (index, part) in word.parts.iter().enumerate() {
            match part {
                Part::Literal(text) => {
                    let text = if index == 0 { self.tilde(text) } else { text.clone() };
                    here.open(&text);
                }
                Part::Quoted(text) => here.quoted(text),
                Part::Double(parts) => self.double_fields(parts, &mut fields, &mut here)?,
                Part::Parameter(parameter) if self.is_list(parameter) => {
                    for (index, value) in self.list(parameter)?.iter().enumerate() {
                        if index > 0 {
                            finish(&mut fields, &mut here);
                        }
                        self.split(value, &mut fields, &mut here);
                    }
                }
                Part::Parameter(parameter @ Parameter { operation: Operation::Alternative { operator, colon, word }, .. }) => {
                    let value = self.variable(parameter)?.filter(|value| !*colon || !value.is_empty());
                    let other = match operator {
                        '+' => value.is_some(),
                        '-' => value.is_none(),
                        _ => false,
                    };
                    // The alternative keeps its own quoting, so that "${x:-"a b"}" stays one field.
                    if other && word.parts.iter().any(|part| matches!(part, Part::Double(_) | Part::Quoted(_))) {
                        let text = self.single(word)?;
                        here.quoted(&text.text);
                    } else {
                        let text = self.value(part)?;
                        self.split(&text, &mut fields, &mut here);
                    }
                }
                Part::Process(..) => {
                    let text = self.value(part)?;
                    here.quoted(&text);
                }
                Part::Parameter(_) | Part::Command(..) | Part::Arithmetic(_) => {
                    let text = self.value(part)?;
                    self.split(&text, &mut fields, &mut here);
                }
            }
        }
        finish(&mut fields, &mut here);
        Ok(fields)
    }

    fn double_fields(&mut self, parts: &[Part], fields: &mut Vec<Field>, here: &mut Field) -> Result<(), String> {
        let all = |part: &Part| matches!(part, Part::Parameter(parameter) if is_each(parameter));
        if !parts.iter().any(all) {
            let text = self.double(parts)?;
            here.quoted(&text);
            return Ok(());
        }
        for part in parts {
            if let Part::Parameter(parameter) = part
                && is_each(parameter)
            {
                let values = self.list(parameter)?;
                if parts.len() == 1 && values.is_empty() {
                    return Ok(());
                }
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        finish(fields, here);
                    }
                    here.quoted(value);
                }
            } else {
                let text = self.double(std::slice::from_ref(part))?;
                here.quoted(&text);
            }
        }
        Ok(())
    }

    /// Whether a parameter is a list: all positional ones, or all of an array.
    fn is_list(&self, parameter: &Parameter) -> bool {
        let many = matches!(parameter.name.as_str(), "@" | "*") || subscript_sign(parameter).is_some();
        many && !matches!(parameter.operation, Operation::Length | Operation::Alternative { .. } | Operation::Indirect)
    }

    /// The values of a list, the operation done to each.
    fn list(&mut self, parameter: &Parameter) -> Result<Vec<String>, String> {
        let positional = parameter.index.is_none();
        let mut values: Vec<String> = if positional {
            self.variables.positional.clone()
        } else {
            let entries = self.variables.entries(&parameter.name);
            match parameter.operation {
                Operation::Keys => return Ok(entries.iter().map(|(at, _)| at.text()).collect()),
                _ => entries.into_iter().map(|(_, value)| value).collect(),
            }
        };
        if let Operation::Slice { offset, length } = &parameter.operation {
            if positional {
                // `${@:1}` begins with the first, `${@:0}` with the shell's name.
                values.insert(0, self.variables.name.clone());
            }
            let (start, end) = self.range(offset, length.as_ref(), values.len() as i64)?;
            return Ok(values[start..end].to_vec());
        }
        values.into_iter().map(|value| self.operated(&parameter.name, Some(value), &parameter.operation)).collect()
    }

    /// A variable, or the entry of an array that is meant.
    fn variable(&mut self, parameter: &Parameter) -> Result<Option<String>, String> {
        match &parameter.index {
            None => Ok(self.variables.lookup(&parameter.name)),
            Some(_) if subscript_sign(parameter).is_some() => {
                let values: Vec<String> = self.variables.entries(&parameter.name).into_iter().map(|(_, value)| value).collect();
                Ok((!values.is_empty()).then(|| values.join(" ")))
            }
            Some(index) => {
                let at = self.subscript(&parameter.name, index)?;
                Ok(self.variables.entry(&parameter.name, &at))
            }
        }
    }

    /// What stands in brackets behind a name.
    /// # Errors
    /// As `arithmetic`.
    pub fn subscript(&mut self, name: &str, index: &Word) -> Result<Subscript, String> {
        let text = self.text(index)?;
        if self.variables.is_keyed(name) {
            return Ok(Subscript::Key(text));
        }
        let index = self.arithmetic(&text)?;
        Ok(self.variables.place(name, index))
    }

    fn range(&mut self, offset: &Word, length: Option<&Word>, size: i64) -> Result<(usize, usize), String> {
        let offset = self.text(offset)?;
        let offset = self.arithmetic(&offset)?;
        let start = if offset < 0 { size + offset } else { offset }.clamp(0, size);
        let end = match length {
            None => size,
            Some(length) => {
                let length = self.text(length)?;
                let length = self.arithmetic(&length)?;
                if length < 0 { size + length } else { start + length }
            }
        };
        Ok((start as usize, end.clamp(start, size) as usize))
    }

    /// Splits the result of an expansion at IFS into the field that is being made.
    fn split(&self, text: &str, fields: &mut Vec<Field>, here: &mut Field) {
        let separators = self.variables.get("IFS").unwrap_or(" \t\n");
        let mut pending = false;
        for c in text.chars() {
            if !separators.contains(c) {
                if pending {
                    finish(fields, here);
                    pending = false;
                }
                here.open(c.encode_utf8(&mut [0; 4]));
            } else if c.is_whitespace() {
                pending |= !here.text.is_empty() || here.quoted;
            } else {
                here.quoted = true;
                finish(fields, here);
            }
        }
        if pending {
            finish(fields, here);
        }
    }

    fn globbed(&self, field: Field, arguments: &mut Vec<String>) {
        if !field.globs {
            arguments.push(field.text);
            return;
        }
        let found = self.matching_files(&field.pattern);
        // A bracket alone, as of `[`, is no pattern.
        let is_pattern = field.pattern.contains(['*', '?', ']']);
        if found.is_empty() && !(is_pattern && self.variables.nullglob) { arguments.push(field.text) } else { arguments.extend(found) }
    }

    /// The paths that a pattern matches, in order.
    fn matching_files(&self, pattern: &str) -> Vec<String> {
        let rooted = pattern.starts_with('/');
        let mut bases: Vec<String> = vec![if rooted { "/".to_owned() } else { String::new() }];
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            let mut next = Vec::new();
            for base in &bases {
                let folder = if rooted { base.clone() } else { format!("{}/{base}", self.working_directory) };
                let join = |name: &str| if base.is_empty() || base.ends_with('/') { format!("{base}{name}") } else { format!("{base}/{name}") };
                if !part.contains(['*', '?', '[']) {
                    let name = part.replace('\\', "");
                    if self.files.lstat(&format!("{folder}/{name}")).is_ok() {
                        next.push(join(&name));
                    }
                    continue;
                }
                let names = self.files.list(&folder).unwrap_or_default();
                next.extend(
                    names.iter().filter(|name| (!name.starts_with('.') || part.starts_with('.')) && matches(part, name)).map(|name| join(name)),
                );
            }
            bases = next;
            bases.truncate(WORDS_MAX);
        }
        bases.retain(|base| !base.is_empty());
        bases
    }

    /// The value of an expansion as text.
    fn value(&mut self, part: &Part) -> Result<String, String> {
        match part {
            Part::Command(number, _) => Ok(self.outputs.get(number).cloned().unwrap_or_default()),
            Part::Process(number, _) => Ok(process_file(*number)),
            Part::Arithmetic(word) => {
                let text = self.text(word)?;
                self.arithmetic(&text).map(|number| number.to_string())
            }
            Part::Parameter(parameter) => self.parameter(parameter),
            Part::Literal(text) | Part::Quoted(text) => Ok(text.clone()),
            Part::Double(parts) => self.double(parts),
        }
    }

    /// # Errors
    /// As bash and ash word a wrong expression.
    pub fn arithmetic(&mut self, text: &str) -> Result<i64, String> {
        super::arithmetic::evaluate(text, self.variables).map_err(|fault| fault.words(self.dialect))
    }

    fn parameter(&mut self, parameter: &Parameter) -> Result<String, String> {
        let name = &parameter.name;
        if self.is_list(parameter) && !(parameter.index.is_none() && parameter.operation == Operation::Plain) {
            let joiner = if subscript_sign(parameter) == Some('*') { self.variables.joiner() } else { " ".to_owned() };
            return Ok(self.list(parameter)?.join(&joiner));
        }
        match &parameter.operation {
            Operation::Length if name == "@" || name == "*" => return Ok(self.variables.positional.len().to_string()),
            Operation::Length if subscript_sign(parameter).is_some() => return Ok(self.variables.entries(name).len().to_string()),
            Operation::Keys => {
                let keys: Vec<String> = self.variables.entries(name).iter().map(|(at, _)| at.text()).collect();
                return Ok(keys.join(" "));
            }
            Operation::Indirect => {
                let other = self.variables.lookup(name).unwrap_or_default();
                return Ok(self.variables.lookup(&other).unwrap_or_default());
            }
            _ => {}
        }
        let value = self.variable(parameter)?;
        self.operated(name, value, &parameter.operation)
    }

    /// What an operation makes of a variable's value.
    fn operated(&mut self, name: &str, value: Option<String>, operation: &Operation) -> Result<String, String> {
        let set = || -> Result<String, String> {
            match &value {
                Some(value) => Ok(value.clone()),
                None if self.variables.nounset && !matches!(name, "@" | "*") => Err(self.variables.unset_message(name)),
                None => Ok(String::new()),
            }
        };
        match operation {
            Operation::Plain | Operation::Keys | Operation::Indirect => set(),
            Operation::Length => Ok(set()?.chars().count().to_string()),
            Operation::Case { upper, all } => set().map(|value| {
                let turn = |text: &str| if *upper { text.to_uppercase() } else { text.to_lowercase() };
                let first = value.chars().next().map_or(0, char::len_utf8);
                if *all { turn(&value) } else { turn(&value[..first]) + &value[first..] }
            }),
            Operation::Alternative { operator, colon, word } => {
                let usable = value.filter(|value| !*colon || !value.is_empty());
                match (operator, usable) {
                    ('+', Some(_)) => self.text(word),
                    ('+', None) => Ok(String::new()),
                    (_, Some(value)) => Ok(value),
                    ('-', None) => self.text(word),
                    ('=', None) => {
                        let text = self.text(word)?;
                        self.variables.set(name, &text);
                        Ok(text)
                    }
                    (_, None) => {
                        let text = self.text(word)?;
                        let empty = if *colon { "parameter null or not set" } else { "parameter not set" };
                        Err(format!("{name}: {}", if text.is_empty() { empty } else { &text }))
                    }
                }
            }
            Operation::Trim { suffix, longest, pattern } => {
                let value = set()?;
                let pattern = self.pattern(pattern)?;
                Ok(trim(&value, &pattern, *suffix, *longest).to_owned())
            }
            Operation::Replace { all, pattern, with } => {
                let value = set()?;
                let (pattern, with) = (self.pattern(pattern)?, self.text(with)?);
                Ok(replace(&value, &pattern, &with, *all))
            }
            Operation::Slice { offset, length } => {
                let characters: Vec<char> = set()?.chars().collect();
                let (start, end) = self.range(offset, length.as_ref(), characters.len() as i64)?;
                Ok(characters[start..end].iter().collect())
            }
        }
    }
}

/// The file of a `<(…)`.
pub fn process_file(number: u32) -> String {
    format!("/dev/fd/{}", 64_u32.saturating_sub(number))
}

/// The `@` or `*` in a parameter's brackets.
fn subscript_sign(parameter: &Parameter) -> Option<char> {
    match parameter.index.as_ref()?.parts.as_slice() {
        [Part::Literal(sign)] if sign == "@" || sign == "*" => sign.chars().next(),
        _ => None,
    }
}

/// Whether each of a list stays a field of its own in double quotes.
fn is_each(parameter: &Parameter) -> bool {
    let sign = if parameter.index.is_some() { subscript_sign(parameter) } else { parameter.name.chars().next() };
    sign == Some('@') && !matches!(parameter.operation, Operation::Length | Operation::Alternative { .. } | Operation::Indirect)
}

fn finish(fields: &mut Vec<Field>, here: &mut Field) {
    let field = std::mem::take(here);
    if field.quoted || !field.text.is_empty() {
        fields.push(field);
    }
}

fn boundaries(text: &str) -> impl DoubleEndedIterator<Item = usize> + '_ {
    text.char_indices().map(|(index, _)| index).chain(std::iter::once(text.len()))
}

fn trim<'a>(value: &'a str, pattern: &str, suffix: bool, longest: bool) -> &'a str {
    let mut cuts: Vec<usize> = boundaries(value).collect();
    if suffix != longest {
        cuts.reverse();
    }
    let cut = cuts.into_iter().find(|cut| matches(pattern, if suffix { &value[*cut..] } else { &value[..*cut] }));
    match cut {
        Some(cut) if suffix => &value[..cut],
        Some(cut) => &value[cut..],
        None => value,
    }
}

fn replace(value: &str, pattern: &str, with: &str, all: bool) -> String {
    let (mut result, mut at) = (String::new(), 0);
    while at < value.len() {
        let end = boundaries(&value[at..]).rev().find(|length| *length > 0 && matches(pattern, &value[at..at + length]));
        match end {
            Some(length) => {
                result.push_str(with);
                at += length;
                if !all {
                    break;
                }
            }
            None => {
                let step = value[at..].chars().next().map_or(1, char::len_utf8);
                result.push_str(&value[at..at + step]);
                at += step;
            }
        }
    }
    result + &value[at..]
}

/// The words that `{a,b}` and `{1..3}` make of one.
fn braces(word: &Word) -> Vec<Word> {
    for (index, part) in word.parts.iter().enumerate() {
        let Part::Literal(text) = part else { continue };
        let Some((before, choices, after)) = brace(text) else { continue };
        let mut found = Vec::new();
        for choice in choices {
            let mut parts = word.parts[..index].to_vec();
            parts.push(Part::Literal(format!("{before}{choice}")));
            let rest = Word { parts: std::iter::once(Part::Literal(after.clone())).chain(word.parts[index + 1..].iter().cloned()).collect() };
            for tail in braces(&rest) {
                let mut whole = parts.clone();
                whole.extend(tail.parts.into_iter().filter(|part| *part != Part::Literal(String::new())));
                found.extend(braces(&Word { parts: whole }));
                if found.len() > WORDS_MAX {
                    return found;
                }
            }
        }
        return found;
    }
    vec![word.clone()]
}

fn brace(text: &str) -> Option<(String, Vec<String>, String)> {
    for (open, _) in text.match_indices('{') {
        let (mut depth, mut commas, mut close) = (0, Vec::new(), None);
        for (index, c) in text[open..].char_indices() {
            match c {
                '{' => depth += 1,
                '}' => {
                    depth -= 1;
                    if depth == 0 {
                        close = Some(open + index);
                        break;
                    }
                }
                ',' if depth == 1 => commas.push(open + index),
                _ => {}
            }
        }
        let Some(close) = close else { continue };
        let inside = &text[open + 1..close];
        let choices: Vec<String> = if commas.is_empty() {
            match range(inside) {
                Some(range) => range,
                None => continue,
            }
        } else {
            let mut ends = commas.clone();
            ends.push(close);
            std::iter::once(open).chain(commas).zip(ends).map(|(from, to)| text[from + 1..to].to_owned()).collect()
        };
        return Some((text[..open].to_owned(), choices, text[close + 1..].to_owned()));
    }
    None
}

fn range(inside: &str) -> Option<Vec<String>> {
    let (from, to) = inside.split_once("..")?;
    let (to, step) = to.split_once("..").map_or((to, Some(1)), |(to, step)| (to, step.parse::<i64>().ok()));
    if let (Ok(from), Ok(to), Some(step)) = (from.parse::<i64>(), to.parse::<i64>(), step) {
        if from.abs_diff(to) as usize > WORDS_MAX {
            return None;
        }
        let step = step.unsigned_abs().max(1) as usize;
        let up = (from..=to).step_by(step).map(|n| n.to_string());
        let down = (to..=from).rev().step_by(step).map(|n| n.to_string());
        return Some(if from <= to { up.collect() } else { down.collect() });
    }
    let (mut a, mut b) = (from.chars(), to.chars());
    match (a.next(), a.next(), b.next(), b.next()) {
        (Some(a), None, Some(b), None) if a.is_ascii_alphabetic() && b.is_ascii_alphabetic() => Some((a..=b).map(String::from).collect()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::syntax::{Kind, parse};
    use super::*;
    use crate::machine::disks::Disks;
    use crate::machine::vfs::{FileSystem, MountTable};
    use crate::values::clock::Instant;

    fn check(text: &str, expect: &[&str]) {
        let mut disks = Disks::default();
        disks.insert("d".into(), FileSystem::new(Instant(0)));
        let table = MountTable::root("d");
        let mut view = View::new(&mut disks, &table, Instant(0));
        for file in ["/w/a.yaml", "/w/b.yaml", "/w/c.txt", "/w/.h"] {
            view.make_dirs("/w").unwrap();
            view.write(file, b"").unwrap();
        }
        let mut variables = Variables::default();
        variables.set("x", "one two");
        variables.set("f", "a.tar.gz");
        variables.positional = vec!["p q".into(), "r".into()];
        let outputs = BTreeMap::from([(1, "out put".to_owned()), (2, "out put".to_owned())]);
        let script = parse(text, true).unwrap();
        let Kind::Simple { words, .. } = &script.items[0].and_or.first.commands[0].kind else { panic!() };
        let mut expansion = Expansion { variables: &mut variables, files: &view, working_directory: "/w", outputs: &outputs, dialect: Dialect::Bash };
        assert_eq!(expansion.words(words).unwrap(), expect, "{text}");
    }

    #[test]
    fn words_expand() {
        check("a $x \"$x\" '$x' \\$x", &["a", "one", "two", "one two", "$x", "$x"]);
        check("\"$@\" $* \"$*\" $#", &["p q", "r", "p", "q", "r", "p q r", "2"]);
        check(
            "${f%.*} ${f%%.*} ${f#*.} ${f##*.} ${#f} ${f/a/b} ${f//a/b} ${f:2:3}",
            &["a.tar", "a", "tar.gz", "gz", "8", "b.tar.gz", "b.tbr.gz", "tar"],
        );
        check("${u:-d e} \"${u:-d e}\" ${x:+set} ${u+set} z", &["d", "e", "d e", "set", "z"]);
        check("$(c) \"$(c)\" $((1 + 2 * 3)) $((2 > 1 && 0))", &["out", "put", "out put", "7", "0"]);
        check("*.yaml [bc].* *.none \"*\" .*", &["a.yaml", "b.yaml", "b.yaml", "c.txt", "*.none", "*", ".h"]);
        check("{a,b}-{1..3} {x} a{,b}", &["a-1", "a-2", "a-3", "b-1", "b-2", "b-3", "{x}", "a", "ab"]);
        check("'' \"\" $u \"$u\"", &["", "", ""]);
    }
}
