//! Legal fields per kind: strict decoding, explain, merge keys, editor completion.
mod decode;
mod explain;
mod normalize;
mod types;

pub use decode::{check, check_patched, decode, decode_metadata, decode_patched, decode_placed};
pub use explain::{describe_field, describe_type, describe_values};
pub use normalize::{normalize, normalize_decoded, prune};
pub(super) use types::row;
pub use types::{Field, Shape, Type, child, children, field, fields, merge_key, rules, shape, type_named};
