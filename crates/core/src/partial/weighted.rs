//! What a shard knows of its values with weights: exact sums that merge to the bit. Its bytes are not here.

use crate::accumulator::{Counts, WeightedAccumulator};
use crate::error::Error;
use crate::exact::Dyadic;
use crate::kernel::environment;

/// The exact sums of a share of the values with their weights.
///
/// Every statistic of [`WeightedStatistic`](crate::WeightedStatistic) is a function of these sums and the count.
///
/// Weights are summed apart for NaN and infinities, so that one partial serves every policy.
///
/// ```
/// use exacta::{Nonfinite, WeightedAccumulator, WeightedStatistic};
/// let mut weighted = WeightedAccumulator::new(Nonfinite::Propagate);
/// weighted.update(&[1.0, f64::INFINITY, 4.0], &[2, 1, 1])?;
/// let partial = weighted.into_partial();
/// let mean = |policy| partial.finalize(policy).map(|it| it.get(WeightedStatistic::WeightedMean));
/// assert_eq!(mean(Nonfinite::Skip)?.finite(), Some(2.0));
/// assert_eq!(mean(Nonfinite::Propagate)?.finite(), None);
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WeightedPartial {
    pub(crate) counts: Counts,
    /// Σw of the finite values and of the others, Σwx, Σwx².
    pub(crate) sums: [Dyadic; 4],
}

impl WeightedAccumulator {
    /// What has been taken, as a partial.
    ///
    /// ```
    /// use exacta::{Nonfinite, WeightedAccumulator};
    /// let mut weighted = WeightedAccumulator::new(Nonfinite::Propagate);
    /// weighted.update(&[0.1, 0.2], &[3, 1])?;
    /// assert_eq!(weighted.into_partial().counts().count, 2);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn into_partial(self) -> WeightedPartial {
        environment::with_default(|| WeightedPartial {
            counts: self.counts,
            sums: [
                self.weights.to_dyadic(),
                self.weights_nonfinite.to_dyadic(),
                self.sum.to_dyadic(),
                self.sum_squares.to_dyadic(),
            ],
        })
    }
}

impl WeightedPartial {
    /// How many rows of which kind there are.
    ///
    /// ```
    /// assert_eq!(exacta::WeightedPartial::default().counts().total(), 0);
    /// ```
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Takes in another share: associative and commutative to the bit.
    ///
    /// # Errors
    /// [`Error::CountOverflow`] when a count would pass 2^64 − 1; the partial stays as it was.
    ///
    /// # Example
    /// ```
    /// use exacta::{Nonfinite, WeightedAccumulator, WeightedStatistic};
    /// let (mut left, mut right) =
    ///     (WeightedAccumulator::new(Nonfinite::Skip), WeightedAccumulator::new(Nonfinite::Skip));
    /// left.push(1.0, 3)?;
    /// right.push(5.0, 1)?;
    /// let mut total = left.into_partial();
    /// total.merge(right.into_partial())?;
    /// let summary = total.finalize(Nonfinite::Skip)?;
    /// assert_eq!(summary.get(WeightedStatistic::WeightedMean).finite(), Some(2.0));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.counts = self.counts.merged(&other.counts)?;
        for (sum, other) in self.sums.iter_mut().zip(other.sums) {
            *sum = sum.add(&other);
        }
        Ok(())
    }
}
