//! Words -> arguments: parameters, command output, arithmetic, field splitting, braces and file name patterns.
//!
//! Commands in a word have run before; their output comes in by number, so expansion itself never waits.

use super::syntax::{Operation, Parameter, Part, Word};
use super::variables::Variables;
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
    pub braces: bool,
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
            let variants = if self.braces { braces(word) } else { vec![word.clone()] };
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
                Part::Parameter(_) | Part::Command(..) | Part::Arithmetic(_) => {
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
                Part::Parameter(Parameter { name, operation: Operation::Plain }) if name == "@" || name == "*" => {
                    for (index, value) in self.variables.positional.clone().iter().enumerate() {
                        if index > 0 {
                            finish(&mut fields, &mut here);
                        }
                        self.split(value, &mut fields, &mut here);
                    }
                }
                Part::Parameter(Parameter { operation: Operation::Alternative { operator, colon, word }, name }) => {
                    let value = self.variables.lookup(name).filter(|value| !*colon || !value.is_empty());
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
        let all = |part: &Part| matches!(part, Part::Parameter(Parameter { name, operation: Operation::Plain }) if name == "@");
        if !parts.iter().any(all) {
            let text = self.double(parts)?;
            here.quoted(&text);
            return Ok(());
        }
        let positional = self.variables.positional.clone();
        if parts.len() == 1 && positional.is_empty() {
            return Ok(());
        }
        for part in parts {
            if all(part) {
                for (index, value) in positional.iter().enumerate() {
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
        if found.is_empty() { arguments.push(field.text) } else { arguments.extend(found) }
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
        super::arithmetic::evaluate(text, self.variables)
    }

    fn parameter(&mut self, parameter: &Parameter) -> Result<String, String> {
        let name = &parameter.name;
        let value = self.variables.lookup(name);
        let set = || -> Result<String, String> {
            match &value {
                Some(value) => Ok(value.clone()),
                None if self.variables.nounset && !matches!(name.as_str(), "@" | "*") => Err(self.variables.unset_message(name)),
                None => Ok(String::new()),
            }
        };
        match &parameter.operation {
            Operation::Plain => set(),
            Operation::Length if name == "@" || name == "*" => Ok(self.variables.positional.len().to_string()),
            Operation::Length => Ok(set()?.chars().count().to_string()),
            Operation::Case { upper } => set().map(|value| if *upper { value.to_uppercase() } else { value.to_lowercase() }),
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
                let offset = self.text(offset)?;
                let offset = self.arithmetic(&offset)?;
                let size = characters.len() as i64;
                let start = if offset < 0 { size + offset } else { offset }.clamp(0, size);
                let end = match length {
                    None => size,
                    Some(length) => {
                        let length = self.text(length)?;
                        let length = self.arithmetic(&length)?;
                        if length < 0 { size + length } else { start + length }
                    }
                };
                Ok(characters[start as usize..end.clamp(start, size) as usize].iter().collect())
            }
        }
    }
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

/// Whether a shell pattern (`*`, `?`, `[a-z]`, `\x`) matches a whole text.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where the last star stood, and how much it has swallowed so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if let Some(length) = one(&pattern[p..], text[t]) {
            p += length;
            t += 1;
        } else if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, t));
            p += 1;
        } else if let Some((after, swallowed)) = star {
            p = after;
            t = swallowed + 1;
            star = Some((after, t));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// How many pattern characters match one character; `None` where they do not (or a star stands there).
fn one(pattern: &[char], c: char) -> Option<usize> {
    match pattern.first()? {
        '*' => None,
        '?' => Some(1),
        '\\' if pattern.len() > 1 => (pattern[1] == c).then_some(2),
        '[' => match class(pattern, c) {
            Some((length, true)) => Some(length),
            Some((_, false)) => None,
            None => (c == '[').then_some(1),
        },
        other => (*other == c).then_some(1),
    }
}

/// A bracket expression's length and whether it holds a character; `None` where no bracket closes it.
fn class(pattern: &[char], c: char) -> Option<(usize, bool)> {
    let mut index = 1;
    let negated = matches!(pattern.get(index), Some('!' | '^'));
    index += usize::from(negated);
    let (first, mut found) = (index, false);
    loop {
        let here = *pattern.get(index)?;
        if here == ']' && index > first {
            return Some((index + 1, found != negated));
        }
        if here == '[' && pattern.get(index + 1) == Some(&':') {
            let name: String = pattern[index + 2..].iter().take_while(|c| **c != ':').collect();
            found |= match name.as_str() {
                "alpha" => c.is_alphabetic(),
                "digit" => c.is_ascii_digit(),
                "alnum" => c.is_alphanumeric(),
                "upper" => c.is_uppercase(),
                "lower" => c.is_lowercase(),
                "space" => c.is_whitespace(),
                "punct" => c.is_ascii_punctuation(),
                _ => false,
            };
            index += name.chars().count() + 4;
            continue;
        }
        if pattern.get(index + 1) == Some(&'-') && pattern.get(index + 2).is_some_and(|end| *end != ']') {
            found |= (here..=pattern[index + 2]).contains(&c);
            index += 3;
            continue;
        }
        found |= here == c;
        index += 1;
    }
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
    if let (Ok(from), Ok(to)) = (from.parse::<i64>(), to.parse::<i64>()) {
        if from.abs_diff(to) as usize > WORDS_MAX {
            return None;
        }
        return Some(if from <= to { (from..=to).map(|n| n.to_string()).collect() } else { (to..=from).rev().map(|n| n.to_string()).collect() });
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
        let script = parse(text).unwrap();
        let Kind::Simple { words, .. } = &script.items[0].and_or.first.commands[0].kind else { panic!() };
        let mut expansion = Expansion { variables: &mut variables, files: &view, working_directory: "/w", outputs: &outputs, braces: true };
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
