//! The literals of a bunch of cells in vectors of 64 bytes. Two cells lie in one vector of bytes, and what is found out
//! about sixteen of them in one vector of words of 32 bits: the first byte of a window is the lowest bit of its word.
//!
//! Each step is a loop over the whole bunch, so that nothing waits for the branches and the latencies of one cell.

#[allow(clippy::wildcard_imports)] // intrinsics
use core::arch::x86_64::*;

use super::{
    super::{Bunch, Decimals, WINDOW_BYTES, decimals::BUNCH},
    HIGH_MAX,
};

/// Cells whose words make a vector, and how many such vectors a bunch has.
const LANES: usize = 16;

/// 10^8 and 10^16, by which eight and sixteen digits count for more than those behind them.
const EIGHT: u64 = 100_000_000;
const SIXTEEN: u64 = EIGHT * EIGHT;

/// A word for each cell.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Words([u32; BUNCH]);

impl Words {
    const ZERO: Self = Self([0; BUNCH]);

    /// The words of the vector with this index.
    #[inline(always)]
    unsafe fn load(&self, index: usize) -> __m512i {
        let words = &self.0[LANES * index..][..LANES];
        // SAFETY: the slice has as many words, and the caller vouches for the instruction set.
        unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
    }

    #[inline(always)]
    unsafe fn store(&mut self, index: usize, vector: __m512i) {
        let words = &mut self.0[LANES * index..][..LANES];
        // SAFETY: the slice has as many words, and the caller vouches for the instruction set.
        unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), vector) }
    }

    /// The words of two cells as one of 64 bits.
    #[inline(always)]
    fn pair(&self, pair: usize) -> u64 {
        u64::from(self.0[2 * pair]) | u64::from(self.0[2 * pair + 1]) << 32
    }

    #[inline(always)]
    fn set_pair(&mut self, pair: usize, bits: u64) {
        (self.0[2 * pair], self.0[2 * pair + 1]) = (bits as u32, (bits >> 32) as u32);
    }
}

/// The windows of a bunch.
struct Windows<'a> {
    bytes: &'a [u8],
    /// Where they begin: each is in the text.
    starts: Words,
}

impl Windows<'_> {
    /// The windows of two cells, but for the first byte of each, or with `SHIFT` 0 for the last.
    #[inline(always)]
    unsafe fn pair<const SHIFT: usize>(&self, pair: usize) -> __m512i {
        let [first, second] = [0, 1].map(|cell| self.starts.0[2 * pair + cell] as usize + SHIFT);
        let from = self.bytes.as_ptr();
        // SAFETY: a window has a byte more than half a vector; and the caller vouches for the instruction set.
        unsafe {
            let low = _mm256_loadu_si256(from.add(first).cast());
            let high = _mm256_loadu_si256(from.add(second).cast());
            _mm512_inserti64x4::<1>(_mm512_castsi256_si512(low), high)
        }
    }
}

/// Finds the literals of a bunch.
#[inline(always)]
pub(super) unsafe fn decimals<const STRICT: bool>(bytes: &[u8], bunch: &Bunch, to: &mut Decimals) {
    let mut windows = Windows { bytes, starts: Words::ZERO };
    let mut lengths = Words::ZERO;
    let n_vectors = bunch.n_cells.div_ceil(LANES);
    // SAFETY: the caller vouches for the instruction set, and `find` leaves no window that is not in the text.
    unsafe {
        to.n_cells = bunch.n_cells;
        to.others = windows.find(bunch, &mut lengths);
        if to.others & bunch.there() == bunch.there() {
            return;
        }
        let classes = Classes::<STRICT>::new(&windows, n_vectors);
        let shape = classes.shape(&lengths, to, n_vectors);
        read(&windows, &shape, to, n_vectors);
    }
}

impl Windows<'_> {
    /// Finds the windows before the ends of cells, and how long those are. Gives a bit for each cell that is too long or
    /// has no window: it gets the first one, if there is one.
    #[inline(always)]
    unsafe fn find(&mut self, bunch: &Bunch, lengths: &mut Words) -> u64 {
        let mut others = 0;
        for index in 0..BUNCH / LANES {
            let from = LANES * index;
            let (starts, ends) = (&bunch.starts[from..][..LANES], &bunch.ends[from..][..LANES]);
            // SAFETY: the slices are as long as a vector, and the caller vouches for the instruction set.
            unsafe {
                let end = _mm512_loadu_si512(ends.as_ptr().cast());
                let length = _mm512_sub_epi32(end, _mm512_loadu_si512(starts.as_ptr().cast()));
                let one = _mm512_set1_epi32(1);
                let window = _mm512_set1_epi32(WINDOW_BYTES as i32);
                let fits =
                    _mm512_cmplt_epu32_mask(_mm512_sub_epi32(length, one), _mm512_set1_epi32(31))
                        & _mm512_cmpge_epu32_mask(end, window)
                        & _mm512_cmple_epu32_mask(end, _mm512_set1_epi32(self.bytes.len() as i32));
                self.starts.store(index, _mm512_maskz_sub_epi32(fits, end, window));
                lengths.store(index, _mm512_mask_mov_epi32(one, fits, length));
                others |= u64::from(!fits) << from;
            }
        }
        others
    }
}

