//! The verbs that work in a container: exec, attach, run, cp.
pub mod cp;
pub mod exec;
