//! Volumes of pods: what each is on the node, and where a container sees it; FailedMount texts.
//!
//! Models pkg/kubelet/volumemanager and the in-tree plugins of pkg/volume (host_path, local, empty_dir, configmap, secret,
//! projected, downwardapi). The bytes lie where they lie on a real node, so a look at the node's disk shows them.

use super::environment;
use super::events::source;
use super::killing::pod_folder;
use super::state::{Mounted, POD_START};
use crate::apiserver::events::EventType;
use crate::apiserver::store::Store;
use crate::control::sync::{Action, Ctx};
use crate::kinds::pods::{containers, name_of};
use crate::kinds::volumes::BIND_COMPLETED;
use crate::machine::vfs::{Errno, FileSystem, FileType, Mount, MountTable, View};
use crate::values::clock::Duration;
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::order::{Gather, Order};
use crate::values::quantity::Quantity;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// When the kubelet looks again at a pod whose volumes it could not even begin to mount.
const POD_RETRY: Duration = Duration::seconds(12);
/// The first wait after a failed mount, doubled each time up to the longest.
const RETRY_FIRST: Duration = Duration::millis(500);
const RETRY_DOUBLINGS_MAX: u32 = 8;

/// How often a kubelet looks whether what a volume shows has changed.
const REFRESH_PERIOD: Duration = Duration::seconds(75);
/// The volume that admission adds; what it shows never changes here.
const TOKEN_VOLUME: &str = "kube-api-access-";
/// Volumes whose files come from objects: field, name of the plugin.
const PROJECTIONS: [(&str, &str); 4] =
    [("configMap", "configmap"), ("secret", "secret"), ("projected", "projected"), ("downwardAPI", "downward-api")];

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

/// The pods whose volumes show a ConfigMap or Secret.
pub fn pods_that_show(object: &Object, store: &Store) -> Vec<ObjectKey> {
    let (field, name_field, projected_field) =
        if object.kind() == "Secret" { ("secret", "secretName", "secret") } else { ("configMap", "name", "configMap") };
    let shows = |volume: &Value| {
        let sources = volume["projected"]["sources"].as_array().into_iter().flatten();
        volume[field][name_field] == object.name() || sources.into_iter().any(|source| source[projected_field]["name"] == object.name())
    };
    let ours = |volume: &&Value| !volume["name"].as_str().unwrap_or("").starts_with(TOKEN_VOLUME);
    store
        .list("Pod", Some(object.namespace()))
        .filter(|pod| pod.list(&["spec", "volumes"]).iter().filter(ours).any(shows))
        .map(|pod| ObjectKey::new("Pod", pod.namespace(), pod.name()))
        .collect()
}

/// Writes anew what changed behind volumes of ConfigMaps, Secrets and fields, at the pod's next periodic look.
#[inline(never)]
pub fn refresh(ctx: &mut Ctx<'_>, pod: &Object) -> Option<Action> {
    let known = ctx.kubelets.pod(pod.uid())?;
    let (node, volumes, elapsed) = (known.node.clone(), known.volumes.clone()?, ctx.now - known.started);
    let wait = Duration(REFRESH_PERIOD.0 - elapsed.0 % REFRESH_PERIOD.0);
    let mut next = None;
    for volume in pod.list(&["spec", "volumes"]) {
        let name = volume["name"].as_str().unwrap_or("");
        let found = PROJECTIONS.iter().find_map(|(field, _)| Some((*field, volume.get(field)?)));
        let (Some((field, spec)), Some(mounted)) = (found, volumes.get(name)) else { continue };
        if name.starts_with(TOKEN_VOLUME) {
            continue;
        }
        // What is gone now stays in the volume as it was.
        let Ok(files) = contents(ctx, pod, field, spec) else { continue };
        if is_written(ctx, &node, &mounted.path, &files) {
            continue;
        }
        if wait == REFRESH_PERIOD && elapsed > Duration::ZERO {
            // The node's disk has no limit that a small file could meet.
            let _ = write_atomically(ctx, pod, &node, &mounted.path, &files);
        } else {
            next = Some(Action::RequeueAfter(wait));
        }
    }
    next
}

