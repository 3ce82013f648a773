//! Programs about dates: date, cal.
//!
//! Models busybox coreutils/date.c, util-linux/cal.c. Simplified: the one time zone is UTC.

use crate::machine::programs::lib::dates::MONTHS;
use crate::machine::programs::lib::dates::chosen_instant;
use crate::machine::programs::lib::dates::date_text;
use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::table::{On, Program};
use crate::values::clock::Instant;

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "cal", usage: "[-jmy] [[MONTH] YEAR]\n\nDisplay a calendar", on: On::Everywhere, run: cal },
    Program { name: "date", usage: "[OPTIONS] [+FMT] [[-s] TIME]", on: On::Everywhere, run: date },
];

fn date(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("ud:s:r:RI", &[("utc", 'u'), ("date", 'd'), ("rfc-2822", 'R'), ("iso-8601", 'I'), ("reference", 'r')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let at = match chosen_instant(io, &options) {
        Ok(at) => at,
        Err(step) => return step,
    };
    if options.has('s') {
        return io.fail("can't set date: Operation not permitted", 1);
    }
    let format = match options.operands.first() {
        Some(format) => match format.strip_prefix('+') {
            Some(format) => format.to_owned(),
            None => return io.fail(&format!("invalid date '{format}'"), 1),
        },
        None if options.has('R') => "%a, %d %b %Y %T +0000".to_owned(),
        None if options.has('I') => "%F".to_owned(),
        None => "%a %b %e %H:%M:%S UTC %Y".to_owned(),
    };
    // busybox leaves what is smaller than a second to strftime, which does not know it.
    let format = if io.gnu() { format } else { format.replace("%N", "%%N") };
    let text = date_text(&format, at) + "\n";
    io.out(&text);
    Syscall::Exit(0)
}

/// Milliseconds of a day.
const DAY: u64 = 86_400_000;
/// How many months stand beside each other, and the blanks between them.
const ABREAST: usize = 3;
const GAP: &str = "  ";

/// The lines of a month: its name, the days' names, six weeks. `width` is a day's, blank before it included.
fn month_lines(year: u64, month: usize, options: &Calendar) -> Option<Vec<String>> {
    let first_of = |year: u64, month: usize| Instant::parse(&format!("{year:04}-{month:02}-01T00:00:00Z"));
    let first = first_of(year, month)?;
    let next = if month == 12 { first_of(year + 1, 1)? } else { first_of(year, month + 1)? };
    let days = (next.0 - first.0) / DAY;
    let before = if options.julian { (first.0 - first_of(year, 1)?.0) / DAY } else { 0 };
    // The epoch was a Thursday.
    let column = (first.0 / DAY + if options.monday { 3 } else { 4 }) % 7;
    let width = options.width();
    let names = if options.monday { "Mo Tu We Th Fr Sa Su" } else { "Su Mo Tu We Th Fr Sa" };
    let mut lines = vec![names.split(' ').map(|name| format!("{name:>width$}")).collect::<Vec<_>>().join(" ")];
    for week in 0..6 {
        let cell = |day: u64| {
            let number = (week * 7 + day + 1).checked_sub(column).filter(|number| (1..=days).contains(number));
            number.map_or(" ".repeat(width), |number| format!("{:>width$}", number + before))
        };
        lines.push((0..7).map(cell).collect::<Vec<_>>().join(" "));
    }
    Some(lines)
}

struct Calendar {
    julian: bool,
    monday: bool,
}

impl Calendar {
    /// Of a day's number.
    fn width(&self) -> usize {
        if self.julian { 3 } else { 2 }
    }

    /// Of a week.
    fn line(&self) -> usize {
        self.width() * 7 + 6
    }
}

fn centred(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat((width - text.len().min(width)) / 2))
}

fn cal(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("jmy", &[]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let today = io.now.rfc3339();
    let mut numbers = Vec::new();
    for (word, most) in options.operands.iter().rev().zip([9999, 12]) {
        match word.parse::<u64>() {
            Ok(number) if (1..=most).contains(&number) => numbers.push(number),
            Ok(_) => return io.fail(&format!("number {word} is not in 1..{most} range"), 1),
            Err(_) => return io.fail(&format!("invalid number '{word}'"), 1),
        }
    }
    if options.operands.len() > 2 {
        return io.wrong_usage(None);
    }
    let calendar = Calendar { julian: options.has('j'), monday: options.has('m') };
    let year = numbers.first().copied().or_else(|| today[..4].parse().ok()).unwrap_or(1970);
    let month = numbers.get(1).copied().or_else(|| today[5..7].parse().ok().filter(|_| numbers.is_empty() && !options.has('y')));
    let Some(text) = month.map_or_else(|| year_text(year, &calendar), |month| month_text(year, month as usize, &calendar)) else {
        return io.fail("the year is before 1970", 1);
    };
    io.out(&text);
    Syscall::Exit(0)
}

fn month_text(year: u64, month: usize, calendar: &Calendar) -> Option<String> {
    let mut text = centred(&format!("{} {year}", MONTHS[month - 1]), calendar.line()) + "\n";
    for line in month_lines(year, month, calendar)? {
        text += line.trim_end();
        text.push('\n');
    }
    Some(text.trim_end_matches('\n').to_owned() + "\n")
}

fn year_text(year: u64, calendar: &Calendar) -> Option<String> {
    let width = calendar.line();
    let mut text = centred(&year.to_string(), width * ABREAST + GAP.len() * (ABREAST - 1)) + "\n\n";
    for row in 0..MONTHS.len() / ABREAST {
        let months = row * ABREAST + 1..=(row + 1) * ABREAST;
        let heads: Vec<String> = months.clone().map(|month| format!("{:width$}", centred(MONTHS[month - 1], width))).collect();
        text += heads.join(GAP).trim_end();
        text.push('\n');
        let lines = months.map(|month| month_lines(year, month, calendar)).collect::<Option<Vec<_>>>()?;
        for line in 0..lines[0].len() {
            let parts: Vec<&str> = lines.iter().map(|month| month[line].as_str()).collect();
            text += parts.join(GAP).trim_end();
            text.push('\n');
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_laid_out_as_cal_does() {
        let calendar = Calendar { julian: false, monday: false };
        let february = month_text(2024, 2, &calendar).unwrap();
        assert_eq!(february.lines().take(3).collect::<Vec<_>>(), ["   February 2024", "Su Mo Tu We Th Fr Sa", "             1  2  3"]);
        assert!(february.ends_with("25 26 27 28 29\n"));
        assert_eq!(year_text(2026, &calendar).unwrap().lines().nth(4), Some("             1  2  3   1  2  3  4  5  6  7   1  2  3  4  5  6  7"));
    }
}
