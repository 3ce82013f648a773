//! What verbs ask the server for and send it: resources, manifests, pods, containers, writes, and how objects are printed.
pub mod containers;
pub mod deletion;
pub mod kubeconfig;
pub mod manifests;
pub mod pods;
pub mod print;
pub mod resources;
pub mod write;
