//! Programs that show what takes how much room, and what is mounted where: du, df, mount, mountpoint, free.
//!
//! Models busybox coreutils/du.c, df.c and GNU's forms of them. Simplified: a block is 4096 bytes.

use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::mounts::access;
use crate::machine::programs::lib::mounts::device;
use crate::machine::programs::lib::paths::join;
use crate::machine::programs::lib::sizes::human;
use crate::machine::programs::lib::sizes::kilobytes;
use crate::machine::programs::lib::table::{On, Program};

use crate::machine::vfs::{FileType, Metadata, Mount};

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "df", usage: "[-PkmhTai] [-t TYPE] [FILESYSTEM]...", on: On::Everywhere, run: df },
    Program { name: "du", usage: "[-aHLdclsxhmk] [FILE]...", on: On::Everywhere, run: du },
    Program { name: "free", usage: "[-bkmgh]", on: On::Everywhere, run: free },
    Program { name: "mount", usage: "[OPTIONS] [-o OPT] DEVICE NODE", on: On::Everywhere, run: mount },
    Program { name: "mountpoint", usage: "[-q] { [-dn] DIR | -x DEVICE }", on: On::Everywhere, run: mountpoint },
];

/// What a disk without a capacity seems to hold, in bytes.
const CAPACITY: u64 = 40 << 30;

fn du(io: &mut Io<'_, '_>) -> Syscall {
    let long = [("summarize", 's'), ("human-readable", 'h'), ("all", 'a'), ("max-depth", 'd'), ("total", 'c'), ("bytes", 'b')];
    let options = match io.options("aHLd:clsxhmkb", &long) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let depth = if options.has('s') { 0 } else { options.value('d').and_then(|depth| depth.parse().ok()).unwrap_or(usize::MAX) };
    let operands = if options.operands.is_empty() { vec![".".to_owned()] } else { options.operands.clone() };
    let unit = options.last_of("hmkb").unwrap_or('k');
    let gnu = io.gnu();
    let show = |bytes: u64| match unit {
        'h' => human(bytes, gnu),
        'm' => bytes.div_ceil(1 << 20).to_string(),
        'b' => bytes.to_string(),
        _ => (bytes / 1024).to_string(),
    };
    let (mut lines, mut total) = (Vec::new(), 0);
    for name in &operands {
        let path = io.path(name);
        match io.files.lstat(&path) {
            Ok(metadata) => {
                let mut walk = Walk { io, all: options.has('a'), apparent: unit == 'b', depth, lines: &mut lines };
                total += walk.sum(name, &path, &metadata, 0);
            }
            Err(error) => {
                let message = if gnu { format!("cannot access '{name}': {error}") } else { format!("{name}: {error}") };
                io.complain(&message);
            }
        }
    }
    if options.has('c') {
        lines.push((total, "total".to_owned()));
    }
    let text: String = lines.into_iter().map(|(bytes, name)| format!("{}\t{name}\n", show(bytes))).collect();
    io.out(&text);
    Syscall::Exit(io.scratch.code)
}

/// The sums of `du`.
struct Walk<'a, 'b, 'v> {
    io: &'a Io<'b, 'v>,
    all: bool,
    apparent: bool,
    depth: usize,
    lines: &'a mut Vec<(u64, String)>,
}

impl Walk<'_, '_, '_> {
    fn sum(&mut self, name: &str, path: &str, metadata: &Metadata, level: usize) -> u64 {
        let mut sum = if self.apparent { metadata.size } else { kilobytes(metadata) * 1024 };
        let folder = metadata.file_type == FileType::Directory;
        if folder {
            for child in self.io.files.list(path).unwrap_or_default() {
                let below = join(path, &child);
                if let Ok(found) = self.io.files.lstat(&below) {
                    sum += self.sum(&join(name, &child), &below, &found, level + 1);
                }
            }
        }
        if level <= self.depth && (folder || self.all || level == 0) {
            self.lines.push((sum, name.to_owned()));
        }
        sum
    }
}

pub(super) fn mount(io: &mut Io<'_, '_>) -> Syscall {
    if !io.arguments().is_empty() {
        return io.fail("permission denied (are you root?)", 1);
    }
    let lines = io.files.mounts.mounts.iter().map(|mount| {
        let (device, kind) = device(mount);
        format!("{device} on {} type {kind} ({},relatime)\n", mount.target, access(mount))
    });
    let text: String = lines.collect();
    io.out(&text);
    Syscall::Exit(0)
}

