//! Help texts, and what kubectl says to a command that it does not know.

use super::args;
use super::verbs::{VERBS, Verb};

/// The groups of `kubectl --help`, in their order.
const GROUPS: [&str; 8] = [
    "Basic Commands (Beginner)",
    "Basic Commands (Intermediate)",
    "Deploy Commands",
    "Cluster Management Commands",
    "Troubleshooting and Debugging Commands",
    "Advanced Commands",
    "Settings Commands",
    "Other Commands",
];

/// `kubectl` alone.
pub fn root() -> String {
    let mut text = String::from(
        "kubectl controls the Kubernetes cluster manager.\n\n Find more information at: https://kubernetes.io/docs/reference/kubectl/\n",
    );
    for group in GROUPS {
        text.push_str(&format!("\n{group}:\n"));
        for verb in VERBS.iter().filter(|verb| verb.group == group) {
            text.push_str(&format!("  {:<15} {}\n", verb.name, verb.short));
        }
    }
    text.push_str("\nUsage:\n  kubectl [flags] [options]\n\nUse \"kubectl <command> --help\" for more information about a given command.\n");
    text.push_str("Use \"kubectl options\" for a list of global command-line options (applies to all commands).\n");
    text
}

/// `kubectl VERB --help`.
pub fn of(verb: &Verb) -> String {
    let mut text = format!("{}\n", verb.short);
    if !verb.examples.is_empty() {
        text.push_str("\nExamples:\n");
        for line in verb.examples.lines() {
            text.push_str(&if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") });
        }
    }
    let prefix = format!("{} ", verb.name);
    let below: Vec<&Verb> = VERBS.iter().filter(|other| other.name.strip_prefix(&prefix).is_some_and(|rest| !rest.contains(' '))).collect();
    if !below.is_empty() {
        text.push_str("\nAvailable Commands:\n");
        for other in &below {
            text.push_str(&format!("  {:<15} {}\n", &other.name[prefix.len()..], other.short));
        }
    }
    let flags = args::flag_help(verb.flags);
    if !flags.is_empty() {
        text.push_str(&format!("\nOptions:\n{flags}"));
        text.pop();
    }
    text.push_str(&format!("\nUsage:\n  kubectl {}\n", verb.usage));
    if !below.is_empty() {
        text.push_str(&format!("\nUse \"kubectl {} <command> --help\" for more information about a given command.\n", verb.name));
    }
    text.push_str("\nUse \"kubectl options\" for a list of global command-line options (applies to all commands).\n");
    text
}

/// `error: unknown command …` with cobra's suggestions.
pub fn unknown_command(word: &str) -> String {
    let mut text = format!("error: unknown command {word:?} for \"kubectl\"\n");
    let lower = word.to_lowercase();
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
