//! What a statistic is computed from: the exact sums and chosen elements of the values that enter
//! under the policy.
//!
//! Central moments are not kept: they are differences of products of power sums, which cancel
//! almost entirely where the spread is small beside the mean. In floats that is why the textbook
//! formula is warned of; here every operation is exact, so cancelling costs digits that were never
//! wrong. Multiplying through by a power of n keeps all of it free of division until the one
//! quotient at the end.

use super::quantile::OrderStatistics;
use super::{Decimals, Outcome, Probability, Runs};
use crate::exact::{Dyadic, LogSum, Ratio, ReciprocalSum, Value};
use alloc::boxed::Box;

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
    /// Σx³ over the finite values.
    pub sum_cubes: Dyadic,
    /// Σx⁴ over the finite values.
    pub sum_fourths: Dyadic,
    /// Σ ln x over the finite values.
    pub logs: LogSum,
    /// Σ 1/x over the finite values, where it was kept.
    pub reciprocals: Option<Box<ReciprocalSum>>,
    /// The estimate of how many different finite values there are.
    pub approx_distinct: u64,
    /// The smallest and the largest value that enters, infinities among them, NaN not.
    pub extremes: Option<(Value, Value)>,
    /// The elements at the ranks that the asked quantiles need.
    pub order: OrderStatistics,
    /// All values that enter, NaN aside, for the statistics that need them in order.
    pub runs: Runs,
    /// The unit of the sums, and the extremes, of values that are decimals.
    pub decimals: Option<Box<Decimals>>,
}

impl Sample {
    /// n as an exact number.
    pub(super) fn n(&self) -> Dyadic {
        Dyadic::from(self.n)
    }

    /// n·Σx² − (Σx)², which is n² times the population variance.
    ///
    /// Never negative (Cauchy and Schwarz), and zero exactly where all values are equal.
    pub(super) fn n_squared_variance(&self) -> Dyadic {
        self.n().mul(&self.sum_squares).sub(&self.sum.mul(&self.sum))
    }

    /// n²Σx³ − 3nΣxΣx² + 2(Σx)³, which is n³ times the third central moment.
    pub(super) fn n_cubed_third_moment(&self) -> Dyadic {
        let (n, sum) = (self.n(), &self.sum);
        let cubes = n.mul(&n).mul(&self.sum_cubes);
        let mixed = Dyadic::from(3).mul(&n).mul(&self.sum_squares);
        let square = Dyadic::from(2).mul(sum).mul(sum);
        cubes.add(&square.sub(&mixed).mul(sum))
    }

    /// n³Σx⁴ − 4n²ΣxΣx³ + 6n(Σx)²Σx² − 3(Σx)⁴, which is n⁴ times the fourth central moment.
    pub(super) fn n_fourth_fourth_moment(&self) -> Dyadic {
        let (n, sum) = (self.n(), &self.sum);
        let n_squared = n.mul(&n);
        let square = sum.mul(sum);
        let fourths = n_squared.mul(&n).mul(&self.sum_fourths);
        let cubes = Dyadic::from(4).mul(&n_squared).mul(sum).mul(&self.sum_cubes);
        let squares = Dyadic::from(6).mul(&n).mul(&self.sum_squares);
        fourths.sub(&cubes).add(&squares.sub(&Dyadic::from(3).mul(&square)).mul(&square))
    }

    /// The exact sample variance, for n ≥ 2.
    pub(super) fn variance(&self) -> Ratio {
        self.ratio(&self.n_squared_variance(), 2, &self.n().mul(&Dyadic::from(self.n - 1)))
    }

    /// The exact population variance, for n ≥ 1.
    pub(super) fn variance_pop(&self) -> Ratio {
        self.ratio(&self.n_squared_variance(), 2, &self.n().mul(&self.n()))
    }

    /// A sum of products of `degree` values over `divisor`.
    pub(super) fn ratio(&self, sum: &Dyadic, degree: u32, divisor: &Dyadic) -> Ratio {
        match &self.decimals {
            None => Ratio::new(sum, divisor),
            Some(decimals) => Ratio::new(sum, &divisor.mul(&decimals.unit(degree))),
        }
    }

    /// A sum of products of `degree` values, rounded.
    pub(super) fn round(&self, sum: &Dyadic, degree: u32) -> f64 {
        match &self.decimals {
            None => sum.round(),
            Some(decimals) => Ratio::new(sum, &decimals.unit(degree)).round(),
        }
    }

    /// The range of decimals, in their unit, unless an infinity enters.
    pub(super) fn decimal_range(&self) -> Option<Dyadic> {
        if self.neg_inf || self.pos_inf { None } else { self.decimals.as_ref()?.range() }
    }

    /// The smallest and the largest value, for n ≥ 1 without NaN.
    pub(super) fn extremes(&self) -> (Value, Value) {
        self.extremes.expect("values enter and their extremes were kept")
    }

    /// The quantile at `probability`.
    ///
    /// NaN where a NaN enters, undefined for no values, else an element or one rounding between
    /// two.
    pub fn quantile(&self, probability: Probability) -> Outcome {
        if self.n == 0 {
            return Outcome::Undefined(super::Reason::Empty);
        }
        let forced = super::AtNonfinite::Ordered.of(self);
        forced.unwrap_or_else(|| self.order.quantile(probability))
    }
}
