//! Simulated time: instants, durations, RFC 3339 and kubectl's ages.
//!
//! Nothing in the core reads a real clock; `now` always comes in by argument.

use serde::{Deserialize, Serialize};
use std::ops::{Add, AddAssign, Sub};

/// A point of simulated time: milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Instant(pub u64);

/// A span of simulated time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Duration(pub u64);

impl Duration {
    pub const ZERO: Duration = Duration(0);

    pub const fn millis(millis: u64) -> Duration {
        Duration(millis)
    }

    pub const fn seconds(seconds: u64) -> Duration {
        Duration(seconds * 1000)
    }

    pub const fn as_seconds(self) -> u64 {
        self.0 / 1000
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;
    fn add(self, span: Duration) -> Instant {
        Instant(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Sub<Instant> for Instant {
    type Output = Duration;
    /// The span between two instants; zero where the other is later.
    fn sub(self, earlier: Instant) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

/// Year, month, day of a count of days since the epoch (Howard Hinnant's civil calendar).
fn civil(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
    let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

fn days_of(year: i64, month: u32, day: u32) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let mp = i64::from((month + 9) % 12);
    let doy = (153 * mp + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

impl Instant {
    /// `2026-11-21T00:42:41Z`, as metav1.Time prints.
    pub fn rfc3339(self) -> String {
        let seconds = self.0 / 1000;
        let (year, month, day) = civil((seconds / 86_400) as i64);
        let rest = seconds % 86_400;
        // Written by hand: every write of an object has some of these.
        let mut text = if year < 10_000 { String::with_capacity(20) } else { (year / 100).to_string() };
        let numbers = [(year / 100) as u64, (year % 100) as u64, month.into(), day.into(), rest / 3600, rest / 60 % 60, rest % 60];
        for (number, behind) in numbers.into_iter().zip(["", "-", "-", "T", ":", ":", "Z"]).skip(usize::from(year >= 10_000)) {
            text.push(char::from(b'0' + (number / 10) as u8));
            text.push(char::from(b'0' + (number % 10) as u8));
            text.push_str(behind);
        }
        text
    }

    /// `2026-11-21T00:42:41.123000Z`, as metav1.MicroTime prints.
    pub fn rfc3339_micro(self) -> String {
        format!("{}.{:03}000Z", self.rfc3339().trim_end_matches('Z'), self.0 % 1000)
    }

    /// `Sat, 21 Nov 2026 00:42:41 +0000`, as `kubectl describe` prints (RFC 1123 with a numeric zone).
    pub fn rfc1123(self) -> String {
        let days = self.0 / 86_400_000;
        let (year, month, day) = civil(days as i64);
        let rest = self.0 / 1000 % 86_400;
        format!(
            "{}, {day:02} {} {year:04} {:02}:{:02}:{:02} +0000",
            WEEKDAYS[(days % 7) as usize],
            MONTHS[month as usize - 1],
            rest / 3600,
            rest / 60 % 60,
            rest % 60
        )
    }

    /// Reads RFC 3339 in UTC, with or without a fraction; `None` where it is something else.
    pub fn parse(text: &str) -> Option<Instant> {
        let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
        let mut date = date.split('-');
        let (year, month, day): (i64, u32, u32) = (date.next()?.parse().ok()?, date.next()?.parse().ok()?, date.next()?.parse().ok()?);
        let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
        let mut time = time.split(':');
        let (hour, minute, second): (u64, u64, u64) = (time.next()?.parse().ok()?, time.next()?.parse().ok()?, time.next()?.parse().ok()?);
        let millis: u64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<3}").get(..3)?.parse().ok()? };
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let days = u64::try_from(days_of(year, month, day)).ok()?;
        Some(Instant((days * 86_400 + hour * 3600 + minute * 60 + second) * 1000 + millis))
    }
}

impl Duration {
    /// kubectl's age: `5s`, `3m12s`, `8h5m`, `2d3h`. Models apimachinery/pkg/util/duration HumanDuration.
    pub fn human(self) -> String {
        let seconds = self.as_seconds();
        let (minutes, hours) = (seconds / 60, seconds / 3600);
        let two = |major: u64, unit: char, minor: u64, small: char| {
            if minor == 0 { format!("{major}{unit}") } else { format!("{major}{unit}{minor}{small}") }
        };
        if seconds < 120 {
            format!("{seconds}s")
        } else if minutes < 10 {
            two(minutes, 'm', seconds % 60, 's')
        } else if minutes < 180 {
            format!("{minutes}m")
        } else if hours < 8 {
            two(hours, 'h', minutes % 60, 'm')
        } else if hours < 48 {
            format!("{hours}h")
        } else if hours < 24 * 8 {
            two(hours / 24, 'd', hours % 24, 'h')
        } else if hours < 24 * 365 * 2 {
            format!("{}d", hours / 24)
        } else if hours < 24 * 365 * 8 {
            two(hours / 24 / 365, 'y', hours / 24 % 365, 'd')
        } else {
            format!("{}y", hours / 24 / 365)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_print_and_parse_back() {
        let instant = Instant::parse("2026-11-21T00:42:41.123Z").unwrap();
        assert_eq!(instant.rfc3339(), "2026-11-21T00:42:41Z");
        assert_eq!(instant.rfc3339_micro(), "2026-11-21T00:42:41.123000Z");
        assert_eq!(instant.rfc1123(), "Sat, 21 Nov 2026 00:42:41 +0000");
        assert_eq!(Instant::parse("2024-02-29T23:59:59Z").unwrap().rfc3339(), "2024-02-29T23:59:59Z");
        assert_eq!(Instant(days_of(12_345, 6, 7) as u64 * 86_400_000).rfc3339(), "12345-06-07T00:00:00Z");
        assert_eq!(Instant::parse("yesterday"), None);
    }

    #[test]
    fn ages_are_kubectls() {
        for (seconds, text) in [
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (125, "2m5s"),
            (599, "9m59s"),
            (600, "10m"),
            (10_799, "179m"),
            (10_800, "3h"),
            (11_000, "3h3m"),
            (28_800, "8h"),
            (172_799, "47h"),
            (172_800, "2d"),
            (180_000, "2d2h"),
        ] {
            assert_eq!(Duration::seconds(seconds).human(), text);
        }
    }
}
