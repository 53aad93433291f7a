//! Moments by digits: every value is cut into three digits of 22 bits below a power of two that bounds the
//! block. A product of two digits then has at most 44 bits, so 512 of them are summed in a binary64 without
//! rounding: Σx and Σx² come out exact at the speed of float arithmetic. Which power of two to take, and
//! what to do with values that do not fit, is decided outside.
//!
//! The digits are taken off by accumulation (Demmel and Nguyen, "Fast reproducible floating-point
//! summation", 2013): adding a value to a large sum S rounds it to a multiple of S's last place; what S
//! has moved by is the digit, and what is left goes to the next level. S never leaves its binade, so the sum
//! of the digits is a difference of bit patterns.

use super::{Kernel, Vector, run};
use crate::kernel::InstructionSet;

/// Digits of a value.
pub(super) const LEVELS: usize = 3;

/// Products of two digits.
pub(super) const PAIRS: usize = LEVELS * (LEVELS + 1) / 2;

/// Bits from the last place of one digit to that of the next: 22, and the sign of a digit rounded to
/// nearest is one more.
const STEP: i32 = 23;

/// How many digits are summed before the sums are read: 2^9 products of 2^44 are 2^53.
pub(super) const ADDITIONS_MAX: usize = 512;

/// Vectors after which is tested whether a value had more than three digits.
const GROUP: usize = 8;

/// Values in a cache line.
const LINE: usize = 8;

/// How many values ahead memory is asked for.
const PREFETCH: usize = 512;

/// The most lanes that a vector has.
pub(super) const LANES_MAX: usize = 8;

/// The bounds 2^exponent that no product of digits over- or underflows below.
pub(in super::super) const EXPONENTS: core::ops::RangeInclusive<i32> = -440..=490;

/// The most values of a block that may have more than three digits.
pub(in super::super) const SPILL_MAX: usize = 256;

/// The last place of the first digit of values below 2^`exponent`.
pub(super) fn first_place(exponent: i32) -> i32 {
    exponent - 22
}

/// 2^`exponent`, which must be that of a normal binary64.
pub(super) fn power(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

/// What digits summed up to, in units of their places.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct LevelSums {
    /// The last place of the first digit; each level's lies 23 below the one before.
    place: i32,
    digits: [i64; LEVELS],
    /// By the sum of the two levels of a product.
    products: [i64; 2 * LEVELS - 1],
}

impl LevelSums {
    /// Nothing yet, of values below 2^`exponent`.
    pub(super) fn new(exponent: i32) -> Self {
        Self { place: first_place(exponent), ..Self::default() }
    }

    /// The same of values 2^`exponent` times as large.
    pub(super) fn scaled(self, exponent: i32) -> Self {
        Self { place: self.place + exponent, ..self }
    }

    /// Σx as parts times a power of two.
    pub(in super::super) fn sum(&self) -> impl Iterator<Item = (i64, i32)> {
        let place = self.place;
        self.digits
            .into_iter()
            .enumerate()
            .map(move |(level, sum)| (sum, place - STEP * level as i32))
    }

    /// Σx² as parts times a power of two.
    pub(in super::super) fn squares(&self) -> impl Iterator<Item = (i64, i32)> {
        let place = 2 * self.place;
        self.products
            .into_iter()
            .enumerate()
            .map(move |(level, sum)| (sum, place - STEP * level as i32))
    }
}

/// The values of a block that have more than three digits, and what is left of each.
#[derive(Clone, Debug)]
pub(in super::super) struct Spill {
    entries: [(f64, f64); SPILL_MAX],
    length: usize,
    limit: usize,
}

impl Default for Spill {
    fn default() -> Self {
        Self { entries: [(0.0, 0.0); SPILL_MAX], length: 0, limit: SPILL_MAX }
    }
}

impl Spill {
    /// Each value with what its digits leave.
    pub(in super::super) fn entries(&self) -> &[(f64, f64)] {
        &self.entries[..self.length]
    }

