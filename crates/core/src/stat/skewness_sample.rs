//! `skewness_sample`: G1 = g1·√(n(n − 1)) / (n − 2), without the bias that g1 has for normal data.
//!
//! Its square is g1²·n(n − 1)/(n − 2)², so the factor goes under the one root. Undefined below
//! three values.
//!
//! Source: Joanes and Gill, "Comparing measures of sample skewness and kurtosis" (1998), where it
//! is G1.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, skewness};
use crate::exact::Dyadic;

pub(super) const DEFINITION: Definition = Definition {
    name: "skewness_sample",
    description: "sample skewness, G1 = g1 sqrt(n(n - 1)) / (n - 2)",
    class: Class::Algebraic,
    states: skewness::STATES,
    n_min: 3,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    let less_two = Dyadic::from(sample.n - 2);
    let numerator = sample.n().mul(&Dyadic::from(sample.n - 1));
    skewness::scaled(sample, &numerator, &less_two.mul(&less_two))
}
