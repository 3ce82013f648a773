//! Dates as programs print and read them.

use crate::machine::programs::lib::io::Io;
use crate::machine::programs::lib::io::Syscall;
use crate::machine::programs::lib::options::Options;
use crate::values::clock::Instant;

/// An instant by strftime's letters, in UTC.
pub fn date_text(format: &str, at: Instant) -> String {
    let (stamp, long) = (at.rfc3339(), at.rfc1123());
    let (weekday, month) = (&long[..3], &long[8..11]);
    let year: u64 = stamp[..4].parse().unwrap_or(1970);
    let start_of_year = Instant::parse(&format!("{year}-01-01T00:00:00Z")).unwrap_or(Instant(0));
    let hour: u64 = stamp[11..13].parse().unwrap_or(0);
    let full = |day: &str| {
        ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"].into_iter().find(|name| name.starts_with(day)).unwrap_or("")
    };
    let mut text = String::new();
    let mut letters = format.chars();
    while let Some(c) = letters.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        match letters.next() {
            Some('Y') => text += &stamp[..4],
            Some('y') => text += &stamp[2..4],
            Some('m') => text += &stamp[5..7],
            Some('d') => text += &stamp[8..10],
            Some('e') => text += &format!("{:>2}", stamp[8..10].trim_start_matches('0')),
            Some('H') => text += &stamp[11..13],
            Some('I') => text += &format!("{:02}", (hour + 11) % 12 + 1),
            Some('p') => text += if hour < 12 { "AM" } else { "PM" },
            Some('M') => text += &stamp[14..16],
            Some('S') => text += &stamp[17..19],
            Some(width @ '1'..='9') if letters.as_str().starts_with('N') => {
                letters.next();
                text += &format!("{:03}000000", at.0 % 1000)[..width.to_digit(10).unwrap_or(9) as usize];
            }
            Some('N') => text += &format!("{:03}000000", at.0 % 1000),
            Some('F') => text += &stamp[..10],
            Some('T') => text += &stamp[11..19],
            Some('R') => text += &stamp[11..16],
            Some('D') => text += &format!("{}/{}/{}", &stamp[5..7], &stamp[8..10], &stamp[2..4]),
            Some('s') => text += &(at.0 / 1000).to_string(),
            Some('a') => text += weekday,
            Some('A') => text += full(weekday),
            Some('b' | 'h') => text += month,
            Some('B') => text += MONTHS.into_iter().find(|name| name.starts_with(month)).unwrap_or(""),
            Some('j') => text += &format!("{:03}", (at - start_of_year).as_seconds() / 86_400 + 1),
            Some('u') => text += &((at.0 / 86_400_000 + 3) % 7 + 1).to_string(),
            Some('w') => text += &((at.0 / 86_400_000 + 4) % 7).to_string(),
            Some('Z') => text += "UTC",
            Some('z') => text += "+0000",
            Some('c') => text += &date_text("%a %b %e %H:%M:%S %Y", at),
            Some('x') => text += &date_text("%m/%d/%y", at),
            Some('X') => text += &stamp[11..19],
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('%') => text.push('%'),
            Some(other) => text.extend(['%', other]),
            None => text.push('%'),
        }
    }
    text
}

/// Reads a date as busybox and GNU do: `@SECONDS`, RFC 3339, `YYYY-MM-DD [hh:mm[:ss]]`, `hh:mm`, `now`, `[[YY]YY]MMDDhhmm[.ss]`.
pub fn read_date(text: &str, now: Instant) -> Option<Instant> {
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse::<u64>().ok().map(|seconds| Instant(seconds.saturating_mul(1000)));
    }
    if text == "now" {
        return Some(now);
    }
    if let Some(instant) = Instant::parse(text) {
        return Some(instant);
    }
    let today = now.rfc3339()[..10].to_owned();
    let (day, time) = match text.split_once([' ', 'T']) {
        Some((day, time)) => (day, time.trim()),
        None if text.contains(':') => (today.as_str(), text),
        None if text.contains('-') => (text, "00:00:00"),
        None => return compact_date(text, now),
    };
    let time = if time.matches(':').count() == 1 { format!("{time}:00") } else { time.to_owned() };
    Instant::parse(&format!("{day}T{}Z", time.trim_end_matches('Z')))
}

/// `[[CC]YY]MMDDhhmm[.ss]`, as `touch -t` takes it.
pub fn compact_date(text: &str, now: Instant) -> Option<Instant> {
    let (digits, seconds) = text.split_once('.').unwrap_or((text, "00"));
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = match digits.len() {
        8 => format!("{}{digits}", &now.rfc3339()[..4]),
        10 => format!("20{digits}"),
        12 => digits.to_owned(),
        _ => return None,
    };
    Instant::parse(&format!("{}-{}-{}T{}:{}:{seconds}Z", &digits[..4], &digits[4..6], &digits[6..8], &digits[8..10], &digits[10..12]))
}

/// The instant that `-d DATE`, `-t DATE` or `-r FILE` names; now where none is given.
/// # Errors
/// The step that ends the program, with its complaint printed.
pub fn chosen_instant(io: &mut Io<'_, '_>, options: &Options) -> Result<Instant, Syscall> {
    let mut at = io.now;
    if let Some(text) = options.value('d').or(options.value('t')) {
        let read = if options.has('d') { read_date(text, io.now) } else { compact_date(text, io.now) };
        at = read.ok_or_else(|| io.fail(&format!("invalid date '{text}'"), 1))?;
    }
    if let Some(name) = options.value('r') {
        at = io.files.stat(&io.path(name)).map_err(|error| io.fail(&format!("{name}: {error}"), 1))?.modified;
    }
    Ok(at)
}

pub const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_printed() {
        assert_eq!(date_text("%a %b %e %H:%M:%S UTC %Y", Instant(0)), "Thu Jan  1 00:00:00 UTC 1970");
        assert_eq!(
            read_date("2026-01-02 03:04:05", Instant(0)).map(|at| date_text("%Y/%m/%d-%H:%M %j", at)).as_deref(),
            Some("2026/01/02-03:04 002")
        );
        assert_eq!(read_date("nonsense", Instant(0)), None);
        assert_eq!(compact_date("202001020304", Instant(0)).map(Instant::rfc3339).as_deref(), Some("2020-01-02T03:04:00Z"));
    }
}
