//! Sizes and spans of time, as programs take and print them.

use crate::machine::vfs::FileType;
use crate::machine::vfs::Metadata;

/// A number with the suffixes of sizes: `4k`, `1M`, `512`, `2kB`.
pub fn size(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, suffix) = text.split_at(digits);
    let factor: u64 = match suffix {
        "" | "c" => 1,
        "w" => 2,
        "b" => 512,
        "k" | "K" | "KiB" => 1024,
        "kB" | "KB" | "kD" => 1000,
        "m" | "M" | "MiB" => 1 << 20,
        "MB" | "MD" => 1_000_000,
        "g" | "G" | "GiB" => 1 << 30,
        "GB" | "GD" => 1_000_000_000,
        "T" => 1 << 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

/// A number of seconds as `sleep` takes it (`1.5`, `2m`), in milliseconds.
pub fn span(text: &str) -> Option<u64> {
    let (number, factor) = match text.as_bytes().last()? {
        b's' => (&text[..text.len() - 1], 1.0),
        b'm' => (&text[..text.len() - 1], 60.0),
        b'h' => (&text[..text.len() - 1], 3600.0),
        b'd' => (&text[..text.len() - 1], 86_400.0),
        _ => (text, 1.0),
    };
    if !number.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let seconds: f64 = number.parse().ok()?;
    Some((seconds * factor * 1000.0) as u64)
}

/// Kilobytes on the disk, in whole blocks.
pub fn kilobytes(metadata: &Metadata) -> u64 {
    match metadata.file_type {
        FileType::File | FileType::Directory => metadata.size.div_ceil(4096) * 4,
        _ => 0,
    }
}

/// `4.0K`, `12M`: as -h prints.
pub fn human(bytes: u64, gnu: bool) -> String {
    if bytes < 1024 {
        return bytes.to_string();
    }
    let (mut value, mut unit) = (bytes as f64, 0);
    while value >= 1024.0 && unit < 5 {
        value /= 1024.0;
        unit += 1;
    }
    let letter = ['B', 'K', 'M', 'G', 'T', 'P'][unit];
    if gnu {
        let up = (value * 10.0).ceil() / 10.0;
        return if up < 10.0 { format!("{up:.1}{letter}") } else { format!("{}{letter}", value.ceil()) };
    }
    format!("{value:.1}{letter}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_spans_are_read_and_printed() {
        assert_eq!((size("4k"), size("x"), span("1.5"), span("x")), (Some(4096), None, Some(1500), None));
        assert_eq!((human(4096, false).as_str(), human(1_300_000, true).as_str(), human(10, true).as_str()), ("4.0K", "1.3M", "10"));
    }
}
