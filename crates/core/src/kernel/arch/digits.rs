//! Moments by digits: every value is cut into three digits of 22 bits below a power of two that bounds the
//! block. A product of two digits then has at most 44 bits, and 2^7 of them are summed in a binary64 without
//! rounding: Σx and Σx² come out exact at the speed of float arithmetic. Which power of two to take, and
//! what to do with values that do not fit, is decided outside.
//!
//! The digits are taken off by accumulation (Demmel and Nguyen, "Parallel reproducible summation", 2015):
//! adding a value to a large sum rounds it to a multiple of the sum's last place; what the sum has moved by
//! is the digit, and what is left of the value goes to the next level. Every sum, of digits as of
//! products, starts in the middle of a binade and never leaves it, so that what has been added to it is a
//! difference of representations, in units of its last place.
//!
//! The bounds, for values below 2^E: a first digit is a multiple of 2^(E − 22) and at most 2^22 of
//! them, and leaves at most half of one; so the next, a multiple of 2^(E − 45), is at most 2^22 as
//! well, and so is the third, of 2^(E − 68). A product of two digits is at most 2^44 in its own
//! units. 2^7 of either move a sum by at most 2^51 of its last places, and a binade has 2^52: from
//! its middle none leaves it. While it stays there every addition is exact, for both addends are
//! multiples of its last place. Adding representations as integers is then adding counts of last
//! places; they wrap around modulo 2^64, which the difference to the starts undoes.
//!
//! A value of which a third digit leaves something (its bits reach below 2^(E − 68)) is found by
//! that rest, and either spills or refuses the block. A value that is too large or not finite shows
//! in the extremes of the block, whose comparison a NaN cannot pass unseen: its rest is NaN.

use super::vector::{LANES_MAX, LINE};
use super::{Kernel, Vector, run};
use crate::kernel::InstructionSet;
use core::array;

/// Digits of a value.
/// Two would refuse ordinary data and four would double the products.
pub(super) const LEVELS: usize = 3;

/// The levels of each product of two digits.
const PAIRS: [(usize, usize); 6] = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];

/// What is summed in each lane: the digits of each level, then the products.
pub(super) const SUMS: usize = LEVELS + PAIRS.len();

/// Bits from the last place of one digit to that of the next: 22, and the sign of a digit rounded to
/// nearest is one more.
pub(super) const STEP: i32 = 23;

/// How many values a lane takes before its sums are read: 2^7 products of 2^44 move a sum by no more than
/// 2^51, half of a binade.
pub(super) const DEPTH: usize = 128;

/// Vectors after which is tested whether a value had more than three digits.
pub(super) const GROUP: usize = 16;

/// How many values ahead memory is asked for.
/// 16 KB, as measured: with half of that, what computes for nearly as long as memory takes still waited for it.
const PREFETCH: usize = 2048;

/// The most values of a block: enough to forget what it costs to begin one, and few enough to stay in the
/// first-level cache.
pub(in super::super) const BLOCK: usize = 4096;

/// The most values of a call of [`moments`]: some sixty nanoseconds are spent after each, a twentieth of what a block
/// takes, in which memory is not asked for anything.
pub(in super::super) const LONG: usize = 4 * BLOCK;
const _: () = assert!(LONG <= LENGTH_MAX, "sums have room");

/// How many values [`LevelSums`] have room for: each adds less than three times 2^45 to one of them.
pub(super) const LENGTH_MAX: usize = 1 << 16;

/// The exponents for which no product of digits over- or underflows.
/// Their least product has its last place at 2^(2E − 136) ≥ 2^-1016, and their largest sum is below
/// 2^(2E + 9) ≤ 2^989.
pub(in super::super) const EXPONENTS: core::ops::RangeInclusive<i32> = -440..=490;

/// One value in so many may have more than three digits.
/// Normal values spill one in 10^4; far more than that, and splitting the block is faster.
pub(super) const SPILL_SHARE: usize = 32;

/// 2^`exponent`, which must be that of a normal binary64.
pub(in super::super) fn power(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

/// What digits and their products summed up to.
///
/// Integers and no floats: what they are of is over, and adding them to a superaccumulator is
/// exact.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct LevelSums {
    /// The exponent of the last place of the first digit.
    place: i32,
    /// By level, in units of its last place.
    digits: [i64; LEVELS],
    /// By the sum of the two levels of a product.
    products: [i64; 2 * LEVELS - 1],
}

impl LevelSums {
    /// Those of values 2^`exponent` times as large.
    /// What was multiplied by a power of two to keep clear of the ends is put back.
    pub(super) fn scaled(self, exponent: i32) -> Self {
        Self { place: self.place + exponent, ..self }
    }

