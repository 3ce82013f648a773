//! What verbs share: which server they ask (the kubeconfig), what they ask it for and send it, and how objects are printed.
pub mod containers;
pub mod deletion;
pub mod discovery;
pub mod events;
pub mod existing;
pub mod kubeconfig;
pub mod last_applied;
pub mod manifests;
pub mod nodes;
pub mod pods;
pub mod print;
pub mod resources;
pub mod write;
