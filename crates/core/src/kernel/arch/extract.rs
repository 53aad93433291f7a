//! Sums by extraction: what a large float takes over when a value is added to it is a digit of the value,
//! exact, and so is what remains (Rump, Ogita and Oishi, "Accurate floating-point summation I", 2008; with
//! running sums in lanes, Demmel and Nguyen, "Parallel reproducible summation", 2015). A sum is proven
//! exact by what it leaves, or withdrawn. Where the window of digits lies, and what becomes of the values
//! whose sum is withdrawn, is decided outside.
//!
//! Each lane holds a running sum S for each level. q = fl(S + y) rounds to a multiple of S's last place: it
//! takes over the digit d = q − S and leaves r = y − d to the next level, and both are exact while q and S
//! lie in one binade. S starts in the middle of its binade and never leaves it, so that its movement is a
//! difference of representations, summed as integers. The last level has to take over all that it is given.
//!
//! That the first level stays in its binade is not known beforehand, and no bound of the values is computed
//! beside the sum. Instead values are scaled by a power of two so that S starts at −1.5·2^0 or −1.5·2^1023,
//! and all that S becomes is and-ed. The exponents of these two are all ones but one bit, so a sum that turns
//! positive or leaves the binade clears a bit of sign or exponent; all but −∞ and NaN, which it can never
//! leave again. Then the other levels stay in theirs, since they are given no more than half a last place.

use super::digits::power;
use super::vector::LANES_MAX;
use super::{Kernel, Vector, run};
use crate::kernel::InstructionSet;
use core::array;

/// The most vectors that are summed side by side.
const SUMS_MAX: usize = 4;

/// How many values a lane takes before its sums are read.
const DEPTH: usize = 128;

/// By how many bits a level's S lies above what it is given: those of the depth, and one for the sign.
const HEADROOM: i32 = DEPTH.ilog2() as i32 + 1;

/// Bits from the last place of a level to that of the next, which is given half of it at most.
const STEP: i32 = 53 - HEADROOM;

/// The most values in a call: 2^16 digits below 2^(51 - 7) sum to less than 2^63.
pub(in super::super) const LENGTH_MAX: usize = 1 << 16;

/// Values in a cache line.
const LINE: usize = 8;

/// How many values ahead memory is asked for.
const PREFETCH: usize = 512;

/// Sign and exponent.
const SIGN_AND_EXPONENT: u64 = 0xfff << 52;

/// What is scaled down has to be far from the subnormals.
const SCALED_DOWN_MIN: f64 = f64::from_bits(64 << 52);

/// Where the digits lie that are taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Window {
    /// The exponent of the first level's S, before scaling.
    top: i32,
}

impl Window {
    /// The window for values below 2^`exponent` in magnitude.
    pub(in super::super) fn below(exponent: i32) -> Self {
        Self { top: (exponent + HEADROOM).max(-1022) }
    }

    /// Whether values are scaled down, which takes digits from small ones.
    pub(in super::super) fn scales_down(self) -> bool {
        self.top > 1023
    }

    /// The exponent to which the first level's S is scaled: 0, or 1023 so that values are not scaled down.
    fn scaled_top(self) -> i32 {
        if self.top < 0 { 0 } else { 1023 }
    }

    fn scale(self) -> f64 {
        power(self.scaled_top() - self.top)
    }

    /// Where the S of a level starts.
    fn start(self, level: usize) -> f64 {
        let start = 1.5 * power(self.scaled_top() - STEP * level as i32);
        if level == 0 { -start } else { start }
    }

    /// The exponent of a level's last place.
    fn place(self, level: usize) -> i32 {
        self.top - 52 - STEP * level as i32
    }
}

/// What values sum up to.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Extracted<const LEVELS: usize> {
    /// How many values it is the sum of, from the first on.
    pub(in super::super) taken: usize,
    /// The digits of each level, with the exponent of their place.
    pub(in super::super) digits: [(i64, i32); LEVELS],
}

/// Sums the digits of at most [`LENGTH_MAX`] values, block by block, until the first block of whose sum it
/// is not proven that no digit is missing. None of NaN and the infinities are taken.
pub(in super::super) fn extract<const LEVELS: usize>(
    set: InstructionSet,
    values: &[f64],
    window: Window,
) -> Extracted<LEVELS> {
    assert!(values.len() <= LENGTH_MAX, "the digits have room");
    if window.scales_down() && values.iter().any(|value| value.abs() < SCALED_DOWN_MIN) {
        return Extracted { taken: 0, digits: [(0, 0); LEVELS] };
    }
    run(set, Extract::<LEVELS> { values, window })
}

struct Extract<'a, const LEVELS: usize> {
    values: &'a [f64],
    window: Window,
}

impl<const LEVELS: usize> Kernel for Extract<'_, LEVELS> {
    type Output = Extracted<LEVELS>;

    #[inline(always)]
    unsafe fn vectors<V: Vector>(self) -> Extracted<LEVELS> {
        // As measured: more sums and checks hide latency until the registers of the narrower vectors are full.
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            match (V::LANES, LEVELS) {
                (LANES_MAX, _) => self.side_by_side::<V, 4, 2>(),
                (4, 2) => self.side_by_side::<V, 4, 1>(),
                (4, _) => self.side_by_side::<V, 2, 1>(),
                _ => self.side_by_side::<V, 2, 2>(),
            }
        }
    }
}

