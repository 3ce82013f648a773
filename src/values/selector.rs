//! Label and field selectors. Models apimachinery/pkg/labels, pkg/fields and metav1.LabelSelectorAsSelector.

use super::object::{Map, Value, at, json};
use std::fmt;

/// How a requirement compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Equals,
    DoubleEquals,
    NotEquals,
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

/// One condition on one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    pub key: String,
    pub operator: Operator,
    pub values: Vec<String>,
}

/// Conditions on labels, all of which must hold. The default selects everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelSelector {
    /// Sorted by key.
    pub requirements: Vec<Requirement>,
    /// Where a selector is absent, it selects nothing.
    nothing: bool,
}

const QUALIFIED_NAME: &str = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

fn is_label_text(text: &str) -> bool {
    let ends = |c: Option<u8>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    ends(text.bytes().next()) && ends(text.bytes().last()) && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"-_.".contains(&c))
}

/// What is wrong with a DNS-1123 subdomain; empty where nothing is.
pub fn subdomain_errors(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 253 {
        errors.push("must be no more than 253 characters".to_owned());
    }
    let part_ok = |part: &str| {
        let edge = |c: Option<u8>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        edge(part.bytes().next()) && edge(part.bytes().last()) && part.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
    };
    if !text.split('.').all(part_ok) {
        errors.push(SUBDOMAIN.to_owned());
    }
    errors
}

/// What is wrong with a label key; empty where nothing is. Models validation.IsQualifiedName.
pub fn qualified_name_errors(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    let parts: Vec<&str> = text.split('/').collect();
    let name = match parts.as_slice() {
        [name] => name,
        [prefix, name] => {
            if prefix.is_empty() {
                errors.push("prefix part must be non-empty".to_owned());
            } else {
                errors.extend(subdomain_errors(prefix).into_iter().map(|error| format!("prefix part {error}")));
            }
            name
        }
        _ => {
            return vec![format!("a qualified name {QUALIFIED_NAME} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')")];
        }
    };
    if name.is_empty() {
        errors.push("name part must be non-empty".to_owned());
    } else if name.len() > 63 {
        errors.push("name part must be no more than 63 characters".to_owned());
    }
    if !is_label_text(name) {
        errors.push(format!("name part {QUALIFIED_NAME}"));
    }
    errors
}

/// What is wrong with a label's value; empty where nothing is. Models validation.IsValidLabelValue.
pub fn label_value_errors(text: &str) -> Vec<String> {
    let mut errors = Vec::new();
    if text.len() > 63 {
        errors.push("must be no more than 63 characters".to_owned());
    }
    if !text.is_empty() && !is_label_text(text) {
        errors.push(LABEL_VALUE.to_owned());
    }
    errors
}

fn check_key(key: &str, field: &str) -> Option<String> {
    let errors = qualified_name_errors(key);
    (!errors.is_empty()).then(|| format!("{field}: Invalid value: {key:?}: {}", errors.join("; ")))
}

impl Requirement {
    /// Models labels.NewRequirement: the checks on key and values.
    fn new(key: &str, operator: Operator, values: Vec<String>) -> Result<Requirement, String> {
        let mut errors: Vec<String> = check_key(key, "key").into_iter().collect();
        let listed = format!("[{}]", values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(","));
        let count = match operator {
            Operator::In | Operator::NotIn if values.is_empty() => "for 'in', 'notin' operators, values set can't be empty",
            Operator::Equals | Operator::DoubleEquals | Operator::NotEquals if values.len() != 1 => {
                "exact-match compatibility requires one single value"
            }
            Operator::Exists | Operator::DoesNotExist if !values.is_empty() => "values set must be empty for exists and does not exist",
            Operator::GreaterThan | Operator::LessThan if values.len() != 1 => "for 'Gt', 'Lt' operators, exactly one value is required",
            _ => "",
        };
        if !count.is_empty() {
            errors.push(format!("values: Invalid value: {listed}: {count}"));
        }
        if matches!(operator, Operator::GreaterThan | Operator::LessThan) {
            for (index, value) in values.iter().enumerate().filter(|(_, value)| value.parse::<i64>().is_err()) {
                errors.push(format!("values[{index}]: Invalid value: {value:?}: for 'Gt', 'Lt' operators, the value must be an integer"));
            }
        }
        for (index, value) in values.iter().enumerate() {
            let wrong = label_value_errors(value);
            if !wrong.is_empty() {
                errors.push(format!("values[{index}][{key}]: Invalid value: {value:?}: {}", wrong.join("; ")));
            }
        }
        match errors.len() {
            0 => Ok(Requirement { key: key.to_owned(), operator, values }),
            1 => Err(errors.remove(0)),
            _ => Err(format!("[{}]", errors.join(", "))),
        }
    }

