//! The working state of one column while values stream in. It holds what the plan's statistics need and
//! no more; turning it into bytes or into numbers is not done here.
//!
//! Data comes in as a column (`pass` knows which kernel fills which state) or one value at a time, which waits for
//! others. `multiset` keeps every value where a plan needs that, `fixed` the states of bounded size. Beside this
//! accumulator there are smaller ones: `exact_sum`, `compact` and `groups`, those of rows, `pair` and `weighted`, and the one of
//! literals, `decimal`.

mod bins;
mod compact;
mod counts;
mod decimal;
mod exact_sum;
mod extremes;
mod fixed;
mod groups;
mod multiset;
mod pair;
mod pass;
mod weighted;

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
pub use bins::BinCounts;
pub use compact::CompactAccumulator;
pub use counts::Counts;
pub use decimal::{DecimalAccumulator, DecimalSum};
pub use exact_sum::{ExactIterator, ExactSum};
pub use extremes::Extremes;
pub use fixed::FixedStates;
pub use groups::Groups;
pub use multiset::Multiset;
pub use pair::PairAccumulator;
pub use weighted::WeightedAccumulator;

use crate::error::{Error, NonfiniteKind};
use crate::exact::{CubeAccumulator, FourthAccumulator, SquareAccumulator, SumAccumulator, Value};
use crate::kernel::{Column, Element, Piece, environment, parallel};
use crate::plan::{Nonfinite, Plan};
use crate::stat::{SortedValues, States};

/// Values pushed one by one that wait to be taken into the states together.
const PENDING_LENGTH: usize = 1024;

/// How many things merged accumulators may have taken: what is taken one by one after that cannot fill the
/// other half of the 64 bits in any machine's lifetime, so only merging has to look.
const MERGED_TOTAL_MAX: u64 = 1 << 63;

/// Takes values of one column and keeps the exact states that a plan needs.
///
/// Memory is constant (a few KB) unless the plan asks for an order statistic, which keeps every value.
///
/// Limits: 2^63 values; sums cannot overflow on the way, since the states have room for 2^64 of the largest.
/// Cost: 2 KB for sums, squares and extremes, 4 KB more for skewness and kurtosis, 16 KB for `approx_distinct`;
/// and 8 KB once values are pushed one by one.
///
/// ```
/// use exacta::{Accumulator, Plan, Statistic};
/// let plan = Plan::new([Statistic::Sum]);
/// let mut accumulator = Accumulator::new(&plan);
/// accumulator.update(&[1e16, 1.0])?;
/// accumulator.push(-1e16)?;
/// accumulator.push_null();
/// let summary = accumulator.into_partial().finalize(&plan)?;
/// assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(1.0));
/// assert_eq!((summary.counts().count, summary.counts().null), (3, 1));
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Accumulator {
    pub(crate) states: States,
    reject: bool,
    pub(crate) counts: Counts,
    /// Finite values that are counted, but not in the states yet.
    pending: Vec<f64>,
    pub(crate) sum: Option<Box<SumAccumulator>>,
    pub(crate) sum_squares: Option<Box<SquareAccumulator>>,
    pub(crate) extremes: Option<Extremes>,
    pub(crate) values: Option<Multiset>,
    pub(crate) sum_cubes: Option<Box<CubeAccumulator>>,
    pub(crate) sum_fourths: Option<Box<FourthAccumulator>>,
    pub(crate) fixed: FixedStates,
}

impl Accumulator {
    /// An accumulator that has taken nothing, with the states that `plan` needs.
    ///
    /// ```
    /// use exacta::{Accumulator, Plan, States, Statistic};
    /// let accumulator = Accumulator::new(&Plan::new([Statistic::Mean]));
    /// assert_eq!(accumulator.into_partial().states(), States::SUM);
    /// ```
    pub fn new(plan: &Plan) -> Self {
        let reject = plan.nonfinite() == Nonfinite::Reject;
        Self::with_states(plan.states(), FixedStates::new(plan), reject)
    }

    /// An accumulator that has taken nothing, with these states; `fixed` are those of them that have parameters.
    pub(crate) fn with_states(states: States, fixed: FixedStates, reject: bool) -> Self {
        Self {
            states,
            reject,
            counts: Counts::default(),
            pending: Vec::new(),
            sum: states.contains(States::SUM).then(Box::default),
            sum_squares: states.contains(States::SUM_SQUARES).then(Box::default),
            extremes: states.contains(States::EXTREMES).then(Extremes::default),
            values: states.contains(States::VALUES).then(Multiset::default),
            sum_cubes: states.contains(States::SUM_CUBES).then(Box::default),
            sum_fourths: states.contains(States::SUM_FOURTHS).then(Box::default),
            fixed,
        }
    }

