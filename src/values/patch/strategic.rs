//! Applying strategic merge patches. Models strategicpatch.StrategicMergeMapPatch.

use super::{DELETE_PRIMITIVE, PATCH, RETAIN_KEYS, Rule, Rules, SET_ORDER, go_text, in_order, is_deletion, key_of, position, take_map};
use crate::values::object::{Map, Value};
use crate::values::value::{List, Text};

/// Applies a strategic merge patch.
/// # Errors
/// Where the patch's directives are wrong, or an entry of a list lacks its merge key.
pub fn strategic(original: &Value, patch: &Value, rules: Rules) -> Result<Value, String> {
    let Value::Object(patch) = patch else { return Ok(patch.clone()) };
    merge_map(take_map(original.clone()), patch.clone(), rules, true).map(Value::Object)
}

/// What the server still has of a patch after applying it: lists with an order and directives are used up.
/// Its answer to a patch whose result does not decode prints this.
pub fn leftover(patch: &Value) -> Value {
    let Value::Object(map) = patch else { return patch.clone() };
    let is_used = |key: &str| key == RETAIN_KEYS || key.starts_with(SET_ORDER) || map.contains_key(&format!("{SET_ORDER}{key}"));
    Value::Object(map.iter().filter(|(key, _)| !is_used(key)).map(|(key, value)| (key, leftover(value))).collect())
}

/// Merges a patch into an object (`applying`), or one patch into another, which keeps nulls and directives.
pub(super) fn merge_map(mut original: Map, mut patch: Map, rules: Rules, applying: bool) -> Result<Map, String> {
    match patch.remove(PATCH) {
        None => {}
        Some(Value::String(how)) if how == "replace" => return Ok(patch),
        Some(Value::String(how)) if how == "delete" => return Ok(Map::new()),
        Some(other) => return Err(format!("unknown patch type found in map: {}", go_text(&other))),
    }
    if let Some(retained) = patch.remove(RETAIN_KEYS) {
        retain_keys(&mut original, retained, &patch, applying)?;
    }
    merge_ordered_lists(&mut original, &mut patch, rules, applying)?;
    for (key, new) in patch {
        let primitive_key = key.strip_prefix(DELETE_PRIMITIVE).map(Text::from);
        if primitive_key.is_some() && !applying {
            original.insert(key, new);
            continue;
        }
        let is_delete_list = primitive_key.is_some();
        let key = primitive_key.unwrap_or(key);
        if new.is_null() {
            original.remove(&key);
            if applying {
                continue;
            }
        }
        let (rule, below) = rules.of(&key);
        let merged = match (original.remove(&key), new) {
            (None, _) if is_delete_list => continue,
            (None, new) if applying => without_directives(new, rule, below)?,
            (None, new) => new,
            (Some(Value::Object(_)), new @ Value::Object(_)) if rule.strategy == "replace" => new,
            (Some(Value::Object(old)), Value::Object(new)) => Value::Object(merge_map(old, new, below, applying)?),
            (Some(Value::Array(old)), Value::Array(new)) if is_delete_list => {
                Value::Array(old.into_iter().filter(|value| !new.contains(value)).collect())
            }
            (Some(Value::Array(old)), Value::Array(new)) if rule.merges() => Value::Array(merge_list(old, new, rule, below, applying)?),
            (Some(old), _) if is_delete_list => old,
            (Some(_), new) => new,
        };
        original.insert(key, merged);
    }
    Ok(original)
}

/// A value that the object did not have: its nulls and directives mean nothing.
fn without_directives(value: Value, rule: Rule, rules: Rules) -> Result<Value, String> {
    match value {
        Value::Object(map) => merge_map(Map::new(), map, rules, true).map(Value::Object),
        Value::Array(items) if rule.merges() && items.iter().any(Value::is_object) => {
            merge_list(List::default(), items, rule, rules, true).map(Value::Array)
        }
        other => Ok(other),
    }
}

fn retain_keys(original: &mut Map, retained: Value, patch: &Map, applying: bool) -> Result<(), String> {
    if !applying {
        if original.get(RETAIN_KEYS).is_some_and(|known| *known != retained) {
            return Err(format!("{} and {} do not match", go_text(&original[RETAIN_KEYS]), go_text(&retained)));
        }
        original.insert(RETAIN_KEYS.to_owned(), retained);
        return Ok(());
    }
    let Value::Array(names) = retained else {
        return Err("invalid patch format of $retainKeys".to_owned());
    };
    let listed = |key: &str| names.iter().any(|name| name.as_str() == Some(key));
    if patch.iter().any(|(key, value)| !value.is_null() && !key.starts_with('$') && !listed(key)) {
        return Err("invalid patch format of $retainKeys".to_owned());
    }
    let gone: Vec<String> = original.keys().filter(|key| !listed(key)).map(str::to_owned).collect();
    for key in gone {
        original.remove(&key);
    }
    Ok(())
}

