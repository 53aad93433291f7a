//! The working state of two columns that are taken row by row.
//!
//! The formulas are in `stat`; what is kept are counts, Σx, Σy, Σx², Σy² and Σxy, and those only of rows in which both
//! are finite.

use super::Counts;
use crate::error::{Error, NonfiniteKind};
use crate::exact::Value;
use crate::kernel::{Column, Element, ProductSums, environment, products};
use crate::plan::Nonfinite;
use alloc::boxed::Box;

/// Takes rows of x and y and keeps the exact sums that covariance, correlation, slope and intercept need.
///
/// A row in which either is missing is counted as `null`; else one with a NaN as `nan`, else one with an
/// infinity as the first of its infinities; `count` is the number of rows in which both are finite.
/// Memory is constant (5 KB).
///
/// ```
/// use exacta::{Nonfinite, PairAccumulator, PairStatistic};
/// let mut pairs = PairAccumulator::new(Nonfinite::Skip);
/// pairs.update(&[1, 2, 3], &[1.0, 3.0, 5.0])?;
/// let mut shard = PairAccumulator::new(Nonfinite::Skip);
/// shard.push(4.0, f64::NAN)?;
/// let mut partial = pairs.into_partial();
/// partial.merge(shard.into_partial())?;
/// let summary = partial.finalize(Nonfinite::Skip)?;
/// assert_eq!(summary.get(PairStatistic::Slope).finite(), Some(2.0));
/// assert_eq!(summary.get(PairStatistic::Intercept).finite(), Some(-1.0));
/// assert_eq!(summary.get(PairStatistic::Correlation).finite(), Some(1.0));
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct PairAccumulator {
    reject: bool,
    pub(crate) counts: Counts,
    pub(crate) sums: Box<ProductSums>,
}

impl PairAccumulator {
    /// An accumulator that has taken nothing, and rejects NaN and infinities where the policy does.
    ///
    /// ```
    /// use exacta::{Nonfinite, PairAccumulator};
    /// let mut pairs = PairAccumulator::new(Nonfinite::Reject);
    /// assert_eq!(pairs.push(1.0, f64::NAN).unwrap_err().code(), "value.nonfinite");
    /// ```
    pub fn new(policy: Nonfinite) -> Self {
        Self { reject: policy == Nonfinite::Reject, ..Self::default() }
    }

    /// How many rows of which kind there were.
    ///
    /// ```
    /// use exacta::{Nonfinite, PairAccumulator};
    /// let mut pairs = PairAccumulator::new(Nonfinite::Skip);
    /// pairs.push(f64::INFINITY, f64::NAN)?;
    /// pairs.push(f64::NEG_INFINITY, 1.0)?;
    /// assert_eq!((pairs.counts().nan, pairs.counts().neg_inf, pairs.counts().count), (1, 1, 0));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Takes one row.
    ///
    /// # Errors
    /// [`Error::NonfiniteRejected`] for NaN and infinities when the policy is `reject`; the accumulator stays
    /// as it was.
    ///
    /// # Example
    /// ```
    /// use exacta::{Nonfinite, PairAccumulator};
    /// let mut pairs = PairAccumulator::new(Nonfinite::Propagate);
    /// pairs.push(1u8, 2.5)?;
    /// assert_eq!(pairs.counts().count, 1);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn push(&mut self, x: impl Into<Value>, y: impl Into<Value>) -> Result<(), Error> {
        let (x, y) = (x.into(), y.into());
        let kinds = [x, y].map(|value| NonfiniteKind::of(value.to_f64()));
        let is_nan = kinds.contains(&Some(NonfiniteKind::Nan));
        let kind = if is_nan { Some(NonfiniteKind::Nan) } else { kinds[0].or(kinds[1]) };
        match kind {
            Some(kind) if self.reject => {
                return Err(Error::NonfiniteRejected { kind, index: self.counts.total() });
            }
            Some(kind) => self.counts.add_nonfinite(kind),
            None => {
                self.counts.count += 1;
                self.sums.add(x, y);
            }
        }
        Ok(())
    }

    /// Counts a row in which something is missing.
    ///
    /// ```
    /// use exacta::{Nonfinite, PairAccumulator};
    /// let mut pairs = PairAccumulator::new(Nonfinite::Propagate);
    /// pairs.push_null();
    /// assert_eq!(pairs.counts().null, 1);
    /// ```
    pub fn push_null(&mut self) {
        self.counts.null += 1;
    }

    /// Takes two columns row by row: slices, arrays, vectors, or [`Column`]s with strides or masks.
    ///
    /// Cost: by vectors where both are binary64 without a stride and at most one has a mask; row by row otherwise.
    ///
    /// # Errors
    /// [`Error::LengthsDiffer`] when they are not of one length; [`Error::NonfiniteRejected`] at the first row
    /// with a NaN or an infinity when the policy is `reject`; the rows before it have been taken.
    ///
    /// # Example
    /// ```
    /// use exacta::{Nonfinite, PairAccumulator};
    /// let mut pairs = PairAccumulator::new(Nonfinite::Propagate);
    /// pairs.update(&[1, 2, 3], &[0.5f32, 1.5, 2.5])?;
    /// assert_eq!(pairs.counts().count, 3);
    /// assert_eq!(pairs.update(&[1.0], &[1.0, 2.0]).unwrap_err().code(), "column.length_mismatch");
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn update<'a, X: Element + 'a, Y: Element + 'a>(
        &mut self,
        xs: impl Into<Column<'a, X>>,
        ys: impl Into<Column<'a, Y>>,
    ) -> Result<(), Error> {
        let (xs, ys) = (xs.into(), ys.into());
        xs.check_length(ys.len())?;
        if let (Some(x), Some(y), false) = (xs.as_chunk(), ys.as_chunk(), self.reject)
            && (x.validity.is_none() || y.validity.is_none())
        {
            let validity = x.validity.or(y.validity);
            let sums = &mut self.sums;
            let tally = environment::with_default(|| products(x.values, y.values, validity, sums));
            self.counts.add(&tally);
            return Ok(());
        }
        environment::with_default(|| {
            (0..xs.len()).try_for_each(|index| match (xs.get(index), ys.get(index)) {
                (Some(x), Some(y)) => self.push(x, y),
                _ => {
                    self.push_null();
                    Ok(())
                }
            })
        })
    }
}