    /// An entry of a node selector's or a label selector's `matchExpressions`.
    /// # Errors
    /// The server's text where operator, key or values are wrong.
    pub fn from_object(expression: &Value) -> Result<Requirement, String> {
        let text = |field| expression.get(field).and_then(Value::as_str).unwrap_or("");
        let operator = match text("operator") {
            "In" => Operator::In,
            "NotIn" => Operator::NotIn,
            "Exists" => Operator::Exists,
            "DoesNotExist" => Operator::DoesNotExist,
            "Gt" => Operator::GreaterThan,
            "Lt" => Operator::LessThan,
            other => return Err(format!("{other:?} is not a valid label selector operator")),
        };
        let values = expression.get("values").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        Requirement::new(text("key"), operator, values.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Whether a label's value, or its absence, satisfies this.
    pub fn matches_value(&self, value: Option<&str>) -> bool {
        let listed = |value: &str| self.values.iter().any(|listed| listed == value);
        match self.operator {
            Operator::In | Operator::Equals | Operator::DoubleEquals => value.is_some_and(listed),
            Operator::NotIn | Operator::NotEquals => !value.is_some_and(listed),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::GreaterThan | Operator::LessThan => {
                let limit = self.values.first().and_then(|limit| limit.parse::<i64>().ok());
                match (value.and_then(|value| value.parse::<i64>().ok()), limit) {
                    (Some(value), Some(limit)) => {
                        if self.operator == Operator::GreaterThan {
                            value > limit
                        } else {
                            value < limit
                        }
                    }
                    _ => false,
                }
            }
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut values = self.values.clone();
        values.sort();
        let values = values.join(",");
        let key = &self.key;
        match self.operator {
            Operator::Exists => f.write_str(key),
            Operator::DoesNotExist => write!(f, "!{key}"),
            Operator::Equals => write!(f, "{key}={values}"),
            Operator::DoubleEquals => write!(f, "{key}=={values}"),
            Operator::NotEquals => write!(f, "{key}!={values}"),
            Operator::GreaterThan => write!(f, "{key}>{values}"),
            Operator::LessThan => write!(f, "{key}<{values}"),
            Operator::In => write!(f, "{key} in ({values})"),
            Operator::NotIn => write!(f, "{key} notin ({values})"),
        }
    }
}

impl LabelSelector {
    fn of(mut requirements: Vec<Requirement>) -> LabelSelector {
        requirements.sort_by(|a, b| a.key.cmp(&b.key));
        LabelSelector { requirements, nothing: false }
    }

    /// The selector that no labels satisfy.
    pub fn nothing() -> LabelSelector {
        LabelSelector { requirements: Vec::new(), nothing: true }
    }

    /// `{matchLabels, matchExpressions}`; null selects nothing, an empty map everything.
    /// # Errors
    /// The server's text where an operator, key or value is wrong.
    pub fn from_object(selector: &Value) -> Result<LabelSelector, String> {
        if selector.is_null() {
            return Ok(LabelSelector::nothing());
        }
        let mut requirements = Vec::new();
        for (key, value) in at(selector, &["matchLabels"]).and_then(Value::as_object).into_iter().flatten() {
            requirements.push(Requirement::new(key, Operator::Equals, vec![value.as_str().unwrap_or("").to_owned()])?);
        }
        for expression in at(selector, &["matchExpressions"]).and_then(Value::as_array).into_iter().flatten() {
            requirements.push(Requirement::from_object(expression)?);
        }
        Ok(LabelSelector::of(requirements))
    }

    /// A plain map of labels, as a Service's selector.
    pub fn from_set(labels: &Map) -> LabelSelector {
        let equals = |(key, value): (&str, &Value)| Requirement {
            key: key.to_owned(),
            operator: Operator::Equals,
            values: vec![value.as_str().unwrap_or("").to_owned()],
        };
        LabelSelector::of(labels.iter().map(equals).collect())
    }

    /// What `-l` takes: `app=web,tier in (a,b),!old`.
    /// # Errors
    /// The text of labels.Parse.
    pub fn parse(text: &str) -> Result<LabelSelector, String> {
        Parser { tokens: scan(text), position: 0 }.parse().map(LabelSelector::of)
    }

    /// As `{matchLabels, matchExpressions}`. Models metav1.ParseToLabelSelector.
    pub fn to_object(&self) -> Value {
        let mut object = Map::new();
        for one in &self.requirements {
            let operator = match one.operator {
                Operator::Equals | Operator::DoubleEquals => {
                    let labels = object.entry("matchLabels").or_insert_with(|| json!({}));
                    labels[one.key.as_str()] = json!(one.values.first());
                    continue;
                }
                Operator::In => "In",
                Operator::NotIn | Operator::NotEquals => "NotIn",
                Operator::Exists => "Exists",
                Operator::DoesNotExist => "DoesNotExist",
                Operator::GreaterThan => "Gt",
                Operator::LessThan => "Lt",
            };
            let mut expression = json!({"key": one.key, "operator": operator});
            if !one.values.is_empty() {
                expression["values"] = json!(one.values);
            }
            let list = object.entry("matchExpressions").or_insert_with(|| json!([]));
            list.as_array_mut().into_iter().for_each(|list| list.push(expression.clone()));
        }
        Value::Object(object)
    }

    /// Whether it selects everything.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty() && !self.nothing
    }

    /// Whether an object's `metadata.labels`, or their absence, satisfy every condition.
    pub fn matches(&self, labels: Option<&Map>) -> bool {
        !self.nothing
            && self
                .requirements
                .iter()
                .all(|requirement| requirement.matches_value(labels.and_then(|labels| labels.get(&requirement.key)).and_then(Value::as_str)))
    }

    /// As `Display`, `<none>` where it selects everything. Models metav1.FormatLabelSelector.
    pub fn format(&self) -> String {
        if self.requirements.is_empty() { "<none>".to_owned() } else { self.to_string() }
    }
}

impl fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, requirement) in self.requirements.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            write!(f, "{requirement}")?;
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    End,
    Symbol,
    Word,
    Error,
}

