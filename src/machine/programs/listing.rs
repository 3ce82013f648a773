//! Programs that show what files there are: ls, stat, du, df, mount.
//!
//! Models busybox coreutils/ls.c, stat.c, du.c, df.c and GNU's forms of them. Simplified: one user; a block is 4096 bytes.

use super::calendar::date_text;
use super::{Io, Program, Step};
use crate::machine::vfs::{FileType, Metadata, Mount};
use crate::values::clock::Instant;
use crate::values::order::Order;

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "df", usage: "[-PkmhTai] [-t TYPE] [FILESYSTEM]...", run: df },
    Program { name: "du", usage: "[-aHLdclsxhmk] [FILE]...", run: du },
    Program { name: "free", usage: "[-bkmgh]", run: free },
    Program { name: "ls", usage: "[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...\n\nList directory contents", run: ls },
    Program { name: "mount", usage: "[OPTIONS] [-o OPT] DEVICE NODE", run: mount },
    Program { name: "mountpoint", usage: "[-q] { [-dn] DIR | -x DEVICE }", run: mountpoint },
    Program { name: "stat", usage: "[-ltf] [-c FMT] FILE...", run: stat },
];

/// How many days old a file is when `ls -l` shows its year rather than its time.
const RECENT_DAYS: u64 = 182;
/// How many columns a terminal has that does not say so.
const COLUMNS: usize = 80;
/// What a disk without a capacity seems to hold, in bytes.
const CAPACITY: u64 = 40 << 30;
/// The size of a program's file.
const PROGRAM_SIZE: u64 = 1_131_168;

/// `drwxr-xr-x`.
pub fn mode_text(metadata: &Metadata) -> String {
    let mut text = String::new();
    text.push(match metadata.file_type {
        FileType::File => '-',
        FileType::Directory => 'd',
        FileType::Symlink => 'l',
        FileType::Socket => 's',
        FileType::CharDevice => 'c',
        FileType::BlockDevice => 'b',
    });
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = metadata.mode >> shift & 7;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (bits & 1 != 0, metadata.mode & special != 0) {
            (true, true) => letter,
            (false, true) => letter.to_ascii_uppercase(),
            (true, false) => 'x',
            (false, false) => '-',
        });
    }
    text
}

/// A user's or group's name, by the machine's own tables.
/// As `stat` says it, which shows no number where a name should be.
fn known_name(io: &Io<'_, '_>, table: &str, number: u32) -> String {
    let name = owner_name(io, table, number);
    if name.parse::<u32>().is_ok() { "UNKNOWN".to_owned() } else { name }
}

pub fn owner_name(io: &Io<'_, '_>, table: &str, number: u32) -> String {
    if number == 0 {
        return "root".to_owned();
    }
    let text = io.files.read(table).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let wanted = number.to_string();
    text.lines()
        .map(|line| line.split(':').collect::<Vec<_>>())
        .find(|fields| fields.get(2) == Some(&wanted.as_str()))
        .map_or(wanted.clone(), |fields| fields[0].to_owned())
}

/// How many links `ls -l` and `stat` show: a directory has one for itself, one for its name and one for each directory in it.
pub fn links(io: &Io<'_, '_>, path: &str, metadata: &Metadata) -> u32 {
    if metadata.file_type != FileType::Directory {
        return metadata.links;
    }
    let below = io.files.list(path).unwrap_or_default();
    2 + below.iter().filter(|name| io.files.lstat(&join(path, name)).is_ok_and(|found| found.file_type == FileType::Directory)).count() as u32
}

/// What the files of a machine's programs would be like, where a folder is theirs: they are no files of its disk.
fn program_metadata(io: &Io<'_, '_>, folder: &str) -> Option<Metadata> {
    let found = io.files.stat(folder).ok().filter(|_| super::is_program_folder(&io.profile(), folder))?;
    Some(Metadata { file_type: FileType::File, mode: 0o755, size: PROGRAM_SIZE, links: 1, ..found })
}

