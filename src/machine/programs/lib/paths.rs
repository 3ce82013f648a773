//! Paths and trees of files, as programs go through them.

use crate::machine::programs::lib::io::Io;
use crate::machine::vfs::FileType;

/// A name below a folder.
pub fn join(folder: &str, name: &str) -> String {
    if folder.ends_with('/') { format!("{folder}{name}") } else { format!("{folder}/{name}") }
}

/// The folder part of a path, as dirname(1) says.
pub fn folder_of(name: &str) -> &str {
    let trimmed = name.trim_end_matches('/');
    match trimmed.rfind('/') {
        _ if trimmed.is_empty() && !name.is_empty() => "/",
        None => ".",
        Some(place) => match trimmed[..place].trim_end_matches('/') {
            "" => "/",
            folder => folder,
        },
    }
}

/// How deep a tree may be that is copied or removed.
pub const DEPTH_MAX: usize = 200;

/// A path and all below it, folders before what is in them.
pub fn tree(io: &Io<'_, '_>, name: &str, depth: usize, found: &mut Vec<String>) {
    found.push(name.to_owned());
    let path = io.path(name);
    if depth < DEPTH_MAX && io.files.lstat(&path).is_ok_and(|metadata| metadata.file_type == FileType::Directory) {
        for child in io.files.list(&path).unwrap_or_default() {
            tree(io, &join(name, &child), depth + 1, found);
        }
    }
}

/// Where a source goes: into a folder under its own name, or to the name itself.
pub fn destination(source: &str, target: &str, into: bool) -> String {
    if !into {
        return target.to_owned();
    }
    let base = source.trim_end_matches('/').rsplit('/').next().unwrap_or(source);
    let base = if matches!(base, "." | "..") { "" } else { base };
    join(target, base).trim_end_matches('/').to_owned()
}
