//! Merge patch, strategic merge patch, JSON patch, and the three-way patch of kubectl apply.

/// How a kind's fields merge: a type and the look-up of its fields, lent by `kinds::schema`.
#[derive(Clone, Copy)]
pub struct Rules {
    pub ty: &'static str,
    pub lookup: fn(&'static str, &str) -> Option<Rule>,
}

/// How one field merges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    pub ty: &'static str,
    /// The key by which entries of a list are the same; empty where they are plain values or the list is replaced.
    pub merge_key: &'static str,
    /// `merge`, `retainKeys`, `merge,retainKeys`, `replace`; empty where none.
    pub strategy: &'static str,
}
