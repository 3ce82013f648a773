//! A template as a tree. Models text/template/parse.

#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Text(String),
    /// A pipeline, printed unless it is an assignment.
    Action(String),
    /// `if`, `range` or `with`: its pipeline, its body, its `else`.
    Block(String, String, Vec<Node>, Vec<Node>),
}

/// What may stand at the head of a command besides fields, variables and constants.
const KNOWN_WORDS: [&str; 26] = [
    "and",
    "base64decode",
    "break",
    "call",
    "continue",
    "eq",
    "exists",
    "false",
    "ge",
    "gt",
    "html",
    "index",
    "js",
    "le",
    "len",
    "lt",
    "ne",
    "nil",
    "not",
    "or",
    "print",
    "printf",
    "println",
    "slice",
    "true",
    "urlquery",
];

/// Blocks within blocks deeper than this are refused.
const MAX_DEPTH: usize = 32;

/// Reads a template.
/// # Errors
/// What Go finds wrong with it.
pub fn parse(template: &str) -> Result<Vec<Node>, String> {
    let (found, end) = nodes(&mut split(template)?.into_iter(), 0)?;
    if end != End::Text {
        return Err("unexpected {{end}}".to_owned());
    }
    match unknown_function(&found) {
        Some(name) => Err(format!("function {name:?} not defined")),
        None => Ok(found),
    }
}

/// The first name at the head of a command that is no function.
fn unknown_function(nodes: &[Node]) -> Option<String> {
    let of_pipeline = |pipeline: &str| {
        let (_, pipeline) = assignment(pipeline);
        let heads = split_outside(pipeline, '|').into_iter().filter_map(|command| command.split_whitespace().next());
        let mut names = heads.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()));
        names.find(|word| !KNOWN_WORDS.contains(word)).map(str::to_owned)
    };
    nodes.iter().find_map(|node| match node {
        Node::Text(_) => None,
        Node::Action(action) => of_pipeline(action),
        Node::Block(_, pipeline, body, other) => of_pipeline(pipeline).or_else(|| unknown_function(body)).or_else(|| unknown_function(other)),
    })
}

enum Piece {
    Text(String),
    Action(String),
}

/// Text and actions in turn; `{{-` and `-}}` eat the blanks beside them.
fn split(template: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = template;
    let mut trim = false;
    loop {
        let (text, after) = rest.split_once("{{").map_or((rest, None), |(text, after)| (text, Some(after)));
        let mut text = if trim { text.trim_start() } else { text };
        let Some(after) = after else {
            pieces.push(Piece::Text(text.to_owned()));
            return Ok(pieces);
        };
        let after = match after.strip_prefix("- ") {
            Some(after) => {
                text = text.trim_end();
                after
            }
            None => after,
        };
        pieces.push(Piece::Text(text.to_owned()));
        let end = action_end(after).ok_or("unclosed action")?;
        let action = &after[..end];
        rest = &after[end + 2..];
        trim = action.ends_with(" -");
        let action = action.strip_suffix(" -").unwrap_or(action).trim();
        if !action.starts_with("/*") {
            pieces.push(Piece::Action(action.to_owned()));
        }
    }
}

/// Where `}}` stands, quoted text passed over.
fn action_end(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match quote {
            Some('"') if c == '\\' => {
                chars.next();
            }
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '`' => quote = Some(c),
            None if text[at..].starts_with("}}") => return Some(at),
            None => {}
        }
    }
    None
}

#[derive(PartialEq)]
enum End {
    Text,
    Closed,
    Else(String),
}

fn nodes(pieces: &mut std::vec::IntoIter<Piece>, depth: usize) -> Result<(Vec<Node>, End), String> {
    if depth > MAX_DEPTH {
        return Err("template is nested too deeply".to_owned());
    }
    let mut nodes = Vec::new();
    while let Some(piece) = pieces.next() {
        let action = match piece {
            Piece::Text(text) => {
                nodes.push(Node::Text(text));
                continue;
            }
            Piece::Action(action) => action,
        };
        let (word, rest) = action.split_once(char::is_whitespace).unwrap_or((&action, ""));
        match word {
            "end" => return Ok((nodes, End::Closed)),
            "else" => return Ok((nodes, End::Else(rest.trim().to_owned()))),
            "if" | "range" | "with" => nodes.push(block(word, rest, pieces, depth)?),
            "" => return Err("missing value for command".to_owned()),
            _ => nodes.push(Node::Action(action)),
        }
    }
    if depth > 0 { Err("unexpected EOF".to_owned()) } else { Ok((nodes, End::Text)) }
}

fn block(word: &str, rest: &str, pieces: &mut std::vec::IntoIter<Piece>, depth: usize) -> Result<Node, String> {
    let (body, end) = nodes(pieces, depth + 1)?;
    let other = match end {
        End::Else(rest) if rest.is_empty() => nodes(pieces, depth + 1)?.0,
        End::Else(rest) => {
            let (word, rest) = rest.split_once(char::is_whitespace).unwrap_or((&rest, ""));
            vec![block(word, rest, pieces, depth + 1)?]
        }
        _ => Vec::new(),
    };
    Ok(Node::Block(word.to_owned(), rest.trim().to_owned(), body, other))
}

/// The names in front of `:=` or `=`, without their `$`.
pub fn assignment(text: &str) -> (Vec<String>, &str) {
    if text.starts_with('$')
        && let Some((names, pipeline)) = text.split_once(":=").or_else(|| text.split_once(" = "))
    {
        return (names.split(',').map(|name| name.trim().trim_start_matches('$').to_owned()).collect(), pipeline.trim());
    }
    (Vec::new(), text)
}

/// Splits at a sign outside quotes and parentheses.
pub fn split_outside(text: &str, sign: char) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut quote) = (0, 0, None);
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some('"') if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '"' || c == '`' => quote = Some(c),
            None if c == '(' => depth += 1,
            None if c == ')' => depth -= 1,
            None if c == sign && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            None => {}
        }
    }
    parts.push(&text[start..]);
    parts
}
