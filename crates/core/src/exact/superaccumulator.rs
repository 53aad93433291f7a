//! Superaccumulators: fixed-point numbers wide enough for any sum of binary64 values, or of their
//! squares, so that adding one is exact and no order can matter.
//!
//! After Neal, "Fast exact summation using small and large superaccumulators" (arXiv 1505.05571): chunks
//! of 32 bits in 64-bit words leave room for many additions before a carry has to be propagated.
//!
//! The widths follow from what is summed. The lowest place is that of the smallest product of subnormals, and the
//! highest leaves 64 bits above the largest, so that 2^64 addends cannot overflow. Nothing is allocated. NaN and
//! infinities are not here: those who sum count them beside.

use super::limbs::Limbs;
use super::{Dyadic, Natural, Value, round};
use core::ops::Range;

/// Bits from one chunk to the next.
const CHUNK_BITS: u32 = 32;

/// How many additions fit between two carry propagations: each changes a chunk by less than 2^32, twice
/// for a product's two halves, and a chunk holds 2^63.
///
/// 2^29 times twice 2^32 are 2^62, and a carried chunk beside that is nothing.
const ADDITIONS_MAX: u32 = 1 << 29;

/// An exact sum: Σ `chunks[i]`·2^(32·i + BASE). Few of the chunks are touched by ordinary values, and only
/// those take part in merging, carrying and rounding.
///
/// Two that hold the same sum may differ in their chunks, since carries may or may not have been propagated: what
/// is compared and encoded is the [`Dyadic`] that they give.
///
/// Cost: 8 bytes a chunk (576 for sums, 1120 for squares); some nanoseconds an addition, with a carry over all touched
/// chunks every 2^29.
#[derive(Clone, Debug)]
pub struct Superaccumulator<const CHUNKS: usize, const BASE: i32> {
    chunks: [i64; CHUNKS],
    /// Chunks below this one are zero.
    low: usize,
    /// Chunks from this one on are zero.
    high: usize,
    /// How many since the last carry propagation: merged and carried sums begin at none.
    additions: u32,
}

/// Sums binary64 values: from 2^-1088, below the smallest (2^-1074), to 2^1216: 2^64 times the largest
/// with room to spare.
pub type SumAccumulator = Superaccumulator<72, -1088>;

/// Sums squares and products of binary64 values: from 2^-2176, below the smallest (2^-2148), to 2^2304.
pub type SquareAccumulator = Superaccumulator<140, -2176>;

/// Sums cubes, and products of three values: from 2^-3232, below the smallest (2^-3222), to 2^3168.
pub type CubeAccumulator = Superaccumulator<200, -3232>;

/// Sums fourth powers: from 2^-4320, below the smallest (2^-4296), to 2^4192.
pub type FourthAccumulator = Superaccumulator<266, -4320>;

impl<const CHUNKS: usize, const BASE: i32> Default for Superaccumulator<CHUNKS, BASE> {
    fn default() -> Self {
        Self { chunks: [0; CHUNKS], low: CHUNKS, high: 0, additions: 0 }
    }
}

impl<const CHUNKS: usize, const BASE: i32> Superaccumulator<CHUNKS, BASE> {
    /// Adds ±`magnitude`·2^`exponent`, which must lie within the range of the accumulator.
    ///
    /// Exact: shifted to its place, the magnitude is cut into three parts of 32 bits, and each is added to its chunk.
    ///
    /// # Panics
    /// May, when the exponent lies outside the range: what is added comes from [`Value::to_parts`] or is a product of
    /// such, and lies within.
    #[inline]
    pub fn add(&mut self, negative: bool, magnitude: u64, exponent: i32) {
        if self.additions == ADDITIONS_MAX {
            self.propagate();
        }
        self.additions += 1;
        self.add_unchecked(negative, magnitude, exponent);
    }

    /// Adds ±`magnitude`·2^`exponent` for a product of two significands or integers.
    ///
    /// The two halves count as one addition, which the bound on additions allows for.
    #[inline]
    pub fn add_wide(&mut self, negative: bool, magnitude: u128, exponent: i32) {
        self.add(negative, magnitude as u64, exponent);
        self.add_unchecked(negative, (magnitude >> 64) as u64, exponent + 64);
    }

    /// Adds ±`magnitude`·`times`·2^`exponent`.
    ///
    /// For runs of equal values: as exact as adding it so many times, by two wide additions.
    pub fn add_times(&mut self, negative: bool, magnitude: u128, times: u64, exponent: i32) {
        let half = |half: u128| (half & u128::from(u64::MAX)) * u128::from(times);
        self.add_wide(negative, half(magnitude), exponent);
        self.add_wide(negative, half(magnitude >> 64), exponent + 64);
    }

    /// Adds ±`limbs`·2^`exponent`, limbs of 64 bits with the least significant first.
    ///
    /// Any number of limbs within the range, as other sums bring them.
    #[inline]
    pub fn add_limbs(&mut self, negative: bool, limbs: &[u64], exponent: i32) {
        for (limb, place) in limbs.iter().zip((exponent..).step_by(64)) {
            self.add(negative, *limb, place);
        }
    }

