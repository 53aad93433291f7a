//! An accumulator of 96 bytes, for when there are a million of them: the groups of a group-by. It keeps
//! sums, sums of squares and extremes in a few words for as long as the values allow, and allocates the
//! full states only when they do not.
//!
//! How: a window holds Σx and Σx² of values whose bits lie within 96 places, floats or integers; the smallest and the
//! largest are kept as the keys that order them and their remainders. What is no number is counted in 16 bits. Values
//! that the window refuses and counts that grow larger go outside, into a box that few groups have. Which of the two a
//! value goes to depends on the order; the sums of both together do not.

use super::{Counts, Extremes};
use crate::error::{Error, NonfiniteKind};
use crate::exact::{Dyadic, SquareAccumulator, SumAccumulator, Value, Window};
use crate::kernel::GroupSum;
use crate::stat::States;
use alloc::boxed::Box;
use alloc::string::ToString;

/// Takes values one by one and keeps what count, sum, mean, variance, stddev, min, max and their like need:
/// the states `sum`, `sum_squares` and `extremes`. Any plan over these can be asked at the end, and gives
/// the bits that an [`Accumulator`](crate::Accumulator) of the same values gives.
///
/// Limits: 96 bytes while the values are multiples of one power of two and less than 2^96 times as large,
/// as measurements are and integers of any size; about 2 KB more for a group in which they are not, or which has more
/// than 65,535 missing values, NaN, infinities of one sign, or cells that are no number.
/// Cost: a few nanoseconds a value; tens of nanoseconds a merge.
///
/// ```
/// use exacta::{CompactAccumulator, Plan, Statistic};
/// use std::collections::HashMap;
///
/// let mut groups: HashMap<&str, CompactAccumulator> = HashMap::new();
/// for (key, value) in [("a", 0.1), ("b", 5.0), ("a", 0.2), ("a", 0.3)] {
///     groups.entry(key).or_default().push(value);
/// }
/// let plan = Plan::new([Statistic::Sum, Statistic::Max]);
/// let summary = groups["a"].to_partial(&plan)?.finalize(&plan)?;
/// assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(0.6));
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct CompactAccumulator {
    window: Window,
    /// Of the values in the window: the [`Value::key`] of the smallest and of the largest …
    keys: [i64; 2],
    /// … and their remainders. Two [`Value`]s would take 12 bytes more, of padding.
    remainders: [i16; 2],
    few: Few,
    outside: Option<Box<Outside>>,
}

/// Counts of what is no number: null, NaN, +∞, −∞ and invalid, in the order of [`Counts`].
#[derive(Clone, Copy, Debug, Default)]
struct Few([u16; 5]);

/// What few groups have: values that the window cannot take, and counts of more than 16 bits.
#[derive(Clone, Debug, Default)]
struct Outside {
    counts: Counts,
    extremes: Extremes,
    sum: SumAccumulator,
    squares: SquareAccumulator,
}

impl CompactAccumulator {
    /// The states that it keeps.
    const STATES: States = States::SUM.union(States::SUM_SQUARES).union(States::EXTREMES);

    /// Whether it keeps these states.
    pub(crate) fn keeps(states: States) -> bool {
        Self::STATES.contains(states)
    }

    /// That it keeps these states.
    pub(crate) fn check_states(states: States) -> Result<(), Error> {
        if Self::keeps(states) {
            return Ok(());
        }
        Err(Error::StatesMissing { missing: states.without(Self::STATES).to_string() })
    }

    /// Takes one value. NaN and infinities are counted: what they mean is for the plan to say at the end.
    ///
    /// ```
    /// use exacta::{CompactAccumulator, Plan, Statistic};
    /// let mut accumulator = CompactAccumulator::default();
    /// for value in [1e300, 1.0, -1e300] {
    ///     accumulator.push(value);
    /// }
    /// let plan = Plan::new([Statistic::Sum]);
    /// let summary = accumulator.to_partial(&plan)?.finalize(&plan)?;
    /// assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(1.0));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    #[inline]
    pub fn push(&mut self, value: impl Into<Value>) {
        let value = value.into();
        if !self.push_within(value) {
            self.push_outside(value);
        }
    }

