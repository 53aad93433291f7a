//! Integers with exponents of ten, as decimals come: those of one exponent are added up with their squares, and the others
//! close ranks. Which loop is taken, and what it must equal, is in `kernel::decimals`.
//!
//! There is no instruction in here that only one processor has: these are loops over arrays of lanes, which the compiler
//! makes vectors of where it may.

use super::{Kernel, Vector, run};
use crate::kernel::{InstructionSet, decimals::IntegerSums};

/// Integers that are taken at a time.
const LANES: usize = 8;

/// Exponents whose comparisons make a word.
const WORD: usize = u64::BITS as usize;

/// Integers of fewer bits have halves of which 64 products can be summed in 64 bits.
const MAGNITUDE_BITS: u32 = 2 * HALF_BITS - 1;
const HALF_BITS: u32 = 29;
const HALF: u64 = (1 << HALF_BITS) - 1;

/// So many at most: 64 a lane.
pub(in super::super) const INTEGERS_MAX: usize = 64 * LANES;

/// The sums of the integers that have the exponent of the first; nothing, if one has too many bits.
///
/// # Panics
/// When there is none, or more than [`INTEGERS_MAX`].
pub(in super::super) fn sums_of_first(
    set: InstructionSet,
    integers: &[i64],
    exponents: &[i16],
) -> Option<IntegerSums> {
    assert!((1..=INTEGERS_MAX).contains(&integers.len()), "the lanes have room");
    run(set, Add { integers, exponents })
}

/// Moves the integers that have another exponent than the first to the front, in their order, and gives their number.
pub(in super::super) fn others_to_front(
    set: InstructionSet,
    integers: &mut [i64],
    exponents: &mut [i16],
) -> usize {
    run(set, CloseRanks { integers, exponents })
}

struct Add<'a> {
    integers: &'a [i64],
    exponents: &'a [i16],
}

impl Kernel for Add<'_> {
    type Output = Option<IntegerSums>;

    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) -> Option<IntegerSums> {
        let (exponent, one) = (self.exponents[0], self.integers[0]);
        let mut lanes = Lanes::new(one);
        let (integers, last_integers) = self.integers.as_chunks();
        let (exponents, last_exponents) = self.exponents.as_chunks();
        for (integers, exponents) in integers.iter().zip(exponents) {
            lanes.add(integers, exponents, exponent, one);
        }
        let mut last = ([0; LANES], [exponent.wrapping_add(1); LANES]);
        last.0[..last_integers.len()].copy_from_slice(last_integers);
        last.1[..last_exponents.len()].copy_from_slice(last_exponents);
        lanes.add(&last.0, &last.1, exponent, one);
        lanes.sums()
    }
}

/// What has been added up so far, in lanes.
struct Lanes {
    count: [u64; LANES],
    sum: [i64; LANES],
    /// The products of the halves: of the high ones, of both, of the low ones.
    squares: [[u64; LANES]; 3],
    min: [i64; LANES],
    max: [i64; LANES],
    /// All bits of the magnitudes.
    bits: [u64; LANES],
}

impl Lanes {
    #[inline(always)]
    fn new(one: i64) -> Self {
        Self {
            count: [0; LANES],
            sum: [0; LANES],
            squares: [[0; LANES]; 3],
            min: [one; LANES],
            max: [one; LANES],
            bits: [0; LANES],
        }
    }

    /// Adds those with the exponent, of which `one` is one: it stands for the others where that changes nothing.
    #[inline(always)]
    fn add(&mut self, integers: &[i64; LANES], exponents: &[i16; LANES], exponent: i16, one: i64) {
        let [high_squares, products, low_squares] = &mut self.squares;
        for lane in 0..LANES {
            let is_there = exponents[lane] == exponent;
            let integer = if is_there { integers[lane] } else { one };
            self.min[lane] = self.min[lane].min(integer);
            self.max[lane] = self.max[lane].max(integer);
            let integer = if is_there { integers[lane] } else { 0 };
            self.count[lane] += u64::from(is_there);
            self.sum[lane] = self.sum[lane].wrapping_add(integer);
            let magnitude = integer.unsigned_abs();
            self.bits[lane] |= magnitude;
            // A product of 32 bits is one instruction.
            let (high, low) = (magnitude >> HALF_BITS & u64::from(u32::MAX), magnitude & HALF);
            high_squares[lane] = high_squares[lane].wrapping_add(high * high);
            products[lane] = products[lane].wrapping_add(high * low);
            low_squares[lane] = low_squares[lane].wrapping_add(low * low);
        }
    }

    /// All lanes together, unless some may have overflowed.
    #[inline(always)]
    fn sums(&self) -> Option<IntegerSums> {
        let bits = self.bits.iter().fold(0, |all, bits| all | bits);
        if bits >> MAGNITUDE_BITS != 0 {
            return None;
        }
        let total = |lanes: &[u64; LANES]| lanes.iter().map(|lane| u128::from(*lane)).sum::<u128>();
        let [high_squares, products, low_squares] = self.squares.each_ref().map(total);
        let squares =
            (high_squares << (2 * HALF_BITS)) + (products << (HALF_BITS + 1)) + low_squares;
        Some(IntegerSums {
            count: self.count.iter().sum(),
            sum: self.sum.iter().map(|lane| i128::from(*lane)).sum(),
            squares: (squares, 0),
            min: self.min.iter().copied().fold(i64::MAX, i64::min),
            max: self.max.iter().copied().fold(i64::MIN, i64::max),
        })
    }
}

struct CloseRanks<'a> {
    integers: &'a mut [i64],
    exponents: &'a mut [i16],
}

impl Kernel for CloseRanks<'_> {
    type Output = usize;

    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) -> usize {
        let Self { integers, exponents } = self;
        let (first, mut n_others) = (exponents[0], 0);
        for start in (0..exponents.len()).step_by(WORD) {
            let mut word = [first; WORD];
            let behind = exponents.len().min(start + WORD);
            word[..behind - start].copy_from_slice(&exponents[start..behind]);
            let differ = word.iter().enumerate();
            let mut differ =
                differ.fold(0u64, |bits, (at, it)| bits | u64::from(*it != first) << at);
            while differ != 0 {
                let at = differ.trailing_zeros() as usize;
                integers[n_others] = integers[start + at];
                exponents[n_others] = word[at];
                n_others += 1;
                differ &= differ - 1;
            }
        }
        n_others
    }
}
