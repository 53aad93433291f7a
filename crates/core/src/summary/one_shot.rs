//! All at once: data in memory, borrowed, to results. Data that comes in parts goes through an accumulator.
//!
//! Here it is decided what is quickest for data that lies in memory: a sum in registers for a few values, a
//! compact accumulator for short columns, selection where the values lie for order statistics, threads for long
//! columns. Each way gives the same bits, so the choice is free.

use super::Summary;
use super::order::Order;
use crate::accumulator::{Accumulator, CompactAccumulator, Counts, ExactSum, FixedStates};
use crate::error::Error;
use crate::exact::sum_of_few;
use crate::kernel::select::{Chunk, select_finite};
use crate::kernel::{Column, Element, Tally, environment, parallel};
use crate::partial::Partial;
use crate::plan::{Nonfinite, Plan};
use crate::stat::States;

/// The sum of a slice, an array, a vector or a [`Column`].
///
/// Definition: Σx over the values that are there; +0.0 for none. Infinities and NaN add up as in IEEE 754.
/// Rounding: once, to nearest, ties to even.
/// Cost: the speed of memory, with the threads of rayon's current pool where there is much; no allocation
/// to speak of.
///
/// ```
/// assert_eq!(exacta::sum(&[0.1, 0.2, 0.3]), 0.6);
/// assert_eq!(exacta::sum(&[1e308, 1e308, -1e308]), 1e308);
/// assert_eq!(exacta::sum(&[u64::MAX, u64::MAX]), 36_893_488_147_419_103_232.0);
/// ```
pub fn sum<'a, T: Element + 'a>(values: impl Into<Column<'a, T>>) -> f64 {
    let column = values.into();
    if let Some(sum) = column.as_few().and_then(sum_of_few) {
        return sum;
    }
    let take = |mut sum: ExactSum, start, length| {
        sum.update(column.slice(start, length));
        sum
    };
    let merge = |mut left: ExactSum, right: ExactSum| {
        left.merge(&right);
        left
    };
    if column.len() <= parallel::SERIAL_LENGTH_MAX {
        return take(ExactSum::default(), 0, column.len()).to_f64();
    }
    parallel::fold(column.len(), ExactSum::default, take, merge).to_f64()
}

/// Summarizes a slice, an array, a vector or a [`Column`] by the default plan: count, sum, mean, stddev,
/// min and max.
///
/// Rounding: each result once, to nearest, ties to even.
/// Special values: NaN and infinities propagate as in IEEE 754.
/// Cost: one pass, with the threads of rayon's current pool where there is much, and constant memory.
///
/// ```
/// use exacta::Statistic;
/// let summary = exacta::summarize(&[0.1, 0.2, 0.3]);
/// assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(0.6));
/// assert_eq!(summary.counts().count, 3);
/// ```
pub fn summarize<'a, T: Element + 'a>(values: impl Into<Column<'a, T>>) -> Summary {
    Plan::default().summarize(values).expect("the default plan rejects nothing")
}

impl Plan {
    /// Summarizes a slice, an array, a vector or a [`Column`] by this plan.
    ///
    /// Cost: one pass for sums and extremes, and two for quantiles, with the threads of rayon's current pool
    /// where there is much. Nothing is copied, but for order statistics of other columns than binary64
    /// without a stride (8 bytes a value, 32 an integer beyond 2^53) and for `mad`, `mode`, `distinct`
    /// and derived bins, which sort a copy.
    ///
    /// # Errors
    /// [`Error::NonfiniteRejected`] at the first NaN or infinity when the plan's policy is `reject`;
    /// [`Error::BinsTooMany`] when the rule of its histogram asks for too many bins.
    ///
    /// # Example
    /// ```
    /// use exacta::{Plan, Probability, Statistic};
    /// let ninth = Probability::new(0.9)?;
    /// let plan = Plan::new([Statistic::Variance]).with_quantiles([ninth]);
    /// let summary = plan.summarize(&[3u16, 1, 2])?;
    /// assert_eq!(summary.get(Statistic::Variance).unwrap().finite(), Some(1.0));
    /// assert_eq!(summary.quantile(ninth).unwrap().finite(), Some(2.8));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn summarize<'a, T: Element + 'a>(
        &self,
        values: impl Into<Column<'a, T>>,
    ) -> Result<Summary, Error> {
        let column = values.into();
        let selects = self.states().contains(States::VALUES) && !self.needs_runs();
        match column.as_chunk() {
            Some(chunk) if selects => self.summarize_chunk(chunk),
            _ => self.accumulate(self.states(), column)?.finalize(self),
        }
    }

    /// Summarizes values whose order statistics are selected where they lie.
    fn summarize_chunk(&self, chunk: Chunk<'_>) -> Result<Summary, Error> {
        let states = self.states().without(States::VALUES);
        let counted = states == States::NONE && self.nonfinite() != Nonfinite::Reject;
        if !counted {
            let partial = self.accumulate(states, chunk.into())?;
            let select = |ranks: &[u64]| select_finite(&[chunk], |_| ranks.to_vec()).elements;
            return partial.results(self, select);
        }
        // Selection counts by itself: the values are read no more often than it needs.
        let ranks = |tally: &Tally| Order::new(self, &Counts::from(tally)).finite_ranks(self);
        let selection = environment::with_default(|| select_finite(&[chunk], ranks));
        let partial = Partial::from_counts(Counts::from(&selection.tally))?;
        partial.results(self, |_| selection.elements)
    }

    /// The partial with these states of all values of a column.
    ///
    /// # Errors
    /// [`Error::NonfiniteRejected`] at the first NaN or infinity when the plan's policy is `reject`.
    fn accumulate<T: Element>(
        &self,
        states: States,
        column: Column<'_, T>,
    ) -> Result<Partial, Error> {
        let reject = self.nonfinite() == Nonfinite::Reject;
        if let Some(few) = column.as_few()
            && CompactAccumulator::keeps(states)
            && !reject
        {
            // Quicker than to make and to clear the full states.
            let mut accumulator = CompactAccumulator::default();
            few.iter().for_each(|value| accumulator.push(*value));
            return Ok(accumulator.partial(states));
        }
        let mut accumulator = Accumulator::with_states(states, FixedStates::new(self), reject);
        accumulator.update_parallel(column)?;
        Ok(accumulator.into_partial())
    }
}
