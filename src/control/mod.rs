//! What makes a cluster go: stateless sync functions over the api server, the kubelets, and the cluster that holds them.
//!
//! Controllers, scheduler and kubelets are written against `sync`, ask `rules`, and know neither `controllers::ALL` nor each other; what
//! several of them do is a file of its own (`adoption`, `history`).
pub mod adoption;
pub mod assumed;
pub mod bootstrap;
pub mod cluster;
pub mod controllers;
pub mod dns;
pub mod flavour;
pub mod history;
pub mod kubelet;
pub mod queue;
pub mod rules;
pub mod scheduler;
pub mod sync;
