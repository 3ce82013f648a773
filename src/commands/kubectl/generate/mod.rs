//! The objects that `create KIND` makes from flags.
pub mod create;
pub mod unsimulated;
