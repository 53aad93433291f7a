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
//!
//! The window: with S = 1.5·2^T the first level counts multiples of 2^(T − 52), and takes values
//! below 2^(T − 8), 2^7 of which move S by less than half its binade. Each further level lies 45
//! bits below: it is given at most half a last place of the one above, 2^(T − 53), and has the same
//! headroom. Two levels hold 89 bits and four hold 179.
//!
//! What the proof costs is, for each vector, one `and` in the first level and an `xor` with an `or`
//! in the last, beside the loads and additions of the sum. A pass that also looked for the largest
//! magnitude would take a quarter longer.

use super::digits::power;
use super::vector::{LANES_MAX, LINE};
use super::{Kernel, Vector, run};
use crate::kernel::{InstructionSet, Validity};
use core::array;

/// The most vectors that are summed side by side.
const SUMS_MAX: usize = 4;

/// The most values that are taken at once.
const GROUP_MAX: usize = SUMS_MAX * LANES_MAX;

/// How many values a lane takes before its sums are read.
/// More would take headroom from the digits, fewer would read the sums more often than is cheap.
const DEPTH: usize = 128;

/// By how many bits a level's S lies above what it is given: those of the depth, and one for the sign.
const HEADROOM: i32 = DEPTH.ilog2() as i32 + 1;

/// Bits from the last place of a level to that of the next, which is given half of it at most.
const STEP: i32 = 53 - HEADROOM;

/// The most values in a call: 2^16 digits below 2^(51 - 7) sum to less than 2^63.
pub(in super::super) const LENGTH_MAX: usize = 1 << 16;

/// How many values ahead memory is asked for.
/// 8 KB, as measured: the processor's own fetching stops at each page of 4 KB.
pub(super) const PREFETCH: usize = 1024;

/// Sign and exponent.
const SIGN_AND_EXPONENT: u64 = 0xfff << 52;

/// What is scaled down has to be far from the subnormals.
/// By no more than 2^9, so from 2^-959 on no bit falls below the smallest subnormal.
const SCALED_DOWN_MIN: f64 = f64::from_bits(64 << 52);

/// Where the digits lie that are taken over.
///
/// It follows from one exponent, so guessing it right for the next block is guessing one number.
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

    /// A power of two, by which multiplying is exact but for what over- or underflows: the first is
    /// seen, the second kept from happening.
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
///
/// Whole blocks only: after `taken` values the first one that was withdrawn begins.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Extracted<const LEVELS: usize> {
    /// How many values it is the sum of, from the first on.
    pub(in super::super) taken: usize,
    /// The digits of each level, with the exponent of their place.
    pub(in super::super) digits: [(i64, i32); LEVELS],
}

/// Sums the digits of at most [`LENGTH_MAX`] values, block by block, until the first block of whose sum it
/// is not proven that no digit is missing. None of NaN and the infinities are taken.
///
/// Values beyond the bound do not have to be absent; they are noticed. The digits of a subnormal
/// value may lie below its last place, where they are zeros.
///
/// # Panics
/// When there are more values than digits have room for.
pub(in super::super) fn extract<const LEVELS: usize>(
    set: InstructionSet,
    values: &[f64],
    window: Window,
) -> Extracted<LEVELS> {
    prove(set, values, window, All)
}

/// The same of values that pass a sieve.
///
/// What is withdrawn is withdrawn from the sieve's rest as well, so it can be tried again as if
/// nothing had been.
pub(in super::super) fn extract_sifted<const LEVELS: usize>(
    set: InstructionSet,
    values: &[f64],
    window: Window,
    sieve: &mut Sieve<'_>,
) -> Extracted<LEVELS> {
    prove(set, values, window, sieve)
}

/// Where values are scaled down, one look at them comes first: a scaled subnormal would lose bits
/// in silence.
fn prove<const LEVELS: usize, S: Sift>(
    set: InstructionSet,
    values: &[f64],
    window: Window,
    sieve: S,
) -> Extracted<LEVELS> {
    assert!(values.len() <= LENGTH_MAX, "the digits have room");
    if window.scales_down() && values.iter().any(|value| value.abs() < SCALED_DOWN_MIN) {
        return Extracted { taken: 0, digits: [(0, 0); LEVELS] };
    }
    run(set, Extract::<LEVELS, S> { values, window, sieve })
}

