//! `max`: the largest value, with its own bits: +0.0 lies above −0.0.
//!
//! Not NaN-skipping on its own: a NaN that enters makes NaN of it, and the policy `skip` keeps it
//! from entering. An integer beyond 2^53 is compared exactly and rounded when it is reported.

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