    /// Adds what `other` holds.
    ///
    /// Associative and commutative, since the sums are integers. Only touched chunks are visited.
    pub fn merge(&mut self, other: &Self) {
        // Carried, its chunks have room for those of `other`, which then need no carrying of their own.
        self.propagate();
        for (chunk, addend) in self.chunks[other.touched()].iter_mut().zip(other.touched_chunks()) {
            *chunk += addend;
        }
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
        self.propagate();
    }

    /// The exact sum.
    #[inline]
    pub fn to_dyadic(&self) -> Dyadic {
        let (negative, magnitude, exponent) = self.to_parts();
        Dyadic::new(negative, &magnitude, exponent)
    }

    /// The binary64 nearest to the exact sum, ties to even; infinite when it is too large, +0.0 when it is
    /// or rounds to zero.
    #[inline]
    pub fn round(&self) -> f64 {
        let (negative, magnitude, exponent) = self.to_parts();
        round::nearest(negative, &magnitude, exponent.into(), false)
    }

    /// The exact sum as ±magnitude·2^exponent, in no normal form.
    ///
    /// The chunks are signed and may hold more than 32 bits: carried from the lowest up, each leaves 32 bits that
    /// are not negative and hands on the rest with its sign, and the last carry is the sign of the whole.
    #[inline]
    fn to_parts(&self) -> (bool, Natural, i32) {
        let touched = self.touched();
        let exponent = CHUNK_BITS as i32 * touched.start as i32 + BASE;
        // Two chunks a limb, and the last carry above them as the sign of two's complement.
        let mut limbs = Limbs::zeros(touched.len() / 2 + 1);
        let mut carry = 0;
        let places = (0..).map(|index| (index / 2, CHUNK_BITS * (index as u32 % 2)));
        for (chunk, (index, shift)) in self.touched_chunks().iter().zip(places) {
            let full = *chunk + carry;
            limbs[index] |= u64::from(full as u32) << shift;
            carry = full >> CHUNK_BITS;
        }
        limbs[touched.len() / 2] |= (carry as u64) << (CHUNK_BITS * (touched.len() as u32 % 2));
        if carry < 0 {
            negate(&mut limbs);
        }
        (carry < 0, limbs.into(), exponent)
    }

    /// Adds without counting it: for the second half of what has been counted.
    #[inline]
    fn add_unchecked(&mut self, negative: bool, magnitude: u64, exponent: i32) {
        let place = (exponent - BASE) as u32;
        let (index, shift) = ((place / CHUNK_BITS) as usize, place % CHUNK_BITS);
        let wide = u128::from(magnitude) << shift;
        let sign = -i64::from(negative); // 0 or all ones: (x ^ sign) - sign is ±x
        let parts = [wide as u32, (wide >> 32) as u32, (wide >> 64) as u32];
        for (chunk, part) in self.chunks[index..index + 3].iter_mut().zip(parts) {
            *chunk += (i64::from(part) ^ sign) - sign;
        }
        self.low = self.low.min(index);
        self.high = self.high.max(index + 3);
    }

    /// Carries what exceeds 32 bits upwards. Afterwards the touched chunks are in [0, 2^32), but for the
    /// highest: that one is signed and below 2^32 in magnitude.
    ///
    /// The top keeps its sign, so that a negative sum does not fill all chunks above it with ones.
    fn propagate(&mut self) {
        self.additions = 0;
        let touched = self.touched();
        let Some((top, below)) = self.chunks[touched].split_last_mut() else { return };
        let mut carry = 0;
        for chunk in below {
            let full = *chunk + carry;
            *chunk = full & i64::from(u32::MAX);
            carry = full >> CHUNK_BITS;
        }
        *top += carry;
        let over = *top >> CHUNK_BITS;
        // A top of −1 would be carried on and on; and above the last chunk there is none.
        if !matches!(over, -1 | 0) && self.high < CHUNKS {
            *top &= i64::from(u32::MAX);
            self.chunks[self.high] = over;
            self.high += 1;
        }
    }

    /// Which chunks may be other than zero.
    #[inline]
    fn touched(&self) -> Range<usize> {
        self.low.min(self.high)..self.high
    }

    #[inline]
    fn touched_chunks(&self) -> &[i64] {
        &self.chunks[self.touched()]
    }
}

/// Two's complement: `limbs = -limbs`.
fn negate(limbs: &mut [u64]) {
    let mut carry = true;
    for limb in limbs {
        (*limb, carry) = (!*limb).overflowing_add(u64::from(carry));
    }
}

impl SumAccumulator {
    /// Adds a finite binary64.
    #[inline]
    pub fn add_f64(&mut self, value: f64) {
        let (negative, significand, exponent) = super::value::decompose(value);
        self.add(negative, significand, exponent);
    }
}

impl SquareAccumulator {
    /// Adds the exact square of a finite binary64: 106 bits, never rounded.
    #[inline]
    pub fn add_square(&mut self, value: f64) {
        let (_, significand, exponent) = super::value::decompose(value);
        self.add_wide(false, u128::from(significand) * u128::from(significand), 2 * exponent);
    }
}

