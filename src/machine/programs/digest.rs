//! Programs that show bytes in another form: md5sum, sha1sum, sha256sum, sha512sum, base64, hexdump, od, xxd, strings, cmp, diff.
//!
//! Models busybox coreutils/md5_sha1_sum.c, od.c, editors/diff.c, cmp.c. The digests are RFC 1321, FIPS 180-4.

use super::options::size;
use crate::machine::programs::lib::io::{Io, Source, Syscall};
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

/// RFC 1321.
pub fn md5(bytes: &[u8]) -> [u8; 16] {
    const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
    let mut state: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded(bytes, 64, false).chunks(64) {
        let words: Vec<u32> = block.chunks(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect();
        let [mut a, mut b, mut c, mut d] = state;
        for step in 0..64 {
            let (mix, word) = match step / 16 {
                0 => ((b & c) | (!b & d), step),
                1 => ((d & b) | (!d & c), (5 * step + 1) % 16),
                2 => (b ^ c ^ d, (3 * step + 5) % 16),
                _ => (c ^ (b | !d), (7 * step) % 16),
            };
            let constant = (((step + 1) as f64).sin().abs() * 4_294_967_296.0) as u32;
            let sum = a.wrapping_add(mix).wrapping_add(constant).wrapping_add(words[word]);
            (a, d, c, b) = (d, c, b, b.wrapping_add(sum.rotate_left(SHIFTS[step / 16][step % 4])));
        }
        for (slot, value) in state.iter_mut().zip([a, b, c, d]) {
            *slot = slot.wrapping_add(value);
        }
    }
    let mut digest = [0; 16];
    digest.chunks_mut(4).zip(state).for_each(|(place, word)| place.copy_from_slice(&word.to_le_bytes()));
    digest
}

/// With a one, zeros and the length in bits: whole blocks.
fn padded(bytes: &[u8], block: usize, big_endian: bool) -> Vec<u8> {
    let mut padded = bytes.to_vec();
    padded.push(0x80);
    // A block of 128 bytes keeps sixteen for the length.
    let length = block / 8;
    padded.resize((padded.len() + length).next_multiple_of(block), 0);
    let end = padded.len() - 8;
    let bits = (bytes.len() as u64).wrapping_mul(8);
    if big_endian {
        padded[end..].copy_from_slice(&bits.to_be_bytes());
    } else {
        padded[end..].copy_from_slice(&bits.to_le_bytes());
    }
    padded
}

/// FIPS 180-4.
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut state: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    for block in padded(bytes, 64, true).chunks(64) {
        let mut words: Vec<u32> = block.chunks(4).map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]])).collect();
        for place in 16..80 {
            words.push((words[place - 3] ^ words[place - 8] ^ words[place - 14] ^ words[place - 16]).rotate_left(1));
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (place, word) in words.iter().enumerate() {
            let (mix, constant) = match place / 20 {
                0 => ((b & c) | (!b & d), 0x5a82_7999),
                1 => (b ^ c ^ d, 0x6ed9_eba1),
                2 => ((b & c) | (b & d) | (c & d), 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6_u32),
            };
            let next = a.rotate_left(5).wrapping_add(mix).wrapping_add(e).wrapping_add(constant).wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (slot, value) in state.iter_mut().zip([a, b, c, d, e]) {
            *slot = slot.wrapping_add(value);
        }
    }
    let mut digest = [0; 20];
    digest.chunks_mut(4).zip(state).for_each(|(place, word)| place.copy_from_slice(&word.to_be_bytes()));
    digest
}

/// How the two sizes of SHA-2 differ: bytes of a word, rounds, and how far their words are turned and shifted.
struct Sha2 {
    word: usize,
    rounds: usize,
    early: [u32; 3],
    late: [u32; 3],
    first: [u32; 3],
    second: [u32; 3],
}

const SHA256: Sha2 = Sha2 { word: 4, rounds: 64, early: [7, 18, 3], late: [17, 19, 10], first: [6, 11, 25], second: [2, 13, 22] };
const SHA512: Sha2 = Sha2 { word: 8, rounds: 80, early: [1, 8, 7], late: [19, 61, 6], first: [14, 18, 41], second: [28, 34, 39] };

impl Sha2 {
    /// Of a word of this size, kept in the low bits.
    fn turned(&self, value: u64, by: u32) -> u64 {
        if self.word == 8 { value.rotate_right(by) } else { u64::from((value as u32).rotate_right(by)) }
    }

    fn low(&self, value: u64) -> u64 {
        if self.word == 8 { value } else { value & 0xffff_ffff }
    }

    fn turned_thrice(&self, value: u64, by: [u32; 3]) -> u64 {
        by.iter().fold(0, |mixed, by| mixed ^ self.turned(value, *by))
    }