/// The arguments of [`extract`], with what becomes of values before.
struct Extract<'a, const LEVELS: usize, S> {
    values: &'a [f64],
    window: Window,
    sieve: S,
}

impl<const LEVELS: usize, S: Sift> Kernel for Extract<'_, LEVELS, S> {
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

impl<const LEVELS: usize, S: Sift> Extract<'_, LEVELS, S> {
    /// `SUMS` vectors for each level and `CHECKS` for each proof. After each block the proof is
    /// looked at once; only then do its sums enter the totals.
    #[inline(always)]
    unsafe fn side_by_side<V: Vector, const SUMS: usize, const CHECKS: usize>(
        self,
    ) -> Extracted<LEVELS> {
        let Self { values, window, mut sieve } = self;
        let mut taken = 0;
        let mut sums_read = 0u64;
        // SAFETY: the caller vouches for the instruction set of V.
        let moved = unsafe {
            let scale = V::splat(window.scale());
            let start: [V; LEVELS] = array::from_fn(|level| V::splat(window.start(level)));
            let mut totals = [V::splat(0.0); LEVELS];
            for block in values.chunks(SUMS * V::LANES * DEPTH) {
                let mut sums = Sums::<V, LEVELS, SUMS, CHECKS>::new(start);
                sieve.start();
                sums.take(block, taken, scale, &mut sieve);
                if sums.lack(start[0]) {
                    sieve.withdraw();
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

/// What becomes of values before they are summed.
///
/// A type parameter, so that the loop without a mask has no trace of one.
trait Sift {
    /// A block begins.
    #[inline(always)]
    fn start(&mut self) {}

    /// The block's sum is withdrawn.
    #[inline(always)]
    fn withdraw(&mut self) {}

    /// Changes vectors, which are those of the values from an index on, to what is to be summed.
    ///
    /// # Safety
    /// The processor has the instruction set of `V`.
    ///
    /// What is left out becomes +0.0, which has no digits and changes no sum.
    unsafe fn sift<V: Vector>(&mut self, vectors: &mut [V], index: usize);
}

/// All values are summed.
struct All;

impl Sift for All {
    /// One word of the mask serves 64 values, a multiple of what is sifted at once.
    #[inline(always)]
    unsafe fn sift<V: Vector>(&mut self, _vectors: &mut [V], _index: usize) {}
}

/// Lets those values through that are not masked out and lie below a limit.
///
/// Comparisons with NaN are false, so a NaN never lies below the limit: it is kept back like an
/// outlier, and the caller counts it.
pub(in super::super) struct Sieve<'a> {
    validity: Option<Validity<'a>>,
    /// The validity of the 64 values that are being sifted.
    valid: u64,
    limit: f64,
    rest: &'a mut [f64],
    /// How many values are in `rest`.
    count: usize,
    /// How many are from the blocks before.
    count_before: usize,
}

impl<'a> Sieve<'a> {
    /// A sieve that writes to `rest` what is not masked out and does not lie below the limit, which NaN
    /// never does: as much as is sifted must have room.
    pub(in super::super) fn new(
        validity: Option<Validity<'a>>,
        limit: f64,
        rest: &'a mut [f64],
    ) -> Self {
        Self { validity, valid: u64::MAX, limit, rest, count: 0, count_before: 0 }
    }

    /// Keeps some of the values back. It stands apart, or the loops over vectors would not be unrolled.
    /// In the order of the lanes, though it matters to nobody.
    #[inline(always)]
    fn keep_back(&mut self, values: &[f64; GROUP_MAX], mut lanes: u32) {
        while lanes != 0 {
            self.rest[self.count] = values[lanes.trailing_zeros() as usize];
            self.count += 1;
            lanes &= lanes - 1;
        }
    }

    /// What was kept back.
    pub(in super::super) fn into_rest(self) -> &'a [f64] {
        &self.rest[..self.count]
    }
}

impl Sift for &mut Sieve<'_> {
    #[inline(always)]
    fn start(&mut self) {
        self.count_before = self.count;
    }

    #[inline(always)]
    fn withdraw(&mut self) {
        self.count = self.count_before;
    }

    #[inline(always)]
    unsafe fn sift<V: Vector>(&mut self, vectors: &mut [V], index: usize) {
        if let Some(validity) = self.validity
            && index.is_multiple_of(64)
        {
            self.valid = validity.word(index);
        }
        let lanes = vectors.len() * V::LANES;
        let valid = (self.valid >> (index % 64)) as u32 & u32::MAX >> (u32::BITS as usize - lanes);
        let mut below = 0;
        let mut values = [0.0; GROUP_MAX];
        // SAFETY: the caller vouches for the instruction set; there is room for the lanes of all vectors.
        unsafe {
            let magnitude = V::splat(f64::from_bits(u64::MAX >> 1));
            let limit = V::splat(self.limit);
            for (place, vector) in vectors.iter().enumerate() {
                below |= vector.and(magnitude).less_than(limit) << (place * V::LANES);
            }
            if valid & !below != 0 {
                for (place, vector) in vectors.iter().enumerate() {
                    vector.store(values.as_mut_ptr().add(place * V::LANES));
                }
            }
            for (place, vector) in vectors.iter_mut().enumerate() {
                *vector = vector.keep((valid & below) >> (place * V::LANES));
            }
        }
        self.keep_back(&values, valid & !below);
    }
}

/// The sum of the lanes as integers, modulo 2^64.
///
/// # Safety
/// The processor has the instruction set of `V`.
/// They are sums of representations, which wrap around; the starts that are subtracted later wrap
/// around alike.
#[inline(always)]
unsafe fn lane_sum<V: Vector>(vector: V) -> u64 {
    let mut lanes = [0.0; LANES_MAX];
    // SAFETY: the caller vouches for the instruction set; no vector has more lanes than there is room for.
    unsafe { vector.store(lanes.as_mut_ptr()) };
    lanes[..V::LANES].iter().fold(0, |sum, lane| sum.wrapping_add(lane.to_bits()))
}

/// The running sums of a block.
///
/// The first level has its bits and-ed after every addition, not only at the end: a sum that leaves
/// its binade and comes back would have rounded wrongly in between.
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

    /// Whole groups first, then one filled up with zeros.
    #[inline(always)]
    unsafe fn take(&mut self, block: &[f64], start: usize, scale: V, sieve: &mut impl Sift) {
        let group = SUMS * V::LANES;
        let whole = block.len() / group * group;
        for from in (0..whole).step_by(group) {
            // SAFETY: the group lies within the block; what is only prefetched need not.
            unsafe {
                let index = start + from;
                let from = block.as_ptr().wrapping_add(from);
                // Narrow vectors do not outrun what the processor fetches by itself.
                for line in 0..group / LINE {
                    V::prefetch(from.wrapping_add(PREFETCH + line * LINE));
                }
                self.take_group(from, index, scale, sieve);
            }
        }
        if whole < block.len() {
            let mut rest = [0.0; GROUP_MAX];
            rest[..block.len() - whole].copy_from_slice(&block[whole..]);
            // SAFETY: there is room for a group of the widest vectors.
            unsafe { self.take_group(rest.as_ptr(), start + whole, scale, sieve) };
        }
    }

    /// Takes `SUMS` vectors, which must be readable and begin at an index.
    ///
    /// For each vector: scale and add to the first level; what it moved by is the digit, what is
    /// left goes down. The last level has nothing below it, so its digit must be what it was given,
    /// bit for bit but for the sign of a zero.
    #[inline(always)]
    unsafe fn take_group(&mut self, from: *const f64, at: usize, scale: V, sieve: &mut impl Sift) {
        // SAFETY: the caller vouches for the instruction set and the place.
        let mut vectors =
            array::from_fn::<V, SUMS, _>(|index| unsafe { V::load(from.add(index * V::LANES)) });
        // SAFETY: the caller vouches for the instruction set.
        unsafe { sieve.sift(&mut vectors, at) };
        for (index, value) in vectors.into_iter().enumerate() {
            // SAFETY: the caller vouches for the instruction set.
            unsafe {
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
    ///
    /// False only if every first-level sum kept sign and exponent all the time and every last digit
    /// was complete: then all additions were exact, and so is the sum.
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
    /// Only what was proven comes here.
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
