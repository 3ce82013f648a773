//! Kinds: names, defaults, validation, columns. One row a kind in `ALL`.
pub mod defaults;
pub mod godiff;
pub mod printers;
pub mod schema;
pub mod validation;
pub mod volumes;

use crate::values::clock::Instant;
use crate::values::object::Object;
use crate::values::status::FieldError;

/// A kind: all that the api server and kubectl need to know of it.
pub struct KindDef {
    /// In full, such as `PersistentVolumeClaim`.
    pub kind: &'static str,
    /// API group, empty for core.
    pub group: &'static str,
    pub version: &'static str,
    /// Such as `persistentvolumeclaims`.
    pub plural: &'static str,
    pub short_names: &'static [&'static str],
    /// `all` where `kubectl get all` lists it.
    pub categories: &'static [&'static str],
    pub namespaced: bool,
    /// Whether `spec` changes raise `metadata.generation`.
    pub generation: bool,
    /// Fills defaults into an object that is created (`old` absent) or changed. Models the SetDefaults functions and strategies.
    pub defaults: fn(&mut Object, old: Option<&Object>),
    /// Findings in the order in which the server reports them.
    pub validate: fn(&Object, old: Option<&Object>) -> Vec<FieldError>,
    /// `Warning:` lines for a create or change.
    pub warnings: fn(&Object, old: Option<&Object>) -> Vec<String>,
    /// Server-side table columns after NAME handling; the NAME column is the first row.
    pub columns: &'static [Column],
}

/// A column of `kubectl get`.
pub struct Column {
    pub name: &'static str,
    /// Only with `-o wide`.
    pub wide: bool,
    /// The cell; `now` is for ages.
    pub cell: fn(&Object, Instant) -> String,
}

