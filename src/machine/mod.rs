//! Machines: what Kubernetes does not store.
//!
//! From the foundation up, each over those before it: `vfs` (file systems on `disks`), `kernel` (tasks, descriptors, pipes, profile,
//! network), `programs` (their `lib`, families, table), `shell`, `process` (execve(2) and the turns of whatever runs), `images`.

pub mod disks;
pub mod images;
pub mod kernel;
pub mod process;
pub mod programs;
pub mod shell;
pub mod vfs;