/// A name below a folder.
pub fn join(folder: &str, name: &str) -> String {
    if folder.ends_with('/') { format!("{folder}{name}") } else { format!("{folder}/{name}") }
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

/// One line of a listing.
struct Entry {
    name: String,
    path: String,
    metadata: Metadata,
}

fn ls(io: &mut Io<'_, '_>) -> Step {
    let long = [
        ("all", 'a'),
        ("almost-all", 'A'),
        ("human-readable", 'h'),
        ("recursive", 'R'),
        ("reverse", 'r'),
        ("directory", 'd'),
        ("inode", 'i'),
        ("color", 'G'),
        ("classify", 'F'),
        ("full-time", 'E'),
    ];
    let options = match io.options("1AaCxdLHRFplinshrSXvctugGEw:", &long) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let flags: String = options.flags.iter().map(|(flag, _)| *flag).collect();
    let style = Style { flags, gnu: io.gnu(), columns: io.is_terminal(1) };
    let operands = if options.operands.is_empty() { vec![".".to_owned()] } else { options.operands.clone() };
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for name in &operands {
        let path = io.path(name);
        let keep = style.has('l') && !style.has('L') && !name.ends_with('/');
        let found = if keep || style.has('d') { io.files.lstat(&path) } else { io.files.stat(&path).or_else(|_| io.files.lstat(&path)) };
        match found {
            Ok(metadata) => {
                let folder = metadata.file_type == FileType::Directory && !style.has('d');
                if folder { &mut folders } else { &mut files }.push(Entry { name: name.clone(), path, metadata });
            }
            Err(error) => {
                let message = if style.gnu { format!("cannot access '{name}': {error}") } else { format!("{name}: {error}") };
                io.complain(&message);
                if style.gnu {
                    io.scratch.code = 2;
                }
            }
        }
    }
    style.sort(&mut files);
    style.sort(&mut folders);
    let mut text = String::new();
    if !files.is_empty() {
        text += &style.listing(io, &files);
    }
    let titles = operands.len() > 1 || style.has('R');
    let mut first = files.is_empty();
    folders.reverse();
    while let Some(folder) = folders.pop() {
        if let Err(error) = io.files.list(&folder.path) {
            let words = if style.gnu { "cannot open directory" } else { "can't open" };
            io.complain(&format!("{words} '{}': {error}", folder.name));
            io.scratch.code = if style.gnu { 2 } else { 1 };
            continue;
        }
        if titles {
            text += &format!("{}{}:\n", if first { "" } else { "\n" }, folder.name);
        }
        first = false;
        let entries = style.entries_of(io, &folder);
        if style.has('l') || style.has('s') {
            text += &format!("total {}\n", entries.iter().map(|entry| kilobytes(&entry.metadata)).sum::<u64>());
        }
        text += &style.listing(io, &entries);
        if style.has('R') {
            let below =
                entries.into_iter().filter(|entry| entry.metadata.file_type == FileType::Directory && !matches!(entry.name.as_str(), "." | ".."));
            let mut below: Vec<Entry> = below.map(|entry| Entry { name: join(&folder.name, &entry.name), ..entry }).collect();
            below.reverse();
            folders.extend(below);
        }
    }
    io.out(&text);
    Step::Done(io.scratch.code)
}

/// How a listing looks.
struct Style {
    flags: String,
    gnu: bool,
    /// Standard output is a terminal.
    columns: bool,
}

impl Style {
    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }

    fn entries_of(&self, io: &Io<'_, '_>, folder: &Entry) -> Vec<Entry> {
        let mut names = io.files.list(&folder.path).unwrap_or_default();
        if self.has('a') {
            names.splice(0..0, [".".to_owned(), "..".to_owned()]);
        } else if !self.has('A') {
            names.retain(|name| !name.starts_with('.'));
        }
        let mut entries: Vec<Entry> = names
            .into_iter()
            .filter_map(|name| {
                let path = join(&folder.path, &name);
                let metadata = if self.has('L') { io.files.stat(&path) } else { io.files.lstat(&path) }.ok()?;
                Some(Entry { name, path, metadata })
            })
            .collect();
        if let Some(metadata) = program_metadata(io, &folder.path) {
            let absent = |name: &&str| !entries.iter().any(|entry| entry.name == *name);
            let programs: Vec<&str> = super::names_on(&io.profile()).into_iter().filter(absent).collect();
            entries.extend(programs.into_iter().map(|name| Entry {
                name: name.to_owned(),
                path: join(&folder.path, name),
                metadata: metadata.clone(),
            }));
        }
        self.sort(&mut entries);
        entries
    }

    fn sort(&self, entries: &mut [Entry]) {
        entries.order_by(|a, b| a.name.cmp(&b.name));
        if self.has('t') {
            entries.order_by_key(|entry| std::cmp::Reverse(entry.metadata.modified));
        } else if self.has('S') {
            entries.order_by_key(|entry| std::cmp::Reverse(entry.metadata.size));
        }
        if self.has('r') {
            entries.reverse();
        }
    }

    fn listing(&self, io: &Io<'_, '_>, entries: &[Entry]) -> String {
        if self.has('l') || self.has('n') || self.has('g') || self.has('E') {
            return self.long(io, entries);
        }
        let names: Vec<String> = entries.iter().map(|entry| self.prefix(entry) + &entry.name + self.mark(entry)).collect();
        if (self.columns || self.has('C') || self.has('x')) && !self.has('1') {
            let width = io.environment.get("COLUMNS").and_then(|width| width.parse().ok()).unwrap_or(COLUMNS);
            return columns(&names, width);
        }
        names.iter().map(|name| format!("{name}\n")).collect()
    }

    fn prefix(&self, entry: &Entry) -> String {
        let mut text = String::new();
        if self.has('i') {
            text += &format!("{:>7} ", entry.metadata.inode);
        }
        if self.has('s') {
            text += &format!("{:>6} ", kilobytes(&entry.metadata));
        }
        if self.gnu { text.trim_start().to_owned() } else { text }
    }

    fn mark(&self, entry: &Entry) -> &'static str {
        let metadata = &entry.metadata;
        match metadata.file_type {
            FileType::Directory if self.has('F') || self.has('p') => "/",
            FileType::Symlink if self.has('F') => "@",
            FileType::Socket if self.has('F') => "=",
            FileType::File if self.has('F') && metadata.mode & 0o111 != 0 => "*",
            _ => "",
        }
    }

    fn long(&self, io: &Io<'_, '_>, entries: &[Entry]) -> String {
        let mut rows: Vec<[String; 5]> = Vec::new();
        for entry in entries {
            let metadata = &entry.metadata;
            let owner = |table: &str, number: u32| if self.has('n') { number.to_string() } else { owner_name(io, table, number) };
            let size = match metadata.file_type {
                FileType::CharDevice | FileType::BlockDevice => "1,   3".to_owned(),
                _ if self.has('h') => human(metadata.size, self.gnu),
                _ => metadata.size.to_string(),
            };
            rows.push([
                links(io, &entry.path, metadata).to_string(),
                owner("/etc/passwd", metadata.uid),
                owner("/etc/group", metadata.gid),
                size,
                self.time(metadata.modified, io.now),
            ]);
        }
        let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
        let widths = if self.gnu { [width(0), width(1), width(2), width(3)] } else { [4, 8, 8, if self.has('h') { 6 } else { 9 }] };
        let mut text = String::new();
        for (entry, [links, user, group, size, time]) in entries.iter().zip(&rows) {
            let target = match entry.metadata.file_type {
                FileType::Symlink => format!(" -> {}", io.files.read_link(&entry.path).unwrap_or_default()),
                _ => self.mark(entry).to_owned(),
            };
            text += &self.prefix(entry);
            text += &format!("{} {links:>w0$} ", mode_text(&entry.metadata), w0 = widths[0]);
            if !self.has('g') {
                text += &format!("{user:<w1$} ", w1 = widths[1]);
            }
            text += &format!("{group:<w2$} {size:>w3$} {time} {}{target}\n", entry.name, w2 = widths[2], w3 = widths[3]);
        }
        text
    }

    fn time(&self, at: Instant, now: Instant) -> String {
        if self.has('E') {
            return date_text("%Y-%m-%d %H:%M:%S +0000", at);
        }
        let recent = (now - at).as_seconds() < RECENT_DAYS * 86_400 && at.0 <= now.0 + 15 * 60_000;
        date_text(if recent { "%b %e %H:%M" } else { "%b %e  %Y" }, at)
    }
}

