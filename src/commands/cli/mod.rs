//! What commands share: the row of one, the machine that it runs on, flags as cobra reads them, Go templates, tables, output, what waits.
pub mod args;
pub mod command;
pub mod encoding;
pub mod host;
pub mod output;
pub mod pending;
pub mod table;
pub mod template;