const SYMBOLS: [&str; 9] = [")", ",", "!", "==", "=", ">", "<", "!=", "("];

/// Models labels.Lexer.
fn scan(text: &str) -> Vec<(Token, String)> {
    let is_special = |c: char| "=!(),><".contains(c);
    let is_blank = |c: char| " \t\r\n".contains(c);
    let mut tokens = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(is_blank);
        let Some(first) = rest.chars().next() else {
            tokens.push((Token::End, String::new()));
            return tokens;
        };
        let length = if is_special(first) {
            let run = rest.find(|c| !is_special(c)).unwrap_or(rest.len());
            (1..=run.min(2)).rev().find(|length| SYMBOLS.contains(&&rest[..*length])).unwrap_or(0)
        } else {
            rest.find(|c| is_special(c) || is_blank(c)).unwrap_or(rest.len())
        };
        if length == 0 {
            let run = rest.find(|c| !is_special(c)).unwrap_or(rest.len());
            tokens.push((Token::Error, format!("error expected: keyword found '{}'", &rest[..run])));
            rest = &rest[run..];
            continue;
        }
        tokens.push((if is_special(first) { Token::Symbol } else { Token::Word }, rest[..length].to_owned()));
        rest = &rest[length..];
    }
}

/// Models labels.Parser.
struct Parser {
    tokens: Vec<(Token, String)>,
    position: usize,
}

impl Parser {
    fn peek(&self) -> (Token, String) {
        self.tokens.get(self.position).cloned().unwrap_or((Token::End, String::new()))
    }

    fn take(&mut self) -> (Token, String) {
        let token = self.peek();
        self.position += 1;
        token
    }

