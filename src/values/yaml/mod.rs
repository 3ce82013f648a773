//! Manifests: text -> documents with lines and diagnostics; tree -> text as kubectl prints it.
//! Models sigs.k8s.io/yaml over go.yaml.in/yaml/v2, and apimachinery/pkg/util/yaml YAMLOrJSONDecoder.

mod gojson;
mod parser;
mod print;
mod resolve;
mod scalars;
mod scanner;

use super::object::Value;
use std::collections::BTreeMap;

pub use gojson::{JsonError, parse_json};

/// A mistake in a text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Counted from 1.
    pub line: usize,
    /// What kubectl would print of it, without its `error: ` prefix.
    pub message: String,
}

/// One document of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub value: Value,
    /// The line of its first content, from 1.
    pub line: usize,
    /// The line of each field by its path, such as `spec.containers[0].name`.
    pub lines: BTreeMap<String, usize>,
}

/// Reads a YAML (or JSON) stream as kubectl does. Documents before a mistake are returned with it; empty ones are left out.
pub fn parse(text: &str) -> (Vec<Document>, Vec<Diagnostic>) {
    let mut documents = Vec::new();
    let error = if text.trim_start().starts_with('{') { parse_json_stream(text, &mut documents) } else { parse_yaml_stream(text, 0, &mut documents) };
    (documents, error.err().into_iter().collect())
}

/// One document of YAML, as `kubectl patch` takes it.
/// # Errors
/// `yaml: line 2: …`.
pub fn parse_one(text: &str) -> Result<Value, String> {
    parser::Parser::new(text).document().map_err(|problem| problem_text(&problem))
}

/// The text of a tree as `kubectl get -o yaml` prints it, with a newline at its end.
pub fn print(value: &Value) -> String {
    print::print(value)
}

fn problem_text(problem: &scanner::Problem) -> String {
    if problem.text.starts_with("json: ") || problem.text.starts_with("unsupported map key") {
        problem.text.clone()
    } else if problem.line == 0 {
        format!("yaml: {}", problem.text)
    } else {
        format!("yaml: line {}: {}", problem.line, problem.text)
    }
}

/// Documents are cut at `---` first and then read one by one, so the lines of errors count from the cut, as kubectl's do.
fn parse_yaml_stream(text: &str, offset: usize, documents: &mut Vec<Document>) -> Result<(), Diagnostic> {
    let mut buffer = String::new();
    let mut start = offset;
    for (index, line) in text.lines().enumerate() {
        if let Some(rest) = line.strip_prefix("---") {
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                return Err(Diagnostic { line: offset + index + 1, message: format!("invalid Yaml document separator: {rest}") });
            }
            if !buffer.is_empty() {
                parse_yaml(&buffer, start, documents)?;
                buffer.clear();
                start = offset + index + 1;
                continue;
            }
        }
        if buffer.is_empty() {
            start = offset + index;
        }
        buffer.push_str(line);
        buffer.push('\n');
    }
    if buffer.is_empty() { Ok(()) } else { parse_yaml(&buffer, start, documents) }
}

fn parse_yaml(text: &str, offset: usize, documents: &mut Vec<Document>) -> Result<(), Diagnostic> {
    let mut parser = parser::Parser::new(text);
    match parser.document() {
        Err(problem) => {
            Err(Diagnostic { line: offset + problem.line.max(1), message: format!("error converting YAML to JSON: {}", problem_text(&problem)) })
        }
        Ok(Value::Null) => Ok(()),
        Ok(value) => {
            let lines = parser.lines.into_iter().map(|(path, line)| (path, line + offset)).collect();
            documents.push(Document { value, line: offset + parser.first_line, lines });
            Ok(())
        }
    }
}

