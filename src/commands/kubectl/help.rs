//! Help texts, and what kubectl says to a command that it does not know.

use crate::commands::kubectl::Host;
use crate::commands::kubectl::verbs::VERBS;

/// The pages of `kubectl COMMAND --help` (see `generate_help.py`): first the flags, one a line with its text behind a tab; then each page
/// behind `%COMMAND`, where a line such as `@3 14` stands for those flags.
const PAGES: &str = include_str!("help.txt");
/// Where the pages were written, the home directory is this.
const HOME: &str = "/root/";

/// What `kubectl COMMAND --help` prints; empty: `kubectl` alone.
pub fn page(host: &Host<'_>, command: &str) -> String {
    let home = host.environment.get("HOME").map_or("", String::as_str);
    let (flags, pages) = PAGES.split_once("\n%").unwrap_or((PAGES, ""));
    let flags: Vec<&str> = flags.lines().collect();
    let found = pages.split("\n%").find_map(|page| page.split_once('\n').filter(|(name, _)| *name == command));
    let mut text = String::new();
    let mut examples = false;
    let lines: Vec<&str> = found.map_or("", |(_, page)| page).lines().collect();
    for (index, line) in lines.iter().enumerate() {
        match line.strip_prefix('@') {
            Some(numbers) => {
                for flag in numbers.split(' ').filter_map(|number| flags.get(number.parse::<usize>().ok()?)) {
                    let (name, about) = flag.split_once('\t').unwrap_or((flag, ""));
                    text.push_str(&format!("    {name}\n\t{about}\n\n"));
                }
                // The page goes on behind the last flag's own blank line.
                text.pop();
            }
            None => {
                examples = *line == "Examples:" || examples && (line.is_empty() || line.starts_with(' '));
                // Between examples stand two blanks, behind them nothing.
                let between = examples && line.is_empty() && lines.get(index + 1).is_some_and(|next| next.starts_with("  "));
                text.push_str(if between { "  " } else { line });
                text.push('\n');
            }
        }
    }
    text.replace(&format!("'{HOME}.kube"), &format!("'{home}/.kube"))
}

/// `error: unknown command …` with cobra's suggestions.
pub fn unknown_command(word: &str) -> String {
    let mut text = format!("error: unknown command {word:?} for \"kubectl\"\n");
    let lower = word.to_ascii_lowercase();
    let similar: Vec<&str> = VERBS
        .iter()
        .map(|verb| verb.name)
        .filter(|name| !name.contains(' '))
        .filter(|name| distance(&lower, name) <= 2 || name.starts_with(&lower))
        .collect();
    if !similar.is_empty() {
        text.push_str("\nDid you mean this?\n");
        for name in similar {
            text.push_str(&format!("\t{name}\n"));
        }
    }
    text
}

/// The Levenshtein distance of two words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_verb_is_suggested() {
        assert_eq!(unknown_command("gte"), "error: unknown command \"gte\" for \"kubectl\"\n\nDid you mean this?\n\tget\n");
        assert_eq!(distance("gett", "set"), 2);
    }
}
