//! CronJobs: a Job at every time of a schedule.
//!
//! Models pkg/controller/cronjob (cronjob_controllerv2.go, utils.go) and robfig/cron's standard parser. Simplified: every time
//! zone counts as UTC.

use crate::apiserver::events::{EventSource, EventType, reference};
use crate::apiserver::store::Store;
use crate::apiserver::{DeleteOptions, WriteOptions};
use crate::control::rules::jobs::is_finished;
use crate::control::rules::owners::{controller_reference, is_controlled_by, named_after, owner_of_kind};
use crate::control::sync::{Action, Controller, Ctx, Keys};
use crate::values::clock::Instant;
use crate::values::object::{Object, ObjectKey, Value, json};
use crate::values::status::Status;
use std::rc::Rc;

pub const CONTROLLER: Controller =
    Controller { name: "cronjob-controller", watches: &[("CronJob", Keys::Itself), ("Job", Keys::Of(cron_of_job))], sync };

const MINUTE: u64 = 60_000;
const DAY: u64 = 24 * 60 * MINUTE;
/// How far a schedule is searched for its next time: a leap day comes at least every eight years.
const DAYS_MAX: u64 = 8 * 366;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The times that have names.
const DESCRIPTORS: [(&str, &str); 7] = [
    ("@annually", "0 0 1 1 *"),
    ("@daily", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
    ("@midnight", "0 0 * * *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@yearly", "0 0 1 1 *"),
];

/// A schedule: a bit for each value that a field may have.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Schedule {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether the days of month and week are both restricted: then one of them is enough.
    either_day: bool,
}

/// The bits of one field such as `*/5`, `1-5`, `mon,wed`.
fn field(text: &str, first: u64, last: u64, names: &[&str]) -> Option<u64> {
    let number = |text: &str| -> Option<u64> {
        let lower = text.to_ascii_lowercase();
        let named = names.iter().position(|name| *name == lower).map(|index| index as u64 + first);
        named.or_else(|| text.parse().ok())
    };
    let mut bits = 0;
    for part in text.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let (from, to) = match range.split_once('-') {
            _ if range == "*" || range == "?" => (first, last),
            Some((from, to)) => (number(from)?, number(to)?),
            None => (number(range)?, if step.is_some() { last } else { number(range)? }),
        };
        let step = step.map_or(Some(1), |step| step.parse::<u64>().ok())?;
        if step == 0 || from < first || to > last || from > to {
            return None;
        }
        let mut value = from;
        while value <= to {
            bits |= 1 << value;
            value += step;
        }
    }
    Some(bits)
}

impl Schedule {
    fn parse(text: &str) -> Option<Schedule> {
        let text = DESCRIPTORS.iter().find(|(name, _)| *name == text.trim()).map_or(text, |(_, fields)| fields);
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else { return None };
        let open = |text: &str| text.starts_with('*') || text == "?";
        Some(Schedule {
            minutes: field(minutes, 0, 59, &[])?,
            hours: field(hours, 0, 23, &[])?,
            days: field(days, 1, 31, &[])?,
            months: field(months, 1, 12, &MONTHS)?,
            weekdays: field(weekdays, 0, 6, &WEEKDAYS)?,
            either_day: !open(days) && !open(weekdays),
        })
    }

    fn day_matches(&self, day: Instant) -> bool {
        let text = day.rfc3339();
        let number = |from: usize, to: usize| text.get(from..to).and_then(|digits| digits.parse::<u64>().ok()).unwrap_or(0);
        let has = |bits: u64, value: u64| bits >> value & 1 == 1;
        // The first of January 1970 was a Thursday.
        let (of_month, of_week) = (has(self.days, number(8, 10)), has(self.weekdays, (day.0 / DAY + 4) % 7));
        has(self.months, number(5, 7)) && if self.either_day { of_month || of_week } else { of_month && of_week }
    }

    /// The first time after an instant.
    fn next(&self, after: Instant) -> Option<Instant> {
        let first = (after.0 / MINUTE + 1) * MINUTE;
        let today = first / DAY;
        (today..today + DAYS_MAX).filter(|day| self.day_matches(Instant(day * DAY))).find_map(|day| {
            let from = if day == today { first % DAY / MINUTE } else { 0 };
            let minute = (from..24 * 60).find(|minute| self.hours >> (minute / 60) & 1 == 1 && self.minutes >> (minute % 60) & 1 == 1)?;
            Some(Instant(day * DAY + minute * MINUTE))
        })
    }