impl KindDef {
    /// `v1`, `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `persistentvolumeclaims`, `statefulsets.apps`: how messages name the resource.
    pub fn resource(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// `persistentvolumeclaim`, `statefulset`: the lower-case kind.
    pub fn singular(&self) -> String {
        self.kind.to_ascii_lowercase()
    }

    /// `persistentvolumeclaim/data`, `statefulset.apps/web`: how kubectl names an object in its answers.
    pub fn name_of(&self, name: &str) -> String {
        if self.group.is_empty() { format!("{}/{name}", self.singular()) } else { format!("{}.{}/{name}", self.singular(), self.group) }
    }
}

fn no_defaults(_: &mut Object, _: Option<&Object>) {}
fn no_findings(_: &Object, _: Option<&Object>) -> Vec<FieldError> {
    Vec::new()
}
fn no_warnings(_: &Object, _: Option<&Object>) -> Vec<String> {
    Vec::new()
}

/// What most rows share.
const BASE: KindDef = KindDef {
    kind: "",
    group: "",
    version: "v1",
    plural: "",
    short_names: &[],
    categories: &[],
    namespaced: true,
    generation: false,
    defaults: no_defaults,
    validate: no_findings,
    warnings: no_warnings,
    columns: printers::GENERIC,
};

/// Every kind, sorted by name.
pub const ALL: &[KindDef] = &[
    KindDef {
        kind: "ConfigMap",
        plural: "configmaps",
        short_names: &["cm"],
        columns: printers::CONFIG_MAP,
        validate: validation::config_map,
        ..BASE
    },
    KindDef {
        kind: "ControllerRevision",
        group: "apps",
        plural: "controllerrevisions",
        columns: printers::CONTROLLER_REVISION,
        validate: validation::controller_revision,
        ..BASE
    },
    KindDef {
        kind: "CronJob",
        group: "batch",
        plural: "cronjobs",
        short_names: &["cj"],
        categories: &["all"],
        generation: true,
        columns: printers::CRON_JOB,
        defaults: defaults::cron_job,
        validate: validation::cron_job,
        ..BASE
    },
    KindDef {
        kind: "DaemonSet",
        group: "apps",
        plural: "daemonsets",
        short_names: &["ds"],
        categories: &["all"],
        generation: true,
        columns: printers::DAEMON_SET,
        defaults: defaults::daemon_set,
        validate: validation::daemon_set,
        warnings: validation::warnings::templated,
        ..BASE
    },
    KindDef {
        kind: "Deployment",
        group: "apps",
        plural: "deployments",
        short_names: &["deploy"],
        categories: &["all"],
        generation: true,
        columns: printers::DEPLOYMENT,
        defaults: defaults::deployment,
        validate: validation::deployment,
        warnings: validation::warnings::templated,
        ..BASE
    },
    KindDef {
        kind: "EndpointSlice",
        group: "discovery.k8s.io",
        plural: "endpointslices",
        generation: true,
        columns: printers::ENDPOINT_SLICE,
        validate: validation::plain_subdomain,
        ..BASE
    },
    KindDef {
        kind: "Endpoints",
        plural: "endpoints",
        short_names: &["ep"],
        columns: printers::ENDPOINTS,
        defaults: defaults::endpoints,
        validate: validation::endpoints,
        ..BASE
    },
    KindDef { kind: "Event", plural: "events", short_names: &["ev"], columns: printers::EVENT, validate: validation::event, ..BASE },
    KindDef {
        kind: "Job",
        group: "batch",
        plural: "jobs",
        categories: &["all"],
        generation: true,
        columns: printers::JOB,
        defaults: defaults::job,
        validate: validation::job,
        warnings: validation::warnings::templated,
        ..BASE
    },
    KindDef {
        kind: "Lease",
        group: "coordination.k8s.io",
        plural: "leases",
        columns: printers::LEASE,
        validate: validation::plain_subdomain,
        ..BASE
    },
    KindDef {
        kind: "Namespace",
        plural: "namespaces",
        short_names: &["ns"],
        namespaced: false,
        columns: printers::NAMESPACE,
        defaults: defaults::namespace,
        validate: validation::namespace,
        ..BASE
    },
    KindDef { kind: "Node", plural: "nodes", short_names: &["no"], namespaced: false, columns: printers::NODE, validate: validation::node, ..BASE },
    KindDef {
        kind: "PersistentVolume",
        plural: "persistentvolumes",
        short_names: &["pv"],
        namespaced: false,
        columns: printers::PERSISTENT_VOLUME,
        defaults: defaults::persistent_volume,
        validate: validation::persistent_volume,
        warnings: validation::warnings::persistent_volume,
        ..BASE
    },
    KindDef {
        kind: "PersistentVolumeClaim",
        plural: "persistentvolumeclaims",
        short_names: &["pvc"],
        columns: printers::PERSISTENT_VOLUME_CLAIM,
        defaults: defaults::persistent_volume_claim,
        validate: validation::persistent_volume_claim,
        warnings: validation::warnings::persistent_volume_claim,
        ..BASE
    },
    KindDef {
        kind: "Pod",
        plural: "pods",
        short_names: &["po"],
        categories: &["all"],
        generation: true,
        columns: printers::POD,
        defaults: defaults::pod,
        validate: validation::pod,
        warnings: validation::warnings::pod,
        ..BASE
    },
    KindDef {
        kind: "PodDisruptionBudget",
        group: "policy",
        plural: "poddisruptionbudgets",
        short_names: &["pdb"],
        generation: true,
        columns: printers::POD_DISRUPTION_BUDGET,
        validate: validation::pod_disruption_budget,
        ..BASE
    },
    KindDef {
        kind: "PriorityClass",
        group: "scheduling.k8s.io",
        plural: "priorityclasses",
        short_names: &["pc"],
        namespaced: false,
        generation: true,
        columns: printers::PRIORITY_CLASS,
        defaults: defaults::priority_class,
        validate: validation::priority_class,
        ..BASE
    },
    KindDef {
        kind: "ReplicaSet",
        group: "apps",
        plural: "replicasets",
        short_names: &["rs"],
        categories: &["all"],
        generation: true,
        columns: printers::REPLICA_SET,
        defaults: defaults::replica_set,
        validate: validation::replica_set,
        warnings: validation::warnings::templated,
        ..BASE
    },
    KindDef {
        kind: "Secret",
        plural: "secrets",
        columns: printers::SECRET,
        defaults: defaults::secret,
        validate: validation::secret,
        warnings: validation::warnings::secret,
        ..BASE
    },
    KindDef {
        kind: "Service",
        plural: "services",
        short_names: &["svc"],
        categories: &["all"],
        columns: printers::SERVICE,
        defaults: defaults::service,
        validate: validation::service,
        warnings: validation::warnings::service,
        ..BASE
    },
    KindDef {
        kind: "ServiceAccount",
        plural: "serviceaccounts",
        short_names: &["sa"],
        columns: printers::SERVICE_ACCOUNT,
        validate: validation::plain_subdomain,
        ..BASE
    },
    KindDef {
        kind: "StatefulSet",
        group: "apps",
        plural: "statefulsets",
        short_names: &["sts"],
        categories: &["all"],
        generation: true,
        columns: printers::STATEFUL_SET,
        defaults: defaults::stateful_set,
        validate: validation::stateful_set,
        warnings: validation::warnings::stateful_set,
        ..BASE
    },
    KindDef {
        kind: "StorageClass",
        group: "storage.k8s.io",
        plural: "storageclasses",
        short_names: &["sc"],
        namespaced: false,
        columns: printers::STORAGE_CLASS,
        defaults: defaults::storage_class,
        validate: validation::storage_class,
        ..BASE
    },
    KindDef {
        kind: "VolumeAttachment",
        group: "storage.k8s.io",
        plural: "volumeattachments",
        namespaced: false,
        columns: printers::VOLUME_ATTACHMENT,
        validate: validation::volume_attachment,
        ..BASE
    },
];

/// The row of a kind by its name in full. Panics where there is none: only for names that stand in our code.
pub fn def(kind: &str) -> &'static KindDef {
    by_kind(kind).unwrap_or_else(|| panic!("no kind {kind}"))
}

pub fn by_kind(kind: &str) -> Option<&'static KindDef> {
    ALL.binary_search_by(|def| def.kind.cmp(kind)).ok().map(|index| &ALL[index])
}

/// The row for a manifest's apiVersion and kind.
pub fn by_version_and_kind(api_version: &str, kind: &str) -> Option<&'static KindDef> {
    by_kind(kind).filter(|def| def.api_version() == api_version)
}

/// The row for what a user types: `pvc`, `persistentvolumeclaims`, `StatefulSet`, `statefulsets.apps`, `statefulsets.v1.apps`.
pub fn by_resource(name: &str) -> Option<&'static KindDef> {
    let lower = name.to_ascii_lowercase();
    let (short, rest) = lower.split_once('.').map_or((lower.as_str(), None), |(short, rest)| (short, Some(rest)));
    ALL.iter().find(|def| {
        (def.plural == short || def.singular() == short || def.short_names.contains(&short))
            && rest.is_none_or(|rest| rest == def.group || rest == format!("{}.{}", def.version, def.group))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_found() {
        assert!(ALL.windows(2).all(|pair| pair[0].kind < pair[1].kind));
        for name in ["pvc", "PVC", "statefulset", "statefulsets.apps", "statefulsets.v1.apps", "StatefulSet", "ep"] {
            assert!(by_resource(name).is_some(), "{name}");
        }
        assert!(by_resource("sts.core").is_none());
    }
}
