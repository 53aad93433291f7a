//! Numbers taken as they are written in decimal, for sums of which 0.1 + 0.2 + 0.3 is 0.6. How a literal is read is not
//! here.
//!
//! Literals with one exponent of ten are added up as integers; what they are together is an integer in units of the
//! smallest power of ten, and every result one quotient of integers. A column has a few exponents, so there are a few sums.

use super::Counts;
use crate::error::{Error, NonfiniteKind};
use crate::kernel::decimals::{INTEGERS_MAX, IntegerSums, for_each_exponent};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// How many things merged accumulators may have taken: half of what the sums have room for, so only merging has to look.
const MERGED_TOTAL_MAX: u64 = 1 << 62;

/// Takes decimal literals, and keeps their exact sum, sum of squares, smallest and largest.
///
/// Definition: a value is ±mantissa·10^exponent, not the binary64 next to it. The partial answers every plan that
/// needs the sums and the extremes: count, sum, mean, min, max, range, `sum_squares`, rms, the variances and deviations,
/// sem and cv; and merges only with those of other decimals.
/// Rounding: each result once, from the exact rational; those of [`with_exact`](crate::Plan::with_exact) not at all.
/// Special values: −0 is 0.
/// Limits: 2^62 values, mantissas of 64 bits and the exponents in [`DecimalAccumulator::EXPONENTS`].
/// Cost: two additions and a multiplication of integers a value, and 100 bytes for each different exponent.
///
/// ```
/// use exacta::{DecimalAccumulator, Plan, Statistic};
/// let mut accumulator = DecimalAccumulator::default();
/// for tenths in [1, 2, 3] {
///     accumulator.push(false, 1_000_000_000 * 10 + tenths, -1)?;
/// }
/// let plan = Plan::new([Statistic::Stddev]);
/// let stddev = accumulator.into_partial().finalize(&plan)?.get(Statistic::Stddev);
/// assert_eq!(stddev.unwrap().finite(), Some(0.1));
/// let binary = exacta::summarize(&[1e9 + 0.1, 1e9 + 0.2, 1e9 + 0.3]);
/// assert_eq!(binary.get(Statistic::Stddev).unwrap().finite(), Some(0.09999996423721906));
/// # Ok::<(), exacta::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct DecimalAccumulator {
    pub(crate) counts: Counts,
    /// One for each exponent that came, ascending.
    pub(crate) sums: Vec<DecimalSum>,
    /// Which of them took the last value.
    last: usize,
}

/// What literals of one exponent add up to, in units of its power of ten.
#[derive(Clone, Copy, Debug)]
pub struct DecimalSum {
    pub(crate) exponent: i32,
    /// Room for 2^62 integers of 64 bits, and then some.
    pub(crate) sum: i128,
    /// The lower 128 bits of the sum of squares, and what is carried out of them.
    pub(crate) squares: (u128, u64),
    pub(crate) min: i128,
    pub(crate) max: i128,
}

impl DecimalAccumulator {
    /// The exponents of ten that are taken. With the largest a mantissa of 64 bits is still below the largest binary64.
    ///
    /// ```
    /// use exacta::DecimalAccumulator;
    /// assert!(DecimalAccumulator::EXPONENTS.contains(&-324), "the smallest binary64 is 4.9e-324");
    /// assert!(u64::MAX as f64 * 10f64.powi(*DecimalAccumulator::EXPONENTS.end()) < f64::MAX);
    /// ```
    pub const EXPONENTS: RangeInclusive<i32> = -400..=288;

