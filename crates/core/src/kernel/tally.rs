//! What a pass over values finds beside sums.

use crate::exact::Value;

/// How many values of which kind a pass met, and the smallest and the largest finite one.
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
    #[inline]
    pub fn widen(&mut self, value: Value) {
        let (low, high) = self.extremes.unwrap_or((value, value));
        self.extremes = Some((low.min(value), high.max(value)));
    }

    /// Adds what another pass found.
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