impl<const LEVELS: usize> Extract<'_, LEVELS> {
    #[inline(always)]
    unsafe fn side_by_side<V: Vector, const SUMS: usize, const CHECKS: usize>(
        self,
    ) -> Extracted<LEVELS> {
        let Self { values, window } = self;
        let mut taken = 0;
        let mut sums_read = 0u64;
        // SAFETY: the caller vouches for the instruction set of V.
        let moved = unsafe {
            let scale = V::splat(window.scale());
            let start: [V; LEVELS] = array::from_fn(|level| V::splat(window.start(level)));
            let mut totals = [V::splat(0.0); LEVELS];
            for block in values.chunks(SUMS * V::LANES * DEPTH) {
                let mut sums = Sums::<V, LEVELS, SUMS, CHECKS>::new(start);
                sums.take(block, scale);
                if sums.lack(start[0]) {
                    break;
                }
                sums.read(&mut totals);
                taken += block.len();
                sums_read += (SUMS * V::LANES) as u64;
            }
            totals.map(|total| lane_sum(total))
        };
        let digits = array::from_fn(|level| {
            let started = window.start(level).to_bits().wrapping_mul(sums_read);
            let moved = moved[level].wrapping_sub(started) as i64;
            // The first level's S is negative: its magnitude falls where the sum rises.
            (if level == 0 { -moved } else { moved }, window.place(level))
        });
        Extracted { taken, digits }
    }
}

/// The sum of the lanes as integers, modulo 2^64.
///
/// # Safety
/// The processor has the instruction set of `V`.
#[inline(always)]
unsafe fn lane_sum<V: Vector>(vector: V) -> u64 {
    let mut lanes = [0.0; LANES_MAX];
    // SAFETY: the caller vouches for the instruction set; no vector has more lanes than there is room for.
    unsafe { vector.store(lanes.as_mut_ptr()) };
    lanes[..V::LANES].iter().fold(0, |sum, lane| sum.wrapping_add(lane.to_bits()))
}

/// The running sums of a block.
#[derive(Clone, Copy)]
struct Sums<V, const LEVELS: usize, const SUMS: usize, const CHECKS: usize> {
    /// For each level vectors side by side, which hide the latency of an addition.
    levels: [[V; SUMS]; LEVELS],
    /// The bits that the first level's sums have had in common all the time.
    common: [V; CHECKS],
    /// Has bits but signs if the last level left something.
    left: [V; CHECKS],
}

/// # Safety
/// Of every method: the processor has the instruction set of `V`.
impl<V: Vector, const LEVELS: usize, const SUMS: usize, const CHECKS: usize>
    Sums<V, LEVELS, SUMS, CHECKS>
{
    #[inline(always)]
    unsafe fn new(start: [V; LEVELS]) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        let left = unsafe { V::splat(0.0) };
        let levels = start.map(|start| [start; SUMS]);
        Self { levels, common: [start[0]; CHECKS], left: [left; CHECKS] }
    }

    #[inline(always)]
    unsafe fn take(&mut self, block: &[f64], scale: V) {
        let group = SUMS * V::LANES;
        let whole = block.len() / group * group;
        for from in (0..whole).step_by(group) {
            // SAFETY: the group lies within the block; what is only prefetched need not.
            unsafe {
                let from = block.as_ptr().wrapping_add(from);
                // Narrow vectors do not outrun what the processor fetches by itself.
                for line in 0..group / LINE {
                    V::prefetch(from.wrapping_add(PREFETCH + line * LINE));
                }
                self.take_group(from, scale);
            }
        }
        if whole < block.len() {
            let mut rest = [0.0; SUMS_MAX * LANES_MAX];
            rest[..block.len() - whole].copy_from_slice(&block[whole..]);
            // SAFETY: there is room for a group of the widest vectors.
            unsafe { self.take_group(rest.as_ptr(), scale) };
        }
    }

    /// Takes `SUMS` vectors, which must be readable.
    #[inline(always)]
    unsafe fn take_group(&mut self, from: *const f64, scale: V) {
        for index in 0..SUMS {
            // SAFETY: the caller vouches for the instruction set and for the place.
            unsafe {
                let value = V::load(from.add(index * V::LANES));
                let sum = self.levels[0][index];
                let moved = value.mul_add(scale, sum);
                let digit = moved.sub(sum);
                self.levels[0][index] = moved;
                let check = index % CHECKS;
                self.common[check] = self.common[check].and(moved);
                let mut rest = value.mul_sub(scale, digit);
                for level in 1..LEVELS {
                    let sum = self.levels[level][index];
                    let moved = sum.add(rest);
                    let digit = moved.sub(sum);
                    self.levels[level][index] = moved;
                    if level + 1 < LEVELS {
                        rest = rest.sub(digit);
                    } else {
                        self.left[check] = self.left[check].or(digit.xor(rest));
                    }
                }
            }
        }
    }

    /// Whether a digit may be missing.
    #[inline(always)]
    unsafe fn lack(&self, start: V) -> bool {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            // −∞ and NaN have more bits than the start, any other escape has left fewer.
            let fold = |vectors: &[V], join: fn(V, V) -> V| {
                vectors[1..].iter().fold(vectors[0], |joined, vector| join(joined, *vector))
            };
            let last = fold(&self.levels[0], |a, b| a.or(b));
            let common = fold(&self.common, |a, b| a.and(b));
            let left = fold(&self.left, |a, b| a.or(b));
            let escaped = common.xor(start).or(last.xor(start));
            let escaped = escaped.and(V::splat(f64::from_bits(SIGN_AND_EXPONENT)));
            let left = left.and(V::splat(f64::from_bits(u64::MAX >> 1)));
            escaped.or(left).any_bit()
        }
    }

    /// Adds the sums to the totals, as integers.
    #[inline(always)]
    unsafe fn read(&self, totals: &mut [V; LEVELS]) {
        for (total, sums) in totals.iter_mut().zip(self.levels) {
            for sum in sums {
                // SAFETY: the caller vouches for the instruction set.
                *total = unsafe { total.add_bits(sum) };
            }
        }
    }
}
