//! `Warning:` lines for what is accepted but not advised. Models pkg/api/pod/warnings.go, pkg/api/persistentvolume,
//! pkg/api/persistentvolumeclaim, pkg/api/service and the WarningsOnCreate of the strategies.

use super::{Path, SPEC, Value, entries, list, names, quantity, spec_of, text};
use crate::kinds::readers::pods::CONTAINER_LISTS;
use crate::values::object::Object;

/// Collects `field: text` lines.
#[derive(Default)]
pub struct Warnings {
    pub list: Vec<String>,
}

impl Warnings {
    pub fn add(&mut self, at: &Path, text: &str) {
        self.list.push(format!("{at}: {text}"));
    }

    /// Amounts of bytes that are not whole: mostly an `m` where an `M` was meant.
    pub fn fractions(&mut self, at: &Path, amounts: &Value) {
        for (name, value) in amounts.as_object().into_iter().flatten() {
            let bytes = matches!(name, "storage" | "memory" | "ephemeral-storage");
            let milli = quantity(value).milli_value();
            if bytes && milli % 1000 != 0 {
                let shown = value.as_str().unwrap_or("");
                self.add(&at.key(name), &format!("fractional byte value {shown:?} is invalid, must be an integer"));
            }
        }
    }
}

const BETA_LABELS: [(&str, &str); 7] = [
    ("beta.kubernetes.io/arch", "is deprecated since v1.14; use \"kubernetes.io/arch\" instead"),
    ("beta.kubernetes.io/os", "is deprecated since v1.14; use \"kubernetes.io/os\" instead"),
    ("failure-domain.beta.kubernetes.io/region", "is deprecated since v1.17; use \"topology.kubernetes.io/region\" instead"),
    ("failure-domain.beta.kubernetes.io/zone", "is deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"),
    ("failure-domain.kubernetes.io/region", "is deprecated since v1.17; use \"topology.kubernetes.io/region\" instead"),
    ("failure-domain.kubernetes.io/zone", "is deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"),
    ("beta.kubernetes.io/instance-type", "is deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"),
];

fn beta_label(key: &str) -> Option<&'static str> {
    BETA_LABELS.iter().find(|(label, _)| *label == key).map(|(_, text)| *text)
}

/// Labels of old names in a node selector.
pub fn node_selector(warnings: &mut Warnings, at: &Path, selector: &Value) {
    let terms_at = at.child("nodeSelectorTerms");
    for (index, term) in list(selector, "nodeSelectorTerms").iter().enumerate() {
        let here = terms_at.index(index);
        let expressions_at = here.child("matchExpressions");
        for (index, requirement) in list(term, "matchExpressions").iter().enumerate() {
            let key = text(requirement, "key");
            if let Some(why) = beta_label(key) {
                warnings.add(&expressions_at.index(index).child("key"), &format!("{key} {why}"));
            }
        }
    }
}

/// Names of workloads become parts of host names, which have no dots.
pub fn host_name(warnings: &mut Warnings, object: &Object, old: Option<&Object>, use_of_it: &str) {
    let errors = names::label(object.name());
    if old.is_none() && !errors.is_empty() {
        let why = format!("this is used in {use_of_it}, which can result in surprising behavior; a DNS label is recommended: [{}]", errors.join(" "));
        warnings.list.push(format!("metadata.name: {why}"));
    }
}

/// Of a pod's spec, be it a pod's own or a template's.
pub fn pod_spec(warnings: &mut Warnings, at: &Path, spec: &Value) {
    let selector_at = at.child("nodeSelector");
    for (key, _) in entries(spec, "nodeSelector") {
        if let Some(why) = beta_label(key) {
            warnings.add(&selector_at.key(key), why);
        }
    }
    let required = &spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
    let affinity_at = at.child("affinity");
    node_selector(warnings, &affinity_at.child("nodeAffinity").child("requiredDuringSchedulingIgnoredDuringExecution"), required);
    let volumes_at = at.child("volumes");
    for (index, volume) in list(spec, "volumes").iter().enumerate() {
        let here = volumes_at.index(index);
        for (name, why) in
            [("gitRepo", "deprecated in v1.11, and disabled by default in v1.33+"), ("glusterfs", "deprecated in v1.25, non-functional in v1.26+")]
        {
            if volume[name].is_object() {
                warnings.add(&here.child(name), why);
            }
        }
        let template = &volume["ephemeral"]["volumeClaimTemplate"]["spec"]["resources"]["requests"];
        let template_at = here.child("ephemeral");
        warnings.fractions(&template_at.child("volumeClaimTemplate").child("spec").child("resources").child("requests"), template);
    }
    for field in CONTAINER_LISTS {
        let list_at = at.child(field);
        for (index, container) in list(spec, field).iter().enumerate() {
            container_warnings(warnings, &list_at.index(index), container);
        }
    }
    if spec["terminationGracePeriodSeconds"].as_i64().is_some_and(|seconds| seconds < 0) {
        warnings.add(&at.child("terminationGracePeriodSeconds"), "must be >= 0; negative values are invalid and will be treated as 1");
    }
}

fn container_warnings(warnings: &mut Warnings, at: &Path, container: &Value) {
    let resources_at = at.child("resources");
    for field in ["limits", "requests"] {
        warnings.fractions(&resources_at.child(field), &container["resources"][field]);
    }
    let env_at = at.child("env");
    let variables = list(container, "env");
    for (index, variable) in variables.iter().enumerate() {
        let name = text(variable, "name");
        if !name.is_empty() && variables[..index].iter().any(|other| text(other, "name") == name) {
            warnings.add(&env_at.index(index), &format!("hides previous definition of {name:?}, which may be dropped when using apply"));
        }
    }
    let ports_at = at.child("ports");
    let ports = list(container, "ports");
    for (index, port) in ports.iter().enumerate() {
        let same = |other: &Value| ["containerPort", "protocol", "hostPort", "hostIP"].iter().all(|field| other[*field] == port[*field]);
        if let Some(first) = ports[..index].iter().position(same) {
            let why = format!("duplicate port definition with {}", at.child("ports").index(first));
            warnings.add(&ports_at.index(index), &why);
        }
    }
}

/// Deployment, ReplicaSet, DaemonSet, Job: a template whose pods bear the object's name.
/// Of a template that is new or changed.
pub fn templated(object: &Object, old: Option<&Object>) -> Vec<String> {
    let mut warnings = Warnings::default();
    host_name(&mut warnings, object, old, "Pod names and hostnames");
    template(&mut warnings, spec_of(object), old);
    warnings.list
}

pub fn template(warnings: &mut Warnings, spec: &Value, old: Option<&Object>) {
    if old.is_none_or(|old| spec_of(old)["template"] != spec["template"]) {
        let at = SPEC.child("template");
        pod_spec(warnings, &at.child("spec"), &spec["template"]["spec"]);
    }
}

/// Annotations, each with why it is old.
pub fn old_annotations(warnings: &mut Warnings, object: &Object, names: &[(&str, &str)]) {
    for (name, why) in names {
        if object.annotation(name).is_some() {
            warnings.list.push(format!("metadata.annotations[{name}]: {why}"));
        }
    }
}

/// The annotation that named a class before the field.
pub const OLD_CLASS: (&str, &str) = ("volume.beta.kubernetes.io/storage-class", "deprecated since v1.8; use \"storageClassName\" attribute instead");
