//! The base-2 exponential histogram of OpenTelemetry: counts in buckets whose width is a fixed share of
//! where they lie, in bounded memory. It gives quantiles with a bound on their error; the exact ones are in
//! `select`. NaN, infinities, the smallest and the largest value are kept elsewhere.
//!
//! Why order cannot matter: the final scale depends on the outermost indices of each sign alone,
//! counts are sums, and coarsening is a shift of indices, of which two in a row are one by their
//! sum. So whenever the scale was lowered, and from whatever parts the histogram was merged, it
//! ends as if all values had come at once at that scale. The scale after a part of the data is
//! never coarser than after all of it, since more values only widen the range.

mod index;

use crate::exact::{Dyadic, Natural, Ratio, Value};
use alloc::vec;
use alloc::vec::Vec;
use index::{
    Boundary, COARSE_SCALE, SCALE_MAX, SCALE_MIN, Window, coarse_index, fine_index, index,
};

/// How many values in a row must have met a bucket before a [`Window`] is made, and how many must follow for
/// each bucket: making it takes as long as finding about one value in each without it.
/// Both are about speed: whatever way an index is found, it is the same.
const WINDOW_AFTER: usize = 64;
const WINDOW_VALUES: usize = 4;

/// How many values fall into which bucket.
///
/// **Definition.** With b = 2^(2^-scale), a value x > 0 lies in bucket i when b^i < x ≤ b^(i+1), a value
/// x < 0 in bucket i of the negative ones when −x does; zeros are counted apart. The index is that of the
/// real number, whatever its type. The scale is the finest from 20 down at which the buckets from the first
/// to the last that holds a value are no more than `buckets_max`, for the positive and for the negative
/// values: it depends on the smallest and the largest magnitude of each sign alone. So the histogram is a
/// function of the multiset, and two are equal when their multisets have equal buckets, in whatever order
/// and from whatever parts they came.
///
/// **Limits.** Scales reach from 20 to −10, with `buckets_max` 2 to −11. Counts are 64 bits wide.
///
/// **Cost.** About 2 ns a value of a long slice, up to 10 ns one by one; 16 bytes a bucket at most.
///
/// **Source.** OpenTelemetry, *Metrics Data Model*, exponential histogram. The index is exact where the
/// reference implementations take it from a logarithm.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ExponentialHistogram {
    buckets_max: u32,
    scale: i8,
    zeros: u64,
    /// Those of positive and of negative values.
    sides: [Buckets; 2],
}

/// Counts of consecutive buckets; neither the first nor the last is zero.
///
/// The first and the last are not zero, so equal content has one form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Buckets {
    /// The index of the first bucket; 0 where there is none.
    pub offset: i32,
    /// How many values each holds.
    pub counts: Vec<u64>,
}

/// What a histogram knows of one order statistic.
///
/// Three numbers of which two are certain: the estimate is the harmonic mean of the ends, whose
/// largest relative error to either is the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// 2·l·u/(l + u) for the bucket (l, u], and within the extremes where they are known.
    pub value: f64,
    /// The order statistic itself is certainly no smaller than this.
    pub lower: f64,
    /// The order statistic itself is certainly no larger than this.
    pub upper: f64,
}

impl Default for ExponentialHistogram {
    fn default() -> Self {
        Self::empty(Self::BUCKETS_MAX_DEFAULT)
    }
}

impl ExponentialHistogram {
    /// How many bytes its buckets take.
    pub(crate) fn bytes_kept(&self) -> usize {
        self.sides.iter().map(|side| size_of_val(&side.counts[..])).sum()
    }

    /// How many buckets there may be for each sign unless said otherwise, as in OpenTelemetry.
    pub const BUCKETS_MAX_DEFAULT: u32 = 160;

