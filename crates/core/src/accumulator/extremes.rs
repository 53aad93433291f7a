//! The smallest and the largest value of a column.
//!
//! They compare as real numbers, an integer beyond 2^53 with all its digits, and −0.0 lies below +0.0: so they
//! are elements of the data with their own bits. NaN and infinities never come here: they are counted, and enter
//! at the end.

use crate::exact::Value;

/// The smallest and the largest finite value, if there is one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Extremes(Option<(Value, Value)>);

impl From<(Value, Value)> for Extremes {
    fn from(found: (Value, Value)) -> Self {
        Self(Some(found))
    }
}

impl Extremes {
    /// Both, smallest first.
    pub fn both(self) -> Option<(Value, Value)> {
        self.0
    }

    /// The smaller of the smallest and the larger of the largest. Associative, commutative and idempotent: for that
    /// reason they cannot be subtracted.
    pub(crate) fn merge(&mut self, other: Self) {
        self.0 = match (self.0, other.0) {
            (Some((low, high)), Some((other_low, other_high))) => {
                Some((low.min(other_low), high.max(other_high)))
            }
            (found, None) | (None, found) => found,
        };
    }
}
