//! Columns of `kubectl get`, one table a kind. Models pkg/printers/internalversion/printers.go.
use super::Column;
use crate::values::clock::Instant;
use crate::values::object::Object;

fn name(object: &Object, _: Instant) -> String {
    object.name().to_owned()
}

/// The AGE cell: `<unknown>` where there is no creation time.
pub fn age(object: &Object, now: Instant) -> String {
    object.created().map_or("<unknown>".to_owned(), |created| (now - created).human())
}

pub const fn column(name: &'static str, cell: fn(&Object, Instant) -> String) -> Column {
    Column { name, wide: false, cell }
}

pub const GENERIC: &[Column] = &[column("NAME", name), column("AGE", age)];
pub const CONFIG_MAP: &[Column] = GENERIC;
pub const CONTROLLER_REVISION: &[Column] = GENERIC;
pub const CRON_JOB: &[Column] = GENERIC;
pub const DAEMON_SET: &[Column] = GENERIC;
pub const DEPLOYMENT: &[Column] = GENERIC;
pub const ENDPOINT_SLICE: &[Column] = GENERIC;
pub const ENDPOINTS: &[Column] = GENERIC;
pub const EVENT: &[Column] = GENERIC;
pub const JOB: &[Column] = GENERIC;
pub const NAMESPACE: &[Column] = GENERIC;
pub const NODE: &[Column] = GENERIC;
pub const PERSISTENT_VOLUME: &[Column] = GENERIC;
pub const PERSISTENT_VOLUME_CLAIM: &[Column] = GENERIC;
pub const POD: &[Column] = GENERIC;
pub const REPLICA_SET: &[Column] = GENERIC;
pub const SECRET: &[Column] = GENERIC;
pub const SERVICE: &[Column] = GENERIC;
pub const SERVICE_ACCOUNT: &[Column] = GENERIC;
pub const STATEFUL_SET: &[Column] = GENERIC;
pub const STORAGE_CLASS: &[Column] = GENERIC;