    /// Σx as parts times powers of two.
    pub(in super::super) fn sum(&self) -> impl Iterator<Item = (i64, i32)> {
        self.digits.into_iter().zip((0..).map(|level| self.place - STEP * level))
    }

    /// Σx² as parts times powers of two.
    pub(in super::super) fn squares(&self) -> impl Iterator<Item = (i64, i32)> {
        self.products.into_iter().zip((0..).map(|levels| 2 * self.place - STEP * levels))
    }
}

/// The values of a block that have more than three digits, and what is left of each.
///
/// A fixed array of 2 KB: the loop never allocates. What a block that was refused has left in it
/// means nothing.
#[derive(Clone, Debug)]
pub(in super::super) struct Spill {
    entries: [(f64, f64); BLOCK / SPILL_SHARE],
    length: usize,
    limit: usize,
}

impl Default for Spill {
    fn default() -> Self {
        Self { entries: [(0.0, 0.0); BLOCK / SPILL_SHARE], length: 0, limit: 0 }
    }
}

impl Spill {
    /// Each value with what its digits leave.
    pub(in super::super) fn entries(&self) -> &[(f64, f64)] {
        &self.entries[..self.length]
    }

    /// Empties it for a block of `length` values.
    fn start(&mut self, length: usize) {
        self.length = 0;
        self.limit = (length / SPILL_SHARE).min(self.entries.len());
    }

    /// Takes the values that leave something; whether there was room, and all are numbers.
    ///
    /// −0.0 is nothing left. A rest that is not finite is that of a value that is not, or of an
    /// overflow on the way, and the block is refused.
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

/// Where the sums of values below a power of two start.
///
/// Each in the middle of the binade whose last place its digits count.
#[derive(Clone, Copy)]
pub(super) struct Starts(pub(super) [f64; SUMS]);

impl Starts {
    /// For values below 2^`exponent`.
    pub(super) fn below(exponent: i32) -> Self {
        let place = first_place(exponent);
        Self(array::from_fn(|sum| match sum.checked_sub(LEVELS) {
            None => middle(place - STEP * sum as i32),
            Some(pair) => middle(2 * place - STEP * (PAIRS[pair].0 + PAIRS[pair].1) as i32),
        }))
    }
}

/// The middle of the binade whose last place has the exponent `place`.
/// From there as many steps lead up as down before the exponent changes.
pub(super) fn middle(place: i32) -> f64 {
    1.5 * power(place + 52)
}

/// The exponent of the last place of the first digit of values below 2^`exponent`.
/// 22 bits below the bound.
pub(super) fn first_place(exponent: i32) -> i32 {
    exponent - 22
}

/// The sums of digits and their products in each lane.
///
/// Three levels and six products: nine registers, which with a value, its rest and its digits fill
/// the sixteen of AVX2.
#[derive(Clone, Copy)]
pub(super) struct Digits<V>(pub(super) [V; SUMS]);

impl<V: Vector> Digits<V> {
    #[inline(always)]
    pub(super) unsafe fn new(starts: &Starts) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        Self(array::from_fn(|sum| unsafe { V::splat(starts.0[sum]) }))
    }

    /// Adds a vector of values: its digits, and what they leave.
    #[inline(always)]
    pub(super) unsafe fn take(&mut self, values: V, one: V) -> ([V; LEVELS], V) {
        let mut rest = values;
        let mut digits = [values; LEVELS];
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            for (level, digit) in digits.iter_mut().enumerate() {
                (*digit, rest) = self.cut(level, rest, one);
            }
            self.multiply(digits);
        }
        (digits, rest)
    }

    /// Adds to the sum of a level: the digit of that level, and what it leaves.
    ///
    /// `moved − sum` is the digit, exactly, since both are of one binade; the rest is exact since
    /// it is what rounding to a multiple leaves.
    #[inline(always)]
    unsafe fn cut(&mut self, level: usize, values: V, one: V) -> (V, V) {
        let sum = &mut self.0[level];
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            let moved = sum.add(values);
            let digit = moved.sub(*sum);
            *sum = moved;
            (digit, values.less(digit, one))
        }
    }

    /// Adds the products of two digits each. They are those of integers below 2^23, so it does not matter
    /// whether they are fused.
    #[inline(always)]
    unsafe fn multiply(&mut self, digits: [V; LEVELS]) {
        for (sum, (left, right)) in self.0[LEVELS..].iter_mut().zip(PAIRS) {
            // SAFETY: the caller vouches for the instruction set.
            *sum = unsafe { digits[left].mul_add(digits[right], *sum) };
        }
    }
}

