//! What changed a moment ago is marked in the picture.

use crate::playground::files::FileTile;
use crate::playground::picture::{Item, Picture};
use crate::values::object::ObjectKey;
use std::collections::BTreeMap;

/// How long what changed is marked, in milliseconds.
const GLOW_MS: f64 = 2_000.0;

/// What changed a moment ago: objects, and files by name, with the time until which they are marked.
#[derive(Default)]
pub struct Glow(BTreeMap<(ObjectKey, String), f64>);

impl Glow {
    /// Marks what is new or different between two pictures.
    pub fn note(&mut self, before: &Picture, after: &Picture, now: f64) {
        let old: BTreeMap<_, _> = looks(before).collect();
        for (key, look) in looks(after) {
            if old.get(&key) != Some(&look) {
                self.0.insert(key, now + GLOW_MS);
            }
        }
    }

    /// Forgets what is over. True: something was.
    pub fn fade(&mut self, now: f64) -> bool {
        let count = self.0.len();
        self.0.retain(|_, until| *until > now);
        self.0.len() != count
    }

    pub fn holds(&self, key: &ObjectKey, file: &str) -> bool {
        !self.0.is_empty() && self.0.contains_key(&(key.clone(), file.to_owned()))
    }
}

/// Everything by which a change can be seen.
fn looks(picture: &Picture) -> impl Iterator<Item = ((ObjectKey, String), (String, u64))> + '_ {
    let item = |item: &Item| ((item.key.clone(), String::new()), (item.state.clone() + &item.detail, 0));
    let files = |key: &ObjectKey, files: &[FileTile]| -> Vec<_> {
        files.iter().map(|file| ((key.clone(), file.name.clone()), (String::new(), file.size))).collect()
    };
    let plain = picture.nodes.iter().chain(&picture.owners).chain(&picture.services).map(item);
    let pods = picture.pods.iter().flat_map(move |pod| {
        let own = pod.own_volumes.iter().flat_map(move |own| files(&pod.item.key, &own.files));
        files(&pod.item.key, &pod.layer_files).into_iter().chain(own).chain([item(&pod.item)])
    });
    let claims = picture.claims.iter().map(move |claim| item(&claim.item));
    let volumes = picture.volumes.iter().flat_map(move |volume| files(&volume.item.key, &volume.disk.files).into_iter().chain([item(&volume.item)]));
    plain.chain(pods).chain(claims).chain(volumes)
}
