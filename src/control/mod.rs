//! The control plane: stateless sync functions over the api server, the kubelets, and the cluster that holds them.
pub mod cluster;
pub mod controllers;
pub mod dns;
pub mod flavour;
pub mod kubelet;
pub mod queue;
pub mod scheduler;