fn is_written(ctx: &mut Ctx<'_>, node: &str, path: &str, projections: &[Projection]) -> bool {
    let tops: BTreeSet<&str> = projections.iter().map(|(name, _, _)| name.split('/').next().unwrap_or(name)).gather();
    on_node(ctx, node, |files| {
        let listed = files.list(&format!("{path}/..data")).unwrap_or_default();
        listed.len() == tops.len()
            && listed.iter().all(|name| tops.contains(name.as_str()))
            && projections.iter().all(|(name, bytes, _)| files.read(&format!("{path}/{name}")).is_ok_and(|there| there == *bytes))
    })
}

/// An emptyDir of medium Memory: a disk of its own, as large as its limit or its node's memory.
#[inline(never)]
fn in_memory(ctx: &mut Ctx<'_>, pod: &Object, source: &Value, name: &str, node: &str) -> Mounted {
    let disk = format!("tmpfs/{}/{name}", pod.uid());
    let node = ctx.api.store().get(&ObjectKey::new("Node", "", node));
    let limit = source["sizeLimit"].as_str().or_else(|| node.map(|node| node.str(&["status", "allocatable", "memory"])));
    if ctx.disks.get(&disk).is_none() {
        let mut files = FileSystem::new(ctx.now);
        files.capacity = limit.and_then(|limit| Quantity::parse(limit).ok()).and_then(|limit| u64::try_from(limit.value()).ok());
        ctx.disks.insert(disk.clone(), files);
    }
    let mounts = MountTable::root(&disk);
    let group = environment::volume_group(pod);
    let mut files = View::new(ctx.disks, &mounts, ctx.now);
    // The root of a disk is there.
    let _ = files.set_owner("/", None, group).and_then(|()| files.set_mode("/", if group.is_some() { 0o3777 } else { 0o1777 }));
    Mounted { disk, path: "/".to_owned(), read_only: false }
}

fn mount(ctx: &mut Ctx<'_>, pod: &Object, volume: &Value, name: &str, node: &str) -> Result<Mounted, String> {
    let disk = ctx.kubelets.disk(node);
    if let Some(path) = volume.get("hostPath") {
        let place = path["path"].as_str().unwrap_or("").to_owned();
        host_path(ctx, node, &place, path["type"].as_str().unwrap_or("")).map_err(|why| set_up(name, &why))?;
        return Ok(Mounted { disk, path: place, read_only: false });
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
        return Ok(Mounted { disk: ctx.kubelets.disk(node), path, read_only: false });
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
        return Ok(Mounted { disk: ctx.kubelets.disk(node), path, read_only: true });
    }
    Err(format!("Unable to attach or mount volumes: unmounted volumes=[{name}]: not simulated here: this kind of volume"))
}

fn set_up(volume: &str, why: &str) -> String {
    format!("MountVolume.SetUp failed for volume {volume:?} : {why}")
}

fn on_node<T>(ctx: &mut Ctx<'_>, node: &str, act: impl FnOnce(&mut View<'_>) -> T) -> T {
    let disk = ctx.kubelets.disk(node);
    on_disk(ctx, &disk, act)
}

fn on_disk<T>(ctx: &mut Ctx<'_>, disk: &str, act: impl FnOnce(&mut View<'_>) -> T) -> T {
    let mounts = MountTable::root(disk);
    act(&mut View::new(ctx.disks, &mounts, ctx.now))
}

