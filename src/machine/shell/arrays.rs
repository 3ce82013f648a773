//! Bash's arrays: values by number, or by name after `declare -A`.

use super::variables::{Variable, Variables};
use std::collections::BTreeMap;

/// The most entries that one assignment may make.
const ENTRIES_MAX: usize = 20_000;

/// What stands between the brackets of `a[…]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subscript {
    Index(i64),
    Key(String),
}

impl Subscript {
    pub fn text(&self) -> String {
        match self {
            Subscript::Index(index) => index.to_string(),
            Subscript::Key(key) => key.clone(),
        }
    }
}

/// An array's entries, in the order of their subscripts.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Array {
    /// By name.
    pub keyed: bool,
    pub entries: BTreeMap<Subscript, String>,
}

impl Array {
    fn next(&self) -> i64 {
        match self.entries.keys().next_back() {
            Some(Subscript::Index(last)) => last + 1,
            _ => 0,
        }
    }
}

impl Variables {
    pub fn array(&self, name: &str) -> Option<&Array> {
        self.all.get(name)?.array.as_ref()
    }

    /// Whether subscripts of a variable are names.
    pub fn is_keyed(&self, name: &str) -> bool {
        self.array(name).is_some_and(|array| array.keyed)
    }

    /// A number as a subscript: negative ones count from the end.
    pub fn place(&self, name: &str, index: i64) -> Subscript {
        Subscript::Index(if index < 0 { index + self.array(name).map_or(1, Array::next) } else { index })
    }

    /// The values of an array with their subscripts; a plain variable is an array of one.
    pub fn entries(&self, name: &str) -> Vec<(Subscript, String)> {
        match (self.array(name), self.get(name)) {
            (Some(array), _) => array.entries.iter().map(|(at, value)| (at.clone(), value.clone())).collect(),
            (None, Some(value)) => vec![(Subscript::Index(0), value.to_owned())],
            (None, None) => Vec::new(),
        }
    }

    pub fn entry(&self, name: &str, at: &Subscript) -> Option<String> {
        match self.array(name) {
            Some(array) => array.entries.get(at).cloned(),
            None if *at == Subscript::Index(0) => self.get(name).map(str::to_owned),
            None => None,
        }
    }

    /// Makes a variable an array, with what it held as its first entry.
    pub fn make_array(&mut self, name: &str, keyed: bool) {
        let old = self.get(name).map(str::to_owned);
        let variable = self.all.entry(name.to_owned()).or_default();
        if variable.array.is_none() {
            let entries = old.filter(|_| !keyed).map(|value| (Subscript::Index(0), value)).into_iter().collect();
            variable.array = Some(Array { keyed, entries });
        }
    }

    /// Sets one entry. False: the variable is read only.
    pub fn set_entry(&mut self, name: &str, at: Subscript, value: &str) -> bool {
        self.make_array(name, matches!(at, Subscript::Key(_)));
        self.change_array(name, |array| {
            if array.entries.len() < ENTRIES_MAX {
                array.entries.insert(at, value.to_owned());
            }
        })
    }

    /// Puts values behind the last entry, or in the place of all of them.
    pub fn set_values(&mut self, name: &str, values: Vec<(Option<Subscript>, String)>, append: bool, keyed: bool) -> bool {
        if !append && self.all.get(name).is_some_and(|variable| !variable.read_only) {
            let keyed = keyed || self.is_keyed(name);
            let variable = self.all.entry(name.to_owned()).or_default();
            *variable = Variable { array: Some(Array { keyed, ..Array::default() }), exported: variable.exported, ..Variable::default() };
        }
        self.make_array(name, keyed);
        self.change_array(name, |array| {
            for (at, value) in values.into_iter().take(ENTRIES_MAX) {
                let at = at.unwrap_or_else(|| Subscript::Index(array.next()));
                array.entries.insert(at, value);
            }
        })
    }

    pub fn unset_entry(&mut self, name: &str, at: &Subscript) {
        self.change_array(name, |array| drop(array.entries.remove(at)));
    }

    /// Changes an array; what the variable is without a subscript follows.
    fn change_array(&mut self, name: &str, change: impl FnOnce(&mut Array)) -> bool {
        let Some(variable) = self.all.get_mut(name).filter(|variable| !variable.read_only) else { return false };
        let Some(array) = &mut variable.array else { return false };
        change(array);
        let first = array.entries.get(&Subscript::Index(0)).or_else(|| array.entries.get(&Subscript::Key("0".to_owned())));
        variable.value = first.cloned().unwrap_or_default();
        true
    }
}
