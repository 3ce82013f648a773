//! Process: a small resumable machine of shells, programs and pipes. It runs for a bounded number of steps and says why it stopped.
//!
//! The console's shell and a container's shell are this one, in their dialects. A process is the tasks of a kernel (shells,
//! programs, and calls that its owner answers, such as `kubectl` on the console) with what runs in each of them. Everything is a
//! plain value: a clone is an undo point.
//!
//! ```text
//! owner: step(system) -> Running | Sleeping | Reading | Calling | Exited
//!        give_input / take_output                           the terminal
//!        calls, call_input, call_output, call_finished      what the owner runs for it
//! ```

mod calls;
mod console;
mod exec;
mod program;
mod run;
mod signals;
mod state;
mod terminal;
#[cfg(test)]
mod tests;

pub use calls::{Call, CallId, Input};
pub use run::Progress;
pub use state::Process;
