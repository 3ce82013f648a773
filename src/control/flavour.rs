//! Table FLAVOURS: which cluster is simulated (names, addresses, paths, add-ons).

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
}

/// Every flavour, sorted by name.
pub const FLAVOURS: &[Flavour] = &[
    Flavour { name: "playground", version: "v1.34.4", local_path_root: "/opt/local-path-provisioner", load_balancer: true },
    Flavour { name: "recorded", version: "v1.34.4", local_path_root: "/opt/local-path-provisioner", load_balancer: false },
];

pub fn by_name(name: &str) -> Option<&'static Flavour> {
    FLAVOURS.iter().find(|flavour| flavour.name == name)
}
