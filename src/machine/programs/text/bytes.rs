//! Programs that show bytes in another form: md5sum, sha1sum, sha256sum, sha512sum, base64, hexdump, od, xxd, strings.
//!
//! Models busybox coreutils/md5_sha1_sum.c, od.c. The digests themselves are in `lib::digest`.

use crate::machine::programs::lib::digest::hex;
use crate::machine::programs::lib::digest::md5;
use crate::machine::programs::lib::digest::sha1;
use crate::machine::programs::lib::digest::sha256;
use crate::machine::programs::lib::digest::sha512;
use crate::machine::programs::lib::io::{Io, Source, Syscall};
use crate::machine::programs::lib::sizes::size;
use crate::machine::programs::lib::table::{On, Program};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The programs of this file.
pub const PROGRAMS: &[Program] = &[
    Program {
        name: "base64",
        usage: "[-d] [-w COL] [FILE]\n\nBase64 encode or decode FILE to standard output",
        on: On::Everywhere,
        run: base64_program,
    },
    Program { name: "hexdump", usage: "[-bcCdefnosvxR] [FILE]...", on: On::Everywhere, run: hexdump },
    Program { name: "md5sum", usage: "[-c[sw]] [FILE]...\n\nPrint or check MD5 checksums", on: On::Everywhere, run: checksum },
    Program {
        name: "od",
        usage: "[-abcdfhilovxs] [-t TYPE] [-A RADIX] [-N SIZE] [-j SKIP] [-S MINSTR] [-w WIDTH] [FILE]...",
        on: On::Everywhere,
        run: od,
    },
    Program { name: "sha1sum", usage: "[-c[sw]] [FILE]...\n\nPrint or check SHA1 checksums", on: On::Everywhere, run: checksum },
    Program { name: "sha256sum", usage: "[-c[sw]] [FILE]...\n\nPrint or check SHA256 checksums", on: On::Everywhere, run: checksum },
    Program { name: "sha512sum", usage: "[-c[sw]] [FILE]...\n\nPrint or check SHA512 checksums", on: On::Everywhere, run: checksum },
    Program { name: "strings", usage: "[-fo] [-t o|d|x] [-n LEN] [FILE]...", on: On::Everywhere, run: strings },
    Program { name: "xxd", usage: "[-pri] [-g N] [-c N] [-l LEN] [-s OFS] [-o OFS] [FILE]", on: On::Everywhere, run: xxd },
];

