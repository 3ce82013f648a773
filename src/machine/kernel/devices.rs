//! Devices that never end: /dev/zero and /dev/urandom.

use crate::machine::vfs::View;

/// How much is read of a device that never ends, in bytes.
const DEVICE_READ: u32 = 64 * 1024;

/// A piece of a device that never ends; `None` for anything else.
pub fn endless(files: &View<'_>, path: &str) -> Option<Vec<u8>> {
    match files.special(path) {
        Some("zero") => Some(vec![0; DEVICE_READ as usize]),
        Some("random") => Some((0..DEVICE_READ).map(|place| noise(files.now.0, place)).collect()),
        _ => None,
    }
}

/// A byte of /dev/urandom: by time and place, so that a run repeats.
fn noise(seed: u64, place: u32) -> u8 {
    let mixed = (seed ^ u64::from(place).wrapping_mul(0x9E37_79B9_7F4A_7C15)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (mixed >> 32 ^ mixed >> 56) as u8
}
