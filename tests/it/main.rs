//! The integration tests: one binary.
mod labs;
mod sessions;
mod tidy;
