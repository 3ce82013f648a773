//! Controllers: stateless functions of one key, one row each in `ALL`.
pub mod cron_job;
pub mod daemon_set;
pub mod deployment;
pub mod disruption;
pub mod endpoints;
pub mod ephemeral_volume;
pub mod expand;
pub mod garbage_collector;
pub mod job;
pub mod kubernetes_service;
pub mod namespace;
pub mod node_lifecycle;
pub mod persistent_volume;
pub mod protection;
pub mod provisioner;
pub mod replica_set;
pub mod stateful_set;

use crate::control::sync::Controller;
use crate::control::{kubelet, scheduler};

/// Every controller, scheduler and kubelets among them, in the order in which they take turns at one instant.
pub const ALL: &[Controller] = &[
    namespace::CONTROLLER,
    garbage_collector::CONTROLLER,
    protection::CLAIMS,
    protection::VOLUMES,
    ephemeral_volume::CONTROLLER,
    persistent_volume::CONTROLLER,
    expand::CONTROLLER,
    provisioner::CONTROLLER,
    deployment::CONTROLLER,
    replica_set::CONTROLLER,
    stateful_set::CONTROLLER,
    daemon_set::CONTROLLER,
    cron_job::CONTROLLER,
    job::CONTROLLER,
    node_lifecycle::NODES,
    node_lifecycle::EVICTION,
    scheduler::CONTROLLER,
    kubelet::CONTROLLER,
    kubelet::lease::CONTROLLER,
    endpoints::CONTROLLER,
    disruption::CONTROLLER,
    kubernetes_service::CONTROLLER,
];
