//! `geometric_mean`: exp(Σ ln x / n), the n-th root of the product. Logarithms are integers of 96 fraction bits,
//! so no order can matter; the result lies within 1/2 + 2^-43 ulp of the exact one. Any zero gives +0.0.
//!
//! The definition needs ln x, so a negative value has none. A sum of logarithms neither over- nor
//! underflows where the product of the values would.

use super::{AtNonfinite, Class, Definition, Outcome, Reason, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "geometric_mean",
    description: "geometric mean, exp of the mean logarithm",
    class: Class::Algebraic,
    states: States::LOGS,
    n_min: 1,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    let mean = sample.logs.geometric_mean(sample.n);
    mean.map_or(Outcome::Undefined(Reason::NonPositive), Outcome::rounded)
}
