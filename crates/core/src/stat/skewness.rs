//! `skewness`: g1 = m3 / m2^1.5, of the population. With C = n³m3 and V = n²m2 its square is C² / V³, an
//! exact ratio, so one root of it, with the sign of C, is rounded once.
//!
//! Symmetric data gives exactly +0.0, since C cancels to zero without a remainder. Undefined where
//! all values are equal.

use super::{AtNonfinite, Class, Definition, Outcome, Reason, Sample, States};
use crate::exact::{Dyadic, Ratio};

pub(super) const DEFINITION: Definition = Definition {
    name: "skewness",
    description: "skewness of the population, g1 = m3 / m2^1.5",
    class: Class::Algebraic,
    states: STATES,
    n_min: 1,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

pub(super) const STATES: States = States::SUM.union(States::SUM_SQUARES).union(States::SUM_CUBES);

/// The moment ratio itself, without a correction for the size of the sample.
fn evaluate(sample: &Sample) -> Outcome {
    scaled(sample, &Dyadic::from(1), &Dyadic::from(1))
}

/// g1·√(`numerator` / `denominator`).
///
/// Shared with `skewness_sample`, so that its factor comes under the root as well and both round
/// once. C and its sign are exact, so a skewness is zero only where it is.
pub(super) fn scaled(sample: &Sample, numerator: &Dyadic, denominator: &Dyadic) -> Outcome {
    if sample.n_squared_variance().is_zero() {
        return Outcome::Undefined(Reason::ZeroVariance);
    }
    Outcome::rounded(signed_square(sample, numerator, denominator).round_root())
}

/// The square of that, with its sign.
pub(super) fn signed_square(sample: &Sample, numerator: &Dyadic, denominator: &Dyadic) -> Ratio {
    let spread = sample.n_squared_variance();
    let third = sample.n_cubed_third_moment();
    let square = third.mul(&third).mul(numerator);
    let signed = if third.is_negative() { square.neg() } else { square };
    let divisor = spread.mul(&spread).mul(&spread).mul(denominator);
    Ratio::new(&signed, &divisor)
}