/// Checks a hostPath's type, and makes what the type asks for. Models pkg/volume/hostpath makePathForType.
#[inline(never)]
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
#[inline(never)]
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
#[inline(never)]
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
        return Ok(Mounted { disk: ctx.kubelets.disk(node), path, read_only });
    }
    if let Some(source) = volume.at(&["spec", "local"]) {
        let path = source["path"].as_str().unwrap_or("").to_owned();
        if !on_node(ctx, node, |files| files.exists(&path)) {
            return Err(format!("MountVolume.NewMounter initialization failed for volume {name:?} : path {path:?} does not exist"));
        }
        return Ok(Mounted { disk: ctx.kubelets.disk(node), path, read_only });
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

/// A file of a configMap, secret, projected or downwardAPI volume: path, bytes, mode.
type Projection = (String, Vec<u8>, u32);

fn contents(ctx: &Ctx<'_>, pod: &Object, field: &str, spec: &Value) -> Result<Vec<Projection>, String> {
    let mode = spec["defaultMode"].as_u64().unwrap_or(0o644) as u32;
    match field {
        "configMap" => keyed(ctx, pod, "ConfigMap", spec["name"].as_str().unwrap_or(""), spec, mode),
        "secret" => keyed(ctx, pod, "Secret", spec["secretName"].as_str().unwrap_or(""), spec, mode),
        "downwardAPI" => Ok(downward(ctx, pod, spec, mode)),
        _ => {
            let (mut all, mut wrong) = (Vec::new(), Vec::new());
            for source in spec["sources"].as_array().into_iter().flatten() {
                let found = if let Some(token) = source.get("serviceAccountToken") {
                    let mode = if environment::volume_group(pod).is_some() || environment::common_user(pod).is_some() { 0o600 } else { mode };
                    Ok(vec![(token["path"].as_str().unwrap_or("token").to_owned(), service_account_token(ctx, pod, token).into_bytes(), mode)])
                } else if let Some(map) = source.get("configMap") {
                    keyed(ctx, pod, "ConfigMap", map["name"].as_str().unwrap_or(""), map, mode)
                } else if let Some(secret) = source.get("secret") {
                    keyed(ctx, pod, "Secret", secret["name"].as_str().unwrap_or(""), secret, mode)
                } else if let Some(api) = source.get("downwardAPI") {
                    Ok(downward(ctx, pod, api, mode))
                } else {
                    continue;
                };
                match found {
                    Ok(files) => all.extend(files),
                    Err(why) => wrong.push(why),
                }
            }
            match wrong.len() {
                0 => {}
                1 => return Err(wrong.remove(0)),
                _ => return Err(format!("[{}]", wrong.join(", "))),
            }
            Ok(all)
        }
    }
}

/// A token in the form of a real one; nobody signed it.
fn service_account_token(ctx: &Ctx<'_>, pod: &Object, source: &Value) -> String {
    use base64::Engine;
    let encode = |value: &Value| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(value.to_string());
    let (namespace, account) = (pod.namespace(), pod.str(&["spec", "serviceAccountName"]));
    let issuer = "https://kubernetes.default.svc.cluster.local";
    let since = ctx.kubelets.pod(pod.uid()).map_or(ctx.now, |known| known.started).0 / 1000;
    let payload = json!({
        "aud": [source["audience"].as_str().unwrap_or(issuer)],
        "exp": since + source["expirationSeconds"].as_u64().unwrap_or(3600),
        "iat": since,
        "iss": issuer,
        "kubernetes.io": {"namespace": namespace, "pod": {"name": pod.name(), "uid": pod.uid()}, "serviceaccount": {"name": account}},
        "sub": format!("system:serviceaccount:{namespace}:{account}"),
    });
    format!("{}.{}.c2ltdWxhdGVk", encode(&json!({"alg": "RS256", "kid": "simulated"})), encode(&payload))
}

#[inline(never)]
fn keyed(ctx: &Ctx<'_>, pod: &Object, kind: &'static str, name: &str, spec: &Value, mode: u32) -> Result<Vec<Projection>, String> {
    let optional = spec["optional"] == true;
    let Some(object) = ctx.api.store().get(&ObjectKey::new(kind, pod.namespace(), name)) else {
        return if optional { Ok(Vec::new()) } else { Err(format!("{} {name:?} not found", kind.to_ascii_lowercase())) };
    };
    let mut entries = environment::entries(object);
    let Some(items) = spec["items"].as_array() else {
        return Ok(entries.into_iter().map(|(key, bytes)| (key, bytes, mode)).collect());
    };
    let mut found = Vec::new();
    for item in items {
        let key = item["key"].as_str().unwrap_or("");
        let mode = item["mode"].as_u64().map_or(mode, |mode| mode as u32);
        match entries.remove(key) {
            Some(bytes) => found.push((item["path"].as_str().unwrap_or(key).to_owned(), bytes, mode)),
            None if optional => {}
            None if kind == "ConfigMap" => return Err(format!("configmap references non-existent config key: {key}")),
            None => return Err(format!("references non-existent secret key: {key}")),
        }
    }
    Ok(found)
}

#[inline(never)]
fn downward(ctx: &Ctx<'_>, pod: &Object, spec: &Value, mode: u32) -> Vec<Projection> {
    let ip = ctx.kubelets.pod(pod.uid()).map_or("", |known| known.ip.as_str());
    let items = spec["items"].as_array().into_iter().flatten();
    items
        .map(|item| {
            let text = match item.get("resourceFieldRef") {
                Some(resource) => {
                    let found = containers(pod).find(|container| container["name"] == resource["containerName"]);
                    found.map_or_else(String::new, |container| environment::resource_value(container, resource))
                }
                None => environment::field_value(ctx.api, pod, item["fieldRef"]["fieldPath"].as_str().unwrap_or(""), ip),
            };
            (item["path"].as_str().unwrap_or("").to_owned(), text.into_bytes(), item["mode"].as_u64().map_or(mode, |mode| mode as u32))
        })
        .collect()
}

/// Writes files as the kubelet's atomic writer does: a dated folder, `..data` that leads to it, and a link for each name.
fn write_atomically(ctx: &mut Ctx<'_>, pod: &Object, node: &str, path: &str, projections: &[Projection]) -> Result<(), Errno> {
    let stamp = ctx.now.rfc3339().replace(['-', ':'], "_").replace('T', "_").trim_end_matches('Z').to_owned();
    let dated = format!("..{stamp}.{:09}", ctx.now.0 % 1_000_000_000);
    let group = environment::volume_group(pod);
    let owner = environment::common_user(pod);
    let known = ctx.kubelets.pod(pod.uid()).into_iter();
    let containers = known.flat_map(|known| known.containers.keys().filter_map(|name| known.container(ctx.runtimes, name)?.container));
    let mounted: Vec<String> = containers.flat_map(|container| &container.mounts.mounts).map(|mount| mount.source.clone()).collect();
    on_node(ctx, node, |files| {
        files.make_dirs(&format!("{path}/{dated}"))?;
        // ConfigMaps lie on the node's disk, the others in memory.
        files.set_mode(path, if path.contains("~configmap/") { 0o777 } else { 0o1777 })?;
        for (name, bytes, mode) in projections {
            let full = format!("{path}/{dated}/{name}");
            files.make_dirs(full.rsplit_once('/').map_or("/", |(folder, _)| folder))?;
            files.write(&full, bytes)?;
            // Tokens alone, which no others may read, belong to the pod's user.
            files.set_owner(&full, owner.filter(|_| *mode == 0o600 && name == "token"), group)?;
            // What the volume's group owns it may read.
            files.set_mode(&full, if group.is_some() { mode | 0o440 } else { *mode })?;
            let top = name.split('/').next().unwrap_or(name);
            if files.lstat(&format!("{path}/{top}")).is_err() {
                files.symlink(&format!("..data/{top}"), &format!("{path}/{top}"))?;
            }
        }
        let link = format!("{path}/..data");
        if files.lstat(&link).is_ok() {
            files.remove(&link)?;
        }
        files.symlink(&dated, &link)?;
        // Older folders go, and names that lead nowhere now; what a subPath has mounted stays as it was.
        for name in files.list(path)? {
            let full = format!("{path}/{name}");
            let old_folder = name.starts_with("..2") && name != dated && !mounted.iter().any(|source| source.starts_with(&full));
            if old_folder {
                files.remove_all(&full)?;
            } else if !name.starts_with("..") && !files.exists(&full) {
                files.remove(&full)?;
            }
        }
        Ok(())
    })
}

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
                .map_err(|why| format!("failed to create subPath directory for volumeMount {name:?} of container {container:?}: {why}"))?;
        } else if let Ok(canonical) = on_disk(ctx, &volume.disk, |files| files.canonical(&source)) {
            source = canonical;
        }
        let target = crate::machine::vfs::normal(mount["mountPath"].as_str().unwrap_or("/"));
        let read_only = volume.read_only || mount["readOnly"] == true;
        mounts.push(Mount { target, disk: volume.disk.clone(), source, read_only });
    }
    // Parents come before what is mounted in them, and else it is as in the spec.
    mounts.order_by_key(|mount| mount.target.matches('/').count());
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
