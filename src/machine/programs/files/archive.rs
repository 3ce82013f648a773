//! tar and gzip. Models busybox archival/tar.c (ustar) and gzip.c.

use crate::machine::programs::lib::dates::date_text;
use crate::machine::programs::lib::glob::matches;
use crate::machine::programs::lib::io::{Io, Syscall};
use crate::machine::programs::lib::modes::mode_text;
use crate::machine::programs::lib::options::parse;
use crate::machine::programs::lib::paths::join;
use crate::machine::programs::lib::paths::{folder_of, tree};
use crate::machine::programs::lib::table::{On, Program};
use crate::machine::vfs::{FILE_SIZE_MAX, FileType, Metadata};
use crate::values::clock::Instant;

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program { name: "gunzip", usage: "[-cfkt] [FILE]...\n\nDecompress FILEs (or stdin)", on: On::Everywhere, run: gzip },
    Program { name: "gzip", usage: "[-cfkdt123456789] [FILE]...\n\nCompress FILEs (or stdin)", on: On::Everywhere, run: gzip },
    Program {
        name: "tar",
        usage: "c|x|t [-ZzJjahmvokO] [-f TARFILE] [-C DIR] [-T FILE] [-X FILE] [LONGOPT]... [FILE]...",
        on: On::Everywhere,
        run: tar,
    },
    Program { name: "zcat", usage: "[FILE]...\n\nDecompress to stdout", on: On::Everywhere, run: gzip },
];

/// tar's block, in bytes.
const BLOCK: usize = 512;

fn crc32(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }))
}

fn packed(bytes: &[u8], now: Instant) -> Vec<u8> {
    let mut packed = vec![0x1f, 0x8b, 8, 0];
    packed.extend(((now.0 / 1000) as u32).to_le_bytes());
    packed.extend([0, 3]);
    packed.extend(miniz_oxide::deflate::compress_to_vec(bytes, 6));
    packed.extend(crc32(bytes).to_le_bytes());
    packed.extend((bytes.len() as u32).to_le_bytes());
    packed
}

fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.get(..3)? != [0x1f, 0x8b, 8] {
        return None;
    }
    let flags = bytes.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(*bytes.get(at)?) + usize::from(*bytes.get(at + 1)?) * 256;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += bytes.get(at..)?.iter().position(|byte| *byte == 0)? + 1;
        }
    }
    at += if flags & 2 != 0 { 2 } else { 0 };
    miniz_oxide::inflate::decompress_to_vec_with_limit(bytes.get(at..)?, FILE_SIZE_MAX).ok()
}