    /// An empty histogram of at most `buckets_max` buckets for each sign; none unless that is from 2 to 2^16.
    ///
    /// With two buckets nearly nothing is left of the shape; 160 keep values that span nineteen
    /// binades to within 4.4 %.
    pub fn new(buckets_max: u32) -> Option<Self> {
        (2..=1 << 16).contains(&buckets_max).then(|| Self::empty(buckets_max))
    }

    fn empty(buckets_max: u32) -> Self {
        Self { buckets_max, scale: SCALE_MAX, zeros: 0, sides: Default::default() }
    }

    /// The histogram whose canonical content this is, if values can have it.
    ///
    /// What bytes from outside have to pass. A histogram whose scale is plainly coarser than its
    /// values ask for is refused, as are counts of buckets that no binary64 falls into.
    pub fn from_parts(
        buckets_max: u32,
        scale: i8,
        zeros: u64,
        positive: Buckets,
        negative: Buckets,
    ) -> Option<Self> {
        let empty = Self::new(buckets_max)?;
        let sides = [positive, negative];
        let within = sides.iter().all(|side| side.is_possible(buckets_max, scale));
        // At a finer scale they must have been too many, and a bucket becomes at most two.
        let full = |side: &Buckets| 2 * side.counts.len() > buckets_max as usize;
        let canonical = scale == SCALE_MAX || sides.iter().any(full);
        (within && canonical).then_some(Self { scale, zeros, sides, ..empty })
    }

    /// The most buckets that there may be for each sign.
    pub fn buckets_max(&self) -> u32 {
        self.buckets_max
    }

    /// The scale: from one bucket to the next values grow by 2^(2^-scale).
    pub fn scale(&self) -> i8 {
        self.scale
    }

    /// How many values are zero, of either sign.
    pub fn zeros(&self) -> u64 {
        self.zeros
    }

    /// The buckets of positive values.
    pub fn positive(&self) -> &Buckets {
        &self.sides[0]
    }

    /// The buckets of negative values, by magnitude.
    pub fn negative(&self) -> &Buckets {
        &self.sides[1]
    }

    /// How many values it has taken.
    /// Modulo 2^64, like all counts.
    pub fn count(&self) -> u64 {
        self.sides.iter().fold(self.zeros, |sum, side| sum.wrapping_add(side.count()))
    }

    /// Takes one value. NaN and the infinities are left out.
    #[inline]
    pub fn push(&mut self, value: Value) {
        self.push_times(value, 1);
    }

    /// Takes one value `times` times. NaN and the infinities are left out.
    ///
    /// Cost: an index and an increment; beyond the buckets there are, the list grows or the scale
    /// is lowered.
    #[inline]
    pub fn push_times(&mut self, value: Value, times: u64) {
        let (negative, magnitude, exponent) = value.to_parts();
        if magnitude == 0 {
            self.zeros = self.zeros.wrapping_add(u64::from(value.is_finite()) * times);
        } else {
            let shift = magnitude.leading_zeros();
            let power = exponent + 63 - shift as i32;
            let index = index(magnitude << shift, power, self.scale);
            match self.sides[usize::from(negative)].get_mut(index) {
                Some(count) => *count = count.wrapping_add(times),
                None => self.widen(negative.into(), index, times),
            }
        }
    }

    /// Takes every value of a slice. NaN and the infinities are left out.
    ///
    /// As pushing one by one, to the bit: values that fall into buckets there are go the fast way,
    /// the next that does not is pushed, and so on.
    pub fn update(&mut self, values: &[f64]) {
        let mut rest = values;
        while let Some((first, others)) = rest.split_first() {
            self.push(Value::from(*first));
            rest = &others[self.count_while_held(others)..];
        }
    }

