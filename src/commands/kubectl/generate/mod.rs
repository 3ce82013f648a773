//! The objects that `create KIND` makes from flags.
pub mod access;
pub mod autoscaler;
pub mod data;
pub mod ingress;
pub mod object;
pub mod pod;
pub mod policies;
pub mod services;
pub mod workloads;