impl CubeAccumulator {
    /// Adds the exact cube of a finite value: 192 bits, never rounded.
    #[inline]
    pub fn add_cube(&mut self, value: Value) {
        let (negative, magnitude, exponent) = value.to_parts();
        let square = u128::from(magnitude) * u128::from(magnitude);
        self.add_product(negative, square, magnitude, 3 * exponent);
    }

    /// Adds ±`wide`·`factor`·2^`exponent` for a product of three significands or integers.
    #[inline]
    pub fn add_product(&mut self, negative: bool, wide: u128, factor: u64, exponent: i32) {
        self.add_limbs(negative, &times(wide, factor), exponent);
    }
}

impl FourthAccumulator {
    /// Adds the exact fourth power of a finite value: 256 bits, never rounded.
    #[inline]
    pub fn add_fourth(&mut self, value: Value) {
        let (_, magnitude, exponent) = value.to_parts();
        let square = u128::from(magnitude) * u128::from(magnitude);
        self.add_limbs(false, &times(square, square as u64), 4 * exponent);
        self.add_limbs(false, &times(square, (square >> 64) as u64), 4 * exponent + 64);
    }
}

/// `wide * factor`, least significant limb first.
#[inline]
fn times(wide: u128, factor: u64) -> [u64; 3] {
    let low = u128::from(wide as u64) * u128::from(factor);
    let high = (wide >> 64) * u128::from(factor) + (low >> 64);
    [low as u64, high as u64, (high >> 64) as u64]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn exact(value: f64) -> Dyadic {
        Value::from(value).to_dyadic()
    }

    proptest! {
        #[test]
        fn sums_and_squares_equal_those_of_natural_arithmetic(
            values in proptest::collection::vec(any::<f64>().prop_filter("finite", |x| x.is_finite()), 0..60),
            cut in 0usize..60,
        ) {
            let (mut sum, mut squares) = (Dyadic::default(), Dyadic::default());
            let (left, right) = values.split_at(cut.min(values.len()));
            let mut sums = [SumAccumulator::default(), SumAccumulator::default()];
            let mut square_sums = [SquareAccumulator::default(), SquareAccumulator::default()];
            for (part, half) in [left, right].into_iter().enumerate() {
                for value in half {
                    sums[part].add_f64(*value);
                    square_sums[part].add_square(*value);
                    sum = sum.add(&exact(*value));
                    squares = squares.add(&exact(*value).mul(&exact(*value)));
                }
            }
            let [mut first, second] = sums;
            first.merge(&second);
            prop_assert_eq!(first.round().to_bits(), sum.round().to_bits());
            prop_assert_eq!(first.to_dyadic(), sum);
            let [mut first, second] = square_sums;
            first.merge(&second);
            prop_assert_eq!(first.to_dyadic(), squares);
        }
    }

    #[test]
    fn cubes_and_fourth_powers_equal_those_of_natural_arithmetic() {
        let (mut cubes, mut fourths) = (CubeAccumulator::default(), FourthAccumulator::default());
        let (mut cube_sum, mut fourth_sum) = (Dyadic::default(), Dyadic::default());
        let tiny = f64::from_bits(1);
        let floats =
            [1.5, -0.1, f64::MAX, f64::MIN, f64::MAX, tiny, -tiny, 3e-200].map(Value::from);
        for value in floats.into_iter().chain([Value::from(u64::MAX), Value::from(i64::MIN + 1)]) {
            cubes.add_cube(value);
            fourths.add_fourth(value);
            let exact = value.to_dyadic();
            let cube = exact.mul(&exact).mul(&exact);
            fourth_sum = fourth_sum.add(&cube.mul(&exact));
            cube_sum = cube_sum.add(&cube);
        }
        assert_eq!(cubes.to_dyadic(), cube_sum);
        assert_eq!(fourths.to_dyadic(), fourth_sum);
    }

    #[test]
    fn carries_are_propagated_before_a_chunk_is_full() {
        let mut full = SumAccumulator::default();
        full.add(true, u64::MAX, 0);
        full.additions = ADDITIONS_MAX;
        full.add(true, u64::MAX, 0);
        assert_eq!(full.additions, 1);
        assert_eq!(full.to_dyadic(), Dyadic::new(true, &Natural::from(u64::MAX), 1));
    }

    #[test]
    fn the_widest_values_fit() {
        let mut sums = SumAccumulator::default();
        let mut squares = SquareAccumulator::default();
        for value in [f64::MAX, f64::MAX, -f64::from_bits(1)] {
            sums.add_f64(value);
            squares.add_square(value);
        }
        let max = exact(f64::MAX);
        let tiny = exact(f64::from_bits(1));
        assert_eq!(sums.to_dyadic(), max.add(&max).sub(&tiny));
        assert_eq!(squares.to_dyadic(), max.mul(&max).mul(&Dyadic::from(2)).add(&tiny.mul(&tiny)));
    }
}
