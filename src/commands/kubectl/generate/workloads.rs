//! create deployment, job, cronjob. Models kubectl/pkg/cmd/create/create_{deployment,job,cronjob}.go.

use crate::commands::kubectl::failure::Failure;
use crate::commands::kubectl::generate::object::{finish, name};
use crate::commands::kubectl::invocation::{Invocation, Ran};
use crate::values::object::{Object, json};
use crate::values::rng::Rng;

/// Letters of a suffix that makes a name unique.
const SUFFIX_LENGTH: usize = 5;

/// A container's name of an image: `registry/nginx:1.27` -> `nginx`; what is no DNS label gets a suffix, as it may not be alone.
pub fn image_name(image: &str) -> String {
    let last = image.rsplit('/').next().unwrap_or(image);
    let bare = last.split([':', '@']).next().unwrap_or(last);
    if !bare.contains(['_', '.']) {
        return bare.to_owned();
    }
    let seed = bare.bytes().fold(0, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    format!("{}-{}", bare.replace(['_', '.'], "-"), Rng::new(seed).suffix(SUFFIX_LENGTH))
}

/// The command behind `--`.
fn behind_dash(invocation: &Invocation<'_, '_>) -> Vec<String> {
    invocation.args.at_dash.map_or_else(Vec::new, |place| invocation.args.positional[place..].to_vec())
}

/// What stands before `--`.
fn take_command(invocation: &mut Invocation<'_, '_>) -> Vec<String> {
    let behind = behind_dash(invocation);
    if let Some(place) = invocation.args.at_dash {
        invocation.args.positional.truncate(place);
    }
    behind
}

pub fn deployment(invocation: &mut Invocation<'_, '_>) -> Ran {
    let argv = take_command(invocation);
    let name = name(invocation)?;
    let images = invocation.args.values("image").to_vec();
    if images.len() > 1 && !argv.is_empty() {
        return Err(Failure::plain("cannot specify multiple --image options and command"));
    }
    let replicas = invocation.args.int("replicas").unwrap_or(1);
    let mut containers = Vec::new();
    for image in &images {
        let mut container = json!({"image": image, "name": image_name(image), "resources": {}});
        if !argv.is_empty() {
            container["command"] = json!(argv);
        }
        if let Some(port) = invocation.args.int("port").filter(|port| *port > 0) {
            container["ports"] = json!([{"containerPort": port}]);
        }
        containers.push(container);
    }
    finish(
        invocation,
        Object(json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name, "labels": {"app": name}},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": {"app": name}},
                "strategy": {},
                "template": {"metadata": {"labels": {"app": name}}, "spec": {"containers": containers}},
            },
            "status": {},
        })),
    )
}

pub fn job(invocation: &mut Invocation<'_, '_>) -> Ran {
    let argv = take_command(invocation);
    let name = name(invocation)?;
    let (from, image) = (invocation.args.text("from").to_owned(), invocation.args.text("image").to_owned());
    if from.is_empty() == image.is_empty() {
        return Err(Failure::plain("either --image or --from must be specified"));
    }
    if !from.is_empty() && !argv.is_empty() {
        return Err(Failure::plain("cannot specify --from and command"));
    }
    let mut object = Object(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "status": {}}));
    if from.is_empty() {
        let mut container = json!({"image": image, "name": name, "resources": {}});
        if !argv.is_empty() {
            container["command"] = json!(argv);
        }
        object.set(&["spec"], json!({"template": {"metadata": {}, "spec": {"containers": [container], "restartPolicy": "Never"}}}));
        return finish(invocation, object);
    }
    let source = invocation.existing(&[from]).and_then(|(found, failures)| Failure::all(failures).map(|()| found))?;
    let Some(source) = source.first() else { return Ok(None) };
    if source.kind() != "CronJob" {
        return Err(Failure::plain(format!("unknown object type *v1.{}", source.kind())));
    }
    let template = |path: &[&str]| source.at(&[&["spec", "jobTemplate"], path].concat()).cloned();
    object.set(&["metadata", "annotations"], template(&["metadata", "annotations"]).unwrap_or_else(|| json!({})));
    object.set(&["metadata", "annotations", "cronjob.kubernetes.io/instantiate"], json!("manual"));
    if let Some(labels) = template(&["metadata", "labels"]) {
        object.set(&["metadata", "labels"], labels);
    }
    let owner = json!({"apiVersion": "batch/v1", "controller": true, "kind": "CronJob", "name": source.name(), "uid": source.uid()});
    object.set(&["metadata", "ownerReferences"], json!([owner]));
    object.set(&["spec"], template(&["spec"]).unwrap_or_default());
    finish(invocation, object)
}

pub fn cron_job(invocation: &mut Invocation<'_, '_>) -> Ran {
    let argv = take_command(invocation);
    let name = name(invocation)?;
    let mut container = json!({"image": invocation.args.text("image"), "name": name, "resources": {}});
    if !argv.is_empty() {
        container["command"] = json!(argv);
    }
    let restart = invocation.args.value("restart").unwrap_or("OnFailure").to_owned();
    let template = json!({"metadata": {}, "spec": {"containers": [container], "restartPolicy": restart}});
    let schedule = invocation.args.text("schedule").to_owned();
    finish(
        invocation,
        Object(json!({
            "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name},
            "spec": {"jobTemplate": {"metadata": {"name": name}, "spec": {"template": template}}, "schedule": schedule},
            "status": {},
        })),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_names_its_container() {
        assert_eq!(image_name("registry.io/library/nginx:1.27"), "nginx");
    }
}