fn gzip(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("cfkdtnq123456789", &[("stdout", 'c'), ("decompress", 'd'), ("keep", 'k'), ("force", 'f')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let back = io.name() != "gzip" || options.has('d');
    let to_stdout = options.has('c') || io.name() == "zcat" || options.operands.is_empty();
    let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
    for source in sources {
        let result = if back { unpacked(&source.bytes) } else { Some(packed(&source.bytes, io.now)) };
        let Some(result) = result else {
            io.complain("invalid magic");
            continue;
        };
        if to_stdout {
            io.out_bytes(&result);
            continue;
        }
        let target = match (back, source.name.strip_suffix(".gz")) {
            (false, _) => format!("{}.gz", source.name),
            (true, Some(stem)) => stem.to_owned(),
            (true, None) => {
                io.complain(&format!("{}: unknown suffix - ignored", source.name));
                continue;
            }
        };
        if let Err(error) = io.files.write(&io.path(&target), &result) {
            io.complain(&format!("can't open '{target}': {error}"));
        } else if !options.has('k') {
            let _ = io.files.remove(&io.path(&source.name));
        }
    }
    Syscall::Exit(io.scratch.code)
}

/// One member of an archive.
struct Member {
    name: String,
    kind: u8,
    mode: u32,
    uid: u32,
    gid: u32,
    modified: Instant,
    link: String,
    bytes: Vec<u8>,
}

impl Member {
    /// As the block of its head and the blocks of its bytes.
    fn write(&self, archive: &mut Vec<u8>) {
        if self.name.len() > 100 {
            let long = Member {
                name: "././@LongLink".into(),
                kind: b'L',
                mode: 0,
                uid: 0,
                gid: 0,
                modified: Instant(0),
                link: String::new(),
                bytes: [self.name.as_bytes(), b"\0"].concat(),
            };
            long.write(archive);
        }
        let mut head = vec![0; BLOCK];
        let mut put = |at: usize, text: &[u8], most: usize| {
            let text = &text[..text.len().min(most)];
            head[at..at + text.len()].copy_from_slice(text);
        };
        put(0, self.name.as_bytes(), 100);
        put(100, format!("{:07o}\0", self.mode).as_bytes(), 8);
        put(108, format!("{:07o}\0", self.uid).as_bytes(), 8);
        put(116, format!("{:07o}\0", self.gid).as_bytes(), 8);
        put(124, format!("{:011o}\0", self.bytes.len()).as_bytes(), 12);
        put(136, format!("{:011o}\0", self.modified.0 / 1000).as_bytes(), 12);
        put(148, b"        ", 8);
        put(156, &[self.kind], 1);
        put(157, self.link.as_bytes(), 100);
        put(257, b"ustar  \0", 8);
        put(265, b"root", 32);
        put(297, b"root", 32);
        let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
        head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        archive.extend(head);
        archive.extend(&self.bytes);
        archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    }
}

/// The members of an archive; `None`: it is not one.
fn members(archive: &[u8]) -> Option<Vec<Member>> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes.split(|byte| *byte == 0).next().unwrap_or_default()).trim().to_owned();
    let octal = |bytes: &[u8]| u64::from_str_radix(&text(bytes), 8).unwrap_or(0);
    let (mut members, mut at, mut long): (Vec<Member>, usize, Option<String>) = (Vec::new(), 0, None);
    while let Some(head) = archive.get(at..at + BLOCK) {
        if head.iter().all(|byte| *byte == 0) {
            return Some(members);
        }
        if head.get(257..262)? != b"ustar" {
            return None;
        }
        let size = usize::try_from(octal(&head[124..136])).ok()?;
        let bytes = archive.get(at + BLOCK..(at + BLOCK).checked_add(size)?)?.to_vec();
        at += BLOCK + size.next_multiple_of(BLOCK);
        let kind = head[156];
        if kind == b'L' {
            long = Some(text(&bytes));
            continue;
        }
        let prefix = if head[257..263] == *b"ustar\0" { text(&head[345..500]) } else { String::new() };
        let short = text(&head[..100]);
        let name = long.take().unwrap_or(if prefix.is_empty() { short.clone() } else { format!("{prefix}/{short}") });
        members.push(Member {
            name,
            kind,
            mode: octal(&head[100..108]) as u32 & 0o7777,
            uid: octal(&head[108..116]) as u32,
            gid: octal(&head[116..124]) as u32,
            modified: Instant(octal(&head[136..148]).saturating_mul(1000)),
            link: text(&head[157..257]),
            bytes,
        });
    }
    Some(members)
}

