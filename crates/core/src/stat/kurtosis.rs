//! `kurtosis`: the excess g2 = m4 / m2² − 3, of the population: 0 for a normal distribution. With F = n⁴m4
//! and V = n²m2 it is (F − 3V²) / V², an exact ratio.
//!
//! A single pass of exact Σx, Σx², Σx³ and Σx⁴ is enough, where floats need a second pass around
//! the mean to keep any digit. Undefined where all values are equal, since m2 is then exactly zero.

use super::{AtNonfinite, Class, Definition, Outcome, Reason, Sample, States, skewness};
use crate::exact::{Dyadic, Ratio};

pub(super) const DEFINITION: Definition = Definition {
    name: "kurtosis",
    description: "excess kurtosis of the population, g2 = m4 / m2^2 - 3",
    class: Class::Algebraic,
    states: STATES,
    n_min: 1,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

pub(super) const STATES: States = skewness::STATES.union(States::SUM_FOURTHS);

/// From two exact numbers, so that the 3 is subtracted before anything is rounded: near normal
/// data, where g2 cancels to almost nothing, no digit is lost.
fn evaluate(sample: &Sample) -> Outcome {
    if sample.n_squared_variance().is_zero() {
        return Outcome::Undefined(Reason::ZeroVariance);
    }
    Outcome::rounded(ratio(sample).round())
}

/// Its exact value, where values vary.
pub(super) fn ratio(sample: &Sample) -> Ratio {
    let square = sample.n_squared_variance().mul(&sample.n_squared_variance());
    Ratio::new(&excess(sample, &square), &square)
}

/// F − 3V², given V².
pub(super) fn excess(sample: &Sample, square: &Dyadic) -> Dyadic {
    sample.n_fourth_fourth_moment().sub(&Dyadic::from(3).mul(square))
}
