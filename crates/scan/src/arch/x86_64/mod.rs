//! Chunks in the vectors of x86-64: two of AVX2, or one of AVX-512.

#[allow(clippy::wildcard_imports)] // intrinsics
use core::arch::x86_64::*;

mod decimals;
mod nearest;

use super::{Bunch, CHUNK_BYTES, Chunk, Decimals, WINDOW_BYTES, decimals::BUNCH, portable};
use crate::number::{Decimal, Form};

/// The greatest number before the last sixteen digits with which they have nineteen, which fit in 64 bits.
const HIGH_MAX: u64 = 999;

/// `LAST[n..]` begins with 32 bytes, the last n of which are set.
static LAST: [u8; 64] = {
    let mut bytes = [0; 64];
    let mut at = 32;
    while at < 64 {
        bytes[at] = 0xff;
        at += 1;
    }
    bytes
};

#[derive(Clone, Copy)]
pub(super) struct Avx2(__m256i, __m256i);

#[derive(Clone, Copy)]
pub(super) struct Avx512(__m512i);

/// Every bit the parity of those up to it: the product with all ones, without carries.
#[inline(always)]
unsafe fn prefix_xor(bits: u64) -> u64 {
    // SAFETY: the caller vouches for the instruction set.
    unsafe {
        let product = _mm_clmulepi64_si128::<0>(_mm_cvtsi64_si128(bits as i64), _mm_set1_epi8(-1));
        _mm_cvtsi128_si64(product) as u64
    }
}

impl Chunk for Avx2 {
    #[inline(always)]
    unsafe fn load(bytes: &[u8; CHUNK_BYTES]) -> Self {
        let from = bytes.as_ptr();
        // SAFETY: both halves are in the array, and the caller vouches for the instruction set.
        unsafe { Self(_mm256_loadu_si256(from.cast()), _mm256_loadu_si256(from.add(32).cast())) }
    }

    #[inline(always)]
    unsafe fn equal(self, byte: u8) -> u64 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let byte = _mm256_set1_epi8(byte as i8);
            Self(_mm256_cmpeq_epi8(self.0, byte), _mm256_cmpeq_epi8(self.1, byte)).high()
        }
    }

    #[inline(always)]
    unsafe fn high(self) -> u64 {
        // SAFETY: the caller vouches for the instruction set.
        let (low, high) = unsafe { (_mm256_movemask_epi8(self.0), _mm256_movemask_epi8(self.1)) };
        u64::from(low as u32) | u64::from(high as u32) << 32
    }

    #[inline(always)]
    unsafe fn prefix_xor(bits: u64) -> u64 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { prefix_xor(bits) }
    }

    #[inline(always)]
    unsafe fn positions(bits: u64, base: u32, to: &mut [u32; CHUNK_BYTES]) {
        portable::positions(bits, base, to);
    }

    #[inline(always)]
    unsafe fn decimal(window: &[u8; WINDOW_BYTES], length: usize) -> Decimal {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { decimal(window, length) }
    }
}

impl Chunk for Avx512 {
    #[inline(always)]
    unsafe fn load(bytes: &[u8; CHUNK_BYTES]) -> Self {
        // SAFETY: the array has as many bytes, and the caller vouches for the instruction set.
        unsafe { Self(_mm512_loadu_si512(bytes.as_ptr().cast())) }
    }

    #[inline(always)]
    unsafe fn equal(self, byte: u8) -> u64 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm512_cmpeq_epi8_mask(self.0, _mm512_set1_epi8(byte as i8)) }
    }

    #[inline(always)]
    unsafe fn high(self) -> u64 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm512_movepi8_mask(self.0) }
    }

    #[inline(always)]
    unsafe fn prefix_xor(bits: u64) -> u64 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { prefix_xor(bits) }
    }

    #[inline(always)]
    unsafe fn positions(bits: u64, base: u32, to: &mut [u32; CHUNK_BYTES]) {
        let mut n_written = 0;
        for quarter in 0..4u32 {
            let bits = (bits >> (16 * quarter)) as u16;
            let to = &mut to[n_written..n_written + 16];
            // SAFETY: the slice has as many elements, and the caller vouches for the instruction set.
            unsafe {
                let first = _mm512_set1_epi32((base + 16 * quarter) as i32);
                let each = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
                let found = _mm512_maskz_compress_epi32(bits, _mm512_add_epi32(first, each));
                _mm512_storeu_si512(to.as_mut_ptr().cast(), found);
            }
            n_written += bits.count_ones() as usize;
        }
    }

    #[inline(always)]
    unsafe fn decimal(window: &[u8; WINDOW_BYTES], length: usize) -> Decimal {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { decimal(window, length) }
    }

    #[inline(always)]
    unsafe fn decimals<const STRICT: bool>(bytes: &[u8], bunch: &Bunch, to: &mut Decimals) {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { decimals::decimals::<STRICT>(bytes, bunch, to) }
    }

    #[inline(always)]
    unsafe fn nearest(decimals: &Decimals, to: &mut [f64; BUNCH]) -> u64 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { nearest::nearest(decimals, to) }
    }
}

