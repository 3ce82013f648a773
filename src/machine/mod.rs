//! Machines: what Kubernetes does not store. File systems, disks, shells, programs, images.
pub mod disks;
pub mod images;
pub mod kernel;
pub mod process;
pub mod programs;
pub mod shell;
pub mod vfs;
