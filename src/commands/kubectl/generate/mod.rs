//! The objects that flags describe: those of `create KIND`, of autoscale, and the pod of run.
pub mod access;
pub mod autoscaler;
pub mod data;
pub mod ingress;
pub mod object;
pub mod pod;
pub mod policies;
pub mod services;
pub mod workloads;
