//! Digests: MD5, SHA-1 and SHA-2.

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

/// The bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
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
