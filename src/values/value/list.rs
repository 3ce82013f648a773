//! A counted list that is copied when one of several holders writes to it.

use super::tree::Value;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

/// A JSON array. To write to it is to have it for oneself.
#[derive(Clone, Debug, Default, Eq)]
pub struct List(Rc<Vec<Value>>);

impl PartialEq for List {
    fn eq(&self, other: &List) -> bool {
        Rc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl List {
    /// Holds what is equal in another list as that one does; a list that others hold too stays theirs.
    pub(super) fn share(&mut self, other: &List) {
        let Some(values) = Rc::get_mut(&mut self.0) else { return };
        values.iter_mut().zip(&other.0[..]).for_each(|(value, known)| value.share(known));
        if self == other {
            *self = other.clone();
        }
    }

    /// Whether both are one list in memory.
    pub fn is_shared_with(&self, other: &List) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for List {
    type Target = Vec<Value>;

    fn deref(&self) -> &Vec<Value> {
        &self.0
    }
}

impl DerefMut for List {
    fn deref_mut(&mut self) -> &mut Vec<Value> {
        Rc::make_mut(&mut self.0)
    }
}

impl From<Vec<Value>> for List {
    fn from(list: Vec<Value>) -> List {
        List(Rc::new(list))
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> List {
        List(Rc::new(values.into_iter().collect()))
    }
}

impl IntoIterator for List {
    type Item = Value;
    type IntoIter = std::vec::IntoIter<Value>;

    fn into_iter(self) -> Self::IntoIter {
        Rc::unwrap_or_clone(self.0).into_iter()
    }
}

impl<'a> IntoIterator for &'a List {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a mut List {
    type Item = &'a mut Value;
    type IntoIter = std::slice::IterMut<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
