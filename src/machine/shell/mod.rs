//! The shell: syntax, expansion, arithmetic, variables, interpreter, builtins and jobs, in the dialects of bash, busybox ash and dash.
pub mod arithmetic;
mod arrays;
pub mod builtins;
pub mod expand;
pub mod interpreter;
pub mod jobs;
pub mod syntax;
pub mod variables;
pub mod words;
