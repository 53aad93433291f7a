//! The exact sum as a number of its own, for those who want nothing else: what `+` should have been. Every
//! other statistic goes through a plan and an accumulator.
//!
//! Nothing is decided here: kernels add slices, the superaccumulator holds the sum, and the tally what is no number.

use crate::exact::{Dyadic, Ratio, SumAccumulator, Value};
use crate::kernel::{self, Column, Element, Piece, Tally, environment};
use alloc::vec::Vec;
use core::ops::AddAssign;

/// Values of an iterator that are gathered before they are added together.
const BLOCK_LENGTH: usize = 1024;

/// A sum that is exact until it is read, whatever is added in whatever order.
///
/// Definition: Σx over everything added; infinities and NaN add up as in IEEE 754.
/// Rounding: once, in [`ExactSum::to_f64`], to nearest, ties to even.
/// Special values: the empty sum is +0.0, and so is every sum that is or rounds to zero.
/// Limits: 2^64 values. Sums beyond binary64 on the way do no harm.
/// Cost: 0.7 KB, and no allocation to add. Slices are added at the speed of memory, single values in two or
/// three nanoseconds.
///
/// ```
/// use exacta::ExactSum;
/// let mut sum = ExactSum::default();
/// sum += 1e16;
/// sum += 1;
/// sum += -1e16;
/// assert_eq!(sum.to_f64(), 1.0);
///
/// // It is collected from an iterator, and sums are summed.
/// let shards = [vec![0.1, 0.2], vec![0.3]];
/// let total: ExactSum = shards.iter().map(|shard| shard.iter().collect::<ExactSum>()).sum();
/// assert_eq!((total.to_f64(), total.count()), (0.6, 3));
/// ```
#[derive(Clone, Debug, Default)]
pub struct ExactSum {
    sum: SumAccumulator,
    tally: Tally,
}

impl ExactSum {
    /// Adds a value. `+=` is the same.
    ///
    /// ```
    /// let mut sum = exacta::ExactSum::default();
    /// sum.push(u64::MAX);
    /// sum.push(0.5f32);
    /// sum.push(-1i64);
    /// assert_eq!((sum.to_f64(), sum.count()), (18_446_744_073_709_551_616.0, 3));
    /// ```
    #[inline]
    pub fn push(&mut self, value: impl Into<Value>) {
        let value = value.into();
        if self.tally.admit(value.to_f64()) {
            let (negative, magnitude, exponent) = value.to_parts();
            self.sum.add(negative, magnitude, exponent);
        }
    }

    /// Adds every value of a column: a slice, an array, a vector, or a [`Column`] with a stride or a mask.
    ///
    /// ```
    /// let mut sum = exacta::ExactSum::default();
    /// sum.update(&[0.1, 0.2, 0.3]);
    /// sum.update(&[u64::MAX, 1]);
    /// assert_eq!(sum.to_f64(), 18_446_744_073_709_551_616.0);
    /// ```
    pub fn update<'a, T: Element + 'a>(&mut self, values: impl Into<Column<'a, T>>) {
        let column = values.into();
        environment::with_default(|| {
            column.for_each_piece(|piece| match piece {
                Piece::Floats(values, validity) => {
                    self.tally.merge(&kernel::sum(values, validity, &mut self.sum));
                }
                Piece::Integers(values, validity) => {
                    self.tally.merge(&kernel::integers::sum(values, validity, &mut self.sum));
                }
            });
        });
    }

    /// Adds what another sum holds. `+=` is the same.
    ///
    /// ```
    /// use exacta::ExactSum;
    /// let mut sum: ExactSum = [1e16, 1.0].iter().collect();
    /// sum.merge(&[-1e16].iter().collect());
    /// assert_eq!(sum.to_f64(), 1.0);
    /// ```
    pub fn merge(&mut self, other: &Self) {
        self.sum.merge(&other.sum);
        self.tally.merge(&other.tally);
    }

    /// How many finite values were added.
    ///
    /// ```
    /// let sum: exacta::ExactSum = [1.0, f64::NAN].iter().collect();
    /// assert_eq!(sum.count(), 1);
    /// assert!(sum.to_f64().is_nan());
    /// ```
    pub fn count(&self) -> u64 {
        self.tally.finite
    }