    /// Takes what `other` has taken. Where their limits differ the lower one holds.
    ///
    /// Associative and commutative to the bit. The scale of the union is found before anything
    /// moves, so no bucket list is ever longer than allowed.
    pub fn merge(&mut self, other: &Self) {
        self.buckets_max = self.buckets_max.min(other.buckets_max);
        self.zeros = self.zeros.wrapping_add(other.zeros);
        let scale = self.scale.min(other.scale);
        self.coarsen((self.scale - scale) as u32);
        let surplus = (other.scale - scale) as u32;
        let mut excess = 0;
        for (side, other) in self.sides.iter().zip(&other.sides) {
            let ends =
                [side.ends(), other.ends().map(|(low, high)| (low >> surplus, high >> surplus))];
            let ends = ends.into_iter().flatten();
            if let Some((low, high)) = ends.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) {
                excess = self.excess(low, high).max(excess);
            }
        }
        self.coarsen(excess);
        for (side, other) in self.sides.iter_mut().zip(&other.sides) {
            for (index, count) in (other.offset..).zip(&other.counts) {
                if *count > 0 {
                    side.add(index >> (surplus + excess), *count);
                }
            }
        }
    }

    /// What is known of the value at `rank` (0-based) in ascending order; none where there are not as many.
    /// The `extremes` of the same values narrow it, where they are known.
    ///
    /// **Definition.** With the bucket (l, u] in which the value lies, the estimate is 2·l·u/(l + u), rounded
    /// once, and the value lies within l rounded down and u rounded up; −0.0 and +0.0 are estimated as
    /// +0.0, exactly. No order and no machine can change a bit of the three.
    ///
    /// **Error.** The estimate is off by at most [`ExponentialHistogram::relative_error`] of the value,
    /// besides its rounding to a binary64.
    pub fn at_rank(&self, rank: u64, extremes: Option<(Value, Value)>) -> Option<Estimate> {
        let [positive, negative] = &self.sides;
        let below_zero = negative.count();
        let found = if rank < below_zero {
            // The lowest value has the largest magnitude.
            -self.estimate(negative.at_rank(below_zero - 1 - rank)?)
        } else if rank - below_zero < self.zeros {
            Estimate { value: 0.0, lower: 0.0, upper: 0.0 }
        } else {
            self.estimate(positive.at_rank(rank - below_zero - self.zeros)?)
        };
        Some(extremes.map_or(found, |extremes| found.within(extremes)))
    }

    /// By how much of a value its estimate may be off at this scale: (b − 1)/(b + 1), rounded up.
    ///
    /// For b = 2^(2^-scale) and a value anywhere in (l, bl]: the harmonic mean 2bl/(b + 1) is off
    /// by (b − 1)/(b + 1) at l and at bl, and by less between.
    pub fn relative_error(&self) -> f64 {
        let base = exact(Boundary::new(1, self.scale));
        let one = Dyadic::from(1);
        Ratio::new(&base.sub(&one), &base.add(&one)).round().next_up().min(1.0)
    }

    /// Counts the values of a slice while each of them falls between the first and the last bucket of its
    /// sign, or is zero or not finite; how many those are.
    fn count_while_held(&mut self, values: &[f64]) -> usize {
        let split = |bits: u64| (bits << 11 | 1 << 63, (bits >> 52) as i32 - 1023);
        // Chosen outside the loop.
        if let Ok(by) = u32::try_from(COARSE_SCALE - self.scale) {
            return self.count_while(values, |bits, side, _| {
                let (significand, power) = split(bits);
                (coarse_index(significand, power) >> by).wrapping_sub(side.offset) as usize
            });
        }
        // A window is worth while for many values, and when the buckets have stopped to change.
        let buckets = self.sides[0].counts.len().max(self.sides[1].counts.len());
        let (first, others) = values.split_at(values.len().min(WINDOW_AFTER));
        let (by, worth_while) = (SCALE_MAX - self.scale, others.len() >= WINDOW_VALUES * buckets);
        let one_by_one = if worth_while { first } else { values };
        let held = self.count_while(one_by_one, |bits, side, _| {
            let (significand, power) = split(bits);
            (fine_index(significand, power) >> by).wrapping_sub(side.offset) as usize
        });
        if !worth_while || held < first.len() {
            return held;
        }
        let window = |side: &Buckets| Window::new(side.offset, side.counts.len(), self.scale);
        let windows = [window(self.positive()), window(self.negative())];
        held + self.count_while(others, |bits, _, negative| windows[negative].place(bits))
    }

    /// `place` says which of the buckets of its sign a magnitude falls into, given its bits.
    ///
    /// Subnormals, and values that need a new bucket, end it; zeros, NaN and infinities do not.
    #[inline]
    fn count_while(
        &mut self,
        values: &[f64],
        place: impl Fn(u64, &Buckets, usize) -> usize,
    ) -> usize {
        const NORMAL_MIN: u64 = f64::MIN_POSITIVE.to_bits();
        const INFINITY: u64 = f64::INFINITY.to_bits();
        let is_not_held = |value: &f64| {
            let (negative, bits) = ((value.to_bits() >> 63) as usize, value.to_bits() << 1 >> 1);
            if bits.wrapping_sub(NORMAL_MIN) >= INFINITY - NORMAL_MIN {
                self.zeros = self.zeros.wrapping_add(u64::from(bits == 0));
                return bits != 0 && bits < NORMAL_MIN; // subnormals are for `push`
            }
            let side = &mut self.sides[negative];
            let place = place(bits, side, negative);
            let Some(count) = side.counts.get_mut(place) else { return true };
            *count = count.wrapping_add(1);
            false
        };
        values.iter().position(is_not_held).unwrap_or(values.len())
    }

    /// Counts `times` values of a bucket beyond those there are, after making the scale fit.
    /// The scale is lowered first, so that the list never grows beyond `buckets_max`.
    #[cold]
    fn widen(&mut self, side: usize, index: i32, times: u64) {
        if times > 0 {
            let (low, high) = self.sides[side].ends().unwrap_or((index, index));
            let excess = self.excess(low.min(index), high.max(index));
            self.coarsen(excess);
            self.sides[side].add(index >> excess, times);
        }
    }

    /// By how many scales buckets from `low` to `high` are too many.
    /// Each scale halves the distance of the indices, so 32 are enough for any two.
    fn excess(&self, low: i32, high: i32) -> u32 {
        let fits = |by: &u32| (high >> by).abs_diff(low >> by) < self.buckets_max;
        (0..32).find(fits).expect("two buckets hold everything")
    }

    /// Lowers the scale.
    fn coarsen(&mut self, by: u32) {
        if by > 0 {
            self.scale -= by as i8;
            self.sides.iter_mut().for_each(|side| side.coarsen(by));
        }
    }

    /// What is known of a positive value in the bucket of `index`.
    ///
    /// The bounds are certain; the estimate is rounded once from exact boundaries and then kept
    /// between them.
    fn estimate(&self, index: i32) -> Estimate {
        let (low, high) = (Boundary::new(index, self.scale), Boundary::new(index + 1, self.scale));
        let (l, u) = (exact(low), exact(high));
        let mean = Ratio::new(&Dyadic::from(2).mul(&l).mul(&u), &l.add(&u)).round();
        let (lower, upper) = (low.round_down(), high.round_up());
        Estimate { value: clamp(mean, lower, upper), lower, upper }
    }
}