/// Names in as few lines as fit the width, filled downwards, each column as wide as it needs.
fn columns(names: &[String], width: usize) -> String {
    let lengths: Vec<usize> = names.iter().map(|name| name.chars().count()).collect();
    let widths_of = |rows: usize| -> Vec<usize> { lengths.chunks(rows).map(|column| column.iter().max().unwrap_or(&0) + 2).collect() };
    let rows = (1..=names.len()).find(|rows| widths_of(*rows).iter().sum::<usize>().saturating_sub(2) < width).unwrap_or(names.len());
    let widths = widths_of(rows.max(1));
    let mut text = String::new();
    for row in 0..rows {
        for (column, width) in widths.iter().enumerate() {
            let Some(name) = names.get(column * rows + row) else { continue };
            text += name;
            if names.get((column + 1) * rows + row).is_some() {
                text += &" ".repeat(width - lengths[column * rows + row]);
            }
        }
        text.push('\n');
    }
    text
}

fn file_type_text(metadata: &Metadata) -> &'static str {
    match metadata.file_type {
        FileType::File if metadata.size == 0 => "regular empty file",
        FileType::File => "regular file",
        FileType::Directory => "directory",
        FileType::Symlink => "symbolic link",
        FileType::Socket => "socket",
        FileType::CharDevice => "character special file",
        FileType::BlockDevice => "block special file",
    }
}

