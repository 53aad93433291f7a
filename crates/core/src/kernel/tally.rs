//! What a pass over values finds beside sums.
//!
//! Every value of a slice is in exactly one of the counts, so nothing that a pass was given can get
//! lost unseen: the counts sum to the length. Counts add up and extremes merge, so tallies form a
//! commutative monoid like the sums beside them.

use crate::exact::Value;

/// How many values of which kind a pass met, and the smallest and the largest finite one.
///
/// The policy for NaN and infinities is applied at the end, from these counts: a pass takes no part
/// in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Finite values.
    pub finite: u64,
    /// Values that are masked out.
    pub null: u64,
    /// NaNs.
    pub nan: u64,
    /// Positive infinities.
    pub pos_inf: u64,
    /// Negative infinities.
    pub neg_inf: u64,
    /// The smallest and the largest finite value, −0.0 below +0.0, where the pass looks for them.
    pub extremes: Option<(Value, Value)>,
}

impl Tally {
    /// Counts a value that is not masked out; whether it is finite.
    ///
    /// The sum is left to the caller: what is counted as finite must be added by it.
    #[inline]
    pub fn admit(&mut self, value: f64) -> bool {
        if value.is_finite() {
            self.finite += 1;
            return true;
        }
        if value.is_nan() {
            self.nan += 1;
        } else if value > 0.0 {
            self.pos_inf += 1;
        } else {
            self.neg_inf += 1;
        }
        false
    }

    /// Widens the extremes by a finite value.
    ///
    /// By the total order of exact values, in which −0.0 lies below +0.0 and integers beyond 2^53
    /// are where they are.
    #[inline]
    pub fn widen(&mut self, value: Value) {
        let (low, high) = self.extremes.unwrap_or((value, value));
        self.extremes = Some((low.min(value), high.max(value)));
    }

    /// Adds what another pass found.
    ///
    /// Associative and commutative, with the default as the neutral element.
    pub fn merge(&mut self, other: &Self) {
        self.finite += other.finite;
        self.null += other.null;
        self.nan += other.nan;
        self.pos_inf += other.pos_inf;
        self.neg_inf += other.neg_inf;
        if let Some((low, high)) = other.extremes {
            self.widen(low);
            self.widen(high);
        }
    }
}