    fn next_is(&self, symbol: &str) -> bool {
        self.peek() == (Token::Symbol, symbol.to_owned())
    }

    fn parse(mut self) -> Result<Vec<Requirement>, String> {
        let mut requirements = Vec::new();
        loop {
            let (token, text) = self.peek();
            if token == Token::End {
                return Ok(requirements);
            }
            if token != Token::Word && !self.next_is("!") {
                return Err(format!("found '{text}', expected: !, identifier, or 'end of string'"));
            }
            requirements.push(self.requirement().map_err(|error| format!("unable to parse requirement: {error}"))?);
            let (token, text) = self.take();
            if token == Token::End {
                return Ok(requirements);
            }
            if token != Token::Symbol || text != "," {
                return Err(format!("found '{text}', expected: ',' or 'end of string'"));
            }
            let (token, text) = self.peek();
            if token != Token::Word && !self.next_is("!") {
                return Err(format!("found '{text}', expected: identifier after ','"));
            }
        }
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let absent = self.next_is("!");
        if absent {
            self.take();
        }
        let (token, key) = self.take();
        if token != Token::Word {
            return Err(format!("found '{key}', expected: identifier"));
        }
        if let Some(error) = check_key(&key, "<nil>") {
            return Err(error);
        }
        if absent {
            return Requirement::new(&key, Operator::DoesNotExist, Vec::new());
        }
        if self.peek().0 == Token::End || self.next_is(",") {
            return Requirement::new(&key, Operator::Exists, Vec::new());
        }
        let (_, text) = self.take();
        let operator = match text.as_str() {
            "in" => Operator::In,
            "notin" => Operator::NotIn,
            "=" => Operator::Equals,
            "==" => Operator::DoubleEquals,
            "!=" => Operator::NotEquals,
            ">" => Operator::GreaterThan,
            "<" => Operator::LessThan,
            _ => return Err(format!("found '{text}', expected: in, notin, =, ==, !=, gt, lt")),
        };
        let mut values = if matches!(operator, Operator::In | Operator::NotIn) { self.values()? } else { vec![self.exact_value()?] };
        values.sort();
        values.dedup();
        Requirement::new(&key, operator, values)
    }

    fn exact_value(&mut self) -> Result<String, String> {
        if self.peek().0 == Token::End || self.next_is(",") {
            return Ok(String::new());
        }
        match self.take() {
            (Token::Word, text) => Ok(text),
            (_, text) => Err(format!("found '{text}', expected: identifier")),
        }
    }

    fn values(&mut self) -> Result<Vec<String>, String> {
        let (_, text) = self.take();
        if text != "(" {
            return Err(format!("found '{text}' expected: '('"));
        }
        let (token, first) = self.peek();
        if self.next_is(")") {
            self.take();
            return Ok(vec![String::new()]);
        }
        if token != Token::Word && !self.next_is(",") {
            return Err(format!("found '{first}', expected: ',', ')' or identifier"));
        }
        let values = self.identifiers()?;
        if self.take().1 != ")" {
            return Err(format!("found '{first}', expected: ')'"));
        }
        Ok(values)
    }

    fn identifiers(&mut self) -> Result<Vec<String>, String> {
        let mut values = Vec::new();
        loop {
            let (token, text) = self.take();
            if token == Token::Word {
                values.push(text);
                if self.next_is(")") {
                    return Ok(values);
                }
                if !self.next_is(",") {
                    return Err(format!("found '{}', expected: ',' or ')'", self.peek().1));
                }
            } else if token == Token::Symbol && text == "," {
                if values.is_empty() {
                    values.push(String::new());
                }
                if self.next_is(")") {
                    values.push(String::new());
                    return Ok(values);
                }
                if self.next_is(",") {
                    self.take();
                    values.push(String::new());
                }
            } else {
                return Err(format!("found '{text}', expected: ',', or identifier"));
            }
        }
    }
}

/// One condition on one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldTerm {
    /// Such as `spec.nodeName`.
    pub field: String,
    pub value: String,
    pub negative: bool,
}

/// Conditions on fields, all of which must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldSelector {
    pub terms: Vec<FieldTerm>,
}

