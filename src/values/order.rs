//! Sorting. The standard library's sort is five kilobytes of wasm for each type of element; this one is shared by all types, and only
//! what moves the elements is made for each.

use std::cmp::Ordering;

/// Stable sorts of a slice, as `sort`, `sort_by` and `sort_by_key` of the standard library.
pub trait Order<T> {
    /// By the elements themselves.
    fn order(&mut self)
    where
        T: Ord;
    /// By what `compare` says.
    fn order_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);
    /// By what `key` makes of an element.
    fn order_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K);
}

impl<T> Order<T> for [T] {
    fn order(&mut self)
    where
        T: Ord,
    {
        self.order_by(T::cmp);
    }

    fn order_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let mut place = places(self.len(), &mut |one, other| compare(&self[one], &self[other]));
        for index in 0..place.len() {
            while place[index] != index {
                let target = place[index];
                self.swap(index, target);
                place.swap(index, target);
            }
        }
    }

    fn order_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.order_by(|one, other| key(one).cmp(&key(other)));
    }
}

/// Gathering into a map or set by putting in one thing after the other. The standard library's `collect` sorts them first, each type
/// with a sort of its own.
pub trait Gather: Iterator + Sized {
    fn gather<C: Default + Extend<Self::Item>>(self) -> C {
        let mut all = C::default();
        all.extend(self);
        all
    }
}

impl<I: Iterator> Gather for I {}

/// Where each of `len` elements goes.
fn places(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut sorted: Vec<usize> = (0..len).collect();
    sorted.sort_by(|one, other| compare(*one, *other));
    let mut places = vec![0; len];
    for (place, element) in sorted.into_iter().enumerate() {
        places[element] = place;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_the_standard_library_sorts() {
        for len in 0..80_u64 {
            let mut ours: Vec<(u64, u64)> = (0..len).map(|index| (index * 7919 % 13, index)).collect();
            let mut theirs = ours.clone();
            ours.order_by_key(|pair| pair.0);
            theirs.sort_by_key(|pair| pair.0);
            assert_eq!(ours, theirs);
        }
    }
}