    /// Counts a missing value.
    ///
    /// ```
    /// let mut accumulator = exacta::CompactAccumulator::default();
    /// accumulator.push_null();
    /// assert_eq!(accumulator.counts().null, 1);
    /// ```
    pub fn push_null(&mut self) {
        self.take_few(Few::NULL);
    }

    /// Counts a cell that is no number.
    ///
    /// ```
    /// let mut accumulator = exacta::CompactAccumulator::default();
    /// accumulator.push_invalid();
    /// assert_eq!(accumulator.counts().invalid, 1);
    /// ```
    pub fn push_invalid(&mut self) {
        self.take_few(Few::INVALID);
    }

    /// Takes what another has taken.
    ///
    /// # Errors
    /// [`Error::CountOverflow`] when a count would pass 2^64 − 1; the accumulator stays as it was.
    ///
    /// # Example
    /// ```
    /// use exacta::{CompactAccumulator, Plan, Statistic};
    /// let (mut left, mut right) = (CompactAccumulator::default(), CompactAccumulator::default());
    /// left.push(1e16);
    /// right.push(1.0);
    /// right.push(-1e16);
    /// left.merge(&right)?;
    /// let plan = Plan::default();
    /// let summary = left.to_partial(&plan)?.finalize(&plan)?;
    /// assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(1.0));
    /// assert_eq!(summary.get(Statistic::Min).unwrap().finite(), Some(-1e16));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let counts = self.counts().merged(&other.counts())?;
        if other.window.count() > 0 {
            self.merge_window(other);
        }
        self.take_few(other.few);
        if let Some(outside) = &other.outside {
            self.outside().merge(outside);
        }
        debug_assert_eq!(self.counts(), counts);
        Ok(())
    }

    /// What has been taken so far.
    ///
    /// ```
    /// let mut accumulator = exacta::CompactAccumulator::default();
    /// accumulator.push(0.5);
    /// accumulator.push(f64::NAN);
    /// assert_eq!((accumulator.counts().count, accumulator.counts().nan), (1, 1));
    /// ```
    pub fn counts(&self) -> Counts {
        let mut counts = self.outside.as_ref().map_or_else(Counts::default, |it| it.counts);
        self.few.add_to(&mut counts);
        counts.count += u64::from(self.window.count());
        counts
    }

    /// How many bytes it takes: 96, and about 2 KB more where its values need them.
    ///
    /// ```
    /// let mut accumulator = exacta::CompactAccumulator::default();
    /// accumulator.push(i64::MAX);
    /// accumulator.push_null();
    /// assert_eq!(accumulator.bytes_kept(), 96);
    /// accumulator.push(1e-300);
    /// assert!(accumulator.bytes_kept() > 1_000);
    /// ```
    #[inline]
    pub fn bytes_kept(&self) -> u64 {
        let outside = self.outside.as_ref().map_or(0, |it| size_of_val(&**it));
        (size_of::<Self>() + outside) as u64
    }

    /// Takes the sum of values whose squares and extremes nobody will ask for.
    pub(super) fn take_sum(&mut self, sum: GroupSum) {
        let outside = self.outside();
        outside.counts.count += sum.count;
        outside.sum.add_wide(sum.sum < 0, sum.sum.unsigned_abs(), sum.exponent);
    }

    /// The smallest and the largest finite value.
    pub(crate) fn extremes(&self) -> Extremes {
        let mut extremes = self.outside.as_ref().map_or_else(Extremes::default, |it| it.extremes);
        if self.window.count() > 0 {
            let [low, high] = self.ends();
            extremes.merge((low, high).into());
        }
        extremes
    }

    /// Σx over the finite values.
    pub(crate) fn sum(&self) -> Dyadic {
        let within = self.window.sum();
        let Some(outside) = &self.outside else { return within };
        within.add(&outside.sum.to_dyadic())
    }

    /// Σx² over the finite values.
    pub(crate) fn squares(&self) -> Dyadic {
        let within = self.window.squares();
        let Some(outside) = &self.outside else { return within };
        within.add(&outside.squares.to_dyadic())
    }

    /// Takes a value into the window; false, and nothing has changed, where that is no place for it.
    #[inline]
    pub(super) fn push_within(&mut self, value: Value) -> bool {
        let (negative, magnitude, exponent) = value.to_parts();
        if !value.is_finite() || !self.window.add(negative, magnitude, exponent) {
            return false;
        }
        self.widen([value; 2]);
        true
    }

    /// Takes the extremes of values that are in the window already; the first of them have nothing to compare with.
    ///
    /// Branches, since few values are a new extreme: quicker than to choose among keys and remainders each time.
    #[inline]
    fn widen(&mut self, [low, high]: [Value; 2]) {
        let first = self.window.count() == 1;
        let [least, most] = self.ends();
        if first || low < least {
            (self.keys[0], self.remainders[0]) = (low.key(), low.remainder());
        }
        if first || high > most {
            (self.keys[1], self.remainders[1]) = (high.key(), high.remainder());
        }
    }

    /// The smallest and the largest value in the window, if there is one.
    #[inline]
    fn ends(&self) -> [Value; 2] {
        [0, 1].map(|end| Value::from_key(self.keys[end], self.remainders[end]))
    }

    #[inline]
    fn set_ends(&mut self, ends: [Value; 2]) {
        self.keys = ends.map(Value::key);
        self.remainders = ends.map(Value::remainder);
    }

    /// A value that the window does not take.
    #[cold]
    pub(super) fn push_outside(&mut self, value: Value) {
        if let Some(kind) = NonfiniteKind::of(value.to_f64()) {
            return self.take_few(kind.into());
        }
        let outside = self.outside();
        outside.counts.count += 1;
        outside.extremes.merge((value, value).into());
        let (negative, magnitude, exponent) = value.to_parts();
        outside.sum.add(negative, magnitude, exponent);
        let square = u128::from(magnitude) * u128::from(magnitude);
        outside.squares.add_wide(false, square, 2 * exponent);
    }

    /// Counts what is no number, outside where 16 bits are too few.
    fn take_few(&mut self, more: Few) {
        self.few = self.few.checked_add(more).unwrap_or_else(|| {
            let few = self.few;
            few.add_to(&mut self.outside().counts);
            more
        });
    }

    /// Takes the window of another one into its own, or into the full states where the two are too far apart.
    fn merge_window(&mut self, other: &Self) {
        let was_empty = self.window.count() == 0;
        if !self.window.merge(&other.window) {
            let outside = self.outside();
            outside.counts.count += u64::from(other.window.count());
            other.window.add_to(&mut outside.sum, &mut outside.squares);
        }
        // Where the sums are does not matter: the window has values, and so has its extremes.
        let ([low, high], [least, most]) = (other.ends(), self.ends());
        self.set_ends(if was_empty { [low, high] } else { [low.min(least), high.max(most)] });
    }

    fn outside(&mut self) -> &mut Outside {
        self.outside.get_or_insert_default()
    }
}

