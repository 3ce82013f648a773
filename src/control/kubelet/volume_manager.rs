//! Volumes of pods: what each is on the node; FailedMount texts.
//!
//! Models pkg/kubelet/volumemanager and the in-tree plugins of pkg/volume (host_path, local, empty_dir). The bytes lie where they lie on a
//! real node, so a look at the node's disk shows them.

use super::environment;
use super::events::source;
use super::killing::pod_folder;
use super::node_files::on_node;
use super::projected::{PROJECTIONS, contents, write_atomically};
use super::state::{Mounted, POD_START};
use crate::apiserver::events::EventType;
use crate::control::sync::{Action, Ctx};
use crate::kinds::readers::pods::{containers, name_of};
use crate::kinds::readers::volumes::BIND_COMPLETED;
use crate::machine::disks::DiskId;
use crate::machine::vfs::{FileSystem, FileType, MountTable, View};
use crate::values::clock::Duration;
use crate::values::object::{Object, ObjectKey, Value};
use crate::values::quantity::Quantity;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// When the kubelet looks again at a pod whose volumes it could not even begin to mount.
const POD_RETRY: Duration = Duration::seconds(12);
/// The first wait after a failed mount, doubled each time up to the longest.
const RETRY_FIRST: Duration = Duration::millis(500);
const RETRY_DOUBLINGS_MAX: u32 = 8;

fn own_folder(pod: &Object, plugin: &str, volume: &str) -> String {
    format!("{}/volumes/kubernetes.io~{plugin}/{volume}", pod_folder(pod.uid()))
}

/// Mounts what is not mounted yet. `Some`: not all is there; look again then.
pub fn mount_volumes(ctx: &mut Ctx<'_>, pod: &Object) -> Option<Action> {
    let known = ctx.kubelets.pod(pod.uid())?;
    if known.volumes.is_some() {
        return None;
    }
    let (node, failures) = (known.node.clone(), known.mount_failures);
    let mut mounted = BTreeMap::new();
    let used = used_volumes(pod);
    let volumes: Vec<&Value> = pod.list(&["spec", "volumes"]).iter().filter(|volume| used.contains(name_of(volume))).collect();
    let mut forgotten = false;
    for (index, volume) in volumes.iter().enumerate() {
        let name = name_of(volume).to_owned();
        let claim = &volume["persistentVolumeClaim"]["claimName"];
        if !claim.is_null() && volumes[index + 1..].iter().any(|later| later["persistentVolumeClaim"]["claimName"] == *claim) {
            // The kubelet keeps one name for each volume of a pod: the last one. It waits for the others in silence, for ever.
            forgotten = true;
            continue;
        }
        match mount(ctx, pod, volume, &name, &node) {
            Ok(found) => {
                mounted.insert(name, found);
            }
            Err(why) => {
                ctx.api.event(pod, source(pod, None), EventType::Warning, "FailedMount", &why);
                if let Some(known) = ctx.kubelets.pod_mut(pod.uid()) {
                    known.mount_failures += 1;
                }
                // The whole pod is looked at again, or only that mount is tried again.
                let wait = if why.starts_with(UNABLE) { POD_RETRY } else { Duration(RETRY_FIRST.0 << failures.min(RETRY_DOUBLINGS_MAX)) };
                return Some(Action::Resync(wait));
            }
        }
    }
    if forgotten {
        return Some(Action::Resync(Duration(RETRY_FIRST.0 << RETRY_DOUBLINGS_MAX)));
    }
    let now = ctx.now;
    if let Some(known) = ctx.kubelets.pod_mut(pod.uid()) {
        known.volumes = Some(Rc::new(mounted));
        if failures > 0 {
            known.ready_to_start = now + POD_START;
        }
    }
    None
}

/// The names of the volumes that containers of a pod mount; the others are left alone.
fn used_volumes(pod: &Object) -> BTreeSet<&str> {
    let containers = containers(pod);
    let uses = containers.flat_map(|container| [&container["volumeMounts"], &container["volumeDevices"]]);
    uses.flat_map(|mounts| mounts.as_array().into_iter().flatten()).map(name_of).collect()
}

