//! The verbs that change objects: create, apply, replace, edit, patch, label, scale, set, delete, expose, rollout.
pub mod apply;
pub mod create;
pub mod delete;
pub mod edit;
pub mod expose;
pub mod label;
pub mod patch;
pub mod replace;
pub mod rollout;
pub mod scale;
pub mod set;
