//! The binary64 nearest to each literal of a bunch, eight at a time: what `number::binary` does for one, with every step
//! taken for all of them, so that nothing has to be foreseen.

#[allow(clippy::wildcard_imports)] // intrinsics
use core::arch::x86_64::*;

use super::super::{Decimals, decimals::BUNCH};
use crate::number::{FRACTION_BITS, FRACTION_HALVES, LOG2_OF_TEN, TIES};

/// Literals whose words make a vector.
const LANES: usize = 8;

/// Rounds the literals of a bunch. Gives a bit for each that it leaves undecided.
#[inline(always)]
pub(super) unsafe fn nearest(decimals: &Decimals, to: &mut [f64; BUNCH]) -> u64 {
    let mut undecided = 0;
    // SAFETY: the caller vouches for the instruction set, and every slice is as long as what is loaded or stored.
    unsafe {
        let [high, low] = &FRACTION_HALVES;
        let (high, low) = (Powers::load(high), Powers::load(low));
        for first in (0..decimals.n_cells).step_by(LANES) {
            let mantissas = &decimals.mantissas[first..][..LANES];
            let exponents = &decimals.exponents[first..][..LANES];
            let mantissa = _mm512_loadu_si512(mantissas.as_ptr().cast());
            let exponent = _mm512_cvtepi16_epi64(_mm_loadu_si128(exponents.as_ptr().cast()));
            let n_zeros = _mm512_lzcnt_epi64(mantissa);
            let index = _mm512_sub_epi64(_mm512_setzero_si512(), exponent);
            let word = _mm512_sllv_epi64(mantissa, n_zeros);
            let product = Product::new(word, high.at(index), low.at(index));
            let bits = product.rounded(n_zeros, exponent);
            let bits = _mm512_maskz_mov_epi64(_mm512_test_epi64_mask(mantissa, mantissa), bits);
            let negative = (decimals.negative >> first) as u8;
            let sign = _mm512_set1_epi64(i64::MIN);
            let bits = _mm512_mask_or_epi64(bits, negative, bits, sign);
            let to = &mut to[first..][..LANES];
            _mm512_storeu_si512(to.as_mut_ptr().cast(), bits);
            let all_ones = _mm512_cmpeq_epi64_mask(product.low, _mm512_set1_epi64(-1));
            undecided |= u64::from(all_ones) << first;
        }
    }
    undecided
}

/// A table of 32 words in registers.
#[derive(Clone, Copy)]
struct Powers([__m512i; 4]);

impl Powers {
    #[inline(always)]
    unsafe fn load(table: &[u64; 32]) -> Self {
        let from = table.as_ptr();
        // SAFETY: the table has as many words as four vectors, and the caller vouches for the instruction set.
        unsafe {
            Self([
                _mm512_loadu_si512(from.cast()),
                _mm512_loadu_si512(from.add(LANES).cast()),
                _mm512_loadu_si512(from.add(2 * LANES).cast()),
                _mm512_loadu_si512(from.add(3 * LANES).cast()),
            ])
        }
    }

    /// The words with these indices, of which the last five bits count.
    #[inline(always)]
    unsafe fn at(self, index: __m512i) -> __m512i {
        let [first, second, third, fourth] = self.0;
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let low = _mm512_permutex2var_epi64(first, index, second);
            let is_high = _mm512_test_epi64_mask(index, _mm512_set1_epi64(16));
            let high = _mm512_permutex2var_epi64(third, index, fourth);
            _mm512_mask_mov_epi64(low, is_high, high)
        }
    }
}

/// The first 128 bits of products of 192.
#[derive(Clone, Copy)]
struct Product {
    high: __m512i,
    low: __m512i,
}

impl Product {
    /// Of words and powers, of which the high and the low halves are given.
    #[inline(always)]
    unsafe fn new(word: __m512i, high: __m512i, low: __m512i) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let first = Self::of_words(word, high);
            let carried = Self::of_words(word, low).high;
            let low = _mm512_add_epi64(first.low, carried);
            let carry = _mm512_cmplt_epu64_mask(low, carried);
            let high = _mm512_mask_add_epi64(first.high, carry, first.high, _mm512_set1_epi64(1));
            Self { high, low }
        }
    }

    /// By the products of halves.
    #[inline(always)]
    unsafe fn of_words(left: __m512i, right: __m512i) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let half = _mm512_set1_epi64(u32::MAX.into());
            let left_high = _mm512_srli_epi64::<32>(left);
            let right_high = _mm512_srli_epi64::<32>(right);
            let lowest = _mm512_mul_epu32(left, right);
            let middle = _mm512_mul_epu32(left_high, right);
            let middle = _mm512_add_epi64(middle, _mm512_srli_epi64::<32>(lowest));
            let other = _mm512_mul_epu32(left, right_high);
            let other = _mm512_add_epi64(other, _mm512_and_si512(middle, half));
            let highest = _mm512_mul_epu32(left_high, right_high);
            let carried =
                _mm512_add_epi64(_mm512_srli_epi64::<32>(middle), _mm512_srli_epi64::<32>(other));
            Self {
                high: _mm512_add_epi64(highest, carried),
                low: _mm512_mask_mov_epi32(lowest, 0xaaaa, _mm512_slli_epi64::<32>(other)),
            }
        }
    }

    /// The bits of the binary64 that products are rounded to; the words had so many zeros before them.
    #[inline(always)]
    unsafe fn rounded(self, n_zeros: __m512i, exponent: __m512i) -> __m512i {
        let Self { high, low } = self;
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let one = _mm512_set1_epi64(1);
            let upper = _mm512_srli_epi64::<63>(high);
            let below = i64::from(64 - FRACTION_BITS - 3);
            let shift = _mm512_add_epi64(upper, _mm512_set1_epi64(below));
            let m = _mm512_srlv_epi64(high, shift);
            // Ties, which go to the even neighbour below. No exponent is above zero.
            let tie_min = _mm512_set1_epi64((*TIES.start()).into());
            let ties = _mm512_cmple_epu64_mask(low, one)
                & _mm512_cmpge_epi64_mask(exponent, tie_min)
                & _mm512_cmpeq_epi64_mask(_mm512_and_si512(m, _mm512_set1_epi64(3)), one)
                & _mm512_cmpeq_epi64_mask(_mm512_sllv_epi64(m, shift), high);
            let m = _mm512_mask_sub_epi64(m, ties, m, one);
            let m = _mm512_srli_epi64::<1>(_mm512_add_epi64(m, _mm512_and_si512(m, one)));
            let p = _mm512_mul_epi32(exponent, _mm512_set1_epi64(LOG2_OF_TEN.into()));
            let p = _mm512_srai_epi64::<16>(p);
            let bias = i64::from(63 + f64::MAX_EXP - 2);
            let p = _mm512_add_epi64(p, _mm512_set1_epi64(bias));
            let p = _mm512_add_epi64(p, _mm512_sub_epi64(upper, n_zeros));
            _mm512_add_epi64(_mm512_slli_epi64::<{ FRACTION_BITS }>(p), m)
        }
    }
}