    fn stretched(&self, value: u64, by: [u32; 3]) -> u64 {
        self.turned(value, by[0]) ^ self.turned(value, by[1]) ^ (value >> by[2])
    }

    /// The first bits of the fractional parts of the roots of the first primes.
    fn constants(&self, count: usize, cube: bool) -> Vec<u64> {
        let primes = (2..410_u64).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0));
        primes.take(count).map(|prime| root_fraction(prime, cube) >> (64 - self.word * 8)).collect()
    }

    /// FIPS 180-4.
    fn digest(&self, bytes: &[u8]) -> Vec<u8> {
        let (constants, mut state) = (self.constants(self.rounds, true), self.constants(8, false));
        for block in padded(bytes, self.word * 16, true).chunks(self.word * 16) {
            let mut words: Vec<u64> = block.chunks(self.word).map(|word| word.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))).collect();
            for place in 16..self.rounds {
                let (early, late) = (self.stretched(words[place - 15], self.early), self.stretched(words[place - 2], self.late));
                words.push(self.low(words[place - 16].wrapping_add(early).wrapping_add(words[place - 7]).wrapping_add(late)));
            }
            let mut v: [u64; 8] = std::array::from_fn(|place| state[place]);
            for (word, constant) in words.iter().zip(&constants) {
                let choice = (v[4] & v[5]) ^ (self.low(!v[4]) & v[6]);
                let first = self.turned_thrice(v[4], self.first).wrapping_add(v[7]).wrapping_add(choice).wrapping_add(*constant).wrapping_add(*word);
                let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
                let second = self.turned_thrice(v[0], self.second).wrapping_add(majority);
                v = [self.low(first.wrapping_add(second)), v[0], v[1], v[2], self.low(v[3].wrapping_add(first)), v[4], v[5], v[6]];
            }
            for (slot, value) in state.iter_mut().zip(v) {
                *slot = self.low(slot.wrapping_add(value));
            }
        }
        state.iter().flat_map(|word| word.to_be_bytes().into_iter().skip(8 - self.word)).collect()
    }
}

/// The first 64 bits of the fractional part of a root of a prime, from which SHA-2 has its constants: bit by bit, the largest
/// whole number whose power does not pass the prime times 2^64 to that power.
fn root_fraction(prime: u64, cube: bool) -> u64 {
    // The root is below 32, so five bits stand before the point.
    let mut root = 0_u128;
    for bit in (0..69).rev() {
        let tried = root | 1 << bit;
        if !is_beyond(tried, prime, cube) {
            root = tried;
        }
    }
    root as u64
}

/// Whether a root in units of 2^-64 is larger than that of the prime, in words of 32 bits.
fn is_beyond(root: u128, prime: u64, cube: bool) -> bool {
    let words = |mut value: u128| -> Vec<u64> {
        let mut words = Vec::new();
        while value > 0 {
            words.push((value & 0xffff_ffff) as u64);
            value >>= 32;
        }
        words
    };
    let own = words(root);
    let power = if cube { product(&product(&own, &own), &own) } else { product(&own, &own) };
    // The prime times 2^64 once for each factor.
    let mut target = vec![0; if cube { 6 } else { 4 }];
    target.push(prime);
    let significant = |words: &[u64]| words.iter().rposition(|word| *word != 0).map_or(0, |last| last + 1);
    let (a, b) = (significant(&power), significant(&target));
    a > b || a == b && power[..a].iter().rev().gt(target[..b].iter().rev())
}

fn product(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut result = vec![0_u64; a.len() + b.len()];
    for (i, x) in a.iter().enumerate() {
        let mut carry = 0;
        for (j, y) in b.iter().enumerate() {
            let sum = result[i + j] + x * y + carry;
            result[i + j] = sum & 0xffff_ffff;
            carry = sum >> 32;
        }
        result[i + b.len()] += carry;
    }
    result
}

pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    SHA256.digest(bytes)
}

pub fn sha512(bytes: &[u8]) -> Vec<u8> {
    SHA512.digest(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_the_standards() {
        assert_eq!(hex(&md5(b"hello\n")), "b1946ac92492d2347c6235b4d2611184");
        assert_eq!(hex(&md5(&[b'a'; 56])), "3b0c8ac703f828b04c6c197006d17218");
        assert_eq!(hex(&sha256(b"hello\n")), "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03");
        assert_eq!(hex(&sha1(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert!(hex(&sha512(b"abc")).starts_with("ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"));
        assert!(hex(&sha512(&[b'a'; 111])).starts_with("fa9121c7b32b9e01"));
        assert!(hex(&sha512(&[b'a'; 112])).starts_with("c01d080efd492776"));
        assert_eq!(hex(&sha256(b"")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
