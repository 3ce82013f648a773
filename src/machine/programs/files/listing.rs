//! Programs that show what files there are: ls, stat.
//!
//! Models busybox coreutils/ls.c, stat.c and GNU's forms of them. Simplified: a block is 4096 bytes.

use crate::machine::programs::lib::dates::date_text;
use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::modes::mode_text;
use crate::machine::programs::lib::owners::{bad_records, owner_name};
use crate::machine::programs::lib::paths::join;
use crate::machine::programs::lib::sizes::{human, kilobytes};
use crate::machine::programs::lib::table::{On, Program, is_program_folder};

use crate::machine::vfs::{FileType, Metadata};
use crate::values::clock::Instant;
use std::collections::BTreeSet;

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "ls", usage: "[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...\n\nList directory contents", on: On::Everywhere, run: ls },
    Program { name: "stat", usage: "[-ltf] [-c FMT] FILE...", on: On::Everywhere, run: stat },
];

/// How many days old a file is when `ls -l` shows its year rather than its time.
const RECENT_DAYS: u64 = 182;

/// How many columns a terminal has that does not say so.
const COLUMNS: usize = 80;

/// The size of a program's file.
const PROGRAM_SIZE: u64 = 1_131_168;

/// A user's or group's name, by the machine's own tables.
/// As `stat` says it, which shows no number where a name should be.
fn known_name(io: &Io<'_, '_>, table: &str, number: u32) -> String {
    let name = owner_name(io, table, number);
    if name.parse::<u32>().is_ok() { "UNKNOWN".to_owned() } else { name }
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
    let found = io.files.stat(folder).ok().filter(|_| is_program_folder(&io.profile(), folder))?;
    Some(Metadata { file_type: FileType::File, mode: 0o755, size: PROGRAM_SIZE, links: 1, ..found })
}

/// One line of a listing.
struct Entry {
    name: String,
    path: String,
    metadata: Metadata,
}

fn ls(io: &mut Io<'_, '_>) -> Syscall {
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
        if style.has('l') || style.has('n') || style.has('s') {
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
    Syscall::Exit(io.scratch.code)
}

/// Busybox complains of each line that is no record, at each look for a number that it does not know yet. Models libpwdgrp's parse_common.
fn tell_bad_records(io: &mut Io<'_, '_>, entries: &[Entry]) {
    for (table, fields, number) in [("/etc/passwd", 7, (|metadata| metadata.uid) as fn(&Metadata) -> u32), ("/etc/group", 4, |metadata| metadata.gid)]
    {
        let numbers: BTreeSet<u32> = entries.iter().map(|entry| number(&entry.metadata)).collect();
        let bad: usize = numbers.into_iter().map(|number| bad_records(io, table, fields, number)).sum();
        (0..bad).for_each(|_| io.err(&format!("ls: {table}: bad record\n")));
    }
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
            let programs: Vec<&str> = io.programs.names_on(&io.profile()).into_iter().filter(absent).collect();
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
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        if self.has('t') {
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.metadata.modified));
        } else if self.has('S') {
            entries.sort_by_key(|entry| std::cmp::Reverse(entry.metadata.size));
        }
        if self.has('r') {
            entries.reverse();
        }
    }

    fn listing(&self, io: &mut Io<'_, '_>, entries: &[Entry]) -> String {
        if self.has('l') || self.has('n') || self.has('g') || self.has('E') {
            if !self.gnu && !self.has('n') {
                tell_bad_records(io, entries);
            }
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

fn stat(io: &mut Io<'_, '_>) -> Syscall {
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
    Syscall::Exit(io.scratch.code)
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
            'm' => io.files.mounts.of(path).map_or("/".to_owned(), |mount| mount.target.to_string()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fill_columns_downwards() {
        let names: Vec<String> = ["a", "bb", "c", "dddd", "e"].map(str::to_owned).to_vec();
        assert_eq!(columns(&names, 80), "a  bb  c  dddd  e\n");
        assert_eq!(columns(&names, 12), "a   c     e\nbb  dddd\n");
    }
}
