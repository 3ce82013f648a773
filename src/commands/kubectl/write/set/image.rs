//! set image. Models kubectl/pkg/cmd/set/set_image.go.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::commands::kubectl::write::set::template::{Saying, containers, each, split};
use crate::values::object::{json, str_at};

pub fn image(invocation: &mut Invocation<'_, '_>) -> Ran {
    let (words, pairs) = split(&invocation.words(), "image")?;
    invocation.dry_run()?;
    invocation.existing(&words).and_then(|(_, failures)| Failure::all(failures))?;
    if pairs.is_empty() {
        return Err(Failure::plain("at least one image update is required"));
    }
    let pairs: Vec<(String, String)> =
        pairs.iter().filter_map(|pair| pair.split_once('=')).map(|(name, image)| (name.to_owned(), image.to_owned())).collect();
    if pairs.len() > 1 && pairs.iter().any(|(name, _)| name == "*") {
        return Err(Failure::plain("all containers are already specified by *, but saw more than one container_name=container_image pairs"));
    }
    let saying = Saying { refused: "failed to patch image update to pod template: ", done: "image updated" };
    each(invocation, &words, &saying, &|spec| {
        let mut failures = Vec::new();
        for (name, image) in &pairs {
            let mut found = false;
            for container in containers(spec).into_iter().filter(|one| name == "*" || str_at(one, &["name"]) == name) {
                container["image"] = json!(image);
                found = true;
            }
            if !found {
                failures.push(Failure::plain(format!("error: unable to find container named {name:?}")));
            }
        }
        failures
    })
}