/// The representations of sums, summed as integers modulo 2^64 in each lane.
///
/// In floats only for their width: no float is added, all are taken for integers.
#[derive(Clone, Debug)]
pub(super) struct Totals<const N: usize = SUMS> {
    lanes: [[f64; LANES_MAX]; N],
    /// How many sums are in each lane together.
    sums: i64,
}

impl<const N: usize> Default for Totals<N> {
    fn default() -> Self {
        Self { lanes: [[0.0; LANES_MAX]; N], sums: 0 }
    }
}

impl<const N: usize> Totals<N> {
    /// Adds sums that are still in the binade where they started.
    /// Once in 128 values of a lane, so its cost is not seen.
    #[inline(always)]
    pub(super) unsafe fn add<V: Vector>(&mut self, sums: &[V; N]) {
        for (lanes, sum) in self.lanes.iter_mut().zip(sums) {
            // SAFETY: the caller vouches for the instruction set; no vector has more lanes.
            unsafe { V::load(lanes.as_ptr()).add_bits(*sum).store(lanes.as_mut_ptr()) };
        }
        self.sums += V::LANES as i64;
    }

    /// By how many of their last places the sums have moved since their starts.
    ///
    /// Each of the `sums` began at the start, so that many starts are subtracted, modulo 2^64 like
    /// the sum itself; what is left has 63 bits and a sign.
    pub(super) fn moved(&self, starts: &[f64; N]) -> [i64; N] {
        array::from_fn(|sum| {
            let start = (starts[sum].to_bits() as i64).wrapping_mul(self.sums);
            let lanes = self.lanes[sum].iter().map(|lane| lane.to_bits() as i64);
            lanes.fold(0, i64::wrapping_add).wrapping_sub(start)
        })
    }
}

impl Totals {
    /// What was added to the sums of values below 2^`exponent`: no more than [`LENGTH_MAX`].
    /// A product of two different levels occurs twice in the square.
    pub(super) fn read(&self, exponent: i32, starts: &Starts) -> LevelSums {
        let moved = self.moved(&starts.0);
        let mut products = [0; 2 * LEVELS - 1];
        for (sum, (left, right)) in moved[LEVELS..].iter().zip(PAIRS) {
            products[left + right] += if left == right { *sum } else { 2 * sum };
        }
        LevelSums {
            place: first_place(exponent),
            digits: array::from_fn(|level| moved[level]),
            products,
        }
    }
}

/// What a pass over a block found.
///
/// The bounds are kept beside the sums because a minimum and a maximum a vector cost nothing while
/// the adders wait.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Found {
    /// The smallest value, either zero for the other.
    pub(in super::super) low: f64,
    /// The largest value, either zero for the other.
    pub(in super::super) high: f64,
    /// The sums of the digits, to which what has spilled is to be added.
    pub(in super::super) sums: LevelSums,
}

/// The moments of at most [`LONG`] values by digits below 2^`exponent`, or none where a value is not below
/// it or not finite, or too many have more digits.
///
/// None leaves the spill in some state, and no sum anywhere: the caller loses nothing but time.
///
/// # Panics
/// When there are no values or more than sums have room for, or products could over- or underflow.
pub(in super::super) fn moments(
    set: InstructionSet,
    values: &[f64],
    exponent: i32,
    spill: &mut Spill,
) -> Option<Found> {
    assert!((1..=LONG).contains(&values.len()), "there are values, and room for them");
    assert!(EXPONENTS.contains(&exponent), "products have room");
    spill.start(values.len());
    run(set, Moments { values, exponent, spill })
}

/// The arguments of [`moments`].
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
        unsafe { if V::LANES == LANES_MAX { self.in_stages::<V>() } else { self.at_once::<V>() } }
    }
}

