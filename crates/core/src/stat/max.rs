//! `max`: the largest value, with its own bits: +0.0 lies above −0.0.

use super::{AtNonfinite, Class, Definition, Outcome, Sample, States};

pub(super) const DEFINITION: Definition = Definition {
    name: "max",
    description: "largest value",
    class: Class::Distributive,
    states: States::EXTREMES,
    n_min: 1,
    at_nonfinite: AtNonfinite::Ordered,
    evaluate,
};

fn evaluate(sample: &Sample) -> Outcome {
    Outcome::element(sample.extremes().1.to_f64())
}
