//! The integration tests: one binary.
mod cases;
mod labs;
mod sessions;
mod tidy;
