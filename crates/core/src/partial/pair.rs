//! What a shard knows of its rows of two columns: exact sums that merge to the bit. Their bytes are
//! in `rows`.

use super::container::{self, Kind};
use super::{consistency, rows};
use crate::accumulator::{Counts, PairAccumulator};
use crate::error::Error;
use crate::exact::Dyadic;
use crate::kernel::environment;
use crate::stat::PairSample;
use alloc::vec::Vec;

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
        rows::add(&mut self.sums, other.sums);
        Ok(())
    }

    /// The canonical bytes, of format version 1, at most 3 KB: equal rows in any order give equal bytes, from
    /// every build and machine, now and later. `docs/FORMAT.md` in the repository draws them.
    ///
    /// Cost: a microsecond or two; mostly a hundred bytes.
    ///
    /// ```
    /// use exacta::{Nonfinite, PairAccumulator};
    /// let bytes = |xs: &[f64], ys: &[f64]| -> Result<Vec<u8>, exacta::Error> {
    ///     let mut pairs = PairAccumulator::new(Nonfinite::Propagate);
    ///     pairs.update(xs, ys)?;
    ///     Ok(pairs.into_partial().to_bytes())
    /// };
    /// assert_eq!(bytes(&[0.1, 0.2, 0.3], &[1.0, 2.0, 4.0])?, bytes(&[0.3, 0.1, 0.2], &[4.0, 1.0, 2.0])?);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn to_bytes(&self) -> Vec<u8> {
        rows::encode(Kind::Pair, &self.counts, &self.sums)
    }

    /// Reads what [`PairPartial::to_bytes`] wrote. Safe on any bytes: memory and time stay proportional to them.
    ///
    /// # Errors
    /// [`Error::PartialVersion`] for another format version; [`Error::PartialInvalid`] for anything that
    /// `to_bytes` does not write: a partial of another kind, another checksum, a form that is not canonical,
    /// or sums that no rows can have, as far as cheap tests tell; [`Error::CountOverflow`] for counts whose total
    /// passes 2^64 − 1.
    ///
    /// # Example
    /// ```
    /// use exacta::{Nonfinite, PairAccumulator, PairPartial, PairStatistic, Partial};
    /// let mut pairs = PairAccumulator::new(Nonfinite::Propagate);
    /// pairs.update(&[1, 2, 3], &[1.0, 3.0, 5.0])?;
    /// let bytes = pairs.into_partial().to_bytes();
    /// let summary = PairPartial::from_bytes(&bytes)?.finalize(Nonfinite::Propagate)?;
    /// assert_eq!(summary.get(PairStatistic::Slope).finite(), Some(2.0));
    /// assert!(Partial::from_bytes(&bytes).unwrap_err().to_string().contains("to be read as PairPartial"));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        container::whole(Self::from_prefix(bytes)?)
    }

    /// Reads the partial that `bytes` begin with, and gives it with the bytes after it: partials may stand
    /// one after another.
    ///
    /// # Errors
    /// As [`PairPartial::from_bytes`], but that bytes may follow.
    ///
    /// # Example
    /// ```
    /// use exacta::PairPartial;
    /// let two = [PairPartial::default().to_bytes(), PairPartial::default().to_bytes()].concat();
    /// let (first, rest) = PairPartial::from_prefix(&two)?;
    /// assert_eq!(PairPartial::from_bytes(rest)?, first);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn from_prefix(bytes: &[u8]) -> Result<(Self, &[u8]), Error> {
        let (counts, sums, rest) = rows::decode(Kind::Pair, bytes)?;
        let partial = Self { counts, sums };
        consistency::check_pairs(&partial)?;
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
    /// use exacta::{Nonfinite, PairAccumulator};
    /// let mut pairs = PairAccumulator::new(Nonfinite::Propagate);
    /// pairs.push(1e300, 0.1)?;
    /// let gone = pairs.clone().into_partial();
    /// pairs.push(0.1, 0.2)?;
    /// let mut window = pairs.into_partial();
    /// window.subtract(&gone)?;
    /// let mut rest = PairAccumulator::new(Nonfinite::Propagate);
    /// rest.push(0.1, 0.2)?;
    /// assert_eq!(window, rest.into_partial());
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn subtract(&mut self, other: &Self) -> Result<(), Error> {
        let counts = self.counts.without(&other.counts).ok_or(Error::NotContained)?;
        let rest = Self { counts, sums: rows::difference(&self.sums, &other.sums) };
        consistency::check_pairs(&rest).map_err(|_| Error::NotContained)?;
        *self = rest;
        Ok(())
    }

    /// The sums, as those of the rows with finite values alone.
    pub(crate) fn sample(&self) -> PairSample {
        let [x, y, squares_x, squares_y, products] = self.sums.clone();
        let n = self.counts.count;
        PairSample { n, nonfinite: None, x, y, squares_x, squares_y, products }
    }
}
