//! Jobs: their conditions and whether they have ended.

use crate::values::object::Object;

/// Whether a condition of a Job holds.
pub fn has_condition(job: &Object, kind: &str) -> bool {
    job.list(&["status", "conditions"]).iter().any(|condition| condition["type"] == kind && condition["status"] == "True")
}

/// Whether a job has ended, well or badly.
pub fn is_finished(job: &Object) -> bool {
    has_condition(job, "Complete") || has_condition(job, "Failed")
}