    /// Takes ±`mantissa`·10^`exponent`. A zero is 0 with any exponent.
    ///
    /// Cost: a few nanoseconds; less where it has the exponent of the last one.
    ///
    /// # Errors
    /// [`Error::DecimalOutOfRange`] when the exponent is none of [`DecimalAccumulator::EXPONENTS`] and the mantissa is
    /// not zero; the accumulator stays as it was.
    ///
    /// # Example
    /// ```
    /// use exacta::{DecimalAccumulator, Plan, Statistic};
    /// let mut accumulator = DecimalAccumulator::default();
    /// accumulator.push(false, 25, -1)?; // 2.5
    /// accumulator.push(true, 5, -1)?; // -0.5
    /// accumulator.push(false, 0, 5000)?; // 0e5000
    /// assert_eq!(accumulator.push(false, 1, 289).unwrap_err().code(), "decimal.out_of_range");
    /// let summary = accumulator.into_partial().finalize(&Plan::new([Statistic::Count, Statistic::Sum]))?;
    /// assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(2.0));
    /// assert_eq!(summary.counts().count, 3);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    #[inline]
    pub fn push(&mut self, negative: bool, mantissa: u64, exponent: i32) -> Result<(), Error> {
        if self.sums.get(self.last).is_none_or(|sum| sum.exponent != exponent) {
            let exponent = if mantissa == 0 { 0 } else { exponent };
            if !Self::EXPONENTS.contains(&exponent) {
                return Err(out_of_range());
            }
            self.last = self.find(exponent);
        }
        let value = if negative { -i128::from(mantissa) } else { i128::from(mantissa) };
        let sum = &mut self.sums[self.last];
        sum.sum += value;
        let square = u128::from(mantissa) * u128::from(mantissa);
        let (low, carried) = sum.squares.0.overflowing_add(square);
        sum.squares = (low, sum.squares.1 + u64::from(carried));
        sum.min = sum.min.min(value);
        sum.max = sum.max.max(value);
        self.counts.count += 1;
        Ok(())
    }

