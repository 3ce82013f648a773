//! JSON patch. Models evanphx/json-patch as the api server uses it.

use crate::values::object::Value;

/// Copies may not let a document grow beyond this many operations.
const MAX_OPERATIONS: usize = 10_000;

/// Applies a list of operations.
/// # Errors
/// What the library says; the server hides it behind `the server rejected our request due to an error in our request`.
pub fn json(target: &Value, patch: &Value) -> Result<Value, String> {
    let Value::Array(operations) = patch else {
        return Err("json: cannot unmarshal object into Go value of type jsonpatch.Patch".to_owned());
    };
    if operations.len() > MAX_OPERATIONS {
        return Err(format!("The allowed maximum operations in a JSON patch is {MAX_OPERATIONS}, got {}", operations.len()));
    }
    let mut document = target.clone();
    for operation in operations {
        apply(&mut document, operation)?;
    }
    Ok(document)
}

fn apply(document: &mut Value, operation: &Value) -> Result<(), String> {
    let text = |field: &str| operation.get(field).and_then(Value::as_str).unwrap_or("");
    let (path, from) = (text("path"), text("from"));
    let value = || operation.get("value").cloned().unwrap_or_default();
    match text("op") {
        "add" => add(document, path, value()).map_err(|error| format!("error in add for path: '{path}': {error}")),
        "remove" => remove(document, path).map(|_| ()).map_err(|error| format!("error in remove for path: '{path}': {error}")),
        "replace" => {
            // A key that a map lacks is set all the same; an entry that a list lacks is not.
            let (parent, key) = path.rsplit_once('/').unwrap_or(("", path));
            let key = key.replace("~1", "/").replace("~0", "~");
            let missing = |what: &str| format!("replace operation does not apply: doc is missing {what}: {path}: missing value");
            if let Some(map) = find(document, parent).ok_or_else(|| missing("path"))?.as_object_mut() {
                map.insert(key, value());
                return Ok(());
            }
            *find(document, path).ok_or_else(|| missing("key"))? = value();
            Ok(())
        }
        "move" => {
            let moved = remove(document, from).map_err(|error| format!("error in move for path: '{path}': {error}"))?;
            add(document, path, moved).map_err(|error| format!("error in move for path: '{path}': {error}"))
        }
        "copy" => {
            let copied = find(document, from).cloned().ok_or_else(|| format!("error in copy for from: '{from}': missing value"))?;
            add(document, path, copied).map_err(|error| format!("error in copy for path: '{path}': {error}"))
        }
        "test" => {
            let found = find(document, path).cloned().unwrap_or_default();
            if found == value() { Ok(()) } else { Err(format!("testing value {path} failed: test failed")) }
        }
        other => Err(format!("Unexpected kind: {other}")),
    }
}

fn segments(path: &str) -> Vec<String> {
    path.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~")).collect()
}

fn step<'a>(here: &'a mut Value, segment: &str) -> Option<&'a mut Value> {
    match here {
        Value::Object(map) => map.get_mut(segment),
        Value::Array(items) => {
            let index = index_of(segment, items.len())?;
            items.get_mut(index)
        }
        _ => None,
    }
}

/// Negative indexes count from the end, as the library allows.
fn index_of(segment: &str, length: usize) -> Option<usize> {
    let index: i64 = segment.parse().ok()?;
    usize::try_from(if index < 0 { index + length as i64 } else { index }).ok()
}

fn find<'a>(document: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    segments(path).iter().try_fold(document, |here, segment| step(here, segment))
}

fn parent<'a>(document: &'a mut Value, path: &str) -> Result<(&'a mut Value, String), String> {
    let mut parts = segments(path);
    let last = parts.pop().ok_or_else(|| "missing value".to_owned())?;
    let here =
        parts.iter().try_fold(document, |here, segment| step(here, segment)).ok_or_else(|| format!("doc is missing path: {path}: missing value"))?;
    Ok((here, last))
}

fn add(document: &mut Value, path: &str, value: Value) -> Result<(), String> {
    if path.is_empty() {
        *document = value;
        return Ok(());
    }
    let (here, last) = parent(document, path)?;
    match here {
        Value::Object(map) => {
            map.insert(last, value);
        }
        Value::Array(items) if last == "-" => items.push(value),
        Value::Array(items) => {
            let index = index_of(&last, items.len() + 1)
                .filter(|index| *index <= items.len())
                .ok_or_else(|| format!("Unable to access invalid index: {last}: invalid index referenced"))?;
            items.insert(index, value);
        }
        _ => return Err(format!("doc is missing path: {path}: missing value")),
    }
    Ok(())
}

fn remove(document: &mut Value, path: &str) -> Result<Value, String> {
    let (here, last) = parent(document, path)?;
    match here {
        Value::Object(map) => map.remove(&last).ok_or_else(|| format!("Unable to remove nonexistent key: {last}: missing value")),
        Value::Array(items) => match index_of(&last, items.len()).filter(|index| *index < items.len()) {
            Some(index) => Ok(items.remove(index)),
            None => Err(format!("Unable to access invalid index: {last}: invalid index referenced")),
        },
        _ => Err(format!("doc is missing path: {path}: missing value")),
    }
}
