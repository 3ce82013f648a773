//! Indexed Jobs: which pod stands for which completion. Models pkg/controller/job/indexed_job_utils.go.

use crate::values::object::Object;
use std::collections::BTreeSet;

pub const COMPLETION_INDEX: &str = "batch.kubernetes.io/job-completion-index";

pub fn is_indexed(job: &Object) -> bool {
    job.str(&["spec", "completionMode"]) == "Indexed"
}

pub fn index_of(pod: &Object) -> Option<i64> {
    pod.annotation(COMPLETION_INDEX)?.parse().ok()
}

/// The numbers of a text such as `0-2,4`.
pub fn completed_indexes(job: &Object) -> BTreeSet<i64> {
    let mut found = BTreeSet::new();
    for part in job.str(&["status", "completedIndexes"]).split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        if let (Ok(first), Ok(last)) = (first.parse::<i64>(), last.parse::<i64>()) {
            found.extend(first..=last);
        }
    }
    found
}

pub fn format_indexes(indexes: &BTreeSet<i64>) -> String {
    let mut runs: Vec<(i64, i64)> = Vec::new();
    for &index in indexes {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == index => *last = index,
            _ => runs.push((index, index)),
        }
    }
    let text = |(first, last): &(i64, i64)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    };
    runs.iter().map(text).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::object::json;

    #[test]
    fn indexes() {
        let check = |text: &str| {
            let job = Object(json!({"status": {"completedIndexes": text}}));
            assert_eq!(format_indexes(&completed_indexes(&job)), text);
        };
        check("");
        check("0");
        check("0,1");
        check("0-2,4,6-9");
    }
}
