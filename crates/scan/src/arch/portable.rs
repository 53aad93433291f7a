//! Chunks in words of eight bytes, for every machine: the plain form that vectors must equal.

use super::{CHUNK_BYTES, Chunk, WINDOW_BYTES};
use crate::number::Decimal;

/// The lowest bit of each byte, and the highest.
const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

#[derive(Clone, Copy)]
pub(super) struct Portable([u64; CHUNK_BYTES / 8]);

impl Portable {
    /// A bit for each byte whose highest bit `test` sets.
    #[inline(always)]
    fn bits(self, test: impl Fn(u64) -> u64) -> u64 {
        // The product gathers a bit of each byte in the highest one.
        let gathered =
            |word: u64| ((test(word) & HIGH) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        self.0.iter().rev().fold(0, |bits, word| bits << 8 | gathered(*word))
    }
}

impl Chunk for Portable {
    #[inline(always)]
    unsafe fn load(bytes: &[u8; CHUNK_BYTES]) -> Self {
        let (words, _) = bytes.as_chunks();
        Self(std::array::from_fn(|index| u64::from_le_bytes(words[index])))
    }

    #[inline(always)]
    unsafe fn equal(self, byte: u8) -> u64 {
        // The highest bit of a byte stays clear only if all are.
        self.bits(|word| {
            let other = word ^ (LOW * u64::from(byte));
            !(((other & !HIGH) + !HIGH) | other)
        })
    }

    #[inline(always)]
    unsafe fn high(self) -> u64 {
        self.bits(|word| word)
    }

    #[inline(always)]
    unsafe fn prefix_xor(bits: u64) -> u64 {
        [1, 2, 4, 8, 16, 32].into_iter().fold(bits, |bits, shift| bits ^ bits << shift)
    }

    #[inline(always)]
    unsafe fn positions(bits: u64, base: u32, to: &mut [u32; CHUNK_BYTES]) {
        positions(bits, base, to);
    }

    #[inline(always)]
    unsafe fn decimal(window: &[u8; WINDOW_BYTES], length: usize) -> Decimal {
        let text = &window[WINDOW_BYTES - length..];
        Decimal::parse_plain(text).unwrap_or(Decimal::OTHER)
    }
}

/// The places of bits, eight at a time: how many there are is hard to foresee.
#[inline(always)]
pub(super) fn positions(mut bits: u64, base: u32, to: &mut [u32; CHUNK_BYTES]) {
    for eight in to.as_chunks_mut::<8>().0 {
        if bits == 0 {
            return;
        }
        for position in eight {
            *position = base + bits.trailing_zeros();
            bits &= bits.wrapping_sub(1);
        }
    }
}
