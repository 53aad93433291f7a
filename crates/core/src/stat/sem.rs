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
    let divisor = sample.n().mul(&sample.n()).mul(&Dyadic::from(sample.n - 1));
    Outcome::rounded(Ratio::new(&sample.n_squared_variance(), &divisor).round_root())
}
