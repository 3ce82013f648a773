//! cp: files between the user's machine and a container. Models kubectl/pkg/cmd/cp.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::request::{containers, pods};
use crate::kinds;
use crate::kinds::readers::pods::is_terminal;
use crate::machine::vfs;
use crate::machine::vfs::{ReadView, View};
use crate::values::object::Object;
use std::rc::Rc;

/// Folders are copied to this depth.
const DEPTH_MAX: usize = 32;

/// One side of a copy.
struct Side {
    namespace: Option<String>,
    /// Empty: the user's machine.
    pod: String,
    path: String,
}

fn side(text: &str) -> Result<Side, Failure> {
    let local = |path: &str| Side { namespace: None, pod: String::new(), path: path.to_owned() };
    let Some((place, path)) = text.split_once(':').filter(|(place, _)| !place.is_empty()) else { return Ok(local(text)) };
    if place.starts_with(['.', '/']) {
        return Ok(local(text));
    }
    match place.split('/').collect::<Vec<_>>().as_slice() {
        [pod] => Ok(Side { namespace: None, pod: (*pod).to_owned(), path: path.to_owned() }),
        [namespace, pod] => Ok(Side { namespace: Some((*namespace).to_owned()), pod: (*pod).to_owned(), path: path.to_owned() }),
        _ => Err(Failure::plain("filespec must match the canonical format: [[namespace/]pod:]file/path")),
    }
}

/// A file or folder with what is in it: paths below it and bytes; `None` for folders.
type Tree = Vec<(String, Option<Vec<u8>>)>;

fn read_tree(files: ReadView<'_>, path: &str, below: &str, depth: usize, tree: &mut Tree) -> Result<(), vfs::Errno> {
    if !files.is_directory(path) {
        tree.push((below.to_owned(), Some(files.read(path)?)));
        return Ok(());
    }
    tree.push((below.to_owned(), None));
    if depth == DEPTH_MAX {
        return Ok(());
    }
    for name in files.list(path)? {
        read_tree(files, &format!("{path}/{name}"), &format!("{below}/{name}"), depth + 1, tree)?;
    }
    Ok(())
}

fn write_tree(files: &mut View<'_>, path: &str, base: &str, tree: &Tree) -> Result<(), vfs::Errno> {
    let target = if files.is_directory(path) { format!("{path}/{base}") } else { path.to_owned() };
    for (below, bytes) in tree {
        let place = format!("{target}{below}");
        match bytes {
            None => files.make_dirs(&place)?,
            Some(bytes) => {
                if let Some((folder, _)) = place.rsplit_once('/').filter(|(folder, _)| !folder.is_empty()) {
                    files.make_dirs(folder)?;
                }
                files.write(&place, bytes)?;
            }
        }
    }
    Ok(())
}

fn base_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

pub fn run(invocation: &mut Invocation<'_, '_>) -> Ran {
    let words = invocation.words();
    let [from, to] = words.as_slice() else { return Err(Failure::plain("source and destination are required")) };
    let (from, to) = (side(from)?, side(to)?);
    if from.path.is_empty() || to.path.is_empty() {
        return Err(Failure::plain("filepath can not be empty"));
    }
    match (from.pod.is_empty(), to.pod.is_empty()) {
        (true, true) => Err(Failure::plain("one of src or dest must be a remote file specification")),
        (false, false) => Err(Failure::plain("one of src or dest must be a local file specification")),
        (false, true) => download(invocation, &from, &to),
        (true, false) => upload(invocation, &from, &to),
    }
}

/// The pod and container of the remote side.
fn remote(invocation: &mut Invocation<'_, '_>, side: &Side) -> Result<(Rc<Object>, String), Failure> {
    let namespace = side.namespace.clone().unwrap_or_else(|| invocation.namespace());
    let key = invocation.key(kinds::def("Pod"), &namespace, &side.pod);
    let pod = invocation.cluster.api.get(&key)?.clone();
    let phase = pod.str(&["status", "phase"]);
    if is_terminal(&pod) {
        return Err(Failure::plain(format!("cannot exec into a container in a completed pod; current phase is {phase}")));
    }
    let container = match invocation.args.value("container").filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned(),
        None => pods::default_container(&pod, false, &mut invocation.output),
    };
    pods::reachable(&pod, &container)?;
    Ok((pod, container))
}

fn download(invocation: &mut Invocation<'_, '_>, from: &Side, to: &Side) -> Ran {
    let (pod, container) = remote(invocation, from)?;
    let path = vfs::absolute("/", &from.path);
    let mut tree = Tree::new();
    let read = containers::files(invocation.cluster.view(), &pod, &container).map(|files| read_tree(files, &path, "", 0, &mut tree));
    if from.path.starts_with('/') {
        invocation.output.warn("tar: removing leading '/' from member names");
    }
    if let Some(Err(errno)) = read {
        invocation.output.warn(&format!("tar: {}: {errno}", from.path.trim_start_matches('/')));
        invocation.output.warn("tar: error exit delayed from previous errors");
        invocation.output.warn("command terminated with exit code 1");
        return Err(Failure::Code(1));
    }
    let target = vfs::absolute(invocation.host.working_directory, &to.path);
    write_tree(&mut invocation.host.files, &target, base_name(&from.path), &tree)
        .map_err(|errno| Failure::plain(format!("open {}: {}", to.path, errno.to_string().to_ascii_lowercase())))?;
    Ok(None)
}

fn upload(invocation: &mut Invocation<'_, '_>, from: &Side, to: &Side) -> Ran {
    let path = vfs::absolute(invocation.host.working_directory, &from.path);
    if !invocation.host.files.exists(&path) {
        return Err(Failure::plain(format!("{} doesn't exist in local filesystem", from.path)));
    }
    let (pod, container) = remote(invocation, to)?;
    let mut tree = Tree::new();
    read_tree(invocation.host.files.reading(), &path, "", 0, &mut tree)
        .map_err(|errno| Failure::plain(format!("open {}: {}", from.path, errno.to_string().to_ascii_lowercase())))?;
    let target = vfs::absolute("/", &to.path);
    let parent = target.rsplit_once('/').map_or("/", |(folder, _)| if folder.is_empty() { "/" } else { folder }).to_owned();
    let files = containers::files(invocation.cluster.view(), &pod, &container);
    if files.is_some_and(|files| !files.is_directory(&target) && !files.is_directory(&parent)) {
        invocation.output.warn(&format!("tar: can't change directory to '{parent}': No such file or directory"));
        invocation.output.warn("command terminated with exit code 1");
        return Err(Failure::Code(1));
    }
    let wrote = containers::change_files(invocation.cluster, &pod, &container, |files| write_tree(files, &target, base_name(&from.path), &tree));
    if let Some(Err(errno)) = wrote {
        invocation.output.warn(&format!("tar: can't open '{}': {errno}", base_name(&to.path)));
        invocation.output.warn("command terminated with exit code 1");
        return Err(Failure::Code(1));
    }
    Ok(None)
}
