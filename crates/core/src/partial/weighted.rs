//! What a shard knows of its values with weights: exact sums that merge to the bit. Their bytes are
//! in `rows`.

use super::container::{self, Kind};
use super::{consistency, rows};
use crate::accumulator::{Counts, WeightedAccumulator};
use crate::error::Error;
use crate::exact::Dyadic;
use crate::kernel::environment;
use alloc::vec::Vec;

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
        rows::add(&mut self.sums, other.sums);
        Ok(())
    }

    /// The canonical bytes, of format version 1, at most 3 KB: equal rows in any order give equal bytes, from
    /// every build and machine, now and later. `docs/FORMAT.md` in the repository draws them.
    ///
    /// Cost: a microsecond or two; mostly a hundred bytes.
    ///
    /// ```
    /// use exacta::{Nonfinite, WeightedAccumulator};
    /// let bytes = |xs: &[f64], weights: &[f64]| -> Result<Vec<u8>, exacta::Error> {
    ///     let mut weighted = WeightedAccumulator::new(Nonfinite::Propagate);
    ///     weighted.update(xs, weights)?;
    ///     Ok(weighted.into_partial().to_bytes())
    /// };
    /// assert_eq!(bytes(&[0.1, 0.2, 0.3], &[1.0, 2.0, 4.0])?, bytes(&[0.3, 0.1, 0.2], &[4.0, 1.0, 2.0])?);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        rows::encode(Kind::Weighted, &self.counts, &self.sums)
    }

    /// Reads what [`WeightedPartial::to_bytes`] wrote. Safe on any bytes: memory and time stay proportional to them.
    ///
    /// # Errors
    /// [`Error::PartialVersion`] for another format version; [`Error::PartialInvalid`] for anything that
    /// `to_bytes` does not write: a partial of another kind, another checksum, a form that is not canonical,
    /// or sums that no rows can have, as far as cheap tests tell; [`Error::CountOverflow`] for counts whose total
    /// passes 2^64 − 1.
    ///
    /// # Example
    /// ```
    /// use exacta::{Nonfinite, PairPartial, WeightedAccumulator, WeightedPartial, WeightedStatistic};
    /// let mut weighted = WeightedAccumulator::new(Nonfinite::Propagate);
    /// weighted.update(&[1.0, 2.0, 4.0], &[3, 2, 1])?;
    /// let bytes = weighted.into_partial().to_bytes();
    /// let summary = WeightedPartial::from_bytes(&bytes)?.finalize(Nonfinite::Propagate)?;
    /// assert_eq!(summary.get(WeightedStatistic::WeightedMean).finite(), Some(11.0 / 6.0));
    /// let error = PairPartial::from_bytes(&bytes).unwrap_err().to_string();
    /// assert!(error.contains("to be read as WeightedPartial"));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        container::whole(Self::from_prefix(bytes)?)
    }

    /// Reads the partial that `bytes` begin with, and gives it with the bytes after it: partials may stand
    /// one after another.
    ///
    /// # Errors
    /// As [`WeightedPartial::from_bytes`], but that bytes may follow.
    ///
    /// # Example
    /// ```
    /// use exacta::WeightedPartial;
    /// let two = [WeightedPartial::default().to_bytes(), WeightedPartial::default().to_bytes()].concat();
    /// let (first, rest) = WeightedPartial::from_prefix(&two)?;
    /// assert_eq!(WeightedPartial::from_bytes(rest)?, first);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn from_prefix(bytes: &[u8]) -> Result<(Self, &[u8]), Error> {
        let (counts, sums, rest) = rows::decode(Kind::Weighted, bytes)?;
        let partial = Self { counts, sums };
        consistency::check_weighted(&partial)?;
        Ok((partial, rest))
    }

    /// Takes out a share that was taken in before: the partial becomes the one of the other rows, to the bit.
    ///
    /// # Errors
    /// [`Error::NotContained`] when `other` is no share of this one, as far as cheap tests tell. The partial
    /// stays as it was.
    ///
    /// # Example
    /// ```
    /// use exacta::{Nonfinite, WeightedAccumulator};
    /// let mut weighted = WeightedAccumulator::new(Nonfinite::Propagate);
    /// weighted.push(1e300, 2)?;
    /// let gone = weighted.clone().into_partial();
    /// weighted.push(0.1, 3)?;
    /// let mut window = weighted.into_partial();
    /// window.subtract(&gone)?;
    /// let mut rest = WeightedAccumulator::new(Nonfinite::Propagate);
    /// rest.push(0.1, 3)?;
    /// assert_eq!(window, rest.into_partial());
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn subtract(&mut self, other: &Self) -> Result<(), Error> {
        let counts = self.counts.without(&other.counts).ok_or(Error::NotContained)?;
        let rest = Self { counts, sums: rows::difference(&self.sums, &other.sums) };
        consistency::check_weighted(&rest).map_err(|_| Error::NotContained)?;
        *self = rest;
        Ok(())
    }
}
