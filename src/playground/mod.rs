//! The product without a browser: session, picture, labs, links.
pub mod labs;
pub mod picture;
pub mod programs;
pub mod replay;
pub mod session;
pub mod share;