impl FieldSelector {
    /// What `--field-selector` takes: `status.phase!=Running,metadata.name=a`.
    /// # Errors
    /// The text of fields.ParseSelector.
    pub fn parse(text: &str) -> Result<FieldSelector, String> {
        let mut terms = Vec::new();
        for part in split_terms(text) {
            if part.is_empty() {
                continue;
            }
            let operator = (0..part.len())
                .filter(|at| part.is_char_boundary(*at))
                .find_map(|at| ["!=", "==", "="].into_iter().find(|operator| part[at..].starts_with(operator)).map(|operator| (at, operator)));
            let Some((at, operator)) = operator else {
                return Err(format!("invalid selector: '{text}'; can't understand '{part}'"));
            };
            terms.push(FieldTerm { field: part[..at].to_owned(), value: unescape(&part[at + operator.len()..])?, negative: operator == "!=" });
        }
        Ok(FieldSelector { terms })
    }

    /// Whether the values that `value_of` finds by path (empty where absent) satisfy every condition.
    pub fn matches(&self, value_of: impl Fn(&str) -> String) -> bool {
        self.terms.iter().all(|term| (value_of(&term.field) == term.value) != term.negative)
    }
}

impl fmt::Display for FieldSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            let value = term.value.replace('\\', "\\\\").replace(',', "\\,").replace('=', "\\=");
            write!(f, "{}{}{}{value}", if index > 0 { "," } else { "" }, term.field, if term.negative { "!=" } else { "=" })?;
        }
        Ok(())
    }
}

/// Splits at commas that no backslash escapes.
fn split_terms(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (index, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == ',' {
            parts.push(&text[start..index]);
            start = index + 1;
        }
    }
    parts.push(&text[start..]);
    parts
}

fn unescape(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some(next @ ('\\' | ',' | '=')) => out.push(next),
                Some(next) => return Err(format!("invalid field selector: invalid escape sequence: \\{next}")),
                None => return Err("invalid field selector: invalid escape sequence: \\".to_owned()),
            },
            ',' | '=' => return Err(format!("invalid field selector: unescaped character in value: {}", c as u32)),
            c => out.push(c),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::object::json;

    fn check(text: &str, labels: Value, expect: bool) {
        assert_eq!(LabelSelector::parse(text).unwrap().matches(labels.as_object()), expect, "{text}");
    }

    #[test]
    fn label_selectors_match() {
        check("", json!({}), true);
        check("app=web", json!({"app": "web"}), true);
        check("app=web,tier!=db", json!({"app": "web"}), true);
        check("app in (web, api)", json!({"app": "api"}), true);
        check("app notin (web)", json!({"app": "web"}), false);
        check("app", json!({}), false);
        check("!app", json!({}), true);
        check("n>3", json!({"n": "4"}), true);
        let selector = LabelSelector::from_object(&json!({"matchLabels": {"b": "1"}, "matchExpressions": [{"key": "a", "operator": "Exists"}]}));
        assert_eq!(selector.unwrap().format(), "a,b=1");
        assert!(!LabelSelector::from_object(&Value::Null).unwrap().matches(None));
    }

    #[test]
    fn wrong_label_selectors_say_what_is_wrong() {
        for (text, expect) in [
            ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
            ("=a", "found '=', expected: !, identifier, or 'end of string'"),
            ("a in b", "unable to parse requirement: found 'b' expected: '('"),
            ("a,", "found '', expected: identifier after ','"),
        ] {
            assert_eq!(LabelSelector::parse(text).unwrap_err(), expect);
        }
        assert!(
            LabelSelector::parse("a=-b").unwrap_err().starts_with("unable to parse requirement: values[0][a]: Invalid value: \"-b\": a valid label")
        );
    }

    #[test]
    fn field_selectors_match() {
        let phase = |path: &str| if path == "status.phase" { "Running".to_owned() } else { String::new() };
        assert!(FieldSelector::parse("status.phase=Running,spec.nodeName!=a").unwrap().matches(phase));
        assert!(!FieldSelector::parse("status.phase!=Running").unwrap().matches(phase));
        assert_eq!(FieldSelector::parse("status").unwrap_err(), "invalid selector: 'status'; can't understand 'status'");
    }
}
