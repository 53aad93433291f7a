//! The results of pairs of columns, and of columns with weights.
//!
//! They have no plan: all statistics of the few come from the same sums, so that all are computed. The formulas
//! are in `stat`, the sums in `partial`.

use crate::accumulator::Counts;
use crate::error::Error;
use crate::kernel::environment;
use crate::partial::{PairPartial, WeightedPartial};
use crate::plan::Nonfinite;
use crate::stat::{Outcome, PairSample, PairStatistic, Reason, WeightedSample, WeightedStatistic};

/// The results for two columns, x and y.
///
/// All of [`PairStatistic::ALL`] are computed, each rounded once.
///
/// ```
/// use exacta::{Nonfinite, PairAccumulator, PairStatistic, Reason};
/// let mut pairs = PairAccumulator::new(Nonfinite::Propagate);
/// pairs.update(&[1.0, 1.0], &[2.0, 4.0])?;
/// let summary = pairs.into_partial().finalize(Nonfinite::Propagate)?;
/// assert_eq!(summary.get(PairStatistic::Covariance).finite(), Some(0.0));
/// assert_eq!(summary.get(PairStatistic::Slope).reason(), Some(Reason::ZeroVariance));
/// assert_eq!(summary.counts().count, 2);
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PairSummary {
    counts: Counts,
    outcomes: [Outcome; PairStatistic::ALL.len()],
}

/// The results for values with weights.
///
/// All of [`WeightedStatistic::ALL`] are computed, each rounded once.
///
/// ```
/// use exacta::{Nonfinite, Reason, WeightedAccumulator, WeightedStatistic};
/// let mut weighted = WeightedAccumulator::new(Nonfinite::Propagate);
/// weighted.update(&[3.0, 5.0], &[0.0, 0.0])?;
/// let summary = weighted.into_partial().finalize(Nonfinite::Propagate)?;
/// assert_eq!(summary.get(WeightedStatistic::WeightedMean).reason(), Some(Reason::ZeroWeight));
/// assert_eq!(summary.counts().count, 2);
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct WeightedSummary {
    counts: Counts,
    outcomes: [Outcome; WeightedStatistic::ALL.len()],
}

impl PairSummary {
    /// How many rows of which kind there were. A row is what its worst value is.
    ///
    /// ```
    /// use exacta::{Nonfinite, PairAccumulator};
    /// let mut pairs = PairAccumulator::new(Nonfinite::Skip);
    /// pairs.update(&[1.0, 2.0, 3.0], &[1.0, f64::NAN, 2.0])?;
    /// let summary = pairs.into_partial().finalize(Nonfinite::Skip)?;
    /// assert_eq!((summary.counts().count, summary.counts().nan), (2, 1));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// One of the statistics. All are there, so it is an [`Outcome`] at once, with its reason where it does not exist.
    ///
    /// ```
    /// use exacta::{Nonfinite, PairAccumulator, PairStatistic, Reason};
    /// let mut pairs = PairAccumulator::new(Nonfinite::Propagate);
    /// pairs.push(1.0, 2.0)?;
    /// let summary = pairs.into_partial().finalize(Nonfinite::Propagate)?;
    /// assert_eq!(summary.get(PairStatistic::Covariance).reason(), Some(Reason::TooFew));
    /// assert_eq!(summary.get(PairStatistic::CovariancePop).finite(), Some(0.0));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn get(&self, statistic: PairStatistic) -> Outcome {
        self.outcomes[statistic as usize]
    }
}

impl WeightedSummary {
    /// How many rows of which kind there were. Rows are counted, not their weights.
    ///
    /// ```
    /// use exacta::{Nonfinite, WeightedAccumulator};
    /// let mut weighted = WeightedAccumulator::new(Nonfinite::Propagate);
    /// weighted.update(&[1.0, 2.0], &[3, 4])?;
    /// weighted.push_null();
    /// let summary = weighted.into_partial().finalize(Nonfinite::Propagate)?;
    /// assert_eq!((summary.counts().count, summary.counts().null), (2, 1));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// One of the statistics. All are there, so it is an [`Outcome`] at once, with its reason where it does not exist.
    ///
    /// ```
    /// use exacta::{Nonfinite, WeightedAccumulator, WeightedStatistic};
    /// let mut weighted = WeightedAccumulator::new(Nonfinite::Propagate);
    /// weighted.update(&[1.0, 3.0], &[1, 1])?;
    /// let summary = weighted.into_partial().finalize(Nonfinite::Propagate)?;
    /// assert_eq!(summary.get(WeightedStatistic::WeightedVariance).finite(), Some(2.0));
    /// assert_eq!(summary.get(WeightedStatistic::WeightedVariancePop).finite(), Some(1.0));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn get(&self, statistic: WeightedStatistic) -> Outcome {
        self.outcomes[statistic as usize]
    }
}

