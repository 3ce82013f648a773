//! What programs share: the world that they see, their table, and everything that two of them need.

pub mod dates;
pub mod digest;
pub mod floats;
pub mod glob;
pub mod hosts;
pub mod io;
pub mod lines;
pub mod lookup;
pub mod modes;
pub mod mounts;
pub mod options;
pub mod owners;
pub mod paths;
pub mod printf;
pub mod regex;
pub mod sizes;
pub mod table;
pub mod test;