fn mountpoint(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("qdnx", &[("quiet", 'q')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let [name] = options.operands.as_slice() else { return io.wrong_usage(None) };
    let path = match io.files.canonical(&io.path(name)) {
        Ok(path) => path,
        Err(error) => return io.fail(&format!("{name}: {error}"), 1),
    };
    let found = io.files.mounts.mounts.iter().any(|mount| mount.target == path);
    if !options.has('q') {
        io.out(&format!("{name} is {}a mountpoint\n", if found { "" } else { "not " }));
    }
    Syscall::Exit(i32::from(!found))
}

/// One row of `df`: device, kind, blocks of 1 KiB, used, and where it is mounted.
type Usage = (String, &'static str, u64, u64, String);

fn usage_of(io: &Io<'_, '_>, mount: &Mount) -> Option<Usage> {
    let (_, used, capacity) = io.files.disk_of(&mount.target).ok()?;
    let (name, kind) = device(mount);
    let kind = if kind == "overlay" {
        "overlay"
    } else if kind == "tmpfs" {
        "tmpfs"
    } else {
        "ext4"
    };
    Some((name.to_owned(), kind, capacity.unwrap_or(CAPACITY) / 1024, used.div_ceil(1024), mount.target.to_string()))
}

fn df(io: &mut Io<'_, '_>) -> Syscall {
    let long = [("human-readable", 'h'), ("print-type", 'T'), ("portability", 'P'), ("inodes", 'i'), ("all", 'a')];
    let options = match io.options("PkmhTait:", &long) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let mut rows: Vec<Usage> = Vec::new();
    let mut missing = Vec::new();
    if options.operands.is_empty() {
        let mounts = io.files.mounts.mounts.clone();
        rows.extend(mounts.iter().filter(|mount| mount.target != "/proc").filter_map(|mount| usage_of(io, mount)));
    }
    for name in &options.operands {
        let path = io.path(name);
        let found = io.files.canonical(&path).ok().and_then(|path| io.files.mounts.of(&path).cloned()).and_then(|mount| usage_of(io, &mount));
        match found {
            Some(row) => rows.push(row),
            None => missing.push(name.clone()),
        }
    }
    let gnu = io.gnu();
    let unit = options.last_of("hmk").unwrap_or('k');
    let show = |kilobytes: u64| match unit {
        'h' => human(kilobytes * 1024, gnu),
        'm' => kilobytes.div_ceil(1024).to_string(),
        _ => kilobytes.to_string(),
    };
    let head = match (unit, options.has('P'), gnu) {
        ('h', _, _) => "Size",
        ('m', _, _) => "1M-blocks",
        (_, true, _) => "1024-blocks",
        _ => "1K-blocks",
    };
    let kind_head = if options.has('T') { "Type       " } else { "" };
    let text = if gnu {
        gnu_table(&rows, head, unit, options.has('T'), &show)
    } else {
        let (percent, blocks_width) = if options.has('P') { ("Capacity", "   Used") } else { ("Use%", "     Used") };
        let mut text = match unit {
            'h' => format!("Filesystem           {kind_head}     Size      Used Available {percent} Mounted on\n"),
            'm' => format!("Filesystem           {kind_head}1M-blocks      Used Available {percent} Mounted on\n"),
            _ if options.has('P') => format!("Filesystem           {kind_head}1024-blocks {blocks_width} Available {percent} Mounted on\n"),
            _ => format!("Filesystem           {kind_head}1K-blocks {blocks_width} Available {percent} Mounted on\n"),
        };
        for (device, kind, blocks, used, target) in &rows {
            let percent = percent_used(*blocks, *used);
            let kind = if options.has('T') { format!(" {kind:<10}") } else { String::new() };
            text += &format!(
                "{device:<20}{kind} {:>9} {:>9} {:>9} {percent:>3}% {target}\n",
                show(*blocks),
                show(*used),
                show(blocks.saturating_sub(*used))
            );
        }
        text
    };
    if !rows.is_empty() || !gnu {
        io.out(&text);
    }
    for name in missing {
        let message = if gnu { format!("{name}: No such file or directory") } else { format!("{name}: can't find mount point") };
        io.complain(&message);
    }
    Syscall::Exit(io.scratch.code)
}

fn percent_used(blocks: u64, used: u64) -> u64 {
    (used * 100).div_ceil(blocks.max(1))
}

fn gnu_table(rows: &[Usage], head: &str, unit: char, kinds: bool, show: &dyn Fn(u64) -> String) -> String {
    let available = if unit == 'h' { "Avail" } else { "Available" };
    let mut table: Vec<[String; 7]> = vec![["Filesystem", "Type", head, "Used", available, "Use%", "Mounted on"].map(str::to_owned)];
    for (device, kind, blocks, used, target) in rows {
        let percent = format!("{}%", percent_used(*blocks, *used));
        table.push([device.clone(), (*kind).to_owned(), show(*blocks), show(*used), show(blocks.saturating_sub(*used)), percent, target.clone()]);
    }
    let width = |column: usize, least: usize| table.iter().map(|row| row[column].len()).max().unwrap_or(0).max(least);
    let widths = [width(0, 14), width(1, 4), width(2, 5), width(3, 5), width(4, 5), width(5, 4)];
    let mut text = String::new();
    for row in &table {
        text += &format!("{:<w$} ", row[0], w = widths[0]);
        if kinds {
            text += &format!("{:<w$} ", row[1], w = widths[1]);
        }
        for column in 2..6 {
            text += &format!("{:>w$} ", row[column], w = widths[column]);
        }
        text += &format!("{}\n", row[6]);
    }
    text
}

fn free(io: &mut Io<'_, '_>) -> Syscall {
    let mega = io.arguments().iter().any(|word| word == "-m");
    let (total, used, free, cache) = if mega { (3915, 1210, 402, 2303) } else { (4_009_000, 1_239_040, 411_648, 2_358_312) };
    let mut text = "              total        used        free      shared  buff/cache   available\n".to_owned();
    text += &format!("Mem:    {total:>11} {used:>11} {free:>11} {:>11} {cache:>11} {:>11}\n", 4, total - used);
    text += &format!("Swap:   {:>11} {:>11} {:>11}\n", 0, 0, 0);
    io.out(&text);
    Syscall::Exit(0)
}
