//! Patterns of file names, as fnmatch(3) takes them.

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
