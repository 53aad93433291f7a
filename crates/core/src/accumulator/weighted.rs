//! The working state of a column whose values have weights.
//!
//! The formulas are in `stat`; what is kept are counts, Σw, Σwx and Σwx². Weights of values that are NaN or
//! infinite are summed apart, since the policy decides at the end whether they count.

use super::Counts;
use crate::error::{Error, NonfiniteKind};
use crate::exact::{CubeAccumulator, SquareAccumulator, SumAccumulator, Value};
use crate::kernel::{Column, Element, environment};
use crate::plan::Nonfinite;
use alloc::boxed::Box;

/// Takes values with weights and keeps the exact sums that weighted mean and variance need.
///
/// A row in which the value or its weight is missing is counted as `null`. A value of weight zero is a value:
/// it is counted, and a NaN with it is one. Memory is constant (4 KB).
///
/// ```
/// use exacta::{Nonfinite, WeightedAccumulator, WeightedStatistic};
/// let mut weighted = WeightedAccumulator::new(Nonfinite::Propagate);
/// weighted.update(&[1.0, 2.0, 4.0], &[3, 2, 1])?;
/// let summary = weighted.into_partial().finalize(Nonfinite::Propagate)?;
/// let mean = summary.get(WeightedStatistic::WeightedMean);
/// assert_eq!(mean.finite(), Some(11.0 / 6.0));
/// assert_eq!(weighted_of(&[1.0], &[-1.0]).unwrap_err().code(), "weight.invalid");
///
/// fn weighted_of(xs: &[f64], ws: &[f64]) -> Result<WeightedAccumulator, exacta::Error> {
///     let mut weighted = WeightedAccumulator::new(Nonfinite::Propagate);
///     weighted.update(xs, ws)?;
///     Ok(weighted)
/// }
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct WeightedAccumulator {
    reject: bool,
    pub(crate) counts: Counts,
    /// Σw of the finite values, and of the others.
    pub(crate) weights: Box<SumAccumulator>,
    pub(crate) weights_nonfinite: Box<SumAccumulator>,
    pub(crate) sum: Box<SquareAccumulator>,
    pub(crate) sum_squares: Box<CubeAccumulator>,
}

impl WeightedAccumulator {
    /// An accumulator that has taken nothing, and rejects NaN and infinities where the policy does.
    ///
    /// ```
    /// use exacta::{Nonfinite, WeightedAccumulator};
    /// let mut weighted = WeightedAccumulator::new(Nonfinite::Reject);
    /// assert_eq!(weighted.push(f64::NAN, 1).unwrap_err().code(), "value.nonfinite");
    /// ```
    pub fn new(policy: Nonfinite) -> Self {
        Self { reject: policy == Nonfinite::Reject, ..Self::default() }
    }

    /// How many rows of which kind there were.
    ///
    /// ```
    /// use exacta::{Nonfinite, WeightedAccumulator};
    /// let mut weighted = WeightedAccumulator::new(Nonfinite::Skip);
    /// weighted.update(&[1.0, f64::NAN], &[0.0, 2.0])?;
    /// assert_eq!((weighted.counts().count, weighted.counts().nan), (1, 1));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Takes one value with its weight.
    ///
    /// # Errors
    /// [`Error::WeightInvalid`] when the weight is negative, NaN or infinite; [`Error::NonfiniteRejected`] for
    /// a value that is NaN or infinite when the policy is `reject`; the accumulator stays as it was.
    ///
    /// # Example
    /// ```
    /// use exacta::{Nonfinite, WeightedAccumulator};
    /// let mut weighted = WeightedAccumulator::new(Nonfinite::Propagate);
    /// weighted.push(4.5, 3u32)?;
    /// assert_eq!(weighted.push(4.5, -1.0).unwrap_err().code(), "weight.invalid");
    /// assert_eq!(weighted.counts().count, 1);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn push(&mut self, value: impl Into<Value>, weight: impl Into<Value>) -> Result<(), Error> {
        let (value, weight) = (value.into(), weight.into());
        let index = self.counts.total();
        let (negative, w, w_exponent) = weight.to_parts();
        if !weight.is_finite() || negative && w != 0 {
            return Err(Error::WeightInvalid { index });
        }
        match NonfiniteKind::of(value.to_f64()) {
            Some(kind) if self.reject => return Err(Error::NonfiniteRejected { kind, index }),
            Some(kind) => {
                self.counts.add_nonfinite(kind);
                self.weights_nonfinite.add(false, w, w_exponent);
            }
            None => {
                self.counts.count += 1;
                self.weights.add(false, w, w_exponent);
                let (negative, x, exponent) = value.to_parts();
                let product = u128::from(w) * u128::from(x);
                self.sum.add_wide(negative, product, w_exponent + exponent);
                self.sum_squares.add_product(false, product, x, w_exponent + 2 * exponent);
            }
        }
        Ok(())
    }

    /// Counts a row in which something is missing.
    ///
    /// ```
    /// use exacta::{Nonfinite, WeightedAccumulator};
    /// let mut weighted = WeightedAccumulator::new(Nonfinite::Propagate);
    /// weighted.push_null();
    /// assert_eq!(weighted.counts().null, 1);
    /// ```
    pub fn push_null(&mut self) {
        self.counts.null += 1;
    }

    /// Takes a column with a column of weights: slices, arrays, vectors, or [`Column`]s with strides or masks.
    ///
    /// # Errors
    /// [`Error::LengthsDiffer`] when they are not of one length; those of [`WeightedAccumulator::push`] at the
    /// first row that has one; the rows before it have been taken.
    ///
    /// # Example
    /// ```
    /// use exacta::{Nonfinite, WeightedAccumulator};
    /// let mut weighted = WeightedAccumulator::new(Nonfinite::Propagate);
    /// weighted.update(&[1.5, 2.5], &[1u8, 2])?;
    /// assert_eq!(weighted.update(&[1.5], &[1u8, 2]).unwrap_err().code(), "column.length_mismatch");
    /// assert_eq!(weighted.counts().count, 2);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn update<'a, X: Element + 'a, W: Element + 'a>(
        &mut self,
        values: impl Into<Column<'a, X>>,
        weights: impl Into<Column<'a, W>>,
    ) -> Result<(), Error> {
        let (values, weights) = (values.into(), weights.into());
        values.check_length(weights.len())?;
        environment::with_default(|| {
            (0..values.len()).try_for_each(|index| match (values.get(index), weights.get(index)) {
                (Some(value), Some(weight)) => self.push(value, weight),
                _ => {
                    self.push_null();
                    Ok(())
                }
            })
        })
    }
}