    /// Empties it for a block of `length` values, of which one in 32 may spill.
    fn start(&mut self, length: usize) {
        self.length = 0;
        self.limit = (length / 32).min(SPILL_MAX);
    }

    /// Takes the values that leave something; whether there was room, and all are numbers.
    #[inline(always)]
    fn take(&mut self, values: &[f64], rests: &[f64]) -> bool {
        for (value, rest) in values.iter().zip(rests) {
            if rest.to_bits() << 1 != 0 {
                if self.length >= self.limit || !rest.is_finite() {
                    return false;
                }
                self.entries[self.length] = (*value, *rest);
                self.length += 1;
            }
        }
        true
    }
}

/// The sums of the digits in each lane.
#[derive(Clone, Copy)]
pub(super) struct Digits<V> {
    pub(super) levels: [V; LEVELS],
    pub(super) products: [V; PAIRS],
}

impl<V: Vector> Digits<V> {
    #[inline(always)]
    pub(super) unsafe fn new(exponent: i32) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let levels = core::array::from_fn(|level| V::splat(start(exponent, level)));
            Self { levels, products: [V::splat(0.0); PAIRS] }
        }
    }

    /// Adds a vector of values; what its digits leave.
    #[inline(always)]
    pub(super) unsafe fn take(&mut self, values: V, one: V) -> V {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let mut rest = values;
            let mut digits = [values; LEVELS];
            for (sum, digit) in self.levels.iter_mut().zip(&mut digits) {
                let moved = sum.add(rest);
                *digit = moved.sub(*sum);
                rest = rest.less(*digit, one);
                *sum = moved;
            }
            for (sum, (left, right)) in self.products.iter_mut().zip(PAIRED) {
                *sum = digits[left].mul_add(digits[right], *sum);
            }
            rest
        }
    }

    /// Sums over the lanes, which have taken at most [`ADDITIONS_MAX`] values below 2^`exponent`.
    #[inline(always)]
    pub(super) unsafe fn add_to(&self, exponent: i32, sums: &mut LevelSums) {
        let mut lanes = [0.0f64; LANES_MAX];
        let place = first_place(exponent);
        for (level, sum) in self.levels.iter().enumerate() {
            // SAFETY: the caller vouches for the instruction set; no vector has more lanes.
            unsafe { sum.store(lanes.as_mut_ptr()) };
            let start = start(exponent, level).to_bits() as i64;
            let moved = lanes[..V::LANES].iter().map(|lane| lane.to_bits() as i64 - start);
            sums.digits[level] += moved.sum::<i64>();
        }
        for (sum, (left, right)) in self.products.iter().zip(PAIRED) {
            // SAFETY: the caller vouches for the instruction set; no vector has more lanes.
            unsafe { sum.store(lanes.as_mut_ptr()) };
            let unit = power(STEP * (left + right) as i32 - 2 * place);
            let total = lanes[..V::LANES].iter().map(|lane| (lane * unit) as i64).sum::<i64>();
            sums.products[left + right] += if left == right { total } else { 2 * total };
        }
    }
}

/// The levels of each product.
const PAIRED: [(usize, usize); PAIRS] = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];

/// Where the sum of a level starts: its last place is that of the digit, and it is in the middle of a binade.
fn start(exponent: i32, level: usize) -> f64 {
    1.5 * power(first_place(exponent) - STEP * level as i32 + 52)
}

/// What a pass over a block found.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Found {
    /// The smallest value, either zero for the other.
    pub(in super::super) low: f64,
    /// The largest value, either zero for the other.
    pub(in super::super) high: f64,
    /// The sums of the digits, to which what has spilled is to be added.
    pub(in super::super) sums: LevelSums,
}

/// How many values [`moments`] takes at most.
pub(in super::super) fn block_length(set: InstructionSet) -> usize {
    match set {
        InstructionSet::Avx512 => ADDITIONS_MAX * 16,
        InstructionSet::Avx2 => ADDITIONS_MAX * 4,
        InstructionSet::Sse2 | InstructionSet::Portable => ADDITIONS_MAX * 2,
    }
}