    /// What has been taken so far.
    ///
    /// ```
    /// use exacta::{Accumulator, Plan};
    /// let mut accumulator = Accumulator::new(&Plan::default());
    /// accumulator.push(0.5)?;
    /// assert_eq!(accumulator.counts().count, 1);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Takes one value.
    ///
    /// Cost: a nanosecond or two; values are gathered and taken into the states together. Whoever has a slice
    /// is faster with [`Accumulator::update`].
    ///
    /// # Errors
    /// [`Error::NonfiniteRejected`] for NaN and infinities when the plan's policy is `reject`; the
    /// accumulator stays as it was.
    ///
    /// # Example
    /// ```
    /// use exacta::{Accumulator, Nonfinite, Plan};
    /// let mut accumulator = Accumulator::new(&Plan::default().with_nonfinite(Nonfinite::Reject));
    /// accumulator.push(0.5f32)?;
    /// accumulator.push(i64::MAX)?;
    /// accumulator.push_null();
    /// let error = accumulator.push(f64::NAN).unwrap_err();
    /// assert!(error.to_string().starts_with("NaN at index 3 is rejected"));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    #[inline]
    pub fn push(&mut self, value: impl Into<Value>) -> Result<(), Error> {
        let value = value.into();
        if self.reject
            && let Some(kind) = NonfiniteKind::of(value.to_f64())
        {
            return Err(Error::NonfiniteRejected { kind, index: self.counts.total() });
        }
        self.take(value);
        Ok(())
    }

    /// Takes a value, whatever the policy.
    #[inline]
    fn take(&mut self, value: Value) {
        if let Some(kind) = NonfiniteKind::of(value.to_f64()) {
            return self.counts.add_nonfinite(kind);
        }
        self.counts.count += 1;
        if value.remainder() != 0 {
            return self.fill_wide(value);
        }
        self.pending.push(value.to_f64());
        if self.pending.len() == PENDING_LENGTH {
            self.settle();
        }
    }

    /// Counts a missing value.
    ///
    /// It is no value: no statistic changes, under any policy.
    ///
    /// ```
    /// use exacta::{Accumulator, Plan};
    /// let mut accumulator = Accumulator::new(&Plan::default());
    /// accumulator.push_null();
    /// assert_eq!((accumulator.counts().null, accumulator.counts().count), (1, 0));
    /// ```
    pub fn push_null(&mut self) {
        self.counts.null += 1;
    }