impl Moments<'_> {
    /// With the thirty-two registers of AVX-512: four vectors are under way, each at a stage of its own, so that
    /// what stands side by side in the loop does not wait for each other. A vector takes some thirty cycles from
    /// its first digit to its last product, and a processor looks less far ahead than that.
    ///
    /// Rests are stored, in case one is needed, and tested in groups of sixteen vectors, so that there is one branch
    /// for all of them; together in a register, since reading them back would wait for the last to be stored. They
    /// come [`STAGES_TO_REST`] vectors late: after the last group some zeros push out what is still under way.
    #[inline(always)]
    unsafe fn in_stages<V: Vector>(self) -> Option<Found> {
        let Self { values, exponent, spill } = self;
        let starts = Starts::below(exponent);
        let mut totals = Totals::<SUMS>::default();
        let group_length = GROUP * V::LANES;
        let late = STAGES_TO_REST * V::LANES;
        let n_groups = values.len().div_ceil(group_length);
        let one = core::hint::black_box(1.0);
        // Not known to the compiler, which would unroll the loop until no sum is left in a register.
        let vectors = core::hint::black_box(GROUP);
        let mut aligned = Aligned([0.0; GROUP * LANES_MAX]);
        let rests = &mut aligned.0;
        let mut padded = [[0.0; GROUP * LANES_MAX]; 2];
        let zeros = [0.0; TURN * LANES_MAX];
        // SAFETY: the caller vouches for the instruction set. A group is either `group_length` values of the
        // slice or an array that long, and the turn after the last one has as many values as it reads; what is only
        // prefetched need not be there.
        unsafe {
            let (mut low, mut high) = (V::splat(f64::INFINITY), V::splat(f64::NEG_INFINITY));
            let mut stages = Stages::<V>::new(&starts, one);
            for index in 0..=n_groups {
                let start = index * group_length;
                let group = values.get(start..).unwrap_or_default();
                let group = &group[..group.len().min(group_length)];
                let [summed, compared] = if group.is_empty() && values.len() >= zeros.len() {
                    [zeros.as_ptr(), values.as_ptr()]
                } else {
                    whole(group, group_length, values[0], &mut padded)
                };
                let vectors = if index < n_groups { vectors } else { TURN };
                let mut left = V::splat(0.0);
                for vector in (0..vectors).step_by(TURN) {
                    for at in (0..TURN).map(|next| (vector + next) * V::LANES) {
                        V::prefetch(group.as_ptr().wrapping_add(PREFETCH + at));
                        let rest = stages.step(V::load(summed.add(at)));
                        rest.store(rests.as_mut_ptr().add(at));
                        left = left.or(rest);
                        low = low.min(V::load(compared.add(at)));
                        high = high.max(V::load(compared.add(at)));
                    }
                }
                // Zeros leave nothing, unless one that is not finite came before them, which was refused: so what is
                // left is that of values, and the first of them is in the slice.
                if left.nonzero() != 0 {
                    let from = start.saturating_sub(late);
                    let rests = &rests[late - (start - from)..vectors * V::LANES];
                    if !spill.take(&values[from..], rests) {
                        return None;
                    }
                }
                if (index + 1).is_multiple_of(DEPTH / GROUP) {
                    totals.add(&stages.sums.0);
                    stages.sums = Digits::new(&starts);
                }
            }
            totals.add(&stages.sums.0);
            found(low, high, exponent, || totals.read(exponent, &starts))
        }
    }

    /// With sixteen registers: a vector at a time, which with its digits and the sums fills them.
    ///
    /// There is no room for the bounds and for the rests together: a sum that lies in memory instead waits for itself
    /// to be stored, and the loop takes two thirds longer. So the bounds are kept in memory between groups, out of
    /// the compiler's sight, and looked for in a loop of their own.
    #[inline(always)]
    unsafe fn at_once<V: Vector>(self) -> Option<Found> {
        let Self { values, exponent, spill } = self;
        let starts = Starts::below(exponent);
        let mut totals = Totals::<SUMS>::default();
        let group_length = GROUP * V::LANES;
        let one = core::hint::black_box(1.0);
        // As in the other loop.
        let vectors = core::hint::black_box(GROUP);
        let mut aligned = Aligned([0.0; GROUP * LANES_MAX]);
        let rests = &mut aligned.0;
        let mut padded = [[0.0; GROUP * LANES_MAX]; 2];
        let mut bounds = [f64::INFINITY, f64::NEG_INFINITY].map(|bound| [bound; LANES_MAX]);
        let bounds = core::hint::black_box(&mut bounds);
        // SAFETY: as in the other loop.
        unsafe {
            let one = V::splat(one);
            for part in values.chunks(DEPTH * V::LANES) {
                let mut sums = Digits::<V>::new(&starts);
                for group in part.chunks(group_length) {
                    let [summed, compared] = whole(group, group_length, values[0], &mut padded);
                    for at in (0..vectors).map(|vector| vector * V::LANES) {
                        // One line at a time: asked for in a burst, they wait for each other and all else for them.
                        if at % LINE == 0 {
                            V::prefetch(group.as_ptr().wrapping_add(PREFETCH + at));
                        }
                        let (_, rest) = sums.take(V::load(summed.add(at)), one);
                        rest.store(rests.as_mut_ptr().add(at));
                    }
                    let [mut low, mut high] =
                        bounds.each_ref().map(|bound| V::load(bound.as_ptr()));
                    let mut left = V::splat(0.0);
                    for at in (0..vectors).map(|vector| vector * V::LANES) {
                        low = low.min(V::load(compared.add(at)));
                        high = high.max(V::load(compared.add(at)));
                        left = left.or(V::load(rests.as_ptr().add(at)));
                    }
                    low.store(bounds[0].as_mut_ptr());
                    high.store(bounds[1].as_mut_ptr());
                    if left.nonzero() != 0 && !spill.take(group, rests) {
                        return None;
                    }
                }
                totals.add(&sums.0);
            }
            let [low, high] = bounds.each_ref().map(|bound| V::load(bound.as_ptr()));
            found(low, high, exponent, || totals.read(exponent, &starts))
        }
    }
}

