//! One-click mends of mistakes in a manifest: a misspelt field becomes the one that was meant.

use crate::kinds::{self, schema};
use crate::values::yaml::{self, Diagnostic};

/// How many letters may differ between what stands there and what was meant.
const LETTERS: usize = 2;
/// From how many letters on the beginning of a name tells which is meant.
const START: usize = 4;

/// A field that was meant by an unknown one.
#[derive(Clone)]
pub struct Fix {
    pub line: usize,
    pub wrong: String,
    pub right: &'static str,
}

impl Fix {
    /// What was meant at the line of a mistake; `None` where no field there is like it.
    pub fn of(text: &str, mistake: &Diagnostic) -> Option<Fix> {
        let path = mistake.message.strip_prefix("unknown field \"")?.strip_suffix('"')?;
        let (documents, _) = yaml::parse(text);
        let document = documents.iter().rev().find(|document| document.line <= mistake.line)?;
        let def = kinds::by_version_and_kind(document.value["apiVersion"].as_str()?, document.value["kind"].as_str()?)?;
        let names: Vec<&str> = path.split('.').map(|name| name.split('[').next().unwrap_or(name)).collect();
        let (wrong, above) = names.split_last()?;
        let ty = if above.is_empty() { def.kind } else { schema::field(def, above)?.ty };
        let distances = schema::children(ty).into_iter().filter_map(|field| Some((distance(wrong, field.name)?, field.name)));
        let (_, right) = distances.min_by_key(|(distance, _)| *distance)?;
        Some(Fix { line: mistake.line, wrong: (*wrong).to_owned(), right })
    }

    /// The manifest with the field mended.
    pub fn apply(&self, text: &str) -> String {
        let mend = |(index, line): (usize, &str)| {
            if index + 1 == self.line { line.replacen(&format!("{}:", self.wrong), &format!("{}:", self.right), 1) } else { line.to_owned() }
        };
        text.split_inclusive('\n').enumerate().map(mend).collect()
    }
}

/// How far a name is from another; `None`: too far to have been meant. A name that only goes on after what stands there is near.
fn distance(wrong: &str, name: &str) -> Option<usize> {
    let (wrong, name) = (wrong.to_ascii_lowercase(), name.to_ascii_lowercase());
    let starts = |long: &str, short: &str| short.len() >= START && long.starts_with(short);
    let letters = edits(wrong.as_bytes(), name.as_bytes());
    (letters <= LETTERS.min(wrong.len() / 2)).then_some(letters).or_else(|| (starts(&name, &wrong) || starts(&wrong, &name)).then_some(LETTERS + 1))
}

/// Letters to change, put in or leave out between two words.
fn edits(one: &[u8], other: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.iter().enumerate() {
        let mut before = std::mem::replace(&mut row[0], place + 1);
        for (index, there) in other.iter().enumerate() {
            let changed = before + usize::from(letter != there);
            before = row[index + 1];
            row[index + 1] = changed.min(before + 1).min(row[index] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLAIM: &str = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec:\n  storageClass: slow\n";

    fn fixed(text: &str, line: usize, field: &str) -> Option<String> {
        let mistake = Diagnostic { line, message: format!("unknown field {field:?}") };
        Fix::of(text, &mistake).map(|fix| fix.apply(text))
    }

    #[test]
    fn a_field_that_is_like_one_of_its_kind_is_mended_at_its_line() {
        assert_eq!(fixed(CLAIM, 5, "spec.storageClass"), Some(CLAIM.replace("storageClass:", "storageClassName:")));
        let set = "apiVersion: apps/v1\nkind: StatefulSet\nspec:\n  volumeClaimTemplates:\n  - spec: {accessMode: [ReadWriteOnce]}\n";
        assert_eq!(fixed(set, 5, "spec.volumeClaimTemplates[0].spec.accessMode"), Some(set.replace("accessMode:", "accessModes:")));
        assert_eq!(fixed(CLAIM, 5, "spec.colour"), None);
        assert_eq!(fixed(CLAIM, 9, ""), None);
    }
}
