//! The files behind what the picture shows: on the disks of volumes, and in the layers of containers.

use crate::machine::disks::DiskId;
use crate::machine::vfs::{FileType, MountTable, ReadView};
use crate::runtime::Container;
use crate::values::object::{Object, ObjectKey};
use crate::world::ClusterView;

/// A file tile on a disk or in a container's own layer.
#[derive(Clone, Debug, PartialEq)]
pub struct FileTile {
    /// Below the disk's root.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// A volume that a pod brings itself: a folder of its node (hostPath) or one that goes with the pod (emptyDir).
#[derive(Clone, Debug, PartialEq)]
pub struct OwnVolume {
    pub name: String,
    /// `hostPath` or `emptyDir`.
    pub plugin: &'static str,
    /// The folder on the node.
    pub path: String,
    pub files: Vec<FileTile>,
}

/// The volumes with files of their own that a pod's manifest makes itself.
const OWN_PLUGINS: [&str; 2] = ["hostPath", "emptyDir"];

/// How many tiles one disk shows.
const TILES_MAX: usize = 12;
/// How many files are looked at on one disk.
const FILES_MAX: usize = 200;
/// How much of a file is shown, in characters.
const TEXT_MAX: usize = 4_000;
/// Files that every container's layer holds from its start.
const OWN_FILES: [&str; 6] = ["/etc/group", "/etc/hostname", "/etc/hosts", "/etc/os-release", "/etc/passwd", "/etc/resolv.conf"];

/// A folder of a disk.
struct Folder {
    disk: DiskId,
    path: String,
}

/// Where on its node the bytes of a volume are; empty for what is not on a node.
pub fn path_of(volume: &Object) -> &str {
    match volume.str(&["spec", "hostPath", "path"]) {
        "" => volume.str(&["spec", "local", "path"]),
        path => path,
    }
}

fn folders(cluster: ClusterView<'_>, volume: &Object, node: &str) -> Vec<Folder> {
    let path = path_of(volume);
    if path.is_empty() {
        return Vec::new();
    }
    let of = |node: &str| Folder { disk: cluster.kubelets.disk(node), path: path.to_owned() };
    if node.is_empty() { cluster.api.list("Node", None).map(|node| of(node.name())).collect() } else { vec![of(node)] }
}

/// The files of a volume that is used on a node; an empty name stands for any.
pub fn of_volume(cluster: ClusterView<'_>, volume: &Object, node: &str) -> Vec<FileTile> {
    let folders = folders(cluster, volume, node);
    folders.iter().map(|folder| below(cluster, &folder.disk, &folder.path, &[])).find(|files| !files.is_empty()).unwrap_or_default()
}

fn containers<'a>(cluster: ClusterView<'a>, pod: &Object) -> impl Iterator<Item = &'a Container> {
    let runtimes = &cluster.world.runtimes;
    let known = cluster.cluster().kubelets.pod(pod.uid()).into_iter();
    known.flat_map(move |known| known.containers.keys().filter_map(move |name| known.container(runtimes, name)?.container))
}

/// Files that a pod's containers wrote to their own layers.
pub fn of_layers(cluster: ClusterView<'_>, pod: &Object) -> Vec<FileTile> {
    containers(cluster, pod).flat_map(|container| layer_tiles(cluster, container)).take(TILES_MAX).collect()
}

/// The mounted hostPath and emptyDir volumes of a pod. Their files are named `VOLUME/FILE`, as one list holds those of all.
pub fn own_volumes(cluster: ClusterView<'_>, pod: &Object) -> Vec<OwnVolume> {
    let Some((known, mounted)) = cluster.kubelets.pod(pod.uid()).and_then(|known| Some((known, known.volumes.as_ref()?))) else {
        return Vec::new();
    };
    let own = pod.list(&["spec", "volumes"]).iter().filter_map(|volume| {
        let plugin = OWN_PLUGINS.into_iter().find(|plugin| volume.get(plugin).is_some())?;
        let name = volume["name"].as_str()?;
        let path = mounted.get(name)?.path.clone();
        let mut files = below(cluster, &cluster.kubelets.disk(&known.node), &path, &[]);
        files.iter_mut().for_each(|file| file.name = format!("{name}/{}", file.name));
        Some(OwnVolume { name: name.to_owned(), plugin, path: path.to_string(), files })
    });
    own.collect()
}

