//! Error numbers of the system, with the texts that programs print.

use std::fmt;

/// An error number of the system; `Display` is its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errno {
    NoEntry,
    Exists,
    NotDirectory,
    IsDirectory,
    NotEmpty,
    ReadOnly,
    NoSpace,
    Permission,
    NotPermitted,
    Loop,
    Invalid,
    Busy,
    CrossDevice,
    NameTooLong,
    TooLarge,
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Errno::NoEntry => "No such file or directory",
            Errno::Exists => "File exists",
            Errno::NotDirectory => "Not a directory",
            Errno::IsDirectory => "Is a directory",
            Errno::NotEmpty => "Directory not empty",
            Errno::ReadOnly => "Read-only file system",
            Errno::NoSpace => "No space left on device",
            Errno::Permission => "Permission denied",
            Errno::NotPermitted => "Operation not permitted",
            Errno::Loop => "Too many levels of symbolic links",
            Errno::Invalid => "Invalid argument",
            Errno::Busy => "Device or resource busy",
            Errno::CrossDevice => "Invalid cross-device link",
            Errno::NameTooLong => "File name too long",
            Errno::TooLarge => "File too large",
        })
    }
}