    /// The last time in a span that ends with, and includes, `now`.
    fn last(&self, after: Instant, now: Instant) -> Option<Instant> {
        // Doubling spans backwards find the last one without walking through a long past.
        let mut span = MINUTE;
        loop {
            let from = Instant(now.0.saturating_sub(span).max(after.0));
            let mut found = self.next(from).filter(|time| *time <= now);
            while let Some(later) = found.and_then(|time| self.next(time)).filter(|time| *time <= now) {
                found = Some(later);
            }
            if found.is_some() || from <= after {
                return found;
            }
            span *= 2;
        }
    }
}

fn cron_of_job(job: &Object, _: &Store) -> Vec<ObjectKey> {
    owner_of_kind(job, "CronJob").into_iter().collect()
}

fn source() -> EventSource {
    EventSource::component("cronjob-controller")
}

fn sync(ctx: &mut Ctx<'_>, key: &ObjectKey) -> Result<Action, Status> {
    let Ok(cron) = ctx.api.get(key).cloned() else { return Ok(Action::AwaitChange) };
    if cron.is_terminating() {
        return Ok(Action::AwaitChange);
    }
    note_finished(ctx, key, &cron)?;
    clean_up(ctx, &cron)?;
    let text = cron.str(&["spec", "schedule"]);
    let Some(schedule) = Schedule::parse(text) else {
        ctx.api.event(&cron, source(), EventType::Warning, "UnparseableSchedule", &format!("unparseable schedule: {text}"));
        return Ok(Action::AwaitChange);
    };
    if cron.bool(&["spec", "suspend"]) {
        return Ok(Action::AwaitChange);
    }
    let cron = ctx.api.get(key)?.clone();
    let mut since = Instant::parse(cron.str(&["status", "lastScheduleTime"])).or_else(|| cron.created()).unwrap_or(ctx.now);
    if let Some(seconds) = cron.int(&["spec", "startingDeadlineSeconds"]) {
        since = since.max(Instant(ctx.now.0.saturating_sub(seconds.max(0) as u64 * 1000)));
    }
    if let Some(time) = schedule.last(since, ctx.now) {
        start(ctx, key, &cron, time)?;
    }
    // A schedule only repeats itself: it keeps no cluster from being settled.
    Ok(schedule.next(ctx.now).map_or(Action::AwaitChange, |next| Action::Resync(next - ctx.now)))
}

fn jobs_of(ctx: &Ctx<'_>, cron: &Object) -> Vec<Rc<Object>> {
    let mut jobs = named_after(ctx.api.store(), "Job", cron.namespace(), cron.name());
    jobs.retain(|job| is_controlled_by(job, cron));
    jobs
}

fn job_key(job: &Object) -> ObjectKey {
    ObjectKey::new("Job", job.namespace(), job.name())
}

fn write_active(ctx: &mut Ctx<'_>, key: &ObjectKey, active: Vec<Value>) -> Result<(), Status> {
    ctx.api
        .change_status(key, |cron| {
            if active.is_empty() {
                cron.remove(&["status", "active"]);
            } else {
                cron.set(&["status", "active"], Value::from(active));
            }
        })
        .map(drop)
}

/// Takes jobs that ended or are gone off the list of active ones.
fn note_finished(ctx: &mut Ctx<'_>, key: &ObjectKey, cron: &Object) -> Result<(), Status> {
    let jobs = jobs_of(ctx, cron);
    let mut active = cron.list(&["status", "active"]).to_vec();
    let before = active.len();
    let mut succeeded: Option<String> = None;
    active.retain(|reference| {
        let Some(job) = jobs.iter().find(|job| reference["uid"] == job.uid()) else { return false };
        if !is_finished(job) {
            return true;
        }
        let failed = job.list(&["status", "conditions"]).iter().any(|condition| condition["type"] == "Failed");
        let message = format!("Saw completed job: {}, condition: {}", job.name(), if failed { "Failed" } else { "Complete" });
        ctx.api.event(cron, source(), EventType::Normal, "SawCompletedJob", &message);
        if !failed {
            succeeded = Some(job.str(&["status", "completionTime"]).to_owned()).max(succeeded.take());
        }
        false
    });
    if active.len() == before {
        return Ok(());
    }
    if let Some(time) = succeeded {
        ctx.api.change_status(key, |cron| cron.set(&["status", "lastSuccessfulTime"], json!(time)))?;
    }
    write_active(ctx, key, active)
}