    /// Counts a cell that is no number.
    ///
    /// For readers of text, which decide themselves whether one such cell makes the column text.
    ///
    /// ```
    /// use exacta::{Accumulator, Plan};
    /// let mut accumulator = Accumulator::new(&Plan::default());
    /// for cell in ["0.5", "n/a"] {
    ///     match cell.parse::<f64>() {
    ///         Ok(value) => accumulator.push(value)?,
    ///         Err(_) => accumulator.push_invalid(),
    ///     }
    /// }
    /// assert_eq!((accumulator.counts().count, accumulator.counts().invalid), (1, 1));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn push_invalid(&mut self) {
        self.counts.invalid += 1;
    }

    /// Takes every value of a column: a slice, an array, a vector, or a [`Column`] with a stride or a mask.
    ///
    /// Cost: one pass at the speed of memory for sums, moments and extremes of binary64 without a stride; other types
    /// and strides are converted in blocks on the way. Calls may cut the data anywhere: no cut shows in a bit.
    ///
    /// # Errors
    /// [`Error::NonfiniteRejected`] at the first NaN or infinity when the plan's policy is `reject`; the
    /// values before it have been taken.
    ///
    /// # Example
    /// ```
    /// use exacta::{Accumulator, Column, Plan};
    /// let mut accumulator = Accumulator::new(&Plan::default());
    /// accumulator.update(&[0.5, 1.5])?;
    /// accumulator.update(&vec![1u8, 2, 3])?;
    /// accumulator.update(Column::strided(&[1i64, 0, 2, 0], 2))?;
    /// assert_eq!(accumulator.counts().count, 7);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn update<'a, T: Element + 'a>(
        &mut self,
        values: impl Into<Column<'a, T>>,
    ) -> Result<(), Error> {
        let column = values.into();
        environment::with_default(|| {
            column.try_for_each_piece(|piece| match piece {
                Piece::Floats(values, validity) => self.take_floats(values, validity),
                Piece::Integers(values, validity) => {
                    self.take_integers(values, validity);
                    Ok(())
                }
            })
        })
    }

    /// Takes every value of a column with the threads of rayon's current pool: the same bits as
    /// [`Accumulator::update`], and the same error.
    ///
    /// Cost: that of [`Accumulator::update`] up to 2^17 values, which one thread takes sooner than it could
    /// wake another; and always where the feature `parallel` is off.
    ///
    /// # Errors
    /// As [`Accumulator::update`].
    ///
    /// # Example
    /// ```
    /// use exacta::{Accumulator, Plan, Statistic};
    /// let plan = Plan::new([Statistic::Sum]);
    /// let mut accumulator = Accumulator::new(&plan);
    /// accumulator.update_parallel(&vec![0.1; 200_000])?;
    /// let summary = accumulator.into_partial().finalize(&plan)?;
    /// assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(20_000.000000000001));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn update_parallel<'a, T: Element + 'a>(
        &mut self,
        values: impl Into<Column<'a, T>>,
    ) -> Result<(), Error> {
        let column = values.into();
        if column.len() <= parallel::SERIAL_LENGTH_MAX {
            return self.update(column);
        }
        let empty = || Self::with_states(self.states, self.fixed.to_empty(), false);
        let taken = parallel::fold(
            column.len(),
            empty,
            |mut state, start, length| {
                state.update(column.slice(start, length)).expect("nothing is rejected");
                state
            },
            |mut left, right| {
                left.merge(right).expect("the states are the same and slices can be counted");
                left
            },
        );
        // Under `reject` the first offender is named and the values before it are taken: one by one.
        if self.reject && taken.counts.nonfinite() > 0 {
            self.update(column)
        } else {
            self.merge(taken)
        }
    }

    /// Takes what another accumulator has taken: the same bits as if one had taken everything.
    ///
    /// # Errors
    /// [`Error::StatesDiffer`] when the two were made for plans with different states,
    /// [`Error::EdgesDiffer`] when their histograms have different edges,
    /// [`Error::CountOverflow`] when they would have taken more than 2^63 things; the accumulator stays as
    /// it was.
    ///
    /// # Example
    /// ```
    /// use exacta::{Accumulator, Plan, Statistic};
    /// let plan = Plan::new([Statistic::Sum]);
    /// let mut left = Accumulator::new(&plan);
    /// left.update(&[1e16, 1.0])?;
    /// let mut right = Accumulator::new(&plan);
    /// right.update(&[-1e16])?;
    /// left.merge(right)?;
    /// let summary = left.into_partial().finalize(&plan)?;
    /// assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(1.0));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn merge(&mut self, mut other: Self) -> Result<(), Error> {
        if self.states != other.states {
            let (left, right) = (self.states.to_string(), other.states.to_string());
            return Err(Error::StatesDiffer { left, right });
        }
        self.fixed.check_parameters(&other.fixed)?;
        let counts = self.counts.merged(&other.counts)?;
        if counts.total() > MERGED_TOTAL_MAX {
            return Err(Error::CountOverflow);
        }
        self.counts = counts;
        other.settle();
        if let (Some(sum), Some(other)) = (&mut self.sum, &other.sum) {
            sum.merge(other);
        }
        if let (Some(sum), Some(other)) = (&mut self.sum_squares, &other.sum_squares) {
            sum.merge(other);
        }
        if let (Some(sum), Some(other)) = (&mut self.sum_cubes, &other.sum_cubes) {
            sum.merge(other);
        }
        if let (Some(sum), Some(other)) = (&mut self.sum_fourths, &other.sum_fourths) {
            sum.merge(other);
        }
        self.fixed.merge(&other.fixed);
        if let (Some(extremes), Some(other)) = (&mut self.extremes, other.extremes) {
            extremes.merge(other);
        }
        if let (Some(values), Some(other)) = (&mut self.values, other.values) {
            values.merge(other);
        }
        Ok(())
    }

    /// Takes values out that are kept in memory, in ascending order, for someone who keeps them elsewhere and gives them
    /// back by [`Accumulator::put_values`]: about a million of them, or all if there are fewer; none where the plan
    /// keeps none. Until they are back order statistics are those of the rest. Sums, counts and all other states stay
    /// as they are.
    ///
    /// Cost: a sort of these values by this thread alone, and 8 MB.
    ///
    /// ```
    /// use exacta::{Accumulator, Plan, Statistic, Value};
    /// let mut accumulator = Accumulator::new(&Plan::new([Statistic::Median]));
    /// accumulator.update(&[3, 1, 2])?;
    /// let taken: Vec<Value> = accumulator.take_values().collect();
    /// assert_eq!(taken, [1, 2, 3].map(Value::from));
    /// assert_eq!((accumulator.bytes_kept(), accumulator.counts().count), (0, 3));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn take_values(&mut self) -> impl Iterator<Item = Value> + use<> {
        self.settle();
        self.values.as_mut().map(Multiset::take).into_iter().flatten()
    }

    /// Has values back that were taken out, of this or of a merged accumulator, and now lie elsewhere.
    ///
    /// They are looked up there when a quantile is asked for, and read through once where a statistic needs all values
    /// in order. A partial that has such values merges as any other, and is encoded to the same bytes.
    /// An accumulator whose plan keeps no values ignores them. [`SortedValues`](crate::SortedValues) shows how values in
    /// memory are lent.
    ///
    /// Errors: none here. A read that fails later is told by [`SortedValues::failure`](crate::SortedValues::failure).
    ///
    /// ```
    /// # use exacta::{SortedValues, Value};
    /// # #[derive(Debug)]
    /// # struct Lent(Vec<Value>);
    /// # impl SortedValues for Lent {
    /// #     fn n_values(&self) -> u64 {
    /// #         self.0.len() as u64
    /// #     }
    /// #     fn read(&self, rank: u64, values: &mut [Value]) {
    /// #         values.copy_from_slice(&self.0[rank as usize..][..values.len()]);
    /// #     }
    /// #     fn failure(&self) -> Option<String> {
    /// #         None
    /// #     }
    /// # }
    /// use exacta::{Accumulator, Plan, Statistic};
    /// let plan = Plan::new([Statistic::Median]);
    /// let mut accumulator = Accumulator::new(&plan);
    /// accumulator.update(&[3, 1, 2])?;
    /// let lent = Lent(accumulator.take_values().collect());
    /// accumulator.put_values(std::sync::Arc::new(lent));
    /// let partial = accumulator.into_partial();
    /// let mut in_memory = Accumulator::new(&plan);
    /// in_memory.update(&[1, 2, 3])?;
    /// assert_eq!(partial.to_bytes()?, in_memory.into_partial().to_bytes()?);
    /// let median = partial.finalize(&plan)?.get(Statistic::Median);
    /// assert_eq!(median.unwrap().finite(), Some(2.0));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn put_values(&mut self, values: Arc<dyn SortedValues>) {
        if let Some(kept) = &mut self.values {
            kept.put(values);
        }
    }

    /// How many bytes the values take that are kept in memory: 8 each, and 24 an integer beyond 2^53; zero where the
    /// plan keeps none.
    ///
    /// ```
    /// use exacta::{Accumulator, Plan, Statistic};
    /// let mut accumulator = Accumulator::new(&Plan::new([Statistic::Median]));
    /// accumulator.update(&[0.5, 1.5])?;
    /// assert_eq!(accumulator.bytes_kept(), 16);
    /// assert_eq!(accumulator.take_values().count(), 2);
    /// assert_eq!(accumulator.bytes_kept(), 0);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn bytes_kept(&self) -> u64 {
        self.values.as_ref().map_or(0, Multiset::bytes_kept)
    }

    /// Takes what was pushed into the states.
    ///
    /// The room for those that wait is kept. Whoever reads a state settles first; counts are always up to date.
    pub(crate) fn settle(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let mut pending = core::mem::take(&mut self.pending);
        environment::with_default(|| self.fill(&pending, None));
        pending.clear();
        self.pending = pending;
    }
}

