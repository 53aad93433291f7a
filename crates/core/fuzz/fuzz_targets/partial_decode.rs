//! Bytes from outside: refused, or a partial whose only encoding they are and that can be finalized.
#![no_main]

use exacta::{Partial, Plan, Statistic};
use libfuzzer_sys::fuzz_target;

/// The checksum would hide everything behind it: the last four bytes are made to fit.
fn with_checksum(bytes: &[u8]) -> Vec<u8> {
    let body = &bytes[..bytes.len().saturating_sub(4)];
    let mut mended = body.to_vec();
    mended.extend(crc32(body).to_le_bytes());
    mended
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            crc >> 1 ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

fuzz_target!(|bytes: &[u8]| {
    let everything = Plan::new(Statistic::ALL.iter().copied());
    for candidate in [bytes.to_vec(), with_checksum(bytes)] {
        let Ok(partial) = Partial::from_bytes(&candidate) else { continue };
        assert_eq!(partial.to_bytes().unwrap(), candidate);
        let _ = partial.finalize(&everything);
        let mut doubled = partial.clone();
        let _ = doubled.merge(partial);
    }
});
