//! What is wrong with a manifest before it is applied, each mistake at its line. The server's decoder says only the first one; an
//! editor marks them all.

use crate::kinds::{self, KindDef, schema};
use crate::values::object::Value;
use crate::values::yaml::{self, Diagnostic, Document};

/// How many values of a wrong form are looked for in a document.
const VALUES_MAX: usize = 8;

/// The mistakes in a manifest's text.
pub fn of(text: &str) -> Vec<Diagnostic> {
    let (documents, mut found) = yaml::parse(text);
    for document in &documents {
        let (version, kind) = (document.value["apiVersion"].as_str().unwrap_or(""), document.value["kind"].as_str().unwrap_or(""));
        match kinds::by_version_and_kind(version, kind) {
            Some(def) => decode(def, document, &mut found),
            None if kind.is_empty() => {}
            None => found.push(at(document, "kind", format!("no matches for kind {kind:?} in version {version:?}"))),
        }
    }
    found.sort_by_key(|mistake| mistake.line);
    found
}

fn at(document: &Document, path: &str, message: String) -> Diagnostic {
    Diagnostic { line: document.lines.get(path).copied().unwrap_or(document.line), message }
}

fn decode(def: &'static KindDef, document: &Document, found: &mut Vec<Diagnostic>) {
    let mut value = document.value.clone();
    for _ in 0..VALUES_MAX {
        match schema::decode_placed(def, &value) {
            Ok(unknown) => {
                found.extend(unknown.into_iter().map(|message| at(document, message.split('"').nth(1).unwrap_or(""), message.clone())));
                return;
            }
            Err((path, message)) => {
                found.push(at(document, &path, message));
                if !set_null(&mut value, &path) {
                    return;
                }
            }
        }
    }
}

/// Takes a value away, as `null`, which every type takes. False: there is none at the path, or it was taken away before.
fn set_null(value: &mut Value, path: &str) -> bool {
    let mut here = value;
    for part in path.split(['.', '[']) {
        let next = match part.strip_suffix(']') {
            Some(index) => index.parse::<usize>().ok().and_then(|index| here.get_mut(index)),
            None => here.get_mut(part),
        };
        let Some(next) = next else { return false };
        here = next;
    }
    !std::mem::take(here).is_null()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(usize, String)> {
        of(text).into_iter().map(|mistake| (mistake.line, mistake.message)).collect()
    }

    #[test]
    fn every_mistake_is_at_its_line() {
        let text = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec:\n  accessMode: [ReadWriteOnce]\n  resources:\n    requests:\n      storage: 1Gb\n  volumeName: 3\n";
        let found = lines(text);
        assert_eq!(found.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [5, 8, 9]);
        assert_eq!(found[0].1, "unknown field \"spec.accessMode\"");
        assert!(found[1].1.starts_with("quantities must match"), "{found:?}");
        assert_eq!(lines("apiVersion: v1\nkind: Pot\n"), [(2, "no matches for kind \"Pot\" in version \"v1\"".to_owned())]);
        assert_eq!(lines("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  a: YQ==\n  b: '?'\n")[0].0, 6);
        assert_eq!(lines("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fine}\n"), []);
    }
}