/// Lists that come with `$setElementOrder` are merged first and taken out of the patch.
fn merge_ordered_lists(original: &mut Map, patch: &mut Map, rules: Rules, applying: bool) -> Result<(), String> {
    let directives: Vec<String> = patch.keys().filter(|key| key.starts_with(SET_ORDER)).map(str::to_owned).collect();
    for directive in directives {
        let key = directive[SET_ORDER.len()..].to_owned();
        let order = patch.remove(&directive).unwrap_or_default();
        let Value::Array(order_list) = &order else {
            return Err("invalid patch format of setElementOrder list".to_owned());
        };
        let (rule, below) = rules.of(&key);
        let list = |value: &Value| if let Value::Array(list) = value { Some(list.clone()) } else { None };
        let old = original.get(&key).and_then(list);
        let new = patch.get(&key).and_then(list);
        if new.is_some() {
            patch.remove(&key);
        }
        check_order(new.as_ref().map_or(&[], |new| new.as_slice()), order_list, rule.merge_key)?;
        let merged = match (old.clone(), new) {
            (None, None) => None,
            (Some(old), None) => Some(old),
            (None, Some(new)) if applying => Some(merge_list(List::default(), new, rule, below, applying)?),
            (None, Some(new)) => Some(new),
            (Some(old), Some(new)) => Some(merge_list(old, new, rule, below, applying)?),
        };
        if let Some(merged) = merged {
            let deleted = patch.get(&format!("{DELETE_PRIMITIVE}{key}")).and_then(Value::as_array).cloned().unwrap_or_default();
            let merged: List = if applying { merged.into_iter().filter(|value| !deleted.contains(value)).collect() } else { merged };
            let old = old.unwrap_or_default();
            // Go deletes in place and appends behind: where entries went, its "old" list shows what followed them.
            let is_in = |list: &[Value], entry: &Value| position(list, entry, rule.merge_key).is_some();
            let mut server_order = old.clone();
            if old.iter().any(|entry| !is_in(&merged, entry)) {
                server_order.retain(|entry| is_in(&merged, entry));
                server_order.extend(merged.iter().filter(|entry| !is_in(&old, entry)).cloned());
                server_order.truncate(old.len());
            }
            let (listed, server_only) = merged.into_iter().partition(|entry| position(order_list, entry, rule.merge_key).is_some());
            let sorted = weave(listed, server_only, order_list, &server_order, rule.merge_key);
            original.insert(key, Value::from(sorted));
        }
        if !applying {
            original.insert(directive, order);
        }
    }
    Ok(())
}

/// The entries of a patch must stand in the order that it sets.
fn check_order(entries: &[Value], order: &[Value], merge_key: &str) -> Result<(), String> {
    let mut next = 0;
    for entry in entries.iter().filter(|entry| !is_deletion(entry)) {
        if entry.is_object() {
            key_of(entry, merge_key)?;
        }
        match order[next..].iter().position(|listed| position(std::slice::from_ref(listed), entry, merge_key).is_some()) {
            Some(at) => next += at + 1,
            None => {
                let list = |items: &[Value]| go_text(&Value::from(items.to_vec()));
                return Err(format!("The order in patch list:\n{}\n doesn't match $setElementOrder list:\n{}\n", list(entries), list(order)));
            }
        }
    }
    Ok(())
}

/// Entries of the patch in its order, with those that only the server has put where they stood before.
fn weave(listed: Vec<Value>, server_only: Vec<Value>, order: &[Value], server_order: &[Value], merge_key: &str) -> Vec<Value> {
    let mut right = in_order(listed, order, merge_key).into_iter().peekable();
    let mut left = in_order(server_only, server_order, merge_key).into_iter().peekable();
    let mut all = Vec::new();
    loop {
        let take_left = match (left.peek(), right.peek()) {
            (None, None) => return all,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(l), Some(r)) => match (position(server_order, l, merge_key), position(server_order, r, merge_key)) {
                (Some(l), Some(r)) => l < r,
                _ => false,
            },
        };
        all.extend(if take_left { left.next() } else { right.next() });
    }
}

fn merge_list(mut original: List, patch: List, rule: Rule, rules: Rules, applying: bool) -> Result<List, String> {
    let rules = Rules { ty: rules.ty.trim_start_matches('*').trim_start_matches("[]"), ..rules };
    if !original.iter().chain(&patch).any(Value::is_object) {
        let before = original.clone();
        let mut merged = Vec::new();
        for value in original.into_iter().chain(patch.iter().cloned()) {
            if !merged.contains(&value) {
                merged.push(value);
            }
        }
        let (listed, server_only) = merged.into_iter().partition(|value| patch.contains(value));
        return Ok(weave(listed, server_only, &patch, &before, "").into());
    }
    let key = rule.merge_key;
    let before = original.clone();
    let mut entries = Vec::new();
    for entry in patch {
        match entry.get(PATCH).and_then(Value::as_str).filter(|_| applying) {
            None => entries.push(entry),
            Some("delete") => {
                let wanted = key_of(&entry, key)?.clone();
                original.retain(|old| old.get(key) != Some(&wanted));
            }
            Some("replace") => original.clear(),
            Some(other) => return Err(format!("unknown patch type found in map: {other}")),
        }
    }
    for entry in &entries {
        key_of(entry, key)?;
        let new = take_map(entry.clone());
        match position(&original, entry, key) {
            Some(at) => original[at] = Value::Object(merge_map(take_map(original[at].take()), new, rules, applying)?),
            None if applying => original.push(Value::Object(merge_map(Map::new(), new, rules, true)?)),
            None => original.push(entry.clone()),
        }
    }
    let (listed, server_only) = original.into_iter().partition(|entry| position(&entries, entry, key).is_some());
    Ok(weave(listed, server_only, &entries, &before, key).into())
}