/// The files of a pod (its layers and own volumes), a claim or a volume (the bytes behind it).
pub fn of(cluster: ClusterView<'_>, key: &ObjectKey) -> Vec<FileTile> {
    let Some(object) = cluster.api.store().get(key) else { return Vec::new() };
    match key.kind {
        "Pod" => of_layers(cluster, object).into_iter().chain(own_volumes(cluster, object).into_iter().flat_map(|own| own.files)).collect(),
        _ => volume_behind(cluster, key).map_or_else(Vec::new, |(volume, node)| of_volume(cluster, volume, &node)),
    }
}

/// The volume of a claim, or the volume itself, with the node where it is used.
fn volume_behind<'a>(cluster: ClusterView<'a>, key: &ObjectKey) -> Option<(&'a Object, String)> {
    let object = cluster.cluster().api.store().get(key)?;
    let volume = match key.kind {
        "PersistentVolume" => object,
        "PersistentVolumeClaim" => cluster.cluster().api.store().get(&ObjectKey::new("PersistentVolume", "", object.str(&["spec", "volumeName"])))?,
        _ => return None,
    };
    Some((volume, super::picture::place_of_volume(cluster, volume)))
}

/// The beginning of a file's text, as a reader sees it; `None`: it is gone.
pub fn text(cluster: ClusterView<'_>, key: &ObjectKey, name: &str) -> Option<String> {
    let object = cluster.api.store().get(key)?;
    let places: Vec<(DiskId, String)> = match key.kind {
        "Pod" => {
            let layers = containers(cluster, object).map(|container| (container.disk.clone(), format!("/{name}")));
            let node = cluster.kubelets.pod(object.uid()).map_or("", |known| known.node.as_str());
            let own = own_volumes(cluster, object).into_iter().filter_map(|own| {
                let file = name.strip_prefix(own.name.as_str())?.strip_prefix('/')?;
                Some((cluster.kubelets.disk(node), format!("{}/{file}", own.path.trim_end_matches('/'))))
            });
            layers.chain(own).collect()
        }
        _ => {
            let (volume, node) = volume_behind(cluster, key)?;
            folders(cluster, volume, &node).into_iter().map(|folder| (folder.disk, format!("{}/{name}", folder.path.trim_end_matches('/')))).collect()
        }
    };
    let bytes = places.iter().find_map(|(disk, path)| {
        let mounts = MountTable::root(disk);
        ReadView::new(&cluster.world.disks, &mounts).read(path).ok()
    })?;
    Some(String::from_utf8_lossy(&bytes[..bytes.len().min(TEXT_MAX)]).into_owned())
}

/// Files that a container wrote beside its volumes and that its image does not have.
fn layer_tiles(cluster: ClusterView<'_>, container: &Container) -> Vec<FileTile> {
    let image = crate::machine::images::find(&container.spec.image);
    let known = |path: &str| OWN_FILES.contains(&path) || image.is_some_and(|image| image.files.iter().any(|(file, _)| *file == path));
    let points: Vec<&str> = container.mounts.mounts.iter().map(|mount| mount.target.as_str()).collect();
    let mut tiles = below(cluster, &container.disk, "/", &points);
    tiles
        .retain(|tile| !known(&format!("/{}", tile.name)) && !tile.name.starts_with("dev/") && !points.contains(&format!("/{}", tile.name).as_str()));
    tiles
}

/// The files below a folder of a disk, without those below `skip`.
fn below(cluster: ClusterView<'_>, disk: &str, folder: &str, skip: &[&str]) -> Vec<FileTile> {
    let mounts = MountTable::root(disk);
    let view = ReadView::new(&cluster.world.disks, &mounts);
    let (mut found, mut open, mut looked) = (Vec::new(), vec![folder.trim_end_matches('/').to_owned()], 0);
    while let Some(here) = open.pop() {
        for name in view.list(if here.is_empty() { "/" } else { &here }).unwrap_or_default() {
            let path = format!("{here}/{name}");
            looked += 1;
            if looked > FILES_MAX || name.starts_with("..") {
                continue;
            }
            match view.lstat(&path) {
                Ok(metadata) if metadata.file_type == FileType::Directory && !skip.iter().any(|skipped| *skipped != "/" && *skipped == path) => {
                    open.push(path);
                }
                Ok(metadata) if metadata.file_type == FileType::File => {
                    let name = path[folder.trim_end_matches('/').len()..].trim_start_matches('/').to_owned();
                    found.push((metadata.modified, FileTile { name, size: metadata.size }));
                }
                _ => {}
            }
        }
    }
    // The newest first: what was written just now is seen.
    found.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.name.cmp(&other.1.name)));
    found.truncate(TILES_MAX);
    found.into_iter().map(|(_, tile)| tile).collect()
}
