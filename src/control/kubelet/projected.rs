//! Volumes whose files come from objects: ConfigMaps, Secrets, fields of the pod, tokens. They are written anew when these change.
//!
//! Models pkg/volume/configmap, secret, projected, downwardapi, and pkg/volume/util/atomic_writer.go.

use super::environment;
use super::node_files::on_node;
use crate::apiserver::store::Store;
use crate::control::rules::data::entries;
use crate::control::rules::pods::resource_value;
use crate::control::sync::{Action, Ctx};
use crate::kinds::readers::pods::containers;
use crate::machine::vfs::Errno;
use crate::values::clock::Duration;
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::value::Text;
use std::collections::BTreeSet;

/// How often a kubelet looks whether what a volume shows has changed.
const REFRESH_PERIOD: Duration = Duration::seconds(75);
/// The volume that admission adds; what it shows never changes here.
const TOKEN_VOLUME: &str = "kube-api-access-";
/// Volumes whose files come from objects: field, name of the plugin.
pub const PROJECTIONS: [(&str, &str); 4] =
    [("configMap", "configmap"), ("secret", "secret"), ("projected", "projected"), ("downwardAPI", "downward-api")];

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
    let tops: BTreeSet<&str> = projections.iter().map(|(name, _, _)| name.split('/').next().unwrap_or(name)).collect();
    on_node(ctx, node, |files| {
        let listed = files.list(&format!("{path}/..data")).unwrap_or_default();
        listed.len() == tops.len()
            && listed.iter().all(|name| tops.contains(name.as_str()))
            && projections.iter().all(|(name, bytes, _)| files.read(&format!("{path}/{name}")).is_ok_and(|there| there == *bytes))
    })
}

/// A file of a configMap, secret, projected or downwardAPI volume: path, bytes, mode.
pub type Projection = (String, Vec<u8>, u32);

/// The files of a volume now.
/// # Errors
/// What is not there.
pub fn contents(ctx: &Ctx<'_>, pod: &Object, field: &str, spec: &Value) -> Result<Vec<Projection>, String> {
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

fn keyed(ctx: &Ctx<'_>, pod: &Object, kind: &'static str, name: &str, spec: &Value, mode: u32) -> Result<Vec<Projection>, String> {
    let optional = spec["optional"] == true;
    let Some(object) = ctx.api.store().get(&ObjectKey::new(kind, pod.namespace(), name)) else {
        return if optional { Ok(Vec::new()) } else { Err(format!("{} {name:?} not found", kind.to_ascii_lowercase())) };
    };
    let mut entries = entries(object);
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

fn downward(ctx: &Ctx<'_>, pod: &Object, spec: &Value, mode: u32) -> Vec<Projection> {
    let ip = ctx.kubelets.pod(pod.uid()).map_or("", |known| known.ip.as_str());
    let items = spec["items"].as_array().into_iter().flatten();
    items
        .map(|item| {
            let text = match item.get("resourceFieldRef") {
                Some(resource) => {
                    let found = containers(pod).find(|container| container["name"] == resource["containerName"]);
                    found.map_or_else(String::new, |container| resource_value(container, resource))
                }
                None => environment::field_value(ctx.api, pod, item["fieldRef"]["fieldPath"].as_str().unwrap_or(""), ip),
            };
            (item["path"].as_str().unwrap_or("").to_owned(), text.into_bytes(), item["mode"].as_u64().map_or(mode, |mode| mode as u32))
        })
        .collect()
}

/// Writes files as the kubelet's atomic writer does: a dated folder, `..data` that leads to it, and a link for each name.
/// # Errors
/// The disk's.
pub fn write_atomically(ctx: &mut Ctx<'_>, pod: &Object, node: &str, path: &str, projections: &[Projection]) -> Result<(), Errno> {
    let stamp = ctx.now.rfc3339().replace(['-', ':'], "_").replace('T', "_").trim_end_matches('Z').to_owned();
    let dated = format!("..{stamp}.{:09}", ctx.now.0 % 1_000_000_000);
    let group = environment::volume_group(pod);
    let owner = environment::common_user(pod);
    let known = ctx.kubelets.pod(pod.uid()).into_iter();
    let containers = known.flat_map(|known| known.containers.keys().filter_map(|name| known.container(ctx.runtimes, name)?.container));
    let mounted: Vec<Text> = containers.flat_map(|container| &container.mounts.mounts).map(|mount| mount.source.clone()).collect();
    on_node(ctx, node, |files| {
        let is_new = files.lstat(path).is_err();
        files.make_dirs(&format!("{path}/{dated}"))?;
        // ConfigMaps lie on the node's disk, the others in memory.
        files.set_mode(path, if path.contains("~configmap/") { 0o777 } else { 0o1777 })?;
        for (name, bytes, mode) in projections {
            let full = format!("{path}/{dated}/{name}");
            if name.contains('/') {
                files.make_dirs(full.rsplit_once('/').map_or("/", |(folder, _)| folder))?;
            }
            files.write(&full, bytes)?;
            // Tokens alone, which no others may read, belong to the pod's user.
            let owner = owner.filter(|_| *mode == 0o600 && name == "token");
            if owner.is_some() || group.is_some() {
                files.set_owner(&full, owner, group)?;
            }
            // What the volume's group owns it may read.
            files.set_mode(&full, if group.is_some() { mode | 0o440 } else { *mode })?;
            let top = name.split('/').next().unwrap_or(name);
            let link = format!("{path}/{top}");
            match files.symlink(&format!("..data/{top}"), &link) {
                Ok(()) | Err(Errno::Exists) => {}
                Err(why) => return Err(why),
            }
        }
        let link = format!("{path}/..data");
        if !is_new && files.lstat(&link).is_ok() {
            files.remove(&link)?;
        }
        files.symlink(&dated, &link)?;
        if is_new {
            return Ok(());
        }
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
