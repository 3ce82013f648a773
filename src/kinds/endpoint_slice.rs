//! EndpointSlice.

use super::base::BASE;
use super::def::KindDef;
use super::printers::{AGE, NAME, column, limited};
use crate::values::object::{Object, Value, str_at};

pub const DEF: KindDef = KindDef {
    kind: "EndpointSlice",
    group: "discovery.k8s.io",
    plural: "endpointslices",
    generation: true,
    columns: &[
        NAME,
        column("ADDRESSTYPE", |slice, _| slice.str(&["addressType"]).to_owned()),
        column("PORTS", |slice, _| slice_ports(slice)),
        column("ENDPOINTS", |slice, _| slice_endpoints(slice)),
        AGE,
    ],
    ..BASE
};

fn slice_ports(slice: &Object) -> String {
    let ports: Vec<String> = slice
        .list(&["ports"])
        .iter()
        .map(|port| match (port["port"].as_i64(), str_at(port, &["name"])) {
            (Some(number), _) => number.to_string(),
            (None, "") => "*".to_owned(),
            (None, name) => name.to_owned(),
        })
        .collect();
    if ports.is_empty() { "<unset>".to_owned() } else { limited(&ports, ",") }
}

fn slice_endpoints(slice: &Object) -> String {
    let addresses: Vec<String> = slice
        .list(&["endpoints"])
        .iter()
        .filter_map(|endpoint| endpoint["addresses"].as_array())
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    if addresses.is_empty() { "<unset>".to_owned() } else { limited(&addresses, ",") }
}