    /// Takes mantissas with their signs, and for each its exponent. A zero is 0 with any exponent.
    ///
    /// Cost: half a nanosecond a value, where vectors can be used, the mantissas have up to 17 digits and most exponents
    /// are equal.
    ///
    /// # Errors
    /// [`Error::LengthsDiffer`] when there are not as many exponents as mantissas, and [`Error::DecimalOutOfRange`] when
    /// one is none of [`DecimalAccumulator::EXPONENTS`] and its mantissa is not zero; the accumulator stays as it was.
    ///
    /// ```
    /// use exacta::{DecimalAccumulator, Plan, Statistic};
    /// let mut accumulator = DecimalAccumulator::default();
    /// accumulator.update(&[1, 2, -3], &[-1, -1, -1])?;
    /// accumulator.update(&[5], &[0])?;
    /// let summary = accumulator.into_partial().finalize(&Plan::new([Statistic::Sum]))?;
    /// assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(5.0));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn update(&mut self, mantissas: &[i64], exponents: &[i16]) -> Result<(), Error> {
        let (left, right) = (mantissas.len(), exponents.len());
        if left != right {
            return Err(Error::LengthsDiffer { left, right });
        }
        let are_within = exponents.iter().fold(true, |all, exponent| all & is_within(*exponent));
        let is_zero = |(mantissa, exponent): (&i64, &i16)| is_within(*exponent) || *mantissa == 0;
        if !are_within && !mantissas.iter().zip(exponents).all(is_zero) {
            return Err(out_of_range());
        }
        let mut tile = ([0; INTEGERS_MAX], [0; INTEGERS_MAX]);
        let tiles = mantissas.chunks(INTEGERS_MAX).zip(exponents.chunks(INTEGERS_MAX));
        for (mantissas, exponents) in tiles {
            let (tile_mantissas, tile_exponents) =
                (&mut tile.0[..mantissas.len()], &mut tile.1[..exponents.len()]);
            tile_mantissas.copy_from_slice(mantissas);
            tile_exponents.copy_from_slice(exponents);
            if !are_within {
                // Only zeros are left that are not.
                let others = tile_exponents.iter_mut().filter(|exponent| !is_within(**exponent));
                others.for_each(|exponent| *exponent = 0);
            }
            for_each_exponent(tile_mantissas, tile_exponents, |exponent, sums| {
                let place = self.find(exponent.into());
                self.sums[place].add_integers(sums);
            });
        }
        self.counts.count += mantissas.len() as u64;
        Ok(())
    }

    /// The place of the sum for an exponent, which is made if it was not there.
    #[cold]
    fn find(&mut self, exponent: i32) -> usize {
        let place = self.sums.binary_search_by_key(&exponent, |sum| sum.exponent);
        place.unwrap_or_else(|place| {
            let (min, max) = (i128::MAX, i128::MIN);
            self.sums.insert(place, DecimalSum { exponent, sum: 0, squares: (0, 0), min, max });
            place
        })
    }

    /// Counts a NaN or an infinity.
    ///
    /// ```
    /// use exacta::{DecimalAccumulator, NonfiniteKind, Plan, Reason, Statistic};
    /// let mut accumulator = DecimalAccumulator::default();
    /// accumulator.push(false, 15, -1)?;
    /// accumulator.push_nonfinite(NonfiniteKind::Nan);
    /// let summary = accumulator.into_partial().finalize(&Plan::new([Statistic::Sum]))?;
    /// assert_eq!(summary.get(Statistic::Sum).unwrap().reason(), Some(Reason::Nan));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn push_nonfinite(&mut self, kind: NonfiniteKind) {
        self.counts.add_nonfinite(kind);
    }

    /// Counts missing values.
    ///
    /// ```
    /// let mut accumulator = exacta::DecimalAccumulator::default();
    /// accumulator.push_nulls(2);
    /// assert_eq!(accumulator.counts().null, 2);
    /// ```
    pub fn push_nulls(&mut self, n_nulls: u64) {
        self.counts.null += n_nulls;
    }

    /// Counts cells that are no number.
    ///
    /// ```
    /// let mut accumulator = exacta::DecimalAccumulator::default();
    /// accumulator.push_invalids(1);
    /// assert_eq!(accumulator.counts().invalid, 1);
    /// ```
    pub fn push_invalids(&mut self, n_invalids: u64) {
        self.counts.invalid += n_invalids;
    }

    /// What has been taken so far.
    ///
    /// ```
    /// let mut accumulator = exacta::DecimalAccumulator::default();
    /// accumulator.update(&[125, 5], &[-2, 0])?;
    /// assert_eq!(accumulator.counts().count, 2);
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Takes what another accumulator has taken. Associative and commutative.
    ///
    /// Cost: a few additions for each different exponent of the other.
    ///
    /// # Errors
    /// [`Error::CountOverflow`] when the two would have taken more than 2^62 things; the accumulator stays as it was.
    ///
    /// # Example
    /// ```
    /// use exacta::{DecimalAccumulator, Plan, Statistic};
    /// let (mut left, mut right) = (DecimalAccumulator::default(), DecimalAccumulator::default());
    /// left.update(&[1, 2], &[-1, -1])?;
    /// right.update(&[3], &[-1])?;
    /// left.merge(&right)?;
    /// right.push_nulls(1 << 62);
    /// assert_eq!(left.merge(&right).unwrap_err().code(), "count.overflow");
    /// let summary = left.into_partial().finalize(&Plan::new([Statistic::Sum]))?;
    /// assert_eq!(summary.get(Statistic::Sum).unwrap().finite(), Some(0.6));
    /// # Ok::<(), exacta::Error>(())
    /// ```
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let counts = self.counts.merged(&other.counts)?;
        if counts.total() > MERGED_TOTAL_MAX {
            return Err(Error::CountOverflow);
        }
        self.counts = counts;
        for other in &other.sums {
            let place = self.find(other.exponent);
            self.sums[place].merge(other);
        }
        self.last = 0;
        Ok(())
    }
}

impl DecimalSum {
    /// Takes what another has taken of the same exponent.
    fn merge(&mut self, other: &Self) {
        self.sum += other.sum;
        let (low, carried) = self.squares.0.overflowing_add(other.squares.0);
        self.squares = (low, self.squares.1 + other.squares.1 + u64::from(carried));
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// Takes integers of the same exponent.
    fn add_integers(&mut self, sums: &IntegerSums) {
        let &IntegerSums { sum, squares, min, max, .. } = sums;
        let (min, max) = (min.into(), max.into());
        self.merge(&Self { exponent: self.exponent, sum, squares, min, max });
    }
}

fn is_within(exponent: i16) -> bool {
    DecimalAccumulator::EXPONENTS.contains(&exponent.into())
}

fn out_of_range() -> Error {
    let (exponent_min, exponent_max) = DecimalAccumulator::EXPONENTS.into_inner();
    Error::DecimalOutOfRange { exponent_min, exponent_max }
}