fn tar(io: &mut Io<'_, '_>) -> Syscall {
    // The first word may be a bundle of letters without a dash, with the arguments behind it: `tar cf a.tar b`.
    let mut words = io.arguments().to_vec();
    if let Some(first) = words.first().filter(|first| !first.starts_with('-')).cloned() {
        let mut spread = Vec::new();
        words.remove(0);
        for letter in first.chars() {
            spread.push(format!("-{letter}"));
            if matches!(letter, 'f' | 'C' | 'T' | 'X') && !words.is_empty() {
                spread.push(words.remove(0));
            }
        }
        words.splice(0..0, spread);
    }
    let long = [
        ("create", 'c'),
        ("extract", 'x'),
        ("list", 't'),
        ("file", 'f'),
        ("directory", 'C'),
        ("verbose", 'v'),
        ("gzip", 'z'),
        ("exclude", 'E'),
        ("no-same-owner", 'o'),
        ("no-same-permissions", 'm'),
        ("to-stdout", 'O'),
        ("strip-components", 'S'),
    ];
    let options = match parse(&words, "cxtf:C:vzjJahpmokOT:X:E:S:", &long) {
        Ok(options) => options,
        Err(message) => return io.wrong_usage(Some(&message)),
    };
    let Some(mode) = options.last_of("cxt") else { return io.wrong_usage(None) };
    let folder = options.value('C').map_or(io.working_directory.to_owned(), |folder| io.path(folder));
    if !io.files.is_directory(&folder) {
        let message = io.words("can't change directory to '%'", "%: Cannot open").replace('%', options.value('C').unwrap_or("."));
        return io.fail(&format!("{message}: No such file or directory"), 1);
    }
    let name = options.value('f').unwrap_or("-").to_owned();
    if mode == 'c' {
        let (archive, listed) = create(io, &options.operands, &folder, &name, &options.values('E'));
        let archive = if options.has('z') || ((options.has('a')) && name.ends_with("gz")) { packed(&archive, io.now) } else { archive };
        if name == "-" {
            io.out_bytes(&archive);
        } else if let Err(error) = io.files.write(&io.path(&name), &archive) {
            return io.fail(&format!("can't open '{name}': {error}"), 1);
        }
        if options.has('v') {
            if name == "-" { io.err(&listed) } else { io.out(&listed) }
        }
        return Syscall::Exit(io.scratch.code);
    }
    let bytes = if name == "-" {
        let Some(bytes) = io.read_all() else { return Syscall::Read };
        bytes
    } else {
        match io.files.read(&io.path(&name)) {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = if io.gnu() {
                    format!("{name}: Cannot open: {error}\ntar: Error is not recoverable: exiting now")
                } else {
                    format!("can't open '{name}': {error}")
                };
                return io.fail(&message, if io.gnu() { 2 } else { 1 });
            }
        }
    };
    let bytes = unpacked(&bytes).unwrap_or(bytes);
    let Some(members) = members(&bytes) else {
        let message = io
            .words("invalid tar magic", "This does not look like a tar archive\ntar: Exiting with failure status due to previous errors")
            .to_owned();
        return io.fail(&message, if io.gnu() { 2 } else { 1 });
    };
    let strip = options.value('S').and_then(|count| count.parse().ok()).unwrap_or(0_usize);
    let wanted = |name: &str| {
        let name = name.trim_end_matches('/');
        options.operands.is_empty()
            || options.operands.iter().any(|operand| {
                let operand = operand.trim_end_matches('/');
                name == operand || name.strip_prefix(operand).is_some_and(|rest| rest.starts_with('/'))
            })
    };
    for member in members.iter().filter(|member| wanted(&member.name)) {
        if mode == 't' {
            let line = if options.has('v') { long_line(member) } else { member.name.clone() };
            io.out(&(line + "\n"));
            continue;
        }
        if options.has('v') {
            io.out(&format!("{}\n", member.name));
        }
        if options.has('O') {
            io.out_bytes(&member.bytes);
        } else {
            extract(io, member, &folder, strip);
        }
    }
    Syscall::Exit(io.scratch.code)
}

fn long_line(member: &Member) -> String {
    let file_type = match member.kind {
        b'5' => FileType::Directory,
        b'2' => FileType::Symlink,
        _ => FileType::File,
    };
    let metadata =
        Metadata { file_type, mode: member.mode, uid: member.uid, gid: member.gid, size: 0, modified: member.modified, inode: 0, links: 1 };
    let link = if member.kind == b'2' { format!(" -> {}", member.link) } else { String::new() };
    format!("{} root/root {:9} {} {}{link}", mode_text(&metadata), member.bytes.len(), date_text("%Y-%m-%d %H:%M:%S", member.modified), member.name)
}

