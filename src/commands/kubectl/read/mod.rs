//! The verbs that look: get, describe, diff, explain, events, logs, wait.
pub mod describe;
pub mod diff;
pub mod events;
pub mod explain;
pub mod get;
pub mod logs;
pub mod wait;
