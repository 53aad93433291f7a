//! The end of the way: exact states become numbers, each rounded once, or reasons why there are none.

mod finalize;
mod groups;
mod one_shot;
mod order;
mod rows;
#[cfg(feature = "serde")]
mod serialize;

pub use one_shot::{sum, summarize};
pub use rows::{PairSummary, WeightedSummary};

use crate::accumulator::Counts;
use crate::exact::Decimal;
use crate::stat::{ApproxQuantile, Histogram, Outcome, Probability, Reason, Statistic};
use alloc::vec::Vec;

/// The results of a plan for one column: what was asked, each rounded once, and how many values there were.
///
/// ```
/// use exacta::{Outcome, Statistic};
/// let summary = exacta::summarize(&[1.0, 2.0, 4.0]);
/// for (statistic, outcome) in summary.statistics() {
///     println!("{statistic}: {outcome:?}");
/// }
/// assert_eq!(summary.get(Statistic::Max), Some(Outcome::Finite(4.0)));
/// assert_eq!(summary.get(Statistic::Median), None, "nobody asked for it");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    counts: Counts,
    statistics: Vec<(Statistic, Outcome)>,
    quantiles: Vec<(Probability, Outcome)>,
    exact: Vec<(Statistic, Decimal)>,
    histogram: Option<Result<Histogram, Reason>>,
    approx_quantiles: Vec<(Probability, ApproxQuantile)>,
}

impl Summary {
    /// How many values of which kind there were.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The statistics asked for, in the order of [`Statistic::ALL`].
    pub fn statistics(&self) -> &[(Statistic, Outcome)] {
        &self.statistics
    }

    /// The quantiles asked for, in the order asked.
    pub fn quantiles(&self) -> &[(Probability, Outcome)] {
        &self.quantiles
    }

    /// One statistic, if the plan asked for it.
    pub fn get(&self, statistic: Statistic) -> Option<Outcome> {
        self.statistics.iter().find(|(asked, _)| *asked == statistic).map(|(_, outcome)| *outcome)
    }

    /// The quantile at a probability, if the plan asked for it.
    ///
    /// ```
    /// use exacta::{Accumulator, Outcome, Plan, Probability, QuantileMethod};
    /// let third = Probability::ratio(1, 3)?;
    /// let plan = Plan::new([]).with_quantiles([third]).with_quantile_method(QuantileMethod::Hazen);
    /// let mut accumulator = Accumulator::new(&plan);
    /// accumulator.update(&[3, 1, 2])?;
    /// let summary = accumulator.into_partial().finalize(&plan)?;
    /// assert_eq!(summary.quantile(third), Some(Outcome::Finite(1.5)));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn quantile(&self, probability: Probability) -> Option<Outcome> {
        self.quantiles.iter().find(|(asked, _)| *asked == probability).map(|(_, outcome)| *outcome)
    }

    /// The exact value of `sum`, `sum_squares`, `min`, `max` or `range`, if the plan asked for the statistic
    /// and with [`Plan::with_exact`](crate::Plan::with_exact) for exact values; none where it is no real
    /// number. A sum beyond binary64 has one.
    pub fn exact(&self, statistic: Statistic) -> Option<&Decimal> {
        self.exact.iter().find(|(asked, _)| *asked == statistic).map(|(_, decimal)| decimal)
    }

    /// The approximate quantiles asked for, in the order asked.
    pub fn approx_quantiles(&self) -> &[(Probability, ApproxQuantile)] {
        &self.approx_quantiles
    }

    /// What a sketch knows of the quantile at a probability, if the plan asked for it.
    pub fn approx_quantile(&self, probability: Probability) -> Option<ApproxQuantile> {
        self.approx_quantiles
            .iter()
            .find(|(asked, _)| *asked == probability)
            .map(|(_, known)| *known)
    }

    /// The histogram, if the plan asked for one; the reason for none is `empty`, where its edges were to be
    /// derived, or `nan` or `infinite`, where such a value enters.
    pub fn histogram(&self) -> Option<Result<&Histogram, Reason>> {
        self.histogram.as_ref().map(|histogram| histogram.as_ref().map_err(|reason| *reason))
    }
}