/// What a pass found, unless a value is not below 2^`exponent`.
#[inline(always)]
unsafe fn found<V: Vector>(
    low: V,
    high: V,
    exponent: i32,
    sums: impl FnOnce() -> LevelSums,
) -> Option<Found> {
    // SAFETY: the caller vouches for the instruction set.
    let (low, high) = unsafe { (fold(low, f64::min), fold(high, f64::max)) };
    let is_below = low > -power(exponent) && high < power(exponent);
    is_below.then(|| Found { low, high, sums: sums() })
}

/// After how many steps it is known what the digits of a vector leave.
const STAGES_TO_REST: usize = LEVELS - 1;

/// How many vectors a turn of the loop takes, so that what goes from stage to stage seldom changes its register.
/// Zeros in one turn push out all that is under way.
const TURN: usize = 4;
const _: () =
    assert!(TURN > LEVELS && GROUP.is_multiple_of(TURN), "a turn is enough, and a group is turns");

/// Vectors on their way into the sums: one each with one digit cut, with two, and with all three.
/// At first they are zeros, which add nothing.
struct Stages<V> {
    sums: Digits<V>,
    one: V,
    /// A digit and what it leaves.
    first: (V, V),
    /// Two digits and what they leave.
    second: ([V; 2], V),
    /// Digits of which the products are still to be added.
    third: [V; LEVELS],
}

impl<V: Vector> Stages<V> {
    #[inline(always)]
    unsafe fn new(starts: &Starts, one: f64) -> Self {
        // SAFETY: the caller vouches for the instruction set.
        let (sums, one, zero) = unsafe { (Digits::new(starts), V::splat(one), V::splat(0.0)) };
        Self { sums, one, first: (zero, zero), second: ([zero; 2], zero), third: [zero; LEVELS] }
    }

    /// Takes a vector, and moves the others one stage on: what the digits leave of the one that came
    /// [`STAGES_TO_REST`] before it.
    #[inline(always)]
    unsafe fn step(&mut self, values: V) -> V {
        // SAFETY: the caller vouches for the instruction set.
        unsafe {
            self.sums.multiply(self.third);
            let ([first, second], left) = self.second;
            let (third, rest) = self.sums.cut(2, left, self.one);
            self.third = [first, second, third];
            let (first, left) = self.first;
            let (second, left) = self.sums.cut(1, left, self.one);
            self.second = ([first, second], left);
            self.first = self.sums.cut(0, values, self.one);
            rest
        }
    }
}

/// What begins where a line of the cache does: a vector of AVX-512 that lies across two lines is stored and
/// read at half the speed, and where the stack begins changes from run to run.
#[repr(align(64))]
struct Aligned([f64; GROUP * LANES_MAX]);

/// Where as many values as a group has lie for the sums, and where to be compared: those of a short one are
/// filled up.
#[inline(always)]
fn whole(
    group: &[f64],
    length: usize,
    some: f64,
    padded: &mut [[f64; GROUP * LANES_MAX]; 2],
) -> [*const f64; 2] {
    if group.len() == length {
        return [group.as_ptr(); 2];
    }
    pad(group, some, padded);
    padded.each_ref().map(|values| values.as_ptr())
}

/// A group for the sums, filled up with zeros, and one to be compared, filled up with some value of the block.
///
/// Zeros have no digits; but a zero may be smaller than the smallest value, so what is compared
/// repeats one that is there.
#[cold]
fn pad(group: &[f64], some: f64, padded: &mut [[f64; GROUP * LANES_MAX]; 2]) {
    padded[0].fill(0.0);
    padded[1].fill(some);
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
