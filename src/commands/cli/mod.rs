//! What any command of the cobra kind needs: flags, Go templates, what waits.
pub mod args;
pub mod foreground;
pub mod template;