/// What the bytes of windows are, but for the first of each: not digits, points, minuses, or zeros, of which is only asked
/// if literals are to be strict.
struct Classes<const STRICT: bool> {
    others: Words,
    points: Words,
    minuses: Words,
    zeros: Words,
}

impl<const STRICT: bool> Classes<STRICT> {
    #[inline(always)]
    unsafe fn new(windows: &Windows<'_>, n_vectors: usize) -> Self {
        let [others, points, minuses, zeros] = [Words::ZERO; 4];
        let mut classes = Self { others, points, minuses, zeros };
        for pair in 0..n_vectors * LANES / 2 {
            // SAFETY: the caller vouches for the instruction set.
            unsafe {
                let text = windows.pair::<1>(pair);
                let digits = _mm512_sub_epi8(text, _mm512_set1_epi8(b'0' as i8));
                let others = _mm512_cmpgt_epu8_mask(digits, _mm512_set1_epi8(9));
                let points = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8(b'.' as i8));
                let minuses = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8(b'-' as i8));
                classes.others.set_pair(pair, others);
                classes.points.set_pair(pair, points);
                classes.minuses.set_pair(pair, minuses);
                if STRICT {
                    let zeros = _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8(b'0' as i8));
                    classes.zeros.set_pair(pair, zeros);
                }
            }
        }
        classes
    }

    /// Finds signs and points, and all that is no literal.
    #[inline(always)]
    unsafe fn shape(&self, lengths: &Words, to: &mut Decimals, n_vectors: usize) -> Shape {
        let mut shape = Shape { moved: Words::ZERO, digits: Words::ZERO };
        (to.negative, to.integers) = (0, 0);
        for index in 0..n_vectors {
            let from = LANES * index;
            // SAFETY: the caller vouches for the instruction set.
            unsafe {
                let (one, ones) = (_mm512_set1_epi32(1), _mm512_set1_epi32(-1));
                let before = _mm512_sub_epi32(_mm512_set1_epi32(32), lengths.load(index));
                let cell = _mm512_sllv_epi32(ones, before);
                let first = _mm512_sllv_epi32(one, before);
                let sign = _mm512_and_si512(first, self.minuses.load(index));
                // What is neither digit nor sign: one point, or nothing.
                let rest =
                    _mm512_andnot_si512(sign, _mm512_and_si512(cell, self.others.load(index)));
                let fraction = _mm512_test_epi32_mask(rest, rest);
                let unsigned = _mm512_andnot_si512(sign, cell);
                let digits = _mm512_mask_slli_epi32::<1>(unsigned, fraction, unsigned);
                // The digits behind the point, or 32 without one.
                let behind = _mm512_lzcnt_epi32(rest);
                shape.moved.store(index, _mm512_srlv_epi32(ones, behind));
                shape.digits.store(index, digits);
                let n_behind = _mm512_and_si512(behind, _mm512_set1_epi32(31));
                let exponents =
                    _mm512_cvtepi32_epi16(_mm512_sub_epi32(_mm512_setzero_si512(), n_behind));
                let to_exponents = &mut to.exponents[from..][..LANES];
                _mm256_storeu_si256(to_exponents.as_mut_ptr().cast(), exponents);
                to.negative |= u64::from(_mm512_test_epi32_mask(sign, sign)) << from;
                to.integers |= u64::from(!fraction) << from;
                let mut faults = self.faults(index, rest, digits);
                if STRICT {
                    faults |= self.loose(index, unsigned, rest);
                }
                to.others |= u64::from(faults) << from;
            }
        }
        shape
    }
}

