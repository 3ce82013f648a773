//! `statelab replay PAGE.md`: a session page printed again with our outputs.
//!
//! The format stands beside the recorded pages: front matter, files in fences, console blocks.

use super::console::ConsoleState;
use super::session::Session;
use crate::control::flavour;

/// Nodes where a page names none, and the most that it may ask for.
const NODES: usize = 1;
const NODES_MAX: usize = 100;
const SEED: u64 = 1;
/// How often a command gets Ctrl-D before it gets Ctrl-C.
const ENDS_MAX: usize = 5;

/// The page with our outputs; everything outside the outputs byte for byte.
pub fn replay(page: &str) -> String {
    let lines: Vec<&str> = page.split('\n').collect();
    let flavour = flavour::by_name("recorded").unwrap_or(&flavour::FLAVOURS[0]);
    let mut session = Session::new(flavour, nodes(&lines), SEED);
    for (name, text) in files(&lines) {
        session.write_file(&name, &text);
    }
    // The sessions were recorded with an editor that changes nothing, where a command names none.
    session.type_line("export EDITOR=true");
    session.run_to_prompt();
    let mut result: Vec<String> = Vec::new();
    let mut index = 0;
    let mut console = false;
    while index < lines.len() {
        let line = lines[index];
        if line.starts_with("```") {
            console = !console && line.starts_with("```console");
            result.push(line.to_owned());
            index += 1;
        } else if console && line.starts_with("$ ") {
            index = command(&mut session, &lines, index, &mut result);
        } else {
            result.push(line.to_owned());
            index += 1;
        }
    }
    result.join("\n")
}

fn nodes(lines: &[&str]) -> usize {
    if lines.first() != Some(&"---") {
        return NODES;
    }
    let head = lines[1..].iter().take_while(|line| **line != "---");
    head.filter_map(|line| line.strip_prefix("nodes:")).find_map(|count| count.trim().parse().ok()).unwrap_or(NODES).clamp(1, NODES_MAX)
}

/// The files that a page brings along, each with exactly one newline at its end.
fn files(lines: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut index = 0;
    while index < lines.len() {
        let Some(info) = lines[index].strip_prefix("```") else {
            index += 1;
            continue;
        };
        let end = (index + 1..lines.len()).find(|line| lines[*line].starts_with("```")).unwrap_or(lines.len());
        if let Some(name) = info.split_whitespace().find_map(|word| word.strip_prefix("file=")) {
            let text = lines[(index + 1).min(end)..end].join("\n");
            found.push((name.to_owned(), format!("{}\n", text.trim_end_matches('\n'))));
        }
        index = end + 1;
    }
    found
}

/// Runs the command at `index` with the lines typed into it; returns where the next one begins.
fn command(session: &mut Session, lines: &[&str], mut index: usize, result: &mut Vec<String>) -> usize {
    let is_end = |line: &str| line.starts_with("$ ") || line.starts_with("```");
    result.push(lines[index].to_owned());
    session.type_line(lines[index].get(2..).unwrap_or(""));
    index += 1;
    while index < lines.len() && !is_end(lines[index]) {
        if let Some(typed) = lines[index].strip_prefix("> ").or_else(|| (lines[index] == ">").then_some("")) {
            session.run_to_prompt();
            push_output(session, result);
            result.push(lines[index].to_owned());
            if session.state() != ConsoleState::Prompt {
                session.type_line(typed);
            }
        }
        index += 1;
    }
    session.run_to_prompt();
    // Ctrl-D, once for each program that reads within another.
    for _ in 0..ENDS_MAX {
        if session.state() == ConsoleState::Prompt {
            break;
        }
        session.end_input();
        session.run_to_prompt();
    }
    if session.state() != ConsoleState::Prompt {
        session.interrupt();
        session.run_to_prompt();
    }
    push_output(session, result);
    if session.last_code() != 0 {
        result.push(format!("? {}", session.last_code()));
    }
    index
}

/// Writes what the session has printed: no blanks at line ends, no blank lines at both ends, page syntax behind a backslash.
fn push_output(session: &mut Session, result: &mut Vec<String>) {
    let bytes: Vec<u8> = session.take_output().into_iter().flat_map(|chunk| chunk.bytes).collect();
    let text = String::from_utf8_lossy(&bytes).replace('\r', "");
    let lines: Vec<&str> = text.split('\n').map(str::trim_end).collect();
    let Some(first) = lines.iter().position(|line| !line.is_empty()) else { return };
    let last = lines.iter().rposition(|line| !line.is_empty()).unwrap_or(first);
    result.extend(lines[first..=last].iter().map(|line| shown(line)));
}

fn shown(line: &str) -> String {
    let is_code = line.strip_prefix("? ").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let is_syntax = line.starts_with("$ ") || line.starts_with("> ") || line.starts_with("```") || line.starts_with('\\') || is_code;
    if is_syntax { format!("\\{line}") } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_what_is_no_output() {
        let page = "---\nnodes: 2\n---\n# Title\n\n```yaml file=a.yaml\na: 1\n```\n\ntext\n";
        assert_eq!(replay(page), page);
        let lines: Vec<&str> = page.split('\n').collect();
        assert_eq!(nodes(&lines), 2);
        assert_eq!(files(&lines), [("a.yaml".to_owned(), "a: 1\n".to_owned())]);
    }

    #[test]
    fn page_syntax_in_outputs_is_escaped() {
        assert_eq!(shown("? 1"), "\\? 1");
        assert_eq!(shown("? x"), "? x");
    }
}