impl Buckets {
    fn count(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.wrapping_add(*count))
    }

    /// The count of a bucket, if it is one of those there are.
    #[inline]
    fn get_mut(&mut self, index: i32) -> Option<&mut u64> {
        self.counts.get_mut(index.wrapping_sub(self.offset) as usize)
    }

    /// The first and the last index.
    fn ends(&self) -> Option<(i32, i32)> {
        let last = self.counts.len().checked_sub(1)?;
        Some((self.offset, self.offset.checked_add(last as i32)?))
    }

    /// The index of the bucket of the value at `rank` in ascending order of magnitude.
    fn at_rank(&self, rank: u64) -> Option<i32> {
        let mut left = rank;
        let place = self.counts.iter().position(|count| {
            let here = left < *count;
            left = left.wrapping_sub(*count);
            here
        })?;
        Some(self.offset + place as i32)
    }

    /// Counts `times` more values, for `times` > 0, with as many more buckets as that takes.
    fn add(&mut self, index: i32, times: u64) {
        if self.counts.is_empty() {
            *self = Self { offset: index, counts: vec![times] };
            return;
        }
        let before = self.offset.saturating_sub(index).max(0);
        if before > 0 {
            self.counts.splice(0..0, (0..before).map(|_| 0));
            self.offset = index;
        }
        let place = (index - self.offset) as usize;
        if place >= self.counts.len() {
            self.counts.resize(place + 1, 0);
        }
        self.counts[place] = self.counts[place].wrapping_add(times);
    }

    /// Makes 2^`by` buckets one.
    /// Zeros between buckets stay zeros; the ends stay ends, since both are not zero.
    fn coarsen(&mut self, by: u32) {
        let finer = core::mem::take(self);
        for (index, count) in (finer.offset..).zip(finer.counts) {
            if count > 0 {
                self.add(index >> by, count);
            }
        }
    }

    /// Whether they can be those of some values.
    fn is_possible(&self, buckets_max: u32, scale: i8) -> bool {
        if !(SCALE_MIN..=SCALE_MAX).contains(&scale) || self.counts.len() > buckets_max as usize {
            return false;
        }
        let Some((low, high)) = self.ends() else { return self.offset == 0 };
        let (least, most) = (index(1 << 63, -1074, scale), index(u64::MAX, 1023, scale));
        let ends = [self.counts.first(), self.counts.last()];
        least <= low && high <= most && !ends.contains(&Some(&0))
    }
}