/// The moments of a block by digits below 2^`exponent`, or none where a value is not below it or not finite,
/// or too many have more digits.
pub(in super::super) fn moments(
    set: InstructionSet,
    values: &[f64],
    exponent: i32,
    spill: &mut Spill,
) -> Option<Found> {
    assert!(values.len() <= block_length(set) && EXPONENTS.contains(&exponent), "sums have room");
    spill.start(values.len());
    run(set, Moments { values, exponent, spill })
}

struct Moments<'a> {
    values: &'a [f64],
    exponent: i32,
    spill: &'a mut Spill,
}

impl Kernel for Moments<'_> {
    type Output = Option<Found>;

    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) -> Option<Found> {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            // Two vectors in flight fill the pipes; sixteen registers hold the sums of one.
            if V::LANES == LANES_MAX { self.pass::<V, 2>() } else { self.pass::<V, 1>() }
        }
    }
}

impl Moments<'_> {
    #[inline(always)]
    unsafe fn pass<V: Vector, const SETS: usize>(self) -> Option<Found> {
        let Self { values, exponent, spill } = self;
        let group_length = GROUP * V::LANES;
        let one = core::hint::black_box(1.0);
        // Not known to the compiler, which would unroll the loop until no sum is left in a register.
        let vectors = core::hint::black_box(GROUP);
        let mut rests = [0.0; GROUP * LANES_MAX];
        let mut padded = [[0.0; GROUP * LANES_MAX]; 2];
        // SAFETY: the caller vouches for the instruction set. A group is either `group_length` values of the
        // slice or an array that long.
        unsafe {
            let one = V::splat(one);
            let mut sets = [Digits::<V>::new(exponent); SETS];
            let (mut low, mut high) = (V::splat(f64::INFINITY), V::splat(f64::NEG_INFINITY));
            for group in values.chunks(group_length) {
                let (mut summed, mut compared) = (group.as_ptr(), group.as_ptr());
                if group.len() < group_length {
                    pad(group, &mut padded);
                    (summed, compared) = (padded[0].as_ptr(), padded[1].as_ptr());
                }
                for line in (0..group_length).step_by(LINE) {
                    V::prefetch(group.as_ptr().wrapping_add(PREFETCH + line));
                }
                for vector in (0..vectors).step_by(SETS) {
                    for (set, digits) in sets.iter_mut().enumerate() {
                        let at = (vector + set) * V::LANES;
                        low = low.min(V::load(compared.add(at)));
                        high = high.max(V::load(compared.add(at)));
                        let rest = digits.take(V::load(summed.add(at)), one);
                        rest.store(rests.as_mut_ptr().add(at));
                    }
                }
                let left = (1..GROUP).fold(V::load(rests.as_ptr()), |left, vector| {
                    left.or(V::load(rests.as_ptr().add(vector * V::LANES)))
                });
                if left.nonzero() != 0 && !spill.take(group, &rests) {
                    return None;
                }
            }
            let (low, high) = (fold(low, f64::min), fold(high, f64::max));
            if low <= -power(exponent) || high >= power(exponent) {
                return None;
            }
            let mut sums = LevelSums::new(exponent);
            sets.iter().for_each(|digits| digits.add_to(exponent, &mut sums));
            Some(Found { low, high, sums })
        }
    }
}

/// A group for the sums, filled up with zeros, and one to be compared, filled up with one of its values.
#[cold]
fn pad(group: &[f64], padded: &mut [[f64; GROUP * LANES_MAX]; 2]) {
    padded[1].fill(group[0]);
    padded.iter_mut().for_each(|whole| whole[..group.len()].copy_from_slice(group));
}

/// The lanes of a vector, folded.
#[inline(always)]
unsafe fn fold<V: Vector>(vector: V, both: impl Fn(f64, f64) -> f64) -> f64 {
    let mut lanes = [0.0; LANES_MAX];
    // SAFETY: the caller vouches for the instruction set; no vector has more lanes.
    unsafe { vector.store(lanes.as_mut_ptr()) };
    lanes[1..V::LANES].iter().fold(lanes[0], |found, lane| both(found, *lane))
}
