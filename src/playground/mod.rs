//! The product without a browser: session, picture and what explains it, mends of manifests, labs, links.
pub mod console;
pub mod files;
pub mod fixes;
pub mod labs;
pub mod layout;
pub mod mistakes;
pub mod picture;
pub mod remarks;
pub mod replay;
pub mod session;
pub mod share;
pub mod suggestions;
pub mod why;