impl<V: Into<Value>> Extend<V> for Accumulator {
    /// Takes every value. NaN and infinities are counted whatever the plan's policy: `reject` is not raised
    /// here but when the partial is finalized, without a place.
    ///
    /// ```
    /// use exacta::{Accumulator, Nonfinite, Plan};
    /// let plan = Plan::default().with_nonfinite(Nonfinite::Reject);
    /// let mut accumulator = Accumulator::new(&plan);
    /// accumulator.extend([1.0, f64::NAN]);
    /// assert_eq!(accumulator.counts().nan, 1);
    /// let error = accumulator.into_partial().finalize(&plan).unwrap_err();
    /// assert_eq!(error.code(), "value.nonfinite");
    /// ```
    fn extend<I: IntoIterator<Item = V>>(&mut self, values: I) {
        values.into_iter().for_each(|value| self.take(value.into()));
    }
}

impl<V: Into<Value>> FromIterator<V> for Accumulator {
    /// An accumulator for the default plan that has taken every value.
    ///
    /// ```
    /// use exacta::{Accumulator, Plan, Statistic};
    /// let accumulator: Accumulator = (1..=4).collect();
    /// let summary = accumulator.into_partial().finalize(&Plan::default())?;
    /// assert_eq!(summary.get(Statistic::Mean).unwrap().finite(), Some(2.5));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Self {
        let mut accumulator = Self::new(&Plan::default());
        accumulator.extend(values);
        accumulator
    }
}
