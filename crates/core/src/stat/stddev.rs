//! `stddev`: the root of the exact sample variance, not of the rounded one: right even where that overflows.
//!
//! Floats that square first lose everything below 1e-162 and above 1e154; here [1e200, 3e200] has a
//! deviation though its variance is infinite.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "stddev",
    description: "sample standard deviation, divisor n - 1",
    class: Class::Algebraic,
    states: States::SUM.union(States::SUM_SQUARES),
    n_min: 2,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    Outcome::rounded(sample.variance().round_root())
}
