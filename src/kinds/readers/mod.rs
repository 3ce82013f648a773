//! What several layers read from the objects of a kind: a row of `kinds` says what a kind is, these say what one of its objects tells.
pub mod events;
pub mod pods;
pub mod volumes;