fn stat(io: &mut Io<'_, '_>) -> Step {
    let options = match io.options("ltfLc:", &[("format", 'c'), ("dereference", 'L'), ("printf", 'c')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    if options.operands.is_empty() {
        return if io.gnu() { io.wrong_usage(Some("missing operand")) } else { io.wrong_usage(None) };
    }
    let full = "  File: %N\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: fe01h/65025d\tInode: %-10i  Links: %h\nAccess: (%04a/%A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z";
    let gnu_full = "  File: %n\n  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F\nDevice: 254,1\tInode: %-11i Links: %h\nAccess: (%04a/%A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)\nAccess: %x\nModify: %y\nChange: %z\n Birth: -";
    let format = options.value('c').unwrap_or(if io.gnu() { gnu_full } else { full }).to_owned();
    for name in &options.operands {
        let path = io.path(name);
        let found = if options.has('L') { io.files.stat(&path) } else { io.files.lstat(&path) };
        match found {
            Ok(metadata) => {
                let text = stat_text(io, &format, name, &path, &metadata);
                io.out(&(text + "\n"));
            }
            Err(error) => {
                let message = if io.gnu() { format!("cannot statx '{name}': {error}") } else { format!("can't stat '{name}': {error}") };
                io.complain(&message);
            }
        }
    }
    Step::Done(io.scratch.code)
}

fn stat_text(io: &Io<'_, '_>, format: &str, name: &str, path: &str, metadata: &Metadata) -> String {
    let mut text = String::new();
    let mut rest = format;
    while let Some(percent) = rest.find('%') {
        text += &rest[..percent];
        rest = &rest[percent + 1..];
        let end = rest.find(|c: char| c.is_ascii_alphabetic() || c == '%').unwrap_or(rest.len());
        let (spec, letter) = (&rest[..end], rest[end..].chars().next().unwrap_or('%'));
        rest = rest.get(end + 1..).unwrap_or("");
        let stamp = || date_text("%Y-%m-%d %H:%M:%S.%N +0000", metadata.modified);
        let value = match letter {
            'a' => format!("{:o}", metadata.mode),
            'A' => mode_text(metadata),
            'b' => (kilobytes(metadata) * 2).to_string(),
            'B' => "512".to_owned(),
            'd' => "65025".to_owned(),
            'D' => "fe01".to_owned(),
            'f' => format!("{:x}", metadata.mode | 0o100_000),
            'F' => file_type_text(metadata).to_owned(),
            'g' => metadata.gid.to_string(),
            'G' => known_name(io, "/etc/group", metadata.gid),
            'h' => links(io, path, metadata).to_string(),
            'i' => metadata.inode.to_string(),
            'm' => io.files.mounts.of(path).map_or("/".to_owned(), |mount| mount.target.clone()),
            'n' => name.to_owned(),
            'N' => match metadata.file_type {
                FileType::Symlink => format!("'{name}' -> '{}'", io.files.read_link(path).unwrap_or_default()),
                _ if io.gnu() => format!("'{name}'"),
                _ => name.to_owned(),
            },
            'o' => "4096".to_owned(),
            's' => metadata.size.to_string(),
            'u' => metadata.uid.to_string(),
            'U' => known_name(io, "/etc/passwd", metadata.uid),
            'x' | 'y' | 'z' => stamp(),
            'X' | 'Y' | 'Z' => (metadata.modified.0 / 1000).to_string(),
            'w' => "-".to_owned(),
            'W' => "0".to_owned(),
            '%' => "%".to_owned(),
            _ => "?".to_owned(),
        };
        let width: usize = spec.trim_start_matches(['-', '0']).parse().unwrap_or(0).min(256);
        text += &if spec.starts_with('-') {
            format!("{value:<width$}")
        } else if spec.starts_with('0') {
            "0".repeat(width.saturating_sub(value.len())) + &value
        } else {
            format!("{value:>width$}")
        };
    }
    text + rest
}

fn du(io: &mut Io<'_, '_>) -> Step {
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
    Step::Done(io.scratch.code)
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

/// What /proc/mounts calls a mount's device, and the type of its file system.
fn device(mount: &Mount) -> (&str, &str) {
    if mount.target == "/proc" {
        return ("proc", "proc");
    }
    // What the kubelet writes from the api lies in memory.
    if ["~projected/", "~secret/", "~downward-api/"].iter().any(|plugin| mount.source.contains(plugin)) {
        return ("tmpfs", "tmpfs");
    }
    match mount.disk.split('/').next().unwrap_or("") {
        "container" => ("overlay", "overlay"),
        "tmpfs" | "projected" | "secret" | "configmap" | "config" => ("tmpfs", "tmpfs"),
        "proc" => ("proc", "proc"),
        _ => ("/dev/vda1", "ext4"),
    }
}

fn mount(io: &mut Io<'_, '_>) -> Step {
    if !io.arguments().is_empty() {
        return io.fail("permission denied (are you root?)", 1);
    }
    let mut text = String::new();
    for mount in &io.files.mounts.mounts {
        let (device, kind) = device(mount);
        let access = if mount.read_only && mount.target != "/proc" { "ro" } else { "rw" };
        text += &format!("{device} on {} type {kind} ({access},relatime)\n", mount.target);
    }
    io.out(&text);
    Step::Done(0)
}

fn mountpoint(io: &mut Io<'_, '_>) -> Step {
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
    Step::Done(i32::from(!found))
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
    Some((name.to_owned(), kind, capacity.unwrap_or(CAPACITY) / 1024, used.div_ceil(1024), mount.target.clone()))
}

fn df(io: &mut Io<'_, '_>) -> Step {
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
    Step::Done(io.scratch.code)
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

fn free(io: &mut Io<'_, '_>) -> Step {
    let mega = io.arguments().iter().any(|word| word == "-m");
    let (total, used, free, cache) = if mega { (3915, 1210, 402, 2303) } else { (4_009_000, 1_239_040, 411_648, 2_358_312) };
    let mut text = "              total        used        free      shared  buff/cache   available\n".to_owned();
    text += &format!("Mem:    {total:>11} {used:>11} {free:>11} {:>11} {cache:>11} {:>11}\n", 4, total - used);
    text += &format!("Swap:   {:>11} {:>11} {:>11}\n", 0, 0, 0);
    io.out(&text);
    Step::Done(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fill_columns_downwards() {
        let names: Vec<String> = ["a", "bb", "c", "dddd", "e"].map(str::to_owned).to_vec();
        assert_eq!(columns(&names, 80), "a  bb  c  dddd  e\n");
        assert_eq!(columns(&names, 12), "a   c     e\nbb  dddd\n");
        assert_eq!((human(4096, false).as_str(), human(1_300_000, true).as_str(), human(10, true).as_str()), ("4.0K", "1.3M", "10"));
    }
}