/// The literal in the last `length` bytes of a window, from 1 to 32: its digits are put side by side, without sign and
/// point, and neighbours made one number, again and again.
#[inline(always)]
unsafe fn decimal(window: &[u8; WINDOW_BYTES], length: usize) -> Decimal {
    // SAFETY: the length says that the byte is in the window.
    let negative = unsafe { *window.get_unchecked(WINDOW_BYTES - length) } == b'-';
    let length = length - usize::from(negative);
    // SAFETY: the window has a byte more than a vector, and the caller vouches for the instruction set.
    let (text, before) = unsafe {
        let from = window.as_ptr();
        (_mm256_loadu_si256(from.add(1).cast()), _mm256_loadu_si256(from.cast()))
    };
    // SAFETY: the caller vouches for the instruction set, and all lengths are at most that of a vector.
    unsafe {
        let others = !digits(text) & (u64::from(u32::MAX) << (32 - length)) as u32;
        let zero = _mm256_set1_epi8(b'0' as i8);
        if others == 0 && length > 0 {
            let digits = _mm256_and_si256(_mm256_sub_epi8(text, zero), last(length));
            return decimal_of(digits, 0, negative, Form::Integer);
        }
        let point = others.trailing_zeros() as usize;
        let is_point = others.is_power_of_two() && *window.get_unchecked(1 + point) == b'.';
        if !is_point || length == 1 {
            return Decimal::OTHER;
        }
        // What stands before the point moves up to close the gap.
        let n_behind = 31 - point;
        let text = _mm256_blendv_epi8(before, text, last(n_behind));
        let digits = _mm256_and_si256(_mm256_sub_epi8(text, zero), last(length - 1));
        decimal_of(digits, -(n_behind as i32), negative, Form::Fraction)
    }
}

/// The bytes that are digits.
#[inline(always)]
unsafe fn digits(text: __m256i) -> u32 {
    // SAFETY: the caller vouches for the instruction set.
    unsafe {
        let digits = _mm256_sub_epi8(text, _mm256_set1_epi8(b'0' as i8));
        let within = _mm256_min_epu8(digits, _mm256_set1_epi8(9));
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(within, digits)) as u32
    }
}

/// All ones in the last `n_bytes`, at most 32.
#[inline(always)]
unsafe fn last(n_bytes: usize) -> __m256i {
    // SAFETY: there are 32 bytes from there on, and the caller vouches for the instruction set.
    unsafe { _mm256_loadu_si256(LAST.as_ptr().add(n_bytes).cast()) }
}

/// The decimal with these 32 digits, unless they are too many for 64 bits.
#[inline(always)]
unsafe fn decimal_of(digits: __m256i, exponent: i32, negative: bool, form: Form) -> Decimal {
    // SAFETY: the caller vouches for the instruction set.
    let (high, low) = unsafe {
        let pairs = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(0x01_0a));
        let fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x0001_0064));
        let packed = _mm256_packus_epi32(fours, fours);
        let eights = _mm256_madd_epi16(packed, _mm256_set1_epi32(0x0001_2710));
        (_mm256_extract_epi64::<0>(eights) as u64, _mm256_extract_epi64::<2>(eights) as u64)
    };
    let (first, second) = (high.rotate_left(32), low.rotate_left(32));
    if first > HIGH_MAX {
        return Decimal::OTHER;
    }
    let eight = 100_000_000;
    let mantissa = first * eight * eight + (second >> 32) * eight + u64::from(second as u32);
    Decimal { mantissa, exponent, negative, form }
}
