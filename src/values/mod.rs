//! Values: no state, no clock reading, no I/O.
pub mod clock;
pub mod hash;
pub mod jsonpath;
pub mod object;
pub mod patch;
pub mod quantity;
pub mod rng;
pub mod selector;
pub mod status;
pub mod value;
pub mod yaml;