    /// The sum, rounded once.
    ///
    /// ```
    /// use exacta::ExactSum;
    /// let largest = [f64::MAX, f64::MAX, -f64::MAX];
    /// assert_eq!(largest.iter().collect::<ExactSum>().to_f64(), f64::MAX);
    /// assert_eq!([f64::MAX; 2].iter().collect::<ExactSum>().to_f64(), f64::INFINITY);
    /// ```
    pub fn to_f64(&self) -> f64 {
        self.nonfinite().unwrap_or_else(|| environment::with_default(|| self.sum.round()))
    }

    /// The sum divided by the number of values, rounded once; none of no values.
    ///
    /// ```
    /// use exacta::ExactSum;
    /// assert_eq!([f64::MAX; 2].iter().collect::<ExactSum>().mean(), Some(f64::MAX));
    /// assert_eq!(ExactSum::default().mean(), None);
    /// ```
    pub fn mean(&self) -> Option<f64> {
        let mean = || Ratio::new(&self.sum.to_dyadic(), &Dyadic::from(self.count())).round();
        let finite = || (self.count() > 0).then(|| environment::with_default(mean));
        self.nonfinite().or_else(finite)
    }

    /// What NaN and infinities make of the sum, if there are any.
    fn nonfinite(&self) -> Option<f64> {
        let Tally { nan, pos_inf, neg_inf, .. } = self.tally;
        match (nan, neg_inf, pos_inf) {
            (0, 0, 0) => None,
            (0, 0, _) => Some(f64::INFINITY),
            (0, _, 0) => Some(f64::NEG_INFINITY),
            _ => Some(f64::NAN),
        }
    }
}

impl<V: Into<Value>> AddAssign<V> for ExactSum {
    fn add_assign(&mut self, value: V) {
        self.push(value);
    }
}

impl AddAssign<&Self> for ExactSum {
    fn add_assign(&mut self, other: &Self) {
        self.merge(other);
    }
}

impl<V: Into<Value>> Extend<V> for ExactSum {
    fn extend<I: IntoIterator<Item = V>>(&mut self, values: I) {
        let values = values.into_iter();
        let mut block = Vec::with_capacity(values.size_hint().0.min(BLOCK_LENGTH));
        for value in values {
            let value = value.into();
            if value.remainder() != 0 {
                self.push(value);
                continue;
            }
            block.push(value.to_f64());
            if block.len() == BLOCK_LENGTH {
                self.update(&block);
                block.clear();
            }
        }
        self.update(&block);
    }
}

impl<V: Into<Value>> FromIterator<V> for ExactSum {
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Self {
        let mut sum = Self::default();
        sum.extend(values);
        sum
    }
}

impl<V: Into<Value>> core::iter::Sum<V> for ExactSum {
    fn sum<I: Iterator<Item = V>>(values: I) -> Self {
        values.collect()
    }
}

impl core::iter::Sum for ExactSum {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self::default(), |mut total, sum| {
            total.merge(&sum);
            total
        })
    }
}

/// Exact results straight from an iterator over numbers, or over references to them.
///
/// Cost: as [`ExactSum`] has it; constant memory. A slice is faster by itself: [`crate::sum`].
///
/// ```
/// use exacta::ExactIterator;
/// assert_eq!([1e16, 1.0, -1e16].iter().exact_sum(), 1.0);
/// assert_eq!((1..=4).map(|n| n * n).exact_mean(), Some(7.5));
/// ```
pub trait ExactIterator: Iterator<Item: Into<Value>> + Sized {
    /// The sum, rounded once; see [`ExactSum::to_f64`].
    ///
    /// ```
    /// use exacta::ExactIterator;
    /// let largest = [f64::MAX, f64::MAX, -f64::MAX];
    /// assert_eq!(largest.iter().sum::<f64>(), f64::INFINITY);
    /// assert_eq!(largest.iter().exact_sum(), f64::MAX);
    /// ```
    fn exact_sum(self) -> f64 {
        self.collect::<ExactSum>().to_f64()
    }

    /// The mean, rounded once, or none of no values; see [`ExactSum::mean`].
    ///
    /// ```
    /// use exacta::ExactIterator;
    /// assert_eq!([0.1, 0.2, 0.3].iter().exact_mean(), Some(0.2));
    /// assert_eq!(std::iter::empty::<f64>().exact_mean(), None);
    /// ```
    fn exact_mean(self) -> Option<f64> {
        self.collect::<ExactSum>().mean()
    }
}

impl<I: Iterator<Item: Into<Value>>> ExactIterator for I {}