impl Estimate {
    /// What remains when the value is known to lie between two others.
    /// An estimate never leaves what is known to hold the value, and a single value is its own.
    fn within(self, (low, high): (Value, Value)) -> Self {
        // Integers beyond 2^53 may lie on either side of their nearest binary64.
        let low_down = if low.remainder() < 0 { low.to_f64().next_down() } else { low.to_f64() };
        let high_up = if high.remainder() > 0 { high.to_f64().next_up() } else { high.to_f64() };
        Self {
            value: clamp(self.value, low.to_f64(), high.to_f64()),
            lower: clamp(self.lower, low_down, high_up),
            upper: clamp(self.upper, low_down, high_up),
        }
    }
}

/// `value` between two others, +0.0 for either zero. Compared as integers: a host may have asked its
/// processor to take subnormal numbers for zero.
fn clamp(value: f64, low: f64, high: f64) -> f64 {
    let [value, low, high] = [value, low, high].map(Value::from);
    let within = value.max(low).min(high);
    if within.to_parts().1 == 0 { 0.0 } else { within.to_f64() }
}

impl core::ops::Neg for Estimate {
    type Output = Self;

    fn neg(self) -> Self {
        let [value, lower, upper] = [self.value, self.upper, self.lower]
            .map(|it| clamp(-it, f64::NEG_INFINITY, f64::INFINITY));
        Self { value, lower, upper }
    }
}

