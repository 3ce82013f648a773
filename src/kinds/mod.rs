//! Kinds: names, defaults, validation, columns. One row a kind in `ALL`: `DEF` of its file, or the row itself where a kind has nothing of its
//! own but names and columns. What several kinds share is in `defaults`, `validation` and `printers`; what other layers read from objects, in
//! `readers`.
mod base;
mod config_map;
mod controller_revision;
mod cron_job;
mod daemon_set;
mod def;
pub mod defaults;
mod deployment;
mod endpoint_slice;
mod endpoints;
mod event;
pub mod godiff;
mod job;
pub mod limit_range;
mod namespace;
pub mod node;
mod persistent_volume;
mod persistent_volume_claim;
pub mod pod;
mod pod_disruption_budget;
pub mod printers;
mod priority_class;
pub mod readers;
mod replica_set;
pub mod schema;
mod secret;
mod service;
mod stateful_set;
mod storage_class;
pub mod validation;
mod volume_attachment;

pub use def::{Column, KindDef};

use base::BASE;
use printers::{AGE, NAME, column};

/// Every kind, sorted by name.
pub const ALL: &[KindDef] = &[
    config_map::DEF,
    controller_revision::DEF,
    cron_job::DEF,
    daemon_set::DEF,
    deployment::DEF,
    endpoint_slice::DEF,
    endpoints::DEF,
    event::DEF,
    job::DEF,
    KindDef {
        kind: "Lease",
        group: "coordination.k8s.io",
        plural: "leases",
        columns: &[NAME, column("HOLDER", |lease, _| lease.str(&["spec", "holderIdentity"]).to_owned()), AGE],
        ..BASE
    },
    limit_range::DEF,
    namespace::DEF,
    node::DEF,
    persistent_volume::DEF,
    persistent_volume_claim::DEF,
    pod::DEF,
    pod_disruption_budget::DEF,
    priority_class::DEF,
    replica_set::DEF,
    secret::DEF,
    service::DEF,
    KindDef {
        kind: "ServiceAccount",
        plural: "serviceaccounts",
        short_names: &["sa"],
        columns: &[NAME, column("SECRETS", |account, _| account.list(&["secrets"]).len().to_string()), AGE],
        ..BASE
    },
    stateful_set::DEF,
    storage_class::DEF,
    volume_attachment::DEF,
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