impl<const STRICT: bool> Classes<STRICT> {
    /// The cells of a vector in which a point is the first or the last of what is `unsigned`, or a zero leads.
    #[inline(always)]
    unsafe fn loose(&self, index: usize, unsigned: __m512i, point: __m512i) -> u16 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let last = _mm512_set1_epi32(i32::MIN);
            // The lowest bit and the highest.
            let first = _mm512_andnot_si512(_mm512_slli_epi32::<1>(unsigned), unsigned);
            let is_point_first_or_last =
                _mm512_test_epi32_mask(point, _mm512_or_si512(first, last));
            let zero = _mm512_and_si512(first, self.zeros.load(index));
            let digits = _mm512_andnot_si512(point, unsigned);
            is_point_first_or_last | _mm512_test_epi32_mask(_mm512_slli_epi32::<1>(zero), digits)
        }
    }

    /// The cells of a vector in which something else than one point stands beside sign and digits, or no digit.
    #[inline(always)]
    unsafe fn faults(&self, index: usize, rest: __m512i, digits: __m512i) -> u16 {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let ones = _mm512_set1_epi32(-1);
            let no_points = _mm512_andnot_si512(self.points.load(index), rest);
            _mm512_test_epi32_mask(no_points, ones)
                | _mm512_test_epi32_mask(rest, _mm512_add_epi32(rest, ones))
                | _mm512_testn_epi32_mask(digits, digits)
        }
    }
}

/// Which bytes are moved up by one, to close the gap of the point; and where the digits stand then.
struct Shape {
    moved: Words,
    digits: Words,
}

/// Reads the digits of windows.
#[inline(always)]
unsafe fn read(windows: &Windows<'_>, shape: &Shape, to: &mut Decimals, n_vectors: usize) {
    for index in 0..n_vectors * LANES / 8 {
        let mantissas = &mut to.mantissas[8 * index..][..8];
        // SAFETY: the slice is as long as a vector, and the caller vouches for the instruction set.
        unsafe {
            let first = sixteens(windows, shape, 4 * index);
            let second = sixteens(windows, shape, 4 * index + 2);
            let before = _mm512_setr_epi64(0, 4, 1, 5, 8, 12, 9, 13);
            let behind = _mm512_setr_epi64(2, 6, 3, 7, 10, 14, 11, 15);
            let high = _mm512_permutex2var_epi64(first, before, second);
            let low = _mm512_permutex2var_epi64(first, behind, second);
            let too_long = _mm512_cmpgt_epu64_mask(high, _mm512_set1_epi64(HIGH_MAX as i64));
            // A product of 64 bits in two of 32.
            let [by_low, by_high] = [SIXTEEN & u64::from(u32::MAX), SIXTEEN >> 32];
            let lower = _mm512_mul_epu32(high, _mm512_set1_epi64(by_low as i64));
            let upper = _mm512_mul_epu32(high, _mm512_set1_epi64(by_high as i64));
            let high = _mm512_add_epi64(lower, _mm512_slli_epi64::<32>(upper));
            _mm512_storeu_si512(mantissas.as_mut_ptr().cast(), _mm512_add_epi64(low, high));
            to.others |= u64::from(too_long) << (8 * index);
        }
    }
}

/// The first and the last sixteen digits of four cells, from the pair with this index on: the first ones of cells 0 and 2,
/// their last ones, and the same of cells 1 and 3.
#[inline(always)]
unsafe fn sixteens(windows: &Windows<'_>, shape: &Shape, pair: usize) -> __m512i {
    // SAFETY: the caller vouches for the instruction set.
    unsafe {
        let (first, second) = (fours(windows, shape, pair), fours(windows, shape, pair + 1));
        let packed = _mm512_packus_epi32(first, second);
        let eights = _mm512_madd_epi16(packed, _mm512_set1_epi32(0x0001_2710));
        let before = _mm512_mul_epu32(eights, _mm512_set1_epi64(EIGHT as i64));
        _mm512_add_epi64(before, _mm512_srli_epi64::<32>(eights))
    }
}

/// The digits of two cells, four in a word of 32 bits.
#[inline(always)]
unsafe fn fours(windows: &Windows<'_>, shape: &Shape, pair: usize) -> __m512i {
    // SAFETY: the caller vouches for the instruction set.
    unsafe {
        let text = windows.pair::<1>(pair);
        let text = _mm512_mask_mov_epi8(text, shape.moved.pair(pair), windows.pair::<0>(pair));
        let digits =
            _mm512_maskz_sub_epi8(shape.digits.pair(pair), text, _mm512_set1_epi8(b'0' as i8));
        let pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(0x01_0a));
        _mm512_madd_epi16(pairs, _mm512_set1_epi32(0x0001_0064))
    }
}
