//! What is on the user's PATH: strings in, strings out.
pub mod cli;
pub mod kubectl;
