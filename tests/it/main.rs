//! The integration tests: one binary.
mod binder;
mod cases;
mod console;
mod controllers;
mod examples;
mod fuzz;
mod imports;
mod labs;
mod schema;
mod sessions;
mod storm;
mod tidy;