impl Few {
    const NULL: Self = Self([1, 0, 0, 0, 0]);
    const INVALID: Self = Self([0, 0, 0, 0, 1]);

    /// Both together, where none of them passes 16 bits.
    fn checked_add(self, more: Self) -> Option<Self> {
        let mut sums = self.0;
        for (sum, more) in sums.iter_mut().zip(more.0) {
            *sum = sum.checked_add(more)?;
        }
        Some(Self(sums))
    }

    fn add_to(self, counts: &mut Counts) {
        let [null, nan, pos_inf, neg_inf, invalid] = self.0.map(u64::from);
        counts.null += null;
        counts.nan += nan;
        counts.pos_inf += pos_inf;
        counts.neg_inf += neg_inf;
        counts.invalid += invalid;
    }
}

impl From<NonfiniteKind> for Few {
    /// One of this kind.
    fn from(kind: NonfiniteKind) -> Self {
        Self(match kind {
            NonfiniteKind::Nan => [0, 1, 0, 0, 0],
            NonfiniteKind::PosInf => [0, 0, 1, 0, 0],
            NonfiniteKind::NegInf => [0, 0, 0, 1, 0],
        })
    }
}

impl Outside {
    /// Takes in another one, whose counts have been checked to fit.
    fn merge(&mut self, other: &Self) {
        self.counts = self.counts.merged(&other.counts).expect("the counts fit");
        self.extremes.merge(other.extremes);
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
    }
}