/// The boundary as it is computed with.
fn exact(boundary: Boundary) -> Dyadic {
    Dyadic::new(false, &Natural::from(boundary.significand), boundary.exponent - 127)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{KINDS, Random, cases};
    use super::*;
    use proptest::prelude::*;

    fn of(buckets_max: u32, values: &[f64]) -> ExponentialHistogram {
        let mut histogram = ExponentialHistogram::new(buckets_max).unwrap();
        values.iter().for_each(|value| histogram.push((*value).into()));
        histogram
    }

    /// As the definition has it: every index at the finest scale, then the first scale that fits.
    fn by_definition(buckets_max: u32, values: &[Value]) -> ExponentialHistogram {
        let mut histogram = ExponentialHistogram::new(buckets_max).unwrap();
        let finest = |value: &Value| {
            let (negative, magnitude, exponent) = value.to_parts();
            let shift = magnitude.leading_zeros();
            (
                usize::from(negative),
                index(magnitude << shift, exponent + 63 - shift as i32, SCALE_MAX),
            )
        };
        let is_zero = |value: &&Value| value.to_parts().1 == 0;
        histogram.zeros = values.iter().filter(is_zero).count() as u64;
        let indices: Vec<_> = values.iter().filter(|value| !is_zero(value)).map(finest).collect();
        let width = |side: usize, by: u32| {
            let of_side = indices.iter().filter(|it| it.0 == side).map(|it| i64::from(it.1 >> by));
            of_side.clone().max().unwrap_or(0) - of_side.min().unwrap_or(0)
        };
        let fits = |by: &u32| [0, 1].iter().all(|side| width(*side, *by) < i64::from(buckets_max));
        let by = (0..32).find(fits).unwrap();
        histogram.scale = SCALE_MAX - by as i8;
        indices.iter().for_each(|(side, index)| histogram.sides[*side].add(index >> by, 1));
        histogram
    }

    /// Values of every magnitude, of nearly one magnitude, and integers that are no binary64.
    fn values() -> impl Strategy<Value = Vec<Value>> {
        let finite = any::<f64>().prop_filter("finite", |x| x.is_finite());
        let near = (0..1u64 << 44).prop_map(|it| f64::from_bits(1000f64.to_bits() + it));
        let signed =
            (near, any::<bool>()).prop_map(|(it, negative)| if negative { -it } else { it });
        let vector = |one: BoxedStrategy<Value>| proptest::collection::vec(one, 0..60);
        prop_oneof![
            vector(finite.prop_map(Value::from).boxed()),
            vector(signed.prop_map(Value::from).boxed()),
            vector((-9..9i64).prop_map(Value::from).boxed()),
            vector((u64::MAX - 4000..).prop_map(Value::from).boxed()),
        ]
    }

    proptest! {
        #[test]
        fn neither_order_nor_cut_nor_way_in_shows(
            values in values(), cut in 0usize..60, buckets_max in 2u32..200,
        ) {
            let expected = by_definition(buckets_max, &values);
            let mut forward = ExponentialHistogram::new(buckets_max).unwrap();
            let (mut left, mut right) = (forward.clone(), forward.clone());
            values.iter().for_each(|value| forward.push(*value));
            prop_assert_eq!(&forward, &expected);
            values.iter().rev().take(cut).for_each(|value| right.push(*value));
            values.iter().rev().skip(cut).for_each(|value| left.push(*value));
            let mut reverse = right.clone();
            reverse.merge(&left);
            left.merge(&right);
            prop_assert_eq!(&left, &expected);
            prop_assert_eq!(&reverse, &expected);
            let floats: Vec<f64> = values.iter().map(|value| value.to_f64()).collect();
            let mut slice = ExponentialHistogram::new(buckets_max).unwrap();
            slice.update(&floats);
            prop_assert_eq!(slice, of(buckets_max, &floats));
            let [positive, negative] = expected.sides.clone();
            let (scale, zeros) = (expected.scale, expected.zeros);
            let read = ExponentialHistogram::from_parts(buckets_max, scale, zeros, positive, negative);
            prop_assert_eq!(read, Some(expected));
        }

        #[test]
        fn the_value_lies_within_and_near_its_estimate(mut values in values(), buckets_max in 2u32..200) {
            let histogram = by_definition(buckets_max, &values);
            values.sort_unstable();
            let extremes = values.first().copied().zip(values.last().copied());
            let relative = Value::from(histogram.relative_error()).to_dyadic();
            for (rank, value) in values.iter().enumerate() {
                for extremes in [None, extremes] {
                    let found = histogram.at_rank(rank as u64, extremes).unwrap();
                    let [estimate, lower, upper] =
                        [found.value, found.lower, found.upper].map(|it| Value::from(it).to_dyadic());
                    let value = value.to_dyadic();
                    prop_assert!(lower <= value && value <= upper, "{:?} of {:?}", found, value);
                    prop_assert!(lower <= estimate && estimate <= upper, "{:?}", found);
                    // Besides the bound, half an ulp; a whole one where the value is no binary64.
                    let absolute = |it: &Dyadic| if it.is_negative() { it.neg() } else { it.clone() };
                    let ulp = absolute(&Value::from(found.value.abs().next_up()).to_dyadic().sub(&absolute(&estimate)));
                    let bound = absolute(&value).mul(&relative).add(&ulp);
                    prop_assert!(absolute(&estimate.sub(&value)) <= bound, "{:?} of {:?}", found, value);
                }
            }
            prop_assert_eq!(histogram.at_rank(values.len() as u64, extremes), None);
        }
    }

    /// Whatever bytes from outside may say: many buckets, any scale, counts whose sum passes 64 bits.
    fn content() -> impl Strategy<Value = ExponentialHistogram> {
        let side = (any::<i32>(), proptest::collection::vec(any::<u64>(), 0..40), any::<bool>());
        let side = side.prop_map(|(offset, counts, near)| Buckets {
            offset: if counts.is_empty() { 0 } else { offset >> if near { 20 } else { 1 } },
            counts,
        });
        let parts = (2..40u32, SCALE_MIN - 1..=SCALE_MAX + 1, any::<u64>(), side.clone(), side);
        parts.prop_filter_map("possible", |(buckets_max, scale, zeros, positive, negative)| {
            ExponentialHistogram::from_parts(buckets_max, scale, zeros, positive, negative)
        })
    }

    proptest! {
        #[test]
        fn no_content_leads_to_a_panic(left in content(), right in content(), rank in any::<u64>()) {
            let (mut merged, mut reverse) = (left.clone(), right.clone());
            merged.merge(&right);
            reverse.merge(&left);
            prop_assert_eq!(&merged, &reverse);
            merged.push_times((-1e300).into(), u64::MAX);
            merged.update(&[1.0; 2000]);
            for histogram in [left, merged] {
                let found = histogram.at_rank(rank, None);
                prop_assert!(found.is_none_or(|it| it.lower <= it.value && it.value <= it.upper));
            }
        }
    }

    #[test]
    fn buckets_of_few_values() {
        let check = |buckets_max: u32, values: &[f64], scale: i8, offset: i32, counts: &[u64]| {
            let both: Vec<f64> = values.iter().flat_map(|value| [*value, -value]).collect();
            let histogram = of(buckets_max, &both);
            assert_eq!(histogram.scale, scale, "{values:?}");
            for side in &histogram.sides {
                assert_eq!((side.offset, &side.counts[..]), (offset, counts), "{values:?}");
            }
        };
        // The tests of OpenTelemetry's software development kits.
        check(4, &[2.0, 4.0, 1.0], 0, -1, &[1, 1, 1]);
        check(4, &[4.0, 4.0, 4.0, 2.0, 16.0, 1.0], -1, -1, &[1, 4, 1]);
        for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
            check(2, &order.map(|at| [1.0, 2.0, 4.0][at]), -1, -1, &[1, 2]);
        }
        check(2, &[f64::from_bits(1), f64::MAX], -11, -1, &[1, 1]);
        check(3, &[f64::from_bits(1), f64::MAX], -10, -2, &[1, 0, 1]);
        check(160, &[1.0], 20, -1, &[1]);
    }

    #[test]
    fn errors_are_those_of_the_scale() {
        let expected = [(3, 4.33), (4, 2.17), (5, 1.083), (6, 0.5415), (7, 0.2708), (8, 0.1354)];
        for (scale, percent) in expected {
            let histogram = ExponentialHistogram { scale, ..Default::default() };
            assert!((100.0 * histogram.relative_error() / percent - 1.0).abs() < 2e-3);
        }
        assert!(ExponentialHistogram::default().relative_error() < 3.31e-7);
    }

    #[test]
    fn one_value_is_known_by_its_extremes() {
        for value in
            [Value::from(0.1), Value::from(-5e-324), Value::from(u64::MAX), Value::from(-0.0)]
        {
            let mut histogram = ExponentialHistogram::default();
            histogram.push_times(value, u64::MAX);
            let found = histogram.at_rank(u64::MAX - 1, Some((value, value))).unwrap();
            let expected = if value.to_f64() == 0.0 { 0.0 } else { value.to_f64() };
            assert_eq!(found.value.to_bits(), expected.to_bits());
        }
    }

    #[test]
    fn many_short_arrays_are_as_single_values() {
        let mut random = Random::new(19);
        for case in 0..cases(2) {
            let length = 1 + random.below(20);
            let values = random.values(KINDS[case % KINDS.len()], length);
            let mut slice = ExponentialHistogram::new([2, 20, 160][case % 3]).unwrap();
            let expected = of(slice.buckets_max(), &values);
            slice.update(&values);
            assert_eq!(slice, expected, "{values:?}");
        }
    }

    /// Long slices, in which windows are made, whose later values may lie beyond them.
    #[test]
    fn long_slices_are_as_single_values() {
        let check = |value: &dyn Fn(u64) -> f64| {
            for buckets_max in [2, 40, 160] {
                let values: Vec<f64> = (0..3000).map(value).collect();
                let mut slice = ExponentialHistogram::new(buckets_max).unwrap();
                slice.update(&values);
                assert_eq!(slice, of(buckets_max, &values));
            }
        };
        check(&|index| f64::from_bits(1000f64.to_bits() + ((index * index) << 20)));
        check(&|index| 0.99 + (index * 7919 % 3000) as f64 * 1e-5);
        check(&|index| if index % 3 == 0 { -1.0 - 1e-9 * index as f64 } else { 1.0 });
        check(&|index| if index == 2900 { 1e-310 } else { 5e-320 });
        check(&|index| if index == 2900 { f64::NAN } else { f64::MAX });
        check(&|index| [0.0, 3.0, f64::INFINITY, -0.0][index as usize % 4]);
    }

    #[test]
    fn what_is_not_finite_is_left_out() {
        let mut histogram = of(160, &[f64::NAN, f64::INFINITY, 3.0]);
        histogram.update(&[f64::NEG_INFINITY, f64::NAN, 3.0, -0.0]);
        histogram.push_times(5.0.into(), 0);
        assert_eq!((histogram.count(), histogram.zeros), (3, 1));
        assert_eq!(histogram.scale, 20);
    }

    #[test]
    fn contents_that_no_values_have_are_refused() {
        let side = |offset: i32, counts: &[u64]| Buckets { offset, counts: counts.to_vec() };
        let read = |scale: i8, positive: Buckets| {
            ExponentialHistogram::from_parts(4, scale, 0, positive, Buckets::default())
        };
        assert!(read(3, side(-1, &[1, 0, 1])).is_some());
        let refused = [
            (3, side(-1, &[1, 1])),          // would fit a finer scale
            (3, side(-1, &[0, 1, 1])),       // begins with nothing
            (3, side(-1, &[1, 1, 0])),       // ends with nothing
            (3, side(-1, &[1, 1, 1, 1, 1])), // too many
            (3, side(8190, &[1, 1, 1])),     // beyond the largest binary64
            (3, side(-8594, &[1, 1, 1])),    // below the smallest
            (3, side(i32::MAX, &[1, 1, 1])),
            (3, side(1, &[])),
            (21, side(0, &[1])),
            (-12, side(0, &[1, 1, 1])),
        ];
        for (scale, positive) in refused {
            assert_eq!(read(scale, positive.clone()), None, "{scale} {positive:?}");
        }
        assert_eq!(ExponentialHistogram::new(1), None);
    }
}
