//! Kubelets: pods become containers. Phases, restarts and back-off, termination, logs, exec.
pub mod volume_manager;

/// All containers of all nodes: what the container runtimes know.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Runtime {}