fn checksum(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("cswbt", &[("check", 'c'), ("status", 's')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let sum = |io: &Io<'_, '_>, bytes: &[u8]| match io.name() {
        "md5sum" => hex(&md5(bytes)),
        "sha1sum" => hex(&sha1(bytes)),
        "sha512sum" => hex(&sha512(bytes)),
        _ => hex(&sha256(bytes)),
    };
    let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
    for Source { name, bytes } in sources {
        if !options.has('c') {
            let text = format!("{}  {name}\n", sum(io, &bytes));
            io.out(&text);
            continue;
        }
        let (mut failed, mut count) = (0, 0);
        for line in String::from_utf8_lossy(&bytes).lines() {
            let Some((wanted, file)) = line.split_once("  ") else { continue };
            count += 1;
            let holds = io.files.read(&io.path(file)).is_ok_and(|bytes| sum(io, &bytes) == wanted);
            failed += u32::from(!holds);
            if !options.has('s') {
                io.out(&format!("{file}: {}\n", if holds { "OK" } else { "FAILED" }));
            }
        }
        if failed > 0 {
            io.complain(&format!("WARNING: {failed} of {count} computed checksums did NOT match"));
        }
    }
    Syscall::Exit(io.scratch.code)
}

fn base64_program(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("dw:i", &[("decode", 'd'), ("wrap", 'w')]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
    for source in sources {
        if options.has('d') {
            let text: Vec<u8> = source.bytes.iter().filter(|byte| !byte.is_ascii_whitespace()).copied().collect();
            match STANDARD.decode(&text) {
                Ok(bytes) => io.out_bytes(&bytes),
                Err(_) => {
                    // What can be read is printed before the complaint, as both do; GNU gives the last bits too.
                    let good = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')).count();
                    let mut bytes = STANDARD.decode(&text[..good / 4 * 4]).unwrap_or_default();
                    if io.gnu() {
                        let rest: Vec<u8> = text[good / 4 * 4..good].iter().copied().chain(*b"AAAA").take(4).collect();
                        bytes.extend(STANDARD.decode(&rest).unwrap_or_default().into_iter().take((good % 4).saturating_sub(1)));
                    }
                    io.out_bytes(&bytes);
                    let message = io.words("truncated input", "invalid input").to_owned();
                    io.complain(&message);
                }
            }
            continue;
        }
        let text = STANDARD.encode(&source.bytes);
        let width = options.value('w').and_then(|width| width.parse::<usize>().ok()).unwrap_or(76);
        if width == 0 {
            io.out(&text);
            continue;
        }
        for line in text.as_bytes().chunks(width) {
            io.out_bytes(line);
            io.out("\n");
        }
    }
    Syscall::Exit(io.scratch.code)
}

/// One line of a dump with its offset, equal lines as `*`.
fn dump(bytes: &[u8], width: usize, offset: &dyn Fn(usize) -> String, line: &dyn Fn(&[u8]) -> String) -> String {
    let (mut text, mut last, mut starred): (String, Option<&[u8]>, bool) = (String::new(), None, false);
    for (index, chunk) in bytes.chunks(width).enumerate() {
        if last == Some(chunk) && chunk.len() == width {
            if !starred {
                text += "*\n";
            }
            starred = true;
            continue;
        }
        (last, starred) = (Some(chunk), false);
        text += &format!("{}{}\n", offset(index * width), line(chunk));
    }
    text + &offset(bytes.len()) + "\n"
}

fn words_of(chunk: &[u8]) -> impl Iterator<Item = u16> + '_ {
    chunk.chunks(2).map(|pair| u16::from(pair[0]) | u16::from(*pair.get(1).unwrap_or(&0)) << 8)
}

fn printable(byte: u8) -> char {
    if (32..127).contains(&byte) { byte as char } else { '.' }
}

fn hexdump(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("bcCdoxvn:s:e:", &[]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
    let mut bytes: Vec<u8> = sources.into_iter().flat_map(|source| source.bytes).collect();
    if let Some(most) = options.value('n').and_then(size) {
        bytes.truncate(most as usize);
    }
    if bytes.is_empty() {
        return Syscall::Exit(io.scratch.code);
    }
    let text = if options.has('C') {
        dump(&bytes, 16, &|offset| format!("{offset:08x}"), &|chunk| {
            let cells: Vec<String> = (0..16).map(|place| chunk.get(place).map_or("  ".to_owned(), |byte| format!("{byte:02x}"))).collect();
            let shown: String = chunk.iter().map(|byte| printable(*byte)).collect();
            format!("  {}  {}  |{shown}|", cells[..8].join(" "), cells[8..].join(" "))
        })
    } else {
        dump(&bytes, 16, &|offset| format!("{offset:07x}"), &|chunk| words_of(chunk).map(|word| format!(" {word:04x}")).collect())
    };
    io.out(&text);
    Syscall::Exit(io.scratch.code)
}

fn od(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("abcdfhilovxst:A:N:j:S:w:", &[]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
    if sources.is_empty() {
        return Syscall::Exit(io.scratch.code);
    }
    let mut bytes: Vec<u8> = sources.into_iter().flat_map(|source| source.bytes).collect();
    bytes.drain(..options.value('j').and_then(size).unwrap_or(0).min(bytes.len() as u64) as usize);
    if let Some(most) = options.value('N').and_then(size) {
        bytes.truncate(most as usize);
    }
    let form = options.value('t').map_or_else(|| options.last_of("abcdhox").unwrap_or('o').to_string(), str::to_owned);
    let radix = options.value('A').unwrap_or("o").to_owned();
    let cell = |byte: u8| match byte {
        0 => "  \\0".to_owned(),
        7 => "  \\a".to_owned(),
        8 => "  \\b".to_owned(),
        9 => "  \\t".to_owned(),
        10 => "  \\n".to_owned(),
        13 => "  \\r".to_owned(),
        32..=126 => format!("   {}", byte as char),
        _ => format!(" {byte:03o}"),
    };
    let line = |chunk: &[u8]| -> String {
        match form.as_str() {
            "c" | "a" => chunk.iter().map(|byte| cell(*byte)).collect(),
            "b" | "o1" => chunk.iter().map(|byte| format!(" {byte:03o}")).collect(),
            "x1" => chunk.iter().map(|byte| format!(" {byte:02x}")).collect(),
            "u1" | "d1" => chunk.iter().map(|byte| format!(" {byte:3}")).collect(),
            "x" | "x2" | "h" => words_of(chunk).map(|word| format!(" {word:04x}")).collect(),
            "d" | "u2" | "d2" => words_of(chunk).map(|word| format!(" {word:5}")).collect(),
            _ => words_of(chunk).map(|word| format!(" {word:06o}")).collect(),
        }
    };
    let text = dump(
        &bytes,
        16,
        &|offset| match radix.as_str() {
            "x" => format!("{offset:06x}"),
            "d" => format!("{offset:07}"),
            "n" => String::new(),
            _ => format!("{offset:07o}"),
        },
        &line,
    );
    io.out(if radix == "n" { text.trim_end_matches('\n') } else { &text });
    if radix == "n" {
        io.out("\n");
    }
    Syscall::Exit(io.scratch.code)
}

fn xxd(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("prug:c:l:s:o:i", &[]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
    let mut bytes: Vec<u8> = sources.into_iter().flat_map(|source| source.bytes).collect();
    if let Some(most) = options.value('l').and_then(size) {
        bytes.truncate(most as usize);
    }
    if options.has('p') {
        for line in bytes.chunks(30) {
            io.out(&(hex(line) + "\n"));
        }
        return Syscall::Exit(io.scratch.code);
    }
    let mut text = String::new();
    for (index, chunk) in bytes.chunks(16).enumerate() {
        let cells: Vec<String> = chunk.chunks(2).map(hex).collect();
        let shown: String = chunk.iter().map(|byte| printable(*byte)).collect();
        text += &format!("{:08x}: {:<39}  {shown}\n", index * 16, cells.join(" "));
    }
    io.out(&text);
    Syscall::Exit(io.scratch.code)
}

fn strings(io: &mut Io<'_, '_>) -> Syscall {
    let options = match io.options("afon:t:", &[]) {
        Ok(options) => options,
        Err(step) => return step,
    };
    let least = options.value('n').and_then(|least| least.parse().ok()).unwrap_or(4_usize);
    let Some(sources) = io.sources(&options.operands) else { return Syscall::Read };
    for source in sources {
        for run in source.bytes.split(|byte| !(32..127).contains(byte) && *byte != b'\t').filter(|run| run.len() >= least) {
            io.out_bytes(run);
            io.out("\n");
        }
    }
    Syscall::Exit(io.scratch.code)
}
