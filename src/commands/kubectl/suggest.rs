//! What kubectl says to a command that it does not know.

use super::verbs::VERBS;

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
