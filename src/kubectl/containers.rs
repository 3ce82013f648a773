//! What kubectl asks of the kubelets: processes in containers, their logs, their files.

use super::Failure;
use crate::control::cluster::Cluster;
use crate::machine::shell::{Process, Progress};
use crate::values::clock::Instant;
use crate::values::object::{Object, ObjectKey};

/// Starts a program in a running container.
/// # Errors
/// The container runtime's words.
pub fn start(_cluster: &mut Cluster, _pod: &Object, _container: &str, _argv: &[String], _tty: bool) -> Result<Process, Failure> {
    Err(Failure::plain("not simulated here: exec"))
}

/// Lets a program of a container go on; `None`: its container is gone.
pub fn step(_cluster: &mut Cluster, _pod: &ObjectKey, _container: &str, _process: &mut Process) -> Option<Progress> {
    None
}

/// A container's log: each line with its newline.
pub fn log(_cluster: &Cluster, _pod: &Object, _container: &str, _previous: bool) -> Option<Vec<(Instant, String)>> {
    None
}

/// Bytes for the main program's standard input; `None` closes it.
pub fn type_into(_cluster: &mut Cluster, _pod: &ObjectKey, _container: &str, _bytes: Option<&[u8]>) {}

/// Whether the main program waits for a line.
pub fn reads(_cluster: &Cluster, _pod: &ObjectKey, _container: &str) -> bool {
    false
}