/// JSON values one behind the other; what is no JSON is tried as YAML, and if that fails too the JSON error is told.
fn parse_json_stream(text: &str, documents: &mut Vec<Document>) -> Result<(), Diagnostic> {
    let mut at = 0;
    let line_of = |at: usize| text[..at].matches('\n').count() + 1;
    while !text[at..].trim_start().is_empty() {
        let begin = at + (text[at..].len() - text[at..].trim_start().len());
        match parse_json(&text[begin..]) {
            Ok((value, length)) => {
                let mut probe = Vec::new();
                // JSON is YAML: a second reading gives the lines.
                let lines = match parse_yaml(&text[begin..begin + length], line_of(begin) - 1, &mut probe) {
                    Ok(()) => probe.pop().map(|document| document.lines).unwrap_or_default(),
                    Err(_) => BTreeMap::new(),
                };
                if !value.is_null() {
                    documents.push(Document { value, line: line_of(begin), lines });
                }
                at = begin + length;
            }
            Err(error) => {
                let known = documents.len();
                let rest = text[at..].trim_start_matches([' ', '\t', '\r']);
                let rest = rest.strip_prefix('\n').unwrap_or(rest);
                let offset = line_of(text.len() - rest.len()) - 1;
                return match parse_yaml_stream(rest, offset, documents) {
                    Ok(()) => Ok(()),
                    Err(_) => {
                        documents.truncate(known);
                        Err(Diagnostic { line: line_of((begin + error.offset).min(text.len())), message: error.decoder_text(begin) })
                    }
                };
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::object::json;

    fn check(text: &str, expect: &[Value]) {
        let (documents, diagnostics) = parse(text);
        assert_eq!(diagnostics, [], "{text}");
        assert_eq!(documents.into_iter().map(|document| document.value).collect::<Vec<_>>(), expect, "{text}");
    }

    fn check_error(text: &str, expect: &str) {
        let (_, diagnostics) = parse(text);
        assert_eq!(diagnostics.first().map(|diagnostic| diagnostic.message.as_str()), Some(expect), "{text}");
    }

    #[test]
    fn documents_are_read() {
        check(
            "a: 1\nb:\n- x\n- v: z\n  w: 'it''s'\nc: {d: [1, two], e: }\n",
            &[json!({"a": 1, "b": ["x", {"v": "z", "w": "it's"}], "c": {"d": [1, "two"], "e": null}})],
        );
        check("---\n# one\n---\na: b\n---\n\n---\nc: |\n  x\n   y\n\n  z\n", &[json!({"a": "b"}), json!({"c": "x\n y\n\nz\n"})]);
        check(
            "a: yes\nb: 'yes'\nc: 010\nd: 1e3\ne: 2026-11-21\nf: ~\non: off\n",
            &[json!({"a": true, "b": "yes", "c": 8, "d": 1000, "e": "2026-11-21", "f": null, "true": false})],
        );
        check("base: &b {x: 1, z: 2}\nmore:\n  <<: *b\n  z: 3\n", &[json!({"base": {"x": 1, "z": 2}, "more": {"x": 1, "z": 3}})]);
        check(
            "a: >-\n  one\n  two\n\n  three\nb: \"x\\ty\\u00e9\"\nc: plain\n  goes on\n",
            &[json!({"a": "one two\nthree", "b": "x\tyé", "c": "plain goes on"})],
        );
        check("a: 1\na: 2\n", &[json!({"a": 2})]);
        check("{\"a\": 1}\n{\"b\": [true]}", &[json!({"a": 1}), json!({"b": [true]})]);
        check("{a: 1}\n---\nb: 2", &[json!({"a": 1}), json!({"b": 2})]);
        check(
            "command: [\"sh\", \"-c\", \"echo hi: there\"]\nimage: busybox:1.28\n",
            &[json!({"command": ["sh", "-c", "echo hi: there"], "image": "busybox:1.28"})],
        );
    }

    #[test]
    fn lines_of_fields_are_known() {
        let (documents, _) = parse("# head\na: 1\nb:\n- c: 2\n---\nd: 3\n");
        assert_eq!(documents[0].line, 2);
        assert_eq!(documents[0].lines["b[0].c"], 4);
        assert_eq!(documents[1].lines["d"], 6);
    }

    #[test]
    fn mistakes_are_told_as_go_yaml_tells_them() {
        for (text, expect) in [
            ("a: 1\nb:\n  name: bad\n   labels: {}\n", "yaml: line 4: mapping values are not allowed in this context"),
            ("a:\n\tb: 1\n", "yaml: line 2: found character that cannot start any token"),
            ("a: 1\nb: 2\n c: 3\n", "yaml: line 3: mapping values are not allowed in this context"),
            ("a:\n  b: 1\n c: 2\n", "yaml: line 2: did not find expected key"),
            ("a: [1, 2\nb: 3\n", "yaml: line 1: did not find expected ',' or ']'"),
            ("a: 1\nfoo\nb: 2\n", "yaml: line 3: could not find expected ':'"),
            ("a: \"x\nb: 1\n", "yaml: line 3: found unexpected end of stream"),
            ("a: *x\n", "yaml: unknown anchor 'x' referenced"),
            ("- a\nb: c\n", "yaml: line 1: did not find expected '-' indicator"),
        ] {
            check_error(text, &format!("error converting YAML to JSON: {expect}"));
        }
        check_error("--- x\n", "invalid Yaml document separator: x");
        check_error("{\"a\": {\"b\": 1\n", "unexpected EOF");
        let bomb = format!(
            "a: &a [x,x,x,x,x,x,x,x,x]\n{}",
            (b'b'..b'k')
                .map(|c| {
                    let (this, last) = (c as char, (c - 1) as char);
                    format!("{this}: &{this} [*{last},*{last},*{last},*{last},*{last},*{last},*{last},*{last},*{last}]\n")
                })
                .collect::<String>()
        );
        check_error(&bomb, "error converting YAML to JSON: yaml: document contains excessive aliasing");
    }

    #[test]
    fn trees_print_as_kubectl_prints_them() {
        let value = json!({
            "a": {"x10": 1, "x9": 2}, "list": ["one", {"k": "v", "l": [1]}, ["n"]], "none": [], "empty": {}, "null": null,
            "quoted": ["", "1", "true", "no", "null", "1.5", "2026-11-21T00:00:00Z", "a: b", "- x", "# c", "*", "it's", "0x1F", "1:30", "{}", " lead"],
            "text": "one\ntwo\n", "strip": "one\ntwo", "tab": "a\tb", "y": "n"
        });
        let expect = "a:\n  x9: 2\n  x10: 1\nempty: {}\nlist:\n- one\n- k: v\n  l:\n  - 1\n- - \"n\"\nnone: []\n\"null\": null\nquoted:\n- \"\"\n- \"1\"\n- \"true\"\n- \"no\"\n- \"null\"\n- \"1.5\"\n- \"2026-11-21T00:00:00Z\"\n- 'a: b'\n- '- x'\n- '# c'\n- '*'\n- it's\n- \"0x1F\"\n- \"1:30\"\n- '{}'\n- ' lead'\nstrip: |-\n  one\n  two\ntab: \"a\\tb\"\ntext: |\n  one\n  two\n\"y\": \"n\"\n";
        assert_eq!(print(&value), expect);
        check(expect, &[value]);
    }
}
