//! `variance_pop`: (Σx² − (Σx)²/n) / n, the population variance.
//!
//! Of a single value it is +0.0, where the sample variance is undefined. It is never negative: the
//! numerator n·Σx² − (Σx)² is exact, and no rounding can push it below zero.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "variance_pop",
    description: "population variance, divisor n",
    class: Class::Algebraic,
    states: States::SUM.union(States::SUM_SQUARES),
    n_min: 1,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    Outcome::rounded(sample.variance_pop().round())
}
