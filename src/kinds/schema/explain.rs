//! What the API's own documentation says of types and fields. A line of `explain.txt` is a type: its name, its text,
//! then `field text` each behind a tab; `\n`, `\t` and `\\` are escaped. A line of `enums.txt` is a field, `Struct.field`, then the text of
//! each value of its enumeration, in the order of `types.txt`.

use super::types::row;

const EXPLAIN: &str = include_str!("explain.txt");

const ENUMS: &str = include_str!("enums.txt");

/// What each allowed value of a field is for, in the order of its enumeration; nothing where nothing is known.
pub fn describe_values(strukt: &str, field: &str) -> impl Iterator<Item = &'static str> + use<> {
    row(ENUMS, &format!("{strukt}.{field}")).into_iter().flat_map(|row| row.split('\t'))
}

/// What a type is for, such as `PersistentVolumeClaimSpec` or `Quantity`; empty where nothing is known.
pub fn describe_type(name: &str) -> String {
    unescape(row(EXPLAIN, name).and_then(|row| row.split('\t').next()).unwrap_or(""))
}

/// What a field of a struct is for; empty where nothing is known.
pub fn describe_field(strukt: &str, field: &str) -> String {
    let found = row(EXPLAIN, strukt)
        .into_iter()
        .flat_map(|row| row.split('\t').skip(1))
        .filter_map(|entry| entry.split_once(' '))
        .find(|(name, _)| *name == field);
    unescape(found.map_or("", |(_, text)| text))
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => out.push(match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                _ => '\\',
            }),
            (c, false) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found() {
        assert!(describe_type("PersistentVolume").starts_with("PersistentVolume (PV) is a storage resource"));
        assert!(describe_field("PersistentVolumeClaimSpec", "accessModes").starts_with("accessModes contains the desired access modes"));
        assert!(describe_type("Quantity").contains("\n\n"));
        assert_eq!(describe_field("PodSpec", "nothing"), "");
        assert_eq!(describe_values("HostPathVolumeSource", "type").nth(3), Some("A directory must exist at the given path"));
    }
}