/// Deletes finished jobs past the two history limits, the oldest first.
fn clean_up(ctx: &mut Ctx<'_>, cron: &Object) -> Result<(), Status> {
    let jobs = jobs_of(ctx, cron);
    for (kind, limit, default) in [("Complete", "successfulJobsHistoryLimit", 3), ("Failed", "failedJobsHistoryLimit", 1)] {
        let limit = cron.int(&["spec", limit]).unwrap_or(default).max(0) as usize;
        let ended = |job: &&Rc<Object>| {
            !job.is_terminating()
                && job.list(&["status", "conditions"]).iter().any(|condition| condition["type"] == kind && condition["status"] == "True")
        };
        let mut found: Vec<&Rc<Object>> = jobs.iter().filter(ended).collect();
        found.sort_by_key(|job| job.created());
        for job in found.iter().take(found.len().saturating_sub(limit)) {
            delete_job(ctx, cron, job)?;
        }
    }
    Ok(())
}

fn delete_job(ctx: &mut Ctx<'_>, cron: &Object, job: &Object) -> Result<(), Status> {
    ctx.api.delete(&job_key(job), &DeleteOptions::default())?;
    ctx.api.event(cron, source(), EventType::Normal, "SuccessfulDelete", &format!("Deleted job {}", job.name()));
    Ok(())
}

/// Starts the job of one time, as the concurrency policy allows.
fn start(ctx: &mut Ctx<'_>, key: &ObjectKey, cron: &Object, time: Instant) -> Result<(), Status> {
    let mut active = cron.list(&["status", "active"]).to_vec();
    match cron.str(&["spec", "concurrencyPolicy"]) {
        "Forbid" if !active.is_empty() => {
            let message = "Not starting job because prior execution is running and concurrency policy is Forbid";
            ctx.api.event(cron, source(), EventType::Normal, "JobAlreadyActive", message);
            return Ok(());
        }
        "Replace" => {
            for job in jobs_of(ctx, cron).iter().filter(|job| active.iter().any(|reference| reference["uid"] == job.uid())) {
                delete_job(ctx, cron, job)?;
            }
            active.clear();
        }
        _ => {}
    }
    let name = format!("{}-{}", cron.name(), time.0 / MINUTE);
    let template = &cron.0["spec"]["jobTemplate"];
    let mut job = Object::new("batch/v1", "Job", cron.namespace(), &name);
    for field in ["labels", "annotations"] {
        if let Some(map) = template["metadata"].get(field).filter(|map| !map.is_null()) {
            job.set(&["metadata", field], map.clone());
        }
    }
    job.set_annotation("batch.kubernetes.io/cronjob-scheduled-timestamp", &time.rfc3339());
    job.set(&["metadata", "ownerReferences"], json!([controller_reference(cron)]));
    job.set(&["spec"], template["spec"].clone());
    match ctx.api.create(job, &mut WriteOptions::default()) {
        Ok(job) => {
            ctx.api.event(cron, source(), EventType::Normal, "SuccessfulCreate", &format!("Created job {name}"));
            active.push(Value::Object(reference(&job)));
        }
        // The job of this time was made at an earlier look.
        Err(status) if status.is_already_exists() => {}
        Err(status) => {
            ctx.api.event(cron, source(), EventType::Warning, "FailedCreate", &format!("Error creating job: {status}"));
            return Err(status);
        }
    }
    ctx.api.change_status(key, |cron| cron.set(&["status", "lastScheduleTime"], json!(time.rfc3339())))?;
    write_active(ctx, key, active)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn next_times() {
        let check = |schedule: &str, after: &str, expect: &str| {
            let next = Schedule::parse(schedule).and_then(|schedule| schedule.next(Instant::parse(after)?));
            assert_eq!(next.map(Instant::rfc3339).as_deref(), Some(expect), "{schedule}");
        };
        check("*/2 * * * *", "2026-11-21T00:02:37Z", "2026-11-21T00:04:00Z");
        check("*/2 * * * *", "2026-11-21T00:04:00Z", "2026-11-21T00:06:00Z");
        check("30 4 * * mon-fri", "2026-11-21T00:00:00Z", "2026-11-23T04:30:00Z");
        check("@monthly", "2026-11-21T00:00:00Z", "2026-12-01T00:00:00Z");
        check("0 0 29 feb *", "2026-11-21T00:00:00Z", "2028-02-29T00:00:00Z");
        check("0 12 1 * 0", "2026-11-21T00:00:00Z", "2026-11-22T12:00:00Z");
        assert_eq!(Schedule::parse("61 * * * *"), None);
        assert_eq!(Schedule::parse("* * * *"), None);
    }

    #[test]
    fn last_times() {
        let at = |text: &str| Instant::parse(text).unwrap();
        let schedule = Schedule::parse("0 * * * *").unwrap();
        assert_eq!(schedule.last(at("2026-11-01T00:30:00Z"), at("2026-11-21T10:59:00Z")), Some(at("2026-11-21T10:00:00Z")));
        assert_eq!(schedule.last(at("2026-11-21T10:00:00Z"), at("2026-11-21T10:59:00Z")), None);
    }
}
