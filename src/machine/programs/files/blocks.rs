//! Programs that write files of a given size: dd, truncate, fallocate.
//!
//! Models busybox coreutils/dd.c, truncate.c; GNU's words where the machine has GNU's programs.

use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::paths::folder_of;
use crate::machine::programs::lib::sizes::human;
use crate::machine::programs::lib::sizes::size;
use crate::machine::programs::lib::table::{On, Program};

use crate::machine::vfs::{Errno, FILE_SIZE_MAX};

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program {
        name: "dd",
        usage: "[if=FILE] [of=FILE] [bs=N] [count=N] [skip=N] [seek=N]\n\t[conv=notrunc|noerror|sync|fsync]",
        on: On::Everywhere,
        run: dd,
    },
    Program { name: "fallocate", usage: "[-o OFS] -l LEN FILE", on: On::Everywhere, run: truncate },
    Program { name: "truncate", usage: "[-c] -s SIZE FILE...", on: On::Everywhere, run: truncate },
];

fn truncate(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("cs:l:o:", &[("size", 's'), ("no-create", 'c'), ("length", 'l')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let Some(text) = options.value('s').or(options.value('l')).map(str::to_owned) else { return io.wrong_usage(None) };
    let Some(amount) = size(text.trim_start_matches(['+', '-'])) else { return io.fail(&format!("invalid number '{text}'"), 1) };
    for name in &options.operands {
        let path = io.path(name);
        let mut bytes = match io.files.read(&path) {
            Ok(bytes) => bytes,
            Err(Errno::NoEntry) if options.has('c') => continue,
            Err(Errno::NoEntry) => Vec::new(),
            Err(error) => {
                io.complain(&format!("{name}: open: {error}"));
                continue;
            }
        };
        let wanted = match text.as_bytes().first() {
            Some(b'+') => bytes.len() as u64 + amount,
            Some(b'-') => (bytes.len() as u64).saturating_sub(amount),
            _ => amount,
        };
        let result = if wanted > FILE_SIZE_MAX as u64 {
            let (used, capacity) = io.files.disk_of(&io.path(folder_of(name))).map_or((0, None), |(_, used, capacity)| (used, capacity));
            Err(if capacity.is_some_and(|capacity| used + wanted > capacity) { Errno::NoSpace } else { Errno::TooLarge })
        } else {
            bytes.resize(wanted as usize, 0);
            io.files.write(&path, &bytes)
        };
        if let Err(error) = result {
            io.complain(&format!("{name}: {error}"));
        }
    }
    Syscall::Exit(io.scratch.code)
}

fn dd(io: &mut Io<'_, '_>) -> Syscall {
    let words = io.arguments().to_vec();
    let value = |key: &str| words.iter().rev().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    for word in &words {
        if !word.split_once('=').is_some_and(|(key, _)| {
            matches!(key, "if" | "of" | "bs" | "ibs" | "obs" | "count" | "skip" | "seek" | "conv" | "iflag" | "oflag" | "status")
        }) {
            return if io.gnu() { io.wrong_usage(Some(&format!("unrecognized operand '{word}'"))) } else { io.wrong_usage(None) };
        }
    }
    let number = |key: &str, otherwise: u64| value(key).map_or(Ok(otherwise), |text| size(text).ok_or_else(|| format!("invalid number '{text}'")));
    let numbers = (number("bs", 512), number("count", u64::MAX), number("skip", 0), number("seek", 0));
    let (block, count, skip, seek) = match numbers {
        (Ok(block), Ok(count), Ok(skip), Ok(seek)) if block > 0 => (block, count, skip, seek),
        (Err(message), ..) | (_, Err(message), ..) | (_, _, Err(message), _) | (.., Err(message)) => return io.fail(&message, 1),
        _ => return io.fail("invalid number '0'", 1),
    };
    let wanted = block.saturating_mul(count);
    let source = match value("if") {
        None => {
            let Some(bytes) = io.read_all() else { return Syscall::Read };
            bytes
        }
        Some(name) => {
            let path = io.path(name);
            match (io.files.special(&path), io.files.read(&path)) {
                (Some(kind @ ("zero" | "random" | "full")), _) => made_up(io, value("of"), kind, wanted),
                (_, Ok(bytes)) => bytes,
                (_, Err(error)) => {
                    let message = if io.gnu() { format!("failed to open '{name}': {error}") } else { format!("can't open '{name}': {error}") };
                    return io.fail(&message, 1);
                }
            }
        }
    };
    let start = usize::try_from(skip.saturating_mul(block)).unwrap_or(usize::MAX).min(source.len());
    let end = usize::try_from(wanted).unwrap_or(usize::MAX).saturating_add(start).min(source.len());
    let taken = &source[start..end];
    let mut written = taken.len();
    match value("of") {
        None => io.out_bytes(taken),
        Some(name) => {
            let path = io.path(name);
            let offset = usize::try_from(seek.saturating_mul(block)).unwrap_or(usize::MAX).min(FILE_SIZE_MAX);
            let keep = value("conv").is_some_and(|conv| conv.contains("notrunc"));
            let mut bytes = if seek > 0 || keep { io.files.read(&path).unwrap_or_default() } else { Vec::new() };
            let old_end = if keep { bytes.len() } else { 0 };
            bytes.resize(offset.max(old_end), 0);
            let tail = bytes.split_off((offset + taken.len()).min(bytes.len()));
            bytes.truncate(offset);
            bytes.extend(taken);
            bytes.extend(tail);
            let opened = if io.files.exists(&path) { Ok(()) } else { io.files.write(&path, b"") };
            if let Err(error) = opened.and_then(|()| if seek > 0 || keep { Ok(()) } else { io.files.write(&path, b"") }) {
                let message = if io.gnu() { format!("failed to open '{name}': {error}") } else { format!("can't open '{name}': {error}") };
                return io.fail(&message, 1);
            }
            if let Err(error) = io.files.write(&path, &bytes) {
                written = fill(io, &path, &bytes, error);
                io.complain(&format!("error writing '{name}': {error}"));
            }
        }
    }
    let (read_blocks, read_part) = (taken.len() as u64 / block, u64::from(!(taken.len() as u64).is_multiple_of(block)));
    let (blocks, part) = (written as u64 / block, u64::from(!(written as u64).is_multiple_of(block)));
    if written < taken.len() && !io.gnu() {
        // The block that failed was read, and busybox leaves it at that.
        io.err(&format!("{}+0 records in\n{blocks}+0 records out\n", blocks + 1));
    } else if value("status") != Some("none") {
        let mut text = format!("{read_blocks}+{read_part} records in\n{blocks}+{part} records out\n");
        if value("status") != Some("noxfer") {
            let size = human(written as u64, false);
            let size = format!("{size}B");
            text += &if io.gnu() {
                format!("{written} bytes ({size}) copied, 0.001 s, {} MB/s\n", written / 1000)
            } else {
                format!("{written} bytes ({size}) copied, 0.001000 seconds, {}/s\n", human(written as u64 * 1000, false) + "B")
            };
        }
        io.err(&text);
    }
    Syscall::Exit(io.scratch.code)
}

/// Bytes from a device that never ends: as many as wanted and as the disk and a file can take, and one more so that the end shows.
fn made_up(io: &Io<'_, '_>, to: Option<&str>, kind: &str, wanted: u64) -> Vec<u8> {
    let free =
        to.and_then(|name| io.files.disk_of(&io.path(folder_of(name))).ok()).and_then(|(_, used, capacity)| Some(capacity?.saturating_sub(used)));
    let most = free.unwrap_or(u64::MAX).min(FILE_SIZE_MAX as u64) + 1;
    let count = wanted.min(most) as usize;
    if kind != "random" {
        return vec![0; count];
    }
    let mut seed = io.now.0 | 1;
    (0..count)
        .map(|_| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as u8
        })
        .collect()
}

/// Writes as much as the disk takes, and gives how much that was.
fn fill(io: &mut Io<'_, '_>, path: &str, bytes: &[u8], error: Errno) -> usize {
    let room = match (error, io.files.disk_of(path)) {
        (Errno::TooLarge, _) => FILE_SIZE_MAX,
        (_, Ok((_, used, Some(capacity)))) => {
            let own = io.files.stat(path).map_or(0, |found| found.size);
            capacity.saturating_sub(used.saturating_sub(own)) as usize
        }
        _ => return 0,
    };
    let count = room.min(bytes.len());
    if io.files.write(path, &bytes[..count]).is_ok() { count } else { 0 }
}
