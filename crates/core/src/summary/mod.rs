//! The end of the way: exact states become numbers, each rounded once, or reasons why there are none.
//!
//! Data in memory is summarized in one call (`one_shot`); a partial is finalized (`finalize`, with `order` for the
//! ranks that quantiles need); `rows` are pairs and weights, `groups` one statistic of every group. Formulas are
//! in `stat`, and what a summary looks like as text or JSON is for each door to say.

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
    ///
    /// Everything that was taken is in one of them, so that a skipped NaN or a missing value is never hidden.
    ///
    /// ```
    /// let counts = *exacta::summarize(&[0.5, f64::NAN, 1.5]).counts();
    /// assert_eq!((counts.count, counts.nan, counts.total()), (2, 1, 3));
    /// ```
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The statistics asked for, in the order of [`Statistic::ALL`].
    ///
    /// ```
    /// use exacta::{Plan, Statistic};
    /// let summary = Plan::new([Statistic::Max, Statistic::Mean]).summarize(&[1, 2])?;
    /// let texts: Vec<_> = (summary.statistics().iter())
    ///     .map(|(statistic, outcome)| format!("{statistic} {}", outcome.finite().unwrap()))
    ///     .collect();
    /// assert_eq!(texts, ["mean 1.5", "max 2"]);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn statistics(&self) -> &[(Statistic, Outcome)] {
        &self.statistics
    }

    /// The quantiles asked for, in the order asked.
    ///
    /// ```
    /// use exacta::{Plan, Probability};
    /// let plan = Plan::new([]).with_quantiles([Probability::THREE_QUARTERS, Probability::QUARTER]);
    /// let summary = plan.summarize(&[1, 2, 3, 4, 5])?;
    /// let values: Vec<_> = summary.quantiles().iter().map(|(_, outcome)| outcome.finite()).collect();
    /// assert_eq!(values, [Some(4.0), Some(2.0)]);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn quantiles(&self) -> &[(Probability, Outcome)] {
        &self.quantiles
    }

    /// One statistic; none if the plan did not ask for it. A statistic that was asked for and does not exist is an
    /// [`Outcome`] that says why.
    ///
    /// ```
    /// use exacta::{Plan, Reason, Statistic};
    /// let summary = Plan::new([Statistic::Stddev]).summarize(&[7.0])?;
    /// assert_eq!(summary.get(Statistic::Stddev).unwrap().reason(), Some(Reason::TooFew));
    /// assert_eq!(summary.get(Statistic::Mean), None);
    /// # Ok::<(), exacta::Error>(())
    /// ```
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
    ///
    /// ```
    /// use exacta::{Plan, Statistic};
    /// let plan = Plan::new([Statistic::Sum, Statistic::Mean]).with_exact();
    /// let summary = plan.summarize(&[f64::MAX, f64::MAX])?;
    /// assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), None, "it rounds to infinity");
    /// let digits = summary.exact(Statistic::Sum).unwrap().as_str();
    /// assert!(digits.starts_with("3.5953862697246314162905484") && digits.ends_with("e308"));
    /// assert!(summary.exact(Statistic::Mean).is_none(), "a quotient need not have a last digit");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn exact(&self, statistic: Statistic) -> Option<&Decimal> {
        self.exact.iter().find(|(asked, _)| *asked == statistic).map(|(_, decimal)| decimal)
    }

    /// The approximate quantiles asked for, in the order asked.
    ///
    /// ```
    /// use exacta::{Plan, Probability};
    /// let plan = Plan::new([]).with_approx_quantiles([Probability::HALF]);
    /// let summary = plan.summarize(&[1.0, 2.0, 4.0])?;
    /// let (probability, found) = summary.approx_quantiles()[0];
    /// assert_eq!(probability, Probability::HALF);
    /// assert!(found.lower() <= Some(2.0) && Some(2.0) <= found.upper());
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn approx_quantiles(&self) -> &[(Probability, ApproxQuantile)] {
        &self.approx_quantiles
    }

    /// What a sketch knows of the quantile at a probability, if the plan asked for it.
    ///
    /// ```
    /// use exacta::{Plan, Probability};
    /// let plan = Plan::new([]).with_approx_quantiles([Probability::HALF]);
    /// let summary = plan.summarize(&[0.0; 3])?;
    /// assert_eq!(summary.approx_quantile(Probability::HALF).unwrap().value().finite(), Some(0.0));
    /// assert!(summary.approx_quantile(Probability::QUARTER).is_none());
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn approx_quantile(&self, probability: Probability) -> Option<ApproxQuantile> {
        self.approx_quantiles
            .iter()
            .find(|(asked, _)| *asked == probability)
            .map(|(_, known)| *known)
    }

    /// The histogram, if the plan asked for one; the reason for none is `empty`, where its edges were to be
    /// derived, or `nan` or `infinite`, where such a value enters.
    ///
    /// ```
    /// use exacta::{Bins, Plan, Reason};
    /// let plan = Plan::new([]).with_histogram(Bins::count(2)?);
    /// let summary = plan.summarize(&[0.0, 1.0, 4.0])?;
    /// let histogram = summary.histogram().unwrap().unwrap();
    /// assert_eq!((&histogram.edges[..], &histogram.counts[..]), (&[0.0, 2.0, 4.0][..], &[2, 1][..]));
    /// let nothing: [f64; 0] = [];
    /// assert_eq!(plan.summarize(&nothing)?.histogram().unwrap().unwrap_err(), Reason::Empty);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn histogram(&self) -> Option<Result<&Histogram, Reason>> {
        self.histogram.as_ref().map(|histogram| histogram.as_ref().map_err(|reason| *reason))
    }
}