/// An emptyDir of medium Memory: a disk of its own, as large as its limit or its node's memory.
fn in_memory(ctx: &mut Ctx<'_>, pod: &Object, source: &Value, name: &str, node: &str) -> Mounted {
    let disk = DiskId::from(format!("tmpfs/{}/{name}", pod.uid()));
    let node = ctx.api.store().get(&ObjectKey::new("Node", "", node));
    let limit = source["sizeLimit"].as_str().or_else(|| node.map(|node| node.str(&["status", "allocatable", "memory"])));
    if ctx.disks.get(&disk).is_none() {
        let mut files = FileSystem::new(ctx.now);
        files.capacity = limit.and_then(|limit| Quantity::parse(limit).ok()).and_then(|limit| u64::try_from(limit.value()).ok());
        ctx.disks.insert(disk.clone(), files);
    }
    let mounts = MountTable::root(disk.clone());
    let group = environment::volume_group(pod);
    let mut files = View::new(ctx.disks, &mounts, ctx.now);
    // The root of a disk is there.
    let _ = files.set_owner("/", None, group).and_then(|()| files.set_mode("/", if group.is_some() { 0o3777 } else { 0o1777 }));
    Mounted { disk, path: "/".into(), read_only: false }
}

fn mount(ctx: &mut Ctx<'_>, pod: &Object, volume: &Value, name: &str, node: &str) -> Result<Mounted, String> {
    let disk = ctx.kubelets.disk(node);
    if let Some(path) = volume.get("hostPath") {
        let place = path["path"].as_str().unwrap_or("").to_owned();
        host_path(ctx, node, &place, path["type"].as_str().unwrap_or("")).map_err(|why| set_up(name, &why))?;
        return Ok(Mounted { disk, path: place.into(), read_only: false });
    }
    if let Some(source) = volume.get("emptyDir") {
        if source["medium"] == "Memory" {
            return Ok(in_memory(ctx, pod, source, name, node));
        }
        if let Some(medium) = source["medium"].as_str().filter(|medium| !medium.is_empty() && !medium.starts_with("HugePages")) {
            return Err(set_up(name, &format!("unknown storage medium {medium:?}")));
        }
        let path = own_folder(pod, "empty-dir", name);
        let group = environment::volume_group(pod);
        let mode = if group.is_some() { 0o2777 } else { 0o777 };
        on_node(ctx, node, |files| {
            files.make_dirs(&path)?;
            files.set_owner(&path, None, group)?;
            files.set_mode(&path, mode)
        })
        .map_err(|why| set_up(name, &why.to_string()))?;
        return Ok(Mounted { disk: ctx.kubelets.disk(node), path: path.into(), read_only: false });
    }
    if let Some(claim) = volume.get("persistentVolumeClaim") {
        let bound = bound_claim(ctx, pod, name, claim["claimName"].as_str().unwrap_or(""))?;
        used_as_its_mode(pod, name, &bound)?;
        return claimed(ctx, &bound, claim["readOnly"] == true, node);
    }
    if volume.get("ephemeral").is_some() {
        let bound = bound_claim(ctx, pod, name, &format!("{}-{name}", pod.name()))?;
        return claimed(ctx, &bound, false, node);
    }
    for (field, plugin) in PROJECTIONS {
        let Some(spec) = volume.get(field) else { continue };
        let files = contents(ctx, pod, field, spec).map_err(|why| set_up(name, &why))?;
        let path = own_folder(pod, plugin, name);
        write_atomically(ctx, pod, node, &path, &files).map_err(|why| set_up(name, &why.to_string()))?;
        return Ok(Mounted { disk: ctx.kubelets.disk(node), path: path.into(), read_only: true });
    }
    Err(format!("Unable to attach or mount volumes: unmounted volumes=[{name}]: not simulated here: this kind of volume"))
}

fn set_up(volume: &str, why: &str) -> String {
    format!("MountVolume.SetUp failed for volume {volume:?} : {why}")
}