impl PairPartial {
    /// Covariance, correlation, slope and intercept, each the correctly rounded value of the exact one.
    ///
    /// The policy acts here, so that one partial serves all of them. Under `skip` the rows with NaN or infinities
    /// are left out; under `propagate` one of them makes every result NaN.
    ///
    /// # Errors
    /// [`Error::NonfiniteHeld`] when the policy is `reject` and rows with NaN or infinities were taken.
    ///
    /// # Example
    /// ```
    /// use exacta::{Nonfinite, PairAccumulator, PairStatistic, Reason};
    /// let mut pairs = PairAccumulator::new(Nonfinite::Propagate);
    /// pairs.update(&[1.0, 2.0, f64::NAN], &[1.0, 3.0, 5.0])?;
    /// let partial = pairs.into_partial();
    /// let slope = |policy| partial.finalize(policy).map(|found| found.get(PairStatistic::Slope));
    /// assert_eq!(slope(Nonfinite::Skip)?.finite(), Some(2.0));
    /// assert_eq!(slope(Nonfinite::Propagate)?.reason(), Some(Reason::Nan));
    /// assert_eq!(slope(Nonfinite::Reject).unwrap_err().code(), "value.nonfinite");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn finalize(&self, policy: Nonfinite) -> Result<PairSummary, Error> {
        let (n, nonfinite) = entering(&self.counts, policy)?;
        let sample = PairSample { n, nonfinite, ..self.sample() };
        let outcome = |place: usize| PairStatistic::ALL[place].evaluate(&sample);
        let outcomes = environment::with_default(|| core::array::from_fn(outcome));
        Ok(PairSummary { counts: self.counts, outcomes })
    }
}

impl WeightedPartial {
    /// Weighted mean and variances, each the correctly rounded value of the exact one.
    ///
    /// Under `skip` the weights of NaN and infinities are left out of Σw as well.
    ///
    /// # Errors
    /// [`Error::NonfiniteHeld`] when the policy is `reject` and NaN or infinities were taken.
    ///
    /// # Example
    /// ```
    /// use exacta::{Nonfinite, WeightedAccumulator, WeightedStatistic};
    /// let mut weighted = WeightedAccumulator::new(Nonfinite::Skip);
    /// weighted.update(&[1.0, f64::NAN, 4.0], &[2, 5, 1])?;
    /// let summary = weighted.into_partial().finalize(Nonfinite::Skip)?;
    /// assert_eq!(summary.get(WeightedStatistic::WeightedMean).finite(), Some(2.0));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn finalize(&self, policy: Nonfinite) -> Result<WeightedSummary, Error> {
        let (n, nonfinite) = entering(&self.counts, policy)?;
        let [finite, others, sum, sum_squares] = self.sums.clone();
        let weights = if nonfinite.is_some() { finite.add(&others) } else { finite };
        let sample = WeightedSample { n, nonfinite, weights, sum, sum_squares };
        let outcome = |place: usize| WeightedStatistic::ALL[place].evaluate(&sample);
        let outcomes = environment::with_default(|| core::array::from_fn(outcome));
        Ok(WeightedSummary { counts: self.counts, outcomes })
    }
}

/// How many rows enter under a policy, and whether a NaN or else an infinity is among them.
fn entering(counts: &Counts, policy: Nonfinite) -> Result<(u64, Option<Reason>), Error> {
    let nonfinite = counts.nonfinite();
    match policy {
        Nonfinite::Reject if nonfinite > 0 => Err(Error::NonfiniteHeld { count: nonfinite }),
        Nonfinite::Propagate if counts.nan > 0 => Ok((counts.count + nonfinite, Some(Reason::Nan))),
        Nonfinite::Propagate if nonfinite > 0 => {
            Ok((counts.count + nonfinite, Some(Reason::Infinite)))
        }
        _ => Ok((counts.count, None)),
    }
}
