//! The kernel: tasks with their descriptors, pipes, files and terminal, as a value. It knows no shell and no program.
//!
//! Models what Linux keeps of a process group: a task is made by `fork`, becomes what its command line names (`exec` in
//! `machine::process`), ends as a zombie and is reaped by its parent. What runs in a task is not the kernel's: `machine::process`
//! keeps that beside it and gives each task its turns.

pub(super) mod descriptors;
pub(super) mod devices;
mod network;
mod pipes;
mod profile;
mod signal;
mod system;
pub(super) mod task;
pub(super) mod tree;

pub use descriptors::{Chunk, Stream};
pub use network::{HttpGet, Network, NoNetwork};
pub use profile::{Dialect, Form, Profile};
pub use signal::Signal;
pub use system::System;
