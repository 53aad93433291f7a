//! `harmonic_mean`: n / Σ(1/x). Reciprocals have 128 bits and are added without error, so no order can matter;
//! for values of one sign the result lies within 1/2 + 2^-74 ulp of the exact one. Any zero gives +0.0.
//!
//! With values of both signs the reciprocals may cancel, and the bound is an absolute one: 1/2 −
//! 1/3 − 1/6 is zero, but its terms rounded to 128 bits may leave about 2^-128.

use super::{AtNonfinite, Class, Definition, Outcome, Reason, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "harmonic_mean",
    description: "harmonic mean, n over the sum of the reciprocals",
    class: Class::Algebraic,
    states: States::RECIPROCALS,
    n_min: 1,
    at_nonfinite: AtNonfinite::Nan,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    let sum = sample.reciprocals.as_ref().expect("the plan's states are held");
    let mean = sum.harmonic_mean(sample.n);
    mean.map_or(Outcome::Undefined(Reason::ZeroMean), Outcome::rounded)
}
