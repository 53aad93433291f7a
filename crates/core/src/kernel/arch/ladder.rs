//! The first four powers of values within sixteen binades, summed exactly in floats.
//!
//! With fused multiply-add a product is a rounded one and its error, both exact: x² = p + e,
//! x³ = xp + xe and x⁴ = p² + 2pe + e² are two, four and six floats (Dekker, "A floating-point technique for
//! extending the available precision", 1971). Each of them goes down a ladder of large sums that take it over
//! digit by digit, as in [`super::digits`]; the last place of the lowest sum is that of the smallest power, so
//! that nothing is left of any. Without fused multiply-add this would be slower than integers, and is not
//! offered.
//!
//! Why nothing is left: values are within sixteen binades below 2^E, so the last place of x⁴ is at
//! least 2^(4E − 272), and each float of a power is a multiple of its power's last place. The
//! places of a ladder follow from how many floats reach each level: so many of them, 16 vectors
//! deep, move its sum by no more than half a binade. The lowest place is below that of the power,
//! so its last addition is exact, and no test is needed in the loop.
//!
//! Why errors of products are floats: fused multiply-add rounds xy − fl(xy) once, and that
//! difference is a binary64 unless it underflows, which the exponents exclude. SSE2 would need
//! seventeen operations for what is one here.

use super::digits::power;
use super::vector::LANES_MAX;
use super::{Kernel, Vector, run};
use crate::kernel::InstructionSet;
use core::array;

/// How many vectors are taken before the sums are read.
/// A shallow one, since up to six floats reach a level for each value.
const DEPTH: usize = 16;

/// The most values of a call: the sums of 2^9 readings of 2^51 have room.
const LENGTH_MAX: usize = 4096;

/// The exponents for which no fourth power over- or underflows.
pub(in super::super) const LADDER_EXPONENTS: core::ops::RangeInclusive<i32> = -180..=240;

/// How many floats reach each level of the ladders of x, x², x³ and x⁴.
/// Counted along the calls of `Sums::take`: the floats that begin at a level, and those that the
/// level above passes on.
const REACHING: [&[usize]; 4] = [&[1, 1], &[1, 2, 2], &[1, 3, 4, 4, 4], &[1, 3, 5, 6, 6, 6]];

/// The levels of all ladders, and where each begins.
const LEVELS: usize = 16;
const LADDERS: [usize; 5] = [0, 2, 5, 10, 16];

/// What four powers summed up to: for each level the sum and the exponent of its place.
/// By ladder, x first.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct PowerSums([(i64, i32); LEVELS]);

impl PowerSums {
    /// Σx^`power` as parts times powers of two.
    pub(in super::super) fn of(&self, power: usize) -> &[(i64, i32)] {
        &self.0[LADDERS[power - 1]..LADDERS[power]]
    }
}

/// The exponent of the last place of each level, for values below 2^`exponent`.
///
/// Computed and not tabulated, so that the bounds are the proof: `bound` is what reaches a level,
/// the sum moves by `bound` plus the bits of the additions, and half a last place goes on.
fn places(exponent: i32) -> [i32; LEVELS] {
    let mut places = [0; LEVELS];
    for (ladder, reaching) in REACHING.iter().enumerate() {
        // What reaches a level is at most 2^bound; all of it moves the sum by no more than half its binade.
        let mut bound = exponent * (ladder as i32 + 1);
        for (place, floats) in places[LADDERS[ladder]..].iter_mut().zip(*reaching) {
            let additions = (floats * DEPTH).next_power_of_two().ilog2() as i32;
            *place = bound + additions + 1 - 52;
            bound = *place - 1;
        }
    }
    places
}

/// The first four powers of at most 4096 values, each zero or within the sixteen binades below
/// 2^`exponent`.
///
/// # Panics
/// When the instruction set has no fused multiply-add.
pub(in super::super) fn powers(set: InstructionSet, values: &[f64], exponent: i32) -> PowerSums {
    assert!(values.len() <= LENGTH_MAX && LADDER_EXPONENTS.contains(&exponent), "sums have room");
    assert!(set >= InstructionSet::Avx2, "errors of products need fused multiply-add");
    run(set, Powers { values, exponent })
}

/// The arguments of [`powers`].
struct Powers<'a> {
    values: &'a [f64],
    exponent: i32,
}

