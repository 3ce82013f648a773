//! Where a container sees the volumes of its pod.
//!
//! Models makeMounts of pkg/kubelet/kubelet_pods.go and pkg/volume/util/subpath.

use super::environment;
use super::node_files::on_disk;
use crate::control::sync::Ctx;
use crate::kinds::readers::pods::name_of;
use crate::machine::vfs::{Errno, Mount, View};
use crate::values::object::{Object, Value};
use std::collections::BTreeMap;

/// What of a pod's volumes a container sees.
/// # Errors
/// Why a mount cannot be made, such as a subPath that leads out of its volume.
pub fn container_mounts(ctx: &mut Ctx<'_>, pod: &Object, spec: &Value, variables: &BTreeMap<String, String>) -> Result<Vec<Mount>, String> {
    let mut mounts = Vec::new();
    let volumes = ctx.kubelets.pod(pod.uid()).and_then(|known| known.volumes.clone()).unwrap_or_default();
    for mount in spec["volumeMounts"].as_array().into_iter().flatten() {
        let name = mount["name"].as_str().unwrap_or("");
        let Some(volume) = volumes.get(name) else { return Err(format!("volume {name:?} is not mounted")) };
        let sub_path = sub_path(mount, variables)?;
        let mut source = volume.path.clone();
        if !sub_path.is_empty() {
            let container = name_of(spec);
            if sub_path.split('/').any(|part| part == "..") {
                return Err(format!("failed to prepare subPath for volumeMount {name:?} of container {container:?}"));
            }
            source = on_disk(ctx, &volume.disk, |files| below_volume(files, &volume.path, &sub_path))
                .map_err(|why| format!("failed to create subPath directory for volumeMount {name:?} of container {container:?}: {why}"))?
                .into();
        } else if let Ok(canonical) = on_disk(ctx, &volume.disk, |files| files.canonical(&source)) {
            source = canonical.into();
        }
        let target = crate::machine::vfs::normal(mount["mountPath"].as_str().unwrap_or("/"));
        let read_only = volume.read_only || mount["readOnly"] == true;
        mounts.push(Mount { target: target.into(), disk: volume.disk.clone(), source, read_only });
    }
    // Parents come before what is mounted in them, and else it is as in the spec.
    mounts.sort_by_key(|mount| mount.target.matches('/').count());
    Ok(mounts)
}

/// Which part of its volume a mount shows; empty: all of it.
fn sub_path(mount: &Value, variables: &BTreeMap<String, String>) -> Result<String, String> {
    let Some(expression) = mount["subPathExpr"].as_str() else { return Ok(mount["subPath"].as_str().unwrap_or("").to_owned()) };
    let mut names = expression.split("$(").skip(1).filter_map(|rest| rest.split_once(')'));
    if let Some((name, _)) = names.find(|(name, _)| !variables.contains_key(*name)) {
        return Err(format!("missing value for {name}"));
    }
    Ok(environment::expand(expression, variables))
}

/// The place of a subPath, which is made as a folder with the volume's mode where it is not there. Models doSafeMakeDir.
fn below_volume(files: &mut View<'_>, volume: &str, sub_path: &str) -> Result<String, Errno> {
    let path = format!("{}/{sub_path}", volume.trim_end_matches('/'));
    if !files.exists(&path) {
        let mode = files.stat(volume)?.mode & 0o777;
        let mut made = volume.trim_end_matches('/').to_owned();
        for name in sub_path.split('/').filter(|name| !name.is_empty()) {
            made = format!("{made}/{name}");
            if !files.exists(&made) {
                files.make_dirs(&made)?;
                files.set_mode(&made, mode)?;
            }
        }
    }
    files.canonical(&path)
}
