//! Table FLAVOURS: which cluster is simulated (names, addresses, paths, add-ons).

/// What of Kubernetes is switched on, where v1.34 still leaves a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeatureGates {
    pub volume_attributes_class: bool,
}

impl FeatureGates {
    const DEFAULT: FeatureGates = FeatureGates { volume_attributes_class: true };
}

impl Default for FeatureGates {
    fn default() -> FeatureGates {
        FeatureGates::DEFAULT
    }
}

/// One kind of cluster.
#[derive(Debug, PartialEq)]
pub struct Flavour {
    pub name: &'static str,
    /// `v1.34.4`
    pub version: &'static str,
    /// Where local-path keeps volumes on a node.
    pub local_path_root: &'static str,
    /// Whether a Service of type LoadBalancer gets an address.
    pub load_balancer: bool,
    pub gates: FeatureGates,
}

/// Every flavour, sorted by name.
pub const FLAVOURS: &[Flavour] = &[
    Flavour {
        name: "playground",
        version: "v1.34.4",
        local_path_root: "/opt/local-path-provisioner",
        load_balancer: true,
        gates: FeatureGates::DEFAULT,
    },
    Flavour {
        name: "recorded",
        version: "v1.34.4",
        local_path_root: "/opt/local-path-provisioner",
        load_balancer: false,
        gates: FeatureGates::DEFAULT,
    },
];

pub fn by_name(name: &str) -> Option<&'static Flavour> {
    FLAVOURS.iter().find(|flavour| flavour.name == name)
}
