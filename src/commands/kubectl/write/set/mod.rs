//! The set verbs. Models kubectl/pkg/cmd/set.
pub mod env;
pub mod image;
pub mod resources;
pub mod selector;
pub mod service_account;
pub mod template;
