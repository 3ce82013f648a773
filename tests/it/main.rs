//! The integration tests: one binary.
mod sessions;
mod tidy;
