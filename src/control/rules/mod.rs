//! Pure questions about objects, asked by controllers, scheduler, kubelet and whoever looks at a cluster.
pub mod budgets;
pub mod data;
pub mod deployments;
pub mod jobs;
pub mod nodes;
pub mod owners;
pub mod pods;
pub mod services;
pub mod templates;
pub mod volume_search;
pub mod volumes;
