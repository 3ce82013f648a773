//! The verbs that work in a container: exec, attach, run, cp, and those that are refused, debug and port-forward.
pub mod attach;
pub mod attachment;
pub mod cp;
pub mod debug;
pub mod exec;
pub mod port_forward;
pub mod run;
