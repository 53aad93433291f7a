//! Keys in the vectors of x86-64.

use super::super::keys::Keys;
#[allow(clippy::wildcard_imports)] // the intrinsics of three widths
use core::arch::x86_64::*;

impl Keys for __m512d {
    type Mask = __mmask8;

    #[inline(always)]
    unsafe fn none() -> __mmask8 {
        0
    }

    #[inline(always)]
    unsafe fn toggle(mask: __mmask8, other: __mmask8) -> __mmask8 {
        mask ^ other
    }

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
    unsafe fn count(self, mask: __mmask8) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let counts = _mm512_castpd_si512(self);
            _mm512_castsi512_pd(_mm512_mask_add_epi64(counts, mask, counts, _mm512_set1_epi64(1)))
        }
    }

    #[inline(always)]
    unsafe fn compress(self, mask: __mmask8, to: *mut f64) -> usize {
        // Compressing to memory is slow on some processors: a whole vector is written.
        // SAFETY: the caller vouches for the instruction set and the place.
        unsafe { _mm512_storeu_pd(to, _mm512_maskz_compress_pd(mask, self)) };
        mask.count_ones() as usize
    }
}

impl Keys for __m256d {
    /// All bits of a chosen lane, none of another.
    type Mask = __m256i;

    #[inline(always)]
    unsafe fn none() -> __m256i {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm256_setzero_si256() }
    }

    #[inline(always)]
    unsafe fn toggle(mask: __m256i, other: __m256i) -> __m256i {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm256_xor_si256(mask, other) }
    }

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

    #[inline(always)]
    unsafe fn count(self, mask: __m256i) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe { _mm256_castsi256_pd(_mm256_sub_epi64(_mm256_castpd_si256(self), mask)) }
    }

    #[inline(always)]
    unsafe fn compress(self, mask: __m256i, to: *mut f64) -> usize {
        // SAFETY: the caller vouches for the instruction set and the place; a row of the table is read.
        unsafe {
            let chosen = _mm256_movemask_pd(_mm256_castsi256_pd(mask)) as usize & 15;
            let order = _mm256_loadu_si256(COMPRESSED.as_ptr().add(chosen).cast());
            let lanes = _mm256_permutevar8x32_epi32(_mm256_castpd_si256(self), order);
            _mm256_storeu_si256(to.cast(), lanes);
            chosen.count_ones() as usize
        }
    }
}

/// For each choice of four lanes, the halves of the chosen ones in order.
static COMPRESSED: [[u32; 8]; 16] = {
    let mut table = [[0; 8]; 16];
    let mut chosen = 0;
    while chosen < 16 {
        let (mut lane, mut length) = (0, 0);
        while lane < 4 {
            if chosen >> lane & 1 == 1 {
                table[chosen][length] = 2 * lane;
                table[chosen][length + 1] = 2 * lane + 1;
                length += 2;
            }
            lane += 1;
        }
        chosen += 1;
    }
    table
};

impl Keys for __m128d {
    /// The sign bit of a chosen lane is set.
    type Mask = __m128i;

    #[inline(always)]
    unsafe fn none() -> __m128i {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_setzero_si128() }
    }

    #[inline(always)]
    unsafe fn toggle(mask: __m128i, other: __m128i) -> __m128i {
        // SAFETY: SSE2 is part of x86-64.
        unsafe { _mm_xor_si128(mask, other) }
    }

    #[inline(always)]
    unsafe fn keys(self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let bits = _mm_castpd_si128(self);
            let sign = _mm_srai_epi32::<31>(_mm_shuffle_epi32::<0b11_11_01_01>(bits));
            _mm_castsi128_pd(_mm_xor_si128(bits, _mm_srli_epi64::<1>(sign)))
        }
    }

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

    #[inline(always)]
    unsafe fn count(self, mask: __m128i) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let ones = _mm_srli_epi64::<63>(mask);
            _mm_castsi128_pd(_mm_add_epi64(_mm_castpd_si128(self), ones))
        }
    }

    #[inline(always)]
    unsafe fn compress(self, mask: __m128i, to: *mut f64) -> usize {
        // SAFETY: SSE2 is part of x86-64; the caller vouches for two places.
        unsafe {
            let chosen = _mm_movemask_pd(_mm_castsi128_pd(mask)) as usize;
            let low = chosen & 1;
            _mm_storel_pd(to, self);
            _mm_storeh_pd(to.add(low), self);
            low + (chosen >> 1)
        }
    }
}
