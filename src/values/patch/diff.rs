//! Making patches: what kubectl sends. Models strategicpatch.CreateTwoWayMergePatch and CreateThreeWayMergePatch.

use super::strategic::merge_map;
use super::{DELETE_PRIMITIVE, PATCH, RETAIN_KEYS, Rules, SET_ORDER, go_text, in_order, key_of};
use crate::values::object::{Map, Value};
use std::cmp::Ordering;
use std::mem::discriminant;

#[derive(Clone, Copy, Default)]
struct Options {
    ignore_deletions: bool,
    ignore_additions: bool,
    set_order: bool,
    retain_keys: bool,
}

/// The strategic patch that makes `modified` of `original`.
/// # Errors
/// Where an entry of a list lacks its merge key.
pub fn two_way(original: &Value, modified: &Value, rules: Rules) -> Result<Value, String> {
    let options = Options { set_order: true, ..Options::default() };
    diff_maps(original, modified, rules, options).map(Value::Object)
}

/// The strategic patch of kubectl apply: what `live` lacks of `wanted`, and the deletions from `last_applied` to `wanted`.
/// # Errors
/// Where an entry of a list lacks its merge key.
pub fn three_way(last_applied: &Value, live: &Value, wanted: &Value, rules: Rules) -> Result<Value, String> {
    let additions = Options { ignore_deletions: true, set_order: true, ..Options::default() };
    let deletions = Options { ignore_additions: true, set_order: true, ..Options::default() };
    let delta = diff_maps(live, wanted, rules, additions)?;
    let deleted = diff_maps(last_applied, wanted, rules, deletions)?;
    merge_map(deleted, delta, rules, false).map(Value::Object)
}

fn diff_maps(original: &Value, modified: &Value, rules: Rules, options: Options) -> Result<Map, String> {
    let mut patch = Map::new();
    let empty = Map::new();
    let (original, modified) = (original.as_object().unwrap_or(&empty), modified.as_object().unwrap_or(&empty));
    for (key, new) in modified {
        let Some(old) = original.get(key) else {
            if !options.ignore_additions {
                patch.insert(key, new.clone());
            }
            continue;
        };
        match (old, new) {
            (Value::Object(_), Value::Object(_)) => {
                let (rule, below) = rules.of(key);
                if rule.strategy == "replace" {
                    // Upstream does not compare here.
                    if !options.ignore_additions {
                        patch.insert(key, new.clone());
                    }
                } else {
                    let inner = diff_maps(old, new, below, Options { retain_keys: rule.retains_keys(), ..options })?;
                    if !inner.is_empty() {
                        patch.insert(key, Value::Object(inner));
                    }
                }
            }
            (Value::Array(old_items), Value::Array(new_items)) => {
                let (rule, below) = rules.of(key);
                if rule.merges() {
                    let below = Rules { ty: below.ty.trim_start_matches('*').trim_start_matches("[]"), ..below };
                    let options = Options { retain_keys: rule.retains_keys(), ..options };
                    let lists = diff_lists(old_items, new_items, below, rule.merge_key, options)?;
                    for (prefix, list) in [("", lists.changed), (DELETE_PRIMITIVE, lists.deleted), (SET_ORDER, lists.order)] {
                        if !list.is_empty() {
                            patch.insert(format!("{prefix}{key}"), Value::from(list));
                        }
                    }
                } else {
                    replace_if_different(&mut patch, key, old, new, options);
                }
            }
            _ => replace_if_different(&mut patch, key, old, new, options),
        }
    }
    if !options.ignore_deletions {
        for key in original.keys().filter(|key| !modified.contains_key(key)) {
            patch.insert(key, Value::Null);
        }
    }
    if options.retain_keys {
        let retained: Vec<Value> = modified.iter().filter(|(_, value)| !value.is_null()).map(|(key, _)| Value::from(key)).collect();
        let cleared = original.keys().any(|key| !modified.contains_key(key));
        if !retained.is_empty() && (!patch.is_empty() || cleared) {
            patch.insert(RETAIN_KEYS, Value::from(retained));
        }
    }
    Ok(patch)
}

