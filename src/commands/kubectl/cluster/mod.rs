//! The verbs about the cluster and the way to it: config, nodes, version, auth.
pub mod config;
pub mod misc;
pub mod node;
