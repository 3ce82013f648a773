//! POSIX regular expressions, basic and extended, put into the words of the regex crate.
//!
//! Simplified: no back-references within a pattern, and alternatives are tried from the left rather than for the longest match.

use regex_lite::{Regex, RegexBuilder};

/// A basic expression, as grep and sed take by default: `\(`, `\{`, `\+`, `\|` are the operators.
/// # Errors
/// What is wrong with the pattern.
pub fn basic(pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    build(&translated(pattern, false), ignore_case)
}

/// An extended expression, as grep -E, sed -E and awk take.
/// # Errors
/// What is wrong with the pattern.
pub fn extended(pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    build(&translated(pattern, true), ignore_case)
}

/// A pattern that stands for itself.
/// # Errors
/// Never in practice.
pub fn fixed(pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    build(&regex_lite::escape(pattern), ignore_case)
}

fn build(pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    RegexBuilder::new(pattern).case_insensitive(ignore_case).build().map_err(|_| {
        let opened = pattern.matches('(').count();
        let message = if opened != pattern.matches(')').count() {
            "Unmatched ( or \\("
        } else if pattern.matches('[').count() != pattern.matches(']').count() {
            "Unmatched [, [^, [:, [., or [="
        } else {
            "Invalid regular expression"
        };
        message.to_owned()
    })
}

fn translated(pattern: &str, extended: bool) -> String {
    let mut result = String::new();
    let chars: Vec<char> = pattern.chars().collect();
    let mut at = 0;
    // Whether a `*` here would have nothing before it, and so stands for itself.
    let mut start = true;
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        let was_start = std::mem::replace(&mut start, false);
        match c {
            '\\' => {
                let Some(next) = chars.get(at).copied() else {
                    result.push_str("\\\\");
                    break;
                };
                at += 1;
                match next {
                    '(' | '|' if !extended => {
                        result.push(next);
                        start = true;
                    }
                    ')' | '{' | '}' | '+' | '?' if !extended => result.push(next),
                    '<' | '>' => result.push_str("\\b"),
                    'w' | 'W' | 's' | 'S' | 'b' | 'B' | 'n' | 't' | 'r' => result.extend(['\\', next]),
                    '\'' => result.push_str("\\z"),
                    '`' => result.push_str("\\A"),
                    other => result.push_str(&regex_lite::escape(&other.to_string())),
                }
            }
            '[' => at = bracket(&chars, at, &mut result),
            '*' if was_start && !extended => result.push_str("\\*"),
            '^' => {
                if was_start || extended {
                    result.push('^');
                    start = true;
                } else {
                    result.push_str("\\^");
                }
            }
            '$' if !extended && at < chars.len() && !(chars[at] == '\\' && matches!(chars.get(at + 1), Some(')' | '|'))) => result.push_str("\\$"),
            '(' | ')' | '|' | '{' | '}' | '+' | '?' if !extended => result.extend(['\\', c]),
            '{' if !chars.get(at).is_some_and(char::is_ascii_digit) && !matches!(chars.get(at), Some(',')) => result.push_str("\\{"),
            '}' if !result.rfind('{').is_some_and(|open| !result[..open].ends_with('\\') && !result[open..].contains('}')) => result.push_str("\\}"),
            '(' | '|' => {
                result.push(c);
                start = true;
            }
            _ => result.push(c),
        }
    }
    result
}

/// A bracket expression: backslashes are plain, `]` may come first.
fn bracket(chars: &[char], mut at: usize, result: &mut String) -> usize {
    result.push('[');
    if matches!(chars.get(at), Some('^')) {
        result.push('^');
        at += 1;
    }
    let mut first = true;
    while let Some(c) = chars.get(at).copied() {
        at += 1;
        match c {
            ']' if !first => {
                result.push(']');
                return at;
            }
            '[' if matches!(chars.get(at), Some(':')) => {
                let end = chars[at + 1..].iter().position(|c| *c == ':').map_or(chars.len(), |end| at + 1 + end + 2).min(chars.len());
                result.push('[');
                result.extend(&chars[at..end]);
                at = end;
            }
            // awk and GNU sed read these escapes in brackets as well; POSIX' plain backslash is rarer.
            '\\' if matches!(chars.get(at), Some('n' | 't' | '\\' | '/' | ']' | 's' | 'w' | '"' | '.' | '[')) => {
                if !matches!(chars[at], '"' | '/') {
                    result.push('\\');
                }
                result.push(chars[at]);
                at += 1;
            }
            '[' | ']' | '\\' | '&' | '~' => result.extend(['\\', c]),
            _ => result.push(c),
        }
        first = false;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posix_patterns_match_as_grep_does() {
        let check = |pattern: &str, is_extended: bool, text: &str, expect: Option<&str>| {
            let regex = if is_extended { extended(pattern, false) } else { basic(pattern, false) }.unwrap();
            assert_eq!(regex.find(text).map(|found| found.as_str()), expect, "{pattern}");
        };
        check("a\\(b\\)*c", false, "xabbc", Some("abbc"));
        check("a+", false, "aa a+", Some("a+"));
        check("a+", true, "aa a+", Some("aa"));
        check("*x", false, "a*x", Some("*x"));
        check("[]x]", false, "]", Some("]"));
        check("[^[:space:]]*", false, "ab c", Some("ab"));
        check("^(a|b)", true, "ba", Some("b"));
        check("x\\{2\\}", false, "xxx", Some("xx"));
        check("x{2,}", true, "xxx", Some("xxx"));
        check("a{", true, "a{", Some("a{"));
        check("\\<or\\>", false, "for or", Some("or"));
        check("/data/[a-z/]*", false, "/data/x/y", Some("/data/x/y"));
        assert!(extended("(a", false).is_err());
    }
}