/// Checks a hostPath's type, and makes what the type asks for. Models pkg/volume/hostpath makePathForType.
fn host_path(ctx: &mut Ctx<'_>, node: &str, path: &str, kind: &str) -> Result<(), String> {
    on_node(ctx, node, |files| {
        let found = files.stat(path).ok().map(|found| found.file_type);
        let check = |wanted: FileType, words: &str| -> Result<(), String> {
            if found == Some(wanted) { Ok(()) } else { Err(format!("hostPath type check failed: {path} is not {words}")) }
        };
        match kind {
            "DirectoryOrCreate" if found.is_none() => files.make_dirs(path).map_err(|error| error.to_string()),
            "DirectoryOrCreate" | "Directory" => check(FileType::Directory, "a directory"),
            "FileOrCreate" if found.is_none() => files.write(path, b"").map_err(|_| format!("open {path}: no such file or directory")),
            "FileOrCreate" | "File" => check(FileType::File, "a file"),
            "Socket" => check(FileType::Socket, "a socket file"),
            "CharDevice" => check(FileType::CharDevice, "a character device"),
            "BlockDevice" => check(FileType::BlockDevice, "a block device"),
            // The runtime makes a missing folder when it mounts it.
            _ if found.is_none() => files.make_dirs(path).map_err(|error| error.to_string()),
            _ => Ok(()),
        }
    })
}

/// What stands before an error that comes before any mounting.
const UNABLE: &str = "Unable to attach or mount volumes";

/// The claim behind a pod's volume. Models getPVCExtractPV of pkg/kubelet/volumemanager/populator.
fn bound_claim(ctx: &Ctx<'_>, pod: &Object, volume: &str, claim: &str) -> Result<Rc<Object>, String> {
    let why = match ctx.api.get(&ObjectKey::new("PersistentVolumeClaim", pod.namespace(), claim)) {
        Ok(found) if found.annotation(BIND_COMPLETED).is_some() => return Ok(found.clone()),
        Ok(_) => "PVC is not bound".to_owned(),
        Err(status) => format!("failed to fetch PVC from API server: {status}"),
    };
    let volumes = format!("unmounted volumes=[{volume}], unattached volumes=[], failed to process volumes=[{volume}]");
    Err(format!("{UNABLE}: {volumes}: error processing PVC {}/{claim}: {why}", pod.namespace()))
}

/// Whether a volume is used as what it is: block devices have no files.
fn used_as_its_mode(pod: &Object, volume: &str, claim: &Object) -> Result<(), String> {
    let is_block = claim.str(&["spec", "volumeMode"]) == "Block";
    let (wrong, mode) = if is_block { ("volumeMounts", "Block") } else { ("volumeDevices", "Filesystem") };
    if !containers(pod).any(|container| container[wrong].as_array().into_iter().flatten().any(|used| name_of(used) == volume)) {
        return Ok(());
    }
    let volumes = format!("unmounted volumes=[{volume}], unattached volumes=[], failed to process volumes=[{volume}]");
    Err(format!("{UNABLE}: {volumes}: volume {volume} has volumeMode {mode}, but is specified in {wrong}"))
}

/// A claim's volume.
fn claimed(ctx: &mut Ctx<'_>, found: &Object, read_only: bool, node: &str) -> Result<Mounted, String> {
    let name = found.str(&["spec", "volumeName"]).to_owned();
    let Some(volume) = ctx.api.store().get(&ObjectKey::new("PersistentVolume", "", &name)).cloned() else {
        return Err(format!("persistentvolume {name:?} not found"));
    };
    if let Some(source) = volume.at(&["spec", "hostPath"]) {
        if !volume.list(&["spec", "mountOptions"]).is_empty() {
            let why = "mount options are not supported for this volume type";
            return Err(format!("MountVolume.MountOptionSupport check failed for volume {name:?} : {why}"));
        }
        let path = source["path"].as_str().unwrap_or("").to_owned();
        host_path(ctx, node, &path, source["type"].as_str().unwrap_or("")).map_err(|why| set_up(&name, &why))?;
        return Ok(Mounted { disk: ctx.kubelets.disk(node), path: path.into(), read_only });
    }
    if let Some(source) = volume.at(&["spec", "local"]) {
        let path = source["path"].as_str().unwrap_or("").to_owned();
        if !on_node(ctx, node, |files| files.exists(&path)) {
            return Err(format!("MountVolume.NewMounter initialization failed for volume {name:?} : path {path:?} does not exist"));
        }
        return Ok(Mounted { disk: ctx.kubelets.disk(node), path: path.into(), read_only });
    }
    let plugin = volume
        .map(&["spec"])
        .into_iter()
        .flatten()
        .map(|(field, _)| field)
        .find(|field| ["nfs", "csi", "iscsi", "fc"].contains(field))
        .unwrap_or("volume");
    Err(format!("MountVolume.SetUp failed for volume {name:?} : not simulated here: {plugin} volumes"))
}
