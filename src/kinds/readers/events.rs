//! What several layers read from events.

use crate::values::clock::Instant;
use crate::values::object::Object;

/// When an event was last seen, in either form.
pub fn last_seen(event: &Object) -> Option<Instant> {
    [&["series", "lastObservedTime"][..], &["lastTimestamp"], &["eventTime"]].iter().find_map(|path| Instant::parse(event.str(path)))
}
