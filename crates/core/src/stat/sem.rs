//! `sem`: √(variance / n), the standard error of the mean, from exact integers:
//! √((nΣx² − (Σx)²) / (n²(n − 1))).
//!
//! One root of one quotient, where stddev / √n would round three times.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};
use crate::exact::{Dyadic, Ratio};

pub(super) const DEFINITION: Definition = Definition {
    name: "sem",
    description: "standard error of the mean, stddev / sqrt(n)",
    class: Class::Algebraic,
    states: States::SUM.union(States::SUM_SQUARES),
    n_min: 2,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    Outcome::rounded(square(sample).round_root())
}

/// The variance over n.
pub(super) fn square(sample: &Sample) -> Ratio {
    let divisor = sample.n().mul(&sample.n()).mul(&Dyadic::from(sample.n - 1));
    sample.ratio(&sample.n_squared_variance(), 2, &divisor)
}
