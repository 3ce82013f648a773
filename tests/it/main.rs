//! The integration tests: one binary.
mod binder;
mod cases;
mod console;
mod controllers;
mod examples;
mod fuzz;
mod labs;
mod schema;
mod sessions;
mod storm;
mod tidy;
