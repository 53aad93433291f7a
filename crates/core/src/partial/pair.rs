//! What a shard knows of its rows of two columns: exact sums that merge to the bit. Its bytes are not here.

use crate::accumulator::{Counts, PairAccumulator};
use crate::error::Error;
use crate::exact::Dyadic;
use crate::kernel::environment;

/// The exact sums of a share of the rows of two columns.
///
/// Every statistic of [`PairStatistic`](crate::PairStatistic) is a function of these sums and the count.
/// Two are equal exactly when every sum and every count is.
///
/// ```
/// use exacta::{Nonfinite, PairAccumulator, PairPartial, PairStatistic};
/// let mut total = PairPartial::default();
/// for (xs, ys) in [([1.0, 2.0], [2.0, 4.0]), ([3.0, 4.0], [6.0, 8.0])] {
///     let mut pairs = PairAccumulator::new(Nonfinite::Propagate);
///     pairs.update(&xs, &ys)?;
///     total.merge(pairs.into_partial())?;
/// }
/// let summary = total.finalize(Nonfinite::Propagate)?;
/// assert_eq!(summary.get(PairStatistic::Correlation).finite(), Some(1.0));
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairPartial {
    pub(crate) counts: Counts,
    /// Σx, Σy, Σx², Σy², Σxy.
    pub(crate) sums: [Dyadic; 5],
}

impl PairAccumulator {
    /// What has been taken, as a partial.
    ///
    /// ```
    /// use exacta::{Nonfinite, PairAccumulator};
    /// let mut pairs = PairAccumulator::new(Nonfinite::Propagate);
    /// pairs.update(&[0.1, 0.2], &[1, 2])?;
    /// let mut reversed = PairAccumulator::new(Nonfinite::Propagate);
    /// reversed.update(&[0.2, 0.1], &[2, 1])?;
    /// assert_eq!(pairs.into_partial(), reversed.into_partial());
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn into_partial(self) -> PairPartial {
        let sums = &self.sums;
        environment::with_default(|| PairPartial {
            counts: self.counts,
            sums: [
                sums.x.to_dyadic(),
                sums.y.to_dyadic(),
                sums.squares_x.to_dyadic(),
                sums.squares_y.to_dyadic(),
                sums.products.to_dyadic(),
            ],
        })
    }
}

impl PairPartial {
    /// How many rows of which kind there are.
    ///
    /// ```
    /// assert_eq!(exacta::PairPartial::default().counts().total(), 0);
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
    /// use exacta::{Nonfinite, PairAccumulator, PairPartial, PairStatistic};
    /// let shard = |xs: &[f64], ys: &[f64]| -> Result<PairPartial, exacta::Error> {
    ///     let mut pairs = PairAccumulator::new(Nonfinite::Propagate);
    ///     pairs.update(xs, ys)?;
    ///     Ok(pairs.into_partial())
    /// };
    /// let mut total = shard(&[0.0, 1.0], &[1.0, 3.0])?;
    /// total.merge(shard(&[2.0], &[5.0])?)?;
    /// let summary = total.finalize(Nonfinite::Propagate)?;
    /// assert_eq!(summary.get(PairStatistic::Slope).finite(), Some(2.0));
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