fn replace_if_different(patch: &mut Map, key: &str, old: &Value, new: &Value, options: Options) {
    if !options.ignore_additions && old != new {
        patch.insert(key, new.clone());
    }
}

#[derive(Default)]
struct Lists {
    changed: Vec<Value>,
    deleted: Vec<Value>,
    order: Vec<Value>,
}

fn diff_lists(original: &[Value], modified: &[Value], rules: Rules, merge_key: &str, options: Options) -> Result<Lists, String> {
    let mut lists = Lists::default();
    if original.is_empty() {
        if !options.ignore_additions {
            lists.changed = modified.to_vec();
        }
        return Ok(lists);
    }
    if let Some(first) = original.first()
        && original.iter().chain(modified).any(|item| discriminant(item) != discriminant(first))
    {
        return Err(format!("list element types are not identical: [{} {}]", go_list(original), go_list(modified)));
    }
    if original.iter().chain(modified).any(Value::is_object) {
        let (changed, deleted) = diff_entries(original, modified, rules, merge_key, options)?;
        lists.changed = in_order(changed, modified, merge_key);
        lists.changed.extend(deleted);
        let same_order = original.len() == modified.len() && original.iter().zip(modified).all(|(old, new)| old.get(merge_key) == new.get(merge_key));
        if options.set_order && (!lists.changed.is_empty() || !same_order) {
            for entry in modified {
                lists.order.push(Value::Object([(merge_key.to_owned(), key_of(entry, merge_key)?.clone())].into_iter().collect()));
            }
        }
    } else {
        if !options.ignore_additions {
            lists.changed = modified.iter().filter(|value| !original.contains(value)).cloned().collect();
        }
        if !options.ignore_deletions {
            lists.deleted = original.iter().filter(|value| !modified.contains(value)).cloned().collect();
            lists.deleted.sort_by_key(go_text);
            lists.deleted.dedup();
        }
        if options.set_order && (!lists.changed.is_empty() || !lists.deleted.is_empty() || original != modified) {
            lists.order = modified.to_vec();
        }
    }
    Ok(lists)
}

fn go_list(items: &[Value]) -> String {
    format!("[{}]", items.iter().map(go_text).collect::<Vec<_>>().join(" "))
}

fn diff_entries(original: &[Value], modified: &[Value], rules: Rules, merge_key: &str, options: Options) -> Result<(Vec<Value>, Vec<Value>), String> {
    let sorted = |list: &[Value]| -> Result<Vec<(String, Value)>, String> {
        let mut keyed = Vec::new();
        for entry in list {
            keyed.push((go_text(key_of(entry, merge_key)?), entry.clone()));
        }
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(keyed)
    };
    let (original, modified) = (sorted(original)?, sorted(modified)?);
    let (mut changed, mut deleted) = (Vec::new(), Vec::new());
    let (mut old_at, mut new_at) = (0, 0);
    loop {
        let order = match (original.get(old_at), modified.get(new_at)) {
            (None, None) => return Ok((changed, deleted)),
            (Some(old), Some(new)) => old.0.cmp(&new.0),
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
        };
        match order {
            Ordering::Equal => {
                let (old, new) = (&original[old_at].1, &modified[new_at].1);
                let mut inner = diff_maps(old, new, rules, options)?;
                if !inner.is_empty() {
                    inner.insert(merge_key, key_of(new, merge_key)?.clone());
                    changed.push(Value::Object(inner));
                }
                old_at += 1;
                new_at += 1;
            }
            Ordering::Greater => {
                if !options.ignore_additions {
                    changed.push(modified[new_at].1.clone());
                }
                new_at += 1;
            }
            Ordering::Less => {
                if !options.ignore_deletions {
                    let key = key_of(&original[old_at].1, merge_key)?.clone();
                    deleted.push(Value::Object([(PATCH, Value::from("delete")), (merge_key, key)].into_iter().collect()));
                }
                old_at += 1;
            }
        }
    }
}
