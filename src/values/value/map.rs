//! A counted map from names to values, in the byte order of names, that is copied when one of several holders writes to it.

use super::tree::{Text, Value};
use std::rc::Rc;

/// A JSON object.
#[derive(Clone, Debug, Default, Eq)]
pub struct Map(Rc<Vec<(Text, Value)>>);

/// Up to this size a map is looked through, and most names differ in their lengths already; larger ones are halved.
const SMALL: usize = 24;

impl PartialEq for Map {
    fn eq(&self, other: &Map) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl Map {
    pub fn new() -> Map {
        Map::default()
    }

    /// Of two entries with one name the later counts.
    pub fn from_entries(mut entries: Vec<(Text, Value)>) -> Map {
        if !entries.is_sorted_by(|(one, _), (next, _)| one < next) {
            entries.reverse();
            entries.sort_by(|(one, _), (other, _)| one.as_str().cmp(other));
            entries.dedup_by(|(name, _), (kept, _)| name == kept);
        }
        Map(Rc::new(entries))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Where a name is.
    fn place(&self, name: &str) -> Option<usize> {
        if self.0.len() > SMALL { self.order(name).ok() } else { self.0.iter().position(|(known, _)| known.as_str() == name) }
    }

    /// Where a name is, or where it belongs.
    fn order(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    fn entries(&mut self) -> &mut Vec<(Text, Value)> {
        Rc::make_mut(&mut self.0)
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.place(name).map(|place| &self.0[place].1)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let place = self.place(name)?;
        Some(&mut self.entries()[place].1)
    }

    pub fn get_key_value(&self, name: &str) -> Option<(&str, &Value)> {
        self.place(name).map(|place| (self.0[place].0.as_str(), &self.0[place].1))
    }

    pub fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// Sets a value and returns the one before.
    pub fn insert(&mut self, name: impl AsRef<str> + Into<Text>, value: Value) -> Option<Value> {
        match self.place(name.as_ref()) {
            // What is the same already is no reason to copy the map.
            Some(place) if self.0[place].1 == value => Some(value),
            Some(place) => Some(std::mem::replace(&mut self.entries()[place].1, value)),
            None => {
                self.add(name.into(), value);
                None
            }
        }
    }

    /// Adds a name that is not there.
    fn add(&mut self, name: Text, value: Value) -> &mut Value {
        let place = self.order(&name).unwrap_or_else(|place| place);
        let entries = self.entries();
        // Most maps that grow get a few entries more, not twice as many.
        if entries.len() == entries.capacity() {
            entries.reserve_exact(4 + entries.len() / 4);
        }
        entries.insert(place, (name, value));
        &mut entries[place].1
    }

    /// Whether both are one map in memory.
    pub fn is_shared_with(&self, other: &Map) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Holds what is equal in another map as that one does; a map that others hold too stays theirs.
    pub(super) fn share(&mut self, other: &Map) {
        let Some(entries) = Rc::get_mut(&mut self.0) else { return };
        for (name, value) in entries {
            if let Some(known) = other.get(name) {
                value.share(known);
            }
        }
        if self == other {
            *self = other.clone();
        }
    }

    /// Makes a name that lies in memory of its own point to where it stands in the code. False: it lies nowhere else.
    pub fn point_to(&mut self, name: &'static str) -> bool {
        let place = self.place(name).filter(|place| self.0[*place].0.is_heap_allocated());
        if let Some(place) = place {
            self.entries()[place].0 = Text::from_static_str(name);
        }
        place.is_some()
    }

    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let place = self.place(name)?;
        Some(self.entries().remove(place).1)
    }

    /// The place of a name, to put a value there where none is.
    pub fn entry<N: AsRef<str> + Into<Text>>(&mut self, name: N) -> Entry<'_, N> {
        Entry { map: self, name }
    }

    pub fn iter(&self) -> Iter<'_> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    pub fn iter_mut(&mut self) -> IterMut<'_> {
        self.entries().iter_mut().map(|(name, value)| (name.as_str(), value))
    }

    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.0.iter().map(|(_, value)| value)
    }

    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.entries().iter_mut().map(|(_, value)| value)
    }

    /// Keeps the entries that `wanted` wants.
    pub fn retain(&mut self, mut wanted: impl FnMut(&str, &mut Value) -> bool) {
        self.entries().retain_mut(|(name, value)| wanted(name, value));
    }
}

/// A place in a map that may be empty.
pub struct Entry<'a, N> {
    map: &'a mut Map,
    name: N,
}

impl<'a, N: AsRef<str> + Into<Text>> Entry<'a, N> {
    pub fn or_insert(self, value: Value) -> &'a mut Value {
        self.or_insert_with(|| value)
    }

    pub fn or_insert_with(self, value: impl FnOnce() -> Value) -> &'a mut Value {
        match self.map.place(self.name.as_ref()) {
            Some(place) => &mut self.map.entries()[place].1,
            None => self.map.add(self.name.into(), value()),
        }
    }
}

/// What `Map::iter` gives.
pub type Iter<'a> = std::iter::Map<std::slice::Iter<'a, (Text, Value)>, fn(&'a (Text, Value)) -> (&'a str, &'a Value)>;

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a str, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

/// What `Map::iter_mut` gives.
pub type IterMut<'a> = std::iter::Map<std::slice::IterMut<'a, (Text, Value)>, fn(&'a mut (Text, Value)) -> (&'a str, &'a mut Value)>;

impl<'a> IntoIterator for &'a mut Map {
    type Item = (&'a str, &'a mut Value);
    type IntoIter = IterMut<'a>;

    fn into_iter(self) -> IterMut<'a> {
        self.iter_mut()
    }
}

impl IntoIterator for Map {
    type Item = (Text, Value);
    type IntoIter = std::vec::IntoIter<(Text, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        Rc::unwrap_or_clone(self.0).into_iter()
    }
}

impl<N: Into<Text>, V: Into<Value>> FromIterator<(N, V)> for Map {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(entries: I) -> Map {
        Map::from_entries(entries.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl<N: Into<Text>, V: Into<Value>> Extend<(N, V)> for Map {
    fn extend<I: IntoIterator<Item = (N, V)>>(&mut self, entries: I) {
        for (name, value) in entries {
            self.insert(name.into(), value.into());
        }
    }
}

impl std::ops::Index<&str> for Map {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_entries_with_one_name_the_later_counts() {
        let map: Map = [("b", 1), ("a", 2), ("b", 3), ("", 4)].into_iter().collect();
        assert_eq!(map.iter().map(|(name, value)| format!("{name}{value}")).collect::<String>(), "4a2b3");
    }

    #[test]
    fn large_maps_are_found_through_too() {
        let mut map: Map = (0..100).map(|number| (format!("k{number}"), number)).collect();
        assert_eq!(map["k77"], 77);
        assert_eq!(map.remove("k77"), Some(77.into()));
        assert_eq!((map.get("k77"), map.len()), (None, 99));
        *map.entry("k77").or_insert(Value::Null) = "x".into();
        assert_eq!(map["k77"], "x");
        assert!(map.keys().is_sorted());
    }
}
