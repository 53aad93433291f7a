//! Keys in the vectors of x86-64.
//!
//! AVX-512 has all of it: 64-bit shifts that keep the sign, comparisons into masks, masked
//! additions. AVX2 compares into all-ones lanes, which subtracted as −1 count. SSE2 has no
//! comparison of 64-bit integers and no 64-bit shift that keeps the sign, so both are composed.

use super::super::keys::Keys;
#[allow(clippy::wildcard_imports)] // the intrinsics of three widths
use core::arch::x86_64::*;

impl Keys for __m512d {
    type Mask = __mmask8;

    #[inline(always)]
    unsafe fn keys(self) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let bits = _mm512_castpd_si512(self);
            let sign = _mm512_srai_epi64::<63>(bits);
            _mm512_castsi512_pd(_mm512_xor_si512(bits, _mm512_srli_epi64::<1>(sign)))
        }
    }

    #[inline(always)]
    unsafe fn below(self, other: Self) -> __mmask8 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm512_cmplt_epi64_mask(_mm512_castpd_si512(self), _mm512_castpd_si512(other)) }
    }

    #[inline(always)]
    unsafe fn count(self, mask: __mmask8, one: Self) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let counts = _mm512_castpd_si512(self);
            _mm512_castsi512_pd(_mm512_mask_add_epi64(
                counts,
                mask,
                counts,
                _mm512_castpd_si512(one),
            ))
        }
    }

    #[inline(always)]
    unsafe fn toggle(self, mask: __mmask8, one: Self) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm512_mask_xor_pd(self, mask, self, one) }
    }

    #[inline(always)]
    unsafe fn toggled(self) -> u32 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let bits = _mm512_castpd_si512(self);
            _mm512_test_epi64_mask(bits, bits).into()
        }
    }
}

impl Keys for __m256d {
    /// All bits of a chosen lane, none of another.
    type Mask = __m256i;

    /// The shift that would spread the sign is missing; comparing zero with the bits gives the
    /// same.
    #[inline(always)]
    unsafe fn keys(self) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let bits = _mm256_castpd_si256(self);
            let sign = _mm256_cmpgt_epi64(_mm256_setzero_si256(), bits);
            _mm256_castsi256_pd(_mm256_xor_si256(bits, _mm256_srli_epi64::<1>(sign)))
        }
    }

    #[inline(always)]
    unsafe fn below(self, other: Self) -> __m256i {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm256_cmpgt_epi64(_mm256_castpd_si256(other), _mm256_castpd_si256(self)) }
    }

    /// An all-ones lane is −1.
    #[inline(always)]
    unsafe fn count(self, mask: __m256i, _one: Self) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm256_castsi256_pd(_mm256_sub_epi64(_mm256_castpd_si256(self), mask)) }
    }

    /// All bits of the lane are inverted, of which one is read.
    #[inline(always)]
    unsafe fn toggle(self, mask: __m256i, _one: Self) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm256_xor_pd(self, _mm256_castsi256_pd(mask)) }
    }

    /// By the sign bits.
    #[inline(always)]
    unsafe fn toggled(self) -> u32 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm256_movemask_pd(self) as u32 }
    }
}

impl Keys for __m128d {
    /// The sign bit of a chosen lane is set.
    type Mask = __m128i;

    /// The upper half of each lane is copied over the lower, then shifted as 32-bit integers.
    #[inline(always)]
    unsafe fn keys(self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let bits = _mm_castpd_si128(self);
            let sign = _mm_srai_epi32::<31>(_mm_shuffle_epi32::<0b11_11_01_01>(bits));
            _mm_castsi128_pd(_mm_xor_si128(bits, _mm_srli_epi64::<1>(sign)))
        }
    }

    /// Only the sign bit of a lane means something here, which is what the others read.
    #[inline(always)]
    unsafe fn below(self, other: Self) -> __m128i {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            // The sign of the difference, unless the signs differ: then that of the left side.
            let (left, right) = (_mm_castpd_si128(self), _mm_castpd_si128(other));
            let differ = _mm_xor_si128(left, right);
            let difference = _mm_andnot_si128(differ, _mm_sub_epi64(left, right));
            _mm_or_si128(_mm_and_si128(differ, left), difference)
        }
    }

    /// The sign bit, moved to the lowest place, is the 1 to add.
    #[inline(always)]
    unsafe fn count(self, mask: __m128i, _one: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let ones = _mm_srli_epi64::<63>(mask);
            _mm_castsi128_pd(_mm_add_epi64(_mm_castpd_si128(self), ones))
        }
    }

    #[inline(always)]
    unsafe fn toggle(self, mask: __m128i, _one: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_xor_pd(self, _mm_castsi128_pd(mask)) }
    }

    #[inline(always)]
    unsafe fn toggled(self) -> u32 {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_movemask_pd(self) as u32 }
    }
}
