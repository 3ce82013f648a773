//! The control plane: stateless sync functions over the api server, the kubelets, and the cluster that holds them.
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