fn create(io: &mut Io<'_, '_>, operands: &[String], folder: &str, own: &str, excluded: &[String]) -> (Vec<u8>, String) {
    let (mut archive, mut listed) = (Vec::new(), String::new());
    let own_path = io.files.canonical(&io.path(own)).ok();
    let mut stripped = false;
    for operand in operands {
        let mut names = Vec::new();
        let rooted = if operand.starts_with('/') { operand.clone() } else { join(folder, operand) };
        tree(io, &rooted, 0, &mut names);
        for path in names {
            // The name within the archive is the operand with what is below it.
            let name = format!("{}{}", operand.trim_end_matches('/'), path.strip_prefix(rooted.trim_end_matches('/')).unwrap_or(""));
            let base = name.rsplit('/').next().unwrap_or("");
            if own_path.as_deref() == Some(path.as_str()) || excluded.iter().any(|pattern| matches(pattern, base)) {
                continue;
            }
            let metadata = match io.files.lstat(&path) {
                Ok(metadata) => metadata,
                Err(error) => {
                    let message = if io.gnu() { format!("{name}: Cannot stat: {error}") } else { format!("{name}: {error}") };
                    io.complain(&message);
                    continue;
                }
            };
            if name.starts_with('/') && !std::mem::replace(&mut stripped, true) {
                io.err("tar: removing leading '/' from member names\n");
            }
            let name = name.trim_start_matches('/').to_owned();
            let (kind, link, bytes) = match metadata.file_type {
                FileType::Directory => (b'5', String::new(), Vec::new()),
                FileType::Symlink => (b'2', io.files.read_link(&path).unwrap_or_default(), Vec::new()),
                FileType::File => (b'0', String::new(), io.files.read(&path).unwrap_or_default()),
                _ => continue,
            };
            let name = if kind == b'5' { format!("{name}/") } else { name };
            if name == "/" {
                continue;
            }
            listed += &format!("{name}\n");
            Member { name, kind, mode: metadata.mode, uid: metadata.uid, gid: metadata.gid, modified: metadata.modified, link, bytes }
                .write(&mut archive);
        }
    }
    archive.resize(archive.len() + 2 * BLOCK, 0);
    (archive, listed)
}

fn extract(io: &mut Io<'_, '_>, member: &Member, folder: &str, strip: usize) {
    // Names may not lead out of the folder.
    let parts: Vec<&str> = member.name.split('/').filter(|part| !matches!(*part, "" | "." | "..")).skip(strip).collect();
    if parts.is_empty() {
        return;
    }
    let path = join(folder, &parts.join("/"));
    let parent = io.files.make_dirs(folder_of(&path));
    let result = parent.and_then(|()| match member.kind {
        b'5' => io.files.make_dirs(&path),
        b'2' => {
            let _ = io.files.remove(&path);
            io.files.symlink(&member.link, &path)
        }
        b'1' => io.files.hard_link(&join(folder, &member.link), &path),
        _ => io.files.write(&path, &member.bytes),
    });
    match result {
        Ok(()) if member.kind != b'2' => {
            let _ = io.files.set_mode(&path, member.mode);
            let _ = io.files.set_owner(&path, Some(member.uid), Some(member.gid));
            let _ = io.files.set_modified(&path, member.modified);
        }
        Ok(()) => {}
        Err(error) => io.complain(&format!("can't open '{}': {error}", member.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_and_gzip_come_back_as_they_went() {
        let member = Member {
            name: "a/".repeat(60) + "f",
            kind: b'0',
            mode: 0o640,
            uid: 0,
            gid: 0,
            modified: Instant(5000),
            link: String::new(),
            bytes: b"text".to_vec(),
        };
        let mut archive = Vec::new();
        member.write(&mut archive);
        archive.resize(archive.len() + 2 * BLOCK, 0);
        let back = members(&unpacked(&packed(&archive, Instant(0))).unwrap()).unwrap();
        assert_eq!(
            (back.len(), &back[0].name, &back[0].bytes, back[0].mode, back[0].modified),
            (1, &member.name, &member.bytes, 0o640, Instant(5000))
        );
        assert!(members(&[1; BLOCK]).is_none() && unpacked(b"no").is_none());
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
