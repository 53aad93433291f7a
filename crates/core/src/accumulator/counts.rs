//! How many values of which kind a column has: kept for every plan, since nothing is dropped silently.
//!
//! The counts of a partial are merged and subtracted like any other state, and are checked for overflow where they
//! are; here, too, is the only order of the six.

use crate::error::{Error, NonfiniteKind};
use crate::kernel::Tally;

/// How many values of which kind a column has. They are kept for every plan, so that nothing is dropped
/// without being told.
///
/// Limits: 64 bits each, and in total.
///
/// ```
/// use exacta::Accumulator;
/// let mut accumulator: Accumulator = [0.5, f64::NAN, f64::INFINITY].iter().collect();
/// accumulator.push_null();
/// let counts = accumulator.counts();
/// assert_eq!((counts.count, counts.nan, counts.pos_inf, counts.null), (1, 1, 1, 1));
/// assert_eq!((counts.nonfinite(), counts.total()), (2, 4));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counts {
    /// Finite values.
    pub count: u64,
    /// Missing values.
    pub null: u64,
    /// NaNs.
    pub nan: u64,
    /// Positive infinities.
    pub pos_inf: u64,
    /// Negative infinities.
    pub neg_inf: u64,
    /// Cells of text that are no number.
    pub invalid: u64,
}

impl From<&Tally> for Counts {
    fn from(tally: &Tally) -> Self {
        let mut counts = Self::default();
        counts.add(tally);
        counts
    }
}

impl Counts {
    /// How many things were taken in all.
    ///
    /// Counts that were made by hand and have no total of 64 bits give 2^64 − 1.
    ///
    /// ```
    /// use exacta::Counts;
    /// let counts = Counts { count: 3, null: 2, invalid: 1, ..Counts::default() };
    /// assert_eq!(counts.total(), 6);
    /// ```
    pub fn total(&self) -> u64 {
        self.to_array().into_iter().fold(0, u64::saturating_add)
    }

    /// How many NaNs and infinities.
    ///
    /// ```
    /// let counts = *exacta::summarize(&[1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]).counts();
    /// assert_eq!(counts.nonfinite(), 3);
    /// ```
    pub fn nonfinite(&self) -> u64 {
        self.nan.saturating_add(self.pos_inf).saturating_add(self.neg_inf)
    }

    /// The counts in the order of their fields.
    pub(crate) fn to_array(self) -> [u64; 6] {
        [self.count, self.null, self.nan, self.pos_inf, self.neg_inf, self.invalid]
    }

    /// The counts with these values, in the order of the fields, if their total can be counted.
    pub(crate) fn from_array(counts: [u64; 6]) -> Result<Self, Error> {
        let mut total = 0u64;
        for count in counts {
            total = total.checked_add(count).ok_or(Error::CountOverflow)?;
        }
        let [count, null, nan, pos_inf, neg_inf, invalid] = counts;
        Ok(Self { count, null, nan, pos_inf, neg_inf, invalid })
    }

    /// Both together.
    ///
    /// # Errors
    /// [`Error::CountOverflow`] when one of them or their total would pass 2^64 − 1.
    pub(crate) fn merged(&self, other: &Self) -> Result<Self, Error> {
        let (left, right) = (self.to_array(), other.to_array());
        let mut sums = [0; 6];
        for (index, sum) in sums.iter_mut().enumerate() {
            *sum = left[index].checked_add(right[index]).ok_or(Error::CountOverflow)?;
        }
        Self::from_array(sums)
    }

    /// What is left without `other`; none where that has more of a kind.
    pub(crate) fn without(&self, other: &Self) -> Option<Self> {
        let (left, right) = (self.to_array(), other.to_array());
        let mut rest = [0; 6];
        for (index, count) in rest.iter_mut().enumerate() {
            *count = left[index].checked_sub(right[index])?;
        }
        Self::from_array(rest).ok()
    }

    /// Adds what a pass over values met.
    ///
    /// Unchecked: values in memory are fewer than 2^63, and so are those that can stream in within a lifetime.
    pub(crate) fn add(&mut self, tally: &Tally) {
        self.count += tally.finite;
        self.null += tally.null;
        self.nan += tally.nan;
        self.pos_inf += tally.pos_inf;
        self.neg_inf += tally.neg_inf;
    }

    /// Counts one value of this kind.
    pub(crate) fn add_nonfinite(&mut self, kind: NonfiniteKind) {
        match kind {
            NonfiniteKind::Nan => self.nan += 1,
            NonfiniteKind::PosInf => self.pos_inf += 1,
            NonfiniteKind::NegInf => self.neg_inf += 1,
        }
    }
}
