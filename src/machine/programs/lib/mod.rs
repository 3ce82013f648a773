//! What programs share: the world that they see, their table, and everything that two of them need.

pub mod io;
pub mod lookup;
pub mod table;