impl Kernel for Powers<'_> {
    type Output = PowerSums;

    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) -> PowerSums {
        let places = places(self.exponent);
        let starts = places.map(|place| 1.5 * power(place + 52));
        let mut totals = [[0.0f64; LANES_MAX]; LEVELS];
        let mut sums_read = 0i64;
        let one = core::hint::black_box(1.0);
        let mut last = [0.0; LANES_MAX];
        // SAFETY: the caller vouches for the instruction set. Vectors are read from chunks as long as one,
        // or from an array; no vector has more lanes than the arrays.
        unsafe {
            let one = V::splat(one);
            for part in self.values.chunks(DEPTH * V::LANES) {
                let mut sums = Sums::<V>::new(&starts);
                let vectors = part.chunks_exact(V::LANES);
                let rest = vectors.remainder();
                for vector in vectors {
                    sums.take(V::load(vector.as_ptr()), one);
                }
                if !rest.is_empty() {
                    last[..rest.len()].copy_from_slice(rest);
                    sums.take(V::load(last.as_ptr()), one);
                }
                for (total, sum) in totals.iter_mut().zip(sums.0) {
                    V::load(total.as_ptr()).add_bits(sum).store(total.as_mut_ptr());
                }
                sums_read += V::LANES as i64;
            }
        }
        PowerSums(array::from_fn(|level| {
            let start = (starts[level].to_bits() as i64).wrapping_mul(sums_read);
            let lanes = totals[level].iter().map(|lane| lane.to_bits() as i64);
            (lanes.fold(0, i64::wrapping_add).wrapping_sub(start), places[level])
        }))
    }
}

/// The sums of all ladders, level by level, in each lane.
/// Sixteen registers of 32 in AVX-512; with AVX2 some live in memory.
struct Sums<V>([V; LEVELS]);

impl<V: Vector> Sums<V> {
    #[inline(always)]
    unsafe fn new(starts: &[f64; LEVELS]) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        Self(starts.map(|start| unsafe { V::splat(start) }))
    }

    /// Adds the powers of a vector of values.
    ///
    /// Thirteen floats: x; x² = p + e; x³ = xp + xe as two products with errors; x⁴ = p² + 2pe + e²
    /// as three. Each begins at the first level whose bound it keeps, and so skips those above.
    #[inline(always)]
    unsafe fn take(&mut self, x: V, one: V) {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let (p, e) = product(x, x);
            self.descend::<0, 2>(x, one);
            self.descend::<2, 5>(p, one);
            self.descend::<3, 5>(e, one);
            let (high, error) = product(x, p);
            let (low, error_of_low) = product(x, e);
            self.descend::<5, 10>(high, one);
            self.descend::<6, 10>(error, one);
            self.descend::<6, 10>(low, one);
            self.descend::<7, 10>(error_of_low, one);
            let (high, error) = product(p, p);
            let (middle, error_of_middle) = product(p, e.add(e));
            let (low, error_of_low) = product(e, e);
            self.descend::<10, 16>(high, one);
            self.descend::<11, 16>(error, one);
            self.descend::<11, 16>(middle, one);
            self.descend::<12, 16>(error_of_middle, one);
            self.descend::<12, 16>(low, one);
            self.descend::<13, 16>(error_of_low, one);
        }
    }

    /// Lets the levels from `FROM` on take over a float, the last of them what is left.
    /// All levels but the last pass on what rounding left. The last takes everything: it is exact
    /// there, by the choice of its place.
    #[inline(always)]
    unsafe fn descend<const FROM: usize, const END: usize>(&mut self, float: V, one: V) {
        let mut rest = float;
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            for sum in &mut self.0[FROM..END - 1] {
                let moved = sum.add(rest);
                rest = rest.less(moved.sub(*sum), one);
                *sum = moved;
            }
            self.0[END - 1] = self.0[END - 1].add(rest);
        }
    }
}

/// The rounded product, and its error.
/// Two floats whose sum is the product, exactly (Dekker).
#[inline(always)]
unsafe fn product<V: Vector>(left: V, right: V) -> (V, V) {
    // SAFETY: the caller vouches for the instruction set, which has fused multiply-add.
    unsafe {
        let rounded = left.mul(right);
        (rounded, left.mul_sub(right, rounded))
    }
}
