//! An accumulator of 88 bytes, for when there are a million of them: the groups of a group-by. It keeps
//! sums, sums of squares and extremes in a few words for as long as the values allow, and allocates the
//! full states only when they do not.
//!
//! How: a window holds Σx and Σx² of values whose bits lie within 96 places; the smallest and the largest are kept as
//! the keys that order them. NaN, nulls and values that the window refuses go outside, into a box that few groups
//! have. Which of the two a value goes to depends on the order; the sums of both together do not.

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
/// Limits: 88 bytes while the values are multiples of one power of two and less than 2^96 times as large,
/// as measurements and integers are; about 2 KB more for a group in which they are not, and 120 bytes more
/// for one with missing values, NaN or infinities.
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
    /// Of the values in the window: the [`Value::key`] of the smallest and of the largest.
    keys: [i64; 2],
    outside: Option<Box<Outside>>,
}

/// What few groups have: values that are no numbers, or that the window cannot take.
#[derive(Clone, Debug, Default)]
struct Outside {
    counts: Counts,
    extremes: Extremes,
    wide: Option<Box<Wide>>,
}

/// The sums of what the window cannot take.
#[derive(Clone, Debug, Default)]
struct Wide {
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
        let (negative, magnitude, exponent) = value.to_parts();
        let narrow = value.remainder() == 0 && value.is_finite();
        if narrow && self.window.add(negative, magnitude, exponent) {
            self.widen([value.key(); 2]);
        } else {
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
        self.outside().counts.null += 1;
    }

    /// Counts a cell that is no number.
    ///
    /// ```
    /// let mut accumulator = exacta::CompactAccumulator::default();
    /// accumulator.push_invalid();
    /// assert_eq!(accumulator.counts().invalid, 1);
    /// ```
    pub fn push_invalid(&mut self) {
        self.outside().counts.invalid += 1;
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
        counts.count += u64::from(self.window.count());
        counts
    }

    /// Takes the sum of values whose squares and extremes nobody will ask for.
    pub(super) fn take_sum(&mut self, sum: GroupSum) {
        let outside = self.outside();
        outside.counts.count += sum.count;
        let wide = outside.wide.get_or_insert_default();
        wide.sum.add_wide(sum.sum < 0, sum.sum.unsigned_abs(), sum.exponent);
    }

    /// The smallest and the largest finite value.
    pub(crate) fn extremes(&self) -> Extremes {
        let mut extremes = self.outside.as_ref().map_or_else(Extremes::default, |it| it.extremes);
        if self.window.count() > 0 {
            let [low, high] = self.keys.map(Value::from_key);
            extremes.merge((low, high).into());
        }
        extremes
    }

    /// Σx over the finite values.
    pub(crate) fn sum(&self) -> Dyadic {
        let within = self.window.sum();
        let Some(wide) = self.wide() else { return within };
        within.add(&wide.sum.to_dyadic())
    }

    /// Σx² over the finite values.
    pub(crate) fn squares(&self) -> Dyadic {
        let within = self.window.squares();
        let Some(wide) = self.wide() else { return within };
        within.add(&wide.squares.to_dyadic())
    }

    fn wide(&self) -> Option<&Wide> {
        self.outside.as_ref()?.wide.as_deref()
    }

    /// Takes the extremes of values that are in the window already; the first of them have nothing to compare with.
    #[inline]
    fn widen(&mut self, [low, high]: [i64; 2]) {
        let first = self.window.count() == 1;
        let [least, most] = self.keys;
        self.keys = if first { [low, high] } else { [least.min(low), most.max(high)] };
    }

    /// A value that the window does not take.
    #[cold]
    fn push_outside(&mut self, value: Value) {
        let outside = self.outside();
        if let Some(kind) = NonfiniteKind::of(value.to_f64()) {
            return outside.counts.add_nonfinite(kind);
        }
        outside.counts.count += 1;
        outside.extremes.merge((value, value).into());
        let wide = outside.wide.get_or_insert_default();
        let (negative, magnitude, exponent) = value.to_parts();
        wide.sum.add(negative, magnitude, exponent);
        let square = u128::from(magnitude) * u128::from(magnitude);
        wide.squares.add_wide(false, square, 2 * exponent);
    }

    /// Takes the window of another one into its own, or into the full states where the two are too far apart.
    fn merge_window(&mut self, other: &Self) {
        let was_empty = self.window.count() == 0;
        if !self.window.merge(&other.window) {
            let outside = self.outside();
            outside.counts.count += u64::from(other.window.count());
            let wide = outside.wide.get_or_insert_default();
            other.window.add_to(&mut wide.sum, &mut wide.squares);
        }
        // Where the sums are does not matter: the window has values, and so has its extremes.
        let ([low, high], [least, most]) = (other.keys, self.keys);
        self.keys = if was_empty { other.keys } else { [low.min(least), high.max(most)] };
    }

    fn outside(&mut self) -> &mut Outside {
        self.outside.get_or_insert_default()
    }
}

impl Outside {
    /// Takes in another one, whose counts have been checked to fit.
    fn merge(&mut self, other: &Self) {
        self.counts = self.counts.merged(&other.counts).expect("the counts fit");
        self.extremes.merge(other.extremes);
        if let Some(other) = &other.wide {
            let wide = self.wide.get_or_insert_default();
            wide.sum.merge(&other.sum);
            wide.squares.merge(&other.squares);
        }
    }
}
