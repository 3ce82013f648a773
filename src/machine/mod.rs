//! Machines: what Kubernetes does not store. File systems, disks, shells, programs, images.
pub mod disks;
pub mod images;
pub mod programs;
pub mod shell;
pub mod vfs;
