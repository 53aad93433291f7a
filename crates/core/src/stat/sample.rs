//! What a statistic is computed from: the exact sums and chosen elements of the values that enter
//! under the policy.

use super::quantile::OrderStatistics;
use super::{Outcome, Probability};
use crate::exact::{Dyadic, Ratio, Value};

/// The values that enter, by their exact sums and order statistics. Only what the asked statistics'
/// states provide is filled in.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// How many finite values there are in the data, whatever the policy.
    pub count: u64,
    /// How many values enter: the finite ones, and under `propagate` NaN and the infinities as well.
    pub n: u64,
    /// Whether a NaN enters.
    pub nan: bool,
    /// Whether −∞ enters.
    pub neg_inf: bool,
    /// Whether +∞ enters.
    pub pos_inf: bool,
    /// Σx over the finite values.
    pub sum: Dyadic,
    /// Σx² over the finite values.
    pub sum_squares: Dyadic,
    /// The smallest and the largest value that enters, infinities among them, NaN not.
    pub extremes: Option<(Value, Value)>,
    /// The elements at the ranks that the asked quantiles need.
    pub order: OrderStatistics,
}

impl Sample {
    /// n as an exact number.
    pub(super) fn n(&self) -> Dyadic {
        Dyadic::from(self.n)
    }

    /// n·Σx² − (Σx)², which is n² times the population variance.
    pub(super) fn n_squared_variance(&self) -> Dyadic {
        self.n().mul(&self.sum_squares).sub(&self.sum.mul(&self.sum))
    }

    /// The exact sample variance, for n ≥ 2.
    pub(super) fn variance(&self) -> Ratio {
        Ratio::new(&self.n_squared_variance(), &self.n().mul(&Dyadic::from(self.n - 1)))
    }

    /// The exact population variance, for n ≥ 1.
    pub(super) fn variance_pop(&self) -> Ratio {
        Ratio::new(&self.n_squared_variance(), &self.n().mul(&self.n()))
    }

    /// The smallest and the largest value, for n ≥ 1 without NaN.
    pub(super) fn extremes(&self) -> (Value, Value) {
        self.extremes.expect("values enter and their extremes were kept")
    }

    /// The quantile at `probability`.
    pub fn quantile(&self, probability: Probability) -> Outcome {
        if self.n == 0 {
            return Outcome::Undefined(super::Reason::Empty);
        }
        let forced = super::AtNonfinite::Ordered.of(self);
        forced.unwrap_or_else(|| self.order.quantile(probability))
    }
}
