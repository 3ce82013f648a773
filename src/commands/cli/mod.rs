//! What any command of the cobra kind needs: flags, Go templates, what waits.
pub mod args;
pub mod command;
pub mod encoding;
pub mod host;
pub mod output;
pub mod pending;
pub mod table;
pub mod template;
