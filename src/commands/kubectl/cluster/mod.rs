//! The verbs about the cluster and the way to it: config, nodes, version, auth, and those that ask no server.
pub mod api_resources;
pub mod auth;
pub mod client;
pub mod config;
pub mod cordon;
pub mod drain;
pub mod taint;
pub mod top;
pub mod version;
