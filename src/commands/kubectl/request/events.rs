//! When an event was seen.

use crate::values::clock::Instant;
use crate::values::object::Object;

/// `12s`, or `5s (x3 over 35s)`: when an event was seen.
pub fn interval(event: &Object, now: Instant) -> String {
    let since = |path: &[&str]| Instant::parse(event.str(path)).map_or("<unknown>".to_owned(), |then| (now - then).human());
    let first = if event.str(&["firstTimestamp"]).is_empty() { since(&["eventTime"]) } else { since(&["firstTimestamp"]) };
    if let Some(count) = event.int(&["series", "count"]) {
        return format!("{} (x{count} over {first})", since(&["series", "lastObservedTime"]));
    }
    match event.int(&["count"]) {
        Some(count) if count > 1 => format!("{} (x{count} over {first})", since(&["lastTimestamp"])),
        _ => first,
    }
}
